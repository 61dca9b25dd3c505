"""Reading a scenario file: YAML or TOML in its form, every mistake named by its place, numbers of things counted out."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from lab.scenario.checking import problems
from lab.scenario.counting import counted
from lab.scenario.facing import facing
from lab.scenario.model import Scenario
from xunyan.errors import InputError
from xunyan.wording import Text

SHIPPED = Path(__file__).resolve().parents[1] / "scenarios"
LIMIT = 4 * 1024 * 1024
_SHOWN = 40
_PLACE = re.compile(r"^(?P<what>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>[^`]*)`)?$", re.DOTALL)
_ADVICE = Text("按 docs/lab.md 的例子改正", "mend it as the example in docs/lab.md shows")


class _Plain(yaml.SafeLoader):
    """Reads true and false, decimal numbers and nothing else as other than text: `no`, a day and `22:30` stay as written.

    A key may stand once in a table, and nothing may be written once and meant often: a few lines could mean millions.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Read one value. Raises ComposerError for an alias."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the library's stubs lack it
            raise yaml.composer.ComposerError(None, None, "不用 & 和 * 这样的引用 / no aliases here", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  # the library's form
        """Read a table. Raises ConstructorError for a key that stands there twice."""
        seen: set[object] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    said = f"“{key.value}”写了两次 / {key.value!r} stands there twice"
                    raise yaml.constructor.ConstructorError(None, None, said, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_KINDS = {"timestamp", "bool", "int", "float"}
_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag.rpartition(":")[2] not in _KINDS]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _kind, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?$", "-+0123456789"),
):
    _Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(_pattern), list(_first))


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, _Plain)  # noqa: S506  # a safe loader, with fewer kinds
    except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"a value is not of the kind that its tag says: {error}") from error  # as `!!bool x` does


_LOADERS: Mapping[str, Callable[[str], Any]] = {".toml": tomllib.loads, ".yaml": _yaml, ".yml": _yaml}


def shipped() -> list[str]:
    """Name the scenarios that come with the product."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def read_scenario(given: str | Path) -> Scenario:
    """Read a shipped scenario by its name, or a file. Raises InputError that lists every problem.

    What has a `count` is counted out: in the answer each host stands for one, under its own name and addresses. Devices have
    seen those at the other ends of their lines.
    """
    path = Path(given)
    own = SHIPPED / f"{given}.yaml"
    if str(given) in shipped() and not path.exists():
        path = own
    load = _LOADERS.get(path.suffix.lower())
    if load is None or not path.is_file():
        raise InputError(
            Text("没有这个场景", "there is no such scenario"),
            where=str(given),
            advice=Text(
                f"写 .yaml 或 .toml 文件的路径，或自带场景的名字：{'、'.join(shipped())}",
                f"give the path of a .yaml or .toml file, or the name of a shipped one: {', '.join(shipped())}",
            ),
        )
    if path.stat().st_size > LIMIT:
        raise InputError(Text("文件超过4 MiB", "the file is larger than 4 MiB"), where=str(path))
    try:
        table = load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError is that of TOML and of bytes, too
        raise InputError(
            Text(f"格式有误：{error}", f"cannot be read: {error}"), where=str(path), advice=_ADVICE
        ) from error
    try:
        scenario = msgspec.convert(table, Scenario)
    except msgspec.ValidationError as error:
        raise _refusal(error, table, path) from error
    found = problems(scenario)
    if found:
        zh = [f"  {one.place}：{one.what.zh}" for one in found[:_SHOWN]]
        en = [f"  {one.place}: {one.what.en}" for one in found[:_SHOWN]]
        raise InputError(
            Text("\n".join([f"场景有 {len(found)} 处问题：", *zh]), "\n".join([f"{len(found)} problems:", *en])),
            where=str(path),
            advice=_ADVICE,
        )
    single = counted(_with_list(scenario, path))
    return msgspec.structs.replace(single, devices=facing(single.devices))


def _with_list(scenario: Scenario, path: Path) -> Scenario:
    """Put a list of evaluated products that is named as a file beside the scenario in place of its name."""
    given = scenario.evaluated_products
    if not given or "\n" in given:
        return scenario
    file = path.parent / given
    try:
        text = _beside(file, given)
    except (OSError, ValueError) as error:  # ValueError is that of bytes which are no text, too
        raise InputError(
            Text(f"读不了这个文件：{given}（{error}）", f"this file cannot be read: {given} ({error})"),
            where=f"{path}: evaluated_products",
            advice=Text(
                "写与场景同处的文件名，或直接写名录的内容", "name a file beside the scenario, or write the list itself"
            ),
        ) from error
    return msgspec.structs.replace(scenario, evaluated_products=text)


def _beside(file: Path, given: str) -> str:
    """Read a small text file that lies beside the scenario, and no other. Raises OSError and ValueError."""
    if Path(given).name != given or not file.is_file() or file.stat().st_size > LIMIT:
        raise ValueError("not a file of at most 4 MiB beside the scenario")
    return file.read_text(encoding="utf-8")


def _refusal(error: msgspec.ValidationError, table: Any, path: Path) -> InputError:
    found = _PLACE.match(str(error))
    place = (found["path"] or "").removeprefix(".") if found else ""
    what = found["what"] if found else str(error)
    name = _named(table, place)
    key = ("的键", " (a key)") if found and found["key"] else ("", "")
    zh, en = (f"{place}{name}{one}" for one in key) if place or name else ("最外层", "top level")
    return InputError(Text(f"{zh}：{_chinese(what)}", f"{en}: {what}"), where=str(path), advice=_ADVICE)


def _named(table: Any, place: str) -> str:
    """Say the name of the table that a place lies in, where it has one: hosts[3] alone tells a person little."""
    name = ""
    for key in re.findall(r"[^.\[\]]+", place):
        if isinstance(table, list) and key.isdigit() and int(key) < len(table):
            table = table[int(key)]
        elif isinstance(table, dict):
            table = table.get(key)
        else:
            break
        if isinstance(table, dict) and isinstance(table.get("name", table.get("number")), str):
            name = f" ({table.get('name', table.get('number'))})"
    return name


_KINDS_ZH = {
    "array": "列表", "object": "表", "str": "文字", "int": "整数", "float": "小数", "bool": "true或false", "null": "空",
    "date": "日期", "datetime": "日期时间", "time": "时间",
}  # fmt: skip
_SIGNS_ZH = {">=": "不小于", "<=": "不大于", ">": "大于", "<": "小于"}


def _chinese(what: str) -> str:
    """Say in Chinese what the reading of the form says; what a person wrote is kept as it is."""
    for english, chinese in (
        (r"Object contains unknown field `(.+)`", "没有“{0}”这个键"),
        (r"Object missing required field `(.+)`", "缺少“{0}”"),
        (r"Invalid enum value (.+)", "不是可选值：{0}"),
    ):
        if found := re.fullmatch(english, what, re.DOTALL):
            return chinese.format(*found.groups())
    for english, chinese in (
        (r"Expected `(.+)`, got `(.+)`", "应为{0}，写的是{1}"),
        (r"Expected `(.+)` of length (\d+), got (\d+)", "应为{0}，共 {1} 项，写了 {2} 项"),
        (r"Expected `([^`]+)`", "应为{0}"),
        (r"Expected `(.+)` (>=|<=|>|<) (.+)", "应为{0}，{1} {2}"),
    ):
        if found := re.fullmatch(english, what):
            return chinese.format(*map(_kinds, found.groups()))
    return what


def _kinds(words: str) -> str:
    return "或".join(_KINDS_ZH.get(word, _SIGNS_ZH.get(word, word)) for word in words.split(" | "))
