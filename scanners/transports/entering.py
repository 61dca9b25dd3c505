"""The way into a host over SSH, the same for all carriers that use it: straight, by a jump host or by a bastion, one login."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import paramiko

from scanners.transports.carrying import (
    Answer,
    Bounds,
    Failure,
    LoginGate,
    Order,
    Outcome,
    RouteKind,
    WithheldError,
    first_words,
)
from scanners.transports.dialing import DialError, dial
from scanners.transports.hops import Codes, Hops
from scanners.transports.sessions import LoginError, log_in, session_over, shake_hands
from xunyan.model import GapReason

_BASTION_WORDS = (
    (re.compile(r"host key", re.IGNORECASE), GapReason.IDENTITY_CHANGED, "host-key-changed"),
    (
        re.compile(r"permission denied|authenticat|login failed|认证失败|登录失败|密码错误", re.IGNORECASE),
        GapReason.DENIED,
        "login-refused",
    ),
    (
        re.compile(r"refused|unreachable|timed? ?out|no route|not reached|拒绝连接|超时|不可达|连不上", re.IGNORECASE),
        GapReason.UNREACHABLE,
        "no-connection",
    ),
)
"""What bastions say of a target that they did not reach, in the words of OpenSSH and of common products."""

_SAID_INSTEAD = ("not-the-collector", "no-prompt")
"""Keys of details whose rest is what the other side said where an answer was expected."""

Read = Callable[[paramiko.Transport, str], Answer]
"""Asks over a session that is logged in; it is given the host key that was shown."""


REFUSALS = (DialError, LoginError, WithheldError, paramiko.SSHException, EOFError, OSError)
"""What the way into a host ends in where it does not get there."""


def why(error: BaseException) -> Failure:
    """Say of one of `REFUSALS` what went wrong."""
    if isinstance(error, (DialError, LoginError)):
        return error.failure
    if isinstance(error, WithheldError):
        return Failure(GapReason.DENIED, f"login-withheld: {error.detail}")
    return Failure(GapReason.INTERRUPTED, f"connection-lost: {first_words(str(error).encode())}".rstrip(": "))


class Entrance:
    """Leads to hosts one by one; many threads may share one. Close it, for the sessions on hosts in between."""

    def __init__(self, gate: LoginGate, bounds: Bounds, ask_code: Callable[[str, str], str]) -> None:
        """`ask_code(route, prompt)` gets a one-time code from a person, empty where nobody is there."""
        self._gate = gate
        self._bounds = bounds
        self._codes = Codes(ask_code)
        self._hops = Hops(gate, bounds, self._codes)

    def close(self) -> None:
        """Close the sessions on hosts in between."""
        self._hops.close()

    def line(self, order: Order) -> socket.socket | paramiko.Channel:
        """Open a plain connection to the host, straight or by a jump host. Raises DialError, LoginError, WithheldError."""
        if order.route is None:
            return dial(order.permit, self._bounds.connect_seconds)
        if order.route.kind is RouteKind.BASTION:
            raise LoginError(GapReason.UNSUPPORTED, f"login-not-offered: telnet by {order.route.name}", Outcome.UNSENT)
        return self._hops.forward(order.route, order.permit)

    def ask(self, order: Order, read: Read) -> Answer:
        """Log in once and have `read` ask. Whatever the host does, there is an answer; a failure says what was in the way.

        The connection is closed at the end.
        """
        transport: paramiko.Transport | None = None
        shown = ""
        try:
            transport, known = self._connect(order)
            shown = shake_hands(transport, known, learn=order.learn, bounds=self._bounds)
            self._log_in(transport, order)
            answer = read(transport, shown)
        except REFUSALS as error:
            return Answer(b"", why(error), shown)
        else:
            return answer
        finally:
            if transport is not None:
                transport.close()

    def _connect(self, order: Order) -> tuple[paramiko.Transport, tuple[str, ...]]:
        """Open the way to the host; return it with the host keys that may stand at its end."""
        if order.route is not None and order.route.kind is RouteKind.JUMP:
            return session_over(self._hops.forward(order.route, order.permit)), order.host_keys
        if order.route is not None:
            return session_over(dial(order.route.permit, self._bounds.connect_seconds)), order.route.host_keys
        return session_over(dial(order.permit, self._bounds.connect_seconds)), order.host_keys

    def _log_in(self, transport: paramiko.Transport, order: Order) -> None:
        route = order.route
        if route is None or route.kind is RouteKind.JUMP:
            log_in(
                transport, order.asset, order.permit, order.credential, order.credential.user, self._gate, self._bounds
            )
            return
        name = route.login.format(
            user=route.credential.user,
            account=order.credential.user,
            target=order.permit.address,
            port=order.permit.port,
        )
        with self._codes.session(route) as answer_code:
            log_in(transport, order.asset, route.permit, route.credential, name, self._gate, self._bounds, answer_code)


@contextmanager
def ended_in_time(transport: paramiko.Transport, seconds: float) -> Iterator[None]:
    """Close the connection when its time is over: a host can let each single step wait just not too long."""
    alarm = threading.Timer(seconds, transport.close)
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def beyond(failure: Failure) -> Failure:
    """Read from a bastion's own words why it did not get through to the target, where it gave no answer."""
    key, _, said = failure.detail.partition(": ")
    if key not in _SAID_INSTEAD:
        return failure
    for pattern, reason, known in _BASTION_WORDS:
        if pattern.search(said):
            return Failure(reason, f"beyond-bastion: {known}: {said}")
    return Failure(failure.reason, f"beyond-bastion: {failure.detail}") if not said else failure
