"""What holds between the tables of a scenario: names that are meant exist, addresses lie where they are said to."""

import ipaddress
import re
from collections.abc import Iterator, Sequence

from lab.hosts import FAULTS
from lab.kinds import MACHINES, SYSTEMS
from lab.scenario.counting import LINK, assets_of, counted, matching
from lab.scenario.facing import joined, names_link
from lab.scenario.filed import filed
from lab.scenario.meaning import letters, named
from lab.scenario.model import Device, Host, Network, Scenario
from lab.scenario.problem import Problem, listed
from lab.scenario.routing import FAMILIES, gateway
from lab.scenario.safety import safe
from xunyan.wording import Text

_LENGTHS = {4: range(16, 31), 6: range(113)}
"""Of prefixes: so that IPv4 has a place among loopback addresses, and either family room for a router."""

DOWN = "down"
DEVICE_FAULTS = (
    "", DOWN, "refused", "hang", "silent", "flood", "binary", "slow", "changed-key", "wrong-banner", "drops", "closed",
    "change-password", "close-mid-command", "pages-always",
)  # fmt: skip
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,59}")
_TAKEN = re.compile(r"scanner|packets|(?:router|devices)-n\d+")
"""What the lab itself calls the scanner's place, the capture, its routers and its sets of devices."""


def problems(scenario: Scenario) -> list[Problem]:
    """List everything that does not fit together. Pure."""
    found = [*safe(scenario), *_networks(scenario), *_links(scenario), *_members(scenario)]
    if found:  # counting out needs addresses that are addresses
        return found
    single = counted(scenario)
    return [
        *_counted(single),
        *_ways(single),
        *_meant(scenario),
        *named(single),
        *joined(single),
        *filed(single),
        *letters(single),
    ]


def _networks(scenario: Scenario) -> Iterator[Problem]:
    seen: set[str] = set()
    routed: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for network in scenario.networks:
        place = f"networks ({network.name})"
        if network.name in seen:
            yield Problem(place, Text("名称重复", "the name is there twice"))
        seen.add(network.name)
        if not network.v4 and not network.v6:
            yield Problem(place, Text("v4、v6 至少写一个", "give v4 or v6"))
        for version, prefix in ((4, network.v4), (6, network.v6)):
            if not prefix:
                continue
            try:
                one = ipaddress.ip_network(prefix)
            except ValueError as error:
                yield Problem(place, Text(f"不是网段：{prefix}（{error}）", f"not a prefix: {prefix} ({error})"))
                continue
            if one.version != version or one.prefixlen not in _LENGTHS[version]:
                yield Problem(
                    place,
                    Text(
                        f"v{version} 不能写 {prefix}，IPv4前缀长度为16至30，IPv6不超过112",
                        f"v{version} cannot be {prefix}; IPv4 needs /16 to /30, IPv6 /112 or shorter",
                    ),
                )
            if network.routed and any(one.version == other.version and one.overlaps(other) for other in routed):
                yield Problem(
                    place, Text(f"{prefix} 与另一个有路由的网络重叠", f"{prefix} overlaps another routed network")
                )
            if network.routed:
                routed.append(one)


def _links(scenario: Scenario) -> Iterator[Problem]:
    for link in scenario.links:
        for end in link.between:
            if end not in {one.name for one in scenario.networks if one.routed}:
                yield Problem("links", Text(f"“{end}”不是有路由的网络", f"{end!r} is no routed network"))


def _members(scenario: Scenario) -> Iterator[Problem]:
    networks = {one.name: one for one in scenario.networks}
    yield from _at({scenario.scanner.network: scenario.scanner.addresses}, networks, "scanner")
    home = networks.get(scenario.scanner.network)
    if home is not None and not home.routed:
        yield Problem(
            "scanner",
            Text(
                f"扫描机要在有路由的网络里，{home.name} 没有",
                f"the scanner stands in a routed network, not in {home.name}",
            ),
        )
    for kind, rows in (("hosts", scenario.hosts), ("devices", scenario.devices)):
        for row in rows:
            place = f"{kind} ({row.name})"
            yield from _at(row.at, networks, place, row.count if isinstance(row, Host) else 1)
            if not _NAME.fullmatch(row.name):
                yield Problem(
                    place,
                    Text("名称只能用字母、数字和连字符，最长60个", "a name is letters, digits and hyphens, 60 at most"),
                )
            if _TAKEN.fullmatch(row.name):
                yield Problem(
                    place, Text("这个名称实验环境自己要用，请换一个", "the lab itself needs this name: choose another")
                )
            if row.unit and row.unit not in scenario.units:
                yield Problem(place, Text(f"units 里没有“{row.unit}”", f"units lacks {row.unit!r}"))
            if row.site and row.site not in scenario.sites:
                yield Problem(place, Text(f"sites 里没有“{row.site}”", f"sites lacks {row.site!r}"))
            if row.room and row.room not in {room.name for room in scenario.rooms}:
                yield Problem(place, Text(f"rooms 里没有“{row.room}”", f"rooms lacks {row.room!r}"))
            yield from _kinds(row, place)


def _kinds(row: Host | Device, place: str) -> Iterator[Problem]:
    faults = (*FAULTS, DOWN) if isinstance(row, Host) else DEVICE_FAULTS
    if row.fault not in faults:
        yield Problem(
            place,
            Text(
                f"没有这种毛病：{row.fault}；可选：{'、'.join(filter(None, faults))}",
                f"no such fault: {row.fault}; there are: {', '.join(filter(None, faults))}",
            ),
        )
    if isinstance(row, Host):
        for value, table, key in ((row.machine, MACHINES, "machine"), (row.system, SYSTEMS, "system")):
            if value and value not in table:
                yield Problem(
                    place,
                    Text(
                        f"没有这种 {key}：{value}；可选：{'、'.join(table)}",
                        f"no such {key}: {value}; there are: {', '.join(table)}",
                    ),
                )
        if bool(row.machine) != bool(row.system):
            yield Problem(place, Text("machine 和 system 要一起写", "machine and system go together"))


