"""Returned ledgers read into rows: every sheet of every file, with all that is wrong in one list, nothing half taken."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from inventories.addresses import spellings
from inventories.classified import MARKED, RANGED, UNCLEAR, Classified, read_classified
from inventories.grids import Grid
from inventories.ledger_cells import READERS, Columns
from inventories.ledger_headings import Header, Problem, Said, find, is_guide, is_head_line, is_heading, nearly
from inventories.ledger_tables import Column, Table
from inventories.ledger_words import UnfitError, plain
from inventories.ledgers import LISTS, SOURCE
from inventories.spreadsheets import read_grids
from xunyan.names import shown
from xunyan.wording import Text

_EXAMPLES = ("示例", "例", "样例", "示例行", "例如", "填写示例", "example")
_REMARKS = (
    "备注", "注:", "注1", "说明", "填表说明", "填写说明", "抄送", "填报人", "填表人", "审核", "负责人", "单位负责人", "盖章", "以下",
)  # fmt: skip
"""How rows begin that are no rows, where the column of names is blank."""
_NOTES = ("备注:", "注:", "说明:", "填表说明", "填写说明", "以下空白", "以下无正文")
_TOTALS = ("合计", "总计", "小计", "共计")
_SECRET_WORDS = frozenset({"涉密", "秘密", "机密", "绝密", "秘密级", "机密级", "绝密级"})
_SECRET_MARK = re.compile(r"[（(\[【](?:涉密|秘密|机密|绝密)级?[）)\]】]")
_SAMPLE = re.compile(r"x{2,}|×{2,}|某|\*{2,}")
"""What stands in names that are not meant."""
_DOTTED = re.compile(r"[0-9A-Za-z０-９][.:．：。]|:[0-9A-Za-z:]")
"""What every spelling of an address or of a name with a domain has."""
_JOINED = LISTS | {"deployment", "declared_place"}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What fills in where a returned form is silent, and what tells whether an address is classified."""

    network: str
    unit: str
    classified: Classified


@dataclass(frozen=True, slots=True)
class Filed:
    """One row: the table it stands in, where, and what it says by column key. `cells`: how a message names each cell.

    `unit`: whose list it stands in.
    """

    table: Table
    file: str
    sheet: str
    row: int
    unit: str
    columns: Mapping[str, str]
    place: Text
    cells: Mapping[str, Text]

    @property
    def name(self) -> str:
        """What the row speaks of."""
        return self.columns.get(self.table.name, "")

    def problem(self, key: str, what: Text) -> Problem:
        """Say that a column of this row cannot be taken."""
        return Problem(self.cells.get(key, self.place), self.table.column(key).heading, what)


