"""The benchmark of the report runs, and its page is written and opened within the bounds that it speaks of."""

import subprocess
import sys

from tests.making import PROJECT


def test_the_benchmark_measures_writing_and_size() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.report", "--hosts", "20", "--runs", "1"],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for row in ("`report -o` 时间", "峰值内存", "文件大小"):
        assert row in done.stdout
    assert "| 是 |" not in done.stdout, "the bounds speak of more hosts than these"
