"""Chooses the ground that this machine allows."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import which

from lab.children import module_path
from lab.grounds.ground import Ground, Say
from lab.grounds.loopback import Loopback
from lab.grounds.namespaces import Namespaces
from lab.scenario.model import Scenario
from xunyan.errors import UsageError
from xunyan.wording import Text

_TRY = """
import os, sys
from lab.namespaces import *
from lab.networks import build_bridges
os.geteuid() and become_user(0, 0)
unshare(NEWNS | NEWNET | NEWPID | NEWIPC)
first = os.fork()
if first:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]))
keep_mounts_private()
mount_proc()
build_bridges(["b0"])
"""


def why_no_namespaces() -> Text | None:
    """Say why no namespaces may be had here; None where they may. Tried in a process of its own."""
    lacking = [one for one in ("ip", "nsenter") if which(one, path="/usr/sbin:/sbin:/usr/bin:/bin") is None]
    if lacking:
        shown = "、".join(lacking)
        return Text(
            f"没有 {shown} 命令（apt-get install iproute2 util-linux）",
            f"no {shown} (apt-get install iproute2 util-linux)",
        )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _TRY], env={**os.environ, "PYTHONPATH": module_path()}, capture_output=True, check=False, timeout=30
    )  # fmt: skip
    if done.returncode == 0:
        return None
    return Text("系统不允许建命名空间", "this system allows no namespaces")


def choose(name: str, folder: Path, scenario: Scenario, *, held: int, say: Say) -> Ground:
    """Make the ground that was asked for, or the better one of those that may be had. Raises UsageError."""
    folder.mkdir(mode=0o700)
    why = None if name == "loopback" else why_no_namespaces()
    if name == "namespaces" and why is not None:
        raise UsageError(why, where="--ground", advice=Text("用 --ground loopback", "use --ground loopback"))
    if name == "loopback" or why is not None:
        if why is not None:
            say(Text(f"{why.zh}，改用环回地址", f"{why.en}; loopback addresses are used instead"))
        return Loopback(folder, scenario, held=held)
    return Namespaces(folder, scenario, held=held)
