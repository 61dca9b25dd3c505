"""What a saved terminal session showed, line by line: typed over, wiped off and paged, without what the terminal added."""

import re
from collections.abc import Sequence
from typing import NamedTuple

MOST_COLUMNS = 65_536
"""A longer line is cut: no device writes one."""

MOST_LINES = 600_000
"""What stands behind so many lines is not looked at, as if the log ended there."""

_LONGEST_JUMP = 512
_MOST_BLANK = 20
_BEGINS = frozenset("<%*#.0123456789JFMASOND")
_LEAST_STAMPED = 3
_STAMPED_PART = 0.9
_LOOKED_AT = 2000
_MORE = re.compile(
    r"(?<! ) *(?<!-)-{2,} ?\(?[Mm]ore ?(?:\d{1,3}%)?\)? ?-{2,}|<--- More --->|Press any key to continue \(Q to quit\)"
)
_BARE_ERASE = re.compile(r"(?: *\[\d{1,3}D)+")
_PART = re.compile(
    r"\x1b\[([0-9;?]{0,16})([@-~])|\x1b[\]P^_][^\x07\x1b]{0,512}(?:\x07|\x1b\\)?|\x1b.?|([\x00-\x1f\x7f])"
)
_SPECIAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_PUTTY = re.compile(r"=~=~=~=~=~=~=~=~=~=~=~= .{1,80} =~=~=~=~=~=~=~=~=~=~=~=")
_STAMPS = (
    re.compile(r"\[?\d{4}[-/.]\d\d?[-/.]\d\d?[ T_]\d\d:\d\d:\d\d(?:[.,:]\d{1,6})?\]?[:：]? ?"),
    re.compile(r"\[?\d\d:\d\d:\d\d(?:[.,:]\d{1,6})?\]?[:：]? ?"),
    re.compile(r"\[?\d\d?[-/]\d\d?[-/]\d{4} \d\d:\d\d:\d\d(?:[.,:]\d{1,6})?\]?[:：]? ?"),
)
_ASYNCHRONOUS = re.compile(
    r"""(?:<\d{1,3}>.*)
      | [%*#.]?(?:\d{1,8}:\ )?[%*#.]{0,2}(?:[A-Z][a-z]{2}\ {1,2}\d{1,2}\ (?:\d{4}\ )?\d\d:\d\d:\d\d\S*)
        (?:\ \d{4})?(?:\ [A-Z]{2,5})?:?\ .{0,80}?%{0,2}[A-Za-z0-9_-]{2,40}/\d/[A-Za-z0-9_]{2,60}.*
      | [*.]?(?:\d{1,8}:\ )?[*.]?[A-Z][a-z]{2}\ {1,2}\d{1,2}\ (?:\d{4}\ )?\d\d:\d\d:\d\d\S*(?:\ [A-Z]{2,5})?:\ %[A-Z0-9_]{2,40}-\d-[A-Z0-9_]{2,60}:.*
      | \#[A-Z][a-z]{2}\ {1,2}\d{1,2}\ \d\d:\d\d:\d\d\S*\ \d{4}\ .*
    """,
    re.VERBOSE,
)


class Shown(NamedTuple):
    """A line as it stood on the screen in the end, with its number (from 1) in the file.

    `paged`: the pager stopped before it or in it. `after`: something stood behind the pager's last words. `header`: the
    terminal began a new log here.
    """

    number: int
    text: str
    paged: bool = False
    after: bool = True
    header: bool = False


def screen(text: str) -> list[Shown]:
    """Give the lines of a log as they were shown; log lines that the device printed between are left out.

    Of many blank lines on end the first are given.
    """
    lines = text.removeprefix("\ufeff").split("\n", MOST_LINES)[:MOST_LINES]
    stamp = _stamp(lines)
    found: list[Shown] = []
    blank = 0
    for number, line in enumerate(lines, 1):
        bare = line[:MOST_COLUMNS]
        if stamp is not None:
            bare = stamp.sub("", bare, count=1) if stamp.match(bare) else bare
        one = _shown(number, bare)
        if one.text[:2] == "=~" and _PUTTY.fullmatch(one.text):
            found.append(Shown(number, "", header=True))
            continue
        blank = 0 if one.text or one.paged else blank + 1
        if blank <= _MOST_BLANK and not _added(one.text):
            found.append(one)
    return found


def _added(text: str) -> bool:
    """Tell whether a line is no part of an answer, but a log line of the device."""
    return text[:1] in _BEGINS and _ASYNCHRONOUS.fullmatch(text) is not None


def _stamp(lines: Sequence[str]) -> re.Pattern[str] | None:
    """Find out whether the terminal wrote a time before each line."""
    held = [line for line in lines[:_LOOKED_AT] if line.strip() and not _PUTTY.match(line)]
    for stamp in _STAMPS:
        if len(held) >= _LEAST_STAMPED and sum(bool(stamp.match(line)) for line in held) >= _STAMPED_PART * len(held):
            return stamp
    return None


def _shown(number: int, line: str) -> Shown:
    line = line.rstrip("\r")
    if not line:
        return Shown(number, "")
    if not _SPECIAL.search(line):
        text = line
    elif "\x1b" not in line and "\x08" not in line and "\r" not in line:
        text = _SPECIAL.sub("", line)
    else:
        text = _on_screen(line)
    paged = ("-" in line or "Q" in line) and _MORE.search(line) is not None
    if paged:
        text = _BARE_ERASE.sub("", _MORE.sub("", text))
        last = [found.end() for found in _MORE.finditer(line)][-1]
        return Shown(number, text.rstrip(), paged, bool(_visible(line[last:])))
    return Shown(number, text.rstrip())


def _visible(rest: str) -> bool:
    return bool(_BARE_ERASE.sub("", _PART.sub("", rest)).strip(" qQ"))


def _on_screen(line: str) -> str:
    """Do what a terminal does with one line."""
    cells: list[str] = []
    at = place = 0
    for part in _PART.finditer(line):
        at = _put(cells, at, line[place : part.start()])
        place = part.end()
        if part[2]:
            at = _moved(cells, at, part[1], part[2])
        elif part[3] == "\x08":
            at = max(0, at - 1)
        elif part[3] == "\r":
            at = 0
        elif part[3] == "\t":
            at = _put(cells, at, " " * (8 - at % 8))
    _put(cells, at, line[place:])
    return "".join(cells)


def _put(cells: list[str], at: int, text: str) -> int:
    if at > len(cells):
        cells += " " * (at - len(cells))
    cells[at : at + len(text)] = text
    return at + len(text)


def _moved(cells: list[str], at: int, argument: str, what: str) -> int:
    count = min(int(argument), _LONGEST_JUMP) if argument.isdecimal() and len(argument) < 6 else 0
    if what == "D":
        return max(0, at - max(1, count))
    if what == "C":
        return min(at + max(1, count), MOST_COLUMNS)
    if what == "G":
        return max(0, count - 1)
    if what == "K":
        if count == 0:
            del cells[at:]
        else:
            cells[: len(cells) if count == 2 else at] = " " * (len(cells) if count == 2 else min(at, len(cells)))
    return at
