"""Shapes that manuals and others' parsers describe and of which no free sample is at hand: the fixtures are made here."""

import pytest

from tests.scanners.platforms.devices.answering import facts, unread
from xunyan.device_facts import (
    UNSHOWN,
    AccessList,
    AccessListUse,
    AccessRule,
    Device,
    DeviceClock,
    DeviceInterface,
    InterfaceAddress,
    LldpNeighbor,
    TimeSync,
    Vlan,
)


def v6(interface: str, address: str, prefix: int, state: str, scope: str = "global") -> InterfaceAddress:
    return InterfaceAddress(interface, 6, address, prefix, scope, state)


VRP8_BRIEF = """\
*down: administratively down
!down: FIB overload down
(l): loopback
(s): spoofing
Interface                    Physical              Protocol VPN
GigabitEthernet0/1/0         up                    up       --
[IPv6 Address/Prefix Length] 2001:DB8:10::1/64
GigabitEthernet0/1/1         *down                 down     gov
[IPv6 Address/Prefix Length] 2001:DB8:11::1/126  [TENTATIVE]
Virtual-Ethernet0/0/1.4000  up                    up       --
[IPv6 Address/Prefix Length] FE80::1/64
LoopBack0                    up                    up(s)    --
[IPv6 Address/Prefix Length] Unassigned
"""


def test_huawei_ipv6_brief_of_vrp8() -> None:
    assert facts("huawei_vrp", "display ipv6 interface brief", VRP8_BRIEF) == [
        DeviceInterface("GigabitEthernet0/1/0", "up", "up"),
        v6("GigabitEthernet0/1/0", "2001:db8:10::1", 64, "preferred"),
        DeviceInterface("GigabitEthernet0/1/1", "down", "down", vrf="gov"),
        v6("GigabitEthernet0/1/1", "2001:db8:11::1", 126, "tentative"),
        DeviceInterface("Virtual-Ethernet0/0/1.4000", "up", "up"),
        v6("Virtual-Ethernet0/0/1.4000", "fe80::1", 64, "preferred", "link"),
        DeviceInterface("LoopBack0", "up", "up"),
    ]


def test_huawei_ipv6_brief_of_vrp5_has_no_lengths() -> None:
    told = "Interface                    Physical              Protocol   \nGigabitEthernet0/0/0         up                    up         \n"
    assert facts("huawei_vrp", "display ipv6 interface brief", told + "[IPv6 Address] 2001:DB8:20::1\n") == [
        DeviceInterface("GigabitEthernet0/0/0", "up", "up"),
        v6("GigabitEthernet0/0/0", "2001:db8:20::1", UNSHOWN, "preferred"),
    ]
    assert unread("huawei_vrp", "display ipv6 interface brief", told)


def test_huawei_ipv6_with_an_address_on_two_lines() -> None:
    told = """\
Vlanif10 current state : UP 
IPv6 protocol current state : UP
IPv6 is enabled, link-local address is FE80::1 [TENTATIVE]
  Global unicast address(es):
    2001:DB8:10::1,  
    subnet is 2001:DB8:10::/64 [SLAAC 2026-11-20 10:00:00 2592000S]
    2001:DB8:20::1, subnet is 2001:DB8:20::/64 tag 1
  Joined group address(es):
    FF02::1
  MTU is 1500 bytes
LoopBack1 current state : Administratively DOWN
IPv6 protocol current state : DOWN
IPv6 is enabled, link-local address is FE80::2
"""  # noqa: W291
    assert facts("huawei_vrp", "display ipv6 interface", told) == [
        DeviceInterface("Vlanif10", oper="up"),
        v6("Vlanif10", "fe80::1", UNSHOWN, "tentative", "link"),
        v6("Vlanif10", "2001:db8:10::1", 64, "preferred"),
        v6("Vlanif10", "2001:db8:20::1", 64, "preferred"),
        DeviceInterface("LoopBack1", admin="down", oper="down"),
        v6("LoopBack1", "fe80::2", UNSHOWN, "preferred", "link"),
    ]


