"""What a Huawei VRP device answers on routes, routing neighbours, NAT, filters and limits."""

from lab.devices import facts
from lab.devices.facts import table
from lab.devices.huawei_interfaces import short
from lab.scenario.model import Device

_PREFERENCE = {"direct": 0, "local": 0, "static": 60, "ospf": 10, "isis": 15, "bgp": 255}


def routing_table(device: Device, argument: str) -> str | None:
    """Write `display ip routing-table`."""
    if argument and argument not in facts.vrfs(device):
        return None
    rows = facts.ways(device, 4, argument)
    text = "Route Flags: R - relay, D - download to fib\n" + "-" * 78 + "\n"
    text += f"Routing Tables: {argument or 'Public'}\n         Destinations : {len({row.prefix for row in rows}):<9}Routes : {len(rows)}\n\n"
    cells = [
        (
            *(row.prefix, _protocol_word(row.kind), _PREFERENCE.get(row.kind, 60), 0),
            *(
                "RD" if row.kind == "static" else "D",
                "127.0.0.1" if row.kind == "local" else row.next_hop,
                row.interface,
            ),
        )
        for row in rows
    ]
    head = ("Destination/Mask", "Proto", "Pre", "Cost", "Flags", "NextHop", "Interface")
    return text + table((20, 8, 5, 10, 6, 16, 0), [head, *cells])


def _protocol_word(kind: str) -> str:
    return {"ospf": "OSPF", "bgp": "EBGP", "isis": "ISIS-L2", "ospfv3": "OSPFv3"}.get(
        kind, "Direct" if kind == "local" else kind.capitalize()
    )


def ipv6_routing_table(device: Device, argument: str) -> str | None:
    """Write `display ipv6 routing-table`."""
    if argument and argument not in facts.vrfs(device):
        return None
    rows = facts.ways(device, 6, argument)
    text = f"Routing Table : {argument or 'Public'}\n         Destinations : {len({row.prefix for row in rows})}    Routes : {len(rows)}\n\n"
    for row in rows:
        prefix, _, length = row.prefix.upper().partition("/")
        hop = "::1" if row.kind == "local" else row.next_hop.upper()
        text += (
            f" Destination  : {prefix:<40}PrefixLength : {length}\n"
            f" NextHop      : {hop:<40}Preference   : {_PREFERENCE.get(row.kind, 60)}\n"
            f" Cost         : {0:<40}Protocol     : {_protocol_word(row.kind)}\n"
            f" RelayNextHop : {'::':<40}TunnelID     : 0x0\n"
            f" Interface    : {row.interface:<40}Flags        : {'RD' if row.kind == 'static' else 'D'}\n\n"
        )
    return text


def ospf(device: Device, _: str) -> str:
    """Write `display ospf peer`."""
    text = ""
    for vrf, number in facts.processes(device, "ospf").items():
        text += f"\n\t OSPF Process {number} with Router ID {facts.router_id(device)}\n\t\t Neighbors \n\n"
        for peer, state in facts.peers(device, "ospf", vrf=vrf):
            name = facts.peer_interface(device, peer)
            towards = facts.interface_towards(device, peer.address, vrf)
            own = next((str(own.ip) for own in facts.v4(towards)), "") if towards else ""
            text += (
                f" Area 0.0.0.0 interface {own}({name})'s neighbors\n"
                f" Router ID: {peer.router_id or peer.address}      Address: {peer.address}      \n"
                f"   State: {state}  Mode:Nbr is  Master  Priority: 1\n   Dead timer due in 34  sec \n\n"
            )
    return text


def ospfv3(device: Device, _: str) -> str:
    """Write `display ospfv3 peer`."""
    text = ""
    for vrf, number in facts.processes(device, "ospfv3").items():
        found = facts.peers(device, "ospfv3", vrf=vrf)
        full = sum(state.startswith("Full") for _, state in found)
        text += f"OSPFv3 Process ({number})\nTotal number of peer(s): {len(found)}\n Peer(s) in full state: {full}\nOSPFv3 Area (0.0.0.0)\n"
        rows = [
            (
                *(facts.peer_id(peer), "1", state if "/" in state else f"{state}/ -", "00:00:37"),
                *(short(facts.peer_interface(device, peer)), "0"),
            )
            for peer, state in found
        ]
        head = ("Neighbor ID", "Pri", "State", "Dead Time", "Interface", "Instance ID")
        text += table((17, 4, 17, 11, 19, 0), [head, *rows])
    return text


