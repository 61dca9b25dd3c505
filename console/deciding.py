"""Deciding about findings: what a named person may say of which, and the entries that record it."""

import os
import pwd
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from console.decision_rules import Act, refusal
from console.findings import by_id
from console.language import Voice
from console.output import one_line
from console.session import Session
from console.standing import FILE, Road, overlay
from console.workspace import Workspace
from controls.loader import Catalogue, inputs_digest
from evidence import decisions
from evidence.decision_entries import FIRST, Entry, Verb
from evidence.store import SMALL_CACHE_KIB, Store
from inventories import accounts
from inventories.accounts import Account, Role
from xunyan.canonical import BEIJING, utc_text
from xunyan.errors import InputError
from xunyan.model import Status
from xunyan.wording import Text

SHOWN_PROBLEMS = 50
_APPROVERS = frozenset({Verb.APPROVE, Verb.REFUSE, Verb.REVOKE})


@dataclass(frozen=True, slots=True)
class Done:
    """One finding that was decided about: its record of before, and the entry."""

    record: dict[str, Any]
    entry: Entry


def decide(run: Session, identifiers: Sequence[str], act: Act, by: str) -> list[Done]:
    """Record one act about all these findings, or none. Raises InputError that names every one that stands against it."""
    with run.writing(SMALL_CACHE_KIB) as (workspace, store):
        return decide_each(run, workspace, store, [(one, act) for one in identifiers], by)


def decide_each(
    run: Session, workspace: Workspace, store: Store, wanted: Sequence[tuple[str, Act]], by: str
) -> list[Done]:
    """Record an act about each of these findings, all of one verb, or none; in a workspace open for writing.

    Raises InputError that names every one that stands against it.
    """
    path = workspace.root / accounts.FILE
    acts = dict(wanted)
    role: Role = "approver" if wanted[0][1].verb in _APPROVERS else "officer"
    account = accounts.acting(accounts.load(path), by, role, path)
    now = run.now()
    inputs = workspace.inputs()
    last = next(store.rows("SELECT number, inputs FROM judgement ORDER BY number DESC LIMIT 1"), None)
    if last is None or last["inputs"] != inputs_digest(inputs.catalogue, inputs.profile, inputs.products):
        raise InputError(
            Text("还没有按现行检查目录和依据判定", "nothing was judged yet by the present catalogue and profile"),
            where=str(workspace.root),
            advice=Text("先运行 xunyan judge，看过结果再处置", "run xunyan judge, look at it, then decide"),
        )
    roads = overlay(workspace, now).roads
    found, problems = _find(store, list(acts), inputs.catalogue, run.say, roads)
    pairs: list[Done] = []
    for typed, record in found:
        act = acts[typed]
        road = roads.get(record["fingerprint"], Road())
        told = refusal(act, record, road, account, now.astimezone(BEIJING).date())
        if told is not None:
            problems.append((typed, told))
        else:
            pairs.append(Done(record, _draft(act, record, road, account, now, (last["number"], last["inputs"]))))
    if problems:
        raise _refused(problems)
    written = decisions.append(workspace.root / FILE, [one.entry for one in pairs])
    return [Done(one.record, entry) for one, entry in zip(pairs, written, strict=True)]


def day_from(text: str, option: str, now: datetime) -> date | None:
    """Read a day, which ends in Beijing; empty is None. Raises InputError where it is none, or over already."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        found = None
    if found is None:
        raise InputError(
            Text(f"“{one_line(text)[:40]}”不是日期", f"{one_line(text)[:40]!r} is not a date"),
            where=option,
            advice=Text("写成 2026-12-31", "write 2026-12-31"),
        )
    today = now.astimezone(BEIJING).date()
    if found < today:
        raise InputError(
            Text(f"{found} 已经过去（今天是 {today}，北京时间）", f"{found} is over (today is {today} in Beijing)"),
            where=option,
            advice=Text("写今天或以后的日期", "give today or a later day"),
        )
    return found


def os_user() -> str:
    """Say which user of the machine this process is, by the system's own word and not by the environment's."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


_Found: TypeAlias = list[tuple[str, dict[str, Any]]]
_Problems: TypeAlias = list[tuple[str, Text]]


def _find(
    store: Store, identifiers: Iterable[str], catalogue: Catalogue, say: Voice, roads: Mapping[str, Road]
) -> tuple[_Found, _Problems]:
    """Find each finding that is meant, once; those judged no more are known by what was decided about them."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    problems: _Problems = []
    for typed in identifiers:
        wanted = typed.strip().lower()
        fit = wanted.isalnum() and wanted.isascii()
        records = by_id(store, wanted, catalogue, say) if fit else []
        if fit and not records:
            records = [_gone(road) for mark, road in roads.items() if mark.startswith(wanted)]
        if len(records) == 1:
            found.setdefault(records[0]["fingerprint"], (typed, records[0]))
        elif records:
            problems.append((typed, Text("编号太短，对应多条", "the id is too short: it fits several")))
        else:
            problems.append((typed, Text("没有这个编号", "no such id")))
    return list(found.values()), problems


def _gone(road: Road) -> dict[str, Any]:
    last = road.entries[-1]
    return {
        "id": last.finding[:12], "fingerprint": last.finding, "control": last.control, "status": Status.NOT_APPLICABLE.value,
        "asset": {"id": last.asset, "name": last.asset, "unit": ""}, "message": {"key": ""}, "evidence": [], "reopened": 0,
    }  # fmt: skip


def _draft(
    act: Act, record: Mapping[str, Any], road: Road, account: Account, now: datetime, judged: tuple[int, str]
) -> Entry:
    return Entry(
        number=1, act=1, previous=FIRST,  # set where it is appended
        at=utc_text(now), by=account.id, by_name=account.name, by_unit=account.unit, os_user=os_user(),
        verb=act.verb, finding=record["fingerprint"], control=record["control"], asset=record["asset"]["id"],
        status=Status(record["status"]), key=record["message"]["key"],
        evidence=tuple(dict.fromkeys(one["capture"] for one in record["evidence"])),
        judgement=judged[0], inputs=judged[1], reopened=record["reopened"], reason=act.reason, due=act.due, until=act.until,
        number_of_approval=act.number_of_approval, approver_class=act.approver_class, answers=_answers(act.verb, road),
    )  # fmt: skip


def _answers(verb: Verb, road: Road) -> int:
    match verb:
        case Verb.WITHDRAW:
            return road.last.number if road.last else 0
        case Verb.APPROVE | Verb.REFUSE:
            return road.pending.ask.number if road.pending else 0
        case Verb.REVOKE:
            return road.approved.approval.number if road.approved and road.approved.approval else 0
        case _:
            return 0


def _refused(problems: _Problems) -> InputError:
    shown = problems[:SHOWN_PROBLEMS]
    more = len(problems) - len(shown)
    zh = "".join(f"\n  {one_line(typed)[:40]}：{told.zh}" for typed, told in shown)
    en = "".join(f"\n  {one_line(typed)[:40]}: {told.en}" for typed, told in shown)
    return InputError(
        Text(
            f"有 {len(problems)} 条不能这样处置，一条也没有记录：{zh}" + (f"\n  ……另有 {more} 条" if more else ""),
            f"{len(problems)} cannot be decided so, and none was recorded:{en}"
            + (f"\n  ... {more} more" if more else ""),
        ),
        advice=Text(
            "去掉或先处理这些再试；编号见 xunyan findings --all，经过见 xunyan show 编号",
            "leave them out, or see to them first; ids: xunyan findings --all, what was decided: xunyan show ID",
        ),
    )
