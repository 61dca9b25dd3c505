"""The topology picture by itself: nothing lies on anything else, nothing is lost, equal networks give equal bytes."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise

import pytest
from lxml import etree

from reports.model import Edge, EdgeState, Node, Topology
from reports.topology import MOST, ORDER, TopologySection, topology_section
from reports.topology_drawn import STATES, STYLES
from reports.topology_plan import PAPERS, plan
from reports.topology_shapes import Frame, Plan
from reports.topology_text import SIZE, begun, fitted, width
from tests.reports.test_html import page
from tests.reports.topologies import Network, anything, edge, mesh, ring, say, shuffled, star, tree, unit_node

SVG = "{http://www.w3.org/2000/svg}"
NETWORKS: dict[str, Callable[[], Network]] = {
    "ring of 8 with 120 stubs": lambda: ring(8, 120, 0),
    "ring of 8 with 190 units, some at two": lambda: ring(8, 190),
    "ring of 24": lambda: ring(24, 10),
    "two-tier tree of 10": lambda: tree(2, 6),
    "two-tier tree of 50": lambda: tree(6, 42),
    "two-tier tree of 200": lambda: tree(18, 180),
    "star with parallel links": star,
    "star of 200": lambda: star(190),
    "mesh of 10": lambda: mesh(10, 14, 1),
    "mesh of 50": lambda: mesh(50, 75, 2),
    "mesh of 200": lambda: mesh(200, 230, 3),
    "200 without links": lambda: ([unit_node(number) for number in range(200)], []),
}
BAD = "<script>x</script>\u202e]]>&\"'\x1b[31m\ud800{{ 7*7 }}"


def section(network: Network, title: str = "政务外网") -> TopologySection:
    drawn = topology_section(*network, say, title)
    assert drawn is not None
    return drawn


def etree_of(made: TopologySection) -> etree._Element:
    return etree.fromstring(str(made.picture).replace("<svg", f'<svg xmlns="{SVG[1:-1]}"', 1))


def picture(network: Network) -> etree._Element:
    return etree_of(section(network))


@cache
def known(name: str) -> tuple[Network, TopologySection, Plan]:
    network = NETWORKS[name]()
    return network, section(network), planned(network)[0]


def planned(network: Network) -> tuple[Plan, list[Edge]]:
    nodes, edges = network
    ordered = sorted(nodes, key=lambda node: node.id)
    return plan(ordered, edges), edges


def texts(svg: etree._Element) -> Iterator[tuple[str, Frame]]:
    """Every piece of text with the room that it was reckoned to take, seen from the picture's corner."""
    for text in svg.iter(f"{SVG}text"):
        x, y = int(text.get("x", "")), int(text.get("y", ""))
        for above in text.iterancestors(f"{SVG}g"):
            moved = re.fullmatch(r"translate\((\d+) (\d+)\)", above.get("transform", ""))
            if moved:
                x, y = x + int(moved[1]), y + int(moved[2])
        word = text.text or ""
        yield word, Frame(x, y - SIZE + 2, int(text.get("textLength") or width(word)), SIZE)


def overlap(one: Frame, other: Frame) -> bool:
    return (
        one.x < other.x + other.width and other.x < one.x + one.width
        and one.y < other.y + other.height and other.y < one.y + one.height
    )  # fmt: skip


