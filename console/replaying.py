"""Replay: judging again from what a package holds, and nothing else, and holding the outcome against what it says.

What is in the package is data: it is checked first, unpacked under names of ours into a folder that is removed, and
nothing of it is run or imported.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from console.ingesting import index_segment
from console.judge_digest import judge_digest
from console.judging import oldest_useful, verdict_json
from console.packed_inputs import unpack_inputs
from console.progress import Step, no_progress
from console.snapshot import take_snapshot
from console.verifying import LONGEST_VERDICT, Place, read_elsewhere
from console.workspace import Inputs, SettingsFile, Workspace
from controls import engine
from evidence.archive import Archive, ArchiveError, open_archive
from evidence.journal import Run
from evidence.package import Manifest
from evidence.segments import SUFFIX
from evidence.store import LAST_SEGMENT, Store, as_json
from inventories import identities
from xunyan.canonical import moment
from xunyan.errors import CatalogueError, DataError, InputError
from xunyan.wording import Text


@dataclass(frozen=True, slots=True)
class Difference:
    """A verdict that comes out otherwise: what the package says and what came out, empty where there is none."""

    control: str
    asset: str
    recorded: str
    now: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to. `same_judge`: the program is the very one that judged then.

    `elsewhere`: so many verdicts rest on originals that are not in the package, and were not judged again.
    """

    verdicts: int
    differences: tuple[Difference, ...]
    same_judge: bool
    elsewhere: int = 0


def replay(path: Path, manifest: Manifest, progress: Step = no_progress) -> Replayed:
    """Judge what a checked package holds, and compare. Raises DataError where its parts cannot be judged at all."""
    with (
        tempfile.TemporaryDirectory(prefix="xunyan-replay-") as name,
        open_archive(path) as archive,
        _understood(path),
    ):
        folder = Path(name)
        inputs = unpack_inputs(archive, manifest, folder)
        workspace = _unpack(archive, folder)
        elsewhere = read_elsewhere(archive)
        ours = judge_again(workspace, inputs, moment(manifest.judged_at), progress)
        theirs = archive.lines("verdicts.jsonl", LONGEST_VERDICT)
        count, differences = _compare(
            ((line, place) for line, place in _recorded(theirs) if place not in elsewhere),
            ((line, place) for line, place in ours if place not in elsewhere),
        )
        return Replayed(count, tuple(differences), manifest.judge == judge_digest(), len(elsewhere))


def judge_again(
    workspace: Workspace, inputs: Inputs, judged_at: datetime, progress: Step = no_progress
) -> Iterator[tuple[bytes, Place]]:
    """Judge the one segment of a workspace that has no index yet: each verdict as it is written, with its place in order.

    Raises KeyError where an original is of somebody whom `identities.jsonl` does not name.
    """
    store = Store(workspace.database, create=True)
    try:
        _index(workspace, store, progress)
        snapshot = take_snapshot(workspace, store, judged_at, LAST_SEGMENT, oldest_useful(inputs), no_progress)
    finally:
        store.close()
    for one in engine.judge(inputs.catalogue.checks, snapshot.estate, inputs.profile, inputs.products, judged_at):
        yield as_json(verdict_json(one)).encode(), (one.control, one.asset)


def verdicts_that_differ(recorded: Iterator[bytes], ours: Iterator[tuple[bytes, Place]]) -> list[Place]:
    """Give the places of all verdicts that come out otherwise, or on one side alone."""
    return [(one.control, one.asset) for one in _compare(_recorded(recorded), ours)[1]]


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """What this version cannot take in is an answer about the package, never a crash."""
    advice = Text(
        "用清单里写明的版本复核，或向出包的人核实", "use the version in the manifest, or ask whoever packed it"
    )
    try:
        yield
    except (CatalogueError, InputError) as error:
        raise DataError(error.what, where=f"{path}: {Path(error.where).name}", advice=advice) from error
    except (DataError, KeyError, ValueError, TypeError, OverflowError, RecursionError, ArchiveError) as error:
        raise DataError(
            Text(
                f"包里的内容互相对不上（{str(error)[:200]}）",
                f"parts of the package do not fit each other ({str(error)[:200]})",
            ),
            where=str(path),
            advice=advice,
        ) from error


def _unpack(archive: Archive, folder: Path) -> Workspace:
    """Lay out what judging reads as a workspace of its own."""
    workspace = Workspace(folder, SettingsFile())
    for target, name in (
        (folder / "captures" / f"000001{SUFFIX}", "captures/000001.captures.jsonl"),
        (workspace.identities, "identities.jsonl"),
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            for piece in archive.pieces(name):
                file.write(piece)
    return workspace


def _index(workspace: Workspace, store: Store, progress: Step) -> None:
    """Index the originals under the identities of the package; whom it does not name is a contradiction."""
    register = identities.load(workspace.identities)
    with store.act():
        touched = index_segment(workspace, store, register, 1, progress)
        if register.pending:
            raise KeyError(f"identities.jsonl: {register.pending[0].name[:80]}")
        store.refresh_assets(sorted(touched))
        store.add_run(
            Run(
                number=1, kind="replay", started_at="", finished_at="", files=(), segment=1, captures=0, gaps=0, known=0
            )
        )  # fmt: skip


def _recorded(lines: Iterator[bytes]) -> Iterator[tuple[bytes, Place]]:
    return ((line.rstrip(b"\n"), _place(line)) for line in lines)


def _compare(
    recorded: Iterator[tuple[bytes, Place]], ours: Iterator[tuple[bytes, Place]]
) -> tuple[int, list[Difference]]:
    """Go along both, which stand in one order; return how many came out, and every difference."""
    found: list[Difference] = []
    count = 0
    theirs_now, ours_now = next(recorded, None), next(ours, None)
    while theirs_now is not None or ours_now is not None:
        if theirs_now is not None and (ours_now is None or theirs_now[1] < ours_now[1]):
            found.append(Difference(*theirs_now[1], _status(theirs_now[0]), ""))
            theirs_now = next(recorded, None)
        elif ours_now is not None and (theirs_now is None or ours_now[1] < theirs_now[1]):
            count += 1
            found.append(Difference(*ours_now[1], "", _status(ours_now[0])))
            ours_now = next(ours, None)
        elif theirs_now is not None and ours_now is not None:
            count += 1
            if theirs_now[0] != ours_now[0]:
                found.append(Difference(*ours_now[1], _status(theirs_now[0]), _status(ours_now[0])))
            theirs_now, ours_now = next(recorded, None), next(ours, None)
    return count, found


class _Verdict(msgspec.Struct):
    control: str
    asset: str
    status: str
    message: Mapping[str, object]


_decoder = msgspec.json.Decoder(_Verdict)


def _place(line: bytes) -> Place:
    try:
        verdict = _decoder.decode(line)
    except msgspec.DecodeError as error:
        raise KeyError(f"verdicts.jsonl: {error}") from error
    return verdict.control, verdict.asset


def _status(line: bytes) -> str:
    verdict = _decoder.decode(line)
    return f"{verdict.status} {str(verdict.message.get('key', ''))[:60]}"
