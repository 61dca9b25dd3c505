"""Scanning real SSH servers: those that misbehave are named, each is logged in to once, straight and by hosts in between."""

import importlib.util
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pexpect
import pytest

from lab.bastion import Bastion
from lab.farm import Farm
from lab.hosts import make_specs
from lab.keys import make_key
from lab.rules import Rules
from tests.making import PROJECT, records, xunyan
from tests.scanning import coverage, letter, make_workspace, needs_root, needs_sshd

pytestmark = [needs_sshd, needs_root]

FAULTS = {1: "refused", 4: "hang", 7: "changed-key", 9: "flood", 13: "binary"}
WHY = {
    "host:lab0002": ("denied", "login-refused"),
    "host:lab0005": ("timeout", "no-answer"),
    "host:lab0008": ("identity-changed", "host-key-changed"),
    "host:lab0010": ("too-large", "too-much"),
    "host:lab0014": ("unparsable", "not-the-collector"),
}
QUICK = "\n[scan]\nanswer_seconds = 6\n"
JUMP = "127.77.200.1"


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with Farm(tmp_path_factory.mktemp("farm") / "farm", make_specs(20, faults=FAULTS)) as farm:
        yield farm


def allowed(*hops: str) -> str:
    own = f'[[networks]]\nname = "default"\nallow = ["127.77.0.0/16"]\njump_hosts = {list(hops)}'.replace("'", '"')
    return letter([], networks=own)


def unread(workspace: Path) -> Mapping[str, set[tuple[str, str]]]:
    """The hosts of which nothing at all was read, and why."""
    found = coverage(workspace)
    rows = records("-C", workspace, "coverage", "--all")
    read = {row["key"] for row in rows if row["outcome"] == "answered"}
    return {key: reasons for key, reasons in found.items() if key not in read}


def attempts(farm: Farm) -> dict[str, int]:
    return {host.spec.name: len(host.attempts()) for host in farm.hosts}


