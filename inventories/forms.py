"""Tables of endpoints: the product's own form, and exports of other products read through a column mapping."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from inventories.mappings import HEADER_ROWS, ColumnMapping
from inventories.records import KEYS, Problem, Record
from inventories.tables import Row, sheets
from xunyan.names import shown
from xunyan.wording import Text

HEADINGS: Mapping[str, str] = {
    "asset": "资产标识",
    "unit": "单位",
    "site": "地点",
    "network": "地址域",
    "address": "地址",
    "port": "端口",
    "platform": "系统类型(linux/windows/huawei_vrp/hp_comware/ruijie_os/zte_zxros/cisco_ios)",
    "user": "登录用户",
    "credential": "凭据",
    "route": "路由",
    "carrier": "通道",
    "classified": "涉密",
    "remark": "备注",
}
"""Key -> heading of the own form. Both are understood in a returned file; the remark is for its writer alone."""

_NEEDED = ("asset", "address")


def template() -> str:
    """Write the blank form: CSV with a byte order mark, as office programs expect it."""
    return "\ufeff" + ",".join(HEADINGS.values()) + "\r\n"


def plain(heading: str) -> str:
    """Bring a heading to the form that is compared: no blanks, no mark of duty, brackets and letters of one kind."""
    return "".join(heading.split()).replace("（", "(").replace("）", ")").strip("*＊").casefold()


def _short(heading: str) -> str:
    """Leave out what a heading of the own form says in brackets."""
    return plain(heading).partition("(")[0].strip("*＊")


_KEYS = {_short(heading): key for key, heading in HEADINGS.items()} | {key: key for key in HEADINGS}


@dataclass(frozen=True, slots=True)
class Header:
    """Where a sheet's columns are: the row of its headings, and for each key the place and the heading as it stands."""

    row: int
    places: Mapping[str, tuple[int, str]]


def records(
    path: Path, data: bytes, mapping: ColumnMapping | None, problems: list[Problem], notes: list[Text]
) -> Iterator[Record]:
    """Read every row of every sheet that has the headings. What is wrong with them goes to `problems`, sheets to `notes`."""
    found = False
    passed: list[str] = []
    lacking: list[Problem] = []
    with sheets(path, data) as tables:
        for name, rows in tables:
            if mapping is not None and mapping.sheet and name and name != mapping.sheet:
                passed.append(name)
                continue
            head = list(islice(rows, HEADER_ROWS if mapping is None else max(HEADER_ROWS, mapping.header_row)))
            wrong: list[Problem] = []
            header = _own(name, head, wrong) if mapping is None else _mapped(name, head, mapping, wrong)
            if header is None:
                passed.append(name)
                lacking += wrong
                continue
            found = True
            problems += wrong
            rest = chain((row for row in head if row[0] > header.row), rows)
            yield from _read(path, name, header, rest, mapping, problems)
    if not found:
        problems += lacking or [Problem(Text("文件", "the file"), "", _headless(mapping, passed))]
    elif passed:
        which = "、".join(shown(name) for name in passed[:10])
        notes.append(Text(f"工作表 {which} 没有读", f"sheets not read: {which}"))


def _read(
    path: Path,
    sheet: str,
    header: Header,
    rows: Iterator[Row],
    mapping: ColumnMapping | None,
    problems: list[Problem],
) -> Iterator[Record]:
    headings = {key: heading for key, (_, heading) in header.places.items()}
    own = {place for place, _ in header.places.values()}
    file = shown(path.name, 120)
    for number, cells in rows:
        where = place_of(sheet, number)
        if mapping is None and any(cell for place, cell in enumerate(cells) if place not in own):
            problems.append(Problem(where, "", _BEYOND))
        values = {
            key: cells[place] if place < len(cells) else "" for key, (place, _) in header.places.items() if key in KEYS
        }
        if not any(values.values()):
            continue
        if mapping is not None:
            values = {key: mapping.meant(key, values.get(key, "")) for key in {**values, **mapping.constants}}
        origin = f"{file} {shown(sheet)}!{number}" if sheet else f"{file}:{number}"
        yield Record(values, headings, where, where, origin)


