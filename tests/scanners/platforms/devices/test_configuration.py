"""Running configurations of five vendors: what is indented under what, banners, separators, ends, and each statement."""

import pytest

from tests.scanners.platforms.devices.answering import cited, everything, facts, unread
from xunyan.device_facts import (
    UNSHOWN,
    AccessList,
    AccessListUse,
    AccessRule,
    Device,
    DeviceFact,
    DeviceInterface,
    DeviceRoute,
    InterfaceAddress,
    NatRule,
    RoutingProcess,
    TimeServer,
    TrafficLimit,
    Vlan,
    Vrf,
)

SOURCES = {
    "huawei_vrp": ("display current-configuration", "#\n{}\n#\nreturn\n"),
    "hp_comware": ("display current-configuration", "#\n{}\n#\nreturn\n"),
    "ruijie_os": ("show running-config", "Building configuration...\n!\n{}\n!\nend\n"),
    "zte_zxros": ("show running-config", "!<all>\n{}\n!</all>\n"),
    "cisco_ios": ("show running-config", "!\n{}\n!\nend\n"),
}


def configured(platform: str, *statements: str) -> list[DeviceFact]:
    source, form = SOURCES[platform]
    return [one for one in facts(platform, source, form.format("\n".join(statements))) if _plain(one)]


def _plain(fact: DeviceFact) -> bool:
    return not (isinstance(fact, DeviceInterface) and fact == DeviceInterface(fact.name))


def under(platform: str, *statements: str) -> list[DeviceFact]:
    """What statements under an interface say; the interface itself where they say anything of it."""
    return configured(platform, "interface X1", *(f" {one}" for one in statements))


HUAWEI, H3C, RUIJIE, ZTE, CISCO = "huawei_vrp", "hp_comware", "ruijie_os", "zte_zxros", "cisco_ios"

