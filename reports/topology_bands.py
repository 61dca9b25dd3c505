"""Puts what stands in bands into order and apart: few crossings, everything near what it is linked to, whole numbers only."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SWEEPS = 6
LANE = 9
"""What a line takes that passes through a band."""


@dataclass(slots=True, eq=False)
class Item:
    """A box, a list, or a line on its way through a band.

    `x` is its centre, `margin` what it keeps free on either side, `anchor` how far from its centre it hangs on what is above.
    """

    width: int
    margin: int
    band: int
    x: int = 0
    anchor: int = 0
    up: list["Item"] = field(default_factory=list)
    down: list["Item"] = field(default_factory=list)


@dataclass(slots=True)
class Bands:
    """The bands from the top. `fixed` are those whose order is not to be changed."""

    rows: list[list[Item]]
    fixed: frozenset[int]

    def thread(self, upper: Item, lower: Item) -> list[Item]:
        """Link two items of different bands through lanes of all bands between; gives the way from the upper one down."""
        way = [upper]
        for number in range(upper.band + 1, lower.band):
            lane = Item(LANE, 0, number)
            # Lanes start beside their upper end; the sweeps sort the rest.
            self.rows[number].append(lane)
            way.append(lane)
        way.append(lower)
        for above, below in pairwise(way):
            above.down.append(below)
            below.up.append(above)
        return way

    def arrange(self) -> None:
        """Order every band and give every item its place; the leftmost edge becomes 0."""
        for row in self.rows:
            _pack(row)
        best, fewest = [list(row) for row in self.rows], self._crossings()
        for step in range(SWEEPS):
            downwards = step % 2 == 0
            numbers = range(1, len(self.rows)) if downwards else range(len(self.rows) - 2, -1, -1)
            for number in numbers:
                self._reorder(number, downwards=downwards)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
        self.rows[:] = best
        # No band grows wider than the widest has to be.
        widest = max(map(_pack, self.rows), default=0)
        for step in range(SWEEPS):
            upwards = step % 2 == 0
            for row in self.rows[::-1] if upwards else self.rows:
                _settle(row, [_wanted(item, item.down if upwards else item.up) for item in row], widest)
        left = min((item.x - item.width // 2 - item.margin for row in self.rows for item in row), default=0)
        for row in self.rows:
            for item in row:
                item.x -= left

    def _reorder(self, number: int, *, downwards: bool) -> None:
        row = self.rows[number]
        wanted = {id(item): _wanted(item, item.up if downwards else item.down) for item in row}
        if number in self.fixed:
            # Only the lanes move: each to the gap that is nearest to where it wants to be.
            solid = [item for item in row if item.margin]
            lanes = sorted((item for item in row if not item.margin), key=lambda item: wanted[id(item)])
            centres = [item.x for item in solid]
            gaps: list[list[Item]] = [[] for _ in range(len(solid) + 1)]
            for lane in lanes:
                gaps[bisect_right(centres, wanted[id(lane)])].append(lane)
            row[:] = [
                one for gap, item in zip(gaps, [*solid, None], strict=True) for one in [*gap, *([item] if item else [])]
            ]
        else:
            row.sort(key=lambda item: wanted[id(item)])
        _pack(row)

    def _crossings(self) -> int:
        total = 0
        for row in self.rows:
            seen: list[int] = []
            for item in sorted(row, key=lambda item: item.x):
                below = sorted(other.x for other in item.down)
                total += sum(len(seen) - bisect_right(seen, x) for x in below)
                for x in below:
                    insort(seen, x)
        return total


def _wanted(item: Item, others: Sequence[Item]) -> int:
    if not others:
        return item.x
    return sum(other.x + other.anchor for other in others) // len(others) - item.anchor


def _apart(left: Item, right: Item) -> int:
    return left.width // 2 + (right.width + 1) // 2 + max(left.margin, right.margin, 0)


def _pack(row: Iterable[Item]) -> int:
    """Put a band's items side by side, their middle at 0; gives how far it is from the first to the last."""
    items = list(row)
    x = 0
    for number, item in enumerate(items):
        x += _apart(items[number - 1], item) if number else 0
        item.x = x
    for item in items:
        item.x -= x // 2
    return x


def _settle(row: Sequence[Item], wanted: Sequence[int], widest: int) -> None:
    """Bring items as near to where they want to be as their order and width allow (pooled neighbours share the loss)."""
    offsets: list[int] = []
    for number, item in enumerate(row):
        offsets.append(offsets[-1] + _apart(row[number - 1], item) if number else 0)
    pools: list[tuple[int, int]] = []  # sum, count
    for want, offset in zip(wanted, offsets, strict=True):
        total, count = want - offset, 1
        while pools and pools[-1][0] * count >= total * pools[-1][1]:
            before, members = pools.pop()
            total, count = total + before, count + members
        pools.append((total, count))
    number = 0
    for total, count in pools:
        for _ in range(count):
            row[number].x = min(max(total // count, -widest // 2), widest // 2 - offsets[-1]) + offsets[number]
            number += 1
