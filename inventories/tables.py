"""Tables as files: CSV and XLSX read into rows of text, bounded, with nothing in them evaluated."""

import csv
import io
import resource
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from xunyan.errors import InputError
from xunyan.wording import Text

if TYPE_CHECKING:
    from openpyxl import Workbook

ROWS = 200_000
COLUMNS = 200
LAST_ROW = 2**20
UNPACKED_LIMIT = 512 * 1024 * 1024
PART_LIMIT = 16 * 1024 * 1024
PARTS = 10_000
MEMORY = 2 * 1024 * 1024 * 1024
"""How much reading one workbook may take up; real ones of 200,000 rows stay below a quarter of it."""

Row = tuple[int, Sequence[str]]
"""(number from 1 as a spreadsheet shows it, cells as text)"""
Sheet = tuple[str, Iterator[Row]]
"""(name, "" in a CSV; its rows in order)"""

_BROKEN = (
    ValueError, TypeError, LookupError, AttributeError, AssertionError, ArithmeticError, RecursionError, EOFError, OSError,
    RuntimeError, zipfile.BadZipFile, zlib.error, ParseError,
)  # fmt: skip
"""What the readers of ZIP, XML and workbooks raise at a file that is none."""


@contextmanager
def sheets(path: Path, data: bytes) -> Iterator[Iterator[Sheet]]:
    """Open a table by its name's ending. Its visible sheets are read in order, each before the next is asked for.

    Raises InputError where it is no table, or larger than any real one.
    """
    if path.suffix.casefold() != ".xlsx":
        yield iter([("", _csv(path, data))])
        return
    from openpyxl import load_workbook  # noqa: PLC0415  # what takes long to load is loaded when it is used
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    with _bounded(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _check_archive(path, data)
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        except (*_BROKEN, InvalidFileException) as error:
            raise _broken(path) from error
        try:
            yield _sheets(path, book)
        finally:
            book.close()


def _sheets(path: Path, book: "Workbook") -> Iterator[Sheet]:
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            sheet.reset_dimensions()  # exports state them wrongly; the cells do not lie
            yield sheet.title, _xlsx(path, sheet.iter_rows(values_only=True, max_col=COLUMNS + 1))


def _xlsx(path: Path, rows: Iterator[tuple[object, ...]]) -> Iterator[Row]:
    filled = 0
    for number in count(1):
        try:
            values = next(rows, None)
        except _BROKEN as error:
            raise _broken(path) from error
        if values is None:
            return
        if number > LAST_ROW:
            raise _large(path)
        cells = [text_of(value) for value in values]
        if not any(cells):
            continue
        filled += 1
        if filled > ROWS or (len(cells) > COLUMNS and cells[COLUMNS]):
            raise _large(path)
        yield number, cells


def text_of(value: object) -> str:
    """Write a cell's value as a person reads it: 22 not 22.0, a day as 2025-03-01; nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _check_archive(path: Path, data: bytes) -> None:
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise InputError(
            Text("是加了密码的表格，或旧的 .xls 格式", "a spreadsheet with a password, or of the old .xls format"),
            where=str(path),
            advice=Text("去掉密码，另存为 .xlsx 后再导入", "remove the password, save it as .xlsx and import that"),
        )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    # What is read whole is bounded by part; the rows of sheets and the shared texts are read one after the other.
    small = [p for p in parts if not p.filename.startswith(("xl/worksheets/", "xl/sharedStrings", "xl/media/"))]
    if (
        len(parts) > PARTS
        or sum(part.file_size for part in parts) > UNPACKED_LIMIT
        or any(part.file_size > PART_LIMIT for part in small)
    ):
        raise InputError(
            Text("解压后超过512 MiB，不像正常的表格", "unpacks to more than 512 MiB, as no real table does"),
            where=str(path),
            advice=Text(
                "只留下终端清单一张表，另存后再导入", "keep the sheet of endpoints alone, save and import that"
            ),
        )


@contextmanager
def _bounded(path: Path) -> Iterator[None]:
    """Bound the memory of this process while a workbook is read: a small file can unpack to any size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize() + MEMORY
    if soft == resource.RLIM_INFINITY or bound < soft:
        resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    try:
        yield
    except MemoryError as error:
        raise _large(path) from error
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _broken(path: Path) -> InputError:
    return InputError(
        Text("不是完好的XLSX表格", "not a sound XLSX spreadsheet"),
        where=str(path),
        advice=Text("用办公软件打开，另存为 .xlsx 或CSV后再导入", "open it, save it as .xlsx or CSV, import that"),
    )


def _large(path: Path) -> InputError:
    return InputError(
        Text("表格过大（上限20万行、200列）", "the table is too large (200,000 rows and 200 columns at most)"),
        where=str(path),
        advice=Text("分成几个文件，或删去多余的行和列", "part it into several files, or remove rows and columns"),
    )


def _csv(path: Path, data: bytes) -> Iterator[Row]:
    text = _decode(path, data)
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = "\t" if head.count("\t") > head.count(",") else ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    filled = 0
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if not any(cell.strip() for cell in cells):
                continue
            filled += 1
            if filled > ROWS or any(cell.strip() for cell in cells[COLUMNS:]):
                raise _large(path)
            yield number, [_bare(cell) for cell in cells]
    except csv.Error as error:
        raise InputError(
            Text(f"第 {number + 1} 行：CSV格式有误（{error}）", f"row {number + 1}: not well-formed CSV ({error})"),
            where=str(path),
            advice=Text("用办公软件打开，另存为CSV（UTF-8）后再导入", "open it, save it as CSV (UTF-8), import that"),
        ) from error


def _bare(cell: str) -> str:
    """Undo what exports put around a cell so that an office program leaves it alone: `="0012"`, `'0012`."""
    bare = cell.strip()
    if bare.startswith('="') and bare.endswith('"') and bare.count('"') == 2:
        return bare[2:-1].strip()
    return bare.removeprefix("'")


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
        Text("既不是UTF-8也不是GB18030编码的CSV", "neither UTF-8 nor GB18030 CSV"),
        where=str(path),
        advice=Text("用办公软件打开，另存为CSV（UTF-8）或 .xlsx", "open it, save it as CSV (UTF-8) or .xlsx"),
    )
