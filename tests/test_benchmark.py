"""The benchmark runs, measures every verb, and its table stands in the page between its marks."""

import subprocess
import sys

from tests.making import PROJECT


def test_the_benchmark_measures_every_verb() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--hosts", "20", "--runs", "1"],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for verb in ("ingest", "judge", "rebuild", "findings --status", "findings --control"):
        assert verb in done.stdout
    assert done.stdout.count("|") > 30


def test_the_page_holds_a_table_that_the_command_printed() -> None:
    page = (PROJECT / "docs" / "benchmarks.md").read_text("utf-8")
    table = page.partition("<!-- benchmark:begin -->")[2].partition("<!-- benchmark:end -->")[0]
    for verb in ("ingest", "judge", "rebuild", "findings"):
        assert verb in table
