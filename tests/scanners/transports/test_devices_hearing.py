"""What a terminal's end means, and what of it is the answer: pagers, questions, prompts, echoes, and lies in between."""

import time

import pytest

from scanners.transports.devices_hearing import (
    asks_password,
    between,
    echo_end,
    is_pager,
    is_question,
    last_line,
    wants_change,
)
from scanners.transports.devices_manners import MANNERS


@pytest.mark.parametrize(
    ("heard", "line"),
    [
        (b"", b""), (b"a\n", b""), (b"a\r\n<R1>", b"<R1>"), (b"R1# ", b"R1#"), (b"\x1b[42D     \x1b[42DR1#", b"     R1#"),
        (b" --More--\r         \rR1#", b"R1#"), (b"x\n--More--" + b"\x08" * 8 + b" " * 8 + b"\x08" * 8, b""),
        (b"x\n" + b"a" * 500, b""), (b"a" * 5000, b""), (b"\x1b]0;title\x07R1>", b"R1>"), (b"x\n\x1b[0mR1#\x1b[K", b"R1#"),
    ],
)  # fmt: skip
def test_the_line_that_stands_last(heard: bytes, line: bytes) -> None:
    assert last_line(heard) == line or (heard.count(b"\x08") and last_line(heard).strip() == b"")


@pytest.mark.parametrize(
    ("line", "pager"),
    [
        (b"  ---- More ----", True), (b" --More--", True), (b"--More--", True), (b"<--- More --->", True), (b"---- More (12%) ----", True),
        (b" --More-- (q to quit)", True), (b"more", False), (b"no more routes", False), (b"description --More--", False),
        (b"<More>", False), (b"-- 1 more --", False),
    ],
)  # fmt: skip
def test_pagers(line: bytes, pager: bool) -> None:
    assert is_pager(line) is pager


@pytest.mark.parametrize(
    ("line", "question", "password"),
    [
        (b"Password:", True, True), ("密码：".encode(), True, True), ("口令:".encode("gb18030"), True, True), (b"Enter new password:", True, True),
        (b"Change now? [Y/N]:", True, False), (b"Are you sure? (yes/no)", True, False), (b"Username:", True, False),
        (b"Press Y or ENTER to continue, N to exit.", True, False), (b"R1#", False, False), (b"interface Vlan10", False, False),
    ],
)  # fmt: skip
def test_questions(line: bytes, question: bool, password: bool) -> None:
    assert (is_question(line), asks_password(line)) == (question, password)


@pytest.mark.parametrize(
    "said",
    [
        b"Warning: The initial password poses security risks.\r\nThe password needs to be changed. Change now? [Y/N]:",
        b"First login or password reset. For security reason, you need to change your password.\r\nold password:",
        b"Your password has expired.\r\nEnter new password:", "首次登录，请修改密码：".encode(), "请修改初始口令:".encode("gb18030"),
        b"The password must be changed before continuing.\r\n",
    ],
)  # fmt: skip
def test_devices_that_want_their_password_changed(said: bytes) -> None:
    assert wants_change(said)
    assert not wants_change(b"Info: The max number of VTY users is 5.\r\n<R1>")


def test_an_echo_may_be_broken_over_two_lines_and_come_late() -> None:
    command = b"show bgp ipv6 unicast summary"
    assert echo_end(b"show bgp ipv6 unic", command) is None
    assert echo_end(command, command) is None
    assert echo_end(command + b"\r\nx", command) == (0, len(command) + 2)
    wrapped = b"show bgp ipv6 unicast\r\n summary\r\nx"
    assert echo_end(wrapped, command) == (0, len(wrapped) - 1)
    late = b"\r\n%Oct 1 log line\r\nR1#" + command + b"\r\nx"
    begin, end = echo_end(late, command) or (0, 0)
    assert late[:begin].strip() == b"%Oct 1 log line\r\nR1#"
    assert late[end:] == b"x"


def test_the_answer_is_what_stands_between_echo_and_prompt_without_the_pager() -> None:
    heard = b"show x\r\n one\r\n\x1b[42D" + b" " * 42 + b"\x1b[42D  two\r\n\r\r\n<R1>"
    cut = heard.index(b"\x1b")
    assert between(heard, 8, [cut]) == b" one\n  two\n"
    backspaces = b"show x\r\n one\r\n" + b"\x08" * 9 + b" " * 9 + b"\x08" * 9 + b"   two\r\nR1#"
    assert between(backspaces, 8, [backspaces.index(b"\x08")]) == b" one\n   two\n"
    assert between(b"show x\r\n\r\nR1#", 8, []) == b""
    assert between(b"show x\r\nR1#", 8, []) == b""
    assert between("show x\r\n接口\r\nR1#".encode("gb18030"), 8, []) == "接口\n".encode("gb18030")


@pytest.mark.parametrize("platform", sorted(MANNERS))
def test_prompts_are_known_by_their_shape(platform: str) -> None:
    prompt = MANNERS[platform].prompt
    angled = platform in ("huawei_vrp", "hp_comware")
    for line, yes in ((b"<R1>", angled), (b"HRP_M<FW-1>", angled), ("<核心-1>".encode(), angled), (b"R1#", not angled), (b"R1>", not angled),
                      (b"R1(config)#", not angled), (b"[R1]", False), (b"a b#", False), (b"<R1", False), (b"", False)):  # fmt: skip
        assert bool(prompt.fullmatch(line)) is yes, line


def test_nothing_that_is_heard_takes_long() -> None:
    lines = [
        b"a" * 400,
        b"-" * 400,
        b"password" * 50,
        b" " * 400,
        b"\x08" * 400,
        b"\x1b[" * 200,
        b"change now " * 36,
        b"(yes/no" * 57,
    ]
    begun = time.perf_counter()
    for line in lines * 20:
        for look in (last_line, is_pager, is_question, asks_password, wants_change):
            look(line)
        echo_end(line, b"show version")
        between(line * 10 + b"\n", 0, [3])
    assert time.perf_counter() - begun < 2
