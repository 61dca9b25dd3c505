"""Workbooks as office programs write them (Excel, WPS, exports): their visible sheets as grids of text.

Read by our own few handlers and not by openpyxl, whose streaming reader knows no merged cells and reads styles and links
whole: of a returned form only texts, numbers, days and merges matter, and none of it may cost more memory than it is worth.
"""

import posixpath
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import BinaryIO

from inventories.archives import PART_LIMIT, Archive, NotSoundError, check_kind, opened
from inventories.grids import EPOCH, TEXT_LIMIT, Grid, read_text, too_large
from inventories.worksheets import CELL_TEXT, SheetReader, Styles, unescaped
from xunyan.names import shown
from xunyan.wording import Text

SHEETS = 200
STRINGS = 500_000
_EPOCH_1904 = date(1904, 1, 1)
_DAYS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Built-in formats of days and times, those of Chinese editions among them."""
_ASIDE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')


def read_grids(path: Path, file: BinaryIO, notes: list[Text]) -> list[Grid]:
    """Read a returned file, XLSX or CSV, told apart by its first bytes. Hidden sheets are left out and noted.

    Raises InputError where it is neither, or larger than any ledger is.
    """
    begins = file.read(8)
    file.seek(0)
    check_kind(path, begins)
    if not begins.startswith(b"PK\x03\x04"):
        return [read_text(path, file.read(TEXT_LIMIT + 1))]
    with opened(path, file) as archive:
        return _grids(archive, notes)


def _grids(archive: Archive, notes: list[Text]) -> list[Grid]:
    main = next(
        (target for kind, target in _related(archive, "").values() if kind == "officeDocument"), "xl/workbook.xml"
    )
    if main not in archive.names:
        raise NotSoundError
    sheets, epoch = _sheets(archive, main)
    related = _related(archive, main)
    hidden = [name for name, _, visible in sheets if not visible]
    if hidden:
        which = "、".join(shown(name) for name in hidden[:10])
        notes.append(Text(f"隐藏的工作表没有读：{which}", f"hidden sheets, not read: {which}"))
    parts = [(name, related[link][1]) for name, link, visible in sheets if visible and related[link][0] == "worksheet"]
    strings = _one(archive, related, "sharedStrings")
    styles = _styles(archive, _one(archive, related, "styles"), epoch)
    texts = _strings(archive, strings) if strings else []
    found: list[Grid] = []
    left = None
    for name, part in parts:
        reader = SheetReader(archive.path, texts, styles, left)
        archive.parse(part, reader.start, reader.end, reader.data, PART_LIMIT)
        left = reader.left
        found.append(Grid(name, tuple(reader.rows), tuple(reader.merges), reader.odd, epoch))
    return found


def _related(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Read what a part points to: id -> (the last word of its kind, the part's name)."""
    folder, name = posixpath.split(part)
    links = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, tuple[str, str]] = {}
    if links not in archive.names:
        return found

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes["Type"].rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/")
            found[attributes["Id"]] = (kind, target)

    archive.parse(links, start, _nothing, _nothing)
    return found


def _one(archive: Archive, related: Mapping[str, tuple[str, str]], kind: str) -> str:
    part = next((target for own, target in related.values() if own == kind), "")
    return part if part in archive.names else ""


def _sheets(archive: Archive, main: str) -> tuple[list[tuple[str, str, bool]], date]:
    """List the sheets in order as (name, link, visible), and tell on which day days are counted from."""
    sheets: list[tuple[str, str, bool]] = []
    epoch = [EPOCH]

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet":
            link = next((value for name, value in attributes.items() if name.endswith(" id")), "")
            sheets.append((attributes["name"], link, attributes.get("state", "visible") == "visible"))
            if len(sheets) > SHEETS:
                raise too_large(archive.path, Text("工作表太多", "too many sheets"))
        elif tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epoch[0] = _EPOCH_1904

    archive.parse(main, start, _nothing, _nothing)
    return sheets, epoch[0]


def _strings(archive: Archive, part: str) -> list[str]:
    """Read the texts that cells share; what is said on how to pronounce them is no part of them."""
    texts: list[str] = []
    pieces: list[str] = []
    inside = {"t": 0, "rPh": 0}
    length = 0

    def start(tag: str, _attributes: Mapping[str, str]) -> None:
        nonlocal length
        if tag == "si":
            pieces.clear()
            length = 0
        elif tag in inside:
            inside[tag] += 1

    def end(tag: str) -> None:
        if tag == "si":
            texts.append(unescaped("".join(pieces)))
            if len(texts) > STRINGS:
                raise too_large(archive.path, Text("文字太多", "too much text"))
        elif tag in inside:
            inside[tag] -= 1

    def data(text: str) -> None:
        nonlocal length
        if inside["t"] and not inside["rPh"]:
            length += len(text)
            if length > CELL_TEXT:
                raise too_large(archive.path, Text("一格里的文字太多", "too much text in one cell"))
            pieces.append(text)

    archive.parse(part, start, end, data, PART_LIMIT)
    return texts


def _styles(archive: Archive, part: str, epoch: date) -> Styles:
    """Read which cell styles show a number as a day."""
    formats: dict[int, str] = {}
    used: list[int] = []
    inside = [False]

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "numFmt" and "numFmtId" in attributes:
            formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")[:200]
        elif tag == "cellXfs":
            inside[0] = True
        elif tag == "xf" and inside[0]:
            used.append(int(attributes.get("numFmtId", "0")))

    def end(tag: str) -> None:
        if tag == "cellXfs":
            inside[0] = False

    if part:
        archive.parse(part, start, end, _nothing)
    days = {number for number in set(used) if _shows_days(number, formats)}
    return Styles(tuple(number in days for number in used), epoch)


def _shows_days(number: int, formats: Mapping[int, str]) -> bool:
    if number not in formats:
        return number in _DAYS
    code = _ASIDE.sub("", formats[number]).casefold()
    return "y" in code or "d" in code or ("m" in code and "h" not in code and "s" not in code)


def _nothing(*_said: object) -> None:
    pass
