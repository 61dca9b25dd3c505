"""One sitting of a scan put together: authority, logins, carriers, the loop, and taking in what came of it."""

import ctypes
import fcntl
import gc
import importlib.util
import os
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Protocol

from console import ingesting
from console.asking import STOPPING, Asker
from console.authorised import Authority
from console.collecting import COLLECTOR, as_printed, due, kind_of
from console.credentials import Secrets, ask_code, ask_secret, open_credential
from console.gating import Gate
from console.intake import Handed, Problems
from console.pacing import Pace
from console.planning import Orders, check_any, groups, letter_limits, limits
from console.progress import Progress
from console.redacting import Redactor
from console.scan_settings import check_form
from console.scanning import STOPPED, Crew, Sitting, Tally, ask_in_batches
from console.session import Session
from console.silence import Silence
from console.ways import DEVICE_CARRIERS, Way, ways
from console.workspace import Workspace
from evidence.scans import ScanRecord
from evidence.store import SMALL_CACHE_KIB
from inventories import identities
from inventories.host_keys import HostKeys
from scanners.platforms.devices import VENDORS
from scanners.platforms.devices.answers import refusal
from scanners.platforms.devices.vrf_tables import following
from scanners.platforms.windows.requests import REQUESTS
from scanners.transports.carrying import ENABLE, Answer, Bounds, Credential, CredentialKind, Failure, Order
from scanners.transports.ssh import SshCarrier
from xunyan.errors import BusyError
from xunyan.model import GapReason
from xunyan.permits import Target
from xunyan.wording import Text

KNOWN_HOSTS = Path("inventory") / "known_hosts"
PIECE = 50
"""So many hosts are taken into the workspace at a time, where others see them and memory is free again."""

M_ARENA_MAX = -8
INTERRUPTED = 130
PATIENCE = 600.0
"""Seconds to wait for another writer when a scan takes its answers in."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line says over inventory and settings."""

    over: Way
    learn_keys: bool = False


@contextmanager
def only_one(workspace: Workspace) -> Iterator[None]:
    """Be the one scan of this workspace; other commands may read and write meanwhile. Raises BusyError."""
    workspace.scans.folder.mkdir(exist_ok=True)
    descriptor = os.open(workspace.scans.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                Text("这个工作区正在扫描", "this workspace is being scanned"),
                where=str(workspace.root),
                advice=Text("等它结束，或在那边按 Ctrl-C 让它停下", "wait for its end, or stop it there with Ctrl-C"),
            ) from error
        yield
    finally:
        os.close(descriptor)


class Carrier(Protocol):
    """What asks targets one by one, from many threads."""

    def ask(self, order: Order) -> Answer:
        """Ask one."""

    def close(self) -> None:
        """Close what it shares between targets."""


