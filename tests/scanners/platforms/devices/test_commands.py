"""The map of commands: only what reads is asked, nothing is guessed, and several answers become one row a thing."""

import re

import pytest

from controls.topology.asked import table_of
from scanners.platforms.devices import PLATFORMS, VENDORS
from scanners.platforms.devices.commands import SHARED
from scanners.platforms.devices.merging import merged
from scanners.platforms.devices.notation import duplex_of, kbps_of, mac_of, mask_length, network_of, scope_of, state_of
from scanners.platforms.linux.machine import identify as identify_host
from tests.scanners.platforms.devices.answering import capture, everything
from xunyan.device_facts import (
    DEVICE_FACTS,
    UNSHOWN,
    Device,
    DeviceInterface,
    DeviceRoute,
    InterfaceAddress,
    IpNeighbor,
)

READING = re.compile(r"(?:display|show) [a-z0-9 -]+")


def test_platforms_have_the_names_of_netmiko() -> None:
    assert set(VENDORS) == {"huawei_vrp", "hp_comware", "ruijie_os", "zte_zxros", "cisco_ios"}
    assert set(VENDORS) == set(PLATFORMS)


@pytest.mark.parametrize("platform", sorted(VENDORS))
def test_only_what_reads_is_asked(platform: str) -> None:
    vendor = VENDORS[platform]
    for command in (*vendor.commands, *vendor.others):
        assert READING.fullmatch(command), command
    assert not set(vendor.commands) & set(vendor.others)
    assert PLATFORMS[platform].sources == tuple(vendor.commands)
    assert PLATFORMS[platform].known == {*vendor.commands, *vendor.others, *SHARED}


@pytest.mark.parametrize("platform", sorted(VENDORS))
def test_what_may_show_a_community_is_not_asked(platform: str) -> None:
    assert not [command for command in VENDORS[platform].commands if "community" in command or "snmp" in command]


@pytest.mark.parametrize("platform", sorted(VENDORS))
def test_every_kind_of_fact_has_one_reader(platform: str) -> None:
    names = [reader.name for reader in PLATFORMS[platform].readers]
    assert len(names) == len(set(names))
    assert set(names) <= set(DEVICE_FACTS)
    common = set(DEVICE_FACTS) - {"route-totals", "device-services", "snmp-communities"}
    assert common <= set(names)


def test_every_kind_of_fact_has_a_vendor() -> None:
    assert {reader.name for platform in VENDORS for reader in PLATFORMS[platform].readers} == set(DEVICE_FACTS)


def test_a_command_that_is_not_in_the_map_is_not_read() -> None:
    observations, blind = everything("huawei_vrp", {"display interface description": "whatever"})
    assert (observations, blind) == ({}, ())


def test_the_first_answer_is_believed_and_the_others_fill_it() -> None:
    first = DeviceInterface("X1", admin="up", oper="up", description="now", source="display interface", line=3)
    second = DeviceInterface("X1", oper="down", description="then", vrf="gov", vlan=7, source="other", line=9)
    (found,) = merged(DeviceInterface, [first, second])
    assert found == DeviceInterface("X1", admin="up", oper="up", description="now", vrf="gov", vlan=7)
    assert isinstance(found, DeviceInterface)
    assert (found.source, found.line) == ("display interface", 3)
    short = InterfaceAddress("X1", 6, "2001:db8::1", UNSHOWN, "global", "tentative")
    long = InterfaceAddress("X1", 6, "2001:db8::1", 64, "global", "preferred")
    assert merged(InterfaceAddress, [short, long]) == (
        InterfaceAddress("X1", 6, "2001:db8::1", 64, "global", "tentative"),
    )


@pytest.mark.parametrize("platform", sorted(VENDORS))
def test_a_device_is_known_again_by_short_answers(platform: str) -> None:
    vendor = VENDORS[platform]
    every = {**vendor.commands, **vendor.others}
    assert set(PLATFORMS[platform].identifying) == {
        source for source, one in every.items() if Device in one.kinds and "config" not in source
    }


@pytest.mark.parametrize("platform", sorted(VENDORS))
def test_every_answer_with_routes_says_whose_table_it_is_or_is_a_configuration(platform: str) -> None:
    vendor = VENDORS[platform]
    for source, one in {
        **vendor.commands,
        **vendor.others,
        **{f"{begin} A": one for begin, one in vendor.vrf_tables.items()},
    }.items():
        if DeviceRoute in one.kinds:
            vrf = {"public": "", "vrf": "A"}.get(one.table)
            assert table_of(source) == (None if vrf is None else (6 if "ipv6" in source else 4, vrf)), source
        else:
            assert not one.table, source


