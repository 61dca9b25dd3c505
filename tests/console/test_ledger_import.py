"""`xunyan ledger`: forms go out, come back messy, are mended and taken in whole; what a new list changes is shown."""

import json
from pathlib import Path
from typing import Any

import pytest

from inventories import ledgers
from tests.inventories.ledger_making import PRINTED, appendix, row, workbook
from tests.making import call, kept, write_jsonl, xunyan

COMPANION = [
    "序号",
    "信息系统名称",
    "域名",
    "访问地址",
    "地址域",
    "建设性质",
    "采购日期",
    "上线日期",
    "不在上云范围的理由",
    "季节性系统",
]
RANGES = ["地址域", "地址段", "类别", "级别", "使用方", "映射到的内网地址"]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    assert call("init", folder).returncode == 0
    return folder


def take(folder: Path, *arguments: object) -> str:
    done = call("-C", folder, "ledger", "import", *map(str, arguments), "--no-judge")
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def refuse(folder: Path, *arguments: object) -> str:
    before = kept(folder)
    done = call("-C", folder, "ledger", "import", *map(str, arguments), "--no-judge")
    assert done.returncode == 2, done.stdout
    assert kept(folder) == before
    return done.stderr


def filed(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call("-C", folder, "ledger", "list", "-f", "json", *arguments).stdout)
    return found


