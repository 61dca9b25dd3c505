"""Before a scan: which way leads to each target, with which login, and whether anything may be touched at all."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from console.authorised import Authority, Refusal, nothing_authorised
from console.pacing import Group, Limit
from console.scan_settings import AccessSettings
from console.workspace import SettingsFile
from inventories import scope
from inventories.host_keys import HostKeys
from scanners.platforms import PLATFORMS
from scanners.transports.carrying import Credential, Order, Route
from xunyan.errors import InputError, UsageError
from xunyan.permits import Permit, Target
from xunyan.wording import Text

CARRIERS = ("ssh", "ansible")


@dataclass(frozen=True, slots=True)
class Way:
    """How a target is reached: names of a credential and of a host in between, and the carrier."""

    credential: str
    route: str
    carrier: str


def ways(targets: Iterable[Target], file: SettingsFile, over: Way) -> list[Way]:
    """Decide every target's way: the command line first, then the inventory, then xunyan.toml. Raises InputError."""
    return [_way(target, file, over) for target in targets]


def _way(target: Target, file: SettingsFile, over: Way) -> Way:
    entry = next((one for one in file.access if _fits(one, target)), AccessSettings())
    only = next(iter(file.credentials)) if len(file.credentials) == 1 else ""
    windows = "ansible" if target.platform == "windows" else ""
    way = Way(
        over.credential or target.credential or entry.credential or only,
        over.route or target.route or entry.route,
        windows or over.carrier or target.carrier or entry.carrier or CARRIERS[0],
    )
    if way.credential not in file.credentials:
        raise _lacking(target, "credentials", way.credential, file.credentials)
    if way.route and way.route not in file.routes:
        raise _lacking(target, "routes", way.route, file.routes)
    if way.route and file.routes[way.route].credential not in file.credentials:
        raise _lacking(target, "credentials", file.routes[way.route].credential, file.credentials)
    if way.carrier not in CARRIERS:
        raise _lacking(target, "carrier", way.carrier, dict.fromkeys(CARRIERS))
    if target.platform not in PLATFORMS:
        raise _lacking(target, "platform", target.platform, PLATFORMS)
    return way


def _fits(entry: AccessSettings, target: Target) -> bool:
    pairs = (
        (entry.network, target.network),
        (entry.unit, target.unit),
        (entry.asset, target.asset),
        (entry.platform, target.platform),
    )
    return all(not pattern or fnmatchcase(value, pattern) for pattern, value in pairs)


def _lacking(target: Target, table: str, name: str, known: Mapping[str, object]) -> InputError:
    there = "、".join(known) or "-"
    who = f"{target.asset}（{target.origin}）" if target.origin else target.asset
    if not name:
        return InputError(
            Text(f"{who} 没有可用的凭据", f"{who} has no credential"),
            where="xunyan.toml",
            advice=Text(
                f"写 [credentials.名称]，有几个时再用 [[access]] 或 --credential 指明（现有：{there}）",
                f"write [credentials.NAME]; of several name one in [[access]] or by --credential (there: {there})",
            ),
        )
    return InputError(
        Text(f"{who} 用到的“{name}”没有定义（{table}）", f"{name!r}, which {who} uses, is not defined ({table})"),
        where="xunyan.toml",
        advice=Text(f"现有：{there}", f"there: {there}"),
    )


@dataclass(slots=True)
class Orders:
    """Makes an order of a target: permitted now, with its login, its way and its host keys."""

    authority: Authority
    file: SettingsFile
    credentials: Mapping[str, Credential]
    host_keys: HostKeys
    learn: bool

    def order(self, target: Target, way: Way) -> Order | Refusal:
        """Permit a target now and say how it is asked. A route that is not permitted refuses it."""
        permit = self.authority.permit(target)
        if isinstance(permit, Refusal):
            return permit
        route = self.route(way.route, target.network) if way.route else None
        if isinstance(route, Refusal):
            return route
        credential = self.credentials[way.credential]
        if target.user:
            credential = replace(credential, user=target.user)
        return Order(
            target.asset,
            permit,
            credential,
            self.host_keys.of(permit.network, permit.address, permit.port),
            self.learn,
            route,
            self.file.scan.sudo and scope.sudo_allowed(self.authority.letters, permit.authorisation),
        )

    def route(self, name: str, network: str) -> Route | Refusal:
        """Permit a host in between now."""
        settings = self.file.routes[name]
        where = settings.network or network
        permit = self.authority.hop(where, settings.address, settings.port)
        if isinstance(permit, Refusal):
            return permit
        return Route(
            name,
            settings.kind,
            permit,
            self.credentials[settings.credential],
            self.host_keys.of(where, settings.address, settings.port),
            settings.login,
            settings.session_targets,
            settings.session_minutes,
        )


def groups(targets: Sequence[Target], chosen: Sequence[Way], authority: Authority) -> dict[int, tuple[Group, ...]]:
    """Say which bounds hold for each target. A name's letter is known only when it is resolved: it shares its network's."""
    found: dict[int, tuple[Group, ...]] = {}
    for place, (target, way) in enumerate(zip(targets, chosen, strict=True)):
        own: list[Group] = [("all",), ("network", target.network), ("address", target.network, target.address)]
        if way.route:
            own.append(("route", way.route))
        own += [("letter", number) for number in authority.letters_of(target)]
        found[place] = tuple(own)
    return found


def limits(file: SettingsFile) -> dict[str, Limit]:
    """The workspace's own bounds by kind of group."""
    scan = file.scan
    return {
        "all": Limit(scan.concurrency, scan.per_second),
        "network": Limit(scan.per_network),
        "route": Limit(scan.per_route),
        "address": Limit(1, pause=scan.target_pause),
    }


def letter_limits(authority: Authority) -> dict[Group, Limit]:
    """The letters' own bounds."""
    return {
        ("letter", letter.number): Limit(letter.limits.concurrency or math.inf, letter.limits.per_second or math.inf)
        for letter in authority.letters
    }


def check_any(targets: Sequence[Target], authority: Authority) -> None:
    """See that at least one target may be touched now. Raises UsageError that gives the reasons.

    No packet is sent but to name servers that a letter grants.
    """
    reasons: list[Text] = []
    for target in targets:
        found = authority.permit(target)
        if isinstance(found, Permit):
            return
        reasons.append(Text(f"{target.asset}：{found.why.zh}", f"{target.asset}: {found.why.en}"))
    if not targets:
        raise UsageError(
            Text("没有要扫描的目标", "there is nothing to scan"),
            advice=Text(
                "用 xunyan endpoints import 导入终端清单，或用 --target 指定",
                "take endpoints in with xunyan endpoints import, or name one with --target",
            ),
        )
    raise nothing_authorised(reasons)
