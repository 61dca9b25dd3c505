"""Lets a device listen: SSH with its users and its shell, or what its fault makes of that."""

import asyncio
import contextlib
import hmac
import os
from collections.abc import Awaitable
from pathlib import Path
from typing import Protocol

import asyncssh

from lab.devices.hostile import hostile
from lab.devices.journal import Journal, Visit
from lab.devices.plan import Placed
from lab.devices.shell import Shell
from lab.devices.wire import GoneError, Wire
from lab.scenario.model import Device

FAULTS = (
    *("", "refused", "hang", "silent", "flood", "binary", "slow", "changed-key", "wrong-banner", "drops", "closed"),
    *("change-password", "close-mid-command", "pages-always"),
)
"""What may be wrong with a device; an empty word is nothing."""

_GREETING = b"220 lab FTP server ready.\r\n"
_FLOOD = "lab: this line comes again and again, without end\r\n" * 64


class Listener(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Listen no more."""


class Gate(asyncssh.SSHServer):
    """One connection: who comes, and with which password."""

    def __init__(self, device: Device, journal: Journal) -> None:
        self._device = device
        self._journal = journal
        self._connection: asyncssh.SSHServerConnection | None = None
        self.visit = journal.visit("")

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Write down who came."""
        self._connection = conn
        self.visit = self._journal.visit(str(conn.get_extra_info("peername")[0]))
        self.visit.tell("connection")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Write down that it is over."""
        self.visit.tell("closed")

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002
        """Show the banner; everyone must show who he is."""
        if self._device.banner and self._connection is not None:
            self._connection.send_auth_banner(self._device.banner.replace("\n", "\r\n") + "\r\n")
        return True

    def password_auth_supported(self) -> bool:
        """Passwords are all that a device takes, plain or question by question."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Judge a login, and write it down."""
        expected = None if self._device.fault == "refused" else self._device.users.get(username)
        good = expected is not None and hmac.compare_digest(expected.encode(), password.encode())
        self.visit.tell("attempt", user=username, outcome="accepted" if good else "refused")
        return good


async def _talk(device: Device, process: asyncssh.SSHServerProcess[bytes]) -> None:
    """Serve one session to its end."""
    gate = process.channel.get_connection().get_owner()
    if not isinstance(gate, Gate):
        raise TypeError
    wire = Wire(process, device.fault)
    with contextlib.suppress(GoneError):
        if device.fault in {"hang", "flood", "binary"}:
            await _misbehave(device.fault, wire, gate.visit, process.command)
        else:
            user = str(process.get_extra_info("username"))
            shell = Shell(device, wire, gate.visit, user, process.term_size[1])
            await shell.run(process.command)
    with contextlib.suppress(OSError, asyncssh.Error):
        process.exit(0)


async def _misbehave(fault: str, wire: Wire, visit: Visit, command: str | None) -> None:
    """Do what no device should: say nothing, too much, or nonsense."""
    if command is not None:
        visit.tell("command", mode="exec", text=command, command="", kind="unknown")
    while fault == "flood":
        await wire.send(_FLOOD)
    if fault == "binary":
        await wire.send_bytes(os.urandom(65536))
    line = ""
    while True:
        key = await wire.key()
        line = "" if key in "\r\n" else line + key
        if key in "\r\n" and fault == "binary":
            await wire.send_bytes(os.urandom(4096))


async def _plain(placed: Placed, address: str, journal: Journal) -> Listener:
    """Listen without SSH: say nothing at all, or what another service would say."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = journal.visit(str(writer.get_extra_info("peername")[0]))
        visit.tell("connection")
        with contextlib.suppress(OSError):
            if placed.device.fault == "wrong-banner":
                writer.write(_GREETING)
                await writer.drain()
            while await reader.read(4096):
                pass
        writer.close()
        visit.tell("closed")

    return await asyncio.start_server(serve, address, placed.port, reuse_address=True, backlog=128)


async def _ssh(placed: Placed, address: str, journal: Journal) -> Listener:
    device = hostile(placed.device) if placed.device.hostile else placed.device

    def handle(process: asyncssh.SSHServerProcess[bytes]) -> Awaitable[None]:
        return _talk(device, process)

    return await asyncssh.listen(
        address,
        placed.port,
        server_factory=lambda: Gate(device, journal),
        process_factory=handle,
        server_host_keys=[asyncssh.import_private_key(placed.key.private)],
        encoding=None,
        line_editor=False,
        reuse_address=True,
        login_timeout=60,
        backlog=128,
    )


async def listen(placed: Placed, folder: Path) -> list[Listener]:
    """Listen on all addresses of a device; one that is `closed` does not."""
    if placed.device.fault == "closed":
        return []
    journal = Journal(folder / f"{placed.device.name}.log")
    way = _plain if placed.device.fault in {"silent", "wrong-banner"} else _ssh
    return [await way(placed, address, journal) for address in placed.addresses]
