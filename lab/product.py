"""Runs the product by its commands, from outside: those that touch the network from the scanner's place, the others here."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.children import module_path
from lab.grounds.ground import Ground
from xunyan.errors import XunyanError
from xunyan.wording import Text

PROGRAM = (sys.executable, "-c", "from console.cli import main; main()")
"""The product's command as a person has it, whatever name it is installed under."""

TIMEOUT = 1800.0


@dataclass(frozen=True, slots=True)
class Product:
    """The product in one workspace. `secrets` are set in its environment where it touches the network."""

    workspace: Path
    ground: Ground
    language: str = "zh"
    secrets: Mapping[str, str] = field(default_factory=dict)

    def run(
        self, *words: str | Path, check: bool = True, inside: bool = False, shown: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the workspace; `inside` from the scanner's place, `shown` with its progress on our own stderr.

        Raises XunyanError with what the command said when it fails and `check` is set.
        """
        command = [*PROGRAM, "-C", str(self.workspace), *map(str, words)]
        try:
            started = self.ground.words(command) if inside else command
            done = self._run(started, self.secrets if inside else {}, shown=shown)
        except subprocess.TimeoutExpired as error:
            raise XunyanError(
                Text(f"{TIMEOUT:.0f} 秒没有结束", f"it did not end within {TIMEOUT:.0f} s"), where=f"xunyan {words[0]}"
            ) from error
        if check and done.returncode != 0:
            said = ((done.stderr or "") + done.stdout).strip()[-2000:]
            raise XunyanError(
                Text(
                    f"命令失败（退出码 {done.returncode}）：{said}", f"the command failed ({done.returncode}): {said}"
                ),
                where=f"xunyan {words[0]}",
            )
        return done

    def _run(self, command: list[str], secrets: Mapping[str, str], *, shown: bool) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            command,
            env={**_environment(), **secrets, "XUNYAN_LANG": self.language},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if shown else subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )

    def records(self, *words: str | Path) -> list[dict[str, Any]]:
        """Run a command that reads, and return its records."""
        out = self.run(*words, "--format", "jsonl").stdout
        return [json.loads(line) for line in out.splitlines()]

    def unread(self) -> dict[str, str]:
        """Map each asset that answered nothing to the reasons, joined by "+"."""
        answered: set[str] = set()
        reasons: dict[str, set[str]] = {}
        for row in self.records("coverage", "--all"):
            if row["outcome"] == "answered":
                answered.add(row["key"])
            else:
                reasons.setdefault(row["key"], set()).add(row["reason"])
        return {key: "+".join(sorted(why)) for key, why in reasons.items() if key not in answered}


def _environment() -> Mapping[str, str]:
    """Our environment without what would steer the product; it finds its packages where we found them."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("XUNYAN_", "ANSIBLE_"))}
    return {**kept, "PYTHONPATH": module_path()}
