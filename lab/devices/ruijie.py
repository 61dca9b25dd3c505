"""What a Ruijie RGOS device answers, from the scenario."""

from collections.abc import Mapping

from lab.devices import cisco, facts
from lab.devices.facts import Answer, shortened, table
from lab.devices.ruijie_configuration import configuration
from lab.scenario.model import Device, Interface

SHORT = (
    ("TenGigabitEthernet ", "Te"),
    ("GigabitEthernet ", "Gi"),
    ("FastEthernet ", "Fa"),
    ("AggregatePort ", "Ag"),
    ("Loopback ", "Lo"),
    ("VLAN ", "VL"),
)


def short(name: str) -> str:
    """Write an interface's name as RGOS does in narrow tables: without the space."""
    return shortened(name, SHORT)


def _labelled(width: int, *pairs: tuple[str, object]) -> str:
    return "".join(f"{label:<{width}}: {value}\n" for label, value in pairs)


def version(device: Device, _: str) -> str:
    """Write `show version`."""
    model = device.model or "S5750C-28GT4XS-H"
    release = device.version or f"{model.split('-')[0]}_RGOS 11.4(1)B70P2"
    return _labelled(
        24,
        ("System description", f"Ruijie 10G Ethernet Switch ({model}) By Ruijie Networks"),
        ("System start time", "2026-02-13 22:30:54"),
        ("System uptime", "30:06:03:08"),
        ("System hardware version", "1.01"),
        ("System software version", release),
        ("System patch number", "NA"),
        ("System serial number", device.serial),
        ("System boot version", "1.2.26"),
    )


def clock(_: Device, __: str) -> str:
    """Write `show clock`."""
    return facts.now().strftime("%H:%M:%S BJ %a, %b %d, %Y\n")


def ntp(device: Device, _: str) -> str:
    """Write `show ntp status`."""
    if not device.ntp:
        return "Clock is unsynchronized, stratum 16, no reference clock\n"
    return (
        f"Clock is synchronized, stratum 3, reference is {device.ntp[0]}\n"
        "nominal freq is 250.0000 Hz, actual freq is 250.0000 Hz, precision is 2**18\n"
        f"reference time is E0AB1234.00000000 ({facts.now():%H:%M:%S.000 BJ %a, %b %d, %Y})\n"
        "clock offset is 0.42000 sec, root delay is 0.00110 sec\n"
    )


def manufacture(device: Device, _: str) -> str:
    """Write `show manuinfo`."""
    head = facts.mac(device, device.interfaces[0]) if device.interfaces else facts.mac_of(device.name)
    return "Device 1:\n" + _labelled(
        26,
        ("  Device name", device.model),
        ("  Serial number", device.serial),
        ("  MAC address", facts.grouped(head, ".")),
    )


def _status(one: Interface) -> str:
    return ("up" if one.up else "down") if one.admin_up else "administratively down"


def _line(one: Interface) -> str:
    return "up" if facts.live(one) else "down"


def _block(device: Device, one: Interface) -> str:
    rule = "=" * 26
    hardware = facts.grouped(facts.mac(device, one), ".")
    kbit = int(digits) * 1000 if (digits := one.speed.rstrip("M")).isdigit() else 1000000
    lines = [
        f"{rule} {one.name} {rule}",
        f"{one.name} is {_status(one).upper()}  , line protocol is {_line(one).upper()}",
        f"  Hardware is {one.name.split(' ')[0]}, address is {hardware} (bia {hardware})",
        *([f"  Description: {one.description}"] if one.description else []),
        f"  Interface address is: {one.v4[0]}" if one.v4 else "  Interface address is: no ip address",
        f"  MTU 1500 bytes, BW {kbit} Kbit",
        "  Encapsulation protocol is Ethernet-II, loopback not set",
    ]
    if not facts.routed(one):
        lines += [
            "  Switchport attributes:",
            f'    interface\'s description:"{one.description}"',
            f"    native vlan id is {one.vlan}",
        ]
    return "\n".join(lines) + "\n"


def interfaces(device: Device, argument: str) -> str | None:
    """Write `show interfaces`."""
    return facts.each(device, argument, _block)


def interfaces_status(device: Device, _: str) -> str:
    """Write `show interfaces status`."""
    head = ("Interface", "Status", "Vlan", "Duplex", "Speed", "Type")
    rows = [
        (
            one.name,
            "up" if facts.live(one) else "down" if one.admin_up else "disabled",
            "routed" if facts.routed(one) else one.vlan,
            "Full",
            one.speed,
            "copper",
        )
        for one in device.interfaces
        if not facts.virtual(one)
    ]
    return table((41, 10, 8, 8, 10, 0), [head, *rows])


