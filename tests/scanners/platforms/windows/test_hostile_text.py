"""Whatever a Windows endpoint answers, reading it gives observations and gaps, in bounded time, and never an exception."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanners.platforms import PLATFORMS
from scanners.platforms.reading import observe
from tests.scanners.platforms.windows.answering import ADDRESSES, NETSTAT, capture, central, computer, processor, system
from xunyan.facts import FACTS

WINDOWS = PLATFORMS["windows"]
SOURCES = sorted(WINDOWS.known)
NAMES = sorted({name for row in (*ADDRESSES, central("", ""), computer(), processor("", ""), system()) for name in row})
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.sampled_from(["GenuineIntel", "QEMU", "\ud800", "²", "InterNetwork", "IPv6", "240e::1", "1.1.1.1%2", "Up", "Preferred"]),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip
ROWS = st.dictionaries(st.sampled_from([*NAMES, "value", "Count", "DisabledComponents", "DestinationPrefix"]), VALUES)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    st.one_of(ROWS, st.lists(ROWS, max_size=3)).map(lambda rows: json.dumps(rows).encode()),
    st.lists(st.sampled_from([*NETSTAT.split(), "\n", "\n  TCP ", "٣:٣", " "]), max_size=20)
    .map(" ".join)
    .map(str.encode),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first run on a machine builds tables of characters
@given(st.dictionaries(st.sampled_from(SOURCES), BODIES, max_size=6))
def test_any_text_in_any_source(bodies: dict[str, bytes]) -> None:
    captures = {source: capture(source, body) for source, body in bodies.items()}
    observations, blind = observe(WINDOWS.readers, captures)
    for observation in observations:
        assert observation.evidence
        assert all(isinstance(fact, FACTS[observation.name]) for fact in observation.facts)
        for evidence in observation.evidence:
            lines = max(1, len(captures[evidence.source].text.splitlines()))
            assert 1 <= evidence.first <= evidence.last <= lines
    assert {one.source for one in blind} <= set(captures)
    for key in WINDOWS.identify(captures):
        assert key.value
    assert observe(WINDOWS.readers, captures) == (observations, blind)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("processor", json.dumps([processor("GenuineIntel", f"Intel X{n}") for n in range(8000)], indent=1)),
        ("central-processor", json.dumps([central("", f"X{n}", n) for n in range(1, 8000)], indent=1)),
        ("ip-address", json.dumps(ADDRESSES * 600, indent=1)),
        ("listeners", NETSTAT * 2000),
        ("processor", "[" * 1_000_000),
        ("processor", "9" * 1_000_000),
    ],
)
def test_a_megabyte_is_read_in_bounded_time(source: str, text: str) -> None:
    began = time.process_time()
    observations, _ = observe(WINDOWS.readers, {source: capture(source, text)})
    assert time.process_time() - began < 5
    assert sum(len(one.evidence) for one in observations) <= 100
