"""What a Cisco IOS device answers, from the scenario."""

from collections.abc import Mapping

from lab.devices import facts
from lab.devices.cisco_configuration import configuration
from lab.devices.facts import Answer, shortened, table
from lab.scenario.model import Device, Interface

SHORT = (
    ("TenGigabitEthernet", "Te"),
    ("GigabitEthernet", "Gi"),
    ("FastEthernet", "Fa"),
    ("Ethernet", "Et"),
    ("Port-channel", "Po"),
    ("Loopback", "Lo"),
    ("Vlan", "Vl"),
    ("Tunnel", "Tu"),
)


def short(name: str) -> str:
    """Write an interface's name as IOS does in narrow tables."""
    return shortened(name, SHORT)


def version(device: Device, _: str) -> str:
    """Write `show version`."""
    release = device.version or "15.2(7)E4"
    model = device.model or "WS-C2960X-24TS-L"
    return (
        f"Cisco IOS Software, {model} Software (LAB-UNIVERSALK9-M), Version {release}, RELEASE SOFTWARE (fc1)\n"
        "Copyright (c) 1986-2021 by Cisco Systems, Inc.\n\nROM: Bootstrap program is lab boot loader\n\n"
        f"{device.name} uptime is 12 weeks, 3 days, 4 hours, 5 minutes\nSystem returned to ROM by power-on\n"
        f'System image file is "flash:/lab-universalk9-mz.{release}.bin"\n\n'
        f"cisco {model} (APM86XXX) processor (revision A0) with 524288K bytes of memory.\n"
        f"Processor board ID {device.serial}\n\nModel number                    : {model}\n"
        f"System serial number            : {device.serial}\n\nConfiguration register is 0xF\n"
    )


def clock(_: Device, __: str) -> str:
    """Write `show clock`."""
    moment = facts.now()
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03} BJ {moment:%a %b} {moment.day} {moment.year}\n"


def ntp(device: Device, _: str) -> str:
    """Write `show ntp status`."""
    if not device.ntp:
        return "Clock is unsynchronized, stratum 16, no reference clock\n"
    return (
        f"Clock is synchronized, stratum 3, reference is {device.ntp[0]}\n"
        "nominal freq is 119.2092 Hz, actual freq is 119.2090 Hz, precision is 2**17\n"
        f"reference time is {facts.now():%H:%M:%S.000 BJ %a %b %d %Y}\nclock offset is 0.4200 msec, root delay is 1.10 msec\n"
    )


def ntp_associations(device: Device, _: str) -> str:
    """Write `show ntp associations`."""
    head = ("  address", "ref clock", "st", "when", "poll", "reach", "delay", "offset", "disp")
    rows = [
        (f"{' ~' if number else '*~'}{server}", "192.0.2.123", "2", "33", "64", "377", "1.1", "0.42", "2.0")
        for number, server in enumerate(device.ntp)
    ]
    return (
        table((18, 16, 4, 7, 7, 7, 7, 8, 0), [head, *rows])
        + " * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured\n"
    )


def inventory(device: Device, _: str) -> str:
    """Write `show inventory`."""
    return f'NAME: "1", DESCR: "{device.model}"\nPID: {device.model:<18}, VID: V02  , SN: {device.serial}\n'


def _status(one: Interface) -> str:
    return ("up" if one.up else "down") if one.admin_up else "administratively down"


def _line(one: Interface) -> str:
    return "up" if facts.live(one) else "down"


def _block(device: Device, one: Interface) -> str:
    hardware = facts.grouped(facts.mac(device, one), ".")
    lines = [
        f"{one.name} is {_status(one)}, line protocol is {_line(one)}",
        f"  Hardware is Gigabit Ethernet, address is {hardware} (bia {hardware})",
    ]
    if one.description:
        lines.append(f"  Description: {one.description}")
    lines += [f"  Internet address is {own}" for own in one.v4[:1]]
    kbit = int(digits) * 1000 if (digits := one.speed.rstrip("M")).isdigit() else 1000000
    lines += [f"  MTU 1500 bytes, BW {kbit} Kbit/sec, DLY 10 usec,", "  Encapsulation ARPA, loopback not set"]
    lines.append("     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored")
    return "\n".join(lines) + "\n"


def interfaces(device: Device, argument: str) -> str | None:
    """Write `show interfaces`."""
    text = facts.each(device, argument, _block)
    return None if text is None else text.replace("\n\n", "\n")


