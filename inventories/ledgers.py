"""Ledger rows as originals: what people filed, sealed row by row, and read back into what is judged.

A thing may have several rows: the one of its own ledger, the companion sheet's, and what a person matched to it.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from xunyan.model import Capture, Evidence, LedgerRow

SOURCE = "ledger"
COMPANION = "ledger-companion"
MATCH = "ledger-match"
WITHDRAWN = "withdrawn"
"""The only column of a row that is gone from the list it stood in."""

HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        "asset": "资产标识", "system": "信息系统名称", "range": "地址段", "room": "机房名称", "link": "线路名称",
        "unit": "单位", "site": "地点", "network": "地址域", "address": "地址",
        "deployment": "系统部署路径", "declared_place": "部署归类", "implementer": "项目具体实施单位",
        "functions": "主要功能", "funding": "资金来源", "approver": "审批部门", "build_cost": "建设经费（万元）",
        "operator": "运维（运营）单位", "run_cost": "运维（运营）经费（万元）", "audience": "系统使用范围",
        "data": "产生数据情况", "sharing": "数据共享共用情况", "contact": "联系人及电话",
        "names": "域名", "addresses": "访问地址", "tenant": "云租户", "project": "云项目", "nature": "建设性质",
        "procured_on": "采购日期", "live_on": "上线日期", "out_of_scope": "不在上云范围的理由", "seasonal": "季节性系统",
        "kind": "类别", "level": "级别", "holder": "使用方", "maps_to": "映射到的内网地址",
        "registered": "是否登记", "leaves_on": "计划撤并日期", "cabinets": "机柜数", "servers": "服务器数",
        "carrier": "运营商", "bandwidth": "带宽", "from_end": "起点", "to_end": "终点", "approval": "批准文号",
        "device": "设备", "interface": "接口", "far_device": "对端设备", "far_interface": "对端接口",
        "purpose": "用途", "keeper": "责任人", "classified": "涉密", "remark": "备注", "filed_on": "填报日期",
        "matched_to": "认定为系统", "matched": "认定的名称或地址", "rejected": "认定不是", "decided_by": "认定人",
        "reason": "理由", WITHDRAWN: "已撤回",
    }
)  # fmt: skip
"""Column key -> the words before its value in a sealed row."""

LISTS = frozenset({"names", "addresses"})
"""Columns whose values are separated by blanks, and that several rows of one thing add to."""

_KEYS = {heading: key for key, heading in HEADINGS.items()}
_OF_A_MATCH = LISTS | {"matched_to", WITHDRAWN}
"""What is judged of a match; who decided it and what was rejected is for people."""


def is_filed(source: str) -> bool:
    """Tell whether a source is a row of a ledger: something that people filed, which does not grow old."""
    return source == SOURCE or source.startswith(f"{SOURCE}-")


def body(columns: Mapping[str, str]) -> bytes:
    """Write a row as the text that is sealed, one column a line, in the order given."""
    return "".join(f"{HEADINGS[key]}: {value}\n" for key, value in columns.items()).encode()


def read_row(capture: Capture) -> LedgerRow:
    """Read a sealed row back: its columns, each with the line that says it."""
    columns: dict[str, str] = {}
    by_column: dict[str, Evidence] = {}
    lines = capture.text.split("\n")
    for number, line in enumerate(lines, 1):
        heading, _, value = line.partition(": ")
        key = _KEYS.get(heading)
        if key is not None:
            columns[key] = value
            by_column[key] = _evidence(capture, number, number, line)
    whole = _evidence(capture, 1, max(1, len(lines) - 1), capture.text)
    return LedgerRow(columns, whole, by_column)


def merge(captures: Iterable[Capture]) -> LedgerRow | None:
    """Join all rows of one thing into one; None where nothing is filed.

    Where two rows say the same column the ledger's own counts, then the companion's; `LISTS` are added up. A withdrawn
    row says nothing any more: the whole is `withdrawn` where the ledger's own row is, or no other row is left.
    """
    rows = {one.source: read_row(one) for one in sorted(captures, key=lambda one: one.source)}
    if MATCH in rows:
        rows[MATCH] = _judged(rows[MATCH])
    rows = {source: row for source, row in rows.items() if row.columns}
    live = [row for row in rows.values() if WITHDRAWN not in row.columns]
    gone = [row for source, row in rows.items() if WITHDRAWN in row.columns and source != MATCH]
    if SOURCE not in rows or WITHDRAWN not in rows[SOURCE].columns:
        gone = [] if live else gone
    counted = live + gone
    if not counted:
        return None
    columns: dict[str, str] = {}
    by_column: dict[str, Evidence] = {}
    also: dict[str, tuple[Evidence, ...]] = {}
    for row in counted:
        for key, value in row.columns.items():
            if key not in columns:
                columns[key], by_column[key] = value, row.by_column[key]
            elif key in LISTS:
                columns[key] = " ".join(dict.fromkeys([*columns[key].split(), *value.split()]))
                also[key] = (*also.get(key, ()), row.by_column[key])
    return LedgerRow(columns, counted[0].evidence, by_column, also)


def _judged(row: LedgerRow) -> LedgerRow:
    columns = {key: value for key, value in row.columns.items() if key in _OF_A_MATCH}
    return LedgerRow(columns, row.evidence, row.by_column)


def _evidence(capture: Capture, first: int, last: int, text: str) -> Evidence:
    return Evidence(capture.id, capture.source, first, last, text[:240].rstrip(), capture.envelope.taken_at)
