"""What can be tested of the WinRM way without a Windows machine: inventory, playbook, plugin, door and gate."""

import ast
import importlib.util
import json
import os
import socket
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanners.platforms.windows.requests import REQUESTS
from scanners.transports import ansible_windows
from scanners.transports.ansible_door import Report
from scanners.transports.ansible_run import PLAYBOOKS
from scanners.transports.ansible_windows import Desk, carry_windows, outputs, plugin, windows_inventory
from scanners.transports.carrying import Bounds, Credential, CredentialKind, Failure, Order, Outcome, WithheldError
from tests.wire import TCP, Wire, needs_wire, own_network
from xunyan.errors import UsageError
from xunyan.model import GapReason
from xunyan.permits import Method, Permit

CANARY = "Kan4ri Windows 口令"
PERMIT = Permit("内网", "127.88.6.1", 5985, Method.WINRM, datetime.now(UTC) + timedelta(hours=1), "授权〔2026〕1号")
ORDER = Order("host:win01", PERMIT, Credential("win", "GOV\\xunjian", CredentialKind.PASSWORD, password=CANARY))


class Gate:
    """Writes down what passes; may be told to let nothing pass."""

    def __init__(self, *, shut: bool = False) -> None:
        self.shut = shut
        self.log: list[str] = []

    def enter(self, asset: str, permit: Permit, credential: Credential) -> None:  # noqa: ARG002
        if self.shut:
            raise WithheldError("stopped")
        self.log.append(f"enter {asset}")

    def leave(self, asset: str, permit: Permit, credential: Credential, outcome: Outcome) -> None:  # noqa: ARG002
        self.log.append(f"leave {asset} {outcome.value}")


def talk(folder: Path, *lines: object) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(folder / "door"))
        stream = client.makefile("rw", encoding="utf-8")
        heard = ""
        for number, line in enumerate(lines):
            stream.write(json.dumps(line) + "\n")
            stream.flush()
            heard += stream.readline() if number == 0 else ""
        stream.close()
    return heard


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    """Something that takes connections where the host is to be: one that is off is not even asked at the gate."""
    with socket.create_server(("127.88.6.1", 5985)) as server:
        server.listen(16)
        yield


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path()


def test_the_account_is_given_once_and_by_the_gate(folder: Path) -> None:
    gate = Gate()
    desk = Desk({"h0": ORDER}, gate, folder)
    assert json.loads(talk(folder, ["127.88.6.1", 5985], ["refused", "401"]))["password"] == CANARY
    assert talk(folder, ["127.88.6.1", 5985]) == ""
    assert talk(folder, ["127.88.6.2", 5985]) == ""
    desk.close()
    assert gate.log == ["enter host:win01", "leave host:win01 refused"]
    assert desk.reports["h0"].failure == Failure(GapReason.DENIED, "login-refused: GOV\\xunjian")


def test_a_plugin_that_dies_leaves_an_unknown_login(folder: Path) -> None:
    gate = Gate()
    desk = Desk({"h0": ORDER}, gate, folder)
    talk(folder, ["127.88.6.1", 5985])
    desk.close()
    assert gate.log[-1] == "leave host:win01 unknown"


def test_the_gate_withholds(folder: Path) -> None:
    desk = Desk({"h0": ORDER}, Gate(shut=True), folder)
    assert talk(folder, ["127.88.6.1", 5985]) == ""
    desk.close()
    assert desk.reports["h0"].failure == Failure(GapReason.DENIED, "login-withheld: stopped")


def at(address: str, port: int = 5985, *, expires: timedelta = timedelta(hours=1)) -> Order:
    return replace(ORDER, permit=replace(PERMIT, address=address, port=port, expires=datetime.now(UTC) + expires))


@needs_wire
def test_a_host_whose_port_is_closed_is_knocked_at_once_and_given_no_account(folder: Path) -> None:
    """Nothing passes the gate: a login that was never sent is none."""
    gate = Gate()
    with own_network(), Wire() as wire:
        with closing(Desk({"h0": at("127.88.6.7")}, gate, folder)) as desk:
            assert talk(folder, ["127.88.6.7", 5985]) == ""
        assert {(one.protocol, one.target_port) for one in wire.to("127.88.6.7")} == {(TCP, 5985)}
        assert wire.targets() == {"127.88.6.7", "127.0.0.1"}
    assert desk.reports["h0"].failure == Failure(GapReason.UNREACHABLE, "connection-refused")
    assert gate.log == []


