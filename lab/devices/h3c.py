"""What an H3C Comware device answers, from the scenario."""

from collections.abc import Mapping

from lab.devices import facts
from lab.devices.facts import Answer, shortened, table
from lab.devices.h3c_configuration import configuration
from lab.scenario.model import Device, Interface

SHORT = (
    ("M-GigabitEthernet", "M-GE"),
    ("Ten-GigabitEthernet", "XGE"),
    ("FortyGigE", "FGE"),
    ("HundredGigE", "HGE"),
    ("GigabitEthernet", "GE"),
    ("Vlan-interface", "Vlan"),
    ("LoopBack", "Loop"),
    ("Bridge-Aggregation", "BAGG"),
    ("Route-Aggregation", "RAGG"),
)


def short(name: str) -> str:
    """Write an interface's name as Comware does in narrow tables."""
    return shortened(name, SHORT)


def version(device: Device, _: str) -> str:
    """Write `display version`."""
    release = device.version or "7.1.070, Release 6607P20"
    model = device.model or "S6850-56HF"
    image = f"{model.lower()}-cmw710-{{}}-{release.rpartition(' ')[2].lower()}.bin"
    return (
        f"H3C Comware Software, Version {release}\n"
        "Copyright (c) 2004-2022 New H3C Technologies Co., Ltd. All rights reserved.\n"
        f"H3C {model} uptime is 12 weeks, 3 days, 4 hours, 5 minutes\nLast reboot reason : User reboot\n\n"
        f"Boot image: flash:/{image.format('boot')}\nBoot image version: {release}\n  Compiled Jan 10 2022 11:00:00\n"
        f"System image: flash:/{image.format('system')}\nSystem image version: {release}\n"
        "  Compiled Jan 10 2022 11:00:00\n\n"
        f"Slot 1:\nUptime is 12 weeks,3 days,4 hours,5 minutes\n{model} with 2 Processors\n"
        f"BOARD TYPE:         {model}\nDRAM:               4096M bytes\nFLASH:              1024M bytes\n"
    )


def clock(_: Device, __: str) -> str:
    """Write `display clock`."""
    return facts.now().strftime("%H:%M:%S.%f")[:-3] + facts.now().strftime(
        " BJ %a %m/%d/%Y\nTime Zone : BJ add 08:00:00\n"
    )


def ntp(device: Device, _: str) -> str:
    """Write `display ntp-service status`."""
    if not device.ntp:
        return " Clock status: unsynchronized\n Clock stratum: 16\n Reference clock ID: none\n"
    return (
        f" Clock status: synchronized\n Clock stratum: 3\n System peer: {device.ntp[0]}\n Local mode: client\n"
        f" Reference clock ID: {device.ntp[0]}\n Leap indicator: 00\n Clock jitter: 0.000855 s\n"
        f" Stability: 0.000 pps\n Clock precision: 2^-17\n Root delay: 0.00383 ms\n Root dispersion: 16.33 ms\n"
        f" Reference time: {facts.now():%H:%M:%S.000  %a %b %d %Y}\n"
    )


def ntp_sessions(device: Device, _: str) -> str:
    """Write `display ntp-service sessions`."""
    head = ("       source", "reference", "stra", "reach", "poll", "now", "offset")
    rows = [(f"[12345]{server}", "192.0.2.123", "2", "255", "64", "33", "0.42") for server in device.ntp]
    return table((28, 16, 5, 6, 5, 4, 0), [head, *rows]) + "Notes: 1 source(master), 2 source(peer), 5 configured.\n"


def manufacture(device: Device, _: str) -> str:
    """Write `display device manuinfo`."""
    first = next((facts.mac(device, one) for one in device.interfaces), facts.mac_of(device.name))
    return (
        f" Slot 1 CPU 0:\n DEVICE_NAME          : {device.model}\n DEVICE_SERIAL_NUMBER : {device.serial}\n"
        f" MAC_ADDRESS          : {facts.grouped(first, '-').upper()}\n MANUFACTURING_DATE   : 2021-03-08\n"
        " VENDOR_NAME          : H3C\n"
    )


def _state(one: Interface) -> str:
    return ("UP" if one.up else "DOWN") if one.admin_up else "Administratively DOWN"


