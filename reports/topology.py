"""Topology pictures: who is linked to whom, and over which of the links IPv6 works.

The layout is our own. grandalf, the layered layout in pure Python, may be had under GPL-2.0-only or EPL-1.0, neither of
which goes with our GPL-3.0-or-later; networkx lays out by numpy, in floats, and knows nothing of the size of labels;
pygraphviz needs a program beside it. What an access network asks for is little: layers from the core down
(topology_tree), their order (topology_bands), lists of what hangs on one device (topology_lists), and lines that keep
clear of boxes (topology_routes).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from reports.model import Edge, EdgeState, Node
from reports.topology_drawn import STATES, drawn
from reports.topology_plan import plan

__all__ = ["Edge", "Node", "TableRow", "TopologySection", "topology_section"]

Say = Callable[[str, str], str]
Lines = Sequence[tuple[Edge, tuple[int, ...]]]
"""Links to be drawn, each with the numbers of the links of the table that it stands for."""

MOST = 400
"""More nodes than these are not drawn one by one: each unit becomes one node."""

ORDER: tuple[EdgeState, ...] = ("v6-broken", "v4-only", "v6-only", "down", "unknown", "dual")
"""The order of the table: what needs work comes first."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One link as the table says it: its number in the picture, both ends with unit and interface, state, note."""

    number: int
    end_a: str
    end_b: str
    state: EdgeState
    word: str
    note: str


@dataclass(frozen=True, slots=True)
class TopologySection:
    """A picture with all that it shows in words.

    `paper` is the sheet, lying, on which it can be read; `alone`: nodes without a link; `remarks`: what the picture leaves out.
    """

    picture: Markup
    paper: str
    summary: str
    rows: tuple[TableRow, ...]
    alone: tuple[str, ...]
    remarks: tuple[str, ...]


def topology_section(nodes: Sequence[Node], edges: Sequence[Edge], say: Say, title: str = "") -> TopologySection | None:
    """Draw a network and put its links into words; None where there is nothing to draw. The order given makes no difference.

    An end that no node stands for becomes an unknown one. Raises ValueError where two different nodes have one id.
    """
    of = _known(nodes, edges)
    if not of:
        return None
    ordered = sorted(of.values(), key=lambda node: (node.unit, node.label, node.kind, node.id))
    place = {node.id: number for number, node in enumerate(ordered)}
    links = sorted(
        (edge if (place[edge.a], edge.label_a) <= (place[edge.b], edge.label_b) else _turned(edge) for edge in edges),
        key=lambda edge: (ORDER.index(edge.state), place[edge.a], place[edge.b], edge.label_a, edge.label_b, edge.note),
    )
    rows = tuple(_row(number, edge, of, say) for number, edge in enumerate(links, start=1))
    counted = Counter(edge.state for edge in links)
    summary = say(f"{len(ordered)} 个节点，{len(links)} 条线路", f"{len(ordered)} nodes, {len(links)} links")
    if links:
        summary += say("：", ": ") + say("，", ", ").join(
            f"{STATES[state].in_language(say('zh', 'en'))} {counted[state]}" for state in ORDER if counted[state]
        )
    remarks: list[str] = []
    shown: Sequence[Node] = ordered
    lines: Lines = [(edge, (number,)) for number, edge in enumerate(links, start=1)]
    if len(ordered) > MOST:
        shown, lines = _folded(ordered, lines, remarks, say)
    itself = sum(edge.a == edge.b for edge in links)
    if itself:
        remarks.append(
            say(
                f"两端在同一设备上的线路 {itself} 条只列在表里。",
                f"{itself} links from a node to itself stand in the table only.",
            )
        )
    captions = [_caption(numbers, rows) for _, numbers in lines]
    placed = plan(shown, [edge for edge, _ in lines])
    picture, without = drawn(
        placed,
        {node.id: node for node in shown},
        [edge.state for edge, _ in lines],
        captions,
        (f"{title or say('网络拓扑', 'network topology')}{say('：', ': ')}{summary}", _description(say)),
        say,
    )
    if without:
        remarks.append(
            say(
                f"{without} 条线路旁没有地方写编号，指着线可以看到。",
                f"{without} links have no room for a number; point at them to see it.",
            )
        )
    linked = {end for edge in links for end in (edge.a, edge.b) if edge.a != edge.b}
    alone = tuple(_named(node) for node in ordered if node.id not in linked)
    return TopologySection(picture, placed.paper, summary, rows, alone, tuple(remarks))


