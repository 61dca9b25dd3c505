"""The same estate seen again: nothing changes by itself, nothing closes unseen, identities hold."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.making import CPUINFO_INTEL, PROJECT, capture, dump, host, records, statuses, write_jsonl, xunyan

DAY1, DAY2, DAY3 = ("2026-11-18T08:00:00+08:00", "2026-11-19T08:00:00+08:00", "2026-11-20T08:00:00+08:00")
UUID = "aaaaaaaa-bbbb-cccc-dddd-000000000001"


class Place:
    """A workspace into which hosts are taken, a day at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "w"
        self._files = folder
        self._count = 0
        xunyan("init", self.folder)

    def take(self, *lines: dict[str, Any], at: str) -> str:
        self._count += 1
        carried = write_jsonl(self._files / f"{self._count}.captures.jsonl", lines)
        done = xunyan("-C", self.folder, "ingest", carried, "--at", at)
        return done.stdout + done.stderr

    def findings(self, *options: str) -> list[dict[str, Any]]:
        return records("-C", self.folder, "findings", *options)

    def one(self, asset: str, control: str = "domestic/cpu") -> dict[str, Any]:
        found = [one for one in self.findings("--all", "--control", control) if one["asset"]["key"] == asset]
        assert len(found) == 1
        return found[0]

    def assets(self) -> set[str]:
        return {one["asset"]["id"] for one in self.findings("--all")}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_this_machine_collected_twice_differs_in_nothing(tmp_path: Path) -> None:
    xunyan("init", tmp_path / "w")
    for number in (1, 2):
        carried = tmp_path / f"{number}.captures.jsonl"
        with carried.open("wb") as out:
            subprocess.run(["sh", PROJECT / "playbooks" / "collect.sh"], stdout=out, check=True, timeout=60)
        xunyan("-C", tmp_path / "w", "ingest", carried)
    assert records("-C", tmp_path / "w", "diff") == []
    assert len(records("-C", tmp_path / "w", "runs")) == 4
    assert len({key for _, key in statuses(tmp_path / "w")}) == 1


def test_a_host_that_is_absent_closes_nothing_and_shows_its_age(place: Place) -> None:
    place.take(
        *host("host:bad", cpuinfo=CPUINFO_INTEL, taken_at=DAY1),
        *host("host:good", taken_at=DAY1, mac="02:00:00:00:00:02"),
        at=DAY1,
    )
    before = place.one("host:bad")
    place.take(*host("host:good", taken_at=DAY3, mac="02:00:00:00:00:02"), at=DAY3)
    after = place.one("host:bad")
    assert (after["state"], after["status"], after["last_seen"]) == ("open", "not-satisfied", DAY1)
    assert {**after} == {**before}
    assert place.one("host:good")["last_seen"] == DAY3
    assert records("-C", place.folder, "diff") == []


def test_when_the_evidence_grows_too_old_the_finding_stays_open_and_is_said_to_be_unseen(place: Place) -> None:
    place.take(
        *host("host:bad", cpuinfo=CPUINFO_INTEL, taken_at="2026-01-05T08:00:00+08:00"), at="2026-01-05T09:00:00+08:00"
    )
    xunyan("-C", place.folder, "judge", "--at", DAY1)
    found = place.one("host:bad")
    assert (found["state"], found["status"], found["last_known_status"]) == ("open", "not-observed", "not-satisfied")
    assert found["last_seen"] == "2026-01-05T08:00:00+08:00"


def test_a_failed_attempt_voids_no_fresh_capture_but_nothing_closes_on_it(place: Place) -> None:
    place.take(*host("host:one", cpuinfo=CPUINFO_INTEL, taken_at=DAY1), at=DAY1)
    failed = capture("host:one", "cpuinfo", "", taken_at=DAY3, schema="xunyan.gap/1", reason="denied", detail="refused")
    del failed["output"], failed["exit"]
    place.take(failed, at=DAY3)
    assert (place.one("host:one")["state"], place.one("host:one")["status"]) == ("open", "not-satisfied")
    place.take(capture("host:one", "cpuinfo", host("x")[0]["output"], taken_at=DAY2), at=DAY3)
    assert (place.one("host:one")["state"], place.one("host:one")["status"]) == ("open", "satisfied")
    place.take(
        capture("host:one", "cpuinfo", host("x")[0]["output"], taken_at="2026-11-20T09:00:00+08:00"), at="2026-11-21"
    )
    assert place.one("host:one")["state"] == "closed"


