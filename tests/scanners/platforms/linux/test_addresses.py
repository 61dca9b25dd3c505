"""Addresses as Linux hosts show them.

The outputs are those of iproute2 6.1, busybox 1.35 and net-tools 2.10 on Debian 12, in network namespaces made for the
purpose; ends of lines are trimmed.
"""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from scanners.platforms.linux.addresses import read_addresses, read_switches
from xunyan.facts import Address, Ipv6Switch
from xunyan.model import Capture, Envelope

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def capture(source: str, text: str) -> dict[str, Capture]:
    envelope = Envelope("host:a", "endpoint", "linux", "", "", "", "", source, source, TAKEN, "")
    return {source: Capture("c", envelope, 0, text.encode("utf-8", "replace"), "", "")}


IP_ADDRESS = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host
       valid_lft forever preferred_lft forever
2: eth1@eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 8e:e0:4f:6d:83:69 brd ff:ff:ff:ff:ff:ff
    inet6 2001:db8:1::5/64 scope global
       valid_lft forever preferred_lft forever
    inet6 fe80::8ce0:4fff:fe6d:8369/64 scope link
       valid_lft forever preferred_lft forever
3: eth0@eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 52:b9:4d:6a:3a:bb brd ff:ff:ff:ff:ff:ff
    inet 10.1.1.5/24 brd 10.1.1.255 scope global eth0:web
       valid_lft forever preferred_lft forever
    inet 10.1.1.6/24 scope global secondary eth0
       valid_lft forever preferred_lft forever
    inet6 2001:db8:1::9/64 scope global dynamic
       valid_lft 3597sec preferred_lft 1797sec
    inet6 fd12::5/64 scope global deprecated
       valid_lft forever preferred_lft 0sec
    inet6 2001:db8:1::5/64 scope global dadfailed tentative
       valid_lft forever preferred_lft forever
    inet6 fe80::50b9:4dff:fe6a:3abb/64 scope link
       valid_lft forever preferred_lft forever
4: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UNKNOWN group default qlen 1000
    link/ether 56:4e:3b:ae:c2:2c brd ff:ff:ff:ff:ff:ff
    inet6 2001:db8:b::1/64 scope global
       valid_lft forever preferred_lft forever
    inet6 fe80::544e:3bff:feae:c22c/64 scope link
       valid_lft forever preferred_lft forever
"""

IP_ONE_LINE = """\
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
2: eth1    inet6 2001:db8:1::5/64 scope global \\       valid_lft forever preferred_lft forever
2: eth1    inet6 fe80::8ce0:4fff:fe6d:8369/64 scope link \\       valid_lft forever preferred_lft forever
3: eth0    inet 10.1.1.5/24 brd 10.1.1.255 scope global eth0:web\\       valid_lft forever preferred_lft forever
3: eth0    inet 10.1.1.6/24 scope global secondary eth0\\       valid_lft forever preferred_lft forever
3: eth0    inet6 fd12::5/64 scope global deprecated \\       valid_lft forever preferred_lft 0sec
3: eth0    inet6 2001:db8:1::5/64 scope global dadfailed tentative \\       valid_lft forever preferred_lft forever
"""

IP_OF_MANY_STATES = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host
       valid_lft forever preferred_lft forever
2: eth1@eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN group default qlen 1000
    link/ether a6:c6:e8:08:02:43 brd ff:ff:ff:ff:ff:ff
    inet 10.2.2.2/24 scope global eth1
       valid_lft forever preferred_lft forever
3: eth0@eth1: <NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN> mtu 1500 qdisc noqueue state LOWERLAYERDOWN group default qlen 1000
    link/ether da:f0:ea:25:86:18 brd ff:ff:ff:ff:ff:ff
    altname enp3s0np0
    inet 10.1.1.5/24 scope global eth0
       valid_lft forever preferred_lft forever
    inet6 2001:db8:1::5/64 scope global tentative
       valid_lft forever preferred_lft forever
4: ifbx: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UNKNOWN group default qlen 32
    link/ether 52:38:f1:3f:f5:1f brd ff:ff:ff:ff:ff:ff
    inet 169.254.3.4/16 scope link ifbx
       valid_lft forever preferred_lft forever
    inet 203.0.113.9/24 scope site ifbx
       valid_lft forever preferred_lft forever
    inet 10.9.9.1 peer 10.9.9.2/32 scope global ifbx
       valid_lft forever preferred_lft forever
    inet6 2001:db8:3::3 peer 2001:db8:3::4/128 scope global nodad
       valid_lft forever preferred_lft forever
    inet6 fe80::5038:f1ff:fe3f:f51f/64 scope link
       valid_lft forever preferred_lft forever
5: tun0: <NO-CARRIER,POINTOPOINT,MULTICAST,NOARP,UP> mtu 1500 qdisc pfifo_fast state DOWN group default qlen 500
    link/none
    inet 10.8.0.1/24 scope global tun0
       valid_lft forever preferred_lft forever
"""

