"""The routes of a Windows endpoint, from Get-NetRoute (Windows 8 and Server 2012 or newer)."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

from scanners.platforms.linux.notation import canonical, written
from scanners.platforms.reading import Reading, cite_all, lines_of
from scanners.platforms.windows.answers import Row, rows_of, shown
from xunyan.facts import Route
from xunyan.model import Capture

SOURCE = "routes"
ON_LINK = frozenset({"0.0.0.0", "::"})  # noqa: S104  # as a next hop, not to bind to


def read_routes(sources: Mapping[str, Capture]) -> Reading:
    """Read the routes; what stays on the host (its own addresses, broadcast, multicast, loopback) is left out.

    Windows shows those as routes to one address on link, which a route that someone added can look like too.
    """
    capture = sources.get(SOURCE)
    if capture is None:
        return Reading()
    rows = rows_of(capture)
    if isinstance(rows, str):
        return Reading(unreadable=((SOURCE, rows),))
    facts: list[Route] = []
    for number, row in enumerate(rows, 1):
        route = _route(row)
        if route is None:
            why = f"object {number} is not a route: {shown(row, 'DestinationPrefix')[:60]}"
            return Reading(unreadable=((SOURCE, why),))
        facts += route
    return Reading(tuple(facts), (cite_all(capture, lines_of(capture)),))


def _route(row: Row) -> tuple[Route, ...] | None:
    network = _network(shown(row, "DestinationPrefix"))
    hop = canonical(shown(row, "NextHop").partition("%")[0])
    if network is None or hop is None or (":" in hop) != (network.version == 6):
        return None
    on_link = hop in ON_LINK
    if network.is_multicast or network.is_loopback or (on_link and network.prefixlen == network.max_prefixlen):
        return ()
    destination = f"{written(network.network_address)}/{network.prefixlen}"
    return (Route(network.version, destination, "" if on_link else hop, shown(row, "InterfaceAlias")),)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    if "/" not in text or len(text) > 64:
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
