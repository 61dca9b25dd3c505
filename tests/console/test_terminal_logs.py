"""A session that somebody saved gives what reading the device directly gives: recorded from simulated devices, then taken in."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from lab.devices.secret import secrets_of
from lab.scenario.model import Device
from scanners.platforms.devices import PLATFORMS, VENDORS
from tests.console.refusing import refused
from tests.lab.test_devices import ERASE, MORE, Rack, Terminal
from tests.lab.test_devices_tables import USERS
from tests.making import JUDGED_AT, call, kept, records, xunyan
from tests.scanners.platforms.devices.answering import everything
from tests.scanners.platforms.devices.simulating import DISPLAYING, LAB_NAMES, device

EVERY = sorted(VENDORS)
AT = "2026-11-20T09:00:00+08:00"


def named(platform: str) -> str:
    return f"R-{LAB_NAMES[platform].upper()}"


def own(platform: str) -> Device:
    return replace(device(platform), name=named(platform))


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rack]:
    devices = [replace(own(platform), users=dict(USERS), page=20) for platform in EVERY]
    raised = Rack(tmp_path_factory.mktemp("recorded"), devices, 9)
    yield raised
    raised.child.stop()
    assert raised.errors() == ""


def recorded(rack: Rack, platform: str) -> bytes:
    """Type every command as people do, page through the answers, and give all that the terminal showed."""
    name, vendor = named(platform), LAB_NAMES[platform]
    prompt = f"<{name}>" if platform in DISPLAYING else f"{name}#"
    said = b""
    with Terminal(rack, name, height=20) as terminal:
        said += terminal.until(prompt).encode()
        for number, command in enumerate(VENDORS[platform].commands):
            typed = command
            if number % 3 == 1:
                typed = f"{command[:4]}xy\x7f\x7f{command[4:]}"
            elif number % 3 == 2:
                typed = command.replace("display", "dis", 1).replace("show", "sh", 1)
            if command.endswith("current-configuration"):
                said += terminal.ask("display saved-configuration | include nothing", prompt).encode()
            text = terminal.ask(typed, prompt, MORE[vendor])
            said += text.encode()
            while not text.endswith(prompt):
                terminal.channel.send(b" ")
                text = terminal.until(prompt, MORE[vendor])
                said += text.encode()
    assert ERASE[vendor].encode() in said
    return said


def as_captures(rack: Rack, platform: str) -> dict[str, str]:
    """Ask every command directly, one by one, with no pager between."""
    return {command: rack.run(named(platform), command) for command in VENDORS[platform].commands}


@pytest.mark.parametrize("platform", EVERY)
def test_a_recorded_session_says_what_the_device_says(rack: Rack, platform: str, tmp_path: Path) -> None:
    log = tmp_path / "device.log"
    log.write_bytes(recorded(rack, platform))
    xunyan("init", tmp_path / "w")
    done = xunyan("-C", tmp_path / "w", "ingest", log, "--no-judge", "--unit", "教育局")
    assert ("过滤" in done.stderr) == (platform in DISPLAYING)
    lines = [json.loads(line) for line in _stored(tmp_path / "w")]
    assert {one["asset"] for one in lines} == {f"device:{named(platform)}"}
    assert {(one["kind"], one["platform"], one["unit"]) for one in lines} == {("device", platform, "教育局")}
    assert all(one["request"] == one["source"] for one in lines)
    told = {one["source"]: one["output"] for one in lines if one["exit"] == 0}
    direct = as_captures(rack, platform)
    refused_there = {one["source"] for one in lines if one["exit"]}
    assert set(told) | refused_there == set(VENDORS[platform].commands)
    before, _ = everything(platform, {source: direct[source] for source in told})
    after, blind = everything(platform, told)
    assert not blind
    for name in before:
        if name != "device-clock":
            assert after[name].facts == before[name].facts, name
    assert set(after) == set(before)
    assert not [one for one in secrets_of(own(platform)) if one in "".join(told.values())]


def _stored(workspace: Path) -> list[str]:
    return [
        line
        for path in sorted((workspace / "captures").rglob("*"))
        if path.is_file()
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


LOG = """\
<R1>display version
Huawei Versatile Routing Platform Software
VRP (R) software, Version 5.170 (S5735 V200R019C10SPC500)
HUAWEI S5735 Routing Switch uptime is 1 week
<R1>display clock
2026-11-19 10:00:00+08:00
Thursday
Time Zone(BJ) : UTC+08:00
<R1>display ospf peer brief
                       ^
Error: Unrecognized command found at '^' position.
<R1>display ospfv3 peer
<R1>display interface Vlanif1
Vlanif1 current state : UP
<R1>display snmp-agent community read
   Community name: public
   Storage type: nonVolatile
<R1>display arp | include 10
<R1>display mac-address
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    xunyan("init", tmp_path / "w")
    return tmp_path / "w"