def test_h3c_ipv6_flags() -> None:
    told = """\
Vlan-interface10 current state: UP
Line protocol current state: UP
IPv6 is enabled, link-local address is FE80::1
  Global unicast address(es):
    2001:DB8:10::1, subnet is 2001:DB8:10::/64
    2001:DB8:20::5, subnet is 2001:DB8:20::/64 [TENTATIVE DHCP]
    2001:DB8:30::5, subnet is 2001:DB8:30::/64 [DUPLICATE]
    2001:DB8:40::5, subnet is 2001:DB8:40::/64 [DEPRECATED AUTOCFG]
      valid lifetime 4641s/preferred lifetime 0s
    2001:DB8:50::5, subnet is 2001:DB8:50::/64 [EUI-64]
"""
    found = [one for one in facts("hp_comware", "display ipv6 interface", told) if isinstance(one, InterfaceAddress)]
    assert [one.state for one in found] == [
        "preferred", "preferred", "tentative", "duplicate", "deprecated", "preferred",
    ]  # fmt: skip


def test_h3c_ipv6_brief_is_read_by_white_space() -> None:
    told = """\
*down: administratively down
(s): spoofing
Interface                                 Physical Protocol IPv6 Address
GigabitEthernet1/0/1                     up       up       2001:DB8:10::1
Vlan-interface100                        *down    down     Unassigned
LoopBack0                                up       up(s)    2001:DB8::1
"""
    assert facts("hp_comware", "display ipv6 interface brief", told) == [
        DeviceInterface("GigabitEthernet1/0/1", "up", "up"),
        v6("GigabitEthernet1/0/1", "2001:db8:10::1", UNSHOWN, ""),
        DeviceInterface("Vlan-interface100", "down", "down"),
        DeviceInterface("LoopBack0", "up", "up"),
        v6("LoopBack0", "2001:db8::1", UNSHOWN, ""),
    ]


VERSIONS = [
    ("huawei_vrp", "display version", """\
Huawei Versatile Routing Platform Software
VRP (R) software, Version 5.170 (S5735 V200R019C10SPC500)
Copyright (C) 2000-2020 HUAWEI TECH CO., LTD
HUAWEI S5735-L24T4S-A Routing Switch uptime is 12 weeks, 3 days, 4 hours, 5 minutes
""", Device("huawei", "S5735-L24T4S-A", "V200R019C10SPC500")),
    ("huawei_vrp", "display version", """\
Huawei Versatile Routing Platform Software\r
VRP (R) software, Version 8.180 (ATN 910C-B V300R003C10SPC500)\r
Copyright (C) 2012-2018 Huawei Technologies Co., Ltd.\r
HUAWEI ATN 910C-B uptime is 161 days, 0 hour, 20 minutes\r
Patch Version: V300R003SPH019\r
""", Device("huawei", "ATN 910C-B", "V300R003C10SPC500 V300R003SPH019")),
    ("hp_comware", "display version", """\
H3C Comware Software, Version 7.1.070, Release 6607P20
Copyright (c) 2004-2022 New H3C Technologies Co., Ltd. All rights reserved.
H3C S6850-56HF uptime is 12 weeks, 3 days, 4 hours, 5 minutes
""", Device("h3c", "S6850-56HF", "7.1.070, Release 6607P20")),
    ("hp_comware", "display version", """\
H3C Comware Platform Software
Comware Software, Version 5.20.99, Release 1106
H3C MSR30-20 uptime is 0 week, 1 day, 2 hours, 3 minutes
""", Device("h3c", "MSR30-20", "5.20.99, Release 1106")),
    ("ruijie_os", "show version", """\
System description      : Ruijie 10G Ethernet Switch (S5750C-28GT4XS-H) By Ruijie Networks
System software version : S5750_RGOS 11.4(1)B70P2
System serial number    : G1XXXXXXXXXXX
Module information:
  Slot 0 : S5750C
    Serial number : G1YYYYYYYYYYY
""", Device("ruijie", "S5750C-28GT4XS-H", "S5750_RGOS 11.4(1)B70P2", "G1XXXXXXXXXXX")),
    ("ruijie_os", "show version", """\
System description      : Ruijie AP720-L (802.11a/n/ac and 802.11b/g/n) By Ruijie Networks
System software version : AP_RGOS 11.1(9)B1P14, Release(06163010)
Device information:
  Device-1
    Serial Number : G1ZZZZZZZZZZZ
""", Device("ruijie", "AP720-L", "AP_RGOS 11.1(9)B1P14", "G1ZZZZZZZZZZZ")),
    ("zte_zxros", "show version", """\
ZXR10 M6000-8S
ZTE ZXR10 Software, Version: M6000-8S V5.00.10, Release software
Copyright (c) 2022 by ZTE Corporation
""", Device("zte", "M6000-8S", "V5.00.10")),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "source", "told", "expected"), VERSIONS)
def test_versions(platform: str, source: str, told: str, expected: Device) -> None:
    assert facts(platform, source, told) == [expected]


