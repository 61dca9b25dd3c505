"""Workbooks of office programs, and what only looks like one: bounded in memory and time, and refused in words."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventories.grids import Grid, Merge, letters
from inventories.spreadsheets import read_grids
from tests.inventories.ledger_making import MAIN, edited, foreign, inline, workbook
from tests.making import PROJECT
from xunyan.errors import InputError
from xunyan.wording import Text


def grids(path: Path, notes: list[Text] | None = None) -> list[Grid]:
    with path.open("rb") as file:
        return read_grids(path, file, notes if notes is not None else [])


def refused(path: Path) -> str:
    with pytest.raises(InputError) as raised:
        grids(path)
    assert raised.value.advice is not None
    assert raised.value.where.startswith(str(path))
    return raised.value.what.zh


def test_cells_as_a_person_reads_them(tmp_path: Path) -> None:
    cells = [
        "文",
        1200,
        0.1 + 0.2,
        13800000000,
        date(2025, 3, 1),
        datetime(2025, 3, 1, 8, 30),  # noqa: DTZ001  # a cell knows no zone
        True,
        "a\nb",
        None,
        1e20,
    ]
    path = workbook(tmp_path / "a.xlsx", {"一": [cells, [], ["x"]]})
    (grid,) = grids(path)
    assert grid.rows == (
        (1, ["文", "1200", "0.3", "13800000000", "2025-03-01", "2025-03-01 08:30:00", "TRUE", "a\nb", "", "1e+20"]),
        (3, ["x"]),
    )
    assert (grid.name, grid.merges, dict(grid.odd)) == ("一", (), {})


def test_merged_cells_and_formulas_keep_their_places(tmp_path: Path) -> None:
    rows = [["a", "=1+1", "x"], ["b", "c"]]
    (grid,) = grids(workbook(tmp_path / "a.xlsx", {"一": rows}, {"一": ["A3:C4"]}))
    assert grid.merges == (Merge(3, 0, 4, 2),)
    assert list(grid.odd) == [(1, 1)]
    assert "公式" in grid.odd[1, 1].zh
    assert grid.place(1, 1) == Text("一!B1", "一!B1")
    assert [letters(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_formula_with_a_result_is_a_formula_all_the_same(tmp_path: Path) -> None:
    cells = (
        '<x:c r="F7"><x:f>SUM(A1:A2)</x:f><x:v>3</x:v></x:c>',
        '<x:c r="G7" t="str"><x:f t="shared" si="0"/><x:v>b</x:v></x:c>',
        '<x:c r="H7" t="e"><x:v>#REF!</x:v></x:c>',
    )
    sheet = f'<x:sheetData><x:row r="7">{"".join(cells)}</x:row></x:sheetData>'
    (grid,) = grids(foreign(tmp_path / "a.xlsx", {"现有系统": sheet}))
    assert {grid.place(*cell).zh: why.zh[:5] for cell, why in grid.odd.items()} == {
        "现有系统!F7": "是公式，台", "现有系统!G7": "是公式，台", "现有系统!H7": "是公式错误",
    }  # fmt: skip


FORMATS = (
    '<x:numFmts><x:numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<x:numFmt numFmtId="177" formatCode="[Red]0.00_ "/></x:numFmts>'
    '<x:cellStyleXfs><x:xf numFmtId="14"/></x:cellStyleXfs>'
    '<x:cellXfs><x:xf/><x:xf numFmtId="176"/><x:xf numFmtId="31"/><x:xf numFmtId="177"/></x:cellXfs>'
)


def test_what_other_programs_write(tmp_path: Path) -> None:
    """No references, prefixes on every element, rich text, readings beside texts, escapes, days from 1904."""
    rich = "<x:r><x:t>富</x:t></x:r><x:r><x:t>文本</x:t></x:r>"
    strings = [f'<x:si>{rich}<x:rPh sb="0" eb="1"><x:t>フ</x:t></x:rPh></x:si>', "<x:si/>"]
    cells = (
        '<x:c t="s"><x:v>0</x:v></x:c>', '<x:c t="s"><x:v>1</x:v></x:c>', '<x:c s="1"><x:v>44255</x:v></x:c>',
        '<x:c s="2"><x:v>44255.0</x:v></x:c>', '<x:c s="3"><x:v>44255</x:v></x:c>',
        '<x:c t="inlineStr"><x:is><x:t>a_x000A_b</x:t></x:is></x:c>',
        '<x:c t="d"><x:v>2025-03-01T00:00:00Z</x:v></x:c>', '<x:c t="b"><x:v>0</x:v></x:c>',
    )  # fmt: skip
    path = foreign(
        tmp_path / "a.xlsx", {"表": f"<x:sheetData><x:row>{''.join(cells)}</x:row></x:sheetData>"}, strings=strings,
        formats=FORMATS, properties='<x:workbookPr date1904="1"/>',
    )  # fmt: skip
    (grid,) = grids(path)
    assert grid.rows == ((1, ["富文本", "", "2025-03-01", "2025-03-01", "44255", "a\nb", "2025-03-01", "FALSE"]),)
    assert grid.epoch == date(1904, 1, 1)


def test_the_strict_form_is_read_as_well(tmp_path: Path) -> None:
    path = foreign(tmp_path / "a.xlsx", {"表": inline(["a", 1])}, main="http://purl.oclc.org/ooxml/spreadsheetml/main")
    assert grids(path)[0].rows == ((1, ["a", "1"]),)


def test_hidden_sheets_are_left_out_and_said(tmp_path: Path) -> None:
    notes: list[Text] = []
    path = foreign(
        tmp_path / "a.xlsx", {"表": inline(["a"]), "旧表": inline(["b"]), "更旧": inline(["c"])},
        states={"旧表": "hidden", "更旧": "veryHidden"},
    )  # fmt: skip
    assert [grid.name for grid in grids(path, notes)] == ["表"]
    assert [note.zh for note in notes] == ["隐藏的工作表没有读：旧表、更旧"]


def test_a_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    workbook(tmp_path / "a.csv", {"一": [["a"]]})
    assert grids(tmp_path / "a.csv")[0].rows == ((1, ["a"]),)
    (tmp_path / "b.xlsx").write_text("a,b\n", "utf-8")
    assert grids(tmp_path / "b.xlsx") == [Grid("", ((1, ["a", "b"]),))]


@pytest.mark.parametrize(
    ("text", "encoding", "rows"),
    [
        ("甲,乙\n\n,丙\n", "gb18030", [(1, ["甲", "乙"]), (3, ["", "丙"])]),
        ("甲\t乙\n", "utf-16", [(1, ["甲", "乙"])]),
        ("题目\n甲;乙\n丙;丁\n", "utf-8-sig", [(1, ["题目"]), (2, ["甲", "乙"]), (3, ["丙", "丁"])]),
        ('"=""0012""",\'=1+1,=1+1\n', "utf-8", [(1, ["0012", "=1+1", "=1+1"])]),
    ],
)  # fmt: skip
def test_csv_in_the_encodings_of_office_programs(text: str, encoding: str, rows: list[object], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    assert list(grids(path)[0].rows) == rows


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("xl/vbaProject.bin", "宏"), ("xl/macrosheets/sheet1.xml", "宏"), ("xl/externalLinks/externalLink1.xml", "外部链接"),
        ("xl/workbook.bin", "xlsb"), ("content.xml", "ods"),
    ],
)  # fmt: skip
def test_macros_links_and_other_formats_are_refused(part: str, told: str, tmp_path: Path) -> None:
    assert told in refused(foreign(tmp_path / "a.xlsx", {"表": inline(["a"])}, extra={part: b"x"}))