@needs_wire
def test_a_host_that_does_not_answer_is_given_no_account(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    monkeypatch.setattr(ansible_windows, "CONNECT_SECONDS", 0.5)
    with own_network(), closing(Desk({"h0": at("192.0.2.7")}, gate, folder)) as desk:
        assert talk(folder, ["192.0.2.7", 5985]) == ""
    assert desk.reports["h0"].failure == Failure(GapReason.UNREACHABLE, "no-connection: 0.5 s")
    assert gate.log == []


@needs_wire
def test_nothing_is_sent_to_an_address_without_a_permit_or_after_its_permit(folder: Path) -> None:
    """Whatever the plugin asks for, the scanner knocks only where a permit that has not run out says."""
    gate = Gate()
    orders = {"h0": at("127.88.6.8", expires=-timedelta(seconds=1)), "h1": at("127.88.6.8", 5986)}
    with own_network(), Wire() as wire, socket.create_server(("127.88.6.8", 5985)):
        with closing(Desk(orders, gate, folder)) as desk:
            assert talk(folder, ["127.88.6.8", 5985]) == ""
            assert talk(folder, ["127.88.6.9", 5985]) == ""
            assert talk(folder, ["127.88.6.8", 5987]) == ""
        assert wire.packets == []
    assert desk.reports["h0"].failure == Failure(GapReason.NOT_ASKED, "permit-expired")
    assert desk.reports["h1"].failure is None
    assert gate.log == []


@pytest.mark.skipif(importlib.util.find_spec("winrm") is None, reason="pywinrm is not installed")
def test_a_run_over_a_host_whose_port_is_closed(folder: Path) -> None:
    gate, order = Gate(), at("127.88.6.7")
    (heard,) = carry_windows([order], REQUESTS, gate, Bounds(), forks=1, folder=folder.resolve())
    assert heard == (order, Failure(GapReason.UNREACHABLE, "connection-refused"))
    assert gate.log == []


def test_no_secret_and_no_account_is_in_the_inventory() -> None:
    text = json.dumps(windows_inventory({"h0": ORDER}, REQUESTS, Bounds(), "ntlm"), ensure_ascii=False)
    assert "127.88.6.1" in text
    assert not [word for word in (CANARY, "xunjian", "win01") if word in text]


def test_the_plugin_declares_the_options_of_ansibles_own() -> None:
    tree = ast.parse(plugin())
    names = [ast.unparse(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)]
    assert "DOCUMENTATION" in names


def test_outputs_are_read_by_source() -> None:
    report = Report(begun=True, ended=True)
    text = json.dumps({"hostname": ["WIN01\r\n", 0], "other": ["", 0]})
    assert outputs(report, {"stdout": text}, REQUESTS, Bounds()) == {"hostname": ("WIN01\r\n", 0)}
    wrong = outputs(report, {"stdout": "[1]"}, REQUESTS, Bounds())
    assert isinstance(wrong, Failure)
    assert wrong.reason is GapReason.UNPARSABLE
    silent = outputs(report, {"msg": "Connection refused"}, REQUESTS, Bounds())
    assert isinstance(silent, Failure)
    assert silent.detail.startswith("connection-refused")


def test_requests_reach_the_plugin_as_they_are_and_the_playbook_is_good(folder: Path) -> None:
    odd = {"x": "echo '{{ 1 + 1 }} {% raw %} {# no #}'"}
    inventory = windows_inventory({"h0": ORDER}, odd, Bounds(), "ntlm")
    carried = inventory["all"]["vars"]["xunyan_requests"]
    assert json.loads(b64decode(carried)) == odd
    assert "{" not in carried
    (folder / "hosts.yml").write_text(json.dumps(inventory), "utf-8")
    book = str(PLAYBOOKS / "collect-windows.yml")
    command = [sys.executable, "-m", "ansible", "playbook", "--syntax-check", "-i", "hosts.yml", book]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "ANSIBLE_HOME": str(folder.resolve())}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(importlib.util.find_spec("winrm") is not None, reason="pywinrm is installed here")
def test_without_pywinrm_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        list(carry_windows([ORDER], REQUESTS, Gate(), Bounds(), forks=1, folder=tmp_path))
    assert caught.value.advice is not None
    assert "winrm" in caught.value.advice.en
