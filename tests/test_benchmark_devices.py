"""The benchmark of network devices lets all contenders do the same work, and its table stands in the page."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.devices_ground import ALL, TEN, Ran, write_answers
from benchmarks.devices_models import ASKED, LINES, PLATFORM_OF, answers, device
from benchmarks.devices_table import BEGIN, END, Results, lines, missed
from benchmarks.scan_ground import Cost
from scanners.platforms.devices import VENDORS
from tests.making import PROJECT


def test_all_contenders_get_every_answer_of_every_device() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.devices", "--devices", "5", "--memory", "2,4", "--stored", "5", "--runs", "1"],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("|") for line in done.stdout.splitlines() if line.startswith("|")][2:]
    assert [int(row[3]) for row in rows[:4]] == [5 * ASKED] * 3 + [sum(map(len, ALL.values()))]
    assert [int(row[2]) for row in rows[4:]] == [2, 4, 5]
    assert {row[11].strip() for row in rows} == {"—"}, "targets speak of more devices than these"
    assert "配置至少 3," in rows[-1][1]


def test_ten_commands_of_each_platform_end_with_the_configuration() -> None:
    for platform, commands in TEN.items():
        assert len(set(commands)) == ASKED
        assert commands[-1] == list(VENDORS[platform].commands)[-1]


@pytest.mark.parametrize("number", range(5))
def test_a_stored_device_is_large_and_read_without_a_blind_spot(number: int, tmp_path: Path) -> None:
    own = device(number, large=True)
    told = answers(own)
    assert list(told.values())[-1].count("\n") >= LINES
    assert PLATFORM_OF[own.vendor] in VENDORS
    least = write_answers(tmp_path / "x.jsonl", number + 1)
    rows = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text("utf-8").splitlines()]
    assert least >= LINES
    assert len({row["asset"] for row in rows}) == number + 1


def _ran(devices: int, seconds: float, processor: float = 0.0, memory: int = 50_000_000) -> Ran:
    return Ran(devices, Cost(seconds, processor, memory, memory), devices * ASKED)


def _results(**more: list[Ran]) -> Results:
    kept = {
        "stock": [_ran(400, 90)], "carrier": [_ran(400, 50, 20)], "scan": [_ran(400, 60, 24)],
        "memory": [_ran(100, 10), _ran(2000, 200, memory=59_000_000)], "judged": [_ran(1000, 59)],
    }  # fmt: skip
    return Results(**{**kept, **more}, lines=3100)


def test_targets_are_judged_at_their_own_size_only() -> None:
    assert not missed(_results())
    for more in (
        {"carrier": [_ran(400, 61, 20)]},
        {"carrier": [_ran(400, 50, 25)]},
        {"memory": [_ran(100, 10), _ran(2000, 200, memory=61_000_000)]},
        {"judged": [_ran(1000, 61)]},
    ):
        assert missed(_results(**more)), more
    small = {"stock": [_ran(10, 1)], "carrier": [_ran(10, 9, 9)], "scan": [_ran(10, 9, 9)]}
    assert not missed(_results(**small, memory=[_ran(5, 1), _ran(10, 1, memory=99_000_000)], judged=[_ran(10, 99)]))


def test_the_table_names_what_it_was_measured_on_and_stands_in_the_page() -> None:
    text = "\n".join(lines(_results()))
    assert "netmiko 4." in text
    assert "| 我们的通道，同样的线程和命令 | 400 | 4,000 | 50.0 | 8.0 | 50.0 |" in text
    page = (PROJECT / "docs" / "benchmarks.md").read_text("utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