def _at(at: dict[str, list[str]], networks: dict[str, Network], place: str, count: int = 1) -> Iterator[Problem]:
    if not at or not all(at.values()):
        yield Problem(place, Text("没有地址", "there is no address"))
    for name, addresses in at.items():
        network = networks.get(name)
        if network is None:
            yield Problem(place, Text(f"networks 里没有“{name}”", f"networks lacks {name!r}"))
            continue
        for address in addresses:
            try:
                one = ipaddress.ip_address(address.replace("%", " "))  # whose interface it is, the lab says itself
            except ValueError:
                yield Problem(place, Text(f"不是地址：{address}", f"not an address: {address}"))
                continue
            prefix = network.v4 if one.version == 4 else network.v6
            if not _lies_in(one, count, prefix):
                further = (f"（共 {count} 个）", f" (or one of the {count} from it on)") if count > 1 else ("", "")
                yield Problem(
                    place,
                    Text(
                        f"{address}{further[0]} 不在 {name} 的网段 {prefix or '（没有）'} 内",
                        f"{address}{further[1]} lies outside {name} ({prefix or 'none'})",
                    ),
                )


def _lies_in(first: Address, count: int, prefix: str) -> bool:
    """Whether an address and those counted on from it lie in a prefix; one that is no prefix is told of the network."""
    try:
        whole = ipaddress.ip_network(prefix) if prefix else None
    except ValueError:
        return True
    return whole is not None and first in whole and int(first) + count - 1 <= int(whole.broadcast_address)


def _counted(scenario: Scenario) -> Iterator[Problem]:
    """What can be seen only of the single hosts."""
    names: set[str] = set()
    networks = {one.name: one for one in scenario.networks}
    routers = {(name, gateway(one, family)) for name, one in networks.items() for family in FAMILIES}
    places = {(scenario.scanner.network, _plain(one)) for one in scenario.scanner.addresses}
    for network, address in sorted(places & routers):
        yield Problem("scanner", _of_router(network, address))
    members: list[Host | Device] = [*scenario.hosts, *scenario.devices]
    for row in members:
        place = f"{'hosts' if isinstance(row, Host) else 'devices'} ({row.name})"
        if row.name in names:
            yield Problem(place, Text("名称重复", "the name is there twice"))
        names.add(row.name)
        for network, addresses in row.at.items():
            for address in addresses:
                if (network, _plain(address)) in places:
                    yield Problem(
                        place, Text(f"{network} 里地址重复：{address}", f"{address} is there twice in {network}")
                    )
                elif (network, _plain(address)) in routers:
                    yield Problem(place, _of_router(network, address))
                places.add((network, _plain(address)))


def _plain(address: str) -> str:
    return str(ipaddress.ip_address(address))


def _of_router(network: str, address: str) -> Text:
    return Text(f"{address} 是 {network} 路由器的地址", f"{address} is the address of {network}'s router")


def _ways(scenario: Scenario) -> Iterator[Problem]:
    """Who is reached through whom, and who serves which zone."""
    hosts = {host.name: host for host in scenario.hosts}
    members: list[tuple[str, Host | Device]] = [("hosts", one) for one in scenario.hosts]
    members += [("devices", one) for one in scenario.devices]
    for kind, host in members:
        home = next(iter(host.at))
        place = f"{kind} ({host.name})"
        if host.via and (host.via not in hosts or not hosts[host.via].forwards or home not in hosts[host.via].at):
            yield Problem(
                place,
                Text(
                    f"via 的“{host.via}”要是 forwards 的主机，并在 {home} 里有地址",
                    f"via: {host.via!r} must be a host that forwards, with an address in {home}",
                ),
            )
        if not host.via and listed(host) and not next(one.routed for one in scenario.networks if one.name == home):
            yield Problem(place, Text(f"{home} 没有路由，要写 via", f"{home} is not routed: say via"))
    for zone in scenario.zones:
        for server in zone.servers:
            if server not in hosts or hosts[server].dns is None:
                yield Problem(
                    f"zones ({zone.name})", Text(f"“{server}”不是有 dns 的主机", f"{server!r} is no host with dns")
                )


def _meant(scenario: Scenario) -> Iterator[Problem]:
    assets = assets_of(scenario, counted(scenario).hosts)
    rows: Sequence[tuple[str, str | list[str]]] = [
        *(("expect", row.asset) for row in scenario.expect), *(("gaps", row.asset) for row in scenario.gaps)
    ]  # fmt: skip
    if not all(row.control for row in scenario.expect):
        yield Problem("expect", Text("没有写检查项", "there is no control"))
    for table, given in rows:
        if not given:
            yield Problem(table, Text("没有写资产", "there is no asset"))
        for one in [given] if isinstance(given, str) else given:
            link = table == "expect" and one.startswith(LINK)
            if not (_means_links(scenario, one) if link else set(matching(one, assets)) & set(assets)):
                yield Problem(
                    table,
                    Text(
                        f"“{one}”不指任何资产，写法如 host:web01、system:教育门户、device:core-sw、unit:教育局",
                        f"{one!r} means no asset; write it as host:web01, system:portal, device:core-sw or unit:school",
                    ),
                )


def _means_links(scenario: Scenario, asset: str) -> bool:
    return any(sign in asset for sign in "*?[") or names_link(scenario, asset)
