"""Care: a wrong shared password stops at two refusals, silence pauses, hours and revocations are kept while scanning."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.farm import Farm
from lab.hosts import make_specs
from tests.making import PROJECT, records, xunyan
from tests.scanning import coverage, letter, make_workspace, needs_root, needs_sshd

pytestmark = [needs_sshd, needs_root]

MANY = 400
SHARED = """
[credentials.shared]
user = "audit"
kind = "password"
password = "env:SHARED_PASSWORD"
[scan]
answer_seconds = 30
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with Farm(tmp_path_factory.mktemp("many") / "farm", make_specs(MANY, users={"audit": "right-one"})) as farm:
        yield farm


def refusals(farm: Farm) -> list[str]:
    return [line for host in farm.hosts for line in host.attempts()]


def connections(farm: Farm) -> int:
    return sum(host.log.read_text("utf-8").count("Connection from") for host in farm.hosts)


def test_a_wrong_shared_password_is_refused_twice_and_never_sent_again(tmp_path: Path, many: Farm) -> None:
    workspace = make_workspace(tmp_path, many, settings=SHARED)
    wrong = {"SHARED_PASSWORD": "wrong-one"}
    done = xunyan("-C", workspace, "scan", env=wrong, check=False)
    assert done.returncode == 1
    assert len(refusals(many)) == 2
    assert all(line.startswith("Failed password for audit") for line in refusals(many))
    assert "凭据 shared 两次被拒绝，已停用" in done.stderr
    assert "xunyan credentials renew shared" in done.stderr
    assert "登录被拒绝" in done.stdout
    assert "探针 5200 项，采到 0 项，缺口 5200 项" in done.stdout

    connected = connections(many)
    again = xunyan("-C", workspace, "scan", env=wrong, check=False)
    assert again.returncode == 1
    assert len(refusals(many)) == 2
    assert connections(many) == connected  # in the second run nobody was even connected to
    listed = json.loads(xunyan("-C", workspace, "credentials", "list", "--format", "jsonl").stdout)
    assert listed["state"] == "stopped"
    assert len(listed["refusals"]) == 2

    xunyan("-C", workspace, "credentials", "renew", "shared", "--by", "张三", "--reason", "密码已更正")
    three = [part for host in many.hosts[:3] for part in ("--target", f"{host.spec.address}:{host.port}")]
    xunyan("-C", workspace, "scan", "--no-judge", *three, env={"SHARED_PASSWORD": "right-one"})
    assert [line[:8] for line in refusals(many) if "Failed" not in line] == ["Accepted"] * 3


def test_a_host_that_refused_is_not_tried_again_until_the_credential_is_renewed(tmp_path: Path) -> None:
    with Farm(tmp_path / "farm", make_specs(3, faults={1: "refused"})) as farm:
        workspace = make_workspace(tmp_path, farm)
        for _ in range(3):
            xunyan("-C", workspace, "scan", "--no-judge")
        assert [len(host.attempts()) for host in farm.hosts] == [3, 1, 3]


def test_a_sudden_silence_pauses_the_run_and_says_so(tmp_path: Path) -> None:
    """Thirty hosts answer, then the rest of the network is cut off in the middle of the scan."""
    faults = dict.fromkeys(range(30, 80), "closed")
    with Farm(tmp_path / "farm", make_specs(80, faults=faults)) as farm:
        workspace = make_workspace(tmp_path, farm, more="\n[scan]\nconcurrency = 1\nsilence = 12\n")
        done = xunyan("-C", workspace, "scan", check=False)
        assert done.returncode == 1
        assert "突然没有应答（连续 12 台），已暂停" in done.stderr
        assert "xunyan scan --resume" in done.stderr
        hosts = int(done.stdout.split("查了 ")[1].split(" 台")[0])
        assert hosts == 42
        assert f"{80 - hosts} 台还没查" in done.stderr
        coverage = xunyan("-C", workspace, "coverage", "--format", "jsonl").stdout
        assert "lab0080" not in coverage  # not asked is not a gap of its own: it still waits in the plan
        resumed = xunyan("-C", workspace, "scan", "--resume", check=False)
        assert f"查了 {80 - hosts} 台" in resumed.stdout


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"valid_until": "2026-01-02"}, "到期"),
        ({"valid_from": "2098-01-01"}, "生效"),
        ({"methods": ["winrm"]}, "不允许方式 ssh"),
        ({"units": ["别的单位"]}, "不含单位“测试单位”"),
        ({"ports": [22]}, "22"),
    ],
)
def test_without_a_letter_in_force_there_is_no_packet(tmp_path: Path, fields: dict[str, object], said: str) -> None:
    with Farm(tmp_path / "farm", make_specs(2)) as farm:
        text = letter(["127.77.0.0/16"], **fields)
        workspace = make_workspace(tmp_path, farm, letter_text=text)
        done = xunyan("-C", workspace, "scan", check=False)
        assert done.returncode == 2
        assert "没有发出任何数据包" in done.stderr
        assert said in done.stderr
        assert all("Connection from" not in host.log.read_text("utf-8") for host in farm.hosts)
        assert not list((workspace / "scans").glob("0*"))


