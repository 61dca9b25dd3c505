"""From the order of things to lines with corners: ports on boxes, tracks above bands, the height of every channel."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from reports.topology_bands import Item
from reports.topology_lists import EDGE, STUB, Listed, Placed, by_parent, middle
from reports.topology_shapes import Box, Frame, Geometry, Line, Plan, Point, Way

MARGIN = 12
TRACK = 14
SLIM, SLOPE, DEEP = 34, 8, 120
"""A channel between bands is at least so high, higher the farther its lines go aside, but not without end."""

SIDE = 9
"""Between parallel links of neighbours."""


Frames = Callable[[Listed, int, int], Iterator[Frame]]


def drawn_ways(known: Geometry, ways: Sequence[Way], frames: Frames) -> Plan:
    """Give every box, line and trunk its coordinates."""
    return _Drawing(known, ways, frames).plan()


class _Drawing:
    def __init__(self, known: Geometry, ways: Sequence[Way], frames: Frames) -> None:
        self.known, self.ways, self.frames = known, ways, frames
        self.list_of = {id(item): one for one, item in known.lists}
        self.solid: dict[int, int] = {}
        for row in known.bands.rows:
            for number, item in enumerate(one for one in row if one.margin):
                self.solid[id(item)] = number
        self.over = [number for number, way in enumerate(ways) if self._is_over(number, way)]
        self.ports = self._ports()
        self.tracks = self._tracks()
        self.tops, self.bottoms = self._heights()

    def plan(self) -> Plan:
        lines: list[Line] = []
        trunks: list[tuple[Point, ...]] = []
        boxes = [
            Box(node, Frame(self._left(item), self.tops[item.band], item.width, self.known.box), None)
            for node, item in self.known.places.items()
        ]
        framed: list[Frame] = []
        beside: dict[tuple[int, int], int] = {}
        together = self._together()
        for number, way in enumerate(self.ways):
            if way.number is not None and way.items[0].band == way.items[-1].band and number not in self.tracks:
                lines.append(self._beside(way.number, way, beside, together))
                continue
            points = self._points(number, way)
            if way.trunk is not None:
                trunks.append(points)
            elif way.number is not None:
                lines.append(Line(way.number, points, short=False))
        for one, item in self.known.lists:
            x, y = self._left(item), self.tops[item.band]
            framed += self.frames(one, x, y)
            boxes += [
                Box(row.row.id, Frame(x + row.x, y + row.y, row.width, row.height), row.row.parent) for row in one.rows
            ]
            lines += self._pieces(one, x, y)
            trunks += self._combs(one, x, y)
        right = max((p[0] for line in lines for p in line.points), default=0)
        right = max([right, *(box.frame.x + box.frame.width for box in boxes)], default=0)
        return Plan(
            right + MARGIN,
            max(self.bottoms, default=0) + MARGIN,
            tuple(boxes),
            tuple(sorted(lines, key=lambda line: (line.number, line.points))),
            tuple(trunks),
            tuple(framed),
        )

    def _is_over(self, number: int, way: Way) -> bool:
        first, last = way.items[0], way.items[-1]
        if first.band != last.band:
            return False
        near = abs(self.solid[id(first)] - self.solid[id(last)]) == 1
        lists = id(first) in self.list_of or id(last) in self.list_of
        return lists or not near or self._parallel(number, way) * SIDE > self.known.box - 4

    def _parallel(self, number: int, way: Way) -> int:
        """Count the ways beside each other that come before this one, and itself."""
        ends = {id(way.items[0]), id(way.items[-1])}
        return 1 + sum(
            {id(one.items[0]), id(one.items[-1])} == ends for one in self.ways[:number] if len(one.items) == 2
        )

    def _ports(self) -> dict[tuple[int, bool, int], int]:
        """Spread the ends of ways over the upper (True) and lower sides of boxes, in the order of where they go."""
        wanted: dict[tuple[int, bool], list[tuple[int, int]]] = {}
        items: dict[int, Item] = {}
        for number, way in enumerate(self.ways):
            first, last = way.items[0], way.items[-1]
            same = first.band == last.band
            if same and number not in self.over:
                continue
            for item, upper, towards in ((first, same, way.items[1]), (last, True, way.items[-2])):
                if id(item) not in self.list_of:
                    items[id(item)] = item
                    wanted.setdefault((id(item), upper), []).append((towards.x, number))
        ports = {}
        for (key, upper), ends in wanted.items():
            item = items[key]
            for place, (_, number) in enumerate(sorted(ends), start=1):
                ports[key, upper, number] = self._left(item) + item.width * place // (len(ends) + 1)
        return ports

    def _port(self, item: Item, lane: str, number: int, *, upper: bool) -> int:
        one = self.list_of.get(id(item))
        if one is None:
            return self.ports.get((id(item), upper, number), item.x + MARGIN)
        return self._left(item) + (EDGE if lane == "<" else one.lanes[lane])

    def _tracks(self) -> dict[int, int]:
        """Give every way above its own band a track, the short ones nearest to the boxes."""
        spans = []
        for number in self.over:
            way = self.ways[number]
            ends = [
                self._port(way.items[0], way.first, number, upper=True),
                self._port(way.items[-1], way.last, number, upper=True),
            ]
            spans.append((max(ends) - min(ends), way.items[0].band, min(ends), max(ends), number))
        taken: dict[tuple[int, int], list[tuple[int, int]]] = {}
        tracks = {}
        for _, band, left, right, number in sorted(spans):
            track = 0
            while any(left <= end and start <= right for start, end in taken.get((band, track), ())):
                track += 1
            taken.setdefault((band, track), []).append((left, right))
            tracks[number] = track
        return tracks

    def _heights(self) -> tuple[list[int], list[int]]:
        rows = self.known.bands.rows
        aside = [0] * len(rows)
        for number, way in enumerate(self.ways):
            xs = [self._port(way.items[0], way.first, number, upper=False)] if number not in self.tracks else []
            xs += [item.x + MARGIN for item in way.items[1:-1]]
            xs.append(self._port(way.items[-1], way.last, number, upper=True))
            for item, left, right in zip(way.items[1:], xs, xs[1:], strict=False):
                aside[item.band] = max(aside[item.band], abs(right - left))
        tracks = [0] * len(rows)
        for number, track in self.tracks.items():
            band = self.ways[number].items[0].band
            tracks[band] = max(tracks[band], track + 1)
        tops, bottoms = [], []
        y = MARGIN
        for number, row in enumerate(rows):
            if number:
                y += min(SLIM + aside[number] // SLOPE, DEEP)
            y += TRACK * tracks[number]
            tops.append(y)
            tall = [
                self.list_of[id(item)].height if id(item) in self.list_of else self.known.box
                for item in row
                if item.margin
            ]
            y += max(tall, default=0)
            bottoms.append(y)
        return tops, bottoms

    def _points(self, number: int, way: Way) -> tuple[Point, ...]:
        first, last = way.items[0], way.items[-1]
        if number in self.tracks:
            left = self._port(first, way.first, number, upper=True)
            right = self._port(last, way.last, number, upper=True)
            y = self.tops[first.band] - TRACK * (self.tracks[number] + 1) + 2
            middle_part: list[Point] = [(left, y), (right, y)]
            start: list[Point] = [(left, self.tops[first.band])]
        else:
            x = self._port(first, way.first, number, upper=False)
            start = [(x, self.bottoms[first.band])]
            middle_part = [
                (item.x + MARGIN, y)
                for item in way.items[1:-1]
                for y in (self.tops[item.band], self.bottoms[item.band])
            ]
            right = self._port(last, way.last, number, upper=True)
        return tuple(
            self._into(first, way.first, way.number)[::-1]
            + start
            + middle_part
            + [(right, self.tops[last.band])]
            + self._into(last, way.last, way.number)
        )

    def _into(self, item: Item, lane: str, number: int | None) -> list[Point]:
        """Go on inside a list: a trunk down to the last row that it serves, a link to its own row."""
        one = self.list_of.get(id(item))
        if one is None:
            return []
        left, top = self._left(item), self.tops[item.band]
        if number is None:
            served = [row for row in one.rows if (row.row.depth == 0 if lane == "<" else self._serves(row, lane))]
            ends = [self._ends(row, lane) for row in served]
            return [(left + (EDGE if lane == "<" else one.lanes[lane]), top + max(ends, default=0))]
        row = next(row for row in one.rows if number in row.right)
        y = top + middle(row, row.right.index(number))
        return [(left + one.lanes[lane], y), (left + row.x + row.width, y)]

    def _serves(self, row: Placed, lane: str) -> bool:
        return any(self.known.hung.lane_of[number] == lane for number in row.right)

    def _ends(self, row: Placed, lane: str) -> int:
        if lane == "<":
            return middle(row, len(row.left) - 1)
        return max(
            middle(row, place) for place, number in enumerate(row.right) if self.known.hung.lane_of[number] == lane
        )

    def _together(self) -> dict[tuple[int, int], int]:
        counted: dict[tuple[int, int], int] = {}
        for number, way in enumerate(self.ways):
            if len(way.items) == 2 and way.items[0].band == way.items[1].band and number not in self.tracks:
                key = self._pair(way)
                counted[key] = counted.get(key, 0) + 1
        return counted

    def _pair(self, way: Way) -> tuple[int, int]:
        left, right = sorted(way.items, key=lambda item: item.x)
        return id(left), id(right)

    def _beside(
        self, link: int, way: Way, used: dict[tuple[int, int], int], together: Mapping[tuple[int, int], int]
    ) -> Line:
        left, right = sorted(way.items, key=lambda item: item.x)
        key = self._pair(way)
        place = used[key] = used.get(key, -1) + 1
        y = self.tops[left.band] + self.known.box // 2 + SIDE * place - SIDE * (together[key] - 1) // 2
        return Line(link, ((self._left(left) + left.width, y), (self._left(right), y)), short=False)

    def _pieces(self, one: Listed, x: int, y: int) -> Iterator[Line]:
        """Give the links of rows to their trunks, and those between rows of this list."""
        seen = set()
        for row in one.rows:
            start = x + row.x
            trunk = start - STUB
            for place, number in enumerate(row.left):
                at = y + middle(row, place)
                yield Line(number, ((trunk, at), (start, at)), short=True)
            for place, number in enumerate(row.right):
                at = y + middle(row, place)
                lane = self.known.hung.lane_of[number]
                if lane.startswith("="):
                    yield Line(number, ((x + row.x + row.width, at), (x + one.lanes[lane], at)), short=True)
                elif number in seen:
                    other = next(before for before in one.rows if number in before.right)
                    up = y + middle(other, other.right.index(number))
                    turn = x + one.lanes[lane]
                    yield Line(
                        number,
                        ((x + other.x + other.width, up), (turn, up), (turn, at), (x + row.x + row.width, at)),
                        short=False,
                    )
                seen.add(number)

    def _combs(self, one: Listed, x: int, y: int) -> Iterator[tuple[Point, ...]]:
        rows = {row.row.id: row for row in one.rows}
        for parent, below in by_parent(one.rows).items():
            above = rows[parent]
            left = x + below[0].x - STUB
            yield ((left, y + above.y + above.height), (left, y + middle(below[-1], len(below[-1].left) - 1)))

    def _left(self, item: Item) -> int:
        return item.x - item.width // 2 + MARGIN