class Scan:
    """What a sitting needs, made before the first packet: whatever is wrong with settings or secrets shows here."""

    def __init__(
        self, run: Session, workspace: Workspace, targets: Sequence[Target], choice: Choice, *, trial: bool = False
    ) -> None:
        """Raises UsageError where nothing may be touched, InputError for settings, letters, keys and secrets.

        `trial`: nothing will be asked, so no secret is opened.
        """
        self.reports: list[ingesting.Report] = []
        self._run = run
        self._workspace = workspace
        self._file = workspace.file
        self.targets = tuple(targets)
        self.chosen = ways(self.targets, workspace.file, choice.over)
        self.targets = self._settled()  # by which method a device is asked follows from its carrier
        self.authority = Authority(workspace, run.now, workspace.file.scan.resolve_seconds)
        check_any(self.targets, self.chosen, workspace.file, self.authority)
        networks = workspace.file.scan.known_hosts
        more = [(workspace.settings.network, workspace.root / Path(path).expanduser()) for path in networks]
        self._host_keys = HostKeys(workspace.root / KNOWN_HOSTS, more)
        self._trial = trial
        self._credentials = self._open()
        self._learn = choice.learn_keys
        register = identities.load(workspace.identities)
        now = run.now()
        self._kinds: Mapping[tuple[str, str], str] = {
            (one.network, one.asset): register.kind_of(asset)
            for one in self.targets
            if (asset := register.asset_at(one.network, one.asset, now)) is not None
        }

    def _settled(self) -> tuple[Target, ...]:
        """The targets with their way written down, so that a scan is gone on with as it was begun."""
        return tuple(
            replace(target, credential=way.credential, route=way.route, carrier=way.carrier)
            for target, way in zip(self.targets, self.chosen, strict=True)
        )

    def sit(self, record: ScanRecord) -> tuple[Tally, Gate]:
        """Ask everybody who is left in the plan; what came back is on disk afterwards, and not yet taken in."""
        scan = self._file.scan
        gate = Gate(record, self._workspace.credentials, self._run.now)
        passwords = {one.name for one in self._credentials.values() if one.kind is CredentialKind.PASSWORD}
        gate.settle(frozenset(passwords | {name + ENABLE for name in self._credentials}))
        orders = Orders(self.authority, self._file, self._credentials, self._host_keys, self._learn)
        asker = Asker(
            record, orders, gate, self._run.now, scan.vantage,
            lambda target: self._kinds.get((target.network, target.asset), kind_of(target)),
            Redactor(self._workspace.root).capture,
        )  # fmt: skip
        bounds = Bounds(scan.connect_seconds, scan.login_seconds, scan.answer_seconds)
        left = record.left()
        share_memory()
        gc.collect()
        gc.freeze()  # what is here now stays until the end: later collections need not look at it
        tally = Tally(sum(len(due(self.targets[place])) for place in left))
        with Progress(self._run.say("正在扫描", "scanning"), tally.due) as progress:

            def say(now: Tally) -> None:
                if now.hosts and not now.hosts % PIECE:
                    with suppress(BusyError):  # another writes now: next time, or at the end
                        self.reports += take_in(self._run, record, 0)
                        give_back_memory()
                rest = self._run.say(
                    f"项，缺口 {now.gaps}，主机 {now.hosts}/{len(left)}",
                    f" probes, {now.gaps} gaps, {now.hosts}/{len(left)} hosts",
                )
                progress(now.probes, rest)

            sitting = Sitting(self.targets, self.chosen, Silence(scan.silence), tally, say)

            def close() -> None:
                sitting.stop.set()
                gate.close(STOPPING)

            with stopping(close, self._run):
                self._by_ssh(sitting, asker, gate, bounds, [p for p in left if self.chosen[p].carrier == "ssh"])
                self._by_netmiko(
                    sitting, asker, gate, bounds, [p for p in left if self.chosen[p].carrier in DEVICE_CARRIERS]
                )
                self._by_ansible(sitting, asker, gate, bounds, [p for p in left if self.chosen[p].carrier == "ansible"])
        gc.unfreeze()
        if sitting.stop.is_set() and record.left():
            tally.stops.append(STOPPED)
        return tally, gate

    def _by_ssh(self, sitting: Sitting, asker: Asker, gate: Gate, bounds: Bounds, places: list[int]) -> None:
        if not places:
            return
        self._by_threads(SshCarrier(COLLECTOR.read_bytes(), gate, bounds, ask_code), sitting, asker, places)

    def _by_netmiko(self, sitting: Sitting, asker: Asker, gate: Gate, bounds: Bounds, places: list[int]) -> None:
        if not places:
            return
        from scanners.transports.devices import DeviceCarrier, Further, Outputs  # noqa: PLC0415  # netmiko loads every vendor

        def printed(outputs: Outputs) -> bytes:
            return as_printed(dict(outputs), {command: command for command in outputs})

        commands = {platform: tuple(vendor.commands) for platform, vendor in VENDORS.items()}
        further = {
            platform: Further(vendor.named(), partial(following, vendor)) for platform, vendor in VENDORS.items()
        }
        carrier = DeviceCarrier(commands, refusal, printed, gate, bounds, ask_code, further)
        self._by_threads(carrier, sitting, asker, places)

    def _by_threads(self, carrier: Carrier, sitting: Sitting, asker: Asker, places: list[int]) -> None:
        own = groups(list(self.targets), self.chosen, self.authority)
        pace = Pace(limits(self._file), letter_limits(self.authority))
        try:
            Crew(sitting, asker, carrier.ask, own, pace, self._file.scan.concurrency).work(places)
        finally:
            carrier.close()

    def _by_ansible(self, sitting: Sitting, asker: Asker, gate: Gate, bounds: Bounds, places: list[int]) -> None:
        if not places:
            return
        # They take as long to load as a scan by ssh takes to begin, and most scans use neither.
        from scanners.transports.ansible import carry  # noqa: PLC0415
        from scanners.transports.ansible_windows import carry_windows  # noqa: PLC0415

        forks = min(self._file.scan.ansible_forks, self._file.scan.concurrency)

        def linux(orders: Sequence[Order]) -> Generator[tuple[Order, Answer]]:
            with tempfile.TemporaryDirectory(prefix="xunyan-ansible-") as folder:
                yield from carry(orders, COLLECTOR.read_bytes(), gate, bounds, forks=forks, folder=Path(folder))

        def windows(orders: Sequence[Order]) -> Generator[tuple[Order, Answer]]:
            if importlib.util.find_spec("winrm") is None:  # the other hosts are asked all the same
                yield from ((order, Answer(b"", Failure(GapReason.UNSUPPORTED, "winrm-missing"))) for order in orders)
                return
            with tempfile.TemporaryDirectory(prefix="xunyan-ansible-") as folder:
                for order, given in carry_windows(orders, REQUESTS, gate, bounds, forks=forks, folder=Path(folder)):
                    failure = given if isinstance(given, Failure) else None
                    printed = b"" if isinstance(given, Failure) else as_printed(given, REQUESTS)
                    yield order, Answer(printed, failure)

        for platform, way in (("linux", linux), ("windows", windows)):
            own = [place for place in places if self.targets[place].platform == platform]
            ask_in_batches(sitting, own, asker, way, forks)

    def _open(self) -> dict[str, Credential]:
        """Open the credentials that are used, and no others."""
        used = {way.credential for way in self.chosen}
        used |= {self._file.routes[way.route].credential for way in self.chosen if way.route}
        secrets = Secrets(self._workspace.root, self._file.scan.vault_password, ask_secret)
        standings = self._workspace.credentials.standings()
        found = {}
        for name in sorted(used):
            settings = self._file.credentials[name]
            check_form(name, settings)
            if self._trial or (name in standings and standings[name].stopped):  # it will not be sent
                found[name] = Credential(name, settings.user, settings.kind)
            else:
                found[name] = open_credential(name, settings, secrets, self._workspace.root)
        return found


