"""Bad and hostile input: refused by name and place, nothing half taken in; what is taken in stays harmless on the screen."""

import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.making import JUDGED_AT, call, capture, host, kept, write_jsonl, xunyan


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


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one host in it. No test of bad input may change it."""
    workspace = tmp_path_factory.mktemp("bad") / "w"
    assert call("init", workspace).returncode == 0
    file = write_jsonl(workspace.parent / "seed.captures.jsonl", host("host:kept"))
    assert call("-C", workspace, "ingest", file, "--at", JUDGED_AT).returncode == 0
    return workspace


@pytest.fixture
def unchanged(seeded: Path) -> Iterator[Path]:
    before = kept(seeded)
    yield seeded
    assert kept(seeded) == before
    assert not list((seeded / "captures").glob(".*"))


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
    """No control byte but the new line, nothing invisible that could turn a line around."""
    return not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c != "\n" for c in text)


def ingest(workspace: Path, data: bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
    file = workspace.parent / "in.captures.jsonl"
    file.write_bytes(data)
    return call("-C", workspace, "ingest", file, *arguments)


BAD_LINES = {
    "unknown key": (line(colour="red"), ":1", "`colour`"),
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
    refused(chinese, "输入有 2 处问题，什么都没有导入", "没有 `colour` 这个字段", "没有时区")
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


def write_settings(workspace: Path, text: str) -> Path:
    """Leave a workspace with other settings."""
    (workspace / "xunyan.toml").write_text(text, encoding="utf-8")
    return workspace


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    call("init", tmp_path / "w")
    return tmp_path / "w"


SETTINGS = {
    "unknown key": ('[workspace]\nprofil = "general"\n', "profil"),
    "unknown table": ("[workspaces]\n", "workspaces"),
    "wrong type": ("[workspace]\nprofile = 3\n", "profile"),
    "broken": ('[workspace\nprofile = "general"\n', "line 1"),
    "not UTF-8": ("[workspace]\nunit = \"\\uD800\"\n", "xunyan.toml"),
    "unknown profile": ('[workspace]\nprofile = "atlantis"\n', "atlantis"),
    "path as profile": ('[workspace]\nprofile = "../../etc/passwd"\n', "passwd"),
    "own profile that is not there": ('[workspace]\nprofile = "own.toml"\n', "own.toml"),
    "own list that is not there": ('[workspace]\nevaluated_products = "own.toml"\n', "own.toml"),
    "invisible in the network": ('[workspace]\nnetwork = "a\\u200Bb"\n', "network"),
    "ESC in the unit": ('[workspace]\nunit = "\\u001B[31m"\n', "unit"),
}  # fmt: skip


@pytest.mark.parametrize("case", SETTINGS)
def test_bad_settings_are_named_and_nothing_is_taken(case: str, fresh: Path) -> None:
    text, told = SETTINGS[case]
    before = kept(write_settings(fresh, text))
    refused(ingest(fresh, line()), told)
    refused(call("-C", fresh, "judge"), told)
    assert kept(fresh) == before


PROFILE = """\
[profile]
id = "own"
title = {{ zh = "自己的", en = "our own" }}
[[document]]
id = "D"
title = "文件"
[[requirement]]
id = "R1"
document = "D"
clause = "第一条"
kind = "scan"
stage = ["any"]
force = "must"
controls = ["domestic/cpu"]
zh = "要"
en = "must"
{more}
"""


def own_profile(more: str = "", **change: str) -> str:
    text = PROFILE.format(more=more)
    for old, new in change.items():
        text = text.replace({"force": '"must"', "control": "domestic/cpu", "refers": 'document = "D"'}[old], new, 1)
    return text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (own_profile(force='"perhaps"'), "perhaps"),
        (own_profile(control="domestic/gpu"), "domestic/gpu"),
        (own_profile(refers='document = "E"'), "R1"),
        (own_profile(more=PROFILE[PROFILE.index("[[requirement]]") :].format(more="")), "R1"),
        (own_profile(more="[[target]]\nsurprise = 1\n"), "surprise"),
        (own_profile() + "\nbroken", "own.toml"),
    ],
)
def test_a_bad_profile_of_ones_own_is_named(text: str, told: str, fresh: Path) -> None:
    (fresh / "own.toml").write_text(text, encoding="utf-8")
    write_settings(fresh, '[workspace]\nprofile = "own.toml"\n')
    before = kept(fresh)
    done = ingest(fresh, line())
    refused(done, str(fresh / "own.toml"))
    assert told in done.stderr
    assert kept(fresh) == before


@pytest.mark.parametrize(
    ("product", "told"),
    [
        ('category = "cpu"\nproduct = "X"\nsource = "s"\nconfidence = "high"\nvendor = "x"\ntokens = ["x"]\nlevel = 5', "level 5"),
        ('category = "cpu"\nproduct = "X"\nsource = "s"\nconfidence = "high"', "tokens"),
        ('category = "gpu"\nproduct = "X"\nsource = "s"\nconfidence = "high"', "category"),
        ('category = "cpu"\nproduct = "X"\nsource = "s"\nconfidence = "high"\nvendor = "x"\ntokens = ["x"]\nannouncement = "9"', "9"),
    ],
)  # fmt: skip
def test_a_bad_list_of_evaluated_products_of_ones_own_is_named(product: str, told: str, fresh: Path) -> None:
    head = '[list]\ntitle = { zh = "名录", en = "list" }\ncollected = 2026-01-01\nvalidity_years = 3\n'
    (fresh / "own.toml").write_text(f"{head}[[product]]\n{product}\n", encoding="utf-8")
    write_settings(fresh, '[workspace]\nevaluated_products = "own.toml"\n')
    before = kept(fresh)
    refused(ingest(fresh, line()), str(fresh / "own.toml"), told)
    assert kept(fresh) == before


@pytest.mark.parametrize("verb", ["ingest x", "judge", "findings", "show 1", "coverage", "metrics", "runs", "rebuild"])
def test_outside_a_workspace_the_way_in_is_named(verb: str, tmp_path: Path) -> None:
    refused(call("-C", tmp_path, *verb.split()), "xunyan init")


@pytest.mark.parametrize(
    "identifier",
    ["zzzz", "", " ", "\x1b[31m", "../../etc", "[red]", "{0}", "%", "'; DROP TABLE verdict", "é", "-" * 5000],
)
def test_an_id_that_nothing_has_is_refused(identifier: str, unchanged: Path) -> None:
    refused(call("-C", unchanged, "show", "--", identifier), "没有这个编号")


def test_an_id_that_several_have_is_refused(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    call("init", workspace)
    write_jsonl(
        tmp_path / "many.captures.jsonl",
        [one for n in range(8) for one in host(f"host:h{n}", mac=f"02:00:00:00:01:0{n}")],
    )
    call("-C", workspace, "ingest", tmp_path / "many.captures.jsonl", "--at", JUDGED_AT)
    found = [
        json.loads(one)["id"] for one in call("-C", workspace, "findings", "--all", "-f", "jsonl").stdout.splitlines()
    ]
    first = next(one[0] for one in found if sum(other[0] == one[0] for other in found) > 1)
    refused(call("-C", workspace, "show", first), "编号太短")


@pytest.mark.parametrize(
    "arguments",
    [
        "judge --at yesterday", "judge --at 2026-13-01", "judge --at 2026-11-21T08:00:00", "judge --at 0001-01-01",
        "judge --at 9999-12-31T23:59:59-08:00", "judge --at 9999-12-31", "coverage --at 0001-01-01T00:00:00+08:00",
        "findings --status excellent", "findings --control domestic/gpu", "findings --area %", "observations --name pocessor",
        "diff 1 9", "diff 5 2", "controls show domestic/gpu", "ledger import nowhere.csv",
    ],
)  # fmt: skip
def test_nonsense_in_options_is_named(arguments: str, unchanged: Path) -> None:
    refused(call("-C", unchanged, *arguments.split()))
    english = call("--lang", "en", "-C", unchanged, *arguments.split())
    refused(english, "what to do: ")
    assert not re.search(r"[\u4e00-\u9fff]", english.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        "findings --limit -1",
        "findings --limit 99999999999999999999",
        "diff x",
        "diff -- -1",
        "judge --format xml",
        "shwo",
        "[/red]",
    ],
)
def test_nonsense_that_the_parser_refuses_is_no_traceback(arguments: str, unchanged: Path) -> None:
    done = call("-C", unchanged, *arguments.split())
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


@pytest.mark.parametrize(
    "verb",
    ["findings --unit", "findings --asset", "observations", "coverage --unit", "metrics --unit", "show", "judge --at"],
)
def test_an_argument_that_is_no_text_is_no_traceback(verb: str, unchanged: Path) -> None:
    done = call("-C", unchanged, *verb.split(), "\udcff\udcfe")
    assert done.returncode in (0, 2), done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_moment_of_judging_is_said_before_anything_is_taken(unchanged: Path) -> None:
    refused(ingest(unchanged, line(), "--at", "noon"), "--at")
    refused(ingest(unchanged, line(), "--taken-at", "0001-01-01T00:00:00+08:00"), "--taken-at")


# What a workspace keeps is damaged: exit 1, the file named, and nothing made up.


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A workspace with two segments, judged."""
    workspace = tmp_path / "w"
    call("init", workspace)
    for number in (1, 2):
        file = write_jsonl(
            tmp_path / f"{number}.captures.jsonl", host(f"host:h{number}", mac=f"02:00:00:00:00:0{number}")
        )
        assert call("-C", workspace, "ingest", file, "--at", JUDGED_AT).returncode == 0
    return workspace


