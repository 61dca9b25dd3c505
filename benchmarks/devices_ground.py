"""What the contenders of the benchmark of network devices share: simulated devices that listen, workspaces, and the meter."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.devices_models import PASSWORD, PLATFORM_OF, USER, answers, device, ten
from benchmarks.scan_ground import LIMIT, METER, PROJECT, XUNYAN, Cost, run
from lab.children import Child
from lab.devices.plan import Placed, known_hosts, write_plan
from lab.farm import free_port
from lab.keys import make_key
from scanners.platforms.devices import VENDORS

NETWORK = "default"
LOOK = 0.25
KEYS = 50
TEN = {platform: ten(platform) for platform in VENDORS}
ALL = {platform: tuple(vendor.commands) for platform, vendor in VENDORS.items()}
_ENVIRONMENT = {"BENCH_PASSWORD": PASSWORD}
_SETTINGS = f"""
[credentials.net]
user = "{USER}"
kind = "password"
password = "env:BENCH_PASSWORD"
[scan]
per_second = 1000.0
target_pause = 0
"""
"""No bound of politeness is measured: the yardstick has none either."""

_LETTER = """\
number = "测授〔2026〕7号"
units = ["*"]
approver = "测试"
valid_from = 2026-01-01
valid_until = 2099-12-31
methods = ["ssh"]
ports = [{port}]

[[networks]]
name = "{network}"
allow = ["127.81.0.0/16"]
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """One contender's run: over how many devices, what it took, and how many answers came."""

    devices: int
    cost: Cost
    answers: int