UNDER: list[tuple[str, str, list[DeviceFact]]] = [
    (HUAWEI, "ip address 192.0.2.1 24", [InterfaceAddress("X1", 4, "192.0.2.1", 24, "global")]),
    (HUAWEI, "ip address 192.0.2.1 255.255.255.252 sub", [InterfaceAddress("X1", 4, "192.0.2.1", 30, "global")]),
    (CISCO, "ip address dhcp", []),
    (CISCO, "no ip address", []),
    (HUAWEI, "ip address unnumbered interface LoopBack0", []),
    (HUAWEI, "ipv6 address 2001:DB8::1 64", [InterfaceAddress("X1", 6, "2001:db8::1", 64, "global")]),
    (H3C, "ipv6 address 2001:DB8::1/64", [InterfaceAddress("X1", 6, "2001:db8::1", 64, "global")]),
    (CISCO, "ipv6 address FE80::1 link-local", [InterfaceAddress("X1", 6, "fe80::1", UNSHOWN, "link")]),
    (CISCO, "ipv6 address 2001:DB8::/64 eui-64", []),
    (HUAWEI, "ipv6 address auto link-local", []),
    (HUAWEI, "ip binding vpn-instance gov", [DeviceInterface("X1", vrf="gov")]),
    (CISCO, "vrf forwarding gov", [DeviceInterface("X1", vrf="gov")]),
    (CISCO, "ip vrf forwarding gov", [DeviceInterface("X1", vrf="gov")]),
    (HUAWEI, "traffic-filter inbound acl name guard", [AccessListUse("guard", 4, "X1", "in")]),
    (HUAWEI, "traffic-filter outbound acl ipv6 3001", [AccessListUse("3001", 6, "X1", "out")]),
    (HUAWEI, "traffic-filter inbound ipv6 acl 3002", [AccessListUse("3002", 6, "X1", "in")]),
    (H3C, "packet-filter name guard inbound", [AccessListUse("guard", 4, "X1", "in")]),
    (H3C, "packet-filter ipv6 3000 outbound", [AccessListUse("3000", 6, "X1", "out")]),
    (CISCO, "ip access-group 101 out", [AccessListUse("101", 4, "X1", "out")]),
    (CISCO, "ipv6 traffic-filter V6 in", [AccessListUse("V6", 6, "X1", "in")]),
    (ZTE, "ipv4-access-group egress 10", [AccessListUse("10", 4, "X1", "out")]),
    (HUAWEI, "nat outbound 2000 address-group 1", [NatRule("X1", "outbound", "2000")]),
    (HUAWEI, "nat server protocol tcp global current-interface 80 inside 192.0.2.9 80", [NatRule("X1", "server")]),
    (H3C, "nat outbound", [NatRule("X1", "outbound")]),
    (H3C, "nat static enable", [NatRule("X1", "static")]),
    (CISCO, "ip nat inside", [NatRule("X1", "inside")]),
    (HUAWEI, "qos car inbound cir 20480 cbs 3850240", [TrafficLimit("X1", "in", 20480)]),
    (H3C, "qos car outbound any cir 10240 cbs 640000 ebs 0 green pass red discard yellow pass", [TrafficLimit("X1", "out", 10240)]),
    (HUAWEI, "qos lr outbound cir 100000 cbs 12500000", [TrafficLimit("X1", "out", 100000)]),
    (HUAWEI, "qos lr cir 51200 cbs 6400000 inbound", [TrafficLimit("X1", "in", 51200)]),
    (RUIJIE, "rate-limit output 8192 4096", [TrafficLimit("X1", "out", 8192)]),
    (CISCO, "rate-limit input 8192000 8000 8000 conform-action transmit exceed-action drop", [TrafficLimit("X1", "in", 8192)]),
    (ZTE, "rate-limit input localport cir 2048 cbs 3174400", [TrafficLimit("X1", "in", 2048)]),
    (HUAWEI, "shutdown", [DeviceInterface("X1", admin="down")]),
    (ZTE, "no shutdown", [DeviceInterface("X1", admin="up")]),
    (HUAWEI, "undo shutdown", [DeviceInterface("X1", admin="up")]),
    (HUAWEI, "description 专线 to 卫健委", [DeviceInterface("X1", description="专线 to 卫健委")]),
    (HUAWEI, "port default vlan 12", [DeviceInterface("X1", mode="access", vlan=12)]),
    (H3C, "port access vlan 12", [DeviceInterface("X1", mode="access", vlan=12)]),
    (H3C, "port link-type trunk", [DeviceInterface("X1", mode="trunk")]),
    (CISCO, "switchport trunk native vlan 9", [DeviceInterface("X1", vlan=9)]),
    (HUAWEI, "dot1q termination vid 100", [DeviceInterface("X1", vlan=100)]),
    (CISCO, "encapsulation dot1Q 100", [DeviceInterface("X1", vlan=100)]),
    (HUAWEI, "undo portswitch", [DeviceInterface("X1", mode="routed")]),
    (CISCO, "speed 100", [DeviceInterface("X1", kbps=100_000)]),
    (CISCO, "duplex half", [DeviceInterface("X1", duplex="half")]),
    (CISCO, "nobody knows this", []),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "statement", "expected"), UNDER)
def test_statements_under_an_interface(platform: str, statement: str, expected: list[DeviceFact]) -> None:
    assert under(platform, statement) == expected


def static(family: int, destination: str, hop: str, interface: str = "", vrf: str = "") -> DeviceRoute:
    return DeviceRoute(family, destination, hop, interface, "static", vrf, configured=True)