BUSYBOX = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: eth1@eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop qlen 1000
    link/ether a6:c6:e8:08:02:43 brd ff:ff:ff:ff:ff:ff
4: ifbx: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast qlen 32
    link/ether 52:38:f1:3f:f5:1f brd ff:ff:ff:ff:ff:ff
    inet 169.254.3.4/16 scope link ifbx
       valid_lft forever preferred_lft forever
    inet 203.0.113.9/24 scope site ifbx
       valid_lft forever preferred_lft forever
    inet 10.9.9.1 peer 10.9.9.2/32 scope global ifbx
       valid_lft forever preferred_lft forever
    inet6 2001:db8:3::3/128 scope global flags 02
       valid_lft forever preferred_lft forever
    inet6 fe80::5038:f1ff:fe3f:f51f/64 scope link
       valid_lft forever preferred_lft forever
5: tun0: <NO-CARRIER,POINTOPOINT,MULTICAST,NOARP,UP> mtu 1500 qdisc pfifo_fast qlen 500
    link/[65534]
    inet 10.8.0.1/24 scope global tun0
       valid_lft forever preferred_lft forever
"""

IFCONFIG_NEW = """\
eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
        inet 10.1.1.6  netmask 255.255.255.0  broadcast 0.0.0.0
        inet6 2001:db8:1::9  prefixlen 64  scopeid 0x0<global>
        inet6 fe80::50b9:4dff:fe6a:3abb  prefixlen 64  scopeid 0x20<link>
        inet6 2001:db8:1::5  prefixlen 64  scopeid 0x0<global>
        inet6 fd12::5  prefixlen 64  scopeid 0x0<global>
        ether 52:b9:4d:6a:3a:bb  txqueuelen 1000  (Ethernet)
        RX packets 8  bytes 772 (772.0 B)
        RX errors 0  dropped 0  overruns 0  frame 0
        TX packets 9  bytes 938 (938.0 B)
        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0
        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0

eth0:web: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
        inet 10.1.1.5  netmask 255.255.255.0  broadcast 10.1.1.255
        ether 52:b9:4d:6a:3a:bb  txqueuelen 1000  (Ethernet)

lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536
        inet 127.0.0.1  netmask 255.0.0.0
        inet6 ::1  prefixlen 128  scopeid 0x10<host>
        loop  txqueuelen 1000  (Local Loopback)
        RX packets 0  bytes 0 (0.0 B)
"""

IFCONFIG_OLD = """\
eth0      Link encap:Ethernet  HWaddr 52:B9:4D:6A:3A:BB
          inet addr:10.1.1.6  Bcast:0.0.0.0  Mask:255.255.255.0
          inet6 addr: 2001:db8:1::9/64 Scope:Global
          inet6 addr: fe80::50b9:4dff:fe6a:3abb/64 Scope:Link
          inet6 addr: 2001:db8:1::5/64 Scope:Global
          inet6 addr: fd12::5/64 Scope:Global
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1
          RX packets:8 errors:0 dropped:0 overruns:0 frame:0
          TX packets:9 errors:0 dropped:0 overruns:0 carrier:0
          collisions:0 txqueuelen:1000
          RX bytes:772 (772.0 B)  TX bytes:938 (938.0 B)

eth0:web  Link encap:Ethernet  HWaddr 52:B9:4D:6A:3A:BB
          inet addr:10.1.1.5  Bcast:10.1.1.255  Mask:255.255.255.0
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1

lo        Link encap:Local Loopback
          inet addr:127.0.0.1  Mask:255.0.0.0
          inet6 addr: ::1/128 Scope:Host
          UP LOOPBACK RUNNING  MTU:65536  Metric:1
          RX packets:0 errors:0 dropped:0 overruns:0 frame:0
          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0
          collisions:0 txqueuelen:1000
          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)
