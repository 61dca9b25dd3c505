"""A real browser for tests of pages: what it makes of a file, with a measuring script put into a copy of it."""

import subprocess
from pathlib import Path
from shutil import which

import pytest

CHROMIUM = which("chromium") or which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def browse(page: Path, *options: str, width: int = 1200) -> str:
    """Run the browser on a page and give what it printed."""
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            f"--user-data-dir={page.parent / 'browser'}", f"--window-size={width},1000", *options, page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


def measure(page: Path, expression: str, *, width: int = 1200) -> str:
    """Give an expression's value in a copy of a page that would let its own scripts run, if it had any."""
    text = page.read_text("utf-8")
    assert POLICY in text
    script = (
        f"<script>addEventListener('load', () => document.title = 'measured:' + ({expression}) + ':')</script></body>"
    )
    loose = text.replace(POLICY, "default-src * data: 'unsafe-inline'").replace("</body>", script)
    copy = page.with_name(f"measured-{page.name}")
    copy.write_text(loose, "utf-8")
    dumped = browse(copy, "--dump-dom", "--virtual-time-budget=10000", width=width)
    _, found, rest = dumped.partition("<title>measured:")
    assert found, dumped[:300]
    return rest.partition(":</title>")[0]
