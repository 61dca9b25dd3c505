"""No packet goes to a Windows host that the letter denies, and ansible-playbook is started only where one is permitted."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.farm import Farm
from lab.hosts import make_specs
from tests.console.scan_watching import Watcher
from tests.making import call
from tests.scanning import NETWORK, coverage, letter, make_workspace, needs_root, needs_sshd
from tests.wire import TCP, Wire, needs_wire, own_network

pytestmark = [needs_sshd, needs_root, needs_wire]

OPEN, CLOSED, DENIED = "127.77.67.1", "127.77.67.2", "127.77.67.3"
HERE = "127.0.0.1"
PORT = 5986
INSTALLED = importlib.util.find_spec("winrm") is not None
LOGIN = '[credentials.win]\nuser = "audit"\nkind = "password"\npassword = "env:WINDOWS_PASSWORD"\n'
ACCESS = '[[access]]\nplatform = "windows"\ncredential = "win"\n[[access]]\ncredential = "ops"\n'
PROGRAM = [sys.executable, "-c", "from console.cli import main; main()"]


@pytest.fixture(scope="module", autouse=True)
def network() -> Iterator[None]:
    """The tests and the host of this module are in a network of their own: what is seen there is theirs."""
    with own_network():
        yield


@pytest.fixture(scope="module")
def farm(network: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with Farm(tmp_path_factory.mktemp("windows") / "farm", make_specs(1, first=OPEN)) as farm:
        yield farm


def make(place: Path, farm: Farm) -> Path:
    """A workspace whose letter allows three addresses by both methods, and denies one of them."""
    grounds = f'[[networks]]\nname = "{NETWORK}"\nallow = ["{OPEN}-3"]\ndeny = ["{DENIED}"]\n'
    text = letter([], networks=grounds, methods=["ssh", "winrm"], ports=[PORT, farm.port])
    return make_workspace(place, farm, letter_text=text, more=LOGIN + ACCESS)


def add(workspace: Path, *addresses: str) -> None:
    """Put Windows hosts into the inventory, named by the last number of their address."""
    rows = "".join(f"host:pc{one.rpartition('.')[2]},测试单位,{one},{PORT},windows\n" for one in addresses)
    table = workspace.parent / "windows.csv"
    table.write_text("资产标识,单位,地址,端口,系统类型\n" + rows, "utf-8")
    assert call("-C", workspace, "endpoints", "import", table).returncode == 0


def environment(place: Path) -> dict[str, str]:
    """With a module by the name of pywinrm's where there is none: the scanner only looks whether it is there."""
    modules = place / "modules"
    modules.mkdir(exist_ok=True)
    if not INSTALLED:
        (modules / "winrm.py").write_text("", "utf-8")
    return {**os.environ, "PYTHONPATH": str(modules), "WINDOWS_PASSWORD": "never-sent"}


def scan(workspace: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], Wire, bool]:
    """Scan in a process of its own; give how it ended, what was on the wire, and whether ansible-playbook was started."""
    with Wire() as wire:
        process = subprocess.Popen(
            [*PROGRAM, "-C", workspace, "scan", "--no-judge", *options], env=environment(workspace.parent),
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        watcher = Watcher(process.pid, {}, [], shared=False)
        watcher.start()
        out, err = process.communicate(timeout=120)
        watcher.stop()
    started = any("-m ansible" in program for program in watcher.programs)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err), wire, started


def test_a_denied_host_beside_another_is_a_gap_without_a_packet_and_without_ansible(tmp_path: Path, farm: Farm) -> None:
    workspace = make(tmp_path, farm)
    add(workspace, DENIED)
    done, wire, started = scan(workspace)
    assert done.returncode == 0, done.stderr
    found = coverage(workspace)
    assert found["host:pc3"] == {("out-of-scope", "not-authorised")}
    assert len(found) == 2
    assert wire.targets() == {OPEN, HERE}
    assert not started


def test_where_all_are_denied_nothing_is_sent_at_all(tmp_path: Path, farm: Farm) -> None:
    workspace = make(tmp_path, farm)
    add(workspace, DENIED)
    done, wire, started = scan(workspace, "--target", "host:pc3")
    assert done.returncode == 2
    assert "没有发出任何数据包" in done.stderr
    assert wire.packets == []
    assert not started
    assert not list((workspace / "scans").glob("0*"))


def test_a_permitted_host_whose_port_is_closed_is_never_given_the_account(tmp_path: Path, farm: Farm) -> None:
    """What shows that the others would see ansible-playbook. With pywinrm there is one knock, and the gap says so."""
    workspace = make(tmp_path, farm)
    add(workspace, CLOSED, DENIED)
    done, wire, started = scan(workspace)
    assert done.returncode == 0, done.stderr
    assert started
    found = coverage(workspace)
    assert found["host:pc3"] == {("out-of-scope", "not-authorised")}
    reason = ("unreachable", "connection-refused") if INSTALLED else ("interrupted", "carrier-failed")
    assert found["host:pc2"] == {reason}
    assert wire.targets() == ({OPEN, CLOSED, HERE} if INSTALLED else {OPEN, HERE})
    assert {(one.protocol, one.target_port) for one in wire.to(CLOSED)} == ({(TCP, PORT)} if INSTALLED else set())
    logins = (workspace / "scans" / "000001" / "logins.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["asset"] for line in logins} == {f"host:{farm.hosts[0].spec.name}"}
