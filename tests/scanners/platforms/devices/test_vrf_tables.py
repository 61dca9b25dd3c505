"""Tables of VRFs: read into the VRF that was asked for, asked for by names that may be typed, and gone with their VRF.

The answers are made up after the vendors' manuals; no real ones of VRFs are at hand.
"""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.platforms.devices import PLATFORMS, VENDORS
from scanners.platforms.devices.commands import VRF_NAME
from scanners.platforms.devices.terminal_commands import meant
from scanners.platforms.devices.vrf_tables import MOST_VRFS, current, following, further, list_of
from tests.scanners.platforms.devices.answering import TAKEN, capture, everything, facts, unread
from xunyan.device_facts import DeviceRoute, RouteTotal, Vrf
from xunyan.model import Capture

EVERY = pytest.mark.parametrize("platform", sorted(VENDORS))
HUAWEI = "display ip routing-table vpn-instance"
HUAWEI_TABLE = """Route Flags: R - relay, D - download to fib, T - to vpn-instance, B - black hole route
------------------------------------------------------------------------------
Routing Table : {name}
         Destinations : 2        Routes : 2

Destination/Mask    Proto   Pre  Cost        Flags NextHop         Interface

        0.0.0.0/0   Static  60   0            RD   192.0.2.1       GigabitEthernet0/0/2
     192.0.2.0/30   Direct  0    0            D    192.0.2.2       GigabitEthernet0/0/2
"""
TABLES = {
    "huawei_vrp": HUAWEI_TABLE,
    "hp_comware": """
Destinations : 2        Routes : 2

Destination/Mask   Proto   Pre Cost        NextHop         Interface
0.0.0.0/0          Static  60  0           192.0.2.1       GE1/0/2
192.0.2.0/30       Direct  0   0           192.0.2.2       GE1/0/2
""",
    "ruijie_os": """Routing Table: {name}
Codes:  C - Connected, L - Local, S - Static
        * - candidate default

Gateway of last resort is 192.0.2.1 to network 0.0.0.0
S*    0.0.0.0/0 [1/0] via 192.0.2.1
C     192.0.2.0/30 is directly connected, GigabitEthernet 0/2
""",
    "cisco_ios": """
Routing Table: {name}
Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP
       + - replicated route, % - next hop override

Gateway of last resort is 192.0.2.1 to network 0.0.0.0

S*    0.0.0.0/0 [1/0] via 192.0.2.1
      192.0.2.0/24 is variably subnetted, 1 subnets, 1 masks
C        192.0.2.0/30 is directly connected, GigabitEthernet0/2
""",
    "zte_zxros": """IPv4 Routing Table:
Headers: Dest: Destination, Gw: Gateway, Pri: Priority;
Codes  : K: kernel, I: isis, O: ospf
   Dest                Gw              Interface           Owner        Pri Metric
*> 0.0.0.0/0           192.0.2.1       gei-0/1/0/2         STATIC       1   0
*> 192.0.2.0/30        192.0.2.2       gei-0/1/0/2         DIRECT       0   0
""",
}
LISTS = {
    "huawei_vrp": (
        "display ip vpn-instance",
        " Total VPN-Instances configured : {count}\n\n  VPN-Instance Name               RD                    Address-family\n",
        "  {name:<31} 100:{number:<17} IPv4\n",
    ),
    "hp_comware": (
        "display ip vpn-instance",
        "  Total VPN-Instances configured : {count}\n  VPN-Instance Name               RD                     Create time\n",
        "  {name:<31} 100:{number:<18} 2026/01/01 00:00:00\n",
    ),
}


CISCO_LIST = "  Name                             Default RD            Protocols   Interfaces\n"
LISTED_HEADS = {
    **{platform: listed[1].format(count=1).encode() for platform, listed in LISTS.items()},
    **dict.fromkeys(
        ("cisco_ios", "ruijie_os", "zte_zxros"),
        CISCO_LIST.encode(),
    ),
}


def of_vrf(platform: str, version: int) -> str:
    return list(VENDORS[platform].vrf_tables)[version == 6]


def listed(platform: str, *names: str) -> tuple[str, str]:
    source, head, row = LISTS[platform]
    rows = "".join(row.format(name=name, number=number) for number, name in enumerate(names))
    return source, head.format(count=len(names)) + rows


