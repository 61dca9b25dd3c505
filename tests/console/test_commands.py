"""The command line as people and scripts use it: help, exit codes, forms of output, languages, pipes and interrupts."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.making import CPUINFO_INTEL, JUDGED_AT, OS_DEBIAN, PROJECT, call, host, kept, write_jsonl, xunyan

PROGRAM = [sys.executable, "-c", "from console.cli import main; main()"]
VERBS = (
    "init", "collector", "ingest", "ledger template", "ledger import", "ledger list", "ledger match", "judge", "findings", "show",
    "observations", "coverage", "metrics", "diff", "runs", "controls list", "controls show", "rebuild", "doctor",
)  # fmt: skip
READING = (
    "findings --all", "observations", "observations --relations", "coverage --all", "metrics", "diff 0 1", "runs",
    "controls list", "controls show domestic/cpu", "ledger list", "ledger match", "doctor",
)  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hosts, one right and one wrong, and a ledger of both."""
    folder = tmp_path_factory.mktemp("commands")
    assert call("init", folder / "w").returncode == 0
    lines = host("host:good") + host("host:wrong", cpuinfo=CPUINFO_INTEL, release=OS_DEBIAN, mac="02:00:00:00:00:02")
    write_jsonl(folder / "in.captures.jsonl", lines)
    assert call("-C", folder / "w", "ingest", folder / "in.captures.jsonl", "--at", JUDGED_AT).returncode == 0
    form = folder / "form.csv"
    form.write_text("asset,procured_on\ngood,2025-03-01\nwrong,2024/1/2\n", encoding="utf-8")
    assert call("-C", folder / "w", "ledger", "import", form, "--no-judge").returncode == 0
    return folder / "w"


def chinese(text: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text) is not None


