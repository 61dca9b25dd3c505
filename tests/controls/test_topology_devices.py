"""Routing neighbours with their twins over IPv6, and filters of both families."""

from dataclasses import replace

import pytest

from controls.topology.asked import asks, is_configuration, table_of
from scanners.platforms.devices import VENDORS
from tests.controls.making import cite
from tests.controls.network_making import Router, blind, built, pair, rows
from xunyan.device_facts import (
    AccessList,
    AccessListUse,
    AccessRule,
    DeviceRoute,
    DeviceService,
    InterfaceAddress,
    RoutingPeer,
    RoutingProcess,
    Vrf,
)
from xunyan.link_facts import FilterPair, RoutingTwin

DENY = (AccessRule(5, "deny", "tcp", "destination-port eq 445"), AccessRule(10, "permit", "ip", ""))


@pytest.mark.parametrize("platform", VENDORS)
def test_every_vendor_s_answers_over_ipv6_are_known_as_such(platform: str) -> None:
    commands = VENDORS[platform].commands
    for kind, words in (
        (InterfaceAddress, ()),
        (DeviceRoute, ("rout",)),
        (RoutingPeer, ("ospf",)),
        (RoutingPeer, ("bgp",)),
    ):
        sources = [
            source for source, one in commands.items() if kind in one.kinds and all(word in source for word in words)
        ]
        assert any(asks(source, 6) for source in sources), (kind, words)
        assert any(asks(source, 4) and not asks(source, 6) for source in sources), (kind, words)


def twins(*parts: Router) -> list[tuple[str, str, str]]:
    found: list[RoutingTwin] = rows(built(*parts), "device:r1", "routing-twins")
    return [(one.protocol, one.neighbor, one.twin) for one in found]


def peer(protocol: str, family: int, neighbor: str, interface: str = "", **words: object) -> RoutingPeer:
    values: dict[str, object] = {"state": "established", "up": True, "remote_as": "65001", **words}
    return RoutingPeer(protocol, family, neighbor, interface=interface, **values)  # type: ignore[arg-type]


def one_router() -> Router:
    return pair()[0]


def test_ospf_and_ospfv3_are_held_together_by_the_interface() -> None:
    router = one_router().ospf("GigabitEthernet0/0/1", "10.0.0.2", "2.2.2.2")
    assert twins(router) == [("ospf", "10.0.0.2", "missing")]
    router.ospf("GigabitEthernet0/0/1", router_id="22.22.22.22")
    assert twins(router) == [("ospf", "10.0.0.2", "up")], "its router id may be another"
    assert twins(one_router().ospf("GigabitEthernet0/0/1", "10.0.0.2").ospf("Vlanif9")) == [
        ("ospf", "10.0.0.2", "missing")
    ]


def test_a_neighbour_that_does_not_come_up() -> None:
    router = one_router().ospf("GigabitEthernet0/0/1", "10.0.0.2").ospf("GigabitEthernet0/0/1", up=False, state="init")
    assert twins(router) == [("ospf", "10.0.0.2", "down")]


def test_what_was_not_asked_for_is_not_missing() -> None:
    router = one_router().ospf("GigabitEthernet0/0/1", "10.0.0.2")
    router.unasked |= {"display ospfv3 peer"}
    assert twins(router) == [("ospf", "10.0.0.2", "unasked")]


def test_on_one_interface_with_several_the_router_id_tells() -> None:
    router = one_router().ospf("Vlanif9", "10.9.1.2", "2.2.2.2").ospf("Vlanif9", "10.9.1.3", "3.3.3.3")
    router.ospf("Vlanif9", router_id="2.2.2.2")
    assert twins(router) == [("ospf", "10.9.1.2", "up"), ("ospf", "10.9.1.3", "unclear")]


def test_another_protocol_may_carry_ipv6() -> None:
    router = one_router().ospf("GigabitEthernet0/0/1", "10.0.0.2").add(peer("bgp", 6, "240e:1:0:1::2"))
    assert twins(router) == [("ospf", "10.0.0.2", "up")]


def test_isis_shows_its_families_by_routes_alone() -> None:
    router = one_router().add(peer("isis", 0, "0100.0000.0002", "GigabitEthernet0/0/1", remote_as=""))
    assert twins(router) == [("isis", "0100.0000.0002", "unclear")]
    router.route("240e:5::/32", "fe80::2", "GigabitEthernet0/0/1", protocol="isis")
    assert twins(router) == [("isis", "0100.0000.0002", "up")]
    bare = (
        Router("r1")
        .port("GigabitEthernet0/0/1", "10.0.0.1/30")
        .add(peer("isis", 0, "0100.0000.0002", "GigabitEthernet0/0/1"))
    )
    assert twins(bare) == [("isis", "0100.0000.0002", "missing")]
    bare.unasked.add("display ipv6 routing-table")
    assert twins(bare) == [("isis", "0100.0000.0002", "unasked")]


