"""Whatever a system answers, reading it gives observations and gaps, in bounded time, and never an exception."""

import base64
import json
import time
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanners.platforms import PLATFORMS
from scanners.platforms.reading import observe
from scanners.platforms.systems import html
from tests.purity import pure
from tests.scanners.platforms.systems.answering import capture, request, text_of
from tests.scanners.platforms.systems.test_certificates import named
from tests.scanners.platforms.systems.test_links import LINKS
from tests.scanners.platforms.systems.test_name_servers import DELEGATION
from tests.scanners.platforms.systems.test_names import PORTAL
from tests.scanners.platforms.systems.test_pages import PAGES
from tests.scanners.platforms.systems.test_ports import PORTS
from xunyan.facts import FACTS
from xunyan.model import Capture, GapReason

SYSTEM = PLATFORMS["system"]
DER = base64.b64encode(named("www.jyj.example")).decode()
TLS = text_of({
    "network": "外网", "name": "", "address": "10.8.0.1", "family": 4, "port": 443, "outcome": "ok", "certificate": DER
})  # fmt: skip
GOOD = {"dns": PORTAL, "delegation": DELEGATION, "tcp": PORTS, "tls": TLS, "http": PAGES, "links": LINKS}
NOTHING = '{"outcome":"nothing","because":"no-name"}\n'
EVERY = [json.loads(line) for text in GOOD.values() for line in text.splitlines()]
KEYS = sorted({key for line in EVERY for key in line})

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 70_000), st.floats(), st.text(max_size=20), st.just(DER),
    st.sampled_from([4, 6, 0, 1, 2, 3, "answered", "open", "ok", "nothing", "redirect-outside", "A", "AAAA", "CNAME", "NOERROR"]),
    st.sampled_from(["10.0.0.1", "240e::1", "::ffff:1.2.3.4", "http://a.example/", "<p>x", "a. 1 IN A 10.0.0.1", "a. 1 IN CNAME a."]),
    st.lists(st.sampled_from(["a. 1 IN A 10.0.0.1", "a. 1 IN CNAME b.", "x", ""]), max_size=3), st.just({"a": []}),
)  # fmt: skip
LINES = st.builds(
    lambda line, changed: line | changed,
    st.sampled_from(EVERY),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=2),
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
    st.lists(LINES, max_size=6).map(lambda lines: text_of(*lines).encode("utf-8", "replace")),
    st.lists(st.sampled_from([*"".join(GOOD.values()).splitlines(), NOTHING, "", "{", "\u2028", "\x85"]), max_size=8)
    .map("\n".join)
    .map(str.encode),
)


def captures(bodies: Mapping[str, bytes | str]) -> dict[str, Capture]:
    return {source: capture(source, body) for source, body in bodies.items()}


def test_every_observation_comes_out_of_good_answers() -> None:
    observations, blind = observe(SYSTEM.readers, captures(GOOD))
    assert not blind
    assert {one.name for one in observations if one.facts} == {
        "names", "name-servers", "service-ports", "certificates", "pages", "page-parity", "inner-links"
    }  # fmt: skip
    assert set(GOOD) == set(SYSTEM.sources) == SYSTEM.known
    assert SYSTEM.identify(captures(GOOD)) == ()
    assert SYSTEM.identifying == ()


def test_nothing_to_look_at_is_an_empty_table_of_each() -> None:
    observations, blind = observe(SYSTEM.readers, captures(dict.fromkeys(GOOD, NOTHING)))
    assert not blind
    assert [(one.name, one.facts) for one in observations] == [(reader.name, ()) for reader in SYSTEM.readers]


