"""A scenario file is read whole or refused with every mistake named by its place, in both languages."""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lab.scenario.counting import system_key
from lab.scenario.model import Scenario
from lab.scenario.problem import listed
from lab.scenario.reading import LIMIT, SHIPPED, read_scenario, shipped
from lab.scenario.routing import gateway, routers
from lab.wiring import Way
from xunyan.errors import InputError
from xunyan.wording import Text

Table = dict[str, Any]
Spoil = Callable[[Table], object]

RIGHT: Table = {
    "schema": "xunyan.scenario/1",
    "name": "one",
    "title": "一个",
    "units": ["教育局"],
    "sites": ["市民中心"],
    "rooms": [{"name": "机房", "unit": "教育局"}],
    "networks": [
        {"name": "外网", "kind": "extranet", "v4": "10.20.0.0/16", "v6": "2001:db8:20::/48"},
        {"name": "政务云", "kind": "cloud", "v4": "10.30.0.0/16", "v6": "2001:db8:30::/48"},
        {"name": "内网", "kind": "private", "v4": "192.168.1.0/24", "routed": False},
        {"name": "另一内网", "kind": "private", "v4": "192.168.1.0/24", "routed": False},
    ],
    "links": [{"between": ["外网", "政务云"]}],
    "scanner": {"network": "外网", "addresses": ["10.20.0.9", "2001:db8:20::9"]},
    "hosts": [
        {"name": "pc", "count": 3, "unit": "教育局", "site": "市民中心", "room": "机房", "machine": "kunpeng-920",
         "system": "kylin-server-v10", "at": {"外网": ["10.20.1.254", "2001:db8:20:1::ffff"]}},
        {"name": "jump", "forwards": True, "at": {"外网": ["10.20.1.250"], "内网": ["192.168.1.1"]}},
        {"name": "inner", "via": "jump", "machine": "intel-4214", "system": "centos-7", "at": {"内网": ["192.168.1.2"]}},
        {"name": "ns", "at": {"政务云": ["10.30.0.53"]}, "dns": {}},
    ],
    "devices": [{"name": "sw", "vendor": "h3c", "at": {"外网": ["10.20.0.1"]}}],
    "zones": [{"name": "jyj.example", "servers": ["ns"]}],
    "authorisations": [
        {"number": "1号", "units": ["*"], "approver": "李四", "methods": ["ssh"], "networks": [{"name": "外网"}]}
    ],
    "expect": [
        {"control": ["a/x", "a/y"], "asset": ["host:pc00?", "host:inner", "host:pc001"], "status": "satisfied"}
    ],
    "gaps": [{"asset": "host:pc*", "reason": "denied"}],
}  # fmt: skip


