"""The blank forms: 附件5 word for word, every other form with its lists, and all of them read back as empty."""

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from inventories.ledger_headings import bare
from inventories.ledger_tables import ENDPOINTS, SYSTEMS, TABLES
from inventories.ledger_template import GUIDE, write_forms
from inventories.ledger_words import read_deployment
from tests.inventories.ledger_making import PRINTED, read, told
from tests.making import SHARED

CONTROLS = [f"area/control-{number} 检查项的中文名称{number}" for number in range(40)]
FORMS = [one for one in TABLES.values() if one is not ENDPOINTS]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forms") / "台账.xlsx"
    write_forms(path, FORMS, {"control": CONTROLS})
    return path


def texts(sheet: Any, row: int) -> list[str]:
    return [str(cell.value) for cell in sheet[row] if cell.value is not None]


def test_the_form_of_annex_5_is_its_own(book: Path) -> None:
    sheet = load_workbook(book)["现有系统"]
    assert sheet["A1"].value == "申报部门（单位）现有政务信息系统清单"
    assert texts(sheet, 2) == ["填报部门（单位）：", "联系人及电话：", "填报日期："]
    headings = texts(sheet, 3)
    assert len(headings) == 15
    assert [bare(one) for one in headings] == [bare(one) for one in PRINTED]
    assert sheet["A4"].value == "示例"
    remark = [
        cell.value
        for row in sheet.iter_rows(min_row=30)
        for cell in row
        if isinstance(cell.value, str) and len(cell.value) > 20
    ]
    assert remark == list(SYSTEMS.remark)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the documents are not here")
def test_its_words_are_the_document_s() -> None:
    (document,) = (SHARED / "policy" / "texts").glob("003*.txt")
    text = document.read_text("utf-8").partition("附件5\n")[2]

    def flat(given: str) -> str:
        return re.sub(r"[\s、，,()（）]", "", given)

    lines = [flat(line) for line in text.splitlines() if line.strip()]
    assert flat("申报部门（单位）现有政务信息系统清单") in lines
    heading = next(line for line in lines if line.startswith("序号"))
    assert heading == "序号" + "".join(flat(one.heading) for one in SYSTEMS.shown)
    assert all(flat(line) in lines for line in SYSTEMS.remark)


def test_closed_columns_offer_their_words_and_every_offer_is_understood(book: Path) -> None:
    found = load_workbook(book)
    for table in FORMS:
        sheet = found[table.sheet]
        rules = {
            str(rule.sqref).split(":")[0].rstrip("0123456789"): rule for rule in sheet.data_validations.dataValidation
        }
        heads = {get_column_letter(cell.column or 1): cell.value for cell in sheet[3 if table.headed else 2]}
        offered = {heads[letter]: str(rule.formula1) for letter, rule in rules.items()}
        assert set(offered) == {one.heading for one in table.shown if one.choices or one.key == "control"}
        for column in table.shown:
            if column.words is not None:
                assert offered[column.heading].strip('"').split(",") == [*column.words.offered]
    deployment = SYSTEMS.column("deployment")
    assert [read_deployment(word) for word in deployment.choices]
    assert len(found[GUIDE]["H"]) >= len(CONTROLS)


def test_cells_are_text_heads_stay_in_sight_and_columns_are_wide_enough(book: Path) -> None:
    found = load_workbook(book)
    for table in FORMS:
        sheet = found[table.sheet]
        first = 4 if table.headed else 3
        assert str(sheet.freeze_panes).endswith(str(first))
        assert all(cell.number_format == "@" for cell in sheet[first + 1])
        assert all(sheet.column_dimensions[get_column_letter(cell.column or 1)].width >= 6 for cell in sheet[first])
        assert all(
            sheet.column_dimensions[get_column_letter(cell.column or 1)].number_format == "@"
            for cell in sheet[first][1:]
        )


def test_all_of_it_comes_back_empty_with_nothing_wrong(book: Path) -> None:
    returned = read(book, unit="教育局")
    assert told(returned) == []
    assert returned.rows == []
    assert list(returned.seen) == [one.id for one in FORMS]
    assert [note.zh for note in returned.told()] == ["略过示例 6 行、合计 0 行"]


def test_every_example_would_be_taken_as_a_row(book: Path, tmp_path: Path) -> None:
    """What the form shows as an example is what the import understands."""
    found = load_workbook(book)
    for table in FORMS:
        sheet = found[table.sheet]
        first = 4 if table.headed else 3
        sheet.cell(first, 1).value = "1"
        if table.headed:
            sheet["C2"].value = "教育局"
    path = tmp_path / "filled.xlsx"
    found.save(path)
    returned = read(path)
    assert told(returned) == []
    assert [one.table.id for one in returned.rows] == [one.id for one in FORMS]


def test_the_form_of_endpoints_and_a_file_that_is_there(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "终端.xlsx"
    write_forms(path, [ENDPOINTS], {})
    returned = read(path)
    assert (told(returned), returned.rows, list(returned.seen)) == ([], [], ["endpoints"])
    with pytest.raises(FileExistsError):
        write_forms(book, FORMS, {})
