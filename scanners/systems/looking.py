"""Looking at one information system, layer by layer: names, delegation, ports, certificates, first pages, inner links."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from scanners.systems.asking import Grants, Limits
from scanners.systems.certifying import certificates
from scanners.systems.delegating import Delegating
from scanners.systems.doors import Door, doors, schemes, split
from scanners.systems.entering import Entered, Entering
from scanners.systems.lines import NOT_PERMITTED, Blind, Line, blind, body, nothing
from scanners.systems.linking import Home, Linking
from scanners.systems.pacing import Pace
from scanners.systems.reading_pages import NO_ADDRESS, OUTSIDE, UNANSWERED, PageReader
from scanners.systems.resolving import KINDS, Resolved, Resolving, resolved
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
        sources["tcp"] = _kept(entered.lines or [nothing("no-address")], _LOOKED)
        if not isinstance(sources["tcp"], bytes):
            sources |= {one: _unknown("tcp") for one in ("tls", "http", "links")}
            return Looked(sources, answered=False)
        if not entered.opened and any(line["outcome"] in _UNSEEN for line in entered.lines):
            sources |= {one: _unknown("tcp") for one in ("tls", "http", "links")}
            return Looked(sources, answered=False)
        http = [line for reading in entered.readings for line in reading.lines]
        sources["http"] = _kept(http or [nothing("no-open-port")], _LOOKED)
        tls = await certificates(entered.opened, entered.readings, self.grants, self.pace, self.limits)
        sources["tls"] = body(tls or [nothing("no-open-port" if not entered.opened else "no-tls")])
        sources["links"] = await self._links(reader, entered, found, addresses, began)
        return Looked(sources, answered=bool(entered.opened))

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
        entered: Entered,
        found: Mapping[tuple[str, str], Resolved],
        addresses: Sequence[tuple[str, str]],
        began: float,
    ) -> bytes | Blind:
        """Try the inner links of the first page that came, over every family of addresses that the system has."""
        if not entered.opened:
            return body([nothing("no-open-port")])
        pages = sorted((one for one in entered.readings if one.is_page), key=lambda one: one.is_error)
        home = pages[0] if pages else None
        if home is None:
            return _unknown("http")
        first = home.lines[0]
        families: dict[int, Door] = {}
        for door in entered.opened:
            if (door.network, door.name) == (first["network"], first["name"]):
                families.setdefault(door.family, door)
        ways = {name: way for (network, name), way in found.items() if network == first["network"]}
        for one in (one for network, one in addresses if network == first["network"]):
            ways[one] = Resolved(v6=(one,)) if ":" in one else Resolved(v4=(one,))
        ways |= {way: Resolved(v6=(way,)) if ":" in way else Resolved(v4=(way,)) for way in _addresses_of(found)}
        until = began + self.limits.system_seconds
        lines = await Linking(reader, self.limits, ways, until).of(Home(home, families))
        return body(lines or [nothing("no-link")])

    def _fetch_limits(self) -> FetchLimits:
        limits = self.limits
        return FetchLimits(limits.connect_seconds, limits.answer_seconds, limits.page_bytes)


_UNSEEN = ("no-route", NOT_PERMITTED, "failed")
"""Outcomes of a port that say nothing of it."""

_LOOKED = ("open", "answered", "refused", "timeout", "unreachable", "reset", "malformed", "no-route",
           "redirect-loop", OUTSIDE, NO_ADDRESS, UNANSWERED)  # fmt: skip
"""Outcomes that say something of the system; only where there is none of them was it not looked at."""


def _addresses_of(found: Mapping[tuple[str, str], Resolved]) -> list[str]:
    return [address for way in found.values() for _, address in way.addresses]


def _kept(lines: Sequence[Line], telling: Sequence[str]) -> bytes | Blind:
    """Keep lines as a body where at least one of them tells something, or there was nothing to ask."""
    if any(line["outcome"] in telling or line["outcome"] == "nothing" for line in lines):
        return body(lines)
    found = blind(lines)
    return found if found is not None else body(lines)


def _unknown(source: str) -> Blind:
    return Blind(GapReason.NOT_ASKED, f"needs-{source}")
