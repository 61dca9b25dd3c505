"""Scanning network devices: five vendors read whole, straight and by hosts in between, with the care that hosts get."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lab.children import Child
from lab.devices.secret import secrets_of
from lab.devices.vendors import VENDORS as SIMULATED
from lab.farm import free_port
from lab.keys import make_key
from lab.rules import Config, Rules, Target
from lab.scenario.model import Device
from tests.console.scan_watching import Search, Watcher
from tests.lab.telling import questions
from tests.lab.test_devices import Rack
from tests.lab.test_devices_tables import USERS, make
from tests.making import PROJECT, records, xunyan
from tests.scanners.platforms.devices.answering import everything
from tests.scanners.transports.racking import (
    NOT_IN_THE_LAB,
    PLATFORM_OF,
    attempts,
    beyond_the_list,
    directly,
)
from tests.scanners.transports.test_devices_telnet import HOME, Server, serving
from tests.scanning import coverage, letter
from tests.scanning_devices import ADDRESSES, LOGIN, PASSWORD, PATIENT, make_workspace

HOP = "127.79.250.1"
FAULTY = {
    "device:hang": ("timeout", "no-answer"),
    "device:change-password": ("denied", "password-change"),
    "device:binary": ("unparsable", "no-prompt"),
    "device:changed-key": ("identity-changed", "host-key-changed"),
    "device:close-mid-command": ("interrupted", "connection-lost"),
}
MANY = 20


def named(vendor: str, name: str = "", **more: object) -> Device:
    return make(vendor, name or vendor, serial=f"SN-{name or vendor}", **more)


def _fleet() -> list[Device]:
    devices = [named(vendor) for vendor in SIMULATED]
    devices += [named("huawei", key.partition(":")[2], fault=key.partition(":")[2]) for key in FAULTY]
    return devices


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rack]:
    raised = Rack(tmp_path_factory.mktemp("rack"), _fleet(), 100)
    yield raised
    raised.child.stop()
    assert raised.errors() == ""


@contextmanager
def racked(place: Path, devices: list[Device], network: int) -> Iterator[Rack]:
    place.mkdir()
    raised = Rack(place, devices, network)
    try:
        yield raised
    finally:
        raised.child.stop()


def new_attempts(rack: Rack, before: Mapping[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in attempts(rack, list(before)).items()}


def read_whole(workspace: Path) -> None:
    """Five vendors, each asked every command; what the lab's devices do not know is not supported, nothing else lacks."""
    rows = records("-C", workspace, "coverage", "--all")
    for vendor in SIMULATED:
        own = {row["source"]: row for row in rows if row["key"] == f"device:{vendor}"}
        assert list(own) == questions(named(vendor))
        lacking = {source: row["reason"] for source, row in own.items() if row["outcome"] != "answered"}
        assert lacking == dict.fromkeys(NOT_IN_THE_LAB & set(own), "unsupported")


def test_five_vendors_are_read_and_what_fails_is_named(tmp_path: Path, rack: Rack) -> None:
    before = attempts(rack, list(rack.placed))
    workspace = make_workspace(tmp_path, rack, settings=LOGIN + PATIENT.replace("= 10", "= 3"))
    done = xunyan("-C", workspace, "scan", "--only", "devices", env=PASSWORD)
    assert "查了 10 台，读到 5 台，没读到 5 台" in done.stdout
    assert "要求修改口令" in done.stdout
    read_whole(workspace)
    found = coverage(workspace)
    for key, why in FAULTY.items():
        assert why in found[key], key
    assert new_attempts(rack, before) == {name: int(name != "changed-key") for name in rack.placed}
    assert beyond_the_list(rack) == []


def test_the_facts_are_those_of_a_direct_reading(tmp_path: Path, rack: Rack) -> None:
    workspace = make_workspace(tmp_path, rack, list(SIMULATED))
    xunyan("-C", workspace, "scan", env=PASSWORD)
    rows = records("-C", workspace, "observations")
    for vendor in SIMULATED:
        straight, _ = everything(PLATFORM_OF[vendor], directly(named(vendor)))
        own = {row["name"]: row["facts"] for row in rows if row["asset"]["key"] == f"device:{vendor}"}
        assert set(own) >= set(straight)  # and what a judgement derives from them
        for name in set(straight) - {"device-clock"}:
            assert own[name] == msgspec.json.decode(msgspec.json.encode(straight[name].facts)), name
        assert {fact["serial"] for fact in own["device"]} == {f"SN-{vendor}"}