def write(folder: Path, table: object, name: str = "one.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(table, allow_unicode=True), encoding="utf-8")
    return path


def refused(path: Path) -> Text:
    """What is said of a file that must be refused; always names the file and says what to do."""
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    assert caught.value.where.startswith(str(path))
    return caught.value.what


def spoiled(folder: Path, spoil: Spoil) -> Text:
    table = copy.deepcopy(RIGHT)
    spoil(table)
    return refused(write(folder, table))


def test_numbers_are_counted_out_and_patterns_become_assets(tmp_path: Path) -> None:
    scenario = read_scenario(write(tmp_path, RIGHT))
    assert [(one.name, one.count, one.at) for one in scenario.hosts[:3]] == [
        ("pc001", 1, {"外网": ["10.20.1.254", "2001:db8:20:1::ffff"]}),
        ("pc002", 1, {"外网": ["10.20.1.255", "2001:db8:20:1::1:0"]}),
        ("pc003", 1, {"外网": ["10.20.2.0", "2001:db8:20:1::1:1"]}),
    ]
    assert [one.name for one in scenario.hosts[3:]] == ["jump", "inner", "ns"]
    assert {one.machine for one in scenario.hosts[:3]} == {"kunpeng-920"}
    assets = ["host:pc001", "host:pc002", "host:pc003", "host:inner"]
    assert [(one.control, one.asset) for one in scenario.expect] == [
        (control, asset) for control in ("a/x", "a/y") for asset in assets
    ]
    assert [(one.asset, one.reason) for one in scenario.gaps] == [(asset, "denied") for asset in assets[:3]]
    assert [one.name for one in scenario.hosts if listed(one)] == ["pc001", "pc002", "pc003", "inner"]


def test_yaml_and_toml_mean_the_same(tmp_path: Path) -> None:
    toml = tmp_path / "one.toml"
    toml.write_text(tomli_w.dumps(RIGHT), encoding="utf-8")
    assert (
        read_scenario(toml) == read_scenario(write(tmp_path, RIGHT)) == read_scenario(write(tmp_path, RIGHT, "1.yml"))
    )


def test_plain_words_stay_text(tmp_path: Path) -> None:
    words = [
        "no",
        "Yes",
        "on",
        "2021-05-01",
        "2021-05-01 10:00:00",
        "22:30",
        "0x1f",
        "1_000",
        "017",
        "0b_",
        "0x_",
        ".inf",
    ]
    path = tmp_path / "one.yaml"
    text = yaml.safe_dump(RIGHT, allow_unicode=True).replace(
        "- 教育局\n", "- 教育局\n- " + "\n- ".join(words) + "\n", 1
    )
    path.write_text(text.replace("name: one", "name: no"), encoding="utf-8")
    scenario = read_scenario(path)
    assert (scenario.units, scenario.name) == (["教育局", *words], "no")
    assert [one.routed for one in scenario.networks] == [True, True, False, False]


KINDS = {"int": "整数", "float": "小数", "bool": "true或false"}


@pytest.mark.parametrize(
    ("words", "kind"), [("12", "int"), ("-3", "int"), ("22.03", "float"), ("1.5e3", "float"), ("true", "bool")]
)
def test_what_is_no_text_is_told(tmp_path: Path, words: str, kind: str) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(yaml.safe_dump(RIGHT, allow_unicode=True).replace("name: one", f"name: {words}"), encoding="utf-8")
    assert refused(path) == Text(f"name：应为文字，写的是{KINDS[kind]}", f"name: Expected `str`, got `{kind}`")


FORM: dict[str, tuple[Spoil, str, str]] = {
    "unknown key": (
        lambda one: one["hosts"][1].update(sytem="x"),
        "hosts[1] (jump)：没有“sytem”这个键", "hosts[1] (jump): Object contains unknown field `sytem`",
    ),
    "unknown key that is the word for a kind": (
        lambda one: one["hosts"][1].update({"object": "x"}),
        "hosts[1] (jump)：没有“object”这个键", "hosts[1] (jump): Object contains unknown field `object`",
    ),
    "one of two kinds": (
        lambda one: one["gaps"][0].update(asset=5),
        "gaps[0].asset：应为文字或列表，写的是整数", "gaps[0].asset: Expected `str | array`, got `int`",
    ),
    "unknown key of the file": (
        lambda one: one.update(hsots=[]), "最外层：没有“hsots”这个键", "top level: Object contains unknown field `hsots`"
    ),
    "unknown key within": (
        lambda one: one["hosts"][3]["dns"].update(rule="x"),
        "hosts[3].dns (ns)：没有“rule”这个键", "hosts[3].dns (ns): Object contains unknown field `rule`",
    ),
    "missing key": (
        lambda one: one["devices"][0].pop("vendor"),
        "devices[0] (sw)：缺少“vendor”", "devices[0] (sw): Object missing required field `vendor`",
    ),
    "missing key of a letter": (
        lambda one: one["authorisations"][0].pop("approver"),
        "authorisations[0] (1号)：缺少“approver”", "authorisations[0] (1号): Object missing required field `approver`",
    ),
    "wrong type": (
        lambda one: one["hosts"][2].update(guest="maybe"),
        "hosts[2].guest (inner)：应为true或false，写的是文字", "hosts[2].guest (inner): Expected `bool`, got `str`",
    ),
    "wrong type of an address": (
        lambda one: one["hosts"][0]["at"].update({"外网": [5]}),
        "hosts[0].at[...][0] (pc)：应为文字，写的是整数", "hosts[0].at[...][0] (pc): Expected `str`, got `int`",
    ),
    "key that is a number": (
        lambda one: one["devices"][0].update(acls={3000: ["rule 5"]}),
        "devices[0].acls (sw)的键：应为文字，写的是整数", "devices[0].acls (sw) (a key): Expected `str`, got `int`",
    ),
    "word that is none of those": (
        lambda one: one["expect"][0].update(status="fine"),
        "expect[0].status：不是可选值：'fine'", "expect[0].status: Invalid enum value 'fine'",
    ),
    "too large a port": (
        lambda one: one["hosts"][0].update(port=70000),
        "hosts[0].port (pc)：应为整数，不大于 65535", "hosts[0].port (pc): Expected `int` <= 65535",
    ),
    "too many of one": (
        lambda one: one["hosts"][0].update(count=1000),
        "hosts[0].count (pc)：应为整数，不大于 999", "hosts[0].count (pc): Expected `int` <= 999",
    ),
    "a line with one end": (
        lambda one: one["links"][0].update(between=["外网"]),
        "links[0].between：应为列表，共 2 项，写了 1 项", "links[0].between: Expected `array` of length 2, got 1",
    ),
    "another schema": (
        lambda one: one.update(schema="xunyan.scenario/2"),
        "schema：不是可选值：'xunyan.scenario/2'", "schema: Invalid enum value 'xunyan.scenario/2'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORM)
def test_form(tmp_path: Path, name: str) -> None:
    spoil, zh, en = FORM[name]
    assert spoiled(tmp_path, spoil) == Text(zh, en)


def test_evaluated_products_beside_and_within(tmp_path: Path) -> None:
    (tmp_path / "products.toml").write_text("# 名录\n", encoding="utf-8")
    assert (
        read_scenario(write(tmp_path, {**RIGHT, "evaluated_products": "products.toml"})).evaluated_products
        == "# 名录\n"
    )
    within = "[list]\nname = 1\n"
    assert read_scenario(write(tmp_path, {**RIGHT, "evaluated_products": within})).evaluated_products == within
    (tmp_path / "bytes").write_bytes(b"\xff\n")
    for name in ("none.toml", "bytes", ".", "x" * 5000, "a\0b"):
        with pytest.raises(InputError, match="evaluated_products: this file cannot be read"):
            read_scenario(write(tmp_path, {**RIGHT, "evaluated_products": name}))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.yaml", "name: 教育局".encode("gb18030")),
        ("a.toml", b"name = '\xff'"),
        ("a.toml", b"name = "),
        ("a.toml", b"a = " + b"[" * 20000),
        ("a.toml", b"a = " + b"1" * 5000),
        ("a.yaml", b"name: [1"),
        ("a.yaml", b"[" * 20000),
        ("a.yaml", b"a: " + b"1" * 5000),
        ("a.yaml", b"!!bool x"),
        ("a.yaml", b"!!timestamp x"),
        ("a.yaml", b'!!int ""'),
        ("a.yaml", b'"\\UFFFFFFFF"'),
        ("a.yaml", b"!!python/object/apply:os.getpid []"),
        ("a.yaml", b"{[a]: 1}"),
        ("a.yaml", b"a\0b"),
    ],
)
def test_files_that_are_no_text_or_no_form_of_it(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    said = refused(path)
    assert said.zh.startswith("格式有误：")
    assert said.en.startswith("cannot be read: ")


@pytest.mark.parametrize("text", ["", "[]", "x", "1"])
def test_files_that_are_no_table(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    assert refused(path).en.startswith("top level: Expected `object`, got `")


def test_huge_and_missing_files_and_names(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    path.touch()
    os.truncate(path, LIMIT + 1)
    assert refused(path) == Text("文件超过4 MiB", "the file is larger than 4 MiB")
    for name in ("none.yaml", "one.json", "smal"):
        with pytest.raises(InputError, match="there is no such scenario") as caught:
            read_scenario(tmp_path / name)
        assert caught.value.advice is not None
        assert "small" in caught.value.advice.en
    with pytest.raises(InputError):
        read_scenario(tmp_path)


@pytest.mark.parametrize("name", shipped())
def test_what_comes_with_the_product_is_right(name: str) -> None:
    assert read_scenario(name) == read_scenario(SHIPPED / f"{name}.yaml")
    assert read_scenario(name).name == name


def test_a_file_here_stands_before_one_that_comes_with_the_product(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(read_scenario("small").hosts) > 5
    (tmp_path / "small").touch()
    with pytest.raises(InputError, match="no such scenario"):
        read_scenario("small")


def test_systems_are_assets_and_patterns_mean_them(tmp_path: Path) -> None:
    table = copy.deepcopy(RIGHT)
    table["systems"] = [
        {"name": "门户", "unit": "教育局", "domains": ["www.a.example"]},
        {"name": "旧站", "unit": "教育局", "domains": ["old.a.example", "b.example"], "filed": False},
        {"name": "地址", "unit": "教育局", "addresses": ["10.20.1.9:8080"], "filed": False},
    ]
    table["expect"] = [{"control": "a/x", "asset": "system:*", "status": "satisfied"}]
    scenario = read_scenario(write(tmp_path, table))
    keys = ["system:门户", "system:old.a.example", "system:10.20.1.9:8080"]
    assert [system_key(one) for one in scenario.systems] == keys
    assert [row.asset for row in scenario.expect] == keys
    table["expect"][0]["asset"] = "host:*"
    assert not {str(row.asset) for row in read_scenario(write(tmp_path, table)).expect} & set(keys)


def test_ways_lead_over_the_lines_and_end_in_black_holes(tmp_path: Path) -> None:
    def spoil(one: Table) -> Table:
        one["networks"].append(
            {"name": "互联网", "kind": "internet", "v4": "198.51.100.0/24", "v6": "2001:db8:f0::/48"}
        )
        one["links"].append({"between": ["互联网", "政务云"], "black_hole": [6]})
        return one

    scenario = read_scenario(write(tmp_path, spoil(copy.deepcopy(RIGHT))))
    ways = {one.network: set(one.ways) for one in routers(scenario)}
    assert ways["外网"] == {
        Way("10.30.0.0/16", "198.18.0.2"), Way("198.51.100.0/24", "198.18.0.2"),
        Way("2001:db8:30::/48", "2001:db8:ffff:0::2"),
        Way("2001:db8:f0::/48", "2001:db8:ffff:0::2"),
    }  # fmt: skip
    assert Way("2001:db8:f0::/48", kind="blackhole") in ways["政务云"]
    assert Way("198.51.100.0/24", "198.18.0.5") in ways["政务云"]
    assert Way("2001:db8:30::/48", kind="blackhole") in ways["互联网"]
    assert set(ways) == {"外网", "政务云", "互联网"}
    assert [gateway(scenario.networks[0], family) for family in (4, 6)] == ["10.20.255.254", "2001:db8:20::ffff"]
    assert gateway(scenario.networks[2], 4) == ""


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8)
    | some.sampled_from(["外网", "10.20.1.1", "2001:db8:20::5", "host:pc*", "a/b", "satisfied", "jump", "10.9.0.0/24", "::/0"]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=6) | some.integers(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def places(table: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a table, each as the keys that lead to it."""
    rows = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    return [one for key, value in rows for one in ((*before, key), *places(value, (*before, key)))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_whatever_stands_in_a_place_is_taken_or_refused(folder: Path, data: some.DataObject) -> None:
    table = copy.deepcopy(RIGHT)
    for _ in range(data.draw(some.integers(1, 3))):
        *way, last = data.draw(some.sampled_from(places(table)))
        inner: Any = table
        for key in way:
            inner = inner[key]
        inner[last] = data.draw(VALUES)
    taken_or_refused(folder, yaml.safe_dump(table, allow_unicode=True))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=some.text(max_size=40) | VALUES.map(lambda one: yaml.safe_dump(one, allow_unicode=True)))
def test_whatever_text_is_taken_or_refused(folder: Path, text: str) -> None:
    taken_or_refused(folder, text)


def taken_or_refused(folder: Path, text: str) -> None:
    path = folder / "fuzz.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    said = Text("-", "-")
    try:
        assert isinstance(read_scenario(path), Scenario)
    except InputError as error:
        said = error.what
    assert said.zh
    assert said.en
