"""What a unit has of links, and its ways out."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pytest

from tests.controls.making import a_range, host
from tests.controls.network_making import Router, blind, built, line, pair, rows
from xunyan.device_facts import DeviceFact, NatRule, PolicyRoute, Vrf
from xunyan.link_facts import UnitEgress, UnitLink

PLAN = (a_range("10.0.0.0/16", "extranet"), a_range("240e::/16", "extranet"), a_range("198.51.100.0/24", "internet"))


def stub() -> Router:
    """A unit's router with a link to the extranet."""
    return Router("r1").port("GigabitEthernet0/0/1", "10.0.0.1/30", "240e:1::1/64").port("Vlanif9", "10.0.9.1/24")


def ways(*parts: object, unit: str = "教育局") -> list[UnitEgress]:
    return rows(built(*parts), f"unit:{unit}", "unit-egress")  # type: ignore[arg-type]


def leads(*parts: object) -> list[tuple[str, str, str]]:
    return [(one.sign, one.address, one.leads) for one in ways(*parts)]


def test_a_default_route_by_the_extranet_s_ranges() -> None:
    router = stub().route("0.0.0.0/0", "10.0.0.2").route("::/0", "fe80::2", "GigabitEthernet0/0/1")
    assert leads(router, *PLAN) == [("default-route", "10.0.0.2", "extranet"), ("default-route", "fe80::2", "extranet")]


def test_a_default_route_to_another_device_is_followed_to_its_unit() -> None:
    one, two = pair()
    one.route("0.0.0.0/0", "10.0.0.2")
    assert leads(one, two) == [("default-route", "10.0.0.2", "unit")]
    two.unit = "教育局"
    assert [one.leads for one in ways(one, two)] == ["inner"]


def test_a_link_local_next_hop_is_that_of_the_other_end() -> None:
    one, two = pair()
    one.route("::/0", "fe80::2", "GigabitEthernet0/0/1")
    assert leads(one, two) == [("default-route", "fe80::2", "unit")]


