"""What the benchmark of network devices came to: medians, the targets, and the table in Markdown."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median

import paramiko

from benchmarks.devices_bare import THREADS
from benchmarks.devices_ground import Ran
from benchmarks.scan_table import DOCUMENT, KEPT, MEGA

BEGIN, END = "<!-- devices-benchmark:begin -->", "<!-- devices-benchmark:end -->"
DEVICES, MEMORY, STORED = 400, (100, 2000), 1000
"""The sizes that the targets speak of; at smaller ones nothing is judged."""

OF_STOCK, CPU, GROWTH, SECONDS = 1.5, 60.0, 1.2, 60.0


@dataclass(slots=True)
class Results:
    """All runs: stock netmiko and the carrier with ten commands, a scan with all commands, memory, and judging."""

    stock: list[Ran] = field(default_factory=list)
    carrier: list[Ran] = field(default_factory=list)
    scan: list[Ran] = field(default_factory=list)
    memory: list[Ran] = field(default_factory=list)
    judged: list[Ran] = field(default_factory=list)
    lines: int = 0


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
    judged = results.stock[0].devices >= DEVICES
    yield Row(f"原样的 netmiko，{THREADS} 线程，十条命令", results.stock)
    ratio, spent = speed(results.carrier) / speed(results.stock), processor(results.carrier)
    yield Row(
        "我们的通道，同样的线程和命令", results.carrier, f"netmiko 的 {ratio:.1f} 倍", f"≥ {OF_STOCK:g} 倍",
        ratio >= OF_STOCK if judged else None,
    )  # fmt: skip
    yield Row(
        "同上，处理器", results.carrier, f"{spent:.1f} 毫秒/台", f"≤ {CPU:g} 毫秒/台", spent <= CPU if judged else None
    )
    more = speed(results.scan) / speed(results.stock)
    yield Row("`scan --only devices --no-judge`，全部命令", results.scan, f"netmiko 问十条时的 {more:.1f} 倍")
    sizes = tuple(one.devices for one in results.memory)
    for one in results.memory:
        first = results.memory[0].cost
        if one is results.memory[0]:
            yield Row("同上，内存", [one])
            continue
        growth = max(one.cost.memory / first.memory, one.cost.tree / first.tree)
        yield Row(
            "同上，内存", [one], f"{sizes[0]:,} 台的 {growth:.2f} 倍", f"≤ {GROWTH:g} 倍",
            growth <= GROWTH if (sizes[0], one.devices) == MEMORY else None,
        )  # fmt: skip
    took = seconds(results.judged)
    yield Row(
        f"`judge`，配置至少 {results.lines:,} 行", results.judged, f"{took:.1f} 秒", f"< {SECONDS:g} 秒",
        took < SECONDS if results.judged[0].devices >= STORED else None,
    )  # fmt: skip


def seconds(runs: Sequence[Ran]) -> float:
    """The median of the time on the clock."""
    return median(one.cost.seconds for one in runs)


def speed(runs: Sequence[Ran]) -> float:
    """Devices in a second."""
    return runs[0].devices / seconds(runs)


def processor(runs: Sequence[Ran]) -> float:
    """The median of milliseconds of processor for each device, the start of the program included."""
    return 1000 * median(one.cost.processor for one in runs) / runs[0].devices


def missed(results: Results) -> bool:
    """Tell whether a target was not reached."""
    return any(row.kept is False for row in rows(results))


def lines(results: Results) -> Iterator[str]:
    """Write the table, and before it what it was measured on."""
    pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    machine = f"{os.cpu_count()} 核、{round(pages * page / 2**30)} GiB 内存、{platform.system()} {platform.machine()}"
    software = f"Python {platform.python_version()}、netmiko {version('netmiko')}、paramiko {paramiko.__version__}"
    yield (
        f"环境：{machine}、{software}，扫描方和模拟的设备同在这台机器上；"
        f"速度每项跑 {len(results.stock)} 次取中位数，内存和判定跑 1 次。"
    )
    yield ""
    yield "| 谁 | 设备 | 回答 | 秒 | 台/秒 | 处理器（毫秒/台） | 峰值内存 | 进程树 | 测得 | 目标 | 达到 |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|:-:|"
    for row in rows(results):
        memory, tree = (max(getattr(one.cost, which) for one in row.runs) / MEGA for which in ("memory", "tree"))
        yield (
            f"| {row.label} | {row.runs[0].devices:,} | {row.runs[0].answers:,} | {seconds(row.runs):.1f} |"
            f" {speed(row.runs):.1f} | {processor(row.runs):.1f} | {memory:.0f} MB | {f'{tree:.0f} MB' if tree else '—'} |"
            f" {row.found or '—'} | {row.target or '—'} | {KEPT[row.kept]} |"
        )


def write(text: str) -> None:
    """Put the table into the page, between its marks."""
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")
