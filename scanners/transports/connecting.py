"""Connecting without waiting for it in a thread: the one asynchronous function that does, and it takes a permit."""

import asyncio
import errno
import socket
from enum import StrEnum

from scanners.transports.dialing import DialError, check
from xunyan.permits import Method, Permit


class Outcome(StrEnum):
    """How looking at a system ended. FAILED is said of a connection where this machine could not try: no word of the target."""

    ANSWERED = "answered"
    OPEN = "open"
    OK = "ok"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RESET = "reset"
    MALFORMED = "malformed"
    NO_ROUTE = "no-route"
    NOT_PERMITTED = "not-permitted"
    FAILED = "failed"


class NotConnectedError(Exception):
    """There is no connection: `outcome` says why, `detail` is the name of the system's error or what the permit lacks."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome
        self.detail = detail


_CLOSED = {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENOTCONN}
_OURS = {
    errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAGAIN, errno.EADDRINUSE, errno.EADDRNOTAVAIL,
    errno.EPERM,
}  # fmt: skip
"""What this machine lacks or forbids, once it is certain that there is a route."""


async def connect(permit: Permit) -> socket.socket:
    """Connect to the permit's address and port, and to nothing else: no name is resolved, no proxy is asked.

    Gives a socket that does not block; whoever calls bounds the time. Raises NotConnectedError.
    """
    allow(permit)
    opened = open_socket(permit, socket.SOCK_STREAM)
    try:
        await asyncio.get_running_loop().sock_connect(opened, (permit.address, permit.port))
        met = opened.getsockname()[:2] == (permit.address, permit.port)
    except OSError as error:
        opened.close()
        raise NotConnectedError(unconnected(permit, error), error_name(error)) from error
    except BaseException:
        opened.close()
        raise
    if met:  # nobody listens there on this very machine, and the socket was given that port itself
        opened.close()
        raise NotConnectedError(Outcome.REFUSED, "ECONNREFUSED")
    return opened


def demand(permit: Permit, method: Method) -> None:
    """Refuse what is no permit for this method. Raises TypeError and ValueError: whoever calls is mistaken."""
    if not isinstance(permit, Permit):
        raise TypeError("a transport takes a permit")
    if permit.method is not method:
        raise ValueError(f"a permit for {permit.method} is none for {method}")


def allow(permit: Permit) -> None:
    """Let pass a permit that has not run out. Raises NotConnectedError, and TypeError for what is no permit."""
    try:
        check(permit)
    except DialError as error:
        raise NotConnectedError(Outcome.NOT_PERMITTED, error.failure.detail) from error


def open_socket(permit: Permit, kind: socket.SocketKind) -> socket.socket:
    """Make a socket of the permit's family that does not block. Raises NotConnectedError, ValueError for a name."""
    family = family_of(permit.address)
    try:
        socket.inet_pton(family, permit.address)
    except OSError as error:
        raise ValueError("a permit names an address") from error
    try:
        return socket.socket(family, kind | socket.SOCK_NONBLOCK)
    except OSError as error:
        raise NotConnectedError(unconnected(permit, error), error_name(error)) from error


def family_of(address: str) -> socket.AddressFamily:
    """Tell the family of an address that is known to be one."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def unconnected(permit: Permit, error: OSError) -> Outcome:
    """Say what an error in connecting means. Without a route is only what this machine itself knows no way to."""
    told = told_by(error)
    return told if told in (Outcome.REFUSED, Outcome.TIMEOUT, Outcome.RESET) or routed(permit) else Outcome.NO_ROUTE


def told_by(error: OSError) -> Outcome:
    """Say what an error on a way that exists means."""
    if error.errno == errno.ECONNREFUSED:
        return Outcome.REFUSED
    if error.errno in _CLOSED:
        return Outcome.RESET
    if isinstance(error, TimeoutError):
        return Outcome.TIMEOUT
    return Outcome.FAILED if error.errno in _OURS else Outcome.UNREACHABLE


def routed(permit: Permit) -> bool:
    """Say whether this machine has a route to the permit's address: it looks it up, and nothing is sent."""
    try:
        with socket.socket(family_of(permit.address), socket.SOCK_DGRAM) as looking:
            looking.connect((permit.address, permit.port))
    except OSError as error:
        return error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS}
    return True


def error_name(error: OSError) -> str:
    """Name a system's error as the manuals do (`EHOSTUNREACH`), in every language the same."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
