"""Making the index again from segments, register and journal; and catching up where something died between the two."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from console.ingesting import index_segment, set_marks
from console.judging import history_of, oldest_useful, reached, write_outcome
from console.progress import Step, no_progress
from console.snapshot import take_snapshot
from console.workspace import REBUILDING, Inputs, Workspace
from controls import engine
from controls.findings import History, advance, fingerprint
from controls.loader import inputs_digest
from evidence.journal import Event, Judgement, Run
from evidence.store import Store
from inventories import identities
from xunyan.canonical import utc_text
from xunyan.errors import DataError
from xunyan.model import Verdict
from xunyan.wording import Text


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was read back. `differing`: verdicts that the present catalogue or program decides otherwise than recorded."""

    segments: int
    captures: int
    judgements: int
    differing: int
    same_inputs: bool


def rebuild(
    workspace: Workspace, inputs: Inputs, clock: Callable[[], datetime], progress: Step = no_progress
) -> Rebuilt:
    """Make the index anew beside the old one and put it in its place when it is whole. Originals are only read.

    A segment that a crash left without identities and without a run gets both now.
    """
    fresh = workspace.database.with_name(REBUILDING)
    _remove(fresh)
    store = Store(fresh, create=True)
    try:
        rebuilt = _fill(workspace, store, inputs, clock, progress)
        store.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except BaseException:
        store.close()
        _remove(fresh)
        raise
    store.close()
    for suffix in ("-wal", "-shm"):
        workspace.database.with_name(workspace.database.name + suffix).unlink(missing_ok=True)
    fresh.rename(workspace.database)
    _remove(fresh)
    return rebuilt


def _adopt(workspace: Workspace, store: Store, orphans: list[int], highest: int, now: str) -> None:
    """Close the acts that a crash left open: each segment without a run gets one."""
    runs = []
    held = _held(store)
    for highest_yet, number in enumerate(orphans, highest + 1):
        captures, gaps = held.get(number, (0, 0))
        run = Run(
            number=highest_yet, kind="recovered", started_at=now, finished_at=now, files=(), segment=number,
            captures=captures, gaps=gaps, known=0, identities=identities.size(workspace.identities),
        )  # fmt: skip
        runs.append(run)
    if runs:
        workspace.journal.append(runs)


def _held(store: Store) -> dict[int, tuple[int, int]]:
    """Count captures and gaps that the index has of each segment."""
    rows = store.rows(
        """SELECT segment, sum(captures) AS captures, sum(gaps) AS gaps FROM (
             SELECT segment, 1 AS captures, 0 AS gaps FROM capture UNION ALL SELECT segment, 0, 1 FROM gap)
           GROUP BY segment"""
    )
    return {row["segment"]: (row["captures"], row["gaps"]) for row in rows}


def _check_whole(workspace: Workspace, store: Store, runs: list[Run]) -> None:
    """Hold every segment against what its run took in. Raises DataError where one is lost or lacks lines."""
    held = _held(store)
    for run in runs:
        found = held.get(run.segment, (0, 0))
        if run.segment and found != (run.captures, run.gaps):
            raise DataError(
                Text(
                    f"采集段缺失或不完整：批次 {run.number} 导入了 {run.captures + run.gaps} 条，现在只有 {sum(found)} 条",
                    f"a segment is lost or cut: run {run.number} took {run.captures + run.gaps} in, {sum(found)} are left",
                ),
                where=str(workspace.segments.path(run.segment)),
                advice=Text(
                    "从备份恢复该文件，再运行 xunyan rebuild；没有备份就新建工作区，导入余下的 captures/（加 --with-ledger）",
                    "restore the file from a backup, then run xunyan rebuild; without one, "
                    "make a new workspace and ingest what is left of captures/ --with-ledger",
                ),
            )


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _fill(workspace: Workspace, store: Store, inputs: Inputs, clock: Callable[[], datetime], progress: Step) -> Rebuilt:
    runs = [entry for entry in workspace.journal.read() if isinstance(entry, Run)]
    if runs and runs[-1].identities:
        identities.cut(workspace.identities, runs[-1].identities)
    else:
        identities.cut_last_line(workspace.identities)
    register = identities.load(workspace.identities)
    numbers = workspace.segments.numbers()
    closed = {run.segment for run in runs}
    orphans = [number for number in numbers if number not in closed]
    with store.act():
        touched: set[str] = set()
        for number in numbers:
            touched |= index_segment(workspace, store, register, number, progress, unclosed=number in orphans)
        _check_whole(workspace, store, runs)
        identities.save(workspace.identities, register)
        _adopt(workspace, store, orphans, max((run.number for run in runs), default=0), utc_text(clock()))
        store.refresh_assets(sorted(touched))
        histories: dict[str, History] = {}
        last: Judgement | None = None
        judgements = 0
        events: list[Event] = []
        for entry in workspace.journal.read():
            match entry:
                case Run():
                    store.add_run(entry)
                case Event():
                    events.append(entry)
                    histories[entry.fingerprint] = history_of({name: getattr(entry, name) for name in _HISTORY})
                case Judgement():
                    store.add_judgement(entry)
                    last = entry
                    judgements += 1
        store.add_events(events)
        differing = _judge_again(workspace, store, inputs, last, histories) if last else 0
        set_marks(workspace, store, max(numbers, default=0))
    captures = int(store.value("SELECT count(*) FROM capture"))
    same = last is None or last.inputs == inputs_digest(inputs.catalogue, inputs.profile, inputs.products)
    return Rebuilt(len(numbers), captures, judgements, differing, same)


_HISTORY = (
    "fingerprint", "control", "asset", "state", "status", "key", "sight", "first_seen", "last_seen", "opened",
)  # fmt: skip


def _judge_again(
    workspace: Workspace, store: Store, inputs: Inputs, last: Judgement, histories: dict[str, History]
) -> int:
    """Judge once more what the last judgement judged, and hold it against what was recorded."""
    judged_at = datetime.fromisoformat(last.judged_at)
    snapshot = take_snapshot(workspace, store, judged_at, last.upto_segment, oldest_useful(inputs), no_progress)
    verdicts: list[Verdict] = list(
        engine.judge(inputs.catalogue.checks, snapshot.estate, inputs.profile, inputs.products, judged_at)
    )
    after: dict[str, History] = dict(histories)
    differing = 0
    for verdict in verdicts:
        mark = fingerprint(verdict.control, verdict.asset)
        before = histories.get(mark)
        now, happened = advance(before, verdict, reached=reached(verdict, snapshot))
        if happened:
            differing += 1
            after[mark] = before or now
        else:
            after[mark] = now
    write_outcome(store, snapshot, verdicts, after)
    return differing
