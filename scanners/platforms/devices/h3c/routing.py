"""The routes and routing neighbours of an H3C Comware device."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, network_of, titled
from scanners.platforms.devices.protocols import bgp_peer, ospf_peer, route
from scanners.platforms.devices.rows import each, is_empty, require, without
from xunyan.device_facts import DeviceRoute, RouteTotal, RoutingPeer

_ROUTES = re.compile(r"\s*Destinations\s*:\s*\d+\s+Routes\s*:\s*(\d+)\s*")
_HEAD = re.compile(r"\s*Destination/Mask\s+Proto\s+Pre\s+Cost\s+NextHop\s+Interface\s*")
_TITLE = re.compile(r"\s*(?:Routing Tables?|VPN instance)\s*:\s*(\S+)")
_SKIP = re.compile(r"\s*(?:(?:Routing Tables?|VPN instance)\s*:.*|Summary count.*)")
_ROW = re.compile(r"\s*(?:([\d.]+/\d+)\s+)?([A-Za-z]\w*)\s+(\d+)\s+(\d+)\s+([\d.]+)\s+(\S+)\s*")
_MORE_HOPS = re.compile(r"\s+([\d.]+)\s+([A-Za-z]\S*)\s*")
_DETAIL = re.compile(r"\s*Destination\s*:\s*(\S+)\s+Protocol\s*:\s*(\S+)\s*")
_NEXT_HOP = re.compile(r"\s*NextHop\s*:\s*(\S+)")
_INTERFACE = re.compile(r"\s*Interface\s*:\s*(\S+)")
_OSPF_HEAD = re.compile(r"\s*Router ID\s+Address\s+Pri\s+Dead-Time\s+State\s+Interface\s*")
_OSPF = re.compile(r"\s*([\d.]+)\s+([\d.]+)\s+(\d+)\s+(\d+)\s+([\w-]+\s?/\s?[\w-]+)\s+(\S+)\s*")
_OSPF_TITLES = re.compile(
    r"\s*(?:OSPF(?:v3)? Process \d+ with Router ID|Neighbor Brief Information|Area:|Router ID\s).*"
)
_OSPFV3 = re.compile(r"\s*([\d.]+)\s+(\d+)\s+([\w-]+\s?/\s?[\w-]+)\s+([\d:]+)\s+(\d+)\s+(\S+)\s*")
_BGP_HEAD = re.compile(r"\s*Peer\s+AS\s+MsgRcvd\s+MsgSent\b.*State\s*")
_BGP = re.compile(r"\s*\*?\s*([0-9A-Fa-f:.]+)\s+([\d.]+)\s+\d+\s+\d+\s+\d+\s+\d+\s+(\S+)\s+([A-Z][A-Za-z()]*)\s*")
_BGP_ALONE = re.compile(r"\s*\*?\s*[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\s*")
_ISIS = re.compile(r"\s*System ID\s*:\s*(\S+)", re.IGNORECASE)
_ISIS_INTERFACE = re.compile(r"\s*Interface\s*:\s*(\S+)")
_ISIS_STATE = re.compile(r"\s*State\s*:\s*(\S+)")


def read_routes(lines: Sequence[Line]) -> list[Found]:
    """Read `display ip routing-table`; further next hops stand in rows of their own, with or without the protocol."""
    found: list[Found] = []
    destination, protocol = "", ""
    vrf = _vrf(lines)
    for line in [] if is_empty(lines, _ROUTES, _HEAD) else body(lines, _HEAD, "a table of routes"):
        if _HEAD.fullmatch(line.text) or _ROUTES.fullmatch(line.text) or _SKIP.fullmatch(line.text):
            continue
        if row := _ROW.fullmatch(line.text):
            destination = (network_of(row[1]) or "") if row[1] else destination
            protocol, hop, interface = row[2], row[5], row[6]
        elif (row := _MORE_HOPS.fullmatch(line.text)) and destination:
            hop, interface = row[1], row[2]
        else:
            raise NotReadError(line, "a route")
        if not destination or address_of(hop) is None:
            raise NotReadError(line, "a route")
        found.append(Found(route(4, destination, hop, interface, protocol, vrf=vrf), line.number, line.number))
    return [*found, *_totals(lines, 4, vrf, found)]


def _vrf(lines: Sequence[Line]) -> str:
    """Give the VPN instance of a table that has a title; without one it is that of the command."""
    return next((titled(match[1]) for line in lines if (match := _TITLE.match(line.text))), "")


def read_routes6(lines: Sequence[Line]) -> list[Found]:
    """Read `display ipv6 routing-table`."""
    found: list[Found] = []
    vrf = _vrf(lines)
    for match, own in blocks(lines, _DETAIL):
        hop = next((told[1] for line in own if (told := _NEXT_HOP.match(line.text))), "")
        interface = next((told[1] for line in own if (told := _INTERFACE.match(line.text))), "")
        destination, next_hop = network_of(match[1]), address_of(hop)
        if destination is None or next_hop is None or not interface:
            raise NotReadError(own[0], "a whole route")
        fact = route(6, destination, next_hop, interface, match[2], vrf=vrf)
        found.append(Found(fact, own[0].number, own[min(2, len(own) - 1)].number))
    return [*found, *_totals(lines, 6, vrf, found)] or require([], lines, "a route")


def _totals(lines: Sequence[Line], family: int, vrf: str, found: Sequence[Found]) -> list[Found]:
    read = sum(isinstance(one.fact, DeviceRoute) for one in found)
    return [
        Found(RouteTotal(family, vrf, int(match[1]), read), line.number, line.number)
        for line in lines
        if (match := _ROUTES.fullmatch(line.text))
    ][:1]


def read_ospf(lines: Sequence[Line]) -> list[Found]:
    """Read `display ospf peer`; a process without neighbours shows its title alone."""
    return each(without(lines, _OSPF_TITLES), _OSPF, _ospf, "a neighbour")


def _ospf(row: re.Match[str]) -> RoutingPeer | None:
    address = address_of(row[2], 4)
    return ospf_peer("ospf", address, row[5], row[6], row[1]) if address else None


def read_ospfv3(lines: Sequence[Line]) -> list[Found]:
    """Read `display ospfv3 peer`; a process without neighbours shows its title alone."""
    return each(
        without(lines, _OSPF_TITLES),
        _OSPFV3,
        lambda row: ospf_peer("ospfv3", "", row[3], row[6], row[1]),
        "a neighbour",
    )


def read_bgp(lines: Sequence[Line]) -> list[Found]:
    """Read `display bgp peer ipv4`."""
    return _bgp(lines, 4)


def read_bgp6(lines: Sequence[Line]) -> list[Found]:
    """Read `display bgp peer ipv6`; a long address may stand alone, its values on the next line."""
    return _bgp(lines, 6)


def _bgp(lines: Sequence[Line], family: int) -> list[Found]:
    found: list[Found] = []
    alone: Line | None = None
    for line in body(lines, _BGP_HEAD, "a table of BGP neighbours"):
        if alone is None and _BGP_ALONE.fullmatch(line.text):
            alone = line
            continue
        row = _BGP.fullmatch(f"{alone.text} {line.text}" if alone else line.text)
        address = address_of(row[1]) if row else None
        fact = bgp_peer(family, address, row[4], row[2]) if row and address else None
        if fact is None:
            raise NotReadError(line, "a BGP neighbour")
        found.append(Found(fact, (alone or line).number, line.number))
        alone = None
    if alone is not None:
        raise NotReadError(alone, "a whole BGP neighbour")
    return found


def read_isis(lines: Sequence[Line]) -> list[Found]:
    """Read `display isis peer`: a block for each neighbour."""
    found: list[Found] = []
    for match, own in blocks(lines, _ISIS):
        interface = next((told[1] for line in own if (told := _ISIS_INTERFACE.match(line.text))), "")
        state = next((told[1] for line in own if (told := _ISIS_STATE.match(line.text))), "").lower()
        if not interface or state not in ("up", "down", "init"):
            raise NotReadError(own[0], "an IS-IS neighbour with its state")
        fact = RoutingPeer("isis", 0, match[1].removesuffix("*"), state, state == "up", interface)
        found.append(Found(fact, own[0].number, own[min(2, len(own) - 1)].number))
    if not found and any("Peer information" not in line.text for line in shown(lines)):
        return require([], lines, "an IS-IS neighbour")
    return found
