"""Before a target is asked: permitted, with its login, its way, its host keys; and the bounds that hold for it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from console.authorised import Authority, Refusal, nothing_authorised
from console.pacing import Group, Limit
from console.ways import Way
from console.workspace import SettingsFile
from inventories import scope
from inventories.host_keys import HostKeys
from scanners.transports.carrying import Credential, Order, Route
from xunyan.errors import UsageError
from xunyan.permits import Permit, Target
from xunyan.wording import Text


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
            target.platform,
        )

    def route(self, name: str, network: str) -> Route | Refusal:
        """Permit a host in between now."""
        settings = self.file.routes[name]
        where = settings.network or network
        permit = permit_route(self.file, name, network, self.authority)
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


def permit_route(file: SettingsFile, name: str, network: str, authority: Authority) -> Permit | Refusal:
    """Permit a host in between, in its own network or that of its target."""
    settings = file.routes[name]
    return authority.hop(settings.network or network, settings.address, settings.port)


def check_any(targets: Sequence[Target], chosen: Sequence[Way], file: SettingsFile, authority: Authority) -> None:
    """See that at least one target may be touched now, on its way too. Raises UsageError that gives the reasons.

    No packet is sent but to name servers that a letter grants.
    """
    reasons: list[Text] = []
    for target, way in zip(targets, chosen, strict=True):
        found = authority.permit(target)
        if isinstance(found, Permit) and way.route:
            found = permit_route(file, way.route, target.network, authority)
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
