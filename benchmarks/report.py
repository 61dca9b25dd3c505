"""Measures the report of a synthetic estate: `python -m benchmarks.report [--hosts N] [--runs N]`.

Whole processes, as people start them. Exit code 1 where a bound is broken; the bounds speak of 10,000 hosts.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shutil import which
from statistics import median

from benchmarks.hosts import JUDGED_AT, make
from benchmarks.run import BOUND_HOSTS, MEGA, Cost, spend

BOUND_SECONDS = 20.0
BOUND_SIZE = 15_000_000
BOUND_OPENING = 3.0
BOUND_MEMORY = 500_000_000


def main() -> None:
    """Make an estate, write its report, open it, print the table, and say whether the bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=BOUND_HOSTS)
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured; the median counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xunyan-benchmark-") as name:
        folder = Path(name)
        workspace = estate(folder, options.hosts)
        page = folder / "report.html"
        costs = [spend(("-C", str(workspace), "report", "-o", str(page)), folder) for _ in range(options.runs)]
        opened = [seconds for _ in range(options.runs) if (seconds := opening(page)) is not None]
        text, kept = table(options.hosts, costs, page.stat().st_size, opened)
    print(text)
    sys.exit(1 if options.hosts == BOUND_HOSTS and not kept else 0)


def estate(folder: Path, hosts: int) -> Path:
    """Make a workspace that took in and judged a synthetic estate."""
    data, workspace = folder / "data", folder / "workspace"
    data.mkdir()
    make(data, hosts)
    spend(("init", str(workspace), "--profile", "example-city"), folder)
    spend(("-C", str(workspace), "ingest", "--no-judge", str(data)), folder)
    spend(("-C", str(workspace), "judge", "--at", JUDGED_AT), folder)
    return workspace


def opening(page: Path) -> float | None:
    """Seconds that a browser takes to start, lay the page out and give it back; None where there is no browser."""
    browser = which("chromium") or which("chromium-browser")
    if browser is None:
        return None
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += [f"--user-data-dir={page.parent / 'browser'}", f"--screenshot={page.parent / 'seen.png'}", page.as_uri()]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return time.perf_counter() - started


def table(hosts: int, costs: list[Cost], size: int, opened: list[float]) -> tuple[str, bool]:
    """Write the table in Markdown, and tell whether every bound was kept."""
    seconds, memory = median(one.seconds for one in costs), median(one.memory for one in costs)
    processor = median(one.processor for one in costs)
    rows = [
        ("`report -o` 时间", f"{seconds:.2f}（{processor:.2f}）秒", f"{BOUND_SECONDS:g} 秒", seconds < BOUND_SECONDS),
        ("峰值内存", f"{memory / MEGA:.0f} MB", f"{BOUND_MEMORY / MEGA:.0f} MB", memory < BOUND_MEMORY),
        ("文件大小", f"{size / MEGA:.1f} MB", f"{BOUND_SIZE / MEGA:.0f} MB", size < BOUND_SIZE),
    ]
    if opened:
        took = median(opened)
        rows.append(("Chromium 启动并打开", f"{took:.2f} 秒", f"{BOUND_OPENING:g} 秒", took < BOUND_OPENING))
    judged = {True: "是", False: "否"} if hosts == BOUND_HOSTS else {True: "—", False: "—"}
    lines = [
        f"| HTML报告，{hosts:,} 台 | 实测 | 上限 | 达到 |",
        "|---|--:|--:|:-:|",
        *(f"| {label} | {found} | {bound} | {judged[kept]} |" for label, found, bound, kept in rows),
    ]
    return "\n".join(lines), all(kept for *_, kept in rows)


if __name__ == "__main__":
    main()
