"""Judging a snapshot: apply the rules, and carry the findings' history on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from console.judge_digest import judge_digest
from console.progress import Step, no_progress
from console.snapshot import Snapshot, take_snapshot
from console.workspace import Inputs, Workspace
from controls import engine
from controls.findings import History, State, advance, fingerprint, withdraw
from controls.loader import inputs_digest
from evidence.journal import Event, Judgement
from evidence.store import Store, as_json
from xunyan import __version__
from xunyan.canonical import utc_text
from xunyan.model import Status, Verdict

FUTURE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement and what changed by it.

    `in_retrospect`: it looks at an earlier moment than the last one did, or ahead, so it is shown and changes nothing.
    """

    judgement: Judgement
    verdicts: list[Verdict]
    events: list[Event]
    in_retrospect: bool = False


def judge(
    workspace: Workspace,
    store: Store,
    inputs: Inputs,
    judged_at: datetime,
    made_at: datetime,
    progress: Step = no_progress,
) -> Judged:
    """Judge everything that is there, record what changed, and make the outcome the current one."""
    upto = max(workspace.segments.numbers(), default=0)
    last = store.value("SELECT judged_at FROM judgement ORDER BY number DESC LIMIT 1") or ""
    snapshot = take_snapshot(workspace, store, judged_at, upto, oldest_useful(inputs), progress)
    verdicts = list(engine.judge(inputs.catalogue.checks, snapshot.estate, inputs.profile, inputs.products, judged_at))
    number = (store.value("SELECT max(number) FROM judgement") or 0) + 1
    counts = {status.value: 0 for status in Status}
    for verdict in verdicts:
        counts[verdict.status] += 1
    judgement = Judgement(
        number=number,
        judged_at=utc_text(judged_at),
        made_at=utc_text(made_at),
        upto_segment=upto,
        profile=inputs.profile.id,
        inputs=inputs_digest(inputs.catalogue, inputs.profile, inputs.products),
        version=__version__,
        counts=counts,
        judge=judge_digest(),
    )
    if utc_text(judged_at) < last or judged_at > made_at + FUTURE:
        return Judged(judgement, verdicts, [], in_retrospect=True)
    after, events = _carry_on(number, verdicts, read_histories(store), snapshot)
    workspace.journal.append([*events, judgement])
    with store.act():
        write_outcome(store, snapshot, verdicts, after)
        store.add_judgement(judgement)
        store.add_events(events)
        store.set_mark("journal", workspace.journal.size())
    return Judged(judgement, verdicts, events)


def _carry_on(
    number: int, verdicts: list[Verdict], before: Mapping[str, History], snapshot: Snapshot
) -> tuple[dict[str, History], list[Event]]:
    """Carry every finding's history over this judgement; what is judged no more is noted too."""
    after: dict[str, History] = {}
    events: list[Event] = []
    for verdict in verdicts:
        mark = fingerprint(verdict.control, verdict.asset)
        after[mark], happened = advance(before.get(mark), verdict, reached=reached(verdict, snapshot))
        if happened:
            events.append(_event(number, happened, before.get(mark), after[mark]))
    for mark in sorted(before.keys() - after.keys()):
        after[mark], happened = withdraw(before[mark])
        if happened:
            events.append(_event(number, happened, before[mark], after[mark]))
    return after, events


def oldest_useful(inputs: Inputs) -> timedelta:
    """The longest that any control lets its evidence be."""
    return timedelta(days=max((check.control.max_age_days for check in inputs.catalogue.checks), default=0))


def reached(verdict: Verdict, snapshot: Snapshot) -> bool:
    """Tell whether nothing that the verdict rests on was asked again since and failed, nor its asset as a whole.

    What is derived is seen through others: each of them counts.
    """
    assets = (verdict.asset, *snapshot.estate.made_of.get(verdict.asset, ()))
    asked = [(snapshot.failed.get((a, one.source), ""), one.taken_at) for one in verdict.evidence for a in assets]
    if verdict.seen_at is not None:
        asked += [(snapshot.unreached.get(asset, ""), verdict.seen_at) for asset in assets]
    return all(failed <= utc_text(taken_at) for failed, taken_at in asked)


def _event(number: int, happened: str, before: History | None, after: History) -> Event:
    return Event(
        judgement=number, happened=happened, before=before.sight.value if before else "",
        fingerprint=after.fingerprint, control=after.control, asset=after.asset, state=after.state.value,
        status=after.status.value, key=after.key, sight=after.sight.value, first_seen=after.first_seen,
        last_seen=after.last_seen, opened=after.opened,
    )  # fmt: skip


def history_of(row: Mapping[str, Any]) -> History:
    """Read a finding's history from a row or an event."""
    return History(
        row["fingerprint"], row["control"], row["asset"], State(row["state"]), Status(row["status"]), row["key"],
        Status(row["sight"]), row["first_seen"], row["last_seen"], row["opened"],
    )  # fmt: skip


def read_histories(store: Store) -> dict[str, History]:
    """Read all findings' histories."""
    return {row["fingerprint"]: history_of(row) for row in store.rows("SELECT * FROM history")}


def write_outcome(store: Store, snapshot: Snapshot, verdicts: list[Verdict], after: Mapping[str, History]) -> None:
    """Make a judgement's outcome the current one: observations, relations, verdicts and histories."""
    subjects = snapshot.estate.subjects
    store.replace_derived(snapshot.estate.derived.values())
    marked = [(fingerprint(one.control, one.asset), one) for one in verdicts]
    store.replace_outcome({
        "observation": (
            (identifier, one.name, utc_text(one.taken_at), as_json(one.facts), as_json(evidence_json(one.evidence)))
            for identifier, subject in subjects.items()
            for one in subject.observations.values()
        ),
        "blind": (
            (identifier, one.source, one.reason.value, one.detail, one.capture)
            for identifier, unread in snapshot.blind.items()
            for one in unread
        ),
        "relation": (
            (one.kind, one.source, one.target, as_json(one.evidence), one.confidence)
            for relations in snapshot.estate.relations.values()
            for one in relations
        ),
        "verdict": (
            (mark, one.control, one.asset, one.status.value, one.severity.value, after[mark].state.value,
             subjects[one.asset].asset.unit, as_json(verdict_json(one)))
            for mark, one in marked
        ),
    })  # fmt: skip
    store.keep_histories(
        (h.fingerprint, h.control, h.asset, h.state.value, h.status.value, h.key, h.sight.value, h.first_seen,
         h.last_seen, h.opened)
        for h in after.values()
    )  # fmt: skip


def evidence_json(evidence: tuple[Any, ...]) -> list[dict[str, object]]:
    """Write evidence as the contract has it."""
    return [
        {"capture": one.capture, "source": one.source, "lines": [one.first, one.last], "quote": one.quote}
        for one in evidence
    ]


def verdict_json(verdict: Verdict) -> dict[str, object]:
    """Write a verdict as plain data: what replay compares."""
    return {
        "schema": "xunyan.verdict/1",
        "control": verdict.control,
        "asset": verdict.asset,
        "status": verdict.status.value,
        "severity": verdict.severity.value,
        "message": {"key": verdict.message.key, "args": dict(verdict.message.args)},
        "notices": [{"key": one.key, "args": dict(one.args)} for one in verdict.notices],
        "basis": list(verdict.basis),
        "evidence": evidence_json(verdict.evidence),
    }
