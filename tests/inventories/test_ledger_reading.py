"""Returned ledgers: known by their headings however they come back, with every problem named by its place."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventories.ledger_tables import ENDPOINTS, TABLES, blank_csv
from tests.inventories.ledger_making import (
    PRINTED,
    appendix,
    edited,
    foreign,
    inline,
    read,
    read_text,
    row,
    told,
    workbook,
)
from xunyan.errors import InputError

HEAD = "资产标识,单位,采购日期\n"


def test_the_printed_form_is_read_with_its_titles_example_and_remark(tmp_path: Path) -> None:
    rows = appendix(
        [row(1, "智慧教育平台", functions="教务\n管理", cost=1200), row(2, "协同办公", "自建机房、兵团政务云")]
    )
    found = read(workbook(tmp_path / "附件5.xlsx", {"Sheet1": rows}, {"Sheet1": ["A1:O1", "A2:O2", "A9:O9"]}))
    assert told(found) == []
    assert [(one.table.id, one.row, one.unit, one.place.zh) for one in found.rows] == [
        ("systems", 7, "教育局", "Sheet1 第 7 行"), ("systems", 8, "教育局", "Sheet1 第 8 行"),
    ]  # fmt: skip
    assert dict(found.rows[0].columns) == {
        "system": "智慧教育平台", "unit": "教育局", "implementer": "信息中心", "functions": "教务管理", "build_cost": "1200",
        "deployment": "师市政务云", "declared_place": "city-cloud", "filed_on": "2026-03-01",
    }  # fmt: skip
    assert found.rows[1].columns["declared_place"] == "corps-cloud own-room"
    assert (found.examples, found.totals, found.seen) == (1, 0, {"systems": {"教育局"}})


@pytest.mark.parametrize(
    "lines",
    [
        [["填报部门（单位）：教育局"]],
        [["填报部门（单位）：", "", "教育局"]],
        [["填报单位: __教育局__"]],
        [["填报部门（单位）：教育局    联系人及电话：张三 138    填报日期：2026.3.1"]],
        [["", "填报部门(单位)：", "教育局", "联系人及电话：", "张三"]],
        [["某市"], ["二〇二六年"], ["申报部门：教育局"]],
    ],
)  # fmt: skip
def test_the_head_lines_however_they_are_laid_out(lines: list[list[object]], tmp_path: Path) -> None:
    rows = [["申报部门（单位）现有政务信息系统清单"], *lines, list(PRINTED), row(1, "门户")]
    found = read(workbook(tmp_path / "a.xlsx", {"一": rows}))
    assert (told(found), [one.unit for one in found.rows]) == ([], ["教育局"])


def test_whose_list_it_is_must_be_said_once(tmp_path: Path) -> None:
    rows = [["填报部门（单位）："], list(PRINTED), row(1, "门户"), row(2, "办公")]
    path = workbook(tmp_path / "a.xlsx", {"一": rows})
    assert [(place, heading) for place, heading, _ in told(read(path))] == [("一!A1", "填报部门（单位）")]
    assert [one.unit for one in read(path, unit="卫健委").rows] == ["卫健委", "卫健委"]
    column = [[*PRINTED, "填报单位"], [*row(1, "门户"), "教育局"], [*row(2, "办公"), "民政局"]]
    assert [one.unit for one in read(workbook(tmp_path / "b.xlsx", {"一": column})).rows] == ["教育局", "民政局"]


def test_headings_merged_over_rows_and_groups(tmp_path: Path) -> None:
    upper = [*PRINTED[:6], "经费与运维", "", "", *PRINTED[9:]]
    lower = ["", "", "", "", "", "", *PRINTED[6:9], "", "", "", "", "", ""]
    rows = [["填报部门（单位）：教育局"], upper, lower, row(1, "门户", cost=5)]
    merges = ["G2:I2", *(f"{letter}2:{letter}3" for letter in "ABCDEFJKLMNO")]
    for path in (
        workbook(tmp_path / "a.xlsx", {"一": rows}, {"一": merges}),
        workbook(tmp_path / "b.xlsx", {"一": rows}),
    ):
        found = read(path)
        assert told(found) == []
        assert (found.rows[0].row, found.rows[0].columns["build_cost"]) == (4, "5")


def test_merged_cells_speak_for_all_rows_that_they_cover(tmp_path: Path) -> None:
    rows = [["填报部门（单位）：教育局"], list(PRINTED), row(1, "甲", implementer="信息中心"), row(2, "乙", implementer=""),
            row(3, "丙", "师市政务云"), row("", "", "自建机房", implementer="")]  # fmt: skip
    found = read(workbook(tmp_path / "a.xlsx", {"一": rows}, {"一": ["B3:B4", "C5:C6"]}))
    assert told(found) == []
    assert [(one.name, one.columns.get("implementer"), one.columns["declared_place"]) for one in found.rows] == [
        ("甲", "信息中心", "city-cloud"), ("乙", "信息中心", "city-cloud"), ("丙", "信息中心", "city-cloud own-room"),
    ]  # fmt: skip


def test_a_merged_system_that_says_two_things_is_a_problem(tmp_path: Path) -> None:
    rows = [["填报部门（单位）：教育局"], list(PRINTED), row(1, "甲", contact="张三"), row("", "", contact="李四")]
    found = read(workbook(tmp_path / "a.xlsx", {"一": rows}, {"一": ["C3:C4"]}))
    assert [(place, heading) for place, heading, _ in told(found)] == [("一!N4", "联系人及电话")]


def test_rows_that_are_none_are_passed_over(tmp_path: Path) -> None:
    rows = [
        *appendix([row(1, "甲"), [2], ["合计", "", "", "", "", "", 1200], list(PRINTED), ["填报部门（单位）：教育局", "", "填报日期：2026-3-1"],
                   row(3, "乙"), ["", "备注：", "以下空白"]]),
        ["2.师市各部门（单位）对照清单"], ["填报人：张三", "", "", "审核人：李四"], ["以下空白"],
    ]  # fmt: skip
    found = read(workbook(tmp_path / "a.xlsx", {"一": rows}))
    assert told(found) == []
    assert [one.name for one in found.rows] == ["甲", "乙"]
    assert [note.zh for note in found.told()] == ["略过示例 1 行、合计 1 行"]


def test_an_example_that_was_written_over_is_not_lost(tmp_path: Path) -> None:
    rows = appendix([row("示例", "智慧教育平台")])
    found = read(workbook(tmp_path / "a.xlsx", {"一": rows}))
    assert [(place, heading) for place, heading, _ in told(found)] == [("一!C7", "信息系统名称")]


def test_sheets_are_known_by_headings_and_others_are_said(tmp_path: Path) -> None:
    sheets = {
        "说明": [["填写说明"], ["信息系统名称", "系统部署路径"]],
        "随手记": [["电话"], ["138"]],
        "一": [["地址段", "类别", "级别", "地址域"], ["10.1.0.0/16", "政务云", "师市", "外网"]],
        "二": [["信息系统名称", "域名"], ["门户", "a.example"]],
        "三": [["机房名称", "类别"], ["教育局机房", "自建"]],
        "四": [["线路名称", "类别"], ["出口一", "互联网出口"]],
        "五": [["批准文号", "检查项", "资产"], ["1", "domestic/cpu", "host:a"]],
        "空": [],
    }
    found = read(workbook(tmp_path / "a.xlsx", sheets))
    assert [one.table.id for one in found.rows] == ["ranges", "companion", "rooms", "links", "exemptions"]
    assert [note.zh for note in found.told()] == ["不是台账的工作表没有读：随手记"]
    assert {heading for _, heading, _ in told(found)} == {"批准机关", "批准机关类别", "有效期至", "理由"}


def test_a_link_says_which_interface_it_ends_at_and_the_core_and_the_unified_egress_are_kinds(tmp_path: Path) -> None:
    heads = ["线路名称", "类别", "设备", "端口", "对端设备", "对端接口", "带宽"]
    rows = [
        heads, ["骨干一", "政务外网骨干", "r1", "GE 0/0/1", "c1", "GE1/0/9", "1000"], ["出口", "统一出口", "", "", "", "", ""],
        ["接入", "外网接入", "r2", "gei-0/1/0/1", "", "", "百兆"],
    ]  # fmt: skip
    found = read(workbook(tmp_path / "a.xlsx", {"线路": rows}))
    assert told(found) == []
    assert [dict(one.columns) for one in found.rows] == [
        {
            "link": "骨干一", "kind": "core", "device": "r1", "interface": "GE 0/0/1", "far_device": "c1",
            "far_interface": "GE1/0/9", "bandwidth": "1000",
        },
        {"link": "出口", "kind": "unified-egress"},
        {"link": "接入", "kind": "extranet", "device": "r2", "interface": "gei-0/1/0/1", "bandwidth": "百兆"},
    ]  # fmt: skip


def test_seven_problems_are_named_by_their_cells(tmp_path: Path) -> None:
    rows = [
        ["申报部门（单位）现有政务信息系统清单"],
        ["填报部门（单位）：", "教育局"],
        ["填报日期：", "2026年13月1日"],
        [*PRINTED, "颜色"],
        row(1, "智慧\n教育平台"),
        row(2, "协同办公", "政务云"),
        row(3, ""),
        row(4, "招生系统", functions="=SUM(A1:A2)"),
        row(5, "资产系统", contact="张三\u202e"),
        row(6, "协同办公"),
    ]
    found = read(workbook(tmp_path / "a.xlsx", {"现有系统": rows}, {"现有系统": ["A1:O1"]}))
    assert [(place, heading) for place, heading, _ in told(found)] == [
        ("现有系统!P4", "颜色"), ("现有系统!B3", "填报日期"), ("现有系统!C5", "信息系统名称"),
        ("现有系统!J6", "系统部署路径（国家、兵团、师市政务云、自建机房、租用机房）"), ("现有系统!C7", "信息系统名称"),
        ("现有系统!D8", "主要功能（300字以内）"), ("现有系统!N9", "联系人及电话"),
    ]  # fmt: skip


def test_the_way_that_wps_writes_is_the_same_list(tmp_path: Path) -> None:
    rows = appendix([row(1, "门户", cost=1200), row(2, "办公", "租用机房")], day=46082)
    plain = read(workbook(tmp_path / "a.xlsx", {"一": rows}))
    other = read(foreign(tmp_path / "b.xlsx", {"一": inline(*rows)}))
    assert told(plain) == told(other) == []
    assert [dict(one.columns) for one in plain.rows] == [dict(one.columns) for one in other.rows]
    assert other.rows[0].columns["filed_on"] == "2026-03-01"


def test_an_escaped_line_break_in_a_name_is_a_line_break(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"一": appendix([row(1, "门户QQ系统")])})
    found = read(edited(path, "xl/worksheets/sheet1.xml", "QQ", "_x000A_"))
    assert [(place, what) for place, _, what in told(found)] == [("一!C7", "名称里有换行，请写成一行")]


def test_what_is_classified_is_told_apart_and_nothing_of_it_is_kept() -> None:
    text = (
        "资产标识,地址域,地址,涉密,采购日期\na,,10.1.1.1,否,\nb,,10.1.1.2,机密,soon\nc,内网,10.9.0.7/24,,\nd,,,也许,\n"
    )
    found = read_text(text, classified=lambda network, address: (network, address) == ("内网", "10.9.0.7"))
    assert [place.zh for place, _ in found.classified] == ["第 3 行", "第 4 行"]
    assert [one.name for one in found.rows] == ["a", "d"]
    assert told(found) == [("第 5 行", "涉密", "看不出是否涉密：填“是”或“否”（留空为否）")]


@pytest.mark.parametrize(
    "cells",
    [
        {"name": "某系统（涉密）"},
        {"name": "某系统", "remark": "机密"},
        {"name": "某系统", "sharing": "接口在 10.9.0.7:80"},
    ],
)
def test_classified_words_and_addresses_count_in_any_cell(cells: dict[str, str], tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"一": appendix([row(1, **cells), row(2, "办公", sharing="非涉密")])})
    found = read(path, classified=lambda network, address: (network, address) == ("外网", "10.9.0.7"))
    assert [place.zh for place, _ in found.classified] == ["一 第 7 行"]
    assert [one.name for one in found.rows] == ["办公"]


def test_the_blank_forms_are_read_back_as_empty() -> None:
    for table in TABLES.values():
        found = read_text(blank_csv(table))
        assert (found.rows, told(found), list(found.seen)) == ([], [], [table.id])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encodings_of_office_programs(encoding: str) -> None:
    found = read_text(HEAD + "web01,㐂教育局,2025/3/1\n", encoding)
    assert told(found) == []
    assert [(one.row, dict(one.columns)) for one in found.rows] == [
        (2, {"asset": "web01", "unit": "㐂教育局", "procured_on": "2025-03-01"})
    ]


def test_full_width_figures_blank_rows_and_keys_as_headings() -> None:
    found = read_text("asset,procured_on\n\n , \nweb01,２０２５－０３－０１\n")
    assert told(found) == []
    assert [(one.row, one.columns["procured_on"]) for one in found.rows] == [(4, "2025-03-01")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ("第 1 行", "", "文件是空的")),
        ("\n\n", ("第 1 行", "", "文件是空的")),
        ("单位\nx\n", ("第 1 行", "资产标识", "缺少这一列")),
        ("信息系统名称,联系人\nx,y\n", ("第 1 行", "系统部署路径（国家、兵团、师市政务云、自建机房、租用机房）", "缺少这一列")),
        ("资产标识,颜色\na,b\n", ("第 1 行", "颜色", "不认识的列")),
        ("资产标识,单位,单位\na,b,c\n", ("第 1 行", "单位", "这一列出现了两次")),
        ("资产标识,asset\na,b\n", ("第 1 行", "asset", "这一列出现了两次")),
        (HEAD + ",x,\n", ("第 2 行", "资产标识", "没有填写")),
        (HEAD + "a,x,soon\n", ("第 2 行", "采购日期", "“soon”不是日期，应如 2025-03-01")),
        (HEAD + "a,x,,stray\n", ("第 2 行", "", "有内容在表头之外的格子里")),
        ("随便,什么\na,b\n", ("第 1 行", "", "找不到哪种台账的表头")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_row_and_column(text: str, problem: tuple[str, str, str]) -> None:
    found = told(read_text(text))
    assert [(place, heading, what[: len(problem[2])]) for place, heading, what in found] == [problem]


def test_all_problems_are_listed_at_once() -> None:
    assert len(told(read_text(HEAD + ",x,soon\na,x,later\n"))) == 3


def test_empty_cells_beyond_the_headings_and_empty_headings_are_nothing() -> None:
    assert told(read_text("资产标识,单位,,\na,b,,\n")) == []


TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=20)


@given(st.lists(st.lists(TEXT, max_size=6), max_size=6))
def test_any_table_gives_rows_or_problems(rows: list[list[str]]) -> None:
    text = "\n".join(
        [",".join(column.heading for column in ENDPOINTS.columns[:6]), *(",".join(cells) for cells in rows)]
    )
    with suppress(InputError):
        found = read_text(text)
        assert all(one.name for one in found.rows) or found.problems
