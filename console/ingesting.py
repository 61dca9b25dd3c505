"""Taking captures in: staged, given identities, then made visible all together or not at all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.intake import Handed, Problems
from console.progress import Step, no_progress
from console.workspace import Workspace
from evidence.journal import Run
from evidence.store import Store, capture_row, gap_row
from inventories import identities
from inventories.identities import Register, Sighting
from scanners.platforms import PLATFORMS
from xunyan.canonical import utc_text
from xunyan.model import Capture, Envelope, Gap, IdentityKey

SCAN = "scan"
SITTING = timedelta(hours=6)
SINGLE = ("serial", "uuid", "machine-id")


@dataclass(frozen=True, slots=True)
class Report:
    """What came of taking captures in. `unended`: names whose carried file lacks the collector's last line."""

    run: Run
    assets: int
    new_assets: int
    clashes: tuple[identities.Entry, ...]
    unended: tuple[str, ...] = ()


@dataclass(slots=True)
class Batch:
    """What one act takes in, before it is made visible: index rows by name, and what tells identities."""

    kinds: dict[tuple[str, str], str] = field(default_factory=dict)
    heard: dict[tuple[str, str], list[tuple[datetime, frozenset[IdentityKey]]]] = field(default_factory=dict)
    ended: dict[tuple[str, str], bool] = field(default_factory=dict)
    single: dict[tuple[str, str], list[tuple[datetime, IdentityKey]]] = field(default_factory=dict)


def ingest(
    workspace: Workspace,
    store: Store,
    handed: Iterable[Handed],
    problems: Problems,
    *,
    kind: str,
    files: tuple[str, ...],
    clock: Callable[[], datetime],
    progress: Step = no_progress,
) -> Report:
    """Take in what was handed. Raises InputError where anything of it is wrong; then nothing is taken.

    Captures that are there already are passed over, so the same file twice changes nothing. Of a `scan` each name's
    originals came over one connection, so two serials under one name are what the host says, not a mistake of ours.
    """
    started = clock()
    register = identities.load(workspace.identities)
    capture_rows: list[tuple[Envelope, tuple[object, ...]]] = []
    gap_rows: list[tuple[Envelope, tuple[object, ...]]] = []
    batch = Batch()
    ids: set[str] = set()
    known = 0
    with workspace.segments.stage() as staged:
        for count, item in enumerate(handed, 1):
            progress(count)
            one = item.one
            _note(batch, register, item, problems, scanned=kind == SCAN)
            if problems.count:
                continue
            if one.id in ids or store.known(one.id):
                known += 1
                continue
            ids.add(one.id)
            place = staged.append(one)
            if isinstance(one, Capture):
                capture_rows.append((one.envelope, capture_row(one, "", place)))
            else:
                gap_rows.append((one.envelope, gap_row(one, "", place.segment)))
        problems.check()
        clashes_before = len(register.clashes)
        register.resolve(_sightings(batch), store.last_heard, store.next_heard)
        if ids:
            staged.commit()
    renamed = _renamed(register.pending)
    minted = sum(entry.event == "minted" for entry in register.pending)
    identities.save(workspace.identities, register)
    run = Run(
        number=_next_run(store),
        kind=kind,
        started_at=utc_text(started),
        finished_at=utc_text(clock()),
        files=files,
        segment=staged.number if ids else 0,
        captures=len(capture_rows),
        gaps=len(gap_rows),
        known=known,
        identities=identities.size(workspace.identities),
    )
    workspace.journal.append([run])
    with store.act():
        touched = _index(store, register, capture_rows, gap_rows)
        for network, name in sorted(renamed):
            touched |= store.reassign(network, name, register.asset_at)
        store.refresh_assets(sorted(touched))
        store.add_run(run)
        set_marks(workspace, store, max(staged.number if ids else 0, store.mark("segment")))
    unended = tuple(name for (_, name), ended in sorted(batch.ended.items()) if not ended) if ids else ()
    return Report(run, len(touched), minted, tuple(register.clashes[clashes_before:]), unended)


def record_decision(
    workspace: Workspace, store: Store, register: Register, names: Iterable[tuple[str, str]], assets: set[str], at: str
) -> None:
    """Make a person's pending decision about `assets` durable, and hand over the captures of their `names`."""
    decision = register.pending[-1]
    identities.save(workspace.identities, register)
    run = Run(
        number=_next_run(store), kind="identities", started_at=at, finished_at=at,
        files=(f"{decision.event} {decision.asset} {decision.other}",), segment=0, captures=0, gaps=0, known=0,
        identities=identities.size(workspace.identities),
    )  # fmt: skip
    workspace.journal.append([run])
    with store.act():
        touched = set(assets)
        for network, name in sorted(names):
            touched |= store.reassign(network, name, register.asset_at)
        store.refresh_assets(sorted(touched))
        store.add_run(run)
        set_marks(workspace, store, store.mark("segment"))


def _next_run(store: Store) -> int:
    return int(store.value("SELECT max(number) FROM run") or 0) + 1


def _renamed(entries: Iterable[identities.Entry]) -> set[tuple[str, str]]:
    """List the names that mean another asset from some moment on."""
    return {(entry.network, entry.name) for entry in entries if entry.event in ("minted", "alias") and entry.since}


