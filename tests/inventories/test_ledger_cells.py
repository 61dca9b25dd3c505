"""Cells as people fill them in: days in many shapes, broken lines, deployment words, lists of names and addresses."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventories.grids import EPOCH
from inventories.ledger_cells import READERS, read_day, tidy
from inventories.ledger_tables import COMPANION, RANGES, SYSTEMS, Table
from inventories.ledger_words import DEPLOYED, LEVEL, NATURE, RANGE_KIND, YES, UnfitError, Words, read_deployment


def cell(table: Table, key: str, text: str) -> dict[str, str]:
    column = table.column(key)
    return READERS[column.reads](column, text, EPOCH)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-03-01", date(2025, 3, 1)), ("2025/3/1", date(2025, 3, 1)), ("2025.3.1", date(2025, 3, 1)), ("20250301", date(2025, 3, 1)),
        ("2025年3月1日", date(2025, 3, 1)), ("45717", date(2025, 3, 1)), ("2025-02-30", None), ("2025", None), ("2025-03", None), ("去年", None),
        ("", None), ("1-2-3-4", None), ("²025-01-01", None), ("2025-1-1 08:00", None), ("99999-1-1", None), ("-1-1-1", None),
        ("25-3-1", None), ("0025-03-01", None), ("9" * 30 + "-1-1", None), ("99999", None), ("10000", None),
    ],
)  # fmt: skip
def test_days_as_people_write_them(text: str, day: date | None) -> None:
    assert read_day(text) == day


def test_day_numbers_count_from_where_the_workbook_counts() -> None:
    assert read_day("45717", date(1904, 1, 1)) == date(2029, 3, 2)


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_is_not(text: str) -> None:
    assert read_day(text) is None or isinstance(read_day(text), date)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("２０２５年３月１日", "2025-03-01"), ("2025－３－1", "2025-03-01"), (" 2025 年 3 月 1 日 ", "2025-03-01"),
        ("2025-03-01 00:00:00", "2025-03-01"), ("2025-03-01T00:00:00", "2025-03-01"), ("/", None), ("无", None),
    ],
)  # fmt: skip
def test_a_cell_of_days(text: str, kept: str | None) -> None:
    assert cell(COMPANION, "live_on", text) == ({"live_on": kept} if kept else {})


@pytest.mark.parametrize("text", ["去年", "2025-13-01", "2025年3月", "2025-03-01 08:30"])
def test_what_is_no_day_is_named(text: str) -> None:
    with pytest.raises(UnfitError) as raised:
        cell(COMPANION, "live_on", text)
    assert text in raised.value.what.zh


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("发展改\n革委", "发展改革委"), ("OA\nsystem", "OA system"), ("a\r\n\r\nb", "a b"), ("第一；\n第二", "第一；第二"),
        ("  张三　１３８ ", "张三　138"), ("一\tb", "一 b"), ("10．1．2．3", "10.1.2.3"), ("", ""), ("全角　空格", "全角　空格"),
    ],
)  # fmt: skip
def test_broken_lines_are_joined_as_they_are_read(text: str, line: str) -> None:
    assert tidy(text) == line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("办公\n系统", "换行"), ("a\r\nb", "换行"), ("a\x85b", "换行"), ("a\tb", "U+0009"), ("a\x00b", "U+0000"), ("a\u202eb", "U+202E"),
        ("a\u200bb", "U+200B"), ("名" * 201, "过长"),
    ],
)  # fmt: skip
def test_a_name_is_one_line_of_what_a_screen_can_show(text: str, told: str) -> None:
    with pytest.raises(UnfitError) as raised:
        cell(SYSTEMS, "system", text)
    assert told in raised.value.what.zh


def test_long_texts_have_room_and_an_end() -> None:
    assert cell(SYSTEMS, "functions", "能" * 300) == {"functions": "能" * 300}
    with pytest.raises(UnfitError):
        cell(SYSTEMS, "functions", "能" * 2001)
    with pytest.raises(UnfitError):
        cell(SYSTEMS, "functions", "能" * 300 + "\u202e")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("国家", "national-cloud"), ("国家政务云", "national-cloud"), ("兵团", "corps-cloud"), ("兵团云", "corps-cloud"),
        ("新疆生产建设兵团政务云平台", "corps-cloud"), ("师市政务云", "city-cloud"), ("师市\n政务云", "city-cloud"), ("师市 政务云", "city-cloud"),
        ("第四师政务云", "city-cloud"), ("九师专有云平台", "city-cloud"), ("专有云", "city-cloud"), ("旗政务云", "city-cloud"),
        ("可克达拉市政务云", "city-cloud"), ("部署在师市政务云（租户3）", "city-cloud"), ("自建机房", "own-room"), ("自建", "own-room"),
        ("本单位机房", "own-room"), ("租用机房", "rented-room"), ("租用电信机房", "rented-room"), ("电信机房", "rented-room"),
        ("运营商IDC机房", "rented-room"), ("托管机房", "rented-room"), ("国家、兵团、师市政务云", "national-cloud corps-cloud city-cloud"),
        ("兵团政务云和自建机房", "corps-cloud own-room"), ("自建机房，师市政务云", "city-cloud own-room"),
        ("师市政务云\n自建机房", "city-cloud own-room"), ("师市政务云平台/租用机房(灾备)", "city-cloud rented-room"), ("不清楚", "unclear"),
        *((word, kept) for word, kept in zip(DEPLOYED, ("national-cloud", "corps-cloud", "city-cloud", "own-room", "rented-room"), strict=True)),
    ],
)  # fmt: skip
def test_the_deployment_words_of_the_documents(text: str, place: str) -> None:
    assert read_deployment(text) == place
    assert cell(SYSTEMS, "deployment", text) == {"deployment": tidy(text), "declared_place": place}


@pytest.mark.parametrize(
    "text",
    [
        "政务云", "云", "机房", "阿里云", "移动云", "乌鲁木齐市政务云", "未上政务云", "不在师市政务云", "师", "电信", "同上", "、",
        "（师市政务云）", "师市政务云、某处",
    ],
)  # fmt: skip
def test_a_deployment_that_is_not_known_is_never_guessed_at(text: str) -> None:
    with pytest.raises(UnfitError) as raised:
        read_deployment(text)
    assert all(word in raised.value.what.zh for word in DEPLOYED)


@given(st.text(max_size=40))
def test_any_deployment_is_known_or_refused(text: str) -> None:
    with suppress(UnfitError):
        assert read_deployment(text)


@pytest.mark.parametrize(
    ("words", "text", "kept"),
    [
        (NATURE, "升级", "upgraded"), (NATURE, "新 建", "new"), (NATURE, "existing", "existing"), (YES, "√", "是"), (YES, "无", "否"),
        (LEVEL, "师市", "city"), (RANGE_KIND, "政务外网", "extranet"), (RANGE_KIND, "government-cloud", "government-cloud"),
    ],
)  # fmt: skip
def test_closed_words_and_their_spellings(words: Words, text: str, kept: str) -> None:
    assert words.read(text) == kept


def test_every_word_that_a_form_offers_is_understood() -> None:
    for words in (NATURE, YES, LEVEL, RANGE_KIND):
        assert [words.read(word) for word in words.offered] == list(words.meant)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("oa.example.cn", {"names": "oa.example.cn"}),
        ("ＯＡ．example.cn；www.example.cn", {"names": "oa.example.cn www.example.cn"}),
        ("https://oa.example.cn:8443/login", {"names": "oa.example.cn", "addresses": "https://oa.example.cn:8443/login"}),
        ("oa.example.cn:8443", {"names": "oa.example.cn", "addresses": "oa.example.cn:8443"}),
        ("10.1.2.3、１０.1.2.3：8080\n[2001:db8::1]:443", {"addresses": "10.1.2.3 10.1.2.3:8080 [2001:db8::1]:443"}),
        ("2001:DB8:0::1 2001:db8::1", {"addresses": "2001:db8::1"}),
        ("oa.example.cn/portal", {"names": "oa.example.cn"}),
        ("无", {}),
        ("—", {}),
    ],
)  # fmt: skip
def test_names_and_addresses_sorted_out_of_either_column(text: str, kept: dict[str, str]) -> None:
    assert cell(COMPANION, "names", text) == kept
    assert cell(COMPANION, "addresses", text) == kept


@pytest.mark.parametrize(
    "text", [
        "*.example.cn", "内网访问", "oa", "10.1.2.0/24", "10.1.2", "127.0.0.1", "ftp://a.example", "a.example:0", "1.2.3.4:99999",
    ],
)  # fmt: skip
def test_what_is_no_place_is_named(text: str) -> None:
    with pytest.raises(UnfitError) as raised:
        cell(COMPANION, "names", text)
    assert text[:20] in raised.value.what.zh


@pytest.mark.parametrize("text", ["http://someone:pa55@a.example/", "https://pa55@a.example:8443/"])
def test_a_password_in_a_url_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UnfitError) as raised:
        cell(COMPANION, "names", text)
    assert "口令" in raised.value.what.zh
    assert "pa55" not in str(raised.value.what)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("10.1.0.0/16", "10.1.0.0/16"), ("１０．1．0．0／16", "10.1.0.0/16"), ("10.1.2.3 — 10.1.2.9", "10.1.2.3-10.1.2.9"),
        ("10.1.2.3～9", "10.1.2.3-9"), ("10.1.2.3至10.1.2.9", "10.1.2.3-10.1.2.9"), ("2001:db8::/32", "2001:db8::/32"), ("10.1.2.3", "10.1.2.3"),
    ],
)  # fmt: skip
def test_ranges_as_people_write_them(text: str, kept: str) -> None:
    assert cell(RANGES, "range", text) == {"range": kept}


@pytest.mark.parametrize(
    "text", ["10.1.2.3/24", "10.1.0.0/255.255.0.0", "10.1.0.0/16、10.2.0.0/16", "内网", "10.1.2.9-10.1.2.3"]
)
def test_a_range_is_never_rounded(text: str) -> None:
    with pytest.raises(UnfitError):
        cell(RANGES, "range", text)


def test_a_published_address_stands_for_one() -> None:
    assert cell(RANGES, "maps_to", "10．1．2．3") == {"maps_to": "10.1.2.3"}
    for text in ("10.1.2.0/24", "10.1.2.3 10.1.2.4", "10.1.2.3:80", "a.example"):
        with pytest.raises(UnfitError):
            cell(RANGES, "maps_to", text)


def test_out_of_scope_names_its_clause() -> None:
    assert cell(COMPANION, "out_of_scope", "第九条（二）涉密项目除外") == {"out_of_scope": "第九条（二）涉密项目除外"}
    assert cell(COMPANION, "out_of_scope", "无") == {}
    with pytest.raises(UnfitError):
        cell(COMPANION, "out_of_scope", "领导同意")
