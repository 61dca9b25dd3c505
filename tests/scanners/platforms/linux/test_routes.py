"""Routes as Linux hosts show them.

The outputs are those of iproute2 6.1, busybox 1.35 and a kernel 6 in network namespaces made for the purpose; ends of
lines are trimmed.
"""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from scanners.platforms.linux.routes import read_routes
from xunyan.facts import Route
from xunyan.model import Capture, Envelope

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def capture(source: str, text: str) -> dict[str, Capture]:
    envelope = Envelope("host:a", "endpoint", "linux", "", "", "", "", source, source, TAKEN, "")
    return {source: Capture("c", envelope, 0, text.encode("utf-8", "replace"), "", "")}


IPV4 = """\
default via 10.1.1.1 dev eth0 metric 100
default via 10.1.1.254 dev eth0 proto dhcp metric 200 onlink
10.1.1.0/24 dev eth0 proto kernel scope link src 10.1.1.5
10.20.0.0/16
\tnexthop via 10.1.1.1 dev eth0 weight 1
\tnexthop via 10.1.1.2 dev eth0 weight 3
blackhole 10.66.0.0/16
unreachable 10.67.0.0/16
prohibit 10.68.0.0/16
throw 10.69.0.0/16
10.78.0.0/16 nhid 5 via 10.1.1.3 dev eth0
172.16.9.0/24 via inet6 fe80::1 dev eth0
192.0.2.7 via 10.1.1.1 dev eth0
"""

IPV6 = """\
2001:db8::7 via fe80::7 dev eth0 metric 1024 pref medium
2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium
2001:db8:1::/64 dev eth1 proto kernel metric 256 pref medium
2001:db8:b::/64 dev br0 proto kernel metric 256 pref medium
2001:db8:f::/48 metric 1024 pref medium
\tnexthop via 2001:db8:1::1 dev eth0 weight 1
\tnexthop via 2001:db8:1::2 dev eth0 weight 1
unreachable 2001:db8:dead::/48 dev lo metric 1024 pref medium
fd12::/64 dev eth0 proto kernel metric 256 pref medium
blackhole fc00::/7 dev lo metric 1024 pref medium
fe80::/64 dev eth1 proto kernel metric 256 pref medium
fe80::/64 dev eth0 proto kernel metric 256 pref medium
fe80::/64 dev br0 proto kernel metric 256 pref medium
default via fe80::1 dev eth0 proto ra metric 1024 expires 1789sec hoplimit 64 pref medium
"""

IPV4_DETAILED = """\
unicast default via 10.1.1.1 dev eth0 proto boot scope global metric 100
unicast default via 10.1.1.254 dev eth0 proto dhcp scope global metric 200 onlink
unicast 10.1.1.0/24 dev eth0 proto kernel scope link src 10.1.1.5
unicast 10.20.0.0/16 proto boot scope global
\tnexthop via 10.1.1.1 dev eth0 weight 1
\tnexthop via 10.1.1.2 dev eth0 weight 3
blackhole 10.66.0.0/16 proto boot scope global
unreachable 10.67.0.0/16 proto boot scope global
prohibit 10.68.0.0/16 proto boot scope global
throw 10.69.0.0/16 proto boot scope global
unicast 10.78.0.0/16 nhid 5 via 10.1.1.3 dev eth0 proto boot scope global
\tnh_info id 5 via 10.1.1.3 dev eth0 scope link proto unspec
unicast 172.16.9.0/24 via inet6 fe80::1 dev eth0 proto boot scope global
unicast 192.0.2.7 via 10.1.1.1 dev eth0 proto boot scope global
"""

BUSYBOX_IPV4 = """\
default via 10.1.1.1 dev eth0  metric 100
default via 10.1.1.254 dev eth0  metric 200 onlink
10.1.1.0/24 dev eth0 scope link  src 10.1.1.5
blackhole 10.66.0.0/16
unreachable 10.67.0.0/16
prohibit 10.68.0.0/16
throw 10.69.0.0/16
10.78.0.0/16 via 10.1.1.3 dev eth0
172.16.9.0/24 dev eth0
192.0.2.7 via 10.1.1.1 dev eth0
"""

