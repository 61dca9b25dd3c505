"""Envelopes: what is sealed reads back equal, and what would not is refused before it is sealed."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.captures import (
    BODY_LIMIT,
    EARLIEST,
    LATEST,
    RejectedError,
    check_envelope,
    read_line,
    seal,
    seal_gap,
    sm3_hex,
    write_line,
)
from tests.making import capture
from xunyan.model import Capture, Envelope, Gap, GapReason

NAME = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40)
MOMENT = st.datetimes(
    min_value=datetime.fromisoformat("1970-01-02"),
    max_value=datetime.fromisoformat("9998-12-30"),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=11, minutes=30))]),
)
ENVELOPE = st.builds(
    Envelope,
    asset=NAME.filter(str.strip), kind=st.sampled_from(["endpoint", "device"]), platform=st.sampled_from(["linux", ""]), unit=NAME, site=NAME,
    network=NAME, address=NAME, source=NAME.filter(str.strip), request=st.text(st.characters(codec="utf-8"), min_size=1, max_size=60),
    taken_at=MOMENT, taken_by=NAME, vantage=NAME, probe=NAME,
)  # fmt: skip


def line(**fields: Any) -> bytes:
    return json.dumps({**capture("host:a", "cpuinfo", "processor : 0\n"), **fields}).encode() + b"\n"


@given(
    ENVELOPE,
    st.binary(max_size=200),
    st.none() | st.integers(-(2**31), 2**32 - 1),
    st.booleans(),
    st.lists(st.text(st.characters(codec="utf-8"))),
)
def test_what_is_sealed_reads_back_equal(
    envelope: Envelope, body: bytes, exit_code: int | None, truncated: bool, redactions: list[str]
) -> None:
    one = seal(envelope, body, exit_code=exit_code, truncated=truncated, redactions=tuple(redactions))
    written = write_line(one)
    assert written.count(b"\n") == 1
    back = read_line(written)
    assert back == one
    assert write_line(back) == written


@given(ENVELOPE, st.sampled_from(GapReason), st.text(st.characters(codec="utf-8")))
def test_a_gap_reads_back_equal(envelope: Envelope, reason: GapReason, detail: str) -> None:
    one = seal_gap(envelope, reason, detail)
    back = read_line(write_line(one))
    assert isinstance(back, Gap)
    assert back == one


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_line(data)
    except RejectedError:
        return


SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(VALUE, st.sampled_from(sorted(capture("a", "b", "c"))))
def test_any_value_in_any_field_is_read_or_refused(value: Any, field: str) -> None:
    data = json.dumps({**capture("host:a", "cpuinfo", "x"), field: value}).encode("utf-8", "surrogatepass")
    try:
        one = read_line(data)
    except RejectedError:
        return
    assert read_line(write_line(one)) == one


def test_the_id_covers_every_field() -> None:
    base = read_line(line())
    seen = {base.id}
    for name in (
        "asset",
        "unit",
        "network",
        "address",
        "source",
        "request",
        "taken_by",
        "site",
        "vantage",
        "probe",
        "output",
    ):
        seen.add(read_line(line(**{name: "other"})).id)
    for fields in (
        {"kind": "device"},
        {"platform": "other"},
        {"taken_at": "2026-11-20T08:00:01+08:00"},
        {"exit": 1},
        {"exit": None},
        {"truncated": True},
        {"redactions": ["x"]},
    ):
        seen.add(read_line(line(**fields)).id)
    assert len(seen) == 19


def test_the_same_moment_in_another_zone_is_the_same_capture() -> None:
    assert (
        read_line(line(taken_at="2026-11-20T08:00:00+08:00")).id == read_line(line(taken_at="2026-11-20T00:00:00Z")).id
    )


def test_text_and_its_base64_are_the_same_capture() -> None:
    record = capture("host:a", "cpuinfo", "processor : 0\n")
    record["output_base64"] = base64.b64encode(record.pop("output").encode()).decode()
    one = read_line(json.dumps(record).encode())
    assert one.id == read_line(line()).id
    assert isinstance(one, Capture)
    assert one.sha256 == hashlib.sha256(one.body).hexdigest()


def test_bytes_that_are_not_text_survive() -> None:
    body = "处理器".encode("gb18030") + b"\x00\xff"
    envelope = read_line(line()).envelope
    back = read_line(write_line(seal(envelope, body, exit_code=0)))
    assert isinstance(back, Capture)
    assert back.body == body


def test_sm3_is_the_standards() -> None:
    assert sm3_hex(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@pytest.mark.parametrize("field", ["id", "sha256", "sm3", "size"])
def test_a_stored_line_whose_digest_is_not_true_is_refused(field: str) -> None:
    stored = json.loads(write_line(read_line(line())))
    stored[field] = 3 if field == "size" else "0" * 64
    with pytest.raises(RejectedError, match="digest"):
        read_line(json.dumps(stored).encode())


def test_a_stored_line_with_another_body_is_refused() -> None:
    stored = json.loads(write_line(read_line(line())))
    stored["output"] = "processor : 1\n"
    with pytest.raises(RejectedError, match="digest: sha256"):
        read_line(json.dumps(stored).encode())


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"asset": "a\x1b"}, "control"), ({"asset": " "}, "empty"), ({"source": ""}, "empty"), ({"unit": "x" * 257}, "long"),
        ({"kind": ""}, "word"), ({"kind": "End"}, "word"), ({"platform": "Linux"}, "word"), ({"network": "\u2066"}, "control"),
        ({"taken_at": "2026-11-20T08:00:00"}, "zone"), ({"taken_at": "1969-12-31T23:59:59Z"}, "year"), ({"taken_at": "9999-06-01T00:00:00Z"}, "year"),
        ({"exit": 2**33}, "shape"), ({"exit": -(2**40)}, "shape"), ({"exit": True}, "shape"), ({"output": None}, "output"),
        ({"output_base64": "eA=="}, "output"), ({"output": None, "output_base64": "e A=="}, "base64"), ({"schema": "other"}, "schema"),
        ({"output": "x" * (BODY_LIMIT + 1)}, "large"), ({"taken_at": 1763600000}, "shape"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_by_name(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(RejectedError) as refused:
        read_line(line(**fields))
    assert refused.value.problem == problem


def test_what_fills_in_is_checked_too() -> None:
    bare = line(unit="", network="")
    assert read_line(bare, network="外网", unit="教育局").envelope.unit == "教育局"
    assert read_line(line(), network="外网").envelope.network == "外网"
    for defaults in ({"unit": "\x1b"}, {"network": "x" * 300}):
        with pytest.raises(RejectedError):
            read_line(bare, **defaults)


def test_every_allowed_moment_can_be_sealed_and_shown() -> None:
    envelope = read_line(line()).envelope
    for moment in (EARLIEST, LATEST - timedelta(microseconds=1)):
        taken = Envelope(
            **{name: getattr(envelope, name) for name in Envelope.__slots__ if name != "taken_at"}, taken_at=moment
        )
        check_envelope(taken)
        one = seal(taken, b"", exit_code=None)
        assert read_line(write_line(one)) == one
