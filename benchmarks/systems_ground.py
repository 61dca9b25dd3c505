"""What the contenders of the benchmark of information systems share: names, bounds, workspaces, and the meter."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scan_ground import LIMIT, METER, PROJECT, XUNYAN, Cost, run
from benchmarks.systems_bare import KINDS
from benchmarks.systems_servers import OWN, RESOLVER, ROOT, Name, Served, names_of, served, serving

NETWORK = "default"
AT_ONCE = 50
RESOLVE, CONNECT, ANSWER = 5.0, 5.0, 15.0
"""Time limits in seconds: the product's own."""

LOOK = 0.25
_LETTER = f"""\
number = "测授〔2026〕6号"
units = ["*"]
approver = "测试"
valid_from = 2026-01-01
valid_until = 2099-12-31
methods = ["web"]

[[networks]]
name = "{NETWORK}"
allow = ["10.92.0.0/15", "fd92::/64", "fd93::/64"]
resolvers = ["{RESOLVER[0]}"]
name_servers = {json.dumps([*ROOT, *OWN])}
"""
_SETTINGS = f"""
[scan]
resolve_seconds = {RESOLVE}

[systems]
ports = [80]
concurrency = {AT_ONCE}
per_second = 10000.0
queries_at_once = 500
queries_per_second = 10000.0
connect_seconds = {CONNECT}
answer_seconds = {ANSWER}
second_links = 0
third_links = 0
"""
"""No bound of politeness is measured, and no inner link is tried: the bare loop does not do so either.

"""


@dataclass(frozen=True, slots=True)
class Ran:
    """One contender's run: what it took, and what the servers say that it asked of them."""

    names: int
    cost: Cost
    questions: int
    pages: int


class Ground:
    """One set of names in one folder. Servers and workspaces are fresh for each run."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.names = names_of(count)
        self.said = folder / "said.txt"
        self._fresh = 0

    def bare(self) -> Ran:
        """Run the bare loop."""
        order = self.folder / "order.json"
        words = {
            "names": [one.name for one in self.names], "resolver": RESOLVER[0], "at_once": AT_ONCE,
            "resolve": RESOLVE, "connect": CONNECT, "answer": ANSWER,
        }  # fmt: skip
        order.write_text(json.dumps(words), "utf-8")
        return self._run([sys.executable, "-m", "benchmarks.systems_bare", str(order)])

    def scan(self) -> Ran:
        """Run the product."""
        workspace = self._workspace()
        ran = self._run([XUNYAN, "-C", str(workspace), "scan", "--only", "systems", "--no-judge"])
        lines = [line for path in workspace.glob("scans/*/done.jsonl") for line in path.read_text("utf-8").splitlines()]
        kept = [one for one in map(json.loads, lines) if one.get("captures")]
        demand(len(kept) == len(self.names), f"{len(kept)} of {len(self.names)} kept\n{self.words()}")
        shutil.rmtree(workspace)
        return ran

    def words(self) -> str:
        """Read what the last contender printed."""
        return self.said.read_text("utf-8", "replace")

    def _run(self, command: Sequence[str]) -> Ran:
        """Run a contender against fresh servers, and see in their logs that it asked everything and read every page."""
        self._fresh += 1
        place = self.folder / f"servers-{self._fresh}"
        with serving(place, self.names):
            cost = self._measure(command)
        log = served(place)
        shutil.rmtree(place)
        self.check(log)
        return Ran(len(self.names), cost, log.questions, log.pages.total())

    def check(self, log: Served) -> None:
        """See that everything was asked and every page was read. Raises RuntimeError."""
        asked = {(one.name, kind) for one in self.names for kind in KINDS}
        demand(asked <= log.asked, f"{len(asked - log.asked)} questions were not asked\n{self.words()}")
        pages = {(one.name, address) for one in self.names if not one.hole for address in (one.v4, one.v6)}
        got = set(log.pages)
        demand(pages == got, f"{len(pages - got)} of {len(pages)} pages were not read\n{self.words()}")

    def _workspace(self) -> Path:
        """Give a fresh workspace in which all the names are filed, and nothing was ever looked at."""
        model = self.folder / "model"
        if not model.exists():
            _make(model, self.names)
        fresh = self.folder / f"workspace-{self._fresh}"
        shutil.copytree(model, fresh)
        return fresh

    def _measure(self, command: Sequence[str]) -> Cost:
        told = self.folder / "told.json"
        told.unlink(missing_ok=True)
        meter = [sys.executable, "-IS", str(METER), str(told), str(self.said), str(LOOK)]
        subprocess.run([*meter, *command], cwd=PROJECT, check=True, timeout=LIMIT)
        figures = json.loads(told.read_text("utf-8"))
        demand(not figures.pop("code"), self.words())
        return Cost(**figures)


def _make(workspace: Path, names: Sequence[Name]) -> None:
    run(XUNYAN, "init", str(workspace))
    with (workspace / "xunyan.toml").open("a", encoding="utf-8") as file:
        file.write(_SETTINGS)
    (workspace / "inventory" / "authorisations" / "benchmark.toml").write_text(_LETTER, "utf-8")
    papers = workspace.with_name("companion.csv")
    with papers.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["信息系统名称", "域名", "单位"])
        rows.writerows([f"系统{number:05d}", one.name, one.unit] for number, one in enumerate(names))
    run(XUNYAN, "-C", str(workspace), "ledger", "import", str(papers), "--no-judge")


def demand(right: bool, words: str) -> None:  # noqa: FBT001  # reads as a sentence
    """See that a contender did its work. Raises RuntimeError with what it printed."""
    if not right:
        raise RuntimeError(f"a contender did not do the whole of its work:\n{words[-3000:]}")
