"""Tables as people return them: sheets of text cells that keep their places, so that a message can name `现有系统!F7`.

A returned file is told apart by what is in it, not by its name, since office programs and people rename at will.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from xunyan.errors import InputError
from xunyan.names import shown
from xunyan.wording import Text

CELLS = 1_000_000
COLUMNS = 200
TEXT_LIMIT = 16 * 1024 * 1024
"""How many filled cells a file may have, how many columns a sheet, and how many bytes a CSV. Real ledgers stay far below."""

EPOCH = date(1899, 12, 30)
_INERT = ("'=", "'+", "'-", "'@", "'＝", "'＋", "'－", "'＠")
_MARKUP = ("<html", "<!doctype", "<table", "<?xml", "{\\rtf")

Row = tuple[int, Sequence[str]]
"""(number from 1 as a spreadsheet shows it, cells as text, those at the end may be missing)"""


@dataclass(frozen=True, slots=True)
class Merge:
    """One merged range: rows from 1, columns from 0, all included. Its text stands in the first cell alone."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: its filled rows in order, its merged ranges, and the cells that cannot be taken (row, column) -> why.

    `name` is empty for a CSV. `epoch`: day 0 of its day numbers.
    """

    name: str
    rows: tuple[Row, ...]
    merges: tuple[Merge, ...] = ()
    odd: Mapping[tuple[int, int], Text] = field(default_factory=dict)
    epoch: date = EPOCH

    def place(self, row: int, column: int | None = None) -> Text:
        """Name a cell or a row as a person finds it."""
        if not self.name:
            return Text(f"第 {row} 行", f"row {row}")
        if column is None:
            return Text(f"{shown(self.name)} 第 {row} 行", f"{shown(self.name)} row {row}")
        where = f"{shown(self.name)}!{letters(column)}{row}"
        return Text(where, where)


def letters(column: int) -> str:
    """Write a column as a spreadsheet does: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def read_text(path: Path, data: bytes) -> Grid:
    """Read a CSV (UTF-8, GB18030 or UTF-16 with its mark; commas, tabs or semicolons).

    Raises InputError where it is no text, too large, or not well formed.
    """
    if len(data) > TEXT_LIMIT:
        raise too_large(path, Text("CSV超过16 MiB", "a CSV of more than 16 MiB"))
    text = _decode(path, data)
    if text.lstrip()[:20].casefold().startswith(_MARKUP):
        raise InputError(
            Text("第 1 行：是网页或别的文档，不是CSV", "row 1: a web page or another document, no CSV"),
            where=str(path),
            advice=Text("用办公软件打开，另存为 .xlsx 或CSV", "open it in an office program, save it as .xlsx or CSV"),
        )
    rows: list[Row] = []
    filled = number = 0
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True), 1
        ):
            texts = [_bare(cell) for cell in cells]
            count = sum(1 for cell in texts if cell.strip())
            filled += count
            if filled > CELLS or any(texts[COLUMNS:]):
                raise too_large(path, Text("格子太多", "too many cells"))
            if count:
                rows.append((number, texts))
    except csv.Error as error:
        raise InputError(
            Text(f"第 {number + 1} 行：CSV格式有误（{error}）", f"row {number + 1}: not well-formed CSV ({error})"),
            where=str(path),
            advice=Text("用办公软件打开，另存为CSV（UTF-8）或 .xlsx", "open it, save it as CSV (UTF-8) or .xlsx"),
        ) from error
    return Grid("", tuple(rows))


def too_large(path: Path, what: Text) -> InputError:
    """Say that a file is larger than any ledger is, and what makes real ones so."""
    return InputError(
        Text(f"文件过大：{what.zh}", f"too large: {what.en}"),
        where=str(path),
        advice=Text(
            "多半是格式刷到了表的末行：删去数据以下的空行、以右的空列，另存后再导入",
            "mostly formats that reach to the last row: delete the empty rows and columns behind the data, save, import that",
        ),
    )


def _decode(path: Path, data: bytes) -> str:
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError(
        Text(
            "第 1 行：既不是UTF-8也不是GB18030编码的CSV，也不是XLSX表格",
            "row 1: neither CSV in UTF-8 or GB18030, nor an XLSX spreadsheet",
        ),
        where=str(path),
        advice=Text("用办公软件打开，另存为 .xlsx 或CSV（UTF-8）", "open it, save it as .xlsx or CSV (UTF-8)"),
    )


def _separator(text: str) -> str:
    """Choose what parts the cells: whatever the first lines have most of, the first of them being titles maybe."""
    head = "\n".join(text[:20_000].splitlines()[:30])
    return max(",\t;", key=head.count)


def _bare(cell: str) -> str:
    """Undo what is put around a cell so that an office program leaves it alone: `="0012"`, `'=1+1`."""
    if cell.startswith('="') and cell.endswith('"') and cell.count('"') == 2:
        return cell[2:-1]
    return cell[1:] if cell.startswith(_INERT) else cell