def test_what_is_no_workbook_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert "密码" in refused(path)
    path.write_text("<html><body><table>", "utf-8")
    assert "网页" in refused(path)
    path.write_bytes(b"\xff\xfe\x80")
    assert "编码" in refused(path)
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    assert "不是完好" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    assert "不是完好" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("xl/workbook.xml", "<b/>")
    assert "不是完好" in refused(path)


BAD_SHEETS = {
    "entities": f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x:worksheet xmlns:x="{MAIN}"/>',
    "cut off": f"<x:worksheet xmlns:x='{MAIN}'><x:sheetData><x:row>",
    "rows backwards": "<w><sheetData><row r='2'/><row r='1'/></sheetData></w>",
    "cells backwards": "<w><sheetData><row r='1'><c r='B1'/><c r='A1'/></row></sheetData></w>",
    "cell of another row": "<w><sheetData><row r='1'><c r='A2'/></row></sheetData></w>",
    "no such text": "<w><sheetData><row r='1'><c t='s'><v>9</v></c></row></sheetData></w>",
    "text before the first": "<w><sheetData><row r='1'><c t='s'><v>-1</v></c></row></sheetData></w>",
    "not a figure": "<w><sheetData><row r='1'><c><v>nan</v></c></row></sheetData></w>",
    "merged backwards": "<w><mergeCells><mergeCell ref='C3:A1'/></mergeCells></w>",
    "beyond the last row": "<w><sheetData><row r='9999999'/></sheetData></w>",
    "very deep": "<w>" + "<a>" * 5000 + "</a>" * 5000 + "</w>",
    "very many names": "<w>" + "".join(f"<a{i}/>" for i in range(60_000)) + "</w>",
    "one tag without end": "<w><row " + "".join(f'a{i}="1" ' for i in range(300_000)) + "/></w>",
    "very many spaces of names": "<w>" + "".join(f'<a xmlns:n{i}="u"/>' for i in range(20_000)) + "</w>",
}


