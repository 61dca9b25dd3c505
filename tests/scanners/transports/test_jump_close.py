"""A connection through a jump host that ends while it is written to costs that connection and no other."""

import contextlib
import io
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from lab.farm import Farm
from lab.hosts import make_specs
from scanners.transports.guarded import GuardedTransport
from tests.scanning import needs_root, needs_sshd

pytestmark = [needs_sshd, needs_root]

BANGS = 60
"""So many connections end while three threads write to each."""


@pytest.fixture
def closer() -> Iterator[int]:
    """A server that reads a little and closes; its port on loopback."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                connection.recv(64)
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def session(farm: Farm) -> GuardedTransport:
    host = farm.hosts[0]
    transport = GuardedTransport(socket.create_connection((host.spec.address, host.port), 10))
    transport.start_client(timeout=20)
    transport.auth_publickey(farm.user, paramiko.Ed25519Key.from_private_key(io.StringIO(farm.client_key)))
    return transport


def hammer(channel: paramiko.Channel) -> None:
    with contextlib.suppress(OSError, EOFError):
        while True:
            channel.send(b"x" * 16)


def test_what_is_written_to_a_closing_channel_does_not_end_the_session(tmp_path: Path, closer: int) -> None:
    """OpenSSH ends the whole session on data for a channel that it has forgotten."""
    with Farm(tmp_path / "farm", make_specs(1, first="127.77.21.1")) as farm:
        transport = session(farm)
        try:
            for _ in range(BANGS):
                channel = transport.open_channel("direct-tcpip", ("127.0.0.1", closer), ("127.0.0.1", 0), timeout=20)
                threads = [threading.Thread(target=hammer, args=(channel,)) for _ in range(3)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(20)
                channel.close()
                assert transport.is_active(), farm.hosts[0].log.read_text("utf-8")[-600:]
        finally:
            transport.close()


@pytest.fixture
def hearer() -> Iterator[tuple[int, list[bytes]]]:
    """A server that keeps what it hears for two seconds on each connection."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0), backlog=8)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                connection.settimeout(2)
                with contextlib.suppress(TimeoutError):
                    heard.append(connection.recv(64))
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1], heard
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def test_data_that_was_about_to_be_sent_when_its_channel_ended_is_dropped(
    tmp_path: Path, closer: int, hearer: tuple[int, list[bytes]]
) -> None:
    """The message is ready, then its channel ends, then it would go out: to nobody, or to who has the number now."""
    port, heard = hearer
    with Farm(tmp_path / "farm", make_specs(1, first="127.77.21.21")) as farm:
        transport = session(farm)
        try:
            channel = transport.open_channel("direct-tcpip", ("127.0.0.1", closer), ("127.0.0.1", 0), timeout=20)
            made: list[paramiko.Message] = []
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(transport, "_send_user_message", made.append)
                channel.send(b"too late")
            channel.close()
            time.sleep(0.5)  # until sshd has forgotten the channel
            transport._send_user_message(made[0])
            other = transport.open_channel("direct-tcpip", ("127.0.0.1", port), ("127.0.0.1", 0), timeout=20)
            assert other.remote_chanid == channel.remote_chanid
            transport._send_user_message(made[0])
            time.sleep(0.5)
            other.send(b"in time")
            assert other.recv(1) == b""
            assert heard == [b"in time"]
            assert transport.is_active()
            assert "nonexistent channel" not in farm.hosts[0].log.read_text("utf-8")
        finally:
            transport.close()


def test_closing_a_session_over_a_connection_that_is_gone_says_nothing(tmp_path: Path) -> None:
    with Farm(tmp_path / "farm", make_specs(2, first="127.77.21.11")) as farm:
        outer = session(farm)
        inner_host = farm.hosts[1]
        way = outer.open_channel("direct-tcpip", (inner_host.spec.address, inner_host.port), ("127.0.0.1", 0))
        inner = GuardedTransport(way)
        inner.start_client(timeout=20)
        outer.sock.close()
        outer.packetizer.close()  # as where the network broke in the middle of a message
        inner.close()
        assert not inner.is_active()
        outer.close()
