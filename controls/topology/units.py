"""What a unit has of links: its own, filed or seen, and its ways out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from controls.model import Blindness
from controls.places import NOWHERE, Found, Numbered, number_of
from controls.topology.devices import Box
from controls.topology.ends import Proof, state_of
from controls.topology.filed import UNNAMED, Row
from controls.topology.ground import EXTRANET, INTERNET, Ground, is_public
from controls.topology.observing import Told
from controls.topology.ports import is_for_management, kind_of
from controls.topology.segments import Port
from xunyan.device_facts import DeviceRoute, NatRule, RouteTotal
from xunyan.link_facts import UnitEgress, UnitLink
from xunyan.model import GapReason

OUT = frozenset({"0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "::/1", "8000::/1", "2000::/3"})
"""Destinations that mean everything: a default route, or one that was cut in two."""
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


def egress(box: Box, around: Surroundings) -> Iterator[tuple[UnitEgress, Proof]]:
    """List the ways out at one device: default routes, address translation, public addresses."""
    out: dict[str, Way] = {}
    for route, interface in _defaults(box):
        way = _of_hop(box, interface, route, around)
        out.setdefault(interface, way)
        fact = _egress(box, interface, "default-route", route.family, route.next_hop, route.vrf, way)
        yield fact, (*box.cite("device-routes", route), *way.proof)
    for rule in box.rows("nat", NatRule):
        if rule.kind != "inside":
            way = out.get(rule.interface) or _of_interface(box, rule.interface, 4, around)
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


def _egress(box: Box, interface: str, sign: str, family: int, address: str, vrf: str, way: Way) -> UnitEgress:
    row = way.row
    return UnitEgress(
        box.label, interface, sign, family, address, vrf, way.leads, way.where,
        row.subject.asset.name if row is not None else "", row.kind if row is not None else "",
        row.column("approval") if row is not None else "",
    )  # fmt: skip


def _defaults(box: Box) -> Iterator[tuple[DeviceRoute, str]]:
    """Each default route once, with the interface that it leaves by; those of the management alone are left out."""
    seen: set[tuple[str, int, str, str]] = set()
    for route in box.rows("device-routes", DeviceRoute):
        if route.destination not in OUT or not route.active or is_for_management(route.vrf):
            continue
        hop = number_of(route.next_hop) if route.next_hop else None
        interface = (box.towards(route.vrf, *hop) if hop is not None else "") or route.interface
        key = (route.vrf, route.family, route.next_hop, interface)
        if key not in seen and kind_of(interface) not in ("none", "management") and (interface or hop is not None):
            seen.add(key)
            yield route, interface


def _of_hop(box: Box, interface: str, route: DeviceRoute, around: Surroundings) -> Way:
    hop = number_of(route.next_hop) if route.next_hop else None
    holder = _holder(box, interface, hop, around)
    if holder is not None and holder is not box:
        unit = holder.subject.asset.unit
        own = unit == box.subject.asset.unit
        return Way("inner" if own else "unit", holder.label if own else f"{unit} {holder.label}")
    return _of_interface(box, interface, route.family, around, route.next_hop)


def _holder(box: Box, interface: str, hop: Numbered | None, around: Surroundings) -> Box | None:
    """Give the device at a next hop: the one on the same link that holds the address, or the only one that holds it."""
    told = around.links.get((box.id, interface))
    others = {near.box.id: near for near in told.link.near if near.box is not box} if told is not None else {}
    if hop is not None:
        for near in others.values():
            if any((one.version, one.number) == hop for one in near.box.held.get(near.interface, ())):
                return near.box
    if hop is None:
        return next(iter(others.values())).box if len(others) == 1 else None
    return around.ground.holder(box.network, hop)


def _of_interface(box: Box, interface: str, version: int, around: Surroundings, hop: str = "") -> Way:
    """Say where an interface leads: by the row that files it, the range of the next hop, or that of its own addresses.

    A row that files a link of the extranet does not make one of what is seen to lead to the Internet.
    """
    row = around.filed(box, interface)
    place = _place(box, interface, version, around.ground, hop)
    outward = place.kind == INTERNET or (place.kind == "unknown" and is_public(hop))
    if row is not None and row.kind and not (outward and row.kind in _OF_EXTRANET):
        ledger = row.subject.ledger
        return Way("line", row.subject.asset.name, row, (ledger.evidence,) if ledger is not None else ())
    if place.kind == EXTRANET or place.kind in _INSIDE:
        return Way(EXTRANET, place.range, None, place.rows)
    if outward:
        return Way(INTERNET, place.range or hop, None, place.rows)
    planned = around.ground.is_planned(box.network, (version,)) or bool(place.range)
    planned = planned or (around.ground.is_planned(box.network, (4,)) and bool(box.wide(interface, 4)))
    return Way("outside" if planned else "unknown", place.range or hop, None, place.rows)


def _place(box: Box, interface: str, version: int, ground: Ground, hop: str) -> Found:
    """The next hop speaks, then the interface's addresses of the same version, then those of the other."""
    held = [*box.wide(interface, version), *box.wide(interface, 10 - version)]
    for address in (hop, *(one.text for one in held)):
        place = ground.at(box.network, address)
        if place.kind != "unknown":
            return place
        known = number_of(address) if address else None
        if known is not None and ground.is_planned(box.network, (known[0],)) and not address.startswith("fe80:"):
            return place
    return NOWHERE


