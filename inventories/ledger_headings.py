"""Which form a returned sheet is, where its columns stand, and what its head lines say: known by headings, not by names.

People add title rows, break headings over lines, merge them over rows and send sheets along that are no forms at all.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventories.grids import Grid, Row
from inventories.ledger_tables import TABLES, Column, Table
from xunyan.wording import Text

HEADER_ROWS = 40
_ABOVE = 2
"""How far above its row a heading may stand that is merged over rows."""
_ASIDE = re.compile(r"\([^()]*\)|\([^()]*$")
_NUMBERS = frozenset({"序号", "编号", "no", "no.", "#"})
"""Headings of columns that only count rows."""
_GUIDES = frozenset({"填写说明", "填表说明"})
_LABEL = re.compile(
    r"([填申]报(?:部门|单位)(?:[（(]单位[）)])?|联系人及电话|联系人|联系电话|填报日期|填报时间)\s*[:：]"
)
_OF_LABEL = {"填": "unit", "申": "unit", "联": "contact"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be taken: where, under which heading, and what is wrong."""

    place: Text
    heading: str
    what: Text


@dataclass(frozen=True, slots=True)
class Said:
    """What a head line says, and the cell it stands in."""

    text: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Header:
    """A sheet that is a form: its table, the row of its headings, where each column stands, and its head lines by key."""

    table: Table
    row: int
    places: Mapping[str, int]
    said: Mapping[str, Said]
    headed: frozenset[int] = frozenset()
    """Columns that have any heading, known or not."""


def bare(heading: str) -> str:
    """Bring a heading to the form that is compared: no blanks, no line breaks, nothing in brackets, one width and case."""
    flat = "".join(unicodedata.normalize("NFKC", heading).split())
    return _ASIDE.sub("", flat).strip("*:、").casefold()


def known(table: Table) -> dict[str, str]:
    """Map every heading that a table understands to its column's key."""
    found: dict[str, str] = {}
    for one in table.columns:
        for heading in (one.heading, *one.also, one.key):
            found.setdefault(bare(heading), one.key)
    return found


_KNOWN: Mapping[str, Mapping[str, str]] = {one.id: known(one) for one in TABLES.values()}


def find(grid: Grid, problems: list[Problem]) -> Header | None:
    """Find the form that a sheet is, None where it is none; what is wrong with its headings goes to `problems`."""
    if is_guide(grid):
        return None
    head = [row for row in grid.rows if row[0] <= (grid.rows[0][0] if grid.rows else 0) + HEADER_ROWS]
    filled = [(number, _filled(grid, number, cells)) for number, cells in head]
    best: tuple[int, int, Table] | None = None
    for at in range(len(filled)):
        for table in TABLES.values():
            keys = set(_keys(filled, at, table))
            if not _marked(table, keys):
                continue
            count = len(keys - {""})
            near = best is None or at <= best[1] + _ABOVE
            if near and (best is None or count > best[0]):
                best = (count, at, table)
        if best is not None and at >= best[1] + _ABOVE:
            break
    if best is None:
        return None
    _, at, table = best
    headings = _headings(filled, at, table)
    headed = frozenset(place for place, heading in enumerate(headings) if heading)
    places = _places(grid, head[at][0], headings, table, problems)
    return Header(table, head[at][0], places, _head_lines(head[:at]), headed)


def is_guide(grid: Grid) -> bool:
    """Tell whether a sheet says how forms are filled in, and so names their headings without being one."""
    first = next((cell for _, cells in grid.rows[:1] for cell in cells if cell.strip()), "")
    return bare(first) in _GUIDES


def nearly(grid: Grid) -> Problem | None:
    """Say which heading is lacking of the form that a sheet comes nearest to; None where it has none of any."""
    best: tuple[int, Problem] | None = None
    for number, cells in grid.rows[:HEADER_ROWS]:
        for table in TABLES.values():
            keys = {_KNOWN[table.id].get(bare(cell), "") for cell in cells} - {""}
            if keys and (best is None or len(keys) > best[0]):
                lacking = next(mark for mark in table.marks if not _marked_by(mark, keys))
                heading = " / ".join(table.column(key).heading for key in lacking.split("|"))
                best = (len(keys), Problem(grid.place(number), heading, _LACKING))
    return best[1] if best is not None else None


