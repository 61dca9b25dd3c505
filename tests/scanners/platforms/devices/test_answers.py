"""What stands around an answer: pagers, prompts, echoes, escape codes, refusals, silence, cut ends."""

import pytest

from lab.devices.vendors import VENDORS as SIMULATED
from scanners.platforms.devices import PLATFORMS, VENDORS
from scanners.platforms.devices.answers import refusal
from scanners.platforms.reading import observe
from tests.scanners.platforms.devices.answering import capture, cited, everything, facts, unread
from tests.scanners.platforms.devices.simulating import LAB_NAMES, answers, device
from xunyan.device_facts import DeviceRoute, InterfaceAddress, NatRule
from xunyan.model import GapReason

PLATFORMS_IN_ORDER = sorted(VENDORS)


@pytest.mark.parametrize("platform", PLATFORMS_IN_ORDER)
def test_pages_leave_nothing_behind(platform: str) -> None:
    vendor = SIMULATED[LAB_NAMES[platform]]
    for source, text in answers(platform).items():
        if source not in VENDORS[platform].commands or not text:
            continue
        lines = text.splitlines()
        paged = "".join(
            f"{vendor.more}{vendor.erase}{line}\r\n" if number % 7 == 6 else f"{line}\r\n"
            for number, line in enumerate(lines)
        )
        assert facts(platform, source, paged) == facts(platform, source, text), source


@pytest.mark.parametrize("platform", PLATFORMS_IN_ORDER)
def test_echo_and_prompt_are_no_part_of_the_answer(platform: str) -> None:
    for source, text in answers(platform).items():
        if source not in VENDORS[platform].commands or not text:
            continue
        prompt = "<R-EDGE-01>" if source.startswith("display") else "R-EDGE-01#"
        assert facts(platform, source, f"{prompt}{source}\n{text}{prompt}") == facts(platform, source, text), source
        assert facts(platform, source, f"{source}\n{text}\n{prompt}") == facts(platform, source, text), source


def test_escape_codes_and_backspaces() -> None:
    told = "Clock is synchronized, stratum 3, reference is 192.0.2.1"
    plain = facts("cisco_ios", "show ntp status", told)
    assert facts("cisco_ios", "show ntp status", "\x1b[2J\x1b[1;32m" + told + "\x1b[0m") == plain
    assert (
        facts("cisco_ios", "show ntp status", " --More-- \b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b" + told)
        == plain
    )
    assert facts("cisco_ios", "show ntp status", "Cloxx\b\bck" + told[5:]) == plain


@pytest.mark.parametrize("platform", PLATFORMS_IN_ORDER)
def test_a_refused_command_is_no_answer(platform: str) -> None:
    vendor = SIMULATED[LAB_NAMES[platform]]
    source = next(iter(VENDORS[platform].commands))
    for form in (vendor.unknown, vendor.ambiguous, vendor.incomplete, vendor.denied):
        said = form.format(caret="          ^", line=source)
        assert refusal(said)
        assert refusal(f"{source}\r\n{said}\r\n<R1>")
        for command in VENDORS[platform].commands:
            assert unread(platform, command, said).startswith("the device refuses the command: ")
        _, blind = observe(PLATFORMS[platform].readers, {source: capture(platform, source, said, 1)})
        assert [one.reason for one in blind] == [GapReason.UNSUPPORTED]


@pytest.mark.parametrize("platform", PLATFORMS_IN_ORDER)
def test_no_real_answer_is_taken_for_a_refusal(platform: str) -> None:
    for source, text in answers(platform).items():
        assert not refusal(text), source


def test_a_description_may_speak_of_errors() -> None:
    told = "Interface              IP-Address      OK? Method Status                Protocol\n" + "".join(
        f"GigabitEthernet0/{n}     unassigned      YES unset  up                    up\n" for n in range(8)
    )
    assert not refusal(told + "% Invalid input detected")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "\r\n",
        "% BGP not active",
        "Info: The BGP process has not been enabled.",
        "Error: The BGP process does not exist.",
    ],
)
def test_silence_where_there_is_nothing_to_show(said: str) -> None:
    observations, blind = everything("cisco_ios", {"show ip bgp summary": said})
    assert not blind
    assert observations["routing-peers"].facts == ()
    assert observations["routing-peers"].evidence


