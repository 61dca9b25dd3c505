"""Asking a timestamp server: one POST to the permitted address, bounded in time and size, whatever it answers."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from scanners.transports.dialing import DialError
from scanners.transports.timestamping import LARGEST, PostError, post
from xunyan.permits import Method, Permit

ADDRESS = "127.77.40.1"


@contextmanager
def server(answer: Callable[[socket.socket, bytes], None]) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads one request and lets `answer` do the rest; gives its port and what it was asked."""
    heard: list[bytes] = []
    with socket.create_server((ADDRESS, 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, suppress(OSError):
                        data = b""
                        while b"\r\n\r\n" not in data or len(data.split(b"\r\n\r\n", 1)[1]) < 5:
                            data += connection.recv(4096)
                        heard.append(data)
                        answer(connection, data)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], heard
        listening.shutdown(socket.SHUT_RDWR)


def permit(port: int, seconds: float = 60) -> Permit:
    return Permit("外网", ADDRESS, port, Method.TIMESTAMP, datetime.now(UTC) + timedelta(seconds=seconds), "A-1")


def said(text: bytes) -> Callable[[socket.socket, bytes], None]:
    return lambda connection, _: connection.sendall(text)


def test_one_request_goes_out_and_its_answer_comes_back() -> None:
    with server(said(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nreply")) as (port, heard):
        assert post(permit(port), "tsa.example:3180", "/tsr?a=1", b"asked", 5) == b"reply"
    head, _, body = heard[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /tsr?a=1 HTTP/1.1"
    assert {b"Host: tsa.example:3180", b"Content-Type: application/timestamp-query", b"Content-Length: 5"} <= set(lines)
    assert (body, len(heard)) == (b"asked", 1)


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.77.40.2/\r\nContent-Length: 0\r\n\r\n", "HTTP 302"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", "HTTP 503"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut", "cut"),
        (b"SSH-2.0-x\r\n", "malformed answer (BadStatusLine)"),
        (b"", "malformed answer (RemoteDisconnected)"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "malformed answer (HTTPException)"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LARGEST + 10), "too large"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "malformed answer (IncompleteRead)"),
    ],
)
def test_what_is_no_reply_is_said(answer: bytes, detail: str) -> None:
    with server(said(answer)) as (port, heard):
        with pytest.raises(PostError) as raised:
            post(permit(port), "tsa.example", "/", b"asked", 5)
        assert raised.value.detail == detail
        assert len(heard) == 1


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_that_drips_ends_in_time(start: bytes) -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        for _number in range(100):
            connection.sendall(b"H")
            time.sleep(0.1)

    with server(drip) as (port, _):
        began = time.monotonic()
        with pytest.raises(PostError, match="no answer in 1 s"):
            post(permit(port), "tsa.example", "/", b"asked", 1)
        assert time.monotonic() - began < 3


def test_nothing_goes_out_when_the_permit_ran_out_or_nobody_listens() -> None:
    with server(said(b"")) as (port, heard):
        with pytest.raises(DialError):
            post(permit(port, -1), "tsa.example", "/", b"asked", 5)
        assert heard == []
    with pytest.raises(DialError):
        post(permit(port), "tsa.example", "/", b"asked", 5)
