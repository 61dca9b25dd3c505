"""Finds places for marks and numbers of links where nothing else stands."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from reports.topology_shapes import Frame, Line
from reports.topology_text import SIZE

Spot = tuple[int, int]
CELL = 64
SIGN = 6
TALL = SIZE + 2
"""What a number takes in height."""

SHARES = (8, 6, 10, 4, 12, 7, 9, 5, 11, 3, 13, 2, 14)
"""Where along a piece a mark may stand, in sixteenths, the middle first."""


class Marks:
    """What is taken so far; every place that is given out is taken from then on."""

    def __init__(self, taken: Iterable[Frame]) -> None:
        self._cells: dict[Spot, list[Frame]] = defaultdict(list)
        for frame in taken:
            self._take(frame)

    def place(self, line: Line, wide: int, *, sign: bool) -> tuple[Spot | None, Frame | None]:
        """Give a place for a link's sign (None where it has none) and for its number (None where there is no room)."""
        if line.short:
            return self._short(line, wide, sign=sign)
        spot = None
        if sign:
            spots = [one for one, _ in _along(line)]
            spot = next((one for one in spots if self._free(_around(one))), spots[0])
            self._take(_around(spot))
        for one, level in _along(line):
            for frame in _beside(one, wide, level=level):
                if self._free(frame):
                    self._take(frame)
                    return spot, frame
        return spot, None

    def _short(self, line: Line, wide: int, *, sign: bool) -> tuple[Spot | None, Frame | None]:
        (start, y), (end, _) = line.points
        # Pieces to the left end at their box, those to the right begin there.
        onward = self._taken_at(start, y)
        spot = (start + 8 if onward else end - 8, y)
        frame = Frame(start + 15 if onward else end - 15 - wide, y - TALL - 1, wide, TALL)
        self._take(frame)
        if sign:
            self._take(_around(spot))
        return (spot if sign else None), frame

    def _taken_at(self, x: int, y: int) -> bool:
        return not self._free(Frame(x - 1, y, 1, 1))

    def _take(self, frame: Frame) -> None:
        for cell in _cells(frame):
            self._cells[cell].append(frame)

    def _free(self, frame: Frame) -> bool:
        return not any(_meet(frame, other) for cell in _cells(frame) for other in self._cells.get(cell, ()))


def _along(line: Line) -> Iterator[tuple[Spot, bool]]:
    """Give points of a line, those of its longest pieces first, and whether the line is level there."""
    pieces = list(zip(line.points, line.points[1:], strict=False))
    pieces.sort(key=lambda piece: -(abs(piece[1][0] - piece[0][0]) + abs(piece[1][1] - piece[0][1])))
    for share in SHARES:
        for (x, y), (right, below) in pieces[:3]:
            yield (x + (right - x) * share // 16, y + (below - y) * share // 16), y == below


def _around(spot: Spot) -> Frame:
    return Frame(spot[0] - SIGN, spot[1] - SIGN, 2 * SIGN, 2 * SIGN)


def _beside(spot: Spot, wide: int, *, level: bool) -> Iterator[Frame]:
    x, y = spot
    if level:
        yield Frame(x - wide // 2, y - TALL - 2, wide, TALL)
        yield Frame(x - wide // 2, y + 3, wide, TALL)
    else:
        yield Frame(x + 4, y - TALL // 2, wide, TALL)
        yield Frame(x - wide - 4, y - TALL // 2, wide, TALL)
        # Beside the line's own sign.
        yield Frame(x + SIGN + 2, y - TALL // 2, wide, TALL)
        yield Frame(x - wide - SIGN - 2, y - TALL // 2, wide, TALL)


def _cells(frame: Frame) -> Iterator[Spot]:
    for column in range(frame.x // CELL, (frame.x + frame.width) // CELL + 1):
        for row in range(frame.y // CELL, (frame.y + frame.height) // CELL + 1):
            yield column, row


def _meet(one: Frame, other: Frame) -> bool:
    return (
        one.x < other.x + other.width and other.x < one.x + one.width
        and one.y < other.y + other.height and other.y < one.y + one.height
    )  # fmt: skip
