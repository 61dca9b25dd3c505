"""The envelope: how an original answer is read from a line of JSON, sealed, and written again."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives import hashes

from xunyan.canonical import canonical_json, digest, utc_text
from xunyan.model import Capture, Envelope, Gap, GapReason
from xunyan.names import NAME_LIMIT, flaw

CAPTURE_SCHEMA = "xunyan.capture/1"
GAP_SCHEMA = "xunyan.gap/1"
BODY_LIMIT = 8 * 1024 * 1024
REQUEST_LIMIT = 1000
LINE_LIMIT = 24 * 1024 * 1024
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
"""Between these every moment can be written in UTC and in Beijing time; no clock of a machine shows another."""

ExitCode = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**32 - 1)]

_NAME_FIELDS = (
    "asset",
    "kind",
    "platform",
    "unit",
    "site",
    "network",
    "address",
    "source",
    "taken_by",
    "vantage",
)
_KIND = re.compile(r"^[a-z][a-z0-9_-]{0,31}$")


class CaptureLine(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """One line of `*.captures.jsonl`: a capture as it is carried and as it is kept."""

    asset: str
    kind: str
    platform: str
    source: str
    taken_at: datetime
    schema: Literal["xunyan.capture/1"] = "xunyan.capture/1"
    unit: str = ""
    site: str = ""
    network: str = ""
    address: str = ""
    request: str = ""
    taken_by: str = ""
    vantage: str = ""
    probe: str = ""
    exit: ExitCode | None = None
    output: str | None = None
    output_base64: str | None = None
    truncated: bool = False
    redactions: tuple[str, ...] = ()
    id: str = ""
    sha256: str = ""
    sm3: str = ""
    size: int | None = None


class GapLine(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """One line that says what could not be asked, so that it is not left out."""

    asset: str
    kind: str
    platform: str
    source: str
    taken_at: datetime
    schema: Literal["xunyan.gap/1"]
    reason: GapReason
    detail: str = ""
    unit: str = ""
    site: str = ""
    network: str = ""
    address: str = ""
    request: str = ""
    taken_by: str = ""
    vantage: str = ""
    probe: str = ""
    id: str = ""


class SchemaOnly(msgspec.Struct):
    """Just enough of a line to choose how to read it."""

    schema: str = CAPTURE_SCHEMA


_capture_decoder = msgspec.json.Decoder(CaptureLine, strict=True)
_gap_decoder = msgspec.json.Decoder(GapLine, strict=True)
_schema_decoder = msgspec.json.Decoder(SchemaOnly)
_encoder = msgspec.json.Encoder()


class RejectedError(ValueError):
    """A line that cannot be taken: `problem` is a key of `PROBLEMS`, `detail` what stands there."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem = problem
        self.detail = detail


def read_line(line: bytes, *, network: str = "", unit: str = "") -> Capture | Gap:
    """Read and seal one line. `network` and `unit` fill what the line leaves out.

    A line of the stored form carries its own id and digests; they must be true. Raises RejectedError.
    """
    try:
        schema = _schema_decoder.decode(line).schema
        parsed: CaptureLine | GapLine
        if schema == GAP_SCHEMA:
            parsed = _gap_decoder.decode(line)
        elif schema == CAPTURE_SCHEMA:
            parsed = _capture_decoder.decode(line)
        else:
            raise RejectedError("schema", schema[:80])
    except msgspec.ValidationError as error:
        raise RejectedError("shape", str(error)) from error
    except UnicodeDecodeError as error:
        raise RejectedError("utf8", error.reason) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise RejectedError("json", str(error)) from error
    envelope = _envelope(parsed, network, unit)
    if isinstance(parsed, GapLine):
        gap = seal_gap(envelope, parsed.reason, parsed.detail)
        if parsed.id not in ("", gap.id):
            raise RejectedError("digest", "id")
        return gap
    capture = seal(
        envelope, _body(parsed), exit_code=parsed.exit, truncated=parsed.truncated, redactions=parsed.redactions
    )
    told = (("sha256", parsed.sha256, capture.sha256), ("sm3", parsed.sm3, capture.sm3), ("id", parsed.id, capture.id))
    for name, given, true in told:
        if given not in ("", true):
            raise RejectedError("digest", name)
    if parsed.size not in (None, len(capture.body)):
        raise RejectedError("digest", "size")
    return capture


def read_answer(line: bytes, label: Callable[[str, str], Envelope]) -> Capture | Gap:
    """Read and seal one line that a scanned host wrote: of it only what was asked and what came back is taken.

    Whom it is about, when and by whom are ours: `label(source, request)` gives the envelope. Raises RejectedError.
    """
    try:
        schema = _schema_decoder.decode(line).schema
        parsed = (_gap_decoder if schema == GAP_SCHEMA else _capture_decoder).decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RejectedError("json", str(error)) from error
    envelope = label(parsed.source, (parsed.request or parsed.source)[:REQUEST_LIMIT])
    check_envelope(envelope)
    if isinstance(parsed, GapLine):
        return seal_gap(envelope, parsed.reason, parsed.detail[:REQUEST_LIMIT])
    marks = tuple(mark[:NAME_LIMIT] for mark in parsed.redactions[:NAME_LIMIT])
    return seal(envelope, _body(parsed), exit_code=parsed.exit, truncated=parsed.truncated, redactions=marks)