TOP: list[tuple[str, str, list[DeviceFact]]] = [
    (HUAWEI, "sysname R-1", [Device("huawei", hostname="R-1")]),
    (ZTE, "hostname R-1", [Device("zte", hostname="R-1")]),
    (HUAWEI, "ntp-service unicast-server 192.0.2.1 vpn-instance gov", [TimeServer("192.0.2.1", "gov")]),
    (HUAWEI, "ntp-service unicast-server ipv6 2001:DB8::1", [TimeServer("2001:db8::1")]),
    (HUAWEI, "ntp-service ipv6 unicast-server 2001:DB8::1", [TimeServer("2001:db8::1")]),
    (CISCO, "ntp server vrf gov 192.0.2.1 prefer", [TimeServer("192.0.2.1", "gov")]),
    (ZTE, "ntp server 192.0.2.1 priority 1", [TimeServer("192.0.2.1")]),
    (HUAWEI, "vlan batch 10 20 to 22", [Vlan(10), Vlan(20), Vlan(21), Vlan(22)]),
    (CISCO, "vlan 10,20-21", [Vlan(10), Vlan(20), Vlan(21)]),
    (HUAWEI, "ip route-static 0.0.0.0 0.0.0.0 192.0.2.1 preference 100", [static(4, "0.0.0.0/0", "192.0.2.1")]),
    (HUAWEI, "ip route-static vpn-instance gov 10.0.0.0 8 GigabitEthernet0/0/1 192.0.2.1",
     [static(4, "10.0.0.0/8", "192.0.2.1", "GigabitEthernet0/0/1", "gov")]),
    (H3C, "ip route-static 10.0.0.0 8 NULL0", [static(4, "10.0.0.0/8", "", "NULL0")]),
    (H3C, "ip route-static vpn-instance a 10.0.0.0 16 vpn-instance b 192.0.2.1", [static(4, "10.0.0.0/16", "192.0.2.1", "", "a")]),
    (HUAWEI, "ip route-static 0.0.0.0 0.0.0.0 Dialer1", [static(4, "0.0.0.0/0", "", "Dialer1")]),
    (HUAWEI, "ipv6 route-static :: 0 2001:DB8::1", [static(6, "::/0", "2001:db8::1")]),
    (HUAWEI, "ipv6 route-static 2001:DB8:: 32 GigabitEthernet0/0/1 FE80::1", [static(6, "2001:db8::/32", "fe80::1", "GigabitEthernet0/0/1")]),
    (CISCO, "ip route vrf gov 0.0.0.0 0.0.0.0 192.0.2.1 name out", [static(4, "0.0.0.0/0", "192.0.2.1", "", "gov")]),
    (CISCO, "ipv6 route ::/0 GigabitEthernet0/1 FE80::1", [static(6, "::/0", "fe80::1", "GigabitEthernet0/1")]),
    (RUIJIE, "ip route 0.0.0.0 0.0.0.0 GigabitEthernet 0/1 192.0.2.1", [static(4, "0.0.0.0/0", "192.0.2.1", "GigabitEthernet 0/1")]),
    (RUIJIE, "ip route 0.0.0.0 0.0.0.0 dialer 1", [static(4, "0.0.0.0/0", "", "dialer 1")]),
    (HUAWEI, "ip route-static default-preference 100", []),
    (HUAWEI, "ospf 1 router-id 192.0.2.1 vpn-instance gov", [RoutingProcess("ospf", "1", "gov")]),
    (HUAWEI, "ospfv3 10", [RoutingProcess("ospfv3", "10")]),
    (CISCO, "router ospf 1 vrf gov", [RoutingProcess("ospf", "1", "gov")]),
    (CISCO, "ipv6 router ospf 1", [RoutingProcess("ospfv3", "1")]),
    (CISCO, "router bgp 64512", [RoutingProcess("bgp", "64512")]),
    (CISCO, "router isis", [RoutingProcess("isis", "")]),
    (CISCO, "ip nat inside source list 10 interface Dialer1 overload", [NatRule("Dialer1", "outbound", "10")]),
    (RUIJIE, "ip nat inside source list 10 interface GigabitEthernet 0/1 overload", [NatRule("GigabitEthernet 0/1", "outbound", "10")]),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "statement", "expected"), TOP)
def test_statements_of_the_outermost_level(platform: str, statement: str, expected: list[DeviceFact]) -> None:
    assert configured(platform, statement) == expected


def rules(*told: tuple[int, str, str, str]) -> tuple[AccessRule, ...]:
    return tuple(AccessRule(*one) for one in told)


