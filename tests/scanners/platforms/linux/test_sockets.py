"""Sockets as Linux hosts show them.

The outputs are those of ss 6.1, busybox 1.35, net-tools 2.10 and a kernel 6, of one host in a network namespace made
for the purpose; ends of lines are trimmed.
"""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from scanners.platforms.linux.sockets import read_connections, read_listeners
from xunyan.facts import Connection, Listener
from xunyan.model import Capture, Envelope

TAKEN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def capture(source: str, text: str) -> dict[str, Capture]:
    envelope = Envelope("host:a", "endpoint", "linux", "", "", "", "", source, source, TAKEN, "")
    return {source: Capture("c", envelope, 0, text.encode("utf-8", "replace"), "", "")}


SS = """\
udp UNCONN 0      0                         0.0.0.0%br0:68   0.0.0.0:*
udp UNCONN 0      0                           127.0.0.1:323  0.0.0.0:*
udp UNCONN 0      0                               [::1]:323     [::]:*
udp UNCONN 0      0      [fe80::1c93:4ff:fec2:ed08]%br0:546     [::]:*
udp UNCONN 0      0                                   *:5353       *:*
tcp LISTEN 0      5                           127.0.0.1:25   0.0.0.0:*
tcp LISTEN 0      5                             0.0.0.0:22   0.0.0.0:*
tcp LISTEN 0      5                   [::ffff:10.1.1.5]:443        *:*
tcp LISTEN 0      5                                [::]:8080    [::]:*
tcp LISTEN 0      5                               [::1]:25      [::]:*
tcp LISTEN 0      5                                   *:80         *:*
"""

SS_PROCESSES = """\
Netid State  Recv-Q Send-Q                  Local Address:Port Peer Address:PortProcess
udp   UNCONN 0      0                         0.0.0.0%br0:68        0.0.0.0:*    users:(("python3",pid=5543,fd=11)) ino:10454 sk:2 cgroup:/ <->
udp   UNCONN 0      0                           127.0.0.1:323       0.0.0.0:*    users:(("python3",pid=5543,fd=12)) ino:10455 sk:3 cgroup:/ <->
udp   UNCONN 0      0                               [::1]:323          [::]:*    users:(("python3",pid=5543,fd=13)) ino:10456 sk:4 cgroup:/ v6only:1 <->
udp   UNCONN 0      0      [fe80::1c93:4ff:fec2:ed08]%br0:546          [::]:*    users:(("python3",pid=5543,fd=9)) ino:10452 sk:5 cgroup:/ v6only:1 <->
udp   UNCONN 0      0                                   *:5353            *:*    users:(("python3",pid=5543,fd=15)) ino:10458 sk:6 cgroup:/ v6only:0 <->
tcp   LISTEN 0      5                           127.0.0.1:25        0.0.0.0:*    users:(("python3",pid=5543,fd=6)) ino:10449 sk:7 cgroup:/ <->
tcp   LISTEN 0      5                             0.0.0.0:22        0.0.0.0:*    users:(("python3",pid=5543,fd=3)) ino:10446 sk:8 cgroup:/ <->
tcp   LISTEN 0      5                   [::ffff:10.1.1.5]:443             *:*    users:(("python3",pid=5543,fd=8)) ino:10451 sk:9 cgroup:/ v6only:0 <->
tcp   LISTEN 0      5                                [::]:8080         [::]:*    users:(("python3",pid=5543,fd=5)) ino:10448 sk:a cgroup:/ v6only:1 <->
tcp   LISTEN 0      5                               [::1]:25           [::]:*    users:(("python3",pid=5543,fd=7)) ino:10450 sk:b cgroup:/ v6only:1 <->
tcp   LISTEN 0      5                                   *:80              *:*    users:(("python3",pid=5543,fd=4)) ino:10447 sk:c cgroup:/ v6only:0 <->
"""  # noqa: E501