@EVERY
def test_a_table_is_of_the_vrf_that_was_asked_for(platform: str) -> None:
    source = f"{of_vrf(platform, 4)} CZ-ZW_1.2:3"
    found = facts(platform, source, TABLES[platform].format(name="CZ-ZW_1.2:3"))
    routes = [one for one in found if isinstance(one, DeviceRoute)]
    assert {(one.vrf, one.destination, one.next_hop) for one in routes} == {
        ("CZ-ZW_1.2:3", "0.0.0.0/0", "192.0.2.1"),
        ("CZ-ZW_1.2:3", "192.0.2.0/30", ""),
    }
    assert {one.vrf for one in found if isinstance(one, RouteTotal)} <= {"CZ-ZW_1.2:3"}


@pytest.mark.parametrize("platform", sorted(one for one, text in TABLES.items() if "{name}" in text))
def test_the_table_of_another_vrf_is_not_taken_for_it(platform: str) -> None:
    for title in ("B", "Public", "default", "_public_"):
        assert "the table of A" in unread(platform, f"{of_vrf(platform, 4)} A", TABLES[platform].format(name=title))
    public = of_vrf(platform, 4).rpartition(" ")[0]
    assert "the table of no VRF" in unread(platform, public, TABLES[platform].format(name="B"))
    for title in ("Public", "default", "_public_"):
        assert {
            one.vrf
            for one in facts(platform, public, TABLES[platform].format(name=title))
            if isinstance(one, DeviceRoute)
        } == {""}


@pytest.mark.parametrize("platform", ["huawei_vrp", "hp_comware"])
def test_a_table_that_tells_no_total_was_cut(platform: str) -> None:
    text = TABLES[platform].format(name="A")
    cut = "\n".join(line for line in text.splitlines() if "Destinations" not in line)
    for source in (f"{of_vrf(platform, 4)} A", "display ip routing-table"):
        assert "total" in unread(platform, source, cut.replace("Routing Table : A", ""))


@pytest.mark.parametrize("platform", ["huawei_vrp", "hp_comware"])
def test_an_empty_table_is_empty_and_a_cut_one_is_not_read(platform: str) -> None:
    source = f"{of_vrf(platform, 4)} A"
    assert facts(platform, source, "\nDestinations : 0        Routes : 0\n") == [RouteTotal(4, "A", 0, 0)]
    assert "a table of routes" in unread(platform, source, "\nDestinations : 3        Routes : 3\n")


def test_a_table_of_one_protocol_is_not_the_whole_one() -> None:
    text = HUAWEI_TABLE.format(name="Static").replace("Routing Table", "A Routing Table")
    assert "the table of A" in unread("huawei_vrp", f"{HUAWEI} A", text)


def test_zte_says_how_many_routes_there_are_where_it_is_new() -> None:
    source, text = "show ip forwarding route vrf A", "\nRoutes: 2            Route-paths: 2\n" + TABLES["zte_zxros"]
    assert [one for one in facts("zte_zxros", source, text) if isinstance(one, RouteTotal)] == [
        RouteTotal(4, "A", 2, 2)
    ]
    cut = text.replace("Route-paths: 2", "Route-paths: 30")
    assert [one for one in facts("zte_zxros", source, cut) if isinstance(one, RouteTotal)] == [
        RouteTotal(4, "A", 30, 2)
    ]
    assert facts("zte_zxros", source, "Routes: 0            Route-paths: 0\n") == [RouteTotal(4, "A", 0, 0)]
    relay = text.replace("*> 0.0.0.0/0 ", "*>R 0.0.0.0/0")
    assert len([one for one in facts("zte_zxros", source, relay) if isinstance(one, DeviceRoute) and one.active]) == 2


def test_routes_that_cisco_leaks_between_vrfs() -> None:
    text = TABLES["cisco_ios"].format(name="A") + (
        "B        10.2.2.0/24 is directly connected (B-VRF), 00:00:53, GigabitEthernet0/3\n"
        "S   +    10.2.3.0/24 [1/0] via 192.0.2.9 (B-VRF)\n"
        "B        10.2.4.0/24 [200/0] via 192.0.2.8 (default), 00:01:00, mpls\n"
    )
    found = [one for one in facts("cisco_ios", "show ip route vrf A", text) if isinstance(one, DeviceRoute)]
    assert [(one.destination, one.next_hop, one.interface) for one in found[2:]] == [
        ("10.2.2.0/24", "", "GigabitEthernet0/3"), ("10.2.3.0/24", "192.0.2.9", ""), ("10.2.4.0/24", "192.0.2.8", ""),
    ]  # fmt: skip
    nothing = "% VRF A does not have IPv6 address-family configured\n"
    assert facts("cisco_ios", "show ipv6 route vrf A", nothing) == []


