"""How the networks of a scenario hang together: gateways, lines between routers, and the way from each network to each other. Pure."""

import ipaddress
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lab.scenario.model import Family, Link, Network, Scenario
from lab.wiring import Leg, Way

FAMILIES: tuple[Family, ...] = (4, 6)


def prefix(network: Network, family: Family) -> str:
    """The prefix of a network in a family; empty where it has none."""
    return network.v4 if family == 4 else network.v6


def with_length(network: Network, address: str) -> str:
    """Write an address of a network with the length of its prefix, as an interface has it."""
    family: Family = 6 if ":" in address else 4
    return f"{address}/{ipaddress.ip_network(prefix(network, family)).prefixlen}"


def gateway(network: Network, family: Family) -> str:
    """The address of a routed network's router: the last but one of IPv4, ::ffff of IPv6; empty where there is none."""
    own = prefix(network, family)
    if not own or not network.routed:
        return ""
    whole = ipaddress.ip_network(own)
    return str(whole.broadcast_address - 1 if family == 4 else whole.network_address + 0xFFFF)


def line(number: int, family: Family) -> tuple[str, str]:
    """The two addresses of a line between routers, with their lengths."""
    if family == 4:
        base = f"198.18.{number // 64}.{number % 64 * 4}"
        return tuple(f"{ipaddress.ip_address(base) + end}/30" for end in (1, 2))  # type: ignore[return-value]  # two ends
    return f"2001:db8:ffff:{number:x}::1/64", f"2001:db8:ffff:{number:x}::2/64"


@dataclass(frozen=True, slots=True)
class Router:
    """The router of a network: its legs and its routes."""

    network: str
    legs: tuple[Leg, ...]
    ways: tuple[Way, ...]


def bridge(scenario: Scenario, network: str) -> str:
    """The name of a network's bridge."""
    return f"n{[one.name for one in scenario.networks].index(network)}"


def line_bridge(number: int) -> str:
    """The name of the bridge of a line between routers."""
    return f"l{number}"


def default_ways(network: Network, addresses: Sequence[str]) -> Iterator[Way]:
    """The default routes of somebody with these addresses in a network."""
    for family in FAMILIES:
        via = gateway(network, family)
        if via and any((":" in one) == (family == 6) for one in addresses):
            yield Way("default", via)


def routers(scenario: Scenario) -> Iterator[Router]:
    """Yield the router of every routed network."""
    networks = {one.name: one for one in scenario.networks if one.routed}
    for name, network in networks.items():
        own = tuple(with_length(network, one) for family in FAMILIES if (one := gateway(network, family)))
        legs = [Leg(bridge(scenario, name), "eth0", own)]
        for number, link in enumerate(scenario.links):
            if name in link.between:
                end = link.between.index(name)
                addresses = tuple(line(number, family)[end] for family in link.families)
                legs.append(Leg(line_bridge(number), f"line{number}", addresses))
        ways = [way for family in FAMILIES for way in _ways(scenario, networks, name, family)]
        yield Router(name, tuple(legs), tuple(ways))


def _ways(scenario: Scenario, networks: Mapping[str, Network], start: str, family: Family) -> Iterator[Way]:
    """Yield the routes of a router in one family: each other network by the first line of a shortest way."""
    first: dict[str, int] = {}
    waiting = deque([(start, -1)])
    seen = {start}
    while waiting:
        name, by = waiting.popleft()
        for number, link in enumerate(scenario.links):
            if name not in link.between or family not in link.families:
                continue
            other = _other(link, name)
            if other not in seen:
                seen.add(other)
                first[other] = number if by < 0 else by
                waiting.append((other, first[other]))
    for name, number in first.items():
        link = scenario.links[number]
        target = prefix(networks[name], family)
        if not target:
            continue
        if family in link.black_hole:
            yield Way(target, kind="blackhole")
        else:
            there = line(number, family)[1 - link.between.index(start)]
            yield Way(target, there.partition("/")[0])


def _other(link: Link, name: str) -> str:
    return link.between[1] if link.between[0] == name else link.between[0]