SS_ALL = """\
Netid State  Recv-Q Send-Q                  Local Address:Port                Peer Address:Port Process
udp   UNCONN 0      0                         0.0.0.0%br0:68                       0.0.0.0:*     users:(("python3",pid=5543,fd=11))
udp   UNCONN 0      0                           127.0.0.1:323                      0.0.0.0:*     users:(("python3",pid=5543,fd=12))
udp   ESTAB  0      0                            10.1.1.5:40000                   10.1.1.5:323   users:(("python3",pid=5543,fd=14))
udp   UNCONN 0      0                               [::1]:323                         [::]:*     users:(("python3",pid=5543,fd=13))
udp   UNCONN 0      0      [fe80::1c93:4ff:fec2:ed08]%br0:546                         [::]:*     users:(("python3",pid=5543,fd=9))
udp   UNCONN 0      0                                   *:5353                           *:*     users:(("python3",pid=5543,fd=15))
tcp   LISTEN 0      5                           127.0.0.1:25                       0.0.0.0:*     users:(("python3",pid=5543,fd=6))
tcp   LISTEN 0      5                             0.0.0.0:22                       0.0.0.0:*     users:(("python3",pid=5543,fd=3))
tcp   ESTAB  0      0                            10.1.1.5:22                      10.1.1.5:52118 users:(("python3",pid=5543,fd=22))
tcp   ESTAB  0      0                            10.1.1.5:42474                   10.1.1.5:80    users:(("python3",pid=5543,fd=17))
tcp   ESTAB  0      0                            10.1.1.5:52118                   10.1.1.5:22    users:(("python3",pid=5543,fd=16))
tcp   LISTEN 0      5                   [::ffff:10.1.1.5]:443                            *:*     users:(("python3",pid=5543,fd=8))
tcp   LISTEN 0      5                                [::]:8080                        [::]:*     users:(("python3",pid=5543,fd=5))
tcp   LISTEN 0      5                               [::1]:25                          [::]:*     users:(("python3",pid=5543,fd=7))
tcp   LISTEN 0      5                                   *:80                             *:*     users:(("python3",pid=5543,fd=4))
tcp   ESTAB  0      0                     [2001:db8:1::5]:8080             [2001:db8:1::5]:53996 users:(("python3",pid=5543,fd=26))
tcp   ESTAB  0      0                   [::ffff:10.1.1.5]:443            [::ffff:10.1.1.5]:54092 users:(("python3",pid=5543,fd=27))
tcp   ESTAB  0      0                     [2001:db8:1::5]:80               [2001:db8:1::5]:59360 users:(("python3",pid=5543,fd=24))
tcp   ESTAB  0      0      [fe80::1c93:4ff:fec2:ed08]%br0:42852 [fe80::1c93:4ff:fec2:ed08]:80    users:(("python3",pid=5543,fd=21))
tcp   ESTAB  0      0                     [2001:db8:1::5]:59360            [2001:db8:1::5]:80    users:(("python3",pid=5543,fd=18))
tcp   ESTAB  0      0                   [::ffff:10.1.1.5]:80             [::ffff:10.1.1.5]:42474 users:(("python3",pid=5543,fd=23))
tcp   ESTAB  0      0                     [2001:db8:1::5]:53996            [2001:db8:1::5]:8080  users:(("python3",pid=5543,fd=20))
tcp   ESTAB  0      0                   [::ffff:10.1.1.5]:54092          [::ffff:10.1.1.5]:443   users:(("python3",pid=5543,fd=19))
tcp   ESTAB  0      0      [fe80::1c93:4ff:fec2:ed08]%br0:80    [fe80::1c93:4ff:fec2:ed08]:42852 users:(("python3",pid=5543,fd=25))
"""

SS_NAMES = """\
State  Recv-Q Send-Q     Local Address:Port     Peer Address:PortProcess
LISTEN 0      5              127.0.0.1:smtp          0.0.0.0:*
LISTEN 0      5                0.0.0.0:ssh           0.0.0.0:*
LISTEN 0      5      [::ffff:10.1.1.5]:https               *:*
LISTEN 0      5                   [::]:http-alt         [::]:*
LISTEN 0      5                  [::1]:smtp             [::]:*
LISTEN 0      5                      *:http                *:*
"""

