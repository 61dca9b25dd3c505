"""Finds out which command a line means, when each of its words may be cut short as long as it stays clear."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

ANY = "*"


@dataclass(frozen=True, slots=True)
class Found:
    """A command of the table, and what was typed in the place of its `*`."""

    command: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why a line is no command, and the offset of the word where that shows."""

    why: Literal["unknown", "ambiguous", "incomplete"]
    offset: int


def resolve(line: str, commands: Iterable[str]) -> Found | Unclear:
    """Find the one command of the table that the line means. A `*` at a command's end takes the rest of the line."""
    candidates = [command.split() for command in commands]
    words = list(re.finditer(r"\S+", line))
    for at, word in enumerate(words):
        candidates = [candidate for candidate in candidates if len(candidate) > at]
        typed = word[0].lower()
        following = {candidate[at] for candidate in candidates}
        hits = {one for one in following - {ANY} if one.lower() == typed}
        hits = hits or {one for one in following - {ANY} if one.lower().startswith(typed)}
        if not hits and ANY in following:
            taking = next(candidate for candidate in candidates if candidate[at] == ANY)
            return Found(" ".join(taking), line[word.start() :].strip())
        if not hits:
            return Unclear("unknown", word.start())
        if len(hits) > 1:
            return Unclear("ambiguous", word.start())
        candidates = [candidate for candidate in candidates if candidate[at] in hits]
    whole = [candidate for candidate in candidates if len(candidate) == len(words)]
    if whole and words:
        return Found(" ".join(whole[0]))
    return Unclear("incomplete", len(line.rstrip()))