def ingested(workspace: Path, log: str | bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
    file = workspace.parent / "device.log"
    file.write_bytes(log if isinstance(log, bytes) else log.encode())
    return call("-C", workspace, "ingest", file, "--at", JUDGED_AT, *arguments)


def by_source(workspace: Path) -> dict[str, dict[str, object]]:
    return {one["source"]: one for one in map(json.loads, _stored(workspace))}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_what_is_taken_and_what_is_left_out(workspace: Path, encoding: str) -> None:
    done = ingested(workspace, LOG.replace("<R1>", "<核心R1>").encode(encoding))
    assert done.returncode == 0, done.stderr
    found = by_source(workspace)
    assert set(found) == {
        "display version", "display clock", "display ospf peer brief", "display ospfv3 peer",
        "display snmp-agent community read",
    }  # fmt: skip
    assert {one["asset"] for one in found.values()} == {"device:核心R1"}
    assert {one["taken_at"] for one in found.values()} == {"2026-11-19T02:00:00.000000Z"}
    assert (found["display ospfv3 peer"]["exit"], found["display ospfv3 peer"]["output"]) == (0, "")
    assert found["display ospf peer brief"]["exit"] == 1
    assert "public" not in str(found["display snmp-agent community read"]["output"])
    assert found["display snmp-agent community read"]["redactions"] == ["label"]
    assert "3 条命令" in done.stderr
    for command, why in (
        ("display interface Vlanif1", "不是要读的命令"), ("display arp | include 10", "过滤"), ("display mac-address", "没有答完"),
    ):  # fmt: skip
        assert any(command in line and why in line for line in done.stderr.splitlines()), done.stderr
    facts = records("-C", workspace, "observations", "--format", "jsonl")
    assert any("S5735" in json.dumps(one) for one in facts)
    again = ingested(workspace, LOG.replace("<R1>", "<核心R1>").encode(encoding))
    assert "已有 5 条" in again.stdout


REFUSED = {
    "no prompt": ("just some text\nof a letter\n", (), "提示符"),
    "no version": (LOG[LOG.index("<R1>display clock") :], (), "--platform"),
    "no clock": (LOG.replace("display clock", "display users"), (), "--taken-at"),
    "a clock without a zone": (LOG.replace("+08:00", "").replace("Time Zone(BJ) : UTC", ""), (), "--taken-at"),
    "a clock of the future": (LOG.replace("2026-11-19", "2999-11-19"), (), "--taken-at"),
    "prompts of another vendor": (LOG.replace("<R1>", "R1#").replace("Huawei", "").replace("VRP", ""),
                                  ("--platform", "huawei_vrp", "--taken-at", AT), "提示符"),
    "an unknown platform": (LOG, ("--platform", "nokia"), "huawei_vrp"),
    "a platform that is no device": (LOG[LOG.index("<R1>display clock") :], ("--platform", "linux"), "--platform"),
    "nothing whole": ("<R1>display version\nHuawei", ("--platform", "huawei_vrp", "--taken-at", AT), "没有一条"),
    "a name for two": (LOG + "<R1>quit\n" + LOG.replace("R1", "R2"), ("--asset", "x"), "--asset"),
    "a login to a namesake": (
        LOG + "<R1>telnet 192.0.2.2\nTrying ...\nPassword:\n<R1>display arp\nother\n<R1>quit\n", (), "按设备分开"),
    "two serial numbers": (
        LOG + "<R1>display esn\nESN of slot 0: AAAA1111\n<R1>display esn\nESN of slot 0: BBBB2222\n<R1>", (), "按设备分开"),
    "two makers": (LOG + LOG.replace("Huawei Versatile Routing Platform", "H3C Comware").replace("VRP (R)", ""), (), "按设备分开"),
    "a clock that was never set": (LOG.replace("2026-11-19", "2000-01-01"), (), "--taken-at"),
    "a factory name": (LOG.replace("<R1>", "<HUAWEI>"), (), "--asset"),
    "a name too long": (LOG, ("--asset", "x" * 300), "太长"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_not_taken(workspace: Path, name: str) -> None:
    log, arguments, told = REFUSED[name]
    before = kept(workspace)
    refused(ingested(workspace, log, *arguments), told)
    assert kept(workspace) == before


def test_a_log_that_is_too_large_is_refused(workspace: Path) -> None:
    refused(ingested(workspace, LOG + "x\n" * (5 * 1024 * 1024)), "8 MiB")


def test_a_log_of_several_devices_and_one_that_is_named(workspace: Path) -> None:
    cisco = "R2#show version\nCisco IOS Software, X Software (Y), Version 15.2(7)E4\nR2#show clock\n10:00:00.0 UTC Thu Nov 19 2026\nR2#exit\n"
    done = ingested(
        workspace, LOG[: LOG.index("<R1>display ospf ")] + "<R1>telnet 192.0.2.2\nUsername:\n" + cisco + "<R1>quit\n"
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in _stored(workspace)]
    assert {(one["asset"], one["platform"], one["source"]) for one in found} == {
        ("device:R1", "huawei_vrp", "display version"), ("device:R1", "huawei_vrp", "display clock"),
        ("device:R2", "cisco_ios", "show version"), ("device:R2", "cisco_ios", "show clock"),
    }  # fmt: skip
    done = ingested(workspace, LOG, "--asset", "device:core", "--taken-at", AT)
    assert done.returncode == 0, done.stderr
    named_so = [one for one in map(json.loads, _stored(workspace)) if one["asset"] == "device:core"]
    assert {one["taken_at"] for one in named_so} == {"2026-11-20T01:00:00.000000Z"}


def test_devices_of_several_encodings_and_bytes_of_none(workspace: Path) -> None:
    first = LOG.replace("<R1>", "<核心R1>").encode("gb18030") + "<核心R1>quit\n".encode("gb18030")
    done = ingested(workspace, b"\xff\xfb\x01\n" + first + LOG.replace("<R1>", "<汇聚R2>").encode())
    assert done.returncode == 0, done.stderr
    assert {json.loads(line)["asset"] for line in _stored(workspace)} == {"device:核心R1", "device:汇聚R2"}


def test_a_factory_name_is_a_device_s_where_somebody_says_which(workspace: Path) -> None:
    assert ingested(workspace, LOG.replace("<R1>", "<HUAWEI>"), "--asset", "core-2").returncode == 0
    assert {json.loads(line)["asset"] for line in _stored(workspace)} == {"device:core-2"}


def test_a_login_that_failed_leads_to_nobody(workspace: Path) -> None:
    failed = "<R1>telnet 192.0.2.2\nTrying 192.0.2.2 ...\nError: Can't connect to the remote host\n<R1>\n"
    assert ingested(workspace, LOG + failed).returncode == 0


def test_a_device_cannot_call_itself_something_else(workspace: Path) -> None:
    assert ingested(workspace, LOG.replace("<R1>", "<host:web01>")).returncode == 0
    assert {json.loads(line)["asset"] for line in _stored(workspace)} == {"device:host:web01"}


def test_the_last_whole_answer_counts(workspace: Path) -> None:
    log = (
        LOG
        + "<R1>display esn\nESN of slot 0: AAAA1111\n<R1>display esn\nESN of slot 0: AAAA1111\nESN of slot 1: BBBB2222\n"
        + "<R1>display esn\nESN of"
    )
    assert ingested(workspace, log).returncode == 0
    assert by_source(workspace)["display esn"]["output"] == "ESN of slot 0: AAAA1111\nESN of slot 1: BBBB2222\n"


PUTTY = "=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2026.11.19 10:00:00 =~=~=~=~=~=~=~=~=~=~=~=\n"


def test_each_answer_has_the_time_of_its_own_sitting(workspace: Path) -> None:
    early = (
        LOG.replace("2026-11-19", "2026-01-01") + "<R1>display telnet server status\nTelnet server is enabled.\n<R1>\n"
    )
    undated = "<R1>display http server\n HTTP server status : Enabled\n<R1>\n"
    done = ingested(workspace, undated + PUTTY + early + PUTTY + LOG + "<R1>\n")
    assert done.returncode == 0, done.stderr
    found = {source: str(one["taken_at"])[:10] for source, one in by_source(workspace).items()}
    assert found["display telnet server status"] == "2026-01-01"
    assert found["display ospfv3 peer"] == "2026-11-19"
    assert "display http server" not in found
    assert any("display http server" in line and "前一段" in line for line in done.stderr.splitlines()), done.stderr


def test_the_times_of_files_prove_nothing(workspace: Path) -> None:
    file = workspace.parent / "device.log"
    file.write_bytes(LOG.encode())
    os.utime(file, (0, 0))
    refused(call("-C", workspace, "ingest", file), "--taken-at")
    assert call("-C", workspace, "ingest", file, "--taken-at", AT, "--no-judge").returncode == 0


def test_a_folder_of_answers_and_logs(workspace: Path) -> None:
    folder = workspace.parent / "carried"
    (folder / "R7").mkdir(parents=True)
    (folder / "R7" / "display_ip_routing-table.txt").write_text("Error: Unrecognized command\n")
    (folder / "R7" / "display current-configuration.txt").write_bytes(
        "#\n sysname R7 核心\n super password cipher Abc123\nreturn\n".encode("gb18030")
    )
    (folder / "R7" / "display_ip_routing-table_vpn-instance_CZ_ZW.txt").write_text("Destinations : 0  Routes : 0\n")
    done = call("-C", workspace, "ingest", folder, "--platform", "huawei_vrp", "--no-judge")
    assert done.returncode == 0, done.stderr
    (folder / "R7" / "session.log").write_bytes(LOG.encode())
    assert call("-C", workspace, "ingest", folder, "--platform", "huawei_vrp", "--no-judge").returncode == 0
    found = {(one["asset"], one["source"]): one for one in map(json.loads, _stored(workspace))}
    assert found["device:R7", "display ip routing-table"]["exit"] == 1
    assert "Abc123" not in "".join(_stored(workspace))
    assert ("device:R1", "display version") in found
    assert ("device:R7", "display ip routing-table vpn-instance CZ_ZW") in found
    assert all(PLATFORMS["huawei_vrp"].knows(source) for _, source in found)
