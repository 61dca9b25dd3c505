"""Packages of somebody who means harm: each is refused with the reason, nothing is written outside, nothing takes long."""

import hashlib
import json
import os
import resource
import shutil
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from controls.loader import inputs_digest, load_catalogue, load_evaluated, load_profile
from evidence.archive import COMMENT, LABEL
from evidence.package import MANIFEST, Manifest
from tests.making import PROJECT, call, capture, write_jsonl
from tests.packages import Members, entry, forge, make_estate, members, replaced, sealed

CAPTURES = "captures/000001.captures.jsonl"
SECONDS = 20.0
MEMORY = 400 << 20


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    workspace = make_estate(folder)
    assert call("-C", workspace, "evidence", "pack", "-o", folder / "p.zip").returncode == 0
    return folder / "p.zip"


@pytest.fixture
def copy(package: Path, tmp_path: Path) -> Path:
    shutil.copyfile(package, tmp_path / "p.zip")
    return tmp_path / "p.zip"


def run(verb: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run a verb in a process with little memory, in an empty folder, with a temporary folder of its own."""
    own = path.parent / f"{verb}-here"
    temporary = path.parent / f"{verb}-tmp"
    for folder in (own, temporary):
        folder.mkdir()
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", "from console.cli import main; main()", "evidence", verb, str(path)],
        cwd=own, env=os.environ | {"TMPDIR": str(temporary), "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True,
        check=False, timeout=60, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY)),
    )  # fmt: skip
    assert time.monotonic() - begun < SECONDS
    assert list(own.iterdir()) == list(temporary.iterdir()) == []
    assert "Traceback" not in done.stderr, done.stderr
    return done


def refused(path: Path, said: str, verbs: tuple[str, ...] = ("verify", "replay")) -> None:
    before = {one: one.stat().st_mtime_ns for one in path.parent.iterdir()}
    for verb in verbs:
        done = run(verb, path)
        assert done.returncode == 4, f"{verb}: {done.stdout}{done.stderr}"
        assert said in done.stdout, f"{verb}: {done.stdout}"
    after = {one: one.stat().st_mtime_ns for one in path.parent.iterdir() if one in before}
    assert before == after


def drop(name: str) -> Callable[[Members], None]:
    def change(found: Members) -> None:
        del found[name]

    return change


def keep(found: Members) -> None:
    """Change nothing but what the manifest says."""
    assert found


def put(name: str, content: bytes) -> Callable[[Members], None]:
    def change(found: Members) -> None:
        found[name] = content

    return change


def with_entry(path: Path, info: zipfile.ZipInfo, content: bytes = b"x") -> None:
    """Add an entry that our writer would never make."""
    found = members(path)

    def make(archive: zipfile.ZipFile) -> None:
        for name, data in found.items():
            archive.writestr(entry(name), data)
        archive.writestr(info, content)

    path.write_bytes(sealed(make))


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "a\\..\\evil"])
def test_a_path_that_leads_outside(copy: Path, name: str) -> None:
    info = entry("placeholder")
    info.filename = name
    with_entry(copy, info)
    refused(copy, "文件名不允许")


def test_a_link(copy: Path) -> None:
    with_entry(copy, entry("link", 0o120777), b"/etc/passwd")
    refused(copy, "不是普通文件")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_twice(copy: Path) -> None:
    with_entry(copy, entry("verdicts.jsonl"), b"")
    refused(copy, "文件名重复")


@pytest.mark.parametrize(
    "name", ["verdicts\u200b.jsonl", "v\u0435rdicts.jsonl", "cafe\u0301.json", "caf\u00e9.json", "ｖerdicts.jsonl"]
)
def test_names_that_differ_only_by_how_they_are_written(copy: Path, name: str) -> None:
    info = entry("placeholder")
    info.filename = name
    with_entry(copy, info)
    refused(copy, "文件名不允许")


def test_a_bomb_in_place_of_the_manifest(copy: Path, tmp_path: Path) -> None:
    zeros = tmp_path / "zeros"
    zeros.touch()
    os.truncate(zeros, 1 << 30)
    found = members(copy)

    def make(archive: zipfile.ZipFile) -> None:
        with archive.open(entry(MANIFEST, file_size=1 << 30), "w") as into, zeros.open("rb") as source:
            shutil.copyfileobj(source, into, 1 << 20)
        for name, data in found.items():
            if name != MANIFEST:
                archive.writestr(entry(name), data)

    copy.write_bytes(sealed(make))
    zeros.unlink()
    refused(copy, "超过")


def test_a_bomb_in_place_of_the_originals(copy: Path) -> None:
    def change(found: Members) -> None:
        found[CAPTURES] = b"\0" * (300 << 20)

    forge(copy, change)
    refused(copy, "过长")


def test_sizes_that_are_not_true(copy: Path) -> None:
    def lie(manifest: Manifest) -> Manifest:
        files = tuple(msgspec.structs.replace(one, size=one.size + 1) for one in manifest.files)
        return msgspec.structs.replace(manifest, files=files)

    forge(copy, keep, lie)
    refused(copy, "与清单的摘要不符")


def test_a_changed_byte_without_its_digests(copy: Path) -> None:
    forge(copy, replaced("findings.jsonl", b"not-satisfied", b"satisfied    "), honest=False)
    refused(copy, "findings.jsonl: 内容与清单的摘要不符")


def test_swapped_captures(copy: Path) -> None:
    """The bodies of two hosts change places, and every list fits again: each original still knows what it was."""

    def change(found: Members) -> None:
        lines = [json.loads(line) for line in found[CAPTURES].splitlines()]
        first, second = (
            next(one for one in lines if one["asset"] == name and one["source"] == "cpuinfo")
            for name in ("host:jy01", "host:jy02")
        )
        first["output"], second["output"] = second["output"], first["output"]
        found[CAPTURES] = b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in lines)

    forge(copy, change)
    refused(copy, "不是封存时的原样")


def test_a_capture_that_stands_twice(copy: Path) -> None:
    def change(found: Members) -> None:
        found[CAPTURES] += found[CAPTURES].splitlines(keepends=True)[0]

    forge(copy, change, lambda made: msgspec.structs.replace(made, captures=made.captures + 1))
    refused(copy, "重复")


def test_verdicts_of_another_estate(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = make_estate(tmp_path / "other")
    file = write_jsonl(
        tmp_path / "more.captures.jsonl",
        [capture("host:jy01", "cpuinfo", "model name\t: Phytium,D2000/8\n", taken_at="2026-11-20T09:00:00+08:00")],
    )
    assert call("-C", other, "ingest", file, "--at", "2026-11-21T08:30:00+08:00").returncode == 0
    assert call("-C", other, "evidence", "pack", "-o", tmp_path / "other.zip").returncode == 0
    alien = members(tmp_path / "other.zip")["verdicts.jsonl"]
    shutil.rmtree(other)
    counts = json.loads(members(tmp_path / "other.zip")[MANIFEST])["counts"]
    (tmp_path / "other.zip").unlink()
    forge(copy, put("verdicts.jsonl", alien), lambda made: msgspec.structs.replace(made, counts=counts))
    refused(copy, "引用的采集不在包里")


def test_a_verdict_that_was_turned(copy: Path) -> None:
    """All lists fit; that it was never judged so shows when it is judged again."""
    counts = json.loads(members(copy)[MANIFEST])["counts"]
    counts = {"needs-person": counts["needs-person"], "satisfied": counts["satisfied"] + counts["not-satisfied"]}

    def change(found: Members) -> None:
        found["verdicts.jsonl"] = found["verdicts.jsonl"].replace(b'"not-satisfied"', b'"satisfied"')
        found["findings.jsonl"] = found["findings.jsonl"].replace(b'"not-satisfied"', b'"satisfied"')

    forge(copy, change, lambda made: msgspec.structs.replace(made, counts=counts))
    assert run("verify", copy).returncode == 0
    refused_by_replay = run("replay", copy)
    assert refused_by_replay.returncode == 4
    assert "不同  " in refused_by_replay.stdout


def test_verdicts_that_are_fewer(copy: Path) -> None:
    def change(found: Members) -> None:
        found["verdicts.jsonl"] = b"".join(found["verdicts.jsonl"].splitlines(keepends=True)[1:])

    forge(copy, change)
    refused(copy, "判定数与清单不符")


def test_a_changed_catalogue(copy: Path) -> None:
    forge(copy, replaced("catalogue/domestic/cpu.toml", b'"phytium"', b'"intel", "phytium"'))
    refused(copy, "不是判定时用的那份")


def reseal(copy: Path, change: Callable[[Members], None], tmp_path: Path) -> None:
    """Change what was judged by, and the digest of it too."""
    forge(copy, change)
    folder = tmp_path / "inputs"
    for name, data in members(copy).items():
        if name.startswith(("catalogue/", "profiles/", "evaluated")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    digest = inputs_digest(
        load_catalogue(folder / "catalogue"), load_profile("general", folder / "profiles"),
        load_evaluated(folder / "evaluated_products.toml"),
    )  # fmt: skip
    shutil.rmtree(folder)
    forge(copy, keep, lambda made: msgspec.structs.replace(made, inputs=digest))


def test_a_changed_catalogue_that_is_owned_up_to(copy: Path, tmp_path: Path) -> None:
    reseal(copy, replaced("catalogue/domestic/cpu.toml", b'"phytium"', b'"intel", "phytium"'), tmp_path)
    assert run("verify", copy).returncode == 0
    done = run("replay", copy)
    assert done.returncode in (0, 4)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)*b", "([a-z]+)*#", ".*.*.*.*#"])
def test_a_pattern_that_would_match_for_ever(copy: Path, pattern: str) -> None:
    forge(copy, replaced("catalogue/ipv6/endpoint-address.toml", b"'docker.*'", f"'{pattern}'".encode()))
    done = run("replay", copy)
    assert done.returncode in (1, 4)
    assert "结论：重新判定" not in done.stdout


@pytest.mark.parametrize("parent", ["../../../../etc/hostname", "/etc/hostname", "x/../y", "..", "a" * 5000])
def test_a_profile_whose_parent_is_elsewhere(copy: Path, parent: str) -> None:
    forge(copy, replaced("profiles/general.toml", b"[profile]", f'[profile]\nparent = "{parent}"'.encode()))
    done = run("verify", copy)
    assert "etc" not in done.stdout.replace("etc/hostname", "")
    assert run("replay", copy).returncode in (1, 4)


@pytest.mark.parametrize("name", [MANIFEST, "SHA256SUMS", "signatures/statement.json"])
def test_a_manifest_that_lists_itself(copy: Path, name: str) -> None:
    def lists(manifest: Manifest) -> Manifest:
        return msgspec.structs.replace(
            manifest, files=(*manifest.files, msgspec.structs.replace(manifest.files[0], path=name))
        )

    forge(copy, keep, lists)
    refused(copy, "不该列的")


def test_a_file_listed_twice(copy: Path) -> None:
    forge(copy, keep, lambda made: msgspec.structs.replace(made, files=(*made.files, made.files[0])))
    refused(copy, "重复列出")


def test_a_file_that_is_not_listed(copy: Path) -> None:
    forge(copy, put("extra.html", b"<script>"), honest=False)
    refused(copy, "包里有，清单里没有")


def test_a_file_that_is_listed_and_not_there(copy: Path) -> None:
    forge(copy, drop("findings.jsonl"), honest=False)
    refused(copy, "清单里有，包里没有")


def test_a_part_that_is_missing(copy: Path) -> None:
    forge(copy, drop("decisions.jsonl"))
    refused(copy, "缺少这个文件")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"schema":' * 5000, b'{"schema":"xunyan.package/9"}\n',
    ],
)  # fmt: skip
def test_a_manifest_that_is_none(copy: Path, data: bytes) -> None:
    forge(copy, put(MANIFEST, data), honest=False)
    refused(copy, "不是可用的清单")


def test_a_manifest_in_another_form(copy: Path) -> None:
    """Readers differ in which of two equal keys they take, so there is one form and no other."""
    forge(copy, replaced(MANIFEST, b'"assets":4,', b'"assets":9,"assets":4,'), honest=False)
    refused(copy, "不是可用的清单")


@pytest.mark.parametrize(
    "line", [b"[" * 200_000 + b"\n", b'{"schema":"xunyan.capture/1"}\n', b"\xff\xff\n", b"\n", b"{}"]
)
def test_originals_that_are_none(copy: Path, line: bytes) -> None:
    def change(found: Members) -> None:
        found[CAPTURES] += line

    forge(copy, change)
    refused(copy, "不是封存时的原样")


@pytest.mark.parametrize(
    "moment", ["", "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-11-21"]
)
def test_a_moment_that_cannot_be(copy: Path, moment: str) -> None:
    forge(copy, keep, lambda made: msgspec.structs.replace(made, judged_at=moment))
    assert run("verify", copy).returncode in (0, 4)
    assert run("replay", copy).returncode in (1, 4)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}\n", b'{"event":"merged","asset":"a0","other":"a1"}\n', b"\xff\n", b'{"event":"keys","asset":"zz","keys":[["serial","1"]]}\n',
    ],
)  # fmt: skip
def test_identities_that_do_not_fit(copy: Path, data: bytes) -> None:
    forge(copy, put("identities.jsonl", data))
    refused(copy, "")


def test_findings_that_were_turned(copy: Path) -> None:
    forge(copy, replaced("findings.jsonl", b'"status": "not-satisfied"', b'"status": "satisfied"'))
    refused(copy, "findings.jsonl: 第")


@pytest.mark.parametrize("evidence", ["5", "null", '[{"capture":[]}]', "[5]", '{"a":1}'])
def test_a_verdict_whose_evidence_is_none(copy: Path, evidence: str) -> None:
    def change(found: Members) -> None:
        verdict = json.loads(found["verdicts.jsonl"].splitlines()[0]) | {"evidence": json.loads(evidence)}
        rest = found["verdicts.jsonl"].splitlines(keepends=True)[1:]
        found["verdicts.jsonl"] = json.dumps(verdict).encode() + b"\n" + b"".join(rest)

    forge(copy, change)
    refused(copy, "verdicts.jsonl: 第 1 行读不出")


@pytest.mark.parametrize(
    "toml",
    [
        b"a=" + b"[" * 100_000, b"a=" + b"9" * 5000, b"\xff\xfe", b"x = nan", b'[profile]\nid = "g"\nincludes = ["general"]',
        b".".join([b"a"] * 100_000) + b"=1",
    ],
    ids=["deep", "digits", "bytes", "nan", "round", "dots"],
)  # fmt: skip
def test_toml_that_is_none(copy: Path, toml: bytes) -> None:
    forge(copy, put("profiles/general.toml", toml))
    assert run("verify", copy).returncode == 4
    assert run("replay", copy).returncode == 4


def test_parents_without_end(copy: Path) -> None:
    """Each read once, however often it is named."""
    names = ", ".join(['"corps"'] * 5000)

    def change(found: Members) -> None:
        text = found["profiles/general.toml"].decode()
        head, mark, rest = text.partition("includes = [")
        found["profiles/general.toml"] = f"{head}{mark}{names}, {rest}".encode()
        assert mark

    forge(copy, change)
    assert run("verify", copy).returncode == 4  # in another order they are other inputs


@pytest.mark.parametrize(
    "name",
    ["payload.exe", "captures/000002.captures.jsonl", "signatures/s1", "catalogue/x.toml", "authorisations/a.toml"],
)
def test_a_file_that_has_no_place(copy: Path, name: str) -> None:
    forge(copy, put(name, b"x"))
    refused(copy, "该有的文件")


def test_a_folder_in_place_of_a_file(copy: Path) -> None:
    forge(copy, put("evaluated_products.toml/c", b"x"), honest=False)
    refused(copy, "文件名重复")


def test_a_letter_that_is_none(copy: Path) -> None:
    forge(copy, put("authorisations/0001.toml", b'number = "1"\n'))
    refused(copy, "不是授权书")


def test_coverage_that_is_none(copy: Path) -> None:
    forge(copy, put("coverage.jsonl", b"\xff\xfe\n"))
    refused(copy, "coverage.jsonl: 第 1 行读不出")


def test_garbage_where_a_control_was(copy: Path) -> None:
    """The very program that judged can read what it judged by."""
    forge(copy, put("catalogue/domestic/cpu.toml", b"garbage"))
    refused(copy, "本版本读不懂")


def test_bytes_hidden_behind_the_end_of_a_stream(copy: Path) -> None:
    """Inside an entry, where other readers stop looking."""
    whole = copy.read_bytes()
    found = members(copy)
    hidden = b"hidden" * 1000

    def make(archive: zipfile.ZipFile) -> None:
        for name, data in found.items():
            archive.writestr(entry(name), data)

    plain = sealed(make)
    assert len(plain) == len(whole)
    with zipfile.ZipFile(copy) as archive:
        last = archive.infolist()[-1]
        at = last.header_offset + 30 + len(last.filename) + last.compress_size
        directory = archive.start_dir
    longer = bytearray(whole[:at] + hidden + whole[at:])
    size = struct.pack("<L", last.compress_size + len(hidden))
    longer[last.header_offset + 18 : last.header_offset + 22] = size
    central = longer.rindex(last.filename.encode(), 0, len(longer)) - 46
    longer[central + 20 : central + 24] = size
    end = len(longer) - COMMENT - 22
    longer[end + 16 : end + 20] = struct.pack("<L", directory + len(hidden))
    copy.write_bytes(bytes(longer[:-64]) + hashlib.sha256(longer[:-64]).hexdigest().encode())
    refused(copy, "内容损坏")


def test_a_truncated_archive(copy: Path) -> None:
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])
    refused(copy, "被截断")


def test_ten_million_entries(copy: Path) -> None:
    entries = 10_000_000
    directory = entries * 47
    with copy.open("wb") as file:
        file.truncate(directory)
        file.seek(directory)
        file.write(
            struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries & 0xFFFF, entries & 0xFFFF, directory, 0, COMMENT)
        )
        file.write(LABEL + b"0" * 64)
    refused(copy, "条目过多")
    copy.unlink()


def test_data_between_the_entries(copy: Path) -> None:
    whole = copy.read_bytes()
    copy.write_bytes(b"MZ hidden" + whole)
    refused(copy, "")


def test_names_in_what_is_said_are_harmless(copy: Path) -> None:
    forge(
        copy,
        keep,
        lambda made: msgspec.structs.replace(made, version="\x1b[2J0.9\u202e", counts={**made.counts}),
    )
    done = run("replay", copy)
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
