"""Which observed names and addresses are filed systems: proposals, and what a person decided about them, as captures.

Nothing is matched by itself. What is decided is a row of the ledger `ledger-match` on both: on the system with the names
and addresses that are its own from now on, on the found one with the system's key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from console.filed_rows import InForce, in_force
from console.intake import Handed
from console.resemblance import Reason, Sighted, reasons
from console.workspace import Workspace
from evidence.captures import seal
from evidence.store import Store
from inventories import ledgers
from inventories.accounts import Account
from inventories.ledger_services import read_offered
from xunyan.canonical import BEIJING
from xunyan.errors import InputError
from xunyan.model import Asset, Envelope
from xunyan.names import shown
from xunyan.wording import Text

KIND = "system"
AT_MOST = 5
"""How many proposals are made for one found name or address."""
BETWEEN = "\t"
"""What parts keys in a sealed row; no name can hold it."""

State = Literal["proposed", "confirmed", "rejected"]
Verb = Literal["confirm", "reject", "withdraw"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A filed system and a found name or address: proposed with its reasons, or decided with who did."""

    system: Asset
    found: Asset
    state: State
    reasons: tuple[Reason, ...] = ()
    by: str = ""
    at: str = ""
    why: str = ""

    @property
    def score(self) -> int:
        """The strongest reason's."""
        return max((one.score for one in self.reasons), default=0)


@dataclass(slots=True)
class Systems:
    """All systems of a workspace: those filed, those found, and the rows that say what was matched, by asset."""

    assets: dict[str, Asset]
    filed: dict[str, Sighted]
    found: dict[str, Sighted]
    matches: dict[str, InForce]

    def said(self, asset: str, column: str) -> list[str]:
        """List the keys in a column of an asset's match."""
        row = self.matches.get(asset)
        return [one for one in (row.columns.get(column, "") if row else "").split(BETWEEN) if one]


def systems(workspace: Workspace, store: Store) -> Systems:
    """Read which systems are filed, which were found, and by what each may be known."""
    assets = {one.id: one for one in store.assets().values() if one.kind == KIND}
    rows: dict[str, list[InForce]] = {}
    matches: dict[str, InForce] = {}
    for row in in_force(workspace, store):
        if row.asset not in assets or row.withdrawn:
            continue
        if row.capture.source == ledgers.MATCH:
            matches[row.asset] = row
        else:
            rows.setdefault(row.asset, []).append(row)
    sighted = {identifier: Sighted(asset) for identifier, asset in assets.items()}
    for identifier, one in sighted.items():
        if identifier in rows:
            for row in rows[identifier]:
                one.offer(f"{row.columns.get('names', '')} {row.columns.get('addresses', '')}".split())
        else:
            one.offer([one.asset.name])
    query = "SELECT asset, name, facts FROM observation WHERE name IN ('pages', 'certificates', 'names')"
    for seen in store.rows(query):
        if seen["asset"] in sighted:
            sighted[seen["asset"]].see(seen["name"], msgspec.json.decode(seen["facts"]))
    filed = {identifier: one for identifier, one in sighted.items() if identifier in rows}
    found = {identifier: one for identifier, one in sighted.items() if identifier not in rows}
    return Systems(assets, filed, found, matches)


def proposals(known: Systems) -> list[Pair]:
    """Propose systems for what was found and nobody decided about, the likeliest first."""
    made: list[Pair] = []
    for identifier, found in known.found.items():
        if known.said(identifier, "matched_to"):
            continue
        rejected = set(known.said(identifier, "rejected"))
        pairs = [
            Pair(one.asset, found.asset, "proposed", why)
            for one in known.filed.values()
            if one.asset.key not in rejected and (why := reasons(one, found))
        ]
        made += sorted(pairs, key=_order)[:AT_MOST]
    return sorted(made, key=_order)


def decided(known: Systems) -> list[Pair]:
    """List what persons decided, by the found one."""
    by_key: dict[str, list[Asset]] = {}
    for one in known.assets.values():
        by_key.setdefault(one.key, []).append(one)
    made: list[Pair] = []
    for identifier, row in known.matches.items():
        states: Sequence[tuple[str, State]] = (("matched_to", "confirmed"), ("rejected", "rejected"))
        if identifier not in known.found:
            continue
        for column, state in states:
            for key in known.said(identifier, column):
                system = min(by_key.get(key, ()), key=lambda own: own.id not in known.filed, default=None)
                if system is not None:
                    who, why = row.columns.get("decided_by", ""), row.columns.get("reason", "")
                    at = row.capture.envelope.taken_at.astimezone(BEIJING).isoformat(timespec="seconds")
                    made.append(Pair(system, known.assets[identifier], state, (), who, at, why))
    return sorted(made, key=_order)


def _order(pair: Pair) -> tuple[int, str, str, str]:
    return (-pair.score, pair.found.key, pair.system.key, pair.found.network)


