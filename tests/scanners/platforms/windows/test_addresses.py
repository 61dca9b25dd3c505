"""Addresses, routes and the IPv6 switch of Windows endpoints, in documented shapes (see `answering`)."""

# ruff: noqa: S104  # addresses that hosts show, not to bind to

from typing import Any

import pytest

from scanners.platforms.windows.addresses import read_addresses, read_switches
from scanners.platforms.windows.routes import read_routes
from tests.scanners.platforms.windows.answering import ADDRESSES, address, captures, cited
from xunyan.facts import Address, Ipv6Switch, Route


def test_addresses_of_a_desktop() -> None:
    mac, name, loop = "60:cf:84:a1:b2:c3", "以太网", "Loopback Pseudo-Interface 1"
    assert read_addresses(captures(ip_address=ADDRESSES)).facts == (
        Address(name, 6, "240e:1:2::10", 64, "global", True, True, mac, "ether"),
        Address(name, 6, "fe80::1c2d:3e4f:5a6b:7c8d", 64, "link", True, True, mac, "ether"),
        Address(name, 4, "192.168.1.10", 24, "global", True, True, mac, "ether"),
        Address(loop, 6, "::1", 128, "host", True, True, "", "loopback"),
        Address(loop, 4, "127.0.0.1", 8, "host", True, True, "", "loopback"),
    )


def test_each_address_is_cited_with_its_state() -> None:
    sources = captures(ip_address=ADDRESSES)
    evidence = read_addresses(sources).evidence
    assert [cited(one, sources)[0] for one in evidence] == [f'"IPAddress": "{row["IPAddress"]}",' for row in ADDRESSES]
    assert cited(evidence[0], sources)[1:] == ['"PrefixLength": 64,', '"AddressState": "Preferred",']
    assert len(read_addresses(captures(ip_address=ADDRESSES * 20)).evidence) == 1


def one(row: dict[str, Any]) -> Address:
    (fact,) = read_addresses(captures(ip_address=row)).facts
    assert isinstance(fact, Address)
    return fact


@pytest.mark.parametrize("state", ["Invalid", "Tentative", "Duplicate", "Deprecated"])
def test_only_a_preferred_address_is_usable(state: str) -> None:
    assert not one(address("240e:1:2::10", 64, AddressState=state)).usable


def test_an_interface_that_is_down() -> None:
    assert not one(address("240e:1:2::10", 64, OperationalStatus="Down")).up


@pytest.mark.parametrize(
    ("values", "link"),
    [
        ({}, "ether"),
        ({"InterfaceType": "Wireless80211"}, "ether"),
        ({"InterfaceType": "Tunnel", "InterfaceDescription": "Microsoft ISATAP Adapter"}, "tunnel"),
        ({"InterfaceType": "Tunnel", "InterfaceDescription": "Teredo Tunneling Pseudo-Interface"}, "tunnel"),
        ({"InterfaceType": "Ppp"}, "none"),
        ({"InterfaceType": "53", "InterfaceDescription": "Wintun Userspace Tunnel"}, "none"),
        ({"InterfaceDescription": "TAP-Windows Adapter V9"}, "none"),
        ({"InterfaceDescription": "Sangfor SSL VPN CS Support System VNIC"}, "none"),
        ({"InterfaceDescription": "VirtualBox Host-Only Ethernet Adapter"}, "none"),
        ({"InterfaceAlias": "vEthernet (WSL)", "InterfaceDescription": "Hyper-V Virtual Ethernet Adapter"}, "none"),
        ({"InterfaceAlias": "vEthernet (外网)", "InterfaceDescription": "Hyper-V Virtual Ethernet Adapter"}, "ether"),
    ],
)
def test_links_in_linuxs_words(values: dict[str, str], link: str) -> None:
    assert one(address("240e:1:2::10", 64, **values)).link == link


