"""A finding's road: it opens, stays, closes only when the target was reached, and comes back."""

from datetime import UTC, datetime, timedelta

import pytest

from controls.findings import History, advance, fingerprint
from xunyan.model import Evidence, Severity, Status, Verdict
from xunyan.wording import Message

DAY = datetime(2026, 11, 1, tzinfo=UTC)
WRONG, PERSON, RIGHT, BLIND, NOT_ASKED = (
    Status.NOT_SATISFIED, Status.NEEDS_PERSON, Status.SATISFIED, Status.NOT_OBSERVED, Status.NOT_APPLICABLE,
)  # fmt: skip


def verdict(status: Status, day: int, key: str = "") -> Verdict:
    seen = DAY + timedelta(days=day)
    evidence = () if status is BLIND else (Evidence(f"c{day}", "cpuinfo", 1, 1, "", seen),)
    return Verdict("test/one", "a1", status, Severity.HIGH, Message(key or status.value), (), (), evidence)


def walk(*steps: tuple[Status, bool] | Status) -> tuple[History, list[str]]:
    """Judge on one day after another; a step may say that the target was not reached."""
    history: History | None = None
    events = []
    for day, step in enumerate(steps, 1):
        status, reached = step if isinstance(step, tuple) else (step, True)
        history, event = advance(history, verdict(status, day), reached=reached)
        events.append(event)
    assert history is not None
    return history, events


@pytest.mark.parametrize(
    ("steps", "state", "events"),
    [
        ((WRONG,), "open", ["opened"]),
        ((WRONG, WRONG), "open", ["opened", ""]),
        ((WRONG, PERSON), "open", ["opened", "changed"]),
        ((WRONG, RIGHT), "closed", ["opened", "closed"]),
        ((WRONG, RIGHT, RIGHT), "closed", ["opened", "closed", ""]),
        ((WRONG, RIGHT, WRONG), "open", ["opened", "closed", "reopened"]),
        ((WRONG, NOT_ASKED), "closed", ["opened", "closed"]),
        ((RIGHT,), "clear", ["cleared"]),
        ((RIGHT, RIGHT), "clear", ["cleared", ""]),
        ((RIGHT, WRONG), "open", ["cleared", "opened"]),
        ((BLIND,), "unobserved", ["lost"]),
        ((BLIND, BLIND), "unobserved", ["lost", ""]),
        ((BLIND, WRONG), "open", ["lost", "opened"]),
        ((BLIND, RIGHT), "clear", ["lost", "cleared"]),
        ((RIGHT, BLIND), "unobserved", ["cleared", "lost"]),
        ((WRONG, BLIND), "open", ["opened", "lost"]),
        ((WRONG, BLIND, BLIND), "open", ["opened", "lost", ""]),
        ((WRONG, BLIND, WRONG), "open", ["opened", "lost", "changed"]),
        ((WRONG, (RIGHT, False)), "open", ["opened", "pending"]),
        ((WRONG, (RIGHT, False), (RIGHT, False)), "open", ["opened", "pending", ""]),
        ((WRONG, (RIGHT, False), RIGHT), "closed", ["opened", "pending", "closed"]),
        ((WRONG, RIGHT, BLIND, WRONG), "open", ["opened", "closed", "lost", "reopened"]),
        ((WRONG, RIGHT, BLIND, RIGHT), "closed", ["opened", "closed", "lost", "cleared"]),
    ],
)
def test_road(steps: tuple[tuple[Status, bool] | Status, ...], state: str, events: list[str]) -> None:
    history, happened = walk(*steps)
    assert (history.state.value, happened) == (state, events)


def test_not_looking_never_closes_and_keeps_what_was_known() -> None:
    history, _ = walk(WRONG, BLIND, BLIND)
    assert (history.state.value, history.status, history.sight) == ("open", WRONG, BLIND)
    assert history.last_seen.startswith("2026-11-02")


def test_first_and_last_seen_are_times_of_evidence() -> None:
    history, _ = walk(WRONG, WRONG, WRONG)
    assert history.first_seen.startswith("2026-11-02")
    assert history.last_seen.startswith("2026-11-04")


def test_coming_back_is_counted() -> None:
    history, _ = walk(WRONG, RIGHT, WRONG, RIGHT, WRONG)
    assert history.reopened == 2
    assert history.first_seen.startswith("2026-11-02")


def test_another_message_under_the_same_status_is_a_change() -> None:
    history, _ = advance(None, verdict(PERSON, 1, "hidden"), reached=True)
    _, event = advance(history, verdict(PERSON, 2, "disputed"), reached=True)
    assert event == "changed"


def test_a_fingerprint_is_of_the_control_and_the_asset_alone() -> None:
    assert fingerprint("test/one", "a1") == advance(None, verdict(WRONG, 1), reached=True)[0].fingerprint
    assert len({fingerprint(c, a) for c in ("x/y", "x/z") for a in ("a1", "a2")}) == 4
