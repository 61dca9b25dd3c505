"""The benchmarks run, measure every verb and every contender, and their tables stand in the page between their marks."""

import subprocess
import sys

from tests.making import PROJECT
from tests.scanning import needs_root, needs_sshd


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


@needs_sshd
@needs_root
def test_the_scanning_benchmark_lets_every_contender_read_every_host() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scan", "--hosts", "4", "--few", "2", "--memory", "2", "--runs", "1"],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for contender in ("paramiko", "--carrier ssh", "ansible -m setup", "--carrier ansible", "进程树"):
        assert contender in done.stdout
    assert "| 是 |" not in done.stdout, "targets speak of more hosts than these"


def test_the_page_says_where_the_scanning_table_goes() -> None:
    page = (PROJECT / "docs" / "benchmarks.md").read_text("utf-8")
    assert page.count("<!-- scan-benchmark:begin -->") == page.count("<!-- scan-benchmark:end -->") == 1