def test_the_plan_lists_devices_with_their_carrier_and_sends_nothing(tmp_path: Path, rack: Rack) -> None:
    workspace = make_workspace(tmp_path, rack, ["huawei", "cisco"])
    before = {name: len(rack.log(name)) for name in rack.placed}
    said = xunyan("-C", workspace, "scan", "--dry-run", "--carrier", "ansible").stdout
    assert said.count("netmiko") == 2
    assert "device:huawei" in said
    nobody = xunyan("-C", workspace, "scan", "--dry-run", "--only", "endpoints", check=False)
    assert nobody.returncode == 2
    assert "--only endpoints" in nobody.stderr
    telnet = xunyan("-C", workspace, "scan", "--carrier", "telnet", env=PASSWORD, check=False)
    assert telnet.returncode == 2
    assert "不允许方式 telnet" in telnet.stderr
    host = xunyan("-C", workspace, "scan", "--target", "10.1.2.3", "--carrier", "netmiko", "--dry-run", check=False)
    assert host.returncode == 2
    assert "ssh、ansible" in host.stderr
    assert {name: len(rack.log(name)) for name in rack.placed} == before


@contextmanager
def between(place: Path, rack: Rack, rules: Rules) -> Iterator[tuple[int, str, Path]]:
    """A bastion or jump host in front of the rack's devices; gives its port, its line of a known_hosts file, its log."""
    own, port = make_key(), free_port([HOP])
    place.mkdir()
    log = place / "log"
    log.touch()
    targets = [Target(one.addresses[0], one.port, one.key.line, USERS["ops"]) for one in rack.placed.values()]
    Config(HOP, port, own.private, own.private, rules, targets, str(log)).write(place / "config")
    child = Child("lab.relay", place / "config", place / "errors")
    try:
        child.line("ready ", 30)
        yield port, f"[{HOP}]:{port} {own.line}\n", log
    finally:
        child.stop()


def by_way(kind: str, port: int) -> str:
    return f"""
[credentials.hop]
user = "op"
kind = "password"
password = "env:HOP_PASSWORD"
[routes.hop]
kind = "{kind}"
address = "{HOP}"
port = {port}
credential = "hop"
[[access]]
credential = "net"
route = "hop"
"""


def granting(port: int) -> str:
    networks = f'[[networks]]\nname = "default"\nallow = ["{ADDRESSES}"]\njump_hosts = ["{HOP}:{port}"]'
    return letter([], networks=networks, ports=list(range(1024, 65536)))


@pytest.mark.parametrize("kind", ["jump", "bastion"])
def test_the_same_by_a_host_in_between(tmp_path: Path, rack: Rack, kind: str) -> None:
    before = attempts(rack, list(SIMULATED))
    rules = Rules({"op": "hop word"}, plain=kind == "bastion", forward=kind == "jump", codes=["111111"] * 3)
    if kind == "jump":
        rules = Rules({"op": "hop word"}, plain=True, forward=True)
    with between(tmp_path / "hop", rack, rules) as (port, known, log):
        workspace = make_workspace(
            tmp_path, rack, list(SIMULATED), settings=LOGIN + by_way(kind, port) + PATIENT,
            letter_text=granting(port), known=known,
        )  # fmt: skip
        done = xunyan("-C", workspace, "scan", env={**PASSWORD, "HOP_PASSWORD": "hop word"}, check=False)
        assert "读到 5 台，没读到 0 台" in done.stdout, done.stdout + done.stderr + log.read_text("utf-8")
        read_whole(workspace)
        told = log.read_text("utf-8")
        assert told.count(" attempt ") == (1 if kind == "jump" else 5)
    assert new_attempts(rack, before) == dict.fromkeys(SIMULATED, 1)
    peers = {row["peer"] for vendor in SIMULATED for row in rack.log(vendor, "connection")[-1:]}
    assert len(peers) == 1
    assert beyond_the_list(rack) == []