def test_bgp_over_the_same_session_the_same_link_or_the_same_device() -> None:
    one, two = pair()
    one.add(peer("bgp", 4, "10.0.0.2"))
    assert twins(one) == [("bgp", "10.0.0.2", "missing")]
    assert twins(pair()[0].add(peer("bgp", 4, "10.0.0.2"), peer("bgp", 6, "10.0.0.2", remote_as="7"))) == [
        ("bgp", "10.0.0.2", "up")
    ]
    assert twins(pair()[0].add(peer("bgp", 4, "10.0.0.2"), peer("bgp", 6, "240e:1:0:1::2", remote_as="7"))) == [
        ("bgp", "10.0.0.2", "up")
    ]
    two.port("LoopBack0", "2.2.2.2/32", "240e:ff::2/128")
    far = pair()[0].add(peer("bgp", 4, "2.2.2.2", remote_as="7"), peer("bgp", 6, "240e:ff::2", remote_as="8"))
    assert twins(far, two) == [("bgp", "2.2.2.2", "up")]


def test_bgp_of_one_as_with_fewer_over_ipv6_is_unclear() -> None:
    router = one_router().add(peer("bgp", 4, "1.1.1.1"), peer("bgp", 4, "2.2.2.2"), peer("bgp", 6, "240e:ff::9"))
    assert [twin for _, _, twin in twins(router)] == ["unclear", "unclear"]
    assert twins(one_router().add(peer("bgp", 4, "1.1.1.1"), peer("bgp", 6, "240e:ff::9", up=False))) == [
        ("bgp", "1.1.1.1", "down")
    ]


def test_a_router_of_static_routes_needs_a_default_over_ipv6() -> None:
    router = one_router().route("0.0.0.0/0", "10.0.0.2")
    assert twins(router) == [("static", "10.0.0.2", "missing")]
    assert twins(one_router().route("0.0.0.0/0", "10.0.0.2").route("240e::/16", "240e:1:0:1::2")) == [
        ("static", "10.0.0.2", "unclear")
    ]
    router.route("::/0", "240e:1:0:1::2")
    assert twins(router) == [("static", "10.0.0.2", "up")]
    switch = Router("r1").port("Vlanif9", "10.9.1.2/24").route("0.0.0.0/0", "10.9.1.1")
    assert twins(switch) == []


def filters(router: Router) -> list[tuple[str, str, str]]:
    found: list[FilterPair] = rows(built(router), "device:r1", "filter-pairs")
    return [(one.place, one.active, one.six) for one in found]


def filtered(six: tuple[AccessRule, ...] | None = None, *, platform: str = "huawei_vrp") -> Router:
    """A router that filters IPv4 on its link; `six`: the rules of the list for IPv6 there."""
    router = one_router().add(AccessList("3000", 4, DENY), AccessListUse("3000", 4, "GigabitEthernet0/0/1", "in"))
    router.platform = platform
    if six is not None:
        router.add(AccessList("V6", 6, six, number="3001"), AccessListUse("3001", 6, "GigabitEthernet0/0/1", "in"))
    return router


def test_a_filter_over_ipv4_alone() -> None:
    assert filters(filtered()) == [("GigabitEthernet0/0/1", "yes", "missing")]
    other = filtered().add(AccessListUse("3001", 6, "GigabitEthernet0/0/1", "out"))
    assert filters(other) == [("GigabitEthernet0/0/1", "yes", "missing")], "the other direction is no twin"


ALL = AccessRule(20, "permit", "ipv6", "any any")
NONE = AccessRule(20, "deny", "ipv6", "any any")


@pytest.mark.parametrize(
    ("rules", "platform", "six"),
    [
        (DENY, "huawei_vrp", "matched"), ((NONE,), "huawei_vrp", "matched"), ((ALL,), "huawei_vrp", "open"), ((), "cisco_ios", "open"),
        ((AccessRule(5, "permit", "tcp", "any any eq 443"),), "cisco_ios", "looser"),
        ((AccessRule(5, "permit", "tcp", "any any eq 443"),), "hp_comware", "open"), ((ALL, NONE), "cisco_ios", "open"),
    ],
)  # fmt: skip
def test_what_can_be_compared_is(rules: tuple[AccessRule, ...], platform: str, six: str) -> None:
    assert filters(filtered(rules, platform=platform)) == [("GigabitEthernet0/0/1", "yes", six)]


