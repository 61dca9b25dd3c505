"""Making the index again from segments, register and journal; and catching up where something died between the two."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from console.ingesting import index_segment, set_marks
from console.judging import history_of, oldest_useful, reached, take_snapshot, write_outcome
from console.progress import Step, no_progress
from console.workspace import Inputs, Workspace
from controls import engine
from controls.findings import History, advance, fingerprint
from controls.loader import inputs_digest
from evidence.journal import Event, Judgement, Run
from evidence.store import Store
from inventories import identities
from xunyan.canonical import utc_text
from xunyan.model import Capture, Gap, Verdict


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
    _adopt_orphans(workspace, clock)
    fresh = workspace.database.with_name(".xunyan.db.rebuild")
    _remove(fresh)
    store = Store(fresh, create=True)
    try:
        rebuilt = _fill(workspace, store, inputs, progress)
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


def _adopt_orphans(workspace: Workspace, clock: Callable[[], datetime]) -> None:
    adopted = {entry.segment for entry in workspace.journal.read() if isinstance(entry, Run)}
    highest = max((entry.number for entry in workspace.journal.read() if isinstance(entry, Run)), default=0)
    for number in workspace.segments.numbers():
        if number not in adopted:
            captures = gaps = 0
            for one, _ in workspace.segments.scan(number):
                captures, gaps = captures + isinstance(one, Capture), gaps + isinstance(one, Gap)
            now = utc_text(clock())
            highest += 1
            run = Run(
                number=highest, kind="recovered", started_at=now, finished_at=now, files=(), segment=number,
                captures=captures, gaps=gaps, known=0,
            )  # fmt: skip
            workspace.journal.append([run])


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _fill(workspace: Workspace, store: Store, inputs: Inputs, progress: Step) -> Rebuilt:
    register = identities.load(workspace.identities)
    numbers = workspace.segments.numbers()
    with store.act():
        touched: set[str] = set()
        for number in numbers:
            touched |= index_segment(workspace, store, register, number, progress)
        identities.save(workspace.identities, register)
        store.refresh_assets(sorted(touched))
        histories: dict[str, History] = {}
        last: Judgement | None = None
        judgements = 0
        for entry in workspace.journal.read():
            match entry:
                case Run():
                    store.add_run(entry)
                case Event():
                    store.add_events([entry])
                    histories[entry.fingerprint] = history_of({name: getattr(entry, name) for name in _HISTORY})
                case Judgement():
                    store.add_judgement(entry)
                    last = entry
                    judgements += 1
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
