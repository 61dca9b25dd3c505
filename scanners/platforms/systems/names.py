"""Reads what the resolver said of a system's names: aliases followed to their end, and the addresses there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from scanners.platforms.reading import Reading
from scanners.platforms.systems.jsonl import Line, OddLineError, address_in, cited, plain_name, read_source, rows_of
from xunyan.facts import NameAnswer
from xunyan.model import Capture

SOURCE = "dns"
ANSWERED, NO_SUCH_NAME = "answered", "no-such-name"
FAMILIES = {"A": 4, "AAAA": 6}
MOST_ALIASES = 16
MOST_ADDRESSES = 256


class Question(msgspec.Struct, frozen=True):
    """One question to a resolver and its answer, the records in the form of zone files."""

    network: str
    name: str
    type: Literal["A", "AAAA", "CNAME", "NS", "SOA", "HTTPS", "PTR"]
    outcome: Literal["answered", "timeout", "refused", "unreachable", "no-route", "failed", "not-permitted"]
    rcode: str
    answers: list[str]


def read_names(sources: Mapping[str, Capture]) -> Reading:
    """Read one row for each name of each network out of `dns`. Reverse names are of addresses, and give none."""
    return read_source(SOURCE, sources, _read)


def _read(capture: Capture) -> Reading:
    lines = rows_of(capture, Question)
    asked: dict[tuple[str, str], list[Line[Question]]] = {}
    for line in lines:
        if line.row.type != "PTR":
            asked.setdefault((line.row.network, plain_name(line.row.name)), []).append(line)
    facts = tuple(_answer(network, name, own) for (network, name), own in asked.items())
    of_addresses = [line for line in lines if line.row.type in FAMILIES]
    return Reading(facts, cited(capture, of_addresses or lines))


def _answer(network: str, name: str, lines: Sequence[Line[Question]]) -> NameAnswer:
    """Join all that was asked of one name. Each family follows the aliases of its own answers."""
    aliases: dict[str, None] = {}
    found: dict[int, tuple[str, ...]] = {}
    for kind in ("A", "AAAA", "CNAME"):
        own = [line for line in lines if line.row.type == kind]
        chain, end = followed(name, _targets(own))
        aliases |= dict.fromkeys(chain)
        if kind in FAMILIES:
            found[FAMILIES[kind]] = _addresses(end, kind, own)
    outcome = _outcome(lines)
    unanswered = tuple(
        family for kind, family in FAMILIES.items() if not {ANSWERED, NO_SUCH_NAME} & {*_outcomes(lines, kind)}
    )
    if outcome == NO_SUCH_NAME:
        unanswered = ()  # it says so of the name, whatever is asked of it
    return NameAnswer(network, name, outcome, tuple(aliases)[:MOST_ALIASES], found[4], found[6], unanswered)


def _outcome(lines: Sequence[Line[Question]]) -> str:
    """Say what became of a name: there if any family was answered, absent if one says so, else the first failure."""
    outcomes = [one for kind in FAMILIES for one in _outcomes(lines, kind)] or [_one(line.row) for line in lines]
    for certain in (ANSWERED, NO_SUCH_NAME):
        if certain in outcomes:
            return certain
    return outcomes[0]


def _outcomes(lines: Iterable[Line[Question]], kind: str) -> list[str]:
    return [_one(line.row) for line in lines if line.row.type == kind]


def _one(row: Question) -> str:
    """Say what one question came to. A resolver that answers with an error has answered nothing."""
    if row.outcome != "answered":
        return row.outcome
    return {"NOERROR": ANSWERED, "NXDOMAIN": NO_SUCH_NAME, "REFUSED": "refused"}.get(row.rcode, "failed")


def followed(name: str, targets: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """Follow aliases (owner -> target) from a name: what comes behind it, in order, and the last; a loop has no last."""
    chain: list[str] = []
    while name in targets:
        name = targets[name]
        if len(chain) == MOST_ALIASES:
            return tuple(chain), ""
        chain.append(name)
    return tuple(chain), name


def _targets(lines: Iterable[Line[Question]]) -> dict[str, str]:
    """Map the owner of each CNAME to where it leads; of two the first counts."""
    targets: dict[str, str] = {}
    for line in lines:
        for owner, kind, value in _records(line):
            if kind == "CNAME":
                targets.setdefault(owner, plain_name(value))
    return targets


def _addresses(owner: str, kind: str, lines: Iterable[Line[Question]]) -> tuple[str, ...]:
    """Give the addresses of one owner; what the answer has of other names is no answer to this one."""
    found = dict.fromkeys(
        address_in(line, value, FAMILIES[kind])
        for line in lines
        for named, of, value in _records(line)
        if of == kind and named == owner
    )
    return tuple(found)[:MOST_ADDRESSES]


def _records(line: Line[Question]) -> Iterable[tuple[str, str, str]]:
    """Split the records of an answer into owner, type and value. Raises OddLineError where one is in another form."""
    for record in line.row.answers:
        fields = record.split(None, 4)
        if len(fields) != 5:
            raise OddLineError(line.first, f"of records such as `www.x. 60 IN A 10.0.0.1` ({record[:100]})")
        if fields[2] == "IN":  # of other classes the types mean something else
            yield plain_name(fields[0]), fields[3], fields[4]
