"""The ways out of a unit: where the default routes, the translation and the public addresses of its devices lead."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import ip_address, ip_network

from controls.places import NOWHERE, Found, Numbered, number_of
from controls.topology.devices import DEFAULTS, Box
from controls.topology.ends import Proof
from controls.topology.filed import Row
from controls.topology.ground import EXTRANET, INTERNET, Ground, is_public, is_public_network
from controls.topology.links import SMALL, Near
from controls.topology.observing import Told
from controls.topology.ports import is_for_management, kind_of
from controls.topology.segments import Port, agree
from xunyan.device_facts import DeviceRoute, NatRule, PolicyRoute
from xunyan.link_facts import UnitEgress

OUT = frozenset({"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "::/1", "8000::/1", "2000::/3"})
"""Destinations that mean everything: a default route, or one that was cut in two."""
_PIECES = {4: 7, 6: 12}
"""Up to this length a prefix is a piece of a default route that was cut in more than two."""
_SHORT = frozenset(map(str, range(max(_PIECES.values()) + 1)))
_SIX = ip_network("2000::/3")
_MULTICAST = ip_network("224.0.0.0/3")
_OF_EXTRANET = ("core", "extranet")
_INSIDE = ("government-cloud", "shared-platform", "machine-room", "rented-room")


@dataclass(frozen=True, slots=True)
class Way:
    """Where something leads: as in UnitEgress, with what says so."""

    leads: str
    where: str = ""
    row: Row | None = None
    proof: Proof = ()


@dataclass(slots=True)
class Surroundings:
    """All links and filed rows, by interface."""

    ground: Ground
    links: Mapping[Port, Told]
    rows: Sequence[Row]
    _by_port: dict[Port, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            if row.near is not None:
                self._by_port.setdefault(row.near.port, []).append(row)

    def filed(self, box: Box, interface: str) -> Row | None:
        """Give the row that files what leaves by an interface: its own, its link's, or its port's."""
        told = self.links.get((box.id, interface))
        own = self._by_port.get((box.id, interface), [])
        ports = [row for port in box.carriers(interface) for row in self._by_port.get((box.id, port), [])]
        return next(iter((*own, *(told.rows if told is not None else ()), *ports)), None)


def is_out(destination: str) -> bool:
    """Tell whether a route is a default route, or a piece of one that was cut up."""
    length = destination.rpartition("/")[2]
    return destination in OUT or (length in _SHORT and _is_piece(destination))


@lru_cache(maxsize=1 << 10)
def _is_piece(destination: str) -> bool:
    try:
        read = ip_network(destination)
    except ValueError:
        return False
    if read.prefixlen > _PIECES[read.version]:
        return False
    return read.overlaps(_SIX) if read.version == _SIX.version else not read.overlaps(_MULTICAST)


def egress(box: Box, around: Surroundings) -> Iterator[tuple[UnitEgress, Proof]]:
    """List the ways out at one device: default routes, policies, address translation, public addresses."""
    out: dict[str, Way] = {}
    translated = {rule.interface for rule in _translations(box)}
    for route, interface in _defaults(box):
        way = _of_hop(box, interface, route, around)
        if route.next_hop and _is_doubtful(
            box, interface, way, around, is_translated=bool({interface, ""} & translated)
        ):
            way = replace(way, leads="unknown")
        out.setdefault(interface, way)
        fact = _egress(box, interface, "default-route", route.family, route.next_hop, route.vrf, way)
        yield fact, (*box.cite("device-routes", route), *way.proof)
    for route, interface in _to_public(box, around.ground):
        way = _of_hop(box, interface, route, around)
        if way.leads in (INTERNET, "outside"):
            told = replace(way, where=route.destination)
            fact = _egress(box, interface, "public-route", route.family, route.next_hop, route.vrf, told)
            yield fact, (*box.cite("device-routes", route), *way.proof)
    yield from _policies(box, around)
    for rule in _translations(box):
        way = out.get(rule.interface) or _of_interface(box, rule.interface, 4, around)
        way = way if rule.interface else Way("unknown")
        fact = _egress(box, rule.interface, "nat", 4, "", box.vrf(rule.interface), way)
        yield fact, (*box.cite("nat", rule), *way.proof)
    for interface, held in box.held.items():
        for one in held:
            place = around.ground.at(box.network, one.text)
            foreign = place.kind == "unknown" and around.ground.is_planned(box.network, (one.version,))
            if one.fact.scope == "global" and (place.kind == INTERNET or foreign) and is_public(one.text):
                way = Way(INTERNET, place.range, around.filed(box, interface), place.rows)
                fact = _egress(box, interface, "public-address", one.version, one.text, box.vrf(interface), way)
                yield fact, (*box.cite("interface-addresses", one.fact), *way.proof)


def _policies(box: Box, around: Surroundings) -> Iterator[tuple[UnitEgress, Proof]]:
    """Where policies send traffic that the table of routes says nothing of; each next hop once.

    A policy that names no VRF works in that of the interfaces where it is applied, which is not read.
    """
    for one in dict.fromkeys(box.rows("policy-routes", PolicyRoute)):
        hop = number_of(one.next_hop) if one.next_hop else None
        vrfs = {one.vrf} if one.vrf or hop is None else box.vrfs_on(*hop) or {""}
        vrf = min(vrfs)
        interface = (box.towards(vrf, *hop) if hop is not None else "") or one.interface
        if kind_of(interface) == "none":
            continue
        route = DeviceRoute(one.family, DEFAULTS[one.family], one.next_hop, interface, "policy", vrf)
        way = _of_hop(box, interface, route, around) if one.next_hop or interface else Way("unknown")
        if len(vrfs) > 1 or _is_doubtful(box, interface, way, around, is_translated=False):
            way = replace(way, leads="unknown")
        fact = _egress(box, interface, "policy-route", one.family, one.next_hop, vrf, way)
        yield fact, (*box.cite("policy-routes", one), *way.proof)


def _is_doubtful(box: Box, interface: str, way: Way, around: Surroundings, *, is_translated: bool) -> bool:
    """Tell whether where a next hop that was not read leads is in doubt, in spite of its range.

    Beside the extranet's ranges it may be the unit's own firewall, where nothing else leads to the extranet and nothing is
    translated. Within them it may be a home router on a LAN of users, where another interface does lead to the extranet.
    """
    if way.leads == "outside":
        return not is_translated and not _has_uplink(box, interface, around)
    lan = [one for one in box.wide(interface, 4) if one.subnet is not None and one.subnet.length < SMALL[4]]
    silent = not box.peers_on.get(interface)
    return way.leads == EXTRANET and bool(lan) and silent and _has_uplink(box, interface, around)


def _has_uplink(box: Box, interface: str, around: Surroundings) -> bool:
    """Tell whether a device has a link to the extranet beside an interface: numbered as one, or to another unit's device."""
    unit = box.subject.asset.unit
    for name in box.routed:
        told = around.links.get((box.id, name))
        if name == interface:
            continue
        if told is not None and any(near.box.subject.asset.unit != unit for near in told.link.near):
            return True
        for one in box.wide(name, 4):
            small = told is not None or (one.subnet is not None and one.subnet.length >= SMALL[4])
            if small and around.ground.at(box.network, one.text).kind == EXTRANET:
                return True
    return False


