"""A farm's hosts are real servers, each with its own identity, users, log and fault, and nothing of it stays behind."""

import asyncio
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncssh
import pytest

from lab.farm import Farm, listening
from lab.hosts import Host, HostSpec, make_specs
from tests.lab.ssh import FAULTY, MISSING, ROOT, Client
from xunyan.errors import InputError, XunyanError

PROJECT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(bool(MISSING), reason="no sshd or ssh here: apt-get install openssh-server")


def faulty(farm: Farm, fault: str) -> Host:
    return next(host for host in farm.hosts if host.spec.fault == fault)


def test_each_host_shows_its_own_identity(farm: Farm, client: Client) -> None:
    seen = []
    for host in farm.hosts[:2]:
        command = (
            "hostname; cat /etc/machine-id; cat /proc/cpuinfo /etc/os-release; ip address show; uname -m; uname; id -un"
        )
        done = client.run(f"ops@{host.spec.address}", farm.port, command)
        identity = host.spec.identity
        expected = [
            *(host.spec.name + "\n", identity["/etc/machine-id"], identity["/proc/cpuinfo"], identity["/etc/os-release"]),
            *(identity["ip a"], identity["uname -m"], "Linux\n", "ops\n"),
        ]  # fmt: skip
        assert done.stdout.decode() == "".join(expected)
        seen.append(done.stdout)
    assert seen[0] != seen[1]


def test_firmware_is_for_root_only(farm: Farm, client: Client) -> None:
    host = farm.hosts[0]
    refused = client.run(f"ops@{host.spec.address}", farm.port, "dmidecode -t 1")
    assert (refused.returncode, b"Permission denied" in refused.stderr) == (1, True)
    told = client.run(f"root@{host.spec.address}", farm.port, "dmidecode -t 1")
    assert told.stdout.decode() == host.spec.identity["dmidecode"]


def test_a_host_of_another_system_hides_the_machines_own_marks(farm: Farm, client: Client) -> None:
    done = client.run(
        f"ops@{farm.hosts[0].spec.address}", farm.port, "ls /etc/debian_version; cat /etc/kylin-release; rpm -q x"
    )
    assert b"Kylin Linux Advanced Server" in done.stdout
    assert b"No such file" in done.stderr
    assert b"kylin-release|" in done.stdout


def test_a_host_sees_its_own_processes_only(farm: Farm, client: Client) -> None:
    done = client.run(f"ops@{farm.hosts[0].spec.address}", farm.port, "ls -d /proc/[0-9]*")
    assert len(done.stdout.split()) < 12


def log_in(host: Host, login: str, password: str) -> str:
    async def go() -> str:
        key = asyncssh.import_public_key(host.host_key)
        async with asyncssh.connect(
            *(host.spec.address, host.port), config=None, username=login, password=password, client_keys=None,
            agent_path=None, known_hosts=([key], [], []), login_timeout=10,
        ) as connection:  # fmt: skip
            return str((await connection.run("id -un")).stdout)

    return asyncio.run(go())


def test_passwords_work_and_every_attempt_is_logged_once(farm: Farm, client: Client, tmp_path: Path) -> None:
    host = farm.hosts[2]
    start = len(host.attempts())
    assert log_in(host, "zhang", "口令 Pa$$") == "zhang\n"
    assert [line.split(" from ")[0] for line in host.attempts()[start:]] == ["Accepted password for zhang"]
    with pytest.raises(asyncssh.PermissionDenied):
        log_in(host, "zhang", "wrong")
    with pytest.raises(asyncssh.PermissionDenied):
        log_in(host, "nobody-here", "wrong")
    assert [line.split(" from ")[0] for line in host.attempts()[start + 1 :]] == [
        "Failed password for zhang",
        "Failed password for invalid user nobody-here",
    ]
    before = len(host.attempts())
    assert client.run(f"ops@{host.spec.address}", farm.port, "true").returncode == 0
    assert client.run(f"zhang@{host.spec.address}", farm.port, "true").returncode == 255
    assert [line.split(" from ")[0] for line in host.attempts()[before:]] == [
        "Accepted publickey for ops",
        "Failed publickey for zhang",
    ]
    assert client.run(f"unknown@{host.spec.address}", farm.port, "true").returncode == 255
    assert [line.split(" from ")[0] for line in host.attempts()[before + 2 :]] == ["Invalid user unknown"]