def place_of(sheet: str, row: int) -> Text:
    """Name a row as a person finds it."""
    name = shown(sheet)
    return (
        Text(f"工作表“{name}”第 {row} 行", f"sheet {name!r} row {row}") if sheet else Text(f"第 {row} 行", f"row {row}")
    )


def _own(sheet: str, head: Sequence[Row], problems: list[Problem]) -> Header | None:
    """Find the own form's headings: the first row with both the name and the address."""
    for number, cells in head:
        keys = [_KEYS.get(_short(cell), "") for cell in cells]
        if not all(key in keys for key in _NEEDED):
            continue
        places: dict[str, tuple[int, str]] = {}
        for place, (cell, key) in enumerate(zip(cells, keys, strict=True)):
            if key in places:
                problems.append(Problem(place_of(sheet, number), cell, _TWICE))
            elif key:
                places[key] = (place, cell)
            elif cell:
                problems.append(Problem(place_of(sheet, number), cell, _UNKNOWN))
        return Header(number, places)
    known = [(number, key) for number, cells in head for key in _NEEDED if key in {_KEYS.get(_short(c)) for c in cells}]
    if known:
        lacking = next(key for key in _NEEDED if key != known[0][1])
        problems.append(Problem(place_of(sheet, known[0][0]), HEADINGS[lacking], _LACKING))
    return None


def _mapped(sheet: str, head: Sequence[Row], mapping: ColumnMapping, problems: list[Problem]) -> Header | None:
    """Find the row that has every heading of the mapping; a heading merged over rows stands in one of the two above."""
    wanted = {key: plain(heading) for key, heading in mapping.columns.items()}
    best: tuple[int, int, list[str]] | None = None
    for at, (number, _) in enumerate(head):
        if mapping.header_row and number != mapping.header_row:
            continue
        names = _with_merged(head, at, set(wanted.values()))
        missing = [heading for key, heading in mapping.columns.items() if wanted[key] not in names]
        twice = [heading for key, heading in mapping.columns.items() if names.count(wanted[key]) > 1]
        if not missing:
            problems += [Problem(place_of(sheet, number), heading, _TWICE) for heading in twice]
            return Header(number, {key: (names.index(wanted[key]), mapping.columns[key]) for key in wanted})
        if best is None or len(missing) < best[0]:
            best = (len(missing), number, missing)
    if best is not None and (best[0] < len(wanted) or mapping.header_row):
        problems += [Problem(place_of(sheet, best[1]), heading, _LACKING) for heading in best[2]]
    return None


def _with_merged(head: Sequence[Row], at: int, wanted: set[str]) -> list[str]:
    number, cells = head[at]
    names = [plain(cell) for cell in cells]
    for above_number, above in reversed(head[max(0, at - 2) : at]):
        if number - above_number > 2:
            break
        names += [""] * (len(above) - len(names))
        for place, cell in enumerate(above):
            if not names[place] and plain(cell) in wanted and plain(cell) not in names:
                names[place] = plain(cell)
    return names


_UNKNOWN = Text(
    "不认识的列；别的产品导出的表请用 --mapping", "unknown column; read another product's export with --mapping"
)
_TWICE = Text("这一列出现了两次", "this column is there twice")
_BEYOND = Text("有内容在表头之外的格子里", "a cell outside the headings is filled")
_LACKING = Text("缺少这一列", "this column is missing")


def _headless(mapping: ColumnMapping | None, names: Sequence[str]) -> Text:
    have = "、".join(shown(name) for name in names if name)
    if mapping is not None and mapping.sheet and have and mapping.sheet not in names:
        return Text(
            f"没有工作表“{shown(mapping.sheet)}”，有：{have}", f"no sheet {shown(mapping.sheet)!r}; there are {have}"
        )
    return Text(
        "找不到表头（前30行里没有“资产标识”和“地址”）；别的产品导出的表请用 --mapping"
        if mapping is None
        else "找不到表头（前30行里没有列对应中的列）",
        "no headings (none of the first 30 rows has 资产标识 and 地址); read another product's export with --mapping"
        if mapping is None
        else "no headings (none of the first 30 rows has the mapping's columns)",
    )
