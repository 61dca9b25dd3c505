"""The door that every login Ansible starts has to pass: the scanner's own threads decide, watch and end each of them."""

import os
import selectors
import shutil
import socket
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from scanners.transports.ansible_hearing import Hearing
from scanners.transports.ansible_listening import Listener, Pass
from scanners.transports.ansible_options import askpass_files, ssh_command, steps
from scanners.transports.ansible_ssh import receive, send
from scanners.transports.carrying import (
    Bounds,
    CredentialKind,
    Failure,
    LoginGate,
    Order,
    Outcome,
    WithheldError,
    first_words,
)
from scanners.transports.dialing import DialError, check
from scanners.transports.signing import OneKeyAgent
from xunyan.errors import UsageError
from xunyan.model import GapReason
from xunyan.wording import Text

ASKPASS = '#!/bin/sh\nprintf "asked\\n" >"$XUNYAN_LOG"\nIFS= read -r word <"$XUNYAN_WORD" && printf "%s\\n" "$word"\n'
"""Answers ssh's question from a pipe: the word is in no argument, environment or file."""

NOT_ORDERED = Failure(GapReason.NOT_ASKED, "carrier-failed: Ansible asked for another address or command")


@dataclass(slots=True)
class Report:
    """What became of one order's login, whatever Ansible makes of it."""

    begun: bool = False
    ended: bool = False
    failure: Failure | None = None
    host_key: str = ""


class Door(Listener):
    """Listens in the private folder; each order may log in once, and only where it was judged to."""

    def __init__(
        self,
        orders: Mapping[str, Order],
        commands: Mapping[bool, str],
        gate: LoginGate,
        bounds: Bounds,
        folder: Path,
    ) -> None:
        """`orders` by the names that the inventory has; `commands` that Ansible is to ask for, without and with sudo."""
        self.orders = orders
        self.reports = {alias: Report() for alias in orders}
        self.commands = commands
        self.gate = gate
        self.bounds = bounds
        self.program = shutil.which("ssh") or ""
        if not self.program:
            raise UsageError(
                Text("这台机器没有 ssh 程序", "this machine has no ssh program"),
                advice=Text("安装 openssh-client，或用 carrier = ssh", "install openssh-client, or use carrier = ssh"),
            )
        askpass = folder / "askpass"
        askpass.write_text(ASKPASS, "ascii")
        askpass.chmod(0o700)
        super().__init__(folder)

    def begin(self, alias: str) -> bool:
        """Take an order's one login; false where it was taken before."""
        with self.lock:
            first = not self.reports[alias].begun
            self.reports[alias].begun = True
            return first

    def serve(self, client: socket.socket) -> None:
        """Take one question at the door."""
        words = receive(client).decode("utf-8", "replace").split("\0")
        alias = next((word.partition("=")[2] for word in words if word.startswith("HostKeyAlias=")), "")
        if alias not in self.orders or not self.begin(alias):
            send(client, b"no\0no second login\n")
            return
        Visit(self, alias, client).run(words)