NETSTAT = """\
Active Internet connections (only servers)
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      0 127.0.0.1:25            0.0.0.0:*               LISTEN
tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN
tcp6       0      0 10.1.1.5:443            :::*                    LISTEN
tcp6       0      0 :::8080                 :::*                    LISTEN
tcp6       0      0 ::1:25                  :::*                    LISTEN
tcp6       0      0 :::80                   :::*                    LISTEN
udp        0      0 0.0.0.0:68              0.0.0.0:*
udp        0      0 127.0.0.1:323           0.0.0.0:*
udp6       0      0 ::1:323                 :::*
udp6       0      0 fe80::1c93:4ff:fec2:546 :::*
udp6       0      0 :::5353                 :::*
"""

BUSYBOX_NETSTAT = """\
Active Internet connections (only servers)
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      0 127.0.0.1:25            0.0.0.0:*               LISTEN
tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN
tcp        0      0 ::ffff:10.1.1.5:443     :::*                    LISTEN
tcp        0      0 :::8080                 :::*                    LISTEN
tcp        0      0 ::1:25                  :::*                    LISTEN
tcp        0      0 :::80                   :::*                    LISTEN
udp        0      0 0.0.0.0:68              0.0.0.0:*
udp        0      0 127.0.0.1:323           0.0.0.0:*
udp        0      0 ::1:323                 :::*
udp        0      0 fe80::1c93:4ff:fec2:ed08:546 :::*
udp        0      0 :::5353                 :::*
"""

SS_ESTABLISHED = """\
0      0                            10.1.1.5:22                      10.1.1.5:52118
0      0                            10.1.1.5:42474                   10.1.1.5:80
0      0                            10.1.1.5:52118                   10.1.1.5:22
0      0                     [2001:db8:1::5]:8080             [2001:db8:1::5]:53996
0      0                   [::ffff:10.1.1.5]:443            [::ffff:10.1.1.5]:54092
0      0                     [2001:db8:1::5]:80               [2001:db8:1::5]:59360
0      0      [fe80::1c93:4ff:fec2:ed08]%br0:42852 [fe80::1c93:4ff:fec2:ed08]:80
0      0                     [2001:db8:1::5]:59360            [2001:db8:1::5]:80
0      0                   [::ffff:10.1.1.5]:80             [::ffff:10.1.1.5]:42474
0      0                     [2001:db8:1::5]:53996            [2001:db8:1::5]:8080
0      0                   [::ffff:10.1.1.5]:54092          [::ffff:10.1.1.5]:443
0      0      [fe80::1c93:4ff:fec2:ed08]%br0:80    [fe80::1c93:4ff:fec2:ed08]:42852
"""

SS_CONNECTED = """\
State Recv-Q Send-Q                  Local Address:Port                Peer Address:Port Process
ESTAB 0      0                            10.1.1.5:22                      10.1.1.5:52118
ESTAB 0      0                            10.1.1.5:42474                   10.1.1.5:80
ESTAB 0      0                            10.1.1.5:52118                   10.1.1.5:22
ESTAB 0      0                     [2001:db8:1::5]:8080             [2001:db8:1::5]:53996
ESTAB 0      0                   [::ffff:10.1.1.5]:443            [::ffff:10.1.1.5]:54092
ESTAB 0      0                     [2001:db8:1::5]:80               [2001:db8:1::5]:59360
ESTAB 0      0      [fe80::1c93:4ff:fec2:ed08]%br0:42852 [fe80::1c93:4ff:fec2:ed08]:80
ESTAB 0      0                     [2001:db8:1::5]:59360            [2001:db8:1::5]:80
ESTAB 0      0                   [::ffff:10.1.1.5]:80             [::ffff:10.1.1.5]:42474
ESTAB 0      0                     [2001:db8:1::5]:53996            [2001:db8:1::5]:8080
ESTAB 0      0                   [::ffff:10.1.1.5]:54092          [::ffff:10.1.1.5]:443
ESTAB 0      0      [fe80::1c93:4ff:fec2:ed08]%br0:80    [fe80::1c93:4ff:fec2:ed08]:42852
"""