SSH = rules((5, "permit", "tcp", "source any destination-port eq 22"), (10, "deny", "ip", ""))
LISTS: list[tuple[str, str, str, int, tuple[AccessRule, ...]]] = [
    (HUAWEI, "acl number 3000\n description who\n rule 5 permit tcp source any destination-port eq 22\n rule 10 deny ip", "3000", 4, SSH),
    (HUAWEI, "acl name guard advance\n rule 5 permit tcp source any destination-port eq 22\n rule 5 description we deny all\n rule 10 deny ip",
     "guard", 4, SSH),
    (HUAWEI, "acl ipv6 number 3001\n rule 5 deny ipv6 source 2001:DB8::/32", "3001", 6, rules((5, "deny", "ipv6", "source 2001:DB8::/32"))),
    (H3C, "acl advanced name guard\n rule 5 permit tcp source any destination-port eq 22\n rule 10 deny ip", "guard", 4, SSH),
    (H3C, "acl basic 2000\n rule 0 permit source 192.0.2.0 0.0.0.255", "2000", 4, rules((0, "permit", "", "source 192.0.2.0 0.0.0.255"))),
    (H3C, "acl ipv6 advanced 3000", "3000", 6, ()),
    (CISCO, "ip access-list extended GUARD\n remark who\n permit tcp any any eq 22\n 20 deny ip any any log", "GUARD", 4,
     rules((-1, "permit", "tcp", "any any eq 22"), (20, "deny", "ip", "any any log"))),
    (CISCO, "ip access-list standard 10\n permit 192.0.2.0 0.0.0.255", "10", 4, rules((-1, "permit", "", "192.0.2.0 0.0.0.255"))),
    (CISCO, "access-list 101 permit ip any any\naccess-list 101 deny icmp any any", "101", 4,
     rules((-1, "permit", "ip", "any any"), (-1, "deny", "icmp", "any any"))),
    (CISCO, "ipv6 access-list V6\n sequence 10 permit icmp any any\n deny ipv6 any any", "V6", 6,
     rules((10, "permit", "icmp", "any any"), (-1, "deny", "ipv6", "any any"))),
    (ZTE, "ipv6-access-list V6\n  rule 10 deny ipv6 any any\n$", "V6", 6, rules((10, "deny", "ipv6", "any any"))),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "told", "name", "family", "expected"), LISTS)
def test_access_lists(platform: str, told: str, name: str, family: int, expected: tuple[AccessRule, ...]) -> None:
    assert configured(platform, told) == [AccessList(name, family, expected)]


@pytest.mark.parametrize(
    ("platform", "head"),
    [(HUAWEI, "acl name guard 3998"), (HUAWEI, "acl name guard number 3998"), (H3C, "acl number 3998 name guard")],
)
def test_an_access_list_with_a_name_and_a_number(platform: str, head: str) -> None:
    assert configured(platform, head) == [AccessList("guard", 4, (), "3998")]


def test_a_policy_that_limits_everything() -> None:
    told = (
        "policy-map LINE", " class class-default", "  police cir 20000000", "policy-map SOME", " class voice",
        "  police 1000000 conform-action transmit", "interface X1", " service-policy input LINE", " service-policy output SOME",
    )  # fmt: skip
    assert configured(CISCO, *told) == [TrafficLimit("X1", "in", 20000)]


@pytest.mark.parametrize(
    ("platform", "policy", "applied"),
    [(HUAWEI, "traffic policy {}", "traffic-policy {} inbound"), (H3C, "qos policy {}", "qos apply policy {} inbound")],
)  # fmt: skip
def test_a_policy_of_classifiers(platform: str, policy: str, applied: str) -> None:
    told = (
        "traffic classifier all operator or", " if-match any", "traffic classifier some", " if-match acl 3000",
        "traffic behavior b20", " permit", " car cir 20480 cbs 3850240 green pass red discard", "traffic behavior mark",
        " remark dscp ef", policy.format("LINE"), " classifier all behavior b20", policy.format("SOME"),
        " classifier some behavior b20", policy.format("MARK"), " classifier all behavior mark", "interface X1",
        " " + applied.format("LINE"), "interface X2", " " + applied.format("SOME"), "interface X3",
        " " + applied.format("MARK"), "interface X4", " " + applied.format("GONE"),
    )  # fmt: skip
    assert configured(platform, *told) == [TrafficLimit("X1", "in", 20480)]


