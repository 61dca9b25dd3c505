"""The endpoint ledger: what people return is read as they write it, and what is wrong is named by row and column."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.captures import check_envelope, read_line, seal, write_line
from inventories.ledgers import COLUMNS, body, envelope, read_csv, read_day, read_row, template
from xunyan.model import Capture

HEAD = "资产标识,单位,采购日期\n"


def problems(text: str, encoding: str = "utf-8") -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.what.zh) for one in read_csv(text.encode(encoding))[1]]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-03-01", date(2025, 3, 1)), ("2025/3/1", date(2025, 3, 1)), ("2025.3.1", date(2025, 3, 1)), ("20250301", date(2025, 3, 1)),
        ("2025年3月1日", date(2025, 3, 1)), ("2025-02-30", None), ("2025", None), ("2025-03", None), ("去年", None), ("", None),
        ("1-2-3-4", None), ("²025-01-01", None), ("2025-1-1 08:00", None), ("99999-1-1", None), ("-1-1-1", None),
        ("25-3-1", None), ("0025-03-01", None), ("9" * 30 + "-1-1", None),
    ],
)  # fmt: skip
def test_days_as_people_write_them(text: str, day: date | None) -> None:
    assert read_day(text) == day


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_is_not(text: str) -> None:
    assert read_day(text) is None or isinstance(read_day(text), date)


def test_the_template_is_read_back_as_an_empty_form() -> None:
    assert read_csv(template().encode()) == ([], [])
    assert template().startswith("\ufeff")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_encodings_of_office_programs(encoding: str) -> None:
    filed, wrong = read_csv((HEAD + "web01,教育局,2025/3/1\n").encode(encoding))
    assert wrong == []
    assert filed[0].columns == {"asset": "web01", "unit": "教育局", "procured_on": "2025-03-01"}
    assert filed[0].row == 2


def test_full_width_figures_blank_rows_and_keys_as_headings() -> None:
    filed, wrong = read_csv("asset,procured_on\n\n , \nweb01,２０２５－０３－０１\n".encode())
    assert wrong == []
    assert [(one.row, one.columns["procured_on"]) for one in filed] == [(4, "2025-03-01")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", (1, "", "文件是空的")),
        ("\n\n", (1, "", "文件是空的")),
        ("单位\nx\n", (1, "资产标识", "缺少这一列")),
        ("资产标识,颜色\na,b\n", (1, "颜色", "不认识的列")),
        ("资产标识,单位,单位\na,b,c\n", (1, "单位", "这一列出现了两次")),
        ("资产标识,asset\na,b\n", (1, "asset", "这一列出现了两次")),
        (HEAD + ",x,\n", (2, "资产标识", "没有填写")),
        (HEAD + "a,x,soon\n", (2, "采购日期", "“soon”不是日期，应如 2025-03-01")),
        (HEAD + "a,x,,stray\n", (2, "", "有内容在表头之外的格子里")),
        (HEAD + "a,x,\nb,x,\na,y,\n", (4, "资产标识", "“a”与第 2 行重复")),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(text: str, told: tuple[int, str, str]) -> None:
    assert told in problems(text)


def test_all_problems_are_listed_at_once() -> None:
    assert len(problems(HEAD + ",x,soon\na,x,later\n")) == 3


def test_what_is_classified_is_told_apart_and_nothing_of_it_is_kept() -> None:
    text = (
        "资产标识,地址域,地址,涉密,采购日期\na,,10.1.1.1,否,\nb,,10.1.1.2,机密,soon\nc,内网,10.9.0.7/24,,\nd,,,也许,\n"
    )
    filed, wrong = read_csv(text.encode(), lambda network, address: (network, address) == ("内网", "10.9.0.7"), "外网")
    assert [(one.row, dict(one.columns)) for one in filed if one.secret] == [(3, {}), (4, {})]
    assert [(one.row, one.column) for one in wrong] == [(5, "涉密")]
    assert filed[0].columns == {"asset": "a", "address": "10.1.1.1", "classified": "否"}


def test_cells_missing_at_the_end_are_blank() -> None:
    row = "host:web01,教育局,,外网,,2025-03-01,,,\n"
    assert read_csv((template() + row).encode())[1] == []


def test_a_file_that_is_no_text_is_named() -> None:
    filed, wrong = read_csv(b"PK\x03\x04\xff\xfe\x80\x00")
    assert filed == []
    assert "CSV" in wrong[0].what.zh
    assert "CSV" in wrong[0].what.en


def test_empty_cells_beyond_the_headings_and_empty_headings_are_nothing() -> None:
    assert problems("资产标识,单位,,\na,b,,\n") == []


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_problems(data: bytes) -> None:
    filed, wrong = read_csv(data)
    assert all(one.row >= 1 for one in wrong)
    assert filed or wrong or data.strip()


TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=20)


@given(
    st.fixed_dictionaries({key: TEXT for key in COLUMNS if key not in ("asset", "procured_on", "classified")}),
    TEXT.filter(bool),
)
def test_a_row_survives_being_sealed_stored_and_read(values: dict[str, str], asset: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["asset", *values], [asset, *values.values()]])
    filed, wrong = read_csv(out.getvalue().encode())
    assert wrong == []
    addressed = envelope(filed[0], file="台账.csv", taken_at=datetime(2026, 11, 1, tzinfo=UTC), network="外网", unit="")
    check_envelope(addressed)
    stored = read_line(write_line(seal(addressed, body(filed[0]), exit_code=None)))
    assert isinstance(stored, Capture)
    assert dict(read_row(stored).columns) == dict(filed[0].columns)
    assert json.loads(write_line(stored))["request"] == "台账.csv row 2"