def test_a_cut_answer_is_a_gap() -> None:
    cut = {
        source: Capture(one.id, one.envelope, one.exit, one.body, "", "", truncated=True)
        for source, one in captures(GOOD).items()
    }
    observations, blind = observe(SYSTEM.readers, cut)
    assert not observations
    assert {(one.source, one.reason) for one in blind} == {(source, GapReason.TOO_LARGE) for source in GOOD}


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first run on a machine builds tables of characters
@given(st.dictionaries(st.sampled_from(sorted(GOOD)), BODIES, max_size=6))
def test_any_text_in_any_source(bodies: dict[str, bytes]) -> None:
    found = captures(bodies)
    observations, blind = observe(SYSTEM.readers, found)
    for observation in observations:
        assert 0 < len(observation.evidence) <= 20
        assert all(isinstance(fact, FACTS[observation.name]) for fact in observation.facts)
        for evidence in observation.evidence:
            lines = max(1, len(found[evidence.source].text.splitlines()))
            assert 1 <= evidence.first <= evidence.last <= lines
    assert {one.source for one in blind} | {one.evidence[0].source for one in observations} == set(found)
    assert not {one.source for one in blind} & {one.evidence[0].source for one in observations}
    assert observe(SYSTEM.readers, found) == (observations, blind)


def test_reading_touches_nothing() -> None:
    for bodies in (GOOD, dict.fromkeys(GOOD, "{" * 100), dict.fromkeys(GOOD, NOTHING)):
        observe(SYSTEM.readers, captures(bodies))
        html._read.cache_clear()
        with pure():
            observe(SYSTEM.readers, captures({source: body + "\n" for source, body in bodies.items()}))


HOME = "http://a.example/"
FLOODS = {
    "readings without end": ("http", text_of(request(HOME, "10.0.0.1")) * 3000),
    "hops of one reading": ("http", text_of(*(request(HOME, "10.0.0.1", hop=n, start=HOME) for n in range(1001)))),
    "hops of many readings": (
        "http", text_of(request(HOME, "10.0.0.1")) * 1500 + text_of(request(HOME, "10.0.0.2", hop=1, start=HOME)) * 1500
    ),
    "a page of a megabyte": ("http", text_of(request(HOME, "10.0.0.1", body="<div><a href=x>" * 70_000))),
    "many pages": ("http", text_of(*(request(f"{HOME}{n}", "10.0.0.1", body=f"<p>{n}" * 100) for n in range(1000)))),
    "one name": ("dns", text_of(json.loads(PORTAL.splitlines()[0])) * 1500),
    "aliases": (
        "dns",
        text_of(json.loads(PORTAL.splitlines()[0]) | {"answers": [f"{n}.x. 1 IN CNAME {n + 1}.x." for n in range(30_000)]}),
    ),
    "zones": ("delegation", DELEGATION * 1000),
    "ports": ("tcp", PORTS * 3000),
    "certificates": ("tls", TLS * 1000),
    "links": ("links", LINKS * 1000),
    "depth": ("dns", "[" * 1_000_000),
    "one number": ("tcp", "9" * 1_000_000),
}  # fmt: skip


@pytest.mark.parametrize("flood", FLOODS)
def test_a_megabyte_is_read_in_bounded_time(flood: str) -> None:
    source, text = FLOODS[flood]
    began = time.process_time()
    observations, _ = observe(SYSTEM.readers, captures({source: text}))
    assert time.process_time() - began < 5
    assert sum(len(one.evidence) for one in observations) <= 40


def test_systems_are_read_in_bounded_time() -> None:
    """Six questions, two ports and two pages of 2 KB each: 500 systems within 2.5 seconds, 5,000 within 25."""
    paragraph = "<p>关于做好<a href='/tz/{n}.html'>第{n}号</a>通知的公告</p>"
    originals = []
    for number in range(500):
        name = f"s{number}.jyj.example"
        body = "<title>系统</title>" + "".join(paragraph.format(n=number * 100 + n) for n in range(25))
        pages = [request(f"http://{name}/", address, body=body) for address in ("10.8.0.1", "240e::1")]
        ports = [line | {"name": name} for line in map(json.loads, PORTS.splitlines()[:2])]
        texts = {"dns": PORTAL_OF_SIX.replace("www.jyj.example", name), "tcp": text_of(*ports), "http": text_of(*pages)}
        originals.append(captures(texts))
        assert 1500 < len(body.encode()) < 2500
    began = time.process_time()
    for one in originals:
        observations, blind = observe(SYSTEM.readers, one)
        assert not blind
        assert len(observations) == 4
    assert time.process_time() - began < 2.5


PORTAL_OF_SIX = "".join(PORTAL.splitlines(keepends=True)[:6])