def test_without_any_letter_and_without_targets(tmp_path: Path) -> None:
    xunyan("init", tmp_path / "w")
    done = xunyan("-C", tmp_path / "w", "scan", check=False)
    assert done.returncode == 2
    assert "xunyan endpoints import" in done.stderr


def window_until(moment: datetime) -> str:
    """Hours that end at a moment of today in Beijing, to the minute."""
    beijing = moment.astimezone(UTC) + timedelta(hours=8)
    start = beijing - timedelta(hours=3)
    return f"{start:%H:%M}-{beijing:%H:%M}"


def test_at_the_end_of_the_window_what_is_under_way_ends_and_the_rest_waits(tmp_path: Path) -> None:
    """The hosts are slow enough that the window closes in the middle: started by hand just before a full minute."""
    specs = make_specs(40, faults=dict.fromkeys(range(40), "slow"))
    with Farm(tmp_path / "farm", specs) as farm:
        closing = (datetime.now(UTC) + timedelta(seconds=75)).replace(second=0, microsecond=0)
        if (closing - datetime.now(UTC)).total_seconds() < 16:
            closing += timedelta(minutes=1)
        text = letter(["127.77.0.0/16"], windows=[window_until(closing)])
        workspace = make_workspace(tmp_path, farm, letter_text=text, more="\n[scan]\nconcurrency = 1\n")
        time.sleep(max(0.0, (closing - datetime.now(UTC)).total_seconds() - 9))
        done = xunyan("-C", workspace, "scan", "--no-judge")
        asked = int(done.stdout.split("查了 ")[1].split(" 台")[0])
        assert 0 < asked < 40
        assert f"{40 - asked} 台还没查" in done.stderr
        assert "--resume" in done.stderr
        assert sum(len(host.attempts()) for host in farm.hosts) == asked
        later = xunyan("-C", workspace, "scan", "--resume", check=False)
        assert later.returncode == 2
        assert sum(len(host.attempts()) for host in farm.hosts) == asked


def test_a_letter_revoked_in_the_middle_ends_the_scan(tmp_path: Path) -> None:
    specs = make_specs(40, faults=dict.fromkeys(range(40), "slow"))
    with Farm(tmp_path / "farm", specs) as farm:
        workspace = make_workspace(tmp_path, farm, more="\n[scan]\nconcurrency = 2\n")
        program = "from console.cli import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", program, "-C", workspace, "scan", "--no-judge"], cwd=PROJECT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        until = time.monotonic() + 60
        while sum(len(host.attempts()) for host in farm.hosts) < 4 and time.monotonic() < until:
            time.sleep(0.05)
        xunyan("-C", workspace, "scope", "revoke", "测授〔2026〕1号", "--by", "张三", "--reason", "项目中止")
        at_revocation = sum(len(host.attempts()) for host in farm.hosts)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert sum(len(host.attempts()) for host in farm.hosts) <= at_revocation + 2
        assert "没有授权" in out


def test_ctrl_c_brings_to_its_end_what_is_under_way(tmp_path: Path) -> None:
    with Farm(tmp_path / "farm", make_specs(30)) as farm:
        workspace = make_workspace(tmp_path, farm, more="\n[scan]\nconcurrency = 2\n")
        program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from console.cli import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", program, "-C", workspace, "scan", "--no-judge"], cwd=PROJECT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        until = time.monotonic() + 60
        while sum(len(host.attempts()) for host in farm.hosts) < 3 and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        asked = int(out.split("查了 ")[1].split(" 台")[0])
        assert 3 <= asked < 30
        assert f"读到 {asked} 台" in out
        assert "按要求停止" in err
        assert process.returncode == 1
        done = xunyan("-C", workspace, "scan", "--resume", "--no-judge")
        assert f"查了 {30 - asked} 台" in done.stdout
        assert [len(host.attempts()) for host in farm.hosts] == [1] * 30


def closed(workspace: Path) -> list[str]:
    """Who is closed in the first scan, by closing line."""
    folder = workspace / "scans" / "000001"
    if not (folder / "plan.json").exists():
        return []
    plan = json.loads((folder / "plan.json").read_text("utf-8"))
    lines = [line for path in folder.glob("*.jsonl") for line in path.read_bytes().splitlines(keepends=True)]
    ends = [line for line in lines if line.startswith(b'{"done":') and line.endswith(b"\n")]
    return sorted(plan["targets"][json.loads(line)["done"]]["asset"] for line in ends)


