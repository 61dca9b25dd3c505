"""Which interfaces are the ends of one link, and which only look like it."""

import gc
from dataclasses import replace
from itertools import pairwise
from time import process_time

import pytest

from controls.topology.ports import kind_of, same
from tests.controls.making import a_range
from tests.controls.network_making import Router, blind, built, line, links, pair, rows
from tests.purity import pure
from xunyan.device_facts import Device, DeviceInterface, InterfaceAddress, IpNeighbor, MacEntry, RoutingPeer, Vlan, Vrf
from xunyan.link_facts import ParallelLink

DUAL = "link:r1 GigabitEthernet0/0/1 - r2 GigabitEthernet0/0/2"


def ends(*parts: Router) -> dict[str, list[tuple[str, str]]]:
    """The ends of every link as device and interface."""
    return {key: [(one.device, one.interface) for one in found] for key, found in links(built(*parts)).items()}


def change(router: Router, **words: str) -> None:
    """Change the first interface that a router was given."""
    first, *others = router.facts["device-interfaces"]
    assert isinstance(first, DeviceInterface)
    router.facts["device-interfaces"] = [replace(first, **words), *others]  # type: ignore[arg-type]


def test_two_routers_on_one_subnet_are_a_link_with_all_that_its_ends_show() -> None:
    one, two = pair()
    one.limit("GigabitEthernet0/0/1", 200_000, "in")
    found = links(built(one, two, a_range("10.0.0.0/16", "extranet", holder="外网")))
    assert set(found) == {DUAL}
    near, far = found[DUAL]
    assert (near.device, near.unit, near.v4, near.v6) == ("r1", "教育局", ("10.0.0.1/30",), ("240e:1:0:1::1/64",))
    assert (near.up, near.kbps, near.duplex, near.limit_in, near.limit_out) == ("up", 1_000_000, "full", 200_000, -1)
    assert (near.link_local, near.families, near.kind, near.holder, near.plan) == (
        True,
        (4, 6),
        "extranet",
        "外网",
        True,
    )
    assert (far.device, far.interface, far.unit) == ("r2", "GigabitEthernet0/0/2", "民政局")


def test_each_end_cites_the_lines_that_say_it() -> None:
    estate = built(*pair())
    (subject,) = [one for one in estate.subjects.values() if one.asset.kind == "link"]
    seen = subject.observations["link-ends"]
    for row, proof in zip(links(estate)[DUAL], seen.proofs, strict=True):  # type: ignore[attr-defined]
        assert {one.capture.partition(":")[0] for one in proof} == {row.name}
        assert {one.source for one in proof} == {
            "display interface",
            "display ip interface brief",
            "display ipv6 interface",
        }
        assert all(one.first == one.last for one in proof)


def test_what_lacks_ipv6_cites_the_answer_that_would_have_shown_it() -> None:
    one = Router("r1").port("GigabitEthernet0/0/1", "10.0.0.1/30").port("Vlanif9", "10.9.1.1/24")
    two = Router("r2").port("GigabitEthernet0/0/2", "10.0.0.2/30").port("Vlanif9", "10.9.2.1/24")
    estate = built(one, two)
    (subject,) = [found for found in estate.subjects.values() if found.asset.kind == "link"]
    assert "r1: display ipv6 interface" in {found.capture for found in subject.observations["link-ends"].evidence}
    one.unasked.add("display ipv6 interface")
    assert [end.families for end in links(built(one, two))[DUAL]] == [(4,), (4, 6)]


def test_an_id_outlives_the_reading_of_the_other_end_and_the_order_of_the_devices() -> None:
    one, two = pair()
    one.ospf("GigabitEthernet0/0/1", "10.0.0.2")
    whole, half = built(one, two), built(one)
    assert list(links(half)) == ["link:r1 GigabitEthernet0/0/1 - ?"]
    ids = [{a.id for a in estate.derived.values() if a.kind == "link"} for estate in (whole, half, built(two, one))]
    assert ids[0] == ids[1] == ids[2]
    (identifier,) = ids[0]
    assert (len(identifier), identifier[0]) == (16, "a")
    assert whole.made_of[identifier] == ("r1", "r2")


