"""What a workspace keeps is damaged: exit 1, the file named, and nothing made up."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.console.refusing import refused
from tests.making import JUDGED_AT, call, host, kept, write_jsonl


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A workspace with two segments, judged."""
    workspace = tmp_path / "w"
    call("init", workspace)
    for number in (1, 2):
        file = write_jsonl(
            tmp_path / f"{number}.captures.jsonl", host(f"host:h{number}", mac=f"02:00:00:00:00:0{number}")
        )
        assert call("-C", workspace, "ingest", file, "--at", JUDGED_AT).returncode == 0
    return workspace


def some_id(workspace: Path, asset: str) -> str:
    found = call(
        "-C", workspace, "findings", "--all", "--asset", asset, "--control", "domestic/cpu", "-f", "jsonl"
    ).stdout
    return str(json.loads(found.splitlines()[0])["id"])


def test_a_changed_byte_in_a_segment_is_noticed_by_whatever_reads_it(filled: Path) -> None:
    finding = some_id(filled, "h1")
    segment = filled / "captures" / "000001.captures.jsonl"
    segment.write_bytes(segment.read_bytes().replace(b"HygonGenuine", b"HygonGenuinE", 1))
    for verb in (["judge", "--at", JUDGED_AT], ["show", finding], ["rebuild"]):
        refused(call("-C", filled, *verb), "000001.captures.jsonl", "sha256", code=1)


@pytest.mark.parametrize("left", [0.5, 0.9])
def test_a_truncated_segment_is_noticed(left: float, filled: Path) -> None:
    segment = filled / "captures" / "000002.captures.jsonl"
    os.truncate(segment, int(segment.stat().st_size * left))
    for verb in (["judge", "--at", JUDGED_AT], ["rebuild"]):
        refused(call("-C", filled, *verb), "000002.captures.jsonl", code=1)


def test_a_segment_cut_between_two_lines_is_noticed_by_rebuild(filled: Path) -> None:
    segment = filled / "captures" / "000001.captures.jsonl"
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(lines[:-1]))
    before = (filled / "xunyan.db").read_bytes()
    refused(call("-C", filled, "rebuild"), "000001.captures.jsonl", "3", "2", code=1)
    assert (filled / "xunyan.db").read_bytes() == before
    assert not list(filled.glob(".xunyan.db.rebuild*"))


@pytest.mark.parametrize("lost", ["000001", "000002"])
def test_a_lost_segment_is_noticed(lost: str, filled: Path) -> None:
    finding = some_id(filled, f"h{int(lost)}")
    (filled / "captures" / f"{lost}.captures.jsonl").unlink()
    for verb in (["show", finding], ["judge", "--at", JUDGED_AT], ["rebuild"]):
        refused(call("-C", filled, *verb), f"{lost}.captures.jsonl", code=1)


def test_other_files_among_the_segments_are_left_alone(filled: Path) -> None:
    for name in ("1x.captures.jsonl", "000001.copy.captures.jsonl", "9" * 30 + ".captures.jsonl", ".hidden"):
        (filled / "captures" / name).write_text("nonsense")
    for verb in (["judge", "--at", JUDGED_AT], ["rebuild"]):
        done = call("-C", filled, *verb)
        assert done.returncode == 0, done.stderr


def test_a_workspaces_own_segments_can_be_taken_in_elsewhere(filled: Path) -> None:
    fresh = filled.parent / "other"
    call("init", fresh)
    done = call("-C", fresh, "ingest", filled / "captures", "--at", JUDGED_AT)
    assert "导入采集 6 条" in done.stdout
    assert call("-C", filled, "ingest", filled / "captures", "--no-judge").stdout.count("已有 6 条") == 1
    once, again = (call("-C", one, "findings", "--all", "-f", "jsonl").stdout for one in (filled, fresh))
    assert once == again


def test_a_broken_line_in_the_register_is_named(filled: Path) -> None:
    register = filled / "inventory" / "identities.jsonl"
    lines = register.read_bytes().splitlines(keepends=True)
    register.write_bytes(b"".join([lines[0], b"{broken\n", *lines[1:]]))
    for verb in (["rebuild"], ["doctor"], ["ingest", str(filled.parent / "1.captures.jsonl")]):
        refused(call("-C", filled, *verb), "identities.jsonl", "line 2", code=1)


def test_a_lost_register_is_noticed(filled: Path) -> None:
    (filled / "inventory" / "identities.jsonl").unlink()
    refused(call("-C", filled, "rebuild"), "identities.jsonl", code=1)


