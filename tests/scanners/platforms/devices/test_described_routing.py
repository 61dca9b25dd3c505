"""Routes and routing neighbours in shapes that manuals and others' parsers describe: the fixtures are made here."""

import pytest

from tests.scanners.platforms.devices.answering import facts, unread
from xunyan.device_facts import DeviceRoute, RouteTotal, RoutingPeer


def ospfv3(router: str, state: str, interface: str, *, up: bool) -> RoutingPeer:
    return RoutingPeer("ospfv3", 6, "", state, up, interface, router_id=router)


@pytest.mark.parametrize(
    "head",
    ["Neighbor ID      Pri State            Dead Time  Interface          Instance ID",
     "Neighbor ID     Pri   State           Dead Time   Interface                Instance ID"],
)  # fmt: skip
def test_huawei_ospfv3(head: str) -> None:
    told = f"""\
OSPFv3 Process (1)
Total number of peer(s): 3
 Peer(s) in full state: 1
OSPFv3 Area (0.0.0.0)
{head}
192.0.2.2          1 Full/Backup      00:00:37   GE0/1/0               0
192.0.2.3          1 Init/ -          00:00:31   GE0/2/0               0
192.0.2.4          1 2-Way/DROther    00:00:31   GE0/1/0               0
OSPFv3 Process (2)
OSPFv3 Area (0.0.0.1)
{head}
192.0.2.5          1 2-Way/ -         00:00:31   GE0/2/1               0
"""
    assert facts("huawei_vrp", "display ospfv3 peer", told) == [
        ospfv3("192.0.2.2", "full", "GigabitEthernet0/1/0", up=True),
        ospfv3("192.0.2.3", "init", "GigabitEthernet0/2/0", up=False),
        ospfv3("192.0.2.4", "2-way", "GigabitEthernet0/1/0", up=True),
        ospfv3("192.0.2.5", "2-way", "GigabitEthernet0/2/1", up=False),
    ]
    assert facts("huawei_vrp", "display ospfv3 peer", "OSPFv3 Process (1)\n") == []


def test_h3c_ospfv3() -> None:
    told = f"""

               OSPFv3 Process 10 with Router ID 192.0.2.1

 Area: 0.0.0.0
{"-" * 73}
 Router ID       Pri State             Dead-Time InstID Interface
 192.0.2.2       120 2-Way/ -          00:00:10  0      Vlan10
 192.0.2.3       1   Full/BDR          00:00:33  0      XGE1/0/1
"""
    assert facts("hp_comware", "display ospfv3 peer", told) == [
        ospfv3("192.0.2.2", "2-way", "Vlan-interface10", up=False),
        ospfv3("192.0.2.3", "full", "Ten-GigabitEthernet1/0/1", up=True),
    ]


BGP_HEADS = [
    """ BGP local router ID : 192.0.2.1
 Local AS number : 64512
 Total number of peers : 2                 Peers in established state : 1

  Peer                             V          AS  MsgRcvd  MsgSent  OutQ  Up/Down       State  PrefRcv
  2001:DB8:F0::2                   4       64513   104321   103159     0 0490h58m Established       12
""",
    """ Status codes: * - Dynamic
 BGP local router ID        : 192.0.2.1
 Total number of dynamic peers : 0

  Peer            V          AS  MsgRcvd  MsgSent  OutQ  Up/Down       State PrefRcv
 *2001:DB8:F0::2  4       64513   104321   103159     0 00:10:07 Established       12
""",
]


@pytest.mark.parametrize("head", BGP_HEADS)
def test_huawei_bgp_over_ipv6(head: str) -> None:
    told = (
        head
        + "  2001:DB8:F1:1111:2222:3333:4444:5555 4       635.88        0        0     0 00:10:07 Idle(Admin)        0\n"
    )
    assert facts(
        "huawei_vrp", "display bgp ipv6 peer", told + "  192.0.2.9   4   64515  1  1  0 00:00:01   No neg   0\n"
    ) == [
        RoutingPeer("bgp", 6, "2001:db8:f0::2", "established", up=True, remote_as="64513"),
        RoutingPeer("bgp", 6, "2001:db8:f1:1111:2222:3333:4444:5555", "idle(admin)", up=False, remote_as="635.88"),
        RoutingPeer("bgp", 6, "192.0.2.9", "no neg", up=False, remote_as="64515"),
    ]


@pytest.mark.parametrize("between", [" ", "\n                            "])
def test_h3c_bgp_over_ipv6(between: str) -> None:
    told = f"""

 BGP local router ID: 192.0.2.1
 Local AS number: 64512
 Total number of peers: 2                 Peers in established state: 1

  * - Dynamically created peer
  Peer                    AS  MsgRcvd  MsgSent OutQ PrefRcv Up/Down  State

  2001:DB8:F0::2       64513       13       16    0       2 00:10:34 Established
  2001:DB8:F1:1111:2222:3333:4444:5555{between}64514        0        0    0       0 0129h15m Connect
"""
    assert facts("hp_comware", "display bgp peer ipv6", told) == [
        RoutingPeer("bgp", 6, "2001:db8:f0::2", "established", up=True, remote_as="64513"),
        RoutingPeer("bgp", 6, "2001:db8:f1:1111:2222:3333:4444:5555", "connect", up=False, remote_as="64514"),
    ]


