"""Exemptions that a returned ledger lists become requests about findings, to be approved by another person as any other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from console.decision_rules import Act, refusal
from console.findings import by_id
from console.session import Session
from console.standing import Request, Road, overlay
from console.workspace import Workspace
from controls.findings import fingerprint
from controls.loader import Catalogue
from evidence.decision_entries import Verb
from evidence.store import Store
from inventories import accounts
from inventories.accounts import Account
from inventories.ledger_headings import Problem
from inventories.ledger_reading import Filed
from inventories.ledger_words import plain
from xunyan.canonical import BEIJING
from xunyan.model import Asset
from xunyan.names import shown
from xunyan.wording import Text


@dataclass(slots=True)
class Requests:
    """What exemption rows come to: acts by finding, what stands against them, and how many are asked for already."""

    acts: list[tuple[str, Act]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    same: int = 0


def requests(
    run: Session, workspace: Workspace, store: Store, rows: Sequence[Filed], account: Account | None
) -> Requests:
    """Turn rows into requests. Without an account it is not looked at whether it may ask, as for a preview.

    An exemption is of a finding: a row whose asset was not judged, or is not wrong, cannot be asked for.
    """
    found = Requests()
    if not rows:
        return found
    catalogue = workspace.inputs().catalogue
    now = run.now()
    roads = overlay(workspace, now).roads
    today = now.astimezone(BEIJING).date()
    assets = list(store.assets().values())
    for row in rows:
        control = _control(row, catalogue, found)
        asset = _asset(row, assets, found)
        until = date.fromisoformat(row.columns["until"]) if row.columns.get("until") else None
        if control is None or asset is None or until is None:
            continue
        if until < today:
            found.problems.append(row.problem("until", Text(f"{until} 已经过去", f"{until} is over")))
            continue
        mark = fingerprint(control, asset.id)
        road = roads.get(mark, Road())
        if _is_asked(road.pending, until) or _is_asked(road.approved, until):
            found.same += 1
            continue
        records = by_id(store, mark, catalogue, run.say)
        act = Act(Verb.ASK, _reason(row), until=until)
        told = _UNJUDGED if not records else refusal(act, records[0], road, account, today) if account else None
        if told is not None:
            found.problems.append(row.problem("control", told))
        else:
            found.acts.append((mark, act))
    return found


def acting(workspace: Workspace, by: str) -> Account:
    """Give the account that asks. Raises UsageError where it is not named, not there, or may not."""
    path = workspace.root / accounts.FILE
    return accounts.acting(accounts.load(path), by, "officer", path)


def _control(row: Filed, catalogue: Catalogue, found: Requests) -> str | None:
    given = row.columns.get("control", "")
    if not given:
        return None
    word = given.split()[0]
    for check in catalogue.checks:
        if check.control.id == word or plain(check.control.title.zh) == plain(given):
            return check.control.id
    what = Text(
        f"没有检查项“{shown(given)}”，见 xunyan controls list", f"no control {shown(given)!r}; see xunyan controls list"
    )
    found.problems.append(row.problem("control", what))
    return None


def _asset(row: Filed, assets: Sequence[Asset], found: Requests) -> Asset | None:
    wanted = row.name
    if not wanted:
        return None
    exact = [one for one in assets if wanted in (one.id, one.key, one.name)]
    fits = exact or [one for one in assets if plain(one.name) == plain(wanted)]
    if len(fits) == 1:
        return fits[0]
    what = (
        Text(f"没有资产“{shown(wanted)}”，见 xunyan coverage --all", f"no asset {shown(wanted)!r}; see xunyan coverage --all")
        if not fits
        else Text("有几个资产叫这个名称，写资产编号", "several assets have this name; write the id of one")
    )  # fmt: skip
    found.problems.append(row.problem("asset", what))
    return None


def _is_asked(request: Request | None, until: date) -> bool:
    """Tell whether a request stands that lasts as long."""
    if request is None:
        return False
    lasts = (request.approval or request.ask).until
    return lasts is None or lasts >= until


def _reason(row: Filed) -> str:
    said = {key: row.columns.get(key, "") for key in ("number", "approver", "approver_class", "reason")}
    return f"{said['number']}（{said['approver']}，{said['approver_class']}）：{said['reason']}"[:1000]


_UNJUDGED = Text(
    "这个资产还没有这一项的判定；先导入台账、扫描并判定，再申请例外",
    "this asset was not judged by this control yet; file it, scan and judge, then ask",
)