"""

IFCONFIG_STATES = """\
eth0: flags=4099<UP,BROADCAST,MULTICAST>  mtu 1500
        inet 10.1.1.5  netmask 255.255.255.0  broadcast 0.0.0.0
        inet6 2001:db8:1::5  prefixlen 64  scopeid 0x0<global>
        ether da:f0:ea:25:86:18  txqueuelen 1000  (Ethernet)
        RX packets 0  bytes 0 (0.0 B)
        RX errors 0  dropped 0  overruns 0  frame 0
        TX packets 0  bytes 0 (0.0 B)
tun0: flags=4241<UP,POINTOPOINT,NOARP,MULTICAST>  mtu 1500
        inet 10.8.0.1  netmask 255.255.255.0  destination 10.8.0.1
        unspec 00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00  txqueuelen 500  (UNSPEC)
        RX packets 0  bytes 0 (0.0 B)
        RX errors 0  dropped 0  overruns 0  frame 0
        TX packets 0  bytes 0 (0.0 B)
        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0
"""

IFCONFIG_OLD_STATES = """\
eth0      Link encap:Ethernet  HWaddr DA:F0:EA:25:86:18
          inet addr:10.1.1.5  Bcast:0.0.0.0  Mask:255.255.255.0
          inet6 addr: 2001:db8:1::5/64 Scope:Global
          UP BROADCAST MULTICAST  MTU:1500  Metric:1
          RX packets:0 errors:0 dropped:0 overruns:0 frame:0
          TX packets:0 errors:0 dropped:1 overruns:0 carrier:0
          collisions:0 txqueuelen:1000
          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)
tun0      Link encap:UNSPEC  HWaddr 00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00
          inet addr:10.8.0.1  P-t-P:10.8.0.1  Mask:255.255.255.0
          UP POINTOPOINT NOARP MULTICAST  MTU:1500  Metric:1
          RX packets:0 errors:0 dropped:0 overruns:0 frame:0
          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0
          collisions:0 txqueuelen:500
          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)
"""

# What iproute2 of CentOS 6 wrote: no state and no group, and with -o a line for the interface too.
IP_OLD_ONE_LINE = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 16436 qdisc noqueue state UNKNOWN \\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
1: lo    inet 127.0.0.1/8 scope host lo
1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever
2: eth0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc pfifo_fast qlen 1000\\    link/ether 00:16:3E:0A:0B:0C brd ff:ff:ff:ff:ff:ff
2: eth0    inet 10.3.0.7/16 brd 10.3.255.255 scope global eth0
"""

# What net-tools 1.60 wrote on Chinese desktops.
IFCONFIG_CHINESE = """\
eth0      Link encap:以太网  硬件地址 08:00:27:AA:BB:CC
          inet 地址:192.168.1.5  广播:192.168.1.255  掩码:255.255.255.0
          inet6 地址: fe80::a00:27ff:feaa:bbcc/64 Scope:Link
          UP BROADCAST RUNNING MULTICAST  MTU:1500  跃点数:1
          接收数据包:10 错误:0 丢弃:0 过载:0 帧数:0
"""

LOOPBACK = (
    Address("lo", 4, "127.0.0.1", 8, "host", True, True, "", "loopback"),
    Address("lo", 6, "::1", 128, "host", True, True, "", "loopback"),
)
ETH0, ETH1, BR0 = "52:b9:4d:6a:3a:bb", "8e:e0:4f:6d:83:69", "56:4e:3b:ae:c2:2c"


def addresses(text: str) -> tuple[object, ...]:
    reading = read_addresses(capture("ip-address", text))
    assert not reading.unreadable
    assert reading.evidence
    return reading.facts


def refused(text: str) -> str:
    reading = read_addresses(capture("ip-address", text))
    assert not reading.facts
    assert not reading.evidence
    ((source, why),) = reading.unreadable
    assert source == "ip-address"
    return why


