"""The capture and the proof on real packets: a bridge and three machines in network namespaces of the test's own."""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from shutil import which

import dpkt
import msgspec
import pytest

from lab.packets.capture import SUMMARY
from lab.packets.proof import Proof, Violation, prove
from lab.packets.rules import Facts, Place
from lab.packets.scope import read_scope
from lab.scenario.model import Authorisation, Network, Scanner, Scenario

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
USER = 1000
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
PACKAGES = Path(str(dpkt.__file__)).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{PROJECT}:{PACKAGES}", "PYTHONDONTWRITEBYTECODE": "1"}

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not all(which(one) for one in ("ip", "unshare", "nsenter", "setpriv")),
    reason="network namespaces need root, ip, unshare, nsenter and setpriv",
)

MACHINES = {"scanner": ("10.9.0.2", "fd00:9::2"), "host": ("10.9.0.10", "fd00:9::10", "10.9.0.53"), "other": ("10.9.0.66", "fd00:9::66")}  # fmt: skip

SERVER = """
import select, socket, sys
listening = []
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    for port in (22, 53):
        one = socket.socket(socket.AF_INET6, kind)
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind(("::", port))
        if kind == socket.SOCK_STREAM:
            one.listen()
        listening.append(one)
print("up", flush=True)
while True:
    for one in select.select([*listening, sys.stdin], [], [])[0]:
        if one is sys.stdin:
            sys.exit()
        elif one.type == socket.SOCK_STREAM:
            one.accept()[0].close()
        else:
            one.recv(9999)
"""

CLIENT = """
import socket, sys
for kind, address, port in (one.split(",") for one in sys.argv[1:]):
    six = ":" in address
    family = socket.AF_INET6 if six else socket.AF_INET
    if kind == "ping":
        one = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
        one.settimeout(20)
        one.sendto(bytes.fromhex("8000000000010001" if six else "0800f7fd00010001"), (address, 0))
        while one.recv(99)[0 if six else 20] not in (0, 129):
            pass
        continue
    one = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    one.settimeout(0.4 if kind == "try" else 20)
    try:
        one.connect((address, int(port)))
        one.send(b"x" * 1200)
        if kind == "tcp":
            one.recv(9)
    except OSError as error:
        print(error)
    one.close()
"""

LETTER = Authorisation(
    number="A1",
    units=["*"],
    approver="x",
    methods=["ssh"],
    networks=[
        {
            "name": "lan",
            "allow": ["10.9.0.10-19", "10.9.0.70-99", "fd00:9::10-fd00:9::19", "fd00:9::70-fd00:9::99"],
            "deny": ["10.9.0.77", "fd00:9::77"],
            "classified": ["10.9.0.88", "fd00:9::88"],
            "resolvers": ["10.9.0.53"],
        }
    ],
)
LAN = Network(name="lan", kind="extranet", v4="10.9.0.0/24", v6="fd00:9::/64")
SCENARIO = Scenario(
    schema="xunyan.scenario/1",
    name="t",
    title="t",
    networks=[LAN],
    scanner=Scanner(network="lan", addresses=list(MACHINES["scanner"])),
    authorisations=[LETTER],
)
FACTS = Facts(
    networks=(LAN,),
    bridges={"br0": "lan"},
    scanner=frozenset(Place("lan", ip_address(one)) for one in MACHINES["scanner"]),
    scope=read_scope(SCENARIO, {}, {}),
)


