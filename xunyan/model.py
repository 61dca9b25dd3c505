"""The central types: what an original answer, a fact, an asset, a verdict and a finding are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from xunyan.facts import Fact
from xunyan.wording import Message


class Status(StrEnum):
    """What a verdict says of one asset. Only `satisfied` is good news, and it needs evidence."""

    SATISFIED = "satisfied"
    NOT_SATISFIED = "not-satisfied"
    NEEDS_PERSON = "needs-person"
    NOT_OBSERVED = "not-observed"
    NOT_APPLICABLE = "not-applicable"


class GapReason(StrEnum):
    """Why we could not see."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DENIED = "denied"
    UNSUPPORTED = "unsupported"
    UNPARSABLE = "unparsable"
    TOO_LARGE = "too-large"
    STALE = "stale"
    IDENTITY_CHANGED = "identity-changed"
    INTERRUPTED = "interrupted"
    NOT_ASKED = "not-asked"
    OUT_OF_SCOPE = "out-of-scope"


class Severity(StrEnum):
    """How much a finding weighs, from the force of the duty behind it."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who was asked what, when, from where: the part that an answer and a gap share.

    `asset` is the name under which the input spoke of it (`host:web01`); the minted id is the identity register's.
    `taken_at` is aware. `request` is what was really sent; `source` names what was asked for.
    """

    asset: str
    kind: str
    platform: str
    unit: str
    site: str
    network: str
    address: str
    source: str
    request: str
    taken_at: datetime
    taken_by: str
    vantage: str = ""
    probe: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """An original answer, sealed: `id` is the digest of its envelope and of its body's digests."""

    id: str
    envelope: Envelope
    exit: int | None
    body: bytes
    sha256: str
    sm3: str
    truncated: bool = False
    redactions: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """What was asked for, such as `cpuinfo`."""
        return self.envelope.source

    @property
    def text(self) -> str:
        """The body as text: UTF-8, else GB18030, else UTF-8 with a mark for each byte that is not text."""
        for encoding in ("utf-8", "gb18030"):
            try:
                return self.body.decode(encoding)
            except UnicodeDecodeError:
                continue
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Gap:
    """We asked, or should have, and could not see."""

    id: str
    envelope: Envelope
    reason: GapReason
    detail: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Lines `first` to `last` (from 1, inclusive) of one capture, with the beginning of what stands there."""

    capture: str
    source: str
    first: int
    last: int
    quote: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Observation:
    """What one asset's originals say under one name: a frozen table, and the lines it came from.

    An empty table with evidence means that we looked and there was nothing.
    """

    name: str
    facts: tuple[Fact, ...]
    evidence: tuple[Evidence, ...]

    @property
    def taken_at(self) -> datetime:
        """When the oldest of its originals was taken."""
        return min(one.taken_at for one in self.evidence)


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing that is judged by itself. `id` is minted and outlives `name` and `address`; `key` is the input's name."""

    id: str
    kind: str
    key: str
    name: str
    unit: str
    site: str
    network: str
    address: str
    platform: str


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """One value by which an asset is known again: serial, uuid, board-serial, machine-id or mac."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Relation:
    """One asset and another, or a value it has, with the captures that say so."""

    kind: str
    source: str
    target: str
    evidence: tuple[str, ...]
    confidence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one control says of one asset, from what is stored alone: equal input, equal bytes."""

    control: str
    asset: str
    status: Status
    severity: Severity
    message: Message
    notices: tuple[Message, ...]
    basis: tuple[str, ...]
    evidence: tuple[Evidence, ...]

    @property
    def seen_at(self) -> datetime | None:
        """When the newest of its evidence was taken; None where there is none.

        What people filed counts only where there is nothing else: filing a row anew looks at nothing anew.
        """
        seen = [one.taken_at for one in self.evidence if not one.source.startswith("ledger")]
        return max(seen or [one.taken_at for one in self.evidence], default=None)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What people filed about one asset, by column, with the capture it came in.

    An asset may have several rows (its ledger's own, a companion sheet's, a match): `by_column` is the line of the row that
    says a column, `also` the lines of further rows that add to it. A column that neither names rests on `evidence`.
    """

    columns: Mapping[str, str]
    evidence: Evidence
    by_column: Mapping[str, Evidence] = field(default_factory=dict)
    also: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
