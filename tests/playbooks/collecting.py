"""Running the collector in tests: shells, fake tools, private mounts, and the exact shape of its lines."""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "playbooks" / "collect.sh"
SHELLS = ("dash", "bash", "busybox")
CAP = 1024 * 1024
NOBODY = 65534

SHARED = {"schema", "asset", "kind", "platform", "unit", "address", "source", "request", "taken_at", "taken_by"}
REQUIRED = {
    "cpuinfo", "lscpu", "dmidecode", "dmi-sysfs", "os-release", "files-absent", "release-package", "uname", "hostname",
    "machine-id", "ip-address", "ip-route", "ip6-route", "disable-ipv6", "listeners", "connections", "virtualization",
    "collector",
}  # fmt: skip

Line = dict[str, Any]
Collect = Callable[..., subprocess.CompletedProcess[bytes]]


def shell_command(shell: str) -> list[str]:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed here")
    return [path, "sh"] if shell == "busybox" else [path]


def lines_of(done: subprocess.CompletedProcess[bytes]) -> dict[str, Line]:
    """Every line parsed and checked for its exact shape, by source."""
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    text = done.stdout.decode("utf-8")
    # splitlines() also ends lines at U+2028 and its like: a careless reader must see the same lines as a careful one.
    assert text.splitlines() == text.removesuffix("\n").split("\n")
    found: dict[str, Line] = {}
    for raw in text.splitlines():
        line: Line = json.loads(raw)
        optional = {"network", "site"} & line.keys()
        if line["schema"] == "xunyan.capture/1":
            body = "output_base64" if "output_base64" in line else "output"
            extra = {"truncated"} & line.keys()
            assert line.keys() == SHARED | optional | extra | {"exit", body}
            assert isinstance(line["exit"], int)
            assert line.get("truncated", True) is True
        else:
            assert line["schema"] == "xunyan.gap/1"
            assert line.keys() == SHARED | optional | {"reason", "detail"}
            assert line["reason"] in {"denied", "unsupported", "timeout"}
            assert line["detail"]
        assert (line["kind"], line["platform"]) == ("endpoint", "linux")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["taken_at"])
        assert line["source"] not in found, "one line per source"
        found[line["source"]] = line
    assert list(found)[-1] == "collector"
    assert f"sources={len(found) - 1}\n" in found["collector"]["output"]
    assert f"gaps={sum('reason' in line for line in found.values())}\n" in found["collector"]["output"]
    return found


def body_of(line: Line) -> bytes:
    if "output_base64" in line:
        return base64.b64decode(line["output_base64"], validate=True)
    return str(line["output"]).encode()


def write_tool(folder: Path, name: str, text: str | bytes) -> None:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    tool = folder / name
    tool.write_bytes(text.encode() if isinstance(text, str) else text)
    tool.chmod(0o755)


def print_bytes(folder: Path, name: str, payload: bytes, status: int = 0) -> None:
    """A fake tool that prints these bytes; they stand in a file of their own so that no quoting is involved."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.payload").write_bytes(payload)
    write_tool(folder, name, f"#!/bin/sh\ncat '{folder}/{name}.payload'\nexit {status}\n")


def root_only() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")


def private_mounts(commands: str) -> tuple[str, ...]:
    """A prefix that runs a command in a mount namespace of its own after these shell commands."""
    root_only()
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        pytest.skip("no private mount namespace can be had here")
    return ("unshare", "-m", "/bin/sh", "-ec", f'{commands}\nexec "$@"', "sh")


def become(uid: int) -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("no setpriv to become an ordinary user")
    return (setpriv, f"--reuid={uid}", f"--regid={uid}", "--clear-groups")


def ordinary_user() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    return become(NOBODY)