class Visit:
    """One login from the question at the door to its end."""

    def __init__(self, door: Door, alias: str, client: socket.socket) -> None:
        self.door = door
        self.order = door.orders[alias]
        self.report = door.reports[alias]
        self.client = client
        self.way = steps(self.order, alias)
        self.remote = door.commands[self.order.sudo]
        self.heard = [Hearing(step.credential.kind) for step in self.way]
        self.passes: list[Pass] = []
        self.watch = selectors.DefaultSelector()
        self.logs: dict[int, Hearing] = {}
        self.pipes: list[int] = []
        self.agents: list[OneKeyAgent] = []
        self.status: int | None = None
        self.stopped: Failure | None = None
        self.killed = False

    def run(self, words: list[str]) -> None:
        """Let it in or send it away; the report is complete before the program hears of the end."""
        try:
            if not self._may_pass(words):
                self.report.ended = True
                send(self.client, b"no\0no login\n")
                return
            self._lay_out()
            self._let_in()
            self._follow()
        finally:
            self._settle()
            if not self.report.ended:
                self._judge()
            self._clear()
        self.client.sendall(b".")

    def _may_pass(self, words: list[str]) -> bool:
        end = self.way[0]
        if len(words) < 3 or (words[-2], words[-1]) != (end.permit.address, self.remote):
            self.report.failure = NOT_ORDERED
        if f"Port={end.permit.port}" not in words:
            self.report.failure = NOT_ORDERED
        if self.report.failure is not None:
            return False
        try:
            for permit in (self.order.permit, *(step.permit for step in self.way)):
                check(permit)
            for step in self.way:
                self.passes.append(Pass(self.door.gate, step.asset, step.permit, step.credential))
        except DialError as error:
            self.report.failure = error.failure
        except WithheldError as error:
            self.report.failure = Failure(GapReason.DENIED, f"login-withheld: {error.detail}")
        return self.report.failure is None and not self.door.closing.is_set()

    def _lay_out(self) -> None:
        """Make the login's files: host keys, pipes for ssh's log and for a password, the socket of an agent."""
        self.watch.register(self.client, selectors.EVENT_READ)
        for step, hearing in zip(self.way, self.heard, strict=True):
            files = str(self.door.folder / step.files)
            Path(f"{files}.known").write_bytes(step.known_hosts)
            log = self._pipe(f"{files}.log")
            self.logs[log] = hearing
            self.watch.register(log, selectors.EVENT_READ)
            if step.credential.kind is CredentialKind.PASSWORD:
                os.write(self._pipe(f"{files}.word"), step.credential.password.encode() + b"\n")
                continue
            agent = OneKeyAgent(step.credential, Path(f"{files}.agent"))
            self.agents.append(agent)
            for one in agent.sockets:
                self.watch.register(one, selectors.EVENT_READ, agent)

    def _pipe(self, path: str) -> int:
        os.mkfifo(path, 0o600)
        self.pipes.append(os.open(path, os.O_RDWR | os.O_NONBLOCK))
        return self.pipes[-1]

    def _let_in(self) -> None:
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C",
            "SHELL": "/bin/sh",
            "DISPLAY": "none",  # for an ssh older than 8.4: it asks by a program where there is a display
            "SSH_ASKPASS": "./askpass",
            "SSH_ASKPASS_REQUIRE": "force",
            **askpass_files(self.way[0]),
        }
        command = ssh_command(self.door.program, self.way, self.remote, self.door.bounds)
        fields = [str(self.door.bounds.answer_bytes), *(f"{k}={v}" for k, v in environment.items()), "", *command]
        send(self.client, b"yes\0" + "\0".join(fields).encode())

    def _follow(self) -> None:
        bounds = self.door.bounds
        login_until = time.monotonic() + bounds.connect_seconds + bounds.login_seconds
        answer_until = 0.0
        while self.status is None:
            now = time.monotonic()
            if self.heard[0].accepted and not answer_until:
                answer_until = now + bounds.answer_seconds
            if self.door.closing.is_set():
                self._stop(Failure(GapReason.INTERRUPTED, "carrier-failed: stopped"))
            elif answer_until and now >= answer_until:
                self._stop(Failure(GapReason.TIMEOUT, "no-answer"))
            elif not answer_until and now >= login_until:
                self._stop(next((one for one in reversed(self.heard) if not one.accepted), self.heard[0]).late(bounds))
            if not self._turn(max(0.01, min(0.5, (answer_until or login_until) - now))):
                return
        self._drain()

    def _turn(self, seconds: float) -> bool:
        """Take in what came; false where the program is gone."""
        for key, _ in self.watch.select(seconds):
            if key.fd in self.logs:
                self._listen(key.fd)
            elif isinstance(key.data, OneKeyAgent) and isinstance(key.fileobj, socket.socket):
                self._lend(key.data, key.fileobj)
            else:
                said = receive(self.client)
                if not said:
                    return False
                if said == b"too-much":
                    self._stop(Failure(GapReason.TOO_LARGE, f"too-much: {self.door.bounds.answer_bytes >> 20} MiB"))
                else:
                    self.status = int(said)
        return True

    def _lend(self, agent: OneKeyAgent, ready: socket.socket) -> None:
        before = set(agent.sockets)
        self.watch.unregister(ready)
        agent.turn(ready)
        for one in {*agent.sockets} - (before - {ready}):
            self.watch.register(one, selectors.EVENT_READ, agent)

    def _listen(self, log: int) -> None:
        hearing = self.logs[log]
        hearing.hear(os.read(log, 65536))
        if hearing.must_stop:
            self._stop(None)
        for one, granted in zip(self.heard, self.passes, strict=True):
            if one.outcome is not Outcome.UNKNOWN:
                granted.settle(one.outcome)

    def _drain(self) -> None:
        for log in self.logs:
            with suppress(BlockingIOError):
                while True:
                    self.logs[log].hear(os.read(log, 65536))

    def _stop(self, failure: Failure | None) -> None:
        """Have ssh ended; the first reason counts."""
        if not self.killed:
            self.killed = True
            self.stopped = failure
            self.client.sendall(b"x")

    def _settle(self) -> None:
        self._drain()
        for one, granted in zip(self.heard, self.passes, strict=False):
            granted.settle(one.final)

    def _judge(self) -> None:
        """Say what went wrong, if anything did, and which host key was shown."""
        end = self.heard[0]
        failure = self.stopped or self._hop_failure()
        if failure is None:
            failure = end.failure(known=bool(self.way[0].host_keys), refused_as=self.way[0].user)
        if failure is None and end.accepted and self.status is not None and not end.finished:
            last = first_words(end.words[-1].encode()) if end.words else ""
            failure = Failure(GapReason.INTERRUPTED, f"connection-lost: {last}".rstrip(": "))
        if failure is None and (not end.accepted or self.status is None):
            failure = Failure(GapReason.INTERRUPTED, "carrier-failed: ssh ended without a word")
        self.report.failure = failure
        self.report.host_key = self._shown()
        self.report.ended = True

    def _hop_failure(self) -> Failure | None:
        """Say what went wrong on a jump host, if there is one and anything did."""
        if len(self.way) < 2 or self.order.route is None:
            return None
        name, hop = self.order.route.name, self.heard[1]
        if hop.accepted:
            return None if self.heard[0].greeted else hop.refused_way(name)
        failure = hop.failure(known=bool(self.way[1].host_keys), refused_as=self.way[1].user)
        return failure and Failure(failure.reason, f"hop: {name}: {failure.detail}")

    def _shown(self) -> str:
        end = self.way[0]
        keys = list(end.host_keys)
        with suppress(OSError):
            lines = (self.door.folder / f"{end.files}.known").read_text("utf-8").splitlines()
            keys = [line.partition(" ")[2] for line in lines if line]
        return next((key for key in keys if _fingerprint(key) == self.heard[0].host_key), "")

    def _clear(self) -> None:
        self.watch.close()
        for agent in self.agents:
            agent.close()
        for pipe in self.pipes:
            os.close(pipe)
        for step in self.way:
            for kind in ("known", "log", "word", "agent"):
                (self.door.folder / f"{step.files}.{kind}").unlink(missing_ok=True)


def _fingerprint(key: str) -> str:
    kind, _, rest = key.partition(" ")
    with suppress(ValueError):
        digest = sha256(b64decode(rest.split(" ")[0])).digest()
        return f"{kind} SHA256:{b64encode(digest).decode().rstrip('=')}"
    return ""
