"""The ledgers of a scenario's systems are written as people return them: one 附件5 a unit, one companion sheet, the ranges."""

import csv
from pathlib import Path

import msgspec
from openpyxl import load_workbook

from inventories.ledger_tables import TABLES
from lab.ledgers import APPENDIX_5, COMPANION, LINE_KINDS, LINES, RANGES, write_ledgers
from lab.scenario.model import FiledLine, Network, Range, Scanner, Scenario, System

EVIL = '=HYPERLINK("http://evil.example","点我")'


def scenario(systems: list[System], ranges: list[Range]) -> Scenario:
    return Scenario(
        schema="xunyan.scenario/1",
        name="t",
        title="t",
        units=["教育局", "卫健委"],
        networks=[Network(name="外网", kind="extranet", v4="10.0.0.0/16")],
        scanner=Scanner(network="外网", addresses=["10.0.0.9"]),
        authorisations=[],
        systems=systems,
        ranges=ranges,
    )


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="gb18030", newline="") as file:
        return list(csv.reader(file))


def test_each_unit_files_its_own_systems(tmp_path: Path) -> None:
    systems = [
        System(name="门户", unit="教育局", domains=["a.example", "b.example"], addresses=["10.0.0.1:8080"], declared="师市政务云",
               sharing="未共享", tenant="租户", project="项目", nature="upgraded", procured_on="2024-03-01", live_on="2024-06-01"),
        System(name=EVIL, unit="卫健委", network="互联网", declared="自建机房", seasonal=True, out_of_scope="第二条"),
        System(name="老台账", unit="教育局", companion=False),
        System(name="没填报", unit="教育局", domains=["c.example"], filed=False),
    ]  # fmt: skip
    made = write_ledgers(scenario(systems, []), tmp_path)
    assert [path.name for path in made] == ["附件5-01.xlsx", "附件5-02.xlsx", "配套表.csv"]
    sheet = load_workbook(made[0]).worksheets[0]
    told = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert told[0][0] == "现有政务信息系统清单"
    assert [str(one) for one in sheet.merged_cells.ranges] == ["A1:O1"]
    assert told[1][0] == "填报部门（单位）：教育局"
    assert tuple(told[2]) == APPENDIX_5
    named = [dict(zip(APPENDIX_5, row, strict=True)) for row in told[3:]]
    assert [(one["序号"], one["信息系统名称"], one["系统部署路径"], one["数据共享共用情况"]) for one in named] == [
        ("1", "门户", "师市政务云", "未共享"),
        ("2", "老台账", None, None),
    ]
    cell = load_workbook(made[1]).worksheets[0]["C4"]
    assert (cell.value, cell.data_type) == (EVIL, "s")  # text and no formula
    head, *body = rows(made[2])
    assert tuple(head) == COMPANION
    first, second = (dict(zip(COMPANION, row, strict=True)) for row in body)
    assert first == {
        "信息系统名称": "门户", "填报单位": "教育局", "地址域": "外网", "域名": "a.example b.example", "访问地址": "10.0.0.1:8080",
        "云租户": "租户", "项目名称": "项目", "建设性质": "升级改造", "采购日期": "2024-03-01", "上线日期": "2024-06-01",
        "不上云的理由": "", "季节性系统": "", "备注": "",
    }  # fmt: skip
    assert (second["信息系统名称"], second["地址域"], second["季节性系统"], second["不上云的理由"]) == (
        EVIL, "互联网", "是", "第二条",
    )  # fmt: skip


def test_ranges_are_written_in_the_words_of_the_form(tmp_path: Path) -> None:
    ranges = [
        Range(network="外网", range="10.0.1.0/24", kind="government-cloud", level="corps", holder="租户"),
        Range(network="外网", range="10.0.2.1", kind="internet", maps_to="10.0.1.1", unit="教育局", remark="公布"),
    ]
    (made,) = write_ledgers(scenario([], ranges), tmp_path)
    assert rows(made) == [
        list(RANGES),
        ["外网", "10.0.1.0/24", "政务云", "兵团", "租户", "", "", ""],
        ["外网", "10.0.2.1", "互联网", "", "", "10.0.1.1", "教育局", "公布"],
    ]


def test_links_are_written_in_the_words_of_the_form(tmp_path: Path) -> None:
    filed = [
        FiledLine(name="市到旗一号", kind="core", unit="教育局", bandwidth="1000", device="core-sw", interface="GE1"),
        FiledLine(
            name="业务专线",
            kind="private-line",
            carrier="电信",
            from_end="甲",
            to_end="乙",
            approval="1号",
            remark="到期",
        ),
    ]
    (made,) = write_ledgers(msgspec.structs.replace(scenario([], []), lines=filed), tmp_path)
    assert rows(made) == [
        list(LINES),
        ["市到旗一号", "教育局", "政务外网骨干", "", "1000", "", "", "", "core-sw", "GE1", "", "", ""],
        ["业务专线", "", "专线", "电信", "", "甲", "乙", "1号", "", "", "", "", "到期"],
    ]
    table = TABLES["links"]
    assert [one for one in LINES if one not in {column.heading for column in table.columns}] == []
    words = table.column("kind").words
    assert words is not None
    assert {kind: words.read(word) for kind, word in LINE_KINDS.items()} == {kind: kind for kind in LINE_KINDS}


def test_nothing_is_written_where_nothing_is_filed(tmp_path: Path) -> None:
    assert (
        write_ledgers(scenario([System(name="x", unit="教育局", domains=["x.example"], filed=False)], []), tmp_path)
        == []
    )
    assert list(tmp_path.iterdir()) == []
