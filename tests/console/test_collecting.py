"""Each due source ends in one capture or gap, whatever a host prints; of its lines only question and answer are taken."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from console.collecting import as_printed, due, kind_of, labeller, refused, settle
from scanners.platforms import PLATFORMS
from scanners.platforms.devices import VENDORS
from scanners.transports.carrying import Answer, Failure
from xunyan.model import Capture, Gap, GapReason
from xunyan.permits import Target

TARGET = Target("host:web01", "外网", "10.1.2.3", unit="教育局")
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
LABEL = labeller(TARGET, 7, address="10.1.2.3", taken_at=NOON, taken_by="ops", vantage="机房")
KNOWN = PLATFORMS["linux"].known


def line(source: str, output: str = "x", **fields: Any) -> bytes:
    told = {
        "schema": "xunyan.capture/1", "asset": "host:other", "kind": "endpoint", "platform": "linux", "unit": "财政局",
        "network": "内网", "address": "10.9.9.9", "source": source, "request": f"cat {source}", "exit": 0,
        "taken_at": "2020-01-01T00:00:00+08:00", "taken_by": "root", "output": output, **fields,
    }  # fmt: skip
    return json.dumps(told).encode() + b"\n"


def as_it_is(one: Capture | Gap) -> Capture | Gap:
    return one


def by_source(body: bytes, failure: Failure | None = None) -> dict[str, Capture | Gap]:
    return {one.envelope.source: one for one in settle(Answer(body, failure), TARGET, LABEL, as_it_is)}


def test_who_where_and_when_are_ours() -> None:
    one = by_source(line("cpuinfo"))["cpuinfo"].envelope
    assert (one.asset, one.unit, one.network, one.address) == ("host:web01", "教育局", "外网", "10.1.2.3")
    assert (one.taken_at, one.taken_by, one.vantage, one.request) == (NOON, "ops", "机房", "cat cpuinfo")
    assert one.probe.startswith("7-")


def test_what_is_missing_is_a_gap_for_the_reason_of_the_answer() -> None:
    failure = Failure(GapReason.TIMEOUT, "no-answer")
    found = by_source(line("cpuinfo"), failure)
    assert isinstance(found["cpuinfo"], Capture)
    gaps = {source: one for source, one in found.items() if isinstance(one, Gap)}
    assert set(gaps) == set(due(TARGET)) - {"cpuinfo"}
    assert {(one.reason, one.detail) for one in gaps.values()} == {(GapReason.TIMEOUT, "no-answer")}
    cut = by_source(line("cpuinfo"))["lscpu"]
    assert isinstance(cut, Gap)
    assert cut.reason is GapReason.INTERRUPTED


def test_what_follows_from_an_answer_is_due_as_well() -> None:
    router = Target("device:r1", "外网", "10.1.2.9", platform="cisco_ios")
    listed = "  Name                             Default RD            Protocols   Interfaces\n"
    told = line("show vrf", f"{listed}  A                                1:1                   ipv4        Gi0/1\n")
    table = line("show ip route vrf A", "Gateway of last resort is not set\n") + line("show ip route vrf B", "x")
    failure = Failure(GapReason.TIMEOUT, "no-answer")
    answered = settle(Answer(told + table, failure), router, LABEL, as_it_is)
    found = {one.envelope.source: one for one in answered}
    assert isinstance(found["show ip route vrf A"], Capture)
    late = found["show ipv6 route vrf A"]
    assert isinstance(late, Gap)
    assert (late.reason, late.detail) == (GapReason.TIMEOUT, "no-answer")
    assert set(found) == {*due(router), "show ip route vrf A", "show ipv6 route vrf A", "show ip route vrf B"}
    nothing = {one.envelope.source for one in settle(Answer(b"", failure), router, LABEL, as_it_is)}
    assert nothing == set(due(router))


def test_a_host_cannot_file_a_ledger_row_nor_answer_twice() -> None:
    found = by_source(line("ledger", "采购日期: 2030-01-01") + line("cpuinfo", "first") + line("cpuinfo", "second"))
    assert "ledger" not in found
    assert isinstance(found["cpuinfo"], Capture)
    assert found["cpuinfo"].body == b"first"


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=80),
            st.sampled_from([*sorted(KNOWN), "ledger", "", "x" * 300, "a\u202eb"]).map(line),
            st.dictionaries(st.sampled_from(["schema", "source", "output", "exit"]), st.integers() | st.text()).map(
                lambda told: json.dumps(told).encode()
            ),
        ),
        max_size=12,
    )
)
def test_whatever_is_printed_each_probe_ends_once(pieces: list[bytes]) -> None:
    ones = settle(Answer(b"\n".join(pieces)), TARGET, LABEL, as_it_is)
    sources = [one.envelope.source for one in ones]
    assert len(sources) == len(set(sources))
    assert set(due(TARGET)) <= set(sources) <= KNOWN
    assert {one.envelope.asset for one in ones} == {"host:web01"}


def test_a_target_that_was_not_asked_has_a_gap_for_each_probe() -> None:
    ones = refused(TARGET, Failure(GapReason.OUT_OF_SCOPE, "not-authorised"), LABEL)
    assert [one.envelope.source for one in ones] == list(due(TARGET))
    assert all(isinstance(one, Gap) for one in ones)


def test_answers_that_come_as_bytes_stay_what_they_are() -> None:
    told: dict[str, tuple[str | bytes, int]] = {
        "cpuinfo": ("接口".encode("gb18030"), 0),
        "lscpu": (b"plain\n", 0),
        "os-release": ("text", 1),
    }
    found = by_source(as_printed(told, {source: source for source in told}))
    one, two, three = (found[source] for source in told)
    assert isinstance(one, Capture)
    assert isinstance(two, Capture)
    assert isinstance(three, Capture)
    assert (one.body, two.body, three.body) == ("接口".encode("gb18030"), b"plain\n", b"text")
    assert (one.text, three.exit) == ("接口", 1)


def test_a_device_is_due_all_that_its_vendor_is_asked_and_is_of_its_kind() -> None:
    target = Target("device:r1", "外网", "10.1.2.3", platform="huawei_vrp")
    assert due(target) == tuple(VENDORS["huawei_vrp"].commands)
    assert (kind_of(target), kind_of(TARGET)) == ("device", "endpoint")