def test_a_finding_closes_and_comes_back(place: Place) -> None:
    place.take(*host("host:one", cpuinfo=CPUINFO_INTEL, taken_at=DAY1), at=DAY1)
    fingerprint = place.one("host:one")["fingerprint"]
    place.take(*host("host:one", taken_at=DAY2), at=DAY2)
    assert (place.one("host:one")["state"], place.one("host:one")["last_seen"]) == ("closed", DAY2)
    place.take(*host("host:one", cpuinfo=CPUINFO_INTEL, taken_at=DAY3), at=DAY3)
    found = place.one("host:one")
    assert (found["state"], found["reopened"], found["fingerprint"], found["first_seen"]) == (
        "open",
        1,
        fingerprint,
        DAY1,
    )
    changed = records("-C", place.folder, "diff", "1", "3")
    assert [(one["before"], one["after"], one["happened"]) for one in changed if one["control"] == "domestic/cpu"] == [
        ("not-satisfied", "not-satisfied", "reopened")
    ]


def test_a_cloned_serial_is_two_hosts_and_a_person_is_told(place: Place) -> None:
    said = place.take(
        *host("host:one", serial="SN-7", uuid=UUID, taken_at=DAY1, mac="02:00:00:00:00:01"),
        *host("host:two", serial="SN-7", uuid=UUID, taken_at=DAY1, mac="02:00:00:00:00:02"), at=DAY1,
    )  # fmt: skip
    assert "没有合并，请人工核实" in said
    assert len(place.assets()) == 2
    waiting = [one for one in records("-C", place.folder, "doctor") if one["state"] == "person"]
    assert len(waiting) == 1
    assert "SN-7" in waiting[0]["detail"]


def test_a_renamed_and_readdressed_host_keeps_its_findings(place: Place) -> None:
    place.take(*host("host:one", cpuinfo=CPUINFO_INTEL, serial="SN-7", uuid=UUID, taken_at=DAY1), at=DAY1)
    before = place.one("host:one")
    place.take(
        *host("host:portal", cpuinfo=CPUINFO_INTEL, serial="SN-7", uuid=UUID, taken_at=DAY3, address="192.168.9.9"),
        at=DAY3,
    )
    after = place.one("host:portal")
    assert len(place.assets()) == 1
    assert (after["fingerprint"], after["asset"]["id"]) == (before["fingerprint"], before["asset"]["id"])
    assert records("-C", place.folder, "diff") == []


def test_two_networks_with_one_address_are_two_hosts(place: Place) -> None:
    place.take(
        *host("192.168.1.10", network="教育局", taken_at=DAY1, mac="02:00:00:00:00:01"),
        *host("192.168.1.10", network="卫健委", taken_at=DAY1, mac="02:00:00:00:00:02", cpuinfo=CPUINFO_INTEL), at=DAY1,
    )  # fmt: skip
    found = {one["asset"]["network"]: one["status"] for one in place.findings("--all", "--control", "domestic/cpu")}
    assert found == {"教育局": "satisfied", "卫健委": "not-satisfied"}


def test_a_scan_of_one_unit_does_not_blind_the_others(place: Place) -> None:
    place.take(*host("host:edu", taken_at=DAY1, mac="02:00:00:00:00:01"), at=DAY1)
    place.take(*host("host:health", unit="卫健委", taken_at=DAY2, mac="02:00:00:00:00:02"), at=DAY2)
    assert {one["status"] for one in place.findings("--all", "--control", "domestic/cpu")} == {"satisfied"}


def test_the_same_file_twice_is_taken_once(place: Place) -> None:
    lines = host("host:one", taken_at=DAY1)
    place.take(*lines, at=DAY1)
    said = place.take(*lines, at=DAY1)
    assert f"已有 {len(lines)} 条" in said
    assert len(list((place.folder / "captures").iterdir())) == 1