@contextmanager
def stopping(close: Callable[[], None], run: Session) -> Iterator[None]:
    """Let the first Ctrl-C bring to its end what is under way, after `close`; the second is the system's own."""

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        close()
        signal.signal(number, end_at_once)
        run.note(
            run.say(
                "\n正在停下：等待已发出的查询结束（再按一次立即中断）",
                "\nstopping: waiting for what is under way (again: at once)",
            )
        )

    def end_at_once(number: int, frame: FrameType | None) -> None:
        del number, frame
        run.note(run.say("\n已中断；接着扫：xunyan scan --resume", "\ninterrupted; go on with xunyan scan --resume"))
        os._exit(INTERRUPTED)  # whatever was closed is on disk, and a scan can be killed at any moment

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def share_memory() -> None:
    """Have all threads take memory from one place, where the C library is glibc: what many places kept was never used."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Return what is no longer needed to the system, as far as the C library can.

    What refers to itself, as connections do, is else kept until much more of it has gathered, and what many threads
    freed is kept in pieces.
    """
    gc.collect()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def take_in(run: Session, record: ScanRecord, patience: float = PATIENCE) -> list[ingesting.Report]:
    """Put what a scan gathered so far into the workspace, piece by piece. Waits for another writer.

    Raises BusyError where the other does not end; then the answers stay where they are.
    """
    until = time.monotonic() + patience
    reports = []
    for piece in record.finish_piece():
        while True:
            try:
                with run.writing(SMALL_CACHE_KIB) as (workspace, store):
                    handed = (Handed(str(piece), one) for one in record.read([piece]))
                    reports.append(
                        ingesting.ingest(
                            workspace, store, handed, Problems(), kind=ingesting.SCAN,
                            files=(f"scan {record.plan.number}",), clock=run.now,
                        )
                    )  # fmt: skip
                    record.taken_in([piece])
                break
            except BusyError:
                if time.monotonic() >= until:
                    raise
                time.sleep(1)
    return reports