@pytest.mark.parametrize("width", [41, 33])
def test_ruijie_ip_brief(width: int) -> None:
    told = f"{'Interface':<{width}}IP-Address(Pri)      IP-Address(Sec)      Status                 Protocol \n"
    for name, first, second, status, protocol in (
        ("GigabitEthernet 0/1", "192.0.2.1/24", "no address", "up", "up"),
        ("VLAN 100", "198.51.100.1/24", "198.51.100.129/25", "administratively down", "down"),
        ("VLAN 200", "no address", "no address", "down", "down"),
    ):
        told += f"{name:<{width}}{first:<21}{second:<21}{status:<23}{protocol}       \n"
    assert facts("ruijie_os", "show ip interface brief", told) == [
        DeviceInterface("GigabitEthernet 0/1", "up", "up", "up"),
        InterfaceAddress("GigabitEthernet 0/1", 4, "192.0.2.1", 24, "global", "preferred"),
        DeviceInterface("VLAN 100", "down", "down", "down"),
        InterfaceAddress("VLAN 100", 4, "198.51.100.1", 24, "global", "preferred"),
        InterfaceAddress("VLAN 100", 4, "198.51.100.129", 25, "global", "preferred"),
        DeviceInterface("VLAN 200", "up", "down", "down"),
    ]


def test_ruijie_ip_brief_as_cisco_has_it() -> None:
    told = "Interface              IP-Address      OK? Method Status                Protocol\n"
    told += "GigabitEthernet 0/1    192.0.2.1       YES manual up                    up\n"
    assert facts("ruijie_os", "show ip interface brief", told) == [
        DeviceInterface("GigabitEthernet 0/1", "up", "up", "up"),
        InterfaceAddress("GigabitEthernet 0/1", 4, "192.0.2.1", UNSHOWN, "global", "preferred"),
    ]


@pytest.mark.parametrize("indent", ["", "  ", "    "])
def test_ruijie_ipv6(indent: str) -> None:
    told = f"""\
interface VLAN 10 is Up, ifindex: 4106, vrf_id 0
{indent}address(es):
{indent}Mac Address: 00:00:5e:00:53:01
{indent}INET6: FE80::200:5EFF:FE00:5301 , subnet is FE80::/64
{indent}INET6: 2001:DB8:10::1 [ TENTATIVE ], subnet is 2001:DB8:10::/64
{indent}Joined group address(es):
{indent}FF02::1
"""
    assert facts("ruijie_os", "show ipv6 interface", told) == [
        DeviceInterface("VLAN 10", oper="up"),
        v6("VLAN 10", "fe80::200:5eff:fe00:5301", 64, "preferred", "link"),
        v6("VLAN 10", "2001:db8:10::1", 64, "tentative"),
    ]


def test_ruijie_lldp() -> None:
    told = """\
Capability codes:
System Name                 Local Intf          Port ID         Capability   Aging-time
SW-CORE-01                  Te0/25              Te1/0/1         B, R         1minutes 35seconds
                            Gi0/3               0000.5e00.5301               1minutes 5seconds
Total entries displayed: 2
"""
    assert facts("ruijie_os", "show lldp neighbors", told) == [
        LldpNeighbor("TenGigabitEthernet 0/25", "SW-CORE-01", "Te1/0/1"),
        LldpNeighbor("GigabitEthernet 0/3", "", "0000.5e00.5301"),
    ]


def test_zte_ipv6_brief() -> None:
    told = """\
xgei-0/3/0/1                    [up/up]
    fe80::1/10
    2001:db8:10::1/64
cgei-0/2/0/1                    [down/down]   unassigned
loopback1                       [up/up]   2001:db8::1/128
"""
    assert facts("zte_zxros", "show ipv6 interface brief", told) == [
        DeviceInterface("xgei-0/3/0/1", oper="up"),
        v6("xgei-0/3/0/1", "fe80::1", 10, "", "link"),
        v6("xgei-0/3/0/1", "2001:db8:10::1", 64, ""),
        DeviceInterface("cgei-0/2/0/1", oper="down"),
        DeviceInterface("loopback1", oper="up"),
        v6("loopback1", "2001:db8::1", 128, ""),
    ]