@pytest.mark.parametrize(
    ("platform", "banner"),
    [(CISCO, "banner motd ^C\ninterface X9\n ip address 192.0.2.9 255.255.255.0\nend\n^C"),
     (RUIJIE, "banner login @\nip route 0.0.0.0 0.0.0.0 192.0.2.9\n@"),
     (HUAWEI, 'header login information "\ninterface X9\n nat outbound\nreturn\n"'),
     (H3C, "header login %\ninterface X9\n nat outbound\n%"),
     (CISCO, "banner login ^Cinterface X9^C")],
)  # fmt: skip
def test_a_banner_says_nothing(platform: str, banner: str) -> None:
    assert configured(platform, banner, "vlan 7") == [Vlan(7)]


def test_a_banner_without_an_end_hides_the_rest() -> None:
    source, form = SOURCES[CISCO]
    assert "banner" in unread(CISCO, source, form.format("banner motd ^C\nhello"))


def test_h3c_writes_the_outermost_level_indented() -> None:
    told = (
        " sysname R-1",
        "#",
        "vlan 3",
        " name office",
        "#",
        " ip route-static 0.0.0.0 0 192.0.2.1",
        " ntp-service unicast-server 192.0.2.2",
    )
    assert configured(H3C, *told) == [
        Device("h3c", hostname="R-1"), Vlan(3, "office"), static(4, "0.0.0.0/0", "192.0.2.1"), TimeServer("192.0.2.2"),
    ]  # fmt: skip


def test_zte_speaks_of_an_interface_in_several_parts() -> None:
    told = """\
!<if-intf>
interface xgei-0/3/0/1
  description to-core
  no shutdown
  ip address 192.0.2.1 255.255.255.252
$
!</if-intf>
!<qos>
interface xgei-0/3/0/1
  rate-limit output localport cir 2048 cbs 1
$
!</qos>
"""
    observations, _ = everything(ZTE, {"show running-config": told})
    assert observations["device-interfaces"].facts == (
        DeviceInterface("xgei-0/3/0/1", admin="up", description="to-core"),
    )
    assert observations["traffic-limits"].facts == (TrafficLimit("xgei-0/3/0/1", "out", 2048),)
    for cut in ("\n".join(told.splitlines()[:n]) for n in (3, 6, 9, 11)):
        assert unread(ZTE, "show running-config", cut)


def test_vrfs() -> None:
    assert configured(HUAWEI, "ip vpn-instance gov", " ipv4-family", "  route-distinguisher 64512:1") == [
        Vrf("gov", "64512:1")
    ]
    assert configured(CISCO, "vrf definition gov", " rd 64512:1", " address-family ipv4") == [Vrf("gov", "64512:1")]
    assert configured(CISCO, "ip vrf gov", " rd 64512:1") == [Vrf("gov", "64512:1")]


@pytest.mark.parametrize(
    "statement",
    ["ip address 192.0.2.1 255.255.0.255", "ip address 192.0.2.300 255.255.255.0", "ipv6 address 2001:DB8::1/129",
     "ipv6 address 2001:DB8:::1/64"],
)  # fmt: skip
def test_an_address_that_is_none_is_not_left_out(statement: str) -> None:
    source, form = SOURCES[HUAWEI]
    assert unread(HUAWEI, source, form.format(f"interface X1\n {statement}")).startswith("line 3 ")


def test_what_is_quoted_of_a_configuration_is_what_says_a_fact() -> None:
    """Between the lines that say something there are secrets; of an absence the first line is quoted."""
    ports = "\n".join(f"interface X{n}\n nat outbound {2000 + n}\n password cipher CANARY{n}" for n in range(60))
    told = SOURCES[HUAWEI][1].format(ports)
    observations, _ = everything(HUAWEI, {SOURCES[HUAWEI][0]: told})
    assert "CANARY" not in repr(observations)
    (whole,) = observations["nat"].evidence
    assert len(cited(whole, told)) > 100
    (none,) = observations["access-lists"].evidence
    assert (none.first, none.last, none.quote) == (1, len(told.splitlines()), "#")
