"""Exemptions: asked by one, approved by another, laid over a verdict that stays, and over at the end of their day."""

import shutil
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from console.session import Session
from evidence import decisions
from tests.console.deciding import (
    ACCOUNTS,
    APPROVAL,
    BY,
    CPU,
    NOW,
    PRODUCT,
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
from tests.making import CPUINFO_HYGON, CPUINFO_INTEL


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


def test_a_lead_is_confirmed_before_an_exemption_is_asked_for(folder: Path) -> None:
    one = finding(folder, PRODUCT)
    assert one["status"] == "needs-person"
    asked = ("decide", one["id"], "--ask-exemption", "x", *BY)
    refused(run(folder, *asked, code=2), "先用 --confirm")
    run(folder, "decide", one["id"], "--confirm", *BY)
    run(folder, *asked)
    run(folder, "exemptions", "approve", one["id"], *APPROVAL, "--by", "lisi")
    assert finding(folder, PRODUCT)["exemption"]["number"] == "师市办发〔2026〕8号"


def test_an_exemption_is_approved_by_another_and_is_an_overlay_only(folder: Path) -> None:
    one, before = mark(folder), finding(folder)
    run(folder, "decide", one, "--ask-exemption", "专网设备", "--until", "2027-12-31", *BY)
    asked = finding(folder)
    assert (asked["exemption"], asked["exemption_request"]["state"]) == (None, "asked")
    assert cell(folder, one) == "不符合·例外待批"
    refused(run(folder, "decide", one, "--ask-exemption", "y", *BY, code=2), "已有例外申请")
    refused(run(folder, "exemptions", "approve", one, *APPROVAL, *BY, code=2), "不能自己批复")
    refused(run(folder, "exemptions", "refuse", one, "--reason", "x", *BY, code=2), "不能自己批复")
    refused(run(folder, "exemptions", "approve", one, *APPROVAL, "--by", "wangwu", code=2), "没有批复例外的角色")
    assert len(recorded(folder)) == 1
    run(folder, "exemptions", "approve", one, *APPROVAL, "--by", "lisi")
    after = finding(folder)
    exemption = after["exemption"]
    assert (exemption["number"], exemption["approver_class"], exemption["until"]) == (
        "师市办发〔2026〕8号",
        "兵团",
        "2027-06-30",
    )
    assert (exemption["asked_by"], exemption["approved_by"], exemption["same_os_user"]) == ("zhangsan", "lisi", True)
    assert (after["status"], after["state"], after["severity"]) == (
        before["status"],
        before["state"],
        before["severity"],
    )
    assert cell(folder, one) == "不符合·已批准例外"
    shown = run(folder, "show", one).stdout
    for word in ("不符合·已批准例外", "师市办发〔2026〕8号", "兵团", "2027-06-30", "同一系统用户", "#2"):
        assert word in shown
    assert run(folder, "findings", "--exit-code", "--control", CPU, code=3).stdout


def test_the_person_who_asked_cannot_approve_under_another_account(folder: Path) -> None:
    one = mark(folder)
    run(folder, "decide", one, "--ask-exemption", "x", *BY)
    accounts = folder / "inventory" / "accounts.toml"
    accounts.write_text(ACCOUNTS.replace("[accounts.zhangsan]", "[accounts.zs]"), "utf-8")
    refused(run(folder, "exemptions", "approve", one, *APPROVAL, "--by", "zs", code=2), "不能自己批复")


def test_an_exemption_expires_at_the_end_of_its_day_in_beijing_and_what_it_covered_comes_back(
    folder: Path, clock: Clock
) -> None:
    one = mark(folder)
    exempt(folder, one)
    for moment, covered in (
        ("2027-06-30T23:59:59+08:00", True),
        ("2027-06-30T16:00:00+00:00", False),
        ("2027-07-01T00:00:00+08:00", False),
    ):
        clock(moment)
        assert (finding(folder)["exemption"] is not None) is covered, moment
        assert rates(folder)["exempted"] == int(covered)
    assert finding(folder)["exemption_request"]["state"] == "expired"
    assert cell(folder, one) == "不符合"
    refused(run(folder, "exemptions", "revoke", one, "--reason", "x", "--by", "lisi", code=2), "没有生效的例外")
    run(folder, "decide", one, "--ask-exemption", "再用一年", *BY)
    assert cell(folder, one) == "不符合·例外待批"


def test_exemptions_are_listed_as_they_stand_at_a_moment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    exempt(folder, mark(folder))
    run(folder, "decide", mark(folder, SYSTEM), "--ask-exemption", "x", *BY)
    assert states(folder) == ["approved", "asked"]
    assert states(folder, "--at", "2027-06-30") == ["approved", "asked"]
    assert states(folder, "--at", "2027-07-01") == ["asked"]
    assert states(folder, "--at", "2027-07-01", "--all") == ["expired", "asked"]
    assert states(folder, "--state", "approved") == ["approved"]
    assert states(folder, "--unit", "卫健委") == []
    table = run(folder, "exemptions", "list").stdout
    assert "师市办发〔2026〕8号" in table
    assert "待批复" in table
    assert max(map(len, table.splitlines())) <= 80
    whole = run(folder, "exemptions", "list", "-f", "csv").stdout
    for word in ("专网设备", "兵团", "张三", "李四"):
        assert word in whole
    refused(run(folder, "exemptions", "list", "--state", "x", code=2), "--state")


def test_a_request_is_refused_or_taken_back(folder: Path) -> None:
    one = mark(folder)
    run(folder, "decide", one, "--ask-exemption", "x", *BY)
    run(folder, "exemptions", "refuse", one, "--reason", "可以更换", "--by", "lisi")
    assert finding(folder)["exemption_request"]["state"] == "refused"
    assert "可以更换" in run(folder, "show", one).stdout
    refused(run(folder, "exemptions", "approve", one, *APPROVAL, "--by", "lisi", code=2), "没有等待批复")
    run(folder, "decide", one, "--ask-exemption", "再申请", *BY)
    run(folder, "decide", one, "--withdraw", "不要了", *BY)
    assert finding(folder)["exemption_request"]["state"] == "withdrawn"
    assert states(folder, "--all") == ["refused", "withdrawn"]


def test_an_exemption_is_revoked_at_once(folder: Path) -> None:
    one = mark(folder)
    exempt(folder, one)
    refused(run(folder, "decide", one, "--withdraw", "x", *BY, code=2), "exemptions revoke")
    run(folder, "exemptions", "revoke", one, "--reason", "批文作废", *BY)
    assert finding(folder)["exemption"] is None
    assert finding(folder)["exemption_request"]["state"] == "revoked"
    assert cell(folder, one) == "不符合"


def test_a_later_approval_takes_the_place_of_the_one_before(folder: Path, clock: Clock) -> None:
    one = mark(folder)
    exempt(folder, one)
    clock("2027-06-01T09:00:00+08:00")
    run(folder, "decide", one, "--ask-exemption", "续期", *BY)
    assert finding(folder)["exemption"]["until"] == "2027-06-30", "the old one holds until the new one is approved"
    assert finding(folder)["exemption_request"]["state"] == "asked"
    renewed = ("--number", "9号", "--approver-class", "兵团", "--until", "2027-12-31", "--by", "lisi")
    run(folder, "exemptions", "approve", one, *renewed)
    assert (finding(folder)["exemption"]["number"], finding(folder)["exemption_request"]) == ("9号", None)
    assert states(folder, "--all") == ["replaced", "approved"]
    run(folder, "exemptions", "revoke", one, "--reason", "x", "--by", "lisi")
    assert finding(folder)["exemption"] is None, "the one before does not come back"


@pytest.mark.parametrize(
    ("asked", "approved", "code"),
    [((), "2030-01-01", 0), (("--until", "2027-06-30"), "2027-06-30", 0), (("--until", "2027-06-30"), "2027-07-01", 2)],
)
def test_no_longer_than_asked_for_is_approved(folder: Path, asked: tuple[str, ...], approved: str, code: int) -> None:
    one = mark(folder)
    run(folder, "decide", one, "--ask-exemption", "x", *asked, *BY)
    arguments = ("--number", "1", "--approver-class", "x", "--until", approved, "--by", "lisi")
    run(folder, "exemptions", "approve", one, *arguments, code=code)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--number", " "), ("--number", "a\u202eb"), ("--approver-class", ""), ("--until", "2026-11-20"), ("--until", "")],
)
def test_an_approval_names_its_number_class_and_last_day(folder: Path, option: str, value: str) -> None:
    one = mark(folder)
    run(folder, "decide", one, "--ask-exemption", "x", *BY)
    arguments = list(APPROVAL)
    arguments[arguments.index(option) + 1] = value
    refused(run(folder, "exemptions", "approve", one, *arguments, "--by", "lisi", code=2), option)
    assert len(recorded(folder)) == 1


