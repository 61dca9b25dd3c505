"""What the devices at the two ends of a line see of each other, and what is wrong with how a scenario joins them. Pure."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from lab.devices import facts
from lab.scenario.counting import LINK
from lab.scenario.model import Device, Interface, Scenario
from lab.scenario.problem import Problem
from xunyan.wording import Text

_ENDS = re.compile(r"(?:(\S+) .+ - (\S+) .+|(\S+) .+ - \?|\? - (\S+) .+)")


def facing(devices: Sequence[Device]) -> list[Device]:
    """Add to what each device has seen the addresses at the other ends of its lines, with the MACs that they have there.

    A line is where an interface names its `neighbor`. Over it see each other the two interfaces themselves, sub-interfaces
    of one tag, and the VLAN interfaces of access ports; link-local addresses where both have IPv6.
    """
    known = {one.name: one for one in devices}
    return [msgspec.structs.replace(one, seen={**_faced(one, known), **one.seen}) for one in devices]


def _faced(device: Device, known: Mapping[str, Device]) -> dict[str, str]:
    found: dict[str, str] = {}
    for port in device.interfaces:
        other = known.get(port.neighbor[0]) if port.neighbor is not None else None
        far = _called(other, port.neighbor[1]) if other is not None and port.neighbor is not None else None
        if other is None or far is None or not (facts.live(port) and facts.live(far)):
            continue
        there = dict(_layers(other, far))
        for tag, own in _layers(device, port):
            if tag in there and facts.live(own) and facts.live(there[tag]):
                found |= dict(_addresses(own, other, there[tag]))
    return found


def _layers(device: Device, port: Interface) -> Iterator[tuple[int, Interface]]:
    """Give what works on layer 3 over a port, each with its tag (0: none)."""
    if not facts.routed(port):
        yield from ((0, one) for one in device.interfaces if port.vlan and facts.vlan_number(one) == port.vlan)
        return
    yield 0, port
    yield from ((one.vlan, one) for one in device.interfaces if one is not port and facts.parent(device, one) is port)


def _addresses(own: Interface, other: Device, far: Interface) -> Iterator[tuple[str, str]]:
    mac = facts.grouped(facts.mac(other, far), ":", 2)
    for family in (4, 6):
        for address in facts.networks(far, family):
            if any(address.ip in one.network for one in facts.networks(own, family)):
                yield str(address.ip), mac
    if facts.has_v6(own) and facts.has_v6(far):
        yield f"{facts.link_local(other, far)}%{own.name}", mac


def _called(device: Device, name: str) -> Interface | None:
    return next((one for one in device.interfaces if one.name == name), None)


def joined(scenario: Scenario) -> Iterator[Problem]:
    """List neighbours that do not see each other, and filed lines and expected links that name no device of the scenario."""
    known = {one.name: one for one in scenario.devices}
    for device in scenario.devices:
        for text in _unreadable(device):
            yield Problem(f"devices ({device.name})", Text(f"不是地址：{text}", f"not an address: {text}"))
        for port in device.interfaces:
            if port.neighbor is not None and port.neighbor[0] in known:
                far = _called(known[port.neighbor[0]], port.neighbor[1])
                if far is None or (far.neighbor is not None and tuple(far.neighbor) != (device.name, port.name)):
                    yield Problem(
                        f"devices ({device.name})",
                        Text(
                            f"{port.name} 的 neighbor {' '.join(port.neighbor)} 不在那台设备上，或它的 neighbor 指着别处",
                            f"{port.name}: neighbor {' '.join(port.neighbor)} is not there, or its neighbor is another one",
                        ),
                    )
    for line in scenario.lines:
        place = f"lines ({line.name})"
        if line.unit and line.unit not in scenario.units:
            yield Problem(place, Text(f"units 里没有“{line.unit}”", f"units lacks {line.unit!r}"))
        for name, interface in ((line.device, line.interface), (line.far_device, line.far_interface)):
            if name and (name not in known or _called(known[name], interface) is None):
                yield Problem(
                    place,
                    Text(
                        f"没有设备“{name}”，或它没有接口“{interface}”",
                        f"there is no device {name!r} with an interface {interface!r}",
                    ),
                )


def _unreadable(device: Device) -> Iterator[str]:
    """Give what is no address where one belongs: of interfaces, routes, neighbours, and what was seen."""
    told: list[tuple[str, Callable[[str], object]]] = []
    for port in device.interfaces:
        told += [(text, ipaddress.IPv4Interface) for text in port.v4] + [
            (text, ipaddress.IPv6Interface) for text in port.v6
        ]
    for route in device.routes:
        told += [(route.prefix, _prefix), (route.next_hop.partition("%")[0], ipaddress.ip_address)]
    told += [(peer.address.partition("%")[0], ipaddress.ip_address) for peer in device.peers]
    told += [(text.partition("%")[0], ipaddress.ip_address) for text in device.seen]
    for text, read in told:
        try:
            read(text)
        except ValueError:
            yield text


def _prefix(text: str) -> object:
    return ipaddress.ip_network(text, strict=False)


def names_link(scenario: Scenario, asset: str) -> bool:
    """Whether the key of a link means one of the scenario: a filed line, or its ends are at devices (`?`: not known)."""
    name = asset.removeprefix(LINK)
    if name in {line.name for line in scenario.lines}:
        return True
    ends = _ENDS.fullmatch(name)
    devices = {one.name for one in scenario.devices}
    return ends is not None and set(filter(None, ends.groups())) <= devices