def passes(start: tuple[int, int], end: tuple[int, int], frame: Frame) -> bool:
    """Whether a straight line has a point inside a frame (clipped at all four sides)."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    first, last = 0.0, 1.0
    for step, near, far in (
        (dx, frame.x + 1 - x, frame.x + frame.width - 1 - x),
        (dy, frame.y + 1 - y, frame.y + frame.height - 1 - y),
    ):
        if step == 0:
            if not near < 0 < far:
                return False
        else:
            first, last = max(first, min(near / step, far / step)), min(last, max(near / step, far / step))
    return first < last


@pytest.mark.parametrize("name", NETWORKS)
def test_no_text_lies_on_text(name: str) -> None:
    found = list(texts(etree_of(known(name)[1])))
    assert len(found) >= 10
    for (word, one), (other_word, other) in combinations(found, 2):
        assert not overlap(one, other), (word, other_word)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_box_lies_on_a_box_and_no_line_or_trunk_runs_through_the_box_of_a_stranger(name: str) -> None:
    (_, edges), _, drawn = known(name)
    keeps_clear(drawn, edges)


@pytest.mark.parametrize("tens", range(6))
def test_networks_without_sense_are_drawn_as_clearly(tens: int) -> None:
    for seed in range(10 * tens, 10 * tens + 10):
        nodes, edges = anything(seed)
        drawn, _ = planned((nodes, edges))
        keeps_clear(drawn, edges)
        assert sorted(box.node for box in drawn.boxes) == sorted(node.id for node in nodes)
        assert sorted(line.number for line in drawn.lines) == [n for n, one in enumerate(edges) if one.a != one.b]
        made = section((nodes, edges))
        assert made == section(shuffled((nodes, edges), seed))
        for (word, one), (other_word, other) in combinations(texts(etree_of(made)), 2):
            assert not overlap(one, other), (seed, word, other_word)


def keeps_clear(drawn: Plan, edges: list[Edge]) -> None:
    for one, other in combinations(drawn.boxes, 2):
        assert not overlap(one.frame, other.frame), (one.node, other.node)
    for line in drawn.lines:
        ends = {edges[line.number].a, edges[line.number].b}
        for box in drawn.boxes:
            for start, end in pairwise(line.points):
                assert box.node in ends or not passes(start, end, box.frame), (edges[line.number], box.node)
    for trunk in drawn.trunks:
        for box in drawn.boxes:
            assert not any(passes(start, end, box.frame) for start, end in pairwise(trunk)), box.node


@pytest.mark.parametrize("name", NETWORKS)
def test_every_node_is_drawn_once_and_every_link_with_its_state(name: str) -> None:
    (nodes, edges), made, drawn = known(name)
    assert sorted(box.node for box in drawn.boxes) == sorted(node.id for node in nodes)
    assert {line.number for line in drawn.lines} == {number for number, one in enumerate(edges) if one.a != one.b}
    svg = etree_of(made)
    for state in STATES:
        shown = svg.findall(f".//{SVG}g[@class='links']/{SVG}g[@class='{state}']/{SVG}path")
        assert len(shown) == sum(one.state == state for one in edges)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_line_bears_the_number_of_its_row_in_the_table_or_it_is_said_that_it_does_not(name: str) -> None:
    made = known(name)[1]
    svg = etree_of(made)
    numbers = Counter(text.text for text in svg.findall(f".//{SVG}g[@class='numbers']/{SVG}text"))
    assert max(numbers.values(), default=1) == 1
    assert set(numbers) <= {str(row.number) for row in made.rows}
    missing = len(made.rows) - len(numbers)
    assert any(f"{missing} 条线路旁没有地方写编号" in remark for remark in made.remarks) == (missing > 0)
    assert missing <= len(made.rows) // 20


@pytest.mark.parametrize("name", NETWORKS)
def test_equal_networks_give_equal_bytes_in_any_order(name: str) -> None:
    network, once, _ = known(name)
    assert section(shuffled(network, 1)) == once


def test_equal_networks_give_equal_bytes_in_every_process() -> None:
    program = (
        "from tests.reports.topologies import *; from reports.topology import topology_section; import hashlib; "
        "print([hashlib.sha256(topology_section(*one, say).picture.encode()).hexdigest() "
        "for one in (ring(8, 20), tree(4, 20), star(), mesh(20, 30, 1))])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    assert len(said) == 1
    assert len(said.pop()) > 64 * 4


def test_states_are_kept_apart_without_colour() -> None:
    def grey(state: EdgeState) -> tuple[str, ...]:
        return tuple(part for part in STYLES[state].split('" ') if not part.startswith('stroke="'))

    assert len({grey(state) for state in STATES}) == len(STATES)
    assert set(ORDER) == set(STATES)
    svg = picture(star(40))
    crosses = svg.findall(f".//{SVG}g[@class='mark v6-broken']/{SVG}path")
    assert len(crosses) == 2 * sum(one.state == "v6-broken" for one in star(40)[1])
    legend = [text.text for text in svg.findall(f".//{SVG}g[@class='legend']//{SVG}text")]
    assert [text.zh for text in STATES.values()] == legend[: len(STATES)]


def test_parallel_links_lie_apart() -> None:
    a, b, leaf = (Node(name, name, "device") for name in "abl")
    others = [Node(f"x{number}", "x", "device") for number in range(8)]
    edges = [edge(a, b, number) for number in range(3)] + [edge(leaf, a, number) for number in range(4)]
    edges += [edge(other, (a, b)[number % 2], number) for number, other in enumerate(others)]
    edges += [edge(a, others[0], 7), edge(b, others[0], 7), edge(b, others[2], 7)]
    drawn, _ = planned(([a, b, leaf, *others], edges))
    assert len({line.points for line in drawn.lines}) == len(edges)
    for numbers in (range(3), range(3, 7)):
        for one, other in combinations([line for line in drawn.lines if line.number in numbers], 2):
            for (x, y), (right, below) in zip(one.points, other.points, strict=True):
                assert abs(right - x) + abs(below - y) >= 6


def test_a_ring_stands_in_the_order_of_its_links() -> None:
    drawn, _ = planned(ring(8, 40, 0))
    places = {box.node: box.frame for box in drawn.boxes}
    xs = [places[f"c{number}"].x for number in range(8)]
    assert xs == sorted(xs)
    assert len({places[f"c{number}"].y for number in range(8)}) == 1
    assert all(places[f"u{number}"].y > places["c0"].y for number in range(40))
    assert places["net"].y < places["c0"].y


def test_cores_stand_above_aggregation_and_aggregation_above_units() -> None:
    drawn, _ = planned(tree(4, 80))
    places = {box.node: box.frame.y for box in drawn.boxes}
    assert places["c0"] == places["c1"]
    assert {places[f"a{number}"] for number in range(4)} == {places["a0"]}
    assert places["a0"] > places["c0"]
    assert min(places[f"u{number}"] for number in range(80)) > places["a0"]


def test_two_cores_stand_side_by_side_over_two_aggregations() -> None:
    nodes, edges = tree(2, 6)
    way_out, net = Node("e", "出口", "device", nodes[0].unit), Node("net", "互联网出口", "internet")
    edges += [edge(nodes[0], way_out, 1), edge(way_out, net, 3)]
    drawn, _ = planned(([*nodes, way_out, net], edges))
    places = {box.node: box.frame.y for box in drawn.boxes}
    assert places["c0"] == places["c1"] < places["a0"] == places["a1"]
    assert min(places[f"u{number}"] for number in range(6)) > places["a0"]


def test_things_of_one_unit_stand_together_under_their_own_router() -> None:
    drawn, _ = planned(star())
    places = {box.node: box for box in drawn.boxes}
    own = ["u1", "s0", "s1", "s2", "s3", "home", "i"]
    assert [box.node for box in drawn.boxes if box.node in own] == own
    assert all(places[one].row == "u1" for one in own[1:-1])
    assert places["i"].row == "home"
    inside = {
        box.node for frame in drawn.frames for box in drawn.boxes
        if frame.x <= box.frame.x <= frame.x + frame.width and frame.y <= box.frame.y <= frame.y + frame.height
    }  # fmt: skip
    assert inside == set(own[:-1])


@pytest.mark.parametrize("name", ["ring of 8 with 120 stubs", "two-tier tree of 50", "star of 200", "mesh of 10"])
def test_usual_networks_of_up_to_200_nodes_can_be_read_on_small_paper(name: str) -> None:
    _, made, drawn = known(name)
    assert made.paper in ("A4", "A3")
    assert drawn.width <= PAPERS[made.paper][0]
    assert drawn.height <= PAPERS[made.paper][1]
    if name.startswith(("ring", "mesh")):
        assert made.paper == "A4"


def test_labels_are_text_and_no_more() -> None:
    nodes = [
        Node("a", BAD, "device", BAD),
        Node("b", "乙" * 500, "unit"),
        Node("c", "\ufdfd" * 40 + "A̴͓" * 99, "unknown", "x"),
    ]
    edges = [
        Edge("a", "b", BAD, BAD, "v6-broken", BAD),
        Edge("b", "c", "", "", "dual", BAD),
        Edge("c", "</title><svg onload=x>", BAD, BAD, "down"),
    ]
    written = str(section((nodes, edges), BAD).picture)
    svg = etree.fromstring(written)
    assert {one.tag for one in svg.iter()} <= {"svg", "g", "path", "rect", "circle", "text", "title", "desc"}
    names = {name for one in svg.iter() for name in one.attrib}
    assert not {name for name in names if name.startswith("on") or name in ("id", "href", "style", "src")}
    assert "\u202e" not in written
    assert "\x1b" not in written
    assert "url(" not in written
    assert "\\u202e" in written
    for text in svg.iter("text"):
        word = text.text or ""
        assert len(word) <= 30
        assert text.get("textLength") or not set(word) & set("\ufdfd\u0334")
    shown = page(topology=(Topology(BAD, tuple(nodes), tuple(edges)),))
    assert "<script>" not in shown
    assert "\u202e" not in shown
    assert shown.count("<svg") == page().count("<svg") + 1


def test_the_picture_is_told_to_those_who_do_not_see_it() -> None:
    svg = picture(star())
    assert svg.get("role") == "img"
    assert [child.tag for child in svg[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert "22 个节点，24 条线路" in (svg[0].text or "")
    for path in svg.findall(f".//{SVG}g[@class='links']//{SVG}path"):
        assert re.match(r"\d+: .+ — .+", path.findtext(f"{SVG}title", ""))


def test_the_table_has_every_link_with_what_needs_work_first_and_names_what_has_no_link() -> None:
    nodes, edges = star()
    made = section((nodes, [replace(one, note=f"说明{number}") for number, one in enumerate(edges)]))
    assert [row.number for row in made.rows] == list(range(1, len(edges) + 1))
    assert sorted(row.note for row in made.rows) == sorted(f"说明{number}" for number in range(len(edges)))
    states = [ORDER.index(row.state) for row in made.rows]
    assert states == sorted(states)
    assert made.alone == ("档案馆 孤立交换机",)
    row = next(row for row in made.rows if "横向专网" in row.end_a + row.end_b)
    assert {"横向专网 GE0/1/4", "自然资源和规划局002 C-CE-002 GE0/0/4"} == {row.end_a, row.end_b}
    written = page(topology=(Topology("政务外网", tuple(nodes), tuple(edges)),))
    table = written[written.index('<table class="links">') :]
    assert table.partition("</table>")[0].count("<tr>") == 1 + len(edges)
    assert "没有见到线路的节点：档案馆 孤立交换机" in written


def test_a_link_from_a_node_to_itself_and_an_end_that_nobody_named_are_not_lost() -> None:
    a = Node("a", "甲", "device")
    made = section(([a], [Edge("a", "a", "1", "2", "dual"), Edge("a", "nobody", "3", "", "unknown")]))
    assert len(made.rows) == 2
    assert any("1 条只列在表里" in remark for remark in made.remarks)
    assert "nobody" in str(made.picture)


def test_two_nodes_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="two nodes"):
        topology_section([Node("a", "甲", "device"), Node("a", "乙", "device")], [], say)


def test_more_nodes_than_a_picture_can_show_stand_for_their_units_and_the_table_keeps_every_link() -> None:
    centre = [Node(f"c{number}", f"核心{number}", "device", "中心") for number in range(4)]
    nodes, edges = list(centre), [edge(one, centre[0], number) for number, one in enumerate(centre[1:])]
    for unit in range(60):
        own = [Node(f"u{unit}-{number}", f"R{unit}-{number}", "device", f"单位{unit}") for number in range(7)]
        nodes += own
        edges += [edge(own[0], one, number) for number, one in enumerate(own[1:])]
        edges += [
            replace(edge(own[0], centre[number], 0), state="v6-broken" if unit == 5 else "dual") for number in (0, 1)
        ]
    assert len(nodes) > MOST
    made = section((nodes, edges))
    assert len(made.rows) == len(edges)
    assert "节点超过 400 个" in made.remarks[0]
    assert f"单位内部的线路 {60 * 6 + 3} 条不在图上" in made.remarks[0]
    written = str(made.picture)
    assert "单位59（7）" in written
    assert "×2" in written
    svg = etree.fromstring(written)
    assert len(svg.findall(".//g[@class='links']/g[@class='v6-broken']/path")) == 1
    assert len(svg.findall(".//g[@class='links']/g[@class='dual']/path")) == 59
    assert made == section(shuffled((nodes, edges), 1))


def test_where_there_are_no_links_there_is_no_section() -> None:
    assert topology_section([], [], say) is None
    assert "topology" not in page()
    assert page(topology=()) == page()
    shown = page(topology=(Topology("政务外网", tuple(star()[0]), tuple(star()[1])),))
    assert shown.count('<section class="topology on-A4">') == 1
    assert "附图　政务外网网络拓扑" in shown


def test_the_english_report_says_the_same_in_english() -> None:
    nodes = [Node("a", "R1", "device"), Node("b", "net", "internet")]
    shown = page(language="en", topology=(Topology("extranet", tuple(nodes), (Edge("a", "b", "1", "2", "v4-only"),)),))
    drawn = shown[shown.index('<section class="topology') : shown.index('<table class="links">')]
    assert "IPv4 only" in drawn
    assert not re.search(r"[\u4e00-\u9fff]", drawn)


@pytest.mark.parametrize("text", ["A-CE-001", "人力资源和社会保障局017", "ﷺ" * 20, "W" * 40, "", "单" * 30])
def test_words_are_cut_to_their_room(text: str) -> None:
    for room in range(12, 200, 7):
        assert width(fitted(text, room)) <= room
        assert width(begun(text, room)) <= room
    assert fitted(text, width(text)) == begun(text, width(text)) == text
    assert fitted("人力资源和社会保障局017", 100).endswith("7")