def test_the_same_addresses_in_another_network_are_another_link() -> None:
    first, second = pair(), pair()
    for router, name in zip(second, ("r3", "r4"), strict=True):
        router.name, router.network = name, "民政局内网"
    found = built(*first, *second)
    assert [[end.device for end in one] for one in links(found).values()] == [["r1", "r2"], ["r3", "r4"]]
    assert len({one.id for one in found.derived.values() if one.kind == "link"}) == 2


def test_one_prefix_in_two_vrfs_is_two_links() -> None:
    parts = [
        Router(name).port("GigabitEthernet0/0/1", address).port("Vlanif9", f"10.9.{at}.1/24").add(Vrf(vrf, "", ("GigabitEthernet0/0/1",)))
        for at, (name, address, vrf) in enumerate(
            [("a1", "10.0.0.1/30", "A"), ("a2", "10.0.0.2/30", "A"), ("b1", "10.0.0.1/30", "B"), ("b2", "10.0.0.2/30", "B")]
        )
    ]  # fmt: skip
    assert [[device for device, _ in one] for one in ends(*parts).values()] == [["a1", "a2"], ["b1", "b2"]]


def test_a_provider_s_vrf_and_its_customer_are_one_link() -> None:
    one, two = pair()
    one.add(Vrf("BIZ", "", ("GigabitEthernet0/0/1",)))
    assert [(end.device, end.vrf) for end in links(built(one, two))[DUAL]] == [("r1", "BIZ"), ("r2", "")]
    two.add(Vrf("OTHER", "", ("GigabitEthernet0/0/2",)))
    assert links(built(one, two)) == {}, "two VRFs that only ARP could show to be one"
    one.arp("GigabitEthernet0/0/1", "10.0.0.2", "00:00:00:00:00:02")
    change(two, mac="00:00:00:00:00:02")
    assert list(links(built(one, two))) == [DUAL]


def test_an_arp_table_that_shows_another_machine_keeps_two_ends_apart() -> None:
    one, two = pair(v6="240e:1")
    one.arp("GigabitEthernet0/0/1", "10.0.0.2", "00:00:00:00:00:99").ospf("GigabitEthernet0/0/1", "10.0.0.2")
    change(two, mac="00:00:00:00:00:02")
    one.arp("GigabitEthernet0/0/1", "240e:1::2", "00:00:00:00:00:99")
    found = ends(one, two)
    assert all(("r2", "GigabitEthernet0/0/2") not in one for one in found.values())


def test_who_holds_an_address_that_another_holds_too_is_joined_to_nobody_by_it() -> None:
    one, two = pair()
    twin = Router("r3").port("GigabitEthernet0/0/2", "10.0.0.2/30").port("Vlanif9", "10.9.3.1/24")
    assert ends(one, two, twin) == {}
    one.ospf("GigabitEthernet0/0/1")
    assert ends(one, two, twin) == {DUAL: [("r1", "GigabitEthernet0/0/1"), ("r2", "GigabitEthernet0/0/2")]}, "by IPv6"
    plain = Router("r2").port("GigabitEthernet0/0/2", "10.0.0.2/30").port("Vlanif9", "10.9.2.1/24")
    assert list(ends(one, plain, twin)) == ["link:r1 GigabitEthernet0/0/1 - ?"]


def test_lldp_at_both_ends_joins_what_has_no_common_prefix_and_one_word_does_not() -> None:
    one = Router("r1").port("GigabitEthernet0/0/1", "10.0.0.1/30", "fe80::1/10").port("Vlanif9", "10.9.1.1/24")
    two = Router("r2").port("GigabitEthernet0/0/2", "10.0.0.9/30", "fe80::2/10").port("Vlanif9", "10.9.2.1/24")
    one.lldp("GigabitEthernet0/0/1", "r2", "GE0/0/2")
    assert ends(one, two) == {}
    two.lldp("GigabitEthernet0/0/2", "r1.example", "GigabitEthernet0/0/1")
    assert list(ends(one, two)) == [DUAL]
    two.facts["lldp-neighbors"] = []
    two.lldp("GigabitEthernet0/0/2", "r1", "GigabitEthernet0/0/8")
    assert ends(one, two) == {}, "its word is of another port"