def ip_interface_brief(device: Device, _: str) -> str:
    """Write `show ip interface brief`."""
    text = f"{'Interface':<41}{'IP-Address(Pri)':<21}{'IP-Address(Sec)':<21}{'Status':<23}Protocol \n"
    rows = []
    for one in device.interfaces:
        if facts.routed(one):
            first, second = [*one.v4, "no address", "no address"][:2]
            rows.append((one.name, first, second, _status(one), _line(one)))
    return text + table((41, 21, 21, 23, 0), rows)


def ipv6_interface_brief(device: Device, _: str) -> str:
    """Write `show ipv6 interface brief`: those with IPv6 alone."""
    text = ""
    for one in device.interfaces:
        if facts.has_v6(one):
            state = "down/down" if not one.up or not one.admin_up else "up/up"
            own = [facts.link_local(device, one), *(address.ip for address in facts.v6(one))]
            text += f"{one.name:<31}[{state}]\n" + "".join(f"        {str(address).upper()}\n" for address in own)
    return text


def _block6(device: Device, one: Interface) -> str:
    if not facts.has_v6(one):
        return ""
    up = facts.live(one)
    flag = "" if up else " [ TENTATIVE ]"
    index = device.interfaces.index(one) + 1
    own = [(facts.link_local(device, one), "FE80::/64"), *((one6.ip, str(one6.network)) for one6 in facts.v6(one))]
    lines = [
        f"interface {one.name} is {'Up' if up else 'Down'}, ifindex: {index}, vrf_id {facts.vrfs(device).index(one.vrf) + 1 if one.vrf else 0}",
        "  address(es):",
        f"    Mac Address: {facts.grouped(facts.mac(device, one), ':', 2)}",
        *(f"    INET6: {str(address).upper()}{flag} , subnet is {network.upper()}" for address, network in own),
        "    Joined group address(es):",
        *(("      FF02::1", "      FF02::2") if up else ()),
        *("  MTU is 1500 bytes", "  ICMP error messages limited to one every 100 milliseconds"),
        *("  ICMP redirects are enabled", "  ND DAD is enabled, number of DAD attempts: 1"),
        *("  ND reachable time is 30000 milliseconds", "  ND retransmit interval is 1000 milliseconds"),
    ]
    return "\n".join(lines) + "\n"


def ipv6_interface(device: Device, argument: str) -> str | None:
    """Write `show ipv6 interface`."""
    text = facts.each(device, argument, _block6)
    return None if text is None else text.lstrip("\n")


def vrf(device: Device, _: str) -> str:
    """Write `show vrf`."""
    head = ("Name", "Default RD", "Interfaces")
    rows = []
    for number, name in enumerate(facts.vrfs(device), 1):
        bound = [short(one.name) for one in device.interfaces if one.vrf == name]
        rows += [(name, f"65000:{number}", bound[0]), *(("", "", other) for other in bound[1:])]
    return table((33, 23, 0), [head, *rows])


def vlan(device: Device, _: str) -> str:
    """Write `show vlan`."""
    head = [("VLAN", "Name", "Status", "Ports"), ("-" * 10, "-" * 32, "-" * 9, "-" * 35)]
    rows = []
    for number, ports in facts.vlans(device).items():
        names = [short(one.name) for one in ports]
        groups = [", ".join(names[at : at + 4]) for at in range(0, len(names), 4)] or [""]
        rows.append((f"{number:>10}", f"VLAN{number:04}", "STATIC", groups[0]))
        rows += [("", "", "", group) for group in groups[1:]]
    return table((11, 33, 10, 0), [*head, *rows])


def lldp(device: Device, _: str) -> str:
    """Write `show lldp neighbors`."""
    found = facts.links(device)
    rows = [(name, short(one.name), short(port), "B, R", "1minutes 35seconds") for one, name, port in found]
    head = ("System Name", "Local Intf", "Port ID", "Capability", "Aging-time")
    return table((28, 20, 16, 13, 0), [head, *rows]) + f"Total entries displayed: {len(found)}\n"


