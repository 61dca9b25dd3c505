"""What of a device nobody looked at, so that nothing may be said to be absent from it."""

from collections.abc import Iterator

from controls.model import Blindness
from controls.topology.devices import Box
from controls.topology.ports import Kind, is_for_management, kind_of
from xunyan.device_facts import RouteTotal, RoutingProcess, Vrf, is_no_vrf
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
    for version in sorted(_versions(box, "")):
        if (version, "") not in box.tables:
            yield Blindness("device-routes", GapReason.NOT_ASKED, f"{name} IPv{version}")
    for total in box.rows("route-totals", RouteTotal):
        if total.said > total.read:
            detail = f"{name} {f'VRF {total.vrf} ' if total.vrf else ''}{total.read}/{total.said}"
            yield Blindness(total.source or "route-totals", GapReason.TOO_LARGE, detail)
    for vrf in sorted(_vrfs(box)):
        if any((version, vrf) not in box.tables for version in _versions(box, vrf)):
            yield Blindness("device-routes", GapReason.NOT_ASKED, f"{name} VRF {vrf}")


def _vrfs(box: Box) -> set[str]:
    """Give the VRFs that routes may lead out of: all but those for the management alone, by name or by a port of that kind."""
    ports: dict[str, set[str]] = {one.name: set(one.interfaces) for one in box.rows("vrfs", Vrf)}
    for interface in {*box.interfaces, *box.held}:
        ports.setdefault(box.vrf(interface), set()).add(interface)
    return {
        vrf for vrf, own in ports.items() if not (is_no_vrf(vrf) or _is_management(vrf, {kind_of(one) for one in own}))
    }


def _is_management(vrf: str, kinds: set[Kind]) -> bool:
    return kinds <= {"none", "management"} and (is_for_management(vrf) or "management" in kinds)


def _versions(box: Box, vrf: str) -> set[int]:
    """Give the versions whose tables matter in a VRF: IPv6 where a port holds it, or where nobody can see whether one does."""
    if not vrf:
        return {4, 6} if not box.sees_six or box.has_six else {4}
    own = {one.version for interface, held in box.held.items() if box.vrf(interface) == vrf for one in held}
    return {4, 6} if not box.sees_six else {4} | own


def knows_routes(box: Box, vrf: str) -> bool:
    """Tell whether the whole tables that a VRF looks into were read, in each version that matters there."""
    return has_whole(box, 4, "") and all(has_whole(box, version, vrf) for version in _versions(box, vrf))


def has_whole(box: Box, version: int, vrf: str) -> bool:
    """Tell whether a table of routes was read to its end."""
    totals = (one for one in box.rows("route-totals", RouteTotal) if (one.family, one.vrf) == (version, vrf))
    return (version, vrf) in box.tables and all(one.read >= one.said for one in totals)


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