IOS_ROUTES = """\
Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP
       O - OSPF, IA - OSPF inter area, E1 - OSPF external type 1, E2 - OSPF external type 2

Gateway of last resort is 192.0.2.1 to network 0.0.0.0

O*E2  0.0.0.0/0 [110/1] via 192.0.2.1, 00:12:40, GigabitEthernet0/1
                [110/1] via 192.0.2.5, 00:12:40, GigabitEthernet0/2
      198.51.100.0/24 is variably subnetted, 2 subnets, 2 masks
O IA     198.51.100.128/25
           [110/3] via 192.0.2.1, 1d02h, GigabitEthernet0/1
S        198.51.100.0/25 is directly connected, Null0
i L2     198.51.100.4/32 [115/10] via 192.0.2.9, Vlan10
      203.0.113.0/25 is subnetted, 1 subnets
C        203.0.113.0 is directly connected, Vlan10
B        192.0.2.64/27 is directly connected, 3w4d, Vlan5
B        192.0.2.96/27 [200/0], 3w4d, Null0
B        192.0.2.128/25 [200/0] via 192.0.2.9 (GOV), 3w4d
"""


def test_cisco_routes() -> None:
    port = "GigabitEthernet0/"
    assert facts("cisco_ios", "show ip route", IOS_ROUTES) == [
        DeviceRoute(4, "0.0.0.0/0", "192.0.2.1", f"{port}1", "ospf"),
        DeviceRoute(4, "0.0.0.0/0", "192.0.2.5", f"{port}2", "ospf"),
        DeviceRoute(4, "198.51.100.128/25", "192.0.2.1", f"{port}1", "ospf"),
        DeviceRoute(4, "198.51.100.0/25", "", "Null0", "static"),
        DeviceRoute(4, "198.51.100.4/32", "192.0.2.9", "Vlan10", "isis"),
        DeviceRoute(4, "203.0.113.0/25", "", "Vlan10", "direct"),
        DeviceRoute(4, "192.0.2.64/27", "", "Vlan5", "bgp"),
        DeviceRoute(4, "192.0.2.96/27", "", "Null0", "bgp"),
        DeviceRoute(4, "192.0.2.128/25", "192.0.2.9", "", "bgp"),
    ]
    lines = IOS_ROUTES.splitlines()
    assert unread("cisco_ios", "show ip route", "\n".join(lines[:9]))
    assert unread("cisco_ios", "show ip route", "\n".join([*lines[:9], lines[10]]))
    named = [
        one.vrf
        for one in facts("cisco_ios", "show ip route vrf GOV", "\nRouting Table: GOV\n" + IOS_ROUTES)
        if isinstance(one, DeviceRoute)
    ]
    assert set(named) == {"GOV"}
    assert facts("cisco_ios", "show ip route", "Gateway of last resort is not set\n") == []


def test_cisco_ipv6_routes() -> None:
    told = """\
IPv6 Routing Table - gov - 3 entries
Codes: C - Connected, L - Local, S - Static, U - Per-user Static route
       OE2 - OSPF ext 2, ND - ND Default
OE2 ::/0 [110/1], tag 1
     via FE80::1, GigabitEthernet0/1
     via FE80::2, GigabitEthernet0/2
S   2001:DB8::/32 [1/0]
     via 2001:DB8:1::1
L   FF00::/8 [0/0]
     via Null0, receive
"""
    port = "GigabitEthernet0/"
    assert facts("cisco_ios", "show ipv6 route vrf gov", told) == [
        DeviceRoute(6, "::/0", "fe80::1", f"{port}1", "ospf", "gov"),
        DeviceRoute(6, "::/0", "fe80::2", f"{port}2", "ospf", "gov"),
        DeviceRoute(6, "2001:db8::/32", "2001:db8:1::1", "", "static", "gov"),
        DeviceRoute(6, "ff00::/8", "", "Null0", "local", "gov"),
        RouteTotal(6, "gov", said=3, read=3),
    ]
    older = told.replace("IPv6 Routing Table - gov - 3", "IPv6 Routing Table - 3")
    assert RouteTotal(6, "", said=3, read=3) in facts("cisco_ios", "show ipv6 route", older)


def test_huawei_puts_a_time_in_front() -> None:
    told = """\
2026-11-26 16:44:02.349 +08:00
                          Peer information for ISIS(1)

  System Id     Interface          Circuit Id        State HoldTime Type     PRI
--------------------------------------------------------------------------------
R-CORE-01       Eth-Trunk2         0000000087         Up   25s      L2       --

Total Peer(s): 1
"""
    assert facts("huawei_vrp", "display isis peer", told) == [
        RoutingPeer("isis", 0, "R-CORE-01", "up", up=True, interface="Eth-Trunk2")
    ]