NETSTAT_CONNECTED = """\
Active Internet connections (w/o servers)
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      0 10.1.1.5:22             10.1.1.5:52118          ESTABLISHED
tcp        0      0 10.1.1.5:42474          10.1.1.5:80             ESTABLISHED
tcp        0      0 10.1.1.5:52118          10.1.1.5:22             ESTABLISHED
tcp6       0      0 2001:db8:1::5:8080      2001:db8:1::5:53996     ESTABLISHED
tcp6       0      0 10.1.1.5:443            10.1.1.5:54092          ESTABLISHED
tcp6       0      0 2001:db8:1::5:80        2001:db8:1::5:59360     ESTABLISHED
tcp6       0      0 fe80::1c93:4ff:fe:42852 fe80::1c93:4ff:fec2::80 ESTABLISHED
tcp6       0      0 2001:db8:1::5:59360     2001:db8:1::5:80        ESTABLISHED
tcp6       0      0 10.1.1.5:80             10.1.1.5:42474          ESTABLISHED
tcp6       0      0 2001:db8:1::5:53996     2001:db8:1::5:8080      ESTABLISHED
tcp6       0      0 10.1.1.5:54092          10.1.1.5:443            ESTABLISHED
tcp6       0      0 fe80::1c93:4ff:fec2::80 fe80::1c93:4ff:fe:42852 ESTABLISHED
"""

BUSYBOX_CONNECTED = """\
Active Internet connections (w/o servers)
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      0 10.1.1.5:22             10.1.1.5:52118          ESTABLISHED
tcp        0      0 10.1.1.5:42474          10.1.1.5:80             ESTABLISHED
tcp        0      0 10.1.1.5:52118          10.1.1.5:22             ESTABLISHED
tcp        0      0 2001:db8:1::5:8080      2001:db8:1::5:53996     ESTABLISHED
tcp        0      0 ::ffff:10.1.1.5:443     ::ffff:10.1.1.5:54092   ESTABLISHED
tcp        0      0 2001:db8:1::5:80        2001:db8:1::5:59360     ESTABLISHED
tcp        0      0 fe80::1c93:4ff:fec2:ed08:42852 fe80::1c93:4ff:fec2:ed08:80 ESTABLISHED
tcp        0      0 2001:db8:1::5:59360     2001:db8:1::5:80        ESTABLISHED
tcp        0      0 ::ffff:10.1.1.5:80      ::ffff:10.1.1.5:42474   ESTABLISHED
tcp        0      0 2001:db8:1::5:53996     2001:db8:1::5:8080      ESTABLISHED
tcp        0      0 ::ffff:10.1.1.5:54092   ::ffff:10.1.1.5:443     ESTABLISHED
tcp        0      0 fe80::1c93:4ff:fec2:ed08:80 fe80::1c93:4ff:fec2:ed08:42852 ESTABLISHED
"""

