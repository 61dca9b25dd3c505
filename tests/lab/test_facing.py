"""Devices at the two ends of a line see each other as they are, and a scenario that joins them wrongly says where."""

from pathlib import Path
from typing import Any

import pytest

from lab.comparing import Verdict, compare, expectations
from lab.devices import facts
from lab.scenario.facing import facing, names_link
from lab.scenario.model import Device, Expect, FiledLine, Interface, Network, Scanner, Scenario
from lab.scenario.reading import read_scenario
from tests.lab.test_scenario import RIGHT, Spoil, Table, spoiled, write


def device(name: str, *interfaces: Interface, **more: Any) -> Device:
    return Device(name=name, vendor="huawei", at={}, interfaces=list(interfaces), **more)


def mac(name: str, interface: str) -> str:
    return facts.grouped(facts.mac_of(name, interface), ":", 2)


def seen(one: Device, other: Device) -> dict[str, str]:
    return facing([one, other])[0].seen


LEFT = Interface(name="GE1", v4=["10.0.0.1/30"], v6=["2001:db8::1/64", "fe80::1/64"], neighbor=("b", "GE2"))
RIGHT_END = Interface(name="GE2", v4=["10.0.0.2/30"], v6=["2001:db8::2/64"], neighbor=("a", "GE1"))


def test_the_other_end_is_seen_by_all_its_addresses_with_its_mac() -> None:
    own = mac("b", "GE2")
    local = facts.link_local(device("b", RIGHT_END), RIGHT_END)
    assert seen(device("a", LEFT), device("b", RIGHT_END)) == {
        "10.0.0.2": own, "2001:db8::2": own, f"{local}%GE1": own,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("far", "addresses"),
    [
        (Interface(name="GE2", v4=["10.0.0.2/30"]), {"10.0.0.2"}),
        (Interface(name="GE2", v4=["10.9.0.2/30"], v6=["2001:db8:9::2/64", "fe80::2/64"]), {"fe80::2%GE1"}),
        (Interface(name="GE2", v4=["10.0.0.2/30"], up=False), set()),
        (Interface(name="GE2", v4=["10.0.0.2/30"], admin_up=False), set()),
        (Interface(name="GE3", v4=["10.0.0.2/30"]), set()),
    ],
)
def test_nothing_is_seen_that_is_not_there(far: Interface, addresses: set[str]) -> None:
    assert set(seen(device("a", LEFT), device("b", far))) == addresses


def test_tags_see_their_own_tag_with_the_mac_of_the_port() -> None:
    one = device(
        "a", Interface(name="GE1", neighbor=("b", "GE2")), Interface(name="GE1.10", vlan=10, v4=["10.0.0.1/30"]),
        Interface(name="GE1.20", vlan=20, v4=["10.0.0.1/30"], vrf="x"),
    )  # fmt: skip
    other = device("b", Interface(name="GE2"), Interface(name="GE2.7", vlan=10, v4=["10.0.0.2/30"]))
    assert seen(one, other) == {"10.0.0.2": mac("b", "GE2")}
    assert seen(one, device("b", Interface(name="GE2"), Interface(name="GE2.7", vlan=30, v4=["10.0.0.2/30"]))) == {}


def test_vlan_interfaces_see_each_other_over_access_ports() -> None:
    one = device(
        "a", Interface(name="GE1", vlan=10, neighbor=("b", "GE2")), Interface(name="Vlanif10", v4=["10.0.0.1/30"])
    )
    other = device("b", Interface(name="GE2", vlan=20), Interface(name="Vlanif20", v4=["10.0.0.2/30"]))
    assert seen(one, other) == {"10.0.0.2": mac("b", "Vlanif20")}


def test_what_a_scenario_says_itself_counts() -> None:
    one = device("a", LEFT, seen={"10.0.0.2": "02:00:00:00:00:01", "10.0.0.3": "02:00:00:00:00:02"})
    found = seen(one, device("b", RIGHT_END))
    assert (found["10.0.0.2"], found["10.0.0.3"]) == ("02:00:00:00:00:01", "02:00:00:00:00:02")
    rows = {row.address: row.mac for row in facts.neighbours(one, 4) if not row.own}
    assert rows == {"10.0.0.2": "020000000001", "10.0.0.3": "020000000002"}


def router(one: Table, name: str, neighbor: list[str] | None, **more: Any) -> None:
    port = {"name": "GE1", "v4": ["10.0.0.1/30"]} | ({"neighbor": neighbor} if neighbor else {})
    place = {"外网": [f"10.20.8.{len(one.setdefault('devices', [])) + 1}"]}
    one["devices"].append({"name": name, "vendor": "h3c", "at": place, "interfaces": [port], **more})


def two(one: Table, there: list[str] | None, **more: Any) -> None:
    router(one, "left", ["right", "GE1"], **more)
    router(one, "right", there)


def no_such_port(one: Table) -> None:
    router(one, "left", ["right", "GE9"])
    router(one, "right", None)


def not_listed(one: Table) -> None:
    two(one, None)
    one["expect"].append({"control": "a", "asset": "device:left", "status": "satisfied"})