def test_zte_ip_brief() -> None:
    told = """\
Interface                       IP-Address      Mask            Admin Phy  Prot
cgei-0/2/0/1                    192.0.2.1       255.255.255.252 up    up   up
xgei-0/3/0/1                    unassigned      unassigned      up    down down
"""
    assert facts("zte_zxros", "show ip interface brief", told) == [
        DeviceInterface("cgei-0/2/0/1", "up", "up", "up"),
        InterfaceAddress("cgei-0/2/0/1", 4, "192.0.2.1", 30, "global", "preferred"),
        DeviceInterface("xgei-0/3/0/1", "up", "down", "down"),
    ]


@pytest.mark.parametrize(
    "told",
    ["""\
Total neighbors: 1
Local Interface   Scope  Chassis ID      Port ID           Holdtime  System Name
-----------------------------------------------------------------------------------------
xgei-1/1/0/1     NB     0000.5e00.5301  xgei-1/1/0/26     100       R/CORE-01
""", """\
Local Interface      Chassis ID         Port ID              System Name
xgei-1/1/0/1         0000.5e00.5301     xgei-1/1/0/26        R/CORE-01
"""],
)  # fmt: skip
def test_zte_lldp(told: str) -> None:
    expected = [LldpNeighbor("xgei-1/1/0/1", "R/CORE-01", "xgei-1/1/0/26", "00:00:5e:00:53:01")]
    assert facts("zte_zxros", "show lldp neighbor brief", told) == expected


def test_a_narrow_terminal_wraps_descriptions() -> None:
    told = """\
Interface               Attribute  Mode         BW    Admin Phy   Prot  Description
xgei-1/1/0/1            optical    Duplex/full  1G    up    up    up    Link_to_a_far
_away_place
xgei-1/1/0/2            electric   Duplex/half  100M  up    down  down
"""
    assert facts("zte_zxros", "show interface brief", told) == [
        DeviceInterface("xgei-1/1/0/1", "up", "up", "up", 1_000_000, "full", "Link_to_a_far"),
        DeviceInterface("xgei-1/1/0/2", "up", "down", "down", 100_000, "half"),
    ]


@pytest.mark.parametrize(
    ("platform", "source", "told", "clock"),
    [
        ("huawei_vrp", "display clock", "2026-11-26 20:52:51+08:00\nThursday\nTime Zone(BJ) : UTC+08:00", ("2026-11-26 20:52:51", "BJ UTC+08:00")),
        ("huawei_vrp", "display clock", "2026-11-26 20:52:51\nThursday\nTime Zone(DefaultZoneName) : UTC",
         ("2026-11-26 20:52:51", "DefaultZoneName UTC")),
        ("hp_comware", "display clock", "20:52:51.673 BJ Thu 11/26/2026\nTime Zone : BJ add 08:00:00", ("2026-11-26 20:52:51", "BJ add 08:00:00")),
        ("cisco_ios", "show clock", "*20:52:52.207 UTC Thu Nov 5 2026", ("2026-11-05 20:52:52", "UTC")),
        ("ruijie_os", "show clock", "20:52:51 BJ Thu, Nov 26, 2026", ("2026-11-26 20:52:51", "BJ")),
    ],
)  # fmt: skip
def test_clocks(platform: str, source: str, told: str, clock: tuple[str, str]) -> None:
    assert facts(platform, source, told) == [DeviceClock(*clock)]


def test_a_clock_that_follows_nothing() -> None:
    assert facts("cisco_ios", "show ntp status", "Clock is unsynchronized, stratum 16, no reference clock\n") == [
        TimeSync(synchronized=False, stratum=16)
    ]
    assert facts(
        "huawei_vrp",
        "display ntp-service status",
        " clock status: unsynchronized\n clock stratum: 16\n reference clock ID: none\n",
    ) == [TimeSync(synchronized=False, stratum=16, reference="none")]


