"""Each routing neighbour over IPv4 and its twin over IPv6: the observation `routing-twins` of a device."""

from collections.abc import Iterator

from controls.places import number_of
from controls.topology.devices import Box
from controls.topology.egress import is_out
from controls.topology.ends import Proof
from controls.topology.ground import Ground
from controls.topology.ports import is_for_management, is_own
from controls.topology.sight import has_whole
from xunyan.device_facts import DeviceRoute, RoutingPeer
from xunyan.link_facts import RoutingTwin

MOST_AT_ONE_PORT = 256
"""Neighbours behind one interface that are held against each other."""

Twin = tuple[str, str, Proof]
"""What there is over IPv6, how it is written, and the lines that say it."""


class Peers:
    """The neighbours of a device, by what they are looked up by."""

    def __init__(self, box: Box, ground: Ground) -> None:
        self.box, self.ground = box, ground
        self.fours: list[RoutingPeer] = []
        self.ospf: dict[str, int] = {}
        """How many neighbours of OSPF an interface has."""
        self.ospfv3: dict[str, list[RoutingPeer]] = {}
        self.bgp: dict[tuple[str, str], int] = {}
        """How many neighbours over IPv4 a VRF has in an AS."""
        self.bgp6: dict[tuple[str, ...], list[RoutingPeer]] = {}
        """Neighbours over IPv6 by VRF and address, interface, device or AS."""
        for one in box.peers:
            if not is_for_management(one.vrf):
                self._take(one)

    def _take(self, one: RoutingPeer) -> None:
        if one.protocol == "ospfv3":
            self.ospfv3.setdefault(one.interface, []).append(one)
        elif one.protocol == "bgp" and one.family == 6:
            for key in (("address", one.neighbor), *self.places(one), ("as", one.remote_as)):
                self.bgp6.setdefault((one.vrf, *key), []).append(one)
        elif one.protocol == "isis" or (one.family == 4 and one.protocol in ("ospf", "bgp")):
            self.fours.append(one)
            if one.protocol == "ospf":
                interface = self.interface(one)
                self.ospf[interface] = self.ospf.get(interface, 0) + 1
            elif one.protocol == "bgp":
                self.bgp[one.vrf, one.remote_as] = self.bgp.get((one.vrf, one.remote_as), 0) + 1

    def interface(self, one: RoutingPeer) -> str:
        """Give the interface that a neighbour is behind: the one that shows, or that of its address."""
        read = None if one.interface else number_of(one.neighbor)
        return one.interface or (self.box.towards(one.vrf, *read) if read is not None else "")

    def places(self, one: RoutingPeer) -> Iterator[tuple[str, str]]:
        """Give the interface and the device that a neighbour is known to stand at."""
        interface = self.interface(one)
        if interface:
            yield ("interface", interface)
        read = number_of(one.neighbor)
        holder = self.ground.holder(self.box.network, read) if read is not None else None
        if holder is not None:
            yield ("device", holder.id)


def routing_twins(box: Box, ground: Ground) -> Iterator[tuple[RoutingTwin, Proof]]:
    """List the neighbours over IPv4 with their twins; where there is none, a router's default route with its twin."""
    peers = Peers(box, ground)
    for one in peers.fours:
        if one.protocol == "ospf":
            twin = _of_ospf(one, peers)
        elif one.protocol == "bgp":
            twin = _of_bgp(one, peers)
        else:
            twin = _of_isis(box, one)
        fact = RoutingTwin(
            one.protocol, one.neighbor or one.router_id, peers.interface(one), one.vrf, one.up, one.state, *twin[:2]
        )
        yield fact, (*box.cite("routing-peers", one), *twin[2])
    if not peers.fours and box.is_router:
        yield from _of_defaults(box)


def _of_ospf(four: RoutingPeer, peers: Peers) -> Twin:
    """OSPFv3 has its own router ids: the interface decides where it has one neighbour, the router id where it has more."""
    interface = peers.interface(four)
    here, beside = peers.ospfv3.get(interface, []), peers.ospf[interface]
    if not here:
        return _otherwise(peers.box, interface, ("ospf",))
    if beside == 1 and len(here) == 1:
        return _best(peers.box, here)
    chosen = [one for one in here[:MOST_AT_ONE_PORT] if one.router_id and one.router_id == four.router_id]
    if chosen or beside == 1 or sum(one.up for one in here[:MOST_AT_ONE_PORT]) >= beside:
        return _best(peers.box, chosen or here)
    return "unclear", _shown(here[0]), peers.box.cite("routing-peers", here[0])


