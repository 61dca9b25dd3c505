"""Writes what a scenario's units filed, in the forms that people return: 附件5, its companion sheet, links, ranges of addresses."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from lab.scenario.model import Scenario, System

APPENDIX_5 = (
    "序号", "项目具体实施单位", "信息系统名称", "主要功能", "资金来源", "审批部门", "建设经费", "运维（运营）单位",
    "运维（运营）经费", "系统部署路径", "系统使用范围", "产生数据情况", "数据共享共用情况", "联系人及电话", "备注",
)  # fmt: skip
COMPANION = (
    "信息系统名称", "填报单位", "地址域", "域名", "访问地址", "云租户", "项目名称", "建设性质", "采购日期", "上线日期",
    "不上云的理由", "季节性系统", "备注",
)  # fmt: skip
RANGES = ("地址域", "地址段", "类别", "级别", "使用方", "映射到的内网地址", "单位", "备注")
LINES = (
    "线路名称", "单位", "类别", "运营商", "带宽（Mbps）", "起点", "终点", "批准文号", "设备", "接口", "对端设备", "对端接口",
    "备注",
)  # fmt: skip

LINE_KINDS: Mapping[str, str] = {
    "core": "政务外网骨干", "extranet": "政务外网接入", "internet": "互联网出口", "unified-egress": "统一互联网出口",
    "private-line": "专线",
}  # fmt: skip
KINDS: Mapping[str, str] = {
    "government-cloud": "政务云", "machine-room": "机房", "rented-room": "租用机房", "extranet": "外网",
    "internet": "互联网", "shared-platform": "共享平台",
}  # fmt: skip
LEVELS: Mapping[str, str] = {"": "", "national": "国家", "corps": "兵团", "city": "师市"}
NATURES: Mapping[str, str] = {"": "", "new": "新建", "upgraded": "升级改造", "existing": "已建"}


def write_ledgers(scenario: Scenario, folder: Path) -> list[Path]:
    """Write the ledgers that a scenario has into files of the folder; return them in the order in which to import them."""
    filed = [one for one in scenario.systems if one.filed]
    companions = [one for one in filed if one.companion]
    made: list[Path] = []
    for unit in dict.fromkeys(one.unit for one in filed):
        path = folder / f"附件5-{len(made) + 1:02d}.xlsx"
        _write_appendix(path, unit, [one for one in filed if one.unit == unit])
        made.append(path)
    if companions:
        home = scenario.scanner.network
        made.append(_write_csv(folder / "配套表.csv", COMPANION, (_companion(one, home) for one in companions)))
    if scenario.lines:
        lines = (
            (
                one.name, one.unit, LINE_KINDS[one.kind], one.carrier, one.bandwidth, one.from_end, one.to_end, one.approval,
                one.device, one.interface, one.far_device, one.far_interface, one.remark,
            )
            for one in scenario.lines
        )  # fmt: skip
        made.append(_write_csv(folder / "线路.csv", LINES, lines))
    if scenario.ranges:
        rows = (
            (one.network, one.range, KINDS[one.kind], LEVELS[one.level], one.holder, one.maps_to, one.unit, one.remark)
            for one in scenario.ranges
        )
        made.append(_write_csv(folder / "地址段.csv", RANGES, rows))
    return made


def _write_appendix(path: Path, unit: str, systems: Sequence[System]) -> None:
    """One unit's 附件5 as a department returns it: a title over all columns, the line with the unit, then the table."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "附件5"
    sheet.append(["现有政务信息系统清单"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(APPENDIX_5))
    sheet.append([f"填报部门（单位）：{unit}"])
    sheet.append(list(APPENDIX_5))
    for number, one in enumerate(systems, 1):
        row = dict.fromkeys(APPENDIX_5, "")
        row |= {
            "序号": str(number), "项目具体实施单位": unit, "信息系统名称": one.name, "系统部署路径": one.declared,
            "数据共享共用情况": one.sharing,
        }  # fmt: skip
        sheet.append(list(row.values()))
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s"  # a name that begins with = is a name
    book.save(path)


def _companion(one: System, home: str) -> tuple[str, ...]:
    return (
        one.name, one.unit, one.network or home, " ".join(one.domains), " ".join(one.addresses), one.tenant, one.project,
        NATURES[one.nature], one.procured_on, one.live_on, one.out_of_scope, "是" if one.seasonal else "", "",
    )  # fmt: skip


def _write_csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(headings)
    table.writerows(rows)
    path.write_text(out.getvalue(), encoding="gb18030")
    return path
