"""Running `xunyan demo` in tests, and what this machine lacks for it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from lab.grounds.choosing import why_no_namespaces
from tests.lab.ssh import MISSING
from tests.making import PROJECT, xunyan

USER = 1000
"""An ordinary user, whether or not somebody has this number."""

_WHY = why_no_namespaces()
needs_ssh = pytest.mark.skipif(bool(MISSING), reason="no sshd or ssh here: apt-get install openssh-server")
needs_namespaces = pytest.mark.skipif(_WHY is not None, reason=_WHY.en if _WHY else "")
needs_parts = pytest.mark.skipif(
    not all(which(one, path="/usr/sbin:/usr/bin") for one in ("nginx", "unbound", "snmpd", "ipmi_sim")),
    reason="the lab's servers are missing: apt-get install nginx-light unbound snmpd openipmi",
)


def demo(place: Path, scenario: str | Path, *options: str, check: bool = True) -> dict[str, Any]:
    """Run a demonstration in a workspace below `place`; return its result. With `check` it must exit 0."""
    done = xunyan(
        "demo", "--scenario", str(scenario), "--workspace", place / "w", "--json", *options, check=False,
        env={"TMPDIR": str(place)},
    )  # fmt: skip
    assert done.stdout, done.stderr
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["exact"] is (done.returncode == 0)
    return result


def as_user(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments as an ordinary user, in a folder of that user's. Skips where no Python is readable to it."""
    libraries = [one for one in sys.path if "site-packages" in one]
    for python in (sys.executable, "/usr/bin/python3"):
        command = [
            *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "env", "-i", "PATH=/usr/sbin:/usr/bin:/bin"),
            *("LC_ALL=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1", f"TMPDIR={folder}", f"HOME={folder}", "XUNYAN_LANG=zh"),
            *(f"PYTHONPATH={PROJECT}:{':'.join(libraries)}", python),
        ]  # fmt: skip
        tried = subprocess.run(
            [*command, "-c", "import console.cli, lab.demo, paramiko"], capture_output=True, check=False
        )
        if tried.returncode == 0:
            return subprocess.run(
                [*command, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=300
            )
    pytest.skip("an ordinary user can read no Python with our packages here")


def given_to_user(folder: Path) -> Path:
    """Make a folder that the ordinary user owns and can reach; return it."""
    own = folder / "user"
    own.mkdir()
    os.chown(own, USER, USER)
    for parent in own.parents:
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    return own
