"""Reads the delegation of a system's names: each name server of each zone, asked over IPv4 and over IPv6."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from scanners.platforms.reading import Reading
from scanners.platforms.systems.jsonl import (
    Family,
    Line,
    OddLineError,
    address_in,
    cited,
    plain_name,
    read_source,
    rows_of,
)
from xunyan.facts import NameServer
from xunyan.model import Capture

SOURCE = "delegation"
Failing = Literal["answered", "timeout", "refused", "unreachable", "no-route", "not-permitted", "failed"]


class Server(msgspec.Struct, frozen=True):
    """What one server of a zone said when it was asked for the zone over one family."""

    zone: str
    server: str
    family: Family
    address: str
    outcome: Failing | Literal["no-address"]
    rcode: str
    authoritative: bool


class Zone(msgspec.Struct, frozen=True):
    """One zone cut above names of the system, and the servers that it is delegated to, as far as they could be learned."""

    zone: str
    names: list[str]
    servers: list[str]
    outcome: Failing


def read_name_servers(sources: Mapping[str, Capture]) -> Reading:
    """Read one row for each address of each name server out of `delegation`.

    A zone whose servers are not known has a row for each family without a server, and a server that was not asked over
    a family has one without an address: neither may look like a zone that is well.
    """
    return read_source(SOURCE, sources, _read)


def _read(capture: Capture) -> Reading:
    lines: tuple[Line[Server | Zone], ...] = rows_of(capture, Server, Zone)
    zones: dict[str, Zone] = {}
    names: dict[str, dict[str, None]] = {}
    asked: dict[str, list[NameServer]] = {}
    for line in lines:
        if isinstance(line.row, Zone):
            zone = plain_name(line.row.zone)
            zones.setdefault(zone, line.row)
            names.setdefault(zone, {}).update(dict.fromkeys(map(plain_name, line.row.names)))
    for line in lines:
        if isinstance(line.row, Server):
            zone = plain_name(line.row.zone)
            if zone not in zones:
                raise OddLineError(line.first, "of a zone that another line names")
            asked.setdefault(zone, []).append(_fact(line, line.row, tuple(names[zone])))
    facts = [
        fact
        for zone, row in zones.items()
        for fact in (*asked.get(zone, ()), *_missing(zone, row, tuple(names[zone]), asked.get(zone, ())))
    ]
    return Reading(tuple(dict.fromkeys(facts)), cited(capture, lines))


def _fact(line: Line[Server | Zone], row: Server, names: tuple[str, ...]) -> NameServer:
    """Make one row. A server that answers with an error has not answered for its zone."""
    outcome: str = row.outcome
    if outcome == "answered":
        outcome = {"NOERROR": "answered", "NXDOMAIN": "answered", "REFUSED": "refused"}.get(row.rcode, "failed")
    address = "" if outcome == "no-address" or not row.address else address_in(line, row.address, row.family)
    authoritative = row.authoritative and outcome == "answered"
    return NameServer(plain_name(row.zone), names, plain_name(row.server), row.family, address, outcome, authoritative)


def _missing(zone: str, row: Zone, names: tuple[str, ...], asked: Sequence[NameServer]) -> Iterable[NameServer]:
    """Give rows for what the zone should have been asked and was not."""
    outcome = "failed" if row.outcome == "answered" else row.outcome
    known = {(fact.server, fact.family) for fact in asked}
    for server in map(plain_name, row.servers):
        for family in (4, 6):
            if (server, family) not in known:
                yield NameServer(zone, names, server, family, "", outcome, authoritative=False)
    if not row.servers and not asked:
        for family in (4, 6):
            yield NameServer(zone, names, "", family, "", outcome, authoritative=False)