def set_marks(workspace: Workspace, store: Store, segment: int) -> None:
    """Remember up to where segments, journal and register are in the index."""
    store.set_mark("segment", segment)
    store.set_mark("journal", workspace.journal.size())
    store.set_mark("identities", identities.size(workspace.identities))


def behind(workspace: Workspace, store: Store) -> bool:
    """Tell whether files hold more than the index knows: something died between the two."""
    newest = max(workspace.segments.numbers(), default=0)
    now = (newest, workspace.journal.size(), identities.size(workspace.identities))
    return (store.mark("segment"), store.mark("journal"), store.mark("identities")) != now


def _note(batch: Batch, register: Register, item: Handed, problems: Problems, *, scanned: bool) -> None:
    """Remember who was heard and by which keys; one name may not be of two kinds."""
    envelope = item.one.envelope
    name = (envelope.network, envelope.asset)
    asset = register.asset_at(*name, envelope.taken_at)
    kind = batch.kinds.setdefault(name, register.kind_of(asset) if asset else envelope.kind)
    if kind != envelope.kind:
        problems.add(item.where, "kind", f"{envelope.asset}: {kind} / {envelope.kind}")
    keys: tuple[IdentityKey, ...] = ()
    platform = PLATFORMS.get(envelope.platform)
    if platform is not None and isinstance(item.one, Capture) and envelope.source in platform.identifying:
        keys = platform.identify({envelope.source: item.one})
    batch.heard.setdefault(name, []).append((envelope.taken_at, frozenset(keys)))
    if not scanned:
        _two_machines(batch, name, item, keys, problems)
    if platform is not None and platform.ending and item.carried:
        batch.ended[name] = batch.ended.get(name, False) or envelope.source == platform.ending


def _two_machines(
    batch: Batch, name: tuple[str, str], item: Handed, keys: tuple[IdentityKey, ...], problems: Problems
) -> None:
    """One machine has one serial and one UUID at a time; two in one sitting are two machines under one name."""
    taken_at = item.one.envelope.taken_at
    known = batch.single.setdefault(name, [])
    for key in keys:
        if key.kind not in SINGLE:
            continue
        others = {one.value for moment, one in known if one.kind == key.kind and abs(moment - taken_at) <= SITTING}
        for other in sorted(others - {key.value}):
            problems.add(item.where, "machines", f"{name[1]} {key.kind} {other} / {key.value}")
        if key.value not in others:
            known.append((taken_at, key))


def _sightings(batch: Batch) -> list[Sighting]:
    """Group what was heard under one name into sittings, hours apart from each other."""
    found: list[Sighting] = []
    for (network, name), heard in batch.heard.items():
        sitting: list[tuple[datetime, frozenset[IdentityKey]]] = []
        for moment in sorted(heard, key=lambda one: one[0]):
            if sitting and moment[0] - sitting[-1][0] > SITTING:
                found.append(_sighting(network, name, batch.kinds[network, name], sitting))
                sitting = []
            sitting.append(moment)
        found.append(_sighting(network, name, batch.kinds[network, name], sitting))
    return found


def _sighting(network: str, name: str, kind: str, sitting: list[tuple[datetime, frozenset[IdentityKey]]]) -> Sighting:
    keys = frozenset().union(*(keys for _, keys in sitting))
    return Sighting(network, name, kind, sitting[0][0], sitting[-1][0], keys)


def _index(
    store: Store,
    register: Register,
    captures: list[tuple[Envelope, tuple[object, ...]]],
    gaps: list[tuple[Envelope, tuple[object, ...]]],
) -> set[str]:
    touched: set[str] = set()

    def named(rows: list[tuple[Envelope, tuple[object, ...]]]) -> Iterable[tuple[object, ...]]:
        for envelope, row in rows:
            asset = register.asset_at(envelope.network, envelope.asset, envelope.taken_at)
            if asset is None:
                raise RuntimeError(f"{envelope.asset} was not resolved")
            touched.add(asset)
            yield (row[0], asset, *row[2:])

    store.add_captures(named(captures))
    store.add_gaps(named(gaps))
    return touched


def index_segment(
    workspace: Workspace, store: Store, register: Register, number: int, progress: Step, *, unclosed: bool = False
) -> set[str]:
    """Index a whole segment from its file, as taking it in did.

    Where a crash left its act `unclosed`, everything in it is identified again, as the act would have; otherwise only
    names that the register has lost.
    """
    orphans = Batch()
    captures: list[tuple[Envelope, tuple[object, ...]]] = []
    gaps: list[tuple[Envelope, tuple[object, ...]]] = []
    for one, place in workspace.segments.scan(number):
        if unclosed or register.asset_at(one.envelope.network, one.envelope.asset, one.envelope.taken_at) is None:
            _note(orphans, register, Handed("", one), Problems(), scanned=True)
        if isinstance(one, Gap):
            gaps.append((one.envelope, gap_row(one, "", place.segment)))
        else:
            captures.append((one.envelope, capture_row(one, "", place)))
        progress(len(captures) + len(gaps))
    before = len(register.pending)
    register.resolve(_sightings(orphans), store.last_heard, store.next_heard)
    touched = _index(store, register, captures, gaps)
    for network, name in sorted(_renamed(register.pending[before:])):
        touched |= store.reassign(network, name, register.asset_at)
    return touched
