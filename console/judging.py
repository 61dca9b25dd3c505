"""Judging the snapshot: read the newest originals, join them, apply the rules, and carry the findings' history on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from console.progress import Step, no_progress
from console.workspace import Inputs, Workspace
from controls import engine, estate
from controls.findings import History, State, advance, fingerprint
from controls.loader import inputs_digest
from controls.model import Blindness, Estate, Subject
from evidence.journal import Event, Judgement
from evidence.segments import Place
from evidence.store import Store, as_json
from inventories import ledgers
from scanners.platforms import PLATFORMS
from scanners.platforms.reading import Blind, Platform, observe
from xunyan import __version__
from xunyan.canonical import utc_text
from xunyan.model import Asset, Capture, Observation, Status, Verdict


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is judged: every asset's newest originals up to a moment, read into observations.

    `failed`: (asset, source) -> when it was last asked in vain.
    """

    estate: Estate
    blind: Mapping[str, tuple[Blind, ...]]
    failed: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement and what changed by it."""

    judgement: Judgement
    verdicts: list[Verdict]
    events: list[Event]


def take_snapshot(
    workspace: Workspace, store: Store, judged_at: datetime, upto_segment: int, max_age: timedelta, progress: Step
) -> Snapshot:
    """Read the newest capture of every (asset, source) taken up to `judged_at`, in segments up to `upto_segment`.

    What is older than `max_age` is looked at no more: no control could use it.
    """
    until, since = utc_text(judged_at), utc_text(judged_at - max_age)
    assets = store.assets(upto_segment)
    gaps = _newest_gaps(store, until, upto_segment)
    subjects: list[Subject] = []
    blind: dict[str, tuple[Blind, ...]] = {}
    captured = _captures(workspace, store, (since, until), upto_segment)
    waiting = next(captured, None)
    for count, (identifier, asset) in enumerate(assets.items(), 1):
        captures: dict[str, Capture] = {}
        if waiting is not None and waiting[0] == identifier:
            captures = waiting[1]
            waiting = next(captured, None)
        subject, unread = _subject(asset, captures, gaps.get(identifier, {}))
        subjects.append(subject)
        if unread:
            blind[identifier] = unread
        progress(count)
    failed = {(asset, source): row["taken_at"] for asset, rows in gaps.items() for source, row in rows.items()}
    return Snapshot(estate.build(subjects), blind, failed)


def _captures(
    workspace: Workspace, store: Store, span: tuple[str, str], upto_segment: int
) -> Iterator[tuple[str, dict[str, Capture]]]:
    """Give each asset's newest captures by source, assets in the order of their ids. What is filed does not grow old."""
    rows = store.rows(
        """SELECT asset, source, segment, offset, length, max(taken_at || id) FROM capture
           WHERE taken_at <= ? AND (taken_at >= ? OR source = ?) AND segment <= ?
           GROUP BY asset, source ORDER BY asset, source""",
        (span[1], span[0], ledgers.SOURCE, upto_segment),
    )
    for asset, group in groupby(rows, key=lambda row: str(row["asset"])):
        places = [Place(row["segment"], row["offset"], row["length"]) for row in group]
        yield asset, {capture.source: capture for capture in workspace.segments.read(places)}


def _newest_gaps(store: Store, until: str, upto_segment: int) -> dict[str, dict[str, dict[str, Any]]]:
    rows = store.rows(
        """SELECT asset, source, reason, detail, taken_at, max(taken_at || id) FROM gap
           WHERE taken_at <= ? AND segment <= ? GROUP BY asset, source""",
        (until, upto_segment),
    )
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["asset"], {})[row["source"]] = row
    return found


def _subject(
    asset: Asset, captures: dict[str, Capture], gaps: Mapping[str, Mapping[str, Any]]
) -> tuple[Subject, tuple[Blind, ...]]:
    ledger = captures.pop(ledgers.SOURCE, None)
    filed = ledgers.read_row(ledger) if ledger is not None else None
    platform = PLATFORMS.get(asset.platform)
    if platform is None:
        return Subject(asset, ledger=filed), ()
    observations, unread = observe(platform.readers, captures)
    found = {one.name: one for one in observations}
    return Subject(asset, found, _blindness(platform, found, unread, gaps), filed), unread


def _blindness(
    platform: Platform,
    found: Mapping[str, Observation],
    unread: tuple[Blind, ...],
    gaps: Mapping[str, Mapping[str, Any]],
) -> dict[str, tuple[Blindness, ...]]:
    """Say for each observation that is missing which of its sources failed, and how."""
    failed = {source: Blindness(source, row["reason"], row["detail"]) for source, row in gaps.items()}
    failed |= {one.source: Blindness(one.source, one.reason, one.detail) for one in unread}
    return {
        reader.name: tuple(failed[source] for source in reader.sources if source in failed)
        for reader in platform.readers
        if reader.name not in found
    }


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
    snapshot = take_snapshot(workspace, store, judged_at, upto, oldest_useful(inputs), progress)
    verdicts = list(engine.judge(inputs.catalogue.checks, snapshot.estate, inputs.profile, inputs.products, judged_at))
    number = (store.value("SELECT max(number) FROM judgement") or 0) + 1
    before = read_histories(store)
    after: dict[str, History] = {}
    events: list[Event] = []
    for verdict in verdicts:
        mark = fingerprint(verdict.control, verdict.asset)
        after[mark], happened = advance(before.get(mark), verdict, reached=reached(verdict, snapshot))
        if happened:
            events.append(_event(number, happened, before.get(mark), after[mark]))
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
    )
    workspace.journal.append([*events, judgement])
    with store.act():
        write_outcome(store, snapshot, verdicts, after)
        store.add_judgement(judgement)
        store.add_events(events)
        store.set_mark("journal", workspace.journal.size())
    return Judged(judgement, verdicts, events)


def oldest_useful(inputs: Inputs) -> timedelta:
    """The longest that any control lets its evidence be."""
    return timedelta(days=max((check.control.max_age_days for check in inputs.catalogue.checks), default=0))


def reached(verdict: Verdict, snapshot: Snapshot) -> bool:
    """Tell whether nothing that the verdict rests on was asked again since and failed."""
    failed = ((snapshot.failed.get((verdict.asset, one.source)), one.taken_at) for one in verdict.evidence)
    return all(asked is None or asked <= utc_text(taken_at) for asked, taken_at in failed)


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
