"""The delegation of a name: every zone from its own upwards, its name servers, each asked over both families."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from scanners.systems.asking import Refused, in_time
from scanners.systems.lines import BARRED, NOT_PERMITTED, Line
from scanners.systems.resolving import Resolving, contents, owners, resolved
from scanners.transports.name_queries import query

DEEPEST = 12
MOST_SERVERS = 13


@dataclass(slots=True)
class Delegating:
    """Looks at zones. One for a run: a zone that many names lie in is looked at once."""

    resolving: Resolving
    _zones: dict[tuple[str, str], "asyncio.Task[list[Line]]"] = field(default_factory=dict)

    async def of(self, network: str, names: Mapping[str, Line]) -> list[Line]:
        """Give the lines of every zone above these names, without the root and the zones right below it.

        `names` are the names with the line of each one's own question for SOA.
        """
        inside: dict[str, list[str]] = {}
        unasked: dict[str, tuple[Line, list[str]]] = {}
        for name, line in names.items():
            zones, failed = await self._above(network, name, line)
            for zone in zones:
                inside.setdefault(zone, []).append(name)
            if failed is not None:
                unasked.setdefault(str(failed["name"]), (failed, []))[1].append(name)
        found: list[Line] = []
        for zone, held in inside.items():
            key = (network, zone)
            if key not in self._zones:
                self._zones[key] = asyncio.ensure_future(self._look(network, zone))
            first, *rest = await asyncio.shield(self._zones[key])
            found += [{**first, "names": held}, *rest]
        found += [
            {"zone": zone, "names": held, "servers": [], "outcome": _failure(line)}
            for zone, (line, held) in unasked.items()
        ]
        return found

    async def _above(self, network: str, name: str, line: Line) -> tuple[list[str], Line | None]:
        """List the zones of a name from its own upwards, and the question at which that broke off where it did."""
        zones: list[str] = []
        at = _zone(name, line)
        if not at and _failure(line):
            return [], line
        upper = name.partition(".")[2]
        if not at and "." in upper:  # an alias, whose answer speaks of another zone
            asked = await self.resolving.once(network, upper, "SOA")
            at = _zone(upper, asked)
            if not at and _failure(asked):
                return [], asked
        for _ in range(DEEPEST):
            if "." not in at or at in zones:
                break
            zones.append(at)
            upper = at.partition(".")[2]
            if "." not in upper:
                break
            asked = await self.resolving.once(network, upper, "SOA")
            at = _zone(upper, asked)
            if not at and _failure(asked):
                return zones, asked
        return zones, None

    async def _look(self, network: str, zone: str) -> list[Line]:
        asked = await self.resolving.once(network, zone, "NS")
        servers = contents(asked, "NS", zone)[:MOST_SERVERS]
        head: Line = {"zone": zone, "names": [], "servers": servers, "outcome": asked["outcome"]}
        each = await asyncio.gather(*(self._server(network, zone, server) for server in servers))
        return [head, *(line for lines in each for line in lines)]

    async def _server(self, network: str, zone: str, server: str) -> list[Line]:
        both = await asyncio.gather(*(self.resolving.once(network, server, kind) for kind in ("A", "AAAA")))
        way = resolved(server, both)
        names = (server, *way.aliases)
        each = [self.resolving.grants.name_server(network, address, names) for _, address in way.addresses]
        barred = any(isinstance(one, Refused) and one.barred for one in each)
        found: list[Line] = []
        for family, addresses, line in ((4, way.v4, both[0]), (6, way.v6, both[1])):
            if not addresses:
                outcome = _failure(line) or "no-address"
                found.append(_line(zone, server, family, "", outcome, str(line["detail"])))
            elif barred:
                found += [_line(zone, server, family, one, NOT_PERMITTED, BARRED) for one in addresses]
            else:
                found += await asyncio.gather(
                    *(self._ask(network, zone, (server, names), family, one) for one in addresses)
                )
        return found

    async def _ask(
        self, network: str, zone: str, server: tuple[str, tuple[str, ...]], family: int, address: str
    ) -> Line:
        name, names = server
        ask = partial(self.resolving.grants.name_server, network, address, names)
        async with self.resolving.pace.turn(ask) as permit:
            if isinstance(permit, Refused):
                return _line(zone, name, family, address, NOT_PERMITTED, permit.detail)
            seconds = self.resolving.limits.resolve_seconds
            answered = await query(permit, zone, "SOA", seconds, recursion=False)
        in_time(answered.outcome, answered.detail)
        line = _line(zone, name, family, address, answered.outcome, answered.detail)
        own = zone in owners({"answers": list(answered.answers)}, "answers", "SOA")
        return {**line, "rcode": answered.rcode, "authoritative": answered.authoritative and own}


def _failure(line: Line) -> str:
    """Say how a question failed; empty where it was answered, be it that there is no such name."""
    if line["outcome"] != "answered":
        return str(line["outcome"])
    return "" if line["rcode"] in ("NOERROR", "NXDOMAIN") else "failed"


def _zone(name: str, line: Line) -> str:
    """Find the zone of a name in the answer to its question for SOA: an owner that the name lies in, else nothing."""
    held = [*owners(line, "answers", "SOA"), *owners(line, "authority", "SOA")]
    fitting: Sequence[str] = [one for one in held if name == one or name.endswith(f".{one}")]
    return max(fitting, key=len, default="")


def _line(zone: str, server: str, family: int, address: str, outcome: str, detail: str) -> Line:
    return {
        "zone": zone, "server": server, "family": family, "address": address, "outcome": outcome, "rcode": "",
        "authoritative": False, "detail": detail,
    }  # fmt: skip
