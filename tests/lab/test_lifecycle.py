"""Fifty hosts raised, scanned and lowered twenty times, some of them killed in the middle: nothing is left of any of them."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import yaml

from lab.places import base, new_place
from lab.scenario.reading import SHIPPED
from tests.lab.demonstrating import needs_namespaces, needs_ssh

pytestmark = [needs_ssh, needs_namespaces]
TIMES = int(os.environ.get("XUNYAN_RAISES", "4"))
KILLED = max(1, TIMES // 4)
HOSTS = 50
OWN = {os.getpid(), os.getppid()}
"""Processes of the tests themselves, whose words or folder may name the place."""


def fifty(place: Path) -> Path:
    """A scenario of fifty hosts, half of them behind a router."""
    table = yaml.safe_load((SHIPPED / "clean.yaml").read_text("utf-8"))
    table |= {"name": "fifty", "evaluated_products": (SHIPPED / "products.toml").read_text("utf-8"), "ledgers": []}
    table |= {"systems": [], "ranges": [], "zones": []}
    kinds = {"unit": "教育局", "machine": "kunpeng-920", "system": "kylin-server-v10", "count": HOSTS // 2}
    table["hosts"] = [
        {"name": "near", "at": {"外网": ["10.20.1.1", "2001:db8:20:1::1"]}, **kinds},
        {"name": "far", "at": {"政务云": ["10.30.1.1", "2001:db8:30:1::1"]}, **kinds},
    ]
    path = place / "fifty.yaml"
    path.write_text(yaml.safe_dump(table, allow_unicode=True), "utf-8")
    return path


def traces(place: Path) -> dict[str, list[str]]:
    """What there is on this machine of labs whose folders lie in `place`, and of networks of anybody."""
    processes = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace")
            told = [words, str(path.with_name("cwd").readlink()), path.with_name("mountinfo").read_text("utf-8")]
            for one in path.with_name("fd").iterdir():  # the lab's lock is among them
                with suppress(OSError):  # closed meanwhile
                    told.append(str(one.readlink()))
        except OSError:
            continue
        if str(place) in " ".join(told) and int(path.parent.name) not in OWN:
            processes.append(words)
    network = subprocess.run(["ip", "-o", "address"], capture_output=True, text=True, check=True).stdout.splitlines()
    return {
        "processes": processes,
        "mounts": [line for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines() if str(place) in line],
        "addresses": [line.split("  valid")[0] for line in network],
        "namespaces": [str(path) for path in Path("/run/netns").glob("*")] if Path("/run/netns").exists() else [],
    }


def test_traces_are_seen(tmp_path: Path) -> None:
    """What looks for leftovers sees one that holds a file of the place, and nothing else of it."""
    with (tmp_path / "lock").open("wb") as file:
        words = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        with subprocess.Popen(words, pass_fds=(file.fileno(),), stdin=subprocess.PIPE, cwd="/") as other:
            assert len(traces(tmp_path)["processes"]) == 1
            other.kill()
    assert traces(tmp_path)["processes"] == []


def settled(place: Path, before: dict[str, list[str]], seconds: float = 20) -> dict[str, list[str]]:
    end = time.monotonic() + seconds
    while (now := traces(place)) != before and time.monotonic() < end:
        time.sleep(0.1)
    return now


def test_twenty_times_and_nothing_is_left(tmp_path: Path) -> None:
    """XUNYAN_RAISES=20 does it twenty times, five of them killed; CI does it less often."""
    scenario = fifty(tmp_path)
    before = traces(tmp_path)
    chance = random.Random(TIMES)
    killed = set(chance.sample(range(TIMES), KILLED))
    told = []
    for number in range(TIMES):
        words = [
            *(sys.executable, "-c", "from console.cli import main; main()", "demo", "--scenario", str(scenario)),
            *("--workspace", str(tmp_path / "w"), "--json", "--ground", "namespaces"),
        ]
        with subprocess.Popen(
            words,
            env={**os.environ, "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as demo:
            if number in killed:
                time.sleep(chance.uniform(0.8, 4.5))
                demo.send_signal(signal.SIGKILL)
                demo.communicate(timeout=30)
                told.append("killed")
            else:
                out, errors = demo.communicate(timeout=300)
                assert demo.returncode == 0, out + errors
                result = json.loads(out)
                assert result["exact"]
                assert result["seconds"]["raise"] < 10
                told.append(f"{result['seconds']['raise']:.1f}+{result['seconds']['scan']:.1f}")
        assert settled(tmp_path, before) == before, (number, told)
        places = list(tmp_path.glob("xunyan-lab-*/*/lab"))
        assert len(places) <= 1 if number in killed else places == [], (number, told)
    folder, held = new_place_in(tmp_path)
    assert [one.name for one in folder.parent.iterdir() if one.is_dir()] == [folder.name]  # what a kill left is swept
    os.close(held)
    print(f"{TIMES} times {HOSTS} hosts: {', '.join(told)} s (raise + scan)")  # noqa: T201  # the figures of this run


def new_place_in(folder: Path) -> tuple[Path, int]:
    """Start as the next lab would."""
    words = "import sys; from lab.places import new_place; print(new_place()[0])"
    subprocess.run(
        [sys.executable, "-c", words], env={**os.environ, "TMPDIR": str(folder)}, check=True, capture_output=True
    )
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        import tempfile  # noqa: PLC0415  # whose choice of a folder is made once

        tempfile.tempdir = None
        assert base().parent == folder
        return new_place()
    finally:
        tempfile.tempdir = None
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