def test_a_journal_cut_within_a_line_is_an_act_that_never_closed(filled: Path) -> None:
    journal = filled / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:40])
    done = call("-C", filled, "judge", "--at", JUDGED_AT)
    assert done.returncode == 0, done.stderr
    assert [json.loads(one)["entry"] for one in journal.read_text("utf-8").splitlines()].count("judgement") == 2
    assert call("-C", filled, "rebuild").returncode == 0


def test_a_broken_line_within_the_journal_is_named(filled: Path) -> None:
    journal = filled / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([b"{}\n", *lines[1:]]))
    for verb in (["rebuild"], ["judge"]):
        refused(call("-C", filled, *verb), "journal.jsonl", "line 1", code=1)


@pytest.mark.parametrize("garbage", [b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_database_of_garbage_is_named_and_can_be_made_again(garbage: bytes, filled: Path) -> None:
    before = call("-C", filled, "findings", "--all", "-f", "jsonl").stdout
    for suffix in ("-wal", "-shm"):
        (filled / f"xunyan.db{suffix}").unlink(missing_ok=True)
    (filled / "xunyan.db").write_bytes(garbage)
    for verb in ("findings", "judge", "doctor"):
        done = call("-C", filled, verb)
        assert done.returncode == 1
        assert "xunyan rebuild" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert call("-C", filled, "rebuild").returncode == 0
    assert call("-C", filled, "findings", "--all", "-f", "jsonl").stdout == before


def test_a_database_broken_inside_is_named(filled: Path) -> None:
    with sqlite3.connect(filled / "xunyan.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    database = filled / "xunyan.db"
    data = bytearray(database.read_bytes())
    for page in range(4096 * 3, len(data) - 4096, 4096):
        data[page : page + 512] = b"\xff" * 512
    database.write_bytes(data)
    done = call("-C", filled, "findings", "--all")
    refused(done, "xunyan rebuild", code=1)


def test_a_lost_database_is_named_and_can_be_made_again(filled: Path) -> None:
    before = call("-C", filled, "findings", "--all", "-f", "jsonl").stdout
    for suffix in ("", "-wal", "-shm"):
        (filled / f"xunyan.db{suffix}").unlink(missing_ok=True)
    refused(call("-C", filled, "findings"), "xunyan.db", "xunyan rebuild", code=1)
    assert call("-C", filled, "rebuild").returncode == 0
    assert call("-C", filled, "findings", "--all", "-f", "jsonl").stdout == before


def test_an_empty_database_does_not_pass_for_no_findings(filled: Path) -> None:
    for suffix in ("-wal", "-shm"):
        (filled / f"xunyan.db{suffix}").unlink(missing_ok=True)
    (filled / "xunyan.db").write_bytes(b"")
    assert "xunyan rebuild" in call("-C", filled, "findings").stderr


def test_a_database_of_a_newer_version_is_left_alone(filled: Path) -> None:
    with sqlite3.connect(filled / "xunyan.db") as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('xunyan', '9999-future', '2030-01-01')"
        )
    db.close()
    for verb in ("findings", "judge"):
        refused(call("-C", filled, verb), "9999-future", "升级", code=1)
    assert call("-C", filled, "rebuild").returncode == 0
    assert call("-C", filled, "findings").returncode == 0


HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_writer_is_told_and_readers_go_on(filled: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, filled / ".lock"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        before = kept(filled)
        for verb in (["judge"], ["rebuild"], ["ingest", str(filled.parent / "1.captures.jsonl")]):
            refused(call("-C", filled, *verb), str(filled), code=1)
        assert call("-C", filled, "findings").returncode == 0
        assert kept(filled) == before
    finally:
        holder.communicate()


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="as root permissions do not hold")
def test_a_folder_that_cannot_be_written_is_named(filled: Path) -> None:
    drop = ["setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    folders = [filled, filled / "captures", filled / "inventory"]
    expected = call("-C", filled, "findings", "--all").stdout
    for folder in folders:
        folder.chmod(0o555)
    try:
        looked = subprocess.run(
            [*drop, sys.executable, "-c", "from console.cli import main; main()", "-C", filled, "findings", "--all"],
            capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert (looked.returncode, looked.stdout) == (0, expected), looked.stderr
        for verb in (["judge"], ["ingest", filled.parent / "1.captures.jsonl"], ["rebuild"]):
            done = subprocess.run(
                [*drop, sys.executable, "-c", "from console.cli import main; main()", "-C", filled, *verb],
                capture_output=True, encoding="utf-8", check=False,
            )  # fmt: skip
            assert done.returncode == 1, done.stderr
            assert "Traceback" not in done.stderr
            assert str(filled) in done.stderr
    finally:
        for folder in folders:
            folder.chmod(0o755)