@dataclass
class Lan:
    """Three machines on a bridge; `user` is whose they are, and `folder` where he may write."""

    user: int
    folder: Path
    python: str
    stack: ExitStack
    pids: dict[str, int] = field(default_factory=dict)

    def raise_up(self) -> None:
        """Make the namespace of the bridge, then those of the machines from within it."""
        own = AS_USER if self.user else []
        self.pids["switch"] = self._hold([*own, "unshare", *(["-Ur"] if self.user else []), "-n", "cat"])
        lines = ["link add br0 type bridge mcast_snooping 0", "link set br0 up"]
        for name in MACHINES:
            self.pids[name] = self._hold([*self.into("switch"), "unshare", "-n", "cat"])
            lines += [
                f"link add {name} type veth peer name eth0 netns {self.pids[name]}",
                f"link set {name} master br0 up",
            ]
        self.ip("switch", lines)
        for name, addresses in MACHINES.items():
            widths = [f"{one}/64 dev eth0 nodad" if ":" in one else f"{one}/24 dev eth0" for one in addresses]
            self.ip(name, ["link set lo up", "link set eth0 up", *(f"addr add {one}" for one in widths)])
            if name != "scanner":
                self._started([*self.into(name), self.python, "-c", SERVER])

    def into(self, name: str) -> list[str]:
        """Give the start of a command that runs in the namespace of a machine."""
        enter = ["nsenter", "-t", str(self.pids[name])]
        if not self.user:
            return [*enter, "-n"]
        return [*AS_USER, *enter, "-U", "-n", "--preserve-credentials"]

    def ip(self, name: str, lines: Sequence[str]) -> None:
        subprocess.run(
            [*self.into(name), "ip", "-batch", "-"], input="\n".join(lines), text=True, check=True, timeout=PATIENCE
        )

    def say(self, *words: str) -> str:
        """Let the scanner do things, each written as `tcp,ADDRESS,PORT`; `try` gives up soon."""
        command = [*self.into("scanner"), self.python, "-c", CLIENT, *words]
        return subprocess.run(command, check=True, timeout=PATIENCE, text=True, capture_output=True).stdout

    def capture(self, *interfaces: str) -> subprocess.Popen[bytes]:
        """Start a capture and wait until it watches."""
        config = self.folder / "capture-config.json"
        watched = [{"interface": one, "file": f"{one}.pcap"} for one in interfaces]
        config.write_bytes(msgspec.json.encode(watched))
        command = [*self.into("switch"), self.python, "-m", "lab.packets.capture", str(config)]
        process = self._started(command)
        assert self.said == f"ready {len(interfaces)}\n".encode()
        return process

    def prove(self, *words: str) -> Proof:
        """Capture while the scanner does these things, and prove."""
        process = self.capture("br0")
        self.say(*words)
        process.terminate()
        assert process.wait(PATIENCE) == 0
        return prove(self.folder, FACTS)

    def _hold(self, command: Sequence[str]) -> int:
        """Start `cat` in a namespace of its own, which lives until its standard input ends."""
        before = {network(pid) for pid in (os.getpid(), *self.pids.values())}
        process = self.stack.enter_context(child(command, self.folder))
        until = time.monotonic() + PATIENCE
        while network(process.pid) in before or Path(f"/proc/{process.pid}/comm").read_text("ascii") != "cat\n":
            assert process.poll() is None, "no namespace may be made here"
            assert time.monotonic() < until
            time.sleep(0.01)
        return process.pid

    def _started(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        process = self.stack.enter_context(child(command, self.folder))
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], PATIENCE)[0]
        self.said = process.stdout.readline()
        return process


def network(pid: int) -> str:
    """Name the network namespace of a process."""
    return str(Path(f"/proc/{pid}/ns/net").readlink())


@contextmanager
def child(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that ends when its standard input does."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, cwd=folder
    ) as process:
        try:
            yield process
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@contextmanager
def lan(user: int = 0, python: str = sys.executable) -> Iterator[Lan]:
    folder = Path(tempfile.mkdtemp(prefix="xunyan-packets-"))
    os.chown(folder, user, user)
    try:
        with ExitStack() as stack:
            made = Lan(user, folder, python, stack)
            made.raise_up()
            yield made
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def wired() -> Iterator[Lan]:
    with lan() as made:
        yield made


GOOD = ["tcp,10.9.0.10,22", "ping,10.9.0.10,0", "tcp,fd00:9::10,22", "ping,fd00:9::10,0", "udp,10.9.0.53,53"]


def brief(violations: Sequence[Violation]) -> set[tuple[str, str, str, int]]:
    """Say of each violation why, the end that is not the scanner, the protocol and the port."""
    ours = MACHINES["scanner"]
    return {(one.why, one.source if one.target in ours else one.target, one.protocol, one.port) for one in violations}


def test_a_scan_within_the_letters_is_proved_clean(wired: Lan) -> None:
    proof = wired.prove(*GOOD)
    assert proof.clean, (proof.gaps, proof.violations)
    assert proof.packets > 20
    with (wired.folder / "br0.pcap").open("rb") as file:
        sizes = [len(data) for _, data in dpkt.pcap.Reader(file)]
    assert max(sizes) == 192
    record = (wired.folder / "br0.pcap").read_bytes()
    assert (1200 + 28 + 14).to_bytes(4, sys.byteorder) in record  # the datagram's own length stands in its record


@pytest.mark.parametrize("address", ["10.9.0.66", "fd00:9::66"])
def test_one_connection_out_of_scope_is_exactly_what_is_found(wired: Lan, address: str) -> None:
    proof = wired.prove(*GOOD, f"tcp,{address},22")
    assert proof.valid
    search = "arp" if "." in address else "icmpv6"
    assert brief(proof.violations) == {("outside", address, "tcp", 22), ("outside", address, search, 0)}
    answers = [one for one in proof.violations if one.source == address]
    assert [one.protocol for one in answers] == ["tcp"]