def test_two_devices_of_one_host_name_are_told_apart_by_whom_lldp_names_back() -> None:
    one = Router("r1").port("GigabitEthernet0/0/1", "fe80::1/10").port("Vlanif9", "10.9.1.1/24")
    stacked = [
        Router(name).port("GigabitEthernet0/0/2", "fe80::2/10").port("Vlanif9", f"10.9.{at}.1/24")
        for at, name in ((2, "s1"), (3, "s2"))
    ]
    for router in stacked:
        router.add(Device("huawei", hostname="switch"))
    one.lldp("GigabitEthernet0/0/1", "switch", "GigabitEthernet0/0/2")
    stacked[1].lldp("GigabitEthernet0/0/2", "r1", "GigabitEthernet0/0/1")
    assert list(ends(one, *stacked)) == ["link:r1 GigabitEthernet0/0/1 - s2 GigabitEthernet0/0/2"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("LoopBack0", "10.0.0.1/30"), ("LoopBack0", "10.0.0.2/30")),
        (("MEth0/0/0", "10.0.0.1/30"), ("M-GigabitEthernet0/0/0", "10.0.0.2/30")),
        (("GigabitEthernet0/0/1", "10.0.0.1/32"), ("GigabitEthernet0/0/2", "10.0.0.1/32")),
        (("Vlanif7", "10.7.0.1/24"), ("Vlanif7", "10.7.0.2/24")),
    ],
)
def test_loopbacks_management_and_lans_of_users_are_no_links(first: tuple[str, str], second: tuple[str, str]) -> None:
    parts = [
        Router(name).port(*end).port("Vlanif9", f"10.9.{at}.1/24").port("Vlanif8", f"10.8.{at}.1/24")
        for at, (name, end) in enumerate((("r1", first), ("r2", second)))
    ]
    assert ends(*parts) == {}


def test_a_vrf_of_the_management_is_no_link() -> None:
    one, two = pair()
    one.add(Vrf("mgmt", "", ("GigabitEthernet0/0/1",)))
    two.add(Vrf("mgmt", "", ("GigabitEthernet0/0/2",)))
    assert ends(one, two) == {}


def test_a_large_subnet_is_a_link_where_routers_speak_over_it() -> None:
    one = Router("r1").port("Vlanif7", "10.7.0.1/24").port("Vlanif9", "10.9.1.1/24")
    two = Router("r2").port("Vlanif7", "10.7.0.2/24").port("Vlanif9", "10.9.2.1/24")
    assert ends(one, two) == {}
    one.route("10.9.2.0/24", "10.7.0.2")
    assert list(ends(one, two)) == ["link:r1 Vlanif7 - r2 Vlanif7"]


def test_switches_with_one_address_for_their_management_are_no_ends() -> None:
    gateway = (
        Router("gw")
        .port("Vlanif100", "10.1.0.1/24")
        .port("GigabitEthernet0/0/1", "10.0.0.1/30")
        .route("0.0.0.0/0", "10.0.0.2")
    )
    switches = [Router(f"s{n}").port("Vlanif100", f"10.1.0.{n}/24").route("0.0.0.0/0", "10.1.0.1") for n in (2, 3)]  # fmt: skip
    assert list(ends(gateway, *switches)) == ["link:gw GigabitEthernet0/0/1 - ?"]


def test_three_routers_on_one_subnet_are_one_link() -> None:
    parts = [
        Router(f"r{n}").port("Vlanif7", f"10.7.0.{n}/24").port("Vlanif9", f"10.9.{n}.1/24").ospf("Vlanif7", f"10.7.0.{n % 3 + 1}")
        for n in (1, 2, 3)
    ]  # fmt: skip
    found = ends(*parts)
    assert list(found) == ["link:r1 Vlanif7 - r2 Vlanif7 +1"]
    assert [device for device, _ in found["link:r1 Vlanif7 - r2 Vlanif7 +1"]] == ["r1", "r2", "r3"]


def test_a_virtual_address_of_vrrp_is_no_further_router() -> None:
    parts = [
        Router(f"r{n}").port("Vlanif7", f"10.7.0.{n}/29").port("Vlanif9", f"10.9.{n}.1/24") for n in (2, 3)
    ]  # fmt: skip
    parts[0].route("10.9.3.0/24", "10.7.0.1").arp("Vlanif7", "10.7.0.1", "00:00:5e:00:01:07")
    assert [len(one) for one in ends(*parts).values()] == [2]
    parts[0].facts["ip-neighbors"] = []
    assert [len(one) for one in ends(*parts).values()] == [3]