def _block(device: Device, one: Interface) -> str:
    kbps = int(digits) * 1000 if (digits := one.speed.rstrip("M")).isdigit() else 1000000
    lines = [one.name, f"Current state: {_state(one)}", f"Line protocol state: {'UP' if facts.live(one) else 'DOWN'}"]
    lines += [f"Description: {one.description or one.name + ' Interface'}", f"Bandwidth: {kbps} kbps"]
    hardware = facts.grouped(facts.mac(device, one), "-")
    if facts.routed(one):
        lines.append("Maximum transmission unit: 1500")
        for number, own in enumerate(facts.v4(one)):
            lines.append(f"Internet address: {own} ({'Sub' if number else 'Primary'})")
        if not one.v4:
            lines.append("Internet protocol processing: Disabled")
        lines += [f"{ip} packet frame type: Ethernet II, hardware address: {hardware}" for ip in ("IP", "IPv6")]
    else:
        lines += [f"IP packet frame type: Ethernet II, hardware address: {hardware}", f"PVID: {one.vlan}"]
        lines += ["Port link-type: Access", " Tagged VLANs:   None", f" UnTagged VLANs: {one.vlan}"]
    return "\n".join([*lines, "Last clearing of counters: Never"]) + "\n"


def interface(device: Device, argument: str) -> str | None:
    """Write `display interface`."""
    return facts.each(device, argument, _block)


def _link(one: Interface) -> str:
    return ("UP" if one.up else "DOWN") if one.admin_up else "ADM"


def _spoofing(one: Interface, up: str) -> str:
    return up + "(s)" if one.name.startswith(("LoopBack", "NULL")) else up


def interface_brief(device: Device, _: str) -> str:
    """Write `display interface brief`: what routes, then what bridges."""
    text = "Brief information on interfaces in route mode:\nLink: ADM - administratively down; Stby - standby\n"
    text += "Protocol: (s) - spoofing\n"
    head = ("Interface", "Link", "Protocol", "Primary IP", "Description")
    rows = [
        (
            *(short(one.name), _link(one), _spoofing(one, "UP") if facts.live(one) else "DOWN"),
            *((one.v4 or ["--"])[0].partition("/")[0], one.description),
        )
        for one in device.interfaces
        if facts.routed(one)
    ]
    text += table((21, 5, 9, 16, 0), [head, *rows])
    ports = [
        (short(one.name), _link(one), one.speed + "(a)", "F(a)", "A", one.vlan, one.description)
        for one in device.interfaces
        if not facts.routed(one)
    ]
    if ports:
        text += "\nBrief information on interfaces in bridge mode:\nLink: ADM - administratively down; Stby - standby\n"
        text += "Speed: (a) - auto\nDuplex: (a)/A - auto; H - half; F - full\nType: A - access; T - trunk; H - hybrid\n"
        text += table(
            (21, 5, 9, 7, 5, 5, 0), [("Interface", "Link", "Speed", "Duplex", "Type", "PVID", "Description"), *ports]
        )
    return text


def _lower(one: Interface) -> tuple[str, str]:
    physical = ("up" if one.up else "down") if one.admin_up else "*down"
    return physical, _spoofing(one, "up") if facts.live(one) else "down"


def ip_interface_brief(device: Device, _: str) -> str:
    """Write `display ip interface brief`."""
    head = ("Interface", "Physical", "Protocol", "IP Address", "Description")
    rows = [
        (short(one.name), *_lower(one), (one.v4 or ["--"])[0].partition("/")[0], one.description[:20] or "--")
        for one in device.interfaces
        if facts.routed(one)
    ]
    return "*down: administratively down\n(s): spoofing  (l): loopback\n" + table((20, 9, 9, 16, 0), [head, *rows])


def ipv6_interface_brief(device: Device, _: str) -> str:
    """Write `display ipv6 interface brief`: the smallest global address, else the link-local one, without a length."""
    text = "*down: administratively down\n(s): spoofing\n"
    text += f"{'Interface':<42}{'Physical':<9}{'Protocol':<9}IPv6 Address\n"
    rows = []
    for one in device.interfaces:
        if facts.has_v6(one):
            own = sorted(address.ip for address in facts.v6(one))
            shown = own[0] if own else facts.link_local(device, one) if facts.live(one) else "Unassigned"
            rows.append((one.name, *_lower(one), str(shown) if shown == "Unassigned" else str(shown).upper()))
    return text + table((41, 9, 9, 0), rows)


