"""What a Ruijie RGOS device answers on routes, routing neighbours, NAT, filters and limits."""

from lab.devices import cisco_routing, facts
from lab.devices.facts import table
from lab.scenario.model import Device

_CODES = {"direct": "C", "local": "C", "static": "S", "ospf": "O", "ospfv3": "O", "bgp": "B", "isis": "i"}

_LEGEND = "Codes:  C - Connected, L - Local, S - Static\n        R - RIP, O - OSPF, B - BGP, i - IS-IS\n        * - candidate default\n\n"


def route(device: Device, argument: str) -> str | None:
    """Write `show ip route`."""
    if argument and argument not in facts.vrfs(device):
        return None
    rows = facts.ways(device, 4, argument)
    default = next((row.next_hop for row in rows if row.prefix == "0.0.0.0/0"), "")
    text = (f"Routing Table: {argument}\n" if argument else "") + _LEGEND
    text += (
        f"Gateway of last resort is {default} to network 0.0.0.0\n" if default else "Gateway of last resort is no set\n"
    )
    for row in rows:
        code = _CODES.get(row.kind, "S") + ("*" if row.prefix == "0.0.0.0/0" else "")
        ways = {"direct": f"is directly connected, {row.interface}", "local": "is local host."}
        text += f"{code:<5}{row.prefix} {ways.get(row.kind, f'[1/0] via {row.next_hop}')}\n"
    return text


def ipv6_route(device: Device, argument: str) -> str | None:
    """Write `show ipv6 route`."""
    if argument and argument not in facts.vrfs(device):
        return None
    text = f"IPv6 routing table name is {argument or 'Default'}(0) global scope - {len(facts.ways(device, 6, argument))} entries\n"
    text += "Codes: C - Connected, L - Local, S - Static\n       R - RIP, O - OSPF, B - BGP, I - IS-IS\n\n"
    for row in facts.ways(device, 6, argument):
        code = "L" if row.kind == "local" else _CODES.get(row.kind, "S")
        ways = {"direct": f"via {row.interface}, directly connected", "local": f"via {row.interface}, local host"}
        way = ways.get(row.kind, f"[1/0] via {row.next_hop.upper()}" + (f", {row.interface}" if row.interface else ""))
        text += f"{code:<7}{row.prefix.upper()} {way}\n"
    return text


def bgp(device: Device, _: str) -> str:
    """Write `show bgp ipv4 unicast summary`."""
    return cisco_routing.bgp(device, "")


def bgp6(device: Device, _: str) -> str:
    """Write `show bgp ipv6 unicast summary`."""
    return cisco_routing.bgp6(device, "")


def ospf(device: Device, _: str) -> str:
    """Write `show ip ospf neighbor`."""
    found = facts.peers(device, "ospf")
    full = sum(state.startswith("Full") for _, state in found)
    head = ("Neighbor ID", "Pri", "State", "BFD State", "Dead Time", "Address", "Interface")
    rows = [
        (
            *(facts.peer_id(peer), "1", state if "/" in state else state + "/-", "-", "00:00:34"),
            *(peer.address, facts.peer_interface(device, peer)),
        )
        for peer, state in found
    ]
    title = f"OSPF process 1, {len(found)} Neighbors, {full} is Full:\n"
    return title + table((16, 6, 19, 11, 12, 16, 0), [head, *rows]) if rows else ""


def ospfv3(device: Device, _: str) -> str:
    """Write `show ipv6 ospf neighbor`."""
    found = facts.peers(device, "ospfv3")
    full = sum(state.startswith("Full") for _, state in found)
    head = ("Neighbor ID", "Pri", "State", "BFD State", "Dead Time", "Instance ID", "Interface")
    rows = [
        (
            *(facts.peer_id(peer), "1", state if "/" in state else state + "/-", "-", "00:00:34"),
            *("0", facts.peer_interface(device, peer)),
        )
        for peer, state in found
    ]
    title = f"OSPFv3 Process (1), {len(found)} Neighbors, {full} is Full:\n"
    return title + table((16, 6, 19, 11, 12, 13, 0), [head, *rows]) if rows else ""


def isis(device: Device, _: str) -> str:
    """Write `show isis neighbors`."""
    head = ("System Id", "Type", "IP Address", "State", "Holdtime", "Circuit", "Interface")
    rows = [
        (
            peer.router_id or "-",
            "L2",
            peer.address,
            state,
            "28",
            "0000.0000.0001.01",
            facts.peer_interface(device, peer),
        )
        for peer, state in facts.peers(device, "isis")
    ]
    title = f"\nArea (null):\nTotal number of L2 adjacencies: {len(rows)}\n"
    return title + table((16, 5, 16, 7, 10, 20, 0), [head, *rows]) if rows else ""


def acl(device: Device, _: str) -> str:
    """Write `show access-lists`: of both families."""
    text = "".join(
        f"ip access-list extended {name}\n" + "".join(f" {10 * n} {rule}\n" for n, rule in enumerate(rules, 1)) + "\n"
        for name, rules in facts.acls(device, 4).items()
    )
    return text + acl6(device, "")


def acl6(device: Device, _: str) -> str:
    """Write `show ipv6 access-list`."""
    return "".join(
        f"ipv6 access-list {name}\n" + "".join(f" {10 * n} {rule}\n" for n, rule in enumerate(rules, 1)) + "\n"
        for name, rules in facts.acls(device, 6).items()
    )


def traffic(device: Device, argument: str) -> str | None:
    """Write `show mls qos rate-limit`: the limits of ports."""
    chosen = facts.named(device, argument) if argument else device.interfaces
    if argument and not chosen:
        return None
    return "".join(
        f"Interface: {one.name}\n"
        + "".join(f"  rate limit {way}put Kbps = {rate} burst = 4096\n" for way, rate in facts.limits(one))
        for one in chosen
        if facts.limits(one)
    )