class Ground:
    """So many devices in one process, at an address each; workspaces are fresh for each run."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder = folder
        self.said = folder / "said.txt"
        keys = [make_key() for _ in range(min(KEYS, most))]
        addresses = [f"127.81.{number // 250}.{1 + number % 250}" for number in range(most)]
        self.port = free_port(addresses[:1])
        self.placed = [
            Placed(device(number), [address], self.port, keys[number % len(keys)])
            for number, address in enumerate(addresses)
        ]
        self._fresh = 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Have all devices listen."""
        write_plan(self.folder / "plan.json", self.placed, self.folder / "logs")
        child = Child("lab.devices", self.folder / "plan.json", self.folder / "errors.txt")
        try:
            child.line("ready ", 120)
            yield
        finally:
            child.stop()

    def loop(self, module: str, count: int, commands: Mapping[str, Sequence[str]]) -> Ran:
        """Run stock netmiko, or the product's carrier, over the first devices. Raises RuntimeError where something lacks."""
        order = self.folder / "order.json"
        chosen = self.placed[:count]
        words = {
            "devices": [(PLATFORM_OF[one.device.vendor], one.addresses[0], one.port) for one in chosen],
            "keys": [one.key.line for one in chosen], "commands": commands, "user": USER, "password": PASSWORD,
        }  # fmt: skip
        order.touch(mode=0o600)
        order.write_text(json.dumps(words), "utf-8")
        cost = self.measure([sys.executable, "-m", f"benchmarks.{module}", str(order)])
        told = json.loads(self.words().splitlines()[-1])
        wanted = sum(len(commands[PLATFORM_OF[one.device.vendor]]) for one in chosen)
        demand((told["devices"], told["answers"]) == (count, wanted), f"{told} instead of {count} and {wanted}")
        return Ran(count, cost, wanted)

    def scan(self, count: int, *, memory: bool = False) -> Ran:
        """Run the product over the first devices, with all that it asks. Raises RuntimeError where something lacks."""
        workspace = self._workspace(count)
        command = [XUNYAN, "-C", str(workspace), "scan", "--only", "devices", "--no-judge"]
        cost = self.measure(command, memory=memory)
        lines = [line for path in workspace.glob("scans/*/done.jsonl") for line in path.read_text("utf-8").splitlines()]
        kept = [one for one in map(json.loads, lines) if not one.get("reason")]
        demand(len(kept) == count, f"{len(kept)} of {count} were read whole\n{self.words()}")
        shutil.rmtree(workspace)
        return Ran(count, cost, sum(one["captures"] for one in kept))

    def judge(self, count: int) -> tuple[Ran, int]:
        """Judge so many large devices whose answers are stored; give also how many lines the shortest configuration has."""
        workspace, file = self.folder / "stored", self.folder / "stored.captures.jsonl"
        run(XUNYAN, "init", str(workspace))
        least = write_answers(file, count)
        run(XUNYAN, "-C", str(workspace), "ingest", "--no-judge", str(file))
        file.unlink()
        cost = self.measure([XUNYAN, "-C", str(workspace), "judge"])
        out = subprocess.run(
            [XUNYAN, "-C", str(workspace), "observations", "--name", "device", "--format", "jsonl"],
            capture_output=True, text=True, check=True, timeout=LIMIT,
        ).stdout  # fmt: skip
        read = Counter(json.loads(line)["asset"]["key"] for line in out.splitlines())
        demand(len(read) == count, f"{len(read)} of {count} devices were read")
        shutil.rmtree(workspace)
        return Ran(count, cost, count * len(ALL["huawei_vrp"])), least

    def measure(self, command: Sequence[str], *, memory: bool = False) -> Cost:
        """Run a contender and say what it took. Raises RuntimeError where it failed."""
        told = self.folder / "told.json"
        told.unlink(missing_ok=True)
        meter = [sys.executable, "-IS", str(METER), str(told), str(self.said), str(LOOK if memory else 0)]
        environment = {**os.environ, **_ENVIRONMENT}
        subprocess.run([*meter, *command], cwd=PROJECT, env=environment, check=True, timeout=LIMIT)
        figures = json.loads(told.read_text("utf-8"))
        demand(not figures.pop("code"), self.words()[-3000:])
        return Cost(**figures)

    def words(self) -> str:
        """Read what the last contender printed."""
        return self.said.read_text("utf-8", "replace")

    def _workspace(self, count: int) -> Path:
        """Give a fresh workspace that may scan the first devices, and has never scanned."""
        model = self.folder / f"model-{count}"
        if not model.exists():
            self._make(model, count)
        self._fresh += 1
        fresh = self.folder / f"workspace-{self._fresh}"
        shutil.copytree(model, fresh)
        return fresh

    def _make(self, workspace: Path, count: int) -> None:
        run(XUNYAN, "init", str(workspace))
        with (workspace / "xunyan.toml").open("a", encoding="utf-8") as file:
            file.write(_SETTINGS)
        inventory, chosen = workspace / "inventory", self.placed[:count]
        letter = _LETTER.format(port=self.port, network=NETWORK)
        (inventory / "authorisations" / "benchmark.toml").write_text(letter, "utf-8")
        (inventory / "known_hosts").mkdir()
        (inventory / "known_hosts" / NETWORK).write_text("".join(map(known_hosts, chosen)), "utf-8")
        rows = [
            f"{one.device.name},{PLATFORM_OF[one.device.vendor]},{one.device.unit},{one.addresses[0]},{one.port}"
            for one in chosen
        ]
        table = self.folder / "devices.csv"
        table.write_text("\n".join(["资产标识,系统类型,单位,地址,端口", *rows, ""]), "utf-8")
        run(XUNYAN, "-C", str(workspace), "endpoints", "import", str(table))


def write_answers(path: Path, count: int) -> int:
    """Write the answers of so many large devices as captures; give how many lines the shortest configuration has."""
    least = 1 << 30
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            own = device(number, large=True)
            told = answers(own)
            for source, text in told.items():
                row = {
                    "schema": "xunyan.capture/1", "asset": f"device:{own.name}", "kind": "device", "unit": own.unit,
                    "platform": PLATFORM_OF[own.vendor], "source": source, "request": source,
                    "taken_at": "2026-11-26T08:00:00+08:00", "exit": 0, "output": text,
                }  # fmt: skip
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            least = min(least, list(told.values())[-1].count("\n"))
    return least


def demand(kept: bool, why: str) -> None:  # noqa: FBT001  # a condition
    """Raise RuntimeError where something was not as it must be."""
    if not kept:
        raise RuntimeError(why)
