"""Workbooks as departments return them, made for tests: by openpyxl, and by hand in the shapes that other programs write."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook

from inventories.classified import Classified, nowhere
from inventories.ledger_reading import Defaults, Returned, read_file

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

PRINTED = (
    "序号", "项目具体实施单位", "信息系统名称", "主要功能(300字以内)", "资金来源 (国家、兵团 拨款、师市 本级、自筹)", "审批部门",
    "建设\n经费\n(万元)", "运维\n(运营)\n单位", "运维(运\n营)经费\n(万元)", "系统部署路\n径 (国家、\n兵团、师\n市政\n务云、\n、自建机房\n、租用机房)",
    "系统使用\n范围 (本部\n门、本系统\n、跨部门、\n社会公众、\n其他)", "产生\n数据\n情况", "数据共享\n共用情况", "联系人\n及电话", "备注",
)  # fmt: skip
"""The headings of 附件5 as they stand in the printed document, broken over lines."""
EXAMPLE = (
    "示例", "xx局 /xx中 心", "xx 一体化 智慧XX 综合管 理平台", "根据 实际 填写", "师市本级 财政资金", "xx 发展改 革委", 1200, "根据 实际 填写",
    100, "师市政务云", "师市各级 各部门、社 会公众", "该系 统产 生的 全量 数 据 名 称", "与兵团、师 市统一数 据管理平台对 接", "",
)  # fmt: skip
REMARK = (
    "备注： 1.该清单由师市政务服务和大数据局根据工作要求制定，提供给项目申报部门（单位），并将根据工作情况，动态更新。"
)


def row(number: object, name: object, place: object = "师市政务云", **cells: object) -> list[object]:
    """One row of 附件5."""
    keys = ("functions", "", "", "cost", "", "", "place", "audience", "", "sharing", "contact", "remark")
    said = {**cells, "place": place}
    return [number, cells.get("implementer", "信息中心"), name, *(said.get(key, "") for key in keys)]


def appendix(
    rows: Iterable[Sequence[object]], unit: str = "教育局", day: object = "2026年3月1日"
) -> list[list[object]]:
    """附件5 with its title, head lines, headings, example, rows and remark, as a list of rows."""
    return [
        ["申报部门（单位）现有政务信息系统清单"],
        [f"填报部门（单位）：{unit}"],
        ["联系人及电话：张三 13800000000"],
        ["填报日期：", day],
        list(PRINTED),
        list(EXAMPLE),
        *map(list, rows),
        [REMARK],
    ]


def workbook(path: Path, sheets: Mapping[str, Iterable[Any]], merges: Mapping[str, Sequence[str]] = {}) -> Path:
    """Write sheets by openpyxl; `merges`: sheet -> ranges. A text that begins with = is a formula."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(list(cells))
        for one in merges.get(name, ()):
            sheet.merge_cells(one)
    book.save(path)
    return path


def foreign(
    path: Path,
    sheets: Mapping[str, str],
    *,
    strings: Sequence[str] = (),
    formats: str = "",
    states: Mapping[str, str] = {},
    properties: str = "",
    extra: Mapping[str, bytes] = {},
    main: str = MAIN,
) -> Path:
    """Write a workbook by hand: sheet -> what stands inside `<worksheet>`. `extra`: further parts of the archive."""
    names = list(sheets)
    rels = "".join(
        f'<Relationship Id="rId{i}" Type="{LINKS}/worksheet" Target="/xl/worksheets/s{i}.xml"/>'
        for i in range(len(names))
    )
    rels += f'<Relationship Id="rIdS" Type="{LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
    rels += f'<Relationship Id="rIdF" Type="{LINKS}/styles" Target="styles.xml"/>'
    listed = "".join(
        f'<x:sheet name={quoteattr(name)} sheetId="{i + 1}" r:id="rId{i}" state="{states.get(name, "visible")}"/>'
        for i, name in enumerate(names)
    )
    root = f'<Relationship Id="a" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{root}</Relationships>',
        "xl/workbook.xml": f'<x:workbook xmlns:x="{main}" xmlns:r="{LINKS}">{properties}<x:sheets>{listed}</x:sheets></x:workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{rels}</Relationships>',
        "xl/styles.xml": f'<x:styleSheet xmlns:x="{main}">{formats}</x:styleSheet>',
        "xl/sharedStrings.xml": f'<x:sst xmlns:x="{main}">{"".join(strings)}</x:sst>',
        "docProps/custom.xml": '<Properties><property name="KSOProductBuildVer"><lpwstr>2052-12.1.0.1</lpwstr></property></Properties>',
    }
    parts |= {
        f"xl/worksheets/s{i}.xml": f'<x:worksheet xmlns:x="{main}">{sheets[name]}</x:worksheet>'
        for i, name in enumerate(names)
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + text)
        for name, data in extra.items():
            archive.writestr(name, data)
    return path


def inline(*rows: Sequence[object], merged: str = "") -> str:
    """Rows as WPS exports write them: no references, texts in the cells, figures as they are."""

    def cell(value: object) -> str:
        if isinstance(value, int | float):
            return f"<x:c><x:v>{value}</x:v></x:c>"
        return (
            f'<x:c t="inlineStr"><x:is><x:t xml:space="preserve">{escape(str(value))}</x:t></x:is></x:c>'
            if value
            else "<x:c/>"
        )

    made = "".join(f"<x:row>{''.join(map(cell, cells))}</x:row>" for cells in rows)
    return f"<x:sheetData>{made}</x:sheetData>{merged}"


def edited(path: Path, part: str, old: str, new: str) -> Path:
    """Change the XML of one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part].decode()
    assert old in text
    parts[part] = text.replace(old, new).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def read(path: Path, *, unit: str = "", network: str = "外网", classified: Classified = nowhere) -> Returned:
    """Read one returned file."""
    returned = Returned()
    with path.open("rb") as file:
        read_file(path, file, Defaults(network, unit, classified), returned)
    return returned


def read_text(text: str, encoding: str = "utf-8", **options: Any) -> Returned:
    """Read a returned CSV from its text."""
    returned = Returned()
    defaults = Defaults(options.get("network", "外网"), options.get("unit", ""), options.get("classified", nowhere))
    read_file(Path("台账.csv"), io.BytesIO(text.encode(encoding)), defaults, returned)
    return returned


def told(returned: Returned) -> list[tuple[str, str, str]]:
    """Every problem as (place, heading, what), in Chinese."""
    return [(one.place.zh, one.heading, one.what.zh) for one in returned.problems]