def bodies(folder: Path) -> dict[tuple[str, str], str]:
    """(source, asset) -> what was sealed of every row, newest last."""
    found: dict[tuple[str, str], str] = {}
    for path in sorted((folder / "captures").rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            one = json.loads(line)
            found[one["source"], one["asset"]] = one["output"]
    return found


MESSY = [
    row(1, "智慧\n教育平台", functions="教务\n管理", cost="１２００"),
    row(2, "协同办公系统", "政务云", implementer=""),
    row(3, "招生系统", functions="=A1&A2"),
    row(4, "", contact="李四"),
    row(5, "资产系统", contact="王五\u200b"),
    ["合计", "", "", "", "", "", 1200],
]
MENDED = [
    row(1, "智慧教育平台", functions="教务\n管理", cost=1200),
    row(2, "协同办公系统", "师市政务云、\n自建机房", implementer=""),
    row(3, "招生系统", "兵团", functions="招生"),
    row(4, "图书系统", "租用电信机房", contact="李四"),
    row(5, "资产系统", "国家", contact="王五"),
    ["合计", "", "", "", "", "", 1200],
]


def messy(path: Path) -> Path:
    """A workbook as a department returns it: titles, merged cells, full-width figures, a forgotten sheet, seven problems."""
    companion = [
        ["现有政务信息系统清单配套表"],
        COMPANION,
        [
            "1",
            "智慧教育平台",
            "https://edu.example.cn:8443/",
            "１０.1.2.3",
            "外网",
            "已建",
            "２０２４年６月１日",
            "2025/3/1",
        ],
        ["2", "协同办公系统", "*.oa.example.cn", "10.1.2.4；10.1.2.5：8080", "外网", "升级", 45444, "2025.13.1"],
    ]
    book: dict[str, Any] = {
        "现有系统": appendix(MESSY),
        "配套表": companion,
        "通讯录": [["姓名", "电话"], ["张三", 138]],
    }
    return workbook(path, book, {"现有系统": ["A1:O1", "A2:O2", "B7:B8", "A13:O13"], "配套表": ["A1:J1"]})


def test_a_messy_workbook_is_refused_with_its_seven_problems_named_by_cell(made: Path, tmp_path: Path) -> None:
    told = refuse(made, messy(tmp_path / "教育局.xlsx"))
    lines = [line.strip() for line in told.splitlines() if line.startswith("  ")]
    assert [line.split("：")[0] for line in lines] == [
        "现有系统!C7 信息系统名称", "现有系统!J8 系统部署路径", "现有系统!D9 主要功能", "现有系统!C10 信息系统名称",
        "现有系统!N11 联系人及电话", "配套表!C4 域名", "配套表!H4 上线日期",
    ]  # fmt: skip
    assert "有 7 处问题，本次未导入任何内容" in told
    for word in ("换行", "“政务云”", "公式", "没有填写", "U+200B", "通配域名", "“2025.13.1”不是日期"):
        assert word in told
    english = call("--lang", "en", "-C", made, "ledger", "import", tmp_path / "教育局.xlsx").stderr
    assert "7 problems, nothing was taken" in english
    assert "现有系统!C7" in english


def companion_rows() -> list[list[object]]:
    return [
        [
            "1",
            "智慧教育平台",
            "https://edu.example.cn:8443/",
            "１０.1.2.3",
            "外网",
            "已建",
            "２０２４年６月１日",
            "2025/3/1",
        ],
        ["2", "协同办公系统", "oa.example.cn", "10.1.2.4；10.1.2.5：8080", "外网", "升级", 45444, "20250301", "", "是"],
    ]


def test_mended_it_is_taken_and_the_same_rows_as_csv_are_the_same_ledger(made: Path, tmp_path: Path) -> None:
    companion = [["配套表"], COMPANION, *companion_rows()]
    book = workbook(
        tmp_path / "教育局.xlsx", {"现有系统": appendix(MENDED), "配套表": companion},
        {"现有系统": ["A1:O1", "B7:B8", "A13:O13"]},
    )  # fmt: skip
    take(made, book)
    other = tmp_path / "w2"
    call("init", other)
    tables: dict[str, Any] = {"附件5.csv": appendix(MENDED), "配套表.csv": companion}
    for name, rows in tables.items():
        text = "\r\n".join(",".join(f'"{cell}"' for cell in cells) for cells in rows)
        text = text.replace(
            '"2","","协同办公系统"', '"2","信息中心","协同办公系统"'
        )  # what a merged cell says in a workbook
        (tmp_path / name).write_bytes(text.encode("gb18030"))
    take(other, *(tmp_path / name for name in tables))
    assert bodies(made) == bodies(other)
    assert len(bodies(made)) == 7
    keep = {"asset_id", "filed_at", "file", "file_name", "sheet", "row", "capture"}
    plain = [
        [{key: value for key, value in one.items() if key not in keep} for one in filed(place)]
        for place in (made, other)
    ]
    assert plain[0] == plain[1]
    by_name = {(one["table"], one["system"]): one for one in filed(made)}
    office = by_name["companion", "协同办公系统"]
    assert (office["names"], office["addresses"], office["procured_on"], office["live_on"], office["nature"], office["seasonal"]) == (
        "oa.example.cn", "10.1.2.4 10.1.2.5:8080", "2024-06-01", "2025-03-01", "upgraded", "是",
    )  # fmt: skip
    assert by_name["companion", "智慧教育平台"]["addresses"] == "https://edu.example.cn:8443/ 10.1.2.3"
    assert by_name["systems", "协同办公系统"]["declared_place"] == "city-cloud own-room"
    assert by_name["systems", "协同办公系统"]["implementer"] == "信息中心"
    assert (by_name["systems", "招生系统"]["sheet"], by_name["systems", "招生系统"]["row"]) == ("现有系统", 9)


def test_rows_are_captures_of_their_systems(made: Path, tmp_path: Path) -> None:
    take(made, workbook(tmp_path / "a.xlsx", {"现有系统": appendix([row(1, "门户")])}), "--network", "外网")
    (line,) = (made / "captures").rglob("*.jsonl")
    one = json.loads(line.read_text("utf-8"))
    assert {key: one[key] for key in ("asset", "kind", "platform", "unit", "network", "source", "request")} == {
        "asset": "system:门户", "kind": "system", "platform": "system", "unit": "教育局", "network": "外网",
        "source": "ledger", "request": "a.xlsx sheet 现有系统 row 7",
    }  # fmt: skip
    assert one["output"].startswith("信息系统名称: 门户\n单位: 教育局\n")
    assert "系统部署路径: 师市政务云\n部署归类: city-cloud\n" in one["output"]


def test_a_new_list_shows_what_is_added_changed_and_withdrawn(made: Path, tmp_path: Path) -> None:
    first = workbook(tmp_path / "一.xlsx", {"一": appendix([row(1, "甲"), row(2, "乙", "自建机房"), row(3, "丙")])})
    other = workbook(tmp_path / "二.xlsx", {"一": appendix([row(1, "丁")], "民政局")})
    take(made, first, other)
    second = workbook(
        tmp_path / "三.xlsx", {"一": appendix([row(1, "甲"), row(2, "乙", "师市政务云"), row(3, "戊")], day="2026-5-1")}
    )
    before = kept(made)
    preview = take(made, second, "--dry-run")
    assert kept(made) == before
    told = take(made, second)
    for said in (preview, told):
        assert "新增 1，变更 1，撤回 1" in said.replace("变更 1，新增 1", "新增 1，变更 1")
        assert "+ 戊（教育局）" in said
        assert "~ 乙（教育局）" in said
        assert "系统部署路径：自建机房 → 师市政务云" in said
        assert "- 丙（教育局）" in said
        assert "1 行与现行台账相同" in said
        assert "丁" not in said
    assert [one["system"] for one in filed(made)] == ["丁", "乙", "戊", "甲"]
    gone = [one for one in filed(made, "--withdrawn") if one.get("withdrawn")]
    assert [one["key"] for one in gone] == ["system:丙"]
    assert bodies(made)["ledger", "system:丙"].startswith("已撤回: ")
    assert "略过" in take(made, second)
    assert call("-C", made, "rebuild").returncode == 0
    assert [one["system"] for one in filed(made)] == ["丁", "乙", "戊", "甲"]


def test_add_only_adds_and_an_empty_form_withdraws_nothing_unless_it_is_meant(made: Path, tmp_path: Path) -> None:
    take(made, workbook(tmp_path / "一.xlsx", {"一": appendix([row(1, "甲"), row(2, "乙")])}))
    take(made, workbook(tmp_path / "二.xlsx", {"一": appendix([row(1, "丙")])}), "--add")
    assert [one["system"] for one in filed(made)] == ["丙", "乙", "甲"]
    empty = workbook(tmp_path / "空.xlsx", {"一": appendix([])})
    assert "--emptied" in take(made, empty)
    assert len(filed(made)) == 3
    assert "撤回 3" in take(made, empty, "--emptied")
    assert filed(made) == []
    take(made, workbook(tmp_path / "三.xlsx", {"一": appendix([row(1, "甲")])}))
    assert [one["system"] for one in filed(made)] == ["甲"]
    assert "--add" in refuse(made, empty, "--emptied", "--add")


def test_two_units_cannot_file_one_name_but_one_can_hand_it_over(made: Path, tmp_path: Path) -> None:
    ours = workbook(tmp_path / "一.xlsx", {"一": appendix([row(1, "门户网站"), row(2, "办公")])})
    theirs = workbook(tmp_path / "二.xlsx", {"一": appendix([row(1, "门户 网站")], "民政局")})
    take(made, ours)
    assert "一!C7 信息系统名称：“门户 网站”已由教育局填报" in refuse(made, theirs)
    left = workbook(tmp_path / "三.xlsx", {"一": appendix([row(2, "办公")])})
    told = take(made, left, theirs)
    assert "信息系统名称：门户网站 → 门户 网站" in told
    assert [(one["key"], one["unit"]) for one in filed(made)] == [
        ("system:办公", "教育局"),
        ("system:门户网站", "民政局"),
    ]


def test_a_companion_row_needs_its_system_or_stands_alone(made: Path, tmp_path: Path) -> None:
    unit = ["填报部门（单位）：教育局"]
    alone = workbook(tmp_path / "一.xlsx", {"一": [unit, COMPANION, ["1", "智慧教育平台", "edu.example.cn"]]})
    assert "“智慧教育平台”还没有附件5，先按配套表收下" in take(made, alone)
    assert [(one["table"], one["unit"]) for one in filed(made)] == [("companion", "教育局")]
    take(made, workbook(tmp_path / "二.xlsx", {"一": appendix([row(1, "智慧教育平台")])}))
    wrong = workbook(tmp_path / "三.xlsx", {"一": [unit, COMPANION, ["1", "智慧教育平合", "edu.example.cn"]]})
    assert "一!B3 信息系统名称：附件5里没有“智慧教育平合”，是不是“智慧教育平台”" in refuse(made, wrong)
    together = workbook(
        tmp_path / "四.xlsx",
        {"配": [COMPANION, ["1", "新 系统", "x.example.cn"]], "清单": appendix([row(1, "新系统")])},
    )
    take(made, together)
    assert [(one["table"], one["key"]) for one in filed(made)] == [
        ("systems", "system:新系统"), ("companion", "system:新系统"),
    ]  # fmt: skip


def test_the_unit_of_a_companion_row_is_its_system_s(made: Path, tmp_path: Path) -> None:
    systems = workbook(tmp_path / "一.xlsx", {"一": appendix([row(1, "甲")]), "二": appendix([row(1, "乙")], "民政局")})
    both = workbook(
        tmp_path / "二.xlsx",
        {"一": [["填报部门（单位）：大数据局"], COMPANION, ["1", "甲", "a.example"], ["2", "乙", "b.example"]]},
    )
    take(made, systems, both)
    assert {(one["key"], one["unit"]) for one in filed(made, "--of", "companion")} == {
        ("system:甲", "教育局"),
        ("system:乙", "民政局"),
    }
    only = workbook(tmp_path / "三.xlsx", {"一": [COMPANION, ["1", "甲", "a.example a2.example"]]})
    told = take(made, only)
    assert "域名：a.example → a.example a2.example" in told
    assert len(filed(made, "--of", "companion")) == 2


def test_ranges_are_one_list_and_may_not_contradict_what_is_filed(made: Path, tmp_path: Path) -> None:
    first = workbook(
        tmp_path / "一.xlsx",
        {"一": [RANGES, ["外网", "10.1.0.0/16", "政务云", "师市", "大数据局"], ["", "10.9.0.0/24", "机房"]]},
    )
    take(made, first)
    assert [(one["range"], one["network"], one["kind"], one.get("level", "")) for one in filed(made)] == [
        ("10.1.0.0/16", "外网", "government-cloud", "city"), ("10.9.0.0/24", "default", "machine-room", ""),
    ]  # fmt: skip
    more = workbook(tmp_path / "二.xlsx", {"一": [RANGES, ["外网", "10.1.7.0-10.2.0.9", "自建机房"]]})
    told = refuse(made, more, "--add")
    assert "一!B2 地址段：与现有台账（一.xlsx sheet 一 row 2）的 10.1.0.0/16 重叠而类别不同" in told
    assert "撤回 2" in take(made, more)
    assert [one["range"] for one in filed(made)] == ["10.1.7.0-10.2.0.9"]


def test_what_is_classified_refuses_the_file_and_is_not_repeated(made: Path, tmp_path: Path) -> None:
    (made / "inventory" / "authorisations").mkdir(parents=True, exist_ok=True)
    (made / "inventory" / "authorisations" / "a.toml").write_text(LETTER, "utf-8")
    rows = [row(1, "秘密工程"), row(2, "普通系统")]
    marked = workbook(
        tmp_path / "一.xlsx", {"一": [["填报单位：保密局"], [*PRINTED, "是否涉密"], [*rows[0], "是"], rows[1]]}
    )
    told = refuse(made, marked)
    assert "一 第 3 行：标明涉密" in told
    assert "秘密工程" not in told
    ranged = workbook(
        tmp_path / "二.xlsx", {"一": [["填报单位：保密局"], COMPANION, ["1", "秘密工程", "", "10.9.1.2", "外网"]]}
    )
    told = refuse(made, ranged)
    assert "涉密网段" in told
    assert not any(word in told for word in ("秘密工程", "10.9.1.2"))


LETTER = """\
number = "1"
units = ["*"]
approver = "某"
valid_from = 2020-01-01
valid_until = 2099-12-31
methods = ["ssh"]
[[networks]]
name = "外网"
allow = ["10.1.0.0/24"]
classified = ["10.9.0.0/16"]
"""


def test_a_host_cannot_file_rows_for_itself(made: Path, tmp_path: Path) -> None:
    for source in (ledgers.SOURCE, ledgers.COMPANION, ledgers.MATCH):
        line = {
            "asset": "system:门户", "kind": "system", "platform": "system", "network": "外网", "source": source,
            "taken_at": "2026-11-20T08:00:00+08:00", "output": "域名: evil.example\n",
        }  # fmt: skip
        done = call("-C", made, "ingest", write_jsonl(tmp_path / "a.captures.jsonl", [line]))
        assert done.returncode == 2
        assert "ledger import" in done.stderr


def test_a_moved_workspace_takes_all_its_ledgers_along(made: Path, tmp_path: Path) -> None:
    book: dict[str, Any] = {
        "清单": appendix([row(1, "甲")]),
        "配": [COMPANION, ["1", "甲", "a.example"]],
        "段": [RANGES, ["外网", "10.1.0.0/16", "政务云"]],
    }
    take(made, workbook(tmp_path / "a.xlsx", book))
    other = tmp_path / "other"
    call("init", other)
    assert call("-C", other, "ingest", made / "captures", "--with-ledger", "--no-judge").returncode == 0
    assert filed(other) == filed(made)


def test_the_list_in_every_form(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    book: dict[str, Any] = {
        "清单": appendix([row(1, "=甲")]),
        "终端": [["资产标识", "采购日期"], ["web01", "2025-03-01"]],
    }
    path = workbook(tmp_path / "a.xlsx", {"终端": book["终端"]})
    take(made, path)
    table = call("-C", made, "ledger", "list").stdout
    assert [word for word in ("采购日期", "2025-03-01", "终端") if word not in table] == [], table
    take(made, workbook(tmp_path / "b.xlsx", {"清单": appendix([row(1, "甲")])}))
    mixed = call("-C", made, "ledger", "list").stdout
    assert ("终端台账" in mixed, "附件5" in mixed, "师市政务云" in mixed) == (True, True, True)
    assert call("-C", made, "ledger", "list", "--of", "systems", "-f", "csv").stdout.count("\n") == 2
    assert [one["table"] for one in filed(made, "--of", "endpoints")] == ["endpoints"]
    assert [one["table"] for one in filed(made, "--unit", "教育局")] == ["systems"]
    for wrong in ("exemptions", "nonsense"):
        done = call("-C", made, "ledger", "list", "--of", wrong)
        assert (done.returncode, "exemptions list" in done.stderr) == (2, True)


def test_the_forms_go_out(tmp_path: Path) -> None:
    assert call("ledger", "template").stdout.startswith("\ufeff资产标识,单位")
    for of in ("systems", "companion", "ranges", "rooms", "links", "exemptions", "endpoints", "all"):
        path = tmp_path / f"{of}.xlsx"
        assert call("ledger", "template", "--of", of, "-o", path).returncode == 0
        assert path.stat().st_size > 5000
    there = tmp_path / "all.xlsx"
    for arguments, told in (
        (("--of", "all"), "-o"), (("--of", "x"), "--of"), (("-o", tmp_path / "a.csv"), ".xlsx"), (("-o", there), "已经有了"),
    ):  # fmt: skip
        done = call("ledger", "template", *arguments)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr


def test_bad_options_and_files_are_named(made: Path, tmp_path: Path) -> None:
    good = workbook(tmp_path / "a.xlsx", {"清单": appendix([row(1, "甲")])})
    assert "--unit" in refuse(made, good, "--unit", "x\x1b")
    assert "nowhere.xlsx" in refuse(made, good, tmp_path / "nowhere.xlsx")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04\xff\xfe\x80\x00")
    assert "不是完好的XLSX" in refuse(made, good, tmp_path / "b.xlsx")
    twice = refuse(made, good, workbook(tmp_path / "c.xlsx", {"清单": appendix([row(1, "甲")])}))
    assert "c.xlsx 清单!C7 信息系统名称：“甲”与a.xlsx 清单 第 7 行重复" in twice


def test_a_formula_in_a_column_that_only_counts_is_no_matter(made: Path, tmp_path: Path) -> None:
    take(made, workbook(tmp_path / "a.xlsx", {"清单": appendix([row("=ROW()-6", "甲")])}))
    assert [one["system"] for one in filed(made)] == ["甲"]


def test_what_is_filed_is_judged_however_old_and_proved_by_its_row(made: Path, tmp_path: Path) -> None:
    """The snapshot joins the rows of all ledgers, and a finding quotes the line of the row that says it."""
    book: dict[str, Any] = {
        "清单": appendix([row(1, "甲", "师市政务云")]),
        "配": [COMPANION, ["1", "甲", "", "", "", "", "", "", "第九条（一）除外"]],
    }
    take(made, workbook(tmp_path / "a.xlsx", book))
    found = call("-C", made, "judge", "--at", "2099-01-01", "-f", "jsonl").stdout
    verdicts = {one["control"]: one for one in map(json.loads, found.splitlines())}
    verdict = verdicts["systems/not-on-government-cloud"]
    assert verdict["status"] == "not-applicable"
    assert [(one["source"], one["quote"]) for one in verdict["evidence"] if "第九条" in one["quote"]] == [
        ("ledger-companion", "不在上云范围的理由: 第九条（一）除外")
    ]


def test_a_reader_of_english_gets_english(made: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"list": appendix([row(1, "portal")], "Education")})
    done = xunyan("--lang", "en", "-C", made, "ledger", "import", path, "--no-judge")
    assert "the list of existing systems (annex 5): added 1" in done.stdout
    assert "passed over: 1 examples" in done.stderr


def test_a_package_with_ledgers_is_judged_again_alike(made: Path, tmp_path: Path) -> None:
    book: dict[str, Any] = {"清单": appendix([row(1, "甲")]), "段": [RANGES, ["外网", "10.1.0.0/16", "政务云"]]}
    assert call("-C", made, "ledger", "import", workbook(tmp_path / "a.xlsx", book)).returncode == 0
    assert call("-C", made, "evidence", "pack", "-o", tmp_path / "a.zip").returncode == 0
    for verb in ("verify", "replay"):
        done = call("evidence", verb, tmp_path / "a.zip")
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_file_whose_name_is_no_text_is_taken(made: Path, tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", {"清单": appendix([row(1, "甲")])}).rename(tmp_path / "a\udcff\n.xlsx")
    take(made, tmp_path / "a\udcff\n.xlsx")
    (one,) = filed(made)
    assert (one["sheet"], one["row"]) == ("清单", 7)
    assert call("-C", made, "rebuild").returncode == 0
    assert filed(made) == [one]


def test_a_password_in_a_url_is_not_repeated(made: Path, tmp_path: Path) -> None:
    path = workbook(tmp_path / "口令.xlsx", {"一": [COMPANION, ["1", "甲", "http://zhang:Secret-1@oa.example/"]]})
    told = refuse(made, path)
    assert "不要写账号和口令" in told
    assert "Secret-1" not in told
