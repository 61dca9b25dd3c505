"""What follows from a device of the scenario and all vendors show: addresses, routes, neighbours, VLANs, made-up MACs."""

import hashlib
import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias

from lab.scenario.model import Device, Interface, Peer, Route

Answer: TypeAlias = Callable[[Device, str], str | None]
"""Makes the text for a command from the device and the rest of the line; None when that rest means nothing to it."""

Address: TypeAlias = ipaddress.IPv4Interface | ipaddress.IPv6Interface
LOCAL_AS = 65000
BEIJING = timezone(timedelta(hours=8))
_VLAN_INTERFACE = re.compile(r"vlan(?:if|-interface)? ?(\d+)", re.IGNORECASE)
_VIRTUAL = re.compile(r"(?:vlan|loop|tunnel|null|bvi)", re.IGNORECASE)
_USUAL = {"bgp": "Established", "bgp4+": "Established", "isis": "Up"}


@dataclass(frozen=True, slots=True)
class Way:
    """A row of a routing table. `kind` is "direct", "local" (an address of the device's own) or the route's protocol."""

    prefix: str
    kind: str
    next_hop: str
    interface: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A row of an ARP or ND table; `own` is an address of the device itself."""

    address: str
    mac: str
    interface: Interface
    own: bool = False


def now() -> datetime:
    """The device's clock: right, and in Beijing."""
    return datetime.now(UTC).astimezone(BEIJING)


def mac_of(*parts: str) -> str:
    """Twelve hex digits made from names: the same each time, locally administered."""
    return "02" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]


def plain_mac(text: str) -> str:
    """A MAC as twelve hex digits, however it is written; empty where it is none."""
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    return digits if len(digits) == 12 else ""


def mac(device: Device, interface: Interface) -> str:
    """The interface's MAC as twelve hex digits: the scenario's, or one made from the names. A sub-interface has its port's."""
    port = parent(device, interface)
    return plain_mac(interface.mac) or plain_mac(port.mac) or mac_of(device.name, port.name)


def parent(device: Device, interface: Interface) -> Interface:
    """The port that a sub-interface is on; any other interface is its own."""
    return (_called(device, interface.name.partition(".")[0]) or interface) if is_sub(interface) else interface


def is_sub(interface: Interface) -> bool:
    """Whether it is a sub-interface."""
    return "." in interface.name


def grouped(digits: str, sign: str, size: int = 4) -> str:
    """Write a MAC in groups: 0200-1234-5678, 0200.1234.5678, 02:00:12:34:56:78."""
    return sign.join(digits[at : at + size] for at in range(0, 12, size))


def v4(interface: Interface) -> list[ipaddress.IPv4Interface]:
    """Its IPv4 addresses, the first the primary one."""
    return [ipaddress.IPv4Interface(text) for text in interface.v4]


def v6(interface: Interface) -> list[ipaddress.IPv6Interface]:
    """Its IPv6 addresses without link-local ones; none where IPv6 is off."""
    if not has_v6(interface):
        return []
    return [address for text in interface.v6 if not (address := ipaddress.IPv6Interface(text)).is_link_local]


def has_v6(interface: Interface) -> bool:
    """Whether IPv6 is enabled: as the scenario says, or by having an address."""
    return bool(interface.v6) if interface.ipv6 is None else interface.ipv6


def link_local(device: Device, interface: Interface) -> ipaddress.IPv6Address:
    """Its link-local address: the scenario's, or the one that its MAC gives."""
    for address in given_local(interface):
        return address
    digits = mac(device, interface)
    low = int(digits[:6] + "fffe" + digits[6:], 16) ^ (2 << 56)
    return ipaddress.IPv6Address((0xFE80 << 112) | low)


def given_local(interface: Interface) -> list[ipaddress.IPv6Address]:
    """The link-local address that was given to it; none where it follows from the MAC."""
    own = [ipaddress.IPv6Interface(text).ip for text in interface.v6] if has_v6(interface) else []
    return [address for address in own if address.is_link_local][:1]


def live(interface: Interface) -> bool:
    """Whether it is up and not shut down."""
    return interface.up and interface.admin_up


def vlan_number(interface: Interface) -> int:
    """The VLAN that a VLAN interface routes for; 0 for any other."""
    found = _VLAN_INTERFACE.match(interface.name)
    return int(found[1]) if found else 0


def virtual(interface: Interface) -> bool:
    """Whether no cable goes into it."""
    return bool(_VIRTUAL.match(interface.name))


def routed(interface: Interface) -> bool:
    """Whether it works on layer 3; the others are ports of a switch."""
    return bool(interface.v4 or has_v6(interface) or virtual(interface) or is_sub(interface) or not interface.vlan)


def cabled(interface: Interface) -> bool:
    """Whether it is a port with a cable, and not something that runs over one."""
    return not virtual(interface) and not is_sub(interface)


def kbps(interface: Interface) -> int:
    """Its speed in kbit/s; a gigabit where what is written is no number."""
    return int(digits) * 1000 if (digits := interface.speed.rstrip("M")).isdigit() else 1_000_000


