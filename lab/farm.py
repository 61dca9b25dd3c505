"""Raises a farm of real OpenSSH servers, one for each loopback address, and takes it down again."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from lab.children import Child
from lab.contents import bare, whole
from lab.hosts import LISTENERS, OPS, Host, HostSpec, check_specs
from lab.keys import make_key
from lab.layers import mounts, write_entries
from lab.raiser import Plan, write_plans
from xunyan.errors import XunyanError
from xunyan.wording import Text

PLAN = "plan.json"
PORTS = range(20000, 32000)
"""Where free ports are looked for: below the range that outgoing connections are given."""


class Farm:
    """Real SSH servers on loopback addresses, all on one port.

    As root (`full`) each host has mounts, processes, a host name, users and tools of its own; without root it is an sshd
    of the present user, who logs in by key. `client_key` (PEM text of a private key) may log in everywhere as `user`,
    and where the farm is full as root too. Files lie in `folder`, which must be new or empty.
    """

    def __init__(self, folder: Path, specs: Sequence[HostSpec], port: int = 0, *, held: int = -1) -> None:
        """Make keys and files; nothing runs yet. Raises InputError for specs that cannot be raised, XunyanError without sshd."""
        self.full = os.geteuid() == 0
        check_specs(specs, full=self.full)
        found = shutil.which("sshd", path="/usr/sbin:/sbin:" + os.environ.get("PATH", ""))
        if found is None:
            raise XunyanError(
                Text("没有 sshd", "there is no sshd"),
                advice=Text("apt-get install openssh-server", "apt-get install openssh-server"),
            )
        self._sshd = found
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.user = OPS if self.full else pwd.getpwuid(os.getuid()).pw_name
        key = make_key()
        self.client_key, self.client_line = key.private, key.line
        self.port = port or free_port([spec.address for spec in specs])
        self._held = held
        self._child: Child | None = None
        self._plans: list[Plan] = []
        hashes = hashed({password for spec in specs for password in spec.users.values()})
        self.hosts: tuple[Host, ...] = tuple(self._prepare(spec, hashes) for spec in specs)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __getitem__(self, name: str) -> Host:
        """Return the host of this name."""
        return next(host for host in self.hosts if host.spec.name == name)

    @property
    def pid(self) -> int:
        """The process that all hosts hang on; 0 when the farm is down."""
        return self._child.pid if self._child else 0

    def known_hosts(self) -> str:
        """Lines for a known_hosts file; a host with the fault `changed-key` is there with another key than it shows."""
        return "".join(
            f"[{host.spec.address}]:{host.port} {make_key().line if host.spec.fault == 'changed-key' else host.host_key}\n"
            for host in self.hosts
        )

    def start(self) -> None:
        """Raise all hosts and return when every one that is to listen does. Raises XunyanError naming those that do not."""
        if not is_free(self.port, [plan.address for plan in self._plans]):
            raise XunyanError(Text(f"端口 {self.port} 已被占用", f"port {self.port} is in use"), where=str(self.folder))
        path = self.folder / PLAN
        write_plans(path, self._plans)
        self._child = Child("lab.raiser", path, self.folder / "raiser.log", held=self._held)
        try:
            self._wait(self._child)
        except BaseException:
            self.stop()
            raise

    def _wait(self, child: Child) -> None:
        waiting = {(plan.address, plan.port): plan.name for plan in self._plans}
        end = time.monotonic() + 30 + len(waiting) / 10
        heard = listening()
        while waiting := {place: name for place, name in waiting.items() if place not in heard}:
            ended = {line.partition(" ")[0] for line in child.said(0.05)}
            if ended or not child.alive or time.monotonic() > end:
                raise self._failure(sorted(ended) or sorted(waiting.values()))
            heard = listening()

    def keep(self) -> None:
        """Let it go on when we end, until its process is told to end."""
        if self._child is not None:
            self._child.let_go()
            self._child = None

    def stop(self) -> None:
        """End every process of the farm, and no other; mounts go with them. May be called again."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def _failure(self, names: Sequence[str]) -> XunyanError:
        log = self.folder / names[0] / "sshd.log"
        told = log.read_text(encoding="utf-8", errors="replace")[-1000:] if log.exists() else "-"
        told += (self.folder / "raiser.log").read_text(encoding="utf-8", errors="replace")[-1000:]
        shown = "、".join(names[:5])
        return XunyanError(Text(f"主机没有起来：{told}", f"hosts did not come up: {told}"), where=shown)

    def _prepare(self, spec: HostSpec, hashes: dict[str, str]) -> Host:
        key = make_key()
        folder = self.folder / spec.name
        folder.mkdir(mode=0o755)
        host = Host(spec, self.port, key.line, folder / "sshd.log")
        if spec.fault == "closed":
            return host
        listener = spec.fault if spec.fault in LISTENERS else ""
        binds: tuple[tuple[str, str], ...] = ()
        overlays: tuple[tuple[str, str], ...] = ()
        if not listener:
            if self.full:
                write_entries(folder, whole(spec, self.port, folder, key, self.client_line, hashes))
                binds, overlays = mounts(spec)
            else:
                write_entries(folder, bare(spec, self.port, folder, key, self.client_line))
        config = "/etc/ssh/sshd_config" if self.full else str(folder / "sshd_config")
        command = (self._sshd, "-D", "-e", "-f", config)
        self._plans.append(
            Plan(spec.name, str(folder), spec.address, self.port, listener, self.full, command, binds, overlays)
        )
        return host


def hashed(passwords: Iterable[str]) -> dict[str, str]:
    """Map each password to its form in a shadow file, with few rounds, since a lab's passwords guard nothing."""
    distinct = sorted(set(passwords))
    openssl = shutil.which("openssl")
    if not distinct:
        return {}
    if openssl is None:
        raise XunyanError(Text("没有 openssl 命令", "there is no openssl command"))
    salt = f"rounds=1000${secrets.token_hex(6)}"
    done = subprocess.run(  # noqa: S603
        [openssl, "passwd", "-6", "-salt", salt, "-stdin"],
        input="".join(password + "\n" for password in distinct),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return dict(zip(distinct, done.stdout.splitlines(), strict=True))


def free_port(addresses: Sequence[str]) -> int:
    """Choose a port that is free on all these addresses. Raises XunyanError when a hundred tries find none."""
    for _ in range(100):
        port = secrets.choice(PORTS)
        if is_free(port, addresses):
            return port
    raise XunyanError(Text("找不到空闲端口", "no free port was found"))


def is_free(port: int, addresses: Sequence[str]) -> bool:
    """Whether nobody listens on this port at any of the addresses."""
    try:
        for address in addresses:
            socket.create_server((address, port)).close()
    except OSError:
        return False
    return True


def listening() -> set[tuple[str, int]]:
    """Read from the kernel which IPv4 addresses and ports are listened on, without connecting to any."""
    return set(_listening())


def _listening() -> Iterator[tuple[str, int]]:
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        columns = line.split()
        if columns[3] == "0A":
            address, _, port = columns[1].partition(":")
            yield socket.inet_ntoa(int(address, 16).to_bytes(4, sys.byteorder)), int(port, 16)