def test_what_get_netipaddress_alone_says_does_not_show_the_interface() -> None:
    row = {
        "InterfaceAlias": "Ethernet0",
        "AddressFamily": 23,
        "IPAddress": "240e::5",
        "PrefixLength": 64,
        "AddressState": 4,
    }
    assert one(row) == Address("Ethernet0", 6, "240e::5", 64, "global", True, True, "", "", state_shown=False)


def test_old_dotnet_has_no_prefix_length() -> None:
    assert one(address("240e::5", None)).prefix == 128


@pytest.mark.parametrize(
    "answer",
    ["", "{}", "[]", "没有网络", address("10.1.1.1", 33), address("10.1.1", 24), address("10.1.1.1", 24, AddressFamily="?"),
     address("10.1.1.1", 24, AddressFamily="InterNetworkV6"), address("10.1.1.1", 24, AddressState="首选"),
     address("10.1.1.1", 24, OperationalStatus="启用"), address("10.1.1.1", 24, InterfaceAlias=None),
     [*ADDRESSES, {"IPAddress": None}]],
)  # fmt: skip
def test_anything_else_is_unreadable(answer: object) -> None:
    reading = read_addresses(captures(ip_address=answer))
    assert (reading.facts, reading.evidence) == ((), ())
    assert [source for source, _ in reading.unreadable] == ["ip-address"]


@pytest.mark.parametrize(
    ("value", "off"), [(None, False), (0, False), (0x20, False), (0x01, False), (0x10, True), (0x11, True), (0xFF, True),
                       (0xFFFFFFFF, True), (-1, True)],
)  # fmt: skip
def test_the_switch(value: int | None, off: bool) -> None:
    reading = read_switches(captures(ipv6_components={"DisabledComponents": value}))
    assert reading.facts == (Ipv6Switch("all", off),)


@pytest.mark.parametrize("answer", ["", "{}", {"DisabledComponents": "ff"}, {"DisabledComponents": True}, "[]"])
def test_no_switch_is_unreadable(answer: object) -> None:
    reading = read_switches(captures(ipv6_components=answer))
    assert (reading.facts, [source for source, _ in reading.unreadable]) == ((), ["ipv6-components"])


def route(prefix: str, hop: str, name: str = "以太网") -> dict[str, object]:
    family = "IPv6" if ":" in prefix else "IPv4"
    return {
        "AddressFamily": family,
        "InterfaceAlias": name,
        "DestinationPrefix": prefix,
        "NextHop": hop,
        "RouteMetric": 0,
    }


def test_routes() -> None:
    rows = [
        route("0.0.0.0/0", "192.168.1.1"), route("192.168.1.0/24", "0.0.0.0"), route("192.168.1.10/32", "0.0.0.0"),
        route("192.168.1.255/32", "0.0.0.0"), route("10.9.9.9/32", "192.168.1.7"), route("224.0.0.0/4", "0.0.0.0"),
        route("127.0.0.0/8", "0.0.0.0", "Loopback Pseudo-Interface 1"), route("::/0", "fe80::1"),
        route("240e:1:2::/64", "::"), route("240e:1:2::10/128", "::"), route("ff00::/8", "::"), route("fe80::/64", "::"),
    ]  # fmt: skip
    assert read_routes(captures(routes=rows)).facts == (
        Route(4, "0.0.0.0/0", "192.168.1.1", "以太网"),
        Route(4, "192.168.1.0/24", "", "以太网"),
        Route(4, "10.9.9.9/32", "192.168.1.7", "以太网"),
        Route(6, "::/0", "fe80::1", "以太网"),
        Route(6, "240e:1:2::/64", "", "以太网"),
        Route(6, "fe80::/64", "", "以太网"),
    )


@pytest.mark.parametrize(
    "answer",
    ["", "[]", "{}", route("default", "10.1.1.1"), route("10.0.0.0/8", "fe80::1"), route("10.0.0.0/8", "在链路上")],
)
def test_no_routes_are_unreadable(answer: object) -> None:
    reading = read_routes(captures(routes=answer))
    assert (reading.facts, [source for source, _ in reading.unreadable]) == ((), ["routes"])
