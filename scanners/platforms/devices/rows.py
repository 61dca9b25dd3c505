"""Small parts that parsers of answers are made of: rows of a table, labels with values, totals that must come out."""

import re
from collections.abc import Callable, Iterable, Sequence

from scanners.platforms.devices.answers import Line, NotReadError
from scanners.platforms.devices.commands import Found
from xunyan.device_facts import DeviceFact

RULE = re.compile(r"\s*[-=]{3,}[-=\s]*|\s*(?:- ){3,}-?")
WIDE = re.compile(r"\s{2,}")
_LABEL = re.compile(r"\s*([A-Za-z][\w .()/-]{0,48}?)\s*[:=]\s*(.*)")


def each(
    lines: Iterable[Line], pattern: re.Pattern[str], make: Callable[[re.Match[str]], DeviceFact | None], what: str
) -> list[Found]:
    """Read every line as a row. Raises NotReadError at one that does not match, or of which `make` gives None."""
    return [Found(fact, line.number, line.number) for line, fact in _made(lines, pattern, make, what)]


def _made(
    lines: Iterable[Line], pattern: re.Pattern[str], make: Callable[[re.Match[str]], DeviceFact | None], what: str
) -> Iterable[tuple[Line, DeviceFact]]:
    for line in lines:
        match = pattern.fullmatch(line.text)
        fact = make(match) if match else None
        if fact is None:
            raise NotReadError(line, what)
        yield line, fact


def without(lines: Iterable[Line], *patterns: re.Pattern[str]) -> list[Line]:
    """Give the lines that hold something and match none of the patterns, rules of dashes apart."""
    found = []
    for line in lines:
        text = line.text
        if not text or RULE.fullmatch(text):
            continue
        for one in patterns:
            if one.fullmatch(text):
                break
        else:
            found.append(line)
    return found


def labels(lines: Iterable[Line]) -> dict[str, str]:
    """Give what stands behind each label (in lower case, single blanks), the first time that it stands there."""
    found: dict[str, str] = {}
    for line in lines:
        if match := _LABEL.fullmatch(line.text):
            found.setdefault(" ".join(match[1].lower().split()), match[2].strip())
    return found


def told(lines: Iterable[Line], pattern: re.Pattern[str]) -> re.Match[str] | None:
    """Give the first match of a pattern at the beginning of a line."""
    for line in lines:
        if match := pattern.match(line.text):
            return match
    return None


def holds(lines: Sequence[Line], pattern: re.Pattern[str], count: int) -> None:
    """See that a total which the answer names is the count of what was read. Raises NotReadError where it is not."""
    for line in lines:
        match = pattern.search(line.text)
        if match and int(match[1]) != count:
            raise NotReadError(line, f"the total of the {count} rows that were read")


def is_empty(lines: Iterable[Line], total: re.Pattern[str], head: re.Pattern[str]) -> bool:
    """Tell whether an answer is a table of nothing: its total says 0, and not even a head stands there."""
    totals = [int(match[1]) for line in lines if (match := total.match(line.text))]
    return totals == [0] and not any(head.match(line.text) for line in lines)


def require(found: Sequence[Found], lines: Sequence[Line], what: str) -> list[Found]:
    """Give what was found. Raises NotReadError at the first line where nothing was."""
    if not found:
        raise NotReadError(next((line for line in lines if line.text), Line(1, "")), what)
    return list(found)


def span(fact: DeviceFact, lines: Sequence[Line]) -> Found:
    """Give a fact that a run of lines says, blank ones at its end left out."""
    held = [line.number for line in lines if line.text]
    return Found(fact, held[0], held[-1])
