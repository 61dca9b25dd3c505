"""What holds between the rows of ledgers: a name is used once, and no address lies in ranges of two kinds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from inventories.ledger_headings import Problem
from inventories.ledger_reading import Filed
from inventories.ledger_words import plain
from inventories.ranges import Range, read_range
from xunyan.errors import InputError
from xunyan.names import shown
from xunyan.wording import Text

SHARED = "shared-platform"


@dataclass(frozen=True, slots=True)
class Lying:
    """One range of addresses: its network, its kind, and the row that files it or how a message names one filed before."""

    network: str
    span: Range
    kind: str
    place: Text
    row: Filed | None = None


def repeated(rows: Iterable[Filed]) -> list[Problem]:
    """Find rows that speak of what another row speaks of."""
    seen: dict[tuple[str, ...], Filed] = {}
    found: list[Problem] = []
    for row in rows:
        key = _SAME.get(row.table.id, _by_name)(row)
        before = seen.setdefault((row.table.id, *key), row)
        if before is not row and row.name:
            name = shown(row.name)
            what = Text(f"“{name}”与{before.place.zh}重复", f"{name!r} is in {before.place.en} already")
            found.append(row.problem(row.table.name, what))
    return found


def overlapping(ranges: Iterable[Lying]) -> list[Problem]:
    """Find returned ranges that share addresses with one of another kind in their network.

    A part of a larger range is fine, and so is a shared platform, which lies inside a cloud or a room.
    """
    found: list[Problem] = []
    active: list[Lying] = []
    for one in sorted(ranges, key=lambda own: (own.network, own.span.version, own.span.first, -own.span.last)):
        active = [
            other
            for other in active
            if (other.network, other.span.version) == (one.network, one.span.version)
            and other.span.last >= one.span.first
        ]
        for other in active:
            later, earlier = (one, other) if one.row is not None else (other, one)
            if later.row is not None and one.kind != other.kind and not _may_lie(one, other):
                what = Text(
                    f"与{earlier.place.zh}的 {shown(earlier.span.text)} 重叠而类别不同",
                    f"overlaps {shown(earlier.span.text)} of {earlier.place.en}, which is of another kind",
                )
                found.append(later.row.problem("range", what))
        active.append(one)
    return found


def _may_lie(one: Lying, other: Lying) -> bool:
    """Tell whether a range may share addresses with one of another kind: as a part that says more precisely what is there."""
    span, whole = (one.span.first, one.span.last), (other.span.first, other.span.last)
    part = span != whole and whole[0] <= span[0] and span[1] <= whole[1]
    return part or SHARED in (one.kind, other.kind)


def lying(row: Filed) -> Lying | None:
    """Give the range that a row files; None where it has none that can be read, which was told already."""
    span = span_of(row.columns.get("range", ""))
    kind = row.columns.get("kind", "")
    return Lying(row.columns.get("network", ""), span, kind, row.place, row) if span is not None and kind else None


def span_of(text: str) -> Range | None:
    """Read a filed range."""
    try:
        return read_range(text) if text else None
    except InputError:
        return None


def mapped(rows: Iterable[Filed]) -> list[Problem]:
    """Find ranges of several addresses that are said to stand for one."""
    several = Text(
        "写了映射地址的，地址段应是单个地址，一个一行",
        "a row with an inner address is of one published address; write one row for each",
    )
    found = []
    for row in rows:
        span = span_of(row.columns.get("range", ""))
        if row.table.id == "ranges" and row.columns.get("maps_to") and span is not None and span.first != span.last:
            found.append(row.problem("maps_to", several))
    return found


def _by_name(row: Filed) -> tuple[str, ...]:
    return (plain(row.name),)


def _by_span(row: Filed) -> tuple[str, ...]:
    span = span_of(row.columns.get("range", ""))
    where = row.columns.get("network", "")
    return (where, f"{span.version} {span.first} {span.last}" if span is not None else row.name)


_SAME: Mapping[str, Callable[[Filed], tuple[str, ...]]] = {
    "endpoints": lambda row: (row.columns.get("network", ""), row.name),
    "ranges": _by_span,
    "exemptions": lambda row: (plain(row.columns.get("control", "")), plain(row.name)),
}
"""Table -> what tells its rows apart; by default their names, however they are spaced."""
