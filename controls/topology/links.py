"""Links: the subnets on which routers stand, and what says that a router stands there which was not read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from controls.places import Numbered, number_of, written
from controls.topology.devices import Box, Subnet
from controls.topology.ports import same
from controls.topology.segments import Member, Port, agree, segments
from xunyan.model import Evidence

SMALL = {4: 29, 6: 124}
"""Prefixes from this length on hold no hosts, so that two routers on one are a link, whether they speak to each other or not."""


_MANY = 2
_NAMESAKES = 64
"""Devices of one name that are held against what LLDP says; where more have it, it is the name from the factory."""


@dataclass(frozen=True, slots=True)
class Near:
    """An end that was read: a device and its interface."""

    box: Box
    interface: str

    @property
    def port(self) -> Port:
        """Device and interface."""
        return (self.box.id, self.interface)

    @property
    def shown(self) -> str:
        """How people call it."""
        return f"{self.box.label} {self.interface}"


@dataclass(slots=True)
class Far:
    """An end that was not read: by what the other end speaks to it, and what LLDP calls it."""

    known_by: str
    addresses: dict[Numbered, None] = field(default_factory=dict)
    proof: tuple[Evidence, ...] = ()
    name: str = ""
    interface: str = ""

    def shown_addresses(self, version: int) -> tuple[str, ...]:
        """Its addresses of one version."""
        return tuple(written(one) for one in self.addresses if one[0] == version)


@dataclass(slots=True)
class Link:
    """A link of one network. `subnet` None: it has none, and LLDP alone shows it from both ends."""

    network: str
    subnet: Subnet | None
    near: list[Near]
    far: list[Far] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """Its subnet as text, empty for none."""
        return f"{written((self.subnet.version, self.subnet.first))}/{self.subnet.length}" if self.subnet else ""


def find_links(boxes: Iterable[Box]) -> list[Link]:
    """Find every link, each once, in an order that is the same whatever the order of the devices."""
    every = sorted(boxes, key=lambda one: (one.network, one.label, one.id))
    links: list[Link] = []
    taken: dict[Port, Link] = {}
    for version in (4, 6):
        for (network, subnet), groups in segments(every, version).items():
            for group in groups:
                _add(network, subnet, group, links, taken)
    _by_lldp(every, links, taken)
    return [one for one in links if one.near]


def _add(network: str, subnet: Subnet, group: list[Member], links: list[Link], taken: dict[Port, Link]) -> None:
    """Make a link of a subnet, or put those that hold IPv6 alone to the link that the others are on."""
    routers = [one for one in group if one.box.is_router]
    known = {id(taken[one.port]): taken[one.port] for one in routers if one.port in taken}
    new = [one for one in routers if one.port not in taken]
    if not new:
        return
    found = _link(network, subnet, group, routers) if len(known) < _MANY else None
    if found is None:
        return
    if known:
        (link,) = known.values()
        link.near += [Near(one.box, one.held.interface) for one in new]
        link.far = []
    else:
        link = found
        links.append(link)
    for one in new:
        taken[one.port] = link


def _link(network: str, subnet: Subnet, group: list[Member], routers: list[Member]) -> Link | None:
    own = {one.held.number: one.box.id for one in group}
    far = _unread(routers, subnet, own)
    if len({one.box.id for one in routers}) > 1:
        if subnet.length < SMALL[subnet.version] and not far and not any(_speaks(one, own) for one in routers):
            return None
    elif not far:
        return None
    return Link(network, subnet, [Near(one.box, one.held.interface) for one in routers], far)


def _speaks(member: Member, own: Mapping[int, str]) -> bool:
    """Tell whether a router has a routing neighbour on the subnet, or a route by way of another that stands on it."""
    box, interface = member.box, member.held.interface
    if box.peers_on.get(interface):
        return True
    hops = box.next_hops.get(interface, {})
    return any(own.get(number, box.id) != box.id for version, number in hops if version == member.held.version)


def _unread(routers: list[Member], subnet: Subnet, own: Mapping[int, str]) -> list[Far]:
    """List the routers on a subnet that were not read: routing neighbours and next hops that nobody holds who was."""
    found: dict[Numbered, Far] = {}
    nameless: list[Far] = []
    alone = len({one.box.id for one in routers}) == 1
    for member in routers:
        box, interface = member.box, member.held.interface
        for sign, address, proof in _signs(box, interface):
            if address is None or _is_link_local(address):
                nameless.append(Far(sign, {}, proof))
            elif (
                address[0] == subnet.version
                and address[1] not in own
                and _within(subnet, address)
                and (alone or not _is_shared(box, interface, address))
            ):
                found.setdefault(address, Far(sign, {address: None}, proof))
    if not found and alone and nameless:
        found[subnet.version, -1] = nameless[0]
    far = list(found.values())
    if len(far) == 1 and len(routers) == 1:
        _complete(far[0], routers[0])
    return far


def _is_shared(box: Box, interface: str, address: Numbered) -> bool:
    """Tell whether routers that were read may share an address: its MAC is one of VRRP's, which stands for no machine."""
    mac = box.macs_on(interface).get(address, "")
    return mac.startswith(("00:00:5e:00:01:", "00:00:5e:00:02:"))


