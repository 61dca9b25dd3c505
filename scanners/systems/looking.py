"""Looking at one information system, layer by layer: names, delegation, ports, certificates, first pages, inner links."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from scanners.systems.asking import Grants, Limits
from scanners.systems.certifying import certificates
from scanners.systems.delegating import Delegating
from scanners.systems.doors import Door, doors, schemes, split
from scanners.systems.entering import Entering
from scanners.systems.lines import Blind, Line, blind, body, nothing
from scanners.systems.linking import Home, Linking
from scanners.systems.pacing import Pace
from scanners.systems.reading_pages import PageReader, Reading
from scanners.systems.resolving import KINDS, Resolving, resolved
from scanners.transports.web import FetchLimits
from xunyan.model import GapReason
from xunyan.permits import Target

SOURCES = ("dns", "delegation", "tcp", "tls", "http", "links")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a system gave: a body for each source, or why that could not be seen. `answered`: some port is open.

    `began`: when that was, by the machine's clock that never goes back.
    """

    sources: Mapping[str, bytes | Blind]
    answered: bool
    began: float = 0.0


@dataclass(slots=True)
class Looking:
    """Looks at systems. One for a run, since zones and resolvers are shared."""

    grants: Grants
    limits: Limits
    pace: Pace
    resolving: Resolving = field(init=False)
    delegating: Delegating = field(init=False)

    def __post_init__(self) -> None:
        self.resolving = Resolving(self.grants, self.limits, self.pace)
        self.delegating = Delegating(self.resolving)

    async def look(self, target: Target) -> Looked:
        """Look at one system; every source ends in a body or a reason."""
        began = asyncio.get_running_loop().time()
        return replace(await self._look(target), began=began)

    async def _look(self, target: Target) -> Looked:
        if not target.services:
            return Looked(dict.fromkeys(SOURCES, Blind(GapReason.NOT_ASKED, "no-service-filed")), answered=False)
        began = asyncio.get_running_loop().time()
        names, addresses = split(target.services)
        asked, dns = await self._names(names, addresses)
        sources: dict[str, bytes | Blind] = {"dns": _kept(dns, ("answered",))}
        known = isinstance(sources["dns"], bytes)
        delegation = await self._delegation(asked)
        sources["delegation"] = _kept(delegation, ("answered", "no-address")) if known else _unknown("dns")
        found = {key: resolved(key[1], lines) for key, lines in asked.items()}
        behind = doors(target, found, self.limits)
        if not known and not behind:
            sources |= {one: _unknown("dns") for one in ("tcp", "tls", "http", "links")}
            return Looked(sources, answered=False)
        reader = PageReader(self.resolving, self._fetch_limits())
        entered = await Entering(reader, self.limits, schemes(target.services)).all(behind)
        opened, readings = entered.opened, entered.readings
        sources["tcp"] = _kept(entered.lines or [nothing("no-address")], _LOOKED)
        if not isinstance(sources["tcp"], bytes):
            sources |= {one: _unknown("tcp") for one in ("tls", "http", "links")}
            return Looked(sources, answered=False)
        http = [line for reading in readings for line in reading.lines]
        sources["http"] = _kept(http or [nothing("no-open-port")], _LOOKED)
        tls = await certificates(opened, readings, self.grants, self.pace, self.limits)
        sources["tls"] = body(tls or [nothing("no-open-port")])
        links = await self._links(reader, readings, opened, frozenset(name for _, name in names), began)
        sources["links"] = body(links or [nothing("no-link" if readings else "no-page")])
        return Looked(sources, answered=bool(opened))

    async def _names(
        self, names: Sequence[tuple[str, str]], addresses: Sequence[tuple[str, str]]
    ) -> tuple[dict[tuple[str, str], list[Line]], list[Line]]:
        """Ask about every name, and for the names of every filed address."""
        answers = await asyncio.gather(*(self.resolving.about(network, name) for network, name in names))
        asked = dict(zip(names, answers, strict=True))
        reverse = await asyncio.gather(
            *(self.resolving.ask(network, ip_address(one).reverse_pointer, "PTR") for network, one in addresses)
        )
        lines = [line for own in answers for line in own] + list(reverse)
        return asked, lines if names else [*lines, nothing("no-name")]

    async def _delegation(self, asked: Mapping[tuple[str, str], list[Line]]) -> list[Line]:
        place = KINDS.index("SOA")
        found: list[Line] = []
        for network in dict.fromkeys(network for network, _ in asked):
            own = {name: lines[place] for (one, name), lines in asked.items() if one == network}
            found += await self.delegating.of(network, own)
        return found or [nothing("no-name" if not asked else "no-zone")]

    async def _links(
        self,
        reader: PageReader,
        readings: Sequence[Reading],
        opened: Sequence[Door],
        hosts: frozenset[str],
        began: float,
    ) -> list[Line]:
        """Try the inner links of the first page that came, over every family of addresses that the system has."""
        home = next((one for one in readings if one.is_page), None)
        if home is None:
            return []
        first = home.lines[0]
        families: dict[int, Door] = {}
        for door in opened:
            if (door.network, door.name) == (first["network"], first["name"]):
                families.setdefault(door.family, door)
        own = hosts | {door.address for door in families.values()}
        until = began + self.limits.system_seconds
        return await Linking(reader, self.limits, own, until).of(Home(home, families))

    def _fetch_limits(self) -> FetchLimits:
        limits = self.limits
        return FetchLimits(limits.connect_seconds, limits.answer_seconds, limits.page_bytes)


_LOOKED = ("open", "answered", "refused", "timeout", "unreachable", "reset", "malformed", "no-route", "too-large",
           "redirect-loop", "redirect-outside")  # fmt: skip
"""Outcomes that say something of the system; only where there is none of them was it not looked at."""


def _kept(lines: Sequence[Line], telling: Sequence[str]) -> bytes | Blind:
    """Keep lines as a body where at least one of them tells something, or there was nothing to ask."""
    if any(line["outcome"] in telling or line["outcome"] == "nothing" for line in lines):
        return body(lines)
    found = blind(lines)
    return found if found is not None else body(lines)


def _unknown(source: str) -> Blind:
    return Blind(GapReason.NOT_ASKED, f"needs-{source}")
