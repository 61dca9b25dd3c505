"""What of a device nobody looked at, so that nothing may be said to be absent from it."""

from collections.abc import Iterator

from controls.model import Blindness
from controls.topology.devices import Box
from xunyan.device_facts import DeviceRoute, RouteTotal, RoutingProcess
from xunyan.model import GapReason

_TABLES = "rout"
"""Stands in every command that shows a table of routes, and in none that shows a configuration."""
_SPOKEN = ("ospf", "bgp", "isis")


def unread(box: Box) -> Iterator[Blindness]:
    """Say what was not seen of the ways that lead out of a device: tables of routes, addresses, VRFs and translation."""
    if "device-routes" in box.subject.observations:  # else the engine says so itself
        yield from unread_routes(box)
    for name in ("interface-addresses", "vrfs", "nat"):
        if name not in box.subject.observations:
            yield Blindness(name, GapReason.NOT_ASKED, f"{box.label} {name}")


def unread_routes(box: Box) -> Iterator[Blindness]:
    """Say which tables of routes were not read, or not to their ends. A configuration alone shows no table."""
    name = box.label
    if not box.looked("device-routes", 4, _TABLES):
        yield Blindness("device-routes", GapReason.NOT_ASKED, f"{name} IPv4")
    if (not box.sees_six or box.has_six) and not box.looked("device-routes", 6, _TABLES):
        yield Blindness("device-routes", GapReason.NOT_ASKED, f"{name} IPv6")
    for total in box.rows("route-totals", RouteTotal):
        if total.said > total.read:
            detail = f"{name} {f'VRF {total.vrf} ' if total.vrf else ''}{total.read}/{total.said}"
            yield Blindness(total.source or "route-totals", GapReason.TOO_LARGE, detail)
    for vrf in sorted({box.vrf(one) for one in box.routed} - _tables_of(box) - {""}):
        yield Blindness("device-routes", GapReason.NOT_ASKED, f"{name} VRF {vrf}")


def knows_routes(box: Box, vrf: str) -> bool:
    """Tell whether the whole IPv4 table that a VRF looks into was read."""
    totals = [one for one in box.rows("route-totals", RouteTotal) if one.vrf == vrf]
    return (
        box.looked("device-routes", 4, _TABLES)
        and (not vrf or vrf in _tables_of(box))
        and all(one.read >= one.said for one in totals)
    )


def _tables_of(box: Box) -> set[str]:
    told = {row.vrf for row in box.rows("route-totals", RouteTotal)}
    return told | {row.vrf for row in box.rows("device-routes", DeviceRoute) if not row.configured}


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