def test_a_list_that_was_not_read_and_a_configuration_that_was_not() -> None:
    router = filtered().add(AccessListUse("3009", 6, "GigabitEthernet0/0/1", "in"))
    assert filters(router) == [("GigabitEthernet0/0/1", "yes", "unseen")]
    applied = filtered()
    applied.unasked.add("display current-configuration")
    subject = applied.subject
    assert "access-list-uses" not in subject.observations
    estate = built(subject)
    assert "filter-pairs" not in estate.subjects["r1"].observations


def test_no_ipv6_on_the_interface_is_nothing_to_lead_around() -> None:
    router = Router("r1").port("Vlanif9", "10.9.1.1/24").add(AccessListUse("3000", 4, "Vlanif9", "in"))
    assert filters(router) == [("Vlanif9", "no", "missing")]
    router.unasked.add("display ipv6 interface")
    assert filters(router) == [("Vlanif9", "unknown", "missing")]
    router.port("Vlanif9", "fe80::1/10")
    assert filters(router) == [("Vlanif9", "yes", "missing")], "a link-local address is enough to reach it"


def test_a_service_that_is_filtered_over_ipv4_alone() -> None:
    router = one_router().add(DeviceService("telnet", 4, True, 23, "2000"), DeviceService("telnet", 6, True, 23))
    assert filters(router) == [("telnet", "yes", "missing")]
    router = one_router().add(DeviceService("telnet", 4, True, 23, "2000"), DeviceService("telnet", 6, False, 23))
    assert filters(router) == [("telnet", "no", "missing")]


def test_each_row_cites_what_says_it() -> None:
    estate = built(filtered())
    seen = estate.subjects["r1"].observations["filter-pairs"]
    cited = {one.source for one in seen.evidence}
    assert cited == {"access-lists", "display current-configuration", "display ipv6 interface"}
    assert all(one.taken_at == cite("x").taken_at for one in seen.evidence)


def test_a_router_of_static_routes_in_a_vrf_needs_the_table_over_ipv6_of_that_vrf() -> None:
    router = one_router().add(Vrf("BIZ", "", ("GigabitEthernet0/0/1",))).route("0.0.0.0/0", "10.0.0.2", vrf="BIZ")
    assert twins(router) == [("static", "10.0.0.2", "unasked")]
    router.tables.append("display ipv6 routing-table vpn-instance BIZ")
    assert twins(router) == [("static", "10.0.0.2", "missing")]


def test_a_table_over_ipv6_that_was_not_read_to_its_end_says_of_no_route_that_it_is_missing() -> None:
    router = one_router().route("0.0.0.0/0", "10.0.0.2").totals(5, 3, family=6)
    assert twins(router) == [("static", "10.0.0.2", "unasked")]
    assert twins(one_router().route("0.0.0.0/0", "10.0.0.2").totals(3, 3, family=6)) == [
        ("static", "10.0.0.2", "missing")
    ]


def test_a_default_over_ipv6_that_is_configured_alone_is_not_in_use() -> None:
    router = one_router().route("0.0.0.0/0", "10.0.0.2").route("::/0", "240e:1:0:1::2", configured=True)
    assert twins(router) == [("static", "10.0.0.2", "down")]
    router.unasked.add("display ipv6 routing-table")
    assert twins(router) == [("static", "10.0.0.2", "unasked")]


def unasked(router: Router) -> set[str]:
    return {one.detail for one in blind(built(router), "device:r1").get("routing-twins", ())}


def test_a_protocol_that_nobody_asked_for_may_be_spoken() -> None:
    router = one_router().ospf("GigabitEthernet0/0/1", "10.0.0.2").ospf("GigabitEthernet0/0/1")
    assert unasked(router) == set()
    router.unasked |= {"display bgp peer", "display isis peer"}
    assert unasked(router) == set(), "the configuration knows of none"
    assert unasked(router.add(RoutingProcess("isis", "1"))) == {"r1 isis"}
    router.without.add("routing-processes")
    assert unasked(router) == {"r1 bgp", "r1 isis"}


def test_a_router_without_routes_and_neighbours_was_not_looked_at() -> None:
    router = one_router()
    router.without.add("device-routes")
    assert unasked(router) == {"r1 device-routes"}
    switch = Router("r1").port("Vlanif9", "10.9.1.2/24")
    switch.without.add("device-routes")
    assert unasked(switch) == set()