def test_a_false_alarm_and_an_exemption_do_not_stand_together(folder: Path) -> None:
    one = mark(folder)
    run(folder, "decide", one, "--false-alarm", "x", *BY)
    refused(run(folder, "decide", one, "--ask-exemption", "y", *BY, code=2), "误报")
    run(folder, "decide", one, "--withdraw", "x", *BY)
    run(folder, "decide", one, "--ask-exemption", "y", *BY)
    refused(run(folder, "decide", one, "--false-alarm", "x", *BY, code=2), "例外")
    run(folder, "exemptions", "approve", one, *APPROVAL, "--by", "lisi")
    refused(run(folder, "decide", one, "--false-alarm", "x", *BY, code=2), "例外")


def test_rates_are_shown_with_and_without_what_is_exempted(folder: Path) -> None:
    before = rates(folder)
    assert (before["numerator"], before["denominator"], before["exempted"]) == (2, 4, 0)
    assert before["percent_with_exempted"] == before["percent"] == 50.0
    exempt(folder, mark(folder))
    after = rates(folder)
    assert (after["numerator"], after["denominator"], after["not_satisfied"], after["exempted"]) == (2, 4, 2, 1)
    assert (after["percent"], after["percent_with_exempted"]) == (50.0, 75.0)
    assert rates(folder, "教育局")["exempted"] == 1
    assert rates(folder, "卫健委")["exempted"] == 0


