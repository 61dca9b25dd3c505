"""What an H3C Comware device answers on routes, routing neighbours, NAT, filters and limits."""

from lab.devices import facts
from lab.devices.facts import table
from lab.devices.h3c_interfaces import short
from lab.scenario.model import Device

_PREFERENCE = {"direct": 0, "local": 0, "static": 60, "ospf": 10, "isis": 15, "bgp": 255}

_WORDS = {"ospf": "O_INTRA", "bgp": "BGP", "isis": "IS_L2", "ospfv3": "O_INTRA", "local": "Direct"}


def routing_table(device: Device, argument: str) -> str | None:
    """Write `display ip routing-table`."""
    if argument and argument not in facts.vrfs(device):
        return None
    rows = facts.ways(device, 4, argument)
    cells = [
        (
            *(row.prefix, _WORDS.get(row.kind, row.kind.capitalize()), _PREFERENCE.get(row.kind, 60), 0),
            *(("127.0.0.1", "InLoop0") if row.kind == "local" else (row.next_hop, short(row.interface))),
        )
        for row in rows
    ]
    head = ("Destination/Mask", "Proto", "Pre", "Cost", "NextHop", "Interface")
    count = len({row.prefix for row in rows})
    return f"\nDestinations : {count}        Routes : {len(rows)}\n\n" + table((19, 8, 4, 12, 16, 0), [head, *cells])


def ipv6_routing_table(device: Device, argument: str) -> str | None:
    """Write `display ipv6 routing-table`."""
    if argument and argument not in facts.vrfs(device):
        return None
    rows = facts.ways(device, 6, argument)
    text = f"\nDestinations : {len({row.prefix for row in rows})}        Routes : {len(rows)}\n\n"
    for row in rows:
        hop, out = ("::1", "InLoop0") if row.kind == "local" else (row.next_hop.upper(), short(row.interface))
        hop = "::" if row.kind == "direct" else hop
        text += f"Destination: {row.prefix.upper():<43} Protocol  : {_WORDS.get(row.kind, row.kind.capitalize())}\n"
        text += f"NextHop    : {hop:<43} Preference: {_PREFERENCE.get(row.kind, 60)}\n"
        text += f"Interface  : {out:<43} Cost      : 0\n\n"
    return text


def _neighbours(device: Device, protocol: str, vrf: str) -> list[tuple[str, ...]]:
    return [
        (
            *(facts.peer_id(peer), peer.address, "1", state if "/" in state else f"{state}/ -"),
            short(facts.peer_interface(device, peer)),
        )
        for peer, state in facts.peers(device, protocol, vrf=vrf)
    ]


def ospf(device: Device, _: str) -> str:
    """Write `display ospf peer`."""
    text = ""
    head = (" Router ID", "Address", "Pri", "Dead-Time", "State", "Interface")
    for vrf, number in facts.processes(device, "ospf").items():
        text += f"\n         OSPF Process {number} with Router ID {facts.router_id(device)}\n"
        text += "               Neighbor Brief Information\n\n Area: 0.0.0.0\n"
        rows = [(f" {who}", at, pri, "34", state, out) for who, at, pri, state, out in _neighbours(device, "ospf", vrf)]
        text += table((17, 16, 4, 11, 18, 0), [head, *rows])
    return text


def ospfv3(device: Device, _: str) -> str:
    """Write `display ospfv3 peer`."""
    text = ""
    head = (" Router ID", "Pri", "State", "Dead-Time", "InstID", "Interface")
    for vrf, number in facts.processes(device, "ospfv3").items():
        text += f"\n               OSPFv3 Process {number} with Router ID {facts.router_id(device)}\n"
        found = _neighbours(device, "ospfv3", vrf)
        rows = [(f" {who}", pri, state, "00:00:33", "0", out) for who, _, pri, state, out in found]
        text += "\n Area: 0.0.0.0\n" + "-" * 73 + "\n" + table((17, 4, 18, 10, 7, 0), [head, *rows])
    return text


