"""Messages that are small and wrong: each is a failure of the one host that sends it, never an exception out of the carrier."""

import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import paramiko
import pytest
from paramiko.common import (
    cMSG_CHANNEL_DATA,
    cMSG_CHANNEL_EXTENDED_DATA,
    cMSG_CHANNEL_OPEN,
    cMSG_CHANNEL_REQUEST,
    cMSG_DEBUG,
    cMSG_DISCONNECT,
    cMSG_GLOBAL_REQUEST,
    cMSG_KEXINIT,
    cMSG_SERVICE_ACCEPT,
    cMSG_USERAUTH_FAILURE,
    cMSG_USERAUTH_INFO_REQUEST,
)

from lab.farm import Farm
from lab.hosts import Host, HostSpec, make_specs
from scanners.transports.carrying import Outcome
from tests.making import PROJECT, xunyan
from tests.scanners.transports.test_ssh_hostile import (
    ADDRESS,
    JUNK,
    Book,
    Hostile,
    ask,
    honest,
    little_memory,
    takes_all,
)
from tests.scanning import make_workspace

GREETING = b"SSH-2.0-OpenSSH_9.2\r\n"
UNKNOWN = b"\xfa"


def text(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


ODD = text(b"\xff\xfe")
GBK = "连接数已满".encode("gbk")


def packet(payload: bytes) -> bytes:
    """A packet as it is sent before keys are agreed on."""
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack(">IB", len(payload) + 1 + padding, padding) + payload + bytes(padding)


def message(payload: bytes) -> paramiko.Message:
    made = paramiko.Message()
    made.add_bytes(payload)
    return made


def send(transport: paramiko.Transport, payload: bytes) -> None:
    """Send a message as it is, whatever the protocol says."""
    transport._send_message(message(payload))  # type: ignore[attr-defined]  # private, and not in the stubs


def sending(payload: bytes) -> Callable[[Hostile, paramiko.Transport], None]:
    """Make what sends this instead of an answer to the login."""

    def log_in(server: Hostile, transport: paramiko.Transport) -> None:
        del server
        send(transport, payload)

    return log_in


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">IB", 4, 3) + bytes(3),
        struct.pack(">IB", 12, 255) + bytes(11),
        packet(cMSG_KEXINIT + bytes(3)),
        packet(cMSG_KEXINIT + bytes(16) + ODD),
        packet(UNKNOWN),
        packet(cMSG_DISCONNECT + bytes(4) + ODD),
    ],
    ids=["no payload", "padding beyond", "short", "not utf-8", "unknown", "goodbye not utf-8"],
)
def test_while_keys_are_agreed_on(data: bytes) -> None:
    def greet(server: Hostile, connection: socket.socket) -> None:
        del server
        connection.sendall(GREETING + data)

    with Hostile(greet=greet) as server:
        answer, _ = ask(server)
    assert answer.failure is not None


@pytest.mark.parametrize(
    "payload",
    [
        UNKNOWN,
        cMSG_USERAUTH_FAILURE + ODD + b"\0",
        cMSG_USERAUTH_INFO_REQUEST + ODD + b"\0",
        cMSG_SERVICE_ACCEPT + ODD,
        cMSG_DISCONNECT + struct.pack(">I", 2) + ODD + text(b""),
        cMSG_CHANNEL_DATA + struct.pack(">I", 99),
        cMSG_KEXINIT + bytes(16) + ODD,
        cMSG_CHANNEL_OPEN + ODD,
        cMSG_GLOBAL_REQUEST + ODD + b"\1",
        cMSG_DEBUG + b"\1" + ODD,
    ],
    ids=["unknown", "failure", "question", "service", "goodbye", "data", "keys", "channel", "request", "remark"],
)
def test_while_logging_in(payload: bytes) -> None:
    with Hostile(honest, log_in=sending(payload)) as server:
        answer, _ = ask(server)  # some of these are nothing to a client
    assert answer.failure is None or answer.failure.detail


