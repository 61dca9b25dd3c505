"""What the documents say is true: commands exist, twins agree, and the page on adding a check can be followed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.farm import Farm
from lab.hosts import make_specs
from tests.making import MOMENT, PROJECT, host, write_jsonl, xunyan
from tests.scanning import needs_sshd

PAGES = sorted([PROJECT / "README.md", PROJECT / "README.en.md", *(PROJECT / "docs").glob("*.md")])
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def blocks(page: Path) -> list[str]:
    return BLOCK.findall(page.read_text("utf-8"))


def test_the_two_readmes_have_the_same_commands_and_sections() -> None:
    chinese, english = ((PROJECT / name).read_text("utf-8") for name in ("README.md", "README.en.md"))
    strip = re.compile(r"\s*#.*")
    assert [strip.sub("", one) for one in BLOCK.findall(chinese)] == [
        strip.sub("", one) for one in BLOCK.findall(english)
    ]
    assert [line.count("#") for line in chinese.splitlines() if line.startswith("#")] == [
        line.count("#") for line in english.splitlines() if line.startswith("#")
    ]
    assert re.findall(r"\]\((docs/[^)]+|LICENSE)\)", chinese) == re.findall(r"\]\((docs/[^)]+|LICENSE)\)", english)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_verb_and_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    verbs = set(re.findall(r"xunyan (?:-C \S+ |--lang \w+ )*([a-z]+)", text)) - {"run"}
    help_text = xunyan("--help").stdout
    assert {verb for verb in verbs if not re.search(rf"\b{verb}\b", help_text)} == set()
    named = set(
        re.findall(
            r"`((?:console|controls|scanners|evidence|inventories|xunyan|playbooks|tests|docs)/[\w./-]+\.\w+)`", text
        )
    )
    shown = set(re.findall(r"<!-- file: (\S+) -->", text))
    assert {name for name in named - shown if not (PROJECT / name).exists()} == set()
    links = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    assert {link for link in links if not (page.parent / link).exists()} == set()


FILLED = """
sed -i 's/^number = .*/number = "1"/; s/^units = .*/units = ["*"]/; s/^approver = .*/approver = "x"/; s/^methods = .*/methods = ["ssh"]/' $letter
sed -i 's/^valid_until = .*/valid_until = 2099-12-31/; s/^allow = .*/allow = ["ADDRESS"]/; s/^# ports = .*/ports = [PORT]/' $letter
printf '[credentials.ops]\\nuser = "USER"\\nkind = "key"\\nkey_file = "KEY"\\n' >> xunyan.toml
"""


@needs_sshd
def test_the_first_hour_of_the_readme_works_as_written(tmp_path: Path) -> None:
    """Every command of the README in order, in a shell, with real output of collector and sshd; only what a person fills
    in is put in: the ledger's and the list's row, the letter, the login, an id."""
    with Farm(tmp_path / "farm", make_specs(1, first="127.77.10.1")) as farm:
        first_hour(tmp_path, farm)


def first_hour(tmp_path: Path, farm: Farm) -> None:
    lines = [
        line for block in blocks(PROJECT / "README.md")[1:] for line in block.splitlines() if not line.startswith(". ")
    ]
    script = (
        "\n".join(lines)
        .replace("~/shi", "shi")
        .replace(
            "xunyan ledger import",
            "echo 'host:web01,教育局,,外网,,2025-03-01,,,' >> 终端台账.csv; xunyan ledger import",
        )
    )
    script = script.replace(
        "xunyan show 3f2a", 'xunyan show "$(xunyan findings --all --format csv | sed -n 2p | cut -d, -f1)"'
    )
    script = script.replace(
        "xunyan decide 3f2a",
        'xunyan decide "$(xunyan findings --status needs-person --format csv | sed -n 2p | cut -d, -f1)"',
    )
    script = script.replace(
        "xunyan ingest web01-2", "cp web01.captures.jsonl web01-2.captures.jsonl; xunyan ingest web01-2"
    )
    key = tmp_path / "key"
    key.write_text(farm.client_key, "utf-8")
    key.chmod(0o600)
    host = farm.hosts[0]
    address = host.spec.address
    filled = FILLED.replace("$letter", "inventory/authorisations/教育局.toml").replace("ADDRESS", address)
    filled = filled.replace("PORT", str(host.port)).replace("USER", farm.user).replace("KEY", str(key))
    script = script.replace("教育局.toml\n", f"教育局.toml\n{filled}").replace(
        "check 10.1.2.3", f"check {address}:{host.port}"
    )
    script = script.replace(
        "xunyan endpoints import",
        f"echo 'host:pc1,教育局,,外网,{address},{host.port}' >> 终端.csv; xunyan endpoints import",
    )
    script = script.replace(
        "xunyan scan", 'sed -i \'s/name = "default"/name = "外网"/\' inventory/authorisations/*.toml; xunyan scan'
    )
    wrapper = tmp_path / "bin" / "xunyan"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "from console.cli import main; main()" "$@"\n', "utf-8")
    wrapper.chmod(0o755)
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": f"{wrapper.parent}:/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONPATH": str(PROJECT), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "与判定" in done.stdout
    assert "查了 1 台，读到 1 台" in done.stdout
    assert (tmp_path / "shi" / "wenti.csv").exists()


def test_the_page_on_adding_a_check_can_be_followed(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "add-a-check.md").read_text("utf-8")
    for room in (
        "xunyan",
        "inventories",
        "scanners",
        "evidence",
        "controls",
        "reports",
        "console",
        "tests",
        "playbooks",
    ):
        shutil.copytree(PROJECT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    files = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", page, re.DOTALL)
    assert len(files) == 3
    for name, text in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    table = tmp_path / "controls" / "rules" / "__init__.py"
    entry = re.search(r"<!-- table: \S+ -->\n```python\n(.*?)```", page, re.DOTALL)
    assert entry is not None
    text = (
        table.read_text("utf-8")
        .replace("    domestic,\n", "    baseline,\n    domestic,\n", 1)
        .replace("RULES: Mapping[str, Rule] = {\n", "RULES: Mapping[str, Rule] = {\n" + entry[1])
    )
    table.write_text(text, "utf-8")
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/controls", "-k", "no-telnet"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "7 passed" in done.stdout or done.stdout.count(".") >= 7
    style = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "controls"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert style.returncode == 0, style.stdout
    carried = write_jsonl(
        tmp_path / "a.captures.jsonl",
        [
            *host("host:a"),
            {**host("host:a")[0], "source": "listeners", "output": "tcp LISTEN 0 5 0.0.0.0:23 0.0.0.0:*\n"},
        ],
    )
    program = [sys.executable, "-c", "from console.cli import main; main()"]
    subprocess.run([*program, "init", "w"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    subprocess.run(
        [*program, "-C", "w", "ingest", carried, "--at", MOMENT],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
    )
    found = subprocess.run(
        [*program, "-C", "w", "findings", "--control", "baseline/no-telnet"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "开放了端口 23" in found.stdout
