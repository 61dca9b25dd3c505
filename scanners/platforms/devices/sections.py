"""A device's configuration as sections: a head and what is indented under it, with banners and separators left out."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanners.platforms.devices.answers import Line, NotReadError

_SEPARATOR = re.compile(r"\s*[#!$]\s*")
_COMMENT = re.compile(r"\s*[!#].*")
_TAG = re.compile(r"\s*!<(/?)([^<>]+)>\s*")
_BANNER = re.compile(r"\s*banner \S+ (\^C|\S)(.*)", re.IGNORECASE)
_SIGNS = frozenset("#!$")
_ANNOUNCED = ("banner", "header")
_INITIALS = frozenset("bBhH")
_HEADER = re.compile(r"\s*header \S+ (?:information )?(\"|%|\S)(.*)", re.IGNORECASE)


class Section(NamedTuple):
    """One statement of the outermost level with the statements under it, at whatever depth."""

    head: Line
    body: list[Line]


class Banner(NamedTuple):
    """The beginning of a text for people: what ends it, and what stands behind the first of those."""

    delimiter: str
    rest: str


def sections(lines: Sequence[Line], ending: str) -> list[Section]:
    """Part a configuration. `ending` is the word that it must end with; where it is empty, its `!<tags>` must be closed.

    Raises NotReadError where the end is missing: a configuration that was cut hides what stood behind.
    """
    held = [line for line in lines if line.text]
    if ending and (not held or held[-1].text.strip() != ending):
        raise NotReadError(held[-1] if held else Line(1, ""), f"the end of a configuration ({ending})")
    if not ending:
        _closed(held)
    found: list[Section] = []
    under = False
    for line in _without_banners(held):
        text = line.text
        deeper = text.startswith((" ", "\t"))
        if text.lstrip()[:1] in _SIGNS:
            if _SEPARATOR.fullmatch(text):
                under = under and text.startswith(" ")
                continue
            if _COMMENT.fullmatch(text):
                continue
        if under and deeper:
            found[-1].body.append(line)
        else:
            found.append(Section(line, []))
            under = not deeper
    return found


def _closed(lines: Sequence[Line]) -> None:
    opened: list[tuple[str, Line]] = []
    tagged = False
    for line in lines:
        tag = _TAG.fullmatch(line.text)
        if not tag:
            continue
        tagged = True
        if not tag[1]:
            opened.append((tag[2].lower(), line))
        elif opened and opened[-1][0] == tag[2].lower():
            opened.pop()
        else:
            raise NotReadError(line, "the end of a part that was begun")
    if opened:
        raise NotReadError(opened[-1][1], "a part of a configuration with its end")
    if not tagged:
        raise NotReadError(lines[0], "a configuration in parts")


def banner(text: str) -> Banner | None:
    """Tell whether a banner begins in a line."""
    begun = text.lstrip()
    if begun[:1] not in _INITIALS or begun[:6].lower() not in _ANNOUNCED:
        return None
    match = _BANNER.fullmatch(text) or _HEADER.fullmatch(text)
    return Banner(match[1], match[2]) if match else None


def _without_banners(lines: Sequence[Line]) -> Iterator[Line]:
    """Leave out texts for people: what looks like a statement in a banner is none."""
    until = ""
    for line in lines:
        if until:
            if until in line.text:
                until = ""
            continue
        begun = banner(line.text)
        if begun is not None:
            until = "" if begun.delimiter in begun.rest else begun.delimiter
            continue
        yield line
    if until:
        raise NotReadError(lines[-1], f"the end of a banner ({until})")
