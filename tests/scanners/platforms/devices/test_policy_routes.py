"""Policies that route beside the table: every vendor's forms, and what only looks like one. The lines are made up."""

import pytest

from scanners.platforms.devices.policy_routes import MOST_HOPS
from tests.scanners.platforms.devices.answering import facts
from xunyan.device_facts import PolicyRoute

APPLIED = "interface Vlan10\n ip policy route-map M\n!\nroute-map M permit 10\n"
NEXT = [PolicyRoute(4, "192.0.2.1", "")]
OF_VENDOR = {
    "huawei_vrp": ("display current-configuration", "return"),
    "hp_comware": ("display current-configuration", "return"),
    "cisco_ios": ("show running-config", "end"),
    "ruijie_os": ("show running-config", "end"),
}


def policies(platform: str, text: str) -> list[PolicyRoute]:
    source, ending = OF_VENDOR[platform]
    return [one for one in facts(platform, source, f"{text}\n{ending}\n") if isinstance(one, PolicyRoute)]


@pytest.mark.parametrize(
    ("platform", "text", "expected"),
    [
        ("huawei_vrp", "traffic behavior b1\n redirect ip-nexthop 192.0.2.1\n", NEXT),
        ("huawei_vrp", "traffic behavior b1\n redirect ip-nexthop 192.0.2.1 track nqa a b\n", NEXT),
        (
            "huawei_vrp",
            "traffic behavior b1\n redirect ipv6-nexthop 2001:DB8::1\n",
            [PolicyRoute(6, "2001:db8::1", "")],
        ),
        ("huawei_vrp", "traffic behavior b1\n redirect interface Dialer1\n", [PolicyRoute(4, "", "Dialer1")]),
        ("huawei_vrp", "policy-based-route p permit node 10\n apply ip-address next-hop 192.0.2.1\n", NEXT),
        ("huawei_vrp", "interface GigabitEthernet0/0/1\n traffic-redirect inbound acl 3001 ip-nexthop 192.0.2.1\n", NEXT),
        ("huawei_vrp", "traffic-redirect vlan 10 inbound acl 3001 ip-nexthop 192.0.2.1\n", NEXT),
        ("huawei_vrp", "traffic behavior b1\n car cir 1000\n permit\n", []),
        ("hp_comware", "policy-based-route p permit node 10\n apply next-hop 192.0.2.1 track 1 direct\n", NEXT),
        ("hp_comware", "policy-based-route p permit node 10\n apply default-next-hop 192.0.2.1\n", NEXT),
        (
            "hp_comware",
            "policy-based-route p permit node 10\n apply next-hop vpn-instance OUT 192.0.2.1 192.0.2.5\n",
            [PolicyRoute(4, "192.0.2.1", "", "OUT"), PolicyRoute(4, "192.0.2.5", "", "OUT")],
        ),
        (
            "hp_comware",
            "ipv6 policy-based-route p permit node 10\n apply next-hop 2001:DB8::1\n",
            [PolicyRoute(6, "2001:db8::1", "")],
        ),
        ("hp_comware", "policy-based-route p permit node 10\n apply output-interface Dialer1\n", [PolicyRoute(4, "", "Dialer1")]),
        ("hp_comware", "traffic behavior b1\n redirect next-hop 192.0.2.1\n", NEXT),
        ("hp_comware", "traffic behavior b1\n redirect next-hop somewhere\n", [PolicyRoute(4, "", "")]),
        ("hp_comware", "policy-based-route p permit node 10\n apply access-vpn vpn-instance NET\n", [PolicyRoute(4, "", "", "NET")]),
        ("hp_comware", "policy-based-route p permit node 10\n apply default output-interface Dialer1\n", [PolicyRoute(4, "", "Dialer1")]),
        (
            "hp_comware",
            "policy-based-route p permit node 10\n apply output-interface Dialer1 track 1 Dialer2\n",
            [PolicyRoute(4, "", "Dialer1"), PolicyRoute(4, "", "Dialer2")],
        ),
        (
            "huawei_vrp",
            "policy-based-route\n rule name r1\n  source-zone trust\n  action pbr egress-interface GigabitEthernet1/0/1 next-hop 192.0.2.1\n",
            NEXT,
        ),
        ("huawei_vrp", "policy-based-route\n rule name r1\n  action pbr vpn-instance NET\n", [PolicyRoute(4, "", "", "NET")]),
        ("huawei_vrp", "policy-based-route\n rule name r1\n  action no-pbr\n", []),
        (
            "huawei_vrp",
            "traffic behavior b1\n redirect vpn-instance NET ip-multihop nexthop 192.0.2.1 nexthop 192.0.2.5\n",
            [PolicyRoute(4, "192.0.2.1", "", "NET"), PolicyRoute(4, "192.0.2.5", "", "NET")],
        ),
        ("huawei_vrp", "traffic behavior b1\n redirect ipv4-multinhp nhp 192.0.2.1\n", NEXT),
        ("huawei_vrp", "traffic behavior b1\n redirect ip-nexthop 192.0.2.1 vpn NET\n", [PolicyRoute(4, "192.0.2.1", "", "NET")]),
        ("huawei_vrp", "traffic behavior b1\n redirect load-balance nexthop 192.0.2.1\n", NEXT),
        ("huawei_vrp", "traffic behavior b1\n redirect vpn-instance NET\n", [PolicyRoute(4, "", "", "NET")]),
        ("huawei_vrp", "traffic behavior b1\n redirect cpu\n", []),
        ("huawei_vrp", "interface GigabitEthernet0/0/1\n traffic-redirect inbound acl 3001 cpu\n", []),
        ("cisco_ios", f"{APPLIED} set ip default global next-hop 192.0.2.1\n", NEXT),
        ("cisco_ios", f"{APPLIED} set vrf NET\n", [PolicyRoute(4, "", "", "NET")]),
        ("cisco_ios", f"{APPLIED} set interface Dialer0 Null0\n", [PolicyRoute(4, "", "Dialer0"), PolicyRoute(4, "", "Null0")]),
        (
            "ruijie_os",
            "interface VLAN 10\n redirect destination interface GigabitEthernet 0/2 acl 1 in\n",
            [PolicyRoute(4, "", "GigabitEthernet 0/2")],
        ),
        ("cisco_ios", "interface Vlan10\n no ip redirects\n", []),
        ("cisco_ios", f"{APPLIED} set ip next-hop 192.0.2.1\n", NEXT),
        ("cisco_ios", "ip local policy route-map M\nroute-map M permit 10\n set ip default next-hop 192.0.2.1\n", NEXT),
        (
            "cisco_ios",
            f"{APPLIED} set ip next-hop verify-availability 192.0.2.1 10 track 1\n set interface Dialer0\n",
            [*NEXT, PolicyRoute(4, "", "Dialer0")],
        ),
        (
            "cisco_ios",
            "interface Vlan10\n ipv6 policy route-map M\n!\nroute-map M permit 10\n set ipv6 next-hop 2001:DB8::1\n",
            [PolicyRoute(6, "2001:db8::1", "")],
        ),
        ("cisco_ios", "route-map BGP-OUT permit 10\n set ip next-hop 192.0.2.1\n", []),
        ("cisco_ios", "interface Vlan10\n ip policy route-map OTHER\n!\nroute-map M permit 10\n set ip next-hop 192.0.2.1\n", []),
        (
            "ruijie_os",
            "interface VLAN 10\n ip policy route-map M\n!\nroute-map M permit 10\n match ip address 101\n set ip next-hop 192.0.2.1\n",
            NEXT,
        ),
        ("ruijie_os", "banner motd ^C\nroute-map M permit 10\n set ip next-hop 192.0.2.1\n^C\nip local policy route-map M\n", []),
    ],
)  # fmt: skip
def test_policies_that_send_traffic_somewhere(platform: str, text: str, expected: list[PolicyRoute]) -> None:
    assert policies(platform, text) == expected


def test_zte_writes_them_in_parts() -> None:
    text = (
        "!<if-intf>\ninterface vlan10\n  ip policy route-map M\n$\n!</if-intf>\n"
        "!<route-map>\nroute-map M permit 10\n  set ip next-hop 192.0.2.1\n$\n!</route-map>\n"
    )
    found = [one for one in facts("zte_zxros", "show running-config", text) if isinstance(one, PolicyRoute)]
    assert found == NEXT
    assert [one.line for one in found] == [8]


def test_a_flood_of_next_hops_is_counted_off() -> None:
    lines = "".join(f" redirect ip-nexthop 10.{number >> 8}.{number & 255}.1\n" for number in range(4000))
    found = policies("huawei_vrp", f"traffic behavior b1\n{lines}")
    assert len(found) == MOST_HOPS + 1
    assert found[-1] == PolicyRoute(4, "", "")
    assert policies("huawei_vrp", "traffic behavior b1\n" + " redirect ip-nexthop 192.0.2.1\n" * 4000) == NEXT