def pick(known: Systems, wanted: str, *, filed: bool) -> Asset:
    """Find the one filed or found system that an id, key or name means. Raises InputError."""
    among = known.filed if filed else known.found
    found = [one.asset for one in among.values() if wanted in (one.asset.id, one.asset.key, one.asset.name)]
    if len(found) == 1:
        return found[0]
    others = known.found if filed else known.filed
    elsewhere = any(wanted in (one.asset.id, one.asset.key, one.asset.name) for one in others.values())
    if found:
        what = Text("有几个系统叫这个名称", "several systems have this name")
    elif elsewhere and filed:
        what = Text("它没有填报，不能作为系统", "it is not filed, so nothing can be matched to it")
    elif elsewhere:
        what = Text("它自己就填报了，不必认定", "it is filed itself, there is nothing to match")
    else:
        what = _UNKNOWN_SYSTEM if filed else _UNKNOWN_FOUND
    raise InputError(
        what,
        where=shown(wanted, 120),
        advice=Text(
            "名称照 xunyan ledger match 列出的写，或写编号", "write names as xunyan ledger match lists them, or ids"
        ),
    )


_UNKNOWN_SYSTEM = Text("没有填报这个系统", "no such system is filed")
_UNKNOWN_FOUND = Text("没有查到这个名称或地址", "no such name or address was found")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person says of a pair, when, and why."""

    verb: Verb
    system: Asset
    found: Asset
    account: Account
    at: datetime
    reason: str = ""


def record(known: Systems, one: Decision) -> list[Handed]:
    """Make the two rows that a decision leaves. Raises InputError where it does not fit what was decided before."""
    _check(known, one)
    system, found = one.system, one.found
    matched = _changed(known.said(system.id, "matched"), found.key, one.verb == "confirm")
    not_ours = _changed(known.said(system.id, "rejected"), found.key, one.verb == "reject")
    theirs = _changed(known.said(found.id, "matched_to"), system.key, one.verb == "confirm")
    not_theirs = _changed(known.said(found.id, "rejected"), system.key, one.verb == "reject")
    own = {**_places(known, one, matched), "matched": BETWEEN.join(matched), "rejected": BETWEEN.join(not_ours)}
    other = {"matched_to": BETWEEN.join(theirs), "rejected": BETWEEN.join(not_theirs)}
    return [_row(one, system, own), _row(one, found, other)]


def _check(known: Systems, one: Decision) -> None:
    matched = known.said(one.found.id, "matched_to")
    rejected = one.system.key in known.said(one.found.id, "rejected")
    told: Text | None = None
    if one.verb == "withdraw" and one.system.key not in matched and not rejected:
        told = Text("这两个没有认定过", "nothing was decided about these two")
    elif one.verb == "confirm" and matched:
        told = Text(f"已认定为“{shown(matched[0])}”", f"it is matched to {shown(matched[0])!r} already")
    elif one.verb == "reject" and one.system.key in matched:
        told = Text("已认定是同一个，先用 ledger match withdraw 撤回", "they are matched; withdraw that first")
    elif one.verb == "reject" and rejected:
        told = Text("已认定不是", "it is rejected already")
    if told is not None:
        raise InputError(
            told,
            where=f"{shown(one.system.key, 80)} {shown(one.found.key, 80)}",
            advice=Text("已认定的见 xunyan ledger match --all", "see xunyan ledger match --all for what was decided"),
        )


def _changed(keys: Iterable[str], key: str, there: bool) -> list[str]:  # noqa: FBT001  # whether it is there afterwards
    return [*(one for one in keys if one != key), *([key] if there else [])]


def _places(known: Systems, one: Decision, matched: Sequence[str]) -> dict[str, str]:
    """Give the names and addresses of what is matched to a system; those of another network mean nothing in its own."""
    row = known.matches.get(one.system.id)
    before: Mapping[str, str] = row.columns if row is not None else {}
    found: dict[str, dict[str, None]] = {"names": {}, "addresses": {}}
    for key in matched:
        new = key == one.found.key and one.found.network == one.system.network
        for column, place in _offered(key):
            if new or place in before.get(column, "").split():
                found[column][place] = None
    return {column: " ".join(places) for column, places in found.items()}


def _offered(key: str) -> list[tuple[str, str]]:
    one = read_offered(key.partition(":")[2])
    if one is None:
        return []
    places = [("names", one.host)] if one.is_name else []
    return places + ([("addresses", str(one))] if not one.is_name or one.port else [])


def _row(one: Decision, asset: Asset, columns: Mapping[str, str]) -> Handed:
    said = {key: value for key, value in columns.items() if value}
    by = f"{one.account.name}（{one.account.id}，{one.account.unit}）"
    if said:
        said |= {"decided_by": by} | ({"reason": one.reason} if one.reason else {})
    else:
        said = {ledgers.WITHDRAWN: one.at.astimezone(BEIJING).date().isoformat()}
    envelope = Envelope(
        asset=asset.key, kind=KIND, platform=KIND, unit=asset.unit, site="", network=asset.network, address="",
        source=ledgers.MATCH, request=f"ledger match {one.verb} {one.system.key} {one.found.key}", taken_at=one.at,
        taken_by=one.account.id,
    )  # fmt: skip
    return Handed(asset.key, seal(envelope, ledgers.body(said), exit_code=None))
