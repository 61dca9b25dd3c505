"""One sheet of a workbook, read element by element into rows of text, its merged ranges and its odd cells."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from inventories.archives import NotSoundError
from inventories.grids import CELLS, COLUMNS, Merge, Row, too_large
from xunyan.names import shown
from xunyan.wording import Text

LAST_ROW = 2**20
MERGES, MERGED_ROWS = 5_000, 3_000_000
"""How many merged ranges a sheet may have, and how many rows they may cover in all."""
CELL_TEXT = 32_767
"""What a cell can hold, by the format's own bound."""
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_LAST_DAY = 2_958_465

FORMULA = Text(
    "是公式，台账里只收数值和文字；选择性粘贴为数值后再导入",
    "a formula; a ledger holds values alone: paste it as values, then import",
)


@dataclass(frozen=True, slots=True)
class Styles:
    """For each style of cells whether it shows a number as a day, and day 0."""

    days: Sequence[bool]
    epoch: date


class SheetReader:
    """Handlers for one sheet: `rows`, `merges` and `odd` cells are there when it is read to its end.

    `left`: how many filled cells the file may still have. Raises InputError beyond, NotSoundError at what no sheet says.
    """

    def __init__(self, path: Path, strings: Sequence[str], styles: Styles, left: int | None = None) -> None:
        self.rows: list[Row] = []
        self.merges: list[Merge] = []
        self.odd: dict[tuple[int, int], Text] = {}
        self.left = CELLS if left is None else left
        self._path = path
        self._strings = strings
        self._styles = styles
        self._row = 0
        self._column = -1
        self._cells: list[str] = []
        self._kind = self._style = ""
        self._value: list[str] = []
        self._text: list[str] = []
        self._into: list[str] | None = None
        self._length = self._spoken = self._merged = 0
        self._formula = False
        self._starts: Mapping[str, Callable[[Mapping[str, str]], None]] = {
            "row": self._start_row, "c": self._start_cell, "mergeCell": self._merge,
        }  # fmt: skip

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element."""
        known = self._starts.get(tag)
        if known is not None:
            known(attributes)
        elif tag == "v":
            self._into = self._value
        elif tag == "t" and not self._spoken:
            self._into = self._text
        elif tag == "rPh":
            self._spoken += 1
        elif tag == "f":
            self._formula = True

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag in ("v", "t"):
            self._into = None
        elif tag == "rPh":
            self._spoken -= 1
        elif tag == "c":
            self._end_cell()
        elif tag == "row" and self._cells:
            self.rows.append((self._row, self._cells))

    def data(self, text: str) -> None:
        """Take text between elements."""
        if self._into is not None:
            self._length += len(text)
            if self._length > CELL_TEXT:
                raise too_large(self._path, Text("一格里的文字太多", "too much text in one cell"))
            self._into.append(text)

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        number = int(attributes.get("r") or self._row + 1)
        if not self._row < number <= LAST_ROW:
            raise NotSoundError
        self._row, self._column, self._cells = number, -1, []

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        reference = attributes.get("r")
        if reference:
            row, column = _cell(reference)
            if row != self._row or column <= self._column:
                raise NotSoundError
            self._column = column
        else:
            self._column += 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._value.clear()
        self._text.clear()
        self._length = 0
        self._formula = False

    def _end_cell(self) -> None:
        text = self._read()
        if self._formula:
            self.odd[self._row, self._column] = FORMULA
        if not text.strip() and not self._formula:
            return
        self.left -= self._column - len(self._cells) + 1  # cells before it that are empty take up room too
        if self.left < 0 or self._column >= COLUMNS:
            raise too_large(self._path, Text("格子太多，或列太多", "too many cells or columns"))
        self._cells += [""] * (self._column - len(self._cells))
        self._cells.append(text)

    def _read(self) -> str:
        value, text = "".join(self._value), "".join(self._text)
        if self._kind == "inlineStr" or not value.strip():
            return unescaped(text)
        if self._kind == "s":
            number = int(value)
            if number < 0:
                raise NotSoundError
            return self._strings[number]
        if self._kind == "e":
            self.odd[self._row, self._column] = error_cell(value)
        plain = _PLAIN.get(self._kind)
        return plain(value) if plain is not None else self._number(value.strip())

    def _number(self, value: str) -> str:
        number = float(value)
        if not math.isfinite(number):
            raise NotSoundError
        style = int(self._style)
        if 0 <= style < len(self._styles.days) and self._styles.days[style] and 0 < number <= _LAST_DAY:
            return _day(number, self._styles.epoch)
        if _WHOLE.fullmatch(value):
            return value
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else format(number, ".15g")

    def _merge(self, attributes: Mapping[str, str]) -> None:
        first, _, last = attributes["ref"].partition(":")
        top, left = _cell(first)
        bottom, right = _cell(last or first)
        if bottom < top or right < left:
            raise NotSoundError
        self._merged += bottom - top + 1
        if len(self.merges) >= MERGES or self._merged > MERGED_ROWS:
            raise too_large(self._path, Text("合并的格子太多", "too many merged cells"))
        self.merges.append(Merge(top, left, bottom, right))


def unescaped(text: str) -> str:
    """Undo how the format writes characters that XML cannot hold: `_x000A_` is a line break."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def error_cell(value: str) -> Text:
    """Say that a cell holds what a formula failed with."""
    return Text(f"是公式错误 {shown(value)}", f"the formula error {shown(value)}")


_PLAIN: Mapping[str, Callable[[str], str]] = {
    "str": unescaped,
    "e": str,
    "b": lambda value: "TRUE" if value.strip() == "1" else "FALSE",
    "d": lambda value: value.removesuffix("Z").replace("T00:00:00", ""),
}
"""Kind of a cell whose value is not a number -> the text that a person sees."""


def _cell(reference: str) -> tuple[int, int]:
    """Read `F7` as (7, 5)."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise NotSoundError
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    row = int(found[2])
    if not 1 <= row <= LAST_ROW:
        raise NotSoundError
    return row, column - 1


def _day(number: float, epoch: date) -> str:
    """Write a day number as a day, with the time where it has one."""
    whole = int(number)
    day = (epoch + timedelta(days=whole)).isoformat()
    seconds = round((number - whole) * 86_400)
    if seconds in (0, 86_400):
        return day
    return f"{day} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
