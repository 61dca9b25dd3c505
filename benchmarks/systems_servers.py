"""The network of the benchmark of information systems: names, web sites and holes, in a network namespace of its own.

Every name has an address of its own in either family. Those of the web sites all lead to one nginx, since the whole of
their ranges is local; those of the holes lead into a cable at whose other end nobody listens: packets are taken, nothing
answers.
"""

import json
import os
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import dns.message
import dns.query

from lab.contents import Entry
from lab.namespaces import NEWNET, become_user, unshare
from lab.programs import Program
from lab.scenario.model import Host, NameServer, Zone
from lab.services.dns import LOG as DNS_LOG
from lab.services.dns import authoritative_programs, known_addresses, resolver_programs, tree
from lab.services.missing import PATH, absent
from lab.services.web import LOG as WEB_LOG
from lab.services.web import Site, nginx

ROOT, OWN, RESOLVER = ("10.91.0.1", "fd91::1"), ("10.91.0.2", "fd91::2"), ("10.91.0.3", "fd91::3")
PARENT = "bench.test"
IN_A_UNIT = 50
HOLE_EVERY = 10
PATIENCE = 60.0
MOST = 60_000
"""So many names have an address of their own in the ranges below."""
_FIRST = 0x100
_SITES = IPv4Address("10.92.0.0"), IPv6Address("fd92::")
_HOLES = IPv4Address("10.93.0.0"), IPv6Address("fd93::")
_WIRES = """\
link set lo up
link add hole type veth peer name bottom
link set hole arp off up
link set bottom arp off up
address add 10.93.0.1/32 dev hole
-6 address add fd93::1/128 dev hole nodad
route add 10.93.0.0/16 dev hole src 10.93.0.1
-6 route add fd93::/64 dev hole src fd93::1
route add local 10.92.0.0/16 dev lo
-6 route add local fd92::/64 dev lo
"""
_ROOM = (
    ("  num-queries-per-thread: 32\n", "  num-queries-per-thread: 4096\n"),
    ("  outgoing-range: 64\n", "  outgoing-range: 8192\n"),
    ("-cache-size: 1m\n", "-cache-size: 64m\n"),
    ("worker_connections 128;", "worker_connections 4096;"),
)
"""The lab's servers suit a dozen hosts; with so little room they drop questions, and time limits would be measured."""


@dataclass(frozen=True, slots=True)
class Name:
    """One system: its name, its unit, its two addresses, and whether they are a hole."""

    name: str
    unit: str
    v4: str
    v6: str
    hole: bool


@dataclass(frozen=True, slots=True)
class Served:
    """What the servers wrote down: questions in all, (name, kind) that were asked, (name, address) whose page was sent."""

    questions: int
    asked: frozenset[tuple[str, str]]
    pages: Counter[tuple[str, str]]


def own_network() -> None:
    """Put this process and all that it starts into a network of its own. Raises OSError where it may not have one."""
    if os.geteuid():
        become_user(0, 0)
    unshare(NEWNET)
    own = [f"address add {one}/32 dev lo" for one, _ in (ROOT, OWN, RESOLVER)]
    own += [f"-6 address add {one}/128 dev lo nodad" for _, one in (ROOT, OWN, RESOLVER)]
    for line in [*_WIRES.splitlines(), *own]:
        subprocess.run(["ip", *line.split()], check=True, timeout=PATIENCE, env={"PATH": PATH})


def names_of(count: int) -> list[Name]:
    """Make so many systems; every tenth is a hole."""
    return [_name(number) for number in range(count)]


def _name(number: int) -> Name:
    unit = number // IN_A_UNIT
    hole = number % HOLE_EVERY == HOLE_EVERY - 1
    four, six = _HOLES if hole else _SITES
    own = f"s{number:05d}.{_zone(unit)}"
    return Name(own, f"单位{unit:03d}", str(four + _FIRST + number), str(six + _FIRST + number), hole)


def _zone(unit: int) -> str:
    return f"u{unit:03d}.{PARENT}"