KERNEL = """\
== /proc/net/tcp
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10449 1 00000000879ffef0 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10446 1 00000000c4de15d0 100 0 0 10 0
   2: 0501010A:0016 0501010A:CB96 01 00000000:00000000 00:00000000 00000000     0        0 10466 1 0000000055cb47c2 20 0 0 10 -1
   3: 0501010A:A5EA 0501010A:0050 01 00000000:00000000 00:00000000 00000000     0        0 10460 2 0000000011901247 20 0 0 10 -1
   4: 0501010A:CB96 0501010A:0016 01 00000000:00000000 00:00000000 00000000     0        0 10459 2 00000000337b1233 20 0 0 10 -1
== /proc/net/tcp6
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000501010A:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10451 1 0000000001e1a888 100 0 0 10 0
   1: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10448 1 000000001c6534fd 100 0 0 10 0
   2: 00000000000000000000000001000000:0019 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10450 1 0000000045f534db 100 0 0 10 0
   3: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10447 1 00000000b3eefd76 100 0 0 10 0
   4: B80D0120000001000000000005000000:1F90 B80D0120000001000000000005000000:D2EC 01 00000000:00000000 00:00000000 00000000     0        0 10472 1 00000000ca9076a8 20 0 0 10 -1
   5: 0000000000000000FFFF00000501010A:01BB 0000000000000000FFFF00000501010A:D34C 01 00000000:00000000 00:00000000 00000000     0        0 10476 1 00000000037bf865 20 0 0 10 -1
   6: B80D0120000001000000000005000000:0050 B80D0120000001000000000005000000:E7E0 01 00000000:00000000 00:00000000 00000000     0        0 10469 1 00000000110b1a6c 20 0 0 10 -1
   7: 000080FE00000000FF04931C08EDC2FE:A764 000080FE00000000FF04931C08EDC2FE:0050 01 00000000:00000000 00:00000000 00000000     0        0 10464 2 0000000097cf1dad 20 0 0 10 -1
   8: B80D0120000001000000000005000000:E7E0 B80D0120000001000000000005000000:0050 01 00000000:00000000 00:00000000 00000000     0        0 10461 2 0000000051836a7c 20 0 0 10 -1
   9: 0000000000000000FFFF00000501010A:0050 0000000000000000FFFF00000501010A:A5EA 01 00000000:00000000 00:00000000 00000000     0        0 10468 1 0000000055e9ed0e 20 0 0 10 -1
  10: B80D0120000001000000000005000000:D2EC B80D0120000001000000000005000000:1F90 01 00000000:00000000 00:00000000 00000000     0        0 10463 2 0000000094b3d756 20 0 0 10 -1
  11: 0000000000000000FFFF00000501010A:D34C 0000000000000000FFFF00000501010A:01BB 01 00000000:00000000 00:00000000 00000000     0        0 10462 2 00000000d00f7d61 20 0 0 10 -1
  12: 000080FE00000000FF04931C08EDC2FE:0050 000080FE00000000FF04931C08EDC2FE:A764 01 00000000:00000000 00:00000000 00000000     0        0 10470 1 00000000dd337dc5 20 0 0 10 -1
== /proc/net/udp
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 5755: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 10454 2 00000000dabdc00f 0
 6010: 0100007F:0143 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 10455 2 0000000015f304c5 0
12919: 0501010A:9C40 0501010A:0143 01 00000000:00000000 00:00000000 00000000     0        0 10457 2 00000000d0f77b71 0
== /proc/net/udp6
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 6010: 00000000000000000000000001000000:0143 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 10456 2 000000000c393da4 0
 6233: 000080FE00000000FF04931C08EDC2FE:0222 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 10452 2 00000000a39548aa 0
11040: 00000000000000000000000000000000:14E9 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 10458 2 000000002db1aa4b 0
"""  # noqa: E501

SS_INTERNAL = """\
Recv-Q Send-Q                  Local Address:Port                Peer Address:Port Process
0      0                            10.1.1.5:22                      10.1.1.5:52118 users:(("python3",pid=5543,fd=22)) ino:10466 sk:d cgroup:/ <->
\t ts sack bbr wscale:10,10 rto:204 rtt:0.062/0.031 mss:32768 pmtu:65535 rcvmss:536 advmss:65483 cwnd:10 segs_in:2 bbr:(bw:0bps,mrtt:0.062) send 42281290323bps lastsnd:76 lastrcv:76 lastack:76 pacing_rate 120833625680bps delivered:1 app_limited rcv_space:65483 rcv_ssthresh:65483 minrtt:0.062 snd_wnd:65536
0      0                            10.1.1.5:42474                   10.1.1.5:80    users:(("python3",pid=5543,fd=17)) ino:10460 sk:e cgroup:/ <->
\t ts sack bbr wscale:10,10 rto:204 rtt:0.007/0.003 mss:32741 pmtu:65535 rcvmss:536 advmss:65483 cwnd:10 bytes_acked:1 segs_out:2 segs_in:1 bbr:(bw:0bps,mrtt:0.007,pacing_gain:1,cwnd_gain:1) send 374182857143bps lastsnd:76 lastrcv:76 lastack:76 pacing_rate 1069359043824bps delivered:1 app_limited rcv_space:65495 rcv_ssthresh:65495 minrtt:0.007 snd_wnd:65483
"""  # noqa: E501

