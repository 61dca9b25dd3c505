"""The routes and IS-IS neighbours of a ZTE ZXROS device; what else it routes is shown as Cisco shows it."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, body, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, network_of
from scanners.platforms.devices.protocols import route
from scanners.platforms.devices.rows import each, is_empty, require
from scanners.platforms.devices.show_routing import isis_peer
from xunyan.device_facts import DeviceRoute, RouteTotal

_HEAD = re.compile(r"\s*Dest\s+(?:Mask\s+)?Gw\s+Interface\s+Owner\s+Pri\s+Metric\s*", re.IGNORECASE)
_TOTAL = re.compile(r"\s*Routes\s*:\s*\d{1,9}\s+Route-paths\s*:\s*(\d{1,9})\s*")
_ROUTE = re.compile(r"([*>A-Z ]+)([\d.]+/\d+)\s+([\d.]+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(\d+)\s*")
_TITLE6 = re.compile(r"IPv6 Routing Table:?\s*", re.IGNORECASE)
_CODES6 = re.compile(r"status codes:.*", re.IGNORECASE)
_DESTINATION6 = re.compile(r"([*> ]+)([0-9A-Fa-f:.]+/\d+)\s*")
_HOP6 = re.compile(r"\s+next hop: (\S+)\s+interface: (\S+)\s+owner: (\S+)\b.*")
_ISIS_HEAD = re.compile(r"Interface\s+System id\s+State\s+Lev\s.*", re.IGNORECASE)
_ISIS = re.compile(r"(\S+)\s+(\S+)\s+(UP|DOWN|INIT)\S*\s+(L\S+)\s+.*", re.IGNORECASE)


def read_routes(lines: Sequence[Line]) -> list[Found]:
    """Read `show ip forwarding route`; newer releases say how many rows there are."""
    rows = [] if is_empty(lines, _TOTAL, _HEAD) else body(lines, _HEAD, "a table of routes")
    found = each(rows, _ROUTE, _route, "a route")
    totals = [
        Found(RouteTotal(4, "", int(match[1]), len(found)), line.number, line.number)
        for line in lines
        if (match := _TOTAL.fullmatch(line.text))
    ]
    return [*found, *totals[:1]]


def _route(row: re.Match[str]) -> DeviceRoute | None:
    destination, hop = network_of(row[2]), address_of(row[3], 4)
    if destination is None or hop is None:
        return None
    return route(4, destination, hop, row[4], row[5], active=">" in row[1])


def read_routes6(lines: Sequence[Line]) -> list[Found]:
    """Read `show ipv6 forwarding route`: the next hops of a destination on lines of their own."""
    found: list[Found] = []
    destination, marks, first = "", "", Line(1, "")
    for line in shown(lines):
        if _TITLE6.fullmatch(line.text) or _CODES6.fullmatch(line.text):
            continue
        if row := _DESTINATION6.fullmatch(line.text):
            destination, marks, first = network_of(row[2]) or "", row[1], line
        elif row := _HOP6.fullmatch(line.text):
            hop = address_of(row[1], 6)
            if not destination or hop is None:
                raise NotReadError(line, "a next hop of an IPv6 route")
            fact = route(6, destination, hop, row[2], row[3], active=">" in marks)
            found.append(Found(fact, first.number, line.number))
        else:
            raise NotReadError(line, "an IPv6 route")
    return found if any(_TITLE6.fullmatch(line.text) for line in lines) else require(found, lines, "an IPv6 route")


def read_isis(lines: Sequence[Line]) -> list[Found]:
    """Read `show isis adjacency`."""
    rows = body(lines, _ISIS_HEAD, "a table of IS-IS neighbours")
    return each(rows, _ISIS, lambda row: isis_peer(row[2], row[3], row[1]), "an IS-IS neighbour")
