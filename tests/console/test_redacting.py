"""Nothing that a network device keeps secret is sealed, whichever way it comes; the key of the marks stays where it is."""

import base64
import json
import stat
import threading
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.collecting import as_printed, labeller, settle
from console.redacting import FILE, Redactor, redacted
from evidence.captures import BODY_LIMIT, read_line, seal, seal_gap, write_line
from lab.devices.secret import secrets_of
from scanners.platforms.devices import VENDORS
from scanners.transports.carrying import Answer
from tests.console.refusing import refused
from tests.making import JUDGED_AT, call, capture, kept, write_jsonl, xunyan
from tests.scanners.platforms.devices.simulating import answers, device
from xunyan.errors import InputError
from xunyan.model import Capture, Envelope, Gap, GapReason
from xunyan.permits import Target

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
EVERY = sorted(VENDORS)
CONFIGURATION = "display current-configuration"
TEXT = "#\n sysname R1\n super password cipher Abc123\nreturn\n"


def sealed(body: bytes, platform: str = "huawei_vrp", kind: str = "device", source: str = CONFIGURATION) -> Capture:
    envelope = Envelope("device:r1", kind, platform, "", "", "外网", "", source, source, NOON, "")
    return seal(envelope, body, exit_code=0)


def line(output: str, asset: str = "device:r1", platform: str = "huawei_vrp") -> dict[str, object]:
    return capture(asset, CONFIGURATION, output, kind="device", platform=platform)


def stored(workspace: Path) -> bytes:
    """Everything that a workspace holds, but the key."""
    return b"".join(path.read_bytes() for path in sorted(workspace.rglob("*")) if path.is_file() and path.name != FILE)


@pytest.mark.parametrize("platform", EVERY)
def test_what_a_live_read_brings(platform: str, tmp_path: Path) -> None:
    target = Target("device:r1", "外网", "192.0.2.1", platform=platform)
    label = labeller(target, 1, address="192.0.2.1", taken_at=NOON, taken_by="ops", vantage="", kind="device")
    told = {source: (text, 0) for source, text in answers(platform).items() if source in VENDORS[platform].commands}
    held = secrets_of(device(platform))
    printed = as_printed(told, {source: source for source in told})
    assert any(secret in text for secret in held for text, _ in told.values())
    ones = [
        one for one in settle(Answer(printed), target, label, Redactor(tmp_path).capture) if isinstance(one, Capture)
    ]
    assert {one.source for one in ones} == set(told)
    assert not [secret for secret in held for one in ones if secret in one.text]
    changed = {one.source: one.redactions for one in ones if one.redactions}
    assert len(changed) == 1
    assert "password" in next(iter(changed.values()))
    for one in ones:
        assert read_line(write_line(one)) == one


def test_what_people_carry(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "in.captures.jsonl", [line(TEXT), line(TEXT, asset="device:r2", platform="nobody")])
    xunyan("init", tmp_path / "w")
    done = xunyan("-C", tmp_path / "w", "ingest", file, "--at", JUDGED_AT)
    assert "采集 2 条" in done.stdout
    assert b"Abc123" not in stored(tmp_path / "w")
    assert b"<redacted:password:" in stored(tmp_path / "w")
    again = xunyan("-C", tmp_path / "w", "ingest", file, "--at", JUDGED_AT)
    assert "已有 2 条" in again.stdout


OTHERWISE: dict[str, dict[str, object]] = {
    "another word for the platform": {"platform": "huawei", "kind": "endpoint", "source": "config"},
    "another word for the kind": {"platform": "x", "kind": "switch", "source": "config"},
    "a platform of hosts": {"platform": "linux", "kind": "endpoint"},
    "a request alone": {"platform": "x", "kind": "endpoint", "source": "x", "request": "dis cur"},
    "another command": {"platform": "cisco_ios", "source": "more system:running-config"},
    "an exit": {"exit": 1},
    "cut": {"truncated": True},
    "marks of before": {"redactions": ["password"]},
}