def _translations(box: Box) -> list[NatRule]:
    """The translations outwards; one to a pool stands for itself only where no interface shows at which it is done."""
    rules = [one for one in box.rows("nat", NatRule) if one.kind != "inside"]
    return [one for one in rules if one.interface] or rules


def _egress(box: Box, interface: str, sign: str, family: int, address: str, vrf: str, way: Way) -> UnitEgress:
    row = way.row
    return UnitEgress(
        box.label, interface, sign, family, address, vrf, way.leads, way.where,
        row.subject.asset.name if row is not None else "", row.kind if row is not None else "",
        row.column("approval") if row is not None else "",
    )  # fmt: skip


def _defaults(box: Box) -> Iterator[tuple[DeviceRoute, str]]:
    """Each default route once, with the interface that it leaves by; those of the management alone are left out.

    One that is not in use counts as well: it is there for when the other is down.
    """
    for route, interface in _apart(box, lambda route: is_out(route.destination)):
        if _leaves(route, interface) and (is_public(route.next_hop) or not _is_aside(box, route.vrf, interface)):
            yield route, interface


def _to_public(box: Box, ground: Ground) -> Iterator[tuple[DeviceRoute, str]]:
    """A route by each next hop to networks that are the Internet's by number and nobody filed as others': one for all."""
    for route, interface in _apart(box, lambda route: _is_open(box, route, ground)):
        if _leaves(route, interface) and not _is_aside(box, route.vrf, interface):
            yield route, interface