def test_a_further_router_that_was_not_read_shows_by_what_speaks_to_it() -> None:
    one = Router("r1").port("GigabitEthernet0/0/1", "172.31.0.1/30", "240e:1::1/64").port("Vlanif9", "10.9.1.1/24")
    assert ends(one) == {}
    one.route("172.16.0.0/12", "172.31.0.2").route("::/0", "240e:1::2").lldp("GigabitEthernet0/0/1", "ISP", "ge-0/0/7")
    near, far = links(built(one))["link:r1 GigabitEthernet0/0/1 - ?"]
    assert (near.device, far.device, far.name, far.interface, far.known_by) == ("r1", "", "ISP", "ge-0/0/7", "next-hop")
    assert (far.v4, far.v6) == (("172.31.0.2",), ("240e:1::2",))


def test_a_neighbour_of_ospfv3_has_no_address_and_shows_a_router_all_the_same() -> None:
    one = Router("r1").port("GigabitEthernet0/0/1", "240e:1::1/64", "fe80::1/10").port("Vlanif9", "10.9.1.1/24")
    one.ospf("GigabitEthernet0/0/1", router_id="9.9.9.9")
    assert list(ends(one)) == ["link:r1 GigabitEthernet0/0/1 - ?"]


def test_an_end_of_ipv6_alone_is_put_to_the_link_of_the_other() -> None:
    one, two = pair()
    one.ospf("GigabitEthernet0/0/1", "10.0.0.2")
    two.facts["interface-addresses"] = [
        row for row in two.facts["interface-addresses"] if getattr(row, "address", "") != "10.0.0.2"
    ]
    assert list(ends(one, two)) == [DUAL]


def test_a_link_of_ipv6_alone() -> None:
    one = Router("r1").port("GigabitEthernet0/0/1", "240e:1::/127").port("Vlanif9", "10.9.1.1/24")
    two = Router("r2").port("GigabitEthernet0/0/2", "240e:1::1/127").port("Vlanif9", "10.9.2.1/24")
    assert list(ends(one, two)) == [DUAL]


def test_an_unshown_length_stands_without_one() -> None:
    one, two = pair()
    two.facts["interface-addresses"] = [
        replace(row, prefix=-1) if isinstance(row, InterfaceAddress) and row.family == 6 else row
        for row in two.facts["interface-addresses"]
    ]
    assert links(built(one, two))[DUAL][1].v6 == ("240e:1:0:1::2",)


def test_tentative_and_duplicate_addresses_are_said_with_their_state() -> None:
    one, two = pair()
    one.port("GigabitEthernet0/0/1", "240e:7::1/64 duplicate")
    assert links(built(one, two))[DUAL][0].unfit_v6 == ("240e:7::1/64 duplicate",)


def test_a_sub_interface_has_the_speed_and_the_limits_of_its_port() -> None:
    one, two = pair()
    one.port("GigabitEthernet0/0/5", kbps=100_000, duplex="half").limit("GigabitEthernet0/0/5", 50_000)
    one.port("GigabitEthernet0/0/5.300", "10.3.0.1/30", kbps=1_000_000, duplex="").limit(
        "GigabitEthernet0/0/5.300", 80_000
    )
    two.port("GigabitEthernet0/0/6", "10.3.0.2/30")
    near, _ = links(built(one, two))["link:r1 GigabitEthernet0/0/5.300 - r2 GigabitEthernet0/0/6"]
    assert (near.ports, near.kbps, near.duplex, near.limit_out) == (("GigabitEthernet0/0/5",), 100_000, "half", 50_000)


def test_a_vlan_over_a_trunk_has_the_speed_of_the_port_that_leads_to_the_other_end() -> None:
    one, two = pair()
    one.port("Vlanif30", "10.3.0.1/30", kbps=1_000_000)
    one.port("GigabitEthernet0/0/7", kbps=10_000).port("GigabitEthernet0/0/8", kbps=100_000)
    one.add(Vlan(30, "", (), ("GigabitEthernet0/0/7", "GigabitEthernet0/0/8")))
    two.port("GigabitEthernet0/0/6", "10.3.0.2/30")
    key = "link:r1 Vlanif30 - r2 GigabitEthernet0/0/6"
    assert (links(built(one, two))[key][0].kbps, links(built(one, two))[key][0].ports) == (-1, ())
    one.add(IpNeighbor(4, "10.3.0.2", "00:00:00:00:00:06", "Vlanif30", "dynamic"))
    one.add(MacEntry("00:00:00:00:00:06", 30, "GigabitEthernet0/0/8", "dynamic"))
    near = links(built(one, two))[key][0]
    assert (near.ports, near.kbps) == (("GigabitEthernet0/0/8",), 100_000)


