"""What a Huawei VRP device answers, from the scenario."""

from collections.abc import Mapping

from lab.devices import facts
from lab.devices.facts import Answer, shortened, table
from lab.devices.huawei_configuration import configuration
from lab.scenario.model import Device, Interface

SHORT = (
    ("XGigabitEthernet", "XGE"),
    ("GigabitEthernet", "GE"),
    ("Ethernet", "Eth"),
    ("MEth", "MEth"),
)
_RULE = "-" * 79 + "\n"


def short(name: str) -> str:
    """Write an interface's name as VRP does in narrow tables."""
    return shortened(name, SHORT)


def _modern(device: Device) -> bool:
    """Whether it is a VRP8: CE, NE, ATN; else a VRP5."""
    return device.version.startswith("8.") or device.model.startswith(("CE", "NE", "ATN"))


def version(device: Device, _: str) -> str:
    """Write `display version`."""
    new = _modern(device)
    release = device.version or ("8.180 V200R005C10SPC800" if new else "5.170 V200R019C10SPC500")
    number, _, rest = release.partition(" ")
    model = device.model or ("CE6857" if new else "S5735-L24T4S-A")
    series = model.split("-")[0]
    right = (
        "Copyright (C) 2012-2018 Huawei Technologies Co., Ltd."
        if new
        else "Copyright (C) 2000-2020 HUAWEI TECH CO., LTD"
    )
    uptime = "88 days, 4 hours, 5 minutes" if new else "12 weeks, 4 days, 4 hours, 5 minutes"
    kind = "" if new else " Routing Switch"
    product = rest if series in rest else f"{series} {rest}".rstrip()
    return (
        "Huawei Versatile Routing Platform Software\n"
        f"VRP (R) software, Version {number} ({product.strip('()')})\n"
        f"{right}\nHUAWEI {model}{kind} uptime is {uptime}\n\n"
        f"MPU 0(Master) : uptime is {uptime}\n"
        "SDRAM Memory Size    : 1024    M bytes\nFlash Memory Size    : 512     M bytes\n"
    )


def clock(_: Device, __: str) -> str:
    """Write `display clock`."""
    return facts.now().strftime("%Y-%m-%d %H:%M:%S+08:00\n%A\nTime Zone(BJ) : UTC+08:00\n")


def ntp(device: Device, _: str) -> str:
    """Write `display ntp-service status`."""
    server = device.ntp[0] if device.ntp else ""
    return (
        f" clock status: {'synchronized' if server else 'unsynchronized'}\n clock stratum: {3 if server else 16}\n"
        f" reference clock ID: {server or 'none'}\n nominal frequency: 60.0002 Hz\n actual frequency: 60.0002 Hz\n"
        " clock precision: 2^18\n clock offset: 0.4200 ms\n root delay: 1.10 ms\n root dispersion: 2.00 ms\n"
        f" peer dispersion: 10.00 ms\n reference time: {facts.now():%H:%M:%S.000 UTC %b %d %Y}\n"
    )


def ntp_sessions(device: Device, _: str) -> str:
    """Write `display ntp-service sessions`."""
    return "".join(
        f" clock source: {server}\n clock stratum: 2\n clock status: configured, "
        f"{'master, sane, valid' if not number else 'sane, valid'}\n reference clock ID: 192.0.2.123\n reach: 255\n\n"
        for number, server in enumerate(device.ntp)
    )


def esn(device: Device, _: str) -> str:
    """Write `display esn`."""
    return f"ESN of device: {device.serial}\n"


def manufacture(device: Device, _: str) -> str:
    """Write `display device manufacture-info`."""
    head = [("Slot", "Sub", "Serial-number", "Manu-date"), ("- " * 25, "", "", "")]
    return table((6, 5, 26, 0), [*head, ("0", "-", device.serial, "2021-03-08")])


def elabel(device: Device, _: str) -> str:
    """Write `display elabel`."""
    return (
        "[Board Properties]\n"
        f"BoardType={device.model}\nBarCode={device.serial}\nItem=02350000\nManufactured=2021-03-08\nVendorName=Huawei\n"
    )


def _state(interface: Interface) -> str:
    return ("UP" if interface.up else "DOWN") if interface.admin_up else "Administratively DOWN"