def _of_isis(box: Box, four: RoutingPeer) -> Twin:
    """A neighbour under IS-IS does not show which families it carries; routes over IPv6 through it do."""
    found = _routed(box, four.interface, ("isis",))
    if found is not None:
        return found
    if not has_whole(box, 6, box.vrf(four.interface)):
        return "unasked", "", ()
    if box.sees_six and not any(one.version == 6 for one in box.held.get(four.interface, ())):
        return "missing", "", box.cite_look("interface-addresses", 6)
    return "unclear", "", box.cite_table(6, box.vrf(four.interface))


def _of_bgp(four: RoutingPeer, peers: Peers) -> Twin:
    """The same session carrying IPv6, a neighbour on the same link or of the same device, else the only one of its AS."""
    for key in (("address", four.neighbor), *peers.places(four)):
        same = peers.bgp6.get((four.vrf, *key))
        if same:
            return _best(peers.box, same)
    of_as = peers.bgp6.get((four.vrf, "as", four.remote_as), []) if four.remote_as else []
    beside = peers.bgp[four.vrf, four.remote_as]
    if of_as and (beside == 1 or sum(one.up for one in of_as[: beside + 1]) >= beside):
        return _best(peers.box, of_as)
    if of_as:
        return "unclear", _shown(of_as[0]), peers.box.cite("routing-peers", of_as[0])
    return _otherwise(peers.box, peers.interface(four), ("bgp",))


def _otherwise(box: Box, interface: str, words: tuple[str, ...]) -> Twin:
    """Without a neighbour of its own kind another protocol may carry IPv6 there; else say whether it was asked for."""
    others = [
        one for one in box.peers_on.get(interface, ()) if one.family == 6 and one.up and one.protocol not in words
    ]
    if others:
        return "up", _shown(others[0]), box.cite("routing-peers", others[0])
    found = _routed(box, interface, ("isis",))
    if found is not None:
        return found
    if box.looked("routing-peers", 6, *words):
        return "missing", "", box.cite_look("routing-peers", 6)
    return "unasked", "", ()


def _routed(box: Box, interface: str, protocols: tuple[str, ...]) -> Twin | None:
    for route in box.six_routes.get(interface, ()) if interface else ():
        if route.protocol in protocols:
            return "up", f"{route.protocol} {route.destination}", box.cite("device-routes", route)
    return None


def _best(box: Box, chosen: list[RoutingPeer]) -> Twin:
    best = next((one for one in chosen[:MOST_AT_ONE_PORT] if one.up), chosen[0])
    return "up" if best.up else "down", _shown(best), box.cite("routing-peers", best)


def _shown(peer: RoutingPeer) -> str:
    return f"{peer.protocol} {peer.neighbor or peer.router_id} {peer.state}"


def _of_defaults(box: Box) -> Iterator[tuple[RoutingTwin, Proof]]:
    """A router that speaks no routing protocol: its default route, and one over IPv6 in the same VRF."""
    routes = [
        one for one in box.rows("device-routes", DeviceRoute) if one.active and not is_own(one.interface, one.vrf)
    ]
    for vrf in sorted({one.vrf for one in routes if one.family == 4 and is_out(one.destination)}):
        own = [one for one in routes if one.vrf == vrf]
        four = next(one for one in own if one.family == 4 and is_out(one.destination))
        twin = _of_default(
            box, vrf, [one for one in own if one.family == 6 and one.protocol not in ("direct", "local")]
        )
        fact = RoutingTwin(
            "static",
            four.next_hop or four.interface,
            four.interface,
            vrf,
            up=True,
            state="",
            twin=twin[0],
            shown=twin[1],
        )
        yield fact, (*box.cite("device-routes", four), *twin[2])


def _of_default(box: Box, vrf: str, sixes: list[DeviceRoute]) -> Twin:
    """A default route over IPv6 counts where the table shows it: one that is configured alone may not be in use."""
    read = has_whole(box, 6, vrf)
    outward = sorted((one for one in sixes if is_out(one.destination)), key=lambda one: one.configured)
    if outward:
        best = outward[0]
        state = "up" if not best.configured else "down" if read else "unasked"
        return state, f"{best.destination} {best.next_hop or best.interface}", box.cite("device-routes", best)
    if not read:
        return "unasked", "", ()
    if sixes:
        return "unclear", sixes[0].destination, box.cite("device-routes", sixes[0])
    return "missing", "", box.cite_table(6, vrf)
