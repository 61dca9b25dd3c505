"""What a package of a part needs beside the part's own: rows of the address plan, and a list of what rests on still more."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from console.replaying import judge_again, verdicts_that_differ
from console.workspace import Inputs, SettingsFile, Workspace
from evidence.segments import SUFFIX
from evidence.store import Store
from xunyan.canonical import moment

PLAN = ("range",)
"""Kinds of asset that stand on paper alone and say where addresses lie."""


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """The filed ranges of no unit that a part's verdicts cite: ids of their captures, and the assets these are of."""

    captures: frozenset[str] = frozenset()
    assets: frozenset[str] = frozenset()


class _Cited(msgspec.Struct):
    capture: str


class _Verdict(msgspec.Struct):
    evidence: tuple[_Cited, ...]


def address_plan(store: Store, assets: set[str]) -> AddressPlan:
    """Find the filed ranges that are no unit's own, as a cloud's are, and are cited by the verdicts of these assets."""
    marks = ", ".join("?" * len(PLAN))
    rows = store.rows(f"SELECT id, asset FROM capture WHERE unit = '' AND kind IN ({marks})", PLAN)  # noqa: S608  # marks
    filed = {row["id"]: row["asset"] for row in rows if row["asset"] not in assets}
    if not filed:
        return AddressPlan()
    decoder = msgspec.json.Decoder(_Verdict)
    cited = {
        one.capture
        for row in store.rows("SELECT asset, body FROM verdict")
        if row["asset"] in assets
        for one in decoder.decode(row["body"]).evidence
        if one.capture in filed
    }
    return AddressPlan(frozenset(cited), frozenset(filed[one] for one in cited))


def resting_elsewhere(packed: Path, identities: bytes, verdicts: Path, inputs: Inputs, judged_at: str) -> bytes:
    """List the verdicts that do not come out alike from the packed originals alone, as JSON Lines; empty where all do.

    They join what others' originals say, which a part does not hold. `packed` stands in a folder that takes our files.
    """
    folder = packed.parent / "alone"
    workspace = Workspace(folder, SettingsFile())
    workspace.identities.parent.mkdir(parents=True)
    workspace.identities.write_bytes(identities)
    segment = folder / "captures" / f"000001{SUFFIX}"
    segment.parent.mkdir()
    segment.symlink_to(packed.resolve())
    places = verdicts_that_differ(_lines(verdicts), judge_again(workspace, inputs, moment(judged_at)))
    return b"".join(
        json.dumps({"asset": asset, "control": control}).encode() + b"\n" for control, asset in sorted(places)
    )


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file
