"""JSON Lines as the systems agent writes them: one object a line, of known shape, and where each stands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Literal, TypeVar

import msgspec

from scanners.platforms.linux.notation import canonical
from scanners.platforms.reading import Reading, cite, cite_all, lines_of, odd
from xunyan.model import Capture, Evidence

MOST_EVIDENCE = 20
LONGEST_NAME = 255
LONGEST_URL = 2048
LONGEST_REASON = 160
LINE_ENDS = (b"\r", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")
"""What JSON may hold as it is, and yet ends a line of text (the last three: U+0085, U+2028 and U+2029)."""

Row = TypeVar("Row", bound=msgspec.Struct)
Family = Literal[4, 6]


class Nothing(msgspec.Struct, frozen=True):
    """The line of a source that had nothing to do, since the one below it had nothing."""

    outcome: Literal["nothing"]
    because: str


@dataclass(frozen=True, slots=True)
class Line(Generic[Row]):
    """One object with its lines of text, `first` to `last` from 1: one line, unless a string in it holds a line end."""

    first: int
    last: int
    row: Row


class OddLineError(Exception):
    """A line is not of the shape that its source has: its number, and what was expected."""

    def __init__(self, number: int, expected: str) -> None:
        super().__init__(number, expected)
        self.number = number
        self.expected = expected


def read_source(source: str, sources: Mapping[str, Capture], read: Callable[[Capture], Reading]) -> Reading:
    """Read one source: nothing where it is absent, unreadable with the line's number where `read` finds an odd one."""
    capture = sources.get(source)
    if capture is None:
        return Reading()
    try:
        return read(capture)
    except OddLineError as error:
        lines = lines_of(capture)
        text = lines[error.number - 1] if error.number <= len(lines) else ""
        return Reading(unreadable=((source, odd(error.number, text, error.expected)),))


def rows_of(capture: Capture, *shapes: type[Row]) -> tuple[Line[Row], ...]:
    """Give every object of a capture, each of the first shape that fits; lines that say `nothing` give none.

    Keys that the shape does not know are ignored. Raises OddLineError at the first line of no shape, and where there is
    no line at all: an answer without a word is not one that says nothing.
    """
    found: list[Line[Row]] = []
    number = 1
    for data in capture.body.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n").split(b"\n"):
        last = number + _line_ends(data)
        row = _decoded(data, shapes, number)
        if row is not None:
            found.append(Line(number, last, row))
        number = last + 1
    return tuple(found)


def cited(capture: Capture, lines: Iterable[Line[Row]]) -> tuple[Evidence, ...]:
    """Point at each of the lines; at runs of them where they are many, at one span where those are too; else at all."""
    spans = sorted({(line.first, line.last) for line in lines})
    if len(spans) > MOST_EVIDENCE:
        spans = _runs(spans)
    if len(spans) > MOST_EVIDENCE:
        spans = [(spans[0][0], spans[-1][1])]
    text = lines_of(capture)
    return tuple(cite(capture, first, last, text) for first, last in spans) or (cite_all(capture, text),)


def address_in(line: Line[Row], text: str, family: int) -> str:
    """Give an address in the one form that we keep. Raises OddLineError where it is none of that family."""
    address = canonical(text)
    if address is None or (":" in address) != (family == 6):
        raise OddLineError(line.first, f"of an IPv{family} address")
    return address


def bounded(text: str, length: int) -> str:
    """Cut what is longer, with a mark, so that a cut name equals no other."""
    return text if len(text) <= length else text[: length - 1] + "…"


def plain_name(text: str) -> str:
    """Give a domain name as people write it: lower case, without the root's dot (but for the root itself)."""
    return bounded(text.lower().removesuffix(".") or ("." if text else ""), LONGEST_NAME)


def _decoded(data: bytes, shapes: tuple[type[Row], ...], number: int) -> Row | None:
    reason = ""
    for shape in shapes:
        try:
            decoder: msgspec.json.Decoder[Row] = _decoder(shape)
            return decoder.decode(data)
        except (ValueError, RecursionError) as error:
            reason = str(error)
    try:
        _decoder(Nothing).decode(data)
    except (ValueError, RecursionError):
        raise OddLineError(number, f"an object of this source ({reason[:LONGEST_REASON]})") from None
    return None


@cache
def _decoder(shape: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def _line_ends(data: bytes) -> int:
    """Count the line ends of text within one line of JSON, as `str.splitlines` sees them."""
    if not any(mark in data for mark in LINE_ENDS):
        return 0
    return len((data.decode("utf-8", "replace") + "\n").splitlines()) - 1


def _runs(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    runs = spans[:1]
    for first, last in spans[1:]:
        if first == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return runs