def test_a_link_that_is_down_at_one_end_is_still_one() -> None:
    one, two = pair()
    change(two, oper="down")
    assert [end.up for end in links(built(one, two))[DUAL]] == ["up", "down"]


def test_a_protocol_that_is_down_counts_only_where_there_is_ipv4() -> None:
    one = Router("r1").port("GigabitEthernet0/0/1", "240e:1::/127", protocol="down").port("Vlanif9", "10.9.1.1/24")
    two = Router("r2").port("GigabitEthernet0/0/2", "240e:1::1/127").port("Vlanif9", "10.9.2.1/24")
    assert [end.up for end in links(built(one, two))[DUAL]] == ["up", "up"]


def test_a_filed_row_that_names_an_end_is_judged_in_place_of_the_link() -> None:
    row = line("教育局接入", device=" Ｒ1", interface="GE 0/0/1", bandwidth="100")
    estate = built(*pair(), row)
    assert set(links(estate)) == {"link:教育局接入"}
    assert [one.kind for one in estate.derived.values()] == ["unit", "unit"]
    assert estate.made_of["教育局接入"] == ("r1", "r2")


def test_a_filed_row_may_name_the_far_end_or_the_port_that_carries_an_interface() -> None:
    one, two = pair()
    one.port("GigabitEthernet0/0/5").port("GigabitEthernet0/0/5.300", "10.3.0.1/30")
    two.port("GigabitEthernet0/0/6", "10.3.0.2/30")
    far = line("甲", device="r9", interface="GE0/0/1", far_device="r2", far_interface="GE0/0/2")
    port = line("乙", device="r1", interface="GigabitEthernet0/0/5")
    found = links(built(one, two, far, port))
    assert [end.device for end in found["link:甲"]] == ["r1", "r2"]
    assert [end.interface for end in found["link:乙"]] == ["GigabitEthernet0/0/5.300", "GigabitEthernet0/0/6"]


def test_a_filed_port_on_which_no_link_was_found_is_an_end_whose_other_end_nobody_read() -> None:
    one, _ = pair()
    found = links(built(one, line("丙", device="r1", interface="Vlanif9")))
    assert [(end.device, end.known_by) for end in found["link:丙"]] == [("r1", "read"), ("", "filed")]


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({}, "neither device nor interface is filed"),
        ({"device": "r9", "interface": "GE0/0/1"}, "no device of this name was read"),
        ({"device": "r1", "interface": "GE0/0/77"}, "the device shows no interface of this name"),
    ],
)
def test_a_filed_row_that_leads_nowhere_says_why(columns: dict[str, str], why: str) -> None:
    estate = built(*pair(), line("丁", **columns))
    assert [one.detail for one in blind(estate, "link:丁")["link-ends"]] == [why]
    assert DUAL in links(estate)


def test_a_withdrawn_row_files_nothing() -> None:
    row = line("戊", device="r1", interface="GE0/0/1", withdrawn="2026-01-01")
    assert DUAL in links(built(*pair(), row))


def test_networks_behind_an_end_that_was_not_read_are_listed_with_their_place() -> None:
    one = Router("r1").port("GigabitEthernet0/0/1", "172.31.0.1/30").port("Vlanif9", "10.9.1.1/24")
    one.add(Vrf("BIZ", "", ("GigabitEthernet0/0/1",)))
    one.route("172.16.0.0/12", "172.31.0.2", vrf="BIZ").route("10.30.0.0/16", "172.31.0.2", vrf="BIZ", protocol="bgp")
    one.route("0.0.0.0/0", "172.31.0.2", vrf="BIZ")
    estate = built(one, a_range("10.30.0.0/16", "government-cloud"), a_range("10.0.0.0/8", "extranet"))
    found = rows(estate, "link:r1 GigabitEthernet0/0/1 - ?", "link-reach")
    assert [(row.destination, row.kind, row.private, row.vrf) for row in found] == [
        ("172.16.0.0/12", "unknown", True, "BIZ"),
        ("10.30.0.0/16", "government-cloud", True, "BIZ"),
    ]