def test_a_wrong_password_on_twenty_devices_is_two_attempts(tmp_path: Path) -> None:
    devices = [named("h3c", f"sw{number:02}") for number in range(MANY)]
    with racked(tmp_path / "rack", devices, 101) as rack:
        workspace = make_workspace(tmp_path, rack)
        done = xunyan("-C", workspace, "scan", env={"DEVICE_PASSWORD": "wrong"}, check=False)
        assert done.returncode == 1
        assert sum(attempts(rack, list(rack.placed)).values()) == 2
        assert "凭据 net 两次被拒绝，已停用" in done.stderr
        again = xunyan("-C", workspace, "scan", env={"DEVICE_PASSWORD": "wrong"}, check=False)
        assert again.returncode == 1
        assert sum(attempts(rack, list(rack.placed)).values()) == 2


def test_a_wrong_enable_secret_on_twenty_devices_is_two_attempts_and_the_rest_is_read(tmp_path: Path) -> None:
    devices = [named("cisco", f"sw{number:02}", enable="right word") for number in range(MANY)]
    settings = LOGIN.rstrip() + '\nenable = "env:ENABLE_SECRET"\n' + PATIENT
    with racked(tmp_path / "rack", devices, 102) as rack:
        workspace = make_workspace(tmp_path, rack, settings=settings)
        xunyan("-C", workspace, "scan", env={**PASSWORD, "ENABLE_SECRET": "wrong word"})
        assert sum(len(rack.log(name, "enable")) for name in rack.placed) == 2
        assert sum(attempts(rack, list(rack.placed)).values()) == MANY
        gaps = Counter(
            row["source"] for row in records("-C", workspace, "coverage", "--all") if row["outcome"] == "gap"
        )
        assert gaps == {"show running-config": MANY}
        states = {row["name"]: row["state"] for row in records("-C", workspace, "credentials", "list")}
        assert states == {"net": "proven", "net:enable": "stopped"}
        xunyan("-C", workspace, "credentials", "renew", "net:enable", "--by", "张三")
        xunyan("-C", workspace, "scan", env={**PASSWORD, "ENABLE_SECRET": "right word"})
        assert [row for row in records("-C", workspace, "coverage", "--all") if row["outcome"] == "gap"] == []


