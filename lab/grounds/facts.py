"""What the proof by packets has to know of a lab of namespaces: whose addresses are whose, and who may be talked to."""

import ipaddress
from collections.abc import Iterator, Mapping

from lab.packets.rules import Background, Facts, Place
from lab.packets.scope import read_scope
from lab.scenario.model import Host, Scenario
from lab.scenario.routing import bridge, line_bridge, routers

DNS = frozenset({53})


def facts(scenario: Scenario) -> Facts:
    """Say how a scenario lies in namespaces. Raises XunyanError for a letter that cannot be read."""
    bridges = {bridge(scenario, one.name): one.name for one in scenario.networks}
    bridges |= {line_bridge(number): "" for number in range(len(scenario.links))}
    jumps = [host for host in scenario.hosts if host.forwards]
    resolving = [host for host in scenario.hosts if host.dns is not None and host.dns.role == "resolver"]
    serving = [host for host in scenario.hosts if host.dns is not None]
    return Facts(
        networks=tuple(scenario.networks),
        bridges=bridges,
        scanner=frozenset(_places({scenario.scanner.network: scenario.scanner.addresses})),
        scope=read_scope(scenario, {}, {}),
        legs=frozenset(place for host in jumps for place in _places(host.at)),
        routers=frozenset(_routers(scenario, bridges)),
        background=(Background(_of(resolving), _of(serving), DNS), *_talk(scenario)),
    )


def _talk(scenario: Scenario) -> Iterator[Background]:
    """The connections that hosts keep to each other by themselves."""
    hosts = {host.name: host for host in scenario.hosts}
    for host in scenario.hosts:
        for connect in host.connects:
            yield Background(_of([host]), _of([hosts[connect.to]]), frozenset({connect.port}))


def _of(hosts: list[Host]) -> frozenset[Place]:
    return frozenset(place for host in hosts for place in _places(host.at))


def _places(at: Mapping[str, list[str]]) -> Iterator[Place]:
    for network, addresses in at.items():
        for address in addresses:
            yield Place(network, ipaddress.ip_address(address))


def _routers(scenario: Scenario, bridges: Mapping[str, str]) -> Iterator[Place]:
    for router in routers(scenario):
        for leg in router.legs:
            for address in leg.addresses:
                yield Place(bridges[leg.bridge], ipaddress.ip_interface(address).ip)
