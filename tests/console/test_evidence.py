"""Packing, checking and judging again: a package stands alone, and says the same on every machine."""

import hashlib
import json
import os
import random
import re
import shutil
from pathlib import Path

import msgspec
import pytest

from evidence.package import MANIFEST, Manifest
from tests.making import call, capture, host, write_jsonl, xunyan
from tests.packages import forge, make_estate, members

LETTER = """\
number = "{number}"
units = ["{unit}"]
approver = "张三"
valid_from = 2026-01-01
valid_until = 2099-12-31
methods = ["ssh"]

[[networks]]
name = "外网"
allow = ["192.168.1.0/24"]
"""


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = make_estate(tmp_path_factory.mktemp("estate"))
    letters = workspace / "inventory" / "authorisations"
    (letters / "教育局.toml").write_text(LETTER.format(number="教授1号", unit="教育局"), "utf-8")
    (letters / "卫健委.toml").write_text(LETTER.format(number="卫授1号", unit="卫健委"), "utf-8")
    return workspace


@pytest.fixture(scope="module")
def package(estate: Path) -> Path:
    path = estate.parent / "all.zip"
    assert call("-C", estate, "evidence", "pack", "-o", path).returncode == 0
    return path


def test_packed_checked_and_judged_again(package: Path, tmp_path: Path) -> None:
    """In an empty folder, with nothing but the package."""
    alone = tmp_path / "alone.zip"
    shutil.copyfile(package, alone)
    verified = xunyan("evidence", "verify", alone, cwd=tmp_path)
    assert "结论：内容完整，核对通过；但没有签名，不能证明是谁打的包" in verified.stdout
    assert "范围：全部单位（4 个资产）" in verified.stdout
    assert hashlib.sha256(members(package)[MANIFEST]).hexdigest() in verified.stdout
    replayed = xunyan("evidence", "replay", alone, cwd=tmp_path)
    assert re.search(r"重新判定 16 条，全部相同；程序与判定时相同", replayed.stdout)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone.zip"]


