"""Networks to be drawn in tests: the shapes that access networks have, and none that a layout would like."""

import random
from collections.abc import Sequence

from reports.model import Edge, EdgeState, Node, NodeKind

UNITS = (
    "教育局",
    "水利局",
    "自然资源和规划局",
    "卫生健康委员会",
    "人力资源和社会保障局",
    "市场监督管理局",
    "应急管理局",
    "文化广电旅游体育局",
)
CENTRE = "数据资源管理中心"
STATES: tuple[EdgeState, ...] = ("dual", "dual", "dual", "v4-only", "v6-broken", "unknown", "down", "v6-only")

Network = tuple[list[Node], list[Edge]]


def say(zh: str, en: str) -> str:
    return zh


def state(number: int) -> EdgeState:
    return STATES[number * 7 % len(STATES)]


def edge(a: Node, b: Node, number: int, note: str = "") -> Edge:
    return Edge(a.id, b.id, f"GE0/0/{number}", f"GE0/1/{number}", state(number), note)


def unit_node(number: int) -> Node:
    name = f"{UNITS[number % len(UNITS)]}{number:03d}"
    return Node(f"u{number}", f"{'ABCD'[number % 4]}-CE-{number:03d}", "device", name)


def ring(core: int = 8, units: int = 120, twice: int = 5) -> Network:
    """A ring of core routers, units as stubs, every so many at two of them; the Internet and a cloud at the top."""
    middle = [Node(f"c{number}", f"CORE-NE40E-{number + 1}", "device", CENTRE) for number in range(core)]
    nodes = list(middle)
    edges = [edge(one, middle[(number + 1) % core], number) for number, one in enumerate(middle)]
    for number in range(units):
        stub = unit_node(number)
        nodes.append(stub)
        edges.append(edge(stub, middle[number % core], number))
        if twice and number % twice == 0:
            edges.append(edge(stub, middle[(number + 1) % core], number + 3))
    outside = Node("net", "互联网出口", "internet"), Node("cloud", "政务云", "cloud", "云服务商")
    nodes += outside
    edges += [edge(middle[0], outside[0], 1), edge(middle[1], outside[1], 2), edge(middle[0], outside[1], 3)]
    return nodes, edges


def tree(aggregations: int = 10, units: int = 150) -> Network:
    """Two cores, a layer of aggregation at both, units below."""
    cores = [Node(f"c{number}", f"核心-{number + 1}", "device", CENTRE) for number in range(2)]
    middle = [Node(f"a{number}", f"汇聚S12700-{number + 1}", "device", CENTRE) for number in range(aggregations)]
    edges = [edge(cores[0], cores[1], 0)]
    edges += [edge(core, one, number) for number, one in enumerate(middle) for core in cores]
    stubs = [unit_node(number) for number in range(units)]
    edges += [edge(stub, middle[number % aggregations], number) for number, stub in enumerate(stubs)]
    return [*cores, *middle, *stubs], edges


def star(units: int = 12) -> Network:
    """One core, parallel links, a unit with devices of its own and an egress of its own, one node alone."""
    core = Node("c", "核心", "device", CENTRE)
    stubs = [unit_node(number) for number in range(units)]
    edges = [edge(stub, core, number) for number, stub in enumerate(stubs)]
    edges += [edge(stub, core, number + 1) for number, stub in enumerate(stubs[:3])]
    edges += [edge(stubs[0], core, 4)]
    own = [Node(f"s{number}", f"接入交换机{number}", "device", stubs[1].unit) for number in range(4)]
    home, net, line = (
        Node("home", "家用路由器", "device", stubs[1].unit),
        Node("i", "互联网", "internet"),
        Node("p", "横向专网", "private"),
    )
    edges += [edge(stubs[1], one, number) for number, one in enumerate([*own, home])]
    edges += [edge(home, net, 3), edge(stubs[2], line, 4), edge(stubs[3], Node("x", "", "unknown"), 5)]
    nodes = [
        core,
        *stubs,
        *own,
        home,
        net,
        line,
        Node("x", "？", "unknown"),
        Node("alone", "孤立交换机", "device", "档案馆"),
    ]
    return nodes, edges


def _two(chosen: random.Random, nodes: Sequence[Node]) -> tuple[Node, Node]:
    a, b = chosen.sample(nodes, 2)
    return a, b


def mesh(size: int, links: int, seed: int) -> Network:
    """Links between any two: what no layout is made for."""
    chosen = random.Random(seed)
    nodes = [
        Node(f"n{number}", f"R{number}" * chosen.randint(1, 5), "device", f"单位{number % 17}")
        for number in range(size)
    ]
    return nodes, [edge(*_two(chosen, nodes), number) for number in range(links)]


def anything(seed: int) -> Network:
    """A small network without any sense: all kinds, few units, some links double, some from a node to itself."""
    chosen = random.Random(seed)
    kinds: tuple[NodeKind, ...] = ("device", "device", "device", "unit", "cloud", "internet", "private", "unknown")
    names = ("", "甲", "乙", "丙局")
    nodes = [
        Node(f"n{number}", f"节点{number}", chosen.choice(kinds), chosen.choice(names))
        for number in range(chosen.randint(1, 40))
    ]
    links = chosen.randint(0, chosen.choice((1, 2)) * len(nodes))
    return nodes, [edge(chosen.choice(nodes), chosen.choice(nodes), number) for number in range(links)]


def shuffled(network: tuple[Sequence[Node], Sequence[Edge]], seed: int) -> Network:
    """The same network, in another order and with its links told from the other end."""
    chosen = random.Random(seed)
    nodes, edges = list(network[0]), list(network[1])
    chosen.shuffle(nodes)
    chosen.shuffle(edges)
    turned = [
        Edge(one.b, one.a, one.label_b, one.label_a, one.state, one.note) if chosen.random() < 0.5 else one
        for one in edges
    ]
    return nodes, turned
