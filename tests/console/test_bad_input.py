"""Bad and hostile files: refused by name and place, and nothing of them taken in."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.console.refusing import harmless, ingest, line, refused
from tests.making import call

BAD_LINES = {
    "unknown key": (line(colour="red"), ":1", "colour"),
    "wrong type": (line(exit="0"), ":1", "exit"),
    "exit out of range": (line(exit=2**70), ":1", "exit"),
    "missing asset": (line(without=("asset",)), ":1", "`asset`"),
    "missing taken_at": (line(without=("taken_at",)), ":1", "`taken_at`"),
    "cut last line": (line() + line("host:other")[:100], ":2", "JSON"),
    "nested": (b'{"a":' * 5 + b"[" * 200_000 + b"\n", ":1", "JSON"),
    "nested in a known field": (line()[:-2] + b',"output":' + b"[" * 100_000 + b"}\n", ":1", "JSON"),
    "not a number": (line()[:-2] + b',"exit":NaN}\n', ":1", "JSON"),
    "infinite": (line()[:-2] + b',"size":Infinity}\n', ":1", "JSON"),
    "not UTF-8 in a name": (line().replace(b"host:new", b"host:\xff"), ":1", "UTF-8"),
    "not UTF-8 in the output": (line().replace(b"processor", b"\xb4\xa6\xc0\xed"), ":1", "output_base64"),
    "UTF-16": (line().decode().encode("utf-16"), ":1", "UTF-16"),
    "lone surrogate escaped": (line().replace(b"host:new", b"host:\\ud800"), ":1", "JSON"),
    "lone surrogate raw": (line("host:\ud800"), ":1", "UTF-8"),
    "NUL raw": (line().replace(b"host:new", b"host:\0"), ":1", "JSON"),
    "NUL escaped": (line("host:\0"), ":1", "asset (U+0000)"),
    "in the future": (line(taken_at="2999-01-01T00:00:00+08:00"), ":1", "2999-01-01"),
    "naive": (line(taken_at="2026-01-01T00:00:00"), ":1", "taken_at"),
    "no date": (line(taken_at="yesterday"), ":1", "taken_at"),
    "year 1, gone in UTC": (line(taken_at="0001-01-01T00:00:00+08:00"), ":1", "0001-01-01"),
    "year 1": (line(taken_at="0001-01-01T00:00:00Z"), ":1", "0001-01-01"),
    "year 9999, beyond in UTC": (line(taken_at="9999-12-31T23:59:59-08:00"), ":1", "9999-12-31"),
    "year 9999": (line(taken_at="9999-12-31T23:59:59Z"), ":1", "9999-12-31"),
    "two kinds in one file": (line("host:k") + line("host:k", "lscpu", kind="device"), ":2", "endpoint / device"),
    "two kinds over two files": (line("host:kept", "lscpu", kind="device"), ":1", "endpoint / device"),
    "both outputs": (line(output_base64="YQ=="), ":1", "output_base64"),
    "no output": (line(without=("output",)), ":1", "output"),
    "bad base64": (line(without=("output",), output_base64="@@@"), ":1", "output_base64"),
    "sha256": (line(sha256="0" * 64), ":1", "sha256"),
    "sm3": (line(sm3="0" * 64), ":1", "sm3"),
    "id": (line(id="0" * 64), ":1", "id"),
    "size": (line(size=1), ":1", "size"),
    "large body": (line(output="x" * 9 * 1024 * 1024), ":1", "8 MiB"),
    "unknown schema": (line(schema="xunyan.capture/9"), ":1", "xunyan.capture/9"),
    "gap without reason": (line(schema="xunyan.gap/1", without=("output", "exit")), ":1", "`reason`"),
    "gap for an unknown reason": (
        line(schema="xunyan.gap/1", without=("output", "exit"), reason="tired"), ":1", "reason",
    ),
    "an array": (b"[1]\n", ":1", "object"),
    "a word": (b"hello\n", ":1", "JSON"),
    "empty file": (b"", "in.captures.jsonl", "没有采集"),
    "only blank lines": (b"\n\r\n  \n", "in.captures.jsonl", "没有采集"),
    "ESC in a name": (line("host:\x1b[31m"), ":1", "asset (U+001B)"),
    "new line in a name": (line("host:a\nhost:b"), ":1", "asset (U+000A)"),
    "right to left": (line("host:\u202egnp.exe"), ":1", "asset (U+202E)"),
    "zero width": (line("host:we\u200bb"), ":1", "asset (U+200B)"),
    "C1 control": (line("host:\x9b31m"), ":1", "asset (U+009B)"),
    "line separator": (line("host:\u2028"), ":1", "asset (U+2028)"),
    "long name": (line("x" * 10_000), ":1", "256"),
    "blank name": (line("  "), ":1", "asset"),
    "ESC in a unit": (line(unit="\x1b[2J"), ":1", "unit (U+001B)"),
    "right to left in a network": (line(network="\u202e"), ":1", "network (U+202E)"),
    "long unit": (line(unit="单" * 257), ":1", "unit"),
    "kind that is no word": (line(kind="End Point"), ":1", "kind"),
    "ESC in an unknown key": (line(colour="red").replace(b"colour", b"\\u001b[31mred"), ":1", "red"),
    "ESC in a schema": (line(schema="\x1b[31m"), ":1", "schema"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_LINES)
def test_a_bad_line_is_named_and_nothing_is_taken(case: str, unchanged: Path) -> None:
    data, *told = BAD_LINES[case]
    refused(ingest(unchanged, data), "in.captures.jsonl", *told)


@pytest.mark.parametrize("case", BAD_LINES)
def test_one_bad_line_stops_the_good_ones_beside_it(case: str, unchanged: Path) -> None:
    data, *_ = BAD_LINES[case]
    if case in ("empty file", "only blank lines", "UTF-16"):
        pytest.skip("is about a whole file")
    refused(ingest(unchanged, line("host:good") + data), "in.captures.jsonl")


def test_errors_speak_chinese_by_default_and_english_on_demand(unchanged: Path) -> None:
    data = line(colour="red") + line("host:a", taken_at="2026-01-01T00:00:00")
    chinese = ingest(unchanged, data)
    refused(chinese, "输入有 2 处问题，本次未导入任何内容", "多出不认识的字段 colour", "没有时区")
    english = call("--lang", "en", "-C", unchanged, "ingest", unchanged.parent / "in.captures.jsonl")
    refused(english, "the input has 2 problems, nothing was taken", "unknown field `colour`", "no time zone")
    assert not re.search(r"[\u4e00-\u9fff]", english.stderr)


def test_many_problems_are_counted_and_the_first_ones_shown(unchanged: Path) -> None:
    done = ingest(unchanged, b"nonsense\n" * 50)
    refused(done, "输入有 50 处问题", "另有 30 处")
    done = ingest(unchanged, b"nonsense\n" * 100_000)
    refused(done, "输入至少有 1000 处问题")


def test_a_byte_order_mark_and_carriage_returns_are_accepted(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    call("init", workspace)
    done = ingest(workspace, b"\xef\xbb\xbf" + line("host:a").replace(b"\n", b"\r\n") + b"\r\n" + line("host:b"))
    assert done.returncode == 0, done.stderr
    assert "导入采集 2 条" in done.stdout
    again = ingest(workspace, line("host:a") + line("host:b"))
    assert "导入采集 0 条" in again.stdout
    assert "已有 2 条" in again.stdout


def test_of_a_key_given_twice_the_last_counts_and_is_what_is_sealed(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    call("init", workspace)
    done = ingest(workspace, line("host:first")[:-2] + b',"asset":"host:last"}\n')
    assert done.returncode == 0
    stored = (workspace / "captures" / "000001.captures.jsonl").read_text("utf-8")
    assert stored.count('"asset"') == 1
    assert '"asset":"host:last"' in stored


def measured(*arguments: str | Path) -> tuple[subprocess.CompletedProcess[str], float, float]:
    """Run the product alone; also give its peak memory in MiB and its seconds."""
    program = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run([sys.executable, '-c', 'from console.cli import main; main()', *sys.argv[1:]])\n"
        "print('PEAK', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "sys.exit(done.returncode)\n"
    )
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    peak = re.search(r"PEAK (\d+)", done.stdout)
    assert peak
    return done, int(peak[1]) / 1024, time.monotonic() - begin


def test_a_line_of_a_gigabyte_is_refused_in_bounded_memory_and_time(unchanged: Path) -> None:
    file = unchanged.parent / "huge.captures.jsonl"
    with file.open("wb") as sparse:
        sparse.write(line() + b'{"schema":"xunyan.capture/1","output":"')
        sparse.truncate(2**30)
    done, peak, seconds = measured("-C", unchanged, "ingest", file)
    file.unlink()
    refused(done, "huge.captures.jsonl:2", "24 MiB")
    assert peak < 300
    assert seconds < 20


def test_200_megabytes_of_blank_lines_are_refused_in_bounded_time(unchanged: Path) -> None:
    file = unchanged.parent / "blank.captures.jsonl"
    with file.open("wb") as blank:
        blank.write(line())
        for _ in range(200):
            blank.write(b"\n" * 2**20)
    done, peak, seconds = measured("-C", unchanged, "ingest", file)
    file.unlink()
    refused(done, "blank.captures.jsonl:10002", "10000")
    assert peak < 300
    assert seconds < 20


def test_paths_that_are_no_input_are_refused(unchanged: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.captures.jsonl"
    os.mkfifo(pipe)
    folder = tmp_path / "folder.captures.jsonl"
    folder.mkdir()
    loop = tmp_path / "loop.captures.jsonl"
    loop.symlink_to(loop)
    for path in (
        pipe,
        folder,
        loop,
        tmp_path / "nowhere",
        Path("/proc/self/mem"),
        Path("/dev/zero"),
        Path("/dev/null"),
    ):
        refused(call("-C", unchanged, "ingest", path), str(path))


def test_folders_in_a_wrong_layout_are_refused(unchanged: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd" / "web01"
    odd.mkdir(parents=True)
    (odd / "holiday.txt").write_text("x")
    refused(call("-C", unchanged, "ingest", odd.parent), "holiday.txt", "<资产>/<来源>.txt")
    loops = tmp_path / "loops" / "web01"
    loops.mkdir(parents=True)
    (loops / "again").symlink_to(loops.parent)
    refused(call("-C", unchanged, "ingest", loops.parent), str(loops.parent))
    secret = tmp_path / "secret"
    secret.write_text("a secret of this machine")
    linked = tmp_path / "linked" / "web01"
    linked.mkdir(parents=True)
    (linked / "os-release.txt").symlink_to(secret)
    refused(call("-C", unchanged, "ingest", linked.parent), "os-release.txt", "链接")
    piped = tmp_path / "piped" / "web01"
    piped.mkdir(parents=True)
    os.mkfifo(piped / "lscpu.txt")
    refused(call("-C", unchanged, "ingest", piped.parent), "lscpu.txt")
    large = tmp_path / "large" / "web01"
    large.mkdir(parents=True)
    with (large / "lscpu.txt").open("wb") as sparse:
        sparse.truncate(2**30)
    refused(call("-C", unchanged, "ingest", large.parent), "lscpu.txt", "8 MiB")
    hostile = tmp_path / "hostile" / "we\u202eb"
    hostile.mkdir(parents=True)
    (hostile / "lscpu.txt").write_text("x")
    refused(call("-C", unchanged, "ingest", hostile.parent), "\\u202e")


@pytest.mark.parametrize("moment", [-(10**10), -1, 10**11, 253402300799])
def test_the_time_of_a_file_may_be_absurd(moment: int, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    call("init", workspace)
    file = tmp_path / "in" / "web01" / "lscpu.txt"
    file.parent.mkdir(parents=True)
    file.write_text("Architecture: x86_64\n")
    try:
        os.utime(file, (moment, moment))
    except OverflowError:
        pytest.skip("this file system has no such time")
    done = call("-C", workspace, "ingest", file.parent.parent)
    if file.stat().st_mtime > 0:
        refused(done, "lscpu.txt", "将来")
    else:
        assert done.returncode == 0
        assert call("-C", workspace, "rebuild").returncode == 0


@pytest.mark.parametrize("option", ["--unit", "--network"])
def test_what_fills_in_is_checked_like_what_was_written(option: str, unchanged: Path) -> None:
    done = ingest(unchanged, line(unit="", network=""), option, "a\x1bb")
    refused(done, ":1", "U+001B")


def test_a_file_name_that_is_no_text_is_no_reason_to_fail(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    call("init", workspace)
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[31m.captures.jsonl")
    Path(odd).write_bytes(line())
    done = call("-C", workspace, "ingest", odd)
    assert done.returncode == 0, done.stderr
    for form in ("table", "json", "jsonl", "csv"):
        shown = call("-C", workspace, "runs", "--format", form)
        assert shown.returncode == 0
        assert harmless(shown.stdout)
    Path(odd).write_bytes(b"nonsense\n")
    refused(call("-C", workspace, "ingest", odd), "JSON")
