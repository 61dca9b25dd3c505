"""A workspace in which persons decide, and the ways to ask it what they decided."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evidence import decisions
from tests.console.refusing import harmless
from tests.making import CPUINFO_HYGON, CPUINFO_INTEL, JUDGED_AT, OS_DEBIAN, call, capture, host, write_jsonl

ACCOUNTS = """\
[accounts.zhangsan]
name = "张三"
unit = "大数据局"
roles = ["officer", "approver"]

[accounts.lisi]
name = "李四"
unit = "大数据局"
roles = ["approver"]

[accounts.wangwu]
name = "王五"
unit = "教育局"
roles = ["officer"]
"""
NOW = "2026-11-21T09:00:00+08:00"
BY = ("--by", "zhangsan")
APPROVAL = ("--number", "师市办发〔2026〕8号", "--approver-class", "兵团", "--until", "2027-06-30")
CPU, SYSTEM, PRODUCT = "domestic/cpu", "domestic/operating-system", "domestic/evaluated-product"
Clock = Callable[[str], None]


def make_workspace(place: Path) -> Path:
    """Two wrong hosts and a right one of two units, and one of which only the processor was seen."""
    folder = place / "w"
    assert call("init", folder).returncode == 0
    lines = [
        *host("host:wrong", cpuinfo=CPUINFO_INTEL, release=OS_DEBIAN, mac="02:00:00:00:00:02"),
        *host("host:other", cpuinfo=CPUINFO_INTEL, mac="02:00:00:00:00:03", unit="卫健委"),
        *host("host:good"),
        capture("host:blind", "cpuinfo", CPUINFO_HYGON),
    ]
    file = write_jsonl(folder.parent / "a.captures.jsonl", lines)
    assert call("-C", folder, "ingest", file, "--at", JUDGED_AT).returncode == 0
    (folder / "inventory" / "accounts.toml").write_text(ACCOUNTS, "utf-8")
    return folder


def finding(folder: Path, control: str = CPU, asset: str = "host:wrong") -> dict[str, Any]:
    out = run(folder, "findings", "--all", "--control", control, "--asset", asset, "-f", "jsonl").stdout
    found: dict[str, Any] = json.loads(out)
    return found


def mark(folder: Path, control: str = CPU, asset: str = "host:wrong") -> str:
    return str(finding(folder, control, asset)["id"])


def run(folder: Path, *arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = call("-C", folder, *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert harmless(done.stdout + done.stderr)
    return done


def cell(folder: Path, identifier: str) -> str:
    """What the screen says as the status of a finding."""
    out = call("-C", folder, "findings", "--all", "-f", "csv").stdout
    return next(row.split(",")[2] for row in out.splitlines() if row.startswith(identifier))


def exempt(folder: Path, identifier: str, *until: str) -> None:
    run(folder, "decide", identifier, "--ask-exemption", "专网设备", *until, *BY)
    run(folder, "exemptions", "approve", identifier, *APPROVAL, "--by", "lisi")


def recorded(folder: Path) -> list[Any]:
    return decisions.read(folder / "decisions.jsonl")


def again(folder: Path, *lines: dict[str, Any], at: str) -> None:
    """Take more captures in, and judge at a later moment."""
    file = write_jsonl(folder.parent / "more.captures.jsonl", lines)
    run(folder, "ingest", file, "--at", at)


def rescan(folder: Path, day: str, **fields: Any) -> None:
    """The wrong host is seen again on a day, at eight, and judged at noon."""
    given: dict[str, Any] = {"cpuinfo": CPUINFO_INTEL, "release": OS_DEBIAN, "mac": "02:00:00:00:00:02", **fields}
    again(folder, *host("host:wrong", taken_at=f"{day}T08:00:00+08:00", **given), at=f"{day}T12:00:00+08:00")


def rates(folder: Path, unit: str = "") -> dict[str, Any]:
    out = run(folder, "metrics", "-f", "jsonl", "--unit", unit).stdout
    return next(one for one in map(json.loads, out.splitlines()) if one["metric"] == "domestic-cpu-rate")


def states(folder: Path, *more: str) -> list[str]:
    out = run(folder, "exemptions", "list", "-f", "jsonl", *more).stdout
    return [json.loads(line)["state"] for line in out.splitlines()]


def items(folder: Path, code: int = 0) -> dict[str, tuple[str, str]]:
    done = call("-C", folder, "doctor", "-f", "jsonl")
    assert done.returncode == code, done.stdout
    return {one["what"]: (one["state"], one["detail"]) for one in map(json.loads, done.stdout.splitlines())}
