"""Makers of captures, facts and workspaces for tests. Everything here is invented by us."""

import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from console.cli import main

PROJECT = Path(__file__).parents[1]
SHARED = PROJECT.parent / "shared"
MOMENT = "2026-11-20T08:00:00+08:00"
JUDGED_AT = "2026-11-21T08:00:00+08:00"
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)

CPUINFO_HYGON = """\
processor\t: 0
vendor_id\t: HygonGenuine
cpu family\t: 24
model\t\t: 1
model name\t: Hygon C86 7285 32-core Processor
flags\t\t: fpu vme de pse tsc msr
"""
CPUINFO_INTEL = """\
processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 85
model name\t: Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz
flags\t\t: fpu vme de pse tsc msr
"""
OS_KYLIN_DESKTOP = """\
NAME="Kylin"
VERSION="银河麒麟桌面操作系统V11"
VERSION_US="Kylin Linux Desktop V11"
ID=kylin
PRETTY_NAME="Kylin V11"
VERSION_ID="v11"
"""
OS_DEBIAN = """\
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
ID=debian
"""
IP_DUAL = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000
    link/ether {mac} brd ff:ff:ff:ff:ff:ff
    inet {address}/24 brd 192.168.1.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet6 240e:1:2::10/64 scope global
       valid_lft forever preferred_lft forever
"""
IP_FOUR = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000
    link/ether {mac} brd ff:ff:ff:ff:ff:ff
    inet {address}/24 brd 192.168.1.255 scope global eth0
       valid_lft forever preferred_lft forever
"""
DMIDECODE = """\
# dmidecode 3.5
Getting SMBIOS data from sysfs.
SMBIOS 3.2.0 present.

Handle 0x0001, DMI type 1, 27 bytes
System Information
\tManufacturer: Example
\tProduct Name: Example Server
\tSerial Number: {serial}
\tUUID: {uuid}
"""


def capture(asset: str, source: str, output: str, **fields: object) -> dict[str, Any]:
    """One line of `*.captures.jsonl`."""
    return {
        "schema": "xunyan.capture/1", "asset": asset, "kind": "endpoint", "platform": "linux", "unit": "教育局",
        "network": "外网", "address": "10.1.2.3", "source": source, "request": source, "taken_at": MOMENT,
        "taken_by": "root", "exit": 0, "output": output, **fields,
    }  # fmt: skip


def host(
    asset: str,
    *,
    cpuinfo: str = CPUINFO_HYGON,
    release: str = OS_KYLIN_DESKTOP,
    addresses: str = IP_DUAL,
    mac: str = "02:00:00:00:00:01",
    address: str = "192.168.1.10",
    serial: str = "",
    uuid: str = "",
    **fields: object,
) -> list[dict[str, Any]]:
    """A host's captures: processor, system, addresses and, with a serial, firmware."""
    lines = [
        capture(asset, "cpuinfo", cpuinfo, **fields),
        capture(asset, "os-release", release, **fields),
        capture(asset, "ip-address", addresses.format(mac=mac, address=address), **fields),
    ]
    if serial or uuid:
        lines.append(capture(asset, "dmidecode", DMIDECODE.format(serial=serial, uuid=uuid), **fields))
    return lines


def write_jsonl(path: Path, lines: Sequence[Mapping[str, Any]]) -> Path:
    """Write capture lines to a file."""
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def xunyan(
    *arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run the product as a person would, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "from console.cli import main; main()", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def records(*arguments: str | Path, **options: Any) -> list[dict[str, Any]]:
    """Run a command with `--format jsonl` and read its records."""
    out = xunyan(*arguments, "--format", "jsonl", **options).stdout
    return [json.loads(line) for line in out.splitlines()]


def statuses(workspace: Path) -> dict[tuple[str, str], str]:
    """(control, asset key) -> status of every verdict of the last judgement."""
    found = records("-C", workspace, "findings", "--all")
    return {(one["control"], one["asset"]["key"]): one["status"] for one in found}


def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the product inside this process, where a process of its own would only cost time. A traceback is raised."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    before = sys.argv
    sys.argv = ["xunyan", *map(str, arguments)]
    code: object = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as ended:
        code = ended.code or 0
    finally:
        sys.argv = before
    out.flush()
    err.flush()
    told = [stream.buffer.getvalue().decode() for stream in (out, err) if isinstance(stream.buffer, io.BytesIO)]
    return subprocess.CompletedProcess([*map(str, arguments)], code if isinstance(code, int) else 1, *told)


def kept(workspace: Path) -> dict[str, object]:
    """Everything a workspace keeps: files of captures, register, journal, and how many rows the index has of each."""
    state: dict[str, object] = {
        str(path.relative_to(workspace)): path.read_bytes()
        for folder in ("captures", "inventory")
        for path in sorted((workspace / folder).rglob("*"))
        if path.is_file()
    }
    journal = workspace / "journal.jsonl"
    state["journal"] = journal.read_bytes() if journal.exists() else b""
    state["index"] = {table: len(rows) for table, rows in dump(workspace).items()}
    return state


def dump(
    workspace: Path, without: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables of a workspace's index, sorted; `without` names columns of a table to leave out."""
    with closing(sqlite3.connect(workspace / "xunyan.db")) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: dict[str, list[tuple[Any, ...]]] = {}
        for name in sorted(names):
            if name.startswith("_sqlite_migrations"):
                continue
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
            wanted = ", ".join(column for column in columns if column not in without.get(name, ()))
            found[name] = sorted(db.execute(f"SELECT {wanted} FROM {name}"), key=repr)
    return found
