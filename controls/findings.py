"""A verdict's history: how a finding opens, stays, closes and comes back from one judgement to the next. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

from xunyan.canonical import digest, utc_text
from xunyan.model import Status, Verdict


class State(StrEnum):
    """Where a finding stands. clear: never wrong so far; unobserved: never seen so far, or lost while it was right."""

    OPEN = "open"
    CLOSED = "closed"
    CLEAR = "clear"
    UNOBSERVED = "unobserved"


@dataclass(frozen=True, slots=True)
class History:
    """What is remembered of one control and one asset. Times are of the evidence, in UTC text; empty where never seen.

    `status` and `key` are those of the last judgement that could see; `sight` is what the last judgement itself said.
    """

    fingerprint: str
    control: str
    asset: str
    state: State
    status: Status
    key: str
    sight: Status
    first_seen: str
    last_seen: str
    opened: int = 0

    @property
    def reopened(self) -> int:
        """How often it came back after it had been closed or lost."""
        return max(0, self.opened - 1)


def fingerprint(control: str, asset: str) -> str:
    """Name a finding for good: the digest of its control and its asset's minted id, 32 hex digits."""
    return digest(control, asset)[:32]


def advance(before: History | None, verdict: Verdict, *, reached: bool) -> tuple[History, str]:
    """Carry a finding's history over one verdict; return it with the event to record, empty for none.

    `reached`: nothing that the verdict rests on was asked again since and failed. A finding closes only then, and only
    on evidence newer than that on which it was last seen open. Events: opened, changed, closed, reopened, cleared, lost,
    pending (would close, but the target was not reached), withdrawn (judged no more).
    """
    seen = utc_text(verdict.seen_at) if verdict.seen_at else ""
    first_time = before is None
    before = before or History(
        fingerprint(verdict.control, verdict.asset),
        verdict.control,
        verdict.asset,
        State.UNOBSERVED,
        Status.NOT_OBSERVED,
        "",
        Status.NOT_OBSERVED,
        "",
        "",
    )
    if verdict.status in (Status.NOT_SATISFIED, Status.NEEDS_PERSON):
        return _wrong(before, verdict, seen)
    if verdict.status is Status.NOT_OBSERVED:
        state = State.OPEN if before.state is State.OPEN else State.UNOBSERVED
        lost = first_time or before.sight is not Status.NOT_OBSERVED
        return replace(before, state=state, sight=verdict.status), "lost" if lost else ""
    if before.state is State.OPEN and not (reached and seen > before.last_seen):
        return replace(before, sight=verdict.status), "" if before.sight is verdict.status else "pending"
    return _right(before, verdict, seen)


def _wrong(before: History, verdict: Verdict, seen: str) -> tuple[History, str]:
    after = replace(
        before, state=State.OPEN, status=verdict.status, key=verdict.message.key, sight=verdict.status, last_seen=seen
    )
    if before.state is State.OPEN:
        same = (before.sight, before.key) == (verdict.status, verdict.message.key)
        return after, "" if same else "changed"
    after = replace(after, opened=before.opened + 1, first_seen=before.first_seen if before.opened else seen)
    return after, "reopened" if before.opened else "opened"


def _right(before: History, verdict: Verdict, seen: str) -> tuple[History, str]:
    state = State.CLOSED if before.opened else State.CLEAR
    event = "closed" if before.state is State.OPEN else "" if before.sight is verdict.status else "cleared"
    after = replace(
        before, state=state, status=verdict.status, key=verdict.message.key, sight=verdict.status, last_seen=seen
    )
    return replace(after, first_seen=before.first_seen or seen), event


def withdraw(before: History) -> tuple[History, str]:
    """Note that a control or an asset is judged no more; its history waits for the day when it is again."""
    gone = before.sight is Status.NOT_APPLICABLE
    return replace(before, sight=Status.NOT_APPLICABLE), "" if gone else "withdrawn"
