"""Reads which TCP ports of a system's addresses are open."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from scanners.platforms.reading import Reading
from scanners.platforms.systems.jsonl import Family, address_in, cited, plain_name, read_source, rows_of
from xunyan.facts import ServicePort
from xunyan.model import Capture

SOURCE = "tcp"
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Knock(msgspec.Struct, frozen=True):
    """One attempt to connect to one port of one address."""

    network: str
    name: str
    address: str
    family: Family
    port: Port
    outcome: Literal["open", "refused", "timeout", "unreachable", "no-route", "not-permitted", "failed"]


def read_ports(sources: Mapping[str, Capture]) -> Reading:
    """Read one row for each port of each address out of `tcp`."""
    return read_source(SOURCE, sources, _read)


def _read(capture: Capture) -> Reading:
    lines = rows_of(capture, Knock)
    facts = dict.fromkeys(
        ServicePort(
            line.row.network, plain_name(line.row.name), address_in(line, line.row.address, line.row.family),
            line.row.family, line.row.port, line.row.outcome,
        )
        for line in lines
    )  # fmt: skip
    return Reading(tuple(facts), cited(capture, lines))
