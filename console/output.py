"""Rows on the screen or for a script: table, JSON, JSONL, CSV. What comes from targets is shown, never obeyed."""

import csv
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TextIO

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

Record = Mapping[str, object]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


def emit(
    records: Iterable[Record],
    columns: Sequence[tuple[str, Callable[[Record], str]]],
    form: Format,
    *,
    empty: str,
    whole: Sequence[tuple[str, Callable[[Record], str]]] = (),
    fixed: frozenset[str] = frozenset(),
    out: TextIO | None = None,
) -> None:
    """Print records: machines get every key, people the given columns (heading, cell). `empty` says what to do next.

    `whole`: the columns of CSV, where the screen has room for fewer. `fixed`: headings whose cells are never wrapped.
    """
    out = out or sys.stdout
    encode = msgspec.json.Encoder(order="deterministic").encode
    if form is Format.JSONL:
        for record in records:
            out.write(escaped(encode(record).decode()) + "\n")
        return
    if form is Format.JSON:
        text = msgspec.json.format(encode(list(records)), indent=2).decode()
        out.writelines(escaped(line) + "\n" for line in text.split("\n"))
        return
    if form is Format.CSV:
        out.write("\ufeff")  # office programs take a file without it for their local encoding
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([heading for heading, _ in whole or columns])
        writer.writerows([inert(printable(cell(record))) for _, cell in whole or columns] for record in records)
        return
    table = Table(show_edge=False, header_style="bold", pad_edge=False)
    for heading, _ in columns:
        table.add_column(heading, overflow="fold", no_wrap=heading in fixed)
    for record in records:
        table.add_row(*(Styled(printable(cell(record))) for _, cell in columns))
    if not table.row_count:
        out.write(empty + "\n")
        return
    console(out).print(table)


def console(out: TextIO) -> Console:
    """Open a console that never reads markup or emoji codes out of data; off a terminal it is plain.

    Its width is the terminal's, also where a pager stands between, else COLUMNS, else wide.
    """
    width = None if out.isatty() else _width()
    return Console(file=out, markup=False, emoji=False, highlight=False, width=width, soft_wrap=False)


def _width() -> int:
    set_width = os.environ.get("COLUMNS", "")
    if set_width.isascii() and set_width.isdigit() and 20 <= int(set_width[:4]) <= 1000:
        return int(set_width)
    return os.get_terminal_size(sys.stderr.fileno()).columns if sys.stderr.isatty() else 200


def printable(text: str) -> str:
    """Make text safe for a screen: control and invisible characters show as escapes; new lines and spaces stay."""
    if text.isprintable():
        return text
    return "".join(c if _safe(c) else c.encode("unicode_escape").decode() for c in text)


def one_line(text: str) -> str:
    """Make text safe for a screen, and keep it on one line."""
    return printable(text).replace("\n", "\\n")


def escaped(json: str) -> str:
    """Write what a screen would obey in JSON text as JSON's own escapes; it reads back equal."""
    if json.isprintable():
        return json
    return "".join(c if _safe(c) else _json_escape(c) for c in json)


def _safe(character: str) -> bool:
    return character.isprintable() or character == "\n" or unicodedata.category(character) == "Zs"


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def inert(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
