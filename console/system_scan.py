"""One sitting of looking at information systems: the loop, what each gave sealed and kept, and what is said of it."""

import gc
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from console.authorised import Authority
from console.collecting import labeller
from console.details import detail_text
from console.output import one_line
from console.progress import Progress
from console.scan import give_back_memory, stopping, take_in
from console.scan_settings import SystemSettings
from console.session import Session
from console.silence import Silence
from console.system_grants import SystemGrants, networks_behind
from console.system_ledger import PLATFORM
from evidence.captures import seal, seal_gap
from evidence.scans import Done, ScanRecord
from scanners.platforms import PLATFORMS
from scanners.systems.asking import Limits
from scanners.systems.crew import Crew
from scanners.systems.lines import Blind
from scanners.systems.looking import Looked, Looking
from scanners.systems.pacing import Pace
from xunyan.errors import BusyError
from xunyan.model import Capture, Gap
from xunyan.permits import Target
from xunyan.wording import Text

FOUND = "found"
"""The `origin` of a system that nobody filed: it is kept only where it may be touched and answers."""

PIECE = 200
SHOWN = 3
SILENT = Text("突然没有应答", "fell silent")


@dataclass(slots=True)
class SystemTally:
    """What came of a sitting: systems looked at, those that answered, probes and gaps, and who has to wait."""

    due: int
    systems: int = 0
    answered: int = 0
    probes: int = 0
    gaps: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    names: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    waiting: Counter[Text] = field(default_factory=Counter)
    stops: list[Text] = field(default_factory=list)
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class _Kept:
    done: Done
    answered: bool
    dropped: bool
    began: float = 0.0


class SystemScan:
    """Looks at the systems of a plan and keeps what they give; what is on disk is not asked again."""

    def __init__(self, run: Session, record: ScanRecord, authority: Authority) -> None:
        self._run = run
        self._record = record
        self._settings = run.workspace().file.systems
        self._vantage = run.workspace().file.scan.vantage
        self._resolve_seconds = run.workspace().file.scan.resolve_seconds
        self._silence = Silence(run.workspace().file.scan.silence)
        self._grants = SystemGrants(authority, run.now, networks_behind(run.workspace()))
        self._sources = PLATFORMS[PLATFORM].sources
        self._stop = threading.Event()
        self._taking = threading.Lock()
        self._last_answer: dict[str, float] = {}

    def sit(self) -> SystemTally:
        """Look at everybody who is left in the plan; what they gave is on disk afterwards, some of it taken in."""
        targets = self._record.plan.targets
        left = self._record.left()
        tally = SystemTally(len(left) * len(self._sources))
        limits = limits_of(self._settings, self._resolve_seconds)
        say = self._run.say
        with Progress(say("正在查信息系统", "looking at systems"), tally.due) as progress:

            def note(place: int, kept: object) -> None:
                if isinstance(kept, _Kept):
                    self._note(tally, targets[place], kept)
                    progress(tally.probes, say(f" 项，缺口 {tally.gaps}，系统 {tally.systems}/{len(left)}",
                                               f" probes, {tally.gaps} gaps, {tally.systems}/{len(left)} systems"))  # fmt: skip

            def put_off(place: int, why: Text) -> None:
                del place
                tally.waiting[why] += 1

            crew = Crew(
                lambda: Looking(self._grants, limits, Pace(limits, self._grants.bounds)),
                self._keep, note, put_off, self._stop,
            )  # fmt: skip
            gc.collect()
            gc.freeze()
            try:
                with stopping(self._stop.set, self._run):
                    crew.work([(place, targets[place]) for place in left], limits.concurrency)
            finally:
                gc.unfreeze()
        return tally

    def _keep(self, place: int, looked: Looked) -> _Kept:
        """Seal what a system gave, and close it on disk."""
        target = self._record.plan.targets[place]
        if target.origin == FOUND and not looked.answered:
            done = Done(done=place)
            self._record.answer(done, [])
            return _Kept(done, answered=False, dropped=True)
        hosts = " ".join(one.host for one in target.services)[:200]
        label = labeller(
            target, self._record.plan.number, address="", taken_at=self._run.now(), taken_by="",
            vantage=self._vantage, kind=PLATFORM,
        )  # fmt: skip
        ones: list[Capture | Gap] = []
        first: Blind | None = None
        for source in self._sources:
            given = looked.sources[source]
            envelope = label(source, f"{source} {hosts}".strip())
            if isinstance(given, Blind):
                first = first or given
                ones.append(seal_gap(envelope, given.reason, given.detail))
            else:
                ones.append(seal(envelope, given, exit_code=0))
        gaps = sum(isinstance(one, Gap) for one in ones)
        done = Done(
            done=place, captures=len(ones) - gaps, gaps=gaps, reason=first.reason.value if first else "",
            detail=first.detail[:300] if first else "",
        )  # fmt: skip
        self._record.answer(done, ones)
        self._take_in()
        return _Kept(done, answered=looked.answered, dropped=False, began=looked.began)

    def _take_in(self) -> None:
        """Now and then put what is there into the workspace, where others see it; in the thread that kept the last of it."""
        if len(self._record.done) % PIECE or not self._taking.acquire(blocking=False):
            return
        try:
            with suppress(BusyError):  # another writes now: next time, or at the end
                take_in(self._run, self._record, 0)
                give_back_memory()
        finally:
            self._taking.release()

    def _note(self, tally: SystemTally, target: Target, kept: _Kept) -> None:
        if kept.dropped:
            tally.dropped += 1
            tally.due -= len(self._sources)
            return
        tally.systems += 1
        tally.answered += kept.answered
        tally.probes += kept.done.captures + kept.done.gaps
        tally.gaps += kept.done.gaps
        if kept.done.reason:
            key = (kept.done.reason, kept.done.detail.partition(":")[0])
            tally.reasons[key] += 1
            tally.names.setdefault(key, []).append(target.asset)
        if kept.answered:
            self._last_answer[target.network] = time.monotonic()
        elif kept.began < self._last_answer.get(target.network, 0.0):
            return  # another answered after this one was begun: those that do not are only slower to end
        if self._silence.note(target.network, silent=not kept.answered) and not self._stop.is_set():
            tally.stops.append(
                Text(
                    f"地址域 {target.network} 的系统突然没有应答（连续 {self._silence.streak} 个），已暂停：先查网络和防护设备是否拦截",
                    f"systems of {target.network} fell silent ({self._silence.streak} on end); paused: look at the network first",
                )
            )
            self._stop.set()


