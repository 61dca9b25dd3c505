"""The endpoint ledger: what people file about machines that no machine can tell, such as when it was bought.

Rows become captures like any other original, so that a finding can quote them.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from xunyan.model import Capture, Envelope, Evidence, LedgerRow

SOURCE = "ledger"
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
}
"""Key -> heading of the form. Both are understood in a returned file."""

_KEYS = {heading: key for key, heading in COLUMNS.items()} | {key: key for key in COLUMNS}
_FULL_WIDTH = str.maketrans("０１２３４５６７８９－／．：", "0123456789-/.:")


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be taken in a returned form: row (from 1, the heading is row 1), column heading, and what is wrong."""

    row: int
    column: str
    what: str


@dataclass(frozen=True, slots=True)
class Filed:
    """One row: who it speaks of, and what it says by column key."""

    row: int
    columns: Mapping[str, str]


def template() -> str:
    """Write the blank form: CSV with a byte order mark, as office programs expect it."""
    return "﻿" + ",".join(COLUMNS.values()) + "\r\n"


def read_csv(data: bytes) -> tuple[list[Filed], list[Problem]]:
    """Read a returned form (UTF-8 or GB18030): its rows, and everything that cannot be taken."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            return [], [Problem(1, "", "既不是UTF-8也不是GB18030编码")]
    filed: list[Filed] = []
    problems: list[Problem] = []
    keys: list[str] | None = None
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            if not any(cell.strip() for cell in cells):
                continue
            if keys is None:
                keys = [_KEYS.get(cell.strip(), "") for cell in cells]
                problems += [
                    Problem(number, cell, "不认识的列") for cell, key in zip(cells, keys, strict=True) if not key
                ]
                if "asset" not in keys:
                    problems.append(Problem(number, COLUMNS["asset"], "缺少这一列"))
                if problems:
                    return [], problems
                continue
            columns = {key: cell.strip().translate(_FULL_WIDTH) for key, cell in zip(keys, cells, strict=False)}
            problems += _check(number, columns)
            filed.append(Filed(number, {key: value for key, value in columns.items() if value}))
    except csv.Error as error:
        problems.append(Problem(len(filed) + 2, "", f"CSV格式有误（{error}）"))
    if keys is None:
        problems.append(Problem(1, "", "文件是空的"))
    return filed, problems


def _check(number: int, columns: dict[str, str]) -> Iterator[Problem]:
    if not columns.get("asset"):
        yield Problem(number, COLUMNS["asset"], "没有填写")
    if columns.get("procured_on"):
        day = read_day(columns["procured_on"])
        if day is None:
            yield Problem(number, COLUMNS["procured_on"], f"“{columns['procured_on'][:40]}”不是日期，应如 2025-03-01")
        else:
            columns["procured_on"] = day.isoformat()


def read_day(text: str) -> date | None:
    """Read a day as people write it: 2025-03-01, 2025/3/1, 2025.3.1, 20250301, 2025年3月1日."""
    bare = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-").strip("- ")
    parts = [bare[:4], bare[4:6], bare[6:]] if bare.isdigit() and len(bare) == 8 else bare.split("-")
    try:
        return date(*(int(part) for part in parts)) if len(parts) == 3 else None
    except ValueError:
        return None


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