def interfaces_status(device: Device, _: str) -> str:
    """Write `show interfaces status`."""
    head = ("Port", "Name", "Status", "Vlan", "Duplex", "Speed", "Type")
    rows = [
        (
            *(
                short(one.name),
                one.description[:18],
                "connected" if facts.live(one) else "notconnect" if one.admin_up else "disabled",
            ),
            *("routed" if facts.routed(one) else one.vlan, "a-full", "a-" + one.speed.rstrip("M"), "10/100/1000BaseTX"),
        )
        for one in device.interfaces
        if not facts.virtual(one)
    ]
    return "\n" + table((10, 19, 13, 11, 7, 7, 0), [head, *rows])


def ip_interface_brief(device: Device, _: str) -> str:
    """Write `show ip interface brief`."""
    head = ("Interface", "IP-Address", "OK?", "Method", "Status", "Protocol")
    rows = [
        (
            one.name,
            (one.v4 or ["unassigned"])[0].partition("/")[0],
            "YES",
            "NVRAM" if one.v4 else "unset",
            _status(one),
            _line(one),
        )
        for one in device.interfaces
    ]
    return table((23, 16, 4, 7, 22, 0), [head, *rows])


def ipv6_interface_brief(device: Device, _: str) -> str:
    """Write `show ipv6 interface brief`: all interfaces, `unassigned` where IPv6 is off."""
    text = ""
    for one in device.interfaces:
        text += f"{one.name:<23}[{_status(one)}/{_line(one)}]\n"
        if facts.has_v6(one):
            own = [facts.link_local(device, one), *(address.ip for address in facts.v6(one))]
            text += "".join(f"    {str(address).upper()}\n" for address in own)
        else:
            text += "    unassigned\n"
    return text


def _block6(device: Device, one: Interface) -> str:
    if not facts.has_v6(one):
        return ""
    tail = "" if facts.live(one) else " [TEN]"
    lines = [
        f"{one.name} is {_status(one)}, line protocol is {_line(one)}",
        f"  IPv6 is enabled, link-local address is {str(facts.link_local(device, one)).upper()}{tail}",
        "  No Virtual link-local address(es):",
    ]
    own = facts.v6(one)
    lines.append("  Global unicast address(es):" if own else "  No global unicast address is configured")
    lines += [f"    {str(one6.ip).upper()}, subnet is {str(one6.network).upper()}{tail}" for one6 in own]
    lines += [
        *("  Joined group address(es):", "    FF02::1", "    FF02::2", "  MTU is 1500 bytes"),
        *("  ND DAD is enabled, number of DAD attempts: 1", "  ND reachable time is 30000 milliseconds (using 30000)"),
    ]
    return "\n".join(lines) + "\n"


def ipv6_interface(device: Device, argument: str) -> str | None:
    """Write `show ipv6 interface`."""
    text = facts.each(device, argument, _block6)
    return None if text is None else "".join(line for line in text.splitlines(keepends=True) if line.strip())


def vrf(device: Device, _: str) -> str:
    """Write `show vrf`."""
    head = ("  Name", "Default RD", "Protocols", "Interfaces")
    rows = []
    for number, name in enumerate(facts.vrfs(device), 1):
        bound = [short(one.name) for one in device.interfaces if one.vrf == name]
        rows += [(f"  {name}", f"65000:{number}", "ipv4,ipv6", bound[0]), *(("", "", "", other) for other in bound[1:])]
    return table((35, 22, 12, 0), [head, *rows])


def vlan(device: Device, _: str) -> str:
    """Write `show vlan brief`."""
    head = [("VLAN", "Name", "Status", "Ports"), ("----", "-" * 32, "-" * 9, "-" * 31)]
    rows = []
    for number, ports in facts.vlans(device).items():
        names = [short(one.name) for one in ports]
        groups = [", ".join(names[at : at + 4]) for at in range(0, len(names), 4)] or [""]
        rows.append((str(number), "default" if number == 1 else f"VLAN{number:04}", "active", groups[0]))
        rows += [("", "", "", group) for group in groups[1:]]
    return "\n" + table((5, 33, 10, 0), [*head, *rows])


def lldp(device: Device, _: str) -> str:
    """Write `show lldp neighbors`."""
    found = facts.links(device)
    text = "Capability codes:\n    (R) Router, (B) Bridge, (T) Telephone, (C) DOCSIS Cable Device\n"
    text += "    (W) WLAN Access Point, (P) Repeater, (S) Station, (O) Other\n\n"
    rows = [(name[:20], short(one.name), "120", "B,R", short(port)) for one, name, port in found]
    text += table((20, 15, 11, 16, 0), [("Device ID", "Local Intf", "Hold-time", "Capability", "Port ID"), *rows])
    return text + f"\nTotal entries displayed: {len(found)}\n"


