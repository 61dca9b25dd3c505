"""Reading letters of authorisation: every mistake is named, and nothing is skipped or guessed at."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from inventories.authorisations import REVOCATIONS, ScopeSettings, letter_files, load_letters, revocations, revoke
from inventories.letter_template import TEMPLATE
from inventories.letters import Letter, Limits, read_letter
from inventories.signatures import private_key, public_pem, sign, verify
from tests.inventories.letter_making import NETWORK, at, letter, letter_text
from xunyan.errors import DataError, InputError
from xunyan.permits import Method

OPEN = ScopeSettings()
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def load(folder: Path, settings: ScopeSettings = OPEN) -> tuple[Letter, ...]:
    return load_letters(folder, settings, folder)


def _with(key: str, *texts: str) -> dict[str, Any]:
    return {key: list(texts)}


def refused(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read_letter(text.encode(), "教育局.toml")
    assert "教育局.toml" in caught.value.where
    assert caught.value.advice is not None
    return caught.value


def test_a_whole_letter_is_read() -> None:
    found = letter(
        "第四师函〔2026〕7号",
        units=["教育局", "卫健委"], methods=["ssh", "winrm"],
        more='title = "核查"\napproved_on = 2026-10-31\nsudo = true\nports = [22, 5986]\n'
         'windows = ["22:00-06:00", { days = ["周六"], from = "00:00", to = "24:00" }]',
        tail='\n[limits]\nconcurrency = 20\nper_second = 2.5\n\n[revoked]\non = 2026-11-20\nby = "赵六"\n',
        allow=["10.1.2.3", "10.2.0.0/16", "10.3.0.1-10.3.0.9", "10.3.1.1-9", "240e:1::/48", "240e:2::1-240e:2::9"],
        deny=["10.2.3.0/24", "oa.example", "0.0.0.0/0", "::/0"], classified=["10.2.4.0/24"],
        resolvers=["10.0.0.53", "[240e::53]:5353", "240e::53"], jump_hosts=["10.0.0.9", "10.0.0.9:2222"],
        name_servers=["10.0.0.54", "[240e::54]:5354"],
    )  # fmt: skip
    assert found.number == "第四师函〔2026〕7号"
    assert (found.valid_from, found.valid_until) == (at("2026-11-01 00:00"), at("2026-12-01 00:00"))
    assert (found.approved_on, found.sudo, found.limits) == (date(2026, 10, 31), True, Limits(20, 2.5))
    assert found.methods == (Method.SSH, Method.WINRM)
    assert found.ports_of(Method.WINRM) == (22, 5986)
    assert found.ports_of(Method.DNS) == ()
    assert found.revoked is not None
    assert found.ends() == at("2026-11-20 00:00")
    grounds = found.grounds(NETWORK)
    assert grounds is not None
    assert len(grounds.allow.ranges) == 6
    assert grounds.deny_names == (("oa", "example"),)
    assert [str(one) for one in grounds.resolvers] == ["10.0.0.53:53", "[240e::53]:5353", "[240e::53]:53"]
    assert [str(one) for one in grounds.name_servers] == ["10.0.0.54:53", "[240e::54]:5354"]
    assert [str(one) for one in grounds.jump_hosts] == ["10.0.0.9:22", "10.0.0.9:2222"]
    assert [str(one) for one in found.hours.windows] == ["22:00-06:00", "周六 00:00-24:00"]


def test_web_is_a_method_with_two_ports_of_its_own() -> None:
    assert letter(methods=["web"]).ports_of(Method.WEB) == (80, 443)
    assert letter(methods=["ssh", "web"], more="ports = [8080]").ports_of(Method.WEB) == (8080,)
    assert letter().ports_of(Method.WEB) == ()
    assert refused(letter_text(methods=["timestamp"])).where.endswith("methods[1]")


def test_a_moment_with_its_zone_is_taken_as_it_is() -> None:
    found = letter(valid_from="2026-11-01T08:00:00+08:00", valid_until="2026-11-30T00:00:00Z")
    assert (found.valid_from, found.valid_until) == (at("2026-11-01 08:00"), at("2026-11-30 08:00"))


@pytest.mark.parametrize("key", ["allow", "deny", "classified"])
@pytest.mark.parametrize(
    "text",
    [
        "", " ", "10.1.2", "10.1.2.3.4", "10.1.2.300", "010.1.2.3", "10.01.2.3", "0x0a.1.2.3", "0x0a010203", "167838211",
        "012.1.2.3", "10.1.2.3 ", " 10.1.2.3", "10.1.2.*", "10.1.2.x", "10.1.*.*", "*", "10.1.2.3/16", "10.1.0.0/33", "10.1.0.0/",
        "10.1.0.0/016", "10.1.0.0/255.255.0.0", "10.1.0.0/0.0.255.255", "10.1.0.0/-1", "10.1.2.9-10.1.2.3", "10.1.2.9-3",
        "10.1.2.3-300", "10.1.2.3-03", "10.1.2.3-", "-10.1.2.3", "10.1.2.3-10.1.2.5-10.1.2.9", "10.1.2.3-240e::1",
        "10.1.2.3 - 10.1.2.9", "10.1.2.3,10.1.2.4", "10.1.2.3:22", "::ffff:10.1.2.3", "::ffff:10.1.2.0/120",
        "::ffff:0:0/97", "fe80::1%eth0", "fe80::%eth0/64", "240e::1::2", "240e:1::1/48", "[240e::1]", "http://oa.example/",
        "oa.example/", "oa..example", ".oa.example", "*.oa.example", "oa example", "-oa.example", "１０.1.2.3", "10。1。2。3",
        "10.1.2.3\n", "a" * 64 + ".example", "oa.example..", "\u200b", "\u00ad.example",
    ],
)  # fmt: skip
def test_whatever_is_no_plain_address_or_name_is_refused(key: str, text: str) -> None:
    error = refused(letter_text(**_with(key)).replace(f"{key} = []", f"{key} = [{json.dumps(text)}]"))
    assert f"networks[1].{key}[1]" in error.where
    assert error.what.zh
    assert error.what.en


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("web01.example", "域名指向会变"),
        ("0.0.0.0/0", "只写本单位实际使用的网段"),
        ("::/0", "只写本单位实际使用的网段"),
        ("10.0.0.0/7", "只写本单位实际使用的网段"),
        ("8.0.0.0/7", "只写本单位实际使用的网段"),
        ("0.0.0.1-255.255.255.254", "只写本单位实际使用的网段"),
        ("240e::/20", "只写本单位实际使用的网段"),
        ("::/64", "IPv4地址直接写成IPv4"),
        ("10.1.2.3/16", "网段写 10.1.0.0/16，单个地址写 10.1.2.3"),
        ("::ffff:10.1.2.3", "直接写IPv4地址"),
    ],
)
def test_what_nobody_can_allow_is_refused_with_advice(text: str, advice: str) -> None:
    error = refused(letter_text(allow=[text]))
    assert error.advice is not None
    assert advice in error.advice.zh


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.53:0",
        "10.0.0.53:",
        "10.0.0.53:65536",
        "ns.example",
        "[240e::53]:",
        "[240e::53",
        "[10.0.0.53]",
        "240e::53]",
        "10.0.0.53:٥٣",
        "[240e::1]53",
    ],
)
@pytest.mark.parametrize("key", ["resolvers", "name_servers", "jump_hosts"])
def test_services_are_addresses(key: str, text: str) -> None:
    assert f"networks[1].{key}[1]" in refused(letter_text(**_with(key, text))).where


BAD = {
    "number": ("", "number", 'number = "A-1"', 'number = ""'),
    "number with blanks": ("", "number", 'number = "A-1"', 'number = " A-1"'),
    "number of figures": ("", "number", 'number = "A-1"', "number = 7"),
    "number that a screen would obey": ("", "number", 'number = "A-1"', 'number = "A\\u202E-1"'),
    "no number": ("", "number", 'number = "A-1"\n', ""),
    "no units": ("", "units", '["教育局"]', "[]"),
    "units as text": ("", "units", '["教育局"]', '"教育局"'),
    "blank unit": ("", "units[1]", '["教育局"]', '[""]'),
    "no approver": ("", "approver", '"王五"', '"  "'),
    "unknown key": ("valid_til = 2026-11-01", "valid_til", "", ""),
    "unknown method": ("", "methods[1]", '["ssh"]', '["rlogin"]'),
    "no method": ("", "methods", '["ssh"]', "[]"),
    "quoted day": ("", "valid_from", "2026-11-01", '"2026-11-01"'),
    "no zone": ("", "valid_until", "2026-11-30", "2026-11-30T18:00:00"),
    "end before start": ("", "valid_until", "2026-11-30", "2026-10-30"),
    "end of time": ("", "valid_until", "2026-11-30", "9999-12-31"),
    "approved at a moment": ("approved_on = 2026-11-01T08:00:00+08:00", "approved_on", "", ""),
    "port": ("ports = [0]", "ports[1]", "", ""),
    "port as text": ('ports = ["22"]', "ports", "", ""),
    "true as port": ("ports = [true]", "ports", "", ""),
    "empty ports": ("ports = []", "ports", "", ""),
    "empty windows": ("windows = []", "windows", "", ""),
    "window without end": ('windows = ["22:00"]', "windows[1]", "", ""),
    "window of no length": ('windows = ["22:00-22:00"]', "windows[1]", "", ""),
    "window past midnight": ('windows = ["22:00-25:00"]', "windows[1]", "", ""),
    "window from midnight's end": ('windows = ["24:00-06:00"]', "windows[1]", "", ""),
    "window to 24:30": ('windows = ["22:00-24:30"]', "windows[1]", "", ""),
    "window in short": ('windows = ["9:00-17:00"]', "windows[1]", "", ""),
    "window with a zone": ('windows = ["22:00-06:00Z"]', "windows[1]", "", ""),
    "window of figures": ("windows = [22]", "windows[1]", "", ""),
    "window on no day": ('windows = [{ days = [], from = "22:00", to = "06:00" }]', "windows[1]", "", ""),
    "window on a strange day": ('windows = [{ days = ["工作日"], from = "22:00", to = "06:00" }]', "windows[1]", "", ""),
    "window with a strange key": ('windows = [{ day = ["mon"], from = "22:00", to = "06:00" }]', "windows[1]", "", ""),
    "window with seconds": ("windows = [{ from = 22:00:30, to = 06:00:00 }]", "windows[1]", "", ""),
    "sudo as text": ('sudo = "no"', "sudo", "", ""),
    "limits": ("limits = { concurrency = 0 }", "limits.concurrency", "", ""),
    "endless limits": ("limits = { per_second = inf }", "limits.per_second", "", ""),
    "no number as limit": ("limits = { per_second = nan }", "limits.per_second", "", ""),
    "unknown limit": ("limits = { rate = 5 }", "limits.rate", "", ""),
    "revoked by nobody": ("revoked = { on = 2026-11-10 }", "revoked.by", "", ""),
    "revoked at no time": ('revoked = { by = "赵六" }', "revoked.on", "", ""),
    "revoked as a word": ("revoked = true", "revoked", "", ""),
    "nameless network": ("", "networks[1].name", f'name = "{NETWORK}"', 'name = ""'),
    "unknown key of a network": ("", "networks[1].alow", "allow = ", "alow = "),
    "text as range": ("", "networks[1].allow", '["10.1.0.0/16"]', '"10.1.0.0/16"'),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_key_that_does_not_fit_is_named(case: str) -> None:
    more, key, old, new = BAD[case]
    error = refused(letter_text(more=more).replace(old, new, 1) if old else letter_text(more=more))
    assert error.where == f"教育局.toml: {key}"


def test_all_problems_of_a_file_are_told_at_once() -> None:
    text = letter_text(
        allow=["10.1.2.3/16", "web01"], deny=["*.oa"], methods=["rlogin"], more='ports = [0]\ncolour = "red"'
    )
    error = refused(text.replace('approver = "王五"\n', ""))
    assert error.where == "教育局.toml"
    for key in (
        "approver",
        "colour",
        "methods[1]",
        "ports[1]",
        "networks[1].allow[1]",
        "networks[1].allow[2]",
        "networks[1].deny[1]",
    ):
        assert f"  {key}: " in error.what.zh
        assert f"  {key}: " in error.what.en
    assert "有 7 处要改" in error.what.zh


def test_a_near_miss_is_guessed_for_the_user_and_not_for_the_scan() -> None:
    error = refused(letter_text(more="windws = []"))
    assert error.advice is not None
    assert "是不是 windows？" in error.advice.zh


def test_one_network_stands_in_one_table() -> None:
    text = letter_text()
    error = refused(text + text[text.index("[[networks]]") :])
    assert error.where == "教育局.toml: networks[2].name"
    assert refused(text[: text.index("[[networks]]")]).where == "教育局.toml: networks"


@pytest.mark.parametrize(
    "data", [b"\xb1\xe0\xba\xc5", b"number = [", "number = “A”".encode(), b"number = 'a'\nnumber = 'b'"]
)
def test_bytes_that_are_no_toml_are_refused(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_letter(data, "教育局.toml")
    assert caught.value.where == "教育局.toml"


def test_a_byte_order_mark_and_other_line_ends_are_fine() -> None:
    data = b"\xef\xbb\xbf" + letter_text().replace("\n", "\r\n").encode()
    assert read_letter(data, "A-1.toml") == letter()


def test_the_blank_letter_is_refused_until_it_is_filled_in() -> None:
    error = refused(TEMPLATE)
    assert [line.split(":")[0].strip() for line in error.what.zh.splitlines()[1:]] == [
        "number",
        "approver",
        "units",
        "methods",
    ]
    filled = (
        TEMPLATE.replace('number = ""', 'number = "A"').replace("units = []", 'units = ["*"]')
        .replace('approver = ""', 'approver = "王五"').replace("methods = []", 'methods = ["ssh"]')
        .replace("# windows", "windows", 1).replace("# [limits]", "[limits]").replace("# concurrency", "concurrency")
        .replace("# per_second", "per_second").replace("# resolvers", "resolvers").replace("# jump_hosts", "jump_hosts")
        .replace("# name_servers", "name_servers")
        .replace("# ports", "ports").replace("# sudo", "sudo").replace("# title", "title").replace("# approved_on", "approved_on")
    )  # fmt: skip
    found = read_letter(filled.encode(), "a.toml")
    assert (found.limits, found.title) == (Limits(20, 5.0), "2026年终端国产化核查")
    assert [str(one) for one in found.networks[0].name_servers] == ["10.0.0.54:53"]
    second = filled.replace('windows = ["22:00-06:00"]\n# windows', "windows")
    assert [str(one) for one in read_letter(second.encode(), "a.toml").hours.windows] == [
        "周六日 00:00-24:00",
        "周一 22:00-06:00",
    ]


# The folder


def put(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_every_letter_of_the_folder_is_read_by_number(tmp_path: Path) -> None:
    assert load(tmp_path / "none") == ()
    put(tmp_path, "b.toml", letter_text("A-1"))
    put(tmp_path, "a.TOML", letter_text("B-1"))
    put(tmp_path, "批文.pdf", "")
    put(tmp_path, "a.toml~", "broken")
    put(tmp_path, "a.toml.bak", "broken")
    put(tmp_path, ".a.toml.swp", "broken")
    (tmp_path / "2025").mkdir()
    assert [one.number for one in load(tmp_path)] == ["A-1", "B-1"]
    assert [one.file for one in load(tmp_path)] == [str(tmp_path / "b.toml"), str(tmp_path / "a.TOML")]


def test_two_letters_of_one_number_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.toml", letter_text())
    put(tmp_path, "b.toml", letter_text())
    with pytest.raises(InputError, match=r"b\.toml: number"):
        load(tmp_path)


def broken(folder: Path) -> None:
    put(folder, "b.toml", "number =")


def disguised(folder: Path) -> None:
    put(folder, "b.toml.txt", letter_text("B"))


def dangling(folder: Path) -> None:
    (folder / "b.toml").symlink_to(folder / "nowhere")


def orphaned(folder: Path) -> None:
    put(folder, "b.toml.sig", "{}")


def nonsense(folder: Path) -> None:
    put(folder, "a.toml.sig", "{}")


def huge(folder: Path) -> None:
    put(folder, "b.toml", "#" * (5 * 1024 * 1024))


@pytest.mark.parametrize("spoil", [broken, disguised, dangling, orphaned, nonsense, huge])
def test_whatever_cannot_be_read_stops_everything(tmp_path: Path, spoil: object) -> None:
    put(tmp_path, "a.toml", letter_text())
    assert load(tmp_path)
    assert callable(spoil)
    spoil(tmp_path)
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    assert str(tmp_path) in caught.value.where


# Revocations


def test_a_revocation_beside_the_letter_counts_and_the_earliest_wins(tmp_path: Path) -> None:
    put(tmp_path, "a.toml", letter_text())
    put(tmp_path, "b.toml", letter_text("B-1", tail='\n[revoked]\non = 2026-11-10\nby = "赵六"\n'))
    for number in ("A-1", "B-1", "unknown"):
        revoke(tmp_path, number, by="钱七", reason="到此为止", at=at("2026-11-15 10:00"))
    revoke(tmp_path, "A-1", by="孙八", reason="晚了", at=at("2026-11-16 10:00"))
    first, second = (one.revoked for one in load(tmp_path))
    assert first is not None
    assert second is not None
    assert (first.at, first.by, first.reason) == (at("2026-11-15 10:00"), "钱七", "到此为止")
    assert (second.at, second.by) == (at("2026-11-10 00:00"), "赵六")
    assert len(revocations(tmp_path)) == 4


@pytest.mark.parametrize("spoil", ["cut", "junk", "zone", "blank"])
def test_damaged_revocations_stop_everything(tmp_path: Path, spoil: str) -> None:
    put(tmp_path, "a.toml", letter_text())
    revoke(tmp_path, "A-1", by="钱七", reason="到此为止", at=at("2026-11-15 10:00"))
    path = tmp_path / REVOCATIONS
    whole = path.read_text("utf-8")
    path.write_text(
        {"cut": whole[:-1], "junk": whole + "junk\n", "zone": whole.replace("Z", ""), "blank": "\n" + whole}[spoil],
        "utf-8",
    )
    with pytest.raises(DataError, match=REVOCATIONS):
        load(tmp_path)


# Signatures


def trusting(folder: Path, *keys: Ed25519PrivateKey, required: bool = False) -> ScopeSettings:
    names = []
    for number, key in enumerate(keys):
        (folder / f"{number}.pem").write_text(public_pem(key), encoding="ascii")
        names.append(f"{number}.pem")
    return ScopeSettings(tuple(names), required)


def signed(folder: Path, key: Ed25519PrivateKey = KEY) -> Path:
    path = put(folder, "a.toml", letter_text())
    (folder / "a.toml.sig").write_bytes(sign(path.read_bytes(), key, by="王五", signed_at="2026-11-01T00:00:00Z"))
    return path


def test_a_signature_that_verifies_is_kept_with_the_letter(tmp_path: Path) -> None:
    signed(tmp_path)
    (plain,) = load(tmp_path)
    assert plain.signature is not None
    assert (plain.signature.trusted, plain.signature.by) == (False, "王五")
    (found,) = load(tmp_path, trusting(tmp_path, OTHER, KEY, required=True))
    assert found.signature is not None
    assert found.signature.trusted
    assert replace(found, signature=None) == replace(plain, signature=None)


def test_a_revocation_leaves_the_signature_whole(tmp_path: Path) -> None:
    signed(tmp_path)
    revoke(tmp_path, "A-1", by="钱七", reason="到此为止", at=at("2026-11-15 10:00"))
    (found,) = load(tmp_path, trusting(tmp_path, KEY, required=True))
    assert found.revoked is not None
    assert found.signature is not None


def test_any_changed_byte_voids_the_signature(tmp_path: Path) -> None:
    path = signed(tmp_path)
    data = path.read_bytes()
    for place in range(0, len(data), 7):
        with pytest.raises(InputError, match="changed after signing"):
            verify(
                data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :],
                (tmp_path / "a.toml.sig").read_bytes(),
                "a.sig",
                (),
            )
    path.write_bytes(data + b"\n")
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    assert caught.value.where == str(tmp_path / "a.toml.sig")


@pytest.mark.parametrize("change", ["by", "signed_at", "public_key", "signature", "algorithm", "more"])
def test_a_changed_signature_file_is_refused(tmp_path: Path, change: str) -> None:
    signed(tmp_path)
    file = tmp_path / "a.toml.sig"
    kept = json.loads(file.read_bytes())
    zeros = base64.b64encode(bytes(32)).decode()
    kept[change] = {"public_key": zeros, "signature": zeros}.get(change, "x")
    file.write_text(json.dumps(kept), encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.toml\.sig"):
        load(tmp_path)


def test_a_signature_for_something_else_never_fits_a_letter() -> None:
    data = letter_text().encode()
    kept = json.loads(sign(data, KEY, by="王五", signed_at=""))
    kept["signature"] = base64.b64encode(KEY.sign(data)).decode()
    with pytest.raises(InputError):
        verify(data, json.dumps(kept).encode(), "a.sig", ())


def test_a_key_that_is_not_trusted_is_refused(tmp_path: Path) -> None:
    signed(tmp_path, OTHER)
    with pytest.raises(InputError, match="not trusted"):
        load(tmp_path, trusting(tmp_path, KEY))


def test_unsigned_letters_fail_only_where_signatures_are_required(tmp_path: Path) -> None:
    put(tmp_path, "a.toml", letter_text())
    assert load(tmp_path, trusting(tmp_path, KEY))
    with pytest.raises(InputError, match="is not signed"):
        load(tmp_path, trusting(tmp_path, KEY, required=True))


def test_settings_that_trust_nobody_or_nothing_readable_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="trusted_keys"):
        load(tmp_path, ScopeSettings((), require_signature=True))
    with pytest.raises(InputError, match=r"none\.pem"):
        load(tmp_path, ScopeSettings(("none.pem",)))
    wrong = X25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for data in (b"junk", wrong):
        (tmp_path / "wrong.pem").write_bytes(data)
        with pytest.raises(InputError, match=r"wrong\.pem"):
            load(tmp_path, ScopeSettings(("wrong.pem",)))


def pem(key: Ed25519PrivateKey | X25519PrivateKey, passphrase: bytes = b"") -> bytes:
    closed = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, closed)


def test_private_keys_open_with_their_passphrase_only() -> None:
    assert private_key(pem(KEY), None, "k.pem").public_key() == KEY.public_key()
    assert private_key(pem(KEY, b"abc"), b"abc", "k.pem").public_key() == KEY.public_key()
    tries: Sequence[tuple[bytes, bytes | None]] = (
        (pem(KEY, b"abc"), b"abd"), (pem(KEY, b"abc"), None), (pem(X25519PrivateKey.generate()), None), (b"junk", None)
    )  # fmt: skip
    for data, passphrase in tries:
        with pytest.raises(InputError, match=r"k\.pem"):
            private_key(data, passphrase, "k.pem")


def test_letters_are_listed_without_being_read(tmp_path: Path) -> None:
    put(tmp_path, "a.toml", "broken")
    assert letter_files(tmp_path) == [tmp_path / "a.toml"]
