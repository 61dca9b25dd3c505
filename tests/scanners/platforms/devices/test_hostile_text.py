"""Whatever a network device answers, reading it gives observations and gaps, in bounded time, and never an exception."""

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanners.platforms.devices import PLATFORMS, VENDORS
from scanners.platforms.devices.answers import refusal
from scanners.platforms.reading import observe
from tests.scanners.platforms.devices.answering import capture
from tests.scanners.platforms.devices.simulating import answers
from xunyan.facts import FACTS

EVERY = sorted(VENDORS)
CASES = [
    (platform, source)
    for platform in EVERY
    for source in sorted({*PLATFORMS[platform].known, *(f"{one} VPN-A" for one in VENDORS[platform].vrf_tables)})
]
WORDS = sorted({
    word for platform in EVERY for text in answers(platform).values() for word in text.split(" ") if len(word) < 40
})  # fmt: skip
LINES = sorted({line for platform in EVERY for text in answers(platform).values() for line in text.splitlines()})
TEXTS = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    st.lists(st.sampled_from([*WORDS, "\n", "\n ", "²", "٣", "::", "\x1b[2J", "\b", "#", "!"]), max_size=30)
    .map(" ".join)
    .map(str.encode),
    st.lists(st.sampled_from(LINES), max_size=20).map("\n".join).map(str.encode),
)


def holds(platform: str, source: str, body: bytes) -> None:
    captures = {source: capture(platform, source, body)}
    observations, blind = observe(PLATFORMS[platform].readers, captures)
    lines = max(1, len(captures[source].text.splitlines()))
    for observation in observations:
        assert observation.evidence
        assert all(isinstance(fact, FACTS[observation.name]) for fact in observation.facts)
        for evidence in observation.evidence:
            assert 1 <= evidence.first <= evidence.last <= lines
        facts: tuple[Any, ...] = observation.facts
        assert all(1 <= fact.line <= lines for fact in facts)
    assert {one.source for one in blind} <= {source}
    assert observations or blind
    for key in PLATFORMS[platform].identify(captures):
        assert key.value
    refusal(captures[source].text)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=400)
@given(st.sampled_from(CASES), TEXTS)
def test_any_text_in_any_source(case: tuple[str, str], body: bytes) -> None:
    holds(*case, body)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=400)
@given(st.data())
def test_a_real_answer_with_a_hole_or_a_foreign_line(data: st.DataObject) -> None:
    platform, source = data.draw(st.sampled_from(CASES))
    lines = answers(platform).get(source, "").splitlines()
    at = data.draw(st.integers(0, max(0, len(lines) - 1)))
    until = data.draw(st.integers(at, len(lines)))
    holds(platform, source, "\n".join([*lines[:at], data.draw(st.sampled_from(LINES)), *lines[until:]]).encode())


FLOODS = (" ", " -", "a:", "[", "\b", "\x1b[1D", "up ", "\n", "!\n x\n")


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("platform", EVERY)
def test_a_megabyte_is_refused_in_bounded_time(platform: str, flood: str) -> None:
    body = (flood * (1_048_576 // len(flood)))[:1_048_576]
    for source in (
        "display interface",
        "display current-configuration",
        "show interfaces",
        "show running-config",
        "show arp",
    ):
        if source in PLATFORMS[platform].known:
            began = time.process_time()
            observe(PLATFORMS[platform].readers, {source: capture(platform, source, body)})
            assert time.process_time() - began < 5, source


@pytest.mark.parametrize(("platform", "source"), CASES)
def test_long_rows_are_refused_in_bounded_time(platform: str, source: str) -> None:
    text = answers(platform).get(source, "")
    if not text:
        pytest.skip("nothing in the lab answers it")
    lines = text.splitlines()
    head, last = "\n".join(lines[:-1]), lines[-1]
    for tail in (last + " a" * 4000, last.replace(" ", " " * 500), last * 50, "a" * 4000, " " * 4000 + "x"):
        began = time.process_time()
        holds(platform, source, f"{head}\n{tail}\n".encode())
        assert time.process_time() - began < 2, (source, tail[:40])


@pytest.mark.parametrize("platform", EVERY)
def test_many_rows_are_read_in_bounded_time(platform: str) -> None:
    for source, text in answers(platform).items():
        if source not in PLATFORMS[platform].known or not text:
            continue
        lines = text.splitlines()
        began = time.process_time()
        observations, _ = observe(
            PLATFORMS[platform].readers,
            {source: capture(platform, source, "\n".join([*lines[:-1], *lines * max(1, 6000 // len(lines))]))},
        )
        assert time.process_time() - began < 5, source
        assert sum(len(one.evidence) for one in observations) <= 1000
