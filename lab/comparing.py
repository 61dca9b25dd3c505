"""Holds what the product found against what a scenario says must be found: hits, misses, false alarms, area by area. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from lab.scenario.model import Expect, ExpectGap

CLEAN = frozenset({"satisfied", "not-applicable"})
NOTHING = "-"
"""What stands for no verdict at all, and for no expectation but that all is well."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One finding of the product: control, the key of the asset, its status."""

    control: str
    asset: str
    status: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A control and an asset of which something else was expected than came out."""

    control: str
    asset: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Area:
    """One area's counts: expectations and those that were met; findings that are not clean and those that were expected."""

    expected: int
    met: int
    found: int
    right: int

    @property
    def recall(self) -> float:
        """How much of what was expected was found; 1 where nothing was."""
        return self.met / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """How much of what was found was expected; 1 where nothing was found."""
        return self.right / self.found if self.found else 1.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it. `unread` are differences between who could not be read, and why, and what was expected of that."""

    areas: Mapping[str, Area] = field(default_factory=dict)
    missed: tuple[Difference, ...] = ()
    false_alarms: tuple[Difference, ...] = ()
    unread: tuple[Difference, ...] = ()
    verdicts: int = 0

    @property
    def total(self) -> Area:
        """The counts of all areas together."""
        areas = self.areas.values()
        return Area(*(sum(getattr(one, name) for one in areas) for name in ("expected", "met", "found", "right")))

    @property
    def exact(self) -> bool:
        """Whether everything came out as expected, and something was judged at all."""
        return not (self.missed or self.false_alarms or self.unread) and self.verdicts > 0


def compare(
    verdicts: Sequence[Verdict],
    expect: Sequence[Expect],
    assets: Iterable[str],
    *,
    gaps: Sequence[ExpectGap] = (),
    unread: Mapping[str, str] | None = None,
) -> Comparison:
    """Compare; `assets` are all that must have been judged, `unread` maps an asset that answered nothing to the reason.

    What is expected of no control by name must be clean. An expected status counts as met only by that status.
    """
    got = {(one.control, one.asset): one.status for one in verdicts}
    wanted = expectations(expect, got)
    missed = [
        Difference(control, asset, status, got.get((control, asset), NOTHING))
        for (control, asset), status in wanted.items()
        if got.get((control, asset)) != status
    ]
    judged = {one.asset for one in verdicts}
    missed += [Difference(NOTHING, asset, "judged", NOTHING) for asset in assets if asset not in judged]
    alarms = [
        Difference(one.control, one.asset, wanted.get((one.control, one.asset), NOTHING), one.status)
        for one in verdicts
        if one.status not in CLEAN and wanted.get((one.control, one.asset)) != one.status
    ]
    names = sorted({control.partition("/")[0] for control, _ in (*wanted, *got)})
    return Comparison(
        {name: _area(name, wanted, got) for name in names},
        tuple(missed),
        tuple(alarms),
        tuple(_unread(gaps, unread or {})),
        len(verdicts),
    )


def expectations(expect: Iterable[Expect], judged: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Map (control, asset) to the status expected; of two rows the later counts.

    `judged` are the verdicts there are, as (control, asset): a pattern of controls means those by which assets of the same
    kind were judged, a pattern of assets those that were judged. One that means nothing stands for itself, so that it is
    missed and not forgotten.
    """
    controls: dict[str, set[str]] = {}
    assets: dict[str, set[str]] = {}
    for control, asset in judged:
        controls.setdefault(_kind(asset), set()).add(control)
        assets.setdefault(_kind(asset), set()).add(asset)
    wanted: dict[tuple[str, str], str] = {}
    for row in expect:
        kind = _kind(str(row.asset))
        named = _meant(str(row.control), controls.get(kind, set()))
        wanted |= {
            (control, one): row.status for control in named for one in _meant(str(row.asset), assets.get(kind, set()))
        }
    return wanted


def _meant(pattern: str, there: Collection[str]) -> list[str]:
    """Give what is there of what a pattern means; where that is nothing, or it is no pattern, itself."""
    return [pattern] if pattern in there else [one for one in sorted(there) if fnmatchcase(one, pattern)] or [pattern]


def _kind(asset: str) -> str:
    """The kind of an asset as its key begins, of which every asset of that kind is judged by the same controls."""
    kind, colon, _ = asset.partition(":")
    return kind if colon else ""


def _area(name: str, wanted: Mapping[tuple[str, str], str], got: Mapping[tuple[str, str], str]) -> Area:
    own = {key: status for key, status in wanted.items() if key[0].partition("/")[0] == name}
    found = {key: status for key, status in got.items() if key[0].partition("/")[0] == name and status not in CLEAN}
    return Area(
        len(own),
        sum(got.get(key) == status for key, status in own.items()),
        len(found),
        sum(own.get(key) == status for key, status in found.items()),
    )


def _unread(gaps: Sequence[ExpectGap], unread: Mapping[str, str]) -> Iterator[Difference]:
    wanted = {str(one.asset): one.reason for one in gaps}
    for asset in sorted({*wanted, *unread}):
        if wanted.get(asset) != unread.get(asset):
            yield Difference("coverage", asset, wanted.get(asset, "read"), unread.get(asset, "read"))
