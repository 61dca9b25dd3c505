"""Measures reading network devices against stock netmiko: `python -m benchmarks.devices [--devices N] [--runs N] [--write]`.

Simulated devices of five vendors listen in a process of their own, an address each; the contenders take turns within each
run. Then memory over few and many devices, and the judgement of large devices whose answers are stored. Exit code 1 where a
target is missed; the targets speak of 400 devices, of 100 and 2,000 for memory, and of 1,000 stored.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.devices_ground import TEN, Ground, Ran
from benchmarks.devices_table import Results, lines, missed, write


def main() -> None:
    """Read the arguments, measure, print the table, and write it into the document where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=400, help="devices that are asked live")
    parser.add_argument("--memory", default="100,2000", help="over how many devices memory is measured, two sizes")
    parser.add_argument("--stored", type=int, default=1000, help="devices whose answers are stored and judged")
    parser.add_argument("--runs", type=int, default=3, help="how often each is timed; the median counts")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args()
    sizes = [int(one) for one in options.memory.split(",")]
    results = Results()
    with tempfile.TemporaryDirectory(prefix="xunyan-bench-") as folder:
        ground = Ground(Path(folder), max(options.devices, *sizes))
        with ground.listening():
            _live(ground, options.devices, options.runs, results)
            results.memory = [_told("memory", ground.scan(size, memory=True)) for size in sizes]
        judged, results.lines = ground.judge(options.stored)
        results.judged = [_told("judge", judged)]
    text = "\n".join(lines(results))
    print(text)
    if options.write:
        write(text)
    sys.exit(1 if missed(results) else 0)


def _live(ground: Ground, count: int, runs: int, results: Results) -> None:
    contenders: list[tuple[list[Ran], str, Callable[[], Ran]]] = [
        (results.stock, "netmiko", lambda: ground.loop("devices_bare", count, TEN)),
        (results.carrier, "carrier", lambda: ground.loop("devices_carrier", count, TEN)),
        (results.scan, "scan", lambda: ground.scan(count)),
    ]
    for number in range(runs):
        first = number % len(contenders)
        for kept, name, take in contenders[first:] + contenders[:first]:  # another begins each time
            kept.append(_told(name, take()))


def _told(name: str, ran: Ran) -> Ran:
    told = f"{name} {ran.devices}: {ran.cost.seconds:.1f} s, {ran.cost.processor:.1f} s of processor"
    print(f"{told}, {ran.cost.memory / 1e6:.0f} MB", file=sys.stderr, flush=True)
    return ran


if __name__ == "__main__":
    main()
