"""Who runs in the scanning benchmark: each runs over the first hosts of the farm, and proves that it read every one of them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scan_ground import PROGRAMS, SCRIPT, XUNYAN, Cost, Ground

LEAST_BYTES = 2000
LEAST_CAPTURES = 8
ANSIBLE = """\
[defaults]
host_key_checking = false
interpreter_python = /usr/bin/python3
forks = {forks}
[ssh_connection]
pipelining = true
control_path_dir = {sockets}
ssh_common_args = -o UserKnownHostsFile={known}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """One contender's run: over how many hosts, what it took, and how many bytes it had of each."""

    hosts: int
    cost: Cost
    bytes: float

    @property
    def speed(self) -> float:
        """Hosts in a second, start-up included."""
        return self.hosts / self.cost.seconds

    @property
    def processor(self) -> float:
        """Milliseconds of processor for each host."""
        return 1000 * self.cost.processor / self.hosts


Contender = Callable[[Ground, int], Ran]


def bare(ground: Ground, hosts: int) -> Ran:
    """Run the bare paramiko loop."""
    order = ground.folder / "order.json"
    order.write_text(
        json.dumps({
            "hosts": ground.addresses(hosts), "user": ground.farm.user, "key": str(ground.key), "script": str(SCRIPT),
        }),
        "utf-8",
    )  # fmt: skip
    cost = ground.measure([sys.executable, "-m", "benchmarks.scan_bare", str(order)])
    told = json.loads(ground.words())
    demand(told["hosts"] == hosts and told["least"] >= LEAST_BYTES, ground.words())
    return Ran(hosts, cost, told["bytes"] / hosts)


def scan(*options: str, memory: bool = False) -> Contender:
    """Make a contender of `xunyan scan` with these options."""

    def contender(ground: Ground, hosts: int) -> Ran:
        workspace = ground.workspace(hosts)
        cost = ground.measure([XUNYAN, "-C", str(workspace), "scan", *options], memory=memory)
        lines = (workspace / "scans" / "000001" / "done.jsonl").read_text("utf-8").splitlines()
        done = [json.loads(line) for line in lines]
        read = [one for one in done if not one.get("reason") and one.get("captures", 0) >= LEAST_CAPTURES]
        demand(len(read) == hosts, f"{len(read)} of {hosts} read\n{ground.words()}")
        if "--no-judge" not in options:
            demand("判定" in ground.words(), ground.words())
        size = sum(path.stat().st_size for path in (workspace / "captures").iterdir())
        shutil.rmtree(workspace)
        return Ran(hosts, cost, size / hosts)

    return contender


def setup(forks: int) -> Contender:
    """Make a contender of `ansible -m setup`: its facts, by so many forks."""

    def contender(ground: Ground, hosts: int) -> Ran:
        own = ground.folder / "setup"
        sockets = own / "cp"
        sockets.mkdir(parents=True, mode=0o700)
        (own / "ansible.cfg").write_text(ANSIBLE.format(forks=forks, sockets=sockets, known=ground.known), "utf-8")
        login = f"ansible_user={ground.farm.user} ansible_ssh_private_key_file={ground.key}"
        rows = [
            f"h{place} ansible_host={address} ansible_port={port} {login}\n"
            for place, (address, port) in enumerate(ground.addresses(hosts))
        ]
        (own / "hosts.ini").write_text("".join(rows), "utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        environment |= {"ANSIBLE_CONFIG": str(own / "ansible.cfg"), "ANSIBLE_HOME": str(own / "home")}
        command = [str(PROGRAMS / "ansible"), "-i", str(own / "hosts.ini"), "-m", "setup", "all"]
        try:
            cost = ground.measure(command, environment=environment)
        finally:
            _close(sockets)
        said = ground.words()
        answers = said.count(" | SUCCESS => {")
        demand(answers == hosts and said.count('"ansible_processor"') == hosts, f"{answers} of {hosts}\n{said[-2000:]}")
        shutil.rmtree(own)
        return Ran(hosts, cost, len(said.encode()) / hosts)

    return contender


def _close(sockets: Path) -> None:
    """End the connections that ansible's ssh keeps for the next time."""
    for path in sockets.iterdir():
        subprocess.run(
            ["ssh", "-F", "none", "-o", f"ControlPath={path}", "-O", "exit", "none"],
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip


def demand(right: bool, words: str) -> None:  # noqa: FBT001  # reads as a sentence
    """See that a contender did its work. Raises RuntimeError with what it printed."""
    if not right:
        raise RuntimeError(f"a contender did not read every host:\n{words[-3000:]}")