def some_id(workspace: Path, asset: str) -> str:
    found = call(
        "-C", workspace, "findings", "--all", "--asset", asset, "--control", "domestic/cpu", "-f", "jsonl"
    ).stdout
    return str(json.loads(found.splitlines()[0])["id"])


def test_a_changed_byte_in_a_segment_is_noticed_by_whatever_reads_it(filled: Path) -> None:
    finding = some_id(filled, "h1")
    segment = filled / "captures" / "000001.captures.jsonl"
    segment.write_bytes(segment.read_bytes().replace(b"HygonGenuine", b"HygonGenuinE", 1))
    for verb in (["judge", "--at", JUDGED_AT], ["show", finding], ["rebuild"]):
        refused(call("-C", filled, *verb), "000001.captures.jsonl", "sha256", code=1)


@pytest.mark.parametrize("left", [0.5, 0.9])
def test_a_truncated_segment_is_noticed(left: float, filled: Path) -> None:
    segment = filled / "captures" / "000002.captures.jsonl"
    os.truncate(segment, int(segment.stat().st_size * left))
    for verb in (["judge", "--at", JUDGED_AT], ["rebuild"]):
        refused(call("-C", filled, *verb), "000002.captures.jsonl", code=1)


def test_a_segment_cut_between_two_lines_is_noticed_by_rebuild(filled: Path) -> None:
    segment = filled / "captures" / "000001.captures.jsonl"
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(lines[:-1]))
    before = (filled / "xunyan.db").read_bytes()
    refused(call("-C", filled, "rebuild"), "000001.captures.jsonl", "3", "2", code=1)
    assert (filled / "xunyan.db").read_bytes() == before
    assert not list(filled.glob(".xunyan.db.rebuild*"))


