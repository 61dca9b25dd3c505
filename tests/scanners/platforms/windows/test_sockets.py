"""Sockets as netstat shows them on Windows, in its documented shape (see `answering`)."""

# ruff: noqa: S104  # addresses that hosts show, not to bind to

import pytest

from scanners.platforms.windows.sockets import read_connections, read_listeners
from tests.scanners.platforms.windows.answering import NETSTAT, capture, captures
from xunyan.facts import Connection, Listener


def test_listeners() -> None:
    assert read_listeners(captures(listeners=NETSTAT)).facts == (
        Listener("tcp", "0.0.0.0", 135),
        Listener("tcp", "192.168.1.10", 139),
        Listener("tcp", "::", 135),
        Listener("udp", "0.0.0.0", 123),
        Listener("udp", "fe80::1c2d:3e4f:5a6b:7c8d", 1900),
    )


def test_connections() -> None:
    reading = read_connections(captures(connections=NETSTAT))
    lines = NETSTAT.splitlines()
    first, second = (number for number, line in enumerate(lines, 1) if "ESTABLISHED" in line)
    assert reading.facts == (
        Connection("192.168.1.10", 50122, "10.1.2.3", 443, first, lines[first - 1].strip()),
        Connection("240e:1:2::10", 50200, "240e:9::9", 443, second, lines[second - 1].strip()),
    )
    assert reading.evidence[0].last == 8
    quiet = "\n".join(line for line in NETSTAT.splitlines() if "ESTABLISHED" not in line)
    reading = read_connections(captures(connections=quiet))
    assert reading.facts == ()
    assert reading.evidence


def test_headings_in_any_language_and_code_page() -> None:
    headed = "\r\n活动连接\r\n\r\n  协议  本地地址          外部地址        状态           PID\r\n" + NETSTAT
    for body in (headed.encode(), headed.encode("gb18030"), headed.encode("ascii", "replace")):
        assert len(read_listeners({"listeners": capture("listeners", body)}).facts) == 5


@pytest.mark.parametrize(
    "text",
    ["", "活动连接", "  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN       912",
     NETSTAT + "拒绝访问。", "  TCP    pc:135   0.0.0.0:0   LISTENING   912", "  TCP    0.0.0.0:70000   0.0.0.0:0  LISTENING  9",
     "  TCP    0.0.0.0:0   0.0.0.0:0  LISTENING  9", "  UDP    0.0.0.0:123   *:*", "  TCP   1.1.1.1:1  1.1.1.1:0  ESTABLISHED  4"],
)  # fmt: skip
def test_anything_else_is_unreadable(text: str) -> None:
    for name, read in (("listeners", read_listeners), ("connections", read_connections)):
        reading = read(captures(**{name: text}))
        assert (reading.facts, reading.evidence) == ((), ())
        assert [source for source, _ in reading.unreadable] == [name]


def test_connections_alone_are_no_answer_about_listeners() -> None:
    established = "  TCP    192.168.1.10:50122     10.1.2.3:443           ESTABLISHED     5120"
    assert read_listeners(captures(listeners=established)).unreadable == (("listeners", "of its sockets none listens"),)
