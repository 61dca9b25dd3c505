"""Decisions as people make them: who may say what of which finding, what it changes, and when it has to be said again."""

import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from console.session import Session
from evidence import decisions
from evidence.decision_entries import FIRST
from tests.console.deciding import (
    ACCOUNTS,
    BY,
    CPU,
    NOW,
    SYSTEM,
    Clock,
    cell,
    exempt,
    finding,
    items,
    make_workspace,
    mark,
    rates,
    recorded,
    rescan,
    run,
    states,
)
from tests.console.refusing import refused
from tests.making import CPUINFO_INTEL, call, dump, xunyan


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Say what time it is for the product; it begins at NOW."""

    def set_time(moment: str) -> None:
        monkeypatch.setattr(Session, "now", lambda _self: datetime.fromisoformat(moment))

    monkeypatch.delenv("XUNYAN_ACCOUNT", raising=False)
    set_time(NOW)
    return set_time


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("decide"))


@pytest.fixture
def folder(seed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(seed, tmp_path / "w"))


@pytest.mark.parametrize(
    ("arguments", "verb", "shown"),
    [
        (("--confirm",), "confirm", "不符合·已确认"),
        (("--false-alarm", "实为海光"), "false-alarm", "不符合·误报"),
        (("--mending", "--due", "2027-03-31"), "mending", "不符合·整改中"),
        (("--mending", "--due", "2026-11-21", "--note", "今天就改"), "mending", "不符合·整改中"),
    ],
)
def test_what_is_wrong_is_decided_and_stays_what_it_is(
    folder: Path, arguments: tuple[str, ...], verb: str, shown: str
) -> None:
    before = finding(folder)
    done = run(folder, "decide", before["id"], *arguments, *BY)
    assert "张三" in done.stdout
    after = finding(folder)
    assert after["decision"]["verb"] == verb
    assert (after["decision"]["by"], after["decision"]["outdated"]) == ("zhangsan", False)
    assert after["exemption"] is None
    assert {key: value for key, value in after.items() if key != "decision"} == {
        key: value for key, value in before.items() if key != "decision"
    }
    assert cell(folder, before["id"]) == shown


def test_an_entry_holds_what_it_was_decided_on(folder: Path) -> None:
    one = finding(folder)
    run(folder, "decide", one["id"], "--false-alarm", "理由", *BY)
    (entry,) = recorded(folder)
    judgement = json.loads((folder / "journal.jsonl").read_text("utf-8").splitlines()[-1])
    assert (entry.finding, entry.control, entry.asset) == (one["fingerprint"], CPU, one["asset"]["id"])
    assert (entry.status, entry.key) == ("not-satisfied", "foreign")
    assert entry.evidence == tuple(dict.fromkeys(proof["capture"] for proof in one["evidence"]))
    assert entry.evidence
    assert (entry.judgement, entry.inputs) == (judgement["number"], judgement["inputs"])
    assert (entry.by, entry.by_name, entry.by_unit, entry.reason) == ("zhangsan", "张三", "大数据局", "理由")
    assert entry.at == "2026-11-21T01:00:00.000000Z"
    assert entry.os_user


def test_the_os_user_is_not_taken_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody-else")
    run(folder, "decide", mark(folder), "--confirm", *BY)
    assert recorded(folder)[0].os_user != "somebody-else"


def test_several_are_decided_together_or_none(folder: Path) -> None:
    good, blind = mark(folder, CPU, "host:good"), mark(folder, SYSTEM, "host:blind")
    ids = [mark(folder), mark(folder, SYSTEM)]
    done = run(folder, "decide", *ids, good, blind, "nosuchid", "!", *ids[:1], "--confirm", *BY, code=2)
    refused(done, "有 4 条", "nosuchid：没有这个编号", "!：没有这个编号", f"{good}：现在没有问题", f"{blind}：未检测")
    assert recorded(folder) == []
    run(folder, "decide", *ids, ids[0], "--confirm", *BY)
    assert [one.verb for one in recorded(folder)] == ["confirm", "confirm"], "one named twice is decided once"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--confirm",), ("--false-alarm", "x"), ("--mending", "--due", "2027-01-01"), ("--ask-exemption", "x"),
        ("--withdraw", "x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("control", "asset"), [(CPU, "host:good"), (SYSTEM, "host:blind")])
def test_what_is_right_or_was_not_seen_is_not_decided_about(
    folder: Path, arguments: tuple[str, ...], control: str, asset: str
) -> None:
    one = finding(folder, control, asset)
    assert one["status"] == ("satisfied" if asset == "host:good" else "not-observed")
    refused(run(folder, "decide", one["id"], *arguments, *BY, code=2), one["id"])
    assert not (folder / "decisions.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--confirm",), "--by: 没有写明是谁"),
        (("--confirm", "--by", "nobody"), "没有账号“nobody”"),
        (("--confirm", "--by", "lisi"), "没有处置的角色"),
        (("--confirm", "--by", "a\x1b[31m"), "--by"),
        ((*BY,), "要写明一种处置"),
        (("--confirm", "--mending", "--due", "2027-01-01", *BY), "要写明一种处置"),
        (("--mending", *BY), "--due: 没有写期限"),
        (("--confirm", "--due", "2027-01-01", *BY), "--due: 和所选的处置不能同用"),
        (("--confirm", "--until", "2027-01-01", *BY), "--until: 和所选的处置不能同用"),
        (("--false-alarm", "x", "--note", "y", *BY), "--note: 和所选的处置不能同用"),
        (("--mending", "--due", "2026-11-20", *BY), "2026-11-20 已经过去"),
        (("--ask-exemption", "x", "--until", "2026-11-20", *BY), "2026-11-20 已经过去"),
        (("--mending", "--due", "明天", *BY), "“明天”不是日期"),
        (("--mending", "--due", "2027-02-30", *BY), "不是日期"),
        (("--mending", "--due", "20270101", *BY), "不是日期"),
        (("--false-alarm", "", *BY), "没有写理由"),
        (("--false-alarm", " \n ", *BY), "没有写理由"),
        (("--false-alarm", "a\x1b[31mb", *BY), "U+001B"),
        (("--false-alarm", "a\u202eb", *BY), "U+202E"),
        (("--false-alarm", "长" * 1001, *BY), "超过 1000 字"),
        (("--withdraw", "x", *BY), "没有可撤回的处置"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_changes_nothing(
    folder: Path, arguments: tuple[str, ...], told: str
) -> None:
    refused(run(folder, "decide", mark(folder), *arguments, code=2), told)
    assert not (folder / "decisions.jsonl").exists()


def test_the_account_may_come_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNYAN_ACCOUNT", "wangwu")
    run(folder, "decide", mark(folder), "--confirm")
    assert recorded(folder)[0].by == "wangwu"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "accounts.toml，如"),
        ("[accounts", "读不懂"),
        ('[accounts.a]\nname = "甲"\nunit = "乙"\nroles = ["king"]\n', "读不懂"),
        ('[accounts.a]\nname = "甲"\nunit = "乙"\nroles = []\npassword = "x"\n', "读不懂"),
        ('[accounts."A B"]\nname = "甲"\nunit = "乙"\nroles = []\n', "账号名“A B”"),
        ('[accounts.a]\nname = " "\nunit = "乙"\nroles = []\n', "为空"),
        ('[accounts.a]\nname = "甲\\u202e"\nunit = "乙"\nroles = []\n', "不可见字符"),
        (ACCOUNTS + '[accounts.zhangsan2]\nname = "张三"\nunit = "大数据局"\nroles = ["approver"]\n', "同一姓名"),
    ],
)
def test_accounts_that_are_wrong_are_named(folder: Path, text: str, told: str) -> None:
    (folder / "inventory" / "accounts.toml").write_text(text, "utf-8")
    refused(run(folder, "decide", mark(folder), "--confirm", *BY, code=2), told)
    assert not (folder / "decisions.jsonl").exists()


def test_a_decision_is_taken_back_and_the_one_before_stands_again(folder: Path) -> None:
    one = mark(folder)
    run(folder, "decide", one, "--confirm", *BY)
    run(folder, "decide", one, "--false-alarm", "看错", *BY)
    assert cell(folder, one) == "不符合·误报"
    run(folder, "decide", one, "--withdraw", "又看了一遍", "--by", "wangwu")
    assert finding(folder)["decision"]["verb"] == "confirm"
    run(folder, "decide", one, "--withdraw", "都不对", *BY)
    assert finding(folder)["decision"] is None
    assert [one.answers for one in recorded(folder)] == [0, 0, 2, 1]
    refused(run(folder, "decide", one, "--withdraw", "还有吗", *BY, code=2), "没有可撤回的处置")


def test_seen_again_as_it_was_nothing_changes(folder: Path, clock: Clock) -> None:
    run(folder, "decide", mark(folder), "--false-alarm", "x", *BY)
    exempt(folder, mark(folder, SYSTEM))
    clock("2026-11-24T13:00:00+08:00")
    rescan(folder, "2026-11-24")
    assert finding(folder)["decision"]["outdated"] is False
    assert finding(folder, SYSTEM)["exemption"] is not None


def test_what_says_something_else_now_has_to_be_decided_again(folder: Path, clock: Clock) -> None:
    one, other = mark(folder), mark(folder, SYSTEM)
    run(folder, "decide", one, "--false-alarm", "x", *BY)
    exempt(folder, other)
    clock("2026-11-24T13:00:00+08:00")
    hidden = CPUINFO_INTEL.replace("Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz", "QEMU Virtual CPU version 2.5+")
    rescan(folder, "2026-11-24", cpuinfo=hidden, release='ID=openEuler\nNAME="openEuler"\nVERSION_ID="22.03"\n')
    assert (finding(folder)["status"], finding(folder, SYSTEM)["status"]) == ("needs-person", "needs-person")
    assert finding(folder)["decision"]["outdated"] is True
    assert cell(folder, one) == "需人工核实·需要重新确认"
    assert "需要重新确认" in run(folder, "show", one).stdout
    assert finding(folder, SYSTEM)["exemption"] is None
    assert finding(folder, SYSTEM)["exemption_request"]["state"] == "outdated"
    assert cell(folder, other) == "需人工核实"
    run(folder, "decide", one, "--confirm", *BY)
    assert cell(folder, one) == "需人工核实·已确认"


def test_mending_that_is_late_is_said(folder: Path, clock: Clock) -> None:
    one = mark(folder)
    run(folder, "decide", one, "--mending", "--due", "2026-11-30", *BY)
    clock("2026-11-30T23:59:59+08:00")
    assert (finding(folder)["decision"]["overdue"], cell(folder, one)) == (False, "不符合·整改中")
    clock("2026-12-01T00:00:00+08:00")
    assert (finding(folder)["decision"]["overdue"], cell(folder, one)) == (True, "不符合·整改逾期")


def test_what_waits_for_a_decision_can_be_listed_alone(folder: Path) -> None:
    def waiting(*more: str) -> set[str]:
        out = run(folder, "findings", "--undecided", "-f", "jsonl", *more).stdout
        return {json.loads(line)["id"] for line in out.splitlines()}

    everything = waiting()
    one, other = mark(folder), mark(folder, CPU, "host:other")
    assert {one, other} < everything
    run(folder, "decide", one, "--confirm", *BY)
    run(folder, "decide", other, "--ask-exemption", "x", *BY)
    assert waiting() == everything - {one, other}
    assert len(waiting("--limit", "2")) == 2
    run(folder, "exemptions", "refuse", other, "--reason", "x", "--by", "lisi")
    assert waiting() == everything - {one}


def test_a_rebuild_loses_no_decision(folder: Path) -> None:
    run(folder, "decide", mark(folder), "--mending", "--due", "2027-01-01", *BY)
    exempt(folder, mark(folder, SYSTEM))
    before = run(folder, "findings", "--all", "-f", "jsonl").stdout
    file, rows = (folder / "decisions.jsonl").read_bytes(), dump(folder)
    (folder / "xunyan.db").unlink()
    run(folder, "rebuild")
    assert run(folder, "findings", "--all", "-f", "jsonl").stdout == before
    assert (folder / "decisions.jsonl").read_bytes() == file
    assert dump(folder) == rows


def test_judging_by_other_documents_comes_before_deciding(folder: Path) -> None:
    one = mark(folder)
    settings = folder / "xunyan.toml"
    settings.write_text(
        settings.read_text("utf-8").replace('profile = "general"', 'profile = "fourth-division"'), "utf-8"
    )
    refused(run(folder, "decide", one, "--confirm", *BY, code=2), "xunyan judge")
    run(folder, "judge")
    run(folder, "decide", one, "--confirm", *BY)


def test_nothing_is_decided_where_nothing_was_judged(tmp_path: Path) -> None:
    run(tmp_path, "init", tmp_path / "empty")
    (tmp_path / "empty" / "inventory" / "accounts.toml").write_text(ACCOUNTS, "utf-8")
    refused(run(tmp_path / "empty", "decide", "3f2a", "--confirm", *BY, code=2), "xunyan judge")
    assert states(tmp_path / "empty") == []


def test_a_broken_chain_counts_for_nothing_and_is_said_everywhere(folder: Path) -> None:
    one = mark(folder)
    exempt(folder, one)
    file = folder / "decisions.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0].replace("专网设备".encode(), "别的理由".encode()) + lines[1])
    state, detail = items(folder, code=1)["处置记录"]
    assert (state, "第 1 条" in detail) == ("bad", True)
    assert finding(folder)["exemption"] is None
    for verb in (("findings",), ("show", one), ("metrics",)):
        assert "处置和例外不予采用" in call("-C", folder, *verb).stderr
    assert rates(folder)["exempted"] == 0
    refused(run(folder, "exemptions", "list", code=1), "校验链断了", code=1)
    refused(run(folder, "decide", one, "--confirm", *BY, code=1), "校验链断了", "备份", code=1)
    file.write_bytes(lines[0])
    state, detail = items(folder, code=1)["处置记录"]
    assert (state, "缺失" in detail) == ("bad", True)
    file.write_bytes(b"".join(lines))
    assert finding(folder)["exemption"] is not None


def test_text_that_a_screen_would_obey_is_shown_harmless(folder: Path) -> None:
    """The product takes no such text in; a file may hold it all the same."""
    one = finding(folder)
    run(folder, "decide", one["id"], "--confirm", *BY, "--note", "第一行\n=第二行")
    assert "第一行\\n=第二行" in run(folder, "show", one["id"]).stdout
    (entry,) = recorded(folder)
    odd = "\x1b[2J\u202e=cmd|' /C calc'!A0\n[red]x[/red]\x00"
    forged = msgspec.structs.replace(
        entry, verb="ask-exemption", reason=odd, by_name=odd, by_unit=odd, os_user=odd, number=1, previous=FIRST
    )
    decisions.append(folder / "decisions.jsonl", [forged])
    answer = msgspec.structs.replace(
        forged, verb="approve", answers=2, by="x\x1b", by_name="=x", number_of_approval=odd, approver_class=odd,
        until=datetime(2099, 1, 1).date(),  # noqa: DTZ001
    )  # fmt: skip
    decisions.append(folder / "decisions.jsonl", [answer])
    assert finding(folder)["exemption"]["number"] == odd
    for form in ("table", "json", "jsonl", "csv"):
        for verb in ("findings --all", f"show {one['id']}", "exemptions list", "doctor"):
            done = run(folder, *verb.split(), "--format", form)
            assert "\x1b" not in done.stdout
            if form == "csv":
                assert not any(cell.startswith(("=", '"=')) for cell in done.stdout.replace("\n", ",").split(","))


def test_ten_thousand_entries_are_no_burden(folder: Path) -> None:
    run(folder, "decide", mark(folder), "--confirm", *BY)
    (entry,) = recorded(folder)
    many = [msgspec.structs.replace(entry, finding=f"{number:032x}") for number in range(10_000)]
    decisions.append(folder / "decisions.jsonl", many)
    assert cell(folder, mark(folder)) == "不符合·已确认"
    assert items(folder)["处置记录"][1].startswith("10001")
    run(folder, "decide", mark(folder, SYSTEM), "--confirm", *BY)
    assert len(recorded(folder)) == 10_002


def test_one_writer_at_a_time(folder: Path) -> None:
    hold = "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", hold, folder / ".lock"], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        refused(run(folder, "decide", mark(folder), "--confirm", *BY, code=1), "另一个巡验进程", code=1)
    finally:
        holder.kill()
        holder.communicate()
    assert not (folder / "decisions.jsonl").exists()


def test_the_verbs_help_in_both_languages_and_a_real_process_decides(folder: Path) -> None:
    for language in ("zh", "en"):
        for verb in ("decide", "exemptions", "exemptions list", "exemptions approve", "exemptions refuse"):
            told = xunyan("--lang", language, *verb.split(), "--help").stdout
            assert ("用法" in told) == (language == "zh")
            assert any("\u4e00" <= letter <= "\u9fff" for letter in told) == (language == "zh"), told
    done = xunyan("--lang", "en", "-C", folder, "decide", mark(folder), "--false-alarm", "an odd one", *BY)
    assert "not satisfied → false alarm" in done.stdout
    assert "false alarm" in xunyan("--lang", "en", "-C", folder, "findings").stdout
    assert "false alarm" in xunyan("--lang", "en", "-C", folder, "show", mark(folder)).stdout
