"""A line as it is seen on a screen and as it was sent, with where each sign of it stands in the original."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from scanners.platforms.devices.answers import ESCAPE, MORE
from scanners.platforms.devices.redaction_lines import Span

LONGEST = 16_384
"""A longer line is looked at as a whole only."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


class View(NamedTuple):
    """A text, and the place of each of its signs in the line; `first`: it is what a reader sees."""

    text: str
    places: Sequence[int]
    first: bool

    def at_home(self, span: Span) -> Span:
        """Give the place of a piece in the line."""
        if not self.places:
            return span
        held = self.places[span.start : span.end]
        return Span(min(held), max(held) + 1, span.form)


def views(line: str) -> list[View]:
    """Give the ways in which a line can be read: without pager remains and escapes, typed over or not."""
    if not _CONTROL.search(line) and ("--" not in line or not MORE.search(line)):
        return [View(line, (), first=True)]
    gone = bytearray(len(line))
    for pattern in (MORE, ESCAPE):
        for found in pattern.finditer(line):
            gone[found.start() : found.end()] = b"\1" * (found.end() - found.start())
    kept = [at for at, sign in enumerate(line) if not gone[at] and (sign == "\b" or not _CONTROL.match(sign))]
    seen = _typed_over(line, kept)
    ways = [View("".join(line[at] for at in seen), seen, first=True)]
    if len(seen) != len(kept):
        sent = [at for at in kept if line[at] != "\b"]
        ways.append(View("".join(line[at] for at in sent), sent, first=False))
    return ways


def _typed_over(line: str, kept: Sequence[int]) -> list[int]:
    cells: list[int] = []
    at = 0
    for place in kept:
        if line[place] == "\b":
            at = max(0, at - 1)
        else:
            cells[at : at + 1] = [place]
            at += 1
    return cells
