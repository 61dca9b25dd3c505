"""Which way leads to each target: its login, the host in between, the carrier; from command line, inventory, settings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from console.authorised import TELNET
from console.scan_settings import AccessSettings
from console.workspace import SettingsFile
from scanners.platforms import PLATFORMS
from scanners.platforms.devices import VENDORS
from xunyan.errors import InputError
from xunyan.permits import Target
from xunyan.wording import Text

CARRIERS = ("ssh", "ansible")
NETMIKO = "netmiko"
DEVICE_CARRIERS = (NETMIKO, TELNET)
"""The carriers of network devices; a device takes no other, and nothing else takes these."""


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
    wished = over.carrier or target.carrier or entry.carrier
    way = Way(
        over.credential or target.credential or entry.credential or only,
        over.route or target.route or entry.route,
        _carrier(target.platform, wished),
    )
    if way.credential not in file.credentials:
        raise _lacking(target, "credentials", way.credential, file.credentials)
    if way.route and way.route not in file.routes:
        raise _lacking(target, "routes", way.route, file.routes)
    if way.route and file.routes[way.route].credential not in file.credentials:
        raise _lacking(target, "credentials", file.routes[way.route].credential, file.credentials)
    known = DEVICE_CARRIERS if target.platform in VENDORS else CARRIERS
    if way.carrier not in known:
        raise _lacking(target, "carrier", way.carrier, dict.fromkeys(known))
    if target.platform not in PLATFORMS:
        raise _lacking(target, "platform", target.platform, PLATFORMS)
    return way


def _carrier(platform: str, wished: str) -> str:
    """Choose the carrier: Windows and devices have their own, whatever the others of a list are asked by."""
    if platform == "windows":
        return "ansible"
    if platform in VENDORS:
        return TELNET if wished == TELNET else NETMIKO
    return wished or CARRIERS[0]


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
