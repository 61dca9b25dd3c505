"""The routes and routing neighbours of a Huawei VRP device."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, network_of, titled, vrf_of
from scanners.platforms.devices.protocols import bgp_peer, ospf_peer, route
from scanners.platforms.devices.rows import each, is_empty, require, without
from xunyan.device_facts import DeviceFact, DeviceRoute, RouteTotal, RoutingPeer

_TABLE = re.compile(r"\s*Routing Tables?\s*:\s*(\S+)")
_ROUTES = re.compile(r"\s*(?:Destinations|Summary Prefixes)\s*:\s*\d+\s+Routes\s*:\s*(\d+)")
_HEAD = re.compile(r"\s*Destination/Mask\s+Proto\s+Pre\s+Cost\s+Flags\s+NextHop\s+Interface\s*")
_ROW = re.compile(r"\s*([\d.]+/\d+)?\s+([A-Za-z][\w-]*)\s+(\d+)\s+(\S+)\s+(?:([A-Z]+)\s+)?([\d.]+)\s+(\S+)\s*")
_MORE_HOPS = re.compile(r"\s+(?:([A-Z]+)\s+)?([\d.]+)\s+([A-Za-z]\S*)\s*")
_DETAIL = re.compile(r"\s*Destination\s*:\s*(\S+)")
_PAIR = re.compile(
    r"(PrefixLength|Protocol|NextHop|State|Interface|Flags|Destination)\s*:\s*(\S*(?: (?:Active|Inactive|Adv|NoAdv|Relied)\b)*)"
)
_OSPF_AREA = re.compile(r"\s*Area \S+ interface [\d.]+\s?\((\S+?)\)'s neighbors")
_OSPF_ID = re.compile(r"\s*Router ID:\s*(\S+)\s+Address:\s*(\S+)")
_OSPF_STATE = re.compile(r"\s*State:\s*(\S+)")
_OSPF_BRIEF_HEAD = re.compile(r"\s*Area Id\s+Interface\s+Neighbor id\s+State\s*", re.IGNORECASE)
_OSPF_BRIEF = re.compile(r"\s*([\d.]+)\s+(\S+)\s+([\d.]+)\s+(\S+)\s*")
_OSPFV3 = re.compile(r"\s*([\d.]+)\s+(\d+)\s+([\w-]+\s?/\s?[\w-]+)\s+([\d:]+)\s+(\S+)\s+(\d+)\s*")
_OSPFV3_HEAD = re.compile(r"\s*Neighbor ID\s+Pri\s+State\s+Dead Time\s+Interface\b.*")
_OSPFV3_SKIP = re.compile(
    r"\s*(?:OSPFv3 (?:Process|Area)|Total number of peer|Peer\(s\) in full|Neighbor ID).*", re.IGNORECASE
)
_BGP_HEAD = re.compile(r"\s*Peer\s+V\s+AS\s+MsgRcvd\b.*")
_BGP = re.compile(
    r"\s*\*?\s*([0-9A-Fa-f:.]+)\s+4\s+([\d.]+)\s+\d+\s+\d+\s+\d+\s+(\S+)\s+([A-Z][A-Za-z() ]*?)\s+(\d+)\s*"
)
_BGP_VRF = re.compile(r"\s*(?:VPN-Instance\s+(\S+?)\s*,.*|.*Peer of .*VPN instance\s*:?\s*(\S+))")
_ISIS_HEAD = re.compile(r"\s*System Id\s+Interface\s+Circuit Id\s+State\b.*")
_ISIS = re.compile(r"\s*(\S+)\s+(\S+)\s+(\S+)\s+(Up|Down|Init)\s+(\S+)\s+(L\S+)\s+(\S+)\s*")
_ISIS_WRAP = re.compile(r"([\w.-]{1,10}\*?)\s*")
_ISIS_SKIP = re.compile(r"\s*(?:Peer information for ISIS|Total Peer|System Id\b).*")


def read_routes(lines: Sequence[Line]) -> list[Found]:
    """Read `display ip routing-table`, in rows or, with `verbose`, in blocks; further next hops stand in rows of their own."""
    if any(_DETAIL.match(line.text) for line in lines):
        return _details(lines, 4)
    found: list[Found] = []
    vrf, destination, protocol = "", "", ""
    rows = [] if is_empty(lines, _ROUTES, _HEAD) else body(lines, _HEAD, "a table of routes")
    vrf = next((titled(match[1]) for line in lines if (match := _TABLE.match(line.text))), "")
    for line in rows:
        if row := _ROW.fullmatch(line.text):
            destination, protocol = network_of(row[1]) or "" if row[1] else destination, row[2]
            hop, interface = row[6], row[7]
        elif (row := _MORE_HOPS.fullmatch(line.text)) and destination:
            hop, interface = row[2], row[3]
        else:
            raise NotReadError(line, "a route")
        if not destination or address_of(hop) is None:
            raise NotReadError(line, "a route")
        found.append(Found(route(4, destination, hop, interface, protocol, vrf=vrf), line.number, line.number))
    return [*found, *_totals(lines, 4, vrf, found)]


def read_routes6(lines: Sequence[Line]) -> list[Found]:
    """Read `display ipv6 routing-table`."""
    return _details(lines, 6)


def _details(lines: Sequence[Line], family: int) -> list[Found]:
    vrf = next((titled(match[1]) for line in lines if (match := _TABLE.match(line.text))), "")
    found: list[Found] = []
    for _, own in blocks(lines, _DETAIL):
        told: dict[str, str] = {}
        for line in own:
            for name, value in _PAIR.findall(line.text):
                if name not in told and not line.text.lstrip().startswith("Relay" + name):
                    told[name] = value
        length = told.get("PrefixLength")
        destination = network_of(told.get("Destination", "") + (f"/{length}" if length else ""))
        hop = address_of(told.get("NextHop", ""), family)
        if destination is None or hop is None or not told.get("Protocol") or "Interface" not in told:
            raise NotReadError(own[0], "a whole route")
        active = not told.get("State", "").startswith("Inactive")
        fact = route(family, destination, hop, told["Interface"], told["Protocol"], vrf=vrf, active=active)
        held = [line.number for line in own if line.text]
        found.append(Found(fact, held[0], held[-1]))
    return [*found, *_totals(lines, family, vrf, found)] or require([], lines, "a route")


def _totals(lines: Sequence[Line], family: int, vrf: str, found: Sequence[Found]) -> list[Found]:
    read = sum(isinstance(one.fact, DeviceRoute) for one in found)
    return [
        Found(RouteTotal(family, vrf, int(match[1]), read), line.number, line.number)
        for line in lines
        if (match := _ROUTES.match(line.text))
    ][:1]


def read_ospf(lines: Sequence[Line]) -> list[Found]:
    """Read `display ospf peer`, in blocks or as a brief table; a process without neighbours shows its title alone."""
    if any(_OSPF_BRIEF_HEAD.fullmatch(line.text) for line in lines):
        rows = body(lines, _OSPF_BRIEF_HEAD, "a table of neighbours")
        rows = without(rows, re.compile(r"\s*(?:OSPF Process|Total Peer|Peer Statistic|Area Id).*", re.IGNORECASE))
        return each(rows, _OSPF_BRIEF, lambda row: ospf_peer("ospf", "", row[4], row[2], row[3]), "a neighbour")
    found: list[Found] = []
    for area, own in blocks(lines, _OSPF_AREA):
        for match, part in blocks(own, _OSPF_ID):
            state = next((told[1] for line in part if (told := _OSPF_STATE.match(line.text))), "")
            fact = ospf_peer("ospf", match[2], state, area[1], match[1])
            if fact is None or address_of(match[2], 4) is None:
                raise NotReadError(part[0], "a neighbour with its state")
            found.append(Found(fact, part[0].number, part[min(1, len(part) - 1)].number))
    return found or _only_titles(lines, re.compile(r"\s*(?:OSPF Process \d+ with|Neighbors).*"))


def _only_titles(lines: Sequence[Line], allowed: re.Pattern[str]) -> list[Found]:
    for line in shown(lines):
        if not allowed.match(line.text):
            raise NotReadError(line, "a neighbour")
    return []


def read_ospfv3(lines: Sequence[Line]) -> list[Found]:
    """Read `display ospfv3 peer`: rows by white space, as the columns are not where the head has them."""
    return each(without(lines, _OSPFV3_SKIP), _OSPFV3, _ospfv3, "an OSPFv3 neighbour")


def _ospfv3(row: re.Match[str]) -> RoutingPeer | None:
    return ospf_peer("ospfv3", "", row[3], row[5], row[1])


def read_bgp(lines: Sequence[Line]) -> list[Found]:
    """Read `display bgp peer`."""
    return _bgp(lines, 4)


def read_bgp6(lines: Sequence[Line]) -> list[Found]:
    """Read `display bgp ipv6 peer`; the neighbour's own address may be of IPv4."""
    return _bgp(lines, 6)


