"""Where everything of a topology picture stands: boxes, the lines between them, and the trunks that lists hang on.

Lines between bands run in the free channels and lanes only, so none passes through the box of a stranger. All numbers are
whole: equal networks give equal pictures on every machine.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from reports.model import Edge, Node
from reports.topology_bands import Bands, Item
from reports.topology_lists import EDGE, Hung, Listed, columns, listed
from reports.topology_routes import drawn_ways
from reports.topology_shapes import Frame, Geometry, Plan, Way
from reports.topology_text import TAB, width
from reports.topology_tree import Row, Skeleton, skeleton

PAPERS = {"A4": (1440, 880), "A3": (2080, 1300), "A2": (2990, 1940), "A1": (4270, 2840), "A0": (6080, 4120)}
"""What fits on a sheet of paper, lying, with text of 8 px."""

SHARES = (100, 70)
"""How much of the paper's width is filled, in percent, before a band goes on in the next: lines take room as well."""

NEAR, FAR = 850, 400
NARROWEST = 84
WIDTHS = (150, 128, 108, 96)
"""How wide the box of a list's row may be, tried in this order."""

PADDING = 16
HEIGHT = 34
GAP, LINK_GAP = 20, 60
"""Between boxes of a band; between those of a band with links between them, which need room for marks and numbers."""

LIST_GAP = 16
PORT = 6
LENGTHS = {"A4": (14, 20, 26, 30), "A3": (14, 30, 40, 48), "A2": (30, 74), "A1": (118,), "A0": (170,)}
"""How long lists may be, tried in this order."""


def plan(nodes: Sequence[Node], edges: Sequence[Edge]) -> Plan:
    """Place a network whose nodes and edges are in the order to keep, on the smallest paper on which it can be read."""
    near: dict[str, set[str]] = {node.id: set() for node in nodes}
    for edge in edges:
        if edge.a != edge.b:
            near[edge.a].add(edge.b)
            near[edge.b].add(edge.a)
    network = _Network(
        {node.id: node for node in nodes}, edges, {one: frozenset(others) for one, others in near.items()}
    )
    trees = [skeleton(nodes, network.near, flat=flat) for flat in (False, True)]
    if trees[0] == trees[1]:
        trees.pop()
    best = Plan()
    hoped = 1000
    for paper, page in PAPERS.items():
        if hoped < FAR and paper != "A0":
            hoped = hoped * 1414 // 1000
            continue
        # Where not even what takes least room comes near, the other ways are not worth their time.
        least = [_Try(page, WIDTHS[-1], LENGTHS[paper][-1], share) for share in SHARES]
        made = [_Planning(network, tree, tried).plan() for tried in least for tree in trees]
        best = replace(max(made, key=lambda one: _fit(one, page)), paper=paper)
        hoped = _fit(best, page) * 1414 // 1000
        if _fit(best, page) < NEAR:
            continue
        for tree, share, widest, length in product(trees, SHARES, WIDTHS, LENGTHS[paper]):
            one = _Planning(network, tree, _Try(page, widest, length, share)).plan()
            if _fit(one, page) >= 1000:
                return replace(one, paper=paper)
    return best