def seal(
    envelope: Envelope,
    body: bytes,
    *,
    exit_code: int | None,
    truncated: bool = False,
    redactions: tuple[str, ...] = (),
) -> Capture:
    """Seal a body into a capture: its id covers the envelope and both digests of the body."""
    sha256 = hashlib.sha256(body).hexdigest()
    sm3 = sm3_hex(body)
    marks = _marks(exit_code, truncated, redactions)
    identifier = digest(CAPTURE_SCHEMA, *_sealed_fields(envelope), marks, sha256, sm3)
    return Capture(identifier, envelope, exit_code, body, sha256, sm3, truncated, redactions)


@lru_cache(maxsize=1024, typed=True)
def _marks(exit_code: int | None, truncated: bool, redactions: tuple[str, ...]) -> str:  # noqa: FBT001
    return canonical_json([exit_code, truncated, list(redactions)])


def seal_gap(envelope: Envelope, reason: GapReason, detail: str) -> Gap:
    """Seal a gap: its id covers the envelope, the reason and the detail."""
    return Gap(digest(GAP_SCHEMA, *_sealed_fields(envelope), reason, detail), envelope, reason, detail)


def sm3_hex(body: bytes) -> str:
    """SM3 (GB/T 32905) of bytes, 64 hex digits."""
    state = hashes.Hash(hashes.SM3())
    state.update(body)
    return state.finalize().hex()


def write_line(one: Capture | Gap) -> bytes:
    """Write a capture or a gap in the stored form, one line of JSON with its newline. `read_line` gives it back equal."""
    envelope = one.envelope
    shared = {
        "asset": envelope.asset, "kind": envelope.kind, "platform": envelope.platform, "unit": envelope.unit,
        "site": envelope.site, "network": envelope.network, "address": envelope.address, "source": envelope.source,
        "request": envelope.request, "taken_at": utc_text(envelope.taken_at), "taken_by": envelope.taken_by,
        "vantage": envelope.vantage, "probe": envelope.probe,
    }  # fmt: skip
    record: dict[str, object] = {
        "schema": CAPTURE_SCHEMA,
        "id": one.id,
        **{k: v for k, v in shared.items() if v != "" or k == "platform"},
    }
    if isinstance(one, Gap):
        record |= {"schema": GAP_SCHEMA, "reason": one.reason, "detail": one.detail}
        return _encoder.encode(record) + b"\n"
    record |= {"exit": one.exit, "size": len(one.body), "sha256": one.sha256, "sm3": one.sm3}
    if one.truncated:
        record["truncated"] = True
    if one.redactions:
        record["redactions"] = one.redactions
    try:
        record["output"] = one.body.decode("utf-8")
    except UnicodeDecodeError:
        record["output_base64"] = base64.b64encode(one.body).decode("ascii")
    return _encoder.encode(record) + b"\n"


def _sealed_fields(envelope: Envelope) -> tuple[str, ...]:
    return (
        envelope.asset, envelope.kind, envelope.platform, envelope.unit, envelope.site, envelope.network,
        envelope.address, envelope.source, envelope.request, utc_text(envelope.taken_at), envelope.taken_by,
        envelope.vantage, envelope.probe,
    )  # fmt: skip


def check_envelope(envelope: Envelope) -> None:
    """Refuse what must not be sealed, wherever it comes from, since `read_line` would not give it back.

    Raises RejectedError.
    """
    for name in _NAME_FIELDS:
        check_name(name, getattr(envelope, name))
    if envelope.probe and flaw(envelope.probe):  # one for each answer: nothing to remember
        raise RejectedError("control", "probe")
    for name in ("asset", "source"):
        if not getattr(envelope, name).strip():
            raise RejectedError("empty", name)
    for name in ("kind", "platform"):
        value = getattr(envelope, name)
        if not _KIND.match(value) and (value or name == "kind"):  # a ledger's row knows no platform
            raise RejectedError("word", name)
    if envelope.taken_at.tzinfo is None:
        raise RejectedError("zone", "taken_at")
    if not EARLIEST <= envelope.taken_at < LATEST:
        raise RejectedError("year", envelope.taken_at.isoformat())


def _envelope(parsed: CaptureLine | GapLine, network: str, unit: str) -> Envelope:
    """Address a line. Blanks around names that people wrote are no part of them: `教育局 ` is not another unit.

    A sealed line, which has its id, is taken to the letter.
    """

    def bare(name: str) -> str:
        return name if parsed.id else name.strip(" \t")

    envelope = Envelope(
        asset=bare(parsed.asset),
        kind=parsed.kind,
        platform=parsed.platform,
        unit=bare(parsed.unit) or unit,
        site=bare(parsed.site),
        network=bare(parsed.network) or network,
        address=bare(parsed.address),
        source=parsed.source,
        request=parsed.request or parsed.source,
        taken_at=parsed.taken_at,
        taken_by=parsed.taken_by,
        vantage=parsed.vantage,
        probe=parsed.probe,
    )
    check_envelope(envelope)
    return envelope


@lru_cache(maxsize=4096)
def check_name(name: str, value: str) -> None:
    """Refuse a name that is too long, or that could change how a screen or a report shows what stands around it."""
    unfit = flaw(value)
    if unfit == "long":
        raise RejectedError("long", name)
    if unfit:
        raise RejectedError("control", f"{name} ({unfit})")


def _body(parsed: CaptureLine) -> bytes:
    if (parsed.output is None) == (parsed.output_base64 is None):
        raise RejectedError("output")
    if parsed.output is not None:
        body = parsed.output.encode("utf-8")
    else:
        try:
            body = base64.b64decode(parsed.output_base64 or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise RejectedError("base64") from error
    if len(body) > BODY_LIMIT:
        raise RejectedError("large", str(len(body)))
    return body
