"""`xunyan keys`: made, listed, handed out; and its passphrase is in no argument, environment, file or screen."""

import io
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from evidence.keys import Kind, read_public
from tests.console.scan_watching import Search, Watcher
from tests.evidence.authority import needs_openssl
from tests.making import PROJECT, records, xunyan

WORD = {"WORD": "correct-horse-battery"}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    xunyan("init", tmp_path / "w")
    return tmp_path / "w"


@needs_openssl
def test_keys_are_made_listed_and_handed_out(workspace: Path) -> None:
    assert "没有签名密钥" in xunyan("-C", workspace, "keys", "list").stdout
    said = xunyan("-C", workspace, "keys", "new", "信息中心", "--passphrase", "env:WORD", env=WORD).stdout
    second = ("国密 甲", "--kind", "sm2", "--passphrase", "env:WORD")
    assert "-o '国密 甲.pub.pem'" in xunyan("-C", workspace, "keys", "new", *second, env=WORD).stdout
    rows = records("-C", workspace, "keys", "list")
    assert [(row["name"], row["kind"], row["private"]) for row in rows] == [
        ("信息中心", "ed25519", True), ("国密 甲", "sm2", True)
    ]  # fmt: skip
    assert f"公钥指纹：{rows[0]['fingerprint']}" in said
    for row in rows:
        out = xunyan("-C", workspace, "keys", "export", row["name"]).stdout
        assert read_public(out.encode(), "").id == row["fingerprint"]
        told = xunyan("-C", workspace, "keys", "export", row["name"], "-o", workspace / "out.pem").stdout
        assert row["fingerprint"] in told
        assert (workspace / "out.pem").read_text("ascii") == out
    (workspace / "keys" / "信息中心.key.pem").chmod(0o644)
    wide = {"COLUMNS": "200"}
    assert "chmod 600" in xunyan("-C", workspace, "keys", "list", env=wide).stdout
    assert [row["private"] for row in records("-C", workspace, "keys", "list")] == [False, True]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new", "a", "--passphrase", "env:NOWHERE"], "环境变量 NOWHERE 没有设置"),
        (["new", "a", "--passphrase", "correct-horse"], "这里应写密码的来处"),
        (["new", "a", "--passphrase", "env:SHORT"], "口令应为 8 个字符以上"),
        (["new", "a"], "没有终端"),
        (["new", "../a", "--passphrase", "env:WORD"], "不能用作密钥名称"),
        (["new", "a", "--kind", "rsa", "--passphrase", "env:WORD"], "rsa"),
        (["export", "a"], "没有密钥“a”"),
        (["export", "a\x1b[31m"], "没有密钥“a\\x1b[31m”"),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(workspace: Path, arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from console.cli import main; main()", "-C", workspace, "keys", *arguments],
        env={**os.environ, **WORD, "SHORT": "1234567"}, capture_output=True, text=True, check=False, cwd=PROJECT,
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "怎么办" in done.stderr
    assert "correct-horse" not in done.stderr
    assert not (workspace / "keys").exists()


def test_a_key_is_not_replaced_and_none_is_written_into_a_folder(workspace: Path) -> None:
    new = ("-C", workspace, "keys", "new", "a", "--passphrase", "env:WORD")
    xunyan(*new, env=WORD)
    before = (workspace / "keys" / "a.key.pem").read_bytes()
    again = xunyan(*new, env=WORD, check=False)
    assert again.returncode == 2
    assert "已有名为“a”的密钥" in again.stderr
    assert (workspace / "keys" / "a.key.pem").read_bytes() == before
    for place in (workspace, workspace / "no" / "x.pem"):
        refused = xunyan("-C", workspace, "keys", "export", "a", "-o", place, check=False)
        assert refused.returncode == 2
        assert "怎么办" in refused.stderr
    english = xunyan("--lang", "en", "-C", workspace, "keys", "export", "b", check=False)
    assert "there are: a" in english.stderr


def test_on_a_terminal_the_passphrase_is_asked_for_twice_and_not_shown(workspace: Path) -> None:
    def answer(first: str, second: str) -> tuple[int | None, str]:
        child = pexpect.spawn(
            sys.executable, ["-c", "from console.cli import main; main()", "-C", str(workspace), "keys", "new", "a"],
            cwd=str(PROJECT), encoding="utf-8", timeout=60, dimensions=(40, 200),
        )  # fmt: skip
        screen = io.StringIO()
        child.logfile_read = screen
        child.expect("新密钥的口令：")
        child.waitnoecho(5)
        child.sendline(first)
        child.expect("再输一次：")
        child.waitnoecho(5)
        child.sendline(second)
        child.expect(pexpect.EOF)
        child.close()
        return child.exitstatus, screen.getvalue()

    code, screen = answer("correct-horse-battery", "correct-horse-batterx")
    assert (code, (workspace / "keys").exists()) == (2, False)
    assert "两次输入的口令不同" in screen
    code, screen = answer("correct-horse-battery", "correct-horse-battery")
    assert code == 0
    assert "correct" not in screen
    assert "公钥指纹" in screen


SIGN = """
import sys
from pathlib import Path
from evidence.keys import Keys
for name in ("one", "two"):
    key = Keys(Path(sys.argv[1])).open(name, sys.stdin.readline().rstrip("\\n"))
    for number in range(4):
        print(key.public.kind, len(key.sign(b"statement")) > 60)
"""


@needs_openssl
def test_a_canary_passphrase_is_found_nowhere(workspace: Path, tmp_path: Path) -> None:
    """While keys are made and while they sign: only the variable that a person set holds it, and the process that read it."""
    canary = f"Kanari/{secrets.token_hex(9)}+?~ word"
    search = Search({"word": canary.encode()})
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "CANARY": canary}
    said = b""
    programs: set[str] = set()
    for name, kind in (("one", Kind.ED25519), ("two", Kind.SM2)):
        process = subprocess.Popen(
            [sys.executable, "-c", "from console.cli import main; main()", "-C", workspace, "keys", "new", name,
             "--kind", kind.value, "--passphrase", "env:CANARY"],
            env=environment, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said += watched(process, canary, tmp_path, programs)
    del environment["CANARY"]
    process = subprocess.Popen(
        [sys.executable, "-c", SIGN, workspace / "keys"],
        env=environment, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said += watched(process, canary, tmp_path, programs, f"{canary}\n{canary}\n".encode())
    assert said.count(b"ed25519 True\n") == said.count(b"sm2 True\n") == 4
    assert search.names(said) == set()
    assert search.below(tmp_path) == {}
    assert list((tmp_path / "tmp").iterdir()) == []
    assert any("openssl pkeyutl -sign" in program and "-passin fd:" in program for program in programs)
    assert json.loads(xunyan("-C", workspace, "keys", "list", "--format", "jsonl").stdout.splitlines()[0])["private"]


def watched(
    process: "subprocess.Popen[bytes]", canary: str, place: Path, programs: set[str], given: bytes | None = None
) -> bytes:
    """Run it to its end under a watcher that must see no secret; gives what it said."""
    watcher = Watcher(process.pid, {"word": canary.encode()}, [place])
    watcher.start()
    said, _ = process.communicate(given, timeout=60)
    watcher.stop()
    assert process.returncode == 0, said
    assert watcher.found == set()
    programs |= watcher.programs
    return said