def limits_of(settings: SystemSettings, resolve_seconds: float) -> Limits:
    """Turn the workspace's settings into the agent's bounds."""
    return Limits(
        ports=settings.ports, concurrency=settings.concurrency, per_address=settings.per_address,
        per_second=settings.per_second, queries_at_once=settings.queries_at_once,
        queries_per_second=settings.queries_per_second, resolve_seconds=resolve_seconds,
        connect_seconds=settings.connect_seconds, answer_seconds=settings.answer_seconds,
        page_bytes=settings.page_kib * 1024, redirects=settings.redirects, second_links=settings.second_links,
        third_links=settings.third_links, system_seconds=settings.system_seconds,
    )  # fmt: skip


def say_tally(run: Session, record: ScanRecord, tally: SystemTally, gap_words: Mapping[str, Text]) -> None:
    """Say what came of a sitting."""
    run.print(
        run.say(
            f"扫描 {record.plan.number}：查了 {tally.systems} 个信息系统，有应答 {tally.answered} 个；"
            f"探针 {tally.probes} 项，采到 {tally.probes - tally.gaps} 项，缺口 {tally.gaps} 项",
            f"scan {record.plan.number}: {tally.systems} systems looked at, {tally.answered} answered; "
            f"{tally.probes} probes, {tally.probes - tally.gaps} answered, {tally.gaps} gaps",
        )
    )
    for (reason, detail), count in tally.reasons.most_common():
        names = _names(tally.names[reason, detail])
        word = run.say.text(gap_words[reason]) if reason in gap_words else reason
        said = detail_text(detail, run.say)
        run.print(run.say(f"  {word} {count} 个：{said}（{names}）", f"  {word}, {count} systems: {said} ({names})"))


def _names(assets: Sequence[str]) -> str:
    return "、".join(one_line(name) for name in assets[:SHOWN]) + ("……" if len(assets) > SHOWN else "")
