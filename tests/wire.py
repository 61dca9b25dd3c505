"""What a scan really sends, and who lies to it: a network of the test's own, a capture of it, and name servers.

The network is a namespace with nothing but `lo`, where the default route ends too: so a packet to any address at all, such as
that of the machine's own name server, is seen on `lo` and leaves nothing. Everything in here needs root.
"""

import ctypes
import os
import shlex
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from shutil import which
from types import TracebackType
from typing import Self, TypeAlias

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rdatatype
import dns.rrset
import pytest

NEW_NETWORK = 0x40000000
EVERYTHING = 0x0003
FORCED_BUFFER = 33
PACKET_LEVEL, STATISTICS = 263, 6
TCP, UDP = 6, 17
QUIET = ("06", "0A")
"""The states of a connection that is over, and of a socket that listens, as /proc/net/tcp has them."""

PATIENCE = 60.0

needs_wire = pytest.mark.skipif(
    os.geteuid() != 0 or not all(which(one) for one in ("ip", "unshare", "mount", "ssh")),
    reason="capturing packets and namespaces need root, ip, unshare, mount and ssh",
)
needs_dnsmasq = pytest.mark.skipif(which("dnsmasq") is None, reason="no dnsmasq here (apt-get install dnsmasq-base)")


@contextmanager
def own_network() -> Iterator[None]:
    """Put this thread, and every process and thread that it starts, into a network of its own. Skips where it may not."""
    library = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if library.unshare(NEW_NETWORK):
            pytest.skip(f"no network namespace may be made here: {os.strerror(ctypes.get_errno())}")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=PATIENCE)
            subprocess.run(["ip", "route", "add", "default", "dev", "lo"], check=True, timeout=PATIENCE)
            subprocess.run(
                ["ip", "-6", "route", "add", "default", "dev", "lo"], check=False, capture_output=True, timeout=PATIENCE
            )
            yield
        finally:
            if library.setns(before, NEW_NETWORK):
                raise OSError(ctypes.get_errno(), "cannot go back to the machine's own network")
    finally:
        os.close(before)


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as it was seen; ports are 0 where the protocol has none."""

    protocol: int
    source: str
    source_port: int
    target: str
    target_port: int


class Wire:
    """Sees every packet on `lo` while it is open. `packets` gives all that were sent before it was asked."""

    def __init__(self) -> None:
        self._seen: list[Packet] = []
        self._changed = threading.Condition()
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self._tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(EVERYTHING))
        self._tap.setsockopt(socket.SOL_SOCKET, FORCED_BUFFER, 64 * 1024 * 1024)
        self._tap.bind(("lo", EVERYTHING))
        self._tap.settimeout(0.2)
        self._marker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._marker.bind(("127.0.0.1", 0))
        self._marker_port: int = self._marker.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, name="wire")
        self._thread.start()
        self._mark()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._mark()
        finally:
            self._over.set()
            self._thread.join()
            lost = struct.unpack("II", self._tap.getsockopt(PACKET_LEVEL, STATISTICS, 8))[1]
            self._tap.close()
            self._marker.close()
        assert lost == 0, f"{lost} packets were not seen"

    @property
    def packets(self) -> list[Packet]:
        """Everything that was sent so far."""
        if not self._over.is_set():
            self._mark()
        with self._changed:
            return [one for one in self._seen if one.target_port != self._marker_port]

    def to(self, address: str) -> list[Packet]:
        """All packets to an address."""
        return [one for one in self.packets if one.target == address]

    def targets(self) -> set[str]:
        """All addresses to which anything was sent."""
        return {one.target for one in self.packets}

    def wait_for(self, fits: Callable[[Packet], bool], seconds: float = PATIENCE) -> bool:
        """Wait until a packet that fits was seen; false where none came."""
        with self._changed:
            return self._changed.wait_for(lambda: any(fits(one) for one in self._seen), seconds)

    def _mark(self) -> None:
        """Send a packet of our own and wait until it is seen: then all that were sent before it are, too."""
        with self._changed:
            before = self._marks()
        self._marker.sendto(b"", ("127.0.0.1", self._marker_port))
        with self._changed:
            assert self._changed.wait_for(lambda: self._marks() >= before + 2, PATIENCE), "the capture sees nothing"

    def _marks(self) -> int:
        return sum(one.target_port == self._marker_port for one in self._seen)  # each goes out once and comes in once

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                data = self._tap.recv(128)
            except TimeoutError:
                continue
            packet = read_packet(data)
            if packet is not None:
                with self._changed:
                    self._seen.append(packet)
                    self._changed.notify_all()


def read_packet(data: bytes) -> Packet | None:
    """Read the heads of an IPv4 or IPv6 packet; None for what is neither."""
    version = data[0] >> 4 if data else 0
    if version == 4 and len(data) >= 20:
        head, protocol, source, target = (data[0] & 15) * 4, data[9], data[12:16], data[16:20]
    elif version == 6 and len(data) >= 40:
        head, protocol, source, target = 40, data[6], data[8:24], data[24:40]
    else:
        return None
    ports = (0, 0)
    if protocol in (TCP, UDP) and len(data) >= head + 4:
        ports = struct.unpack_from("!HH", data, head)
    return Packet(protocol, str(ip_address(source)), ports[0], str(ip_address(target)), ports[1])


def under_mounts(mounts: Mapping[str, Path], command: Sequence[str | Path]) -> list[str]:
    """Write the command that runs another one where files of ours lie over files of the machine, for it alone."""
    binds = "".join(f"mount --bind {shlex.quote(str(ours))} {shlex.quote(over)} && " for over, ours in mounts.items())
    return ["unshare", "-m", "sh", "-c", f'{binds}exec "$@"', "sh", *map(str, command)]


def alone(command: Sequence[str]) -> list[str]:
    """Write the command that runs another one so that all its descendants end with it, however they hide."""
    return ["unshare", "--pid", "--fork", "--kill-child=KILL", *command]


def await_quiet(address: str, seconds: float = PATIENCE) -> None:
    """Wait until no connection from or to an address is alive, so that none sends anything any more."""
    written = f"{int.from_bytes(socket.inet_aton(address), sys.byteorder):08X}"
    until = time.monotonic() + seconds
    while True:
        rows = [line.split() for line in Path("/proc/thread-self/net/tcp").read_text("ascii").splitlines()[1:]]
        alive = [one for one in rows if one[3] not in QUIET and written in (one[1][:8], one[2][:8])]
        if not alive:
            return
        assert time.monotonic() < until, alive
        time.sleep(0.02)


@contextmanager
def dnsmasq(folder: Path, hosts: Iterable[tuple[str, str]], aliases: Iterable[tuple[str, str]]) -> Iterator[int]:
    """Run a real name server for `xunyan.test` on 127.0.0.1, knowing (name, address) and (alias, name); give its port."""
    known = folder / "hosts"
    known.write_text("".join(f"{address} {name}\n" for name, address in hosts), "ascii")
    port = free_udp_port()
    command = [
        "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--pid-file=", "--user=root", "--no-resolv", "--no-hosts",
        "--local=/xunyan.test/", f"--addn-hosts={known}", "--listen-address=127.0.0.1", "--bind-interfaces",
        f"--port={port}", *(f"--cname={alias},{name}" for alias, name in aliases),
    ]  # fmt: skip
    log = folder / "dnsmasq.log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        until = time.monotonic() + PATIENCE
        query = dns.message.make_query("xunyan.test.", "A")
        while True:
            assert process.poll() is None, log.read_text("utf-8")
            try:
                dns.query.udp(query, "127.0.0.1", 1, port)
                break
            except (OSError, dns.exception.DNSException):
                assert time.monotonic() < until, log.read_text("utf-8")
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_udp_port() -> int:
    """Find a port that is free on 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