def _block(device: Device, one: Interface) -> str:
    lines = [
        f"{one.name} current state : {_state(one)}",
        f"Line protocol current state : {'UP' if facts.live(one) else 'DOWN'}",
        f"Description:{one.description}",
    ]
    if facts.routed(one):
        lines.append("Route Port,The Maximum Transmit Unit is 1500")
        owned = [f"Internet Address is {own}" + (" Sub" if number else "") for number, own in enumerate(facts.v4(one))]
        lines += owned or ["Internet protocol processing : disabled"]
    else:
        lines.append(f"Switch Port, PVID : {one.vlan:>4}, TPID : 8100(Hex), The Maximum Frame Length is 9216")
    lines.append(
        "IP Sending Frames' Format is PKTFMT_ETHNT_2, Hardware address is " + facts.grouped(facts.mac(device, one), "-")
    )
    if not facts.virtual(one):
        lines.append(f"Speed : {one.speed.rstrip('M'):>5}, Loopback: NONE\nDuplex: FULL, Negotiation: ENABLE")
        lines.append("    Input bandwidth utilization  :    1%\n    Output bandwidth utilization :    2%")
    return "\n".join(lines) + "\n"


def interface(device: Device, argument: str) -> str | None:
    """Write `display interface`."""
    return facts.each(device, argument, _block)


def _physical(one: Interface) -> str:
    return ("up" if one.up else "down") if one.admin_up else "*down"


def _protocol(one: Interface) -> str:
    if not facts.live(one):
        return "down"
    return "up(s)" if one.name.startswith(("LoopBack", "NULL")) else "up"


_LEGEND = "*down: administratively down\n(l): loopback\n(s): spoofing\n"
_LEGEND8 = "*down: administratively down\n!down: FIB overload down\n(l): loopback\n(s): spoofing\n"


def interface_brief(device: Device, _: str) -> str:
    """Write `display interface brief`."""
    head = ("Interface", "PHY", "Protocol", "InUti", "OutUti", "inErrors", "outErrors")
    rows = [(one.name, _physical(one), _protocol(one), "0%", "0%", "0", "0") for one in device.interfaces]
    return "PHY: Physical\n" + _LEGEND + table((28, 6, 10, 7, 9, 11, 0), [head, *rows])


def ip_interface_brief(device: Device, _: str) -> str:
    """Write `display ip interface brief`."""
    rows = [one for one in device.interfaces if facts.routed(one)]
    up, live = sum(one.up and one.admin_up for one in rows), sum(facts.live(one) for one in rows)
    counts = "".join(
        f"The number of interface that is {word} in {layer} is {count}\n"
        for layer, good in (("Physical", up), ("Protocol", live))
        for word, count in (("UP", good), ("DOWN", len(rows) - good))
    )
    cells = [(one.name, (one.v4 or ["unassigned"])[0], _physical(one), _protocol(one), one.vrf or "--") for one in rows]
    head = ("Interface", "IP Address/Mask", "Physical", "Protocol", "VPN")
    return _LEGEND + counts + "\n" + table((34, 21, 11, 11, 0), [head, *cells])


def ipv6_interface_brief(device: Device, _: str) -> str:
    """Write `display ipv6 interface brief`: with VPN and prefix length on VRP8, without on VRP5."""
    new = _modern(device)
    text = _LEGEND8 if new else _LEGEND
    text += f"{'Interface':<29}{'Physical':<22}{'Protocol':<9}" + ("VPN\n" if new else "  \n")
    for one in device.interfaces:
        if facts.has_v6(one):
            text += table(
                (29, 22, 9, 0), [(one.name, _physical(one), _protocol(one), (one.vrf or "--") if new else "")]
            )
            first = next(iter(facts.v6(one)), None)
            shown = "Unassigned" if first is None else str(first if new else first.ip).upper()
            tail = "" if first is None or facts.live(one) else "  [TENTATIVE]"
            text += ("[IPv6 Address/Prefix Length] " if new else "[IPv6 Address] ") + shown + tail + "\n"
    return text


def _block6(device: Device, one: Interface) -> str:
    if not facts.has_v6(one):
        return ""
    state = _state(one)
    up = facts.live(one)
    local = str(facts.link_local(device, one)).upper()
    lines = [
        f"{one.name} current state : {state} ",
        f"IPv6 protocol current state : {'UP' if up else 'DOWN'}",
        f"IPv6 is enabled, link-local address is {local}{'' if up else ' [TENTATIVE]'}",
    ]
    own = facts.v6(one)
    if own:
        lines.append("  Global unicast address(es):")
        lines += [f"    {str(address.ip).upper()}, subnet is {str(address.network).upper()}" for address in own]
    else:
        lines.append("  No global unicast address configured")
    lines += ["  Joined group address(es):"]
    lines += [f"    FF02::1:FF{int(address.ip) >> 16 & 0xFF:02X}:{int(address.ip) & 0xFFFF:X}" for address in own]
    lines += [
        *("    FF02::2", "    FF02::1", "  MTU is 1500 bytes"),
        "  ND DAD is enabled, number of DAD attempts: 1",
        f"  ND reachable time is {1200000 if _modern(device) else 30000} milliseconds",
        "  ND retransmit interval is 1000 milliseconds",
        "  Hosts use stateless autoconfig for addresses",
    ]
    return "\n".join(lines) + "\n"


