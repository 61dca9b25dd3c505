"""What a ZTE ZXROS device answers, from the scenario."""

from collections.abc import Mapping

from lab.devices import facts
from lab.devices.facts import Answer, table
from lab.devices.zte_configuration import configuration
from lab.scenario.model import Device, Interface


def _lines(*pairs: tuple[str, object]) -> str:
    return "".join(f"{label:<18}: {value}\n" for label, value in pairs)


def version(device: Device, _: str) -> str:
    """Write `show version`."""
    model = device.model or "M6000-8S"
    release = device.version or "V5.00.10"
    line = "ZXCTN" if model.startswith("6") else "ZXR10"
    return (
        f"{line} {model}\nZTE {line} Software, Version: {model} {release}, Release software\n"
        "Copyright (c) 2022 by ZTE Corporation\n"
        "System image file is <sysdisk0: verset/lab.set>, file size is 629,000,000 Bytes\n"
        "System image is loaded from local\nSystem uptime is 23 day(s), 10 hour(s), 59 minute(s)\n\n"
        "[MPU, shelf 1, slot 1]:\n"
    ) + _lines(
        ("Board Name", "MPU"),
        ("Description", f"{model} Main Board"),
        ("Board Serial", device.serial),
        ("System Memory", " 8,192 Mbytes"),
        ("System Flash", " 0 Mbytes"),
    )


def clock(_: Device, __: str) -> str:
    """Write `show clock`."""
    return facts.now().strftime("%H:%M:%S BJ %a %b %d %Y\n")


def ntp(device: Device, _: str) -> str:
    """Write `show ntp status`."""
    if not device.ntp:
        return "Clock is unsynchronized, stratum 16, no reference clock\n"
    return (
        f"Clock is synchronized, stratum 3, reference is {device.ntp[0]}\nnominal freq is 1000.0000 HZ, precision is 2**18\n"
        f"reference time is {facts.now():%H:%M:%S.000 BJ %a %b %d %Y}\nclock offset is 0.42 ms, root delay is 1.10 ms\n"
    )


def manufacture(device: Device, _: str) -> str:
    """Write `show device-info`: serial and maker."""
    return _lines(("Device Name", device.model), ("Serial Number", device.serial), ("Manufacturer", "ZTE"))


def _up(good: bool) -> str:  # noqa: FBT001
    return "up" if good else "down"


def _block(device: Device, one: Interface) -> str:
    up = facts.live(one)
    v6_up = facts.has_v6(one) and up
    lines = [
        f"{one.name} is {'administratively down' if not one.admin_up else _up(one.up)}, ifindex: {device.interfaces.index(one) + 1}",
        *([f"  Description: {one.description}"] if one.description else []),
        f"  Line protocol is {_up(up)}, IPv4 protocol is {_up(bool(one.v4) and up)}, IPv6 protocol is {_up(v6_up)},",
        " detected status is RX-OK/TX-OK",
        f"  Hardware is Gigabit Ethernet, address is {facts.grouped(facts.mac(device, one), '.')}",
        *(f"  Internet address is {own}" for own in one.v4),
        f"  BW {one.speed.rstrip('M')} Mbit/s",
        *("  IP MTU 1500 bytes", "  MTU 1600 bytes", "  ARP type ARP", "  ARP Timeout 04:00:00"),
    ]
    return "\n".join(lines) + "\n"


def interface(device: Device, argument: str) -> str | None:
    """Write `show interface`."""
    return facts.each(device, argument, _block)


def interface_brief(device: Device, _: str) -> str:
    """Write `show interface brief`."""
    head = ("Interface", "Attribute", "Mode", "BW", "Admin", "Phy", "Prot", "Description")
    rows = [
        (
            *(one.name, "optical", "Duplex/full", one.speed, _up(one.admin_up), _up(one.up and one.admin_up)),
            *(_up(facts.live(one)), one.description if len(one.description) < 48 else one.description[:45] + "..."),
        )
        for one in device.interfaces
        if not facts.virtual(one)
    ]
    return table((24, 11, 13, 6, 6, 6, 6, 0), [head, *rows])