@pytest.mark.parametrize("name", sorted(OTHERWISE))
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_what_is_called_otherwise(name: str, encoding: str, tmp_path: Path) -> None:
    record = {key: value for key, value in line("x").items() if key != "output"}
    text = TEXT.replace("R1", "核心" if encoding in ("gb18030", "utf-16") else "R1")
    record.update(OTHERWISE[name], output_base64=base64.b64encode(text.encode(encoding)).decode())
    kept_one = Redactor(tmp_path).capture(read_line(json.dumps(record).encode()))
    assert isinstance(kept_one, Capture)
    assert b"Abc123" not in kept_one.body.replace(b"\0", b"")
    assert b"<redacted:password:" in kept_one.body.replace(b"\0", b"")


def test_gaps_and_questions_are_redacted_too(tmp_path: Path) -> None:
    redactor = Redactor(tmp_path)
    own = sealed(b"nothing\n").envelope
    gap = redactor.capture(seal_gap(own, GapReason.UNPARSABLE, "line 7: snmp-agent community read S3cret"))
    assert isinstance(gap, Gap)
    assert gap.detail.startswith("line 7: snmp-agent community read <redacted:snmp-community:")
    assert read_line(write_line(gap)) == gap
    plain = seal_gap(own, GapReason.UNREACHABLE, "password-change")
    assert redactor.capture(plain) is plain
    asked = replace(own, source="x", request="copy ftp://who:S3cret@192.0.2.1/x flash:")
    one = redactor.capture(seal(asked, b"nothing\n", exit_code=0))
    assert isinstance(one, Capture)
    assert "S3cret" not in one.envelope.request
    assert read_line(write_line(one)) == one
    file = tmp_path / "in.captures.jsonl"
    file.write_bytes(write_line(seal_gap(own, GapReason.UNPARSABLE, "snmp-agent community read S3cret")))
    xunyan("init", tmp_path / "w")
    refused(call("-C", tmp_path / "w", "ingest", file), ":1", "detail")
    file.write_bytes(write_line(seal(asked, b"nothing\n", exit_code=0)))
    refused(call("-C", tmp_path / "w", "ingest", file), ":1", "request")


def test_bytes_of_chinese_hide_no_word(tmp_path: Path) -> None:
    body = b" \x81password cipher Abc123\n" + " description 核心\n".encode("gb18030")
    kept_body, marks = redacted("huawei_vrp", CONFIGURATION, body, Redactor(tmp_path).tag)
    assert b"Abc123" not in kept_body
    assert marks
    assert "核心".encode("gb18030") in kept_body


def test_a_host_s_answers_are_left_alone(tmp_path: Path) -> None:
    one = sealed(TEXT.encode(), "linux", "endpoint", "cpuinfo")
    assert Redactor(tmp_path).capture(one) is one
    assert not (tmp_path / FILE).exists()


def test_what_was_sealed_is_taken_as_it_is_or_not_at_all(tmp_path: Path) -> None:
    clean = Redactor(tmp_path).capture(sealed(TEXT.encode()))
    assert isinstance(clean, Capture)
    xunyan("init", tmp_path / "w")
    file = tmp_path / "in.captures.jsonl"
    file.write_bytes(write_line(clean))
    xunyan("-C", tmp_path / "w", "ingest", file, "--at", JUDGED_AT)
    assert clean.id.encode() in stored(tmp_path / "w")
    assert not (tmp_path / "w" / FILE).exists()
    before = kept(tmp_path / "w")
    unclean = replace(sealed(TEXT.encode()), envelope=sealed(b"").envelope)
    file.write_bytes(write_line(unclean))
    refused(call("-C", tmp_path / "w", "ingest", file), ":1", "password", "sha256")
    record = json.loads(write_line(unclean))
    for name in ("id", "sha256", "sm3"):
        told = {key: value for key, value in record.items() if key not in {"id", "sha256", "sm3", "size"} - {name}}
        file.write_text(json.dumps(told) + "\n")
        refused(call("-C", tmp_path / "w", "ingest", file), ":1", "password")
    assert b"Abc123" not in stored(tmp_path / "w")
    assert {key: value for key, value in kept(tmp_path / "w").items() if FILE not in key} == before
    bare = {key: value for key, value in record.items() if key not in {"id", "sha256", "sm3", "size"}}
    file.write_text(json.dumps(bare) + "\n")
    assert "采集 1 条" in xunyan("-C", tmp_path / "w", "ingest", file, "--at", JUDGED_AT).stdout
    assert b"Abc123" not in stored(tmp_path / "w")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig", "utf-16"])