def lldp_detail(device: Device, _: str) -> str:
    """Write `show lldp neighbors detail`."""
    text, rule = "", "-" * 78 + "\n"
    for one, name, port in facts.links(device):
        text += f"{rule}LLDP neighbor-information of port [{one.name}]\n{rule}" + _labelled(
            36,
            ("  Neighbor index", 1),
            ("  Device type", "LLDP Device"),
            ("  Chassis ID type", "MAC address"),
            ("  Chassis ID", facts.grouped(facts.mac_of("chassis", name), ".")),
            ("  System name", name),
            ("  System description", name),
            ("  System capabilities supported", "Bridge, Router"),
            ("  System capabilities enabled", "Bridge, Router"),
            ("  Port ID type", "Interface name"),
            ("  Port ID", port),
            ("  Port description", port),
            ("  Port VLAN ID", one.vlan or 1),
            ("  Maximum frame Size", 1500),
        )
    return text


def arp(device: Device, _: str) -> str:
    """Write `show arp`."""
    found = facts.neighbours(device, 4)
    rows = [
        ("Internet", row.address, "--" if row.own else "17", facts.grouped(row.mac, "."), "arpa", row.interface.name)
        for row in found
    ]
    head = ("Protocol", "Address", "Age(min)", "Hardware", "Type", "Interface")
    return f"Total Numbers of Arp: {len(found)}\n" + table((10, 17, 10, 16, 7, 0), [head, *rows])


def ipv6_neighbors(device: Device, _: str) -> str:
    """Write `show ipv6 neighbors`."""
    rows = [
        (row.address.upper(), facts.grouped(row.mac, "."), row.interface.name)
        for row in facts.neighbours(device, 6)
        if not row.own
    ]
    return table((42, 16, 0), [("IPv6 Address", "Linklayer Addr", "Interface"), *rows])


def mac_address(device: Device, _: str) -> str:
    """Write `show mac-address-table`."""
    head = [("Vlan", "MAC Address", "Type", "Interface"), ("-" * 10, "-" * 20, "-" * 8, "-" * 23)]
    rows = [
        (f"{number:>4}", facts.grouped(mac, "."), "DYNAMIC", one.name) for mac, number, one in facts.learned(device)
    ]
    return table((12, 22, 10, 0), [*head, *rows])


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
    return cisco.bgp(device, "")


def bgp6(device: Device, _: str) -> str:
    """Write `show bgp ipv6 unicast summary`."""
    return cisco.bgp6(device, "")


def ospf(device: Device, _: str) -> str:
    """Write `show ip ospf neighbor`."""
    found = facts.peers(device, "ospf")
    full = sum(state.startswith("Full") for _, state in found)
    head = ("Neighbor ID", "Pri", "State", "BFD State", "Dead Time", "Address", "Interface")
    rows = [
        (
            *(peer.router_id or "192.0.2.255", "1", state if "/" in state else state + "/-", "-", "00:00:34"),
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
            *(peer.router_id or "192.0.2.255", "1", state if "/" in state else state + "/-", "-", "00:00:34"),
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
        f"Interface: {one.name}\n  rate limit input Kbps = {one.car_kbps} burst = 4096\n"
        for one in chosen
        if one.car_kbps
    )


ANSWERS: Mapping[str, Answer] = {
    "show version": version,
    "show clock": clock,
    "show ntp status": ntp,
    "show manuinfo": manufacture,
    "show interfaces": interfaces,
    "show interfaces *": interfaces,
    "show interfaces status": interfaces_status,
    "show ip interface brief": ip_interface_brief,
    "show ipv6 interface": ipv6_interface,
    "show ipv6 interface *": ipv6_interface,
    "show ipv6 interface brief": ipv6_interface_brief,
    "show vrf": vrf,
    "show vlan": vlan,
    "show lldp neighbors": lldp,
    "show lldp neighbors detail": lldp_detail,
    "show arp": arp,
    "show ipv6 neighbors": ipv6_neighbors,
    "show mac-address-table": mac_address,
    "show ip route": route,
    "show ip route vrf *": route,
    "show ipv6 route": ipv6_route,
    "show ipv6 route vrf *": ipv6_route,
    "show ip ospf neighbor": ospf,
    "show ipv6 ospf neighbor": ospfv3,
    "show ip bgp summary": bgp,
    "show bgp ipv4 unicast summary": bgp,
    "show bgp ipv6 unicast summary": bgp6,
    "show isis neighbors": isis,
    "show ip nat statistics": cisco.nat,
    "show ip nat translations": cisco.nat_translations,
    "show access-lists": acl,
    "show ipv6 access-list": acl6,
    "show mls qos rate-limit": traffic,
    "show mls qos rate-limit interface *": traffic,
    "show running-config": configuration,
    "show startup-config": configuration,
}
