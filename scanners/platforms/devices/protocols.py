"""The words of the vendors for where a route comes from and how a routing neighbour stands."""

import re
from functools import lru_cache

from xunyan.device_facts import DeviceRoute, RoutingPeer

_PREFIXES = (
    ("direct", ("direct", "connected", "address-pool", "nd")),
    ("local", ("local", "address")),
    ("static", ("static", "unr", "user")),
    ("ospfv3", ("ospfv3",)),
    ("ospf", ("ospf", "o_")),
    ("isis", ("isis", "is-is", "is_")),
    ("bgp", ("bgp", "ebgp", "ibgp", "mp-bgp")),
    ("rip", ("rip",)),
)
_OSPF_STATES = frozenset({
    "down", "attempt", "init", "2-way", "2 way", "twoway", "exstart", "exchange", "loading", "full",
})  # fmt: skip
_BGP_STATES = frozenset({"established", "connect", "active", "idle", "opensent", "openconfirm", "no neg", "closing"})
_POINT_TO_POINT = re.compile(r"/\s*-")
_ROLE = re.compile(r"\s*/\s*(?:DROther|DR|BDR|Backup|-)\s*", re.IGNORECASE)


@lru_cache(maxsize=256)
def protocol_of(word: str) -> str:
    """Give the protocol of a route that a vendor's word means; `other` for one that we do not know."""
    lower = word.lower()
    return next((name for name, begins in _PREFIXES if lower.startswith(begins)), "other")


def route(
    family: int, destination: str, hop: str, interface: str, word: str, *, vrf: str = "", active: bool = True
) -> DeviceRoute:
    """Make a route: an address of the device's own is `local`, and what is on link has no next hop."""
    protocol = protocol_of(word)
    if protocol == "direct" and (hop.startswith("127.") or hop == "::1"):
        protocol = "local"
    if protocol in ("direct", "local") or hop in ("0.0.0.0", "::"):  # noqa: S104  # no next hop
        hop = ""
    return DeviceRoute(family, destination, hop, interface, protocol, vrf, active)


def peer_state(text: str) -> str:
    """Give a state without the role behind the slash: `Full/ -` is `full`."""
    return _ROLE.sub("", text).strip().lower()


def ospf_peer(
    protocol: str, neighbor: str, state: str, interface: str, router_id: str, vrf: str = ""
) -> RoutingPeer | None:
    """Make a neighbour of OSPF or OSPFv3; None where the state is none.

    Full is up, and so is 2-Way on a network with designated routers: two that are none of them get no further.
    """
    word = peer_state(state)
    if word not in _OSPF_STATES:
        return None
    up = word == "full" or (word in ("2-way", "2 way", "twoway") and not _POINT_TO_POINT.search(state))
    return RoutingPeer(protocol, 6 if protocol == "ospfv3" else 4, neighbor, word, up, interface, vrf, router_id)


def bgp_peer(family: int, address: str, state: str, remote_as: str, vrf: str = "") -> RoutingPeer | None:
    """Make a BGP neighbour, None where the state is none; a number in its place counts routes, so it is up."""
    word = "established" if state.isdigit() else state.lower()
    if word.partition("(")[0].strip() not in _BGP_STATES:
        return None
    return RoutingPeer("bgp", family, address, word, word == "established", vrf=vrf, remote_as=remote_as)
