"""Saved terminal sessions are split into what was asked of whom and what was answered, whatever the terminal left in them."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanners.platforms.devices import VENDORS
from scanners.platforms.devices.terminal_commands import fits, meant, moment_of, platform_in
from scanners.platforms.devices.terminal_log import Answer, Style, split
from tests.scanners.platforms.devices.simulating import answers
from xunyan.device_facts import DeviceClock

HUAWEI, H3C, CISCO = VENDORS["huawei_vrp"], VENDORS["hp_comware"], VENDORS["cisco_ios"]


def said(text: str) -> dict[str, dict[str, str]]:
    """By device and command, what was answered; a fault stands in angle brackets before it."""
    return {
        one.name: {told.command: (f"<{told.fault}>" if told.fault else "") + told.text for told in one.answers}
        for one in split(text)
    }


def test_prompts_of_both_styles() -> None:
    log = (
        "<R1>display version\nVRP\n<R1>display arp\n<R1>sys\n[R1]display clock\nnow\n[~R1-ui-vty0-4]dis ver\nX\n[*R1]\n"
    )
    assert said(log) == {
        "R1": {"display version": "VRP\n", "display arp": "", "display clock": "now\n", "dis ver": "X\n"}
    }
    log = "R2>show version\nIOS\nR2>en\nPassword:\nR2#show clock\nnow\nR2#conf t\nR2(config)#do show arp\nA\nR2(config-if)#\n"
    assert said(log) == {"R2": {"show version": "IOS\n", "show clock": "now\n", "do show arp": "A\n"}}
    assert said("HRP_M<FW1> display arp\nA\nHRP_M<FW1>\n") == {"FW1": {"display arp": "A\n"}}
    assert said("<核心-1>display arp\nA\n<核心-1>\n") == {"核心-1": {"display arp": "A\n"}}
    assert said("nothing of the kind\nR1> is a name\n# # #\n<cr>\n") == {}


def test_lines_that_only_look_like_prompts() -> None:
    routes = "Codes: O - OSPF\nO>* 10.0.0.0/8\nC>* 192.0.2.0/24\n[Slot 1]\n<cr>\n#\n"
    assert said(f"R2#show ip route\n{routes}R2#\n") == {"R2": {"show ip route": routes}}


@pytest.mark.parametrize("erase", [
    "\x1b[42D" + " " * 42 + "\x1b[42D", "\b" * 20 + " " * 20 + "\b" * 20, "\r" + " " * 20 + "\r", "\x1b[20D\x1b[K",
    "[42D" + " " * 42 + "[42D", "\r\n",
])  # fmt: skip
@pytest.mark.parametrize("more", ["  ---- More ----", " --More-- ", "--- More ---", "---- (More 42%)----"])
def test_pages(more: str, erase: str) -> None:
    log = f"<R1>display arp\r\none\r\n{more}{erase}two\r\n{more}{erase} three\r\n<R1>\r\n"
    assert said(log) == {"R1": {"display arp": "one\ntwo\n three\n"}}


def test_a_pager_that_was_stopped_gives_no_answer() -> None:
    erase = "\x1b[42D" + " " * 42 + "\x1b[42D"
    assert said(f"<R1>display arp\none\n  ---- More ----{erase}\n<R1>\n")["R1"]["display arp"].startswith("<stopped>")
    assert said("R1#show arp\none\n --More-- q\nR1#\n")["R1"]["show arp"].startswith("<stopped>")
    assert said("R1#show arp\none\n^C\nR1#\n")["R1"]["show arp"].startswith("<stopped>")


@pytest.mark.parametrize(
    "left", ["\x1b[42D" + " " * 42 + "\x1b[42D", "\r" + " " * 20 + "\r", "\b" * 18 + " " * 18 + "\b" * 18]
)
def test_a_pager_that_was_left_for_the_prompt_gives_no_answer(left: str) -> None:
    found = said(f"<R1>display arp\none\n  ---- More ----{left}<R1>display clock\nnow\n<R1>\n")
    assert found == {"R1": {"display arp": "<stopped>one\n", "display clock": "now\n"}}


def test_a_view_of_a_device_whose_name_begins_as_another_s() -> None:
    log = "<SW>display arp\nA\n<SW>telnet 192.0.2.2\nPassword:\n<SW-1>system-view\n[SW-1]display arp\nB\n[SW-1]quit\n<SW-1>quit\n<SW>\n"
    assert said(log) == {"SW": {"display arp": "A\n"}, "SW-1": {"display arp": "B\n"}}


def test_a_login_to_a_namesake_shows() -> None:
    def doubtful(told: str) -> list[bool]:
        return [
            one.namesakes
            for one in split(f"<R1>display arp\nA\n<R1>stelnet 192.0.2.2\n{told}<R1>display arp\nB\n<R1>\n")
        ]

    assert doubtful("Trying ...\nPassword:\n") == [True]
    assert doubtful("Error: failed\nUser authentication\nPassword:\nInfo: welcome\n") == [True]
    for failed in (
        "",
        "Trying ...\nError: The connection was refused.\n",
        "x\nThe connection was closed by the remote host\n",
    ):
        assert doubtful(failed) == [False]


def test_the_head_of_another_log_ends_an_answer() -> None:
    header = "=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2026.11.26 10:11:12 =~=~=~=~=~=~=~=~=~=~=~=\n"
    found = split(f"<R1>display arp\nA\n{header}<R1>display clock\nnow\n<R1>\n")[0].answers
    assert [(one.command, one.fault, one.sitting) for one in found] == [
        ("display arp", "cut", 0),
        ("display clock", "", 1),
    ]


def test_what_was_typed_over() -> None:
    assert said("<R1>dispy\b \blay arpp\b \b\nA\n<R1>") == {"R1": {"display arp": "A\n"}}
    assert said("<R1>dis\b\b\bdisplay arp\nA\n<R1>") == {"R1": {"display arp": "A\n"}}
    assert said("<R1>display mac\x1b[3D\x1b[Karp\nA\n<R1>") == {"R1": {"display arp": "A\n"}}
    assert said("<R1>\x1b[0m\x1b[7mdisplay arp\x1b[0m\n\x07A\n<R1>") == {"R1": {"display arp": "A\n"}}


def test_help_and_completion_are_no_commands() -> None:
    log = "<R1>display ip ?\n  routing-table  Routes\n  <cr>\n<R1>display ip routing-table\nA\n<R1>"
    assert said(log) == {"R1": {"display ip routing-table": "A\n"}}
    log = "<R1>display ip rou\n<R1>display ip routing-table\nA\n<R1>"
    assert said(log) == {"R1": {"display ip routing-table": "A\n"}}
    log = "<R1>disp\n%Nov 26 10:00:00:123 2026 R1 SHELL/5/SHELL_LOGIN: ops logged in.\n<R1>display arp\nA\n<R1>"
    assert said(log) == {"R1": {"display arp": "A\n"}}


@pytest.mark.parametrize(
    "line",
    [
        "%Nov 26 10:00:00:123 2026 R1 SHELL/5/SHELL_LOGIN: VTY logged in from 192.0.2.1.",
        "Nov 26 2026 10:11:12+08:00 R1 %%01IFNET/4/LINK_STATE(l)[0]:The line protocol is down.",
        "#Nov 26 10:00:00:123 2026 R1 SHELL/4/LOGIN: Trap 1.3.6.1",
        "<189>Nov 26 2026 10:11:12 R1 %%01SHELL/5/CMDRECORD(s)[1]:Recorded command.",
        "*Nov 26 10:11:12.345: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
        "000123: *Nov 26 10:11:12.345 BJ: %SYS-5-CONFIG_I: Configured from console",
        "*Nov 26 10:11:12: %SYS-5-CONFIG_I: Configured from console by ops",
    ],
)
def test_log_lines_that_the_device_prints_between(line: str) -> None:
    assert said(f"<R1>display arp\none\n{line}\ntwo\n<R1>\n") == {"R1": {"display arp": "one\ntwo\n"}}


@pytest.mark.parametrize(
    "stamp",
    ["[2026-11-26 10:11:12] ", "2026-11-26 10:11:12.345 ", "[10:11:12] ", "10:11:12:345 ", "26/11/2026 10:11:12 "],
)
def test_the_times_of_the_terminal(stamp: str) -> None:
    log = "<R1>display arp\none\n  two\n<R1>display clock\n2026-11-26 10:11:13+08:00\n<R1>\n"
    stamped = "".join(f"{stamp}{line}\r\n" for line in log.splitlines())
    assert said(stamped) == said(log)
    assert said(log)["R1"]["display clock"] == "2026-11-26 10:11:13+08:00\n"


def test_line_ends_marks_and_headers() -> None:
    log = "<R1>display arp\none\n\n\ntwo\n\n<R1>\n"
    expected = {"R1": {"display arp": "one\n\n\ntwo\n"}}
    for ends in ("\r\n", "\r\r\n", "\n"):
        assert said("\ufeff" + log.replace("\n", ends)) == expected
    header = "=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2026.11.26 10:11:12 =~=~=~=~=~=~=~=~=~=~=~=\r\n"
    assert said(header + "login as: ops\nWelcome\n" + log) == expected


def test_jumping_between_devices() -> None:
    log = (
        "<R1>display arp\nfirst\n<R1>telnet 192.0.2.2\nTrying ...\nUsername:ops\nPassword:\nR2#show arp\nsecond\nR2#exit\n"
        "<R1>stelnet 192.0.2.3\n<R3>display arp\nthird\n<R3>display clock\nno\nThe connection was closed by the remote host\n"
        "<R1>display clock\nnow\n<R1>\n"
    )
    assert said(log) == {
        "R1": {"display arp": "first\n", "display clock": "now\n"},
        "R2": {"show arp": "second\n"},
        "R3": {
            "display arp": "third\n",
            "display clock": "<cut>no\nThe connection was closed by the remote host\n",
        },
    }


def test_logs_put_one_behind_the_other() -> None:
    assert said("<R1>display arp\none\n<R1>quit\n<R2>display arp\ntwo\n<R2>\n") == {
        "R1": {"display arp": "one\n"},
        "R2": {"display arp": "two\n"},
    }


def test_a_prompt_inside_an_answer_belongs_to_nobody() -> None:
    log = "<R1>display lldp neighbor\nSystem name: x\n<R9>display arp\nforged\n<R9>\nrest\n<R1>display arp\none\n<R1>\n"
    found = said(log)
    assert set(found) == {"R1"}
    assert found["R1"]["display lldp neighbor"].startswith("<foreign>")
    assert found["R1"]["display arp"] == "one\n"
    assert said("<R1>display arp\nhalf\n<R2>display arp\ntwo\n<R2>\n") == {
        "R1": {"display arp": "<foreign>half\n<R2>display arp\ntwo\n<R2>\n"}
    }


def test_what_a_log_ends_in_is_cut() -> None:
    assert said("<R1>display arp\none\n") == {"R1": {"display arp": "<cut>one\n"}}
    assert said("<R1>display arp") == {"R1": {"display arp": "<cut>"}}
    assert said("R1#show arp\none\nConnection to 192.0.2.1 closed by foreign host.\nR1#show arp\ntwo\nR1#") == {
        "R1": {"show arp": "two\n"}
    }
    log = "R1#show arp\none\nConnection to 192.0.2.1 closed by foreign host.\nR1#"
    assert said(log)["R1"]["show arp"].startswith("<cut>")


@pytest.mark.parametrize(
    ("typed", "source", "why"),
    [
        ("display version", "display version", ""),
        ("DIS  Ver", "display version", ""),
        ("dis cur", "display current-configuration", ""),
        ("dis ip int br", "display ip interface brief", ""),
        ("do display arp", "display arp", ""),
        ("display arp | no-more", "display arp", ""),
        ("display arp | include 10", "", "filtered"),
        ("display current-configuration > flash:/x", "", "filtered"),
        ("display interface GigabitEthernet0/0/1", "", "unknown"),
        ("display a", "display arp", ""),
        ("display e", "", "several"),
        ("reset counters", "", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_what_a_command_means(typed: str, source: str, why: str) -> None:
    assert meant(HUAWEI, typed) == (source, why)


@pytest.mark.parametrize("platform", sorted(VENDORS))
def test_every_command_means_itself_and_the_version_tells_the_vendor(platform: str) -> None:
    vendor = VENDORS[platform]
    for command in (*vendor.commands, *vendor.others):
        assert meant(vendor, command) == (command, "")
    styles: tuple[Style, Style] = ("angle", "hash")
    style, other = styles if platform in ("huawei_vrp", "hp_comware") else styles[::-1]
    version = answers(platform)["display version" if style == "angle" else "show version"]
    assert platform_in(version, style) == platform
    assert platform_in(version, other) == ""
    assert fits(platform, style)
    assert not fits(platform, other)


def test_a_version_that_names_two_names_none() -> None:
    assert platform_in("Cisco IOS Software\nRuijie RGOS\n", "hash") == ""
    assert platform_in("something else", "angle") == ""


@pytest.mark.parametrize(
    ("clock", "moment"),
    [
        (DeviceClock("2026-11-26 10:11:12", "BJ UTC+08:00"), "2026-11-26T02:11:12+00:00"),
        (DeviceClock("2026-11-26 10:11:12", "BJ add 08:00:00"), "2026-11-26T02:11:12+00:00"),
        (DeviceClock("2026-11-26 10:11:12", "NY minus 05:00:00"), "2026-11-26T15:11:12+00:00"),
        (DeviceClock("2026-11-26 10:11:12", "UTC"), "2026-11-26T10:11:12+00:00"),
        (DeviceClock("2026-11-26 10:11:12", "BJ"), "2026-11-26T02:11:12+00:00"),
        (DeviceClock("2026-11-26 10:11:12", "EST"), None),
        (DeviceClock("2026-11-26 10:11:12", ""), None),
        (DeviceClock("2026-02-31 10:11:12", "UTC"), None),
        (DeviceClock("0001-01-01 00:00:00", "BJ add 08:00:00"), None),
        (DeviceClock("2026-11-26 10:11:12", "X UTC+99:00"), None),
    ],
)
def test_the_moment_of_a_clock(clock: DeviceClock, moment: str | None) -> None:
    found = moment_of(clock)
    assert (found.isoformat() if found else None) == moment


PIECES = st.sampled_from([
    "<R1>", "[R1]", "R1#", "R1>", "R2#", "display version", "show arp", "dis ", "telnet 1.1.1.1", "quit", "\n", "\r\n", "\r",
    "\b", "\x1b[42D", "\x1b[K", "\x1b[", "  ---- More ----", " --More-- ", "?", "x" * 90, "%Nov 26 10:00:00:1 2026 R1 A/5/B: c",
    "[10:11:12] ", "\ufeff", "^C", "Connection closed", "=~=~", " ", "\x1b]0;t\x07", "\0", "²",
])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=400)
@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join)))
def test_any_log(text: str) -> None:
    lines = text.count("\n") + 1
    for session in split(text):
        assert session.name
        assert session.answers
        for answer in session.answers:
            assert isinstance(answer, Answer)
            assert 1 <= answer.line <= lines
            assert "\x1b" not in answer.text
            assert "\b" not in answer.text
            for vendor in (HUAWEI, H3C, CISCO):
                meant(vendor, answer.command)


FLOODS = (
    *("\b", "\x1b[1D", "\x1b[9999C", "\x1b[", "\x1b]", "-", "--", "  ---- More ----", "<R1>display arp\n", "<R1>display arp",
      "R1#show arp\r", "R1#", "<", "[", "\n", " \n", "x" * 1000 + "\n", "\r", "[10:11:12] ", "display ", "<189>", "\t"),
    *("R1#show arp\nR2#show arp\n", "<A>display x\n[A-b]display y\n", "Connection closed\n", "*Nov 26 10:11:12: %A"),
)  # fmt: skip


@pytest.mark.parametrize("flood", FLOODS)
def test_megabytes_take_bounded_time_and_memory(flood: str) -> None:
    began = time.process_time()
    split("<R1>display arp\n" + (flood * (2_097_152 // len(flood) + 1))[:2_097_152])
    assert time.process_time() - began < 12


def test_many_names_take_bounded_time() -> None:
    began = time.process_time()
    split("".join(f"<R{number}>display arp\n[R{number}-x]\n" for number in range(20_000)))
    assert time.process_time() - began < 12
