"""The `ssh` carrier: one connection, one login, the collector over standard input, and what it prints."""

import re
import secrets
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import paramiko

from scanners.transports.carrying import (
    Answer,
    Bounds,
    Failure,
    LoginGate,
    Order,
    RouteKind,
    WithheldError,
    after_mark,
    first_words,
    prelude,
)
from scanners.transports.dialing import DialError, dial
from scanners.transports.guarded import hear_little_of_errors
from scanners.transports.hops import Codes, Hops
from scanners.transports.sessions import LoginError, log_in, session_over, shake_hands
from xunyan.model import GapReason

PIECE = 65536
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


@dataclass(slots=True)
class _Heard:
    """What one command printed, and how it ended; `body` is None until the mark was seen."""

    body: bytes | None
    failure: Failure | None = None


class SshCarrier:
    """Asks hosts one by one; many threads may share one carrier. Close it, for the sessions on hosts in between."""

    def __init__(self, script: bytes, gate: LoginGate, bounds: Bounds, ask_code: Callable[[str, str], str]) -> None:
        """`ask_code(route, prompt)` gets a one-time code from a person, empty where nobody is there."""
        self._script = script
        self._gate = gate
        self._bounds = bounds
        self._codes = Codes(ask_code)
        self._hops = Hops(gate, bounds, self._codes)

    def close(self) -> None:
        """Close the sessions on hosts in between."""
        self._hops.close()

    def ask(self, order: Order) -> Answer:
        """Ask one host once. Whatever it does, there is an answer within the bounds; a failure says what was in the way."""
        transport: paramiko.Transport | None = None
        shown = ""
        try:
            transport, known = self._connect(order)
            shown = shake_hands(transport, known, learn=order.learn, bounds=self._bounds)
            self._log_in(transport, order)
            with _ended_in_time(transport, 2 * self._bounds.answer_seconds):
                heard, sudo = self._collect(transport, order)
            failure = heard.failure
            if order.route is not None and order.route.kind is RouteKind.BASTION and failure is not None:
                failure = beyond(failure)
            return Answer(heard.body or b"", failure, shown, sudo)
        except (DialError, LoginError) as error:
            return Answer(b"", error.failure, shown)
        except WithheldError as error:
            return Answer(b"", Failure(GapReason.DENIED, f"login-withheld: {error.detail}"), shown)
        except (paramiko.SSHException, EOFError, OSError) as error:
            return Answer(
                b"", Failure(GapReason.INTERRUPTED, f"connection-lost: {first_words(str(error).encode())}"), shown
            )
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

    def _collect(self, transport: paramiko.Transport, order: Order) -> tuple[_Heard, bool]:
        """Run the collector, with sudo where that is allowed and works without a question."""
        if order.sudo:
            heard = self._run(transport, sudo=True)
            if heard.body is not None or (heard.failure and heard.failure.reason is not GapReason.UNPARSABLE):
                return heard, True
        return self._run(transport, sudo=False), False

    def _run(self, transport: paramiko.Transport, *, sudo: bool) -> _Heard:
        """Start the collector and read what it prints, within the bounds."""
        mark = secrets.token_hex(16)
        until = time.monotonic() + self._bounds.answer_seconds
        command = prelude(mark)  # a constant and random digits of ours
        channel = transport.open_session(timeout=self._bounds.login_seconds)
        hear_little_of_errors(channel)
        try:
            channel.settimeout(self._bounds.answer_seconds)
            channel.exec_command(f"sudo -n sh -c {shlex.quote(command)}" if sudo else command)
            self._send(channel)
            return self._read(channel, mark, until)
        except TimeoutError:
            return _Heard(None, Failure(GapReason.TIMEOUT, "no-answer"))
        finally:
            channel.close()

    def _send(self, channel: paramiko.Channel) -> None:
        """Send the collector; a host that does not take it has still said something, which is read."""
        with suppress(OSError):
            channel.sendall(self._script)
            channel.shutdown_write()

    def _read(self, channel: paramiko.Channel, mark: str, until: float) -> _Heard:
        """Read to the end, to the bound or to the last second, whichever comes first; a part is kept."""
        pieces = bytearray()
        failure: Failure | None = None
        while True:
            left = until - time.monotonic()
            if left <= 0:
                failure = Failure(GapReason.TIMEOUT, "no-answer")
                break
            channel.settimeout(left)
            try:
                piece = channel.recv(PIECE)
            except TimeoutError:
                continue
            if not piece:
                break
            pieces += piece
            if len(pieces) > self._bounds.answer_bytes:
                failure = Failure(GapReason.TOO_LARGE, f"too-much: {self._bounds.answer_bytes >> 20} MiB")
                break
        body = after_mark(bytes(pieces), mark)
        if failure is None and body is None:
            said = first_words(bytes(pieces[:400])) or first_words(_errors(channel))
            failure = Failure(GapReason.UNPARSABLE, f"not-the-collector: {said}".rstrip(": "))
        elif failure is None and _lost(channel):
            failure = Failure(GapReason.INTERRUPTED, "connection-lost")
        return _Heard(body, failure)


@contextmanager
def _ended_in_time(transport: paramiko.Transport, seconds: float) -> Iterator[None]:
    """Close the connection when its time is over: a host can let each single step wait just not too long."""
    alarm = threading.Timer(seconds, transport.close)
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _lost(channel: paramiko.Channel) -> bool:
    """Tell whether an output ended because the connection did.

    The library ends its channels first and the connection then; a server may also close a channel without a word of its
    end, so only those are waited for.
    """
    transport = channel.get_transport()
    if not channel.eof_received:
        transport.join(0.5)
    return not transport.is_active()


def _errors(channel: paramiko.Channel) -> bytes:
    """What a command said on its error stream; its output has ended, so this is here, or comes at once."""
    channel.settimeout(1.0)
    try:
        return channel.recv_stderr(PIECE)
    except TimeoutError:
        return b""


def beyond(failure: Failure) -> Failure:
    """Read from a bastion's own words why it did not get through to the target, where it gave no answer."""
    key, _, said = failure.detail.partition(": ")
    if key != "not-the-collector":
        return failure
    for pattern, reason, known in _BASTION_WORDS:
        if pattern.search(said):
            return Failure(reason, f"beyond-bastion: {known}: {said}")
    return Failure(failure.reason, f"beyond-bastion: {failure.detail}") if not said else failure
