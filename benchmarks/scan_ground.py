"""The ground of the scanning benchmark: farm, key, letter and workspaces, all of it made before anything is measured."""

import json
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from lab.farm import Farm

PROJECT = Path(__file__).parents[1]
SCRIPT = PROJECT / "playbooks" / "collect.sh"
METER = Path(__file__).with_name("scan_meter.py")
PROGRAMS = Path(sysconfig.get_path("scripts"))
XUNYAN = str(PROGRAMS / "xunyan")
NETWORK = "default"
LOOK = 0.1
LIMIT = 3600

LETTER = """\
number = "测授〔2026〕1号"
units = ["*"]
approver = "测试"
valid_from = 2026-01-01
valid_until = 2099-12-31
methods = ["ssh"]
ports = [{port}]

[[networks]]
name = "{network}"
allow = ["127.77.0.0/16"]
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: seconds, seconds of processor, peak bytes of its own, peak bytes of it and its descendants."""

    seconds: float
    processor: float
    memory: int
    tree: int


class Ground:
    """What all contenders share: one farm, one key, one user, one order of hosts."""

    def __init__(self, folder: Path, farm: Farm) -> None:
        self.folder = folder
        self.farm = farm
        self.key = folder / "client-key"
        self.known = folder / "known-hosts"
        self.said = folder / "said.txt"
        self.key.touch(mode=0o600)
        self.key.write_text(farm.client_key, "ascii")
        self.known.write_text(farm.known_hosts(), "ascii")
        self._fresh = 0

    def addresses(self, hosts: int) -> list[tuple[str, int]]:
        """Give address and port of the first hosts."""
        return [(host.spec.address, host.port) for host in self.farm.hosts[:hosts]]

    def workspace(self, hosts: int) -> Path:
        """Give a fresh workspace that may scan the first hosts, and has never scanned."""
        model = self.folder / f"model-{hosts}"
        if not model.exists():
            self._make(model, hosts)
        self._fresh += 1
        fresh = self.folder / f"workspace-{self._fresh}"
        shutil.copytree(model, fresh)
        return fresh

    def _make(self, workspace: Path, hosts: int) -> None:
        run(XUNYAN, "init", str(workspace))
        with (workspace / "xunyan.toml").open("a", encoding="utf-8") as file:
            file.write(f'[credentials.ops]\nuser = "{self.farm.user}"\nkind = "key"\nkey_file = "{self.key}"\n')
        inventory = workspace / "inventory"
        letter = LETTER.format(port=self.farm.port, network=NETWORK)
        (inventory / "authorisations" / "benchmark.toml").write_text(letter, "utf-8")
        (inventory / "known_hosts").mkdir()
        shutil.copyfile(self.known, inventory / "known_hosts" / NETWORK)
        rows = [f"host:{host.spec.name},测试单位,{host.spec.address},{host.port}" for host in self.farm.hosts[:hosts]]
        table = self.folder / "farm.csv"
        table.write_text("\n".join(["资产标识,单位,地址,端口", *rows, ""]), "utf-8")
        run(XUNYAN, "-C", str(workspace), "endpoints", "import", str(table))

    def measure(self, command: list[str], *, memory: bool = False, environment: dict[str, str] | None = None) -> Cost:
        """Run a contender and say what it took; what it printed stands in `said`. Raises RuntimeError where it failed."""
        told = self.folder / "told.json"
        told.unlink(missing_ok=True)
        every = str(LOOK if memory else 0)
        meter = [sys.executable, "-IS", str(METER), str(told), str(self.said), every]
        subprocess.run([*meter, *command], cwd=PROJECT, env=environment, check=True, timeout=LIMIT)
        figures = json.loads(told.read_text("utf-8"))
        if figures.pop("code"):
            raise RuntimeError(f"{command}\n{self.words()[-3000:]}")
        return Cost(**figures)

    def words(self) -> str:
        """Read what the last contender printed."""
        return self.said.read_text("utf-8", "replace")


def run(*command: str) -> None:
    """Run something that is not measured. Raises RuntimeError where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
    if done.returncode:
        raise RuntimeError(f"{command}\n{done.stdout}{done.stderr}")