def limits(interface: Interface) -> list[tuple[str, int]]:
    """Its limits of all that passes: (in or out, kbit/s)."""
    return [(way, rate) for way, rate in (("in", interface.car_kbps), ("out", interface.car_out_kbps)) if rate]


def vlans(device: Device) -> dict[int, list[Interface]]:
    """VLAN -> the access ports in it; a VLAN with an interface and no port is there too."""
    found: dict[int, list[Interface]] = {1: []}
    for interface in device.interfaces:
        number = vlan_number(interface) or (0 if routed(interface) else interface.vlan)
        if number:
            found.setdefault(number, [])
            if not virtual(interface):
                found[number].append(interface)
    return dict(sorted(found.items()))


def vrfs(device: Device) -> list[str]:
    """The VPN instances that interfaces are bound to, and those that have routes."""
    bound = [interface.vrf for interface in device.interfaces] + [route.vrf for route in device.routes]
    return sorted(set(filter(None, bound)))


def networks(interface: Interface, family: int) -> Sequence[Address]:
    """Its addresses of one family."""
    return v4(interface) if family == 4 else v6(interface)


def interface_towards(device: Device, address: str, vrf: str | None = None) -> Interface | None:
    """The interface that has this address in one of its networks, in a VPN instance where one is given."""
    wanted = ipaddress.ip_address(address)
    for interface in device.interfaces:
        if vrf in (None, interface.vrf) and any(wanted in own.network for own in networks(interface, wanted.version)):
            return interface
    return None


def _called(device: Device, name: str) -> Interface | None:
    return next((one for one in device.interfaces if one.name == name), None)


def ways(device: Device, family: int, vrf: str = "") -> list[Way]:
    """The routing table of one family in one VPN instance, in the order of prefixes."""
    rows: list[Way] = []
    for interface in device.interfaces:
        if interface.vrf == vrf and live(interface):
            for own in networks(interface, family):
                rows.append(Way(str(own.network), "direct", str(own.ip), interface.name))
                if own.network.prefixlen < own.max_prefixlen:
                    rows.append(Way(f"{own.ip}/{own.max_prefixlen}", "local", str(own.ip), interface.name))
    for route in device.routes:
        if ipaddress.ip_network(route.prefix, strict=False).version != family:
            continue
        towards = _towards(device, route)
        if route_vrf(device, route) == vrf and (towards is None or live(towards)):
            name = towards.name if towards else route.interface
            rows.append(Way(route.prefix, route.protocol, route.next_hop, name))
    return sorted(rows, key=_order)


def route_vrf(device: Device, route: Route) -> str:
    """The VPN instance that a route is in: what it says, or that of the interface it leads out of."""
    towards = _towards(device, route)
    return route.vrf or (towards.vrf if towards else "")


def _towards(device: Device, route: Route) -> Interface | None:
    hop = route.next_hop.partition("%")[0]
    return _called(device, route.interface) or interface_towards(device, hop, route.vrf or None)


def outwards(route: Route) -> str:
    """The interface that a configured route has to name, with a blank behind: one that a link-local next hop is on."""
    return f"{route.interface} " if route.interface and route.next_hop.lower().startswith("fe80") else ""


def statics(device: Device) -> list[Route]:
    """The routes that its configuration holds."""
    return [route for route in device.routes if route.protocol == "static"]


def _order(way: Way) -> tuple[int, int]:
    network = ipaddress.ip_network(way.prefix, strict=False)
    return int(network.network_address), network.prefixlen


def neighbours(device: Device, family: int) -> list[Neighbour]:
    """The device's own addresses, and those seen on its links: of devices at the other ends, next hops and routing peers."""
    rows: list[Neighbour] = []
    for interface in device.interfaces:
        if live(interface) and not interface.name.lower().startswith("loop"):
            rows += [
                Neighbour(str(own.ip), mac(device, interface), interface, own=True)
                for own in networks(interface, family)
            ]
    known = {row.address for row in rows}
    others = [(text.partition("%")[0], text.partition("%")[2], plain_mac(told)) for text, told in device.seen.items()]
    others += [(route.next_hop.partition("%")[0], route.interface, "") for route in device.routes]
    others += [(peer.address.partition("%")[0], peer.interface, "") for peer in device.peers]
    at: set[tuple[str, str]] = set()
    for text, name, told in others:
        address = ipaddress.ip_address(text)
        if address.version != family or str(address) in known:
            continue
        towards = (
            _called(device, name) if address.is_link_local else interface_towards(device, text) or _called(device, name)
        )
        if towards is not None and live(towards) and (str(address), towards.name) not in at:
            at.add((str(address), towards.name))
            rows.append(Neighbour(str(address), told or mac_of("beyond", str(address)), towards))
    return rows


def learned(device: Device) -> list[tuple[str, int, Interface]]:
    """The MAC table of the switch: one address behind each access port that is up, that of the other end where there is a line."""
    return [
        (_behind(device, port, number), number, port)
        for number, ports in vlans(device).items()
        for port in ports
        if live(port)
    ]