def test_ip_address() -> None:
    assert addresses(IP_ADDRESS) == (
        *LOOPBACK,
        Address("eth1", 6, "2001:db8:1::5", 64, "global", True, True, ETH1, "ether"),
        Address("eth1", 6, "fe80::8ce0:4fff:fe6d:8369", 64, "link", True, True, ETH1, "ether"),
        Address("eth0", 4, "10.1.1.5", 24, "global", True, True, ETH0, "ether"),
        Address("eth0", 4, "10.1.1.6", 24, "global", True, True, ETH0, "ether"),
        Address("eth0", 6, "2001:db8:1::9", 64, "global", True, True, ETH0, "ether"),
        Address("eth0", 6, "fd12::5", 64, "global", True, False, ETH0, "ether"),  # deprecated
        Address("eth0", 6, "2001:db8:1::5", 64, "global", True, False, ETH0, "ether"),  # eth1 has it: dadfailed
        Address("eth0", 6, "fe80::50b9:4dff:fe6a:3abb", 64, "link", True, True, ETH0, "ether"),
        Address("br0", 6, "2001:db8:b::1", 64, "global", True, True, BR0, "ether"),
        Address("br0", 6, "fe80::544e:3bff:feae:c22c", 64, "link", True, True, BR0, "ether"),
    )


def cited(text: str) -> list[tuple[int, int]]:
    return [(one.first, one.last) for one in read_addresses(capture("ip-address", text)).evidence]


def test_evidence_is_each_interface_with_its_state_link_and_addresses() -> None:
    assert cited(IP_ADDRESS) == [(1, 6), (7, 12), (13, 26), (27, 32)]
    evidence = read_addresses(capture("ip-address", IP_ADDRESS)).evidence
    assert evidence[1].quote.startswith("2: eth1@eth0: <BROADCAST,MULTICAST,UP,LOWER_UP>")
    assert cited(IP_OF_MANY_STATES) == [(1, 6), (7, 10), (11, 17), (18, 29), (30, 33)]
    assert cited(BUSYBOX)[1] == (3, 4)  # without an address, which its two lines prove


def test_evidence_of_ifconfig_reaches_to_its_state_and_link() -> None:
    assert cited(IFCONFIG_NEW) == [(1, 7), (14, 16), (18, 21)]
    assert cited(IFCONFIG_OLD)[0] == (1, 7)


def test_evidence_of_ip_one_line() -> None:
    assert cited(IP_ONE_LINE) == [(1, 2), (3, 4), (5, 8)]


def test_the_whole_answer_proves_that_there_is_no_global_address() -> None:
    text = IP_ADDRESS[: IP_ADDRESS.index("2: eth1")]
    assert cited(text + "2: eth0: <NO-CARRIER,UP> mtu 1500 state DOWN\n    link/ether 8e:e0:4f:6d:83:69\n") == [(1, 8)]
    assert cited(IP_OLD_ONE_LINE) == [(1, 5)]


def test_very_many_interfaces_are_cited_as_a_whole() -> None:
    text = "".join(
        f"{n}: v{n}: <UP> mtu 1500 state UP\n    inet6 2001:db8::{n}/64 scope global\n" for n in range(1, 60)
    )
    reading = read_addresses(capture("ip-address", text))
    assert len(reading.facts) == 59
    assert [(one.first, one.last) for one in reading.evidence] == [(1, 118)]


def test_the_link_tells_a_tunnel_whatever_its_name() -> None:
    head = "9: {}@NONE: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1480 qdisc noqueue state UNKNOWN\n    link/{}\n"
    address = "    inet6 2001:db8::5/64 scope global\n"
    for name, link in (("office", "none"), ("he-ipv6", "sit 192.0.2.1 peer 192.0.2.2"), ("t6", "tunnel6 :: brd ::")):
        (fact,) = addresses(head.format(name, link) + address)
        assert fact == Address(name, 6, "2001:db8::5", 64, "global", True, True, "", link.split()[0])


def test_the_link_of_ifconfig_tells_a_tunnel() -> None:
    old = "sit1      Link encap:IPv6-in-IPv4\n          inet6 addr: 2001:db8::5/64 Scope:Global\n{}"
    state = "          UP POINTOPOINT RUNNING NOARP  MTU:1480  Metric:1\n"
    new = (
        "sit1: flags=209<UP,POINTOPOINT,RUNNING,NOARP>  mtu 1480\n"
        "        inet6 2001:db8::5  prefixlen 64  scopeid 0x0<global>\n"
        "        sit  txqueuelen 1000  (IPv6-in-IPv4)\n"
    )
    expected = Address("sit1", 6, "2001:db8::5", 64, "global", True, True, "", "sit")
    assert addresses(old.format(state)) == addresses(new) == (expected,)
    assert addresses(old.format("")) == (replace(expected, state_shown=False),)