def test_a_request_about_what_has_changed_since_is_not_approved(folder: Path, clock: Clock) -> None:
    one = mark(folder)
    run(folder, "decide", one, "--ask-exemption", "x", *BY)
    clock("2026-11-24T13:00:00+08:00")
    rescan(
        folder,
        "2026-11-24",
        cpuinfo=CPUINFO_INTEL.replace("Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz", "QEMU Virtual CPU"),
    )
    refused(run(folder, "exemptions", "approve", one, *APPROVAL, "--by", "lisi", code=2), "情况变了")
    run(folder, "exemptions", "refuse", one, "--reason", "变了", "--by", "lisi")


def test_what_was_mended_and_comes_back_has_to_be_decided_again_and_an_exemption_covers_again(
    folder: Path, clock: Clock
) -> None:
    one, other = mark(folder), mark(folder, SYSTEM)
    run(folder, "decide", one, "--mending", "--due", "2026-11-30", *BY)
    exempt(folder, other)
    clock("2026-11-24T13:00:00+08:00")
    kylin = 'NAME="Kylin"\nID=kylin\nVERSION="V10"\nVERSION_ID="V10"\nPRETTY_NAME="Kylin V10"\n'
    rescan(folder, "2026-11-24", cpuinfo=CPUINFO_HYGON, release=kylin)
    assert finding(folder)["state"] == "closed"
    assert cell(folder, one) == "符合"
    assert finding(folder)["decision"]["outdated"] is False
    clock("2026-12-05T13:00:00+08:00")
    rescan(folder, "2026-12-05")
    assert (finding(folder)["state"], finding(folder)["reopened"]) == ("open", 1)
    assert finding(folder)["decision"]["outdated"] is True
    assert cell(folder, one) == "不符合·需要重新确认"
    assert cell(folder, other) == "不符合·已批准例外"


def test_a_host_that_falls_silent_is_covered_by_nothing_meanwhile(folder: Path, clock: Clock) -> None:
    one, other = mark(folder), mark(folder, SYSTEM)
    run(folder, "decide", one, "--false-alarm", "x", *BY)
    exempt(folder, other)
    clock("2027-06-20T09:00:00+08:00")  # its evidence is too old by then
    run(folder, "judge")
    assert finding(folder)["status"] == "not-observed"
    assert (finding(folder)["decision"]["outdated"], finding(folder, SYSTEM)["exemption"]) == (True, None)
    assert finding(folder, SYSTEM)["exemption_request"]["state"] == "idle"
    assert rates(folder)["exempted"] == 0
    clock("2027-06-21T13:00:00+08:00")
    rescan(folder, "2027-06-21")
    assert finding(folder, SYSTEM)["exemption"] is not None
    assert finding(folder)["decision"]["outdated"] is False


def test_doctor_says_what_waits_and_what_is_about_to_expire(folder: Path, clock: Clock) -> None:
    assert "处置记录" not in items(folder)
    exempt(folder, mark(folder))
    run(folder, "decide", mark(folder, SYSTEM), "--ask-exemption", "x", *BY)
    run(folder, "decide", mark(folder, CPU, "host:other"), "--mending", "--due", "2026-11-30", *BY)
    first = items(folder)
    assert first["处置记录"][0] == "good"
    assert first["例外待批"] == ("person", "1 条；见 xunyan exemptions list --state asked")
    assert not {"例外将到期", "整改逾期", "需要重新确认"} & set(first)
    clock("2027-05-30T09:00:00+08:00")
    assert "例外将到期" not in items(folder)
    clock("2027-05-31T09:00:00+08:00")
    later = items(folder)
    assert later["例外将到期"][0] == "person"
    assert "2027-06-30" in later["例外将到期"][1]
    assert later["整改逾期"][0] == "person"
    clock("2027-07-01T09:00:00+08:00")
    assert "例外将到期" not in items(folder)


def test_a_finding_that_is_judged_no_more_can_still_be_revoked(folder: Path) -> None:
    one = mark(folder)
    exempt(folder, one)
    entries = recorded(folder)
    gone = [msgspec.structs.replace(entry, finding="f" * 32, asset="gone") for entry in entries]
    (folder / "decisions.jsonl").unlink()
    (folder / "decisions.head").unlink()
    decisions.append(folder / "decisions.jsonl", gone)
    assert states(folder, "--all") == ["idle"]
    refused(run(folder, "decide", "fffffffff", "--confirm", *BY, code=2), "不再判定")
    run(folder, "exemptions", "revoke", "fffffffff", "--reason", "x", "--by", "lisi")
    assert states(folder, "--all") == ["revoked"]
