"""How observations of many assets join: relations, and what systems are seen to be only together with others. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from controls.back_ends import Hosts, observe_back_ends, spots
from controls.kinship import is_filed, observe_kinship, register, roots
from controls.model import Blindness, Estate, Subject
from controls.places import Ranges, observe_places, plain
from controls.topology.joining import join
from xunyan.facts import Address, BackEnd, Connection, Place
from xunyan.model import Observation, Relation

T = TypeVar("T", Address, BackEnd, Connection, Place)
Joining = Observation | tuple[Blindness, ...]
Spot = tuple[str, str]


def build(subjects: Iterable[Subject]) -> Estate:
    """Join subjects into an estate.

    Systems get the observations `places`, `declared-as` and `back-ends`. Relations: has-address: asset ->
    `network|address`. connects-to: asset -> asset that alone holds the far end's address in the same network; an address
    that two assets of one network hold joins nothing. resolves-to: system -> `network|address` that a name of it gave.
    runs-on: system -> the asset that alone holds an address of it. back-end-of: asset -> system whose own hosts connect to
    it. linked-to: device -> device, over a link whose both ends were read.

    Network devices are joined into links and units, which are judged too (`Estate.derived`); filed links get what is seen
    of them. Where there is neither a device nor a filed link, nothing is derived.
    """
    by_id = {subject.asset.id: subject for subject in subjects}
    alone = _alone(by_id.values())
    by_id |= _systems(by_id, alone)
    links = join(by_id)
    by_id |= links.subjects
    return Estate(by_id, _relations(by_id, alone, links.relations), links.derived, links.made_of)


def _alone(subjects: Iterable[Subject]) -> dict[Spot, str]:
    """Map each address to the asset that alone holds it in its network."""
    found: dict[Spot, set[str]] = {}
    for subject in subjects:
        for address in _rows(subject, "addresses", Address):
            if address.scope == "global":
                spot = (subject.asset.network, plain(address.address))
                found.setdefault(spot, set()).add(subject.asset.id)
    return {spot: next(iter(held_by)) for spot, held_by in found.items() if len(held_by) == 1}


def _systems(by_id: Mapping[str, Subject], alone: Mapping[Spot, str]) -> dict[str, Subject]:
    """Give every system with what only the estate can say of it."""
    systems = [one for one in by_id.values() if one.asset.kind == "system"]
    if not systems:
        return {}
    ranges, filed = Ranges(by_id.values()), register(systems)
    places = {one.asset.id: observe_places(one, ranges) for one in systems}
    kin = {one.asset.id: observe_kinship(one, filed) for one in systems if not is_filed(one.ledger)}
    root = roots(systems, {one: found for one, found in kin.items() if isinstance(found, Observation)})
    served: dict[Spot, set[str]] = {}
    for identifier, where in places.items():
        for spot in spots(_seen(where)):
            served.setdefault(spot, set()).add(root[identifier])
    hosts = Hosts(ranges, by_id, alone, {spot: frozenset(keys) for spot, keys in served.items()})
    return {one.asset.id: _joined(one, places[one.asset.id], kin.get(one.asset.id), hosts, root) for one in systems}


def _joined(system: Subject, places: Joining, kin: Joining | None, hosts: Hosts, root: Mapping[str, str]) -> Subject:
    back_ends, unread = observe_back_ends(system, _seen(places), hosts, root[system.asset.id])
    found = {"places": places, "declared-as": kin, "back-ends": back_ends}
    seen = {name: one for name, one in found.items() if isinstance(one, Observation)}
    blind = {name: one for name, one in found.items() if isinstance(one, tuple)} | {"back-ends": unread}
    return replace(
        system,
        observations={**system.observations, **seen},
        blind={**system.blind, **{name: why for name, why in blind.items() if why}},
    )


def _seen(found: Joining) -> Observation | None:
    return found if isinstance(found, Observation) else None


def _relations(
    by_id: Mapping[str, Subject], alone: Mapping[Spot, str], linked: Iterable[Relation]
) -> dict[str, tuple[Relation, ...]]:
    found: dict[str, list[Relation]] = {one: [] for one in by_id}
    for relation in linked:
        found[relation.source].append(relation)
    for subject in by_id.values():
        of_systems = _of_system(subject, by_id, alone) if subject.asset.kind == "system" else ()
        for relation in (*_of_addresses(subject, alone), *of_systems):
            found[relation.source].append(relation)
    return {one: tuple(relations) for one, relations in found.items()}


def _of_addresses(subject: Subject, alone: Mapping[Spot, str]) -> Iterator[Relation]:
    asset = subject.asset
    addresses = sorted({row.address for row in _rows(subject, "addresses", Address) if row.scope == "global"})
    cited = _captures(subject.observations.get("addresses"))
    for address in addresses:
        yield Relation("has-address", asset.id, f"{asset.network}|{address}", cited, "high")
    cited = _captures(subject.observations.get("connections"))
    far = {(asset.network, plain(row.remote_address)) for row in _rows(subject, "connections", Connection)}
    peers = {peer for spot in far if (peer := alone.get(spot))} - {asset.id}
    for peer in sorted(peers):
        yield Relation("connects-to", asset.id, peer, cited, "high")


def _of_system(subject: Subject, by_id: Mapping[str, Subject], alone: Mapping[Spot, str]) -> Iterator[Relation]:
    asset = subject.asset
    places = _rows(subject, "places", Place)
    cited = _captures(subject.observations.get("names"))
    for target in sorted({f"{row.network}|{row.address}" for row in places if row.name}):
        yield Relation("resolves-to", asset.id, target, cited, "high")
    for host in sorted({alone[spot] for spot in spots(subject.observations.get("places")) if spot in alone}):
        yield Relation("runs-on", asset.id, host, _captures(by_id[host].observations.get("addresses")), "high")
    cited = _captures(subject.observations.get("back-ends"))
    far = {(row.network, row.address) for row in _rows(subject, "back-ends", BackEnd) if not row.shared}
    for behind in sorted({alone[spot] for spot in far if spot in alone}):
        yield Relation("back-end-of", behind, asset.id, cited, "medium")


def _rows(subject: Subject, name: str, kind: type[T]) -> list[T]:
    observation = subject.observations.get(name)
    return [fact for fact in observation.facts if isinstance(fact, kind)] if observation else []


def _captures(observation: Observation | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.capture for one in observation.evidence)) if observation else ()