def _leaves(route: DeviceRoute, interface: str) -> bool:
    """Tell whether a route leads out of a device: by an interface, or to a next hop, even where it shows no real interface.

    A route to the device itself (an aggregate, the addresses of a translation) leads nowhere.
    """
    if kind_of(interface) != "none":
        return True
    return bool(route.next_hop) and not ip_address(route.next_hop).is_loopback


def _is_open(box: Box, route: DeviceRoute, ground: Ground) -> bool:
    if not route.active or route.protocol in ("direct", "local") or is_out(route.destination):
        return False
    if not is_public_network(route.destination):
        return False
    return ground.at(box.network, route.destination.partition("/")[0]).kind in ("unknown", INTERNET)


def _apart(box: Box, fits: Callable[[DeviceRoute], bool]) -> Iterator[tuple[DeviceRoute, str]]:
    """Of the routes that fit one for each next hop and interface, with the interface that it leaves by."""
    seen: set[tuple[str, int, str, str]] = set()
    for route in box.rows("device-routes", DeviceRoute):
        key = (route.vrf, route.family, route.next_hop, route.interface)
        if key in seen or not fits(route):
            continue
        seen.add(key)
        hop = number_of(route.next_hop) if route.next_hop else None
        interface = (box.towards(route.vrf, *hop) if hop is not None else "") or route.interface
        known = (*key[:3], interface)
        if (known == key or known not in seen) and (interface or hop is not None):
            seen.add(known)
            yield route, interface


def _is_aside(box: Box, vrf: str, interface: str) -> bool:
    """Tell whether a route is for the management alone: by its port, or by a VRF of that name that joins no two networks."""
    if kind_of(interface) == "management":
        return True
    ports = [one for one in box.held if box.vrf(one) == vrf and kind_of(one) not in ("none", "management")]
    return is_for_management(vrf) and len(ports) < _JOINED


_JOINED = 2


def _of_hop(box: Box, interface: str, route: DeviceRoute, around: Surroundings) -> Way:
    hop = number_of(route.next_hop) if route.next_hop else None
    holder, sure = _holder(box, interface, hop, around)
    if holder is not None and holder is not box:
        unit = holder.subject.asset.unit
        if unit == box.subject.asset.unit:
            return Way("inner", holder.label)
        place = _place(box, interface, route.family, around.ground, "" if _is_local(route.next_hop) else route.next_hop)
        sure = sure or place.kind not in ("unknown", INTERNET)
        return Way("unit" if sure else "unknown", f"{unit} {holder.label}", None, place.rows)
    return _of_interface(box, interface, route.family, around, route.next_hop)


