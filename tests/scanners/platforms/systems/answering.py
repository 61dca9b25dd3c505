"""Answers of information systems for tests, in the lines that their agent writes: made by hand, none of a real system."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from scanners.platforms.reading import Reading, lines_of
from xunyan.model import Capture, Envelope, Evidence

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)
READ = Callable[[Mapping[str, Capture]], Reading]


def capture(source: str, body: str | bytes) -> Capture:
    envelope = Envelope("system:教务系统", "system", "system", "", "", "外网", "", source, source, TAKEN, "")
    data = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return Capture(f"c-{source}", envelope, 0, data, "", "")


def text_of(*lines: Mapping[str, object]) -> str:
    """Write lines as the agent does: compact, Chinese as it is, each with its end."""
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)


def facts_of(read: READ, source: str, text: str) -> tuple[object, ...]:
    """Give what is read of a source that can be read, and its evidence is of that source."""
    reading = read({source: capture(source, text)})
    assert not reading.unreadable
    assert {one.source for one in reading.evidence} == {source}
    return reading.facts


def cited(read: READ, source: str, text: str) -> list[tuple[int, int]]:
    """Give the lines that the evidence points at, whose quotes are what stands there."""
    whole = capture(source, text)
    evidence = read({source: whole}).evidence
    assert all(quoted(one, whole) for one in evidence)
    return [(one.first, one.last) for one in evidence]


def quoted(evidence: Evidence, whole: Capture) -> bool:
    first = lines_of(whole)[evidence.first - 1].rstrip()
    return evidence.quote.startswith(first[:200])


def refused(read: READ, source: str, text: str | bytes) -> str:
    """Give why a source cannot be read; nothing else is said of it then."""
    reading = read({source: capture(source, text)})
    assert not reading.facts
    assert not reading.evidence
    ((named, why),) = reading.unreadable
    assert named == source
    return why


def request(url: str, address: str, **changed: object) -> dict[str, object]:
    """One line of `http`: a page that came, but for what is changed."""
    scheme, _, rest = url.partition("://")
    line: dict[str, object] = {
        "network": "外网", "url": url, "name": rest.partition("/")[0], "address": address, "family": 6 if ":" in address else 4,
        "port": 443 if scheme == "https" else 80, "read": 1, "hop": 0, "start": url, "outcome": "answered", "status": 200,
        "location": "", "content_type": "text/html; charset=utf-8", "server": "nginx", "certificate": "", "size": 0,
        "truncated": False, "body": "", "detail": "",
    }  # fmt: skip
    return line | changed
