"""The shipped scenarios come out exactly, on either ground and for anybody, and a wrong expectation is told."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from controls.loader import load_catalogue, load_profile
from lab.scenario.reading import SHIPPED, read_scenario, shipped
from tests.lab.demonstrating import as_user, demo, given_to_user, needs_namespaces, needs_parts, needs_ssh
from tests.making import xunyan

pytestmark = needs_ssh
EXACT = {"precision": 1.0, "recall": 1.0}


def test_six_scenarios_are_shipped() -> None:
    assert shipped() == ["clean", "division", "hostile", "links", "small", "systems"]
    assert len(read_scenario("links").devices) >= 30
    assert len(read_scenario("systems").systems) >= 40
    assert len(read_scenario("division").hosts) > 190
    assert 20 <= len(read_scenario("small").hosts) + len(read_scenario("small").devices) <= 35


def test_every_control_is_found_and_not_found_where_it_must_not_be() -> None:
    """Whoever adds a control has to say where it is found, and where it is not although it looks alike.

    That of hosts and systems in `small`, that of network devices, links and units in `links`, where its profile asks for it,
    else in `division`.
    """
    asked = load_profile(read_scenario("links").profile)
    for control in (check.control for check in load_catalogue().checks):
        name = "small"
        if {"device", "link", "unit"} & set(control.kinds):
            name = "links" if asked.asks(control) else "division"
        own = [row for row in read_scenario(name).expect if row.control == control.id]
        found = [row for row in own if row.status in ("not-satisfied", "needs-person")]
        near = [row for row in own if row.status == "satisfied"]
        assert found, f"lab/scenarios/{name}.yaml expects {control.id} nowhere"
        assert near, f"lab/scenarios/{name}.yaml has no near miss of {control.id}, expected as satisfied"


@needs_namespaces
@needs_parts
@pytest.mark.parametrize("name", ["clean", "small", "systems", "division"])
def test_a_scenario_comes_out_exactly_in_namespaces(tmp_path: Path, name: str) -> None:
    result = demo(tmp_path, name, "--ground", "namespaces")
    assert EXACT.items() <= result.items()
    assert all(EXACT.items() <= area.items() for area in result["areas"].values())
    assert (result["missed"], result["false_alarms"], result["unread"], result["not_shown"]) == ([], [], [], [])
    assert result["packets"]["seen"] > 100
    assert (result["packets"]["violations"], result["packets"]["dropped"], result["packets"]["whole"]) == (0, 0, True)
    assert Path(result["report"]).stat().st_size > 10_000
    assert xunyan("evidence", "verify", result["package"]).returncode == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "w"]


def test_small_comes_out_exactly_on_loopback(tmp_path: Path) -> None:
    result = demo(tmp_path, "small", "--ground", "loopback")
    assert EXACT.items() <= result.items()
    assert (result["ground"], result["packets"]) == ("loopback", None)
    assert any("环回地址上没有路由" in one for one in result["not_shown"])
    assert list(tmp_path.iterdir()) == [tmp_path / "w"]


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
@pytest.mark.parametrize("ground", ["namespaces", "loopback"])
def test_an_ordinary_user_sees_the_same(tmp_path: Path, ground: str) -> None:
    folder = given_to_user(tmp_path)
    words = ("demo", "--scenario", "small", "--json", "--ground", ground)
    done = as_user("-c", "from console.cli import main; main()", *words, folder=folder)
    if "不允许建命名空间" in done.stderr:
        pytest.skip("this system allows an ordinary user no namespaces")
    assert done.returncode == 0, done.stdout + done.stderr
    assert EXACT.items() <= json.loads(done.stdout).items()


@needs_namespaces
def test_misses_and_false_alarms_are_told(tmp_path: Path) -> None:
    table = yaml.safe_load((SHIPPED / "clean.yaml").read_text("utf-8"))
    table["evaluated_products"] = (SHIPPED / "products.toml").read_text("utf-8")
    table["hosts"][0] |= {"count": 1, "machine": "intel-4214"}
    table["expect"] = [{"control": "domestic/cpu", "asset": "host:guest01", "status": "not-satisfied"}]
    table["gaps"] = [{"asset": "host:six01", "reason": "timeout"}]
    scenario = tmp_path / "wrong.yaml"
    scenario.write_text(yaml.safe_dump(table, allow_unicode=True), "utf-8")
    done = xunyan("demo", "--scenario", scenario, "--workspace", tmp_path / "w", check=False)
    assert done.returncode == 1
    assert "domestic/cpu host:guest01：应为 不符合，实为 符合" in done.stdout
    assert "domestic/cpu host:web：没有预期，实为 不符合" in done.stdout
    assert "host:six01：应为 超时，实为 读到" in done.stdout
    assert "有不符之处" in done.stdout
    result = demo(tmp_path, scenario, check=False)
    assert result["recall"] == 0
    assert result["areas"]["domestic"]["precision"] == 0


@needs_namespaces
def test_a_person_is_told_what_comes_and_what_to_try_next(tmp_path: Path) -> None:
    done = xunyan("demo", "--scenario", "clean", cwd=tmp_path)
    opening, _, rest = done.stdout.partition("· ")
    assert "2 个单位，2 个网络，12 台主机" in opening
    assert "扫描程序看不到场景文件" in opening
    assert rest.splitlines()[-5:] == [
        "证据包：xunyan-demo/evidence.zip",
        "接下来可以试：",
        "  xunyan -C xunyan-demo findings",
        "  xunyan -C xunyan-demo coverage",
        "  xunyan evidence verify xunyan-demo/evidence.zip",
    ]
    assert "全部相符。" in rest
    english = xunyan("--lang", "en", "demo", "--scenario", "clean", "--ground", "loopback", cwd=tmp_path).stdout
    assert "Everything came out as expected." in english
    assert re.search(r"[一-鿿]", english.replace("default", "")) is None


def test_what_cannot_be_done_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    (place / "letter.txt").write_text("x", "utf-8")
    for words, said in (
        (("--workspace", place), "不是演示工作区"),
        (("--scenario", "nothing"), "没有这个场景"),
        (("--ground", "moon"), "--ground"),
        (("--lower", "--workspace", tmp_path), "没有留着的实验环境"),
    ):
        done = xunyan("demo", *words, check=False, cwd=tmp_path)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert (place / "letter.txt").read_text("utf-8") == "x"


@needs_namespaces
def test_a_kept_lab_is_entered_and_taken_down(tmp_path: Path) -> None:
    result = demo(tmp_path, "clean", "--keep")
    workspace = Path(result["workspace"])
    try:
        enter = str(workspace / "enter-lab")
        inside = subprocess.run([enter, "ip", "-o", "address"], capture_output=True, text=True, check=True).stdout
        assert "10.20.0.9/16" in inside
        again = xunyan("demo", "--scenario", "clean", "--workspace", workspace, check=False)
        assert (again.returncode, "还立着" in again.stderr) == (2, True)
        words = [enter, sys.executable, "-c", "from console.cli import main; main()", "-C", str(workspace), "scan"]
        scanned = subprocess.run(words, capture_output=True, text=True, check=False)
        assert "查了 9 台，读到 9 台" in scanned.stdout, scanned.stderr
        logs = list(tmp_path.glob("xunyan-lab-*/*/lab/hosts/*/sshd.log"))
        assert len(logs) == 12
    finally:
        lowered = xunyan("demo", "--lower", "--workspace", workspace)
    assert "已撤掉" in lowered.stdout
    assert not Path(enter).exists()
    assert list(tmp_path.iterdir()) == [workspace]
    assert not any(str(tmp_path / "xunyan-lab").encode() in words for words in commands())


def commands() -> list[bytes]:
    """The words of every process that can be seen."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_bytes())
    return found


