"""Counting out: a table with `count` becomes that many, and patterns in what is expected become the assets they mean."""

import ipaddress
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

import msgspec

from lab.scenario.model import Expect, Host, Scenario, System

KIND, SYSTEM, DEVICE, LINK, UNIT = "host:", "system:", "device:", "link:", "unit:"


def counted(scenario: Scenario) -> Scenario:
    """Make each host one host, and each expectation one asset. Equal input, equal output."""
    hosts = [one for host in scenario.hosts for one in _hosts(host)]
    assets = assets_of(scenario, hosts)
    expect = [one for row in scenario.expect for one in _expects(row, assets)]
    gaps = [msgspec.structs.replace(row, asset=asset) for row in scenario.gaps for asset in matching(row.asset, assets)]
    return msgspec.structs.replace(scenario, hosts=hosts, expect=expect, gaps=gaps)


def assets_of(scenario: Scenario, hosts: Sequence[Host]) -> list[str]:
    """Name the assets that a scenario speaks of, its hosts counted out. Which links there are, only a judgement tells."""
    devices = [DEVICE + one.name for one in scenario.devices if one.listed]
    units = [UNIT + name for name in scenario.units]
    return [*(KIND + host.name for host in hosts), *map(system_key, scenario.systems), *devices, *units]


def system_key(system: System) -> str:
    """Name the asset that a system is: as it was filed, or for one that nobody filed by its first name or address."""
    known = [system.name] if system.filed else [*system.domains, *system.addresses, system.name]
    return SYSTEM + known[0]


def _hosts(host: Host) -> Iterator[Host]:
    if host.count == 1:
        yield host
        return
    for number in range(host.count):
        at = {network: [_further(one, number) for one in addresses] for network, addresses in host.at.items()}
        yield msgspec.structs.replace(host, name=f"{host.name}{number + 1:03d}", at=at, count=1)


def _further(address: str, number: int) -> str:
    return str(ipaddress.ip_address(address) + number)


def _expects(row: Expect, assets: Sequence[str]) -> Iterator[Expect]:
    controls = [row.control] if isinstance(row.control, str) else row.control
    for control in controls:
        for asset in matching(row.asset, assets):
            yield msgspec.structs.replace(row, control=control, asset=asset)


def matching(given: str | list[str], assets: Sequence[str]) -> list[str]:
    """Name the assets that names or patterns mean, in the order given.

    A name that is no pattern stands for itself, and so does a pattern of links, which `lab.comparing` settles.
    """
    found: dict[str, None] = {}
    for pattern in [given] if isinstance(given, str) else given:
        if any(sign in pattern for sign in "*?[") and not pattern.startswith(LINK):
            found |= dict.fromkeys(asset for asset in assets if fnmatchcase(asset, pattern))
        else:
            found[pattern] = None
    return list(found)
