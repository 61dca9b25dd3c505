"""Reads the routes of a Linux endpoint."""

from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address

from scanners.platforms.linux.notation import canonical, length_of, written
from scanners.platforms.reading import Reading, cite_all, lines_of, odd
from xunyan.facts import Route
from xunyan.model import Capture, Evidence

SOURCES = (("ip-route", 4), ("ip6-route", 6))
ANYWHERE = {4: "0.0.0.0/0", 6: "::/0"}
REACH_NOTHING = frozenset(
    {"unreachable", "blackhole", "prohibit", "throw", "local", "broadcast", "anycast", "multicast"}
)
DETAILS = frozenset({"cache", "nh_info"})
# Flags in the kernel's own tables, from its include/uapi/linux/route.h and ipv6_route.h.
IS_UP = 0x1
HAS_GATEWAY = 0x2
IPV4_SKIPPED = 0x0200  # reject
IPV6_SKIPPED = 0x0200 | 0x0010_0000 | 0x0100_0000 | 0x8000_0000  # reject, anycast, cached, local


def read_routes(sources: Mapping[str, Capture]) -> Reading:
    """Read the main tables from `ip-route` and `ip6-route`: `ip route`, or /proc/net/route and /proc/net/ipv6_route.

    A multipath route gives one route for each next hop. What reaches nothing (blackhole, a dead next hop) and what
    stays on the host (local, multicast) is left out. An empty answer is an empty table.
    """
    facts: list[Route] = []
    evidence: list[Evidence] = []
    unreadable: list[tuple[str, str]] = []
    for source, family in SOURCES:
        capture = sources.get(source)
        if capture is None:
            continue
        lines = lines_of(capture)
        table = _table(lines, family)
        if isinstance(table, str):
            unreadable.append((source, table))
        else:
            facts.extend(table)
            evidence.append(cite_all(capture, lines))
    return Reading(tuple(facts), tuple(evidence), tuple(unreadable))


def _table(lines: Sequence[str], family: int) -> list[Route] | str:
    """Read one table in the shape that its first line shows; the reason where that cannot be done."""
    start = next((fields for line in lines if (fields := line.split())), [])
    if family == 4 and start[:2] == ["Iface", "Destination"]:
        return _kernel_table(lines, _kernel_ipv4)
    if family == 6 and len(start) == 10 and len(start[0]) == 32:
        return _kernel_table(lines, _kernel_ipv6)
    return _ip_table(lines, family)


def _ip_table(lines: Sequence[str], family: int) -> list[Route] | str:
    routes: list[Route] = []
    for number, opening, hops in _entries(lines):
        row = _ip_row(opening, hops, family)
        if row is None:
            return odd(number, lines[number - 1], f"an IPv{family} route with its next hop")
        routes.extend(row)
    return routes


def _entries(lines: Sequence[str]) -> list[tuple[int, list[str], list[list[str]]]]:
    """Give each route's line number and words, and those of the next hops below it (with `-o`, behind a backslash)."""
    entries: list[tuple[int, list[str], list[list[str]]]] = []
    for number, line in enumerate(lines, 1):
        for fields in (piece.split() for piece in line.split("\\")):
            if not fields or (entries and fields[0] in DETAILS):
                continue
            if entries and fields[0] == "nexthop":
                entries[-1][2].append(fields[1:])
            else:
                entries.append((number, fields, []))
    return entries


def _ip_row(opening: list[str], hops: list[list[str]], family: int) -> tuple[Route, ...] | None:
    """Read `default via fe80::1 dev eth0 proto ra`; busybox leaves out next hops, which is not a route we know."""
    silent = opening[0] in REACH_NOTHING
    if silent or opening[0] == "unicast":
        opening = opening[1:]
    destination = _destination(opening[0], family) if opening else None
    if destination is None or silent:
        return None if destination is None else ()
    routes: list[Route] = []
    for fields in hops or [opening[1:]]:
        hop = _hop(fields)
        if hop is None:
            return None
        gateway, interface, dead = hop
        if not dead:
            routes.append(Route(family, destination, gateway, interface))
    return tuple(routes)


def _hop(fields: list[str]) -> tuple[str, str, bool] | None:
    """Find gateway, interface and whether the kernel has given the next hop up; None where it has neither."""
    gateway = interface = ""
    dead = False
    words = iter(fields)
    for word in words:
        if word == "via":
            text = next(words, "")
            address = canonical(next(words, "") if text in {"inet", "inet6"} else text)
            if address is None:
                return None
            gateway = address
        elif word == "dev":
            interface = next(words, "")
        elif word == "dead":
            dead = True
    return (gateway, interface, dead) if gateway or interface else None


def _destination(text: str, family: int) -> str | None:
    """Give a destination in CIDR form; `10/8` is 10.0.0.0/8, and an address alone is a host."""
    if text == "default":
        return ANYWHERE[family]
    address, slash, prefix = text.partition("/")
    if family == 4 and slash and address.count(".") < 3:
        address += ".0" * (3 - address.count("."))
    whole = canonical(address)
    length = length_of(prefix, family)
    if whole is None or length is None or (":" in whole) != (family == 6):
        return None
    if family == 4:
        return _network(IPv4Address(whole), length)
    return _network(IPv6Address(whole), length)


def _network(address: IPv4Address | IPv6Address, length: int) -> str:
    """Give the network that an address lies in."""
    hosts = address.max_prefixlen - length
    return f"{written(type(address)(int(address) >> hosts << hosts))}/{length}"


def _kernel_table(lines: Sequence[str], read_row: Callable[[list[str]], tuple[Route, ...] | None]) -> list[Route] | str:
    routes: list[Route] = []
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields or fields[0] == "Iface":
            continue
        try:
            row = read_row(fields)
        except ValueError:
            row = None
        if row is None:
            return odd(number, line, "a row of the kernel's table")
        routes.extend(row)
    return routes


def _kernel_ipv4(fields: list[str]) -> tuple[Route, ...] | None:
    """Read a row of /proc/net/route, whose addresses a little-endian host (all that we meet) writes backwards.

    A row with a gateway that is all zero has one of IPv6, which this table cannot show.
    """
    if len(fields) < 8:
        return None
    destination, gateway, mask = (IPv4Address(bytes.fromhex(fields[at])[::-1]) for at in (1, 2, 7))
    flags = int(fields[3], 16)
    if not flags & IS_UP or flags & IPV4_SKIPPED or fields[0] == "*":
        return ()
    hosts = 0xFFFFFFFF ^ int(mask)
    if hosts & (hosts + 1) or (flags & HAS_GATEWAY and not int(gateway)):
        return None
    network = _network(destination, 32 - hosts.bit_length())
    return (Route(4, network, str(gateway) if flags & HAS_GATEWAY else "", fields[0]),)


def _kernel_ipv6(fields: list[str]) -> tuple[Route, ...] | None:
    """Read a row of /proc/net/ipv6_route, which holds the table of local addresses too."""
    if len(fields) != 10:
        return None
    destination, gateway = (IPv6Address(bytes.fromhex(fields[at])) for at in (0, 4))
    length, flags = int(fields[1], 16), int(fields[8], 16)
    if not 0 <= length <= 128:
        return None
    if not flags & IS_UP or flags & IPV6_SKIPPED or destination.is_multicast:
        return ()
    return (Route(6, _network(destination, length), written(gateway) if int(gateway) else "", fields[9]),)