def test_two_packs_of_one_judgement_are_equal_bytes(estate: Path, package: Path, tmp_path: Path) -> None:
    call("-C", estate, "evidence", "pack", "-o", tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == package.read_bytes()


def test_the_same_captures_elsewhere_give_an_equal_manifest(package: Path, estate: Path, tmp_path: Path) -> None:
    """Another path, time zone, locale and umask, and another order in which the captures came in."""
    other = tmp_path / "别处 elsewhere"
    other.mkdir()
    env = {"TZ": "America/St_Johns", "LANG": "C", "LC_ALL": "C", "HOME": str(tmp_path), "PYTHONHASHSEED": "7"}
    workspace = other / "w"
    xunyan("init", workspace, env=env)
    for letter in (estate / "inventory" / "authorisations").glob("*.toml"):
        shutil.copy(
            letter, workspace / "inventory" / "authorisations" / f"renamed-{letter.stat().st_size}-{letter.name}"
        )
    lines = (estate.parent / "estate.captures.jsonl").read_text("utf-8").splitlines()
    random.Random(5).shuffle(lines)
    (other / "shuffled.captures.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    xunyan("-C", workspace, "ingest", other / "shuffled.captures.jsonl", "--no-judge", env=env)
    xunyan("-C", workspace, "judge", "--at", "2026-11-21T08:00:00+08:00", env=env)
    xunyan("-C", workspace, "evidence", "pack", "-o", other / "p.zip", env=env)
    ours, theirs = members(package), members(other / "p.zip")
    assert {name for name in ours if ours[name] != theirs.get(name)} == set()
    assert ours.keys() == theirs.keys()
    replayed = xunyan("evidence", "replay", other / "p.zip", env=env, cwd=tmp_path)
    assert "16 条，全部相同" in replayed.stdout


def test_a_unit_gets_its_own_and_nothing_of_others(estate: Path, tmp_path: Path) -> None:
    path = tmp_path / "unit.zip"
    assert call("-C", estate, "evidence", "pack", "--unit", "教育局", "-o", path).returncode == 0
    found = members(path)
    for name, content in found.items():
        if not name.startswith(("profiles/", "catalogue/")):
            for alien in ("卫健委", "ws01", "ws02", "卫授1号"):
                assert alien.encode() not in content, name
                assert json.dumps(alien).strip('"').encode() not in content, name
    both = tmp_path / "w"
    shutil.copytree(estate, both)
    shared = LETTER.format(number="共授1号", unit="教育局").replace('["教育局"]', '["教育局", "卫健委"]')
    (both / "inventory" / "authorisations" / "共.toml").write_text(shared, "utf-8")
    assert call("-C", both, "evidence", "pack", "--unit", "教育局", "-o", tmp_path / "both.zip").returncode == 0
    told = members(tmp_path / "both.zip")["authorisations/withheld.jsonl"].decode()
    assert json.loads(told)["sha256"] == hashlib.sha256(shared.encode()).hexdigest()
    assert "卫健委" not in told
    assert "教授1号".encode() in found["authorisations/0001.toml"]
    assert json.loads(found[MANIFEST])["assets"] == 2
    assert "8 条，全部相同" in xunyan("evidence", "replay", path).stdout


def test_a_run_packs_the_assets_that_it_heard(estate: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    shutil.copytree(estate, workspace)
    file = write_jsonl(tmp_path / "more.captures.jsonl", host("host:later", address="192.168.1.99", unit="水利局"))
    assert call("-C", workspace, "ingest", file, "--at", "2026-11-21T09:00:00+08:00").returncode == 0
    path = tmp_path / "run.zip"
    assert call("-C", workspace, "evidence", "pack", "--run", "2", "-o", path).returncode == 0
    assert json.loads(members(path)[MANIFEST])["assets"] == 1
    assert "4 条，全部相同" in xunyan("evidence", "replay", path).stdout


def test_what_came_after_the_judgement_asks_for_another(estate: Path, package: Path, tmp_path: Path) -> None:
    """Identities may be known otherwise since, so an older judgement is not packed with them."""
    workspace = tmp_path / "w"
    shutil.copytree(estate, workspace)
    again = call("-C", workspace, "ingest", estate.parent / "estate.captures.jsonl", "--no-judge")
    assert again.returncode == 0
    assert call("-C", workspace, "evidence", "pack", "-o", tmp_path / "same.zip").returncode == 0
    assert (tmp_path / "same.zip").read_bytes() == package.read_bytes()  # nothing of it was new
    line = capture("host:jy01", "uname", "Linux later\n", address="192.168.1.10")
    file = write_jsonl(tmp_path / "more.captures.jsonl", [line])
    assert call("-C", workspace, "ingest", file, "--no-judge").returncode == 0
    done = call("-C", workspace, "evidence", "pack", "-o", tmp_path / "p.zip")
    assert done.returncode == 2
    assert "先运行 xunyan judge" in done.stderr
    assert call("-C", workspace, "judge", "--at", "2026-11-21T09:00:00+08:00").returncode == 0
    assert call("-C", workspace, "evidence", "pack", "-o", tmp_path / "p.zip").returncode == 0
    assert "16 条，全部相同" in xunyan("evidence", "replay", tmp_path / "p.zip").stdout


def test_a_long_answer_of_control_characters_is_packed_and_checked(tmp_path: Path) -> None:
    """A byte of it takes six in JSON."""
    call("init", tmp_path / "w")
    lines = host("host:long", address="192.168.1.9")
    lines.append(capture("host:long", "uname", "\x01" * 4_000_000, address="192.168.1.9"))
    file = write_jsonl(tmp_path / "long.captures.jsonl", lines)
    assert call("-C", tmp_path / "w", "ingest", file, "--at", "2026-11-21T08:00:00+08:00").returncode == 0
    assert call("-C", tmp_path / "w", "evidence", "pack", "-o", tmp_path / "p.zip").returncode == 0
    assert call("evidence", "verify", tmp_path / "p.zip").returncode == 0
    assert call("evidence", "replay", tmp_path / "p.zip").returncode == 0


def test_a_file_of_somebody_is_not_written_over(estate: Path, package: Path, tmp_path: Path) -> None:
    mine = tmp_path / "ledger.xlsx"
    mine.write_bytes(b"PK\x03\x04 rows")
    done = call("-C", estate, "evidence", "pack", "-o", mine)
    assert done.returncode == 2
    assert "没有动它" in done.stderr
    assert mine.read_bytes() == b"PK\x03\x04 rows"
    shutil.copyfile(package, tmp_path / "old.zip")
    assert call("-C", estate, "evidence", "pack", "--unit", "教育局", "-o", tmp_path / "old.zip").returncode == 0
    assert (tmp_path / "old.zip").read_bytes() != package.read_bytes()


@pytest.mark.parametrize("verb", ["verify", "replay"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, verb: str) -> None:
    os.mkfifo(tmp_path / "p.zip")
    done = xunyan("evidence", verb, tmp_path / "p.zip", check=False)
    assert done.returncode == 2
    assert "不是文件" in done.stderr


def test_nothing_to_pack_is_said(tmp_path: Path) -> None:
    call("init", tmp_path / "w")
    done = call("-C", tmp_path / "w", "evidence", "pack", "-o", tmp_path / "p.zip")
    assert done.returncode == 2
    assert "还没有判定过" in done.stderr
    assert not (tmp_path / "p.zip").exists()


def test_a_changed_profile_asks_for_a_new_judgement(estate: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    shutil.copytree(estate, workspace)
    settings = (workspace / "xunyan.toml").read_text("utf-8")
    (workspace / "xunyan.toml").write_text(settings.replace('"general"', '"fourth-division"'), "utf-8")
    done = call("-C", workspace, "evidence", "pack", "-o", tmp_path / "p.zip")
    assert done.returncode == 2
    assert "先运行 xunyan judge" in done.stderr
    assert call("-C", workspace, "judge").returncode == 0
    assert call("-C", workspace, "evidence", "pack", "-o", tmp_path / "p.zip").returncode == 0
    assert "全部相同" in xunyan("evidence", "replay", tmp_path / "p.zip").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pack", "-o", "."), "不能写到这里"),
        (("pack", "-o", "no/such/folder/p.zip"), "不能写到这里"),
        (("pack", "-o", "p.zip", "--unit", "没有的单位"), "没有单位"),
        (("pack", "-o", "p.zip", "--run", "99"), "没有批次 99"),
        (("pack", "-o", "p.zip", "--run", "1", "--unit", "教育局"), "只能选一个"),
        (("pack", "-o", "p.zip", "--sm2-key", "k"), "--key"),
        (("verify", "no-such.zip"), "打不开"),
        (("verify", "."), "打不开"),
    ],
)
def test_wrong_use_is_said_in_words(estate: Path, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = xunyan("-C", estate, "evidence", *arguments, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def names(line: str, name: str) -> bool:
    """Tell whether a line of `verify` names a file, or what one flipped byte has made of its name."""
    said = line.split("  ", 1)[1].split(": ", maxsplit=1)[0]
    return name in line or (len(said) == len(name) and sum(a != b for a, b in zip(said, name, strict=True)) == 1)


def test_five_hundred_flipped_bytes_are_all_caught(package: Path, tmp_path: Path) -> None:
    whole = package.read_bytes()
    dice = random.Random(20261121)
    path = tmp_path / "flipped.zip"
    inside = set(members(package))
    named = 0
    for _ in range(500):
        changed = bytearray(whole)
        changed[dice.randrange(len(whole))] ^= dice.randrange(1, 256)
        path.write_bytes(changed)
        done = call("evidence", "verify", path)
        assert done.returncode == 4, done.stdout
        assert "Traceback" not in done.stderr
        wrong = [line for line in done.stdout.splitlines() if line.startswith("不对")]
        assert wrong
        assert all(any(names(line, name) for name in inside | {path.name}) for line in wrong), done.stdout
        named += any(names(line, name) for name in inside for line in wrong)
    assert named > 400  # the others are in the directory at the end, which is the archive's own


def test_a_package_of_another_program_is_judged_with_ours_and_each_difference_is_named(
    package: Path, tmp_path: Path
) -> None:
    path = tmp_path / "old.zip"
    shutil.copyfile(package, path)

    def older(found: dict[str, bytes]) -> None:
        lines = found["verdicts.jsonl"].splitlines(keepends=True)
        changed = [line.replace(b'"status":"satisfied"', b'"status":"needs-person"') for line in lines]
        found["verdicts.jsonl"] = b"".join(changed)
        found["findings.jsonl"] = found["findings.jsonl"].replace(b'"status": "satisfied"', b'"status": "needs-person"')

    before = json.loads(members(package)[MANIFEST])["counts"]
    counts = {"needs-person": before["needs-person"] + before["satisfied"], "not-satisfied": before["not-satisfied"]}

    def told(manifest: Manifest) -> Manifest:
        return msgspec.structs.replace(manifest, judge="0" * 64, version="0.0.9", counts=counts)

    forge(path, older, told)
    assert "核对通过" in xunyan("evidence", "verify", path).stdout
    done = xunyan("evidence", "replay", path, check=False)
    assert done.returncode == 4
    assert done.stdout.count("不同  ") == before["satisfied"]
    assert "包里 needs-person" in done.stdout
    assert "要完全一致请用 0.0.9 版" in done.stdout