def test_a_list_for_ipv4_that_keeps_nothing_out_is_no_filter() -> None:
    through = AccessList("3000", 4, (AccessRule(5, "permit", "ip", ""),))
    some = AccessList("3000", 4, (AccessRule(5, "permit", "tcp", "source 10.0.0.0 0.0.0.255"),))
    use = AccessListUse("3000", 4, "GigabitEthernet0/0/1", "in")
    for rules, platform, six in (
        (through, "huawei_vrp", "idle"), (some, "huawei_vrp", "idle"), (through, "hp_comware", "idle"),
        (some, "hp_comware", "looser"), (some, "cisco_ios", "missing"), (through, "cisco_ios", "idle"),
    ):  # fmt: skip
        router = one_router().add(rules, use)
        router.platform = platform
        assert filters(router) == [("GigabitEthernet0/0/1", "yes", six)], (rules, platform)


def test_a_list_for_ipv4_that_was_not_read_cannot_be_compared() -> None:
    router = one_router().add(AccessListUse("3000", 4, "GigabitEthernet0/0/1", "in"))
    router.add(AccessList("3001", 6, (ALL,)), AccessListUse("3001", 6, "GigabitEthernet0/0/1", "in"))
    assert filters(router) == [("GigabitEthernet0/0/1", "yes", "unseen")]


def test_in_front_of_a_service_every_list_denies_the_rest() -> None:
    some = AccessList("2000", 4, (AccessRule(5, "permit", "", "source 10.0.0.0 0.0.0.255"),))
    for six, told in (((ALL,), "open"), ((AccessRule(5, "permit", "", "source 240e:1::/64"),), "matched")):
        router = one_router().add(some, AccessList("2001", 6, six))
        router.add(DeviceService("telnet", 4, True, 23, "2000"), DeviceService("telnet", 6, True, 23, "2001"))
        assert filters(router) == [("telnet", "yes", told)]


@pytest.mark.parametrize(
    "match",
    [
        "any any",
        "any any log",
        "::/0 ::/0",
        "any any log-input",
        "source ::/0 destination any",
        "source :: 0",
        "counting",
    ],
)
def test_everything_is_written_in_many_ways(match: str) -> None:
    rule = AccessRule(20, "permit", "ipv6", match)
    assert filters(filtered((rule,), platform="cisco_ios")) == [("GigabitEthernet0/0/1", "yes", "open")]


def test_what_stands_behind_a_rule_for_everything_denies_nothing() -> None:
    first = AccessRule(1, "deny", "tcp", "any any eq 445")
    more = tuple(AccessRule(20 + at, "deny", "tcp", f"any any eq {at}") for at in range(9))
    router = one_router().add(
        AccessList("3000", 4, (*more, AccessRule(40, "permit", "ip", "any any"))),
        AccessListUse("3000", 4, "GigabitEthernet0/0/1", "in"),
        AccessList("V6", 6, (first, ALL, *more)), AccessListUse("V6", 6, "GigabitEthernet0/0/1", "in"),
    )  # fmt: skip
    assert filters(router) == [("GigabitEthernet0/0/1", "yes", "looser")]


def test_a_configuration_alone_does_not_show_addresses_that_a_device_makes() -> None:
    router = Router("r1").port("Vlanif9", "10.9.1.1/24").add(AccessListUse("3000", 4, "Vlanif9", "in"))
    router.port("Vlanif8", "240e::1/64")
    subject = router.subject
    seen = subject.observations["interface-addresses"]
    told = tuple(replace(one, source="display current-configuration") for one in seen.evidence)
    alone = replace(subject, observations={**subject.observations, "interface-addresses": replace(seen, evidence=told)})
    found: list[FilterPair] = rows(built(alone), "device:r1", "filter-pairs")
    assert [one.active for one in found] == ["unknown"], "an address by EUI-64 stands in no configuration"


@pytest.mark.parametrize("name", ["ipv6", "running-config", "configuration", "ospfv3", "route"])
@pytest.mark.parametrize(
    ("begin", "version"),
    [
        ("display ip routing-table vpn-instance", 4),
        ("display ipv6 routing-table vpn-instance", 6),
        ("show ip route vrf", 4),
        ("show ipv6 forwarding route vrf", 6),
    ],
)
def test_the_name_of_a_vrf_says_nothing_of_what_was_asked(begin: str, version: int, name: str) -> None:
    source = f"{begin} {name}"
    assert asks(source, version)
    assert not asks(source, 10 - version)
    assert not is_configuration(source)
    assert table_of(source) == (version, name)
    assert table_of(source.rpartition(" ")[0].rpartition(" ")[0]) == (version, "")
    assert table_of("display current-configuration") is None
