"""What persons decided about findings, as it stands at a moment: laid over verdicts, which stay what they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from console.session import Session, shown
from console.workspace import Workspace
from evidence.decision_entries import SAYINGS, Entry, Verb
from evidence.decisions import Problem, problems, read
from evidence.store import Store
from xunyan.canonical import BEIJING
from xunyan.errors import DataError
from xunyan.model import Status

FILE = "decisions.jsonl"
WRONG = (Status.NOT_SATISFIED, Status.NEEDS_PERSON)
"""What can be decided about: only what was seen, and is not right."""


class RequestState(StrEnum):
    """Where a request for an exemption stands.

    outdated: what was approved is no longer what is wrong, so that it covers nothing and must be asked anew. idle: what
    was approved is not wrong now, or not seen, or not judged; it covers again where it comes back as it was.
    """

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"
    OUTDATED = "outdated"
    IDLE = "idle"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


_ENDED = {
    Verb.REFUSE: RequestState.REFUSED,
    Verb.REVOKE: RequestState.REVOKED,
    Verb.WITHDRAW: RequestState.WITHDRAWN,
    Verb.APPROVE: RequestState.REPLACED,
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a finding says now."""

    status: Status
    key: str
    reopened: int = 0

    def differs(self, entry: Entry) -> bool:
        """Tell whether an entry was made on something else."""
        return (self.status, self.key) != (entry.status, entry.key)


@dataclass(slots=True)
class Request:
    """A request for an exemption, its approval, and the entry that ended it: a refusal, revocation, withdrawal or successor."""

    ask: Entry
    approval: Entry | None = None
    ended: Entry | None = None

    def state(self, sight: Sight | None, day: date) -> RequestState:
        """Say where it stands on a day in Beijing, for a finding as it is now; None for one that is judged no more."""
        if self.ended is not None:
            return _ENDED[self.ended.verb]
        if self.approval is None:
            return RequestState.ASKED
        if self.approval.until is None or day > self.approval.until:
            return RequestState.EXPIRED
        if sight is None or sight.status not in WRONG:
            return RequestState.IDLE
        return RequestState.OUTDATED if sight.differs(self.approval) else RequestState.APPROVED


@dataclass(slots=True)
class Road:
    """All entries about one finding in order, and what of them was not taken back."""

    entries: list[Entry] = field(default_factory=list)
    sayings: list[Entry] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def apply(self, entry: Entry) -> None:
        """Take one more entry into account; one that answers nothing it may answer changes nothing."""
        self.entries.append(entry)
        if entry.verb in SAYINGS:
            self.sayings.append(entry)
        elif entry.verb is Verb.ASK:
            self.requests.append(Request(entry))
        elif entry.verb is Verb.WITHDRAW:
            self.sayings = [one for one in self.sayings if one.number != entry.answers]
            self._end(self.pending, entry)
        elif entry.verb is Verb.REVOKE:
            self._end(self.approved, entry)
        elif self.pending is not None and same_person(self.pending, entry.by, entry.by_name, entry.by_unit):
            return
        elif entry.verb is Verb.REFUSE:
            self._end(self.pending, entry)
        else:
            self._approve(entry)

    def _approve(self, entry: Entry) -> None:
        asked, before = self.pending, self.approved
        if asked is not None and asked.ask.number == entry.answers:
            if before is not None:
                before.ended = entry
            asked.approval = entry

    @staticmethod
    def _end(request: Request | None, entry: Entry) -> None:
        if request is not None and entry.answers == (request.approval or request.ask).number:
            request.ended = entry

    @property
    def saying(self) -> Entry | None:
        """The decision that stands."""
        return self.sayings[-1] if self.sayings else None

    @property
    def pending(self) -> Request | None:
        """The request that waits for an answer."""
        return next((one for one in self.requests if one.approval is None and one.ended is None), None)

    @property
    def approved(self) -> Request | None:
        """The request that was approved and not ended since; it may have expired."""
        return next((one for one in self.requests if one.approval is not None and one.ended is None), None)

    @property
    def last(self) -> Entry | None:
        """The newest entry that can be withdrawn: the decision that stands, or a request without an answer."""
        open_ones = [*self.sayings[-1:], *([self.pending.ask] if self.pending else [])]
        return max(open_ones, key=lambda one: one.number, default=None)


def same_person(request: Request, by: str, name: str, unit: str) -> bool:
    """Tell whether this is the person who asked, under whatever account."""
    return by == request.ask.by or (name, unit) == (request.ask.by_name, request.ask.by_unit)


