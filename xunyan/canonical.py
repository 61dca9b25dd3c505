"""One way to write a value as bytes, so that equal values have equal bytes and digests on every machine."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

BEIJING = timezone(timedelta(hours=8))


def canonical_json(value: object) -> str:
    """Write a JSON value with sorted keys, no blanks and no ASCII escapes. Raises ValueError on NaN and infinities."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(*parts: str) -> str:
    """SHA-256 (64 hex digits) over the parts, each preceded by its length so that no two lists of parts collide."""
    state = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


def digest_lines(lines: Iterable[str]) -> str:
    """SHA-256 (64 hex digits) over lines of text, each ended by a newline."""
    state = hashlib.sha256()
    for line in lines:
        state.update(line.encode("utf-8", "surrogatepass"))
        state.update(b"\n")
    return state.hexdigest()


@lru_cache(maxsize=4096)  # answers of one host share their moment
def utc_text(moment: datetime) -> str:
    """Write an aware moment in UTC, the form that is kept: `2026-11-21T00:00:00.000000Z`.

    Always equally long, so that the order of the texts is the order of the moments.
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def beijing_text(moment: datetime) -> str:
    """Write an aware moment in Beijing time: `2026-11-21T08:00:00+08:00`. The form that is shown, wherever it runs."""
    return moment.astimezone(BEIJING).isoformat(timespec="seconds")


def moment(text: str) -> datetime:
    """Read an ISO 8601 moment. Raises ValueError where it cannot be read or has no time zone."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("no time zone")
    return value