# What ss of CentOS 7 writes: `*` for any IPv4 address.
SS_OLD = """\
Netid State      Recv-Q Send-Q Local Address:Port               Peer Address:Port
udp   UNCONN     0      0      127.0.0.1:323                   *:*
udp   UNCONN     0      0      *%virbr0:67                      *:*
udp   UNCONN     0      0      ::1:323                        :::*
tcp   LISTEN     0      128       *:22                       *:*                   users:(("sshd",pid=1,fd=3))
tcp   LISTEN     0      128    [::]:22                    [::]:*
tcp   LISTEN     0      128    ::ffff:10.1.1.1:443           :::*
"""

ANY = str(IPv4Address(0))
HOST = "fe80::1c93:4ff:fec2:ed08"
LISTENERS = (
    Listener("udp", ANY, 68),
    Listener("udp", "127.0.0.1", 323),
    Listener("udp", "::1", 323),
    Listener("udp", HOST, 546),
    Listener("udp", "*", 5353),
    Listener("tcp", "127.0.0.1", 25),
    Listener("tcp", ANY, 22),
    Listener("tcp", "10.1.1.5", 443),
    Listener("tcp", "::", 8080),
    Listener("tcp", "::1", 25),
    Listener("tcp", "*", 80),
)
ONE_FAMILY = {Listener(one.protocol, one.address.replace("*", "::"), one.port) for one in LISTENERS}
CONNECTIONS = (
    Connection("10.1.1.5", 22, "10.1.1.5", 52118),
    Connection("10.1.1.5", 42474, "10.1.1.5", 80),
    Connection("10.1.1.5", 52118, "10.1.1.5", 22),
    Connection("2001:db8:1::5", 8080, "2001:db8:1::5", 53996),
    Connection("10.1.1.5", 443, "10.1.1.5", 54092),
    Connection("2001:db8:1::5", 80, "2001:db8:1::5", 59360),
    Connection(HOST, 42852, HOST, 80),
    Connection("2001:db8:1::5", 59360, "2001:db8:1::5", 80),
    Connection("10.1.1.5", 80, "10.1.1.5", 42474),
    Connection("2001:db8:1::5", 53996, "2001:db8:1::5", 8080),
    Connection("10.1.1.5", 54092, "10.1.1.5", 443),
    Connection(HOST, 80, HOST, 42852),
)


def listeners(text: str) -> tuple[object, ...]:
    reading = read_listeners(capture("listeners", text))
    assert not reading.unreadable
    assert [(one.first, one.last) for one in reading.evidence] == [(1, max(1, len(text.splitlines())))]
    return reading.facts


def connections(text: str) -> tuple[object, ...]:
    """Give the connections that are read, without the lines that they name, which are those where they stand."""
    reading = read_connections(capture("connections", text))
    lines = text.splitlines()
    assert not reading.unreadable
    assert [(one.first, one.last) for one in reading.evidence] == [(1, max(1, len(lines)))]
    found = [fact for fact in reading.facts if isinstance(fact, Connection)]
    assert all(one.shown == lines[one.line - 1].strip()[:200] for one in found)
    assert sorted({one.line for one in found}) == [one.line for one in found]
    return tuple(replace(one, line=0, shown="") for one in found)


def refused(source: str, text: str) -> str:
    reading = (read_listeners if source == "listeners" else read_connections)(capture(source, text))
    assert not reading.facts
    assert not reading.evidence
    ((named, why),) = reading.unreadable
    assert named == source
    return why


def test_listeners_of_ss() -> None:
    assert listeners(SS) == LISTENERS
    assert listeners(SS_PROCESSES) == LISTENERS
    assert listeners(SS_ALL) == LISTENERS