@contextmanager
def serving(folder: Path, names: Sequence[Name]) -> Iterator[None]:
    """Run the servers until the context is left: fresh ones, which have no answer in store. Raises RuntimeError."""
    folder.mkdir()
    with ExitStack() as stack:
        for own, programs in _programs(folder, names):
            if missing := absent(programs):
                raise RuntimeError(f"missing: {', '.join(package for _, package in missing)}")
            for program in programs:
                stack.callback(_end, _start(own, program))
        for address, port in ((RESOLVER[0], 53), (names[0].v4, 80), (names[0].v6, 80)):
            _await(address, port)
        question = dns.message.make_query(_zone(0), "SOA")
        answer = dns.query.udp(question, RESOLVER[0], timeout=PATIENCE, raise_on_truncation=True)
        if not answer.answer:
            raise RuntimeError(f"the name servers do not serve their zones:\n{answer}")
        yield


def served(folder: Path) -> Served:
    """Read what the servers that ran in a folder wrote down."""
    asked: Counter[tuple[str, str]] = Counter()
    with (folder / "resolver" / DNS_LOG).open(encoding="utf-8", errors="replace") as log:
        for line in log:
            _, found, rest = line.partition(" query: ")
            if found:
                _, name, kind, _ = rest.split()
                asked[name.rstrip("."), kind] += 1
    pages: Counter[tuple[str, str]] = Counter()
    with (folder / "web" / WEB_LOG).open(encoding="utf-8", errors="replace") as log:
        for line in log:
            if line.startswith("{"):
                one = json.loads(line)
                if one["uri"] == "/" and one["status"] == 200:
                    pages[one["host"], one["server"]] += 1
    return Served(asked.total(), frozenset(asked), pages)


def _programs(folder: Path, names: Sequence[Name]) -> list[tuple[Path, Sequence[Program]]]:
    """Three name servers and a web server, each in its folder."""
    hosts = [
        Host(name="root1", at={"x": list(ROOT)}, dns=NameServer()),
        Host(name="dns1", at={"x": list(OWN)}, dns=NameServer()),
    ]
    units = range(0, len(names), IN_A_UNIT)
    below = [
        Zone(name=_zone(first // IN_A_UNIT), servers=["dns1"], records=_records(names[first : first + IN_A_UNIT]))
        for first in units
    ]
    zones, known = tree(below, "root1"), known_addresses(hosts)
    places = {one: folder / one for one in ("root", "own", "resolver", "web")}
    return [
        (places["root"], authoritative_programs(places["root"], "root1", NameServer(), ROOT, zones, known)),
        (places["own"], authoritative_programs(places["own"], "dns1", NameServer(), OWN, zones, known)),
        (places["resolver"], resolver_programs(places["resolver"], NameServer(), RESOLVER, zones, known)),
        (places["web"], [_web(places["web"])]),
    ]


def _records(names: Sequence[Name]) -> list[str]:
    return [f"{one.name}. IN {kind} {address}" for one in names for kind, address in (("A", one.v4), ("AAAA", one.v6))]


def _web(folder: Path) -> Program:
    site = Site(
        listens=(("0.0.0.0", 80), ("::", 80)),  # noqa: S104  # in a network of its own
        names=(), files=(Entry("web/pages/index.html", page()),),
        locations=f"    default_type text/html;\n    root {folder / 'web' / 'pages'};\n",
    )  # fmt: skip
    return nginx(folder, "web", WEB_LOG, [site])


def page() -> str:
    """Write the page that every site shows, some 4 KB of it."""
    told = "".join(
        f"<li><a href='/news/{number}.html'>关于做好第{number}批政务信息系统迁移上云和IPv6改造工作的通知</a></li>\n"
        for number in range(30)
    )
    head = "<meta charset='utf-8'><title>单位门户网站</title>"
    return f"<!DOCTYPE html>\n<html lang='zh-CN'><head>{head}</head>\n<body><h1>单位门户网站</h1>\n<ul>\n{told}</ul></body></html>\n"


def _start(folder: Path, program: Program) -> subprocess.Popen[bytes]:
    for entry in program.files:
        path = folder / entry.path
        (path if entry.text is None else path.parent).mkdir(parents=True, exist_ok=True)
        if entry.text is not None:
            text = entry.text
            for small, roomy in _ROOM:
                text = text.replace(small, roomy)
            path.write_text(text, "utf-8")
    with (folder / program.log).open("ab") as log:
        return subprocess.Popen(
            program.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": PATH}, cwd="/"
        )


def _await(address: str, port: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((address, port), PATIENCE).close()
        except OSError as error:
            if time.monotonic() > until:
                raise RuntimeError(f"nobody listens at {address} port {port}") from error
            time.sleep(0.05)
        else:
            return


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