def _block6(device: Device, one: Interface) -> str:
    if not facts.has_v6(one):
        return ""
    up = facts.live(one)
    tail = "" if up else " [TENTATIVE]"
    own = facts.v6(one)
    lines = [
        f"{one.name} current state: {_state(one)}",
        f"Line protocol current state: {'UP' if up else 'DOWN'}",
        f"IPv6 is enabled, link-local address is {str(facts.link_local(device, one)).upper()}{tail}",
    ]
    if own:
        lines.append("  Global unicast address(es):")
        lines += [f"    {str(one6.ip).upper()}, subnet is {str(one6.network).upper()}{tail}" for one6 in own]
    else:
        lines.append("  No global unicast address configured")
    lines += [
        *("  Joined group address(es):", "    FF02::1", "    FF02::2", "  MTU is 1500 bytes"),
        *("  ND DAD is enabled, number of DAD attempts: 1", "  ND reachable time is 30000 milliseconds"),
        *("  ND retransmit interval is 1000 milliseconds", "  Hosts use stateless autoconfig for addresses"),
        *("IPv6 Packet statistics:", "  InReceives:                       0"),
    ]
    return "\n".join(lines) + "\n"


def ipv6_interface(device: Device, argument: str) -> str | None:
    """Write `display ipv6 interface`."""
    text = facts.each(device, argument, _block6)
    return None if text is None else text.lstrip("\n")


def vpn_instance(device: Device, _: str) -> str:
    """Write `display ip vpn-instance`."""
    names = facts.vrfs(device)
    rows = [(f"  {name}", f"65000:{number}", "2021/03/08 09:00:00") for number, name in enumerate(names, 1)]
    return f"  Total VPN-Instances configured : {len(names)}\n" + table(
        (34, 22, 0), [("  VPN-Instance Name", "RD", "Create time"), *rows]
    )


def vlan(device: Device, _: str) -> str:
    """Write `display vlan all`."""
    text = ""
    for number, ports in facts.vlans(device).items():
        interface = next((one for one in device.interfaces if facts.vlan_number(one) == number), None)
        text += f" VLAN ID: {number}\n VLAN type: Static\n Route interface: {'Configured' if interface else 'Not configured'}\n"
        for own in facts.v4(interface) if interface else []:
            text += f" IPv4 address: {own.ip}\n IPv4 subnet mask: {own.netmask}\n"
        text += f" Description: VLAN {number:04}\n Name: VLAN {number:04}\n Tagged ports:   None\n"
        text += (
            " Untagged ports:" + ("\n" + "".join(f"    {one.name}\n" for one in ports) if ports else " None\n") + "\n"
        )
    return text


def lldp(device: Device, _: str) -> str:
    """Write `display lldp neighbor-information verbose`."""
    text = ""
    for number, (one, name, port) in enumerate(facts.links(device), 1):
        text += (
            f"LLDP neighbor-information of port {number}[{one.name}]:\nLLDP agent nearest-bridge:\n"
            " LLDP neighbor index : 1\n Update time         : 57 days, 22 hours, 1 minutes, 46 seconds\n"
            f" Chassis type        : MAC address\n Chassis ID          : {facts.grouped(facts.mac_of('chassis', name), '-')}\n"
            f" Port ID type        : Interface name\n Port ID             : {port}\n Time to live        : 120\n"
            f" Port description    : {port}\n System name         : {name}\n System description  : {name}\n"
            " System capabilities supported : Bridge, Router\n System capabilities enabled   : Bridge, Router\n\n"
        )
    return text


def lldp_list(device: Device, _: str) -> str:
    """Write `display lldp neighbor-information list`."""
    text = (
        "Chassis ID : * -- -- Nearest nontpmr bridge neighbor\n             # -- -- Nearest customer bridge neighbor\n"
    )
    text += "             Default -- -- Nearest bridge neighbor\n"
    rows = [
        (name, short(one.name), facts.grouped(facts.mac_of("chassis", name), "-"), port)
        for one, name, port in facts.links(device)
    ]
    return text + table((21, 16, 16, 0), [("System Name", "Local Interface", "Chassis ID", "Port ID"), *rows])


def arp(device: Device, _: str) -> str:
    """Write `display arp`."""
    head = ("IP address", "MAC address", "VLAN/VSI", "Interface/Link ID", "Aging", "Type")
    rows = [
        (
            *(row.address, facts.grouped(row.mac, "-"), facts.vlan_number(row.interface) or "--"),
            *(short(row.interface.name), "960", "D"),
        )
        for row in facts.neighbours(device, 4)
        if not row.own
    ]
    legend = "  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid\n"
    return legend + table((16, 15, 11, 25, 6, 0), [head, *rows])


def ipv6_neighbors(device: Device, _: str) -> str:
    """Write `display ipv6 neighbors all`."""
    head = ("IPv6 address", "MAC address", "VLAN/VSI", "Interface", "State", "T", "Aging")
    rows = [
        (
            *(row.address.upper(), facts.grouped(row.mac, "-"), facts.vlan_number(row.interface) or "--"),
            *(short(row.interface.name), "REACH", "D", "12"),
        )
        for row in facts.neighbours(device, 6)
        if not row.own
    ]
    legend = "Type: S-Static    D-Dynamic    O-Openflow     R-Rule    IS-Invalid static\n"
    return legend + table((29, 15, 9, 21, 6, 3, 0), [head, *rows])