def test_listeners_of_old_ss_where_a_star_is_ipv4() -> None:
    assert listeners(SS_OLD) == (
        Listener("udp", "127.0.0.1", 323),
        Listener("udp", ANY, 67),
        Listener("udp", "::1", 323),
        Listener("tcp", ANY, 22),
        Listener("tcp", "::", 22),
        Listener("tcp", "10.1.1.1", 443),
    )
    both = "tcp LISTEN 0 128 *:22 *:*\ntcp LISTEN 0 128 :::22 :::*\n"
    assert listeners(both) == (Listener("tcp", ANY, 22), Listener("tcp", "::", 22))


def test_a_star_that_may_be_either_is_refused() -> None:
    text = "tcp LISTEN 0 1 127.0.0.1:25 *:*\ntcp LISTEN 0 1 [::1]:25 *:*\ntcp LISTEN 0 1 *:22 *:*\n"
    assert "*" in refused("listeners", text)


def test_listeners_of_ss_for_one_protocol() -> None:
    assert listeners("LISTEN 0 128 *:22 *:*\n") == (Listener("tcp", "*", 22),)
    assert listeners("UNCONN 0 0 [::]:53 [::]:*\n") == (Listener("udp", "::", 53),)


def test_the_same_listener_is_given_once() -> None:
    assert listeners("tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:*\n" * 8) == (Listener("tcp", ANY, 80),)


def test_listeners_of_netstat_and_busybox() -> None:
    whole = NETSTAT.replace("udp6       0      0 fe80::1c93:4ff:fec2:546 :::*\n", "")
    assert set(listeners(whole)) == {one for one in ONE_FAMILY if one.address != HOST}
    assert set(listeners(BUSYBOX_NETSTAT)) == ONE_FAMILY
    unix = "Active UNIX domain sockets (only servers)\nProto RefCnt Flags Type State I-Node Path\n"
    assert set(listeners(BUSYBOX_NETSTAT + unix + "unix  2  [ ACC ]  STREAM  LISTENING  15 /run/x\n")) == ONE_FAMILY


def test_an_address_that_netstat_may_have_cut_is_refused() -> None:
    assert "line 12" in refused("listeners", NETSTAT)
    assert "line 9" in refused("connections", NETSTAT_CONNECTED)
    told = NETSTAT.replace("fe80::1c93:4ff:fec2:546", HOST + ":546")
    assert set(listeners(told)) == ONE_FAMILY


def test_the_kernels_tables() -> None:
    assert set(listeners(KERNEL)) == ONE_FAMILY
    assert connections(KERNEL) == CONNECTIONS


def test_the_kernels_tables_without_any_socket() -> None:
    text = "== /proc/net/tcp\n  sl  local_address rem_address   st tx_queue rx_queue\n== /proc/net/tcp6\n"
    assert listeners(text) == ()
    assert connections(text) == ()
    waiting = "   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10449\n"
    assert connections(text.replace("== /proc/net/tcp6\n", waiting)) == ()


def test_connections_of_ss() -> None:
    assert connections(SS_ESTABLISHED) == CONNECTIONS
    assert connections(SS_CONNECTED) == CONNECTIONS
    assert connections(SS_ALL) == CONNECTIONS
    assert connections(SS_INTERNAL) == CONNECTIONS[:2]
    assert connections("tcp 0 0 10.1.1.5:22 10.1.1.9:5000 users:((x))\n") == (
        Connection("10.1.1.5", 22, "10.1.1.9", 5000),
    )


def test_a_connection_names_its_line() -> None:
    reading = read_connections(capture("connections", SS_INTERNAL + "\n0 0 10.1.1.5:1 10.1.1.9:2 " + "x" * 300 + "\n"))
    first, _, last = (fact for fact in reading.facts if isinstance(fact, Connection))
    assert (first.line, last.line) == (2, 7)
    assert first.shown.split()[:4] == ["0", "0", "10.1.1.5:22", "10.1.1.5:52118"]
    assert (len(last.shown), last.shown[-1]) == (200, "x")