@dataclass(frozen=True, slots=True)
class Overlay:
    """The roads of all findings by fingerprint, and the moment against which days are measured."""

    roads: Mapping[str, Road]
    moment: datetime

    @property
    def day(self) -> date:
        """The day in Beijing."""
        return self.moment.astimezone(BEIJING).date()

    def lay(self, record: dict[str, Any]) -> dict[str, Any]:
        """Fill in a finding's `decision`, `exemption` (one in force alone) and `exemption_request` (any other)."""
        road = self.roads.get(record["fingerprint"])
        if road is None:
            return record
        sight = sight_of(record)
        record["decision"] = self._decision(road.saying, sight)
        covering = road.approved
        if covering is not None and covering.state(sight, self.day) is RequestState.APPROVED:
            record["exemption"] = exemption_record(covering)
            other = road.pending
        else:
            other = road.requests[-1] if road.requests else None
        if other is not None:
            record["exemption_request"] = {"state": other.state(sight, self.day).value, **exemption_record(other)}
        return record

    def _decision(self, one: Entry | None, sight: Sight) -> dict[str, Any] | None:
        if one is None:
            return None
        changed = sight.differs(one) or sight.reopened != one.reopened
        return {
            "entry": one.number, "verb": one.verb.value, "by": one.by, "name": one.by_name, "unit": one.by_unit,
            "at": shown(one.at), "reason": one.reason, "due": one.due.isoformat() if one.due else None,
            "overdue": one.due is not None and self.day > one.due and sight.status in WRONG,
            "outdated": changed and sight.status not in (Status.SATISFIED, Status.NOT_APPLICABLE),
            "made_on": {"status": one.status.value, "key": one.key, "judgement": one.judgement, "evidence": list(one.evidence)},
        }  # fmt: skip

    def sights(self, store: Store, fingerprints: Iterable[str]) -> dict[str, Sight]:
        """Read what findings say now; those judged no more are absent."""
        found: dict[str, Sight] = {}
        query = "SELECT v.status, v.body, h.opened FROM verdict v JOIN history h USING (fingerprint) WHERE v.fingerprint = ?"
        for mark in fingerprints:
            for row in store.rows(query, (mark,)):
                key = msgspec.json.decode(row["body"])["message"]["key"]
                found[mark] = Sight(Status(row["status"]), key, max(0, row["opened"] - 1))
        return found

    def exempted(self, store: Store) -> frozenset[tuple[str, str]]:
        """Give (control, asset) of every finding that an approved exemption covers."""
        approved = {mark: road.approved for mark, road in self.roads.items() if road.approved is not None}
        sights = self.sights(store, approved)
        return frozenset(
            (one.ask.control, one.ask.asset)
            for mark, one in approved.items()
            if one is not None and one.state(sights.get(mark), self.day) is RequestState.APPROVED
        )

    def waiting(self, store: Store, soon: timedelta) -> tuple[list[date], int, int, int]:
        """Say what waits for a person: last days of exemptions that expire soon and that nobody asked to go on, how many
        requests want an answer, how much mending is late, and how many decisions have to be made again."""
        expiring: list[date] = []
        asked = late = again = 0
        sights = self.sights(store, self.roads)
        for mark, road in self.roads.items():
            sight = sights.get(mark)
            until = road.approved.approval.until if road.approved and road.approved.approval else None
            asked += road.pending is not None
            if until is not None and road.pending is None and self.day <= until <= self.day + soon:
                expiring.append(until)
            decision = self._decision(road.saying, sight) if sight else None
            late += bool(decision and decision["overdue"])
            again += bool(decision and decision["outdated"])
        return sorted(expiring), asked, late, again


NOTHING = Overlay({}, datetime.min.replace(tzinfo=UTC))
"""Nobody decided anything."""


def sight_of(record: Mapping[str, Any]) -> Sight:
    """Give what a finding's record says now."""
    return Sight(Status(record["status"]), record["message"]["key"], record["reopened"])


def exemption_record(one: Request) -> dict[str, Any]:
    """Give a request as plain data: who asked, who answered, the approval's number, the approver's class and the expiry."""
    approval, ended = one.approval, one.ended
    answer = ended or approval
    until = (approval or one.ask).until
    return {
        "entry": one.ask.number, "reason": one.ask.reason,
        "asked_by": one.ask.by, "asked_by_name": one.ask.by_name, "asked_at": shown(one.ask.at),
        "number": approval.number_of_approval if approval else "",
        "approver_class": approval.approver_class if approval else "",
        "until": until.isoformat() if until else None,
        "approved_by": approval.by if approval else "", "approved_by_name": approval.by_name if approval else "",
        "approved_at": shown(approval.at) if approval else "",
        "answer": answer.reason if answer else "",
        "same_os_user": approval is not None and approval.os_user == one.ask.os_user,
    }  # fmt: skip


def roads_of(entries: Iterable[Entry]) -> dict[str, Road]:
    """Sort entries by finding, and see what stands of each."""
    roads: dict[str, Road] = {}
    for entry in entries:
        roads.setdefault(entry.finding, Road()).apply(entry)
    return roads


def decision_problems(workspace: Workspace) -> list[Problem]:
    """Check the chain of a workspace's decisions."""
    return problems(workspace.root / FILE)


def overlay(workspace: Workspace, moment: datetime) -> Overlay:
    """Read what was decided, as it stands at a moment. Raises DataError where the record of decisions is broken."""
    return Overlay(roads_of(read(workspace.root / FILE)), moment)


def overlay_now(run: Session, workspace: Workspace) -> Overlay:
    """Read what was decided, for looking: a broken record counts for nothing, and it is said."""
    try:
        return overlay(workspace, run.now())
    except DataError as error:
        run.note(
            run.say("注意：处置和例外不予采用。", "note: decisions and exemptions are left out. ")
            + run.say.error(error)
        )
        return NOTHING
