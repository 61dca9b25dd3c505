"""How network devices join: links, what units have of them, and the picture of it all. Pure."""

from controls.topology.picture import Edge, Node, Topology, topology

__all__ = ["Edge", "Node", "Topology", "topology"]
