"""The picture of links: devices, units and networks beyond as nodes, links as edges. Plain data, for drawing."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from controls.model import Subject
from controls.places import WITHDRAWN
from controls.topology.families import State, carried
from controls.topology.ground import is_private
from xunyan.link_facts import LinkEnd
from xunyan.names import shown

NodeKind = Literal["device", "unit", "cloud", "internet", "private", "unknown"]
_BY_PLACE: dict[str, NodeKind] = {"government-cloud": "cloud", "internet": "internet", "shared-platform": "cloud"}
_BY_FILED: dict[str, NodeKind] = {"internet": "internet", "unified-egress": "internet", "private-line": "private"}
MOST_AT_ONE_LINK = 16
"""Ends of one link that are drawn; a subnet with more is no link that a picture can show."""


@dataclass(frozen=True, slots=True)
class Node:
    """Something at the end of a link. `id`: the asset of a device, else a name of its own in this picture."""

    id: str
    label: str
    kind: NodeKind
    unit: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between two nodes. `link`: its asset; `label_a`, `label_b`: the interfaces; `note`: the fault, by its key."""

    link: str
    a: str
    b: str
    label_a: str
    label_b: str
    state: State
    note: str


@dataclass(frozen=True, slots=True)
class Topology:
    """All nodes and edges, in a fixed order."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def topology(subjects: Iterable[Subject]) -> Topology:
    """Draw the links of a built estate (`controls.estate.build`): every device, and what stands at the other ends."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    every = sorted(subjects, key=lambda one: (one.asset.key, one.asset.id))
    for subject in every:
        asset = subject.asset
        if asset.kind == "device":
            nodes[asset.id] = Node(asset.id, asset.name, "device", asset.unit)
    for subject in every:
        if subject.asset.kind == "link":
            seen = subject.observations.get("link-ends")
            ends = [one for one in seen.facts if isinstance(one, LinkEnd)] if seen is not None else []
            edges += _edges(subject, ends, nodes) if ends else _filed(subject, nodes)
    return Topology(tuple(nodes.values()), tuple(edges))


def _edges(subject: Subject, ends: list[LinkEnd], nodes: dict[str, Node]) -> list[Edge]:
    """Draw a link of two ends as one edge, one of more as a star around its first."""
    found = carried(ends)
    first, *others = ends[:MOST_AT_ONE_LINK]
    a = _node(subject, first, 0, nodes)
    return [
        Edge(
            subject.asset.id, a, _node(subject, other, place, nodes), shown(first.interface), shown(other.interface),
            found.state, found.fault,
        )
        for place, other in enumerate(others, 1)
    ]  # fmt: skip


def _node(subject: Subject, end: LinkEnd, place: int, nodes: dict[str, Node]) -> str:
    if end.device:
        nodes.setdefault(end.device, Node(end.device, end.name, "device", end.unit))
        return end.device
    filed = subject.ledger.columns.get("kind", "") if subject.ledger is not None else ""
    kind = _BY_PLACE.get(end.kind) or _BY_FILED.get(filed, "unknown")
    address = next(iter((*end.v4, *end.v6)), "")
    if kind == "unknown" and end.plan and end.kind == "unknown" and address and is_private(address):
        kind = "private"
    shared = kind in ("cloud", "internet")
    identifier = f"{kind}:{end.range or kind}" if shared else f"{kind}:{subject.asset.id}:{place}"
    label = (end.holder or end.range) if shared else (end.name or address)
    nodes.setdefault(identifier, Node(identifier, shown(label) or "?", kind, ""))
    return identifier


def _filed(subject: Subject, nodes: dict[str, Node]) -> list[Edge]:
    """Draw a filed link of which no end was seen between its unit and what it is filed to lead to."""
    row = subject.ledger
    if row is None or row.columns.get(WITHDRAWN):
        return []
    unit = row.columns.get("unit") or subject.asset.unit
    kind = _BY_FILED.get(row.columns.get("kind", ""), "unknown")
    a = f"unit:{unit or subject.asset.id}"
    b = f"{kind}:{subject.asset.id}"
    nodes.setdefault(a, Node(a, unit or row.columns.get("from_end", "") or "?", "unit", unit))
    nodes.setdefault(b, Node(b, row.columns.get("to_end", "") or subject.asset.name, kind, ""))
    return [Edge(subject.asset.id, a, b, "", "", "unknown", "unread")]
