"""Knocking at a system's ports by reading its first page: the connection that reads is the one that tells whether it is open."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from scanners.systems.asking import Limits, NotNowError, Refused, in_time
from scanners.systems.certifying import TLS_PORTS
from scanners.systems.doors import Door, url_of
from scanners.systems.lines import BARRED, NOT_PERMITTED, Line
from scanners.systems.reading_pages import PageReader, Reading
from scanners.transports.knocking import knock
from xunyan.permits import Permit

SHUT = ("refused", "unreachable", "no-route", NOT_PERMITTED, "failed")


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
        said = self._said(doors)
        barred = {
            (door.network, door.name)
            for door, one in zip(doors, said, strict=True)
            if isinstance(one, Refused) and one.barred
        }
        lines: list[Line] = []
        groups: dict[tuple[str, str, int], list[Door]] = {}
        for door, one in zip(doors, said, strict=True):
            if isinstance(one, Refused):
                lines.append(_line(door, NOT_PERMITTED, one.detail))
            elif (door.network, door.name) in barred:
                lines.append(_line(door, NOT_PERMITTED, BARRED))
            else:
                groups.setdefault((door.network, door.name or door.address, door.port), []).append(door)
        each = await asyncio.gather(*(self._port(own, self._scheme(key)) for key, own in groups.items()))
        return Entered(
            (*lines, *(line for one in each for line in one.lines)),
            tuple(door for one in each for door in one.opened),
            tuple(reading for one in each for reading in one.readings),
        )

    def _said(self, doors: Sequence[Door]) -> list[Permit | Refused]:
        """Ask for leave for every door. Raises NotNowError where there is none now, and one of them has it at another time.

        Where some have it now, the system does not wait for the others: two letters may never be open together.
        """
        found: list[Permit | Refused] = []
        later: NotNowError | None = None
        for door in doors:
            try:
                found.append(door.permit(self.reader.resolving.grants))
            except NotNowError as error:
                later = later or error
                found.append(Refused(error.why))
        if later is not None and all(isinstance(one, Refused) for one in found):
            raise later
        return found

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
        async with self.reader.resolving.pace.turn(partial(door.permit, self.reader.resolving.grants)) as permit:
            if isinstance(permit, Refused):
                return _line(door, NOT_PERMITTED, permit.detail)
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
