"""Tables of endpoints: the own form and exports of other products, real CSV and XLSX files, and hostile ones."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from inventories import tables
from inventories.forms import HEADINGS, template
from inventories.mappings import ColumnMapping
from inventories.workbook import write_template
from tests.inventories.endpoint_making import notes, read, told, workbook, write
from xunyan.errors import InputError

HEAD = "资产标识,单位,地址域,地址,端口,系统类型,涉密\n"
EXPORT = ColumnMapping(
    {"asset": "计算机名", "address": "IP地址", "unit": "所属部门", "platform": "操作系统"},
    constants={"network": "内网"},
    values={"platform": {"Windows": "windows", "Windows CE": "skip", "macOS": "略过"}, "unit": {"信息中心": "网信办"}},
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_own_form_in_the_encodings_of_office_programs(tmp_path: Path, encoding: str) -> None:
    text = (
        HEAD
        + 'web01,民政局,内网,10.1.2.3:2222,,Windows 10,否\n\npc2,,,２００１：db8::1,22,,\n\'003,,,="pc3.EXAMPLE.cn",,麒麟V10,\n'
    )
    taken = read(write(tmp_path / "表.csv", text.encode(encoding)))
    assert told(taken) == []
    one, two, three = taken.targets
    assert (one.asset, one.unit, one.network, one.address, one.port, one.platform) == (
        "host:web01", "民政局", "内网", "10.1.2.3", 2222, "windows",
    )  # fmt: skip
    assert one.origin == "表.csv:2"
    assert (two.unit, two.network, two.address, two.port, two.platform) == (
        "教育局",
        "外网",
        "2001:db8::1",
        22,
        "linux",
    )
    assert (three.asset, three.address) == ("host:003", "pc3.example.cn")


def test_both_blank_forms_are_read_back(tmp_path: Path) -> None:
    filled = write(tmp_path / "a.csv", template() + "pc1,,,,10.1.1.1\n")
    assert len(read(filled).targets) == 1
    file = tmp_path / "空白.xlsx"
    write_template(file)
    book = load_workbook(file)
    for place, text in enumerate(("pc1", "", "", "", "10.1.1.10"), 1):
        book.worksheets[0].cell(2, place, text)
    book.save(file)
    taken = read(file)
    assert told(taken) == []
    assert taken.targets[0].address == "10.1.1.10"
    with pytest.raises(FileExistsError):
        write_template(file)


@pytest.mark.parametrize(
    ("row", "heading"),
    [
        ("a,,,10.1,,,", "地址"), ("a,,,10.1.1.0/24,,,", "地址"), ("a,,,,,,", "地址"), (",,,10.1.1.1,,,", "资产标识"),
        ("a,,,256.1.1.1,,,", "地址"), ("a,,,12345,,,", "地址"), ("a,,,224.0.0.1,,,", "地址"), ("a,,,fe80::1%eth0,,,", "地址"),
        ("a,,,-oProxy,,,", "地址"), ("a,,,a b!,,,", "地址"), ("a,,,=1+1,,,", "地址"), ("a,,,10.1.1.1,0,,", "端口"),
        ("a,,,10.1.1.1:22,23,,", "端口"), ("a,,,10.1.1.1,,打印机,", "系统类型"), ("a\u202e,,,10.1.1.1,,,", "资产标识"),
        ("a," + "x" * 257 + ",,10.1.1.1,,,", "单位"), ("a,,,10.1.1.1,,,也许", "涉密"), ("#N/A,,,10.1.1.1,,,", "资产标识"),
        ("{{ x }},,,10.1.1.1,,,", "资产标识"), ("a,,,10.1.1.1,,,,stray", ""), ("a,,,10.1.1.1:99999,,,", "地址"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_row_and_column(tmp_path: Path, row: str, heading: str) -> None:
    taken = read(write(tmp_path / "a.csv", HEAD + row + "\n"))
    assert [(place, column) for place, column, _ in told(taken)] == [("第 2 行", heading)]
    with pytest.raises(InputError):
        taken.check("a.csv")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ("文件", "")), ("单位,地点\na,b\n", ("文件", "")), ("资产标识,单位\na,b\n", ("第 1 行", "地址")),
        ("资产标识,地址,颜色\na,10.1.1.1,b\n", ("第 1 行", "颜色")), ("资产标识,地址,address\na,10.1.1.1,\n", ("第 1 行", "address")),
        (HEAD, ("文件", "")), (HEAD + "a,,,10.1.1.1,,,\na,,,10.1.1.2,,,\n", ("第 3 行", "资产标识")),
    ],
)  # fmt: skip
def test_forms_that_cannot_be_taken(tmp_path: Path, text: str, problem: tuple[str, str]) -> None:
    assert problem in [(place, column) for place, column, _ in told(read(write(tmp_path / "a.csv", text)))]


def test_a_row_that_stands_twice_is_taken_once_and_shared_addresses_are_told(tmp_path: Path) -> None:
    taken = read(
        write(tmp_path / "a.csv", HEAD + "a,,,10.1.1.1,,,\na,,,10.1.1.1,,,\nb,,,10.1.1.1,,,\na,,内网,10.1.1.2,,,\n")
    )
    assert len(taken.targets) == 3
    assert "1 行重复" in notes(taken)
    assert "1 个地址各有两个以上" in notes(taken)


@pytest.mark.parametrize("mark", ["是", "秘密", "绝密", "TRUE", "机密级"])
def test_a_classified_row_refuses_the_file_and_is_not_repeated(tmp_path: Path, mark: str) -> None:
    rows = f"web01,,,10.1.1.1,,,否\nshy,,,10.9.9.9,bad,,{mark}\nsly,,内网,10.8.0.7/24,,,\n"
    taken = read(
        write(tmp_path / "a.csv", HEAD + rows), lambda network, address: (network, address) == ("内网", "10.8.0.7")
    )
    with pytest.raises(InputError) as refused:
        taken.check("a.csv")
    text = repr(taken.problems) + repr(taken.classified) + refused.value.what.zh + refused.value.what.en
    assert "第 3 行：标明涉密" in text
    assert "第 4 行：地址在涉密网段内" in text
    assert not any(word in text for word in ("shy", "sly", "10.9.9.9", "10.8.0.7"))


def test_an_export_with_title_merged_headings_and_rows_without_address(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["终端资产清单", None, None, None, None],
        ["导出时间", date(2026, 11, 1), None, None, None],
        ["计算机名", "网络信息", None, "所属部门", "操作系统"],
        [None, "IP 地址\n", "MAC地址", None, None],
        ["PC-1", "10.1.1.2;fe80::1\n10.2.2.3", "02-00", "信息中心一科", "Windows 10 专业版"],
        ["PC-2", None, "02-01", "民政局", "UOS 20"],
        [None, None, None, None, None],
        [1003.0, "10.1.1.4", None, "民政局", "macOS 14"],
        [1004, "127.0.0.1, 169.254.3.4, 10.1.1.5", None, None, "Windows 7"],
        ["PC-6", "0" + ".0.0.0", None, None, "银河麒麟"],
    ]
    file = workbook(tmp_path / "导出.xlsx", [["说明"]], rows)
    book = load_workbook(file)
    sheet = book.worksheets[1]
    for cells in ("A1:E1", "A3:A4", "B3:C3", "D3:D4", "E3:E4"):
        sheet.merge_cells(cells)
    book.create_sheet("藏").sheet_state = "hidden"
    book.save(file)
    taken = read(file, by=EXPORT)
    assert told(taken) == []
    assert [(one.asset, one.address, one.unit, one.platform, one.network) for one in taken.targets] == [
        ("host:PC-1", "10.1.1.2", "网信办", "windows", "内网"),
        ("host:1004", "10.1.1.5", "教育局", "windows", "内网"),
    ]
    assert taken.targets[0].origin == "导出.xlsx 表2!5"
    for said in ("2 行没有地址", "1 行按列对应", "2 个终端写了几个地址", "表1 没有读"):
        assert said in notes(taken)


def test_numbers_that_a_spreadsheet_made_are_not_taken_for_addresses(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "a.xlsx", [["资产标识", "地址", "端口"], [1.0, "10.1.1.1", 22.0], ["b", 10.1, 22], ["c", 10, 22.5]]
    )
    assert [(place, column) for place, column, _ in told(read(file))] == [
        ("工作表“表1”第 3 行", "地址"), ("工作表“表1”第 4 行", "地址"), ("工作表“表1”第 4 行", "端口"),
    ]  # fmt: skip


def test_a_formula_is_what_was_last_seen_in_it_and_never_run(tmp_path: Path) -> None:
    file = workbook(tmp_path / "a.xlsx", [["资产标识", "地址"], ["a", '=HYPERLINK("http://evil.example","10.1.1.1")']])
    assert [(place, column) for place, column, _ in told(read(file))] == [("工作表“表1”第 2 行", "地址")]


def test_headings_of_a_mapping_that_lack_are_named(tmp_path: Path) -> None:
    file = workbook(tmp_path / "a.xlsx", [["计算机名", "IP", "所属部门"], ["a", "10.1.1.1", "b"]])
    assert told(read(file, by=EXPORT)) == [
        ("工作表“表1”第 1 行", "IP地址", "缺少这一列"), ("工作表“表1”第 1 行", "操作系统", "缺少这一列"),
    ]  # fmt: skip
    elsewhere = ColumnMapping({"address": "IP"}, sheet="没有")
    assert "没有工作表“没有”，有：表1" in told(read(file, by=elsewhere))[0][2]
    assert read(file, by=ColumnMapping({"address": "IP"})).targets[0].asset == "host:10.1.1.1"


def bomb(path: Path, part: str, size: int, text: bytes) -> Path:
    workbook(path, [["资产标识", "地址"], ["a", "10.1.1.1"]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            if name != part:
                archive.writestr(name, data)
        with archive.open(part, "w", force_zip64=True) as out:
            out.write(
                b"<?xml version='1.0'?><worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row r='1'>"
            )
            for _ in range(size // (len(text) * 1000)):
                out.write(text * 1000)
    return path


def test_archives_that_unpack_to_anything_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError) as refused:
        read(bomb(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", 600 * 2**20, b"<c/>" * 100))
    assert "512 MiB" in refused.value.what.zh
    with pytest.raises(InputError):
        read(bomb(tmp_path / "b.xlsx", "xl/styles.xml", 20 * 2**20, b"<c/>" * 100))
    monkeypatch.setattr(tables, "MEMORY", 128 * 2**20)
    with pytest.raises(InputError) as large:
        read(bomb(tmp_path / "c.xlsx", "xl/worksheets/sheet1.xml", 60 * 2**20, b"<c/>" * 100))
    assert "过大" in large.value.what.zh


def test_tables_larger_than_any_real_one_are_refused(tmp_path: Path) -> None:
    for row in ("<row r='99999999999'><c t='inlineStr'><is><t>x</t></is></c></row>", ""):
        file = workbook(tmp_path / "a.xlsx", [["资产标识", "地址"], ["a", "10.1.1.1"]])
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        body = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", row.encode() + b"</sheetData>")
        parts["xl/worksheets/sheet1.xml"] = body if row else body[:-40]
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
        with pytest.raises(InputError):
            read(file)
    with pytest.raises(InputError):
        read(write(tmp_path / "a.csv", "资产标识,地址\n" + "a,10.1.1.1\n" * 200_001))
    with pytest.raises(InputError):
        read(write(tmp_path / "a.csv", "资产标识,地址\n" + ",x" * 300 + "\n"))


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize(
    "data", [b"PK\x03\x04rubbish", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x80\xff\x00\x81", b"\x00" * 50]
)
def test_bytes_that_are_no_table(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(InputError) as refused:
        read(write(tmp_path / name, data)).check(name)
    assert refused.value.advice is not None


def test_every_heading_of_the_form_is_understood(tmp_path: Path) -> None:
    values = {"asset": "pc1", "address": "10.1.1.1", "port": "22", "platform": "linux", "classified": "否"}
    row = ",".join(values.get(key, "x") for key in HEADINGS)
    for head in (",".join(HEADINGS), ",".join(HEADINGS.values())):
        taken = read(write(tmp_path / "a.csv", f"{head}\n{row}\n"))
        assert told(taken) == []
        assert taken.targets[0].carrier == "x"
