"""Systems that answer what nobody should: each ends in a line that says so, within bounds, and costs the others nothing."""

import asyncio
import json
import math
import resource
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.captures import read_line, seal, write_line
from lab.scenario.model import Web
from scanners.systems.asking import Limits, NotNowError, Refused
from scanners.systems.crew import Crew
from scanners.systems.lines import LARGEST_BODY, Line
from scanners.systems.looking import Looked, Looking
from scanners.systems.pacing import Pace
from scanners.systems.reading_pages import decoded
from scanners.transports.connecting import Outcome
from scanners.transports.web import Fetched
from tests.lab.test_services import network, requests
from tests.scanners.systems.looked_at import NETWORK, OWN, WEB, Book, look, names, sites, up
from tests.wire import needs_wire
from xunyan.model import Envelope
from xunyan.permits import Permit, Service, Target
from xunyan.wording import Text

assert network  # the fixture of the other file
pytestmark = [needs_wire, pytest.mark.usefixtures("network")]
DOMAIN = "jyj.gov.test"


def both(*hosts: str) -> list[str]:
    return [f"{host} {kind} {address}" for host in hosts for kind, address in zip(("A", "AAAA"), WEB, strict=True)]


def service(host: str, port: int = 80) -> Service:
    return Service(NETWORK, f"{host}.{DOMAIN}", port)


def test_a_page_of_a_gigabyte_is_cut(tmp_path: Path) -> None:
    web = Web(names=[f"big.{DOMAIN}"], title="大", size=2**30)
    with up(*names(tmp_path, both("big")), sites(tmp_path / "web", web)):
        _, lines = look(Book(), service("big"))
    assert {(line["outcome"], line["truncated"]) for line in lines["http"]} == {("answered", True)}
    assert all(len(line["body"]) <= Limits().page_bytes for line in lines["http"])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1 << 20


def test_answers_that_hang_close_or_are_no_http(tmp_path: Path) -> None:
    web = [
        Web(names=[f"hang.{DOMAIN}"], fault="hangs", port=8000),
        Web(names=[f"shut.{DOMAIN}"], fault="closes", port=8001),
        Web(names=[f"odd.{DOMAIN}"], fault="not-http", port=8002),
    ]
    hosts = ["hang", "shut", "odd"]
    quick = Limits(per_second=1000, queries_per_second=1000, connect_seconds=1, answer_seconds=2)
    with up(*names(tmp_path, both(*hosts)), sites(tmp_path / "web", *web)):
        began = time.monotonic()
        found = {
            host: {line["outcome"] for line in look(Book(), service(host, 8000 + n), limits=quick)[1]["http"]}
            for n, host in enumerate(hosts)
        }
    assert found == {"hang": {"timeout"}, "shut": {"reset"}, "odd": {"timeout"}}
    assert time.monotonic() - began < 30


def test_redirects_that_mean_no_place(tmp_path: Path) -> None:
    places = ["ftp://x.test/", "http://user:secret@www.jyj.gov.test/", "http://[::1/", "http://2130706433/"]
    web = [Web(names=[f"r{n}.{DOMAIN}"], redirect=place) for n, place in enumerate(places)]
    hosts = [f"r{n}" for n in range(len(places))]
    book = Book()
    with up(*names(tmp_path, both(*hosts)), sites(tmp_path / "web", *web)):
        ends = {
            place: {(line["outcome"], line["location"]) for line in look(book, service(host))[1]["http"]}
            for place, host in zip(places, hosts, strict=True)
        }
    assert ends == {place: {("redirect-outside", place)} for place in places}
    assert {address for address, _, _ in book.asked} <= set(WEB)


def test_a_permit_that_runs_out_puts_the_system_off(tmp_path: Path) -> None:
    """What is left is not taken for silence: the system waits, and its lines are not kept."""
    kept: list[int] = []
    seen: list[Looked] = []
    waiting: list[Text] = []
    asked: list[int] = []

    def keep(place: int, looked: Looked) -> None:
        kept.append(place)
        seen.append(looked)

    class Late(Book):
        def service(self, unit: str, network: str, address: str, port: int, names: Sequence[str]) -> Permit:
            del unit, network, address, names
            asked.append(port)
            raise NotNowError(Text("还没到时间", "not yet"))

    limits = Limits(per_second=1000, queries_per_second=1000)
    book = Late()
    crew = Crew(
        lambda: Looking(book, limits, Pace(limits, lambda _: (math.inf, math.inf))),
        keep, lambda *_: None, lambda _, why: waiting.append(why), threading.Event(),
    )  # fmt: skip
    target = Target("system:x", NETWORK, "", platform="system", services=(service("www"),))
    with up(*names(tmp_path, both("www"))):
        crew.work([(0, target)], 2)
    assert asked, seen
    assert (kept, [why.zh for why in waiting]) == ([], ["还没到时间"])


