"""What a ZTE ZXROS device answers on its interfaces, their addresses and VPN instances."""

from lab.devices import facts
from lab.devices.facts import table
from lab.scenario.model import Device, Interface


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
            *(one.name, "optical", f"Duplex/{one.duplex}", one.speed, _up(one.admin_up), _up(one.up and one.admin_up)),
            *(_up(facts.live(one)), one.description if len(one.description) < 48 else one.description[:45] + "..."),
        )
        for one in device.interfaces
        if facts.cabled(one)
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
    return facts.each(device, argument, _block6)


def vrf(device: Device, _: str) -> str:
    """Write `show ip vrf`."""
    head = ("Name", "Default RD", "Interfaces")
    rows = []
    for number, name in enumerate(facts.vrfs(device), 1):
        bound = [one.name for one in device.interfaces if one.vrf == name]
        rows += [(name, f"65000:{number}", bound[0]), *(("", "", other) for other in bound[1:])]
    return table((33, 23, 0), [head, *rows])