def test_ip_one_line_shows_no_state_no_link_and_no_mac() -> None:
    assert addresses(IP_ONE_LINE) == (
        Address("lo", 4, "127.0.0.1", 8, "host", True, True, "", "", False),
        Address("lo", 6, "::1", 128, "host", True, True, "", "", False),
        Address("eth1", 6, "2001:db8:1::5", 64, "global", True, True, "", "", False),
        Address("eth1", 6, "fe80::8ce0:4fff:fe6d:8369", 64, "link", True, True, "", "", False),
        Address("eth0", 4, "10.1.1.5", 24, "global", True, True, "", "", False),
        Address("eth0", 4, "10.1.1.6", 24, "global", True, True, "", "", False),
        Address("eth0", 6, "fd12::5", 64, "global", True, False, "", "", False),
        Address("eth0", 6, "2001:db8:1::5", 64, "global", True, False, "", "", False),
    )


def test_old_ip_one_line() -> None:
    assert addresses(IP_OLD_ONE_LINE) == (
        *LOOPBACK,
        Address("eth0", 4, "10.3.0.7", 16, "global", False, True, "00:16:3e:0a:0b:0c", "ether"),
    )


def test_interfaces_that_are_down_tunnels_and_peers() -> None:
    ifbx = "52:38:f1:3f:f5:1f"
    assert addresses(IP_OF_MANY_STATES) == (
        *LOOPBACK,
        Address("eth1", 4, "10.2.2.2", 24, "global", False, True, "a6:c6:e8:08:02:43", "ether"),
        Address("eth0", 4, "10.1.1.5", 24, "global", False, True, "da:f0:ea:25:86:18", "ether"),
        Address("eth0", 6, "2001:db8:1::5", 64, "global", False, False, "da:f0:ea:25:86:18", "ether"),
        Address("ifbx", 4, "169.254.3.4", 16, "link", True, True, ifbx, "ether"),
        Address("ifbx", 4, "203.0.113.9", 24, "site", True, True, ifbx, "ether"),
        Address("ifbx", 4, "10.9.9.1", 32, "global", True, True, ifbx, "ether"),
        Address("ifbx", 6, "2001:db8:3::3", 128, "global", True, True, ifbx, "ether"),
        Address("ifbx", 6, "fe80::5038:f1ff:fe3f:f51f", 64, "link", True, True, ifbx, "ether"),
        Address("tun0", 4, "10.8.0.1", 24, "global", False, True, "", "none"),
    )


def test_busybox() -> None:
    ifbx = "52:38:f1:3f:f5:1f"
    assert addresses(BUSYBOX) == (
        Address("ifbx", 4, "169.254.3.4", 16, "link", True, True, ifbx, "ether"),
        Address("ifbx", 4, "203.0.113.9", 24, "site", True, True, ifbx, "ether"),
        Address("ifbx", 4, "10.9.9.1", 32, "global", True, True, ifbx, "ether"),
        Address("ifbx", 6, "2001:db8:3::3", 128, "global", True, True, ifbx, "ether"),
        Address("ifbx", 6, "fe80::5038:f1ff:fe3f:f51f", 64, "link", True, True, ifbx, "ether"),
        Address("tun0", 4, "10.8.0.1", 24, "global", False, True, "", "[65534]"),
    )


def test_ifconfig_of_net_tools_2() -> None:
    assert addresses(IFCONFIG_NEW) == (
        Address("eth0", 4, "10.1.1.6", 24, "global", True, True, ETH0, "ether"),
        Address("eth0", 6, "2001:db8:1::9", 64, "global", True, True, ETH0, "ether"),
        Address("eth0", 6, "fe80::50b9:4dff:fe6a:3abb", 64, "link", True, True, ETH0, "ether"),
        Address("eth0", 6, "2001:db8:1::5", 64, "global", True, True, ETH0, "ether"),
        Address("eth0", 6, "fd12::5", 64, "global", True, True, ETH0, "ether"),
        Address("eth0", 4, "10.1.1.5", 24, "global", True, True, ETH0, "ether"),
        *LOOPBACK,
    )


