"""Column mappings, saved by name: which column of another product's export says what."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from inventories.records import KEYS
from xunyan.errors import InputError, UsageError
from xunyan.names import flaw, shown
from xunyan.wording import Text

HEADER_ROWS = 30


class ColumnMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One mapping. `columns`: key -> heading. `constants`: key -> value where the export says nothing.

    `values`: key -> (beginning of what the export says -> what is meant); the longest beginning counts. `sheet` "" is every
    visible sheet with these headings, `header_row` 0 the first row of a sheet that has them.
    """

    columns: dict[str, str]
    sheet: str = ""
    header_row: int = 0
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}

    def meant(self, key: str, cell: str) -> str:
        """Say what a cell means: its value of `values`, the constant where it is blank, else what it says."""
        if not cell:
            return self.constants.get(key, "")
        word = cell.casefold()
        begins = [start for start in self.values.get(key, {}) if word.startswith(start.casefold())]
        return self.values[key][max(begins, key=len)] if begins else cell


def folder(root: Path) -> Path:
    """Where a workspace keeps its mappings."""
    return root / "inventory" / "mappings"


def names(root: Path) -> list[str]:
    """List the mappings of a workspace."""
    return sorted(path.stem for path in folder(root).glob("*.toml"))


def load(root: Path, name: str) -> ColumnMapping:
    """Read a mapping by its name. Raises UsageError where there is none, InputError where it is wrong."""
    if name not in names(root):
        raise UsageError(
            Text(f"没有名为“{shown(name)}”的列对应", f"there is no mapping {shown(name)!r}"),
            where="--mapping",
            advice=Text(
                f"已有：{'、'.join(names(root)) or '（还没有）'}；用 xunyan endpoints mapping 建一个",
                f"there are: {', '.join(names(root)) or '(none)'}; make one with xunyan endpoints mapping",
            ),
        )
    path = folder(root) / f"{name}.toml"
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8-sig")), ColumnMapping)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise _wrong(path, Text(f"读不懂（{error}）", f"cannot be read ({error})")) from error
    check(found, path)
    return found


def check(mapping: ColumnMapping, path: Path) -> None:
    """Raise InputError where a mapping names what is not there, or lacks the address."""
    if "address" not in mapping.columns:
        raise _wrong(path, Text("[columns] 里缺少 address（地址）", "[columns] lacks address"))
    for table, keys in (("columns", mapping.columns), ("constants", mapping.constants), ("values", mapping.values)):
        for key in keys:
            if key not in KEYS or (table == "constants" and key in ("asset", "address")):
                may = "、".join(KEYS)
                raise _wrong(
                    path,
                    Text(
                        f"[{table}] 里不能有 {shown(key)}，可用：{may}",
                        f"[{table}] may not hold {shown(key)}; use {may}",
                    ),
                )
    texts = [*mapping.columns.values(), *mapping.constants.values(), mapping.sheet]
    texts += [text for table in mapping.values.values() for pair in table.items() for text in pair]
    if any(flaw(text) for text in texts) or not all(mapping.columns.values()):
        raise _wrong(
            path,
            Text("有空的、过长的或含不可见字符的文字", "a text is empty, too long or holds an invisible character"),
        )
    if not 0 <= mapping.header_row <= 1000:
        raise _wrong(
            path, Text("header_row 应为1到1000，或0（自动找）", "header_row is 1 to 1000, or 0 to look for it")
        )


def save(root: Path, name: str, mapping: ColumnMapping) -> Path:
    """Write a mapping under its name, in the form that people edit."""
    path = folder(root) / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["# 列对应：哪一列是什么。改动后重新导入即生效", f"sheet = {_quoted(mapping.sheet)}"]
    lines += [f"header_row = {mapping.header_row}", "", *_table("columns", mapping.columns)]
    lines += ["", *_table("constants", mapping.constants)]
    for key, values in mapping.values.items():
        lines += ["", *_table(f"values.{key}", values)]
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.write_text("\n".join(lines) + "\n", "utf-8")
    unfinished.replace(path)
    return path


def _table(name: str, pairs: Mapping[str, str]) -> list[str]:
    return [f"[{name}]", *(f"{_key(key)} = {_quoted(value)}" for key, value in pairs.items())]


def _key(key: str) -> str:
    return key if key in KEYS else _quoted(key)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _wrong(path: Path, what: Text) -> InputError:
    return InputError(
        what,
        where=str(path),
        advice=Text(
            "改正该文件，或用 xunyan endpoints mapping 重做", "mend it, or make it again with xunyan endpoints mapping"
        ),
    )