BUSYBOX_IPV6 = """\
2001:db8::7 via fe80::7 dev eth0  metric 1024
2001:db8:1::/64 dev eth0  metric 256
2001:db8:1::/64 dev eth1  metric 256
2001:db8:b::/64 dev br0  metric 256
2001:db8:f::/48  metric 1024
unreachable 2001:db8:dead::/48 dev lo  metric 1024
fd12::/64 dev eth0  metric 256
blackhole fc00::/7 dev lo  metric 1024
fe80::/64 dev eth1  metric 256
fe80::/64 dev eth0  metric 256
fe80::/64 dev br0  metric 256
default via fe80::1 dev eth0  metric 1024  expires 0sec
multicast ff00::/8 dev eth1  metric 256
multicast ff00::/8 dev eth0  metric 256
multicast ff00::/8 dev br0  metric 256
"""

KERNEL_IPV4 = """\
Iface Destination Gateway  Flags RefCnt Use Metric Mask  MTU Window IRTT
eth0 00000000 0101010A 0003 0 0 100 00000000 0 0 0
eth0 00000000 FE01010A 0003 0 0 200 00000000 0 0 0
eth0 0001010A 00000000 0001 0 0 0 00FFFFFF 0 0 0
eth0 0000140A 0101010A 0003 0 0 0 0000FFFF 0 0 0
* 0000420A 00000000 0001 0 0 0 0000FFFF 0 0 0
* 0000430A 00000000 0201 0 0 0 0000FFFF 0 0 0
* 0000440A 00000000 0201 0 0 0 0000FFFF 0 0 0
* 0000450A 00000000 0001 0 0 0 0000FFFF 0 0 0
eth0 00004E0A 0301010A 0003 0 0 0 0000FFFF 0 0 0
eth0 070200C0 0101010A 0007 0 0 0 FFFFFFFF 0 0 0
"""

KERNEL_IPV6 = """\
20010db8000000000000000000000007 80 00000000000000000000000000000000 00 fe800000000000000000000000000007 00000400 00000001 00000000 00000003     eth0
20010db8000100000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000004 00000000 00000001     eth0
20010db8000100000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth1
20010db8000b00000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001      br0
20010db8000f00000000000000000000 30 00000000000000000000000000000000 00 20010db8000100000000000000000001 00000400 00000001 00000000 00000003     eth0
20010db8000f00000000000000000000 30 00000000000000000000000000000000 00 20010db8000100000000000000000002 00000400 00000001 00000000 00000003     eth0
20010db8dead00000000000000000000 30 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 00200200       lo
fd120000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fc000000000000000000000000000000 07 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 00200200       lo
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth1
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001      br0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00400003     eth0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001       lo
20010db8000100000000000000000005 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000004 00000000 80200001     eth1
20010db8000100000000000000000009 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001     eth0
20010db8000b00000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001      br0
fd120000000000000000000000000005 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001     eth0
fe8000000000000050b94dfffe6a3abb 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001     eth0
fe80000000000000544e3bfffeaec22c 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001      br0
fe800000000000008ce04ffffe6d8369 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001     eth1
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000005 00000000 00000001     eth1
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001      br0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
"""

IPV6_ON_LINK = """\
2001:db8:1::/64 dev eth0 proto kernel metric 256 linkdown pref medium
2001:db8:3::3 dev ifbx proto kernel metric 256 pref medium
2001:db8:3::4 dev ifbx proto kernel metric 256 pref medium
fe80::/64 dev ifbx proto kernel metric 256 pref medium
default dev ifbx metric 9 pref medium
"""

# What iproute2 of CentOS 6 wrote.
OLD_IPV6 = """\
unreachable ::/96 dev lo  metric 1024  error -101 mtu 16436 advmss 16376 hoplimit 4294967295
unreachable ::ffff:0.0.0.0/96 dev lo  metric 1024  error -101 mtu 16436 advmss 16376 hoplimit 4294967295
2001:db8:5::/64 dev eth0  proto kernel  metric 256  mtu 1500 advmss 1440 hoplimit 4294967295
fe80::/64 dev eth0  proto kernel  metric 256  mtu 1500 advmss 1440 hoplimit 4294967295
default via 2001:db8:5::1 dev eth0  metric 1  mtu 1500 advmss 1440 hoplimit 4294967295
"""

