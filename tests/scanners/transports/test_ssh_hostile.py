"""The ssh carrier against servers that never end, never take, or send packets of any size: bounded in time and in memory."""

import io
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self, TypeAlias

import paramiko
import pytest
from paramiko.common import (
    AUTH_SUCCESSFUL,
    OPEN_SUCCEEDED,
    cMSG_CHANNEL_WINDOW_ADJUST,
    cMSG_IGNORE,
    cMSG_USERAUTH_BANNER,
)

from lab.farm import free_port
from lab.keys import make_key
from scanners.transports.carrying import Answer, Bounds, Credential, CredentialKind, Order, Outcome
from scanners.transports.guarded import LARGEST_PACKET
from scanners.transports.ssh import PIECE, SshCarrier
from xunyan.model import GapReason
from xunyan.permits import Method, Permit

ADDRESS = "127.77.30.1"
LOGIN = Credential("ops", "ops", CredentialKind.KEY, key=make_key().private)
SCRIPT = b"# a collector that is larger than any window\n" * 4000
BOUNDS = Bounds(connect_seconds=2, login_seconds=3, answer_seconds=1, answer_bytes=1 << 20)
LATE = 1.5
"""Seconds that a busy machine may take over a bound."""

NEVER = 30.0
JUNK = bytes(1 << 16)
CLAIMED = 1 << 30
"""The size that a packet says it has: the library would wait for all of it."""

SENDING, MEMORY = 128 << 20, 16 << 20
"""What a server tries to send, and what may be held of it; the kernel's own buffers take up to 10 MiB here."""

Reply: TypeAlias = Callable[["Hostile", paramiko.Transport, paramiko.Channel, bytes], None]


