"""Letters of authorisation for a report; to one unit only what concerns it is shown."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from console.language import Voice
from inventories import scope
from inventories.letters import ALL_UNITS, Grounds, Letter
from inventories.names import reads_as_address
from inventories.ranges import Ranges, read_address
from inventories.scope import State
from reports.model import Ground
from reports.model import Letter as Shown
from xunyan.canonical import BEIJING
from xunyan.errors import InputError
from xunyan.model import Asset
from xunyan.permits import ports_text
from xunyan.wording import Text

STATE: Mapping[State, Text] = {
    State.IN_FORCE: Text("有效", "in force"),
    State.OUTSIDE_WINDOW: Text("有效", "in force"),
    State.NOT_YET: Text("未生效", "not yet valid"),
    State.EXPIRED: Text("已过期", "expired"),
    State.REVOKED: Text("已撤销", "revoked"),
}


def letters(found: Iterable[Letter], at: datetime, say: Voice, assets: Iterable[Asset], unit: str) -> tuple[Shown, ...]:
    """Show letters as they stood at a moment; with a unit, those that bind it, and of them nothing of other units."""
    known = list(assets)
    return tuple(_shown(one, at, say, known, unit) for one in found if not unit or {unit, ALL_UNITS} & set(one.units))


def _shown(one: Letter, at: datetime, say: Voice, assets: list[Asset], unit: str) -> Shown:
    own = not unit or one.units == (unit,)  # else free text in it may speak of others
    units = [say("全部单位", "all units") if name == ALL_UNITS else name for name in one.units]
    grounds = [_ground(ground) if not unit else _own_ground(ground, assets) for ground in one.networks]
    signature = ""
    if one.signature is not None:
        signature = (
            say("已签名", "signed") if one.signature.trusted else say("已签名，公钥未登记", "signed, key not on file")
        ) + (f" {one.signature.by}" if own else "")
    revoked = ""
    if one.revoked is not None:
        parts = [_day(one.revoked.at), *([one.revoked.by, one.revoked.reason] if own else [])]
        revoked = say("，", ", ").join(part for part in parts if part)
    return Shown(
        number=one.number,
        title=one.title if own else "",
        units=tuple(units) if own or one.units == (ALL_UNITS,) else (unit,),
        approver=one.approver,
        approved_on=one.approved_on.isoformat() if one.approved_on else "",
        valid=_validity(one),
        state=say.text(STATE[scope.state(one, at)]),
        windows=tuple(str(window) for window in one.hours.windows),
        methods=tuple(f"{method} {ports_text(one.ports_of(method))}" for method in one.methods),
        sudo=one.sudo,
        signature=signature,
        revoked=revoked,
        grounds=tuple(ground for ground in grounds if ground is not None),
    )


def _ground(one: Grounds) -> Ground:
    return Ground(
        one.network,
        tuple(each.text for each in one.allow.ranges),
        (*(each.text for each in one.deny.ranges), *(".".join(name) for name in one.deny_names)),
        tuple(each.text for each in one.classified.ranges),
    )


def _own_ground(one: Grounds, assets: list[Asset]) -> Ground | None:
    """Show only the ranges that hold one of these assets; what is forbidden or classified may be another unit's."""
    addresses = []
    for asset in assets:
        if asset.network == one.network and reads_as_address(asset.address):
            try:
                addresses.append(read_address(asset.address))
            except InputError:  # an asset may be filed under what a letter would not take
                continue
    allow = tuple(each.text for each in one.allow.ranges if Ranges((each,)).holding_any(addresses) is not None)
    return Ground(one.network, allow, (), ()) if allow else None


def _validity(one: Letter) -> str:
    """Write a validity as people do: whole days by their first and last day."""
    start, end = one.valid_from.astimezone(BEIJING), one.valid_until.astimezone(BEIJING)
    if any(each.hour or each.minute or each.second for each in (start, end)):
        return f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d} – {end - timedelta(days=1):%Y-%m-%d}"


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"