ROUTES_IPV4 = (
    Route(4, "0.0.0.0/0", "10.1.1.1", "eth0"),
    Route(4, "0.0.0.0/0", "10.1.1.254", "eth0"),
    Route(4, "10.1.1.0/24", "", "eth0"),
    Route(4, "10.20.0.0/16", "10.1.1.1", "eth0"),
    Route(4, "10.20.0.0/16", "10.1.1.2", "eth0"),
    Route(4, "10.78.0.0/16", "10.1.1.3", "eth0"),
    Route(4, "172.16.9.0/24", "fe80::1", "eth0"),
    Route(4, "192.0.2.7/32", "10.1.1.1", "eth0"),
)
ROUTES_IPV6 = (
    Route(6, "2001:db8::7/128", "fe80::7", "eth0"),
    Route(6, "2001:db8:1::/64", "", "eth0"),
    Route(6, "2001:db8:1::/64", "", "eth1"),
    Route(6, "2001:db8:b::/64", "", "br0"),
    Route(6, "2001:db8:f::/48", "2001:db8:1::1", "eth0"),
    Route(6, "2001:db8:f::/48", "2001:db8:1::2", "eth0"),
    Route(6, "fd12::/64", "", "eth0"),
    Route(6, "fe80::/64", "", "eth1"),
    Route(6, "fe80::/64", "", "eth0"),
    Route(6, "fe80::/64", "", "br0"),
    Route(6, "::/0", "fe80::1", "eth0"),
)


def routes(source: str, text: str) -> tuple[object, ...]:
    reading = read_routes(capture(source, text))
    assert not reading.unreadable
    assert [(one.first, one.last) for one in reading.evidence] == [(1, max(1, len(text.splitlines())))]
    return reading.facts


def refused(source: str, text: str) -> str:
    reading = read_routes(capture(source, text))
    assert not reading.facts
    assert not reading.evidence
    ((named, why),) = reading.unreadable
    assert named == source
    return why


def test_ip_route() -> None:
    assert routes("ip-route", IPV4) == ROUTES_IPV4
    assert routes("ip-route", IPV4_DETAILED) == ROUTES_IPV4
    assert routes("ip-route", IPV4.replace("\n\t", " \\\t")) == ROUTES_IPV4  # with -o
    assert routes("ip6-route", IPV6) == ROUTES_IPV6


def test_a_default_without_a_gateway() -> None:
    assert Route(6, "::/0", "", "ifbx") in routes("ip6-route", IPV6_ON_LINK)


def test_old_ip_route() -> None:
    assert routes("ip6-route", OLD_IPV6) == (
        Route(6, "2001:db8:5::/64", "", "eth0"),
        Route(6, "fe80::/64", "", "eth0"),
        Route(6, "::/0", "2001:db8:5::1", "eth0"),
    )


def test_busybox() -> None:
    expected = [one for one in ROUTES_IPV4 if one.destination != "10.20.0.0/16"]
    expected[4] = Route(4, "172.16.9.0/24", "", "eth0")  # it leaves a gateway of the other family out
    assert routes("ip-route", BUSYBOX_IPV4) == tuple(expected)


def test_busybox_leaves_next_hops_out() -> None:
    assert refused("ip6-route", BUSYBOX_IPV6) == (
        "line 5 is not an IPv6 route with its next hop: 2001:db8:f::/48  metric 1024"
    )
    rest = BUSYBOX_IPV6.replace("2001:db8:f::/48  metric 1024\n", "")
    assert routes("ip6-route", rest) == tuple(one for one in ROUTES_IPV6 if one.destination != "2001:db8:f::/48")


def test_the_kernels_tables() -> None:
    once = [one for one in ROUTES_IPV4 if one.gateway not in {"10.1.1.2", "fe80::1"}]  # it shows one next hop alone
    assert routes("ip-route", KERNEL_IPV4) == tuple(once)
    assert routes("ip6-route", KERNEL_IPV6) == ROUTES_IPV6


def test_the_kernels_ipv4_table_cannot_show_a_gateway_of_ipv6() -> None:
    row = "eth0\t000910AC\t00000000\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    assert "line 12" in refused("ip-route", KERNEL_IPV4 + row)


def test_both_families_and_one_that_cannot_be_read() -> None:
    reading = read_routes(capture("ip-route", IPV4) | capture("ip6-route", "RTNETLINK answers: x\n"))
    assert reading.facts == ROUTES_IPV4
    assert [one.source for one in reading.evidence] == ["ip-route"]
    assert reading.unreadable == (("ip6-route", "line 1 is not an IPv6 route with its next hop: RTNETLINK answers: x"),)