def test_one_address_is_asked_by_so_many_at_once_and_no_more(tmp_path: Path) -> None:
    """Twelve systems on one address, each page a quarter of a second: two at a time take at least a second and a half."""
    hosts = [f"s{n}" for n in range(12)]
    web = [Web(names=[f"{host}.{DOMAIN}"], title=host, slow=0.25) for host in hosts]
    limits = Limits(per_second=1000, queries_per_second=1000, per_address=2, concurrency=12)
    book = Book(allow=frozenset(WEB[:1]))

    async def run(looking: Looking) -> list[Looked]:
        targets = [Target(host, NETWORK, "", platform="system", services=(service(host),)) for host in hosts]
        return await asyncio.gather(*(looking.look(target) for target in targets))

    with up(*names(tmp_path, both(*hosts)), sites(tmp_path / "web", *web)):
        began = time.monotonic()

        async def all_of_them() -> list[Looked]:
            return await run(Looking(book, limits, Pace(limits, lambda _: (math.inf, math.inf))))

        looked = asyncio.run(all_of_them())
        took = time.monotonic() - began
    assert took > 12 / 2 * 0.25
    assert all(one.answered for one in looked)
    bodies = [json.loads(line) for one in looked for line in bytes(one.sources["http"]).splitlines()]  # type: ignore[arg-type]
    assert len([line for line in bodies if line["status"] == 200]) == 12
    assert len(requests(tmp_path / "web" / "web.log")) == 12


def test_what_one_source_gathers_is_bounded_and_can_be_read_back(tmp_path: Path) -> None:
    """Pages of quotation marks, which are escaped twice: what is over the bound is said to have failed, not kept by halves."""
    web = [
        Web(names=[f"q.{DOMAIN}"], port=8000 + n, body='"' * 500_000, families=families)
        for n in range(12) for families in ((4,), (6,))
    ]  # fmt: skip
    with up(*names(tmp_path, both("q")), sites(tmp_path / "web", *web)):
        looked, lines = look(Book(), *(service("q", 8000 + n) for n in range(12)))
    kept = looked.sources["http"]
    assert isinstance(kept, bytes)
    assert len(kept) <= LARGEST_BODY
    failed = [line for line in lines["http"] if line["outcome"] == "failed"]
    assert failed
    assert {(line["body"], line["detail"]) for line in failed} == {("", "too-large")}
    now = datetime.now(UTC)
    envelope = Envelope("system:x", "system", "system", "", "", NETWORK, "", "http", "http", now, "")
    assert read_line(write_line(seal(envelope, kept, exit_code=0))) is not None


def test_a_page_does_not_choose_the_code_that_reads_it() -> None:
    """Some of Python's codecs take minutes for half a megabyte, and the server names them."""
    for charset in ("punycode", "idna", "unicode_escape", "zlib", "../x"):
        got = Fetched(
            Outcome.ANSWERED, 200, content_type=f"text/html; charset={charset}", body="中文".encode() * 90_000
        )
        began = time.monotonic()
        assert decoded(got) == "中文" * 90_000
        assert time.monotonic() - began < 2
    assert (
        decoded(Fetched(Outcome.ANSWERED, content_type='text/html;charset="GB2312"', body="乾".encode("gb18030")))
        == "乾"
    )
    assert decoded(Fetched(Outcome.ANSWERED, body=b"a\x00\x1bb\nc")) == "a\ufffd\ufffdb\nc"