def interface_description(device: Device, _: str) -> str:
    """Write `show interface description`."""
    head = ("Interface", "AdminStatus", "PhyStatus", "Protocol", "Description")
    rows = [
        (one.name, _up(one.admin_up), _up(one.up and one.admin_up), _up(facts.live(one)), one.description)
        for one in device.interfaces
    ]
    return table((32, 13, 11, 10, 0), [head, *rows])


def ip_interface_brief(device: Device, _: str) -> str:
    """Write `show ip interface brief`."""
    rows = []
    for one in device.interfaces:
        if facts.routed(one):
            first = next(iter(facts.v4(one)), None)
            address, mask = (first.ip, first.netmask) if first else ("unassigned", "unassigned")
            rows.append(
                (one.name, address, mask, _up(one.admin_up), _up(one.up and one.admin_up), _up(facts.live(one)))
            )
    return table((32, 16, 16, 6, 5, 0), [("Interface", "IP-Address", "Mask", "Admin", "Phy", "Prot"), *rows])


def ipv6_interface_brief(device: Device, _: str) -> str:
    """Write `show ipv6 interface brief`: all that route, `unassigned` where IPv6 is off."""
    text = ""
    for one in device.interfaces:
        if facts.routed(one):
            text += f"{one.name:<32}[{_up(one.up and one.admin_up)}/{_up(facts.live(one))}]\n"
            own = (
                [f"{facts.link_local(device, one)}/10", *(str(one6) for one6 in facts.v6(one))]
                if facts.has_v6(one)
                else ["unassigned"]
            )
            text += "".join(f"    {address}\n" for address in own)
    return text


def _block6(device: Device, one: Interface) -> str:
    if not facts.has_v6(one):
        return ""
    up = facts.live(one)
    lines = [
        f"Interface {one.name} is {_up(one.up and one.admin_up)}, line protocol is {_up(up)}",
        f"  IPv6 is enabled, Hardware is {facts.grouped(facts.mac(device, one), '.')}",
        f"  inet6 {facts.link_local(device, one)}/10" + ("" if up else " [TENTATIVE]"),
        *(f"  inet6 {one6}" + ("" if up else " [TENTATIVE]") for one6 in facts.v6(one)),
        *(
            "  IPv6 MTU 1500 bytes",
            "  ND DAD is enabled, number of DAD attempts: 3",
            "  ND reachable time is 30000 milliseconds",
        ),
    ]
    return "\n".join(lines) + "\n"


def ipv6_interface(device: Device, argument: str) -> str | None:
    """Write `show ipv6 interface`."""
    text = facts.each(device, argument, _block6)
    return None if text is None else text.lstrip("\n")


def vrf(device: Device, _: str) -> str:
    """Write `show ip vrf`."""
    head = ("Name", "Default RD", "Interfaces")
    rows = []
    for number, name in enumerate(facts.vrfs(device), 1):
        bound = [one.name for one in device.interfaces if one.vrf == name]
        rows += [(name, f"65000:{number}", bound[0]), *(("", "", other) for other in bound[1:])]
    return table((33, 23, 0), [head, *rows])


def vlan(device: Device, _: str) -> str:
    """Write `show vlan`."""
    head = [("VLAN", "Name", "PvidPorts", "UntagPorts", "TagPorts"), ("-" * 78, "", "", "", "")]
    rows = []
    for number, ports in facts.vlans(device).items():
        names = ",".join(one.name for one in ports)
        rows.append((str(number), f"vlan{number:04}", names, "", ""))
    return table((7, 20, 30, 12, 0), [*head, *rows])


def lldp(device: Device, _: str) -> str:
    """Write `show lldp neighbor brief`."""
    found = facts.links(device)
    text = f"Total neighbors: {len(found)}\nLocal Interface   Scope  Chassis ID      Port ID           Holdtime  System Name\n"
    rows = [
        (one.name, "NB", facts.grouped(facts.mac_of("chassis", name), "."), port, "100", name)
        for one, name, port in found
    ]
    return text + "-" * 89 + "\n" + table((17, 7, 16, 18, 10, 0), rows)


