"""The snapshot that is judged: every asset's newest answers up to a moment, read into observations and joined."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from console.progress import Step
from console.workspace import Workspace
from controls import estate
from controls.model import Blindness, Estate, Subject
from evidence.segments import Place
from evidence.store import Store
from inventories import ledgers
from scanners.platforms import PLATFORMS
from scanners.platforms.reading import Blind, Platform, observe
from xunyan.canonical import utc_text
from xunyan.facts import FACTS
from xunyan.model import Asset, Capture, GapReason, Observation

Failure = Mapping[str, Any]
"""`reason`, `detail` and `taken_at` of the last attempt that gave no answer"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is judged.

    `failed`: (asset, source) -> when it was last asked in vain. `unreached`: asset -> when it last could not be asked
    at all, under a source that its platform does not have, such as the login itself.
    """

    estate: Estate
    blind: Mapping[str, tuple[Blind, ...]]
    failed: Mapping[tuple[str, str], str]
    unreached: Mapping[str, str]


@dataclass(slots=True)
class Answers:
    """One asset's newest answers by source, and when those were taken that are too old to be looked at."""

    captures: dict[str, Capture] = field(default_factory=dict)
    stale: dict[str, str] = field(default_factory=dict)


def take_snapshot(
    workspace: Workspace, store: Store, judged_at: datetime, upto_segment: int, max_age: timedelta, progress: Step
) -> Snapshot:
    """Read the newest answer of every (asset, source) taken up to `judged_at`, in segments up to `upto_segment`.

    A failed attempt voids no earlier answer. What is older than `max_age` is not read: no control could use it.
    """
    until, since = utc_text(judged_at), utc_text(judged_at - max_age)
    failures = newest_failures(store, until, upto_segment)
    subjects: list[Subject] = []
    blind: dict[str, tuple[Blind, ...]] = {}
    answers = _answers(workspace, store, since, until, upto_segment)
    waiting = next(answers, None)
    for count, (identifier, asset) in enumerate(store.assets_at(until, upto_segment).items(), 1):
        while waiting is not None and waiting[0] < identifier:
            waiting = next(answers, None)
        own = waiting[1] if waiting is not None and waiting[0] == identifier else Answers()
        subject, unread = _subject(asset, own, failures.get(identifier, {}))
        subjects.append(subject)
        if unread:
            blind[identifier] = unread
        progress(count)
    failed: dict[tuple[str, str], str] = {}
    unreached: dict[str, str] = {}
    for one in subjects:
        platform = PLATFORMS.get(one.asset.platform)
        for source, row in failures.get(one.asset.id, {}).items():
            failed[one.asset.id, source] = row["taken_at"]
            if platform is not None and not platform.knows(source):
                unreached[one.asset.id] = max(row["taken_at"], unreached.get(one.asset.id, ""))
    return Snapshot(estate.build(subjects), blind, failed, unreached)


def newest_answers(store: Store, until: str, upto_segment: int) -> Iterator[dict[str, Any]]:
    """Give the place of each (asset, source)'s newest answer, in their order: a command that failed is no answer."""
    return store.rows(
        """SELECT asset, source, segment, offset, length, taken_at, max(taken_at || id) FROM capture
           WHERE taken_at <= ? AND segment <= ? AND coalesce(exit, 0) = 0
           GROUP BY asset, source ORDER BY asset, source""",
        (until, upto_segment),
    )


def newest_failures(store: Store, until: str, upto_segment: int) -> dict[str, dict[str, Failure]]:
    """Map asset and source to the newest attempt that gave no answer: a gap, or a command that failed."""
    found: dict[str, dict[str, Failure]] = {}
    gaps = store.rows(
        """SELECT asset, source, reason, detail, taken_at, max(taken_at || id) FROM gap
           WHERE taken_at <= ? AND segment <= ? GROUP BY asset, source""",
        (until, upto_segment),
    )
    commands = store.rows(
        """SELECT asset, source, ? AS reason, 'exit ' || exit AS detail, taken_at, max(taken_at || id) FROM capture
           WHERE taken_at <= ? AND segment <= ? AND exit != 0 GROUP BY asset, source""",
        (GapReason.UNSUPPORTED.value, until, upto_segment),
    )
    for row in (*gaps, *commands):
        sources = found.setdefault(row["asset"], {})
        if row["source"] not in sources or sources[row["source"]]["taken_at"] < row["taken_at"]:
            sources[row["source"]] = row
    return found


def _answers(
    workspace: Workspace, store: Store, since: str, until: str, upto_segment: int
) -> Iterator[tuple[str, Answers]]:
    """Give each asset's newest answers, assets in the order of their ids. What is filed does not grow old."""
    rows = newest_answers(store, until, upto_segment)
    for asset, group in groupby(rows, key=lambda row: str(row["asset"])):
        found = Answers()
        places = []
        for row in group:
            if row["taken_at"] >= since or ledgers.is_filed(row["source"]):
                places.append(Place(row["segment"], row["offset"], row["length"]))
            else:
                found.stale[row["source"]] = row["taken_at"]
        found.captures = {capture.source: capture for capture in workspace.segments.read(places)}
        yield asset, found


def _subject(asset: Asset, own: Answers, failures: Mapping[str, Failure]) -> tuple[Subject, tuple[Blind, ...]]:
    filed = ledgers.merge([own.captures.pop(source) for source in [*own.captures] if ledgers.is_filed(source)])
    platform = PLATFORMS.get(asset.platform)
    if platform is None:
        why = (Blindness(asset.platform, GapReason.UNSUPPORTED, "no reader for this platform"),)
        return Subject(asset, blind=dict.fromkeys(FACTS, why) if asset.platform else {}, ledger=filed), ()
    observations, unread = observe(platform.readers, platform.current(own.captures))
    found = {one.name: one for one in observations}
    return Subject(asset, found, _blindness(platform, found, unread, failures, own.stale), filed), unread


def _blindness(
    platform: Platform,
    found: Mapping[str, Observation],
    unread: tuple[Blind, ...],
    failures: Mapping[str, Failure],
    stale: Mapping[str, str],
) -> dict[str, tuple[Blindness, ...]]:
    """Say for each observation that is missing which of its sources failed, and how."""
    failed = {source: Blindness(source, GapReason.STALE, taken_at[:10]) for source, taken_at in stale.items()}
    failed |= {source: Blindness(source, row["reason"], row["detail"]) for source, row in failures.items()}
    failed |= {one.source: Blindness(one.source, one.reason, one.detail) for one in unread}
    not_asked = {source: Blindness(source, GapReason.NOT_ASKED, "") for source in platform.sources}
    why = not_asked | failed
    named = sorted(source for source in why if platform.is_named(source))
    return {
        reader.name: tuple(
            why[source] for source in (*reader.sources, *filter(reader.named.fullmatch, named)) if source in why
        )
        for reader in platform.readers
        if reader.name not in found
    }
