"""Systems that answer what nobody should: each ends in a line that says so, within bounds, and costs the others nothing."""

import asyncio
import json
import math
import resource
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from lab.scenario.model import Web
from scanners.systems.asking import Limits, NotNowError
from scanners.systems.crew import Crew
from scanners.systems.looking import Looked, Looking
from scanners.systems.pacing import Pace
from tests.lab.test_services import network, requests
from tests.scanners.systems.looked_at import NETWORK, WEB, Book, look, names, sites, up
from tests.wire import needs_wire
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
    waiting: list[Text] = []
    asked: list[int] = []

    class Late(Book):
        def service(self, unit: str, network: str, address: str, port: int, names: Sequence[str]) -> Permit:
            del unit, network, address, names
            asked.append(port)
            raise NotNowError(Text("还没到时间", "not yet"))

    limits = Limits(per_second=1000, queries_per_second=1000)
    book = Late()
    crew = Crew(
        lambda: Looking(book, limits, Pace(limits, lambda _: (math.inf, math.inf))),
        lambda place, _: kept.append(place), lambda *_: None, lambda _, why: waiting.append(why), threading.Event(),
    )  # fmt: skip
    target = Target("system:x", NETWORK, "", platform="system", services=(service("www"),))
    with up(*names(tmp_path, both("www"))):
        crew.work([(0, target)], 2)
    assert asked, waiting
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
