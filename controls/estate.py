"""How observations of many assets join: the first relations, built from what was seen alone."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from controls.model import Estate, Subject
from xunyan.facts import Address, Connection
from xunyan.model import Observation, Relation

T = TypeVar("T", Address, Connection)


def build(subjects: Iterable[Subject]) -> Estate:
    """Join subjects into an estate.

    has-address: asset -> `network|address`. connects-to: asset -> asset that alone holds the far end's address in the same
    network. An address that two assets of one network hold joins nothing.
    """
    by_id = {subject.asset.id: subject for subject in subjects}
    holders: dict[tuple[str, str], set[str]] = {}
    for identifier, subject in by_id.items():
        for address in _rows(subject, "addresses", Address):
            if address.scope == "global":
                holders.setdefault((subject.asset.network, address.address), set()).add(identifier)
    return Estate(by_id, {one: tuple(_relations(by_id[one], holders)) for one in by_id})


def _relations(subject: Subject, holders: Mapping[tuple[str, str], set[str]]) -> list[Relation]:
    asset = subject.asset
    found: list[Relation] = []
    addresses = sorted({row.address for row in _rows(subject, "addresses", Address) if row.scope == "global"})
    cited = _captures(subject.observations.get("addresses"))
    found += [Relation("has-address", asset.id, f"{asset.network}|{address}", cited, "high") for address in addresses]
    cited = _captures(subject.observations.get("connections"))
    peers: set[str] = set()
    for row in _rows(subject, "connections", Connection):
        held_by = holders.get((asset.network, row.remote_address), set())
        if len(held_by) == 1:
            peers |= held_by - {asset.id}
    found += [Relation("connects-to", asset.id, peer, cited, "high") for peer in sorted(peers)]
    return found


def _rows(subject: Subject, name: str, kind: type[T]) -> list[T]:
    observation = subject.observations.get(name)
    return [fact for fact in observation.facts if isinstance(fact, kind)] if observation else []


def _captures(observation: Observation | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.capture for one in observation.evidence)) if observation else ()
