"""A lab that was kept: what is written of it in its workspace, how it is entered, and how it is taken down."""

import os
import shlex
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from lab.places import is_place, remove
from xunyan.errors import InputError, UsageError, XunyanError
from xunyan.wording import Text

STATE = "lab.json"
ENTER = "enter-lab"


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The process that a kept lab hangs on and the plan that it holds, the lab's folder, and how its scanner's place is entered.

    `network` is the network namespace of the process `scanner`, as the kernel names it; empty where there is none.
    """

    scenario: str
    folder: str
    ground: str
    holder: int
    plan: str
    enter: Sequence[str]
    scanner: int = 0
    network: str = ""


def write_standing(workspace: Path, standing: Standing, secrets: Mapping[str, str]) -> None:
    """Write it down, with a script that enters the lab, with `secrets` in the environment of what it runs."""
    script = workspace / ENTER
    words = " ".join(shlex.quote(word) for word in standing.enter)
    guard = ""
    if standing.network:  # another process may have its number by now, and its network may be a real one
        guard = (
            f'[ "$(readlink /proc/{standing.scanner}/ns/net)" = {shlex.quote(standing.network)} ] || '
            "{ echo '实验环境已经不在 / the lab is gone' >&2; exit 1; }\n"
        )
    given = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in secrets.items())
    script.write_text(
        "#!/bin/sh\n# Runs a command, or a shell, from the place of the lab's scanner.\n"
        f"{given}"
        f'{guard}[ $# -gt 0 ] || set -- "${{SHELL:-/bin/sh}}"\nexec {words} "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o700)
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
    try:
        standing = msgspec.json.decode(file.read_bytes(), type=Standing)
    except msgspec.MsgspecError as error:
        raise _unfit(file) from error
    folder = Path(standing.folder)
    if not is_place(folder) or not Path(standing.plan).is_relative_to(folder):
        raise _unfit(file)
    if _is_ours(standing):
        os.kill(standing.holder, signal.SIGTERM)
        end = time.monotonic() + 60
        while _is_ours(standing):
            if time.monotonic() > end:
                raise XunyanError(Text("没有结束", "it did not end"), where=str(standing.holder))
            time.sleep(0.05)
    remove(folder)
    file.unlink()
    (workspace / ENTER).unlink(missing_ok=True)
    return standing


def _unfit(file: Path) -> InputError:
    return InputError(
        Text("不是实验环境的记录", "this is not what a kept lab was written down as"),
        where=str(file),
        advice=Text("实验环境已不在时删去这个文件", "delete the file if the lab is gone"),
    )


def _is_ours(standing: Standing) -> bool:
    """Whether this process is the one that holds the lab's plan, and not another that has its number now."""
    try:
        words = Path(f"/proc/{standing.holder}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{standing.holder}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z" and os.fsencode(standing.plan) in words
