"""What a ZTE ZXROS device answers on routes, routing neighbours, NAT, filters and limits."""

from lab.devices import facts
from lab.devices.facts import table
from lab.scenario.model import Device

_PREFERENCE = {"direct": 0, "local": 0, "static": 1, "ospf": 110, "isis": 115, "bgp": 20}

_OWNERS = {"local": "address"}


def route(device: Device, argument: str) -> str | None:
    """Write `show ip forwarding route`."""
    if argument and argument not in facts.vrfs(device):
        return None
    text = "IPv4 Routing Table:\nstatus codes: *valid, >best\n"
    head = ("   Dest", "Gw", "Interface", "Owner", "Pri", "Metric")
    rows = [
        (
            f"*> {row.prefix}",
            row.next_hop,
            row.interface,
            _OWNERS.get(row.kind, row.kind),
            _PREFERENCE.get(row.kind, 1),
            0,
        )
        for row in facts.ways(device, 4, argument)
    ]
    return text + table((22, 16, 22, 11, 5, 0), [head, *rows])


def ipv6_route(device: Device, argument: str) -> str | None:
    """Write `show ipv6 forwarding route`."""
    if argument and argument not in facts.vrfs(device):
        return None
    text = "IPv6 Routing Table:\nstatus codes: *valid, >best\n"
    for row in facts.ways(device, 6, argument):
        hop = "::" if row.kind in {"direct", "local"} else row.next_hop
        text += f"*> {row.prefix}\n    next hop: {hop}  interface: {row.interface}  owner: {_OWNERS.get(row.kind, row.kind)}"
        text += f"  pri: {_PREFERENCE.get(row.kind, 1)}  metric: 0\n"
    return text


def _neighbours(device: Device, protocol: str) -> list[tuple[str, str, str, str]]:
    return [
        (
            facts.peer_id(peer),
            state if "/" in state else f"{state}/-",
            peer.address,
            facts.peer_interface(device, peer),
        )
        for peer, state in facts.peers(device, protocol)
    ]


def ospf(device: Device, _: str) -> str:
    """Write `show ip ospf neighbor`."""
    rows = [(who, "1", state, "00:00:34", at, out) for who, state, at, out in _neighbours(device, "ospf")]
    title = f"OSPF Router with ID ({facts.router_id(device)}) (Process ID 1)\n\n"
    return (
        title
        + table((16, 5, 14, 11, 16, 0), [("Neighbor ID", "Pri", "State", "Dead Time", "Address", "Interface"), *rows])
        if rows
        else ""
    )


def ospfv3(device: Device, _: str) -> str:
    """Write `show ipv6 ospf neighbor`."""
    rows = [(who, "1", state, "00:00:34", "5", out) for who, state, _, out in _neighbours(device, "ospfv3")]
    title = f"OSPFv3 Router with ID ({facts.router_id(device)}) (Process ID 1)\n\n"
    head = ("Neighbor ID", "Pri", "State", "Dead Time", "Interface ID", "Interface")
    return title + table((16, 5, 14, 11, 14, 0), [head, *rows]) if rows else ""


def bgp(device: Device, _: str) -> str:
    """Write `show ip bgp summary`."""
    return _bgp(device, "bgp")


def bgp6(device: Device, _: str) -> str:
    """Write `show bgp ipv6 unicast summary`."""
    return _bgp(device, "bgp4+")


def _bgp(device: Device, protocol: str) -> str:
    text = f"BGP router identifier {facts.router_id(device)}, local AS number {facts.LOCAL_AS}\n"
    head = ("Neighbor", "Ver", "As", "MsgRcvd", "MsgSend", "Up/Down", "State/PfxRcd")
    rows = [
        (
            peer.address,
            "4",
            peer.remote_as,
            *(("1041", "1031", "12w3d", "12") if state == "Established" else ("0", "0", "00:10:07", state)),
        )
        for peer, state in facts.peers(device, protocol, vrf="")
    ]
    return text + table((40, 5, 11, 9, 9, 10, 0), [head, *rows]) if rows else ""


def isis(device: Device, _: str) -> str:
    """Write `show isis adjacency`."""
    head = ("Interface", "System id", "State", "Lev", "Holds", "SNPA(802.2)", "Pri", "MT")
    rows = [
        (
            facts.peer_interface(device, peer),
            peer.router_id or peer.address,
            state.upper(),
            "L2",
            "28",
            facts.grouped(facts.mac_of(peer.address), "."),
            "64",
            "",
        )
        for peer, state in facts.peers(device, "isis")
    ]
    return "Process ID: 0\n" + table((22, 16, 6, 4, 6, 16, 5, 0), [head, *rows]) if rows else ""


def nat(device: Device, _: str) -> str:
    """Write `show ip nat statistics`."""
    outside = [one.name for one in device.interfaces if one.nat]
    return f"Total active translations: {128 * len(outside)}\nOutside interfaces: {', '.join(outside)}\n"


def acl(device: Device, _: str) -> str:
    """Write `show ipv4-access-lists`."""
    return _acl(device, 4)


def acl6(device: Device, _: str) -> str:
    """Write `show ipv6-access-lists`."""
    return _acl(device, 6)


def _acl(device: Device, family: int) -> str:
    text = ""
    for name, rules in facts.acls(device, family).items():
        text += f"ipv{family}-access-list {name}\n{len(rules)}/{len(rules)} (showed/total)\n"
        text += "".join(f"  rule {10 * n} {rule}\n" for n, rule in enumerate(rules, 1)) + "\n"
    return text


def traffic(device: Device, argument: str) -> str | None:
    """Write `show rate-limit`: the limits of ports."""
    chosen = facts.named(device, argument) if argument else device.interfaces
    if argument and not chosen:
        return None
    return "".join(
        f"{one.name}\n"
        + "".join(
            f"  {way.capitalize()}put\n    localport: cir {rate} kbps, cbs {rate * 31} bytes\n"
            for way, rate in facts.limits(one)
        )
        for one in chosen
        if facts.limits(one)
    )