def _holder(box: Box, interface: str, hop: Numbered | None, around: Surroundings) -> tuple[Box | None, bool]:
    """Give the device at a next hop, and whether it is surely the one: home routers everywhere hold the same addresses.

    It is the one on the same link that holds the address; for a next hop on no subnet of this device the only one anywhere.
    """
    told = around.links.get((box.id, interface))
    others = [near for near in told.link.near if near.box is not box] if told is not None else []
    if hop is None:
        return (others[0].box, True) if len({near.box.id for near in others}) == 1 else (None, False)
    for near in others:
        held = next((one for one in near.box.held.get(near.interface, ()) if (one.version, one.number) == hop), None)
        if held is not None:
            subnet = told.link.subnet if told is not None else None
            small = subnet is None or subnet.length >= SMALL[subnet.version]
            return near.box, small or _is_shown(box, interface, hop, near)
    holder = around.ground.holder(box.network, hop)
    if holder is None or not box.towards(box.vrf(interface), *hop):
        return holder, holder is not None
    alike = [Near(holder, one) for one, held in holder.held.items() if any((h.version, h.number) == hop for h in held)]
    if holder.subject.asset.unit == box.subject.asset.unit or any(_has_mac(box, interface, hop, one) for one in alike):
        return holder, True
    return None, False


def _is_shown(box: Box, interface: str, hop: Numbered, near: Near) -> bool:
    """Tell whether more than equal prefixes says that a device is at the other end: its MAC, LLDP, or that they speak."""
    speak = bool(box.peers_on.get(interface)) and bool(near.box.peers_on.get(near.interface))
    return speak or _has_mac(box, interface, hop, near) or agree(box, interface, near.box, near.interface)


def _has_mac(box: Box, interface: str, hop: Numbered, near: Near) -> bool:
    mac = box.macs_on(interface).get(hop, "")
    return bool(mac) and mac == near.box.macs.get(near.interface, "")


def _of_interface(box: Box, interface: str, version: int, around: Surroundings, hop: str = "") -> Way:
    """Say where an interface leads: by the row that files it, the range of the next hop, or that of its own addresses.

    A row that files a link of the extranet does not make one of what is seen to lead to the Internet, nor of a next hop that
    lies in none of the ranges of the extranet that are filed.
    """
    row = around.filed(box, interface)
    place = _place(box, interface, version, around.ground, hop)
    outward = place.kind == INTERNET or (place.kind == "unknown" and is_public(hop))
    if row is not None and row.kind and not (outward and row.kind in _OF_EXTRANET):
        ledger = row.subject.ledger
        strange = row.kind in _OF_EXTRANET and place.kind == "unknown" and _is_beside(box, hop, around.ground)
        leads = "unknown" if strange else "line"
        return Way(leads, row.subject.asset.name, row, (ledger.evidence,) if ledger is not None else ())
    if place.kind == EXTRANET or place.kind in _INSIDE:
        return Way(EXTRANET, place.range, None, place.rows)
    if outward:
        return Way(INTERNET, place.range or hop, None, place.rows)
    planned = around.ground.is_planned(box.network, (version,)) or bool(place.range)
    planned = planned or (around.ground.is_planned(box.network, (4,)) and bool(box.wide(interface, 4)))
    return Way("outside" if planned else "unknown", place.range or hop, None, place.rows)


def _is_beside(box: Box, hop: str, ground: Ground) -> bool:
    """Tell whether a next hop lies beside the extranet's ranges, of which there are some of its version."""
    known = number_of(hop) if hop else None
    return known is not None and not _is_local(hop) and ground.is_planned(box.network, (known[0],))


def _is_local(hop: str) -> bool:
    return hop.startswith("fe80:")


def _place(box: Box, interface: str, version: int, ground: Ground, hop: str) -> Found:
    """The next hop speaks, then the interface's addresses of the same version, then those of the other."""
    held = [*box.wide(interface, version), *box.wide(interface, 10 - version)]
    for address in (hop, *(one.text for one in held)):
        place = ground.at(box.network, address)
        if place.kind != "unknown":
            return place
        if _is_beside(box, address, ground):
            return place
    return NOWHERE
