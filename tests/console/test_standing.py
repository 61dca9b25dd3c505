"""What stands of many entries: a record that the product would never have written gains nothing by it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from console.standing import Overlay, RequestState, Sight, roads_of
from evidence.decision_entries import FIRST, Entry, Verb
from xunyan.model import Status

MARK = "0" * 32
WRONG = Sight(Status.NOT_SATISFIED, "foreign")
DAY = date(2027, 6, 30)


def entry(number: int, verb: Verb, **fields: Any) -> Entry:
    given: dict[str, Any] = {
        "number": number, "act": number, "previous": FIRST, "at": "2026-11-21T00:00:00.000000Z", "by": "zhangsan",
        "by_name": "张三", "by_unit": "大数据局", "os_user": "ops", "verb": verb, "finding": MARK, "control": "domestic/cpu",
        "asset": "a", "status": Status.NOT_SATISFIED, "key": "foreign", "evidence": (), "judgement": 1, "inputs": "",
        "reopened": 0, "reason": "", **fields,
    }  # fmt: skip
    return Entry(**given)


def answered(*answers: Entry) -> RequestState:
    road = roads_of([entry(1, Verb.ASK), *answers])[MARK]
    return road.requests[0].state(WRONG, DAY)


OTHER = {"by": "lisi", "by_name": "李四", "until": DAY}


def test_an_approval_by_another_counts_until_the_end_of_its_day() -> None:
    approval = entry(2, Verb.APPROVE, answers=1, **OTHER)
    assert answered(approval) is RequestState.APPROVED
    assert (
        roads_of([entry(1, Verb.ASK), approval])[MARK].requests[0].state(WRONG, date(2027, 7, 1))
        is RequestState.EXPIRED
    )


@pytest.mark.parametrize(
    "forged",
    [
        entry(2, Verb.APPROVE, answers=1, until=DAY),
        entry(2, Verb.APPROVE, answers=1, until=DAY, by="zs2"),
        entry(2, Verb.APPROVE, answers=1, until=DAY, by_name="李四"),
        entry(2, Verb.APPROVE, answers=0, **OTHER),
        entry(2, Verb.APPROVE, answers=7, **OTHER),
        entry(2, Verb.APPROVE, answers=1, finding="1" * 32, **OTHER),
        entry(2, Verb.REFUSE, answers=1),
        entry(2, Verb.WITHDRAW, answers=0),
        entry(2, Verb.REVOKE, answers=0, **OTHER),
    ],
)
def test_an_answer_that_may_not_be_given_changes_nothing(forged: Entry) -> None:
    assert answered(forged) is RequestState.ASKED


def test_an_approval_without_a_last_day_is_over() -> None:
    assert answered(entry(2, Verb.APPROVE, answers=1, **{**OTHER, "until": None})) is RequestState.EXPIRED


def test_a_finding_judged_no_more_is_covered_by_nothing() -> None:
    road = roads_of([entry(1, Verb.ASK), entry(2, Verb.APPROVE, answers=1, **OTHER)])[MARK]
    assert road.requests[0].state(None, DAY) is RequestState.IDLE
    assert road.requests[0].state(Sight(Status.NOT_SATISFIED, "disputed"), DAY) is RequestState.OUTDATED
    assert road.requests[0].state(Sight(Status.NEEDS_PERSON, "foreign"), DAY) is RequestState.OUTDATED


@pytest.mark.parametrize(
    ("moment", "day"),
    [(datetime(2027, 6, 30, 15, 59, 59, tzinfo=UTC), DAY), (datetime(2027, 6, 30, 16, tzinfo=UTC), date(2027, 7, 1))],
)
def test_days_are_those_of_beijing(moment: datetime, day: date) -> None:
    assert Overlay({}, moment).day == day