def test_a_second_ctrl_c_ends_at_once_and_nothing_that_is_closed_is_asked_again(tmp_path: Path) -> None:
    """One host never ends its answer: it is what the first Ctrl-C waits for, and what the second does not."""
    with Farm(tmp_path / "farm", make_specs(10, faults={2: "hang"})) as farm:
        workspace = make_workspace(tmp_path, farm, more="\n[scan]\nconcurrency = 2\nanswer_seconds = 4\n")
        said = tmp_path / "said.log"

        def attempted() -> dict[str, int]:
            return {f"host:{host.spec.name}": len(host.attempts()) for host in farm.hosts if host.attempts()}

        def await_that(holds: Callable[[], bool]) -> None:
            until = time.monotonic() + 60
            while not holds():
                assert process.poll() is None, said.read_text("utf-8")
                assert time.monotonic() < until, said.read_text("utf-8")
                time.sleep(0.02)

        program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from console.cli import main; main()"
        with said.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", program, "-C", workspace, "scan", "--no-judge"], cwd=PROJECT, stdout=out, stderr=out
            )  # fmt: skip
        hanging = f"host:{farm.hosts[2].spec.name}"
        await_that(lambda: hanging in attempted() and len(closed(workspace)) > 0)
        process.send_signal(signal.SIGINT)
        await_that(lambda: "再按一次立即中断" in said.read_text("utf-8"))
        time.sleep(0.5)  # whose login had passed the gate by then is under way too
        await_that(lambda: {hanging, *closed(workspace)} == {*attempted()})  # what was under way is waited for
        before, asked = closed(workspace), attempted()
        time.sleep(0.8)
        assert attempted() == asked, "somebody was begun after the first"
        assert hanging not in before
        assert len(asked) < 10
        assert "--resume" not in said.read_text("utf-8").partition("\n")[2]
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert time.monotonic() - begun < 1
        assert "已中断；接着扫：xunyan scan --resume" in said.read_text("utf-8")
        assert "Traceback" not in said.read_text("utf-8")
        assert closed(workspace) == before
        assert attempted() == asked

        done = xunyan("-C", workspace, "scan", "--resume", "--no-judge", check=False)
        assert f"查了 {10 - len(before)} 台" in done.stdout, done.stdout + done.stderr
        assert attempted() == {f"host:{host.spec.name}": 1 for host in farm.hosts} | {hanging: 2}
        assert closed(workspace) == sorted(f"host:{host.spec.name}" for host in farm.hosts)
        assert coverage(workspace)[hanging] == {("timeout", "no-answer")}


def test_a_scan_is_gone_on_with_as_it_was_begun(tmp_path: Path) -> None:
    """The way chosen on the command line stands in the plan; other choices are refused while going on."""
    with Farm(tmp_path / "farm", make_specs(3)) as farm:
        settings = "".join(
            f'[credentials.{name}]\nuser = "{farm.user}"\nkind = "key"\nkey_file = "{tmp_path / "client-key"}"\n'
            for name in ("first", "second")
        )
        workspace = make_workspace(tmp_path, farm, settings=settings)
        xunyan("-C", workspace, "scan", "--credential", "second", "--no-judge")
        plan = json.loads((workspace / "scans" / "000001" / "plan.json").read_text("utf-8"))
        assert {(one["credential"], one["carrier"]) for one in plan["targets"]} == {("second", "ssh")}
        (workspace / "scans" / "000001" / "finished").unlink()
        wrong = xunyan("-C", workspace, "scan", "--resume", "--unit", "测试单位", check=False)
        assert wrong.returncode == 2
        assert "沿用" in wrong.stderr


def test_a_listed_name_or_address_on_the_command_line_is_the_listed_endpoint(tmp_path: Path) -> None:
    with Farm(tmp_path / "farm", make_specs(3)) as farm:
        workspace = make_workspace(tmp_path, farm)
        first, second, third = farm.hosts
        xunyan(
            "-C", workspace, "scan", "-t", first.spec.name, "-t", f"host:{second.spec.name}", "-t",
            f"{third.spec.address}:{third.port}",
        )  # fmt: skip
        assets = {row["key"] for row in records("-C", workspace, "coverage", "--all")}
        assert assets == {f"host:{host.spec.name}" for host in farm.hosts}
        typo = xunyan("-C", workspace, "scan", "--unit", "测试", check=False)
        assert typo.returncode == 2
        assert "测试单位" in typo.stderr
