"""The blank form as a spreadsheet: text cells, so that addresses and numbers stay what was typed, and lists to choose from."""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from inventories.forms import HEADINGS

_ROWS = 5000
_CHOICES = {"platform": '"linux,windows"', "classified": '"是,否"'}


def write_template(path: Path) -> None:
    """Write the blank form to a file that is not there yet. Raises FileExistsError where it is."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "终端"
    sheet.freeze_panes = "A2"
    for place, (key, heading) in enumerate(HEADINGS.items(), 1):
        letter = get_column_letter(place)
        sheet.cell(1, place, heading).font = Font(bold=True)
        sheet.column_dimensions[letter].width = 24 if key == "platform" else 16
        sheet.column_dimensions[letter].number_format = "@"
        if key in _CHOICES:
            choice = DataValidation(type="list", formula1=_CHOICES[key], allow_blank=True)
            choice.add(f"{letter}2:{letter}{_ROWS}")
            sheet.add_data_validation(choice)
    with path.open("xb") as file:
        book.save(file)