def mac_address(device: Device, _: str) -> str:
    """Write `display mac-address`."""
    rows = [
        (facts.grouped(mac, "-"), number, "Learned", short(one.name), "Y") for mac, number, one in facts.learned(device)
    ]
    return table((17, 11, 17, 25, 0), [("MAC Address", "VLAN ID", "State", "Port/Nickname", "Aging"), *rows])


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


def _neighbours(device: Device, protocol: str) -> list[tuple[str, ...]]:
    return [
        (
            *(peer.router_id or "192.0.2.255", peer.address, "1", state if "/" in state else f"{state}/ -"),
            short(facts.peer_interface(device, peer)),
        )
        for peer, state in facts.peers(device, protocol)
    ]


def ospf(device: Device, _: str) -> str:
    """Write `display ospf peer`."""
    text = f"\n         OSPF Process 1 with Router ID {facts.router_id(device)}\n               Neighbor Brief Information\n\n"
    rows = [(f" {who}", at, pri, "34", state, out) for who, at, pri, state, out in _neighbours(device, "ospf")]
    head = (" Router ID", "Address", "Pri", "Dead-Time", "State", "Interface")
    return (text + " Area: 0.0.0.0\n" + table((17, 16, 4, 11, 18, 0), [head, *rows])) if rows else ""


def ospfv3(device: Device, _: str) -> str:
    """Write `display ospfv3 peer`."""
    text = f"\n               OSPFv3 Process 1 with Router ID {facts.router_id(device)}\n"
    rows = [(f" {who}", pri, state, "00:00:33", "0", out) for who, _, pri, state, out in _neighbours(device, "ospfv3")]
    head = (" Router ID", "Pri", "State", "Dead-Time", "InstID", "Interface")
    body = "\n Area: 0.0.0.0\n" + "-" * 73 + "\n" + table((17, 4, 18, 10, 7, 0), [head, *rows])
    return text + body if rows else ""


def bgp(device: Device, _: str) -> str:
    """Write `display bgp peer ipv4`."""
    return _bgp(device, "bgp")


def bgp6(device: Device, _: str) -> str:
    """Write `display bgp peer ipv6`."""
    return _bgp(device, "bgp4+")


def _bgp(device: Device, protocol: str) -> str:
    found = facts.peers(device, protocol)
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
        f"Interface: {one.name}\n  Direction: inbound\n   Rule: If-match any\n"
        f"    CIR {one.car_kbps} (kbps), CBS {one.car_kbps * 63} (Bytes), EBS 0 (Bytes)\n    Green action  : pass\n"
        "    Red action    : discard\n\n"
        for one in chosen
        if one.car_kbps
    )


ANSWERS: Mapping[str, Answer] = {
    "display version": version,
    "display clock": clock,
    "display ntp-service status": ntp,
    "display ntp-service sessions": ntp_sessions,
    "display device manuinfo": manufacture,
    "display interface": interface,
    "display interface *": interface,
    "display interface brief": interface_brief,
    "display ip interface brief": ip_interface_brief,
    "display ipv6 interface": ipv6_interface,
    "display ipv6 interface *": ipv6_interface,
    "display ipv6 interface brief": ipv6_interface_brief,
    "display ip vpn-instance": vpn_instance,
    "display vlan all": vlan,
    "display lldp neighbor-information verbose": lldp,
    "display lldp neighbor-information list": lldp_list,
    "display arp": arp,
    "display arp all": arp,
    "display ipv6 neighbors all": ipv6_neighbors,
    "display mac-address": mac_address,
    "display ip routing-table": routing_table,
    "display ip routing-table vpn-instance *": routing_table,
    "display ipv6 routing-table": ipv6_routing_table,
    "display ipv6 routing-table vpn-instance *": ipv6_routing_table,
    "display ospf peer": ospf,
    "display ospfv3 peer": ospfv3,
    "display bgp peer ipv4": bgp,
    "display bgp peer ipv4 unicast": bgp,
    "display bgp peer ipv6": bgp6,
    "display bgp peer ipv6 unicast": bgp6,
    "display isis peer": isis,
    "display nat outbound": nat_outbound,
    "display nat session brief": nat_session,
    "display acl all": acl,
    "display acl ipv6 all": acl6,
    "display qos car interface": traffic,
    "display qos car interface *": traffic,
    "display current-configuration": configuration,
    "display saved-configuration": configuration,
}
