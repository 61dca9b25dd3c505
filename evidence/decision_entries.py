"""One entry of the record of decisions: its fields, its one way to be written, and the link that the next one holds."""

import hashlib
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec

from xunyan.model import Status

FIRST = "0" * 64
"""What the first entry holds in place of a link to the one before it."""

LINE_LIMIT = 1024 * 1024

Digest: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Fingerprint: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Moment: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z")]
Number: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=256)]
Reason: TypeAlias = Annotated[str, msgspec.Meta(max_length=2000)]


class Verb(StrEnum):
    """What a person did. Asking opens a request for an exemption, which another approves or refuses, and may revoke."""

    CONFIRM = "confirm"
    FALSE_ALARM = "false-alarm"
    MENDING = "mending"
    ASK = "ask-exemption"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REFUSE = "refuse"
    REVOKE = "revoke"


SAYINGS = frozenset({Verb.CONFIRM, Verb.FALSE_ALARM, Verb.MENDING})
"""What says of a finding what it is, and stands until the next such entry or its withdrawal."""


class Entry(
    msgspec.Struct, frozen=True, tag_field="schema", tag="xunyan.decision/1", forbid_unknown_fields=True, kw_only=True
):
    """One entry: who said what of which finding, and on what it was said.

    `act`: the number of the last entry that was written together with this one. `by`, `by_name`, `by_unit`: the account
    as it was then; `os_user`: who the machine says typed it. `status`, `key`, `evidence` (capture ids), `judgement`,
    `inputs`, `reopened`: the finding as it was then. `due` and `until` mean the end of that day in Beijing. `answers`: the
    entry that this one withdraws, approves, refuses or revokes; 0 for none.
    """

    number: Number
    act: Number
    previous: Digest
    at: Moment
    by: Name
    by_name: Name
    by_unit: Name
    os_user: Name
    verb: Verb
    finding: Fingerprint
    control: Name
    asset: Name
    status: Status
    key: Name
    evidence: tuple[Name, ...]
    judgement: Count
    inputs: Name
    reopened: Count
    reason: Reason
    due: date | None = None
    until: date | None = None
    number_of_approval: Name = ""
    approver_class: Name = ""
    answers: Count = 0


class Withheld(
    msgspec.Struct,
    frozen=True,
    tag_field="schema",
    tag="xunyan.decision-withheld/1",
    forbid_unknown_fields=True,
    kw_only=True,
):
    """Stands for an entry about somebody else's asset: its number, its link to the one before, the digest of its line.

    Its own line is what every link is made of, so that a chain with entries withheld is as strong as the whole one.
    """

    number: Number
    previous: Digest
    digest: Digest


class Head(
    msgspec.Struct,
    frozen=True,
    tag_field="schema",
    tag="xunyan.decision-head/1",
    forbid_unknown_fields=True,
    kw_only=True,
):
    """The newest entry of a chain. Kept apart from it, it shows that entries were taken off the end."""

    number: Number
    link: Digest


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Entry | Withheld)
_head_decoder = msgspec.json.Decoder(Head)


def encode(one: Entry | Withheld | Head) -> bytes:
    """Write the canonical line, without its newline."""
    return _encoder.encode(one)


def parse(line: bytes) -> Entry | Withheld | None:
    """Read one line; None where it is not exactly what would have been written."""
    line = line.removesuffix(b"\n")
    if len(line) > LINE_LIMIT:
        return None
    try:
        one = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return one if _encoder.encode(one) == line else None


def parse_head(line: bytes) -> Head | None:
    """Read a note of the newest entry; None where it is none."""
    try:
        return _head_decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def line_digest(line: bytes) -> str:
    """SHA-256 (64 hex digits) of a line without its newline."""
    return hashlib.sha256(line.removesuffix(b"\n")).hexdigest()


def withhold(one: Entry | Withheld, line: bytes) -> Withheld:
    """Give what stands for an entry, read from this line, where it must not be seen."""
    if isinstance(one, Withheld):
        return one
    return Withheld(number=one.number, previous=one.previous, digest=line_digest(line))


def link_of(one: Entry | Withheld, line: bytes) -> str:
    """Give what the next entry holds as `previous`: the digest of the line that stands for this one where it is withheld."""
    return line_digest(encode(withhold(one, line)))