# Asks for every verb's help in one process, since its language is for good and starting it takes the time.
HELP = """
import io, json, sys
from contextlib import redirect_stdout
from console.cli import main
language, *verbs = sys.argv[1:]
told = {}
for verb in verbs:
    sys.argv = ["xunyan", "--lang", language, *verb.split(), "--help"]
    out = io.StringIO()
    try:
        with redirect_stdout(out):
            main()
    except SystemExit as ended:
        told[verb] = [ended.code or 0, out.getvalue()]
print(json.dumps(told))
"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_verb_helps_in_both_languages_with_examples(language: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP, language, *VERBS], capture_output=True, encoding="utf-8", check=True
    )
    told = json.loads(done.stdout)
    assert set(told) == set(VERBS)
    for verb, (code, text) in told.items():
        assert code == 0
        assert re.search(rf"(?m)^\s*xunyan (-C \S+ )?{verb}", text), text
        shown = text
        for name in ("终端台账.csv", "教育局", "采集结果", "第四师", "工作区 doctor", "外网"):  # names within examples
            shown = shown.replace(name, "")
        assert chinese(shown) == (language == "zh"), text


def test_the_root_helps_and_lists_every_verb() -> None:
    for language in ("zh", "en"):
        done = xunyan("--lang", language, "--help")
        for verb in VERBS:
            assert re.search(rf"\b{verb.split(maxsplit=1)[0]}\b", done.stdout)
    assert "xunyan 0." in call("--version").stdout


def test_the_language_comes_from_option_or_environment(workspace: Path) -> None:
    assert "编号" in xunyan("-C", workspace, "findings").stdout
    assert "编号" not in xunyan("-C", workspace, "findings", env={"XUNYAN_LANG": "en"}).stdout
    assert "编号" in xunyan("--lang", "zh", "-C", workspace, "findings", env={"XUNYAN_LANG": "en"}).stdout
    assert "error: " in xunyan("-C", "/", "findings", env={"XUNYAN_LANG": "en"}, check=False).stderr
    assert "错误：" in xunyan("-C", "/", "findings", check=False).stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("findings", 0), ("findings --exit-code", 3), ("findings --exit-code --status satisfied", 0),
        ("findings --status wrong", 2), ("findings --limit x", 2), ("findings --nonsense", 2), ("nonsense", 2),
        ("judge --exit-code --at 2026-11-21", 3), ("judge --at 2026-11-21", 0), ("show zzz", 2), ("doctor", 0),
        ("diff 9 10", 2), ("runs extra", 2), ("", 2),
    ],
)  # fmt: skip
def test_exit_codes(arguments: str, code: int, workspace: Path) -> None:
    done = xunyan("-C", workspace, *arguments.split(), check=False)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr


def count(verb: str, form: str, workspace: Path) -> int:
    out = call("-C", workspace, *verb.split(), "--format", form).stdout
    if form == "json":
        return len(json.loads(out))
    if form == "jsonl":
        found = [json.loads(one) for one in out.splitlines()]
        assert all(re.fullmatch(r"xunyan\.[a-z-]+/1", one["schema"]) for one in found)
        return len(found)
    rows = list(csv.reader(io.StringIO(out, newline="")))
    assert len({len(row) for row in rows}) == 1
    assert all(heading for heading in rows[0])
    return len(rows) - 1


@pytest.mark.parametrize("verb", READING)
def test_all_forms_agree_in_count(verb: str, workspace: Path) -> None:
    counts = {form: count(verb, form, workspace) for form in ("json", "jsonl", "csv")}
    assert len(set(counts.values())) == 1, counts
    table = call("-C", workspace, *verb.split()).stdout
    assert table.strip()
    if verb.startswith("findings"):
        assert f"共 {counts['json']} 条" in table


def test_a_finding_and_a_judgement_in_all_forms(workspace: Path) -> None:
    identifier = findings(workspace)[0]["id"]
    assert [count(f"show {identifier}", form, workspace) for form in ("json", "jsonl", "csv")] == [1, 1, 1]
    counts = {count("judge --at 2026-11-21T08:00:00+08:00", form, workspace) for form in ("json", "jsonl", "csv")}
    assert len(counts) == 1


def findings(workspace: Path, *more: str) -> list[dict[str, Any]]:
    out = call("-C", workspace, "findings", "--all", "-f", "jsonl", *more).stdout
    return [json.loads(one) for one in out.splitlines()]


def test_findings_keep_the_contract(workspace: Path) -> None:
    found = findings(workspace)
    assert found
    for one in found:
        assert one["schema"] == "xunyan.finding/1"
        assert {
            "schema", "id", "fingerprint", "control", "asset", "status", "state", "severity", "because", "basis",
            "evidence", "first_seen", "last_seen", "exemption", "decision",
        } <= set(one)  # fmt: skip
        assert set(one["asset"]) == {"id", "key", "kind", "name", "unit", "site", "network", "address"}
        assert one["fingerprint"].startswith(one["id"])
        assert one["status"] in ("satisfied", "not-satisfied", "needs-person", "not-observed", "not-applicable")
        assert one["severity"] in ("high", "medium", "low")
        assert one["because"]
        assert one["asset"]["key"] in ("host:good", "host:wrong")
        for proof in one["evidence"]:
            assert set(proof) == {"capture", "source", "lines", "quote"}
            assert re.fullmatch(r"[0-9a-f]{64}", proof["capture"])
            first, last = proof["lines"]
            assert 1 <= first <= last
        if one["status"] in ("satisfied", "not-satisfied"):
            assert one["evidence"]
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", one["last_seen"])


def test_filters_narrow_and_never_widen(workspace: Path) -> None:
    everything = {one["id"] for one in findings(workspace)}
    for more in (
        ["--asset", "host:wrong"],
        ["--control", "domestic/cpu"],
        ["--area", "ipv6"],
        ["--unit", "教育局"],
        ["--limit", "1"],
    ):
        some = {one["id"] for one in findings(workspace, *more)}
        assert some
        assert some <= everything
    assert findings(workspace, "--asset", "%") == []
    wrong = findings(workspace, "--status", "not-satisfied")
    assert {one["status"] for one in wrong} == {"not-satisfied"}


@pytest.mark.parametrize(
    ("verb", "next_step"),
    [
        ("findings", "xunyan ingest"), ("observations", "导入采集"), ("coverage", "xunyan ingest"),
        ("metrics", "xunyan ingest"), ("runs", "xunyan ingest"), ("ledger list", "xunyan ledger template"),
        ("ledger match", "xunyan ledger template"),
        ("judge", "xunyan ingest"),
    ],
)  # fmt: skip
def test_an_empty_workspace_says_what_to_do_next(verb: str, next_step: str, tmp_path: Path) -> None:
    assert "xunyan -C" in call("init", tmp_path).stdout
    done = call("-C", tmp_path, *verb.split())
    assert done.returncode == 0
    assert next_step in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_given(shell: str) -> None:
    # Left to itself the library looks for the shell among its parent processes, and a test may have none.
    named = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = xunyan("--show-completion", shell, check=False, env=named)
    assert done.returncode == 0
    assert "_XUNYAN_COMPLETE" in done.stdout


def test_completion_completes_verbs_and_controls() -> None:
    def completed(words: str) -> str:
        env = {"_XUNYAN_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
        return xunyan(env=env, check=False).stdout

    assert "findings" in completed("xunyan fin")
    assert "domestic/cpu" in completed("xunyan controls show dom")


@pytest.mark.parametrize(
    "arguments",
    [
        "findings --all -f jsonl",
        "runs -f jsonl",
        "runs -f csv",
        "controls list",
        "--version",
        "collector",
        "judge -f jsonl --at 2026-11-21",
    ],
)
def test_a_reader_that_goes_away_is_no_error(arguments: str, workspace: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "-C", workspace, *arguments.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert told == b""


def test_the_ledger_goes_out_is_filled_comes_back_and_is_listed(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    call("init", workspace)
    blank = call("ledger", "template").stdout
    form = tmp_path / "台账.csv"
    heads = blank.removeprefix("\ufeff").strip().split(",")
    row = {"资产标识": "web01", "单位": "教育局", "地址域": "外网", "采购日期": "２０２５年3月1日", "责任人": "张三"}
    form.write_text(blank + ",".join(row.get(head, "") for head in heads) + "\r\n", encoding="utf-8")
    done = call("-C", workspace, "ledger", "import", form)
    assert done.returncode == 0, done.stderr
    (filed,) = json.loads(call("-C", workspace, "ledger", "list", "-f", "json").stdout)
    assert filed["asset"] == "web01"
    assert filed["procured_on"] == "2025-03-01"
    assert filed["file"].endswith("row 2")
    again = call("-C", workspace, "ledger", "import", form)
    assert "1 行与现行台账相同" in again.stdout
    assert call("-C", workspace, "rebuild").returncode == 0
    assert json.loads(call("-C", workspace, "ledger", "list", "-f", "json").stdout) == [filed]


def test_a_ledger_in_gb18030_is_understood(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    call("init", workspace)
    form = tmp_path / "form.csv"
    form.write_bytes("资产标识,单位,采购日期\r\nweb01,㐂教育局,2025.3.1\r\n".encode("gb18030"))
    assert call("-C", workspace, "ledger", "import", form).returncode == 0
    (filed,) = json.loads(call("-C", workspace, "ledger", "list", "-f", "json").stdout)
    assert (filed["unit"], filed["procured_on"]) == ("㐂教育局", "2025-03-01")


BAD_FORMS = {
    "no asset and no day": (
        "资产标识,采购日期\n,2025-01-01\nweb01,去年\n",
        ("第 2 行 资产标识", "第 3 行 采购日期", "去年"),
    ),
    "unknown column": ("资产标识,颜色\nweb01,红\n", ("第 1 行 颜色", "不认识的列")),
    "column twice": ("资产标识,单位,单位\nweb01,a,b\n", ("第 1 行 单位", "两次")),
    "no asset column": ("单位\na\n", ("第 1 行 资产标识", "缺少这一列")),
    "row twice": ("资产标识,单位\nweb01,a\nweb02,a\nweb01,b\n", ("第 4 行 资产标识", "与第 2 行重复")),
    "cell outside": ("资产标识,单位\nweb01,a,2025\n", ("第 2 行", "表头之外")),
    "invisible": ("资产标识,单位\nweb\u202e01,a\n", ("第 2 行 资产标识", "不可见")),
    "too long": (f"资产标识,单位\nweb01,{'x' * 300}\n", ("第 2 行 单位", "过长")),
    "open quote": ('资产标识,单位\n"web01,a\n', ("第 2 行", "CSV")),
    "empty": ("", ("第 1 行", "空的")),
    "no text": ("\udcff\udcfe\udc80", ("第 1 行", "CSV")),
}


@pytest.mark.parametrize("case", BAD_FORMS)
def test_what_is_wrong_in_a_ledger_is_listed_by_row_and_column(case: str, workspace: Path, tmp_path: Path) -> None:
    text, told = BAD_FORMS[case]
    form = tmp_path / "form.csv"
    form.write_bytes(text.encode("utf-8", "surrogateescape"))
    before = kept(workspace)
    done = call("-C", workspace, "ledger", "import", form)
    assert done.returncode == 2
    for part in told:
        assert part in done.stderr, done.stderr
    assert "怎么办：" in done.stderr
    english = call("--lang", "en", "-C", workspace, "ledger", "import", form)
    assert english.returncode == 2
    assert "row " in english.stderr
    assert kept(workspace) == before


def test_a_ledger_that_is_no_file_is_refused(workspace: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", tmp_path, Path("/dev/zero"), tmp_path / "nowhere.csv"):
        done = call("-C", workspace, "ledger", "import", path)
        assert done.returncode == 2
        assert str(path) in done.stderr


def test_the_collector_is_written_unchanged(tmp_path: Path) -> None:
    script = (PROJECT / "playbooks" / "collect.sh").read_bytes()
    piped = subprocess.run([*PROGRAM, "collector"], capture_output=True, check=True).stdout
    assert piped == script
    assert call("collector", "-o", tmp_path / "collect.sh").returncode == 0
    assert (tmp_path / "collect.sh").read_bytes() == script
    assert os.access(tmp_path / "collect.sh", os.X_OK)
    again = call("collector", "-o", tmp_path / "collect.sh")
    assert again.returncode == 2
    assert "collect.sh" in again.stderr


def test_init_refuses_what_is_there(tmp_path: Path) -> None:
    assert call("init", tmp_path / "w").returncode == 0
    before = (tmp_path / "w" / "xunyan.toml").read_bytes()
    again = call("init", tmp_path / "w", "--profile", "corps")
    assert again.returncode == 2
    assert "已经是工作区" in again.stderr
    assert (tmp_path / "w" / "xunyan.toml").read_bytes() == before
    (tmp_path / "file").write_text("x")
    assert call("init", tmp_path / "file").returncode == 2
    unknown = call("init", tmp_path / "x", "--profile", "atlantis")
    assert unknown.returncode == 2
    assert "fourth-division" in unknown.stderr
    assert not (tmp_path / "x").exists()


def test_init_with_a_profile_whose_name_needs_quoting(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / 'own "#1".toml').write_text(
        '[profile]\nid = "own"\ntitle = { zh = "自己的", en = "own" }\n', encoding="utf-8"
    )
    assert call("init", folder, "--profile", 'own "#1".toml').returncode == 0
    assert call("-C", folder, "judge").returncode == 0


def test_doctor_tells_what_is_wrong_by_its_exit_code(tmp_path: Path) -> None:
    assert call("-C", tmp_path, "doctor").returncode == 0
    call("init", tmp_path / "w")
    assert call("-C", tmp_path / "w", "doctor").returncode == 0
    (tmp_path / "w" / "xunyan.db").unlink()
    broken = call("-C", tmp_path / "w", "doctor", "-f", "jsonl")
    assert broken.returncode == 1
    assert any(json.loads(one)["state"] == "bad" for one in broken.stdout.splitlines())


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file large enough to be interrupted in."""
    folder = tmp_path_factory.mktemp("many")
    hosts = (host(f"host:h{n}", mac=f"02:00:00:01:{n >> 8:02x}:{n & 255:02x}") for n in range(4000))
    return write_jsonl(folder / "many.captures.jsonl", [one for lines in hosts for one in lines])


