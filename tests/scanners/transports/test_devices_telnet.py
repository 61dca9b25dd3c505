"""Telnet: the lab's command lines behind a login in plain text, asked once, by the same list of what may be typed."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from lab.devices.journal import Journal, read_journal
from lab.devices.shell import Shell
from lab.devices.vendors import VENDORS as SIMULATED
from lab.devices.wire import GoneError, Wire
from lab.scenario.model import Device
from scanners.transports.carrying import Bounds, Credential, CredentialKind, Order, Outcome
from tests.lab.telling import questions
from tests.lab.test_devices_tables import USERS, make
from tests.scanners.transports.racking import (
    NOT_IN_THE_LAB,
    PLATFORM_OF,
    Book,
    Heard,
    allowed,
    ask,
    directly,
    texts,
    without_clock,
)
from xunyan.device_facts import TELNET_SESSION
from xunyan.permits import Method, Permit

HOME = "127.91.7.1"
IAC, WILL, DO, SB = b"\xff", b"\xfb", b"\xfd", b"\xfa"
OFFERS = IAC + WILL + b"\x01" + IAC + WILL + b"\x03" + IAC + DO + b"\x1f" + IAC + DO + b"\x18"
QUICK = Bounds(connect_seconds=2, login_seconds=2, answer_seconds=4)


@dataclass(slots=True)
class Server:
    """One device that listens for Telnet: what it asks for, what it says instead, and what came in before the shell."""

    device: Device
    folder: Path
    greeting: bytes = b"\r\nUser Access Verification\r\n\r\n"
    endless: bytes = b""
    port: int = 0
    raw: bytearray = field(default_factory=bytearray)
    words: list[tuple[str, str]] = field(default_factory=list)

    @property
    def log(self) -> list[dict[str, str]]:
        return read_journal(self.folder / "telnet.log")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, GoneError, asyncio.IncompleteReadError):
            writer.write(OFFERS + self.greeting)
            while self.endless:
                writer.write(self.endless)
                await writer.drain()
            for _ in range(3):
                writer.write(b"Username:")
                name = await self._line(reader, writer, echo=True)
                writer.write(b"Password:")
                word = await self._line(reader, writer, echo=False)
                self.words.append((name, word))
                if self.device.users.get(name) == word:
                    await self._shell(reader, writer, name)
                    break
                writer.write(b"\r\n% Authentication failed\r\n")
        writer.close()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, echo: bool) -> str:
        line = b""
        while True:
            one = await reader.readexactly(1)
            if one == IAC:
                self.raw += one + await self._option(reader)
            elif one == b"\n":
                writer.write(b"\r\n")
                return line.decode()
            elif one != b"\r":
                line += one
                writer.write(one if echo else b"")

    async def _option(self, reader: asyncio.StreamReader) -> bytes:
        command = await reader.readexactly(1)
        if command != SB:
            return command + await reader.readexactly(1)
        return command + await reader.readuntil(IAC + b"\xf0")

    async def _shell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, user: str) -> None:
        process = SimpleNamespace(
            stdin=reader, stdout=writer, channel=SimpleNamespace(get_connection=lambda: writer.transport)
        )
        visit = Journal(self.folder / "telnet.log").visit("telnet")
        await Shell(self.device, Wire(process, self.device.fault), visit, user, 24).run(None)  # type: ignore[arg-type]  # what it uses


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Have it listen in a thread of its own."""
    loop = asyncio.new_event_loop()

    async def begin() -> asyncio.Server:
        return await asyncio.start_server(server.serve, HOME, 0)

    listener = loop.run_until_complete(begin())
    server.port = listener.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.05))
        listener.close()
        loop.close()


def heard(server: Server, book: Book | None = None, word: str = USERS["ops"], **fields: str) -> Heard:
    permit = Permit("n", HOME, server.port, Method.TELNET, datetime.now(UTC) + timedelta(hours=1), "L")
    credential = Credential("ops", "ops", CredentialKind.PASSWORD, password=word, **fields)  # type: ignore[arg-type]
    return ask(Order("device:t", permit, credential, platform=PLATFORM_OF[server.device.vendor]), book, QUICK)


@pytest.mark.parametrize("vendor", sorted(SIMULATED))
def test_a_device_is_read_whole_in_plain_text_and_the_answer_says_so(tmp_path: Path, vendor: str) -> None:
    book, device = Book(), make(vendor)
    with serving(Server(device, tmp_path)) as server:
        found = heard(server, book)
    assert found.why == ("", "")
    assert found.answer.means == ("telnet",)
    assert list(found.outputs) == [*questions(device), TELNET_SESSION]
    told = texts(found)
    assert told.pop(TELNET_SESSION) == f"telnet {HOME} {server.port}\n"
    assert without_clock(told) == without_clock(directly(device))
    assert book.outcomes == [("ops", Outcome.ACCEPTED)]
    assert server.words == [("ops", USERS["ops"])]
    typed = {row["text"] for row in server.log if row["event"] == "command"}
    assert typed <= allowed(device)
    assert {row["kind"] for row in server.log if row["text"] not in NOT_IN_THE_LAB} <= {"read", "session"}


def test_options_are_answered_and_the_size_is_told(tmp_path: Path) -> None:
    with serving(Server(make("zte"), tmp_path)) as server:
        assert heard(server).why == ("", "")
    assert bytes(server.raw).startswith(
        IAC + DO + b"\x01" + IAC + DO + b"\x03" + IAC + WILL + b"\x1f" + IAC + SB + b"\x1f\x01\xff"
    )
    assert IAC + b"\xfc\x18" in server.raw  # no kind of terminal is named


def test_a_wrong_password_is_sent_once(tmp_path: Path) -> None:
    book = Book()
    with serving(Server(make("cisco"), tmp_path)) as server:
        found = heard(server, book, "wrong")
    assert found.why == ("denied", "login-refused")
    assert server.words == [("ops", "wrong")]
    assert book.outcomes == [("ops", Outcome.REFUSED)]
    assert found.outputs == {}


def test_privilege_is_raised_as_over_ssh(tmp_path: Path) -> None:
    with serving(Server(make("ruijie", enable="high word"), tmp_path)) as server:
        found = heard(server, enable="high word")
    assert found.answer.means == ("telnet", "enable")
    assert not [command for command, (_, code) in found.outputs.items() if code]


@pytest.mark.parametrize(
    ("endless", "why"),
    [
        (b"a line again and again\r\n" * 40, ("too-large", "too-much")),
        (IAC + WILL + b"\x63" * 1, ("interrupted", "connection-lost")),
        (IAC + SB + b"x" * 500, ("interrupted", "connection-lost")),
    ],
)
def test_a_device_that_talks_without_end_is_left_before_any_login(
    tmp_path: Path, endless: bytes, why: tuple[str, str]
) -> None:
    book = Book()
    with serving(Server(make("huawei"), tmp_path, greeting=b"", endless=endless)) as server:
        found = heard(server, book)
    assert found.why in (why, ("timeout", "login-timeout"))
    assert book.outcomes == [("ops", Outcome.UNSENT)]
    assert server.words == []


def test_a_device_that_wants_its_password_changed_is_left(tmp_path: Path) -> None:
    with serving(Server(make("huawei", fault="change-password"), tmp_path)) as server:
        assert heard(server).why == ("denied", "password-change")
    assert [row for row in server.log if row["event"] == "command"] == []


def test_what_says_nothing_is_no_answer(tmp_path: Path) -> None:
    server = Server(make("huawei"), tmp_path)
    with serving(server):
        assert heard(replace(server, port=server.port)).why == ("", "")
    assert heard(server).why == ("unreachable", "connection-refused")