@pytest.mark.parametrize("case", BAD_SHEETS)
def test_what_no_program_writes_is_refused(case: str, tmp_path: Path) -> None:
    path = foreign(tmp_path / "a.xlsx", {"表": inline(["a"])})
    with zipfile.ZipFile(path) as archive:
        whole = archive.read("xl/worksheets/s0.xml").decode()
    assert "不是完好" in refused(edited(path, "xl/worksheets/s0.xml", whole, BAD_SHEETS[case]))


def cells(rows: int, columns: int) -> Iterator[bytes]:
    yield b'<worksheet xmlns="%s"><sheetData>' % MAIN.encode()
    for number in range(1, rows + 1):
        inner = b"".join(b'<c r="%s%d" s="1"/>' % (letters(place).encode(), number) for place in range(columns))
        yield b'<row r="%d">%s</row>' % (number, inner)
    yield b"</sheetData></worksheet>"


def bomb(path: Path, part: str, pieces: Iterator[bytes]) -> Path:
    """Put a part of any size into a sound workbook."""
    foreign(path, {"现有系统": inline(["信息系统名称", "系统部署路径"], ["a", "师市政务云"])})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != part}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        with archive.open(part, "w") as out:
            for piece in pieces:
                out.write(piece)
    return path


def strings(count: int) -> Iterator[bytes]:
    yield b'<sst xmlns="%s">' % MAIN.encode()
    for number in range(count):
        yield b"<si><t>%d</t></si>" % number
    yield b"</sst>"


MEASURED = """
import re, sys, time
from pathlib import Path
from inventories.spreadsheets import read_grids
from xunyan.errors import InputError
path, began = Path(sys.argv[1]), time.monotonic()
try:
    with path.open("rb") as file:
        read_grids(path, file, [])
    said = "read"
except InputError as error:
    said = error.what.zh
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
print(said, peak, round(time.monotonic() - began), sep="|")
"""


def measured(path: Path) -> tuple[str, int, int]:
    """Read a file in a process of its own: what came of it, MiB of memory at most, seconds."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, path], capture_output=True, text=True, check=True, timeout=100,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    said, memory, seconds = done.stdout.strip().split("|")
    return said, int(memory), int(seconds)


@pytest.mark.parametrize("case", ["sheet of 200 MB", "texts without end", "sheet at the bound", "many files", "merges"])
def test_a_file_of_any_size_is_refused_or_read_in_bounded_memory(case: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    match case:
        case "sheet of 200 MB":
            bomb(path, "xl/worksheets/s0.xml", cells(640_000, 15))
            assert path.stat().st_size < 64 * 1024 * 1024
            with zipfile.ZipFile(path) as archive:
                assert archive.getinfo("xl/worksheets/s0.xml").file_size > 190 * 1024 * 1024
        case "texts without end":
            bomb(path, "xl/sharedStrings.xml", strings(1_400_000))
        case "sheet at the bound":
            bomb(path, "xl/worksheets/s0.xml", cells(90_000, 15))
        case "many files":
            with zipfile.ZipFile(path, "w") as archive:
                for number in range(30_000):
                    archive.writestr(f"f{number}", b"")
        case _:
            rest = b"".join(b'<mergeCell ref="A%d:A1048576"/>' % number for number in range(1, 3000))
            bomb(path, "xl/worksheets/s0.xml", iter([b"<w><mergeCells>", rest, b"</mergeCells></w>"]))
    said, memory, seconds = measured(path)
    assert said == "read" if case == "sheet at the bound" else "过大" in said
    assert memory < 300
    assert seconds < 60


def test_an_archive_that_lies_about_a_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    path = bomb(tmp_path / "a.xlsx", "xl/worksheets/s0.xml", cells(200_000, 15))
    with zipfile.ZipFile(path) as archive:
        true = archive.getinfo("xl/worksheets/s0.xml").file_size
    data = path.read_bytes()
    assert data.count(true.to_bytes(4, "little")) >= 1
    path.write_bytes(data.replace(true.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    said, memory, _ = measured(path)
    assert "不是完好" in said
    assert memory < 100


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(damage=st.binary(max_size=200), at=st.integers(0, 3000))
def test_a_damaged_workbook_is_read_or_refused(damage: bytes, at: int, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"一": [["信息系统名称", "系统部署路径"], ["a", "师市政务云"]]})
    data = path.read_bytes()
    path.write_bytes(data[:at] + damage + data[at + len(damage) :])
    with suppress(InputError):
        assert isinstance(grids(path), list)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_are_not(data: bytes) -> None:
    with suppress(InputError):
        assert isinstance(read_grids(Path("a"), io.BytesIO(data), []), list)
