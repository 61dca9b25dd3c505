"""Inventories for tests, and short ways to read them. Everything here is invented by us."""

from pathlib import Path

from openpyxl import Workbook

from inventories.classified import Classified, nowhere
from inventories.endpoints import read_file
from inventories.mappings import ColumnMapping
from inventories.records import Defaults, Taken

HERE = Defaults("外网", "教育局")


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def workbook(path: Path, *sheets: list[list[object]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def read(
    path: Path, classified: Classified = nowhere, *, by: ColumnMapping | None = None, plugins: bool = False
) -> Taken:
    return read_file(path, HERE, classified, mapping=by, plugins=plugins)


def told(taken: Taken) -> list[tuple[str, str, str]]:
    return [(one.place.zh, one.heading, one.what.zh) for one in taken.problems]


def notes(taken: Taken) -> str:
    return "\n".join(note.zh for note in taken.notes)