@pytest.mark.parametrize(
    ("payload", "before"),
    [
        (UNKNOWN, b""),
        (cMSG_CHANNEL_DATA + struct.pack(">I", 99), b""),
        (cMSG_CHANNEL_REQUEST + struct.pack(">I", 0) + ODD + b"\1", b""),
        (cMSG_KEXINIT + bytes(16) + ODD, b"part\n"),
    ],
    ids=["unknown", "data", "request", "keys"],
)
def test_while_the_collector_runs(payload: bytes, before: bytes) -> None:
    def reply(server: Hostile, transport: paramiko.Transport, channel: paramiko.Channel, mark: bytes) -> None:
        takes_all(server, channel)
        if before:
            channel.sendall(b"\n" + mark + b"\n" + before)
        send(transport, payload)
        server.over.wait(5)

    with Hostile(reply) as server:
        answer, _ = ask(server)
    assert answer.failure is not None


class AtExec(Hostile):
    """Answers the request to run something with a message of its own."""

    payload = b""

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        del command
        send(channel.get_transport(), self.payload)
        self.over.wait(5)
        return False


@pytest.mark.parametrize("payload", [UNKNOWN, cMSG_CHANNEL_REQUEST + struct.pack(">I", 0) + ODD + b"\1"])
def test_instead_of_running_it(payload: bytes) -> None:
    with AtExec() as server:
        server.payload = payload
        answer, _ = ask(server)
    assert answer.failure is not None


hangs_up_in_gbk = sending(cMSG_DISCONNECT + struct.pack(">I", 12) + text(GBK) + text(b""))


def test_a_goodbye_in_gbk_is_a_lost_connection() -> None:
    book = Book()
    with Hostile(honest, log_in=hangs_up_in_gbk) as server:
        answer, _ = ask(server, book)
    assert answer.failure is not None
    assert answer.failure.detail == "connection-lost: malformed message: UnicodeDecodeError"
    assert book.outcomes == [Outcome.UNKNOWN]


def test_one_such_host_does_not_end_the_scan_of_all(tmp_path: Path) -> None:
    with Farm(tmp_path / "farm", make_specs(3, first="127.77.31.1")) as farm, Hostile(log_in=hangs_up_in_gbk) as bad:
        odd = Host(HostSpec("odd", ADDRESS), bad.port, bad.host_key, tmp_path / "none")
        known = farm.known_hosts() + f"[{ADDRESS}]:{bad.port} {bad.host_key}\n"
        workspace = make_workspace(tmp_path, farm, [odd, *farm.hosts], known=known, more="\n[scan]\nconcurrency = 1\n")
        done = xunyan("-C", workspace, "scan", "--no-judge", check=False)
    assert "Traceback" not in done.stderr
    assert "查了 4 台，读到 3 台，没读到 1 台" in done.stdout


def test_complaints_beyond_the_window_are_not_kept() -> None:
    """The server does not care how much it may send, and nobody reads its error stream meanwhile."""

    def reply(server: Hostile, transport: paramiko.Transport, channel: paramiko.Channel, mark: bytes) -> None:
        del mark
        head = cMSG_CHANNEL_EXTENDED_DATA + struct.pack(">II", channel.remote_chanid, 1)
        while not server.over.is_set():
            transport._send_user_message(message(head + text(JUNK[:32768])))  # type: ignore[attr-defined]  # as above

    with Hostile(reply) as server, little_memory():
        ask(server)


# In a process of its own, since the reading thread would go on, and end what runs beside it.
PROMPTS = """
import os, resource, time
import paramiko
from scanners.transports.carrying import Credential, CredentialKind
from tests.scanners.transports import test_ssh_hostile as hostile
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
hostile.LOGIN = Credential("ops", "ops", CredentialKind.PASSWORD, password="x")
class Server(hostile.Hostile):
    def get_allowed_auths(self, username): return "keyboard-interactive"
    def check_auth_none(self, username): return paramiko.common.AUTH_FAILED
    def check_auth_interactive(self, username, submethods):
        m = paramiko.Message()
        m.add_bytes(paramiko.common.cMSG_USERAUTH_INFO_REQUEST)
        for _ in range(3): m.add_string("")
        m.add_int(0xFFFFFFFF)
        self._transport._send_message(m)
        self.over.wait(30)
        return paramiko.common.AUTH_FAILED
with Server(hostile.honest) as server:
    answer, took = hostile.ask(server)
    time.sleep(2)
    peak = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'))
    print(answer.failure.detail, int(peak) >> 10, flush=True)
    os._exit(0)
"""


def test_a_question_with_a_billion_prompts_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROMPTS], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True
    )
    said, _, mebibytes = done.stdout.strip().rpartition(" ")
    assert said == "connection-lost: too many prompts"
    assert int(mebibytes) < 200
