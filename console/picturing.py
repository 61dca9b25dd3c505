"""The pictures of a report: how devices, units and networks are linked, as the last judgement joined them."""

from collections.abc import Iterator, Mapping

import msgspec

from console.language import Voice
from console.system_ledger import filed_rows
from console.workspace import Workspace
from controls import topology
from controls.model import Subject
from evidence.store import Store
from reports.model import Edge, Node, Topology
from xunyan.link_facts import LinkEnd
from xunyan.model import Asset, Observation
from xunyan.wording import Text

FAULT: Mapping[str, Text] = {
    "no-v6": Text("没有IPv6地址", "no IPv6 address"),
    "link-local": Text("只有链路本地地址", "link-local addresses alone"),
    "unfit": Text("IPv6地址不可用", "the IPv6 address is not in use"),
    "differing": Text("两端不在同一IPv6前缀", "IPv6 prefixes of the ends differ"),
    "same-address": Text("两端是同一个IPv6地址", "both ends hold one IPv6 address"),
    "families": Text("没有查询IPv6地址", "not asked for IPv6"),
    "unshown": Text("没有显示前缀长度", "prefix lengths do not show"),
    "unread": Text("对端没有读到", "the other end was not read"),
    "state": Text("没有显示是否启用", "whether it is up does not show"),
    "down": Text("链路中断", "the link is down"),
}
"""What is wrong with a link's IPv6, or not known of it, by the key that joining gives it."""


def pictures(workspace: Workspace, store: Store, say: Voice, unit: str = "") -> tuple[Topology, ...]:
    """Give one picture for each network with links or devices, by name; of a unit what hangs on its own devices alone.

    What belongs to others stands there without its name.
    """
    assets = store.assets()
    found = topology.topology(_subjects(workspace, store, assets))
    network_of = {key: one.network for key, one in assets.items()}
    nodes = {one.id: one for one in found.nodes}
    edges: dict[str, list[topology.Edge]] = {}
    for edge in found.edges:
        if not unit or unit in (nodes[edge.a].unit, nodes[edge.b].unit):
            edges.setdefault(network_of.get(edge.link, ""), []).append(edge)
    drawn = {end for group in edges.values() for edge in group for end in (edge.a, edge.b)}
    alone: dict[str, list[topology.Node]] = {}
    for node in found.nodes:
        if node.id not in drawn and (not unit or node.unit == unit):
            alone.setdefault(network_of.get(node.id, ""), []).append(node)
    pictured = []
    for network in sorted({*edges, *alone}):
        own = edges.get(network, [])
        ends = dict.fromkeys(end for edge in own for end in (edge.a, edge.b))
        shown = [_node(nodes[one], unit, say) for one in ends] + [
            _node(one, unit, say) for one in alone.get(network, ())
        ]
        pictured.append(Topology(network, tuple(shown), tuple(_edge(one, nodes, unit, say) for one in own)))
    return tuple(pictured)


def _subjects(workspace: Workspace, store: Store, assets: Mapping[str, Asset]) -> Iterator[Subject]:
    """Give devices and links as the picture needs them: who they are, what was joined, and what is filed."""
    decode = msgspec.json.Decoder(tuple[LinkEnd, ...]).decode
    ends = {
        row["asset"]: Observation("link-ends", decode(row["facts"]), ())
        for row in store.rows("SELECT asset, facts FROM observation WHERE name = 'link-ends'")
    }
    filed = {asset.id: row for asset, row in filed_rows(workspace, store, "link")}
    for identifier, asset in assets.items():
        if asset.kind == "device":
            yield Subject(asset)
        elif asset.kind == "link":
            joined = {"link-ends": ends[identifier]} if identifier in ends else {}
            yield Subject(asset, joined, ledger=filed.get(identifier))


def _foreign(node: topology.Node, unit: str) -> bool:
    return bool(unit) and node.unit not in ("", unit)


def _node(node: topology.Node, unit: str, say: Voice) -> Node:
    if _foreign(node, unit):
        return Node(node.id, say("其他单位", "another unit"), "unit")
    return Node(node.id, node.label, node.kind, node.unit)


def _edge(edge: topology.Edge, nodes: Mapping[str, topology.Node], unit: str, say: Voice) -> Edge:
    note = FAULT.get(edge.note)
    labels = [
        "" if _foreign(nodes[end], unit) else label for end, label in ((edge.a, edge.label_a), (edge.b, edge.label_b))
    ]
    return Edge(edge.a, edge.b, labels[0], labels[1], edge.state, say.text(note) if note else edge.note)