def lldp_full(device: Device, _: str) -> str:
    """Write `show lldp neighbor`."""
    found = facts.links(device)
    text = f"Total neighbors: {len(found)}\n"
    for one, name, port in found:
        text += (
            "-" * 60
            + "\n"
            + _lines(
                ("Local Interface", one.name),
                ("Chassis ID Type", "MAC address"),
                ("Chassis ID", facts.grouped(facts.mac_of("chassis", name), ".")),
                ("Port ID Type", "Interface name"),
                ("Port ID", port),
                ("Port Description", port),
                ("System Name", name),
                ("System Desc", name),
                ("Holdtime", "100"),
            )
        )
    return text


def arp(device: Device, _: str) -> str:
    """Write `show arp`; a long interface name goes on in the next line."""
    found = facts.neighbours(device, 4)
    text = f"Arp protect whole is disabled \nThe count is {len(found)}\n"
    text += "IP                       Hardware                    Exter  Inter  Sub\n"
    text += "Address         Age      Address        Interface    VlanID VlanID Interface\n" + "-" * 80 + "\n"
    for row in found:
        name = row.interface.name
        number = facts.vlan_number(row.interface) or row.interface.vlan or "N/A"
        cells = (
            row.address,
            "H" if row.own else "00:14:17",
            facts.grouped(row.mac, "."),
            name[:12],
            number,
            "N/A",
            "N/A",
        )
        text += table((16, 9, 15, 13, 7, 7, 0), [cells])
        text += " " * 40 + name[12:] + "\n" if name[12:] else ""
    return text


def ipv6_neighbors(device: Device, _: str) -> str:
    """Write `show ipv6 neighbor`."""
    rows = [
        (row.address, "00:05:12", facts.grouped(row.mac, "."), "REACH", row.interface.name)
        for row in facts.neighbours(device, 6)
        if not row.own
    ]
    return table((41, 11, 16, 8, 0), [("IPv6 Address", "Age", "Link-layer Addr", "State", "Interface"), *rows])


def mac_address(device: Device, _: str) -> str:
    """Write `show mac table`."""
    found = facts.learned(device)
    head = [("MAC", "VLAN", "Outgoing Information", "Attribute"), ("-" * 14, "-" * 6, "-" * 28, "-" * 10)]
    rows = [(facts.grouped(mac, "."), number, one.name, "Dynamic") for mac, number, one in found]
    return f"Total MAC address : {len(found)}\n\n" + table((16, 8, 30, 0), [*head, *rows])


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
            peer.router_id or "192.0.2.255",
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
        for peer, state in facts.peers(device, protocol)
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
        f"{one.name}\n  Input\n    localport: cir {one.car_kbps} kbps, cbs {one.car_kbps * 31} bytes\n"
        for one in chosen
        if one.car_kbps
    )


ANSWERS: Mapping[str, Answer] = {
    "show version": version,
    "show clock": clock,
    "show ntp status": ntp,
    "show device-info": manufacture,
    "show interface": interface,
    "show interface *": interface,
    "show interface brief": interface_brief,
    "show interface description": interface_description,
    "show ip interface brief": ip_interface_brief,
    "show ipv6 interface": ipv6_interface,
    "show ipv6 interface *": ipv6_interface,
    "show ipv6 interface brief": ipv6_interface_brief,
    "show ip vrf": vrf,
    "show vlan": vlan,
    "show lldp neighbor": lldp_full,
    "show lldp neighbor brief": lldp,
    "show arp": arp,
    "show ipv6 neighbor": ipv6_neighbors,
    "show mac table": mac_address,
    "show ip forwarding route": route,
    "show ip forwarding route vrf *": route,
    "show ipv6 forwarding route": ipv6_route,
    "show ipv6 forwarding route vrf *": ipv6_route,
    "show ip ospf neighbor": ospf,
    "show ipv6 ospf neighbor": ospfv3,
    "show ip bgp summary": bgp,
    "show bgp ipv6 unicast summary": bgp6,
    "show isis adjacency": isis,
    "show ip nat statistics": nat,
    "show ipv4-access-lists": acl,
    "show ipv6-access-lists": acl6,
    "show rate-limit": traffic,
    "show rate-limit interface *": traffic,
    "show running-config": configuration,
}
