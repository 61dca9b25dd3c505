"""What the scanning benchmark came to: medians, the targets, and the table in Markdown."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import ansible.release
import paramiko

from benchmarks.scan_contenders import Ran

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- scan-benchmark:begin -->", "<!-- scan-benchmark:end -->"
MEGA = 1_000_000
KEPT = {True: "是", False: "否", None: "—"}

HOSTS, FEW, MEMORY_HOSTS = 200, 200, (50, 1000)
"""The sizes that the targets speak of; at smaller ones nothing is judged."""

OF_BARE, CPU, OF_SETUP, ANSIBLE_OF_SETUP = 0.85, 15.0, 8.0, 3.0
GROWTH, MEMORY = 1.2, 300 * MEGA

Results = dict[tuple[str, int], list[Ran]]
"""All runs of a contender over so many hosts."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `kept` is None where there is no target, or it does not speak of this size."""

    label: str
    hosts: int
    runs: list[Ran]
    found: str = ""
    target: str = ""
    kept: bool | None = None


def rows(results: Results) -> Iterator[Row]:
    """Say what each contender came to, and whether the targets were reached."""
    by_name = {name: (hosts, runs) for (name, hosts), runs in results.items()}
    many, loop = by_name["bare"]
    few, ten = by_name["setup-10"]
    twenty = by_name["setup-20"][1]
    ssh, ssh_few, carried = (by_name[name][1] for name in ("ssh", "ssh-few", "ansible"))
    best = max(ten, twenty, key=speed)
    yield Row("裸 paramiko 循环，20 线程", many, loop)
    yield _compared("`scan --no-judge --carrier ssh`", many, ssh, "裸循环", loop, OF_BARE, HOSTS)
    spent = processor(ssh)
    yield Row(
        "同上，处理器", many, ssh, f"{spent:.1f} 毫秒/台", f"≤ {CPU:g} 毫秒/台",
        spent <= CPU if many >= HOSTS else None,
    )  # fmt: skip
    yield Row("`scan --carrier ssh`（含判定）", many, by_name["ssh-judge"][1])
    yield Row("`ansible -m setup`，10 个进程", few, ten)
    yield Row("`ansible -m setup`，20 个进程", few, twenty)
    yield _compared("`scan --no-judge --carrier ssh`", few, ssh_few, "setup ", best, OF_SETUP, FEW)
    yield _compared("`scan --no-judge --carrier ansible`", few, carried, "setup ", best, ANSIBLE_OF_SETUP, FEW)
    for name, label in (
        ("memory", "`scan --no-judge --carrier ssh`，内存"),
        ("memory-judge", "`scan --carrier ssh`（含判定），内存"),
    ):
        sizes = sorted(hosts for one, hosts in results if one == name)
        for hosts in sizes:
            small, runs = results[name, sizes[0]][0].cost, results[name, hosts]
            found = f"进程树 {runs[0].cost.tree / MEGA:.0f} MB"
            if hosts == sizes[0]:
                yield Row(label, hosts, runs, found)
                continue
            growth = max(runs[0].cost.memory / small.memory, runs[0].cost.tree / small.tree)
            peak = max(runs[0].cost.memory, runs[0].cost.tree)
            kept = peak < MEMORY
            target = f"< {MEMORY // MEGA} MB"
            if name == "memory":  # judging holds all verdicts at once, and has bounds of its own in the other table
                kept = kept and growth <= GROWTH
                target = f"≤ {GROWTH:g} 倍，{target}"
            yield Row(
                label, hosts, runs, f"{found}，{sizes[0]:,} 台的 {growth:.2f} 倍", target,
                kept if (sizes[0], hosts) == MEMORY_HOSTS else None,
            )  # fmt: skip


def _compared(label: str, hosts: int, runs: list[Ran], rival: str, theirs: list[Ran], least: float, enough: int) -> Row:
    """Make the line of a contender that is held against a rival by hosts in a second; judged from `enough` hosts on."""
    ratio = speed(runs) / speed(theirs)
    shown, target = (f"{ratio:.0%}", f"≥ {least:.0%}") if least < 1 else (f"{ratio:.1f} 倍", f"≥ {least:g} 倍")
    return Row(label, hosts, runs, f"{rival}的 {shown}", target, ratio >= least if hosts >= enough else None)


def speed(runs: list[Ran]) -> float:
    """The median of hosts in a second."""
    return median(one.speed for one in runs)


def processor(runs: list[Ran]) -> float:
    """The median of milliseconds of processor for each host."""
    return median(one.processor for one in runs)


def missed(results: Results) -> bool:
    """Tell whether a target was not reached."""
    return any(row.kept is False for row in rows(results))


def lines(results: Results, runs: int) -> Iterator[str]:
    """Write the table, and before it what it was measured on."""
    pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    machine = f"{os.cpu_count()} 核、{round(pages * page / 2**30)} GiB 内存、{platform.system()} {platform.machine()}"
    software = (
        f"Python {platform.python_version()}、paramiko {paramiko.__version__}、"
        f"ansible-core {ansible.release.__version__}"
    )
    yield f"环境：{machine}、{software}，扫描方与被查主机同在这台机器上；速度每项跑 {runs} 次取中位数，内存跑 1 次。"
    yield ""
    yield "| 谁 | 主机 | 台/秒 | 处理器（毫秒/台） | 每台留下 | 峰值内存 | 测得 | 目标 | 达到 |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|:-:|"
    for row in rows(results):
        kept = median(one.bytes for one in row.runs) / 1000
        memory = median(one.cost.memory for one in row.runs) / MEGA
        yield (
            f"| {row.label} | {row.hosts:,} | {speed(row.runs):.2f} | {processor(row.runs):.1f} | {kept:.1f} KB |"
            f" {memory:.0f} MB | {row.found or '—'} | {row.target or '—'} | {KEPT[row.kept]} |"
        )