@pytest.mark.parametrize(("number", "why"), [(77, "denied"), (88, "classified"), (66, "outside")])
def test_a_machine_that_is_down_is_found_by_the_search_for_it(wired: Lan, number: int, why: str) -> None:
    wired.ip("other", ["link set eth0 down"])
    proof = wired.prove(f"try,10.9.0.{number},22", f"try,fd00:9::{number},22")
    assert proof.valid
    assert {(one.why, one.protocol) for one in proof.violations} == {(why, "arp"), (why, "icmpv6")}
    assert all(f"{number} " in one.text.en for one in proof.violations)


def test_only_the_granted_resolver_may_be_asked(wired: Lan) -> None:
    proof = wired.prove(*GOOD, "udp,10.9.0.66,53", "udp,10.9.0.53,22", "udp,10.9.0.10,53")
    udp = {one for one in brief(proof.violations) if one[2] == "udp"}
    assert udp == {
        ("outside", "10.9.0.66", "udp", 53),
        ("port", "10.9.0.53", "udp", 22),
        ("port", "10.9.0.10", "udp", 53),
    }


def test_an_ordinary_user_may_capture_in_a_namespace_of_his_own() -> None:
    python = next((one for one in (sys.executable, "/usr/bin/python3") if usable(one)), None)
    if python is None:
        pytest.skip(f"user {USER} can run no Python with our packages here, or make no namespace")
    with lan(USER, python) as made:
        proof = made.prove(*GOOD, "tcp,10.9.0.66,22")
        assert proof.valid, proof.gaps
        assert ("outside", "10.9.0.66", "tcp", 22) in brief(proof.violations)
        assert (made.folder / SUMMARY).stat().st_uid == USER


def usable(python: str) -> bool:
    """Say whether the ordinary user can run the capture with this Python, which may lie where only root may read."""
    command = [*AS_USER, "unshare", "-Urn", python, "-c", "import lab.packets.capture"]
    return subprocess.run(command, check=False, cwd="/", env=ENVIRONMENT, capture_output=True).returncode == 0


def test_a_capture_ends_with_its_standard_input_and_takes_what_waits(wired: Lan) -> None:
    process = wired.capture("br0")
    wired.say(*GOOD)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
    assert prove(wired.folder, FACTS).clean


def test_a_capture_that_is_killed_proves_nothing(wired: Lan) -> None:
    wired.prove(*GOOD)
    process = wired.capture("br0")
    process.kill()
    process.wait(PATIENCE)
    assert not prove(wired.folder, FACTS).valid


def test_packets_that_found_no_room_are_counted(wired: Lan) -> None:
    process = wired.capture("br0")
    process.send_signal(signal.SIGSTOP)  # stopped: what comes now must wait in the kernel
    flood = "import socket; one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); data = b'x' * 60000\n"
    flood += "for _ in range(3000): one.sendto(data, ('10.9.0.10', 22))"
    subprocess.run([*wired.into("scanner"), wired.python, "-c", flood], check=True, timeout=PATIENCE)
    process.send_signal(signal.SIGCONT)
    process.terminate()
    assert process.wait(PATIENCE) == 0
    proof = prove(wired.folder, FACTS)
    assert proof.drops > 0
    assert not proof.valid


def test_a_bridge_that_is_not_there_stops_the_capture(wired: Lan) -> None:
    config = wired.folder / "config.json"
    config.write_bytes(msgspec.json.encode([{"interface": "br7", "file": "x.pcap"}]))
    command = [*wired.into("switch"), wired.python, "-m", "lab.packets.capture", str(config)]
    done = subprocess.run(
        command, check=False, cwd=PROJECT, capture_output=True, timeout=PATIENCE, stdin=subprocess.PIPE
    )
    assert done.returncode != 0
    assert b"ready" not in done.stdout
    assert not (wired.folder / SUMMARY).exists()


def test_a_capture_ends_when_whoever_started_it_is_gone(wired: Lan) -> None:
    config = wired.folder / "config.json"
    config.write_bytes(msgspec.json.encode([{"interface": "br0", "file": "br0.pcap"}]))
    starter = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE).stdout.readline())"
    command = [wired.python, "-m", "lab.packets.capture", str(config)]
    with child([*wired.into("switch"), wired.python, "-W", "ignore", "-c", starter, *command], wired.folder) as process:
        assert process.wait(PATIENCE) == 0
        until = time.monotonic() + PATIENCE
        while not (wired.folder / SUMMARY).exists():  # the standard input that it was given is still open
            assert time.monotonic() < until
            time.sleep(0.05)
