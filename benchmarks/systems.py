"""Measures looking at systems against a bare loop: `python -m benchmarks.systems [--names N] [--runs N] [--write]`.

Real name servers and a real web server stand in a network namespace of this process's own; a tenth of the names lead to
addresses that take packets and never answer. The contenders take turns within each run, against fresh servers each. Exit
code 1 where a target is missed; the targets speak of 5,000 names. It needs root, or leave to make user namespaces.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.systems_ground import Ground, Ran
from benchmarks.systems_servers import MOST, own_network
from benchmarks.systems_table import BARE, SCAN, lines, missed, write

CONTENDERS: dict[str, Callable[[Ground], Ran]] = {BARE: Ground.bare, SCAN: Ground.scan}


def main() -> None:
    """Read the arguments, measure, print the table, and write it into the document where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=5000, help="information systems, each with a name of its own")
    parser.add_argument("--runs", type=int, default=3, help="how often each is timed; the median counts")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    options = parser.parse_args()
    if not 0 < options.names <= MOST or options.runs < 1:
        parser.error(f"from 1 to {MOST} names, and at least one run")
    try:
        own_network()
    except OSError as error:
        sys.exit(f"no network namespace may be made here, run it as root: {error}")
    results: dict[str, list[Ran]] = {name: [] for name in CONTENDERS}
    with tempfile.TemporaryDirectory(prefix="xunyan-bench-") as folder:
        ground = Ground(Path(folder), options.names)
        for number in range(options.runs):
            row = list(CONTENDERS)
            first = number % len(row)
            for name in row[first:] + row[:first]:  # another begins each time
                ran = CONTENDERS[name](ground)
                results[name].append(ran)
                told = f"{name} {ran.names}: {ran.cost.seconds:.1f} s, {ran.cost.processor:.1f} s of processor"
                print(f"{told}, {ran.cost.memory / 1e6:.0f} MB", file=sys.stderr, flush=True)
    text = "\n".join(lines(results))
    print(text)
    if options.write:
        write(text)
    sys.exit(1 if missed(results) else 0)


if __name__ == "__main__":
    main()
