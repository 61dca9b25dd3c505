"""Asking a timestamp server that a letter grants: one POST over HTTP, as RFC 3161 has it; no redirect is followed.

Without TLS: the request is a digest and a number, and the reply carries its own signature.
"""

import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from socket import SHUT_RDWR

from scanners.transports.dialing import dial
from xunyan.permits import Permit

LARGEST = 1 << 18
_OK = 200


def _late(seconds: float) -> str:
    return f"no answer in {seconds:g} s"


class PostError(Exception):
    """There is no reply: `detail` says why."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def post(permit: Permit, host: str, path: str, request: bytes, seconds: float) -> bytes:
    """Send a request to the permitted address and give the body of its answer; `host` is what the server is called.

    All of it within so many seconds. Raises PostError, and DialError where there is no connection or the permit ran out.
    """
    connection = HTTPConnection(host, timeout=seconds)
    connection.auto_open = 0  # a connection is opened by a permit, and only once
    connection.sock = opened = dial(permit, seconds)
    ended = threading.Event()

    def end() -> None:
        ended.set()
        with suppress(OSError):
            opened.shutdown(SHUT_RDWR)  # wakes whoever waits in it, which closing it would not

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        headers = {
            "Content-Type": "application/timestamp-query",
            "Accept": "application/timestamp-reply",
            "Connection": "close",
        }
        connection.request("POST", path, request, headers)
        answer = connection.getresponse()
        body = answer.read(LARGEST + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise PostError(_late(seconds) if ended.is_set() else f"malformed answer ({type(error).__name__})") from error
    finally:
        timer.cancel()
        connection.close()
        opened.close()
    if ended.is_set():
        raise PostError(_late(seconds))
    if answer.status != _OK:
        raise PostError(f"HTTP {answer.status}")
    if len(body) > LARGEST:
        raise PostError("too large")
    if answer.length:  # a sized read says nothing of what did not come
        raise PostError("cut")
    return body