def test_a_host_serves_as_jump_host(farm: Farm, client: Client) -> None:
    far, near = farm.hosts[1].spec.address, farm.hosts[0].spec.address
    proxy = " ".join([*client.words(f"ops@{near}", farm.port, "-W", f"{far}:{farm.port}")])
    done = client.run(f"ops@{far}", farm.port, "hostname", "-o", f"ProxyCommand={proxy}")
    assert done.stdout.decode().strip() == farm.hosts[1].spec.name


def test_refused(farm: Farm, client: Client) -> None:
    host = faulty(farm, "refused")
    done = client.run(f"ops@{host.spec.address}", farm.port, "true")
    assert (done.returncode, b"Permission denied" in done.stderr) == (255, True)
    assert host.attempts()[-1].startswith("Failed publickey for ops")


def test_hang(farm: Farm, client: Client) -> None:
    host = faulty(farm, "hang")
    words = [*client.words(f"ops@{host.spec.address}", farm.port), "echo here"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        end = time.monotonic() + 15
        while "Starting session" not in host.log.read_text() and time.monotonic() < end:
            time.sleep(0.05)
        assert "Starting session" in host.log.read_text()
        assert select.select([process.stdout], [], [], 0.5)[0] == []
        process.kill()


def test_changed_key(farm: Farm, client: Client) -> None:
    host = faulty(farm, "changed-key")
    done = client.run(f"ops@{host.spec.address}", farm.port, "true")
    assert (done.returncode, b"REMOTE HOST IDENTIFICATION HAS CHANGED" in done.stderr) == (255, True)
    assert not host.attempts()


def test_flood(farm: Farm, client: Client) -> None:
    words = client.words(f"ops@{faulty(farm, 'flood').spec.address}", farm.port)
    with subprocess.Popen([*words, "echo here"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert len(process.stdout.read(3_000_000)) == 3_000_000
        process.kill()


def test_binary(farm: Farm, client: Client) -> None:
    done = client.run(f"ops@{faulty(farm, 'binary').spec.address}", farm.port, "echo here")
    assert (done.returncode, len(done.stdout), b"\0" in done.stdout) == (0, 65536, True)


def test_noisy(farm: Farm, client: Client) -> None:
    done = client.run(f"ops@{faulty(farm, 'noisy').spec.address}", farm.port, "sh -s", given=b"echo answer\n")
    before, answer, after = done.stdout.decode().splitlines()
    assert (answer, "noise of a start file" in before, "noise of a logout" in after) == ("answer", True, True)


def test_silent_hangup_and_closed(farm: Farm) -> None:
    with socket.create_connection((faulty(farm, "silent").spec.address, farm.port), 2) as silent:
        silent.settimeout(0.5)
        with pytest.raises(TimeoutError):
            silent.recv(1)
    with socket.create_connection((faulty(farm, "hangup").spec.address, farm.port), 2) as hangup:
        said = b"".join(iter(lambda: hangup.recv(100), b""))
        assert said.startswith(b"SSH-2.0-")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((faulty(farm, "closed").spec.address, farm.port), 2)


def test_filtered_and_wrong_banner(farm: Farm) -> None:
    with pytest.raises(TimeoutError):
        socket.create_connection((faulty(farm, "filtered").spec.address, farm.port), 1)
    with socket.create_connection((faulty(farm, "wrong-banner").spec.address, farm.port), 2) as other:
        assert other.recv(100).startswith(b"220 ")


def test_drops(farm: Farm, client: Client) -> None:
    done = client.run(f"ops@{faulty(farm, 'drops').spec.address}", farm.port, "echo answer")
    assert (done.returncode, done.stdout) == (255, b"lab: half of an answer\n")
    assert b"closed by remote host" in done.stderr


def test_no_shell(farm: Farm, client: Client) -> None:
    done = client.run(f"ops@{faulty(farm, 'no-shell').spec.address}", farm.port, "echo answer")
    assert (done.returncode, b"not available" in done.stdout) == (1, True)


def test_slow(farm: Farm, client: Client) -> None:
    began = time.monotonic()
    command = "cat; printf 'a\\000b'; exit 7"
    done = client.run(f"ops@{faulty(farm, 'slow').spec.address}", farm.port, command, given=b"x" * 20000)
    assert (done.returncode, done.stdout) == (7, b"x" * 20000 + b"a\0b")
    assert time.monotonic() - began > 0.6


def test_every_fault_is_tried() -> None:
    from lab.hosts import FAULTS  # noqa: PLC0415

    assert set(FAULTS) - {""} == set(FAULTY.values())


def belongings(farm: Farm) -> list[str]:
    """Processes and mounts of ours that show the farm's folder or port."""
    left = [f"listening {place}" for place in listening() if place[1] == farm.port]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace")
            root = str(path.with_name("cwd").readlink())
        except OSError:
            continue
        if "lab-leftover" in words or str(farm.folder) in words + root:
            left.append(words)
    return left + [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(farm.folder) in line]


def gone(farm: Farm, seconds: float = 5) -> list[str]:
    end = time.monotonic() + seconds
    while (left := belongings(farm)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


@pytest.mark.skipif(not ROOT, reason="sessions that outlive their server need root to be ended")
def test_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    farm = Farm(tmp_path / "farm", make_specs(3, first="127.77.9.1", faults={2: "silent"}))
    with farm:
        client = Client(tmp_path, farm.client_key, farm.known_hosts())
        command = "setsid sh -c 'sleep 300; : lab-leftover' >/dev/null 2>&1 &"
        assert client.run(f"ops@{farm.hosts[0].spec.address}", farm.port, command).returncode == 0
        assert any("lab-leftover" in one for one in belongings(farm))
    assert gone(farm) == []
    farm.stop()


@pytest.mark.skipif(not ROOT, reason="sessions that outlive their server need root to be ended")
@pytest.mark.parametrize("victim", ["holder", "raiser"])
def test_nothing_stays_when_a_process_is_killed(tmp_path: Path, victim: str) -> None:
    text = (
        "import sys, time; from pathlib import Path; from lab.farm import Farm; from lab.hosts import make_specs\n"
        "farm = Farm(Path(sys.argv[1]), make_specs(3, first='127.77.9.1', faults={2: 'silent'}))\n"
        "farm.start(); print(farm.port, farm.pid, flush=True); time.sleep(60)"
    )
    words = [sys.executable, "-c", text, str(tmp_path / "farm")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as holder:
        assert holder.stdout is not None
        port, raiser = map(int, holder.stdout.readline().split())
        assert len([place for place in listening() if place[1] == port]) == 3
        os.kill(holder.pid if victim == "holder" else raiser, signal.SIGKILL)
        end = time.monotonic() + 5
        while (left := [place for place in listening() if place[1] == port]) and time.monotonic() < end:
            time.sleep(0.05)
        assert left == []
        holder.kill()


def test_specs_that_cannot_be_raised_are_refused(tmp_path: Path) -> None:
    for number, spec in enumerate(
        [
            HostSpec("a b", "127.77.9.1"),
            HostSpec("a", "192.0.2.1"),
            HostSpec("a", "127.77.9.1", fault="nonsense"),
            HostSpec("a", "127.77.9.1", users={"A:b": "x"}),
        ]
    ):
        with pytest.raises(InputError):
            Farm(tmp_path / str(number), [spec])
    with pytest.raises(InputError, match="twice"):
        Farm(tmp_path / "twice", [HostSpec("a", "127.77.9.1"), HostSpec("b", "127.77.9.1")])


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.77.9.1", 0)) as other:
        farm = Farm(tmp_path / "farm", make_specs(2, first="127.77.9.1"), port=other.getsockname()[1])
        with pytest.raises(XunyanError, match="is in use"):
            farm.start()
    assert gone(farm) == []


def test_identity_reaches_files_that_this_machine_lacks(tmp_path: Path) -> None:
    if not ROOT:
        pytest.skip("files of a host's own need root")
    identity = {
        "/sys/class/dmi-lab/id/sys_vendor": "Huawei\n",
        "/usr/lib/lab-none/x": "x\n",
        "/etc/.kyinfo": "[dist]\n",
    }
    with Farm(tmp_path / "farm", [HostSpec("one", "127.77.9.1", identity=identity)]) as farm:
        client = Client(tmp_path, farm.client_key, farm.known_hosts())
        done = client.run("ops@127.77.9.1", farm.port, "cat " + " ".join(identity))
        assert done.stdout.decode() == "Huawei\nx\n[dist]\n"
        assert client.run("ops@127.77.9.1", farm.port, "sshd -V; ls /usr/bin/env").stdout == b"/usr/bin/env\n"


@pytest.mark.skipif(not ROOT or not shutil.which("setpriv"), reason="root becomes another user here, by setpriv")
def test_without_root_the_present_user_logs_in_by_key() -> None:
    """As `daemon`, whose shell lets nobody stay: the login itself is what is looked at."""
    other = ["setpriv", "--reuid=1", "--regid=1", "--clear-groups"]
    able = "import lab.farm, subprocess, sys; subprocess.run([sys.executable, '-c', 'import lab.raiser'], check=True)"
    for python in (sys.executable, "/usr/bin/python3"):
        if not subprocess.run([*other, python, "-c", able], cwd=PROJECT, capture_output=True, check=False).returncode:
            other.append(python)
            break
    else:
        pytest.skip("no Python here that another user can run")
    text = (
        "import subprocess; from pathlib import Path; from lab.farm import Farm; from lab.hosts import *\n"
        "from tests.lab.ssh import Client; from xunyan.errors import InputError\n"
        "import sys; place = Path(sys.argv[1])\n"
        "with Farm(place / 'farm', make_specs(2, first='127.77.9.1', faults={1: 'silent'})) as farm:\n"
        "    client = Client(place, farm.client_key, farm.known_hosts())\n"
        "    client.run(f'{farm.user}@127.77.9.1', farm.port, 'true')\n"
        "    print(farm.full, farm.user, *farm.hosts[0].attempts())\n"
        "try: Farm(place / 'second', make_specs(1, users={'zhang': 'x'}))\n"
        "except InputError as error: print(error)\n"
    )
    place = Path(tempfile.mkdtemp())  # where root's own folder for tests may not be entered
    os.chown(place, 1, 1)
    done = subprocess.run(
        [*other, "-c", text, str(place)], cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False
    )
    shutil.rmtree(place)
    assert done.stdout.startswith("False daemon Accepted publickey for daemon"), done.stderr
    assert "need root" in done.stdout


def test_command_line(tmp_path: Path) -> None:
    def lab(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lab", *words, "--folder", str(tmp_path / "lab")]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=PROJECT)

    assert lab("status").returncode == 1
    up = lab("up", "2", "--first", "127.77.9.1")
    assert up.returncode == 0, up.stderr
    try:
        words = up.stdout.splitlines()[1].split()
        done = subprocess.run([*words, "echo", "here"], capture_output=True, text=True, timeout=20, check=False)
        assert done.stdout == "here\n", done.stderr
        assert lab("status").returncode == 0
        assert lab("up", "2").returncode == 2
    finally:
        assert lab("down").returncode == 0
    assert lab("status").returncode == 1