def ipv6_interface(device: Device, argument: str) -> str | None:
    """Write `display ipv6 interface`."""
    text = facts.each(device, argument, _block6)
    return None if text is None else text.lstrip("\n")


def vpn_instance(device: Device, _: str) -> str:
    """Write `display ip vpn-instance`."""
    names = facts.vrfs(device)
    head = f" Total VPN-Instances configured      : {len(names)}\n\n"
    families = [
        (name, f"65000:{number}", family)
        for number, name in enumerate(names, 1)
        for family in ("IPv4", *(("IPv6",) if any(facts.v6(i) for i in device.interfaces if i.vrf == name) else ()))
    ]
    return head + table(
        (34, 22, 0), [("  VPN-Instance Name", "RD", "Address-family"), *((f"  {n}", r, f) for n, r, f in families)]
    )


def vlan(device: Device, _: str) -> str:
    """Write `display vlan`."""
    found = facts.vlans(device)
    text = f"The total number of VLANs is: {len(found)}\n{_RULE}"
    text += (
        "U: Up;         D: Down;         TG: Tagged;         UT: Untagged;\n" + _RULE + "\nVID  Type    Ports\n" + _RULE
    )
    for number, ports in found.items():
        cells = [f"{short(port.name)}({'U' if facts.live(port) else 'D'})" for port in ports]
        groups = [cells[at : at + 4] for at in range(0, len(cells), 4)] or [[]]
        for at, group in enumerate(groups):
            head = f"{number:<5}common  " + ("UT:" if group else "") if not at else " " * 16
            text += (head + "".join(f"{cell:<16}" for cell in group)).rstrip() + "\n"
    text += "\nVID  Status  Property      MAC-LRN Statistics Description\n" + _RULE
    return text + "".join(f"{number:<5}enable  default       enable  disable    VLAN {number:04}\n" for number in found)


def lldp(device: Device, _: str) -> str:
    """Write `display lldp neighbor`."""
    text = ""
    for one, name, port in facts.links(device):
        text += (
            f"{one.name} has 1 neighbor(s):\n\nNeighbor index : 1\nChassis type   : MAC address\n"
            f"Chassis ID     : {facts.grouped(facts.mac_of('chassis', name), '-')}\nPort ID type   : Interface name\n"
            f"Port ID        : {port}\nPort description    : {port}\nSystem name         : {name}\n"
            f"System description  : {name}\nSystem capabilities supported   : bridge router\n"
            "System capabilities enabled     : bridge router\nExpired time   : 102s\n\n"
        )
    return text


def lldp_brief(device: Device, _: str) -> str:
    """Write `display lldp neighbor brief`."""
    rows = [(short(one.name), name, short(port), "102") for one, name, port in facts.links(device)]
    return table((25, 29, 25, 0), [("Local Intf", "Neighbor Dev", "Neighbor Intf", "Exptime(s)"), *rows])


def arp(device: Device, _: str) -> str:
    """Write `display arp`."""
    rows = facts.neighbours(device, 4)
    own = sum(row.own for row in rows)
    text = "IP ADDRESS      MAC ADDRESS     EXPIRE(M) TYPE        INTERFACE   VPN-INSTANCE\n"
    text += " " * 36 + "VLAN/CEVLAN(SIP/DIP)\n" + _RULE
    text += table(
        (16, 16, 10, 12, 12, 0),
        [
            (
                *(row.address, facts.grouped(row.mac, "-"), "" if row.own else "17", "I -" if row.own else "D-0"),
                *(short(row.interface.name), row.interface.vrf),
            )
            for row in rows
        ],
    )
    return text + _RULE + f"Total:{len(rows):<10}Dynamic:{len(rows) - own:<8}Static:0     Interface:{own}\n"


def ipv6_neighbors(device: Device, _: str) -> str:
    """Write `display ipv6 neighbors`."""
    rows = [row for row in facts.neighbours(device, 6) if not row.own]
    text = _RULE
    for row in rows:
        number = facts.vlan_number(row.interface)
        text += (
            f"IPv6 Address : {row.address.upper()}\n"
            f"Link-layer   : {facts.grouped(row.mac, '-'):<35} State : REACH\n"
            f"Interface    : {short(row.interface.name):<35} Age   : 00h05m12s\n"
            f"VLAN         : {number or '-':<35} CEVLAN: -\n"
            f"VPN name     : {row.interface.vrf:<35} Is Router: TRUE\nSecure FLAG  : UN-SECURE\n\n"
        )
    return text + _RULE + f"Total: {len(rows):<8}Dynamic: {len(rows):<8}Static: 0\n"


