"""What holds between systems, ranges, pages, zones and connections of a scenario: what they name is there and can be read. Pure."""

import ipaddress
import re
from collections.abc import Iterator, Mapping

from lab.packets.scope import read_span
from lab.scenario.counting import system_key
from lab.scenario.model import Host, Scenario, System, Web
from lab.scenario.problem import Problem
from xunyan.errors import XunyanError
from xunyan.wording import Text

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BLANK = re.compile(r"\s")


def filed(scenario: Scenario) -> Iterator[Problem]:
    """List what is wrong with what is filed of systems, and with the servers and connections that they stand on."""
    networks = {one.name for one in scenario.networks}
    seen: set[str] = set()
    for system in scenario.systems:
        place = f"systems ({system.name})"
        key = system_key(system)
        if key in seen:
            yield Problem(place, Text("名称重复", "the name is there twice"))
        seen.add(key)
        if system.network and system.network not in networks:
            yield Problem(place, _no_network(system.network))
        yield from _written(system, place)
    yield from _ranges(scenario, networks)
    hosts = {host.name: host for host in scenario.hosts}
    for host in scenario.hosts:
        place = f"hosts ({host.name})"
        for web in host.web:
            yield from _pages(web, place)
        yield from _connects(host, hosts, place)
        if host.dns is not None:
            served = [zone.name.rstrip(".").lower() for zone in scenario.zones if host.name in zone.servers]
            for zone in host.dns.six_refuses:
                if zone.rstrip(".").lower() not in served:
                    yield Problem(
                        place,
                        Text(f"zones 里它不服务“{zone}”", f"by zones it does not serve {zone!r}: see six_refuses"),
                    )


def _no_network(name: str) -> Text:
    return Text(f"networks 里没有“{name}”", f"networks lacks {name!r}")


def _written(system: System, place: str) -> Iterator[Problem]:
    """What stands in a cell of a ledger as one line, and names and addresses between blanks."""
    texts = (system.name, system.declared, system.sharing, system.tenant, system.project, system.out_of_scope,
             system.procured_on, system.live_on)  # fmt: skip
    if not system.name.strip() or any(_CONTROL.search(one) for one in texts):
        yield Problem(
            place, Text("名称为空，或含换行等控制字符", "an empty name, or a line break or other control character")
        )
    for one in (*system.domains, *system.addresses):
        if not one or _BLANK.search(one) or _CONTROL.search(one):
            yield Problem(place, Text(f"域名或地址不能含空白：{one!r}", f"a name or address holds no blank: {one!r}"))
    if not system.filed and not (system.domains or system.addresses):
        yield Problem(place, Text("filed: false 的要写域名或地址", "filed: false needs a name or an address"))


def _ranges(scenario: Scenario, networks: set[str]) -> Iterator[Problem]:
    for row in scenario.ranges:
        place = f"ranges ({row.range})"
        if row.network not in networks:
            yield Problem(place, _no_network(row.network))
        if row.unit and row.unit not in scenario.units:
            yield Problem(place, Text(f"units 里没有“{row.unit}”", f"units lacks {row.unit!r}"))
        try:
            read_span(row.range)
        except XunyanError as error:
            yield Problem(place, error.what)
        try:
            ipaddress.ip_address(row.maps_to or "::")
        except ValueError:
            yield Problem(place, Text(f"maps_to 不是地址：{row.maps_to}", f"maps_to is no address: {row.maps_to}"))
        if any(_CONTROL.search(one) for one in (row.holder, row.remark)):
            yield Problem(place, Text("不能含换行等控制字符", "must hold no line break or other control character"))


def _pages(web: Web, place: str) -> Iterator[Problem]:
    paths = [page.path for page in web.pages]
    if len(set(paths)) < len(paths) or any(not path.startswith("/") or path == "/" for path in paths):
        yield Problem(
            place,
            Text(
                "pages 的路径要以 / 开头，不能是首页，不能重复",
                "a path of pages begins with /, is not / and stands there once",
            ),
        )
    own = [web.links, web.pages, web.varies, web.variants, web.size]
    if (web.front or web.redirect) and any(own):
        yield Problem(
            place,
            Text(
                "写了 front、redirect 的站点没有自己的页面，不能再写 links、pages、varies、variants、size",
                "a site with front or redirect has no page of its own: no links, pages, varies, variants or size",
            ),
        )
    if sum(map(bool, (web.varies, web.variants, web.size))) > 1:
        yield Problem(
            place, Text("varies、variants、size 只能写一个", "only one of varies, variants and size may be written")
        )


def _connects(host: Host, hosts: Mapping[str, Host], place: str) -> Iterator[Problem]:
    for connect in host.connects:
        target = hosts.get(connect.to)
        if target is None:
            continue  # told among the names
        taken = {*(web.port for web in target.web), *([target.port] if target.ssh else [])}
        taken |= {53} if target.dns else set()
        taken |= {target.redfish.port} if target.redfish else set()
        if connect.port in taken:
            yield Problem(
                place,
                Text(
                    f"{target.name} 的端口 {connect.port} 已有别的服务",
                    f"something else listens at port {connect.port} of {target.name}",
                ),
            )
        for one in (host, target):
            if not any((6 if ":" in address else 4) == connect.family for own in one.at.values() for address in own):
                yield Problem(
                    place,
                    Text(
                        f"{one.name} 没有 IPv{connect.family} 地址，连不了",
                        f"{one.name} has no address of IPv{connect.family} to connect with",
                    ),
                )