def _bgp(lines: Sequence[Line], family: int) -> list[Found]:
    found: list[Found] = []
    vrf = ""
    for line in body(lines, _BGP_HEAD, "a table of BGP neighbours"):
        if match := _BGP_VRF.fullmatch(line.text):
            vrf = vrf_of(match[1] or match[2])
            continue
        if _BGP_HEAD.match(line.text):
            continue
        row = _BGP.fullmatch(line.text)
        address = address_of(row[1]) if row else None
        fact = bgp_peer(family, address, row[4], row[2], vrf) if row and address else None
        if fact is None:
            raise NotReadError(line, "a BGP neighbour")
        found.append(Found(fact, line.number, line.number))
    return found


def read_isis(lines: Sequence[Line]) -> list[Found]:
    """Read `display isis peer`, where a long system id goes on in the next line."""
    body(lines, _ISIS_HEAD, "a table of IS-IS neighbours")
    found: list[tuple[list[str], DeviceFact, Line]] = []
    for line in without(lines, _ISIS_SKIP):
        if row := _ISIS.fullmatch(line.text):
            found.append(([row[1]], RoutingPeer("isis", 0, "", row[4].lower(), row[4] == "Up", row[2]), line))
        elif found and len(found[-1][0]) == 1 and (wrap := _ISIS_WRAP.fullmatch(line.text)):
            found[-1][0].append(wrap[1])
        else:
            raise NotReadError(line, "an IS-IS neighbour")
    return [
        Found(
            RoutingPeer("isis", 0, "".join(name).removesuffix("*"), fact.state, fact.up, fact.interface),
            line.number,
            line.number + len(name) - 1,
        )
        for name, fact, line in found
        if isinstance(fact, RoutingPeer)
    ]
