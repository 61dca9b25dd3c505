"""Saved terminal sessions of the devices of `links` lead to the same verdicts as what the devices answered, and to the truth."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from lab.comparing import Verdict, compare
from lab.devices.secret import secrets_of
from lab.devices.vendors import VENDORS as SIMULATED
from lab.ledgers import write_ledgers
from lab.scenario.model import Device
from lab.scenario.reading import read_scenario
from lab.workspaces import PLATFORMS
from tests.lab.telling import questions, told
from tests.lab.test_devices import Rack
from tests.lab.typing_at import saved_logs
from tests.making import call, capture, statuses, write_jsonl

SCENARIO = read_scenario("links")
READ = {one.name: one for one in SCENARIO.devices if not one.fault}
COMMANDS = {
    name: [command for command in questions(device) if told(device, command) is not None]
    for name, device in READ.items()
}


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, bytes]]:
    rack = Rack(tmp_path_factory.mktemp("rack"), list(READ.values()), 90)
    yield saved_logs(rack.placed, COMMANDS)
    rack.child.stop()
    assert rack.errors() == ""


def workspace(place: Path) -> Path:
    """A workspace with the scenario's ledgers, and nothing read yet."""
    call("init", place, "--profile", SCENARIO.profile)
    papers = place / "papers"
    papers.mkdir()
    for path in write_ledgers(SCENARIO, papers):
        done = call("-C", place, "ledger", "import", path, "--no-judge", "--network", SCENARIO.scanner.network)
        assert done.returncode == 0, done.stderr
    return place


def judged(place: Path) -> dict[tuple[str, str], str]:
    done = call("-C", place, "judge")
    assert done.returncode == 0, done.stderr
    return statuses(place)


def by_logs(place: Path, logs: Mapping[str, bytes]) -> dict[tuple[str, str], str]:
    """Take the logs in as an operator hands them over, one folder of a unit after the other."""
    workspace(place)
    groups: dict[tuple[str, str], list[Path]] = {}
    for name, device in READ.items():
        path = place / f"{name}.log"
        path.write_bytes(logs[name])
        groups.setdefault((device.unit, next(iter(device.at))), []).append(path)
    for (unit, network), paths in groups.items():
        done = call("-C", place, "ingest", *paths, "--unit", unit, "--network", network, "--no-judge")
        assert done.returncode == 0, done.stderr
        assert "没有导入" not in done.stderr, done.stderr
    return judged(place)


def answers(device: Device) -> dict[str, str]:
    every = {command: told(device, command) for command in questions(device)}
    return {command: text for command, text in every.items() if text is not None} | device.extra


def by_answers(place: Path) -> dict[tuple[str, str], str]:
    """Take in what the devices answer, without any terminal."""
    workspace(place)
    lines = [
        capture(
            f"device:{name}", command, text, kind="device", platform=PLATFORMS[device.vendor], unit=device.unit,
            network=next(iter(device.at)), address=next(iter(device.at.values()))[0],
        )
        for name, device in READ.items()
        for command, text in answers(device).items()
    ]  # fmt: skip
    done = call("-C", place, "ingest", write_jsonl(place / "devices.captures.jsonl", lines), "--no-judge")
    assert done.returncode == 0, done.stderr
    return judged(place)


def test_the_terminal_stopped_at_pages(logs: Mapping[str, bytes]) -> None:
    assert set(logs) == set(READ)
    for name, log in logs.items():
        vendor = SIMULATED[READ[name].vendor]
        assert log.count(vendor.more.encode()) >= 5, name
        assert log.count(vendor.erase.encode()) >= 5, name


def test_logs_and_answers_lead_to_the_same_verdicts_and_to_the_truth(tmp_path: Path, logs: Mapping[str, bytes]) -> None:
    from_logs, from_answers = by_logs(tmp_path / "logs", logs), by_answers(tmp_path / "answers")
    assert from_logs == from_answers
    verdicts = [Verdict(control, asset, status) for (control, asset), status in from_logs.items()]
    there = {asset for _, asset in from_logs}
    silent = {f"device:{one.name}" for one in SCENARIO.devices} | {f"unit:{name}" for name in SCENARIO.units}
    expect = [row for row in SCENARIO.expect if row.asset in there or row.asset not in silent]
    found = compare(verdicts, expect, [f"device:{name}" for name in READ])
    assert (found.missed, found.false_alarms) == ((), ())
    assert found.total.expected > 100
    assert not [row for row in SCENARIO.expect if row not in expect and row.status != "not-observed"]


def test_no_secret_of_a_configuration_comes_out_of_a_log(tmp_path: Path, logs: Mapping[str, bytes]) -> None:
    place = tmp_path / "w"
    call("init", place, "--profile", SCENARIO.profile)
    names = list({device.vendor: name for name, device in READ.items()}.values())
    for name in names:
        path = tmp_path / f"{name}.log"
        path.write_bytes(logs[name])
        done = call("-C", place, "ingest", path, "--no-judge")
        assert done.returncode == 0, done.stderr
    kept = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    held = [secret for name in names for secret in secrets_of(READ[name]) if secret.encode() in logs[name]]
    assert len(held) >= 9 * len(names)
    assert [secret for secret in held if secret.encode() in kept] == []
    assert b"<redacted:" in kept  # it is kept as it is, and would show
