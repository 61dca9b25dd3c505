"""Routes and routing neighbours in the tables that Cisco, Ruijie and ZTE have in common, with their small differences."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, body, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, network_of, titled
from scanners.platforms.devices.protocols import bgp_peer, ospf_peer, route
from scanners.platforms.devices.rows import each, without
from xunyan.device_facts import DeviceFact, DeviceRoute, RouteTotal, RoutingPeer

_CODES = {"C": "direct", "L": "local", "S": "static", "R": "rip", "O": "ospf", "B": "bgp", "i": "isis", "I": "isis"}
_GATEWAY = re.compile(r"\s*(?:Gateway of last resort|No default route).*", re.IGNORECASE)
_VRF = re.compile(r"\s*(?:Routing Table|VRF name|Routing Table for VRF)\s*[:=]\s*(\S+)")
_SUBNETTED = re.compile(r"\s*([\d.]+/\d+) is (?:variably )?subnetted.*")
_AGE = r"(?:,\s*(?:never|\d[\w:.]*))?"
_ROUTE = re.compile(
    rf"""([A-Za-z])[*+%]*(?:\s?[A-Za-z0-9]{{1,2}})?(?:[*+%p&]|\s{{1,8}}[*+%&])*\s+([\d.]+(?:/\d+)?)
        (?:\s+(?:\[\d+/\d+\]\s+via\s+([\d.]+)(?:\s+\(\S+\))?{_AGE}(?:,\s*(\S.*?))?
                |(?:is\ directly\ connected|\[\d+/\d+\])(?:\s+\(\S+\))?{_AGE},\s*(\S.*?)
                |is\ (local)\ host\.?
                |is\ a\ summary,\ .*)
          |(?P<wraps>))\s*
    """,
    re.VERBOSE,
)
_NO_INTERFACE = re.compile(r"[\d:.]+|never|\d+[wdhms].*|mpls|(?:in)?directly connected", re.IGNORECASE)
_MORE_HOPS = re.compile(rf"\s+\[\d+/\d+\]\s+via\s+([\d.]+)(?:\s+\(\S+\))?{_AGE}(?:,\s*(\S.*?))?\s*")
_TABLE6 = re.compile(
    r"IPv6 [Rr]outing [Tt]able (?:- (?:(?P<vrf>\S+) - )?(?P<said>\d+) entries|name is (?P<name>[^\s(]+)(?:\(\d+\))?.*?- (?P<other>\d+) entries).*"
)
_ROUTE6 = re.compile(
    r"([A-Za-z])[A-Za-z0-9*+]*\s+([0-9A-Fa-f:.]+/\d+)\s*(?:\[\d+/\d+\])?(?:, tag \d+)?(?:\s+via\s+(.+))?\s*"
)
_VIA6 = re.compile(r"\s+via\s+(.+)")
_LEGEND = re.compile(r"(?:Codes:|\s+).*\S+ ?- ?\S.*")
_OSPF = re.compile(
    r"\s*([\d.]+)\s+(\d+)\s+([\w-]+\s?/\s*[\w-]+)\s+(?:(-|Up|Down)\s+)?(\d+:[\d:]+|-)\s+([\d.]+)\s+(\S.*?)\s*"
)
_OSPF_TITLES = re.compile(
    r"\s*(?:OSPF(?:v3)? (?:process|Router with ID)|Neighbor ID\s|OSPFv3 \d+ address-family).*", re.IGNORECASE
)
_BGP_HEAD = re.compile(r"\s*Neighbor\s+V(?:er)?\s+As\s.*", re.IGNORECASE)
_BGP = re.compile(
    r"\s*\*?\s*([0-9A-Fa-f:.]+)\s+4\s+([\d.]+)\s+(?:\d+\s+){2,5}(\S+)\s+(\d+|[A-Z][A-Za-z]+(?: ?\([A-Za-z ]+\))?)\s*"
)
_ALONE = re.compile(r"\s*\*?\s*[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\s*")
_BGP_FOOT = re.compile(r"\s*(?:Total number of neighbors|Dynamically created).*", re.IGNORECASE)


def read_routes(lines: Sequence[Line]) -> list[Found]:
    """Read `show ip route` of Cisco and Ruijie: what stands under the gateway of last resort."""
    vrf = next((titled(match[1]) for line in lines if (match := _VRF.match(line.text))), "")
    found: list[Found] = []
    destination, code, length = "", "", ""
    alone: Line | None = None  # a destination whose next hop stands on the next line
    for line in body(lines, _GATEWAY, "a table of routes with its gateway of last resort"):
        if alone is not None and not _MORE_HOPS.fullmatch(line.text):
            raise NotReadError(alone, "a whole route")
        if match := _SUBNETTED.fullmatch(line.text):
            length = match[1].partition("/")[2]
            continue
        if match := _ROUTE.fullmatch(line.text):
            code = "L" if match[6] else match[1]
            destination = network_of(match[2] if "/" in match[2] or not length else f"{match[2]}/{length}") or ""
            if match["wraps"] is not None and destination:
                alone = line
                continue
            hop, interface = match[3] or "", match[4] or match[5] or ""
        elif (match := _MORE_HOPS.fullmatch(line.text)) and destination:
            hop, interface = match[1], match[2] or ""
        else:
            raise NotReadError(line, "a route")
        if not destination or (hop and address_of(hop, 4) is None):
            raise NotReadError(line, "a route")
        alone = None
        found.append(_found(line, 4, destination, hop, interface, code, vrf))
    if alone is not None:
        raise NotReadError(alone, "a whole route")
    return found


def read_routes6(lines: Sequence[Line]) -> list[Found]:
    """Read `show ipv6 route` of Cisco and Ruijie, with `via` behind the destination or on lines of its own."""
    head = next((line for line in shown(lines)), Line(1, ""))
    title = _TABLE6.fullmatch(head.text)
    if not title:
        raise NotReadError(head, "the title of a table of IPv6 routes")
    vrf = titled(title["vrf"] or title["name"] or "")
    found: list[Found] = []
    destination, code = "", ""
    for line in shown(lines):
        row = _ROUTE6.fullmatch(line.text)
        via = row[3] if row else None
        if row:
            destination, code = network_of(row[2]) or "", row[1]
        elif destination and (more := _VIA6.fullmatch(line.text)):
            via = more[1]
        elif found or destination or (line is not head and not _LEGEND.fullmatch(line.text)):
            raise NotReadError(line, "an IPv6 route")
        if via:
            hop, interface = _towards(via)
            found.append(_found(line, 6, destination, hop, interface, code, vrf))
        if row and not destination:
            raise NotReadError(line, "an IPv6 route")
    total = RouteTotal(
        6,
        vrf,
        int(title["said"] or title["other"]),
        len({one.fact.destination for one in found if isinstance(one.fact, DeviceRoute)}),
    )
    return [*found, Found(total, head.number, head.number)]


def _towards(via: str) -> tuple[str, str]:
    first, _, rest = via.strip().partition(",")
    hop = address_of(first)
    return (hop, rest.strip()) if hop else ("", first.strip())


def _found(line: Line, family: int, destination: str, hop: str, interface: str, code: str, vrf: str) -> Found:
    interface = "" if _NO_INTERFACE.fullmatch(interface) else interface
    fact = route(family, destination, hop, interface, _CODES.get(code, "other"), vrf=vrf)
    return Found(fact, line.number, line.number)


def read_ospf(lines: Sequence[Line]) -> list[Found]:
    """Read `show ip ospf neighbor`."""
    return each(
        without(lines, _OSPF_TITLES),
        _OSPF,
        lambda row: ospf_peer("ospf", row[6], row[3], row[7], row[1]),
        "a neighbour",
    )


def read_ospfv3(lines: Sequence[Line]) -> list[Found]:
    """Read `show ipv6 ospf neighbor` or `show ospfv3 neighbor`."""
    return each(
        without(lines, _OSPF_TITLES), _OSPF, lambda row: ospf_peer("ospfv3", "", row[3], row[7], row[1]), "a neighbour"
    )


def read_bgp(lines: Sequence[Line]) -> list[Found]:
    """Read `show ip bgp summary`."""
    return _bgp(lines, 4)


def read_bgp6(lines: Sequence[Line]) -> list[Found]:
    """Read `show bgp ipv6 unicast summary`; a long address may stand alone, its values on the next line."""
    return _bgp(lines, 6)


def _bgp(lines: Sequence[Line], family: int) -> list[Found]:
    found: list[Found] = []
    alone: Line | None = None
    for line in body(lines, _BGP_HEAD, "a table of BGP neighbours"):
        if _BGP_FOOT.fullmatch(line.text):
            continue
        if alone is None and _ALONE.fullmatch(line.text):
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


def isis_peer(system: str, state: str, interface: str) -> DeviceFact | None:
    """Make a neighbour of IS-IS; None where the state is none."""
    word = state.lower()
    return RoutingPeer("isis", 0, system, word, word == "up", interface) if word in ("up", "down", "init") else None