def test_core_links_are_put_together_by_their_filed_ends_or_by_their_devices() -> None:
    one, two = pair()
    one.port("GigabitEthernet0/0/3", "10.0.1.1/30")
    two.port("GigabitEthernet0/0/3", "10.0.1.2/30", oper="down")
    core = {"kind": "core", "bandwidth": "1000"}
    first = line("骨干一", device="r1", interface="GE0/0/1", from_end="市", to_end="旗", **core)
    unseen = line("骨干二", from_end="旗", to_end=" 市", **core)
    estate = built(one, two, first, unseen)
    for key in ("link:骨干一", "link:骨干二"):
        found = {row.link: (row.filed, row.up) for row in rows(estate, key, "parallel-links")}
        assert found == {
            "link:骨干一": ("core", "up"),
            "link:骨干二": ("core", ""),
            "link:r1 GigabitEthernet0/0/3 - r2 GigabitEthernet0/0/3": ("", "down"),
        }


def test_an_estate_without_devices_and_filed_links_has_nothing_derived() -> None:
    estate = built(a_range("10.0.0.0/8", "extranet"))
    assert (estate.derived, list(estate.subjects)) == ({}, ["10.0.0.0/8"])


def test_joining_touches_nothing_and_says_the_same_whatever_the_order() -> None:
    one, two = pair()
    one.ospf("GigabitEthernet0/0/1", "10.0.0.2").route("0.0.0.0/0", "10.0.0.2").lldp(
        "GigabitEthernet0/0/1", "r2", "GE0/0/2"
    )
    parts = [one.subject, two.subject, line("甲", device="r1", interface="GE0/0/1"), a_range("10.0.0.0/8", "extranet")]
    expected = built(*parts)
    gc.disable()  # others' callbacks of the collector look at the clock
    try:
        with pure():
            found = built(*reversed(parts))
    finally:
        gc.enable()
    assert (found.derived, found.made_of) == (expected.derived, expected.made_of)
    assert {key: one.observations for key, one in found.subjects.items()} == {
        key: one.observations for key, one in expected.subjects.items()
    }


def test_a_thousand_routers_on_a_chain_are_joined_in_a_breath() -> None:
    """Joining looks things up and holds nothing against everything: ten times the devices take ten times as long."""

    def chain(length: int) -> float:
        routers = [Router(f"r{n}").port("Vlanif9", f"10.{200 + n // 256}.{n % 256}.1/24") for n in range(length)]
        for n, (near, far) in enumerate(pairwise(routers)):
            near.port("GigabitEthernet0/0/1", f"10.{n // 16384}.{n // 64 % 256}.{n % 64 * 4 + 1}/30", "fe80::1/10")
            far.port("GigabitEthernet0/0/2", f"10.{n // 16384}.{n // 64 % 256}.{n % 64 * 4 + 2}/30", "fe80::2/10")
        subjects = [one.subject for one in routers]
        began = process_time()
        assert len(links(built(*subjects))) == length - 1
        return process_time() - began

    chain(50)
    few, many = chain(100), chain(1000)
    assert many < 40 * few


def test_linked_devices_are_related() -> None:
    found = [one for one in built(*pair()).relations["r1"] if one.kind == "linked-to"]
    assert [(one.source, one.target, one.confidence) for one in found] == [("r1", "r2", "high")]
    assert "r2: display ip interface brief" in found[0].evidence


def test_a_peer_far_away_shows_no_link() -> None:
    one = Router("r1").port("LoopBack0", "1.1.1.1/32").port("Vlanif9", "10.9.1.1/24").port("Vlanif8", "10.8.1.1/24")
    one.add(RoutingPeer("bgp", 4, "2.2.2.2", "established", up=True, remote_as="65001"))
    assert ends(one) == {}


