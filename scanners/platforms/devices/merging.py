"""How what several answers say of one thing becomes one row: the earlier answer is believed, the later fills its gaps."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any

from xunyan.device_facts import (
    UNSHOWN,
    AccessList,
    Device,
    DeviceClock,
    DeviceFact,
    DeviceInterface,
    InterfaceAddress,
    IpNeighbor,
    LldpNeighbor,
    TimeSync,
    TrafficLimit,
    Vlan,
    Vrf,
)

_KEYS: dict[type[DeviceFact], Callable[[Any], object]] = {
    Device: lambda _: (),
    DeviceClock: lambda _: (),
    TimeSync: lambda _: (),
    DeviceInterface: lambda one: one.name,
    InterfaceAddress: lambda one: (one.interface, one.address),
    LldpNeighbor: lambda one: (one.interface, one.system),
    IpNeighbor: lambda one: (one.family, one.address, one.interface),
    AccessList: lambda one: (one.family, one.name),
    TrafficLimit: lambda one: (one.interface, one.direction, one.kbps),
    Vlan: lambda one: one.number,
    Vrf: lambda one: one.name,
}
"""What makes two rows speak of the same thing; where a kind is not here, only equal rows are one."""

_NOTHING: tuple[object, ...] = ("", UNSHOWN, (), 0)


def merged(kind: type[DeviceFact], facts: Sequence[DeviceFact]) -> tuple[DeviceFact, ...]:
    """Give each thing once, in the order in which it is first told of."""
    key = _KEYS.get(kind)
    if key is None:
        return tuple(dict.fromkeys(facts))
    found: dict[object, DeviceFact] = {}
    for fact in facts:
        at = key(fact)
        found[at] = _filled(found[at], fact) if at in found else fact
    return tuple(found.values())


def filled(rows: Iterable[DeviceFact]) -> DeviceFact:
    """Join rows of one thing, the first believed first. There is at least one."""
    first, *others = rows
    for other in others:
        first = _filled(first, other)
    return first


def _filled(fact: DeviceFact, other: DeviceFact) -> DeviceFact:
    if isinstance(fact, TimeSync | DeviceClock):
        return fact
    names, values = _SAID[type(fact)]
    said, more = values(fact), values(other)
    if said == more:
        return fact
    lacking = {
        name: new
        for name, own, new in zip(names, said, more, strict=True)
        if own != new and own in _NOTHING and new not in _NOTHING
    }
    return replace(fact, **lacking) if lacking else fact


def _said(kind: type[DeviceFact]) -> tuple[tuple[str, ...], Callable[[DeviceFact], tuple[Any, ...]]]:
    names = tuple(one.name for one in fields(kind) if one.compare)
    return names, attrgetter(*names)


_SAID = {kind: _said(kind) for kind in _KEYS}
"""Kind -> what its rows say, and what gives it of one."""
