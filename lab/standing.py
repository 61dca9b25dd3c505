"""A lab that was kept: what is written of it in its workspace, how it is entered, and how it is taken down."""

import os
import shlex
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from xunyan.errors import UsageError, XunyanError
from xunyan.wording import Text

STATE = "lab.json"
ENTER = "enter-lab"


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The process that a kept lab hangs on, the words by which its scanner's place is entered, and its folder."""

    scenario: str
    folder: str
    ground: str
    holder: int
    enter: Sequence[str]


def write_standing(workspace: Path, standing: Standing) -> None:
    """Write it down, with a script that enters the lab."""
    script = workspace / ENTER
    words = " ".join(shlex.quote(word) for word in standing.enter)
    script.write_text(
        f"#!/bin/sh\n# scenario {standing.scenario}: runs a command (or a shell) from the scanner's place\n"
        f'[ $# -gt 0 ] || set -- "${{SHELL:-/bin/sh}}"\nexec {words} "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    (workspace / STATE).write_bytes(msgspec.json.format(msgspec.json.encode(standing)))


def lower(workspace: Path) -> Standing:
    """Take down the lab that was kept in a workspace; return what it was. Raises UsageError where there is none."""
    file = workspace / STATE
    if not file.exists():
        raise UsageError(
            Text("这里没有留着的实验环境", "no lab was kept here"),
            where=str(workspace),
            advice=Text(
                "用 --workspace 指明演示时的工作区", "name the workspace of the demonstration with --workspace"
            ),
        )
    standing = msgspec.json.decode(file.read_bytes(), type=Standing)
    folder = Path(standing.folder)
    if _is_ours(standing.holder, folder):
        os.kill(standing.holder, signal.SIGTERM)
        end = time.monotonic() + 60
        while _is_ours(standing.holder, folder):
            if time.monotonic() > end:
                raise XunyanError(Text("没有结束", "it did not end"), where=str(standing.holder))
            time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)
    file.unlink()
    (workspace / ENTER).unlink(missing_ok=True)
    return standing


def _is_ours(pid: int, folder: Path) -> bool:
    """Whether this process is the one that holds the lab in that folder, and not another that has its number now."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z" and any(word.startswith(os.fsencode(folder)) for word in words)
