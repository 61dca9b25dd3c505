"""What the benchmark of information systems came to: medians, the targets, and the table in Markdown."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import dns.version
import httpx

from benchmarks.scan_table import DOCUMENT, KEPT, MEGA
from benchmarks.systems_ground import AT_ONCE, CONNECT, Ran

BEGIN, END = "<!-- systems-benchmark:begin -->", "<!-- systems-benchmark:end -->"
BARE, SCAN = "bare", "scan"
ENOUGH = 5000
"""The targets speak of so many names; at fewer nothing is judged."""

OF_BARE, MEMORY = 1.5, 400 * MEGA

Results = Mapping[str, Sequence[Ran]]
"""All runs of each contender."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `kept` is None where there is no target, or it does not speak of this size."""

    label: str
    runs: Sequence[Ran]
    found: str = ""
    target: str = ""
    kept: bool | None = None


def rows(results: Results) -> Iterator[Row]:
    """Say what each contender came to, and whether the targets were reached."""
    bare, scan = results[BARE], results[SCAN]
    judged = scan[0].names >= ENOUGH
    ratio = seconds(scan) / seconds(bare)
    peak = max(max(one.cost.memory, one.cost.tree) for one in scan)
    yield Row("裸循环（httpx 和 dnspython）", bare)
    yield Row(
        "`scan --only systems --no-judge`", scan, f"裸循环的 {ratio:.2f} 倍时间", f"≤ {OF_BARE:g} 倍",
        ratio <= OF_BARE if judged else None,
    )  # fmt: skip
    yield Row(
        "同上，内存", scan, f"最多 {peak / MEGA:.0f} MB", f"< {MEMORY // MEGA} MB", peak < MEMORY if judged else None
    )


def seconds(runs: Sequence[Ran]) -> float:
    """The median of the time on the clock."""
    return median(one.cost.seconds for one in runs)


def missed(results: Results) -> bool:
    """Tell whether a target was not reached."""
    return any(row.kept is False for row in rows(results))


def lines(results: Results) -> Iterator[str]:
    """Write the table, and before it what it was measured on."""
    pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    machine = f"{os.cpu_count()} 核、{round(pages * page / 2**30)} GiB 内存、{platform.system()} {platform.machine()}"
    software = f"Python {platform.python_version()}、httpx {httpx.__version__}、dnspython {dns.version.version}"
    yield (
        f"环境：{machine}、{software}，扫描方和各服务器同在这台机器上；同时 {AT_ONCE} 个，连接时限 {CONNECT:g} 秒；"
        f"每项跑 {len(results[BARE])} 次取中位数，内存取最多的一次。"
    )
    yield ""
    yield "| 谁 | 域名 | 秒 | 个/秒 | 处理器（毫秒/个） | 峰值内存 | 进程树 | DNS 查询 | 读到的首页 | 测得 | 目标 | 达到 |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|:-:|"
    for row in rows(results):
        names = row.runs[0].names
        processor = 1000 * median(one.cost.processor for one in row.runs) / names
        memory, tree = (max(getattr(one.cost, which) for one in row.runs) / MEGA for which in ("memory", "tree"))
        asked, read = (min(getattr(one, which) for one in row.runs) for which in ("questions", "pages"))
        yield (
            f"| {row.label} | {names:,} | {seconds(row.runs):.1f} | {names / seconds(row.runs):.1f} | {processor:.1f} |"
            f" {memory:.0f} MB | {tree:.0f} MB | {asked:,} | {read:,} |"
            f" {row.found or '—'} | {row.target or '—'} | {KEPT[row.kept]} |"
        )


def write(text: str) -> None:
    """Put the table into the page, between its marks."""
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")
