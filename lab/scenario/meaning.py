"""What a scenario means beyond its own tables: hosts, pages and reasons that exist, letters that can be read."""

import ipaddress
from collections.abc import Iterator

import msgspec

from lab.packets.scope import read_scope
from lab.scenario.model import Device, Host, Scenario
from lab.scenario.problem import Problem, listed
from lab.services.fronts import FRONTS
from xunyan.errors import XunyanError
from xunyan.model import GapReason
from xunyan.wording import Text


def named(scenario: Scenario) -> Iterator[Problem]:
    """Names in one table that must stand in another."""
    hosts = {host.name for host in scenario.hosts}
    told = [(f"systems ({one.name})", one.runs_on) for one in scenario.systems if one.runs_on]
    told += [(f"hosts ({one.name})", connect.to) for one in scenario.hosts for connect in one.connects]
    for place, name in told:
        if name not in hosts:
            yield Problem(place, Text(f"没有主机“{name}”", f"there is no host {name!r}"))
    rows = [(f"rooms ({one.name})", one.unit, one.site) for one in scenario.rooms]
    rows += [(f"systems ({one.name})", one.unit, "") for one in scenario.systems]
    for place, unit, site in rows:
        if unit not in scenario.units:
            yield Problem(place, Text(f"units 里没有“{unit}”", f"units lacks {unit!r}"))
        if site and site not in scenario.sites:
            yield Problem(place, Text(f"sites 里没有“{site}”", f"sites lacks {site!r}"))
    yield from _hosts(scenario)
    for gap in scenario.gaps:
        if gap.reason not in list(GapReason):
            there = [str(one) for one in GapReason]
            yield Problem(
                "gaps",
                Text(
                    f"没有这种原因：{gap.reason}；可选：{'、'.join(there)}",
                    f"no such reason: {gap.reason}; there are: {', '.join(there)}",
                ),
            )
    kinds = {host.dns.role for host in scenario.hosts if host.dns is not None}
    if kinds == {"resolver"}:
        yield Problem("hosts", Text("有 resolver 就要有 authoritative", "a resolver needs an authoritative server"))


def _hosts(scenario: Scenario) -> Iterator[Problem]:
    for host in scenario.hosts:
        place = f"hosts ({host.name})"
        for web in host.web:
            if web.front and web.front not in FRONTS:
                there = sorted(FRONTS)
                yield Problem(
                    place,
                    Text(
                        f"没有这个 front：{web.front}；可选：{'、'.join(there)}",
                        f"no such front: {web.front}; there are: {', '.join(there)}",
                    ),
                )
        if listed(host) and not host.machine and not host.identity:
            yield Problem(
                place,
                Text(
                    "要扫描的主机须写 machine 和 system，或用 identity 写明身份",
                    "a host to be scanned needs machine and system, or an identity",
                ),
            )

    for device in scenario.devices:
        if listed(device) and not device.users:
            yield Problem(
                f"devices ({device.name})",
                Text(
                    "要扫描的设备须写 users，第一个用来登录",
                    "a device to be scanned needs users; the first one logs in",
                ),
            )


def letters(scenario: Scenario) -> Iterator[Problem]:
    """Letters speak of networks that are there, in ranges that can be read, and no classified address is to be scanned."""
    names = {one.name for one in scenario.networks}
    for letter in scenario.authorisations:
        place = f"authorisations ({letter.number})"
        for row in letter.networks:
            name = row.get("name")
            if not isinstance(name, str) or name not in names:
                yield Problem(place, Text(f"networks 里没有“{name}”", f"networks lacks {name!r}"))
                return
            for key, own in row.items():
                if key != "name" and not (isinstance(own, list) and all(isinstance(one, str) for one in own)):
                    yield Problem(place, Text(f"{key} 要写成一列文字", f"{key} must be a list of texts"))
                    return
        try:
            read_scope(msgspec.structs.replace(scenario, authorisations=[letter]), {}, {})
        except XunyanError as error:
            yield Problem(place, error.what)
            return
    scope = read_scope(scenario, {}, {})
    members: list[tuple[str, Host | Device]] = [("hosts", one) for one in scenario.hosts]
    members += [("devices", one) for one in scenario.devices]
    for kind, host in members:
        for network, own in host.at.items():
            for address in own:
                if listed(host) and scope.barred(network, ipaddress.ip_address(address)) == "classified":
                    yield Problem(
                        f"{kind} ({host.name})",
                        Text(
                            f"{address} 涉密，不能列入要扫描的（写 listed: false）",
                            f"{address} is classified and cannot be listed: say listed: false",
                        ),
                    )
