"""Windows hosts from the file that is carried to the verdicts; and how the collector for them is handed out.

The captures are written by hand in the collector's form and in documented shapes of PowerShell's answers: no real Windows
was at hand.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.making import JUDGED_AT, MOMENT, PROJECT, call, capture, records, statuses, write_jsonl, xunyan
from tests.scanners.platforms.windows.answering import (
    ADDRESSES,
    LOOPBACK,
    NETSTAT,
    PROCESSOR_INTEL,
    address,
    as_json,
    central,
    computer,
    processor,
    system,
)

SCRIPT = PROJECT / "playbooks" / "collect.ps1"
ENDING = "version=1\nshell=PowerShell 5.1.19041.4522\nelevated=false\ntimeout=20\nsources=5\ngaps=1\nseconds=4\n"


def windows(asset: str, answers: Mapping[str, object], *, ending: bool = True) -> list[dict[str, Any]]:
    """A host's lines as collect.ps1 writes them, with a gap and the ending."""
    said = {name.replace("_", "-"): one if isinstance(one, str) else as_json(one) for name, one in answers.items()}
    fields = {"platform": "windows", "taken_by": "PC01\\admin", "address": "192.168.1.10"}
    lines = [capture(asset, source, text.replace("\r\n", "\n"), **fields) for source, text in said.items()]
    gap = capture(asset, "routes", "", **fields) | {
        "schema": "xunyan.gap/1", "reason": "unsupported", "detail": "The term 'Get-NetRoute' is not recognized",
    }  # fmt: skip
    del gap["output"], gap["exit"]
    return [*lines, gap, *([capture(asset, "collector", ENDING, **fields)] if ending else [])]


def unique(number: int) -> Mapping[str, object]:
    return computer(IdentifyingNumber=f"PF3ABC{number:02}", UUID=f"3D6A8F10-1B2C-4D5E-8F90-A1B2C3D4E5{number:02}",
                    BaseBoardSerialNumber=f"L1HF0AB{number:02}")  # fmt: skip


def cards(number: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"MacAddress": row["MacAddress"] and f"60CF84A1B2{number:02}"} for row in rows]


FOUR = [address("192.168.1.10", 24), address("fe80::5%12", 64), address("::1", 128, **LOOPBACK)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("windows")
    assert call("init", folder / "w").returncode == 0
    zhaoxin = processor("CentaurHauls", "ZHAOXIN KaiXian KX-6640MA@2.2+GHz", "x64 Family 7 Model 59 Stepping 0")
    hosts: dict[str, dict[str, object]] = {
        "host:pc": {
            "processor": PROCESSOR_INTEL, "operating_system": system(), "ip_address": cards(1, ADDRESSES),
            "listeners": NETSTAT, "connections": NETSTAT,
        },
        "host:zx": {
            "processor": zhaoxin, "operating_system": system("Microsoft Windows 10 神州网信政府版"),
            "ip_address": cards(2, FOUR),
        },
        "host:arm": {
            "processor": processor("", "ARMv8 processor", architecture=12),
            "central_processor": central("", "", 0x481FD010), "operating_system": system("Microsoft Windows 11 专业版"),
            "ip_address": cards(3, [address("240e::7", 64, AddressState="Duplicate"), *FOUR]),
        },
        "host:bare": {
            "processor": processor("ARM Limited", "ARMv8 processor", architecture=12), "operating_system": "拒绝访问。",
            "ip_address": "",
        },
    }  # fmt: skip
    lines = [
        line
        for number, (asset, answers) in enumerate(hosts.items(), 1)
        for line in windows(asset, {"computer_system": unique(number), **answers})
    ]
    file = write_jsonl(folder / "in.captures.jsonl", lines)
    done = call("-C", folder / "w", "ingest", file, "--at", JUDGED_AT)
    assert done.returncode == 0, done.stderr
    return folder / "w"


def test_verdicts(workspace: Path) -> None:
    found = statuses(workspace)
    rules = ("domestic/cpu", "domestic/operating-system", "ipv6/endpoint-address")
    assert {
        host: tuple(found[rule, host] for rule in rules) for host in ("host:pc", "host:zx", "host:arm", "host:bare")
    } == {
        "host:pc": ("not-satisfied", "not-satisfied", "satisfied"),
        "host:zx": ("satisfied", "not-satisfied", "not-satisfied"),
        "host:arm": ("satisfied", "not-satisfied", "not-satisfied"),
        "host:bare": ("needs-person", "not-observed", "not-observed"),
    }
    listed = {host: status for (rule, host), status in found.items() if rule == "domestic/evaluated-product"}
    assert "satisfied" not in listed.values()


def test_the_proof_is_the_line_itself(workspace: Path) -> None:
    found = {(one["control"], one["asset"]["key"]): one for one in records("-C", workspace, "findings", "--all")}
    (proof,) = found["domestic/operating-system", "host:zx"]["evidence"]
    assert proof["source"] == "operating-system"
    assert '"Caption": "Microsoft Windows 10 神州网信政府版"' in proof["quote"]


def test_facts_of_every_kind_are_there(workspace: Path) -> None:
    rows = records("-C", workspace, "observations")
    names = {one["name"] for one in rows if one["asset"]["key"] == "host:pc"}
    assert {
        "processor",
        "operating-system",
        "machine",
        "virtualization",
        "addresses",
        "listeners",
        "connections",
    } <= names


def test_a_file_without_the_ending_is_noted(tmp_path: Path) -> None:
    assert call("init", tmp_path / "w").returncode == 0
    lines = windows("host:cut", {"processor": PROCESSOR_INTEL}, ending=False)
    file = write_jsonl(tmp_path / "cut.captures.jsonl", lines)
    done = call("-C", tmp_path / "w", "ingest", file, "--at", JUDGED_AT)
    assert done.returncode == 0
    assert "host:cut" in done.stdout + done.stderr


def test_lines_of_ascii_alone_mean_the_same(tmp_path: Path) -> None:
    """The collector writes every character beyond ASCII as an escape."""
    assert call("init", tmp_path / "w").returncode == 0
    lines = windows("host:pc", {"operating_system": system()})
    file = tmp_path / "in.captures.jsonl"
    file.write_bytes("".join(json.dumps(line) + "\n" for line in lines).encode("ascii"))
    assert call("-C", tmp_path / "w", "ingest", file, "--at", JUDGED_AT).returncode == 0
    assert "专业版" in xunyan("-C", tmp_path / "w", "findings", "--all", "--format", "jsonl").stdout
    assert MOMENT.startswith(lines[0]["taken_at"][:10])


def test_the_collector_is_written_unchanged(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from console.cli import main; main()"]
    piped = subprocess.run([*program, "collector", "--windows"], capture_output=True, check=True).stdout
    assert piped == SCRIPT.read_bytes()
    assert call("collector", "--windows", "-o", tmp_path / "collect.ps1").returncode == 0
    assert (tmp_path / "collect.ps1").read_bytes() == SCRIPT.read_bytes()
    assert call("collector", "--windows", "-o", tmp_path / "collect.ps1").returncode == 2
