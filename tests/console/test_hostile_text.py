"""Hostile text that is taken in stays text, on every screen and in every form."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.console.refusing import harmless, line, refused
from tests.making import JUDGED_AT, call, capture, host, write_jsonl, xunyan

HOSTILE = [
    "../../etc/passwd", "[red]x[/red]", "[/]", "{0.__class__}", "{key}", "{", "%s%n", "'; DROP TABLE asset;--", '"x"',
    "$(reboot)`id`", "=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "＝1+1", "<script>alert(1)</script>", ":smile:", "\\x1b[31m",
    "全角　空格", "a,b;c", "host:",
]  # fmt: skip
RELEASE = 'NAME="{0.__class__} [red]Kylin[/red]"\nPRETTY_NAME="\x1b]0;owned\x07=cmd|calc {key} \u202eevil\x9b31m {"\nID=kylin\nVERSION_ID="V10"\n'
READING = (
    "findings --all",
    "observations",
    "coverage --all",
    "metrics",
    "runs",
    "diff",
    "ledger list",
    "observations --relations",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("hostile") / "w"
    call("init", workspace)
    lines = []
    for number, name in enumerate(HOSTILE):
        common = {"unit": name, "network": name, "site": name, "address": name, "taken_by": name}
        mac = f"02:00:00:00:02:{number:02x}"
        lines += host(name, release=RELEASE, mac=mac, request="\x1b[2J" + name, **common)
        gap = capture(name, "dmidecode", "", **common, reason="denied", detail="\x1b[31m" + name)
        lines.append({**{k: v for k, v in gap.items() if k not in ("output", "exit")}, "schema": "xunyan.gap/1"})
    write_jsonl(workspace.parent / "hostile.captures.jsonl", lines)
    done = call("-C", workspace, "ingest", workspace.parent / "hostile.captures.jsonl", "--at", JUDGED_AT)
    assert done.returncode == 0, done.stderr
    ledger = workspace.parent / "台账.csv"
    cells = [[name, name, "2024-01-02", name] for name in HOSTILE]
    with ledger.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["资产标识", "单位", "采购日期", "备注"], *cells])
    done = call("-C", workspace, "ledger", "import", ledger, "--no-judge")
    assert done.returncode == 0, done.stderr
    return workspace


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
@pytest.mark.parametrize("verb", READING)
def test_hostile_text_stays_text(verb: str, form: str, hostile: Path) -> None:
    done = call("-C", hostile, *verb.split(), "--format", form)
    assert done.returncode == 0, done.stderr
    assert harmless(done.stdout)
    if form == "csv":
        for row in csv.reader(io.StringIO(done.stdout, newline="")):
            assert not any(cell.startswith(("=", "+", "-", "@", "＝", "\t", "\r")) for cell in row), row
    elif form == "json":
        assert isinstance(json.loads(done.stdout), list)
    elif form == "jsonl":
        assert all(isinstance(json.loads(one), dict) for one in done.stdout.splitlines())


def test_hostile_text_reads_back_whole_from_json(hostile: Path) -> None:
    found = call("-C", hostile, "observations", "--name", "operating-system", "-f", "json").stdout
    assert any("\u202eevil\x9b31m {" in json.dumps(one, ensure_ascii=False) for one in json.loads(found))
    names = {one["asset"]["key"] for one in json.loads(found)}
    assert names == set(HOSTILE)


def test_hostile_text_is_shown_with_every_finding(hostile: Path) -> None:
    for one in call("-C", hostile, "findings", "--all", "-f", "jsonl").stdout.splitlines():
        finding = json.loads(one)
        if finding["control"] != "domestic/operating-system":
            continue
        done = call("-C", hostile, "show", finding["fingerprint"])
        assert done.returncode == 0, done.stderr
        assert harmless(done.stdout)


def test_a_full_width_space_is_shown_as_it_is(hostile: Path) -> None:
    assert "全角　空格" in call("-C", hostile, "findings", "--all", "-f", "csv").stdout


def test_nothing_outside_the_workspace_was_written(hostile: Path) -> None:
    assert {path.name for path in hostile.parent.iterdir()} == {"w", "hostile.captures.jsonl", "台账.csv"}
    assert {path.name for path in (hostile / "captures").iterdir()} == {
        "000001.captures.jsonl",
        "000002.captures.jsonl",
    }


def test_a_screen_that_lacks_characters_is_no_reason_to_fail(hostile: Path) -> None:
    for encoding in ("ascii", "gb18030", "latin-1"):
        done = subprocess.run(
            [sys.executable, "-c", "from console.cli import main; main()", "-C", hostile, "findings", "--all"],
            capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert b"\x1b" not in done.stdout


def test_a_real_process_says_the_same(unchanged: Path) -> None:
    bad = unchanged.parent / "real.captures.jsonl"
    bad.write_bytes(line(colour="red"))
    done = xunyan("-C", unchanged, "ingest", bad, check=False)
    refused(done, "real.captures.jsonl:1", "字段 colour")
    assert done.stdout == ""
