"""What of a device nobody looked at, so that nothing may be said to be absent from it."""

from collections.abc import Iterator

from controls.model import Blindness
from controls.topology.asked import is_table_of
from controls.topology.devices import Box
from xunyan.device_facts import DeviceRoute, RouteTotal, RoutingProcess
from xunyan.model import GapReason

_SPOKEN = ("ospf", "bgp", "isis")


def unread(box: Box) -> Iterator[Blindness]:
    """Say what was not seen of the ways that lead out of a device: tables of routes, addresses, VRFs, translation and policies."""
    if "device-routes" in box.subject.observations:  # else the engine says so itself
        yield from unread_routes(box)
    for name in ("interface-addresses", "vrfs", "nat", "policy-routes"):
        if name not in box.subject.observations:
            yield Blindness(name, GapReason.NOT_ASKED, f"{box.label} {name}")


def unread_routes(box: Box) -> Iterator[Blindness]:
    """Say which tables of routes were not read, or not to their ends. A configuration alone shows no table."""
    name = box.label
    if not has_table(box, 4, ""):
        yield Blindness("device-routes", GapReason.NOT_ASKED, f"{name} IPv4")
    if (not box.sees_six or box.has_six) and not has_table(box, 6, ""):
        yield Blindness("device-routes", GapReason.NOT_ASKED, f"{name} IPv6")
    for total in box.rows("route-totals", RouteTotal):
        if total.said > total.read:
            detail = f"{name} {f'VRF {total.vrf} ' if total.vrf else ''}{total.read}/{total.said}"
            yield Blindness(total.source or "route-totals", GapReason.TOO_LARGE, detail)
    for vrf, versions in sorted(_versions(box).items()):
        if any(not has_table(box, version, vrf) for version in versions):
            yield Blindness("device-routes", GapReason.NOT_ASKED, f"{name} VRF {vrf}")


def _versions(box: Box) -> dict[str, set[int]]:
    """Give the VRFs of routed interfaces with the versions whose tables matter: IPv6 where an interface holds it."""
    found: dict[str, set[int]] = {}
    for interface in box.routed:
        if vrf := box.vrf(interface):
            own = {one.version for one in box.held[interface]}
            found.setdefault(vrf, {4}).update(own if box.sees_six else (4, 6))
    return found


def knows_routes(box: Box, vrf: str) -> bool:
    """Tell whether the whole IPv4 table that a VRF looks into was read."""
    totals = [one for one in box.rows("route-totals", RouteTotal) if one.vrf == vrf]
    return has_table(box, 4, "") and has_table(box, 4, vrf) and all(one.read >= one.said for one in totals)


def has_table(box: Box, version: int, vrf: str) -> bool:
    """Tell whether the table of routes of one version in a VRF was read: asked for by name, or seen in an answer that holds several."""
    if any(is_table_of(one.source, version, vrf) for one in box.evidence("device-routes")):
        return True
    totals = ((one.vrf, one.family) for one in box.rows("route-totals", RouteTotal))
    routes = ((one.vrf, one.family) for one in box.rows("device-routes", DeviceRoute) if not one.configured)
    return bool(vrf) and any(one == (vrf, version) for one in (*totals, *routes))


def unread_neighbors(box: Box) -> Iterator[Blindness]:
    """Say which routing protocols a router may speak without anybody having asked for its neighbours."""
    if "interface-addresses" in box.subject.observations and not box.is_router:
        return
    configured = "routing-processes" in box.subject.observations
    running = {one.protocol for one in box.rows("routing-processes", RoutingProcess)}
    for protocol in _SPOKEN:
        if not box.looked("routing-peers", 4, protocol) and (not configured or protocol in running):
            yield Blindness("routing-peers", GapReason.NOT_ASKED, f"{box.label} {protocol}")
    if "device-routes" not in box.subject.observations and not box.peers:
        yield Blindness("device-routes", GapReason.NOT_ASKED, f"{box.label} device-routes")