@pytest.mark.parametrize(
    ("written", "name", "expected"),
    [
        ("GE0/0/1", "GigabitEthernet0/0/1", True), ("gei-0/1/0/1", "gei-0/1/0/1", True), ("XGE0/0/1", "XGigabitEthernet0/0/1", True),
        ("Gi0/1", "GigabitEthernet0/1", True), ("GigabitEthernet 0/1", "GigabitEthernet0/1", True), ("GE0/0/1", "GigabitEthernet0/0/10", False),
        ("XGE0/0/1", "GigabitEthernet0/0/1", False), ("0/0/1", "GigabitEthernet0/0/1", False), ("Vlan10", "Vlanif10", True),
        ("XGE1/0/49", "Ten-GigabitEthernet1/0/49", True), ("ＧＥ０/0/1", "GigabitEthernet0/0/1", True),
    ],
)  # fmt: skip
def test_how_people_shorten_an_interface(written: str, name: str, expected: bool) -> None:
    assert same(written, name) is expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("LoopBack0", "none"), ("NULL0", "none"), ("MEth0/0/0", "management"), ("M-GigabitEthernet0/0/0", "management"),
        ("Vlan-interface10", "vlan"), ("VLAN 10", "vlan"), ("Eth-Trunk1.100", "bundle"), ("smartgroup1", "bundle"),
        ("Tunnel0/0/1", "virtual"), ("gei-0/1/0/1.7", "port"), ("", "port"),
    ],
)  # fmt: skip
def test_what_an_interface_is_by_its_name(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def core_pair(first: str, second: str) -> tuple[Router, Router]:
    """Two core routers with two links."""
    one = Router("c1").port(first, "10.0.0.1/30").port(second, "10.0.0.5/30")
    return one, Router("c2", unit="民政局").port(first, "10.0.0.2/30").port(second, "10.0.0.6/30")


def core(first: str, second: str, *parts: Router) -> list[ParallelLink]:
    filed = [
        line(name, "core", device="c1", interface=port, bandwidth="1000")
        for name, port in (("一", first), ("二", second))
    ]
    return rows(built(*parts, *filed), "link:一", "parallel-links")


def test_two_core_links_over_one_port_are_carried_by_one() -> None:
    names = ("GigabitEthernet0/0/1.100", "GigabitEthernet0/0/1.200")
    found = core(*names, *core_pair(*names))
    assert [one.ports for one in found] == [("c1 GigabitEthernet0/0/1", "c2 GigabitEthernet0/0/1")] * 2
    assert [one.bundled for one in found] == [False, False]
    trunks = ("Eth-Trunk1", "Eth-Trunk2")
    assert [one.bundled for one in core(*trunks, *core_pair(*trunks))] == [True, True]


def test_traffic_limits_are_read_where_the_configuration_is() -> None:
    names = ("GigabitEthernet0/0/1", "GigabitEthernet0/0/2")
    one, two = core_pair(*names)
    assert [link.limits_read for link in core(*names, one, two)] == [True, True]
    two.unasked.add("display current-configuration")
    assert [link.limits_read for link in core(*names, one, two)] == [False, False], (
        "one command shows one kind of limit"
    )


def test_an_end_says_whether_the_routes_were_read_that_it_looks_into() -> None:
    def read(router: Router) -> bool:
        return next(iter(links(built(router, pair()[1])).values()))[0].routes_read

    assert read(pair()[0])
    assert not read(pair()[0].totals(214, 6)), "cut"
    hidden = pair()[0].add(Vrf("BIZ", "", ("GigabitEthernet0/0/1",)))
    assert not read(hidden), "the table of the VRF was not asked for"
    unasked = pair()[0]
    unasked.unasked.add("display ip routing-table")
    assert not read(unasked)


def test_thousands_of_home_routers_with_one_address_and_one_name_are_joined_in_a_breath() -> None:

    def alike(count: int) -> float:
        routers = []
        for at in range(count):
            router = Router(f"h{at}", unit=f"u{at}").add(Device("huawei", hostname="HUAWEI"))
            router.port("GigabitEthernet0/0/1", "192.168.1.1/24").port(
                "GigabitEthernet0/0/2", f"10.{at >> 8}.{at & 255}.1/32"
            )
            routers.append(router.lldp("GigabitEthernet0/0/2", "HUAWEI", "GigabitEthernet0/0/2").subject)
        began = process_time()
        assert links(built(*routers)) == {}
        return process_time() - began

    alike(50)
    few, many = alike(200), alike(2000)
    assert many < 40 * few