WRONG: dict[str, tuple[Spoil, str, str]] = {
    "no such port": (no_such_port, "devices (left)", "is not there"),
    "another neighbour": (lambda one: two(one, ["left", "GE9"]), "devices (left)", "its neighbor is another one"),
    "address of an interface": (
        lambda one: router(one, "left", None, interfaces=[{"name": "GE1", "v4": ["10.0.0.1/33"]}]),
        "devices (left)", "not an address: 10.0.0.1/33",
    ),
    "IPv6 among IPv4": (
        lambda one: router(one, "left", None, interfaces=[{"name": "GE1", "v4": ["2001:db8::1/64"]}]),
        "devices (left)", "not an address: 2001:db8::1/64",
    ),
    "next hop": (
        lambda one: router(one, "left", None, routes=[{"prefix": "0.0.0.0/0", "next_hop": "nowhere"}]),
        "devices (left)", "not an address: nowhere",
    ),
    "prefix of a route": (
        lambda one: router(one, "left", None, routes=[{"prefix": "default", "next_hop": "10.0.0.2"}]),
        "devices (left)", "not an address: default",
    ),
    "neighbour": (
        lambda one: router(one, "left", None, peers=[{"protocol": "ospf", "address": "10.0.0"}]),
        "devices (left)", "not an address: 10.0.0",
    ),
    "what was seen": (lambda one: router(one, "left", None, seen={"x%GE1": "02:00:00:00:00:01"}), "devices (left)", "not an address: x"),
    "unit of a line": (lambda one: one.update(lines=[{"name": "L", "kind": "core", "unit": "x"}]), "lines (L)", "units lacks 'x'"),
    "device of a line": (
        lambda one: one.update(lines=[{"name": "L", "kind": "core", "device": "x", "interface": "y"}]),
        "lines (L)", "no device 'x' with an interface 'y'",
    ),
    "listed without users": (lambda one: two(one, None, listed=True), "devices (left)", "needs users"),
    "listed in an unrouted network": (
        lambda one: router(one, "left", None, listed=True, users={"a": "b"}, at={"内网": ["192.168.1.77"]}),
        "devices (left)", "is not routed: say via",
    ),
    "via nobody": (lambda one: two(one, None, via="x"), "devices (left)", "'x' must be a host that forwards"),
    "link of nobody": (
        lambda one: one["expect"].append({"control": "a", "asset": "link:x GE1 - y GE1", "status": "satisfied"}),
        "expect", "means no asset",
    ),
    "device that is not listed": (not_listed, "expect", "means no asset"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_joined_wrongly_is_told(tmp_path: Path, name: str) -> None:
    spoil, place, en = WRONG[name]
    said = spoiled(tmp_path, spoil)
    assert f"  {place}: " in said.en
    assert en in said.en
    assert f"  {place}：" in said.zh


def test_devices_links_and_units_may_be_expected(tmp_path: Path) -> None:
    table = {**RIGHT, "devices": [], "lines": [{"name": "一号线", "kind": "core"}]}
    two(table, ["left", "GE1"], listed=True, users={"ops": "x"})
    names = ["device:l*", "unit:*", "link:left GE1 - right GE1", "link:left GE1 - ?", "link:一号线", "link:*"]
    table["expect"] = [{"control": "a", "asset": name, "status": "satisfied"} for name in names]
    scenario = read_scenario(write(tmp_path, table))
    assert [one.asset for one in scenario.expect] == [
        "device:left", *(f"unit:{name}" for name in RIGHT["units"]), *names[2:],
    ]  # fmt: skip
    assert [row.own for row in facts.neighbours(scenario.devices[0], 4)] == [True]  # both have the same address


def test_a_pattern_of_links_means_those_that_were_judged() -> None:
    judged = [("x/a", "link:a GE1 - b GE1"), ("x/a", "link:a GE2 - c GE1"), ("x/a", "unit:u")]
    rows = [
        Expect(control="x/a", asset="link:*", status="satisfied"),
        Expect(control="x/*", asset="link:a GE2 - c GE1", status="not-satisfied"),
        Expect(control="x/a", asset="link:z*", status="satisfied"),
    ]
    assert expectations(rows, judged) == {
        ("x/a", "link:a GE1 - b GE1"): "satisfied",
        ("x/a", "link:a GE2 - c GE1"): "not-satisfied",
        ("x/a", "link:z*"): "satisfied",
    }
    found = compare([Verdict("x/a", "link:a GE1 - b GE1", "satisfied")], rows[:1], [])
    assert found.exact


def test_names_with_brackets_are_names() -> None:
    asset = "link:a GE1[x] - b GE1"
    assert expectations([Expect(control="x/a", asset=asset, status="satisfied")], [("x/a", asset)]) == {
        ("x/a", asset): "satisfied"
    }


def test_ends_of_links_are_devices_of_the_scenario() -> None:
    scenario = Scenario(
        schema="xunyan.scenario/1", name="t", title="t", authorisations=[], scanner=Scanner(network="外网", addresses=[]),
        networks=[Network(name="外网", kind="extranet", v4="10.0.0.0/16")], devices=[device("a"), device("b")],
        lines=[FiledLine(name="一号线", kind="core")],
    )  # fmt: skip
    known = ["link:一号线", "link:a GigabitEthernet 0/1 - b GE1", "link:a GE1 - ?", "link:? - a GE1"]
    assert [one for one in known if not names_link(scenario, one)] == []
    assert [one for one in ("link:二号线", "link:a GE1 - c GE1", "link:a - b") if names_link(scenario, one)] == []
