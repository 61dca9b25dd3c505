"""Joining an estate's devices: links and units as subjects of their own, filed links with what is seen of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from controls.model import Blindness, Joined, Subject
from controls.topology.devices import Box, boxes
from controls.topology.egress import Surroundings, egress
from controls.topology.ends import Proof
from controls.topology.filed import Row, joined, read_rows
from controls.topology.filter_pairs import filter_pairs
from controls.topology.ground import Ground
from controls.topology.links import Link, find_links
from controls.topology.observing import Told, by_device, core_groups, observe_link, told
from controls.topology.observing import joined as observed
from controls.topology.routing_twins import routing_twins
from controls.topology.sight import unread, unread_neighbors
from controls.topology.units import unit_links
from xunyan.canonical import digest
from xunyan.link_facts import LINK_FACTS, UnitLink
from xunyan.model import Asset, GapReason, Observation, Relation

NO_DEVICE = "no device of this unit was read"
NOTHING = "no link of this unit is filed, and none was seen"


@dataclass(slots=True)
class Joining:
    """What joining gives: subjects to add or to replace, the derived assets among them, what they are made of, relations."""

    subjects: dict[str, Subject] = field(default_factory=dict)
    derived: dict[str, Asset] = field(default_factory=dict)
    made_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)


def join(by_id: Mapping[str, Subject]) -> Joining:
    """Join the devices of an estate. Where there is neither a device nor a filed link, there is nothing to join."""
    found = Joining()
    every = sorted(boxes(by_id.values()), key=lambda one: (one.network, one.label, one.id))
    if not every and not any(one.asset.kind == "link" for one in by_id.values()):
        return found
    ground = Ground(by_id.values(), every)
    rows = read_rows((by_id[one] for one in sorted(by_id)), every)
    links = find_links(every)
    filed = joined(rows, links)
    tolds: dict[int, Told] = {}
    for link in (*links, *filed.values()):
        tolds.setdefault(id(link), told(link, ground))
    for row in rows:
        if row.id in filed:
            tolds[id(filed[row.id])].rows.append(row)
    unseen = [Told(Link("", None, []), row.subject.asset.key, [], [row]) for row in rows if row.id not in filed]
    _links(found, list(tolds.values()), unseen, ground, by_id)
    _units(found, every, tolds.values(), rows, ground, by_id)
    for box in every:
        found.subjects[box.id] = _device(box, ground)
    return found


def _device(box: Box, ground: Ground) -> Subject:
    """Give a device what is seen of its routing and its filters in both families; what it lacks for that is passed on."""
    subject = box.subject
    found: dict[str, Observation] = {}
    blind: dict[str, tuple[Blindness, ...]] = {}
    for name, base, make in (
        ("routing-twins", "routing-peers", lambda: routing_twins(box, ground)),
        ("filter-pairs", "access-list-uses", lambda: filter_pairs(box)),
    ):
        if base in subject.observations:
            seen = observed(name, make(), box.evidence(base))
            if seen is not None:
                found[name] = seen
        else:
            blind[name] = subject.blind.get(base, ())
    if "routing-twins" in found and (unasked := tuple(unread_neighbors(box))):
        blind["routing-twins"] = unasked
    return _with(subject, found, blind)


def _links(found: Joining, tolds: list[Told], unseen: list[Told], ground: Ground, by_id: Mapping[str, Subject]) -> None:
    core = core_groups(tolds, unseen)
    busy = Counter(end.unit for one in tolds for end in one.read)
    counts: dict[tuple[str, ...], int] = {}
    for one in tolds:
        found.relations += _linked(one)
        for row in one.rows:
            _file(found, row, one, observe_link(one, ground, core.get(row.id, ())))
        if not one.rows:
            asset = _asset(one, counts, busy, by_id)
            found.derived[asset.id] = asset
            found.subjects[asset.id] = Subject(asset, observe_link(one, ground))
            found.made_of[asset.id] = tuple(sorted(one.devices))
    for one in unseen:
        (row,) = one.rows
        seen = observe_link(one, ground, core[row.id]) if row.id in core else {}
        why = (Blindness("ledger", GapReason.NOT_ASKED, row.why),)
        blind = {name: why for name in LINK_FACTS if name not in seen}
        found.subjects[row.id] = _with(row.subject, seen, blind)


def _file(found: Joining, row: Row, one: Told, seen: Mapping[str, Observation]) -> None:
    found.subjects[row.id] = _with(row.subject, seen, {})
    found.made_of[row.id] = tuple(sorted(one.devices))


def _with(subject: Subject, seen: Mapping[str, Observation], blind: Mapping[str, tuple[Blindness, ...]]) -> Subject:
    return replace(subject, observations={**subject.observations, **seen}, blind={**subject.blind, **blind})


def _asset(
    one: Told, counts: dict[tuple[str, ...], int], busy: Mapping[str, int], by_id: Mapping[str, Subject]
) -> Asset:
    """Name a link that nobody filed. Its id is that of its subnet, so that it stays when its other end is read too."""
    link = one.link
    what = (link.network, link.prefix) if link.subnet is not None else (link.network, "", one.key)
    count = counts.get(what, 0) + 1
    while (identifier := _minted("link", *what, str(count))) in by_id:
        count += 1
    counts[what] = count
    sites = {near.box.subject.asset.site for near in link.near}
    return Asset(
        id=identifier,
        kind="link",
        key=one.key,
        name=one.key.removeprefix("link:"),
        unit=_unit_of(one, busy),
        site=sites.pop() if len(sites) == 1 else "",
        network=link.network,
        address=link.prefix,
        platform="",
    )


def _unit_of(one: Told, busy: Mapping[str, int]) -> str:
    """Give the unit that a link is counted with: of those at its ends the one with the fewest ends of links anywhere.

    So a link from a unit to whoever runs the network is the unit's.
    """
    return min({end.unit for end in one.read if end.unit}, key=lambda unit: (busy[unit], unit), default="")


def _minted(*what: str) -> str:
    return "a" + digest(*what)[:15]


def _linked(one: Told) -> Iterator[Relation]:
    """Relate the devices of a link: each with the first, which is all of them where there are two."""
    read = [proved for proved in one.ends if proved.end.device]
    for other in read[1:]:
        first = read[0]
        if first.end.device != other.end.device:
            cited = tuple(dict.fromkeys(line.capture for line in (*first.proof, *other.proof)))
            source, target = sorted((first.end.device, other.end.device))
            yield Relation("linked-to", source, target, cited, "high")


def _units(
    found: Joining, every: list[Box], tolds: Iterable[Told], rows: list[Row], ground: Ground,
    by_id: Mapping[str, Subject],
) -> None:  # fmt: skip
    kinds = ("device", "endpoint", "system")
    named = {one.asset.unit for one in by_id.values() if one.asset.kind in kinds} | {row.unit for row in rows}
    own = by_device(every)
    listed = list(tolds)
    around = Surroundings(ground, {near.port: one for one in listed for near in one.link.near}, rows)
    of_unit: dict[str, dict[int, Told]] = {}
    for one in listed:
        for unit in {near.box.subject.asset.unit for near in one.link.near}:
            of_unit.setdefault(unit, {})[id(one)] = one
    filed: dict[str, list[Row]] = {}
    for row in rows:
        filed.setdefault(row.unit, []).append(row)
    for unit in sorted(named - {""}):
        asset = Asset(_minted("unit", unit), "unit", f"unit:{unit}", unit, unit, "", "", "", "")
        devices = own.get(unit, [])
        links = unit_links(unit, devices, of_unit.get(unit, {}).values(), filed.get(unit, []))
        found.derived[asset.id] = asset
        found.subjects[asset.id] = _unit(asset, devices, list(links), around)
        found.made_of[asset.id] = tuple(box.id for box in devices)


def _unit(asset: Asset, devices: list[Box], links: list[tuple[UnitLink, Proof]], around: Surroundings) -> Subject:
    ways = [way for box in devices for way in egress(box, around)]
    looked = tuple(
        line
        for box in devices
        for name in ("device-routes", "interface-addresses")
        for version in (4, 6)
        for line in box.cite_look(name, version)
    )
    seen = {
        "unit-egress": observed("unit-egress", ways, looked),
        "unit-links": observed("unit-links", links, () if links else looked),
    }
    blind: dict[str, tuple[Blindness, ...]] = {"unit-egress": tuple(why for box in devices for why in unread(box))}
    reasons = {"unit-egress": NO_DEVICE, "unit-links": NOTHING}
    for name, why in reasons.items():
        if seen[name] is None:
            blind[name] = (Blindness("devices", GapReason.NOT_ASKED, why),)
    found: dict[str, Observation] = {name: one for name, one in seen.items() if isinstance(one, Joined)}
    return Subject(asset, found, {name: why for name, why in blind.items() if why})
