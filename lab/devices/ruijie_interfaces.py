"""What a Ruijie RGOS device answers on its interfaces, their addresses and VPN instances."""

from lab.devices import facts
from lab.devices.facts import shortened, table
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


def _status(one: Interface) -> str:
    return ("up" if one.up else "down") if one.admin_up else "administratively down"


def _line(one: Interface) -> str:
    return "up" if facts.live(one) else "down"


def _block(device: Device, one: Interface) -> str:
    rule = "=" * 26
    hardware = facts.grouped(facts.mac(device, one), ".")
    lines = [
        f"{rule} {one.name} {rule}",
        f"{one.name} is {_status(one).upper()}  , line protocol is {_line(one).upper()}",
        f"  Hardware is {one.name.split(' ')[0]}, address is {hardware} (bia {hardware})",
        *([f"  Description: {one.description}"] if one.description else []),
        f"  Interface address is: {one.v4[0]}" if one.v4 else "  Interface address is: no ip address",
        f"  MTU 1500 bytes, BW {facts.kbps(one)} Kbit",
        "  Encapsulation protocol is "
        + (f"802.1Q Virtual LAN, Vlan ID {one.vlan}" if facts.is_sub(one) and one.vlan else "Ethernet-II")
        + ", loopback not set",
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
            one.duplex.capitalize(),
            one.speed,
            "copper",
        )
        for one in device.interfaces
        if facts.cabled(one)
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
    return facts.each(device, argument, _block6)


def vrf(device: Device, _: str) -> str:
    """Write `show vrf`."""
    head = ("Name", "Default RD", "Interfaces")
    rows = []
    for number, name in enumerate(facts.vrfs(device), 1):
        bound = [short(one.name) for one in device.interfaces if one.vrf == name]
        rows += [(name, f"65000:{number}", bound[0]), *(("", "", other) for other in bound[1:])]
    return table((33, 23, 0), [head, *rows])
