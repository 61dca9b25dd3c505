"""The JSON that PowerShell makes of its objects: rows of named values, and the lines where they stand."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

from scanners.platforms.reading import KEPT_ANSWERS, cite, cite_all, lines_of
from xunyan.model import Capture, Evidence

Row = Mapping[str, object]


@lru_cache(maxsize=KEPT_ANSWERS)
def rows_of(capture: Capture) -> tuple[Row, ...] | str:
    """Give the objects of an answer; the reason where it is not what ConvertTo-Json writes of at least one object.

    One object stands alone, several stand in an array, and Windows PowerShell may put an array into an object of `value`
    and `Count`. No object at all gives no text, so an empty answer is never an empty table.
    """
    text = capture.text.removeprefix("\ufeff").strip().strip("\0")
    if not text:
        return "the answer is empty"
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return f"not JSON: {text[:100]}"
    if isinstance(found, dict) and set(found) == {"value", "Count"}:
        found = found["value"]
    rows = found if isinstance(found, list) else [found]
    if not rows or not all(isinstance(row, dict) for row in rows):
        return f"not objects with named values: {text[:100]}"
    return tuple(rows)


def shown(row: Row, name: str) -> str:
    """Give one value as text on one line without blanks around it; empty where it is null, absent or no plain value."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return str(value) if isinstance(value, bool) else ""
    if isinstance(value, int) and not 0 <= value < 1 << 64:
        return ""
    return " ".join(str(value).split())


def has(row: Row, *names: str) -> bool:
    """Tell whether the object has each of the names, with or without a value: whether it is of the class asked for."""
    return all(name in row for name in names)


def cite_values(capture: Capture, names: Sequence[str], at: int = 0) -> Evidence:
    """Point at the lines of the object number `at` (from 0) that begin with one of the names; else at the whole answer."""
    lines = lines_of(capture)
    found: list[int] = []
    for name in names:
        numbers = _lines_naming(capture, name)
        if at < len(numbers):
            found.append(numbers[at])
    return cite(capture, min(found), max(found), lines) if found else cite_all(capture, lines)


@lru_cache(maxsize=KEPT_ANSWERS)
def _lines_naming(capture: Capture, name: str) -> tuple[int, ...]:
    mark = f'"{name}":'
    return tuple(number for number, line in enumerate(lines_of(capture), 1) if line.lstrip().startswith(mark))
