"""Endpoints as they are kept, read back and named on the command line; addresses and mappings as people write them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventories import endpoints, mappings
from inventories.addresses import is_nothing, read_address, spellings
from inventories.endpoints import folder, parse_target, read_endpoints, safe_name
from inventories.mappings import ColumnMapping
from inventories.platforms import read_platform
from inventories.records import asset_key
from tests.inventories.endpoint_making import write
from xunyan.errors import InputError, UsageError
from xunyan.permits import Target

FIRST, LATER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("10.1.2.3", "10.1.2.3", 0), (" 10.1.2.3:2222 ", "10.1.2.3", 2222), ("2001:DB8::1", "2001:db8::1", 0),
        ("[2001:db8::1]:22", "2001:db8::1", 22), ("[::1]", "::1", 0), ("::ffff:10.1.2.3", "10.1.2.3", 0),
        ("１０。１．2.3：22", "10.1.2.3", 22), ("PC-01.Example.CN.", "pc-01.example.cn", 0), ("web01:22", "web01", 22),
        ("主机.example", "xn--0zw01a.example", 0), ("127.0.0.1", "127.0.0.1", 0),
    ],
)  # fmt: skip
def test_addresses_as_people_write_them(text: str, host: str, port: int) -> None:
    found = read_address(text)
    assert found is not None
    assert found.port == port
    assert found.host == host or (host.startswith("xn--") and found.host.startswith("xn--"))


@pytest.mark.parametrize(
    "text",
    [
        "", "10.1", "10", "010.1.1.1", "10.1.1.1/24", "10.1.1.1:0", "10.1.1.1:65536", "a:b:c", "[::1", "::1]:22", "-a", "a-", "a..b",
        "a_b!", "0" + ".0.0.0", "::", "224.0.0.1", "ff02::1", "fe80::1", "fe80::1%eth0", "169.254.1.1", "255.255.255.255", "1.2.3.0x10",
        "①0.1.2.3", "a" * 64, ".".join(["a"] * 200), "a b", "a;b", "$(id)", "x" * 5000, "[10.1.1.1]x",
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    assert read_address(text) is None


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_is_not_and_what_is_read_stays(text: str) -> None:
    found = read_address(text)
    assert found is None or read_address(found.host) == type(found)(found.host)
    assert isinstance(is_nothing(text), bool)
    assert spellings(text) is not None


def test_spellings_see_through_masks_and_zones() -> None:
    assert "10.1.1.7" in spellings("10.1.1.7/24")
    assert "10.1.1.7" in spellings("x10.1.1.7y")
    assert "fe80::1" in spellings("fe80::1%eth0")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("web01", "host:web01"), ("host:web01", "host:web01"), ("device:sw1", "device:sw1"), ("2001:db8::1", "host:2001:db8::1"),
        ("fe80::1", "host:fe80::1"), ("aa:bb:cc:dd:ee:ff", "host:aa:bb:cc:dd:ee:ff"), ("web01:22", "host:web01:22"), ("abc::1", "host:abc::1"),
    ],
)  # fmt: skip
def test_names_get_their_kind(name: str, key: str) -> None:
    assert asset_key(name) == key


@pytest.mark.parametrize(
    ("text", "platform"),
    [("", "linux"), ("Linux", "linux"), ("银河麒麟桌面V10", "linux"), ("统信UOS", "linux"), ("WINDOWS", "windows"),
     ("Win7", "windows"), ("Microsoft Windows 11", "windows"), ("macOS", None), ("打印机", None)],
)  # fmt: skip
def test_systems_as_products_call_them(text: str, platform: str | None) -> None:
    assert read_platform(text) == platform


def test_what_is_kept_is_read_back_in_a_fixed_order_and_the_last_import_counts(tmp_path: Path) -> None:
    one = Target("host:a", "外网", "10.1.1.1", 2222, "windows", "民政局", "二楼", "u", "c", "r", "k", "a.csv:2")
    two, three = Target("host:b", "外网", "10.1.1.2"), Target("host:a", "内网", "10.1.1.1")
    endpoints.write(tmp_path, "z", [two, one], FIRST)
    assert read_endpoints(folder(tmp_path)) == [one, two]
    moved = Target("host:a", "外网", "10.1.1.9")
    endpoints.write(tmp_path, "b", [moved, three], LATER)
    assert read_endpoints(folder(tmp_path)) == [three, moved, two]
    endpoints.write(tmp_path, "z", [one], LATER)
    assert read_endpoints(folder(tmp_path)) == [three, one]
    assert endpoints.remove(tmp_path, "z") == [one]
    assert read_endpoints(folder(tmp_path)) == [three, moved]
    with pytest.raises(UsageError):
        endpoints.remove(tmp_path, "../../xunyan")


def test_nothing_kept_is_no_target(tmp_path: Path) -> None:
    assert read_endpoints(folder(tmp_path)) == []


@pytest.mark.parametrize(
    "line",
    [
        "{", "[]", '{"schema":"xunyan.endpoint/2","asset":"a","network":"n","address":"10.1.1.1"}',
        '{"schema":"xunyan.endpoint/1","asset":"a","network":"n","address":"10.1"}',
        '{"schema":"xunyan.endpoint/1","asset":"a","network":"n","address":"10.1.1.1","port":70000}',
        '{"schema":"xunyan.endpoint/1","asset":"a","network":"n","address":"10.1.1.1","classified":true}',
        '{"schema":"xunyan.endpoint/1","asset":"a\\u202e","network":"n","address":"10.1.1.1"}',
        '{"schema":"xunyan.endpoint/1","asset":"","network":"n","address":"10.1.1.1"}',
        '{"schema":"xunyan.endpoint/1","asset":"a","network":"n","address":"10.1.1.1","platform":"vms"}', "[" * 100000,
    ],
)  # fmt: skip
def test_a_line_that_a_person_spoilt_is_named(tmp_path: Path, line: str) -> None:
    good = '{"schema":"xunyan.endpoint/1","asset":"web01","network":"n","address":"10.1.1.1"}'
    write(folder(tmp_path) / "手写.jsonl", f"{good}\n\n{line}\n")
    with pytest.raises(InputError) as refused:
        read_endpoints(folder(tmp_path))
    assert "手写.jsonl:3" in refused.value.what.zh
    write(folder(tmp_path) / "手写.jsonl", good)
    assert read_endpoints(folder(tmp_path)) == [Target("host:web01", "n", "10.1.1.1")]


@pytest.mark.parametrize(
    ("text", "asset", "address", "port"),
    [
        ("10.1.2.3", "host:10.1.2.3", "10.1.2.3", 0), ("10.1.2.3:2222", "host:10.1.2.3", "10.1.2.3", 2222),
        ("[::1]:22", "host:::1", "::1", 22), ("pc01", "host:pc01", "pc01", 0), ("host:web01=10.1.2.3", "host:web01", "10.1.2.3", 0),
        ("web01=[::1]:22", "host:web01", "::1", 22),
    ],
)  # fmt: skip
def test_targets_of_the_command_line(text: str, asset: str, address: str, port: int) -> None:
    assert parse_target(text, "外网", "局") == Target(asset, "外网", address, port, unit="局", origin="--target")


@pytest.mark.parametrize(
    "text", ["", "=10.1.1.1", "a=", "10.1.1.0/24", "host:a=x=", "a\x1b=10.1.1.1", "x" * 300 + "=10.1.1.1"]
)
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(UsageError):
        parse_target(text, "外网", "")


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("hosts", "hosts"),
        ("终端 清单(1)", "终端-清单-1"),
        ("../../x", "x"),
        ("...", "endpoints"),
        ("a/b", "a-b"),
        ("", "endpoints"),
    ],
)
def test_names_of_lists_are_safe(stem: str, name: str) -> None:
    assert safe_name(stem) == name
    assert safe_name(name) == name


@given(st.text(max_size=300))
def test_any_stem_gives_a_safe_name(stem: str) -> None:
    name = safe_name(stem)
    assert name
    assert len(name.encode()) <= 120
    assert "/" not in name
    assert safe_name(name) == name


def test_a_mapping_is_kept_and_read_back(tmp_path: Path) -> None:
    made = ColumnMapping(
        {"address": 'IP"地址', "asset": "名\\称"},
        "表 1",
        3,
        {"network": "外网"},
        {"platform": {"Windows 10": "windows", "a.b": "linux"}},
    )
    mappings.save(tmp_path, "导出", made)
    assert mappings.load(tmp_path, "导出") == made
    assert mappings.names(tmp_path) == ["导出"]
    with pytest.raises(UsageError):
        mappings.load(tmp_path, "../导出")


def test_the_longest_beginning_counts() -> None:
    made = ColumnMapping(
        {"address": "a"}, values={"platform": {"win": "windows", "Windows CE": "skip"}}, constants={"unit": "局"}
    )
    assert [made.meant("platform", cell) for cell in ("Windows 10", "windows ce 5", "x", "")] == [
        "windows",
        "skip",
        "x",
        "",
    ]
    assert made.meant("unit", "") == "局"


@pytest.mark.parametrize(
    "text",
    ["[columns]\nasset = 'a'\n", "[columns]\naddress = ''\n", "[columns]\naddress = 'a'\ncolour = 'b'\n", "x = 1\n", "[columns\n",
     "[columns]\naddress = 'a'\n[constants]\naddress = '10.1.1.1'\n", "header_row = -1\n[columns]\naddress = 'a'\n", "[columns]\naddress = 1\n"],
)  # fmt: skip
def test_a_mapping_that_is_wrong_is_refused(tmp_path: Path, text: str) -> None:
    path = write(mappings.folder(tmp_path) / "m.toml", text)
    with pytest.raises(InputError) as refused:
        mappings.load(tmp_path, "m")
    assert refused.value.where == str(path)
