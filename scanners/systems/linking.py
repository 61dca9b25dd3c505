"""Inner links of a system: those on its first page and those on the pages behind them, each tried over both families."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scanners.platforms.systems.html import links as links_of
from scanners.systems.asking import Limits
from scanners.systems.doors import Door, split_url
from scanners.systems.lines import Line
from scanners.systems.reading_pages import NO_ADDRESS, OUTSIDE, UNANSWERED, PageReader, Reading, decoded
from scanners.systems.resolving import Resolved

_WORDS = {"not-permitted": "outside", OUTSIDE: "outside", NO_ADDRESS: "no-address", UNANSWERED: "failed"}
OVER_BUDGET = 50
"""So many links beyond the budget are written down at most; a page may hold thousands."""


@dataclass(frozen=True, slots=True)
class Home:
    """A first page that was read, and the doors of its name by family."""

    reading: Reading
    doors: dict[int, Door]


@dataclass(slots=True)
class Linking:
    """Tries the inner links of one system. `ways`: where each of its hosts leads, those of the links.

    `until`: the moment of the loop's clock after which none is begun.
    """

    reader: PageReader
    limits: Limits
    ways: Mapping[str, Resolved]
    until: float

    async def of(self, home: Home) -> list[Line]:
        """Try the links on the first page, then those on the pages that came; a line for each link and family."""
        if home.reading.last is None:
            return []
        tried = {home.reading.final_url, *(str(line["url"]) for line in home.reading.lines)}
        second = self._inner(home.reading.final_url, decoded(home.reading.last), tried)
        lines, pages = await self._level(2, home, second, self.limits.second_links)
        third: list[tuple[str, str]] = []
        for url, page in pages:
            third += self._inner(url, page, tried)
        more, _ = await self._level(3, home, third, self.limits.third_links)
        return lines + more

    def _inner(self, base: str, page: str, tried: set[str]) -> list[tuple[str, str]]:
        """List the links of a page that stay with the system, each with the page it stands on, none twice."""
        found = []
        for url in links_of(page, base):
            host = _host(url)
            if host and host in self.ways and url not in tried:
                tried.add(url)
                found.append((url, base))
        return found

    async def _level(
        self, level: int, home: Home, links: Sequence[tuple[str, str]], budget: int
    ) -> tuple[list[Line], list[tuple[str, str]]]:
        lines: list[Line] = []
        pages: list[tuple[str, str]] = []
        done = 0
        for url, found_on in links[:budget]:
            if asyncio.get_running_loop().time() >= self.until:
                break
            done += 1
            come: dict[int, Reading] = {}
            for family, door in sorted(home.doors.items()):
                onward = self._door(door, url)
                if onward is None:
                    lines.append(_line(level, url, found_on, door, "no-address", 0))
                    continue
                reading = await self.reader.read(onward, url)
                come[family] = reading
                lines.append(_line(level, url, found_on, onward, _outcome(reading), _status(reading)))
            page = next((one for _, one in sorted(come.items()) if one.is_page and one.last is not None), None)
            if page is not None and page.last is not None and page.last.content_type.lower().startswith("text/html"):
                pages.append((page.final_url, decoded(page.last)))
        lines += _over(level, links[done : done + OVER_BUDGET], home.doors.values())
        return lines, pages

    def _door(self, door: Door, url: str) -> Door | None:
        """Find where a link leads over the family of a door; None where its host has no address of that family."""
        parts = split_url(url)
        if parts is None:
            return None
        host, port = parts
        if host == door.name:
            return replace(door, port=port)
        way = self.ways.get(host, Resolved())
        address = next((one for family, one in way.addresses if family == door.family), None)
        if address is None:
            return None
        literal = host in (*way.v4, *way.v6)
        names = () if literal else (host, *way.aliases)
        return replace(door, name="" if literal else host, address=address, port=port, names=names)


def _over(level: int, links: Iterable[tuple[str, str]], doors: Iterable[Door]) -> list[Line]:
    kept = list(doors)
    return [_line(level, url, found_on, door, "over-budget", 0) for url, found_on in links for door in kept]


def _line(level: int, url: str, found_on: str, door: Door, outcome: str, status: int) -> Line:
    return {
        "level": level, "url": url, "found_on": found_on, "network": door.network, "name": door.name,
        "address": door.address, "family": door.family, "outcome": outcome, "status": status,
    }  # fmt: skip


def _outcome(reading: Reading) -> str:
    if reading.outcome == "answered" and reading.is_error:
        return "error"
    return _WORDS.get(reading.outcome, reading.outcome)


def _status(reading: Reading) -> int:
    return reading.last.status if reading.last is not None else 0


def _host(url: str) -> str:
    parts = split_url(url)
    return parts[0] if parts is not None else ""