def test_ifconfig_of_busybox_and_net_tools_1() -> None:
    assert addresses(IFCONFIG_OLD) == (
        Address("eth0", 4, "10.1.1.6", 24, "global", True, True, ETH0, "ether"),
        Address("eth0", 6, "2001:db8:1::9", 64, "global", True, True, ETH0, "ether"),
        Address("eth0", 6, "fe80::50b9:4dff:fe6a:3abb", 64, "link", True, True, ETH0, "ether"),
        Address("eth0", 6, "2001:db8:1::5", 64, "global", True, True, ETH0, "ether"),
        Address("eth0", 6, "fd12::5", 64, "global", True, True, ETH0, "ether"),
        Address("eth0", 4, "10.1.1.5", 24, "global", True, True, ETH0, "ether"),
        *LOOPBACK,
    )


def test_ifconfig_without_a_carrier() -> None:
    expected = (
        Address("eth0", 4, "10.1.1.5", 24, "global", False, True, "da:f0:ea:25:86:18", "ether"),
        Address("eth0", 6, "2001:db8:1::5", 64, "global", False, True, "da:f0:ea:25:86:18", "ether"),
        Address("tun0", 4, "10.8.0.1", 24, "global", False, True, "", "unspec"),
    )
    assert addresses(IFCONFIG_STATES) == expected
    assert addresses(IFCONFIG_OLD_STATES) == expected


def test_ifconfig_in_chinese() -> None:
    assert addresses(IFCONFIG_CHINESE) == (
        Address("eth0", 4, "192.168.1.5", 24, "global", True, True, "08:00:27:aa:bb:cc", "ether"),
        Address("eth0", 6, "fe80::a00:27ff:feaa:bbcc", 64, "link", True, True, "08:00:27:aa:bb:cc", "ether"),
    )


def test_flags_that_the_version_has_no_word_for() -> None:
    text = "2: eth0: <UP> mtu 1500\n    inet6 2001:db8::5/64 scope global flags {}\n"
    assert addresses(text.format("02")) == (Address("eth0", 6, "2001:db8::5", 64, "global", True, True, ""),)
    assert addresses(text.format("08")) == (Address("eth0", 6, "2001:db8::5", 64, "global", True, False, ""),)
    assert "line 2" in refused(text.format("xx"))


def test_an_interface_may_be_called_deprecated() -> None:
    text = "2: deprecated: <UP> mtu 1500\n    inet 10.0.0.1/8 brd 10.255.255.255 scope global deprecated\n"
    assert addresses(text) == (Address("deprecated", 4, "10.0.0.1", 8, "global", True, True, ""),)


def test_an_address_is_written_in_one_form() -> None:
    text = "2: eth0.100@eth0: <UP> mtu 1500\n    inet6 2001:0DB8:0:0:0:0:0:0005/64 scope global\n"
    assert addresses(text) == (Address("eth0.100", 6, "2001:db8::5", 64, "global", True, True, ""),)


def test_line_ends_and_a_mark_of_windows() -> None:
    assert addresses("\ufeff" + IP_ADDRESS.replace("\n", "\r\n")) == addresses(IP_ADDRESS)


def test_interfaces_without_addresses_are_an_empty_table() -> None:
    text = "1: lo: <LOOPBACK> mtu 65536 qdisc noop state DOWN\n    link/loopback 00:00:00:00:00:00\n"
    assert addresses(text) == ()


def test_a_source_that_is_not_there_is_no_evidence() -> None:
    assert read_addresses({}).evidence == ()
    assert read_switches({}).evidence == ()


def test_what_is_not_an_answer_is_refused() -> None:
    assert "empty" in refused("")
    assert "empty" in refused(" \n\n")
    assert refused("bash: ip: command not found\n") == (
        "line 1 is not of an interface or address: bash: ip: command not found"
    )
    assert "line 1" in refused("lo               UNKNOWN        127.0.0.1/8 ::1/128\n")
    assert "line 1" in refused("    inet 10.0.0.1/8 scope global eth0\n")
    assert "line 1" in refused("eth0 <b>Link encap</b>\n")


