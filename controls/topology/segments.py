"""Which interfaces of different devices stand on one subnet: equal prefixes of one network, and what tells them apart.

Units use the same prefixes again, in other networks, in other VRFs, and sometimes in the same one. So an equal prefix joins two
interfaces only in one VRF, or across VRFs where they are the only two; and never where an ARP table shows another machine at
the other's address. Who holds an address that another holds too is joined only to whom ARP, ND or LLDP shows.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from controls.topology.devices import Box, Held, Subnet
from controls.topology.ports import same

Port = tuple[str, str]
"""A device and an interface of it."""


@dataclass(frozen=True, slots=True)
class Member:
    """An interface on a subnet, with the address that it holds there."""

    box: Box
    held: Held

    @property
    def port(self) -> Port:
        """Device and interface."""
        return (self.box.id, self.held.interface)

    @property
    def vrf(self) -> str:
        """The VRF that it stands in on its own device."""
        return self.box.vrf(self.held.interface)


def agree(own: Box, interface: str, far: Box, port: str) -> bool:
    """Tell whether two interfaces name each other by LLDP: one end's word alone is a claim."""
    return _claims(own, interface, far, port) and _claims(far, port, own, interface)


def _claims(own: Box, interface: str, far: Box, port: str) -> bool:
    return any(
        any(name == row.system or row.system.startswith(f"{name}.") for name in far.names) and same(row.port, port)
        for row in own.lldp.get(interface, ())
    )


def segments(boxes: Iterable[Box], version: int) -> dict[tuple[str, Subnet], list[list[Member]]]:
    """Put interfaces together by network and prefix; several lists of one prefix are several subnets that only look alike."""
    buckets: dict[tuple[str, Subnet], list[Member]] = {}
    for box in boxes:
        for interface in box.routed:
            for held in box.wide(interface, version):
                if held.subnet is not None and held.subnet.length < (32 if version == 4 else 128):
                    buckets.setdefault((box.network, held.subnet), []).append(Member(box, held))
    return {
        where: [members] if len(members) == 1 else _parted(members)
        for where, members in sorted(buckets.items(), key=lambda one: one[0])
    }


class Unions:
    """Which members are one, joined step by step."""

    def __init__(self, size: int) -> None:
        self._root = list(range(size))

    def root(self, at: int) -> int:
        """Give who stands for the set of a member."""
        while self._root[at] != at:
            self._root[at] = self._root[self._root[at]]
            at = self._root[at]
        return at

    def join(self, one: int, other: int) -> None:
        """Make two sets one."""
        self._root[max(self.root(one), self.root(other))] = min(self.root(one), self.root(other))


def _parted(members: list[Member]) -> list[list[Member]]:
    by_number: dict[int, list[int]] = {}
    for at, member in enumerate(members):
        by_number.setdefault(member.held.number, []).append(at)
    joined = Unions(len(members))
    apart: set[frozenset[int]] = set()
    for at, member in enumerate(members):
        for other, known in _told(at, member, members, by_number):
            if known:
                joined.join(at, other)
            else:
                apart.add(frozenset((at, other)))
    _by_vrf(members, joined, apart)
    _across(members, joined, apart)
    found: dict[int, list[Member]] = {}
    for at, member in enumerate(members):
        found.setdefault(joined.root(at), []).append(member)
    return [sorted(one, key=_place) for one in sorted(found.values(), key=lambda one: min(map(_place, one)))]


def _place(member: Member) -> tuple[str, str, str]:
    return (member.box.label, member.held.interface, member.box.id)


def _told(
    at: int, member: Member, members: list[Member], by_number: Mapping[int, list[int]]
) -> Iterator[tuple[int, bool]]:
    """Say which others ARP, ND or LLDP shows at the other end (True), or shows not to be (False)."""
    box, interface = member.box, member.held.interface
    seen = box.macs_on(interface)
    version = member.held.version
    numbers = by_number if len(by_number) < len(seen) else [number for of, number in seen if of == version]
    for number in numbers:
        shown = seen.get((version, number), "")
        for other in by_number.get(number, ()) if shown else ():
            mac = members[other].box.macs.get(members[other].held.interface, "")
            if mac and other != at:
                yield other, shown == mac
    if box.lldp.get(interface) and len(members) <= _FEW:
        for other, far in enumerate(members):
            if far.box is not box and agree(box, interface, far.box, far.held.interface):
                yield other, True


_FEW = 64
"""Members of one subnet that are held against each other by LLDP; a larger one is a LAN."""


def _by_vrf(members: list[Member], joined: Unions, apart: set[frozenset[int]]) -> None:
    """Join those of one VRF, but for those whose address another of the same VRF holds as well."""
    first: dict[str, int] = {}
    holders: dict[tuple[int, str], set[str]] = {}
    for member in members:
        holders.setdefault((member.held.number, member.vrf), set()).add(member.box.id)
    for at, member in enumerate(members):
        if len(holders[member.held.number, member.vrf]) > 1:
            continue
        before = first.setdefault(member.vrf, at)
        if before != at and frozenset((before, at)) not in apart:
            joined.join(before, at)


def _across(members: list[Member], joined: Unions, apart: set[frozenset[int]]) -> None:
    """Join the only two of a prefix where one stands in a VRF and the other in none: that of a provider and its customer."""
    if len(members) != 2 or joined.root(0) == joined.root(1) or frozenset((0, 1)) in apart:
        return
    one, other = members
    if "" in (one.vrf, other.vrf) and one.vrf != other.vrf and one.held.number != other.held.number:
        joined.join(0, 1)
