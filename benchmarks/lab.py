"""Measures raising a lab: `python -m benchmarks.lab [--hosts N,N] [--runs N] [--write]`.

A whole process each time: the files of the hosts, the networks, every sshd listening; then the memory that all of the lab's
processes share out among them (PSS), and taking it down.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from benchmarks.scan_table import DOCUMENT as PAGE
from lab.scenario.model import Scenario
from lab.scenario.reading import SHIPPED, read_scenario

BEGIN, END = "<!-- lab-benchmark:begin -->", "<!-- lab-benchmark:end -->"
BOUNDS = {50: 10.0, 200: 40.0}
MOST_MB = 10.0
_PROGRAM = """
import sys, time
from pathlib import Path
from benchmarks.lab import scenario_of
from lab.grounds.namespaces import Namespaces
began = time.monotonic()
ground = Namespaces(Path(sys.argv[1]), scenario_of(int(sys.argv[2])))
ground.start(lambda _: None)
print(time.monotonic() - began, flush=True)
sys.stdin.readline()
began = time.monotonic()
ground.stop()
print(time.monotonic() - began, flush=True)
"""


def scenario_of(count: int) -> Scenario:
    """Make a scenario of so many hosts of the usual kinds, half of them behind a router, a fifth with a web server."""
    table = yaml.safe_load((SHIPPED / "clean.yaml").read_text("utf-8"))
    table |= {"evaluated_products": "", "ledgers": [], "expect": [], "gaps": []}
    web = count // 5
    kinds = {"unit": "教育局", "machine": "kunpeng-920", "system": "kylin-server-v10"}
    table["hosts"] = [
        {"name": "near", "count": count // 2, "at": {"外网": ["10.20.1.1", "2001:db8:20:1::1"]}, **kinds},
        {
            "name": "far",
            "count": count - count // 2 - web,
            "at": {"政务云": ["10.30.1.1", "2001:db8:30:1::1"]},
            **kinds,
        },
        {
            "name": "web",
            "count": web,
            "at": {"政务云": ["10.30.9.1", "2001:db8:30:9::1"]},
            "web": [{"title": "网站"}],
            **kinds,
        },
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bench.yaml"
        path.write_text(json.dumps(table, ensure_ascii=False), "utf-8")
        return read_scenario(path)


def measure(count: int) -> tuple[float, float, float]:
    """Raise and lower so many hosts once: seconds up, MB of memory in all, seconds down."""
    with TemporaryDirectory() as place:
        command = [sys.executable, "-c", _PROGRAM, str(Path(place) / "lab"), str(count)]
        (Path(place) / "lab").mkdir()
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
            up = float(process.stdout.readline())
            memory = sum(pss(pid) for pid in descendants(process.pid)) / 1000
            process.stdin.write("\n")
            process.stdin.flush()
            down = float(process.stdout.readline())
        return up, memory, down


def descendants(pid: int) -> list[int]:
    """The processes that come from one, without itself."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text("utf-8", errors="replace").rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        parents.setdefault(parent, []).append(int(path.parent.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        own = parents.get(waiting.pop(), [])
        found += own
        waiting += own
    return found


def pss(pid: int) -> float:
    """The share of memory of one process, in KB of a thousand bytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) * 1.024 for line in lines if line.startswith("Pss:"))


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table; 1 where a bound was not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts", default="50,200")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    rows, kept = [], True
    for count in map(int, options.hosts.split(",")):
        runs = [measure(count) for _ in range(options.runs)]
        up, memory, down = (statistics.median(column) for column in zip(*runs, strict=True))
        bound = BOUNDS.get(count)
        fits = (bound is None or up <= bound) and memory / count <= MOST_MB
        kept &= fits
        print(f"{count}: up {up:.2f} s, {memory:.0f} MB, down {down:.2f} s")
        rows.append(
            f"| {count} | {up:.2f} 秒 | {f'{bound:.0f} 秒' if bound else '—'} | {memory / count:.1f} MB | {MOST_MB:.0f} MB | "
            f"{down:.2f} 秒 | {'是' if fits else '否'} |"
        )
    table = "\n".join(
        [
            f"{os.cpu_count()} 核，{os.uname().sysname} {os.uname().machine}；每项跑 {options.runs} 次取中位数。", "",
            "| 主机 | 立起来 | 上限 | 每台内存 | 上限 | 撤掉 | 达到 |", "|--:|--:|--:|--:|--:|--:|:-:|", *rows,
        ]
    )  # fmt: skip
    print(table)
    if options.write:
        text = PAGE.read_text("utf-8")
        before, _, rest = text.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", "utf-8")
    return 0 if kept else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).resolve().parents[1]))
    sys.exit(main(sys.argv[1:]))
