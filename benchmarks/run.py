"""Measures the product's own commands as whole processes: `python -m benchmarks.run [--hosts N,N] [--runs N] [--write]`.

Every run takes a fresh workspace in a temporary folder. Exit code 1 where a bound is broken; the bounds speak of 10,000 hosts.
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.hosts import JUDGED_AT, Made, make

DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- benchmark:begin -->", "<!-- benchmark:end -->"
BOUND_HOSTS = 10_000
BOUND_MEMORY = 1_000_000_000
PACKAGE_MEMORY = 500_000_000
MEGA = 1_000_000
KEPT = {True: "否", False: "是", None: "—"}


@dataclass(frozen=True, slots=True)
class Step:
    """One command that is measured; `seconds` and `memory` (bytes) bound it at `BOUND_HOSTS` hosts."""

    label: str
    arguments: Callable[[Path], tuple[str, ...]]
    seconds: float
    memory: int = BOUND_MEMORY


STEPS = (
    Step("`ingest --no-judge`", lambda data: ("ingest", "--no-judge", str(data)), 60),
    Step("`judge`", lambda _: ("judge", "--at", JUDGED_AT), 60),
    Step("`rebuild`", lambda _: ("rebuild",), 60),
    Step(
        "`findings --status --unit`",
        lambda data: ("findings", "--status", "not-satisfied", "--unit", _a_unit(data), "--format", "jsonl"),
        0.5,
    ),
    Step("`findings --control --limit 50`", lambda _: ("findings", "--control", "domestic/cpu", "--limit", "50"), 0.5),
    Step("`report --format html`", lambda data: ("report", "--format", "html", "-o", str(_beside(data, "html"))), 20),
    Step("`evidence pack`", lambda data: ("evidence", "pack", "-o", str(_beside(data, "zip"))), 90, PACKAGE_MEMORY),
    Step("`evidence verify`", lambda data: ("evidence", "verify", str(_beside(data, "zip"))), 90, PACKAGE_MEMORY),
    Step("`evidence replay`", lambda data: ("evidence", "replay", str(_beside(data, "zip"))), 90, PACKAGE_MEMORY),
)


def _beside(data: Path, suffix: str) -> Path:
    """Name what a step writes and the next one reads."""
    return data.with_name(f"{data.name}.{suffix}")


def _a_unit(data: Path) -> str:
    """Name a unit that the data has."""
    with next(iter(sorted(data.glob("*.jsonl")))).open(encoding="utf-8") as file:
        return str(json.loads(file.readline())["unit"])


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: seconds on the clock, seconds of processor, and bytes of memory at its peak."""

    seconds: float
    processor: float
    memory: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One size of estate: what was made, the median cost of each step, and bytes on disk by name."""

    made: Made
    costs: tuple[Cost, ...]
    disk: dict[str, int]


def main() -> None:
    """Read the arguments, measure, print the table, and write it into the document where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", default="1000,10000", help="sizes of estate, with commas between them")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured; the median counts")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args()
    sizes = sorted({int(text) for text in options.hosts.split(",")})
    with tempfile.TemporaryDirectory(prefix="xunyan-benchmark-") as name:
        measured = [measure(Path(name), hosts, options.runs) for hosts in sizes]
    text = report(measured, options.runs)
    print(text)
    if options.write:
        before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")
    sys.exit(1 if any(broken(measured, step) for step in range(len(STEPS))) else 0)


def measure(folder: Path, hosts: int, runs: int) -> Measured:
    """Make an estate and measure every step on it, each run in a workspace of its own."""
    data = folder / f"{hosts}-hosts"
    data.mkdir()
    made = make(data, hosts)
    costs: list[list[Cost]] = [[] for _ in STEPS]
    disk: dict[str, int] = {}
    for number in range(runs):
        workspace = folder / f"{hosts}-workspace-{number}"
        spend(("init", str(workspace)), folder)
        for step, found in zip(STEPS, costs, strict=True):
            found.append(spend(("-C", str(workspace), *step.arguments(data)), folder))
        disk = {
            "captures/": sum(path.stat().st_size for path in (workspace / "captures").iterdir()),
            "xunyan.db": (workspace / "xunyan.db").stat().st_size,
            "journal.jsonl": (workspace / "journal.jsonl").stat().st_size,
            "HTML": _beside(data, "html").stat().st_size,
            "ZIP": _beside(data, "zip").stat().st_size,
        }
        shutil.rmtree(workspace)
    shutil.rmtree(data)
    middle = tuple(
        Cost(
            median(one.seconds for one in found),
            median(one.processor for one in found),
            int(median(one.memory for one in found)),
        )
        for found in costs
    )
    return Measured(made, middle, disk)


def spend(arguments: tuple[str, ...], folder: Path) -> Cost:
    """Run the product once, as people start it, and say what it took. Raises CalledProcessError where it fails."""
    command = [str(Path(sysconfig.get_path("scripts")) / "xunyan"), *arguments]
    with (folder / "said.txt").open("w+b") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.stderr.write(said.read().decode("utf-8", "replace")[-2000:])
            raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def broken(measured: list[Measured], step: int) -> bool | None:
    """Tell whether a step went beyond its bounds; None where no estate of the size that they speak of was measured."""
    costs = [one.costs[step] for one in measured if one.made.hosts == BOUND_HOSTS]
    bound = STEPS[step]
    return any(one.seconds >= bound.seconds or one.memory >= bound.memory for one in costs) if costs else None


def _size(memory: int) -> str:
    return f"{memory // (1000 * MEGA)} GB" if memory >= 1000 * MEGA else f"{memory // MEGA} MB"


def report(measured: list[Measured], runs: int) -> str:
    """Write the tables in Markdown."""
    first, last = measured[0], measured[-1]
    pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    machine = f"{os.cpu_count()} 核、{round(pages * page / 2**30)} GiB 内存、{platform.system()} {platform.machine()}"
    software = f"Python {platform.python_version()}、SQLite {sqlite3.sqlite_version}"
    lines = [
        f"环境：{machine}、{software}；每项跑 {runs} 次取中位数。",
        "",
        "| 数据 | 采集 | 缺口 | 输入 | " + " | ".join(f"`{name}`" for name in last.disk) + " |",
        "|---|--:|--:|--:|" + "--:|" * len(last.disk),
        *(
            f"| {one.made.hosts:,} 台 | {one.made.captures:,} 条 | {one.made.gaps:,} 条 | {one.made.size / MEGA:.1f} MB | "
            + " | ".join(f"{size / MEGA:.1f} MB" for size in one.disk.values())
            + " |"
            for one in measured
        ),
        "",
        "| 命令 |" + "".join(f" {one.made.hosts:,} 台 |" for one in measured) + " 时间之比 | 峰值内存 | 上限 | 达到 |",
        "|---|" + "--:|" * len(measured) + "--:|--:|--:|:-:|",
    ]
    for index, step in enumerate(STEPS):
        began, ended = first.costs[index], last.costs[index]
        lines.append(
            f"| {step.label} |"
            + "".join(f" {one.costs[index].seconds:.2f}（{one.costs[index].processor:.2f}）秒 |" for one in measured)
            + f" {ended.seconds / began.seconds:.1f}（{ended.processor / began.processor:.1f}） |"
            + f" {ended.memory / MEGA:.0f} MB | {step.seconds:g} 秒、{_size(step.memory)} | {KEPT[broken(measured, index)]} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
