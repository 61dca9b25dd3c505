"""What a Cisco IOS device answers on routes, routing neighbours, NAT, filters and limits."""

from lab.devices import facts
from lab.devices.cisco_interfaces import short
from lab.devices.facts import table
from lab.scenario.model import Device

_CODES = {"direct": "C", "local": "L", "static": "S", "ospf": "O", "ospfv3": "O", "bgp": "B", "isis": "i"}

_LEGEND = "Codes: L - local, C - connected, S - static, O - OSPF, B - BGP, i - IS-IS\n       * - candidate default\n\n"


def route(device: Device, argument: str) -> str | None:
    """Write `show ip route`."""
    if argument and argument not in facts.vrfs(device):
        return None
    rows = facts.ways(device, 4, argument)
    default = next((row.next_hop for row in rows if row.prefix == "0.0.0.0/0"), "")
    text = (f"Routing Table: {argument}\n" if argument else "") + _LEGEND
    text += (
        f"Gateway of last resort is {default} to network 0.0.0.0\n\n"
        if default
        else "Gateway of last resort is not set\n\n"
    )
    for row in rows:
        code = _CODES.get(row.kind, "S") + ("*" if row.prefix == "0.0.0.0/0" else "")
        way = (
            f"is directly connected, {row.interface}"
            if row.kind in {"direct", "local"}
            else f"[1/0] via {row.next_hop}" + _out(row)
        )
        text += f"{code:<9}{row.prefix} {way}\n"
    return text


def ipv6_route(device: Device, argument: str) -> str | None:
    """Write `show ipv6 route`."""
    if argument and argument not in facts.vrfs(device):
        return None
    rows = facts.ways(device, 6, argument)
    text = f"IPv6 Routing Table - {argument or 'default'} - {len(rows)} entries\nCodes: C - Connected, L - Local, S - Static, B - BGP, O - OSPF\n"
    for row in rows:
        direct = row.kind in {"direct", "local"}
        way = (
            f"{row.interface}, {'receive' if row.kind == 'local' else 'directly connected'}"
            if direct
            else row.next_hop.upper() + _out(row)
        )
        text += f"{_CODES.get(row.kind, 'S'):<4}{row.prefix.upper()} [{0 if direct else 1}/0]\n     via {way}\n"
    return text


def _out(row: facts.Way) -> str:
    """Name the interface of a route that was learned, or whose next hop means something on one interface alone."""
    learned = row.kind != "static"
    local = row.next_hop.lower().startswith("fe80")
    age = ", 2d03h" if learned and ":" not in row.next_hop else ""
    return f"{age}, {row.interface}" if learned or local else ""


def _neighbours(device: Device, protocol: str) -> list[tuple[str, str, str, str]]:
    return [
        (
            facts.peer_id(peer),
            state.upper() if "/" in state else f"{state.upper()}/  -",
            peer.address,
            facts.peer_interface(device, peer),
        )
        for peer, state in facts.peers(device, protocol)
    ]


def ospf(device: Device, _: str) -> str:
    """Write `show ip ospf neighbor`."""
    rows = [(who, "  1", state, "00:00:34", at, out) for who, state, at, out in _neighbours(device, "ospf")]
    head = ("Neighbor ID", "Pri", "State", "Dead Time", "Address", "Interface")
    return "\n" + table((16, 6, 16, 12, 16, 0), [head, *rows]) if rows else ""


def ospfv3(device: Device, _: str) -> str:
    """Write `show ospfv3 neighbor`."""
    rows = [(who, "  1", state, "00:00:34", "5", out) for who, state, _, out in _neighbours(device, "ospfv3")]
    head = ("Neighbor ID", "Pri", "State", "Dead Time", "Interface ID", "Interface")
    title = f"\n            OSPFv3 Router with ID ({facts.router_id(device)}) (Process ID 1)\n\n"
    return title + table((16, 6, 16, 12, 16, 0), [head, *rows]) if rows else ""


def bgp(device: Device, _: str) -> str:
    """Write `show ip bgp summary`."""
    return _bgp(device, "bgp")


def bgp6(device: Device, _: str) -> str:
    """Write `show bgp ipv6 unicast summary`."""
    return _bgp(device, "bgp4+")


def _bgp(device: Device, protocol: str) -> str:
    found = facts.peers(device, protocol, vrf="")
    if not found:
        return "% BGP not active\n"
    text = f"BGP router identifier {facts.router_id(device)}, local AS number {facts.LOCAL_AS}\n\n"
    text += f"{'Neighbor':<16}V{'AS':>12} MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd\n"
    for peer, state in found:
        good = state == "Established"
        counts = f"{1041 if good else 0:>8}{1031 if good else 0:>8}{7:>9}{0:>5}{0:>5} {'12w3d' if good else 'never':<8}"
        name = peer.address.upper()
        text += name + ("\n" + " " * 16 if len(name) > 15 else " " * (16 - len(name)))
        text += f"4{peer.remote_as:>12}{counts} {'12' if good else state}\n"
    return text


def isis(device: Device, _: str) -> str:
    """Write `show isis neighbors`."""
    head = ("System Id", "Type", "Interface", "IP Address", "State", "Holdtime", "Circuit Id")
    rows = [
        (
            peer.router_id or "-",
            "L2",
            short(facts.peer_interface(device, peer)),
            peer.address,
            state.upper(),
            "28",
            "01",
        )
        for peer, state in facts.peers(device, "isis")
    ]
    return "\n" + table((16, 5, 12, 16, 6, 9, 0), [head, *rows]) if rows else ""


def nat(device: Device, _: str) -> str:
    """Write `show ip nat statistics`."""
    outside = [one.name for one in device.interfaces if one.nat]
    return (
        f"Total active translations: {128 * len(outside)} (0 static, {128 * len(outside)} dynamic; {128 * len(outside)} extended)\n"
        f"Outside interfaces:\n  {', '.join(outside)}\nInside interfaces: \n"
    )


def nat_translations(device: Device, _: str) -> str:
    """Write `show ip nat translations`: one that is open on each outside interface."""
    rows = [
        ("tcp", f"{own.ip}:1024", "192.168.1.10:51000", "192.0.2.80:443", "192.0.2.80:443")
        for one in device.interfaces
        if one.nat
        for own in facts.v4(one)
    ]
    return table(
        (4, 23, 23, 23, 0), [("Pro", "Inside global", "Inside local", "Outside local", "Outside global"), *rows]
    )


def acl(device: Device, _: str) -> str:
    """Write `show ip access-lists`."""
    return "".join(
        f"Extended IP access list {name}\n" + "".join(f"    {10 * n} {rule}\n" for n, rule in enumerate(rules, 1))
        for name, rules in facts.acls(device, 4).items()
    )


def acl6(device: Device, _: str) -> str:
    """Write `show ipv6 access-list`."""
    return "".join(
        f"IPv6 access list {name}\n" + "".join(f"    {rule} sequence {10 * n}\n" for n, rule in enumerate(rules, 1))
        for name, rules in facts.acls(device, 6).items()
    )


def traffic(device: Device, argument: str) -> str | None:
    """Write `show policy-map interface`: the limits of ports."""
    chosen = facts.named(device, argument) if argument else device.interfaces
    if argument and not chosen:
        return None
    return "".join(
        f" {one.name} \n\n"
        + "".join(
            f"  Service-policy {way}put: CAR-{rate}\n\n    Class-map: class-default (match-any)\n"
            f"      police:\n          cir {rate * 1000} bps, bc {rate * 31} bytes\n\n"
            for way, rate in facts.limits(one)
        )
        for one in chosen
        if facts.limits(one)
    )
