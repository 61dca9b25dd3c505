"""The blank forms as a workbook: 附件5 in its own words and order, and ours, each on its sheet, with how to fill them in.

Every cell is text, so that addresses, dates and numbers stay what was typed; closed columns have lists to choose from.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from inventories.ledger_tables import Column, Table

GUIDE = "填写说明"
_NUMBERED_ROWS = 30
_LAST_ROW = 2000
_LIST_LIMIT = 255
"""How long a list may be that stands in a cell's own rule; a longer one stands on the guide's sheet."""
_LIST_COLUMN = "H"
_TEXT = "@"
_FROZEN = 4
"""The first column that always moves, however far on the name of a row stands."""
_THIN = Side(style="thin", color="999999")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="E8EEF4")
_WRAPPED = Alignment(wrap_text=True, vertical="center")
_CENTRED = Alignment(wrap_text=True, vertical="center", horizontal="center")

_TITLES = {"systems": "申报部门（单位）现有政务信息系统清单"}
"""Titles that a form has by its document; others have their table's."""
_LABELS = (("填报部门（单位）：", 1, 2, 3, 3), ("联系人及电话：", 4, 4, 5, 6), ("填报日期：", 7, 8, 9, 9))
"""Head lines: (label, its first and last column, those of what is filled in)."""

_GENERAL = (
    "1. 涉密系统、涉密资产不要填。标了涉密的，或地址落在涉密网段里的，整份文件退回。",
    "2. 不要改表头的文字和顺序；可以加标题行、合并单元格、拆成几个文件。“示例”行留着、删掉都可以。",
    "3. 不要用公式，不要链接别的文件，不要带宏；从别处复制来的，选择性粘贴为数值。",
    "4. 日期写成 2025-03-01，2025/3/1、2025.3.1、2025年3月1日、20250301 也认得。",
    "5. 有下拉列表的从列表里选。几个域名、几个地址用空格隔开。",
    "6. 填好后用 xunyan ledger import 导入（XLSX，或UTF-8、GB18030的CSV）。有一处不对就整份不收，并指出在哪张表、哪一行、哪一列。",
    "7. 再次导入同一单位的清单，就是用新的替换旧的：清单里没有了的视为撤回；只想补几行的加 --add。",
)


def write_forms(path: Path, tables: Sequence[Table], choices: Mapping[str, Sequence[str]]) -> None:
    """Write blank forms to a file that is not there yet. `choices`: what a column's list offers where only others know.

    Raises FileExistsError where the file is there.
    """
    book = Workbook()
    guide = book.worksheets[0]
    guide.title = GUIDE
    lists = _guide(guide, tables, choices)
    for table in tables:
        _form(book.create_sheet(table.sheet), table, choices, lists)
    book.move_sheet(guide, len(tables))
    book.active = 0
    with path.open("xb") as file:
        book.save(file)


def _form(sheet: Worksheet, table: Table, choices: Mapping[str, Sequence[str]], lists: Mapping[str, str]) -> None:
    shift = 1 if table.numbered else 0
    width = len(table.shown) + shift
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    title = sheet.cell(1, 1, _TITLES.get(table.id, table.title.zh))
    title.font, title.alignment = Font(bold=True, size=16), _CENTRED
    sheet.row_dimensions[1].height = 30
    if table.headed:
        _head_lines(sheet)
    row = 3 if table.headed else 2
    headings = [*(["序号"] if table.numbered else []), *(one.heading for one in table.shown)]
    for place, heading in enumerate(headings, 1):
        cell = sheet.cell(row, place, heading)
        cell.font, cell.fill, cell.border, cell.alignment = Font(bold=True), _HEAD, _BOX, _CENTRED
    sheet.row_dimensions[row].height = 62
    last = _rows(sheet, table, row + 1, width)
    for number, line in enumerate(table.remark, last + 1):
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=width)
        sheet.cell(number, 1, line).alignment = _WRAPPED
        sheet.row_dimensions[number].height = 30
    if table.numbered:
        sheet.column_dimensions["A"].width = 6
    for place, column in enumerate(table.shown, 1 + shift):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = _TEXT
        _offer(sheet, column, f"{letter}{row + 1}:{letter}{_LAST_ROW}", choices, lists)
    named = next(place for place, one in enumerate(table.shown, 1 + shift) if one.key == table.name)
    sheet.freeze_panes = f"{get_column_letter(min(named + 1, _FROZEN))}{row + 1}"
    sheet.print_title_rows = f"{row}:{row}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _head_lines(sheet: Worksheet) -> None:
    for label, first, last, begin, end in _LABELS:
        for start, stop in ((first, last), (begin, end)):
            if stop > start:
                sheet.merge_cells(start_row=2, start_column=start, end_row=2, end_column=stop)
        cell = sheet.cell(2, first, label)
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="right", vertical="center")
        for place in range(begin, end + 1):
            sheet.cell(2, place).border = Border(bottom=_THIN)
            sheet.cell(2, place).number_format = _TEXT
    sheet.row_dimensions[2].height = 24


