"""The `ssh` carrier: one connection, one login, the collector over standard input, and what it prints."""

import secrets
import shlex
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import paramiko

from scanners.transports.carrying import (
    Answer,
    Bounds,
    Failure,
    LoginGate,
    Order,
    RouteKind,
    after_mark,
    first_words,
    prelude,
)
from scanners.transports.entering import Entrance, beyond, ended_in_time
from scanners.transports.guarded import hear_little_of_errors
from xunyan.model import GapReason

PIECE = 65536


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
        self._bounds = bounds
        self._entrance = Entrance(gate, bounds, ask_code)

    def close(self) -> None:
        """Close the sessions on hosts in between."""
        self._entrance.close()

    def ask(self, order: Order) -> Answer:
        """Ask one host once. Whatever it does, there is an answer within the bounds; a failure says what was in the way."""

        def read(transport: paramiko.Transport, shown: str) -> Answer:
            with ended_in_time(transport, 2 * self._bounds.answer_seconds):
                heard, sudo = self._collect(transport, order)
            failure = heard.failure
            if order.route is not None and order.route.kind is RouteKind.BASTION and failure is not None:
                failure = beyond(failure)
            return Answer(heard.body or b"", failure, shown, sudo)

        return self._entrance.ask(order, read)

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