class Hostile(paramiko.ServerInterface):
    """A real SSH server on loopback for one connection: it lets everybody in, and does what a test wants at one step.

    `greet` speaks before any SSH, `log_in` while the login is pending, `reply` after the command; without a `reply`
    the command is never even accepted. What breaks while it speaks means that the client has closed the connection.
    """

    def __init__(
        self,
        reply: Reply | None = None,
        *,
        greet: Callable[["Hostile", socket.socket], None] | None = None,
        log_in: Callable[["Hostile", paramiko.Transport], None] | None = None,
    ) -> None:
        self.port = free_port([ADDRESS])
        self.over = threading.Event()
        self.sent = 0
        self._reply, self._greet, self._log_in = reply, greet, log_in
        self._key = paramiko.Ed25519Key.from_private_key(io.StringIO(make_key().private))
        self.host_key = f"{self._key.get_name()} {self._key.get_base64()}"
        self._threads: list[threading.Thread] = []
        self._transport: paramiko.Transport | None = None

    def __enter__(self) -> Self:
        self._listener = socket.create_server((ADDRESS, self.port))
        self._start(self._serve)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._transport is not None:
            self._transport.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def flood(self, connection: socket.socket) -> None:
        """Send as fast as it goes, until all is sent or the client is gone; `sent` says how much that was."""
        with suppress(OSError):
            while self.sent < SENDING and not self.over.is_set():
                self.sent += connection.send(JUNK)

    def order(self) -> Order:
        """Say how to ask this server."""
        permit = Permit("n", ADDRESS, self.port, Method.SSH, datetime.now(UTC) + timedelta(hours=1), "L")
        return Order("host:hostile", permit, LOGIN, (self.host_key,))

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:  # noqa: ARG002
        return self._checked()

    def check_auth_none(self, username: str) -> int:  # noqa: ARG002
        return self._checked()

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        transport = channel.get_transport()
        if self._reply is None:
            self.over.wait(NEVER)
            return False
        reply = self._reply
        mark = command.split(b"echo ")[1].split(b";")[0]
        self._start(lambda: reply(self, transport, channel, mark))
        return True

    def _checked(self) -> int:
        if self._log_in is not None and self._transport is not None:
            self._log_in(self, self._transport)
        return AUTH_SUCCESSFUL

    def _serve(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            if self._greet is not None:
                with connection:
                    self._greet(self, connection)
                    self.over.wait(NEVER)
                return
            self._transport = paramiko.Transport(connection, default_window_size=1 << 15)
            self._transport.add_server_key(self._key)
            with suppress(paramiko.SSHException, EOFError):
                self._transport.start_server(server=self)

    def _start(self, work: Callable[[], None]) -> None:
        def guarded() -> None:
            with suppress(OSError, EOFError, paramiko.SSHException):
                work()

        self._threads.append(threading.Thread(target=guarded, daemon=True))
        self._threads[-1].start()


class Book:
    """A gate that lets everything pass and writes down how it ended."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def enter(self, asset: str, permit: Permit, credential: Credential) -> None:
        pass

    def leave(self, asset: str, permit: Permit, credential: Credential, outcome: Outcome) -> None:  # noqa: ARG002
        self.outcomes.append(outcome)


def nobody(route: str, prompt: str) -> str:
    return ""


def ask(server: Hostile, book: Book | None = None) -> tuple[Answer, float]:
    """Ask a server, in a thread of its own, since what is tested is that this ends; also give the seconds it took."""
    carrier = SshCarrier(SCRIPT, book or Book(), BOUNDS, nobody)
    heard: list[Answer | BaseException] = []

    def work() -> None:
        try:
            heard.append(carrier.ask(server.order()))
        except BaseException as error:  # noqa: BLE001  # raised below
            heard.append(error)

    thread = threading.Thread(target=work, daemon=True)
    begun = time.monotonic()
    thread.start()
    thread.join(9)
    took = time.monotonic() - begun
    assert heard, "no answer, and no end of it"
    if isinstance(heard[0], BaseException):
        raise heard[0]
    return heard[0], took


def told(answer: Answer) -> tuple[GapReason, str]:
    assert answer.failure is not None
    return answer.failure.reason, answer.failure.detail


@contextmanager
def little_memory() -> Iterator[None]:
    """Hold less than MEMORY more than before at any moment."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        yield
        assert tracemalloc.get_traced_memory()[1] - before < MEMORY
    finally:
        tracemalloc.stop()


def takes_all(server: Hostile, channel: paramiko.Channel) -> None:
    """Read the whole collector."""
    left = len(SCRIPT)
    while left and not server.over.is_set():
        left -= len(channel.recv(PIECE))


def honest(server: Hostile, transport: paramiko.Transport, channel: paramiko.Channel, mark: bytes) -> None:
    takes_all(server, channel)
    channel.sendall(b"motd\n" + mark + b"\nline\n")
    channel.close()


def dribbles_window(server: Hostile, transport: paramiko.Transport, channel: paramiko.Channel, mark: bytes) -> None:
    """Take the collector byte by byte: no single step of the carrier waits long."""
    while not server.over.wait(0.1):
        message = paramiko.Message()
        message.add_byte(cMSG_CHANNEL_WINDOW_ADJUST)
        message.add_int(channel.remote_chanid)
        message.add_int(1)
        transport._send_user_message(message)  # type: ignore[attr-defined]


def dribbles_output(server: Hostile, transport: paramiko.Transport, channel: paramiko.Channel, mark: bytes) -> None:
    takes_all(server, channel)
    channel.sendall(b"\n" + mark + b"\n")
    while not server.over.wait(0.05):
        channel.sendall(b"line\n")


def never_closes(server: Hostile, transport: paramiko.Transport, channel: paramiko.Channel, mark: bytes) -> None:
    takes_all(server, channel)
    channel.sendall(b"\n" + mark + b"\nline\n")


def prints_without_end(server: Hostile, transport: paramiko.Transport, channel: paramiko.Channel, mark: bytes) -> None:
    takes_all(server, channel)
    channel.sendall(b"\n" + mark + b"\n")
    while not server.over.is_set():
        channel.sendall(b"line\n" * 1000)


def complains_without_end(
    server: Hostile, transport: paramiko.Transport, channel: paramiko.Channel, mark: bytes
) -> None:
    while not server.over.is_set():
        channel.sendall_stderr(JUNK)


def test_a_server_that_is_honest_is_read_whole() -> None:
    """So that what the others end with is due to what they do."""
    with Hostile(honest) as server:
        book = Book()
        answer, took = ask(server, book)
    assert answer.failure is None
    assert answer.body == b"line\n"
    assert took < BOUNDS.answer_seconds
    assert book.outcomes == [Outcome.ACCEPTED]


def test_a_command_that_is_never_accepted_ends_with_the_whole_of_the_time() -> None:
    with Hostile() as server:
        answer, took = ask(server)
    assert told(answer)[0] is GapReason.INTERRUPTED
    assert told(answer)[1].startswith("connection-lost")
    assert 2 * BOUNDS.answer_seconds <= took < 2 * BOUNDS.answer_seconds + LATE


def test_a_collector_that_is_taken_byte_by_byte_ends_with_the_whole_of_the_time() -> None:
    with Hostile(dribbles_window) as server:
        answer, took = ask(server)
    assert told(answer) == (GapReason.TIMEOUT, "no-answer")
    assert 2 * BOUNDS.answer_seconds <= took < 2 * BOUNDS.answer_seconds + LATE


@pytest.mark.parametrize("reply", [dribbles_output, never_closes], ids=["never stops", "never closes"])
def test_an_answer_without_an_end_is_cut_off_in_time_and_its_part_is_kept(reply: Reply) -> None:
    with Hostile(reply) as server:
        answer, took = ask(server)
    assert told(answer) == (GapReason.TIMEOUT, "no-answer")
    assert answer.body.startswith(b"line\n")
    assert BOUNDS.answer_seconds <= took < BOUNDS.answer_seconds + LATE


def test_an_answer_without_an_end_is_cut_off_at_its_size() -> None:
    with Hostile(prints_without_end) as server, little_memory():
        answer, _ = ask(server)
    assert told(answer) == (GapReason.TOO_LARGE, "too-much: 1 MiB")
    assert len(answer.body) <= BOUNDS.answer_bytes + PIECE


def test_complaints_without_an_end_are_cut_off_in_time() -> None:
    with Hostile(complains_without_end) as server, little_memory():
        answer, took = ask(server)
    assert told(answer) == (GapReason.TIMEOUT, "no-answer")
    assert took < 2 * BOUNDS.answer_seconds + LATE


def test_a_first_line_without_an_end_is_cut_off_in_time() -> None:
    with Hostile(greet=Hostile.flood) as server, little_memory():
        answer, took = ask(server)
    assert told(answer)[0] is GapReason.TIMEOUT
    assert told(answer)[1].startswith("no-greeting")
    assert took < BOUNDS.login_seconds + LATE


def head(size: int) -> bytes:
    """The beginning of a packet that says it has this size, as it stands on the wire."""
    return struct.pack(">I", size) + bytes(60)


def greets_hugely(server: Hostile, connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" + head(CLAIMED + 4))
    server.flood(connection)


def answers_the_login_hugely(server: Hostile, transport: paramiko.Transport) -> None:
    connection = transport.sock
    assert isinstance(connection, socket.socket)
    connection.sendall(head(CLAIMED))
    server.flood(connection)


def answers_the_command_hugely(
    server: Hostile, transport: paramiko.Transport, channel: paramiko.Channel, mark: bytes
) -> None:
    takes_all(server, channel)
    channel.sendall(b"\n" + mark + b"\nline\n")
    answers_the_login_hugely(server, transport)


def packet_at_login(kind: bytes, size: int) -> Callable[[Hostile, paramiko.Transport], None]:
    """Send one packet that is well made while the login is pending: a banner, or what is to be ignored."""

    def log_in(server: Hostile, transport: paramiko.Transport) -> None:
        message = paramiko.Message()
        message.add_byte(kind)
        message.add_string(bytes(size))
        message.add_string("")
        transport._send_message(message)  # type: ignore[attr-defined]

    return log_in


@pytest.mark.parametrize(
    ("make", "expected", "outcomes"),
    [
        (
            lambda: Hostile(greet=greets_hugely),
            (GapReason.UNREACHABLE, "handshake-failed: packet too large"),
            [],
        ),
        (
            lambda: Hostile(honest, log_in=answers_the_login_hugely),
            (GapReason.INTERRUPTED, "connection-lost: packet too large"),
            [Outcome.UNKNOWN],
        ),
        (
            lambda: Hostile(answers_the_command_hugely),
            (GapReason.INTERRUPTED, "connection-lost"),
            [Outcome.ACCEPTED],
        ),
    ],
    ids=["handshake", "login", "command"],
)
def test_a_packet_that_says_it_is_huge_is_not_waited_for(
    make: Callable[[], Hostile], expected: tuple[GapReason, str], outcomes: list[Outcome]
) -> None:
    book = Book()
    with make() as server, little_memory():
        answer, took = ask(server, book)
        assert took < LATE
    assert told(answer) == expected
    assert book.outcomes == outcomes
    assert server.sent < SENDING


@pytest.mark.parametrize("kind", [cMSG_USERAUTH_BANNER, cMSG_IGNORE], ids=["banner", "ignored"])
def test_a_login_with_a_packet_that_no_server_sends_is_given_up(kind: bytes) -> None:
    book = Book()
    with Hostile(honest, log_in=packet_at_login(kind, LARGEST_PACKET)) as server:
        answer, _ = ask(server, book)
    assert told(answer) == (GapReason.INTERRUPTED, "connection-lost: packet too large")
    assert book.outcomes == [Outcome.UNKNOWN]


def test_a_long_banner_is_no_obstacle() -> None:
    with Hostile(honest, log_in=packet_at_login(cMSG_USERAUTH_BANNER, LARGEST_PACKET // 2)) as server:
        answer, _ = ask(server)
    assert answer.failure is None
    assert answer.body == b"line\n"
