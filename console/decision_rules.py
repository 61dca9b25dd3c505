"""What stands against a decision: who may say what of a finding as it is now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from console.standing import WRONG, RequestState, Road, same_person, sight_of
from evidence.decision_entries import Verb
from inventories.accounts import Account
from xunyan.model import Status
from xunyan.wording import Text

_GONE = frozenset({Verb.WITHDRAW, Verb.REFUSE, Verb.REVOKE})
"""What can be said of a finding that is judged no more."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a person wants to say, of however many findings."""

    verb: Verb
    reason: str = ""
    due: date | None = None
    until: date | None = None
    number_of_approval: str = ""
    approver_class: str = ""


def refusal(act: Act, record: Mapping[str, Any], road: Road, account: Account, day: date) -> Text | None:
    """Say why a finding cannot be decided about in this way; None where it can."""
    status = Status(record["status"])
    if act.verb not in _GONE and status not in WRONG:
        if status is Status.NOT_OBSERVED:
            return Text(
                "未检测，没有看到就不能认定，也不能例外；先重新采集",
                "not observed: what was not seen can be neither decided nor exempted; collect again first",
            )
        return Text("现在没有问题（符合或不再判定），不需要处置", "nothing is wrong now; there is nothing to decide")
    return _RULES[act.verb](_Case(act, record, road, account, day))


@dataclass(frozen=True, slots=True)
class _Case:
    act: Act
    record: Mapping[str, Any]
    road: Road
    account: Account
    day: date

    @property
    def state(self) -> RequestState | None:
        """Where the approved request stands."""
        one = self.road.approved
        return one.state(sight_of(self.record), self.day) if one else None

    def saying(self) -> Verb | None:
        """The decision that stands and was made on what the finding says now."""
        one, sight = self.road.saying, sight_of(self.record)
        if one is None or sight.differs(one) or sight.reopened != one.reopened:
            return None
        return one.verb


def _anything(_case: _Case) -> Text | None:
    return None


def _false_alarm(case: _Case) -> Text | None:
    if case.road.pending is not None or case.state is RequestState.APPROVED:
        return Text(
            "有待批或生效的例外，先撤回或撤销它", "an exemption is asked for or in force; withdraw or revoke it first"
        )
    return None


def _ask(case: _Case) -> Text | None:
    if case.road.pending is not None:
        return Text("已有例外申请等待批复", "an exemption is asked for already")
    if case.saying() is Verb.FALSE_ALARM:
        return Text("已认定为误报，先撤回（--withdraw）", "it stands as a false alarm; withdraw that first")
    if Status(case.record["status"]) is Status.NEEDS_PERSON and case.saying() is None:
        return Text(
            "需人工核实的，先用 --confirm 确认是问题，再申请例外",
            "a lead must be confirmed with --confirm before an exemption is asked for",
        )
    return None


def _withdraw(case: _Case) -> Text | None:
    if case.road.last is not None:
        return None
    if case.state not in (None, RequestState.EXPIRED):
        return Text(
            "例外已经批准，用 xunyan exemptions revoke 撤销", "the exemption is approved; see xunyan exemptions revoke"
        )
    return Text("没有可撤回的处置", "there is nothing to withdraw")


def _answer(case: _Case) -> Text | None:
    asked = case.road.pending
    if asked is None:
        return Text("没有等待批复的例外申请", "no exemption is asked for")
    if same_person(asked, case.account.id, case.account.name, case.account.unit):
        return Text(
            f"申请人（{asked.ask.by_name}）不能自己批复，请另一账号批复；要取消申请用 decide --withdraw",
            f"{asked.ask.by_name} asked for it and cannot answer it; another account must (decide --withdraw takes it back)",
        )
    return None


def _approve(case: _Case) -> Text | None:
    asked, told = case.road.pending, _answer(case)
    if asked is None or told is not None:
        return told
    if sight_of(case.record).differs(asked.ask):
        return Text(
            "申请之后情况变了，请重新申请（先用 decide --withdraw 撤回）",
            "it has changed since it was asked for; withdraw and ask anew",
        )
    wanted = asked.ask.until
    if wanted is not None and case.act.until is not None and case.act.until > wanted:
        return Text(f"申请只到 {wanted}，批准不能更长", f"it was asked for until {wanted}; no longer can be approved")
    return None


def _revoke(case: _Case) -> Text | None:
    if case.state is None or case.state is RequestState.EXPIRED:
        return Text("没有生效的例外", "no exemption is in force")
    return None


_RULES: Mapping[Verb, Callable[[_Case], Text | None]] = {
    Verb.CONFIRM: _anything,
    Verb.FALSE_ALARM: _false_alarm,
    Verb.MENDING: _anything,
    Verb.ASK: _ask,
    Verb.WITHDRAW: _withdraw,
    Verb.APPROVE: _approve,
    Verb.REFUSE: _answer,
    Verb.REVOKE: _revoke,
}
"""Verb -> what stands against it."""