def lldp_detail(device: Device, _: str) -> str:
    """Write `show lldp neighbors detail`."""
    found = facts.links(device)
    text = ""
    for one, name, port in found:
        text += (
            f"{'-' * 48}\nLocal Intf: {short(one.name)}\nChassis id: {facts.grouped(facts.mac_of('chassis', name), '.')}\n"
            f"Port id: {short(port)}\nPort Description: {port}\nSystem Name: {name}\n\nSystem Description: \n{name}\n\n"
            "Time remaining: 102 seconds\nSystem Capabilities: B,R\nEnabled Capabilities: B,R\n"
            "Management Addresses - not advertised\n\n"
        )
    return text + f"\nTotal entries displayed: {len(found)}\n"


def arp(device: Device, _: str) -> str:
    """Write `show ip arp`."""
    head = ("Protocol", "Address", "Age (min)", "Hardware Addr", "Type", "Interface")
    rows = [
        (
            "Internet",
            row.address,
            "        -" if row.own else "       17",
            facts.grouped(row.mac, "."),
            "ARPA",
            row.interface.name,
        )
        for row in facts.neighbours(device, 4)
    ]
    return table((10, 17, 11, 16, 7, 0), [head, *rows])


def ipv6_neighbors(device: Device, _: str) -> str:
    """Write `show ipv6 neighbors`."""
    rows = [
        (row.address.upper(), "       0", facts.grouped(row.mac, "."), " REACH", short(row.interface.name))
        for row in facts.neighbours(device, 6)
        if not row.own
    ]
    return table((42, 9, 15, 7, 0), [("IPv6 Address", "     Age", "Link-layer Addr", "State", "Interface"), *rows])


def mac_address(device: Device, _: str) -> str:
    """Write `show mac address-table`."""
    text = "          Mac Address Table\n" + "-" * 43 + "\n\nVlan    Mac Address       Type        Ports\n"
    text += "----    -----------       --------    -----\n"
    found = facts.learned(device)
    rows = [(f"{number:>4}", facts.grouped(mac, "."), "DYNAMIC", short(one.name)) for mac, number, one in found]
    return text + table((8, 18, 12, 0), rows) + f"Total Mac Addresses for this criterion: {len(rows)}\n"


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
            else f"[1/0] via {row.next_hop}"
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
            else row.next_hop.upper()
        )
        text += f"{_CODES.get(row.kind, 'S'):<4}{row.prefix.upper()} [{0 if direct else 1}/0]\n     via {way}\n"
    return text


def _neighbours(device: Device, protocol: str) -> list[tuple[str, str, str, str]]:
    return [
        (
            peer.router_id or "192.0.2.255",
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
    found = facts.peers(device, protocol)
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
        f" {one.name} \n\n  Service-policy input: CAR-{one.car_kbps}\n\n    Class-map: class-default (match-any)\n"
        f"      police:\n          cir {one.car_kbps * 1000} bps, bc {one.car_kbps * 31} bytes\n\n"
        for one in chosen
        if one.car_kbps
    )


ANSWERS: Mapping[str, Answer] = {
    "show version": version,
    "show clock": clock,
    "show ntp status": ntp,
    "show ntp associations": ntp_associations,
    "show inventory": inventory,
    "show interfaces": interfaces,
    "show interfaces *": interfaces,
    "show interfaces status": interfaces_status,
    "show ip interface brief": ip_interface_brief,
    "show ipv6 interface": ipv6_interface,
    "show ipv6 interface *": ipv6_interface,
    "show ipv6 interface brief": ipv6_interface_brief,
    "show vrf": vrf,
    "show vlan brief": vlan,
    "show lldp neighbors": lldp,
    "show lldp neighbors detail": lldp_detail,
    "show arp": arp,
    "show ip arp": arp,
    "show ipv6 neighbors": ipv6_neighbors,
    "show mac address-table": mac_address,
    "show ip route": route,
    "show ip route vrf *": route,
    "show ipv6 route": ipv6_route,
    "show ipv6 route vrf *": ipv6_route,
    "show ip ospf neighbor": ospf,
    "show ospfv3 neighbor": ospfv3,
    "show ipv6 ospf neighbor": ospfv3,
    "show ip bgp summary": bgp,
    "show bgp ipv6 unicast summary": bgp6,
    "show isis neighbors": isis,
    "show ip nat statistics": nat,
    "show ip nat translations": nat_translations,
    "show ip access-lists": acl,
    "show access-lists": acl,
    "show ipv6 access-list": acl6,
    "show policy-map interface": traffic,
    "show policy-map interface *": traffic,
    "show running-config": configuration,
    "show startup-config": configuration,
}