def test_two_routes_to_one_destination_stay_two() -> None:
    routes = [DeviceRoute(4, "0.0.0.0/0", hop, "", "static") for hop in ("192.0.2.1", "192.0.2.2", "192.0.2.1")]
    assert merged(DeviceRoute, routes) == tuple(routes[:2])
    neighbors = [IpNeighbor(6, "fe80::1", "", name, "dynamic") for name in ("X1", "X2")]
    assert merged(IpNeighbor, neighbors) == tuple(neighbors)


@pytest.mark.parametrize(
    ("platform", "names"),
    [
        ("huawei_vrp", {"GE0/0/1": "GigabitEthernet0/0/1", "XGE1/0/1.10": "XGigabitEthernet1/0/1.10", "10GE1/0/1": "10GE1/0/1",
                        "Eth-Trunk1": "Eth-Trunk1", "GigabitEthernet15/1/0(10G)": "GigabitEthernet15/1/0", "NULL0": "NULL0"}),
        ("hp_comware", {"GE1/0/1": "GigabitEthernet1/0/1", "XGE1/0/1": "Ten-GigabitEthernet1/0/1", "Vlan10": "Vlan-interface10",
                        "RAGG1": "Route-Aggregation1", "InLoop0": "InLoopBack0", "Vlan-interface10": "Vlan-interface10"}),
        ("ruijie_os", {"Gi0/1": "GigabitEthernet 0/1", "GigabitEthernet 0/1": "GigabitEthernet 0/1", "VL10": "VLAN 10",
                       "Ag128": "AggregatePort 128", "GigabitEthernet0/1": "GigabitEthernet 0/1", "BVI 1": "BVI 1"}),
        ("zte_zxros", {"xgei-0/1/0/1.10": "xgei-0/1/0/1.10", "mgmt_eth": "mgmt_eth"}),
        ("cisco_ios", {"Gi0/1": "GigabitEthernet0/1", "Te1/1/1": "TenGigabitEthernet1/1/1", "Po1": "Port-channel1", "Vl10": "Vlan10"}),
    ],
)  # fmt: skip
def test_names_of_interfaces(platform: str, names: dict[str, str]) -> None:
    assert {short: VENDORS[platform].long_name(short) for short in names} == names
    assert all(VENDORS[platform].long_name(long) == long for long in names.values())


def test_notation() -> None:
    assert [mac_of(text) for text in ("0011-2233-4455", "0011.2233.4455", "00:11:22:33:44:55", "001122334455")] == [
        "00:11:22:33:44:55"
    ] * 4
    assert [mac_of(text) for text in ("0000-0000-0000", "Incomplete", "0011-2233-445", "")] == [""] * 4
    assert [kbps_of(text) for text in ("1000M", "10G", "1000M(a)", "a-100", "100", "64k", "auto")] == [
        1_000_000, 10_000_000, 1_000_000, 100_000, 100_000, 64, UNSHOWN,
    ]  # fmt: skip
    assert [duplex_of(text) for text in ("Full", "a-full", "H", "F(a)", "Duplex/full", "Unknown")] == [
        "full",
        "full",
        "half",
        "full",
        "full",
        "",
    ]
    assert [state_of(text) for text in ("UP", "*down", "^down", "up(s)", "UP (spoofing)", "Administratively DOWN", "maybe")] == [
        "up", "down", "down", "up", "up", "down", "",
    ]  # fmt: skip
    masks = {"255.255.255.0": 24, "24": 24, "128.0.0.0": 1, "255.0.255.0": None, "33": None}
    assert {text: mask_length(text) for text in masks} == masks
    assert [network_of(text) for text in ("10.1.2.3/8", "2001:DB8::1/32", "::/0", "10.0.0.0/33", "x")] == [
        "10.0.0.0/8", "2001:db8::/32", "::/0", None, None,
    ]  # fmt: skip
    assert [scope_of(text) for text in ("fe80::1", "169.254.1.1", "::1", "fec0::1", "fd00::1", "10.0.0.1")] == [
        "link", "link", "host", "site", "global", "global",
    ]  # fmt: skip


def test_a_device_is_no_host() -> None:
    told = capture("huawei_vrp", "display esn", "ESN of device: 2102350000000001\n")
    assert [key.value for key in PLATFORMS["huawei_vrp"].identify({"display esn": told})] == ["2102350000000001"]
    assert identify_host({"display esn": told}) == ()
    placeholder = capture("huawei_vrp", "display esn", "ESN of device: Default\n")
    assert all(key.value for key in PLATFORMS["huawei_vrp"].identify({"display esn": placeholder}))