def test_half_of_a_table_is_no_table() -> None:
    for old, new in (
        ("inet 127.0.0.1/8", "inet 127.0.0.999/8"),
        ("inet 127.0.0.1/8", "inet 127.0.0.1/33"),
        ("inet 127.0.0.1/8", "inet 127.0.0.1/²"),
        ("inet6 ::1/128", "inet6 127.0.0.1/8"),
        ("inet6 ::1/128", "inet6 ::1%lo/128"),
        ("inet6 ::1/128 scope host", "inet6"),
        ("inet6 ::1/128 scope host", "inet6 ::1/128 scope"),
        ("valid_lft forever preferred_lft", "valid_lft forever"),
        ("3: eth0", "3. eth0"),
        ("    inet6 ::1", "    \ufffdnet6 ::1"),
        ("<LOOPBACK,UP,LOWER_UP>", "UP"),
    ):
        assert "line " in refused(IP_ADDRESS.replace(old, new, 1))
    assert "line 2" in refused(IFCONFIG_NEW.replace("255.255.255.0", "255.0.255.0", 1))
    assert "line 3" in refused(IFCONFIG_NEW.replace("prefixlen 64", "prefixlen", 1))
    assert "line 2" in refused(IFCONFIG_OLD.replace("Mask:255", "Mask:x", 1))


def test_switches() -> None:
    text = (
        "/proc/sys/net/ipv6/conf/all/disable_ipv6 0\n"
        "/proc/sys/net/ipv6/conf/eth0.100/disable_ipv6 1\n"
        "/proc/sys/net/ipv6/conf/eth0/200/disable_ipv6:1\n"
        "net.ipv6.conf.eth0/300.disable_ipv6 = 0\n"
    )
    reading = read_switches(capture("disable-ipv6", text))
    assert reading.facts == (
        Ipv6Switch("all", False),
        Ipv6Switch("eth0.100", True),
        Ipv6Switch("eth0.200", True),
        Ipv6Switch("eth0.300", False),
    )
    assert [(one.first, one.last) for one in reading.evidence] == [(1, 4)]


def test_no_switches_are_an_empty_table() -> None:
    for text in ("", "/proc/sys/net/ipv6/conf/*/disable_ipv6 \n"):
        reading = read_switches(capture("disable-ipv6", text))
        assert (reading.facts, len(reading.evidence), reading.unreadable) == ((), 1, ())


def test_switches_that_cannot_be_read() -> None:
    first = "/proc/sys/net/ipv6/conf/all/disable_ipv6 0\n"
    for line in (
        "cat: /proc/sys/net/ipv6/conf/eth0/disable_ipv6: Permission denied",
        "/proc/sys/net/ipv6/conf/eth0/disable_ipv6 <denied>",
        "/proc/sys/net/ipv6/conf/eth0/disable_ipv6",
        "/proc/sys/net/ipv6/conf//disable_ipv6 1",
        "/proc/sys/net/ipv6/conf/eth0/accept_ra 1",
        "/proc/sys/net/ipv6/conf/eth0/disable_ipv6 ²",
        "net.ipv6.conf.disable_ipv6 = 0",
        "/proc/sys/net/ipv6/conf/eth0/disable_ipv/proc/sys/net/ipv6/conf/eth1/disable_ipv6 0",
    ):
        reading = read_switches(capture("disable-ipv6", first + line))
        assert not reading.facts
        assert not reading.evidence
        assert reading.unreadable[0][1].startswith("line 2 is not a switch: ")


WORDS = (
    "1: eth0: eth0 <UP> < inet inet6 ::1/128 10.0.0.1/8 / scope global flags -1 valid_lft preferred_lft 0sec "
    "link/ether aa: peer @ : Link encap: netmask prefixlen scopeid <link> addr: Mask: HWaddr MTU: ² "
    "/proc/sys/net/ipv6/conf/ /disable_ipv6 net.ipv6.conf. 0"
)
PIECES = st.sampled_from([*WORDS.split(), " ", "    ", "\t", "\n", "\\", ": flags=", "9" * 5000, "\x85", "\x00"])


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join)))
def test_no_text_raises_and_facts_never_stand_beside_a_refusal(text: str) -> None:
    for read, source in ((read_addresses, "ip-address"), (read_switches, "disable-ipv6")):
        reading = read(capture(source, text))
        assert bool(reading.evidence) != bool(reading.unreadable)
        assert not (reading.facts and reading.unreadable)


@given(st.binary(max_size=2000))
def test_no_bytes_raise(body: bytes) -> None:
    made = capture("ip-address", "")["ip-address"]
    reading = read_addresses({"ip-address": Capture("c", made.envelope, None, body, "", "")})
    assert bool(reading.evidence) != bool(reading.unreadable)