def test_an_empty_answer_is_an_empty_table() -> None:
    assert routes("ip6-route", "") == ()
    assert routes("ip-route", "\n") == ()
    assert routes("ip-route", KERNEL_IPV4.splitlines()[0]) == ()
    assert routes("ip6-route", KERNEL_IPV6.splitlines()[-1]) == ()
    assert read_routes({}).evidence == ()


def test_abbreviations_and_one_form() -> None:
    assert routes(
        "ip-route", "10/8 via 10.0.0.1 dev eth0\n172.16.1/24 dev eth0\n0/0 via 10.0.0.1 dev e\n10.1.2.3/8 dev e"
    ) == (
        Route(4, "10.0.0.0/8", "10.0.0.1", "eth0"),
        Route(4, "172.16.1.0/24", "", "eth0"),
        Route(4, "0.0.0.0/0", "10.0.0.1", "e"),
        Route(4, "10.0.0.0/8", "", "e"),
    )
    assert routes("ip6-route", "2001:0DB8:0::/33 via FE80::1 dev eth0\n::ffff:0:0/96 dev e") == (
        Route(6, "2001:db8::/33", "fe80::1", "eth0"),
        Route(6, "::ffff:0.0.0.0/96", "", "e"),
    )


def test_an_interface_may_be_called_via_or_dead() -> None:
    assert routes("ip-route", "default dev via proto static\n10.0.0.0/8 via 10.0.0.1 dev dead") == (
        Route(4, "0.0.0.0/0", "", "via"),
        Route(4, "10.0.0.0/8", "10.0.0.1", "dead"),
    )


def test_a_dead_next_hop_reaches_nothing() -> None:
    text = "default proto static\n\tnexthop via 10.0.0.1 dev a dead linkdown\n\tnexthop via 10.0.0.2 dev b\n"
    assert routes("ip-route", text) == (Route(4, "0.0.0.0/0", "10.0.0.2", "b"),)


def test_half_of_a_table_is_no_table() -> None:
    for line in (
        "default",
        "default via",
        "default via nowhere dev eth0",
        "default via inet6",
        "10.0.0.0/33 dev eth0",
        "10 dev eth0",
        "2001:db8::/64 dev eth0",
        "blackhole",
        "unreachable everything",
        "Error: ipv4: FIB table does not exist.",
        "default via 10.0.0.1 dev eth0\n\tnexthop",
    ):
        assert "line 1 " in refused("ip-route", line + "\n" + "10.0.0.0/8 dev eth0\n")
    assert "line 1 " in refused("ip-route", "\tnexthop via 10.0.0.1 dev eth0\n")
    assert "line 2 " in refused("ip-route", KERNEL_IPV4.replace("0101010A", "0101010", 1))
    assert "line 2 " in refused("ip-route", KERNEL_IPV4.replace("0003", "none", 1))
    assert "line 4 " in refused("ip-route", KERNEL_IPV4.replace("00FFFFFF", "00FF00FF", 1))
    assert "line 2 " in refused("ip-route", KERNEL_IPV4.splitlines()[0] + "\neth0 00000000")
    assert "line 1 " in refused("ip6-route", KERNEL_IPV6.replace(" 80 ", " 81 ", 1))
    assert "line 2 " in refused("ip6-route", KERNEL_IPV6.replace("20010db80001", "20010db8000g", 1))
    assert "line 1 " in refused("ip6-route", KERNEL_IPV4)
    assert "line 1 " in refused("ip-route", KERNEL_IPV6)


WORDS = (
    "default via dev nexthop unicast blackhole cache inet6 10/8 10.0.0.1 fe80::1 ::/0 eth0 dead / :: /129 ² 00000000 "
    "0003 FFFFFFFF"
)
KERNEL = ["Iface\tDestination\n", "0" * 32, "f" * 32 + " 00", "00000000 00000000 00000000 00000001 eth0\n"]
PIECES = st.sampled_from([*WORDS.split(), *KERNEL, "\n", "\n\t", "\\", "9" * 5000, "\x85", "\x00"])


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join)))
def test_no_text_raises_and_facts_never_stand_beside_a_refusal(text: str) -> None:
    for source in ("ip-route", "ip6-route"):
        reading = read_routes(capture(source, text))
        assert bool(reading.evidence) != bool(reading.unreadable)
        assert not (reading.facts and reading.unreadable)