def test_huawei_lists_with_names_and_counts() -> None:
    told = """\
 Total quantity of nonempty ACL number is 3 

Basic ACL 2000, 2 rules
Acl's step is 5
 rule 5 permit source 192.0.2.0 0.0.0.255 (94 matches)
 rule 10 deny 

Advanced ACL GUARD 3998, 1 rule, match-order is auto
Acl's step is 5
 rule 5 permit ip (278450 matches)

Advanced ACL NONE 3999, 0 rule
Acl's step is 5
"""  # noqa: W291
    assert facts("huawei_vrp", "display acl all", told) == [
        AccessList(
            "2000", 4, (AccessRule(5, "permit", "", "source 192.0.2.0 0.0.0.255"), AccessRule(10, "deny", "", ""))
        ),
        AccessList("GUARD", 4, (AccessRule(5, "permit", "ip", ""),), "3998"),
        AccessList("NONE", 4, (), "3999"),
    ]
    told = " Total nonempty acl6 number is 1\n\nAdvanced IPv6 ACL 3344, 1 rule\nAcl's step is 5\n rule 5 permit ipv6 \n"
    assert facts("huawei_vrp", "display acl ipv6 all", told) == [
        AccessList("3344", 6, (AccessRule(5, "permit", "ipv6", ""),))
    ]


def test_huawei_applied_filters() -> None:
    told = """\
-----------------------------------------------------------
Interface                   Direction  AppliedRecord       
-----------------------------------------------------------
Vlanif1                     inbound    acl name GUARD
Vlanif1                     outbound   ipv6 acl name GUARD6
GE0/0/3                     inbound    acl 3998
Wlan-Bss0                   outbound   IPv4 ACL 4000
-----------------------------------------------------------
Total:4
Traffic profile             Direction  AppliedRecord
p1                          inbound    IPv4 ACL 3000
Total:1
"""  # noqa: W291
    assert facts("huawei_vrp", "display traffic-filter applied-record", told) == [
        AccessListUse("GUARD", 4, "Vlanif1", "in"),
        AccessListUse("GUARD6", 6, "Vlanif1", "out"),
        AccessListUse("3998", 4, "GigabitEthernet0/0/3", "in"),
        AccessListUse("4000", 4, "Wlan-Bss0", "out"),
    ]


def test_huawei_vlans_without_a_type() -> None:
    told = """\
VID          Ports
--------------------------------------------------------------------------------
   3         TG:GE1/0/1(U)      GE1/0/2(U)
                10GE1/0/5(U)    GE1/0/6(D)
   4

VID  Type     Status  Property  MAC-LRN STAT    BC  MC  UC  Description
--------------------------------------------------------------------------------
   3 common   enable  default   enable  disable FWD FWD FWD SOME TEST
   4 common   enable  default   enable  disable FWD FWD FWD
"""
    assert facts("huawei_vrp", "display vlan", told) == [
        Vlan(3, "SOME TEST", (), ("GigabitEthernet1/0/1", "GigabitEthernet1/0/2", "10GE1/0/5", "GigabitEthernet1/0/6")),
        Vlan(4),
    ]


def test_huawei_lldp_brief_in_its_other_order() -> None:
    told = """\
Local Interface         Exptime(s) Neighbor Interface      Neighbor Device
-------------------------------------------------------------------------------
10GE1/0/45                    101  10GE1/0/46              R-CORE-01
"""
    assert facts("huawei_vrp", "display lldp neighbor brief", told) == [
        LldpNeighbor("10GE1/0/45", "R-CORE-01", "10GE1/0/46")
    ]


def test_h3c_brief_with_an_interface_without_a_protocol() -> None:
    told = """\
Brief information on interfaces in route mode:
Link: ADM - administratively down; Stby - standby
Protocol: (s) - spoofing
Interface            Link Protocol Primary IP        Description
GE0/0/0              ADM  DOWN     --                ### NOT USED ###
REG0                 UP   --       --
"""
    assert facts("hp_comware", "display interface brief", told) == [
        DeviceInterface("GigabitEthernet0/0/0", "down", "down", "down", description="### NOT USED ###", mode="routed"),
        DeviceInterface("REG0", "up", "up", mode="routed"),
    ]


def test_huawei_ports_with_their_type_and_their_vlan_on_two_lines() -> None:
    told = """\
GigabitEthernet0/0/1 current state : UP
Line protocol current state : UP 
Description:LINK
Switch Port, Link-type : trunk(configured), 
PVID :    7, TPID : 8100(Hex), The Maximum Frame Length is 9216
Speed : 1000,   Loopback: NONE
Duplex: FULL,   Negotiation: ENABLE
"""  # noqa: W291
    assert facts("huawei_vrp", "display interface", told) == [
        DeviceInterface("GigabitEthernet0/0/1", "up", "up", "up", 1_000_000, "full", "LINK", mode="trunk", vlan=7)
    ]
