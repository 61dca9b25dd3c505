"""Signing keys: encrypted at rest, opened by their passphrase alone, never replaced."""

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from evidence import pem, pkcs8
from evidence.dsse import fits
from evidence.keys import Ed25519Key, Keys, Kind, PublicKey, Sm2Key, public_key, read_public
from tests.evidence.authority import needs_openssl
from tests.making import PROJECT
from xunyan.errors import DataError, InputError, UsageError

PASSPHRASE = "correct 马 battery"  # noqa: S105  # of keys that live as long as a test
KINDS = [Kind.ED25519, pytest.param(Kind.SM2, marks=needs_openssl)]


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """With fewer rounds: that every opening takes a third of a second is not the point of most tests."""
    monkeypatch.setattr(pkcs8, "ROUNDS", 1000)
    return Keys(tmp_path / "keys")


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_signs_after_its_passphrase_was_given(keys: Keys, kind: Kind) -> None:
    made = keys.create("信息中心", kind, PASSPHRASE)
    assert made.kind is kind
    assert keys.names() == ["信息中心"]
    assert keys.public("信息中心") == made
    opened = keys.open("信息中心", PASSPHRASE)
    assert opened.public == made
    signature = opened.sign(b"abc")
    assert fits(made, signature, b"abc") == (kind is Kind.ED25519)
    assert isinstance(opened, Ed25519Key if kind is Kind.ED25519 else Sm2Key)
    assert PASSPHRASE not in repr(opened)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_else_can_read_it_and_it_is_encrypted(keys: Keys, kind: Kind) -> None:
    keys.create("a", kind, PASSPHRASE)
    private, public = keys.folder / "a.key.pem", keys.folder / "a.pub.pem"
    assert keys.folder.stat().st_mode & 0o777 == 0o700
    assert private.stat().st_mode & 0o777 == 0o600
    assert sorted(keys.folder.iterdir()) == [private, public]
    assert keys.is_private("a")
    private.chmod(0o640)
    assert not keys.is_private("a")
    text = private.read_bytes()
    assert text.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    der = pem.unpem(text, pem.ENCRYPTED)
    assert der is not None
    assert bytes.fromhex("2b6570") not in der  # the name of the algorithm is in the clear in every open PKCS#8
    assert bytes.fromhex("2a811ccf5501822d") not in der


@needs_openssl
@pytest.mark.parametrize("kind", list(Kind))
def test_stock_tools_open_it_with_the_passphrase_and_not_without(tmp_path: Path, kind: Kind) -> None:
    keys = Keys(tmp_path / "keys")
    made = keys.create("a", kind, PASSPHRASE)
    path = keys.folder / "a.key.pem"

    def opened(passphrase: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["openssl", "pkey", "-in", path, "-passin", "stdin", "-pubout"],
            input=passphrase.encode() + b"\n", capture_output=True, check=False,
        )  # fmt: skip

    assert opened(PASSPHRASE).stdout == made.pem() == (keys.folder / "a.pub.pem").read_bytes()
    assert opened("another passphrase").returncode != 0
    assert opened("").returncode != 0
    told = subprocess.run(["openssl", "asn1parse", "-in", path], capture_output=True, text=True, check=True).stdout
    assert ":PBES2" in told
    assert ":0927C0" in told  # 600,000 rounds
    assert ":hmacWithSHA256" in told
    assert ":aes-256-cbc" in told


def test_the_library_opens_it_with_the_passphrase_and_not_without(keys: Keys) -> None:
    made = keys.create("a", Kind.ED25519, PASSPHRASE)
    text = (keys.folder / "a.key.pem").read_bytes()
    private = load_pem_private_key(text, PASSPHRASE.encode())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert public == made.pem()
    with pytest.raises(TypeError):
        load_pem_private_key(text, None)
    with pytest.raises(ValueError, match="password"):
        load_pem_private_key(text, b"another passphrase")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", ["", "another passphrase", PASSPHRASE + " ", "x" * 5000, "\udcff", "a\nb"])
def test_a_wrong_passphrase_is_said(keys: Keys, kind: Kind, wrong: str) -> None:
    keys.create("a", kind, PASSPHRASE)
    with pytest.raises(InputError) as raised:
        keys.open("a", wrong)
    assert "口令不对" in raised.value.what.zh
    assert raised.value.where.endswith("a.key.pem")
    assert raised.value.advice is not None


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_said(keys: Keys, kind: Kind) -> None:
    keys.create("a", kind, PASSPHRASE)
    path = keys.folder / "a.key.pem"
    whole = path.read_bytes()
    middle = len(whole) // 2
    open_key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for wrong in (b"", b"\0" * 100, whole[:-30], whole[:middle] + b"AAAA" + whole[middle + 4 :], open_key, whole * 2):
        path.write_bytes(wrong)
        with pytest.raises(InputError, match=r"a\.key\.pem"):
            keys.open("a", PASSPHRASE)
    path.write_bytes(whole)
    keys.open("a", PASSPHRASE)
    public = keys.folder / "a.pub.pem"
    public.write_bytes(b"x")
    with pytest.raises(InputError, match=r"a\.pub\.pem"):
        keys.open("a", PASSPHRASE)
    public.unlink()
    with pytest.raises(DataError, match=r"a\.pub\.pem"):
        keys.public("a")