@pytest.mark.parametrize(
    ("platform", "source"),
    [("huawei_vrp", "display interface"), ("huawei_vrp", "display current-configuration"), ("cisco_ios", "show ip route"),
     ("hp_comware", "display version"), ("ruijie_os", "show interfaces"), ("zte_zxros", "show clock")],
)  # fmt: skip
def test_silence_where_there_must_be_something(platform: str, source: str) -> None:
    assert unread(platform, source, "\r\n") == "the answer is empty"


@pytest.mark.parametrize("platform", PLATFORMS_IN_ORDER)
def test_what_is_not_an_answer_is_unreadable(platform: str) -> None:
    for source in {**VENDORS[platform].commands, **VENDORS[platform].others}:
        why = unread(platform, source, "Welcome to the house of Atreus.\nPlease mind the step.\nNo photographs.\n")
        assert why.startswith("line "), source


@pytest.mark.parametrize("platform", PLATFORMS_IN_ORDER)
def test_a_row_that_is_cut_off_is_not_left_out(platform: str) -> None:
    """An answer cut in the middle of its last row is unreadable, or what it says is what the whole one says too."""
    for source, text in answers(platform).items():
        known = {**VENDORS[platform].commands, **VENDORS[platform].others}
        if source not in known or len(text.splitlines()) < 3:
            continue
        whole = facts(platform, source, text)
        cut = text.rstrip("\n")
        for end in range(len(cut) - 1, max(0, len(cut) - 12), -1):
            found = VENDORS[platform].read(capture(platform, source, cut[:end]))
            assert isinstance(found, str) or len(found) <= len(whole), source


def test_a_cut_configuration_is_unreadable() -> None:
    for platform in PLATFORMS_IN_ORDER:
        source, text = next(
            (one, text) for one, text in answers(platform).items() if "running-config" in one or "current-conf" in one
        )
        lines = text.rstrip("\n").splitlines()
        for kept in (len(lines) - 1, len(lines) // 2 + 1, 5):
            assert unread(platform, source, "\n".join(lines[:kept]))


def test_totals_must_come_out() -> None:
    text = answers("huawei_vrp")["display arp all"]
    assert "total" in unread("huawei_vrp", "display arp all", text.replace("Total:", "Total:1"))
    text = answers("huawei_vrp")["display lldp neighbor"]
    assert unread("huawei_vrp", "display lldp neighbor", text.replace("1 neighbor(s)", "2 neighbor(s)", 1))
    text = answers("huawei_vrp")["display acl all"]
    assert unread("huawei_vrp", "display acl all", text.replace("2 rules", "3 rules"))


def test_what_is_unreadable_leaves_the_rest() -> None:
    told = answers("huawei_vrp")
    observations, blind = everything("huawei_vrp", {**told, "display ip routing-table": "Destination/Mask what\n1 2 3"})
    assert [one.source for one in blind] == ["display ip routing-table"]
    assert blind[0].reason is GapReason.UNPARSABLE
    routes = [fact for fact in observations["device-routes"].facts if isinstance(fact, DeviceRoute)]
    assert {fact.family for fact in routes if not fact.configured and not fact.vrf} == {6}


def test_evidence_is_the_lines_that_say_it() -> None:
    told = answers("huawei_vrp")
    observations, _ = everything("huawei_vrp", told)
    text = told["display current-configuration"]
    pieces = [one for one in observations["nat"].evidence if one.source == "display current-configuration"]
    assert [cited(one, text) for one in pieces] == [[" nat outbound 2000"]]
    rule = next(fact for fact in observations["nat"].facts if isinstance(fact, NatRule))
    assert (rule.source, cited(observations["nat"].evidence[0], told[rule.source])[0].split()[0]) == (
        "display nat outbound", rule.interface,
    )  # fmt: skip
    addresses = [fact for fact in observations["interface-addresses"].facts if isinstance(fact, InterfaceAddress)]
    assert all(told[fact.source].splitlines()[fact.line - 1].strip() for fact in addresses)


def test_one_device_twice_gives_the_same_rows() -> None:
    other = device("huawei_vrp", serial="SN0000002")
    assert answers("huawei_vrp") != answers("huawei_vrp", other)
    first = everything("huawei_vrp", answers("huawei_vrp", other))
    assert everything("huawei_vrp", answers("huawei_vrp", other)) == first


def test_an_answer_without_an_end_is_not_read() -> None:
    assert "300000 lines" in unread("huawei_vrp", "display arp all", "x\n" * 300_001)