def test_cisco_s_longest_name_reaches_into_the_next_column() -> None:
    name = "V" * 32
    text = f"{CISCO_LIST}  {name} 100:1                 ipv4        Gi0/1\n"
    assert facts("cisco_ios", "show vrf", text) == [Vrf(name, "100:1", ("GigabitEthernet0/1",))]


def test_a_list_as_long_as_no_device_has_is_read_in_bounded_time_and_names_nothing() -> None:
    vendor = VENDORS["cisco_ios"]
    head = f"{CISCO_LIST}  A                                100:1                 ipv4        Gi0/1\n"
    text = head + "".join(f"{' ' * 70}Gi0/{number}\n" for number in range(60_000))
    began = time.process_time()
    (found,) = facts("cisco_ios", "show vrf", text)
    assert time.process_time() - began < 4
    assert isinstance(found, Vrf)
    assert len(found.interfaces) == 60_001
    assert following(vendor, {"show vrf": (text.encode(), 0)}) == ()


@EVERY
@given(
    body=st.one_of(
        st.binary(max_size=600), st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
)
def test_whatever_a_device_lists_only_names_follow(platform: str, body: bytes) -> None:
    vendor = VENDORS[platform]
    for text in (body, LISTED_HEADS[platform] + body):
        asked = following(vendor, {list_of(vendor): (text, 0)})
        assert all(vendor.named().fullmatch(one) for one in asked)


def test_h3c_names_the_vrf_of_a_table_in_two_ways() -> None:
    source = "display ip routing-table vpn-instance A"
    for title in ("Routing Tables: A", "VPN instance: A"):
        text = title + TABLES["hp_comware"]
        assert {one.vrf for one in facts("hp_comware", source, text) if isinstance(one, DeviceRoute)} == {"A"}
        assert "the table of A" in unread("hp_comware", source, text.replace(": A", ": AB"))
    six = """VPN instance: A
Destinations : 1        Routes : 1

Destination: ::/0                                        Protocol  : Static
NextHop    : 2001:DB8::1                                 Preference: 60
Interface  : GE1/0/2                                     Cost      : 0
"""
    found = facts("hp_comware", "display ipv6 routing-table vpn-instance A", six)
    assert [(one.family, one.vrf) for one in found if isinstance(one, DeviceRoute | RouteTotal)] == [(6, "A"), (6, "A")]


@EVERY
def test_tables_of_all_vrfs_are_one_observation_with_the_proof_of_each(platform: str) -> None:
    vendor = VENDORS[platform]
    public = next(iter(vendor.vrf_tables)).rpartition(" ")[0]
    answers = {
        public: TABLES[platform].format(name="default" if platform != "huawei_vrp" else "Public"),
        **{f"{public} {word} {name}": TABLES[platform].format(name=name)
           for word in [next(iter(vendor.vrf_tables)).rpartition(" ")[2]] for name in ("B", "A")},
    }  # fmt: skip
    observations, blind = everything(platform, answers)
    assert blind == ()
    routes = observations["device-routes"].facts
    assert [one.vrf for one in routes if isinstance(one, DeviceRoute)] == ["", "", "A", "A", "B", "B"]
    sources = [one.source for one in observations["device-routes"].evidence]
    assert list(dict.fromkeys(sources)) == [public, *sorted(answers)[1:]]


@EVERY
def test_a_platform_knows_its_tables_and_no_other_names(platform: str) -> None:
    for begin in VENDORS[platform].vrf_tables:
        assert PLATFORMS[platform].knows(f"{begin} A")
        assert not PLATFORMS[platform].knows(begin)
        for name in ("", " ", "a b", "a|b", "-a", "a;", "n" * 33, "市直", "a\n"):
            assert not PLATFORMS[platform].knows(f"{begin} {name}")


@pytest.mark.parametrize("platform", sorted(LISTS))
def test_what_follows_from_a_list_of_vrfs(platform: str) -> None:
    vendor = VENDORS[platform]
    source, text = listed(platform, "A", "B_2", "x|reboot", "$(x)", "_public_")
    begins = list(vendor.vrf_tables)
    asked = [f"{begin} {name}" for name in ("A", "B_2") for begin in begins]
    assert list(following(vendor, {source: (text.encode(), 0)})) == asked
    assert following(vendor, {source: (text.encode(), 1)}) == ()
    assert following(vendor, {}) == ()
    assert following(vendor, {source: (b"", 0)}) == ()
    assert following(vendor, {source: (b"Error: Unrecognized command found at '^' position.\n", 0)}) == ()
    assert following(vendor, {source: (b"\xff\x00 strange\n", 0)}) == ()
    many = listed(platform, *(f"V{number}" for number in range(200)))[1]
    assert len(following(vendor, {source: (many.encode(), 0)})) == 2 * MOST_VRFS
    assert all(vendor.named().fullmatch(one) for one in following(vendor, {source: (many.encode(), 0)}))
    assert further(vendor, {source: capture(platform, source, text)}) == tuple(asked)
    assert further(vendor, {}) == ()


def later(one: Capture, days: int) -> Capture:
    return replace(one, envelope=replace(one.envelope, taken_at=TAKEN + timedelta(days=days)))


def test_the_table_of_a_vrf_that_is_gone_is_left_out() -> None:
    vendor = VENDORS["huawei_vrp"]
    table, kept = f"{HUAWEI} OLD", f"{HUAWEI} NEW"
    source, text = listed("huawei_vrp", "NEW")
    captures = {
        one.source: one
        for one in (
            capture("huawei_vrp", table, HUAWEI_TABLE.format(name="OLD")),
            capture("huawei_vrp", kept, HUAWEI_TABLE.format(name="NEW")),
            later(capture("huawei_vrp", source, text), 1),
        )
    }
    assert set(current(vendor, captures)) == {kept, source}
    assert PLATFORMS["huawei_vrp"].current(captures).keys() == {kept, source}
    same = {**captures, table: later(captures[table], 1)}
    assert current(vendor, same) == same
    unknown = {**captures, source: later(capture("huawei_vrp", source, "strange\n"), 1)}
    assert current(vendor, unknown) == unknown
    failed = {**captures, source: later(capture("huawei_vrp", source, text, 1), 1)}
    assert current(vendor, failed) == failed
    without = {name: one for name, one in captures.items() if name != source}
    assert current(vendor, without) == without
    none = {**captures, source: later(capture("huawei_vrp", source, ""), 1)}
    assert set(current(vendor, none)) == {source}


@pytest.mark.parametrize(
    ("platform", "typed", "source"),
    [
        ("huawei_vrp", "dis ip rou vpn CZ-ZW", f"{HUAWEI} CZ-ZW"),
        ("huawei_vrp", "display ipv6 routing-table vpn-instance a_b", "display ipv6 routing-table vpn-instance a_b"),
        ("hp_comware", "dis ip routing-table vpn-instance VpnA", f"{HUAWEI} VpnA"),
        ("cisco_ios", "sh ip ro vrf Mgmt", "show ip route vrf Mgmt"),
        ("cisco_ios", "do show ip route vrf A | no-more", "show ip route vrf A"),
        ("ruijie_os", "show ipv6 route vrf x", "show ipv6 route vrf x"),
        ("zte_zxros", "sh ip forw rou vrf A", "show ip forwarding route vrf A"),
        ("huawei_vrp", "display ip routing-table vpn-instance A 10.0.0.0", ""),
        ("huawei_vrp", "display ip routing-table vpn-instance 市直", ""),
        ("huawei_vrp", "display ip routing-table vpn-instance A | include 10", ""),
        ("huawei_vrp", "display ip routing-table vpn-instance", ""),
        ("cisco_ios", "show ip route vrf", ""),
    ],
)
def test_what_an_operator_typed(platform: str, typed: str, source: str) -> None:
    assert meant(VENDORS[platform], typed).source == source


@EVERY
def test_the_list_of_vrfs_is_a_command_of_its_own(platform: str) -> None:
    vendor = VENDORS[platform]
    assert [one for one in vendor.commands.values() if one.kinds == (Vrf,)]
    assert all(VRF_NAME.fullmatch(one) is None for one in vendor.vrf_tables)
