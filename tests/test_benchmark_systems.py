"""The benchmark of information systems lets both contenders do the same work, and its table stands in the page."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from shutil import which

import pytest

from benchmarks.scan_ground import Cost
from benchmarks.systems_bare import KINDS
from benchmarks.systems_ground import Ground, Ran
from benchmarks.systems_servers import Served
from benchmarks.systems_table import BARE, BEGIN, END, SCAN, lines, missed
from tests.making import PROJECT

SEARCHED = "/usr/sbin:/sbin:/usr/bin:/bin"
needs_servers = pytest.mark.skipif(
    any(which(one, path=SEARCHED) is None for one in ("unbound", "nginx", "ip")), reason="no unbound, nginx or ip here"
)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace needs root")


@needs_servers
@needs_root
def test_both_contenders_ask_everything_and_read_every_page() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.systems", "--names", "20", "--runs", "1"],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("|") for line in done.stdout.splitlines() if line.startswith("|")][2:]
    assert [row[1].split("（")[0].strip() for row in rows] == [
        "裸循环",
        "`scan --only systems --no-judge`",
        "同上，内存",
    ]
    for row in rows:
        assert int(row[8].replace(",", "")) >= 20 * len(KINDS), "six questions a name"
        assert int(row[9].replace(",", "")) == 2 * 18, "both families of the nine in ten that are no hole"
        assert float(row[3]) > 5, "the holes cost their time limit"
        assert row[12].strip() == "—", "targets speak of more names than these"


def test_a_contender_that_left_something_out_is_refused(tmp_path: Path) -> None:
    ground = Ground(tmp_path, 20)
    ground.said.write_text("", "utf-8")
    asked = frozenset((one.name, kind) for one in ground.names for kind in KINDS)
    pages = Counter((one.name, address) for one in ground.names if not one.hole for address in (one.v4, one.v6))
    ground.check(Served(120, asked, pages))
    with pytest.raises(RuntimeError, match="1 questions were not asked"):
        ground.check(Served(119, asked - {(ground.names[3].name, "HTTPS")}, pages))
    del pages[ground.names[0].name, ground.names[0].v6]
    with pytest.raises(RuntimeError, match="1 of 36 pages were not read"):
        ground.check(Served(120, asked, pages))


def test_targets_are_judged_at_their_own_size_only() -> None:
    def ran(names: int, seconds: float, memory: int = 10**8) -> Ran:
        return Ran(names, Cost(seconds, seconds, memory, memory), 6 * names, 2 * names)

    bare = [ran(5000, 60), ran(5000, 50), ran(5000, 90)]
    assert not missed({BARE: bare, SCAN: [ran(5000, 90)] * 3})
    assert missed({BARE: bare, SCAN: [ran(5000, 91)] * 3})
    assert missed({BARE: bare, SCAN: [ran(5000, 60), ran(5000, 60, 4 * 10**8), ran(5000, 60)]})
    small = {BARE: [ran(100, 10)], SCAN: [ran(100, 90, 10**9)]}
    assert not missed(small)
    assert "9.00 倍" in "\n".join(lines(small))


def test_the_page_says_where_the_table_goes() -> None:
    page = (PROJECT / "docs" / "benchmarks.md").read_text("utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