def bgp(device: Device, _: str) -> str:
    """Write `display bgp peer`."""
    return _bgp(device, "bgp", 16)


def bgp6(device: Device, _: str) -> str:
    """Write `display bgp ipv6 peer`."""
    return _bgp(device, "bgp4+", 33)


def _bgp(device: Device, protocol: str, width: int) -> str:
    found = facts.peers(device, protocol, vrf="")
    if not found:
        return "Info: No BGP peer is configured in this address family.\n"
    up = sum(state == "Established" for _, state in found)
    text = (
        f" BGP local router ID : {facts.router_id(device)}\n Local AS number : {facts.LOCAL_AS}\n"
        f" Total number of peers : {len(found)}                 Peers in established state : {up}\n\n"
        f"  {'Peer':<{width}}V          AS  MsgRcvd  MsgSent  OutQ  Up/Down       State  PrefRcv\n"
    )
    for peer, state in found:
        good = state == "Established"
        numbers = f"{104321 if good else 0:>9}{103159 if good else 0:>9}{0:>6} {'0490h58m' if good else '00:10:07'}"
        text += f"  {peer.address.upper():<{width}}4{peer.remote_as:>12}{numbers}{state:>12}{12 if good else 0:>9}\n"
    return text


def isis(device: Device, _: str) -> str:
    """Write `display isis peer`."""
    found = facts.peers(device, "isis")
    if not found:
        return ""
    text = "\n                          Peer information for ISIS(1)\n\n"
    head = ("  System Id", "Interface", "Circuit Id", "State", "HoldTime", "Type", "PRI")
    rows = [
        (
            f"  {peer.router_id or peer.address}",
            short(facts.peer_interface(device, peer)),
            "0000000006",
            state,
            "28s",
            "L2",
            "--",
        )
        for peer, state in found
    ]
    body = table((16, 19, 18, 6, 9, 9, 0), [head])
    return text + body + "-" * 80 + "\n" + table((16, 19, 18, 6, 9, 9, 0), rows) + f"\nTotal Peer(s): {len(found)}\n"


def nat_outbound(device: Device, _: str) -> str:
    """Write `display nat outbound`."""
    rows = [one for one in device.interfaces if one.nat]
    text = " NAT Outbound Information:\n" + " " + "-" * 75 + "\n"
    text += (
        table((34, 10, 25, 0), [(" Interface", "Acl", "Address-group/IP/Interface", "Type")]) + " " + "-" * 75 + "\n"
    )
    text += table(
        (34, 10, 25, 0), [(f" {one.name}", "2000", (one.v4 or ["-"])[0].partition("/")[0], "easyip") for one in rows]
    )
    return text + " " + "-" * 75 + f"\n  Total : {len(rows)}\n"


def nat_session(device: Device, _: str) -> str:
    """Write `display nat session number`."""
    return f"  The total number of NAT sessions: {128 * sum(one.nat for one in device.interfaces)}\n"


def acl(device: Device, _: str) -> str:
    """Write `display acl all`."""
    return _acl(device, 4)


def acl6(device: Device, _: str) -> str:
    """Write `display acl ipv6 all`."""
    return _acl(device, 6)


def _acl(device: Device, family: int) -> str:
    found = facts.acls(device, family)
    word = "ACL" if family == 4 else "ACL6"
    text = f" Total nonempty {word} number is {len(found)} \n\n"
    for name, rules in found.items():
        kind = "IPv6 " if family == 6 else ""
        text += f"Advanced {kind}ACL {name}, {len(rules)} rule{'s' if len(rules) > 1 else ''}\n{word}'s step is 5\n"
        text += "".join(f" rule {5 * number} {rule} \n" for number, rule in enumerate(rules, 1)) + "\n"
    return text


def traffic(device: Device, argument: str) -> str | None:
    """Write `display qos car`: the limits of ports."""
    chosen = facts.named(device, argument) if argument else device.interfaces
    if argument and not chosen:
        return None
    return "".join(
        f"interface {one.name}\n"
        + "".join(f" qos car {way}bound cir {rate} cbs {rate * 188}\n" for way, rate in facts.limits(one))
        + "\n"
        for one in chosen
        if facts.limits(one)
    )