@pytest.mark.parametrize("destination", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"])
def test_a_home_router_behind_a_stub_is_outside_however_the_default_is_cut(destination: str) -> None:
    router = stub().port("GigabitEthernet0/0/2", "192.168.1.2/24").route(destination, "192.168.1.1")
    router.add(NatRule("GigabitEthernet0/0/2", "outbound"))
    assert leads(router, *PLAN) == [("default-route", "192.168.1.1", "outside"), ("nat", "", "outside")]
    assert [one.leads for one in ways(router)] == ["unknown", "unknown"], "nothing is filed to hold it against"


def test_a_public_next_hop_is_the_internet_s_whether_its_range_is_filed_or_not() -> None:
    router = stub().port("GigabitEthernet0/0/2", "218.0.0.2/30").route("0.0.0.0/0", "218.0.0.1")
    assert leads(router, *PLAN) == [
        ("default-route", "218.0.0.1", "internet"), ("public-address", "218.0.0.2", "internet"),
    ]  # fmt: skip
    filed = stub().port("GigabitEthernet0/0/2", "198.51.100.2/30").route("0.0.0.0/0", "198.51.100.1")
    assert [one.leads for one in ways(filed, *PLAN)] == ["internet"], (
        "no public address: documentation's numbers are nobody's"
    )


def test_an_address_of_the_extranet_s_own_plan_is_no_sign() -> None:
    assert leads(stub(), *PLAN) == []
    assert leads(stub().port("Vlanif9", "2408:8000::1/64"), *PLAN) == [("public-address", "2408:8000::1", "internet")]
    assert leads(stub()) == [], "without a plan no number says anything"


def test_a_default_route_over_ipv6_alone_counts() -> None:
    router = stub().port("GigabitEthernet0/0/2", "2408:8000::2/64").route("2000::/3", "2408:8000::1")
    assert ("default-route", "2408:8000::1", "internet") in leads(router, *PLAN)


def test_a_floating_default_of_the_configuration_counts_and_a_black_hole_does_not() -> None:
    router = stub().port("GigabitEthernet0/0/2", "192.168.1.2/24")
    router.route("0.0.0.0/0", "192.168.1.1", configured=True).route("::/0", "", "NULL0")
    assert leads(router, *PLAN) == [("default-route", "192.168.1.1", "outside")]
    standby = stub().port("GigabitEthernet0/0/2", "192.168.1.2/24").route("0.0.0.0/0", "10.0.0.2")
    standby.route("0.0.0.0/0", "192.168.1.9", active=False)
    assert leads(standby, *PLAN)[1] == ("default-route", "192.168.1.9", "outside"), (
        "it is there for when the other fails"
    )


def test_a_default_in_the_management_s_vrf_is_no_way_out() -> None:
    router = stub().port("MEth0/0/0", "192.168.0.2/24").add(Vrf("mgmt", "", ("MEth0/0/0",)))
    assert leads(router.route("0.0.0.0/0", "192.168.0.1", vrf="mgmt"), *PLAN) == []


def test_a_vrf_is_not_the_management_s_by_its_name_alone() -> None:
    router = stub().port("GigabitEthernet0/0/2", "218.0.0.2/30").port("GigabitEthernet0/0/3", "192.168.9.1/24")
    router.add(Vrf("mgmt-out", "", ("GigabitEthernet0/0/2",))).route("0.0.0.0/0", "218.0.0.1", vrf="mgmt-out")
    assert ("default-route", "218.0.0.1", "internet") in leads(router, *PLAN), "no management is on the Internet"
    joins = stub().port("GigabitEthernet0/0/2", "192.168.1.2/24").port("GigabitEthernet0/0/3", "192.168.9.1/24")
    joins.add(Vrf("oam", "", ("GigabitEthernet0/0/2", "GigabitEthernet0/0/3")))
    joins.route("0.0.0.0/0", "192.168.1.1", vrf="oam")
    assert leads(joins, *PLAN) == [("default-route", "192.168.1.1", "outside")], "it joins two networks"


def home_router(unit: str = "民政局") -> Router:
    """A device elsewhere that holds the address which every home router has."""
    other = Router("r2", unit=unit).port("Vlanif1", "192.168.1.1/24", mac="00:00:00:00:00:02")
    return other.port("GigabitEthernet0/0/1", "10.0.7.1/30")


def with_home_router() -> Router:
    router = stub().port("GigabitEthernet0/0/2", "192.168.1.2/24")
    return router.route("0.0.0.0/0", "192.168.1.1", "GigabitEthernet0/0/2")


def test_who_holds_the_address_of_a_home_router_elsewhere_is_not_at_the_other_end() -> None:
    assert leads(with_home_router(), home_router(), *PLAN) == [("default-route", "192.168.1.1", "unknown")]
    seen = with_home_router().arp("GigabitEthernet0/0/2", "192.168.1.1", "00:00:00:00:00:09")
    assert leads(seen, home_router(), *PLAN) == [("default-route", "192.168.1.1", "outside")], "another machine"
    apart = stub().port("GigabitEthernet0/0/2", "192.168.1.2/24").add(Vrf("B", "", ("GigabitEthernet0/0/2",)))
    apart.route("0.0.0.0/0", "192.168.1.1", vrf="B")
    other = home_router().add(Vrf("A", "", ("Vlanif1",)))
    assert leads(apart, other, *PLAN) == [("default-route", "192.168.1.1", "outside")], "in a VRF of another name"
    same = with_home_router().arp("GigabitEthernet0/0/2", "192.168.1.1", "00:00:00:00:00:02")
    assert leads(same, home_router(), *PLAN) == [("default-route", "192.168.1.1", "unit")]
    assert leads(with_home_router(), home_router("教育局"), *PLAN) == [("default-route", "192.168.1.1", "inner")]


def test_a_default_cut_into_many_pieces_is_one() -> None:
    router = stub().port("GigabitEthernet0/0/2", "192.168.1.2/24")
    for first in (0, 64, 128, 192):
        router.route(f"{first}.0.0.0/2", "192.168.1.1")
    router.route("2400::/12", "2408:8000::1").route("224.0.0.0/4", "192.168.1.7").route("fc00::/7", "240e:1::2")
    assert leads(router, *PLAN) == [
        ("default-route", "192.168.1.1", "outside"), ("default-route", "2408:8000::1", "internet"),
    ]  # fmt: skip


def test_a_route_to_a_part_of_the_internet_is_told_once() -> None:
    router = stub().port("GigabitEthernet0/0/2", "192.168.1.2/24").route("0.0.0.0/0", "10.0.0.2")
    router.route("114.0.0.0/8", "192.168.1.1").route("202.96.0.0/16", "192.168.1.1").route("223.5.5.5/32", "10.0.0.2")
    router.route("172.16.0.0/12", "192.168.1.1").route("198.51.100.0/24", "192.168.1.1")
    found = [(one.sign, one.leads, one.where) for one in ways(router, *PLAN)]
    assert found == [("default-route", "extranet", "10.0.0.0/16"), ("public-route", "outside", "114.0.0.0/8")]


def test_where_nothing_else_leads_to_the_extranet_the_next_hop_may_be_the_unit_s_own_firewall() -> None:
    router = Router("r1").port("GigabitEthernet0/0/2", "192.168.1.2/30").port("Vlanif9", "10.0.9.1/24")
    router.route("0.0.0.0/0", "192.168.1.1")
    assert leads(router, *PLAN) == [("default-route", "192.168.1.1", "unknown")]
    router.add(NatRule("GigabitEthernet0/0/2", "outbound"))
    assert {one for _, _, one in leads(router, *PLAN)} == {"outside"}, (
        "nobody translates towards a firewall of their own"
    )


def test_a_home_router_on_a_lan_of_users_may_have_an_address_of_the_extranet_s() -> None:
    router = stub().route("0.0.0.0/0", "10.0.9.254")
    assert leads(router, *PLAN) == [("default-route", "10.0.9.254", "unknown")]
    assert leads(stub().route("0.0.0.0/0", "10.0.0.2"), *PLAN) == [("default-route", "10.0.0.2", "extranet")]
    switch = Router("r1").port("Vlanif9", "10.0.9.1/24").port("Vlanif8", "10.0.8.1/24").route("0.0.0.0/0", "10.0.9.254")
    assert leads(switch, *PLAN) == [("default-route", "10.0.9.254", "extranet")], "it has no other way to the extranet"


def test_a_filed_access_link_does_not_make_a_home_router_the_extranet_s() -> None:
    row = line("接入", "extranet", device="r1", interface="GE0/0/2")
    (found,) = ways(with_home_router(), row, *PLAN)
    assert (found.leads, found.filed) == ("unknown", "extranet")


def test_translation_of_no_interface_leads_nobody_knows_where() -> None:
    pool = NatRule("", "outbound")
    assert leads(stub().add(pool), *PLAN) == [("nat", "", "unknown")]
    outside = NatRule("GigabitEthernet0/0/1", "outside")
    assert leads(stub().add(pool, outside), *PLAN) == [("nat", "", "extranet")], "it is done where the outside is"


def test_a_dialer_and_a_cellular_port_are_ways_out_without_an_address() -> None:
    for name in ("Dialer1", "Cellular0/0/0", "Tunnel0/0/1"):
        assert leads(stub().port(name).route("0.0.0.0/0", "", name), *PLAN) == [("default-route", "", "outside")]


def test_a_public_address_may_be_a_further_one_of_an_access_port() -> None:
    router = stub().port("GigabitEthernet0/0/1.7", "10.0.7.1/30", "218.0.0.2/30")
    assert leads(router, *PLAN) == [("public-address", "218.0.0.2", "internet")]


def test_a_filed_line_says_where_its_interface_leads() -> None:
    router = stub().port("GigabitEthernet0/0/2", "218.0.0.2/30").route("0.0.0.0/0", "218.0.0.1")
    row = line("出口", "internet", device="r1", interface="GE0/0/2", approval="X政办〔2026〕1号")
    (found, _) = ways(router, row, *PLAN)
    assert (found.leads, found.line, found.filed, found.approval) == ("line", "出口", "internet", "X政办〔2026〕1号")


def test_a_way_to_the_internet_is_none_of_the_extranet_however_it_is_filed() -> None:
    router = stub().port("GigabitEthernet0/0/2", "218.0.0.2/30").route("0.0.0.0/0", "218.0.0.1")
    row = line("接入", "extranet", device="r1", interface="GE0/0/2")
    assert ways(router, row, *PLAN)[0].leads == "internet"
    inside = stub().route("0.0.0.0/0", "10.0.0.2")
    assert ways(inside, line("接入", device="r1", interface="GE0/0/1"), *PLAN)[0].leads == "line"


def test_what_was_not_read_of_the_routes_is_said() -> None:
    router = stub().add(Vrf("BIZ", "", ("Vlanif9",))).totals(214, 6)
    router.unasked.add("display ipv6 routing-table")
    told = {one.detail for one in blind(built(router, *PLAN), "unit:教育局")["unit-egress"]}
    assert told == {"r1 IPv6", "r1 6/214", "r1 VRF BIZ"}
    assert "unit-egress" not in blind(built(stub(), *PLAN), "unit:教育局")


def in_vrf(*tables: str, six: bool = True) -> set[str]:
    """What was not seen of a unit with a port in a VRF, by the answers that were given of its tables."""
    router = stub().add(Vrf("ipv6", "", ("GigabitEthernet0/0/5",)))
    router.port("GigabitEthernet0/0/5", "172.31.0.1/30", *(["240e:1:5::1/64"] if six else []))
    router.tables += [f"{one} ipv6" for one in tables]
    return {one.detail for one in blind(built(router, *PLAN), "unit:教育局").get("unit-egress", ())}


def test_the_table_of_a_vrf_is_needed_in_each_family_that_its_ports_carry() -> None:
    four, six = "display ip routing-table vpn-instance", "display ipv6 routing-table vpn-instance"
    assert in_vrf() == in_vrf(four) == in_vrf(six) == {"r1 VRF ipv6"}
    assert in_vrf(four, six) == set()
    assert in_vrf(four, six=False) == set()
    assert in_vrf(six, six=False) == {"r1 VRF ipv6"}


def unseen(*facts: DeviceFact, ports: Mapping[str, str] = MappingProxyType({}), tables: Sequence[str] = ()) -> set[str]:
    """What was not seen of a unit's router with facts and ports more."""
    router = stub().add(*facts)
    for name, address in ports.items():
        router.port(name, address)
    router.tables += tables
    return {one.detail for one in blind(built(router, *PLAN), "unit:教育局").get("unit-egress", ())}


def test_a_vrf_that_nobody_sees_a_port_of_is_looked_for_as_well() -> None:
    assert unseen(Vrf("HLW", "", ())) == unseen(Vrf("HLW", "", ("Dialer1",))) == {"r1 VRF HLW"}
    assert unseen(Vrf("HLW", "", ()), tables=["display ip routing-table vpn-instance HLW"]) == set()
    assert unseen(Vrf("_public_", "", ()), Vrf("--", "", ())) == set()
    assert unseen(Vrf("PUBLIC", "", ()), Vrf("default", "", ())) == {"r1 VRF PUBLIC", "r1 VRF default"}
    assert unseen(Vrf("NET", "", ("LoopBack9", "Dialer1")), ports={"LoopBack9": "192.168.9.1/32"}) == {"r1 VRF NET"}


def test_a_vrf_is_left_alone_only_where_it_has_nothing_but_management_ports() -> None:
    mgmt = Vrf("OAM", "", ("MEth0/0/0",))
    assert unseen(mgmt, ports={"MEth0/0/0": "192.168.0.2/24"}) == set()
    assert unseen(Vrf("mgmt", "", ())) == set()
    lines = Vrf("OAM-LINES", "", ("GigabitEthernet0/0/5", "Vlanif20"))
    ports = {"GigabitEthernet0/0/5": "192.168.1.2/30", "Vlanif20": "192.168.20.1/24"}
    assert unseen(lines, ports=ports) == {"r1 VRF OAM-LINES"}
    assert unseen(Vrf("oam", "", ("MEth0/0/0", "Dialer1")), ports={"MEth0/0/0": "192.168.0.2/24"}) == {"r1 VRF oam"}
    assert unseen(Vrf("LOOP", "", ("LoopBack9",)), ports={"LoopBack9": "192.168.9.1/32"}) == {"r1 VRF LOOP"}


def test_a_next_hop_that_no_router_has_is_none_of_the_internet_s() -> None:
    for hop in ("224.0.0.1", "239.1.1.1", "255.255.255.255", "169.254.1.1"):
        assert [one.leads for one in ways(stub().route("0.0.0.0/0", hop))] == ["unknown"], hop
    assert [one.leads for one in ways(stub().route("0.0.0.0/0", "218.0.0.1"))] == ["internet"]


def test_a_default_route_whose_next_hop_is_behind_no_interface_leads_out_all_the_same() -> None:
    router = stub().route("0.0.0.0/0", "218.0.0.2", "NULL", vrf="OUT", protocol="bgp")
    assert [(one.address, one.leads) for one in ways(router, *PLAN)] == [("218.0.0.2", "internet")]
    assert ways(stub().route("0.0.0.0/0", "", "NULL0"), *PLAN) == []
    assert ways(stub().route("0.0.0.0/0", "127.0.0.1", "NULL0", protocol="bgp"), *PLAN) == []
    assert ways(stub().route("202.96.1.5/32", "127.0.0.1", "InLoopBack0"), *PLAN) == []
    assert ways(stub().route("::/0", "::1", "NULL0"), *PLAN) == []


def test_the_table_of_a_vrf_is_none_of_the_public_one() -> None:
    router = stub()
    router.unasked |= {"display ip routing-table", "display ipv6 routing-table"}
    router.tables += ["display ip routing-table vpn-instance A", "display ipv6 routing-table vpn-instance A"]
    told = {one.detail for one in blind(built(router, *PLAN), "unit:教育局")["unit-egress"]}
    assert told == {"r1 IPv4", "r1 IPv6"}


def test_a_default_route_that_only_the_table_of_a_vrf_shows_is_a_way_out() -> None:
    router = stub().add(Vrf("OUT", "", ("GigabitEthernet0/0/5",))).port("GigabitEthernet0/0/5", "218.0.0.2/30")
    source = "display ip routing-table vpn-instance OUT"
    router.route("0.0.0.0/0", "218.0.0.1", vrf="OUT", source=source).tables.append(source)
    found = next(one for one in ways(router, *PLAN) if one.sign == "default-route")
    assert (found.interface, found.vrf, found.leads) == ("GigabitEthernet0/0/5", "OUT", "internet")


def test_where_policies_lead() -> None:
    router = stub().port("GigabitEthernet0/0/5", "192.168.7.2/24")
    hops = [PolicyRoute(4, one, "") for one in ("192.168.7.1", "10.0.0.2", "10.0.0.2", "203.0.113.9")]
    router.add(*hops, PolicyRoute(4, "", ""), PolicyRoute(6, "240e:1::2", ""), PolicyRoute(4, "", "NULL0"))
    found = [(one.interface, one.address, one.leads) for one in ways(router, *PLAN) if one.sign == "policy-route"]
    assert found == [
        ("GigabitEthernet0/0/5", "192.168.7.1", "outside"),
        ("GigabitEthernet0/0/1", "10.0.0.2", "extranet"),
        ("", "203.0.113.9", "outside"),
        ("", "", "unknown"),
        ("GigabitEthernet0/0/1", "240e:1::2", "extranet"),
    ]


def test_a_policy_s_next_hop_on_a_lan_of_users_or_in_two_vrfs_is_not_sure() -> None:
    hop = PolicyRoute(4, "10.0.9.254", "")
    assert [one.leads for one in ways(stub().add(hop), *PLAN) if one.sign == "policy-route"] == ["unknown"]
    twice = stub().add(Vrf("N", "", ("GigabitEthernet0/0/5",)), PolicyRoute(4, "10.0.0.2", ""))
    twice.port("GigabitEthernet0/0/5", "10.0.0.1/30")
    assert [one.leads for one in ways(twice, *PLAN) if one.sign == "policy-route"] == ["unknown"]
    inside = stub().add(Vrf("N", "", ("GigabitEthernet0/0/5",)), PolicyRoute(4, "172.31.0.2", ""))
    inside.port("GigabitEthernet0/0/5", "172.31.0.1/30")
    (found,) = [one for one in ways(inside, *PLAN) if one.sign == "policy-route"]
    assert (found.interface, found.vrf, found.leads) == ("GigabitEthernet0/0/5", "N", "outside")


def test_without_the_configuration_nobody_knows_of_policies() -> None:
    router = stub()
    router.unasked.add("display current-configuration")
    assert {one.detail for one in blind(built(router, *PLAN), "unit:教育局")["unit-egress"]} == {"r1 policy-routes"}


def test_a_configuration_alone_shows_no_table_of_routes() -> None:
    router = stub().route("0.0.0.0/0", "10.0.0.2", configured=True, source="display current-configuration")
    router.unasked.add("display ip routing-table")
    told = {one.detail for one in blind(built(router, *PLAN), "unit:教育局")["unit-egress"]}
    assert told == {"r1 IPv4"}, "a default route that DHCP or a neighbour gave would stand in the table alone"


@pytest.mark.parametrize("name", ["nat", "vrfs", "interface-addresses"])
def test_what_was_not_read_besides_routes_is_said(name: str) -> None:
    router = stub()
    router.without.add(name)
    assert f"r1 {name}" in {one.detail for one in blind(built(router, *PLAN), "unit:教育局")["unit-egress"]}


def test_a_default_route_by_a_link_local_hop_needs_the_table_as_well() -> None:
    router = Router("r1").port("GigabitEthernet0/0/1", "10.0.0.1/30", "fe80::1/10").port("Vlanif9", "10.0.9.1/24")
    router.unasked.add("display ipv6 routing-table")
    assert {one.detail for one in blind(built(router), "unit:教育局")["unit-egress"]} == {"r1 IPv6"}


def test_a_device_without_ipv6_needs_no_routes_over_it() -> None:
    router = Router("r1").port("GigabitEthernet0/0/1", "10.0.0.1/30").port("Vlanif9", "10.0.9.1/24")
    router.unasked.add("display ipv6 routing-table")
    assert "unit-egress" not in blind(built(router), "unit:教育局")


def links(*parts: object, unit: str = "教育局") -> list[UnitLink]:
    return rows(built(*parts), f"unit:{unit}", "unit-links")  # type: ignore[arg-type]


def test_the_links_of_a_unit_are_those_that_lead_out_of_it() -> None:
    one, two = pair()
    one.port("GigabitEthernet0/0/7", "10.0.7.1/30")
    inner = Router("r3").port("GigabitEthernet0/0/7", "10.0.7.2/30").port("Vlanif9", "10.9.3.1/24")
    (found,) = links(one, two, inner)
    assert (found.device, found.state, found.far, found.filed) == ("r1", "up", "民政局", "")


def test_filed_links_say_whether_they_were_seen() -> None:
    filed = [
        line("甲", device="r1", interface="GE0/0/1"), line("乙"), line("丙", device="r9", interface="GE0/0/1"),
        line("丁", "internet", device="r1", interface="Vlanif9"),
    ]  # fmt: skip
    found = {one.link: (one.filed, one.state) for one in links(*pair(), *filed)}
    assert found == {
        "link:甲": ("extranet", "up"), "link:乙": ("extranet", "unnamed"), "link:丙": ("extranet", "unread"),
        "link:丁": ("internet", "up"),
    }  # fmt: skip


def test_every_row_of_a_unit_that_names_a_port_is_listed() -> None:
    filed = [line("甲", device="r1", interface="GE0/0/1"), line("乙", "internet", device="r1", interface="GE0/0/1")]
    other = line("丙", "unified-egress", unit="民政局", device="r2", interface="GE0/0/2")
    found = {(one.link, one.filed, one.of) for one in links(*pair(), *filed, other)}
    assert found == {("link:甲", "extranet", "教育局"), ("link:乙", "internet", "教育局")}
    assert [(one.filed, one.of) for one in links(*pair(), other)] == [("unified-egress", "民政局")]


def test_units_are_those_of_devices_rows_endpoints_and_systems() -> None:
    pc = host("pc1", "10.0.9.9")
    other = host("pc2", "10.0.9.8")
    others = type(other)(type(other.asset)(**{**_fields(other), "unit": "东镇"}), other.observations)
    estate = built(stub(), line("乙", unit="西镇"), pc, others)
    assert sorted(one.name for one in estate.derived.values() if one.kind == "unit") == ["东镇", "教育局", "西镇"]
    why = {name: [one.detail for one in found] for name, found in blind(estate, "unit:东镇").items()}
    assert why["unit-links"] == ["no link of this unit is filed, and none was seen"]
    assert why["unit-egress"] == ["no device of this unit was read"]
    assert estate.made_of[next(one.id for one in estate.derived.values() if one.name == "教育局")] == ("r1",)


def _fields(subject: object) -> dict[str, str]:
    asset = subject.asset  # type: ignore[attr-defined]
    return {name: getattr(asset, name) for name in asset.__slots__}


def test_a_link_between_two_units_is_counted_with_the_one_that_has_fewer() -> None:
    one, two = pair()
    three = Router("r3", unit="水利局").port("GigabitEthernet0/0/1", "10.0.1.2/30").port("Vlanif9", "10.9.3.1/24")
    two.port("GigabitEthernet0/0/9", "10.0.1.1/30")
    found = {one.name: one.unit for one in built(one, two, three).derived.values() if one.kind == "link"}
    assert found == {
        "r1 GigabitEthernet0/0/1 - r2 GigabitEthernet0/0/2": "教育局",
        "r2 GigabitEthernet0/0/9 - r3 GigabitEthernet0/0/1": "水利局",
    }
