"""What links and units are seen to be: their observations, each row with its own proof."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from controls.model import Joined
from controls.places import Found as Place
from controls.topology.devices import DEFAULTS, Box
from controls.topology.ends import Proof, Proved, ends_of
from controls.topology.filed import Row
from controls.topology.ground import Ground, is_private
from controls.topology.links import Link
from controls.topology.ports import kind_of, parent_of
from controls.topology.segments import Unions
from xunyan.device_facts import UNSHOWN, DeviceRoute
from xunyan.link_facts import LinkEnd, LinkFact, LinkReach, ParallelLink
from xunyan.model import Observation
from xunyan.names import shown

MOST_REACHED = 200
"""Networks beyond one link that are written down; those in no range come first."""

CORE = "core"
_EVERYWHERE = frozenset(DEFAULTS.values())
_LONGEST = 110  # so that two of them are no longer than a name may be


@dataclass(slots=True)
class Told:
    """A link with its ends worked out, and the rows that file it. `key`: the name of the asset that it is judged as."""

    link: Link
    key: str
    ends: list[Proved]
    rows: list[Row] = field(default_factory=list)

    @property
    def read(self) -> list[LinkEnd]:
        """The ends that were read."""
        return [one.end for one in self.ends if one.end.device]

    @property
    def up(self) -> str:
        """Down where an end that was read is, up where all are, else empty."""
        states = {one.up for one in self.read}
        return "down" if "down" in states else "up" if states == {"up"} else ""

    @property
    def devices(self) -> frozenset[str]:
        """The devices at its ends that were read."""
        return frozenset(one.device for one in self.read)


def told(link: Link, ground: Ground) -> Told:
    """Work out the ends of a link, and what it is called: by its first two ends, `?` for one that was not read."""
    ends = ends_of(link, ground)
    names = sorted(shown(one.shown, _LONGEST) for one in link.near) + ["?"] * (len(link.near) == 1)
    more = f" +{len(names) - 2}" if len(names) > 2 else ""
    return Told(link, f"link:{' - '.join(names[:2])}{more}", ends)


def joined(name: str, rows: Iterable[tuple[LinkFact, Proof]], looked: Proof = ()) -> Joined | None:
    """Make an observation of rows with their proofs; `looked` is what no further row rests on. None where there is nothing."""
    found = list(rows)
    evidence = tuple(dict.fromkeys([*(one for _, proof in found for one in proof), *looked]))
    if not evidence:
        return None
    return Joined(name, tuple(fact for fact, _ in found), evidence, tuple(proof for _, proof in found))


def observe_link(one: Told, ground: Ground, parallel: Sequence["Told"] = ()) -> dict[str, Observation]:
    """Give what is seen of one link. `parallel`: all core links between its two ends, itself among them."""
    looked = tuple(line for proved in one.ends for line in proved.proof)
    found = {
        "link-ends": joined("link-ends", one.ends),
        "link-reach": joined("link-reach", reached(one.link, ground), looked),
        "parallel-links": joined("parallel-links", [_parallel(other) for other in parallel]) if parallel else None,
    }
    return {name: seen for name, seen in found.items() if seen is not None}


def reached(link: Link, ground: Ground) -> list[tuple[LinkReach, Proof]]:
    """List the networks behind the ends that were not read, and in a VRF behind any: each destination once."""
    found: dict[tuple[str, str, str], tuple[Place, Box, DeviceRoute]] = {}
    own = {(held.version, held.number) for near in link.near for held in near.box.held.get(near.interface, ())}
    for near in link.near:
        box = near.box
        for hop, routes in box.next_hops.get(near.interface, {}).items():
            if hop in own and not box.vrf(near.interface):
                continue
            for route in routes:
                key = (box.id, route.vrf, route.destination)
                if key in found or route.destination in _EVERYWHERE:
                    continue
                found[key] = (ground.at(link.network, route.destination.partition("/")[0]), box, route)
    ordered = sorted(found.values(), key=lambda one: (one[0].kind != "unknown", one[2].destination, one[1].label))
    return [_reach(*one) for one in ordered[:MOST_REACHED]]


def _reach(place: Place, box: Box, route: DeviceRoute) -> tuple[LinkReach, Proof]:
    fact = LinkReach(
        box.label, route.family, route.destination, route.next_hop, route.protocol, route.vrf,
        is_private(route.destination), place.kind, place.range, place.holder,
    )  # fmt: skip
    return fact, (*box.cite("device-routes", route), *place.rows)


def _parallel(one: Told) -> tuple[ParallelLink, Proof]:
    row = next((row for row in one.rows if row.kind == CORE), None)
    speeds = [end.kbps for end in one.read]
    limits = [limit for end in one.read for limit in (end.limit_in, end.limit_out) if limit != UNSHOWN]
    known = bool(speeds) and UNSHOWN not in speeds
    fact = ParallelLink(
        link=row.subject.asset.key if row is not None else one.key,
        filed=row.kind if row is not None else "",
        mbps=row.column("bandwidth") if row is not None else "",
        up=one.up,
        kbps=min(speeds) if known else UNSHOWN,
        limit=min(limits, default=UNSHOWN),
        interfaces=tuple(f"{end.name} {end.interface}" for end in one.read),
        ports=tuple(f"{end.name} {port}" for end in one.read for port in _carrying(end)),
        bundled=any(kind_of(port) == "bundle" for end in one.read for port in _carrying(end)),
        limits_read=all(end.limits_read for end in one.read),
    )
    proof = tuple(line for proved in one.ends for line in proved.proof)
    if row is not None and row.subject.ledger is not None:
        proof = (*proof, row.subject.ledger.evidence)
    return fact, proof


def _carrying(end: LinkEnd) -> tuple[str, ...]:
    return tuple(map(parent_of, end.ports or (end.interface,)))


def core_groups(every: Sequence[Told], unseen: Sequence[Told]) -> dict[str, list[Told]]:
    """Put core links together by their two ends, filed or seen; a link that nobody filed joins by its devices.

    `unseen`: filed links of which no end was found. Gives the group of every filed core link, by its asset.
    """
    core = [one for one in (*every, *unseen) if any(row.kind == CORE for row in one.rows)]
    unions = Unions(len(core))
    first: dict[tuple[str, frozenset[str]], int] = {}
    for at, one in enumerate(core):
        for key in _between(one):
            unions.join(first.setdefault(key, at), at)
    groups: dict[int, list[Told]] = {}
    for at, one in enumerate(core):
        groups.setdefault(unions.root(at), []).append(one)
    by_devices = {one.devices: unions.root(at) for at, one in enumerate(core) if len(one.devices) > 1}
    for one in every:
        if one.devices in by_devices and not one.rows:
            groups[by_devices[one.devices]].append(one)
    return {row.id: groups[unions.root(at)] for at, one in enumerate(core) for row in one.rows if row.kind == CORE}


def _between(one: Told) -> list[tuple[str, frozenset[str]]]:
    filed = [("filed", row.ends) for row in one.rows if row.kind == CORE and row.ends]
    return [*filed, *([("devices", one.devices)] if len(one.devices) > 1 else [])]


def by_device(boxes: Iterable[Box]) -> Mapping[str, list[Box]]:
    """Put devices together by their unit."""
    found: dict[str, list[Box]] = {}
    for box in boxes:
        found.setdefault(box.subject.asset.unit, []).append(box)
    return found
