"""One cell of a returned ledger, read as people write it: widths, line breaks, days in many shapes, lists of addresses."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from inventories.addresses import is_nothing, read_address
from inventories.grids import EPOCH
from inventories.ledger_services import read_offered
from inventories.ledger_tables import Column
from inventories.ledger_words import UnfitError, read_deployment
from inventories.ranges import read_range
from xunyan.errors import InputError
from xunyan.names import NAME_LIMIT, flaw, shown
from xunyan.wording import Text

YEARS = range(1970, 2101)
TEXT_LIMIT = 2000
NAME_LENGTH = 200
"""What a name may have, so that its kind can stand before it."""

Columns = dict[str, str]
Reader = Callable[[Column, str, date], Columns]
"""Reads a cell that is not blank: (column, text, day 0 of day numbers) -> what it says by key. Raises UnfitError."""

_FULL_WIDTH = str.maketrans("０１２３４５６７８９－／．：", "0123456789-/.:")
_BREAK = re.compile(r"(.?)[^\S\r\n]*[\r\n\v\f\t\x85\u2028\u2029]+\s*(.?)")
_BETWEEN = re.compile(r"[\s;,、|]+")
_CLAUSE = re.compile(r"第[^第]{1,8}[条款项章]|附件|专栏|[〔\[(][12][0-9]{3}[〕\])]|《[^》]+》")
_MIDNIGHT = re.compile(r"[T ]+0?0:00(:00(\.0+)?)?$")
_SERIAL = re.compile(r"[1-9][0-9]{4}")
_DASH = re.compile(r"\s*(?:[-－—–~～]+|至|到)\s*")


def tidy(text: str) -> str:
    """Put a cell on one line, with figures and the signs of days and addresses of one width.

    A line that was broken between Chinese characters is joined without a blank, as it would be read.
    """
    return _BREAK.sub(_joined, text.strip()).translate(_FULL_WIDTH).strip()


def _joined(found: re.Match[str]) -> str:
    before, after = found[1], found[2]
    between = "" if _is_wide(before) and _is_wide(after) else " "
    return f"{before}{between if before and after else ''}{after}"


def _is_wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in "WF"


def check_text(text: str, limit: int = NAME_LIMIT) -> None:
    """Raise UnfitError at a text that is too long, or that a screen or a report would obey."""
    if len(text) > limit:
        raise UnfitError(Text(f"过长（上限{limit}个字符）", f"too long ({limit} characters at most)"))
    for begin in range(0, len(text), NAME_LIMIT):
        unfit = flaw(text[begin : begin + NAME_LIMIT])
        if unfit:
            raise UnfitError(
                Text(f"含不可见或控制字符（{unfit}）", f"holds an invisible or control character ({unfit})")
            )


def read_day(text: str, epoch: date = EPOCH) -> date | None:
    """Read a day as people write it: 2025-03-01, 2025/3/1, 2025.3.1, 20250301, 2025年3月1日, or a spreadsheet's day number.

    A year of two figures is not guessed at: no machine was bought in the year 25.
    """
    bare = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-").strip("- ")
    try:
        if _SERIAL.fullmatch(bare):
            day = epoch + timedelta(days=int(bare))
        else:
            parts = [bare[:4], bare[4:6], bare[6:]] if bare.isdigit() and len(bare) == 8 else bare.split("-")
            if len(parts) != 3:
                return None
            day = date(*(int(part) for part in parts))
    except (ValueError, OverflowError):
        return None
    return day if day.year in YEARS else None


def _line(column: Column, text: str, _epoch: date) -> Columns:
    bare = tidy(text)
    check_text(bare)
    return {column.key: bare}


def _text(column: Column, text: str, _epoch: date) -> Columns:
    bare = tidy(text)
    check_text(bare, TEXT_LIMIT)
    return {column.key: bare}


def _name(column: Column, text: str, _epoch: date) -> Columns:
    bare = text.strip()
    if len(bare.splitlines()) > 1:
        raise UnfitError(
            Text("名称里有换行，请写成一行", "the name is broken over lines; write it on one"),
        )
    bare = bare.translate(_FULL_WIDTH)
    check_text(bare, NAME_LENGTH)
    return {column.key: bare}


def _day(column: Column, text: str, epoch: date) -> Columns:
    bare = _MIDNIGHT.sub("", "".join(tidy(text).split()) if "年" in text else tidy(text))
    if is_nothing(bare):
        return {}
    day = read_day(bare, epoch)
    if day is None:
        given = shown(text.strip())
        raise UnfitError(Text(f"“{given}”不是日期，应如 2025-03-01", f"{given!r} is not a day; write 2025-03-01"))
    return {column.key: day.isoformat()}


def _word(column: Column, text: str, _epoch: date) -> Columns:
    if column.words is None:
        raise RuntimeError(f"{column.key} has no words")
    try:
        return {column.key: column.words.read(text)}
    except UnfitError:
        if is_nothing(text):
            return {}
        raise


def _deployment(column: Column, text: str, _epoch: date) -> Columns:
    return {column.key: tidy(text), "declared_place": read_deployment(text)}


def _hosts(column: Column, text: str, _epoch: date) -> Columns:
    """Sort what a cell lists: bare names, and places with an address, a port or a URL, whose names are names too."""
    if is_nothing(text):
        return {}
    names: dict[str, None] = {}
    places: dict[str, None] = {}
    for part in _BETWEEN.split(unicodedata.normalize("NFKC", text).strip()):
        if not part:
            continue
        one = read_offered(part)
        if one is None:
            raise UnfitError(_no_place(part, column))
        if one.is_name:
            names[one.host] = None
        if not one.is_name or one.port or one.scheme:
            places[str(one)] = None
    found = {"names": " ".join(names), "addresses": " ".join(places)}
    for value in found.values():
        check_text(value, TEXT_LIMIT)
    return {key: value for key, value in found.items() if value}


def _no_place(part: str, column: Column) -> Text:
    if "@" in part:
        return Text(
            "网址里不要写账号和口令，写过的请更换口令", "a URL holds no user and password here; change what was written"
        )
    if part.startswith("*."):
        return Text(f"“{shown(part)}”是通配域名，请逐个写出", f"{shown(part)!r} is a wildcard; write each name")
    return Text(
        f"“{shown(part)}”不是可用的{column.heading}，应如 oa.example.cn、10.1.2.3:8080、[2001:db8::1]:443、https://oa.example.cn/",
        f"{shown(part)!r} is no usable name or address; write oa.example.cn, 10.1.2.3:8080 or https://oa.example.cn/",
    )


def _range(column: Column, text: str, _epoch: date) -> Columns:
    bare = _DASH.sub("-", unicodedata.normalize("NFKC", tidy(text)).replace("。", "."))
    bare = re.sub(r"\s*/\s*", "/", bare)
    try:
        read_range(bare)
    except InputError as error:
        advice = error.advice or Text("", "")
        raise UnfitError(Text(f"{error.what.zh}；{advice.zh}", f"{error.what.en}; {advice.en}")) from error
    return {column.key: bare}


def _address(column: Column, text: str, _epoch: date) -> Columns:
    if is_nothing(text):
        return {}
    one = read_address(unicodedata.normalize("NFKC", text))
    if one is None or one.port or not (":" in one.host or one.host.replace(".", "").isdigit()):
        given = shown(text.strip())
        raise UnfitError(Text(f"“{given}”不是一个地址，应如 10.1.2.3", f"{given!r} is not one address; write 10.1.2.3"))
    return {column.key: one.host}


def _clause(column: Column, text: str, _epoch: date) -> Columns:
    bare = tidy(text)
    if is_nothing(bare) or bare in ("否", "在范围内"):
        return {}
    if not _CLAUSE.search(bare):
        raise UnfitError(
            Text(
                "没有写明依据哪个文件的哪一条，应如“第九条（二）涉密项目除外”",
                "it does not name the clause it rests on; write such as 第九条（二）",
            )
        )
    check_text(bare, TEXT_LIMIT)
    return {column.key: bare}


READERS: Mapping[str, Reader] = {
    "line": _line, "asset": _name, "text": _text, "secret": _line, "name": _name, "day": _day, "word": _word,
    "deployment": _deployment, "hosts": _hosts, "range": _range, "address": _address, "clause": _clause,
}  # fmt: skip
"""How the cells of a column are read, by the column's `reads`."""