def _known(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, Node]:
    of: dict[str, Node] = {}
    for node in nodes:
        if of.setdefault(node.id, node) != node:
            raise ValueError(f"two nodes with the id {node.id!r}")
    for edge in edges:
        for end in (edge.a, edge.b):
            of.setdefault(end, Node(end, end, "unknown"))
    return of


def _turned(edge: Edge) -> Edge:
    return replace(edge, a=edge.b, b=edge.a, label_a=edge.label_b, label_b=edge.label_a)


def _named(node: Node) -> str:
    return f"{node.unit} {node.label}" if node.unit and node.unit not in node.label else node.label


def _row(number: int, edge: Edge, of: dict[str, Node], say: Say) -> TableRow:
    ends = [
        " ".join(part for part in (_named(of[end]), interface) if part)
        for end, interface in ((edge.a, edge.label_a), (edge.b, edge.label_b))
    ]
    return TableRow(number, ends[0], ends[1], edge.state, STATES[edge.state].in_language(say("zh", "en")), edge.note)


def _caption(numbers: Sequence[int], rows: Sequence[TableRow]) -> tuple[str, str]:
    """Say what stands at a line: its number in the table, or how many links it stands for; and its tooltip."""
    first = rows[numbers[0] - 1]
    if len(numbers) > 1:
        return f"×{len(numbers)}", f"{first.word} ×{len(numbers)}: " + ", ".join(map(str, numbers))
    told = f"{first.number}: {first.end_a} — {first.end_b}, {first.word}"
    return str(first.number), f"{told}, {first.note}" if first.note else told


def _description(say: Say) -> str:
    return say(
        "线路旁的数字是表中的编号，每条线路的两端、状态和说明见表。",
        "The numbers at the links are those of the table, which says both ends, state and note of every link.",
    )


def _folded(nodes: Sequence[Node], lines: Lines, remarks: list[str], say: Say) -> tuple[Sequence[Node], Lines]:
    """Make one node of every unit, and one line of all links of one state between the same two."""
    size = Counter(node.unit for node in nodes if node.unit)
    if len(size) < 2:
        return nodes, lines
    stands = {node.id: f"unit {node.unit}" if size[node.unit] > 1 else node.id for node in nodes}
    shown = {
        stands[node.id]: Node(
            stands[node.id], say(f"{node.unit}（{size[node.unit]}）", f"{node.unit} ({size[node.unit]})"), "unit"
        )
        if size[node.unit] > 1
        else node
        for node in nodes
    }
    place = {one: number for number, one in enumerate(shown)}
    merged: dict[tuple[str, str, EdgeState], list[int]] = {}
    inside = 0
    for edge, numbers in lines:
        a, b = sorted((stands[edge.a], stands[edge.b]), key=lambda one: place[one])
        if a == b and edge.a != edge.b:
            inside += len(numbers)
        else:
            merged.setdefault((a, b, edge.state), []).extend(numbers)
    remarks.append(
        say(
            f"节点超过 {MOST} 个，图上每个单位合为一个节点（括号内为节点数），两个单位间状态相同的线路合为一条；"
            f"单位内部的线路 {inside} 条不在图上。表中逐条列出全部线路。",
            f"There are more than {MOST} nodes: each unit is drawn as one (its nodes in brackets), links of one state between"
            f" two units as one line; {inside} links inside units are not drawn. The table lists every link.",
        )
    )
    return list(shown.values()), [
        (Edge(a, b, "", "", state), tuple(numbers)) for (a, b, state), numbers in merged.items()
    ]