@dataclass(slots=True)
class Returned:
    """What files came to. `seen`: the tables that are there, with the units whose lists they are, also where empty.

    `several`: more files than one, so that places are named with their file.
    """

    several: bool = False
    rows: list[Filed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    classified: list[tuple[Text, Text]] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    seen: dict[str, set[str]] = field(default_factory=dict)
    examples: int = 0
    totals: int = 0

    def told(self) -> list[Text]:
        """Say what a person should know of what was read and what was not."""
        passed = Text(
            f"略过示例 {self.examples} 行、合计 {self.totals} 行",
            f"passed over: {self.examples} examples, {self.totals} rows of totals",
        )
        return [*self.notes, *([passed] if self.examples or self.totals else [])]


def read_file(path: Path, file: BinaryIO, defaults: Defaults, returned: Returned) -> None:
    """Read one returned file into `returned`. Raises InputError where it is no table, or larger than any ledger is."""
    grids = read_grids(path, file, returned.notes)
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")  # bytes that are no text cannot be kept
    passed: list[Grid] = []
    forms = 0
    for grid in grids:
        if not grid.rows:
            continue
        header = find(grid, returned.problems)
        if header is None:
            if not is_guide(grid):
                passed.append(grid)
            continue
        forms += 1
        _Reading(name, grid, header, defaults, returned).read()
    if forms:
        if passed:
            which = "、".join(shown(grid.name) for grid in passed[:10])
            returned.notes.append(
                Text(f"不是台账的工作表没有读：{which}", f"sheets that are no ledger, not read: {which}")
            )
    elif not any(grid.rows for grid in grids):
        place = grids[0].place(1) if grids else Text("文件", "the file")
        returned.problems.append(Problem(place, "", _EMPTY))
    else:
        near = [problem for grid in passed if (problem := nearly(grid)) is not None]
        some = next(grid for grid in grids if grid.rows)
        returned.problems += near or [Problem(some.place(some.rows[0][0]), "", _UNKNOWN_FORM)]


class _Reading:
    """One sheet being read."""

    def __init__(self, file: str, grid: Grid, header: Header, defaults: Defaults, returned: Returned) -> None:
        self._file = file
        self._grid = grid
        self._header = header
        self._table = header.table
        self._defaults = defaults
        self._returned = returned
        self._down = _filled_down(grid, header.row)
        self._used = set(header.places.values())
        self._filed_on = ""
        self._unit = ""

    def read(self) -> None:
        """Read all rows below the headings."""
        self._read_head()
        seen = self._returned.seen.setdefault(self._table.id, set())
        if self._table.headed and self._unit:
            seen.add(self._unit)
        nobodys = False
        rows = [(number, self._cells(number, cells)) for number, cells in self._grid.rows if number > self._header.row]
        for number, group in self._groups([row for row in rows if self._counts(*row)]):
            filed = self._row(number, group)
            if filed is not None:
                self._returned.rows.append(filed)
                nobodys = nobodys or not filed.unit
                if filed.unit and self._table.headed:
                    seen.add(filed.unit)
        if nobodys and self._table.headed and self._table.source == SOURCE:
            self._nobodys()

    def _nobodys(self) -> None:
        """Say once that nobody knows whose list it is."""
        said = self._header.said.get("unit")
        where = self._grid.place(said.row, said.column) if said else self._grid.place(self._header.row)
        place = self._where(where)
        if not any(one.place == place for one in self._returned.problems):
            self._returned.problems.append(Problem(place, self._table.column("unit").heading, _WHOSE))

    def _read_head(self) -> None:
        table, said = self._table, self._header.said
        if not table.headed:
            return
        self._unit = self._defaults.unit if table.source == SOURCE else ""  # a companion's row is of its system's unit
        if "unit" in said and said["unit"].text:
            self._unit = self._head(table.column("unit"), said["unit"]).get("unit", self._unit)
        if "filed_on" in said and said["filed_on"].text:
            day = Column("filed_on", "填报日期", "day")
            self._filed_on = self._head(day, said["filed_on"]).get("filed_on", "")

    def _head(self, column: Column, said: Said) -> Columns:
        place = self._where(self._grid.place(said.row, said.column))
        if (said.row, said.column) in self._grid.odd:
            self._returned.problems.append(Problem(place, column.heading, self._grid.odd[said.row, said.column]))
            return {}
        try:
            return READERS[column.reads](column, said.text, self._grid.epoch)
        except UnfitError as error:
            self._returned.problems.append(Problem(place, column.heading, error.what))
            return {}

    def _cells(self, number: int, cells: Sequence[str]) -> list[str]:
        texts = list(cells)
        for column, text in self._down.get(number, {}).items():
            texts += [""] * (column + 1 - len(texts))
            texts[column] = texts[column] or text
        return texts

    def _counts(self, number: int, cells: list[str]) -> bool:
        """Tell whether a row says something: no example, total, remark, repeated heading or number without a row."""
        texts = [cell.strip() for cell in cells]
        first = plain(next((text for text in texts if text), "")).strip("()[]【】<>")
        name = self._header.places[self._table.name]
        named = texts[name] if name < len(texts) else ""
        others = [text for place, text in enumerate(texts) if text and place != name]
        repeats = named and is_heading(self._table.column(self._table.name), named)
        if repeats or is_head_line(texts) or first.startswith(_NOTES) or plain(named).startswith(_NOTES):
            return False
        if self._table.numbered and first in _EXAMPLES:
            return not self._is_example(number, named)
        if not named:
            if first.startswith(_TOTALS):
                self._returned.totals += 1
                return False
            only = len(others) == 1 and (others[0] == texts[0] or len(others[0]) > 30)
            if not others or only or first.startswith(_REMARKS):
                return any(place in self._used and (number, place) in self._grid.odd for place in range(len(cells)))
        return True

    def _is_example(self, number: int, name: str) -> bool:
        """Tell whether a row that is marked as the example still is one: people write over it and leave the mark."""
        column = self._table.column(self._table.name)
        if name and plain(name) != plain(column.sample) and not _SAMPLE.search(name.casefold()):
            self._problem(number, column.key, _EXAMPLE)
            return False
        self._returned.examples += 1
        return True

    def _groups(self, rows: list[tuple[int, list[str]]]) -> Iterator[tuple[int, list[tuple[int, list[str]]]]]:
        """Put rows together that share one merged name: one thing, written over several rows."""
        name = self._header.places[self._table.name]
        tops = {
            row: one.top
            for one in self._grid.merges
            if one.left <= name <= one.right and one.top > self._header.row
            for row in range(one.top, min(one.bottom, one.top + 10_000) + 1)
        }
        group: list[tuple[int, list[str]]] = []
        for row in rows:
            top = tops.get(row[0])
            if group and (top is None or tops.get(group[0][0]) != top):
                yield group[0][0], group
                group = []
            group.append(row)
        if group:
            yield group[0][0], group

    def _row(self, number: int, group: list[tuple[int, list[str]]]) -> Filed | None:
        network = self._defaults.network
        texts = [self._texts(cells) for _, cells in group]
        for (row, cells), values in zip(group, texts, strict=True):
            secret = _secret(cells, values, self._defaults.classified, network)
            if secret is not None:
                self._returned.classified.append((self._where(self._grid.place(row)), secret))
                return None
        before = len(self._returned.problems)
        columns: Columns = {}
        for (row, cells), values in zip(group, texts, strict=True):
            self._add(columns, row, values)
            self._beyond(row, cells)
        places = {key: self._where(self._grid.place(number, place)) for key, place in self._header.places.items()}
        for column in self._table.columns:
            if column.needed and not columns.get(column.key) and not self._told(before, column):
                self._problem(number, column.key, _BLANK)
        unit = columns.get("unit", "") or self._unit
        where = self._where(self._grid.place(number))
        ordered = self._ordered(columns, unit)
        return Filed(self._table, self._file, self._grid.name, number, unit, ordered, where, places)

    def _texts(self, cells: list[str]) -> dict[str, str]:
        return {
            key: cells[place]
            for key, place in self._header.places.items()
            if place < len(cells) and cells[place].strip()
        }

    def _add(self, columns: Columns, row: int, values: Mapping[str, str]) -> None:
        """Read a row's cells into the columns of its thing, which earlier rows may have begun."""
        begun = dict(columns)
        for key, place in self._header.places.items():
            if (row, place) in self._grid.odd:
                self._problem(row, key, self._grid.odd[row, place])
                continue
            if key not in values:
                continue
            column = self._table.column(key)
            try:
                found = self._read_cell(column, values[key])
            except UnfitError as error:
                self._problem(row, key, error.what)
                continue
            for own, value in found.items():
                if own in _JOINED and columns.get(own):
                    columns[own] = _joined(own, columns[own], value)
                elif begun.get(own, value) != value:
                    self._problem(row, key, _OTHERWISE)
                else:
                    columns[own] = value

    def _read_cell(self, column: Column, text: str) -> Columns:
        if column.reads == "secret" and read_classified(text) is None:
            raise UnfitError(UNCLEAR)
        return READERS[column.reads](column, text, self._grid.epoch)

    def _beyond(self, row: int, cells: list[str]) -> None:
        """Find what stands in columns that have no heading at all; a heading that is not known was told already."""
        for place, cell in enumerate(cells):
            if cell.strip() and place not in self._used and place not in self._header.headed:
                self._returned.problems.append(Problem(self._where(self._grid.place(row, place)), "", _BEYOND))
                return

    def _ordered(self, columns: Columns, unit: str) -> dict[str, str]:
        """Put columns in the order in which they are sealed: what it is and whose, then as the form has them."""
        table = self._table
        found = {table.name: columns.get(table.name, "")}
        if table.headed and table.source == SOURCE:
            found["unit"] = unit
        if table.id == "ranges":
            found["network"] = columns.get("network") or self._defaults.network
        for one in table.columns:
            if one.key == "unit" and table.headed:
                continue
            for key in (one.key, "declared_place") if one.key == "deployment" else (one.key,):
                if columns.get(key):
                    found.setdefault(key, columns[key])
        for key in LISTS:  # a URL in the column of names is an address as well
            if columns.get(key):
                found.setdefault(key, columns[key])
        if self._filed_on and table.headed:
            found["filed_on"] = self._filed_on
        return {key: value for key, value in found.items() if value}

    def _told(self, since: int, column: Column) -> bool:
        return any(one.heading == column.heading for one in self._returned.problems[since:])

    def _problem(self, row: int, key: str, what: Text) -> None:
        place = self._grid.place(row, self._header.places.get(key))
        self._returned.problems.append(Problem(self._where(place), self._table.column(key).heading, what))

    def _where(self, place: Text) -> Text:
        if not self._returned.several:
            return place
        file = shown(self._file)
        return Text(f"{file} {place.zh}", f"{file} {place.en}")


def _filled_down(grid: Grid, header: int) -> dict[int, dict[int, str]]:
    """Say which text a cell has by being merged with one above it: row -> column -> text. To the right nothing is filled."""
    texts = dict(grid.rows)
    found: dict[int, dict[int, str]] = {}
    for one in grid.merges:
        if one.top <= header or one.bottom == one.top:
            continue
        above = texts.get(one.top, ())
        text = above[one.left] if one.left < len(above) else ""
        for row in range(one.top + 1, one.bottom + 1):
            if text and row in texts:
                found.setdefault(row, {})[one.left] = text
    return found


def _secret(cells: Sequence[str], values: Mapping[str, str], classified: Classified, network: str) -> Text | None:
    if read_classified(values.get("classified", "")):
        return MARKED
    if any(cell.strip() in _SECRET_WORDS or _SECRET_MARK.search(cell) for cell in cells):
        return MARKED
    where = values.get("network", "").strip() or network
    addresses = (one for cell in cells if _DOTTED.search(cell) for one in spellings(cell))
    return RANGED if any(classified(where, one) for one in addresses) else None


def _joined(key: str, old: str, new: str) -> str:
    separator = "、" if key == "deployment" else " "
    return separator.join(dict.fromkeys([*old.split(separator), *new.split(separator)]))


_EMPTY = Text("文件是空的", "the file is empty")
_UNKNOWN_FORM = Text(
    "找不到哪种台账的表头；空白表用 xunyan ledger template --of all -o 台账.xlsx 导出",
    "no ledger's headings are here; write the blank forms with xunyan ledger template --of all -o FILE.xlsx",
)
_EXAMPLE = Text(
    "这一行标着“示例”，填的却不是示例：是真实内容的改成序号，是示例的删去",
    "marked as the example (示例), and is none: number it where it is meant, delete it where not",
)
_BEYOND = Text("有内容在表头之外的格子里", "a cell outside the headings is filled")
_BLANK = Text("没有填写", "not filled in")
_WHOSE = Text(
    "没有填写：表头上方写明填报部门，或用 --unit 指明",
    "not filled in: name the unit above the headings, or give it with --unit",
)
_OTHERWISE = Text(
    "与同一名称的上一行不同；一个系统只写一行", "differs from the row above of the same name; write one row for each"
)