def test_connections_that_are_ending_are_none() -> None:
    assert connections("TIME-WAIT 0 0 10.1.1.5:22 10.1.1.9:5000\n") == ()
    assert connections("tcp 0 0 10.1.1.5:22 10.1.1.9:5000 CLOSE_WAIT\n") == ()


def test_connections_of_netstat_and_busybox() -> None:
    whole = "\n".join(line for line in NETSTAT_CONNECTED.splitlines() if "fe80" not in line)
    assert connections(whole) == tuple(one for one in CONNECTIONS if one.local_address != HOST)
    assert connections(BUSYBOX_CONNECTED) == CONNECTIONS


def test_an_empty_answer_is_an_empty_table() -> None:
    assert listeners("") == ()
    assert connections("") == ()
    assert connections(SS_CONNECTED.splitlines()[0]) == ()
    assert listeners("\n".join(NETSTAT.splitlines()[:2])) == ()
    assert read_listeners({}).evidence == read_connections({}).evidence == ()


def test_an_answer_to_another_question_proves_no_absence() -> None:
    assert refused("listeners", SS_CONNECTED) == "of its sockets none listens"
    assert refused("connections", SS) == "all of its sockets listen"


def test_half_of_a_table_is_no_table() -> None:
    assert refused("listeners", SS_NAMES).startswith("line 2 is not a socket in numbers: LISTEN")
    for line in (
        "tcp LISTEN 0 128 *:ssh *:*",
        "tcp LISTEN 0 128 0.0.0.0:65536 0.0.0.0:*",
        "tcp LISTEN 0 128 0.0.0.0:² 0.0.0.0:*",
        "tcp LISTEN 0 128 0.0.0.0:* 0.0.0.0:*",
        "tcp LISTEN 0 128 localhost:22 0.0.0.0:*",
        "tcp LISTEN 0 128 0.0.0.0:22",
        "tcp LISTEN",
        "tcp",
        "tcp WAITING 0 128 0.0.0.0:22 0.0.0.0:*",
        "tcp LISTEN x 128 0.0.0.0:22 0.0.0.0:*",
        "tcp 0 0 0.0.0.0:22 0.0.0.0:* 监听",
        "Cannot open netlink socket: Protocol not supported",
        "bash: ss: command not found",
        "== /proc/net/raw",
        "<script>",
    ):
        assert "line 2 " in refused("listeners", "tcp LISTEN 0 128 0.0.0.0:80 0.0.0.0:*\n" + line)
    for line in ("ESTAB 0 0 10.0.0.1:22 10.0.0.2:*", "ESTAB 0 0 *:22 10.0.0.2:1", "0 0 10.0.0.1:22"):
        assert "line 2 " in refused("connections", "0 0 10.0.0.1:22 10.0.0.9:5000\n" + line)
    for old, new in ((":0019 ", ":19 "), ("0100007F", "0100007"), (" 0A ", " 0G "), ("0: ", "0 "), (":0019", ":00x9")):
        assert "line 3 " in refused("listeners", KERNEL.replace(old, new, 1))
    assert "line 1 " in refused("listeners", "\n".join(KERNEL.splitlines()[2:]))


WORDS = (
    "tcp udp tcp6 LISTEN UNCONN ESTAB ESTABLISHED 0 *:22 *:* [::]:80 0.0.0.0:* 10.0.0.1:22 10.0.0.2:5000 ::1:25 "
    "[fe80::1]%eth0:546 % [ ] : ² 0: 0100007F:0019 0A 01 07"
)
KERNELS = ["== /proc/net/tcp\n", "== /proc/net/udp6\n", "0" * 32 + ":0016"]
PIECES = st.sampled_from([*WORDS.split(), *KERNELS, "\n", "\n\t", "9" * 5000, "\x85"])


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join)))
def test_no_text_raises_and_facts_never_stand_beside_a_refusal(text: str) -> None:
    for read, source in ((read_listeners, "listeners"), (read_connections, "connections")):
        reading = read(capture(source, text))
        assert bool(reading.evidence) != bool(reading.unreadable)
        assert not (reading.facts and reading.unreadable)