def _rows(sheet: Worksheet, table: Table, first: int, width: int) -> int:
    """Write the example, where numbers tell it from a row, and empty rows; return the last of them."""
    samples = ["示例", *(one.sample for one in table.shown)] if table.numbered else []
    last = first + _NUMBERED_ROWS - (0 if samples else 1)
    for row in range(first, last + 1):
        for place in range(1, width + 1):
            cell = sheet.cell(row, place)
            cell.number_format, cell.border, cell.alignment = _TEXT, _BOX, _WRAPPED
            if samples and row == first:
                cell.value = samples[place - 1] or None
                cell.font = Font(italic=True, color="808080")
            elif samples and place == 1:
                cell.value = str(row - first)
    return last


def _offer(
    sheet: Worksheet, column: Column, cells: str, choices: Mapping[str, Sequence[str]], lists: Mapping[str, str]
) -> None:
    """Let a column's cells be chosen from a list; where several may be joined, others may be typed as well."""
    offered = choices.get(column.key) or column.choices
    if not offered:
        return
    formula = lists.get(column.key) or f'"{",".join(offered)}"'
    rule = DataValidation(type="list", formula1=formula, allow_blank=True)
    rule.showErrorMessage = column.reads != "deployment"
    rule.errorTitle, rule.error = column.heading[:30], "请从列表里选"
    if column.note is not None:
        rule.promptTitle, rule.prompt, rule.showInputMessage = column.heading[:30], column.note.zh[:250], True
    rule.add(cells)
    sheet.add_data_validation(rule)


def _guide(sheet: Worksheet, tables: Sequence[Table], choices: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Write how to fill the forms in, and the lists that are too long for a cell's rule; return where each stands."""
    sheet.cell(1, 1, "填写说明").font = Font(bold=True, size=14)
    for row, line in enumerate(_GENERAL, 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=5)
        sheet.cell(row, 1, line).alignment = _WRAPPED
        sheet.row_dimensions[row].height = 30
    row = len(_GENERAL) + 3
    for place, heading in enumerate(("哪张表", "哪一列", "必填", "怎么填", "可以填"), 1):
        cell = sheet.cell(row, place, heading)
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _BOX
    for table in tables:
        for column in table.shown:
            row += 1
            offered = "、".join(choices.get(column.key, column.choices)[:12])
            note = column.note.zh if column.note is not None else ("一个日期" if column.reads == "day" else "")
            cells = (table.sheet, column.heading, "必填" if column.needed else "", note, offered)
            for place, text in enumerate(cells, 1):
                cell = sheet.cell(row, place, text or None)
                cell.border, cell.alignment, cell.number_format = _BOX, _WRAPPED, _TEXT
    for letter, width in zip("ABCDE", (12, 40, 8, 60, 50), strict=True):
        sheet.column_dimensions[letter].width = width
    return _long_lists(sheet, tables, choices)


def _long_lists(sheet: Worksheet, tables: Sequence[Table], choices: Mapping[str, Sequence[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    place = sheet[f"{_LIST_COLUMN}1"].column
    for key, offered in choices.items():
        if len(",".join(offered)) <= _LIST_LIMIT or not any(one.key == key for table in tables for one in table.shown):
            continue
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = 44
        sheet[f"{letter}1"] = next(one.heading for table in tables for one in table.shown if one.key == key)
        for row, text in enumerate(offered, 2):
            sheet[f"{letter}{row}"] = text
        found[key] = f"'{GUIDE}'!${letter}$2:${letter}${len(offered) + 1}"
        place += 1
    return found