@pytest.mark.parametrize("lost", ["000001", "000002"])
def test_a_lost_segment_is_noticed(lost: str, filled: Path) -> None:
    finding = some_id(filled, f"h{int(lost)}")
    (filled / "captures" / f"{lost}.captures.jsonl").unlink()
    for verb in (["show", finding], ["judge", "--at", JUDGED_AT], ["rebuild"]):
        refused(call("-C", filled, *verb), f"{lost}.captures.jsonl", code=1)


def test_other_files_among_the_segments_are_left_alone(filled: Path) -> None:
    for name in ("1x.captures.jsonl", "000001.copy.captures.jsonl", "9" * 30 + ".captures.jsonl", ".hidden"):
        (filled / "captures" / name).write_text("nonsense")
    for verb in (["judge", "--at", JUDGED_AT], ["rebuild"]):
        done = call("-C", filled, *verb)
        assert done.returncode == 0, done.stderr


def test_a_workspaces_own_segments_can_be_taken_in_elsewhere(filled: Path) -> None:
    fresh = filled.parent / "other"
    call("init", fresh)
    done = call("-C", fresh, "ingest", filled / "captures", "--at", JUDGED_AT)
    assert "导入采集 6 条" in done.stdout
    assert call("-C", filled, "ingest", filled / "captures", "--no-judge").stdout.count("已有 6 条") == 1
    once, again = (call("-C", one, "findings", "--all", "-f", "jsonl").stdout for one in (filled, fresh))
    assert once == again


def test_a_broken_line_in_the_register_is_named(filled: Path) -> None:
    register = filled / "inventory" / "identities.jsonl"
    lines = register.read_bytes().splitlines(keepends=True)
    register.write_bytes(b"".join([lines[0], b"{broken\n", *lines[1:]]))
    for verb in (["rebuild"], ["doctor"], ["ingest", str(filled.parent / "1.captures.jsonl")]):
        refused(call("-C", filled, *verb), "identities.jsonl", "line 2", code=1)


def test_a_lost_register_is_noticed(filled: Path) -> None:
    (filled / "inventory" / "identities.jsonl").unlink()
    refused(call("-C", filled, "rebuild"), "identities.jsonl", code=1)