Said: TypeAlias = dns.message.Message | bytes | None
"""What a name server says: a message, any bytes, or nothing."""

Reply: TypeAlias = Callable[[dns.message.Message, str, int], Said]
"""Given the question, its type (`A`) and how often it was put before."""


def told(query: dns.message.Message, *lines: tuple[str, str, str]) -> dns.message.Message:
    """Make an answer of (name, type, value) lines, each good for no time at all."""
    answer = dns.message.make_response(query, recursion_available=True)
    answer.answer += [dns.rrset.from_text(name, 0, "IN", kind, value) for name, kind, value in lines]
    return answer


class NameServer:
    """A name server on 127.0.0.1 that says what a test wants, by the first label of the name that it is asked."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self._replies = replies
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="name-server")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                data, who = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            said = self._reply(dns.message.from_wire(data))
            if said is not None:
                self._socket.sendto(said.to_wire() if isinstance(said, dns.message.Message) else said, who)

    def _reply(self, query: dns.message.Message) -> Said:
        question = query.question[0]
        label = question.name.labels[0].decode("ascii").lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        before = self.asked[label, kind]
        self.asked[label, kind] += 1
        reply = self._replies.get(label)
        return reply(query, kind, before) if reply is not None else told(query)


def switching(times: int, first: str, then: str) -> Reply:
    """Say one address so many times, and another from then on."""

    def reply(query: dns.message.Message, kind: str, before: int) -> Said:
        name = query.question[0].name.to_text()
        return told(query, (name, "A", first if before < times else then)) if kind == "A" else told(query)

    return reply


def saying(*lines: tuple[str, str, str]) -> Reply:
    """Say the same lines always; `@` is the name that is asked, and addresses stand only in answers of their type."""

    def reply(query: dns.message.Message, kind: str, before: int) -> Said:
        name = query.question[0].name.to_text()
        return told(query, *((name if n == "@" else n, k, v) for n, k, v in lines if k in (kind, "CNAME")))

    return reply


def referring(address: str) -> Reply:
    """Send the asker on to another name server, at this address."""

    def reply(query: dns.message.Message, kind: str, before: int) -> Said:
        made, name = told(query), query.question[0].name.to_text()
        made.authority += told(query, (name, "NS", f"ns.{name}")).answer
        made.additional += told(query, (f"ns.{name}", "A", address)).answer
        return made

    return reply


def astray(address: str) -> Reply:
    """Answer another question, with this address."""

    def reply(query: dns.message.Message, kind: str, before: int) -> Said:
        other = dns.message.make_query("other.evil.test.", kind, id=query.id)
        return told(other, ("other.evil.test.", "A", address))

    return reply


def cut(query: dns.message.Message, kind: str, before: int) -> Said:
    """Say that the answer is too long for a datagram."""
    made = told(query)
    made.flags |= dns.flags.TC
    return made


def junk(query: dns.message.Message, kind: str, before: int) -> Said:
    """Answer the right question with bytes that mean nothing."""
    return query.id.to_bytes(2, "big") + b"\x81\x80\xff\xff\xff\xff" + bytes(range(200))


def mute(query: dns.message.Message, kind: str, before: int) -> Said:
    """Say nothing."""
    return None
