"""The endpoint ledger: what people file about machines that no machine can tell, such as when it was bought.

Rows become captures like any other original, so that a finding can quote them.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from inventories.addresses import spellings
from inventories.classified import MARKED, RANGED, UNCLEAR, Classified, nowhere, read_classified
from xunyan.model import Capture, Envelope, Evidence, LedgerRow
from xunyan.wording import Text

SOURCE = "ledger"
YEARS = range(1970, 2101)
COLUMNS: Mapping[str, str] = {
    "asset": "资产标识",
    "unit": "单位",
    "site": "地点",
    "network": "地址域",
    "address": "地址",
    "procured_on": "采购日期",
    "purpose": "用途",
    "keeper": "责任人",
    "remark": "备注",
    "classified": "涉密",
}
"""Key -> heading of the form. Both are understood in a returned file."""

_KEYS = {heading: key for key, heading in COLUMNS.items()} | {key: key for key in COLUMNS}
_FULL_WIDTH = str.maketrans("０１２３４５６７８９－／．：", "0123456789-/.:")


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be taken in a returned form: row (from 1, the heading is row 1), column heading, and what is wrong."""

    row: int
    column: str
    what: Text


@dataclass(frozen=True, slots=True)
class Filed:
    """One row: who it speaks of, and what it says by column key."""

    row: int
    columns: Mapping[str, str]
    secret: Text | None = None
    """Why the row is classified and must refuse the file; its columns are then left out."""


def template() -> str:
    """Write the blank form: CSV with a byte order mark, as office programs expect it."""
    return "﻿" + ",".join(COLUMNS.values()) + "\r\n"


def read_csv(data: bytes, classified: Classified = nowhere, network: str = "") -> tuple[list[Filed], list[Problem]]:
    """Read a returned form (UTF-8 or GB18030): its rows, and everything that cannot be taken.

    `classified` tells addresses of classified ranges; `network` is theirs where a row names none.
    """
    text = _decode(data)
    if text is None:
        return [], [Problem(1, "", _ENCODING)]
    filed: list[Filed] = []
    problems: list[Problem] = []
    keys: list[str] | None = None
    seen: dict[tuple[str, str], int] = {}
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            if not any(cell.strip() for cell in cells):
                continue
            if keys is None:
                keys = [_KEYS.get(cell.strip(), "") for cell in cells]
                problems += [
                    Problem(number, cell[:40], _UNKNOWN if not key else _TWICE)
                    for place, (cell, key) in enumerate(zip(cells, keys, strict=True))
                    if (not key and cell.strip()) or (key and key in keys[:place])
                ]
                if "asset" not in keys:
                    problems.append(Problem(number, COLUMNS["asset"], _LACKING))
                if problems:
                    return [], problems
                continue
            columns = {key: cell.strip().translate(_FULL_WIDTH) for key, cell in zip(keys, cells, strict=False) if key}
            secret = _secret(columns, classified, network)
            if secret is not None:
                filed.append(Filed(number, {}, secret))
                continue
            problems += _check(number, columns)
            if any(cell.strip() for place, cell in enumerate(cells) if place >= len(keys) or not keys[place]):
                problems.append(Problem(number, "", _BEYOND))
            who = (columns.get("network", ""), columns.get("asset", ""))
            if seen.setdefault(who, number) != number and who[1]:
                problems.append(Problem(number, COLUMNS["asset"], _again(who[1], seen[who])))
            filed.append(Filed(number, {key: value for key, value in columns.items() if value}))
    except csv.Error as error:
        problems.append(Problem(number + 1, "", Text(f"CSV格式有误（{error}）", f"not well-formed CSV ({error})")))
    if keys is None and not problems:
        problems.append(Problem(1, "", _EMPTY))
    return filed, problems


def _decode(data: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


_ENCODING = Text(
    "既不是UTF-8也不是GB18030编码的CSV；表格文件请另存为CSV",
    "neither UTF-8 nor GB18030 CSV; save a spreadsheet as CSV",
)
_UNKNOWN = Text("不认识的列", "unknown column")
_TWICE = Text("这一列出现了两次", "this column is there twice")
_LACKING = Text("缺少这一列", "this column is missing")
_BEYOND = Text("有内容在表头之外的格子里", "a cell outside the headings is filled")
_EMPTY = Text("文件是空的", "the file is empty")
_BLANK = Text("没有填写", "not filled in")


def _again(asset: str, row: int) -> Text:
    return Text(f"“{asset[:40]}”与第 {row} 行重复", f"{asset[:40]!r} is in row {row} already")


def _secret(columns: Mapping[str, str], classified: Classified, network: str) -> Text | None:
    if read_classified(columns.get("classified", "")):
        return MARKED
    where = columns.get("network", "") or network
    return RANGED if any(classified(where, one) for one in spellings(columns.get("address", ""))) else None


def _check(number: int, columns: dict[str, str]) -> Iterator[Problem]:
    if read_classified(columns.get("classified", "")) is None:
        yield Problem(number, COLUMNS["classified"], UNCLEAR)
    if not columns.get("asset"):
        yield Problem(number, COLUMNS["asset"], _BLANK)
    if columns.get("procured_on"):
        day = read_day(columns["procured_on"])
        if day is None:
            given = columns["procured_on"][:40]
            what = Text(f"“{given}”不是日期，应如 2025-03-01", f"{given!r} is not a day; write 2025-03-01")
            yield Problem(number, COLUMNS["procured_on"], what)
        else:
            columns["procured_on"] = day.isoformat()


def read_day(text: str) -> date | None:
    """Read a day as people write it: 2025-03-01, 2025/3/1, 2025.3.1, 20250301, 2025年3月1日.

    A year of two figures is not guessed at: no machine was bought in the year 25.
    """
    bare = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-").strip("- ")
    parts = [bare[:4], bare[4:6], bare[6:]] if bare.isdigit() and len(bare) == 8 else bare.split("-")
    try:
        day = date(*(int(part) for part in parts)) if len(parts) == 3 else None
    except (ValueError, OverflowError):
        return None
    return day if day is not None and day.year in YEARS else None


def envelope(filed: Filed, *, file: str, taken_at: datetime, network: str, unit: str) -> Envelope:
    """Address a row as an original: the asset it names, the file and row it stood in."""
    columns = filed.columns
    name = columns["asset"]
    return Envelope(
        asset=name if ":" in name else f"host:{name}",
        kind="endpoint",
        platform="",
        unit=columns.get("unit", unit),
        site=columns.get("site", ""),
        network=columns.get("network", network),
        address=columns.get("address", ""),
        source=SOURCE,
        request=f"{file} row {filed.row}",
        taken_at=taken_at,
        taken_by="",
    )


def body(filed: Filed) -> bytes:
    """Write a row as the text that is sealed, one column a line."""
    return "".join(f"{COLUMNS[key]}: {value}\n" for key, value in filed.columns.items()).encode()


def read_row(capture: Capture) -> LedgerRow:
    """Read a sealed row back."""
    columns = {}
    for line in capture.text.splitlines():
        heading, _, value = line.partition(": ")
        if heading in _KEYS:
            columns[_KEYS[heading]] = value
    quote = capture.text[:240].rstrip()
    evidence = Evidence(capture.id, SOURCE, 1, max(1, len(capture.text.splitlines())), quote, capture.envelope.taken_at)
    return LedgerRow(columns, evidence)
