"""Asking about names: each question is a line; what many systems need is asked once in a run."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address

from scanners.platforms.systems.names import followed
from scanners.systems.asking import Grants, Limits, Refused, in_time
from scanners.systems.lines import NOT_PERMITTED, Line
from scanners.systems.pacing import Pace
from scanners.transports.name_queries import query
from xunyan.permits import Permit
from xunyan.wording import Text

KINDS = ("A", "AAAA", "CNAME", "HTTPS", "SOA", "NS")
"""What is asked about every name of a system."""

MOST_ADDRESSES = 32
"""So many addresses of a family are looked at; a name of an honest system has a handful."""

_NO_RESOLVER = Text("没有授权可用的域名服务器", "no letter grants a resolver")


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a name leads: the CNAMEs behind it, in order, and the addresses at their end; `failed` where nobody knows."""

    aliases: tuple[str, ...] = ()
    v4: tuple[str, ...] = ()
    v6: tuple[str, ...] = ()
    failed: bool = False

    @property
    def addresses(self) -> tuple[tuple[int, str], ...]:
        """All addresses as (family, address), IPv4 first."""
        return (*((4, one) for one in self.v4), *((6, one) for one in self.v6))


@dataclass(slots=True)
class Resolving:
    """Asks the resolvers of networks. One for a run: what was asked for many is remembered."""

    grants: Grants
    limits: Limits
    pace: Pace
    _shared: dict[tuple[str, str, str], "asyncio.Task[Line]"] = field(default_factory=dict)

    async def about(self, network: str, name: str) -> list[Line]:
        """Ask everything that is asked about a name of a system: a line for each of KINDS."""
        return list(await asyncio.gather(*(self.ask(network, name, kind) for kind in KINDS)))

    async def ask(self, network: str, name: str, kind: str) -> Line:
        """Ask one question of the network's resolvers, the next where one does not answer; the last line is kept."""
        line: dict[str, object] = {
            "network": network, "name": name, "server": "", "type": kind, "outcome": NOT_PERMITTED, "rcode": "",
            "answers": [], "authority": [], "detail": "no-resolver",
        }  # fmt: skip
        for server in [one.address for one in self.grants.resolvers(network)]:
            async with self.pace.turn(partial(self._granted, network, server)) as permit:
                if isinstance(permit, Refused):
                    line |= {"detail": permit.detail}
                    continue
                answered = await query(permit, name, kind, self.limits.resolve_seconds, recursion=True)
            in_time(answered.outcome, answered.detail)
            line |= {
                "server": permit.address, "outcome": answered.outcome, "rcode": answered.rcode,
                "answers": list(answered.answers), "authority": list(answered.authority), "detail": answered.detail,
            }  # fmt: skip
            if answered.outcome == "answered" and answered.rcode != "SERVFAIL":
                break
        return line

    def _granted(self, network: str, server: str) -> Permit | Refused:
        """Give leave for a resolver as it stands now."""
        return next((one for one in self.grants.resolvers(network) if one.address == server), Refused(_NO_RESOLVER))

    async def once(self, network: str, name: str, kind: str) -> Line:
        """Ask what other systems may have asked already, such as about the zone they share."""
        key = (network, name, kind)
        if key not in self._shared:
            self._shared[key] = asyncio.ensure_future(self.ask(network, name, kind))
        return await asyncio.shield(self._shared[key])

    async def addresses(self, network: str, name: str) -> Resolved:
        """Resolve a name that a system leads to, such as where it redirects."""
        lines = await asyncio.gather(self.once(network, name, "A"), self.once(network, name, "AAAA"))
        return resolved(name, lines)


def resolved(name: str, lines: Iterable[Line]) -> Resolved:
    """Follow a name through the answers to A and AAAA."""
    asked = [line for line in lines if line.get("type") in ("A", "AAAA") and line.get("name") == name]
    aliases: dict[str, None] = {}
    found: dict[str, list[str]] = {"A": [], "AAAA": []}
    for line in asked:
        records = [one for text in _texts(line, "answers") if (one := _record(text)) is not None]
        chain, here = followed(
            _bare(name), {owner: _bare(data) for owner, kind, data in reversed(records) if kind == "CNAME"}
        )
        aliases |= dict.fromkeys(chain)
        kind = str(line["type"])
        found[kind] += [data for owner, one, data in records if one == kind and owner == here and _is_of(kind, data)]
    failed = not any(line["outcome"] == "answered" and line["rcode"] in ("NOERROR", "NXDOMAIN") for line in asked)
    four, six = (tuple(dict.fromkeys(found[kind]))[:MOST_ADDRESSES] for kind in ("A", "AAAA"))
    return Resolved(tuple(aliases), four, six, failed and bool(asked))


def owners(line: Line, section: str, kind: str) -> list[str]:
    """List the owners of records of a kind in a section of an answer."""
    records = (_record(text) for text in _texts(line, section))
    return [record[0] for record in records if record is not None and record[1] == kind]


def contents(line: Line, kind: str, owner: str) -> list[str]:
    """List what the answer's records of a kind and an owner say, names without their last dot."""
    records = (_record(text) for text in _texts(line, "answers"))
    return [_bare(one[2]) for one in records if one is not None and one[:2] == (_bare(owner), kind)]


def _texts(line: Line, section: str) -> Sequence[str]:
    texts = line.get(section, ())
    return [one for one in texts if isinstance(one, str)] if isinstance(texts, list) else []


def _record(text: str) -> tuple[str, str, str] | None:
    parts = text.split(None, 4)
    return (_bare(parts[0]), parts[3], parts[4]) if len(parts) == 5 and parts[2] == "IN" else None


def _is_of(kind: str, data: str) -> bool:
    """Tell whether what a record says is an address of its kind."""
    try:
        return ip_address(data).version == (4 if kind == "A" else 6) and "%" not in data
    except ValueError:
        return False


def _bare(name: str) -> str:
    return name.strip().rstrip(".").lower()