def _fit(made: Plan, page: tuple[int, int]) -> int:
    """Say at which scale a plan fits a page, in thousandths."""
    return min(page[0] * 1000 // max(made.width, 1), page[1] * 1000 // max(made.height, 1))


@dataclass(frozen=True, slots=True)
class _Network:
    of: Mapping[str, Node]
    edges: Sequence[Edge]
    near: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Try:
    page: tuple[int, int]
    widest: int
    length: int
    share: int

    @property
    def room(self) -> int:
        return self.page[0] * self.share // 100


@dataclass(slots=True, eq=False)
class _Planning:
    network: _Network
    tree: Skeleton
    tried: _Try
    places: dict[str, Item] = field(default_factory=dict)
    lists: list[tuple[Listed, Item]] = field(default_factory=list)

    def plan(self) -> Plan:
        hung = self._hung()
        rows, core = self._standing()
        rows += self._shelves(hung, len(rows))
        bands = Bands(rows, frozenset(core))
        ways = list(self._ways(bands, hung))
        bands.arrange()
        return drawn_ways(Geometry(bands, self.places, self.lists, hung, HEIGHT), ways, self._frames)

    def _hung(self) -> Hung:
        rows = {row.id: row for forest in self.tree.lists.values() for one in forest for row in one}
        left: dict[str, list[int]] = {}
        right: dict[str, list[int]] = {}
        lane_of: dict[int, str] = {}
        for number, edge in enumerate(self.network.edges):
            if edge.a == edge.b:
                continue
            for one, other in ((edge.a, edge.b), (edge.b, edge.a)):
                if one in rows and rows[one].parent == other:
                    left.setdefault(one, []).append(number)
                    break
            else:
                for one, other in ((edge.a, edge.b), (edge.b, edge.a)):
                    if one in rows:
                        right.setdefault(one, []).append(number)
                        lane_of[number] = f"!{number}" if other in rows else f"={other}"
        return Hung(left, right, lane_of)

    def _standing(self) -> tuple[list[list[Item]], list[int]]:
        """Make the bands of boxes; a layer too wide for the page goes on in the next band, the core as a snake."""
        rows: list[list[Item]] = []
        core: list[int] = []
        standing = {one for layer in self.tree.layers for one in layer}
        for number, layer in enumerate(self.tree.layers):
            linked = self._linked(layer)
            gap = LINK_GAP if linked else GAP
            made: list[list[Item]] = [[]]
            used = 0
            for one in layer:
                wide = max(self._room(one), PORT * len(self.network.near[one] & standing))
                if made[-1] and used + wide + gap > self.tried.room:
                    made.append([])
                    used = 0
                used += wide + gap
                item = Item(wide, gap, len(rows) + len(made) - 1)
                self.places[one] = item
                made[-1].append(item)
            if number == self.tree.core:
                core = list(range(len(rows), len(rows) + len(made))) if linked else []
                for odd in made[1::2]:
                    odd.reverse()
            rows += made
        return rows, core

    def _shelves(self, hung: Hung, first: int) -> list[list[Item]]:
        shelves: list[list[Item]] = [[]]
        used = 0
        order = [one for layer in self.tree.layers for one in layer] + [""]
        for parent in order:
            for column in columns(self.tree.lists.get(parent, ()), hung, self.tried.length):
                one = listed(parent, column, hung, self._row_room)
                if shelves[-1] and used + one.width > self.tried.room:
                    shelves.append([])
                    used = 0
                used += one.width + LIST_GAP
                item = Item(one.width, LIST_GAP, first + len(shelves) - 1, anchor=EDGE - one.width // 2)
                self.lists.append((one, item))
                shelves[-1].append(item)
        return shelves if shelves[0] else []

    def _ways(self, bands: Bands, hung: Hung) -> Iterator[Way]:
        """Give all ways between the things of the bands: trunks of lists, and links that go alone."""
        held = {placed.row.id: number for number, (one, _) in enumerate(self.lists) for placed in one.rows}
        for number, (one, item) in enumerate(self.lists):
            if one.parent:
                yield self._way(bands, (self.places[one.parent], ""), (item, "<"), None, number)
            for key in one.lanes:
                if key.startswith("="):
                    yield self._way(bands, (self.places[key[1:]], ""), (item, key), None, number)
        for number, edge in enumerate(self.network.edges):
            if edge.a == edge.b:
                continue
            if edge.a in self.places and edge.b in self.places:
                yield self._way(bands, (self.places[edge.a], ""), (self.places[edge.b], ""), number, None)
            elif hung.lane_of.get(number, "").startswith("!"):
                first, second = held[edge.a], held[edge.b]
                key = f"!{number}"
                if first != second:
                    yield self._way(bands, (self.lists[first][1], key), (self.lists[second][1], key), number, None)

    @staticmethod
    def _way(
        bands: Bands, one: tuple[Item, str], other: tuple[Item, str], number: int | None, trunk: int | None
    ) -> Way:
        if one[0].band == other[0].band:
            return Way([one[0], other[0]], one[1], other[1], number, trunk)
        upper, lower = (one, other) if one[0].band < other[0].band else (other, one)
        return Way(bands.thread(upper[0], lower[0]), upper[1], lower[1], number, trunk)

    def _frames(self, one: Listed, x: int, y: int) -> Iterator[Frame]:
        """Give the frames of rows in a row that are of one unit."""
        start = 0
        for number in range(1, len(one.rows) + 1):
            unit = self.network.of[one.rows[start].row.id].unit
            if number < len(one.rows) and self.network.of[one.rows[number].row.id].unit == unit:
                continue
            run = one.rows[start:number]
            if unit and len(run) > 1:
                left, right = min(row.x for row in run), max(row.x + row.width for row in run)
                yield Frame(x + left - 4, y + run[0].y - 2, right - left + 8, run[-1].y + run[-1].height - run[0].y + 4)
            start = number

    def _linked(self, layer: Sequence[str]) -> bool:
        inside = set(layer)
        return any(self.network.near[one] & inside for one in layer)

    def _room(self, one: str) -> int:
        node = self.network.of[one]
        return min(max(width(node.label), width(node.unit), NARROWEST - PADDING) + PADDING + _tab(node), WIDTHS[0])

    def _row_room(self, row: Row) -> int:
        node = self.network.of[row.id]
        words = node.label if node.unit in node.label else f"{node.unit} {node.label}"
        return min(max(width(words) + PADDING + _tab(node), NARROWEST), self.tried.widest)


def _tab(node: Node) -> int:
    return 0 if node.kind in ("device", "unit") else TAB
