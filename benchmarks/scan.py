"""Measures scanning against its rivals: `python -m benchmarks.scan [--hosts N] [--few N] [--memory N,N] [--runs N] [--write]`.

A farm of real SSH servers on loopback is raised; the contenders take turns within each run, so that what else the
machine does hits all alike. Exit code 1 where a target is missed; the targets speak of 200 hosts, and of 50 and 1,000.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.scan_contenders import Contender, Ran, bare, scan, setup
from benchmarks.scan_ground import Ground
from benchmarks.scan_table import BEGIN, DOCUMENT, END, Results, lines, missed
from lab.farm import Farm
from lab.hosts import make_specs

BY_SSH = ("--carrier", "ssh")
MANY: dict[str, Contender] = {
    "bare": bare,
    "ssh": scan("--no-judge", *BY_SSH),
    "ssh-judge": scan(*BY_SSH),
}
FEW: dict[str, Contender] = {
    "ssh-few": scan("--no-judge", *BY_SSH),
    "setup-10": setup(10),
    "setup-20": setup(20),
    "ansible": scan("--no-judge", "--carrier", "ansible"),
}
MEMORY: dict[str, Contender] = {
    "memory": scan("--no-judge", *BY_SSH, memory=True),
    "memory-judge": scan(*BY_SSH, memory=True),
}


def main() -> None:
    """Read the arguments, measure, print the table, and write it into the document where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=200, help="hosts for the bare loop and the ssh carrier")
    parser.add_argument("--few", type=int, default=200, help="hosts for ansible and the ansible carrier")
    parser.add_argument("--memory", default="50,1000", help="sizes at which memory is measured; empty for none")
    parser.add_argument("--runs", type=int, default=3, help="how often each is timed; the median counts")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args()
    sizes = sorted({int(text) for text in options.memory.split(",") if text})
    results: Results = {}
    with ground(max(options.hosts, options.few)) as place:
        bare(place, options.hosts)  # the first login to a host costs the host more than the next
        for number in range(options.runs):
            for name, one in turn(MANY, number):
                note(results, name, one(place, options.hosts))
            for name, one in turn(FEW, number):
                note(results, name, one(place, options.few))
    if sizes:
        with ground(sizes[-1]) as place:
            for hosts in sizes:
                for name, one in MEMORY.items():
                    note(results, name, one(place, hosts))
    text = "\n".join(lines(results, options.runs))
    print(text)
    if options.write:
        before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")
    sys.exit(1 if missed(results) else 0)


@contextmanager
def ground(hosts: int) -> Iterator[Ground]:
    """Raise a farm of so many hosts in a temporary folder, and take it down again."""
    with tempfile.TemporaryDirectory(prefix="xunyan-bench-") as name:
        folder = Path(name)
        with Farm(folder / "farm", make_specs(hosts)) as farm:
            yield Ground(folder, farm)


def turn(contenders: dict[str, Contender], number: int) -> list[tuple[str, Contender]]:
    """Give the contenders in this run's order: another begins each time."""
    row = list(contenders.items())
    first = number % len(row)
    return row[first:] + row[:first]


def note(results: Results, name: str, ran: Ran) -> None:
    """Keep a result, and say on standard error how far the benchmark is."""
    results.setdefault((name, ran.hosts), []).append(ran)
    told = f"{name} {ran.hosts}: {ran.speed:.2f}/s {ran.processor:.1f} ms {ran.cost.memory / 1e6:.0f} MB"
    print(told, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