def test_a_letter_that_is_revoked_while_connections_wait_is_obeyed(tmp_path: Path) -> None:
    """Permission is asked for again when the turn comes, not only when the queue is joined."""
    hosts = [f"s{n}" for n in range(8)]
    limits = Limits(per_second=2, queries_per_second=1000, per_address=50, concurrency=8, ports=(80,))
    book = Book(allow=frozenset(WEB[:1]))
    targets = [Target(host, NETWORK, "", platform="system", services=(service(host),)) for host in hosts]

    async def run() -> list[Looked]:
        looking = Looking(book, limits, Pace(limits, lambda _: (math.inf, math.inf)))

        async def revoke() -> None:
            await asyncio.sleep(1)
            book.allow = frozenset()

        looked, _ = await asyncio.gather(asyncio.gather(*(looking.look(one) for one in targets)), revoke())
        return looked

    with up(*names(tmp_path, both(*hosts)), sites(tmp_path / "web", Web(title="门户"))):
        asyncio.run(run())
    assert 1 <= len(requests(tmp_path / "web" / "web.log")) <= 3


def test_links_go_where_their_hosts_lie(tmp_path: Path) -> None:
    """A link to an IPv4 address has no IPv6; one to another name of the system leads to that name's addresses."""
    records = [*both("www"), "oa A 10.91.0.2"]
    links = [f"http://{WEB[0]}/deep", f"http://oa.{DOMAIN}/"]
    web = sites(tmp_path / "web", Web(names=[f"www.{DOMAIN}"], title="门户", links=links), Web(title="别处"))
    oa = sites(tmp_path / "oa", Web(names=[f"oa.{DOMAIN}"], title="公文"), addresses=["10.91.0.2"])
    book = Book(allow=frozenset((*WEB, "10.91.0.2")))
    with up(*names(tmp_path, records), web, oa):
        _, lines = look(book, service("www"), service("oa"))
    assert {(line["url"], line["family"]): (line["outcome"], line["address"]) for line in lines["links"]} == {
        (f"http://{WEB[0]}/deep", 4): ("answered", WEB[0]), (f"http://{WEB[0]}/deep", 6): ("no-address", WEB[1]),
        (f"http://oa.{DOMAIN}/", 4): ("answered", "10.91.0.2"), (f"http://oa.{DOMAIN}/", 6): ("no-address", WEB[1]),
    }  # fmt: skip


def test_a_redirect_to_other_hours_or_to_no_address_ends_there_and_nothing_waits(tmp_path: Path) -> None:
    class Night(Book):
        def service(self, unit: str, network: str, address: str, port: int, names: Sequence[str]) -> Permit | Refused:
            if address == OWN[0]:
                raise NotNowError(Text("还没到时间", "not yet"))
            return super().service(unit, network, address, port, names)

    records = [*both("www", "six"), f"night A {OWN[0]}", f"night AAAA {OWN[1]}", f"four A {WEB[0]}"]
    web = [
        Web(names=[f"www.{DOMAIN}"], redirect=f"http://night.{DOMAIN}/"),
        Web(names=[f"six.{DOMAIN}"], redirect=f"http://four.{DOMAIN}/"), Web(names=[f"four.{DOMAIN}"], title="四"),
    ]  # fmt: skip
    with up(*names(tmp_path, records), sites(tmp_path / "web", *web)):
        _, night = look(Night(), service("www"))
        _, four = look(Night(), service("six"))
    assert {line["family"]: line["outcome"] for line in night["http"]} == {
        4: "redirect-unanswered",
        6: "redirect-outside",
    }
    assert [(line["family"], line["hop"], line["outcome"]) for line in four["http"]] == [
        (4, 0, "answered"), (4, 1, "answered"), (6, 0, "redirect-no-address"),
    ]  # fmt: skip


def test_a_zone_above_that_could_not_be_asked_is_written_down(tmp_path: Path) -> None:
    class Mute(Book):
        mute = False

        def resolvers(self, network: str) -> tuple[Permit, ...]:
            return () if self.mute else super().resolvers(network)

    book = Mute()

    async def run() -> list[Line]:
        limits = Limits(per_second=1000, queries_per_second=1000, resolve_seconds=2)
        looking = Looking(book, limits, Pace(limits, lambda _: (math.inf, math.inf)))
        name = f"www.{DOMAIN}"
        line = await looking.resolving.ask(NETWORK, name, "SOA")
        book.mute = True
        return await looking.delegating.of(NETWORK, {name: line})

    with up(*names(tmp_path, both("www"))):
        lines = asyncio.run(run())
    assert {(line["zone"], line["outcome"]) for line in lines if "servers" in line} == {
        (DOMAIN, "not-permitted"), ("gov.test", "not-permitted")
    }  # fmt: skip