@needs_namespaces
def test_a_demonstration_that_is_killed_before_it_is_kept_leaves_no_lab(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "from console.cli import main; main()", "demo", "--scenario", "clean", "--keep"]
    with subprocess.Popen(
        [*words, "--workspace", str(tmp_path / "w")],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "建工作区" in line.decode():
                break
        demo.kill()
    end = time.monotonic() + 10
    while (left := [one for one in commands() if str(tmp_path).encode() in one]) and time.monotonic() < end:
        time.sleep(0.1)
    assert left == []


@needs_namespaces
def test_a_kept_lab_stands_when_one_host_ends(tmp_path: Path) -> None:
    result = demo(tmp_path, "clean", "--keep")
    workspace = Path(result["workspace"])
    try:
        servers = [path for path in Path("/proc").glob("[0-9]*/comm") if comm(path) == "sshd"]
        own = [int(path.parent.name) for path in servers if str(tmp_path) in mounts(path.parent)]
        assert own
        os.kill(own[0], signal.SIGKILL)
        time.sleep(1)
        inside = subprocess.run(
            [str(workspace / "enter-lab"), "ip", "-o", "address"], capture_output=True, text=True, check=False
        )
        assert "10.20.0.9/16" in inside.stdout, inside.stderr
    finally:
        xunyan("demo", "--lower", "--workspace", workspace)
    stale = workspace / "lab.json"
    stale.write_text(
        json.dumps({"scenario": "x", "folder": str(tmp_path), "ground": "x", "holder": 1, "plan": "/", "enter": []})
    )
    refused = xunyan("demo", "--lower", "--workspace", workspace, check=False)
    assert (refused.returncode, "不是实验环境的记录" in refused.stderr, tmp_path.exists()) == (2, True, True)


def comm(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        return ""


def mounts(process: Path) -> str:
    try:
        return (process / "mountinfo").read_text("utf-8")
    except OSError:
        return ""


@needs_namespaces
def test_the_workspace_of_a_lab_that_is_gone_touches_nobody(tmp_path: Path) -> None:
    """Its addresses may be somebody's outside: the letters are revoked, so a scan from here sends no packet."""
    workspace = demo(tmp_path, "clean")["workspace"]
    done = xunyan("-C", workspace, "scan", check=False)
    assert (done.returncode, "撤销" in done.stderr) == (2, True), done.stderr
