"""Bad settings, profiles, ids and options: named, and nothing changed by them."""

import json
import re
from pathlib import Path

import pytest

from tests.console.refusing import ingest, line, refused
from tests.making import JUDGED_AT, call, host, kept, write_jsonl


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