def new_attempts(farm: Farm, before: dict[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in attempts(farm).items()}


def expected_attempts(*, straight: bool) -> dict[str, int]:
    """One each; a host whose key changed sees none, since the login is not sent."""
    return {f"lab{n:04}": 0 if straight and n == 8 else 1 for n in range(1, 21)}


def test_fifteen_are_read_and_five_are_named(tmp_path: Path, farm: Farm) -> None:
    before = attempts(farm)
    workspace = make_workspace(tmp_path, farm, more=QUICK)
    done = xunyan("-C", workspace, "scan")
    assert done.returncode == 0
    assert "读到 15 台，没读到 5 台" in done.stdout
    assert "探针 260 项" in done.stdout
    assert unread(workspace) == {key: {why} for key, why in WHY.items()}
    assert new_attempts(farm, before) == expected_attempts(straight=True)
    logins = (workspace / "scans" / "000001" / "logins.jsonl").read_text("utf-8").splitlines()
    assert sum('"event":"sent"' in line for line in logins) == 19
    verdicts = records("-C", workspace, "findings", "--all", "--control", "domestic/cpu")
    assert sorted({one["status"] for one in verdicts if one["asset"]["key"] in WHY}) == ["not-observed"]
    assert {one["status"] for one in verdicts if one["asset"]["key"] not in WHY} >= {"satisfied", "not-satisfied"}


def test_the_same_through_a_jump_host(tmp_path: Path, farm: Farm) -> None:
    """The jump host is a real sshd that forwards; one login there serves all."""
    before = attempts(farm)
    with Farm(tmp_path / "jump", make_specs(1, first=JUMP, keys=[farm.client_line])) as jump:
        settings = f"""
[credentials.ops]
user = "{farm.user}"
kind = "key"
key_file = "{tmp_path / "client-key"}"
[routes.hop]
kind = "jump"
address = "{JUMP}"
port = {jump.port}
credential = "ops"
[[access]]
credential = "ops"
route = "hop"
"""
        workspace = make_workspace(
            tmp_path, farm, settings=settings + QUICK, known=farm.known_hosts() + jump.known_hosts(),
            letter_text=allowed(f"{JUMP}:{jump.port}"),
        )  # fmt: skip
        done = xunyan("-C", workspace, "scan")
        assert "读到 15 台，没读到 5 台" in done.stdout
        assert unread(workspace) == {key: {why} for key, why in WHY.items()}
        assert new_attempts(farm, before) == expected_attempts(straight=True)
        assert len(jump.hosts[0].attempts()) == 1
        sources = re.findall(r"from (127\.\S+) port", " ".join(farm.hosts[0].attempts()[-1:]))
        assert sources in ([JUMP], ["127.0.0.1"])


def test_a_jump_host_that_is_not_granted_gets_no_packet(tmp_path: Path, farm: Farm) -> None:
    with Farm(tmp_path / "jump", make_specs(1, first=JUMP)) as jump:
        settings = f"""
[credentials.ops]
user = "{farm.user}"
kind = "key"
key_file = "{tmp_path / "client-key"}"
[routes.hop]
kind = "jump"
address = "{JUMP}"
port = {jump.port}
credential = "ops"
"""
        workspace = make_workspace(tmp_path, farm, settings=settings, letter_text=allowed())
        done = xunyan("-C", workspace, "scan", "--route", "hop", check=False)
        assert done.returncode == 2
        assert "jump_hosts" in done.stderr or JUMP in done.stderr
        assert jump.hosts[0].log.read_text("utf-8").count("Connection from") == 0


def in_terminal(*arguments: str | Path, env: Mapping[str, str], answers: Mapping[str, list[str]]) -> tuple[str, int]:
    """Run the product on a terminal and answer what it asks; return what was on the screen, and the exit code."""
    child = pexpect.spawn(
        str(PROJECT / ".venv" / "bin" / "xunyan"), [str(one) for one in arguments], env={**os.environ, **env},
        encoding="utf-8", timeout=120, dimensions=(40, 200),
    )  # fmt: skip
    screen: list[str] = []
    left = {prompt: list(given) for prompt, given in answers.items()}
    while True:
        index = child.expect([pexpect.EOF, *(re.escape(prompt) for prompt in left)])
        screen.append((child.before or "") + (child.after if isinstance(child.after, str) else ""))
        if index == 0:
            break
        child.sendline(list(left.values())[index - 1].pop(0))
    child.close()
    return "".join(screen), child.exitstatus or 0


def hide_key(config: Path, address: str) -> None:
    """Let the bastion have another key of a host on file than it shows."""
    told = json.loads(config.read_text("utf-8"))
    for target in told["targets"]:
        if address in target.values():
            target["host_key"] = make_key().line
    config.write_text(json.dumps(told), "utf-8")


def test_the_same_through_a_bastion_with_composite_names_and_a_code_asked_once(tmp_path: Path, farm: Farm) -> None:
    before = attempts(farm)
    rules = Rules(users={"zhang": "堡垒 口令"}, codes=["135790", "246801"], session_logins=100)
    bastion = Bastion(tmp_path / "bastion", farm, rules)
    hide_key(tmp_path / "bastion" / "bastion.json", "127.77.0.8")
    with bastion:
        settings = f"""
[credentials.ops]
user = "{farm.user}"
kind = "key"
key_file = "{tmp_path / "client-key"}"
[credentials.bastion]
user = "zhang"
kind = "password"
password = "env:BASTION_PASSWORD"
one_time_code = true
[routes.bastion]
kind = "bastion"
address = "{bastion.address}"
port = {bastion.port}
credential = "bastion"
session_targets = 100
[[access]]
credential = "ops"
route = "bastion"
"""
        workspace = make_workspace(
            tmp_path, farm, settings=settings + QUICK, known=bastion.known_hosts(),
            letter_text=allowed(f"{bastion.address}:{bastion.port}"),
        )  # fmt: skip
        screen, code = in_terminal(
            "-C", workspace, "scan", env={"BASTION_PASSWORD": "堡垒 口令"}, answers={"验证码": ["135790", "246801"]}
        )
        assert code == 0, screen
        assert "读到 15 台，没读到 5 台" in screen, screen
        named = {key: next(iter(reasons))[0] for key, reasons in unread(workspace).items()}
        assert named == {key: reason for key, (reason, _) in WHY.items()}
        assert screen.count("验证码") == 1
        logins = bastion.attempts()
        assert len(logins) == 20
        assert all("@ops@127.77.0." in line or f"@{farm.user}@" in line for line in logins)
        assert new_attempts(farm, before) == expected_attempts(straight=True)


MOVING = {"connections"}
"""What changes between two looks at one machine."""


def facts(workspace: Path) -> dict[tuple[str, str], object]:
    rows = records("-C", workspace, "observations")
    return {(row["asset"]["key"], row["name"]): row["facts"] for row in rows if row["name"] not in MOVING}


def test_both_carriers_give_equal_observations_and_verdicts(tmp_path: Path) -> None:
    with Farm(tmp_path / "farm", make_specs(6, faults={1: "noisy", 3: "slow"}, first="127.77.30.1")) as farm:
        workspace = make_workspace(tmp_path, farm)
        xunyan("-C", workspace, "scan", "--carrier", "ssh")
        by_ssh = facts(workspace)
        xunyan("-C", workspace, "scan", "--carrier", "ansible")
        by_ansible = facts(workspace)
        assert len(by_ssh) >= 6 * 5
        assert by_ssh == by_ansible
        assert "没有差别" in xunyan("-C", workspace, "diff").stdout
        assert [len(host.attempts()) for host in farm.hosts] == [2] * 6


@pytest.mark.skipif(importlib.util.find_spec("winrm") is not None, reason="pywinrm is installed here")
def test_a_windows_host_without_pywinrm_is_a_gap_and_holds_up_no_other(tmp_path: Path) -> None:
    with Farm(tmp_path / "farm", make_specs(1, first="127.77.31.1")) as farm:
        workspace = make_workspace(
            tmp_path, farm, letter_text=letter(["127.77.0.0/16"], methods=["ssh", "winrm"], ports=[5986, farm.port])
        )
        table = tmp_path / "windows.csv"
        table.write_text("资产标识,单位,地址,系统类型\nhost:pc1,测试单位,127.77.31.9,windows\n", "utf-8")
        xunyan("-C", workspace, "endpoints", "import", table)
        done = xunyan("-C", workspace, "scan")
        assert "读到 1 台，没读到 1 台" in done.stdout
        assert coverage(workspace)["host:pc1"] == {("unsupported", "winrm-missing")}
        assert "pywinrm" in xunyan("-C", workspace, "coverage").stdout
