"""The lines in which the agent for systems writes down what it saw, and the body that they make."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from xunyan.model import GapReason

Line = Mapping[str, object]
NOTHING = "nothing"
NOT_PERMITTED = "not-permitted"
BARRED = "another-address-is-barred"
LARGE = "too-large"
LARGEST_BODY = 7 * 1024 * 1024
"""So many bytes may one source of a system have. Sealed they are escaped once more, and must still be read back."""

_SHED: Mapping[str, object] = {"body": "", "answers": [], "authority": [], "certificate": ""}

_encode = msgspec.json.Encoder().encode
_REASONS = {
    "timeout": GapReason.TIMEOUT,
    "refused": GapReason.UNREACHABLE,
    "unreachable": GapReason.UNREACHABLE,
    "no-route": GapReason.UNREACHABLE,
    NOT_PERMITTED: GapReason.OUT_OF_SCOPE,
}


@dataclass(frozen=True, slots=True)
class Blind:
    """A source that could not be looked at: why."""

    reason: GapReason
    detail: str


def body(lines: Iterable[Line]) -> bytes | Blind:
    """Write lines as the body of a capture; text that is no Unicode becomes marks.

    Once there is as much as one source may have, the lines that follow keep who was asked and nothing of the answer; where
    even that is too much, nothing was seen.
    """
    written: list[bytes] = []
    left = LARGEST_BODY
    for line in lines:
        one = _written(line)
        if len(one) >= left:
            one = _written(
                {**line, **{key: _SHED[key] for key in _SHED if key in line}, "outcome": "failed", "detail": LARGE}
            )
        left -= len(one) + 1
        if left < 0:
            return Blind(GapReason.TOO_LARGE, LARGE)
        written.append(one + b"\n")
    return b"".join(written)


def nothing(because: str) -> Line:
    """Say that there was nothing to ask, since the layer below gave nothing."""
    return {"outcome": NOTHING, "because": because}


def blind(lines: Iterable[Line]) -> Blind | None:
    """Say why nothing was seen, where not one of these lines is an answer of any kind."""
    failed = [line for line in lines if line["outcome"] != NOTHING]
    outcome = str(failed[0]["outcome"]) if failed else ""
    detail = next((str(line["detail"]) for line in failed if line.get("detail")), "")
    said = "not-authorised" if outcome == NOT_PERMITTED else outcome
    return Blind(_REASONS.get(outcome, GapReason.UNPARSABLE), f"{said}: {detail}"[:300] if detail else said)


def _written(line: Line) -> bytes:
    try:
        return _encode(line)
    except UnicodeEncodeError:  # a half of a character, as only hostile answers have it
        return _encode(_marked(line))


def _marked(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {key: _marked(one) for key, one in value.items()}
    return [_marked(one) for one in value] if isinstance(value, list) else value