def mac_address(device: Device, _: str) -> str:
    """Write `display mac-address`."""
    head = _RULE + "MAC Address    VLAN/VSI/BD                       Learned-From        Type\n" + _RULE
    found = facts.learned(device)
    rows = [(facts.grouped(mac, "-"), f"{number}/-/-", short(port.name), "dynamic") for mac, number, port in found]
    return head + table((15, 34, 20, 0), rows) + "\n" + _RULE + f"Total items displayed = {len(rows)}\n"


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
    found = facts.peers(device, "ospf")
    if not found:
        return ""
    text = f"\n\t OSPF Process 1 with Router ID {facts.router_id(device)}\n\t\t Neighbors \n\n"
    for peer, state in found:
        name = facts.peer_interface(device, peer)
        towards = facts.interface_towards(device, peer.address)
        own = next((str(own.ip) for own in facts.v4(towards)), "") if towards else ""
        text += (
            f" Area 0.0.0.0 interface {own}({name})'s neighbors\n"
            f" Router ID: {peer.router_id or peer.address}      Address: {peer.address}      \n"
            f"   State: {state}  Mode:Nbr is  Master  Priority: 1\n   Dead timer due in 34  sec \n\n"
        )
    return text


def ospfv3(device: Device, _: str) -> str:
    """Write `display ospfv3 peer`."""
    found = facts.peers(device, "ospfv3")
    if not found:
        return ""
    full = sum(state.startswith("Full") for _, state in found)
    text = f"OSPFv3 Process (1)\nTotal number of peer(s): {len(found)}\n Peer(s) in full state: {full}\nOSPFv3 Area (0.0.0.0)\n"
    rows = [
        (
            *(peer.router_id or "192.0.2.255", "1", state if "/" in state else f"{state}/ -", "00:00:37"),
            *(short(facts.peer_interface(device, peer)), "0"),
        )
        for peer, state in found
    ]
    return text + table(
        (17, 4, 17, 11, 19, 0), [("Neighbor ID", "Pri", "State", "Dead Time", "Interface", "Instance ID"), *rows]
    )


def bgp(device: Device, _: str) -> str:
    """Write `display bgp peer`."""
    return _bgp(device, "bgp", 16)


def bgp6(device: Device, _: str) -> str:
    """Write `display bgp ipv6 peer`."""
    return _bgp(device, "bgp4+", 33)


def _bgp(device: Device, protocol: str, width: int) -> str:
    found = facts.peers(device, protocol)
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
        f"interface {one.name}\n qos car inbound cir {one.car_kbps} cbs {one.car_kbps * 188}\n\n"
        for one in chosen
        if one.car_kbps
    )


ANSWERS: Mapping[str, Answer] = {
    "display version": version,
    "display clock": clock,
    "display ntp-service status": ntp,
    "display ntp status": ntp,
    "display ntp-service sessions": ntp_sessions,
    "display esn": esn,
    "display elabel": elabel,
    "display device manufacture-info": manufacture,
    "display interface": interface,
    "display interface *": interface,
    "display interface brief": interface_brief,
    "display ip interface brief": ip_interface_brief,
    "display ipv6 interface": ipv6_interface,
    "display ipv6 interface *": ipv6_interface,
    "display ipv6 interface brief": ipv6_interface_brief,
    "display ip vpn-instance": vpn_instance,
    "display vlan": vlan,
    "display lldp neighbor": lldp,
    "display lldp neighbor brief": lldp_brief,
    "display arp": arp,
    "display arp all": arp,
    "display ipv6 neighbors": ipv6_neighbors,
    "display mac-address": mac_address,
    "display ip routing-table": routing_table,
    "display ip routing-table vpn-instance *": routing_table,
    "display ipv6 routing-table": ipv6_routing_table,
    "display ipv6 routing-table vpn-instance *": ipv6_routing_table,
    "display ospf peer": ospf,
    "display ospfv3 peer": ospfv3,
    "display bgp peer": bgp,
    "display bgp ipv6 peer": bgp6,
    "display isis peer": isis,
    "display nat outbound": nat_outbound,
    "display nat session number": nat_session,
    "display acl all": acl,
    "display acl ipv6 all": acl6,
    "display qos car": traffic,
    "display qos car interface *": traffic,
    "display current-configuration": configuration,
    "display saved-configuration": configuration,
}
