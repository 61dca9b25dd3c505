"""Same captures, same moment, same verdicts: in any time zone, locale, folder and order, and after a rebuild."""

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.making import (
    CPUINFO_INTEL,
    IP_FOUR,
    JUDGED_AT,
    MOMENT,
    OS_DEBIAN,
    capture,
    host,
    records,
    write_jsonl,
    xunyan,
)


def estate() -> list[dict[str, Any]]:
    """Eight hosts of two networks: right, wrong, clones, one address twice, one seen twice, one with gaps."""
    lines = [
        *host("host:a", serial="SN-A", uuid="11111111-0000-0000-0000-00000000000a", mac="02:00:00:00:00:0a"),
        *host("host:b", cpuinfo=CPUINFO_INTEL, release=OS_DEBIAN, addresses=IP_FOUR, mac="02:00:00:00:00:0b"),
        *host("host:clone1", serial="SN-C", mac="02:00:00:00:00:c1"),
        *host("host:clone2", serial="SN-C", mac="02:00:00:00:00:c2"),
        *host("192.168.1.10", network="卫健委", unit="卫健委", mac="02:00:00:00:00:0d"),
        *host("192.168.1.10", network="教育局", mac="02:00:00:00:00:0e"),
        *host(
            "host:a",
            cpuinfo=CPUINFO_INTEL,
            serial="SN-A",
            taken_at="2026-11-20T20:00:00+08:00",
            mac="02:00:00:00:00:0a",
        ),
        capture("host:g", "os-release", "nonsense without any field"),
    ]
    gap = capture("host:g", "cpuinfo", "", schema="xunyan.gap/1", reason="denied", detail="Permission denied")
    del gap["output"], gap["exit"]
    return [*lines, gap]


def verdicts(folder: Path, *inputs: Path, env: dict[str, str] | None = None) -> bytes:
    xunyan("init", folder, env=env)
    xunyan("-C", folder, "ingest", "--no-judge", *inputs, env=env)
    return judged(folder, env)


def judged(folder: Path, env: dict[str, str] | None = None) -> bytes:
    return xunyan("-C", folder, "judge", "--at", JUDGED_AT, "--format", "jsonl", env=env).stdout.encode()


def test_time_zone_locale_and_folder_change_no_byte(tmp_path: Path) -> None:
    carried = write_jsonl(tmp_path / "all.captures.jsonl", estate())
    here = verdicts(tmp_path / "here", carried)
    assert len(here.splitlines()) == 4 * 7
    assert judged(tmp_path / "here") == here
    elsewhere = {
        "TZ": "America/St_Johns",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "de_DE",
        "PYTHONHASHSEED": "7",
        "XUNYAN_LANG": "en",
    }
    assert verdicts(tmp_path / "别 处" / "there", carried, env=elsewhere) == here


def test_a_rebuild_changes_no_byte_of_verdicts_and_no_row_of_the_index(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    before = verdicts(folder, write_jsonl(tmp_path / "all.captures.jsonl", estate()))
    later = [*host("host:b", taken_at="2026-11-21T07:00:00+08:00", mac="02:00:00:00:00:0b")]
    xunyan("-C", folder, "ingest", write_jsonl(tmp_path / "later.captures.jsonl", later), "--at", JUDGED_AT)
    rows = dump(folder)
    assert {
        "capture",
        "gap",
        "asset",
        "run",
        "judgement",
        "history",
        "event",
        "verdict",
        "observation",
        "relation",
    } <= set(rows)
    assert all(rows[name] for name in ("capture", "gap", "event", "verdict", "history", "blind"))
    xunyan("-C", folder, "rebuild")
    assert dump(folder) == rows
    (folder / "xunyan.db").unlink()
    xunyan("-C", folder, "rebuild")
    assert dump(folder) == rows
    assert judged(folder) != before
    assert records("-C", folder, "diff") == []


def dump(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    database = sqlite3.connect(folder / "xunyan.db")
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {
        name: sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names if name[0] != "_"
    }
    database.close()
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("expected")
    return verdicts(folder / "w", write_jsonl(folder / "all.captures.jsonl", estate()))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), files=st.integers(1, 5))
def test_the_order_of_lines_and_files_changes_no_byte(
    tmp_path_factory: pytest.TempPathFactory, expected: bytes, seed: int, files: int
) -> None:
    folder = tmp_path_factory.mktemp("order")
    chance = random.Random(seed)
    lines = estate()
    chance.shuffle(lines)
    paths = [write_jsonl(folder / f"{chance.random()}.captures.jsonl", lines[i::files]) for i in range(files)]
    assert verdicts(folder / "w", *paths) == expected


def test_one_file_after_another_gives_the_same_too(tmp_path: Path, expected: bytes) -> None:
    xunyan("init", tmp_path / "w")
    lines = estate()
    for number in range(0, len(lines), 4):
        part = write_jsonl(tmp_path / f"{number}.captures.jsonl", lines[number : number + 4])
        xunyan("-C", tmp_path / "w", "ingest", "--no-judge", part)
    assert judged(tmp_path / "w") == expected


def test_the_stored_form_carries_over(tmp_path: Path, expected: bytes) -> None:
    xunyan("init", tmp_path / "w")
    xunyan("-C", tmp_path / "w", "ingest", "--no-judge", write_jsonl(tmp_path / "all.captures.jsonl", estate()))
    assert verdicts(tmp_path / "again", tmp_path / "w" / "captures") == expected


def test_a_judgement_sees_nothing_newer_than_its_moment(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    xunyan("init", folder)
    lines = [*host("host:a"), *host("host:a", cpuinfo=CPUINFO_INTEL, taken_at="2026-11-20T20:00:00+08:00")]
    xunyan("-C", folder, "ingest", "--no-judge", write_jsonl(tmp_path / "all.captures.jsonl", lines))

    def cpu(at: str) -> str:
        out = xunyan("-C", folder, "judge", "--at", at, "--format", "jsonl").stdout
        found = [one["status"] for one in map(json.loads, out.splitlines()) if one["control"] == "domestic/cpu"]
        return str(found[0]) if found else ""

    assert cpu(MOMENT) == "satisfied"
    assert cpu("2026-11-20T19:59:59+08:00") == "satisfied"
    assert cpu("2026-11-20T20:00:00+08:00") == "not-satisfied"
    assert cpu("2026-11-19") == "", "nobody had heard of the host then"