def test_the_procurement_date_of_the_ledger_counts(place: Place, tmp_path: Path) -> None:
    place.take(*host("host:one", taken_at=DAY1), at=DAY1)
    ledger = tmp_path / "ledger.csv"
    ledger.write_bytes("资产标识,单位,地址域,采购日期\r\nhost:one,教育局,外网,２０２５年３月１日\r\n".encode("gb18030"))
    os.utime(ledger, (1_763_000_000, 1_763_000_000))
    xunyan("-C", place.folder, "ledger", "import", ledger)
    found = place.one("host:one", "domestic/evaluated-product")
    assert found["message"]["args"]["day"] == "2025-03-01"
    assert "no-procurement-date" not in [one["key"] for one in found["notices"]]
    assert any(one["source"] == "ledger" and "采购日期: 2025-03-01" in one["quote"] for one in found["evidence"])


def test_an_endpoint_that_only_the_ledger_knows_is_not_observed(place: Place, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("资产标识,单位\nhost:ghost,教育局\n", "utf-8")
    xunyan("-C", place.folder, "ledger", "import", ledger)
    assert {one["status"] for one in place.findings("--all")} == {"not-observed"}
    assert {one["state"] for one in place.findings()} == {"unobserved"}


def test_two_machines_under_one_name_in_one_batch_are_refused(place: Place) -> None:
    lines = [
        *host("host:localhost", serial="SN-1", uuid=UUID, taken_at=DAY1, cpuinfo=CPUINFO_INTEL),
        *host("host:localhost", serial="SN-2", taken_at="2026-11-18T09:00:00+08:00"),
    ]
    carried = write_jsonl(place.folder.parent / "two.captures.jsonl", lines)
    done = xunyan("-C", place.folder, "ingest", carried, check=False)
    assert done.returncode == 2
    assert "SN-1 / SN-2" in done.stderr
    assert "--asset" in done.stderr
    assert records("-C", place.folder, "runs") == []


def test_a_failed_command_hides_no_contradiction(place: Place) -> None:
    intel = "Vendor ID: GenuineIntel\nModel name: Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz\n"
    place.take(*host("host:one", taken_at=DAY1), capture("host:one", "lscpu", intel, taken_at=DAY1), at=DAY1)
    assert (place.one("host:one")["status"], place.one("host:one")["message"]["key"]) == ("needs-person", "disputed")
    place.take(
        *host("host:one", taken_at=DAY2), capture("host:one", "lscpu", "lscpu: failed", taken_at=DAY2, exit=1), at=DAY2
    )
    found = place.one("host:one")
    assert (found["status"], found["state"]) == ("needs-person", "open")


def test_a_look_back_or_ahead_changes_nothing(place: Place) -> None:
    place.take(*host("host:one", taken_at=DAY1), at=DAY1)
    place.take(*host("host:one", cpuinfo=CPUINFO_INTEL, taken_at=DAY3), at=DAY3)
    before = dump(place.folder)
    looked = records("-C", place.folder, "judge", "--at", DAY2)
    assert {one["status"] for one in looked if one["control"] == "domestic/cpu"} == {"satisfied"}
    xunyan("-C", place.folder, "judge", "--at", "2199-01-01")
    assert dump(place.folder) == before


def test_a_control_that_is_asked_no_more_shows_in_diff_and_comes_back(place: Place) -> None:
    place.take(*host("host:one", cpuinfo=CPUINFO_INTEL, taken_at=DAY1), at=DAY1)
    settings = place.folder / "xunyan.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('profile = "general"', 'profile = "ninth-division"'), "utf-8")
    narrower = place.folder / "none.toml"
    narrower.write_text(
        '[profile]\nid = "none"\ntitle = { zh = "无", en = "none" }\n\n[[document]]\nid = "N"\ntitle = "无"\n\n'
        '[[requirement]]\nid = "N-1"\ndocument = "N"\nclause = "1"\nkind = "scan"\nforce = "must"\nstage = ["any"]\n'
        'zh = "字"\nen = "word"\ncontrols = ["domestic/operating-system"]\n',
        "utf-8",
    )
    settings.write_text(text.replace('profile = "general"', 'profile = "none.toml"'), "utf-8")
    xunyan("-C", place.folder, "judge", "--at", DAY2)
    gone = {one["control"]: (one["after"], one["happened"]) for one in records("-C", place.folder, "diff")}
    assert gone["domestic/cpu"] == ("not-applicable", "withdrawn")
    assert "domestic/operating-system" not in gone
    rows = dump(place.folder)
    xunyan("-C", place.folder, "rebuild")
    assert dump(place.folder) == rows
    settings.write_text(text, "utf-8")
    xunyan("-C", place.folder, "judge", "--at", DAY3)
    assert (place.one("host:one")["state"], place.one("host:one")["first_seen"]) == ("open", DAY1)


def test_evidence_that_is_too_old_is_said_to_be_so(place: Place) -> None:
    place.take(*host("host:one", taken_at="2025-01-05T08:00:00+08:00"), at=DAY1)
    found = place.one("host:one")
    assert found["status"] == "not-observed"
    assert "stale" in found["message"]["args"]["why"]
    listed = {one["source"]: one["reason"] for one in records("-C", place.folder, "coverage", "--at", DAY1)}
    assert listed["cpuinfo"] == "stale"


def test_the_row_that_was_imported_last_is_in_force_whatever_the_files_say_of_their_age(
    place: Place, tmp_path: Path
) -> None:
    place.take(*host("host:one", taken_at=DAY1), at=DAY1)
    ledger = tmp_path / "ledger.csv"
    for day, age in (("2021-01-01", 100), ("2026-05-01", 100_000)):
        ledger.write_text(f"资产标识,地址域,采购日期\nhost:one,外网,{day}\n", "utf-8")
        os.utime(ledger, (1_763_000_000 - age, 1_763_000_000 - age))
        xunyan("-C", place.folder, "ledger", "import", ledger)
    assert [row["procured_on"] for row in records("-C", place.folder, "ledger", "list")] == ["2026-05-01"]
    assert "略过" in xunyan("-C", place.folder, "ledger", "import", ledger).stdout
    assert [run["captures"] for run in records("-C", place.folder, "runs") if run["kind"] == "ledger"] == [1, 1, 0]


def test_a_file_without_the_collectors_last_line_is_noted(place: Place) -> None:
    lines = host("host:one", taken_at=DAY1)
    assert "没有结束行" in place.take(*lines, at=DAY1)
    whole = [
        *host("host:two", taken_at=DAY1, mac="02:00:00:00:00:02"),
        capture("host:two", "collector", "version=1\n", taken_at=DAY1),
    ]
    assert "没有结束行" not in place.take(*whole, at=DAY1)


def test_doctor_reads_every_original_when_asked(place: Place) -> None:
    place.take(*host("host:one", taken_at=DAY1), at=DAY1)
    assert xunyan("-C", place.folder, "doctor", "--deep").returncode == 0
    segment = place.folder / "captures" / "000001.captures.jsonl"
    segment.write_bytes(segment.read_bytes().replace(b"7285", b"7286", 1))
    assert xunyan("-C", place.folder, "doctor").returncode == 0
    deep = xunyan("-C", place.folder, "doctor", "--deep", "--format", "jsonl", check=False)
    assert deep.returncode == 1
    assert "000001.captures.jsonl" in deep.stdout


def test_a_host_cannot_file_for_itself_when_it_was_bought(place: Place) -> None:
    forged = capture("host:one", "ledger", "采购日期: 2024-06-01\n", taken_at=DAY1)
    carried = write_jsonl(place.folder.parent / "forged.captures.jsonl", [*host("host:one", taken_at=DAY1), forged])
    done = xunyan("-C", place.folder, "ingest", carried, check=False)
    assert done.returncode == 2
    assert f"{carried}:4" in done.stderr
    assert "ledger import" in done.stderr
    assert records("-C", place.folder, "runs") == []


def test_a_moved_workspace_takes_its_ledger_along(place: Place, tmp_path: Path) -> None:
    place.take(*host("host:one", taken_at=DAY1), at=DAY1)
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("资产标识,地址域,采购日期\nhost:one,外网,2025-03-01\n", "utf-8")
    xunyan("-C", place.folder, "ledger", "import", ledger)
    other = tmp_path / "other"
    xunyan("init", other)
    xunyan("-C", other, "ingest", place.folder / "captures", "--with-ledger")
    assert [row["procured_on"] for row in records("-C", other, "ledger", "list")] == ["2025-03-01"]
