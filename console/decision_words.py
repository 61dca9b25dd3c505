"""Decisions and exemptions in words, and the status of a finding with what was decided laid over it."""

from collections.abc import Mapping
from typing import Any

from console.language import STATUS, Voice
from console.output import one_line
from console.session import shown
from console.standing import WRONG, RequestState
from evidence.decision_entries import Entry, Verb
from xunyan.wording import Text

VERB: Mapping[str, Text] = {
    Verb.CONFIRM: Text("已确认", "confirmed"),
    Verb.FALSE_ALARM: Text("误报", "false alarm"),
    Verb.MENDING: Text("整改中", "being mended"),
    Verb.ASK: Text("申请例外", "exemption asked"),
    Verb.WITHDRAW: Text("撤回", "withdrawn"),
    Verb.APPROVE: Text("批准例外", "exemption approved"),
    Verb.REFUSE: Text("不予例外", "exemption refused"),
    Verb.REVOKE: Text("撤销例外", "exemption revoked"),
}
REQUEST: Mapping[str, Text] = {
    RequestState.ASKED: Text("待批复", "waits for an answer"),
    RequestState.APPROVED: Text("生效", "in force"),
    RequestState.REFUSED: Text("不予批准", "refused"),
    RequestState.REVOKED: Text("已撤销", "revoked"),
    RequestState.EXPIRED: Text("已到期", "expired"),
    RequestState.OUTDATED: Text("情况已变，不再覆盖", "changed since, covers nothing"),
    RequestState.IDLE: Text("现无此问题或未检测", "not wrong or not seen now"),
    RequestState.REPLACED: Text("已由后一次批准替代", "replaced by a later one"),
    RequestState.WITHDRAWN: Text("已撤回", "withdrawn"),
}


def status_text(record: Mapping[str, Any], say: Voice) -> str:
    """Say a finding's status, and behind it what a person decided; the status itself stays what it is."""
    mark = _mark(record)
    base = say.word(STATUS, str(record["status"]))
    return base + say("·", " · ") + say.text(mark) if mark else base


def _mark(record: Mapping[str, Any]) -> Text | None:
    decision, request = record["decision"], record["exemption_request"]
    mark: Text | None = None
    if record["exemption"]:
        mark = Text("已批准例外", "exemption approved")
    elif decision and decision["outdated"]:
        mark = Text("需要重新确认", "decide again")
    elif record["status"] not in WRONG:
        mark = None
    elif decision:
        mark = Text("整改逾期", "mending overdue") if decision["overdue"] else VERB[decision["verb"]]
    elif request and request["state"] == RequestState.ASKED:
        mark = Text("例外待批", "exemption asked")
    return mark


def decision_text(decision: Mapping[str, Any], say: Voice) -> str:
    """Say the decision that stands: what, by whom, when, why, and whether it has to be made again."""
    parts = [say.word(VERB, decision["verb"]), f"{decision['name']}（{decision['unit']}）{decision['at']}"]
    if decision["due"]:
        late = say("，已逾期", ", overdue") if decision["overdue"] else ""
        parts.append(say(f"期限 {decision['due']}{late}", f"due {decision['due']}{late}"))
    if decision["reason"]:
        parts.append(one_line(decision["reason"]))
    if decision["outdated"]:
        made = say.word(STATUS, decision["made_on"]["status"])
        parts.append(
            say(
                f"需要重新确认：认定时是“{made}”（{decision['made_on']['key']}），之后变了",
                f"decide again: it was {made!r} ({decision['made_on']['key']}) then and has changed since",
            )
        )
    return one_line(say("；", "; ").join(parts))


def exemption_text(one: Mapping[str, Any], say: Voice) -> str:
    """Say an exemption or a request for one: who asked and why, who approved, number, approver's class and expiry."""
    parts = [
        say(
            f"{one['asked_by_name']} 于 {one['asked_at']} 申请",
            f"asked by {one['asked_by_name']} at {one['asked_at']}",
        ),
        one["reason"],
    ]
    if one["number"]:
        parts.append(
            say(
                f"{one['approved_by_name']} 于 {one['approved_at']} 登记批准，文号 {one['number']}，批准机关 {one['approver_class']}",
                f"approval entered by {one['approved_by_name']} at {one['approved_at']}, "
                f"number {one['number']}, approver {one['approver_class']}",
            )
        )
    if one["until"]:
        parts.append(say(f"有效期至 {one['until']}", f"until {one['until']}"))
    if one["answer"]:
        parts.append(say(f"批复说明：{one['answer']}", f"answer: {one['answer']}"))
    if one["same_os_user"]:
        parts.append(say("申请和批准由同一系统用户录入", "both entered by one user of the machine"))
    return one_line(say("；", "; ").join(parts))


def entry_text(entry: Entry, say: Voice) -> str:
    """Say one entry of the record in a line."""
    parts = [
        f"#{entry.number} {shown(entry.at)} {entry.by_name}（{entry.by}，{say('系统用户', 'OS user')} {entry.os_user}）",
        say.word(VERB, entry.verb),
    ]
    if entry.answers:
        parts.append(say(f"针对 #{entry.answers}", f"on #{entry.answers}"))
    for value, zh, en in (
        (entry.due, "期限", "due"),
        (entry.until, "至", "until"),
        (entry.number_of_approval, "文号", "number"),
        (entry.approver_class, "批准机关", "approver"),
        (entry.reason, "说明", "reason"),
    ):
        if value:
            parts.append(f"{say(zh, en)} {value}")
    made = say.word(STATUS, entry.status)
    parts.append(
        say(
            f"依据判定 {entry.judgement}：{made} {entry.key}，证据 {len(entry.evidence)} 件",
            f"on judgement {entry.judgement}: {made} {entry.key}, {len(entry.evidence)} captures",
        )
    )
    return one_line(say("；", "; ").join(parts))