def begun(workspace: Path, process: subprocess.Popen[bytes]) -> Iterator[Path]:
    """Wait until a process writes its segment."""
    for _ in range(2000):
        yield from (workspace / "captures").glob(".*.incoming")
        if process.poll() is not None:
            return
        time.sleep(0.005)


def test_an_interrupt_leaves_nothing_half_done(many: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    call("init", workspace)
    before = kept(workspace)
    process = subprocess.Popen(  # whoever started the tests may have told them to ignore the signal
        ["env", "--default-signal=INT", *PROGRAM, "-C", workspace, "ingest", many],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert next(begun(workspace, process), None) is not None
    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in told
    assert "已中断" in told.decode()
    assert out == b""
    assert kept(workspace) == before
    assert not list((workspace / "captures").iterdir())
    assert call("-C", workspace, "findings").returncode == 0


def test_captures_of_a_clock_that_is_fast_do_not_count_silently(tmp_path: Path) -> None:
    call("init", tmp_path / "w")
    soon = (datetime.now(UTC) + timedelta(minutes=3)).isoformat()
    lines = [line | {"taken_at": soon} for line in host("host:fast")]
    done = call("-C", tmp_path / "w", "ingest", write_jsonl(tmp_path / "fast.captures.jsonl", lines))
    assert done.returncode == 0
    assert f"注意：{len(lines)} 条采集的时间比现在还晚，这次没有计入" in done.stderr
