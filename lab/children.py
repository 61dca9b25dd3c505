"""Starts a module of the lab as a child process and ends it for certain; it ends by itself when we are gone."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

from xunyan.errors import XunyanError
from xunyan.wording import Text

PROJECT = Path(__file__).resolve().parents[1]


def module_path() -> str:
    """Where a Python of ours finds our packages, and whatever we were told to look in ourselves."""
    return os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH", ""))))


class Child:
    """`python -m MODULE ARGUMENT`, in a session of its own, told to end by SIGTERM or the end of its standard input.

    `held` is a descriptor that it keeps open.
    """

    def __init__(self, module: str, argument: Path, errors: Path, *, held: int = -1) -> None:
        self.errors = errors
        with errors.open("ab") as file:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module, str(argument.resolve())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                cwd=PROJECT,
                env={**os.environ, "PYTHONPATH": module_path()},
                pass_fds=() if held < 0 else (held,),
                start_new_session=True,
            )
        self._said = b""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def said(self, seconds: float) -> list[str]:
        """Return the whole lines it has printed so far, after waiting at most so long for a further one."""
        stream = self._process.stdout
        if stream is not None and select.select([stream], [], [], seconds)[0]:
            self._said += os.read(stream.fileno(), 65536)
        return self._said.decode(errors="replace").split("\n")[:-1]

    def line(self, start: str, seconds: float) -> str:
        """Wait for a line with this start. Raises XunyanError when the child ends or the time is up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self.said(0.2):
                if line.startswith(start):
                    return line
            if not self.alive:
                break
        raise self.failure()

    def failure(self) -> XunyanError:
        """Say what it wrote on its standard error, as an error of ours."""
        told = self.errors.read_text(encoding="utf-8", errors="replace")[-2000:].strip() or "-"
        return XunyanError(Text(f"没有起来：{told}", f"it did not come up: {told}"), where=str(self.errors))

    def let_go(self) -> None:
        """Tell it, where its module knows how, to stay when we end; we hear and end it no more."""
        stream = self._process.stdin
        if stream is not None:
            stream.write(b"k")
            stream.flush()
            stream.close()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def stop(self) -> None:
        """End it and wait until it is gone; after 60 seconds it is killed. May be called again."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self.alive:
            self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()
