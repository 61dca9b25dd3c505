"""Each fault of a simulated device shows to a client as what it is, and leaves the other devices of the process alone."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import paramiko
import pytest

from lab.children import PROJECT
from lab.devices.hostile import HUGE, TEXTS
from lab.devices.plan import Placed, known_hosts, known_hosts_key, write_plan
from lab.devices.service import FAULTS
from lab.keys import make_key
from lab.scenario.model import Interface
from tests.lab.test_devices import LIMIT, Rack, Terminal
from tests.lab.test_devices_tables import USERS, make


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rack]:
    devices = [make("huawei", fault or "none", fault=fault) for fault in FAULTS]
    devices += [make("cisco", f"{fault}-exec", fault=fault) for fault in FAULTS]
    interfaces = [
        Interface(name=f"GigabitEthernet0/0/{n}", v4=[f"192.0.2.{n}/32"], neighbor=("N", "P"))
        for n in range(len(TEXTS) + 1)
    ]
    devices.append(make("huawei", "hostile", hostile=True, interfaces=interfaces, banner="Keep out"))
    raised = Rack(tmp_path_factory.mktemp("rack"), devices, 30)
    yield raised
    raised.child.stop()
    assert raised.errors() == ""


@pytest.fixture(autouse=True)
def _others_go_on(rack: Rack) -> Iterator[None]:
    """Whatever a device did, its neighbours still answer."""
    yield
    assert rack.run("none", "display esn") == "ESN of device: SN0123456789\r\n"


def test_all_but_the_closed_listen(rack: Rack) -> None:
    assert rack.ready == f"ready {2 * len(FAULTS) + 1 - 2}"


def test_refused(rack: Rack) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        rack.run("refused", "display version")
    with pytest.raises(paramiko.AuthenticationException):
        Terminal(rack, "refused")
    assert [row["outcome"] for row in rack.log("refused", "attempt")] == ["refused"] * 2


def test_hang(rack: Rack) -> None:
    with Terminal(rack, "hang") as terminal:
        terminal.channel.send(b"display version\r")
        terminal.channel.settimeout(1.5)
        with pytest.raises(TimeoutError):
            terminal.channel.recv(1)
    assert [row["outcome"] for row in rack.log("hang", "attempt")] == ["accepted"]


@pytest.mark.parametrize("name", ["silent", "silent-exec"])
def test_silent(rack: Rack, name: str) -> None:
    with rack.socket(name) as link:
        link.sendall(b"SSH-2.0-test\r\n")
        link.settimeout(1)
        with pytest.raises(TimeoutError):
            link.recv(1)
    _wait_for(rack, name, "closed")
    assert [row["event"] for row in rack.log(name)] == ["connection", "closed"]


def _wait_for(rack: Rack, name: str, event: str) -> None:
    end = time.monotonic() + LIMIT
    while not rack.log(name, event):
        assert time.monotonic() < end, event
        time.sleep(0.05)


def test_wrong_banner(rack: Rack) -> None:
    with rack.socket("wrong-banner") as link:
        assert link.recv(100).startswith(b"220 ")
    with rack.socket("wrong-banner") as link:
        transport = paramiko.Transport(link)
        with pytest.raises((paramiko.SSHException, EOFError)):
            transport.connect(username="ops", password=USERS["ops"])
        transport.close()


def test_flood(rack: Rack) -> None:
    with Terminal(rack, "flood") as terminal:
        got = 0
        while got < 4 * 1024 * 1024:
            piece = terminal.channel.recv(65536)
            assert piece
            got += len(piece)
    before = _memory(rack)
    with Terminal(rack, "flood"):  # who does not read must not fill the device's memory
        time.sleep(1)
        assert _memory(rack) < before + 20 * 1024


def _memory(rack: Rack) -> int:
    lines = Path(f"/proc/{rack.child.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def test_binary(rack: Rack) -> None:
    with Terminal(rack, "binary") as terminal:
        said = b""
        while len(said) < 65536:
            said += terminal.channel.recv(65536)
        assert len(set(said)) == 256
        terminal.channel.send(b"display version\r")
        assert len(terminal.channel.recv(4096)) > 0
    assert rack.log("binary", "command") == []


def test_slow(rack: Rack) -> None:
    begun = time.monotonic()
    said = rack.run("slow", "display version")
    took = time.monotonic() - begun
    assert "Huawei Versatile" in said
    assert len(said) / 300 < took < len(said) / 100


@pytest.mark.parametrize("name", ["drops", "drops-exec"])
def test_drops(rack: Rack, name: str) -> None:
    if name == "drops":
        with Terminal(rack, name) as terminal:
            terminal.until(">")
            assert "Info" in terminal.ask("screen-length 0 temporary", ">")
            with pytest.raises(
                AssertionError, match="interface GigabitEthernet"
            ):  # what had come when the line went dead
                terminal.ask("display current-configuration", ">", "----")
            assert not terminal.channel.get_transport().is_active()
    else:
        whole, said = rack.run("-exec", "show running-config"), rack.run(name, "show running-config")
        assert said[400:600] in whole
        assert 0.4 < len(said) / len(whole) < 0.6
    assert len(rack.log(name, "command")) == (2 if name == "drops" else 1)


def test_changed_key(rack: Rack) -> None:
    with pytest.raises(asyncssh.HostKeyNotVerifiable):
        rack.run("changed-key", "display version")
    assert rack.log("changed-key", "attempt") == []
    placed = rack.placed["changed-key"]
    assert known_hosts_key(placed) != placed.key.line
    assert known_hosts_key(placed) == known_hosts_key(placed)
    assert known_hosts_key(placed).split()[0] == "ssh-ed25519"
    assert known_hosts(placed) == f"[{placed.addresses[0]}]:{placed.port} {known_hosts_key(placed)}\n"
    with Terminal(rack, "changed-key") as terminal:  # whoever does not check comes in
        terminal.until(">")


def test_closed(rack: Rack) -> None:
    with pytest.raises(ConnectionRefusedError):
        rack.socket("closed")
    assert rack.log("closed") == []


def test_hostile(rack: Rack) -> None:
    with Terminal(rack, "hostile") as terminal:
        assert b"<script>" in terminal.banner
        shown = terminal.until("\r\n<hostile>")
        assert [text for text in TEXTS if text not in shown] == []
        terminal.ask("screen-length 0 temporary", "\r\n<hostile>")
        neighbours = terminal.ask("display lldp neighbor brief", "\r\n<hostile>")
        assert HUGE < max(len(line) for line in neighbours.split("\r\n")) < HUGE + 1000
        assert [text for text in TEXTS[1:] if text not in neighbours] == []
    shown = rack.run("hostile", "display interface")
    assert [text for text in TEXTS if text not in shown] == []


def test_process_ends_with_its_parent(tmp_path: Path) -> None:
    """Nothing is left when whoever started it is killed, even while standard input stays open."""
    placed = Placed(make("cisco", "orphan"), ["127.79.40.1"], 40022, make_key())
    write_plan(tmp_path / "plan", [placed], tmp_path / "logs")
    reading, writing = os.pipe()
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-m', 'lab.devices', {str(tmp_path / 'plan')!r}], stdin={reading})\n"
        "print(child.pid, flush=True)\ntime.sleep(600)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, pass_fds=[reading], env=environment)
    assert parent.stdout is not None
    pid, ready = int(parent.stdout.readline()), parent.stdout.readline()
    assert ready == b"ready 1\n"
    try:
        parent.kill()
        parent.wait(10)
        end = time.monotonic() + LIMIT
        while _runs(pid) and time.monotonic() < end:
            time.sleep(0.1)
        assert not _runs(pid)
    finally:
        parent.stdout.close()
        os.close(reading)
        os.close(writing)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _runs(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def test_many_sessions_at_once(rack: Rack) -> None:
    """Fifty clients on one device each get their own answer."""
    placed = rack.placed["none"]

    async def one() -> str:
        async with asyncssh.connect(
            placed.addresses[0],
            placed.port,
            config=None,
            username="ops",
            password=USERS["ops"],
            client_keys=None,
            agent_path=None,
            known_hosts=asyncssh.import_known_hosts(known_hosts(placed)),
        ) as connection:
            return str((await connection.run("display esn")).stdout)

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(one() for _ in range(50)))

    assert asyncio.run(all_of_them()) == ["ESN of device: SN0123456789\r\n"] * 50