def bgp(device: Device, _: str) -> str:
    """Write `display bgp peer ipv4`."""
    return _bgp(device, "bgp")


def bgp6(device: Device, _: str) -> str:
    """Write `display bgp peer ipv6`."""
    return _bgp(device, "bgp4+")


def _bgp(device: Device, protocol: str) -> str:
    found = facts.peers(device, protocol, vrf="")
    if not found:
        return ""
    up = sum(state == "Established" for _, state in found)
    text = (
        f"\n BGP local router ID: {facts.router_id(device)}\n Local AS number: {facts.LOCAL_AS}\n"
        f" Total number of peers: {len(found)}                 Peers in established state: {up}\n\n"
        "  * - Dynamically created peer\n"
        "  Peer                    AS  MsgRcvd  MsgSent OutQ PrefRcv Up/Down  State\n\n"
    )
    for peer, state in found:
        counts = (1041, 1031, 0, 12, "0286h47m") if state == "Established" else (0, 0, 0, 0, "00:10:07")
        got, sent, queued, prefixes, since = counts
        text += f"  {peer.address.upper():<18}{peer.remote_as:>8}{got:>9}{sent:>9}{queued:>5}{prefixes:>8} {since} {state}\n"
    return text


def isis(device: Device, _: str) -> str:
    """Write `display isis peer`."""
    text = ""
    for peer, state in facts.peers(device, "isis"):
        text += f" System ID: {peer.router_id or peer.address}\n Interface: {short(facts.peer_interface(device, peer))}"
        text += f"            Circuit Id:  0000000006\n State: {state}     HoldTime:  28s         Type: L2           PRI: --\n\n"
    return ("\n                         Peer information for IS-IS(1)\n\n" + text) if text else ""


def nat_outbound(device: Device, _: str) -> str:
    """Write `display nat outbound`."""
    rows = [one for one in device.interfaces if one.nat]
    text = f"NAT outbound information:\n  Totally {len(rows)} NAT outbound rules.\n"
    for one in rows:
        text += f"  Interface: {one.name}\n    ACL: 2000\n    Address group ID: ---\n    Port-preserved: N    NO-PAT: N  Reversible: N\n"
        text += "    Config status: Active\n\n"
    return text


def nat_session(device: Device, _: str) -> str:
    """Write `display nat session brief`."""
    return f"Slot 1:\nTotal sessions found: {128 * sum(one.nat for one in device.interfaces)}\n"


def acl(device: Device, _: str) -> str:
    """Write `display acl all`."""
    return _acl(device, 4)


def acl6(device: Device, _: str) -> str:
    """Write `display acl ipv6 all`."""
    return _acl(device, 6)


def _acl(device: Device, family: int) -> str:
    text = ""
    for name, rules in facts.acls(device, family).items():
        kind = "Advanced IPv4" if family == 4 else "Advanced IPv6"
        text += (
            f"{kind} ACL {name}, {len(rules)} rule{'s' if len(rules) > 1 else ''},\nACL's step is 5, start ID is 0\n"
        )
        text += "".join(f" rule {5 * number} {rule}\n" for number, rule in enumerate(rules)) + "\n"
    return text


def traffic(device: Device, argument: str) -> str | None:
    """Write `display qos car interface`: the limits of ports."""
    chosen = facts.named(device, argument) if argument else device.interfaces
    if argument and not chosen:
        return None
    return "".join(
        f"Interface: {one.name}\n"
        + "".join(
            f"  Direction: {way}bound\n   Rule: If-match any\n"
            f"    CIR {rate} (kbps), CBS {rate * 63} (Bytes), EBS 0 (Bytes)\n    Green action  : pass\n"
            "    Red action    : discard\n\n"
            for way, rate in facts.limits(one)
        )
        for one in chosen
        if facts.limits(one)
    )
