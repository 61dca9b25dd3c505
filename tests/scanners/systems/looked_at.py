"""What the tests of the agent for systems share: names and web sites in a network of their own, and grants for them."""

import asyncio
import contextlib
import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.query

from lab.programs import Program
from lab.scenario.model import Host, NameServer, Web, Zone
from lab.services.certificates import Authority
from lab.services.dns import authoritative_programs, known_addresses, resolver_programs, tree
from lab.services.web import other_programs, web_program
from scanners.systems.asking import Limits, Refused
from scanners.systems.lines import Blind
from scanners.systems.looking import Looked, Looking
from scanners.systems.pacing import Pace
from tests.lab.test_services import running
from xunyan.permits import Method, Permit, Service, Target
from xunyan.wording import Text

NETWORK = "外网"
ROOT, OWN, RESOLVER = ("10.91.0.1", "fd91::1"), ("10.91.0.2", "fd91::2"), ("10.91.0.3", "fd91::3")
WEB = ("10.91.0.4", "fd91::4")


@dataclass(slots=True)
class Book:
    """Grants by addresses, and what was asked of them."""

    resolver: tuple[str, ...] = RESOLVER[:1]
    servers: tuple[str, ...] = OWN
    allow: frozenset[str] = frozenset(WEB)
    barred: frozenset[str] = frozenset()
    expires: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(minutes=5))
    asked: list[tuple[str, int, tuple[str, ...]]] = field(default_factory=list)

    def permit(self, network: str, address: str, port: int, method: Method) -> Permit:
        return Permit(network, address, port, method, self.expires, "L")

    def resolvers(self, network: str) -> tuple[Permit, ...]:
        return tuple(self.permit(network, one, 53, Method.DNS) for one in self.resolver)

    def name_server(self, network: str, address: str, names: Sequence[str]) -> Permit | Refused:
        del names
        if address not in self.servers:
            return Refused(Text("没有授权", "not granted"))
        return self.permit(network, address, 53, Method.DNS)

    def service(self, unit: str, network: str, address: str, port: int, names: Sequence[str]) -> Permit | Refused:
        del unit
        self.asked.append((address, port, tuple(names)))
        if address in self.barred:
            return Refused(Text("禁止", "denied"), barred=True)
        if address not in self.allow:
            return Refused(Text("不在范围内", "outside"))
        return self.permit(network, address, port, Method.WEB)


@contextmanager
def up(*placed: tuple[Path, Sequence[Program]]) -> Iterator[None]:
    """Run programs, each in its folder."""
    with ExitStack() as stack:
        for folder, programs in placed:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(running(folder, *programs))
            if folder.name == "resolver":
                await_answer()
        yield


def await_answer() -> None:
    """Wait until the resolver has found its way to the zone: a busy machine takes its time for the first question."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        question = dns.message.make_query("jyj.gov.test", "SOA")
        with contextlib.suppress(dns.exception.Timeout, OSError):
            if dns.query.udp(question, RESOLVER[0], timeout=2).answer:
                return
        time.sleep(0.1)
    raise AssertionError("the resolver does not answer")


def names(
    folder: Path, records: list[str], reverse: Sequence[str] = (), **more: Any
) -> list[tuple[Path, Sequence[Program]]]:
    """A root, an authoritative server of `jyj.gov.test` with these records, and a resolver, each with its folder.

    `reverse` are records of the zone of the addresses' names.
    """
    speaks = NameServer(**more)
    hosts = [
        Host(name="root1", at={"x": list(ROOT)}, dns=NameServer()),
        Host(name="dns1", at={"x": list(OWN)}, dns=speaks),
    ]
    own_zones = [Zone(name="jyj.gov.test", servers=["dns1"], records=records)]
    if reverse:
        own_zones.append(Zone(name="0.91.10.in-addr.arpa", servers=["dns1"], records=list(reverse)))
    zones = tree(own_zones, "root1")
    known = known_addresses(hosts)
    root, own, resolver = (folder / one for one in ("root", "own", "resolver"))
    return [
        (root, authoritative_programs(root, "root1", NameServer(), ROOT, zones, known)),
        (own, authoritative_programs(own, "dns1", speaks, OWN, zones, known)),
        (resolver, resolver_programs(resolver, NameServer(), RESOLVER, zones, known)),
    ]


def sites(folder: Path, *web: Web, addresses: Sequence[str] = WEB) -> tuple[Path, Sequence[Program]]:
    """An nginx with these sites, and what stands at the ports of those that are none, with their folder."""
    return folder, [web_program(folder, web, addresses, Authority()), *other_programs(web, addresses)]


def look(
    book: Book, *services: Service, limits: Limits | None = None, unit: str = "教育局"
) -> tuple[Looked, dict[str, list[dict[str, Any]]]]:
    """Look at one system; give what came of it and the lines of each source that was seen."""
    bounds = limits or Limits(per_second=1000, queries_per_second=1000, connect_seconds=2, answer_seconds=5)

    async def run() -> Looked:
        looking = Looking(book, bounds, Pace(bounds, lambda _: (math.inf, math.inf)))
        return await looking.look(Target("system:门户", NETWORK, "", platform="system", unit=unit, services=services))

    looked = asyncio.run(run())
    lines = {
        source: [json.loads(line) for line in given.splitlines()]
        for source, given in looked.sources.items()
        if not isinstance(given, Blind)
    }
    return looked, lines
