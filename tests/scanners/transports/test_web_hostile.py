"""Hostile web servers: what they say is an outcome of its own, and neither an error, a flood nor a wait."""

import gzip
import resource
import time
import zlib

import pytest

from scanners.transports.connecting import Outcome
from scanners.transports.web import HEADER_CHARACTERS, Fetched, FetchLimits
from tests.scanners.transports.serving import OK, SMALL, fetched, said, streaming

pytestmark = pytest.mark.usefixtures("no_socket_is_left")


@pytest.mark.parametrize(
    "answer",
    [
        b"\r\n\r\n", b"garbage\r\n\r\n", b"SSH-2.0-OpenSSH\r\n\r\n", b"ICY 200 OK\r\n\r\n", b"HTTP/1.1 99 x\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n", b"HTTP/1.1 -20 OK\r\n\r\n", b"HTTP/9 200 OK\r\n\r\n", b"HTTP/1.1\r\n\r\n",
        bytes(100) + b"\r\n\r\n", OK + b"no colon\r\n\r\n", OK + b"a\x00b: c\r\n\r\n",
        OK + b"Location: http://a\x00b/\r\n\r\n", OK + b"Content-Length: x\r\n\r\n", OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",
        OK + b"Transfer-Encoding: rot13\r\n\r\n", OK + b"X: " + b"y" * 40_000 + b"\r\n\r\n",
        OK + b"".join(b"X%d: y\r\n" % n for n in range(5000)) + b"\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_http_is_malformed(answer: bytes) -> None:
    found = said(answer, then="wait", limits=FetchLimits(5, 5))
    assert found.outcome is Outcome.MALFORMED, found
    assert (found.status, found.body, found.location) == (0, b"", "")
    assert found.detail == "flood" or found.detail.startswith("http: ")
    assert len(found.detail) <= 200


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\n",
        b"-1\r\n",
        b"5\r\nabc",
        b"fffffffffffffffffffff\r\na",
        b"1;" + b"x" * 70_000 + b"\r\na\r\n",
        b"1\r\nabc\r\n",
    ],
)
def test_nonsense_in_pieces_keeps_what_came(body: bytes) -> None:
    found = said(OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\n" + body, limits=FetchLimits(5, 5))
    assert found.outcome in (Outcome.MALFORMED, Outcome.RESET)
    assert (found.status, found.body[:4], found.truncated) == (200, b"page", True)


def test_a_page_that_is_cut_off_is_no_whole_page() -> None:
    half = OK + b"Content-Length: 100\r\n\r\nhalf"
    for then, outcome, detail in (
        ("close", Outcome.RESET, "closed-early"), ("reset", Outcome.RESET, "ECONNRESET"), ("wait", Outcome.TIMEOUT, "body"),
    ):  # fmt: skip
        found = said(half, then=then)
        assert (found.outcome, found.status, found.body, found.truncated) == (outcome, 200, b"half", True)
        assert found.detail == detail
    for parts, then, outcome, detail in (
        ((), "close", Outcome.RESET, "closed"), ((), "reset", Outcome.RESET, "ECONNRESET"),
        ((b"HTTP/1.1 2",), "close", Outcome.MALFORMED, "no-head"),
    ):  # fmt: skip
        found = said(*parts, then=then)
        assert (found.outcome, found.status, found.detail, found.truncated) == (outcome, 0, detail, False)


def test_a_page_without_a_length_ends_with_the_connection() -> None:
    for answer in (
        OK + b"\r\npage",
        b"HTTP/1.0 200 OK\r\n\r\npage",
        b"HTTP/1.1 200\r\n\r\npage",
        b"HTTP/1.1 200 OK\n\npage",
    ):
        found = said(answer)
        assert (found.outcome, found.body, found.truncated) == (Outcome.ANSWERED, b"page", False)


def test_headers_are_kept_as_they_are_and_bounded() -> None:
    odd = b"\x01\x1b[31m<b>\x7f" + "政务".encode() + b"x" * 5000
    found = said(
        OK + b"Server: " + odd + b"\r\nServer: b\r\nLOCATION:\t\xe9\r\n " + b"cont\r\nContent-Length: 0\r\n\r\n"
    )
    assert (found.outcome, len(found.server)) == (Outcome.ANSWERED, HEADER_CHARACTERS)
    assert found.server.startswith("\x01\x1b[31m<b>\x7f政务xxx")
    assert found.location == "é cont"
    assert found.content_type == ""


def test_a_page_without_end_is_left_in_the_middle() -> None:
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    limits = FetchLimits(5, 30)
    streams = (
        (OK + b"\r\n", b"x" * 65536),
        (OK + b"Content-Length: 1073741824\r\n\r\n", b"x" * 65536),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    )
    for first, piece in streams:
        found = fetched(streaming(first, piece), limits=limits)
        assert (found.outcome, found.status, found.truncated) == (Outcome.ANSWERED, 200, True)
        assert len(found.body) == limits.page_bytes
        assert limits.page_bytes < found.size <= limits.page_bytes + (1 << 16)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB
    exact = said(OK + b"\r\n" + b"x" * SMALL.page_bytes)
    assert (exact.truncated, len(exact.body)) == (False, SMALL.page_bytes)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 10_000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"y" * 50_000 + b"\r\nx\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 10_000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 3000),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3000),
        (OK, b"X: y\r\n" * 10_000),
        (b"HTTP/1.1 200 " + b"O" * 1000, b"O" * 50_000),
        (b"", b"\r\n" * 10_000),
        (b"", b"\0" * 50_000),
    ],
)
def test_a_flood_of_anything_ends_by_its_size_before_its_time(first: bytes, piece: bytes) -> None:
    started = time.process_time()
    found = fetched(streaming(first, piece), limits=FetchLimits(30, 30))
    assert found.outcome in (Outcome.MALFORMED, Outcome.ANSWERED)
    assert found.truncated == (found.status != 0)
    assert found.seconds < 10
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"", b"H"),
        (OK, b"X: y\r\n"),
        (OK + b"\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a_slow_drip_ends_with_the_time(first: bytes, piece: bytes) -> None:
    started = time.monotonic()
    found = fetched(streaming(first, piece, 0.02))
    assert (found.outcome, found.truncated) == (Outcome.TIMEOUT, found.status != 0)
    assert time.monotonic() - started < 3
    assert 0.7 < found.seconds < 2


def encoded(coding: bytes, body: bytes) -> Fetched:
    head = OK + b"Content-Encoding: " + coding + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
    return said(head + body)


def test_a_page_that_is_compressed_all_the_same_is_opened_within_bounds() -> None:
    page = b"<title>page</title>" * 50
    raw = zlib.compressobj(wbits=-15)
    for coding, body in (
        (b"gzip", gzip.compress(page)), (b"X-GZIP ", gzip.compress(page)), (b"deflate", zlib.compress(page)),
        (b"deflate", raw.compress(page) + raw.flush()), (b"identity", page), (b"", page),
    ):  # fmt: skip
        found = encoded(coding, body)
        assert (found.body, found.size, found.truncated, found.detail) == (page, len(body), False, "")
    bomb = gzip.compress(bytes(10_000_000))
    assert len(bomb) < SMALL.page_bytes
    found = encoded(b"gzip", bomb)
    assert (len(found.body), found.size, found.truncated) == (SMALL.page_bytes, len(bomb), True)
    cut = encoded(b"gzip", gzip.compress(page)[:-12])
    assert (cut.outcome, cut.truncated) == (Outcome.ANSWERED, True)
    for coding in (b"br", b"gzip, br", b"\x1b[31m" + b"x" * 900):
        left = encoded(coding, b"\0raw")
        assert (left.outcome, left.body) == (Outcome.ANSWERED, b"\0raw")
        assert left.detail.startswith("content-encoding: ")
        assert len(left.detail) < 130
    assert encoded(b"gzip", b"no such thing").detail == "content-encoding: gzip"


def test_no_body_where_there_can_be_none() -> None:
    for status in (b"204 No Content", b"304 Not Modified"):
        found = said(b"HTTP/1.1 " + status + b"\r\nContent-Length: 9\r\n\r\n", then="wait")
        assert (found.outcome, found.status, found.body) == (Outcome.ANSWERED, int(status[:3]), b"")