@pytest.mark.parametrize("kind", KINDS)
def test_halves_that_are_no_pair_do_not_sign(keys: Keys, kind: Kind) -> None:
    keys.create("a", kind, PASSPHRASE)
    keys.create("b", kind, PASSPHRASE)
    (keys.folder / "a.pub.pem").write_bytes(keys.public("b").pem())
    with pytest.raises(DataError, match="no pair"):
        keys.open("a", PASSPHRASE)


def test_a_key_is_never_replaced(keys: Keys) -> None:
    keys.create("a", Kind.ED25519, PASSPHRASE)
    before = {path: path.read_bytes() for path in keys.folder.iterdir()}
    with pytest.raises(UsageError):
        keys.create("a", Kind.ED25519, PASSPHRASE)
    assert {path: path.read_bytes() for path in keys.folder.iterdir()} == before
    (keys.folder / "signer.pub.pem").write_bytes(
        before[keys.folder / "a.pub.pem"]
    )  # somebody's, kept here to be trusted
    with pytest.raises(UsageError):
        keys.create("signer", Kind.ED25519, PASSPHRASE)
    assert keys.names() == ["a"]


@pytest.mark.parametrize(
    "name", ["", " a", "a ", "../a", "a/b", "/a", ".a", "-a", "a\0", "a\nb", "a\u202eb", "e\u0301", "字" * 41, "\ud800"]
)
def test_a_name_that_makes_no_file_is_refused(keys: Keys, name: str) -> None:
    with pytest.raises(UsageError) as raised:
        keys.create(name, Kind.ED25519, PASSPHRASE)
    assert raised.value.advice is not None
    with pytest.raises(UsageError):
        keys.open(name, PASSPHRASE)
    assert not keys.folder.exists()


@pytest.mark.parametrize("passphrase", ["", "1234567", "x" * 1001, "字" * 400, "first line\nsecond", "with\0nought"])
def test_a_passphrase_that_will_not_do_is_refused(keys: Keys, passphrase: str) -> None:
    with pytest.raises(UsageError, match="passphrase"):
        keys.create("a", Kind.ED25519, passphrase)
    assert not keys.folder.exists()


@needs_openssl
def test_the_fingerprint_is_what_stock_tools_tell(keys: Keys) -> None:
    for kind in Kind:
        made = keys.create(kind.value, kind, PASSPHRASE)
        command = 'openssl pkey -pubin -in "$1" -outform DER | sha256sum'
        told = subprocess.run(
            ["sh", "-c", command, "sh", keys.folder / f"{kind}.pub.pem"], capture_output=True, text=True, check=True
        )
        assert told.stdout.split()[0] == made.id


def test_a_public_key_is_read_as_people_send_it(keys: Keys) -> None:
    made = keys.create("a", Kind.ED25519, PASSPHRASE)
    text = made.pem()
    for sent in (
        text,
        text.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + text,
        b"from the centre:\n\n" + text + b"\nregards\n",
    ):
        assert read_public(sent, "x.pem") == made
    assert load_pem_public_key(text) is not None
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = (keys.folder / "a.key.pem").read_bytes()
    body = base64.b64encode(made.der[:-1])
    short = b"-----BEGIN PUBLIC KEY-----\n" + body + b"\n-----END PUBLIC KEY-----\n"
    for wrong in (b"", b"x", text + other, private, short, text[:60], text.replace(b"PUBLIC", b"RSA PUBLIC")):
        with pytest.raises(InputError, match=r"x\.pem"):
            read_public(wrong, "x.pem")
    assert public_key(made.der + b"\0") is None
    assert public_key(b"") is None
    assert public_key(made.der) == PublicKey(Kind.ED25519, made.der)


FULL = """
import resource, signal, sys
from pathlib import Path
from evidence.keys import Keys, Kind
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    Keys(Path(sys.argv[1])).create("a", Kind.ED25519, "correct horse battery")
except OSError as error:
    print(error.strerror)
"""


@pytest.mark.parametrize("room", [50, 200])
def test_a_disk_that_is_full_leaves_no_half_of_a_key(tmp_path: Path, room: int) -> None:
    """Room for neither half, or for the public one alone."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path / "keys", str(room)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "File too large\n"
    assert list((tmp_path / "keys").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file stands where the folder should", "ascii")
    with pytest.raises(FileExistsError):
        Keys(tmp_path / "keys").create("a", Kind.ED25519, PASSPHRASE)
