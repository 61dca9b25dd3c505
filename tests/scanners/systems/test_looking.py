"""The agent for systems against real name servers and web servers, in a network of its own."""

from pathlib import Path

import pytest

from lab.scenario.model import Web
from scanners.systems.asking import Limits
from scanners.systems.lines import Blind
from tests.lab.test_services import network, requests
from tests.scanners.systems.looked_at import NETWORK, OWN, WEB, Book, look, names, sites, up
from tests.wire import needs_wire
from xunyan.permits import Service

assert network  # the fixture of the other file
pytestmark = [needs_wire, pytest.mark.usefixtures("network")]
BOTH = [f"www A {WEB[0]}", f"www AAAA {WEB[1]}"]
HOST = "www.jyj.gov.test"


def test_a_dual_stack_system_layer_by_layer(tmp_path: Path) -> None:
    web = [Web(names=[HOST], title="门户"), Web(names=[HOST], port=443, tls="valid", title="门户")]
    with up(*names(tmp_path, BOTH), sites(tmp_path / "web", *web)):
        looked, lines = look(Book(), Service(NETWORK, HOST))
    assert looked.answered
    assert set(lines) == {"dns", "delegation", "tcp", "tls", "http", "links"}
    assert [line["type"] for line in lines["dns"]] == ["A", "AAAA", "CNAME", "HTTPS", "SOA", "NS"]
    assert {line["outcome"] for line in lines["dns"]} == {"answered"}
    zones = [line for line in lines["delegation"] if "servers" in line]
    assert [(line["zone"], line["names"]) for line in zones] == [("jyj.gov.test", [HOST]), ("gov.test", [HOST])]
    asked = {
        (line["address"], line["outcome"], line["authoritative"])
        for line in lines["delegation"]
        if "server" in line and line["zone"] == "jyj.gov.test"
    }
    assert asked == {(one, "answered", True) for one in OWN}
    doors = {(line["address"], line["port"], line["outcome"]) for line in lines["tcp"]}
    assert doors == {(address, port, "open") for address in WEB for port in (80, 443)}
    assert len({line["certificate"] for line in lines["tls"]}) == 1
    assert {line["outcome"] for line in lines["tls"]} == {"ok"}
    pages = {(line["url"], line["family"], line["status"]) for line in lines["http"]}
    assert pages == {(f"{scheme}://{HOST}/", family, 200) for scheme in ("http", "https") for family in (4, 6)}
    assert all("门户" in line["body"] for line in lines["http"])


def test_what_may_not_be_touched_is_not(tmp_path: Path) -> None:
    """An address that is denied bars the name with its other addresses; one that is only outside bars itself."""
    with up(*names(tmp_path, BOTH), sites(tmp_path / "web", Web(names=[HOST], title="门户"))):
        _, outside = look(Book(allow=frozenset({WEB[0]})), Service(NETWORK, HOST, 80))
        looked, _ = look(Book(barred=frozenset({WEB[1]})), Service(NETWORK, HOST, 80))
    assert {(one["address"], one["outcome"]) for one in outside["tcp"]} == {(WEB[0], "open"), (WEB[1], "not-permitted")}
    assert not looked.answered
    assert [looked.sources[one].reason for one in ("tcp", "http")] == ["out-of-scope", "not-asked"]  # type: ignore[union-attr]
    assert [(one["server"], one["host"]) for one in requests(tmp_path / "web" / "web.log")] == [(WEB[0], HOST)]


def test_a_redirect_is_followed_where_it_may_be(tmp_path: Path) -> None:
    records = [*BOTH, f"new A {WEB[0]}", f"new AAAA {WEB[1]}", "far A 10.91.0.9"]
    new = "new.jyj.gov.test"
    web = [
        Web(names=[HOST], redirect=f"http://{new}:8080/home"), Web(names=[new], port=8080, title="新门户"),
        Web(names=["out.jyj.gov.test"], redirect="http://far.jyj.gov.test/"),
        Web(names=["loop.jyj.gov.test"], redirect="http://loop.jyj.gov.test/"),
    ]  # fmt: skip
    records += [f"out A {WEB[0]}", f"loop A {WEB[0]}"]
    with up(*names(tmp_path, records), sites(tmp_path / "web", *web)):
        _, followed = look(Book(), Service(NETWORK, HOST, 80))
        _, outside = look(Book(), Service(NETWORK, "out.jyj.gov.test", 80))
        _, loop = look(Book(), Service(NETWORK, "loop.jyj.gov.test", 80))
    four = [line for line in followed["http"] if line["family"] == 4]
    assert [(line["hop"], line["url"], line["status"]) for line in four] == [
        (0, f"http://{HOST}/", 302), (1, f"http://{new}:8080/home", 200),
    ]  # fmt: skip
    assert "新门户" in four[1]["body"]
    assert [(line["outcome"], line["location"]) for line in outside["http"]] == [
        ("redirect-outside", "http://far.jyj.gov.test/")
    ]
    assert [line["outcome"] for line in loop["http"]] == ["redirect-loop"]


def test_the_second_reading_is_made_only_where_the_families_differ(tmp_path: Path) -> None:
    web = [
        Web(names=[HOST], title="门户"),
        Web(port=81, families=(4,), title="一"),
        Web(port=81, families=(6,), title="二"),
    ]
    with up(*names(tmp_path, BOTH), sites(tmp_path / "web", *web)):
        _, lines = look(Book(), Service(NETWORK, HOST, 80), Service(NETWORK, HOST, 81))
    reads = sorted((line["port"], line["family"], line["read"]) for line in lines["http"])
    assert reads == [(80, 4, 1), (80, 6, 1), (81, 4, 1), (81, 4, 2), (81, 6, 1)]


def test_where_nothing_is_there_to_ask_it_says_so(tmp_path: Path) -> None:
    with up(*names(tmp_path, [f"dead A {WEB[0]}"]), sites(tmp_path / "web", Web(port=81))):
        gone, none = look(Book(), Service(NETWORK, "nobody.jyj.gov.test"))
        dead, shut = look(Book(), Service(NETWORK, "dead.jyj.gov.test", 80))
        mute, _ = look(Book(resolver=("10.91.0.9",)), Service(NETWORK, HOST), limits=Limits(resolve_seconds=1))
    assert {line["rcode"] for line in none["dns"]} == {"NXDOMAIN"}
    assert none["tcp"] == [{"outcome": "nothing", "because": "no-address"}]
    assert [line["outcome"] for line in shut["tcp"]] == ["refused"]
    assert shut["http"] == [{"outcome": "nothing", "because": "no-open-port"}]
    assert [one.answered for one in (gone, dead, mute)] == [False, False, False]
    assert isinstance(mute.sources["dns"], Blind)
    assert mute.sources["dns"].reason in ("timeout", "unreachable")
    assert {one.reason for key, one in mute.sources.items() if key != "dns" and isinstance(one, Blind)} == {"not-asked"}
