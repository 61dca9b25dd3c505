"""Lists of what hangs on one thing: rows under each other, each linked from the left, every further link to the right."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reports.topology_tree import Row

PITCH = 22
BOX = 18
STUB = 36
INDENT = 10 + STUB
"""A list's own lines: the height of a link, of a box, the length of a link, how far what hangs deeper is moved in."""

LANE = 7
EDGE = 6


@dataclass(frozen=True, slots=True)
class Placed:
    """One row where it stands in its list: corner and size, its links to the left, and those to the right."""

    row: Row
    x: int
    y: int
    width: int
    height: int
    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(slots=True)
class Listed:
    """One list. `lanes` are the x of lines that leave it to the right, by what they lead to (`!n`: link n alone)."""

    parent: str
    rows: list[Placed]
    width: int
    height: int
    lanes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hung:
    """What is known of links in lists: those to what a row hangs on, and all others, by row; where the others lead."""

    left: Mapping[str, Sequence[int]]
    right: Mapping[str, Sequence[int]]
    lane_of: Mapping[int, str]

    def slots(self, row: Row) -> int:
        """Count the lines' heights that a row takes, so that parallel links lie apart."""
        return max(1, len(self.left.get(row.id, ())), len(self.right.get(row.id, ())))


def listed(parent: str, rows: Sequence[Row], hung: Hung, room: Callable[[Row], int]) -> Listed:
    """Lay out one list; `room` says how wide the box of a row is to be."""
    placed = []
    y = 0
    for row in rows:
        slots = hung.slots(row)
        x = EDGE + (STUB if parent else 0) + INDENT * row.depth
        left, right = tuple(hung.left.get(row.id, ())), tuple(hung.right.get(row.id, ()))
        placed.append(Placed(row, x, y, room(row), BOX + PITCH * (slots - 1), left, right))
        y += PITCH * slots
    edge = max(one.x + one.width for one in placed)
    keys = dict.fromkeys(hung.lane_of[number] for one in placed for number in one.right)
    first = edge + STUB
    lanes = {key: first + LANE * number for number, key in enumerate(keys)}
    return Listed(parent, placed, (first + LANE * len(lanes) if lanes else edge) + EDGE, y, lanes)


def columns(forest: Iterable[Sequence[Row]], hung: Hung, longest: int) -> Iterator[list[Row]]:
    """Cut what hangs on one thing into lists of at most so many lines; a row stays with what hangs on it."""
    column: list[Row] = []
    used = 0
    for tree in forest:
        size = sum(map(hung.slots, tree))
        if column and used + size > longest:
            yield column
            column, used = [], 0
        column += tree
        used += size
    if column:
        yield column


def middle(one: Placed, number: int) -> int:
    """Give the y of a row's link, counted from its top one."""
    return one.y + BOX // 2 + PITCH * number


def by_parent(rows: Iterable[Placed]) -> Mapping[str, list[Placed]]:
    """Give the rows of a list by the row that they hang on."""
    below: dict[str, list[Placed]] = defaultdict(list)
    for one in rows:
        if one.row.depth:
            below[one.row.parent].append(one)
    return below