def test_no_secret_that_was_given_is_anywhere(tmp_path: Path) -> None:
    words = {name: f"Kanari/{secrets.token_hex(9)}+?~{name}" for name in ("login", "enable")}
    devices = [named(vendor, enable=words["enable"], users={"ops": words["login"]}) for vendor in SIMULATED]
    settings = LOGIN.rstrip() + '\nenable = "env:ENABLE_SECRET"\n' + PATIENT
    hidden = {name: word.encode() for name, word in words.items()}
    with racked(tmp_path / "rack", devices, 103) as rack:
        workspace = make_workspace(tmp_path, rack, settings=settings)
        process = subprocess.Popen(
            [sys.executable, "-c", "from console.cli import main; main()", "-C", str(workspace), "scan"],
            env={**os.environ, "DEVICE_PASSWORD": words["login"], "ENABLE_SECRET": words["enable"], "PYTHONPATH": str(PROJECT)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        watcher = Watcher(process.pid, hidden, [workspace], shared=False)
        watcher.start()
        out, _ = process.communicate(timeout=120)
        watcher.stop()
        assert process.returncode == 0, out.decode()
        assert watcher.found == set()
        assert watcher.passes > 10
        own = {f"{name} {n}": word.encode() for name in rack.placed for n, word in enumerate(_secrets(rack, name))}
        search = Search({**hidden, **own})
        assert search.names(out) == set()
        assert search.below(workspace) == {}
        marks = {mark for row in _captures(workspace) for mark in row.get("redactions", ())}
        assert marks >= {"password", "snmp-community"}
        assert [row["outcome"] for name in rack.placed for row in rack.log(name, "enable")] == ["accepted"] * 5
        takers = {row["taken_by"] for row in _captures(workspace)}
        assert takers == {"ops+enable"}


def _secrets(rack: Rack, name: str) -> list[str]:
    """What stands in a device's configuration and must not leave it unmasked."""
    return secrets_of(rack.placed[name].device)


def _captures(workspace: Path) -> list[dict[str, Any]]:
    """The stored captures and gaps of devices."""
    files = (path for path in sorted((workspace / "captures").rglob("*.jsonl")))
    rows = [json.loads(line) for path in files for line in path.read_bytes().splitlines()]
    return [row for row in rows if row.get("kind") == "device"]


def test_a_scan_that_is_killed_goes_on_and_asks_nobody_twice(tmp_path: Path) -> None:
    devices = [named(list(SIMULATED)[number % 5], f"sw{number:02}") for number in range(MANY)]
    settings = LOGIN + PATIENT + "concurrency = 3\n"
    with racked(tmp_path / "rack", devices, 104) as rack:
        workspace = make_workspace(tmp_path, rack, settings=settings)
        process = subprocess.Popen(
            [sys.executable, "-c", "from console.cli import main; main()", "-C", str(workspace), "scan"],
            env={**os.environ, **PASSWORD, "PYTHONPATH": str(PROJECT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + 60
        while _closed(workspace) < 6 and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        closed = _closed(workspace)
        assert 6 <= closed < MANY
        asked = {name for name, count in attempts(rack, list(rack.placed)).items() if count}
        done = xunyan("-C", workspace, "scan", "--resume", env=PASSWORD)
        assert f"查了 {MANY - closed} 台，读到 {MANY - closed} 台" in done.stdout
        twice = {name for name, count in attempts(rack, list(rack.placed)).items() if count > 1}
        assert len(twice) <= len(asked) - closed <= 3  # those under way alone
        lacking = [row for row in records("-C", workspace, "coverage", "--all") if row["outcome"] == "gap"]
        assert {row["source"] for row in lacking} <= NOT_IN_THE_LAB


def _closed(workspace: Path) -> int:
    """How many targets a scan has dealt with, by what it wrote down."""
    return sum(
        path.read_bytes().count(b'"done":')
        for path in (workspace / "scans").glob("*/*.jsonl")
        if path.name != "logins.jsonl"
    )


def test_no_more_are_asked_at_once_than_a_network_bears(tmp_path: Path) -> None:
    devices = [named("ruijie", f"sw{number:02}") for number in range(12)]
    with racked(tmp_path / "rack", devices, 105) as rack:
        workspace = make_workspace(tmp_path, rack, settings=LOGIN + PATIENT + "per_network = 2\n")
        xunyan("-C", workspace, "scan", "--no-judge", env=PASSWORD)
        spans = [[row["time"] for row in rack.log(name) if row["event"] != "closed"] for name in rack.placed]
        events = sorted((at, begins) for one in spans for at, begins in ((one[0], True), (one[-1], False)))
        at_once = most = 0
        for _, begins in events:
            at_once += 1 if begins else -1
            most = max(most, at_once)
        assert most == 2


def test_telnet_is_used_where_the_letter_and_the_list_name_it_and_the_captures_say_so(tmp_path: Path) -> None:
    (tmp_path / "rack").mkdir()
    with serving(Server(named("zte"), tmp_path / "rack")) as server:
        workspace = tmp_path / "w"
        xunyan("init", workspace)
        with (workspace / "xunyan.toml").open("a", encoding="utf-8") as file:
            file.write(LOGIN + PATIENT)
        table = tmp_path / "devices.csv"
        table.write_text(f"资产标识,系统类型,地址,端口,通道\nold,中兴,{HOME},{server.port},telnet\n", "utf-8")
        xunyan("-C", workspace, "endpoints", "import", table)
        own = workspace / "inventory" / "authorisations" / "test.toml"
        own.write_text(letter([HOME], ports=[server.port]), "utf-8")
        refused = xunyan("-C", workspace, "scan", env=PASSWORD, check=False)
        assert refused.returncode == 2
        assert "不允许方式 telnet" in refused.stderr
        assert server.words == []
        own.write_text(letter([HOME], ports=[server.port], methods=["telnet"]), "utf-8")
        xunyan("-C", workspace, "scan", env=PASSWORD)
        assert server.words == [("ops", USERS["ops"])]
    captures = _captures(workspace)
    assert {row["source"] for row in captures} == {*questions(named("zte")), "telnet-session"}
    assert {row["taken_by"] for row in captures} == {"ops+telnet"}
    (found,) = [
        one for one in records("-C", workspace, "findings") if one["control"] == "baseline/plain-text-management"
    ]
    assert found["status"] == "not-satisfied"
    assert str(server.port) in found["because"]
    assert [proof["source"] for proof in found["evidence"]] == ["telnet-session"]
