"""Measures one command as a whole process: `python -IS scan_meter.py TOLD SAID EVERY COMMAND...`.

A small program of its own, with nothing of the product in it: a process inherits the peak of whoever starts it, so who
measures memory must be small. TOLD gets the figures as JSON, SAID what the command prints. EVERY is the seconds between
two looks at the memory of all its processes (PSS, which counts shared pages once), 0 for none.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path


def tree(top: int) -> list[int]:
    """List a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue  # it has ended meanwhile
            children.setdefault(parent, []).append(int(entry.name))
    found = [top]
    for one in found:
        found += children.get(one, [])
    return found


def resident(processes: list[int]) -> int:
    """Add up the proportional set sizes of processes, in bytes."""
    total = 0
    for process in processes:
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    return total


def main(told: str, said: str, every: str, *command: str) -> None:
    """Run it, and write down what it took."""
    peak = 0
    ended = threading.Event()

    def look(process: int) -> None:
        nonlocal peak
        while not ended.wait(float(every)):
            peak = max(peak, resident(tree(process)))

    with Path(said).open("wb") as file:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        watcher = threading.Thread(target=look, args=(process.pid,))
        if float(every):
            watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        ended.set()
    figures = {
        "seconds": seconds,
        "processor": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss * 1024,
        "tree": peak,
        "code": process.returncode,
    }
    Path(told).write_text(json.dumps(figures), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