def test_a_journal_cut_within_a_line_is_an_act_that_never_closed(filled: Path) -> None:
    journal = filled / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:40])
    done = call("-C", filled, "judge", "--at", JUDGED_AT)
    assert done.returncode == 0, done.stderr
    assert [json.loads(one)["entry"] for one in journal.read_text("utf-8").splitlines()].count("judgement") == 2
    assert call("-C", filled, "rebuild").returncode == 0


def test_a_broken_line_within_the_journal_is_named(filled: Path) -> None:
    journal = filled / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([b"{}\n", *lines[1:]]))
    for verb in (["rebuild"], ["judge"]):
        refused(call("-C", filled, *verb), "journal.jsonl", "line 1", code=1)


@pytest.mark.parametrize("garbage", [b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_database_of_garbage_is_named_and_can_be_made_again(garbage: bytes, filled: Path) -> None:
    before = call("-C", filled, "findings", "--all", "-f", "jsonl").stdout
    for suffix in ("-wal", "-shm"):
        (filled / f"xunyan.db{suffix}").unlink(missing_ok=True)
    (filled / "xunyan.db").write_bytes(garbage)
    for verb in ("findings", "judge", "doctor"):
        done = call("-C", filled, verb)
        assert done.returncode == 1
        assert "xunyan rebuild" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert call("-C", filled, "rebuild").returncode == 0
    assert call("-C", filled, "findings", "--all", "-f", "jsonl").stdout == before


def test_a_database_broken_inside_is_named(filled: Path) -> None:
    with sqlite3.connect(filled / "xunyan.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    database = filled / "xunyan.db"
    data = bytearray(database.read_bytes())
    for page in range(4096 * 3, len(data) - 4096, 4096):
        data[page : page + 512] = b"\xff" * 512
    database.write_bytes(data)
    done = call("-C", filled, "findings", "--all")
    refused(done, "xunyan rebuild", code=1)


def test_a_lost_database_is_named_and_can_be_made_again(filled: Path) -> None:
    before = call("-C", filled, "findings", "--all", "-f", "jsonl").stdout
    for suffix in ("", "-wal", "-shm"):
        (filled / f"xunyan.db{suffix}").unlink(missing_ok=True)
    refused(call("-C", filled, "findings"), "xunyan.db", "xunyan rebuild", code=1)
    assert call("-C", filled, "rebuild").returncode == 0
    assert call("-C", filled, "findings", "--all", "-f", "jsonl").stdout == before


def test_an_empty_database_does_not_pass_for_no_findings(filled: Path) -> None:
    for suffix in ("-wal", "-shm"):
        (filled / f"xunyan.db{suffix}").unlink(missing_ok=True)
    (filled / "xunyan.db").write_bytes(b"")
    assert "xunyan rebuild" in call("-C", filled, "findings").stderr


def test_a_database_of_a_newer_version_is_left_alone(filled: Path) -> None:
    with sqlite3.connect(filled / "xunyan.db") as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('xunyan', '9999-future', '2030-01-01')"
        )
    db.close()
    for verb in ("findings", "judge"):
        refused(call("-C", filled, verb), "9999-future", "升级", code=1)
    assert call("-C", filled, "rebuild").returncode == 0
    assert call("-C", filled, "findings").returncode == 0


HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_writer_is_told_and_readers_go_on(filled: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, filled / ".lock"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        before = kept(filled)
        for verb in (["judge"], ["rebuild"], ["ingest", str(filled.parent / "1.captures.jsonl")]):
            refused(call("-C", filled, *verb), str(filled), code=1)
        assert call("-C", filled, "findings").returncode == 0
        assert kept(filled) == before
    finally:
        holder.communicate()


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="as root permissions do not hold")
def test_a_folder_that_cannot_be_written_is_named(filled: Path) -> None:
    drop = ["setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    folders = [filled, filled / "captures", filled / "inventory"]
    for folder in folders:
        folder.chmod(0o555)
    try:
        for verb in (["judge"], ["ingest", filled.parent / "1.captures.jsonl"], ["rebuild"]):
            done = subprocess.run(
                [*drop, sys.executable, "-c", "from console.cli import main; main()", "-C", filled, *verb],
                capture_output=True, encoding="utf-8", check=False,
            )  # fmt: skip
            assert done.returncode == 1, done.stderr
            assert "Traceback" not in done.stderr
            assert str(filled) in done.stderr
    finally:
        for folder in folders:
            folder.chmod(0o755)


# What is accepted although it is hostile stays text.

HOSTILE = [
    "../../etc/passwd", "[red]x[/red]", "[/]", "{0.__class__}", "{key}", "{", "%s%n", "'; DROP TABLE asset;--", '"x"',
    "$(reboot)`id`", "=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "＝1+1", "<script>alert(1)</script>", ":smile:", "\\x1b[31m",
    "全角　空格", "a,b;c", "host:",
]  # fmt: skip
RELEASE = 'NAME="{0.__class__} [red]Kylin[/red]"\nPRETTY_NAME="\x1b]0;owned\x07=cmd|calc {key} \u202eevil\x9b31m {"\nID=kylin\nVERSION_ID="V10"\n'
READING = (
    "findings --all",
    "observations",
    "coverage --all",
    "metrics",
    "runs",
    "diff",
    "ledger list",
    "observations --relations",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("hostile") / "w"
    call("init", workspace)
    lines = []
    for number, name in enumerate(HOSTILE):
        common = {"unit": name, "network": name, "site": name, "address": name, "taken_by": name}
        mac = f"02:00:00:00:02:{number:02x}"
        lines += host(name, release=RELEASE, mac=mac, request="\x1b[2J" + name, **common)
        gap = capture(name, "dmidecode", "", **common, reason="denied", detail="\x1b[31m" + name)
        lines.append({**{k: v for k, v in gap.items() if k not in ("output", "exit")}, "schema": "xunyan.gap/1"})
    write_jsonl(workspace.parent / "hostile.captures.jsonl", lines)
    done = call("-C", workspace, "ingest", workspace.parent / "hostile.captures.jsonl", "--at", JUDGED_AT)
    assert done.returncode == 0, done.stderr
    ledger = workspace.parent / "台账.csv"
    cells = [[name, name, "2024-01-02", name] for name in HOSTILE]
    with ledger.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["资产标识", "单位", "采购日期", "备注"], *cells])
    done = call("-C", workspace, "ledger", "import", ledger, "--no-judge")
    assert done.returncode == 0, done.stderr
    return workspace


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
@pytest.mark.parametrize("verb", READING)
def test_hostile_text_stays_text(verb: str, form: str, hostile: Path) -> None:
    done = call("-C", hostile, *verb.split(), "--format", form)
    assert done.returncode == 0, done.stderr
    assert harmless(done.stdout)
    if form == "csv":
        for row in csv.reader(io.StringIO(done.stdout, newline="")):
            assert not any(cell.startswith(("=", "+", "-", "@", "＝", "\t", "\r")) for cell in row), row
    elif form == "json":
        assert isinstance(json.loads(done.stdout), list)
    elif form == "jsonl":
        assert all(isinstance(json.loads(one), dict) for one in done.stdout.splitlines())


def test_hostile_text_reads_back_whole_from_json(hostile: Path) -> None:
    found = call("-C", hostile, "observations", "--name", "operating-system", "-f", "json").stdout
    assert any("\u202eevil\x9b31m {" in json.dumps(one, ensure_ascii=False) for one in json.loads(found))
    names = {one["asset"]["key"] for one in json.loads(found)}
    assert names == set(HOSTILE)


def test_hostile_text_is_shown_with_every_finding(hostile: Path) -> None:
    for one in call("-C", hostile, "findings", "--all", "-f", "jsonl").stdout.splitlines():
        finding = json.loads(one)
        if finding["control"] != "domestic/operating-system":
            continue
        done = call("-C", hostile, "show", finding["fingerprint"])
        assert done.returncode == 0, done.stderr
        assert harmless(done.stdout)


def test_a_full_width_space_is_shown_as_it_is(hostile: Path) -> None:
    assert "全角　空格" in call("-C", hostile, "findings", "--all", "-f", "csv").stdout


def test_nothing_outside_the_workspace_was_written(hostile: Path) -> None:
    assert {path.name for path in hostile.parent.iterdir()} == {"w", "hostile.captures.jsonl", "台账.csv"}
    assert {path.name for path in (hostile / "captures").iterdir()} == {
        "000001.captures.jsonl",
        "000002.captures.jsonl",
    }


def test_a_screen_that_lacks_characters_is_no_reason_to_fail(hostile: Path) -> None:
    for encoding in ("ascii", "gb18030", "latin-1"):
        done = subprocess.run(
            [sys.executable, "-c", "from console.cli import main; main()", "-C", hostile, "findings", "--all"],
            capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert b"\x1b" not in done.stdout


def test_a_real_process_says_the_same(unchanged: Path) -> None:
    bad = unchanged.parent / "real.captures.jsonl"
    bad.write_bytes(line(colour="red"))
    done = xunyan("-C", unchanged, "ingest", bad, check=False)
    refused(done, "real.captures.jsonl:1", "`colour`")
    assert done.stdout == ""