def unread(box: Box) -> Iterator[Blindness]:
    """Say which routes of a device nobody saw, so that no absence of a way out can be told."""
    name = box.label
    if "device-routes" not in box.subject.observations:
        return  # the engine says so itself
    has_six = not box.looked("interface-addresses", 6) or any(box.wide(one, 6) for one in box.routed)
    if has_six and not box.looked("device-routes", 6, "rout"):
        yield Blindness("device-routes", GapReason.NOT_ASKED, f"{name} IPv6")
    for total in box.rows("route-totals", RouteTotal):
        if total.said > total.read:
            detail = f"{name} {f'VRF {total.vrf} ' if total.vrf else ''}{total.read}/{total.said}"
            yield Blindness(total.source or "route-totals", GapReason.TOO_LARGE, detail)
    told = {row.vrf for row in box.rows("route-totals", RouteTotal)}
    told |= {row.vrf for row in box.rows("device-routes", DeviceRoute) if not row.configured}
    for vrf in sorted({box.vrf(one) for one in box.routed} - told - {""}):
        yield Blindness("device-routes", GapReason.NOT_ASKED, f"{name} VRF {vrf}")


def unit_links(
    unit: str, boxes: Iterable[Box], tolds: Iterable[Told], rows: Iterable[Row]
) -> Iterator[tuple[UnitLink, Proof]]:
    """List the links of a unit: what is filed of it, and what was seen at its devices and leads out of it."""
    own = {box.id for box in boxes}
    seen: set[str] = set()
    for told in tolds:
        ends = [one for one in told.ends if one.end.device in own]
        others = [one.end.unit for one in told.ends if one.end.device and one.end.device not in own]
        if not ends or not (others or told.link.far or told.rows):
            continue
        row = next((row for row in told.rows if row.unit == unit), next(iter(told.rows), None))
        seen.update(row.id for row in told.rows)
        end, proof = ends[0]
        ledger = row.subject.ledger if row is not None else None
        fact = UnitLink(
            row.subject.asset.key if row is not None else told.key, row.kind if row is not None else "",
            row.column("approval") if row is not None else "", told.up or "unread", end.name, end.interface,
            next(iter(others), ""), end.kind,
        )  # fmt: skip
        yield fact, (*proof, *((ledger.evidence,) if ledger is not None else ()))
    for row in rows:
        if row.unit == unit and row.id not in seen and row.subject.ledger is not None:
            near = row.near
            state = state_of(near.box, near.interface) if near is not None else ""
            state = state or ("unnamed" if row.why == UNNAMED else "unread")
            shown = (near.box.label, near.interface) if near is not None else (row.column("device"), "")
            fact = UnitLink(row.subject.asset.key, row.kind, row.column("approval"), state, *shown, "", "unknown")
            yield fact, (row.subject.ledger.evidence,)