def _complete(far: Far, member: Member) -> None:
    """Add what else a link's only end says of its other end: addresses of the other version, and LLDP's name."""
    box, interface = member.box, member.held.interface
    for _, address, _ in _signs(box, interface):
        if address is not None and address[0] != member.held.version and not _is_link_local(address):
            far.addresses[address] = None
    told = [row for port in (interface, *box.carriers(interface)) for row in box.lldp.get(port, ())]
    if len({(row.system, row.port) for row in told}) == 1:
        far.name, far.interface = told[0].system, told[0].port
        far.proof = (*far.proof, *box.cite("lldp-neighbors", told[0]))


def _signs(box: Box, interface: str) -> Iterator[tuple[str, Numbered | None, tuple[Evidence, ...]]]:
    """Say what shows further routers on an interface: how it is known, the address where there is one, and the line."""
    for peer in box.peers_on.get(interface, ()):
        yield "routing-peer", number_of(peer.neighbor) if peer.neighbor else None, box.cite("routing-peers", peer)
    for address, routes in box.next_hops.get(interface, {}).items():
        yield "next-hop", address, box.cite("device-routes", routes[0])


def _is_link_local(address: Numbered) -> bool:
    return address[0] == 6 and address[1] >> 118 == 0xFE80 >> 6


def _within(subnet: Subnet, address: Numbered) -> bool:
    left = (32 if subnet.version == 4 else 128) - subnet.length
    return address[1] >> left == subnet.first >> left


def _by_lldp(boxes: list[Box], links: list[Link], taken: dict[Port, Link]) -> None:
    """Join what has no common subnet where both ends name each other: unnumbered links, and ends that disagree."""
    by_name: dict[str, list[Box]] = {}
    for box in boxes:
        for name in box.names:
            by_name.setdefault(name, []).append(box)
    for box in boxes:
        for interface in box.routed if box.is_router else ():
            link = taken.get((box.id, interface))
            if link is None or len(link.near) == 1:
                other = _named(box, interface, by_name)
                if other is not None:
                    _pair(Near(box, interface), other, links, taken)


def _named(box: Box, interface: str, by_name: Mapping[str, list[Box]]) -> Near | None:
    told = box.lldp.get(interface, ())
    if len(told) != 1:
        return None
    system, port = told[0].system, told[0].port
    alike = [by_name.get(name, ()) for name in (system, system.partition(".")[0])]
    if any(len(one) > _NAMESAKES for one in alike):
        return None
    known = {box.id: box for one in alike for box in one}
    fits = []
    for far in known.values():
        found = next((name for name in far.routed if same(port, name)), "")
        if found and far is not box and far.is_router and agree(box, interface, far, found):
            fits.append(Near(far, found))
    return fits[0] if len(fits) == 1 else None


def _pair(one: Near, other: Near, links: list[Link], taken: dict[Port, Link]) -> None:
    first, second = taken.get(one.port), taken.get(other.port)
    if second is not None and len(second.near) > 1:
        return
    proof_of_none: list[Near] = []
    link = first or second
    if link is None:
        link = Link(one.box.network, None, [one, other])
        links.append(link)
    else:
        if first is not None and second is not None and first is not second:
            second.near = proof_of_none
        link.near, link.far = [one, other], []
    taken[one.port] = taken[other.port] = link
