"""Packages of one unit or run where verdicts join what several units' originals and ledgers say."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.making import CPUINFO_HYGON, IP_DUAL, OS_KYLIN_DESKTOP, call, capture, write_jsonl
from tests.packages import Members, forge, members

OWN, OTHER = "教育局", "卫健委"
RANGES = "地址域,地址段,类别,级别,使用方,单位\n外网,10.30.0.0/16,政务云,师市,师市政务云,\n外网,10.20.0.0/16,自建机房,,卫健委机房,卫健委\n"
NOW = datetime.now(UTC).isoformat(timespec="seconds")  # the ledger is filed now too
SEEN = {"family": 4, "port": 443, "network": "外网", "name": "", "outcome": "open", "detail": ""}


def system(asset: str, unit: str, address: str) -> list[dict[str, Any]]:
    """A system without a name that answers at one address."""
    label = {"kind": "system", "platform": "system", "unit": unit, "address": "", "taken_at": NOW}
    bodies = {"dns": {"outcome": "nothing", "because": "no-name"}, "tcp": {**SEEN, "address": address}}
    return [capture(asset, source, json.dumps(body) + "\n", **label) for source, body in bodies.items()]


def behind(asset: str, unit: str, address: str, far: str) -> list[dict[str, Any]]:
    """A host with that address, which is connected to another one."""
    given = {
        "cpuinfo": CPUINFO_HYGON, "os-release": OS_KYLIN_DESKTOP,
        "ip-address": IP_DUAL.format(mac="02:00:00:00:00:09", address=address),
        "listeners": f"LISTEN 0 128 {address}:443 0.0.0.0:*\n", "connections": f"0 0 {address}:40000 {far}:3306\n",
    }  # fmt: skip
    return [capture(asset, source, text, unit=unit, address=address, taken_at=NOW) for source, text in given.items()]


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two systems of 教育局 on the cloud; the host of the second is 卫健委's and leans on that unit's own room."""
    folder = tmp_path_factory.mktemp("parts")
    workspace = folder / "w"
    assert call("init", workspace).returncode == 0
    ranges = folder / "ranges.csv"
    ranges.write_text(RANGES, "utf-8")
    assert call("-C", workspace, "ledger", "import", ranges, "--no-judge").returncode == 0
    lines = [*system("system:10.30.1.1", OWN, "10.30.1.1"), *system("system:10.30.1.2", OWN, "10.30.1.2")]
    file = write_jsonl(folder / "a.captures.jsonl", lines)
    assert call("-C", workspace, "ingest", file, "--no-judge").returncode == 0
    lines = behind("host:ws-front", OTHER, "10.30.1.2", "10.20.40.20")
    file = write_jsonl(folder / "b.captures.jsonl", lines)
    assert call("-C", workspace, "ingest", file).returncode == 0
    return workspace


def pack(workspace: Path, path: Path, *options: str) -> Path:
    done = call("-C", workspace, "evidence", "pack", *options, "-o", path)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def package(estate: Path) -> Path:
    return pack(estate, estate.parent / "unit.zip", "--unit", OWN)


def verdicts(found: Members) -> dict[tuple[str, str], Any]:
    said = map(json.loads, found["verdicts.jsonl"].splitlines())
    return {(one["control"], one["asset"]): one for one in said}


def test_what_joins_filed_ranges_comes_out_alike(package: Path, tmp_path: Path) -> None:
    """The range that a verdict cites goes along although it is nobody's; the other unit's own range does not."""
    found = members(package)
    placed = [one for (control, _), one in verdicts(found).items() if control == "systems/not-on-government-cloud"]
    assert [one["status"] for one in placed] == ["satisfied", "satisfied"]
    assert {proof["source"] for one in placed for proof in one["evidence"]} >= {"ledger", "tcp"}
    assert b"10.30.0.0/16" in found["captures/000001.captures.jsonl"]
    for alien in (OTHER, "ws-front", "10.20.40.20"):
        assert alien.encode() not in found["captures/000001.captures.jsonl"]
    shutil.copyfile(package, tmp_path / "p.zip")
    done = call("evidence", "replay", tmp_path / "p.zip")
    assert done.returncode == 0, done.stdout
    assert "全部相同" in done.stdout


def test_what_rests_on_others_originals_is_named_and_not_judged_again(package: Path) -> None:
    found = members(package)
    named = {(one["control"], one["asset"]) for one in map(json.loads, found["elsewhere.jsonl"].splitlines())}
    said = verdicts(found)
    assert {control for control, _ in named} == {"systems/depends-on-private-room"}
    assert [said[place]["status"] for place in named] == ["not-satisfied"]
    checked = call("evidence", "verify", package)
    assert checked.returncode == 0, checked.stdout
    assert "1 条判定还依据范围以外的原始采集" in checked.stdout
    replayed = call("evidence", "replay", package)
    assert replayed.returncode == 0, replayed.stdout
    assert "另有 1 条判定" in replayed.stdout
    assert f"重新判定 {len(said) - 1} 条，全部相同" in replayed.stdout


def test_a_run_is_a_part_too_and_the_whole_is_none(estate: Path, tmp_path: Path) -> None:
    run = pack(estate, tmp_path / "run.zip", "--run", "2")
    assert json.loads(members(run)["elsewhere.jsonl"].splitlines()[0])["control"] == "systems/depends-on-private-room"
    whole = pack(estate, tmp_path / "whole.zip")
    assert "elsewhere.jsonl" not in members(whole)
    for path in (run, whole):
        for verb in ("verify", "replay"):
            done = call("evidence", verb, path)
            assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("listed", "said"),
    [(b"[]\n", "读不出"), (b"\xff\n", "读不出"), (b'{"asset": 1}\n', "读不出")],
)
def test_a_list_that_fits_nothing(package: Path, tmp_path: Path, listed: bytes, said: str) -> None:
    path = tmp_path / "p.zip"
    shutil.copyfile(package, path)
    forge(path, lambda found: found.__setitem__("elsewhere.jsonl", listed))
    for verb in ("verify", "replay"):
        done = call("evidence", verb, path)
        assert done.returncode == 4, done.stdout
        assert said in done.stdout
        assert "Traceback" not in done.stderr


def test_a_whole_package_cannot_leave_verdicts_out_of_the_check(estate: Path, tmp_path: Path) -> None:
    path = pack(estate, tmp_path / "p.zip")
    control, asset = next(iter(verdicts(members(path))))
    line = json.dumps({"asset": asset, "control": control}).encode() + b"\n"
    forge(path, lambda found: found.__setitem__("elsewhere.jsonl", line))
    done = call("evidence", "verify", path)
    assert done.returncode == 4
    assert "全部单位的包里不该有" in done.stdout
