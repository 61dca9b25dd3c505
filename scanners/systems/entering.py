"""Knocking at a system's ports by reading its first page: the connection that reads is the one that tells whether it is open."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scanners.systems.asking import Limits, Refused, in_time
from scanners.systems.certifying import TLS_PORTS
from scanners.systems.doors import Door, url_of
from scanners.systems.lines import NOT_PERMITTED, Line
from scanners.systems.reading_pages import PageReader, Reading
from scanners.transports.knocking import knock

SHUT = ("refused", "unreachable", "no-route", NOT_PERMITTED, "failed")
BARRED = "another-address-is-barred"


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of one port behind one name: a line for each of its addresses, those that are open, and the pages read."""

    lines: tuple[Line, ...]
    opened: tuple[Door, ...]
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Entering:
    """Enters the ports of one system. `schemes` maps (network, host, port) to the scheme that was filed."""

    reader: PageReader
    limits: Limits
    schemes: Mapping[tuple[str, str, int], str]

    async def all(self, doors: Sequence[Door]) -> Entered:
        """Enter every port; where an address of a name is barred, none of that name's is touched."""
        barred = {
            (door.network, door.name)
            for door in doors
            if isinstance(one := door.permit(self.reader.resolving.grants), Refused) and one.barred
        }
        lines: list[Line] = []
        groups: dict[tuple[str, str, int], list[Door]] = {}
        for door in doors:
            if (door.network, door.name) in barred:
                said = door.permit(self.reader.resolving.grants)
                lines.append(_line(door, NOT_PERMITTED, said.detail if isinstance(said, Refused) else BARRED))
            else:
                groups.setdefault((door.network, door.name or door.address, door.port), []).append(door)
        each = await asyncio.gather(*(self._port(own, self._scheme(key)) for key, own in groups.items()))
        return Entered(
            (*lines, *(line for one in each for line in one.lines)),
            tuple(door for one in each for door in one.opened),
            tuple(reading for one in each for reading in one.readings),
        )

    def _scheme(self, key: tuple[str, str, int]) -> str:
        return self.schemes.get(key) or ("https" if key[2] in TLS_PORTS else "http")

    async def _port(self, doors: Sequence[Door], scheme: str) -> Entered:
        """Read the first page over each family; over IPv4 once more where IPv6 shows another."""
        families = ([door for door in doors if door.family == family] for family in (4, 6))
        four, six = await asyncio.gather(*(self._family(own, scheme) for own in families))
        readings = [*four.readings, *six.readings]
        if four.readings and six.readings and _differ(four.readings[0], six.readings[0]):
            door = four.opened[0]
            readings.append(await self.reader.read(door, url_of(door, scheme), read=2))
        return Entered((*four.lines, *six.lines), (*four.opened, *six.opened), tuple(readings))

    async def _family(self, doors: Iterable[Door], scheme: str) -> Entered:
        """Read the first page at the first address that is open, and knock at the others."""
        lines: list[Line] = []
        opened: list[Door] = []
        readings: list[Reading] = []
        for door in doors:
            if readings:
                line = await self._knock(door)
            else:
                reading = await self.reader.read(door, url_of(door, scheme))
                line = _told(door, reading.lines[0])
                readings += [reading] if line["outcome"] == "open" else []
            lines.append(line)
            opened += [door] if line["outcome"] == "open" else []
        return Entered(tuple(lines), tuple(opened), tuple(readings))

    async def _knock(self, door: Door) -> Line:
        permit = door.permit(self.reader.resolving.grants)
        if isinstance(permit, Refused):
            return _line(door, NOT_PERMITTED, permit.detail)
        async with self.reader.resolving.pace.turn(permit):
            knocked = await knock(permit, self.limits.connect_seconds)
        in_time(knocked.outcome, knocked.detail)
        return _line(door, knocked.outcome, knocked.detail)


def _told(door: Door, first: Line) -> Line:
    """Say what the first request tells of the port: whatever came after the connection, it was open."""
    outcome, detail = str(first["outcome"]), str(first["detail"])
    shut = not first["status"] and (outcome in SHUT or (outcome == "timeout" and detail == "connect"))
    return _line(door, outcome, detail) if shut else _line(door, "open", "")


def _differ(four: Reading, six: Reading) -> bool:
    return four.is_page and six.is_page and four.lines[-1]["body"] != six.lines[-1]["body"]


def _line(door: Door, outcome: str, detail: str) -> Line:
    return {
        "network": door.network, "name": door.name, "address": door.address, "family": door.family,
        "port": door.port, "outcome": outcome, "detail": detail,
    }  # fmt: skip
