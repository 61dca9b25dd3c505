"""Running the OpenSSL command for what the Python library lacks: SM2 and timestamps."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xunyan.errors import UsageError
from xunyan.wording import Text

SECONDS = 30.0
LONGEST_PASSPHRASE = 1000
"""Bytes. OpenSSL reads no more than 1023 of a line, and a pipe holds more than that without a reader."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command said."""

    code: int
    out: bytes
    err: bytes


def run(arguments: Sequence[str | Path], *, data: bytes = b"", passphrase: bytes | None = None) -> Answer:
    """Run `openssl` without a shell, `data` on its standard input, a passphrase by `-passin` and an inherited pipe.

    Neither its arguments nor its environment hold a secret. Raises UsageError where there is no such command, or where
    it does not end in time.
    """
    program = shutil.which("openssl")
    if program is None:
        raise cannot(Text("没有 openssl 命令", "there is no openssl command"))
    reading = -1
    given = [program, *map(str, arguments)]
    try:
        if passphrase is not None:
            if len(passphrase) > LONGEST_PASSPHRASE:
                raise ValueError("the passphrase is too long for a line")
            reading, writing = os.pipe()
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(passphrase + b"\n")
            given += ["-passin", f"fd:{reading}"]
        done = subprocess.run(  # noqa: S603  # a fixed program; what varies are paths that we made or hold
            given, input=data, capture_output=True, timeout=SECONDS, check=False, env=_environment(),
            pass_fds=() if passphrase is None else (reading,), close_fds=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise cannot(Text("openssl 没有按时结束", "openssl did not end in time")) from error
    except OSError as error:
        raise cannot(Text("openssl 命令运行不了", "the openssl command does not run")) from error
    finally:
        if reading >= 0:
            os.close(reading)
    return Answer(done.returncode, done.stdout, done.stderr)


def cannot(what: Text) -> UsageError:
    """Say that OpenSSL cannot do here what it is needed for."""
    return UsageError(
        what,
        where="openssl",
        advice=Text(
            "安装 OpenSSL 3 的命令行（Debian、麒麟、统信：apt-get install openssl；openEuler：dnf install openssl）",
            "install the command line of OpenSSL 3 (apt-get install openssl, or dnf install openssl)",
        ),
    )


def _environment() -> dict[str, str]:
    """Give it nothing of ours but where its libraries are: settings of the machine would change what it accepts."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "OPENSSL_CONF": os.devnull}