def test_an_answer_keeps_its_encoding(encoding: str, tmp_path: Path) -> None:
    text = TEXT.replace("R1", "核心路由器").replace("\n", "\r\n")
    body, marks = redacted("huawei_vrp", CONFIGURATION, text.encode(encoding), Redactor(tmp_path).tag)
    assert marks == ("password",)
    assert "Abc123" not in body.decode(encoding)
    assert body.decode(encoding).splitlines()[1] == " sysname 核心路由器"
    assert body[:2] == text.encode(encoding)[:2]


def test_bytes_that_are_no_text_are_carried_through(tmp_path: Path) -> None:
    body = b"\xff\xfe\x81\n super password cipher Abc\xff123\n\xff\xff\n"
    found, _ = redacted("huawei_vrp", CONFIGURATION, body, Redactor(tmp_path).tag)
    assert b"Abc" not in found
    assert found.startswith(b"\xff\xfe\x81\n super password cipher <redacted:password:")
    assert found.endswith(b">\n\xff\xff\n")
    plain = b"\xff\x81 nothing\n"
    assert redacted("huawei_vrp", CONFIGURATION, plain, Redactor(tmp_path).tag) == (plain, ())


def test_what_grows_too_long_is_cut_and_says_so(tmp_path: Path) -> None:
    row = b" password Abc\n" + b"x" * 985 + b"\n"
    one = Redactor(tmp_path).capture(sealed(row * (BODY_LIMIT // len(row))))
    assert isinstance(one, Capture)
    assert one.truncated
    assert BODY_LIMIT - 1000 < len(one.body) <= BODY_LIMIT
    assert one.body.endswith(b"\n")
    assert read_line(write_line(one)) == one


def test_the_key_is_made_once_and_is_nobody_else_s(tmp_path: Path) -> None:
    redactors = [Redactor(tmp_path) for _ in range(8)]
    tags: list[str] = []
    threads = [threading.Thread(target=lambda one=one: tags.append(one.tag("Abc123"))) for one in redactors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tags) == 8
    assert len(set(tags)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert Redactor(tmp_path).tag("Abc123") == tags[0] != Redactor(tmp_path).tag("Abc124")
    other = tmp_path / "other"
    other.mkdir()
    assert Redactor(other).tag("Abc123") != tags[0]


@pytest.mark.parametrize("damage", [b"", b"xyz", b"00" * 31, b"\xff" * 64])
def test_a_damaged_key_is_said(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(damage)
    with pytest.raises(InputError):
        Redactor(tmp_path).tag("Abc123")


def test_neither_key_nor_secret_is_in_a_package(tmp_path: Path) -> None:
    config = answers("huawei_vrp")[CONFIGURATION]
    file = write_jsonl(tmp_path / "in.captures.jsonl", [line(config)])
    xunyan("init", tmp_path / "w")
    xunyan("-C", tmp_path / "w", "ingest", file, "--at", JUDGED_AT)
    key = (tmp_path / "w" / FILE).read_bytes().strip()
    xunyan("-C", tmp_path / "w", "evidence", "pack", "-o", tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as package:
        held = b"".join(package.read(name) for name in package.namelist())
    assert b"<redacted:password:" in held
    assert key not in held
    assert bytes.fromhex(key.decode()) not in held
    secrets = secrets_of(device("huawei_vrp"))
    assert not [one for one in secrets if one.encode() in held or one.encode() in stored(tmp_path / "w")]
    assert not [one for one in secrets if json.dumps(one).strip('"').encode() in held]
