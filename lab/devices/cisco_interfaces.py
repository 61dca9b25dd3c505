"""What a Cisco IOS device answers on its interfaces, their addresses and VPN instances."""

from lab.devices import facts
from lab.devices.facts import shortened, table
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
    lines += [f"  MTU 1500 bytes, BW {facts.kbps(one)} Kbit/sec, DLY 10 usec,"]
    if facts.is_sub(one) and one.vlan:
        lines.append(f"  Encapsulation 802.1Q Virtual LAN, Vlan ID  {one.vlan}.")
    else:
        lines.append("  Encapsulation ARPA, loopback not set")
    if facts.cabled(one):
        lines.append(f"  {one.duplex.capitalize()}-duplex, {one.speed.rstrip('M')}Mb/s, media type is RJ45")
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
            *("routed" if facts.routed(one) else one.vlan, "a-full" if one.duplex == "full" else one.duplex),
            *("a-" + one.speed.rstrip("M"), "10/100/1000BaseTX"),
        )
        for one in device.interfaces
        if facts.cabled(one)
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