def _behind(device: Device, port: Interface, number: int) -> str:
    own = next((one for one in device.interfaces if vlan_number(one) == number), None)
    if port.neighbor is not None and own is not None:
        for row in neighbours(device, 4) + neighbours(device, 6):
            if row.interface is own and not row.own:
                return row.mac
    return mac_of("behind", device.name, port.name)


def router_id(device: Device) -> str:
    """The first address of a loopback, or the first address at all; where there is none, one made from the name."""
    ordered = sorted(device.interfaces, key=lambda one: not one.name.lower().startswith("loop"))
    made = ipaddress.IPv4Address(0xCB007100 + int(mac_of(device.name)[-2:], 16))  # 203.0.113.0/24
    return next((str(own.ip) for interface in ordered for own in v4(interface)), str(made))


def peers(device: Device, protocol: str, *, vrf: str | None = None) -> list[tuple[Peer, str]]:
    """The neighbours of a protocol with their states, in one VPN instance where one is given.

    A state left at "Full" is what the protocol calls so.
    """
    return [
        (peer, _USUAL.get(peer.protocol, peer.state) if peer.state == "Full" else peer.state)
        for peer in device.peers
        if peer.protocol == protocol and vrf in (None, peer.vrf)
    ]


def peer_interface(device: Device, peer: Peer) -> str:
    """The interface that a neighbour is on, by its name."""
    towards = interface_towards(device, peer.address.partition("%")[0], peer.vrf)
    return peer.interface or (towards.name if towards else "")


def peer_id(peer: Peer) -> str:
    """What a neighbour calls itself: its router id, or what stands for one that is not told."""
    return peer.router_id or "192.0.2.255"


def processes(device: Device, protocol: str) -> dict[str, int]:
    """The processes of a protocol: the VPN instance that each is of -> its number, counted from 1."""
    found = sorted({peer.vrf for peer in device.peers if peer.protocol == protocol})
    return {vrf: number for number, vrf in enumerate(found, 1)}


def links(device: Device) -> list[tuple[Interface, str, str]]:
    """What LLDP tells: the interface, the neighbour's name, its port."""
    return [(one, *one.neighbor) for one in device.interfaces if one.neighbor is not None and live(one)]


def is_acl6(device: Device, name: str) -> bool:
    """Whether an ACL is for IPv6: it is called "ipv6 ..." or an interface uses it so."""
    return name.startswith("ipv6 ") or any(one.acl6_in == name for one in device.interfaces)


def acls(device: Device, family: int) -> dict[str, list[str]]:
    """The ACLs of one family: name or number -> its rules."""
    return {
        name.removeprefix("ipv6 "): rules
        for name, rules in device.acls.items()
        if is_acl6(device, name) == (family == 6)
    }


def named(device: Device, argument: str) -> list[Interface]:
    """The interfaces that an argument means: written out, or with its letters cut short (g0/0/1)."""
    typed = re.fullmatch(r"([a-z-]*)(.*)", argument.lower().replace(" ", ""))
    found = []
    for interface in device.interfaces:
        own = interface.name.lower().replace(" ", "")
        if own == argument.lower().replace(" ", ""):
            return [interface]
        parts = re.fullmatch(r"([a-z-]*)(.*)", own)
        if typed and parts and typed[1] and parts[1].startswith(typed[1]) and parts[2] == typed[2]:
            found.append(interface)
    return found


def each(device: Device, argument: str, block: Callable[[Device, Interface], str]) -> str | None:
    """Show one block for each interface that the argument means, all without one."""
    chosen = named(device, argument) if argument else device.interfaces
    blocks = [block(device, interface) for interface in chosen]
    return "\n".join(text for text in blocks if text) if chosen or not argument else None


def table(widths: Sequence[int], rows: Iterable[Sequence[object]]) -> str:
    """Lay out rows in columns; what is wider than its column pushes the rest to the right."""
    lines = []
    for row in rows:
        line = ""
        for width, cell in zip(widths, row, strict=True):
            text = str(cell)
            line += text.ljust(width) if len(text) < width or not width else text + " "
        lines.append(line.rstrip())
    return "".join(line + "\n" for line in lines)


def labelled(width: int, *pairs: tuple[str, object]) -> str:
    """Write labels and values, one pair a line, with the colons below each other."""
    return "".join(f"{label:<{width}}: {value}\n" for label, value in pairs)


def shortened(name: str, forms: Sequence[tuple[str, str]]) -> str:
    """Write an interface's name in the vendor's short form."""
    for long, short in forms:
        if name.startswith(long):
            return short + name[len(long) :].lstrip()
    return name


def policies(device: Device) -> list[tuple[str, str]]:
    """The policies that its interfaces route by, by name, and the next hop of each."""
    found = {policy(one): one.policy_hop for one in device.interfaces if one.policy_hop}
    return list(found.items())


def policy(interface: Interface) -> str:
    """The name of the policy that an interface routes by."""
    return "PBR-" + interface.policy_hop.replace(".", "-").replace(":", "-")