def _marked(table: Table, keys: set[str]) -> bool:
    return all(_marked_by(mark, keys) for mark in table.marks)


def _marked_by(mark: str, keys: set[str]) -> bool:
    return any(key in keys for key in mark.split("|"))


def _filled(grid: Grid, number: int, cells: Sequence[str]) -> list[str]:
    """Give a row's texts, merged ones in every column and row that they cover."""
    texts = list(cells)
    for one in grid.merges:
        if one.top <= number <= one.bottom:
            top = next((row for row in grid.rows if row[0] == one.top), (0, ()))[1]
            text = top[one.left] if one.left < len(top) else ""
            texts += [""] * (min(one.right, len(cells) + 200) + 1 - len(texts))
            texts[one.left : one.right + 1] = [text] * (min(one.right + 1, len(texts)) - one.left)
    return texts


def _keys(filled: Sequence[tuple[int, list[str]]], at: int, table: Table) -> list[str]:
    """Name the columns that a row's cells head."""
    return [_KNOWN[table.id].get(bare(heading), "") for heading in _headings(filled, at, table)]


def _headings(filled: Sequence[tuple[int, list[str]]], at: int, table: Table) -> list[str]:
    """Give a row's headings; a blank cell takes one that is known from close above it."""
    understood = _KNOWN[table.id]
    width = max(len(cells) for _, cells in filled[max(0, at - _ABOVE) : at + 1])
    found = []
    for place in range(width):
        own = _at(filled[at][1], place)
        above = (_at(cells, place) for _, cells in reversed(filled[max(0, at - _ABOVE) : at]))
        found.append(own or next((text for text in above if bare(text) in understood or bare(text) in _NUMBERS), ""))
    return found


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _places(grid: Grid, number: int, headings: Sequence[str], table: Table, problems: list[Problem]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        key = _KNOWN[table.id].get(bare(heading), "")
        if key in places and _continued(grid, number, place):
            continue
        if key in places:
            problems.append(Problem(grid.place(number, place), heading, _TWICE))
        elif key:
            places[key] = place
        elif heading and bare(heading) not in _NUMBERS:
            problems.append(Problem(grid.place(number, place), heading, _UNKNOWN))
    return places


def _continued(grid: Grid, row: int, column: int) -> bool:
    """Tell whether a cell only continues a merged one to its left."""
    return any(one.top <= row <= one.bottom and one.left < column <= one.right for one in grid.merges)


def _head_lines(rows: Sequence[Row]) -> dict[str, Said]:
    """Read 填报部门（单位）：…… above the headings; the words after a label, in its cell or in the next that is filled."""
    found: dict[str, Said] = {}
    for number, cells in rows:
        for column, cell in enumerate(cells):
            labels = list(_LABEL.finditer(cell))
            ends = [*(one.start() for one in labels), len(cell)][1:]  # where there is no label there is no end
            for label, end in zip(labels, ends, strict=True):
                key = "filed_on" if label[1].startswith(("填报日期", "填报时间")) else _OF_LABEL[label[1][0]]
                text, place = cell[label.end() : end].strip(" _＿\u3000\n\r\t"), column
                if not text and end == len(cell):
                    text, place = _right_of(cells, column)
                found.setdefault(key, Said(text, number, place))
    return found


def _right_of(cells: Sequence[str], column: int) -> tuple[str, int]:
    for place in range(column + 1, len(cells)):
        text = cells[place].strip(" _＿\u3000\n\r\t")
        if text:
            return ("", column) if _LABEL.match(text) else (text, place)
    return "", column


def is_head_line(cells: Sequence[str]) -> bool:
    """Tell whether a row is one of the head lines, as where every printed page begins with them."""
    return any(_LABEL.match(cell.strip()) for cell in cells)


def is_heading(column: Column, cell: str) -> bool:
    """Tell whether a cell repeats its own heading, as where every printed page begins with them."""
    return bare(cell) in {bare(heading) for heading in (column.heading, *column.also)}


_LACKING = Text("缺少这一列", "this column is missing")
_TWICE = Text("这一列出现了两次", "this column is there twice")
_UNKNOWN = Text(
    "不认识的列；要留着的内容移到“备注”，其余删去这一列",
    "unknown column; move what is to be kept to 备注 and delete the column",
)
