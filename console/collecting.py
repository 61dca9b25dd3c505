"""From what one host printed to sealed captures and gaps: each source that is due ends in exactly one of them."""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from evidence.captures import RejectedError, read_answer, seal_gap
from scanners.platforms import PLATFORMS
from scanners.platforms.devices import VENDORS
from scanners.transports.carrying import Answer, Failure
from xunyan.canonical import digest
from xunyan.model import Capture, Envelope, Gap, GapReason
from xunyan.permits import Target

COLLECTOR = Path(__file__).parents[1] / "playbooks" / "collect.sh"
CUT = Failure(GapReason.INTERRUPTED, "not-in-answer")


def labeller(
    target: Target, scan: int, *, address: str, taken_at: datetime, taken_by: str, vantage: str, kind: str = "endpoint"
) -> Callable[[str, str], Envelope]:
    """Make what labels a target's answers: who it is, where and when it was asked, and under which probe."""

    def label(source: str, request: str) -> Envelope:
        return Envelope(
            asset=target.asset, kind=kind, platform=target.platform, unit=target.unit, site=target.site,
            network=target.network, address=address, source=source, request=request, taken_at=taken_at,
            taken_by=taken_by, vantage=vantage, probe=probe(scan, target, source),
        )  # fmt: skip

    return label


def kind_of(target: Target) -> str:
    """Name the kind of asset that a target is where nothing is known of it."""
    return "device" if target.platform in VENDORS else "endpoint"


def probe(scan: int, target: Target, source: str) -> str:
    """Name one due question: the scan, and a digest of whom and what."""
    return f"{scan}-{digest(target.network, target.asset, source)[:16]}"


def due(target: Target) -> tuple[str, ...]:
    """List the sources that a target is asked for: its probes."""
    return PLATFORMS[target.platform].sources


def settle(
    answer: Answer,
    target: Target,
    label: Callable[[str, str], Envelope],
    redact: Callable[[Capture | Gap], Capture | Gap],
) -> list[Capture | Gap]:
    """Turn an answer into one capture or gap for each source that is due, and what else the collector brings along.

    Lines that are not the collector's, sources that the platform does not have, and second answers to one question are
    left out. What is missing becomes a gap: for the answer's failure, or since the answer ended before it. `redact`
    gives each as it may be kept.
    """
    platform = PLATFORMS[target.platform]
    found: dict[str, Capture | Gap] = {}
    told: dict[str, Capture] = {}

    def once(source: str, request: str) -> Envelope:
        if not platform.knows(source) or source in found:
            raise RejectedError("source", source[:80])
        return label(source, request)

    for line in answer.body.split(b"\n"):
        if not line.startswith(b"{"):
            continue
        try:
            one = read_answer(line, once)
        except RejectedError:
            continue
        found[one.envelope.source] = redact(one)
        if isinstance(one, Capture):
            told[one.envelope.source] = one
    failure = answer.failure or CUT
    for source in (*platform.sources, *platform.further(told)):
        if source not in found:
            found[source] = seal_gap(label(source, source), failure.reason, failure.detail)
    return list(found.values())


def as_printed(outputs: Mapping[str, tuple[str | bytes, int]], requests: Mapping[str, str]) -> bytes:
    """Write the outputs of a host whose sources are asked one by one as its collector would have printed them.

    An output that comes as bytes stays byte by byte what it is.
    """
    lines = (
        {"asset": "-", "kind": "endpoint", "platform": "-", "source": source, "request": requests[source],
         "taken_at": "1970-01-01T00:00:00Z", "exit": code, **_as_text(output)}
        for source, (output, code) in outputs.items()
    )  # fmt: skip
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def _as_text(output: str | bytes) -> dict[str, str]:
    if isinstance(output, bytes):
        try:
            return {"output": output.decode()}
        except UnicodeDecodeError:
            return {"output_base64": base64.b64encode(output).decode("ascii")}
    return {"output": output}


def refused(target: Target, failure: Failure, label: Callable[[str, str], Envelope]) -> list[Capture | Gap]:
    """One gap for each source that was due: nothing was asked, or nothing came back."""
    return [seal_gap(label(source, source), failure.reason, failure.detail) for source in due(target)]
