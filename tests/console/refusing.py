"""Lines to hand in and what a refusal must look like."""

import json
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

from tests.making import call, capture


def line(
    asset: str = "host:new",
    source: str = "cpuinfo",
    output: str = "processor : 0\n",
    *,
    without: tuple[str, ...] = (),
    **fields: Any,
) -> bytes:
    """One line as bytes; lone surrogates stay what they are."""
    record = {key: value for key, value in capture(asset, source, output, **fields).items() if key not in without}
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def refused(done: subprocess.CompletedProcess[str], *told: str, code: int = 2) -> None:
    """The error names what is wrong and what to do, without a traceback."""
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr or "error" in done.stderr
    for part in told:
        assert part in done.stderr, done.stderr
    assert "怎么办：" in done.stderr or "what to do: " in done.stderr
    assert harmless(done.stderr)


def harmless(text: str) -> bool:
    """No control byte but the new line, nothing invisible that could turn a line around; CSV begins with its mark."""
    shown = text.removeprefix("\ufeff")
    return not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c != "\n" for c in shown)


def ingest(workspace: Path, data: bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
    file = workspace.parent / "in.captures.jsonl"
    file.write_bytes(data)
    return call("-C", workspace, "ingest", file, *arguments)
