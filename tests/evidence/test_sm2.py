"""SM2: OpenSSL and an independent implementation check each other's signatures; what is malformed is refused."""

import secrets
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from gmssl.sm2 import CryptSM2, default_ecc_table
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence import sm2
from evidence.openssl import run
from evidence.pkcs8 import lock
from tests.evidence.authority import needs_openssl
from xunyan.errors import UsageError

pytestmark = needs_openssl

MESSAGE = "声明 statement".encode()
PASSPHRASE = b"geheim-wort"
KNOWN_KEY = sm2.PREFIX + bytes.fromhex(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
KNOWN_R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
KNOWN_S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
ORDER = int(default_ecc_table["n"], 16)


@pytest.fixture(scope="module")
def private() -> bytes:
    """A key whose public half the other implementation can take: it drops leading noughts and fours of one."""
    while True:
        der = sm2.generate()
        if sm2.public_of(der)[-64:].hex()[0] not in "04":
            return der


@pytest.fixture(scope="module")
def public(private: bytes) -> bytes:
    return sm2.public_of(private)


@pytest.fixture(scope="module")
def locked(private: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sm2") / "key.pem"
    path.write_bytes(lock(private, PASSPHRASE))
    return path


def other(public: bytes, private: bytes = b"") -> CryptSM2:
    scalar = private.split(b"\x02\x01\x01\x04\x20", 1)[1][:32].hex() if private else ""
    return CryptSM2(private_key=scalar, public_key=public[-64:].hex(), asn1=True)


def test_the_example_of_the_standard() -> None:
    """GB/T 32918.5-2017, appendix A.2: the default identity, the message `message digest`."""
    signature = encode_dss_signature(KNOWN_R, KNOWN_S)
    assert sm2.verify(KNOWN_KEY, signature, b"message digest")
    assert not sm2.verify(KNOWN_KEY, signature, b"message digesT")
    assert not sm2.verify(KNOWN_KEY, encode_dss_signature(KNOWN_R, KNOWN_S ^ 1), b"message digest")


def test_what_openssl_signs_the_other_implementation_accepts(public: bytes, private: bytes, locked: Path) -> None:
    signature = sm2.sign(locked, PASSPHRASE, MESSAGE)
    assert other(public).verify_with_sm3(signature.hex(), MESSAGE)
    assert not other(public).verify_with_sm3(signature.hex(), MESSAGE + b" ")
    assert sm2.verify(public, signature, MESSAGE)
    assert sm2.sign(locked, PASSPHRASE, MESSAGE) != signature


def test_what_the_other_implementation_signs_openssl_accepts(public: bytes, private: bytes) -> None:
    signature = bytes.fromhex(other(public, private).sign_with_sm3(MESSAGE))
    assert sm2.verify(public, signature, MESSAGE)
    assert not sm2.verify(public, signature, MESSAGE + b" ")
    assert not sm2.verify(KNOWN_KEY, signature, MESSAGE)


def test_a_signature_under_another_identity_is_refused(public: bytes, locked: Path, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(MESSAGE)
    made = run(
        ["pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-pkeyopt", "distid:ALICE123@YAHOO.COM", "-inkey", locked,
         "-in", tmp_path / "m"], passphrase=PASSPHRASE,
    )  # fmt: skip
    assert made.code == 0
    assert not sm2.verify(public, made.out, MESSAGE)


def test_a_signature_has_one_form(public: bytes, locked: Path) -> None:
    signature = sm2.sign(locked, PASSPHRASE, MESSAGE)
    r, s = decode_dss_signature(signature)
    assert sm2.verify(public, signature, MESSAGE)
    for wrong in (
        b"", signature + b"\0", signature[:-1], b"\x30\x80" + signature[2:] + b"\0\0", b"\x30\x81" + signature[1:],
        encode_dss_signature(r, s + ORDER), encode_dss_signature(r + ORDER, s), encode_dss_signature(0, s),
        encode_dss_signature(r, 0), encode_dss_signature(ORDER, s), encode_dss_signature(s, r),
        encode_dss_signature(r, ORDER - s), r.to_bytes(32, "big") + s.to_bytes(32, "big"),
    ):  # fmt: skip
        assert not sm2.verify(public, wrong, MESSAGE)


def test_a_public_key_has_one_form_and_lies_on_the_curve(public: bytes) -> None:
    assert sm2.is_public(public)
    off = bytearray(public)
    off[-1] ^= 1
    prime = int(default_ecc_table["p"], 16)
    x, y = int.from_bytes(public[-64:-32], "big"), int.from_bytes(public[-32:], "big")
    far = (x + prime).to_bytes(33, "big")[-32:] if x + prime < 1 << 256 else b"\xff" * 32
    assert sm2.is_public(public[:-32] + (prime - y).to_bytes(32, "big"))  # the point's mirror is one, too
    for wrong in (
        bytes(off),
        public[:-1],
        public + b"\0",
        public[:-64] + far + public[-32:],
        public[:-64] + bytes(64),
        b"",
    ):
        assert not sm2.is_public(wrong)
        assert not sm2.verify(wrong, encode_dss_signature(KNOWN_R, KNOWN_S), MESSAGE)
    prime256v1 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
    assert not sm2.is_public(prime256v1 + public[-65:])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100))
def test_whatever_stands_for_a_signature_or_a_key_is_judged(data: bytes) -> None:
    assert not sm2.verify(KNOWN_KEY, data, MESSAGE)
    assert not sm2.verify(sm2.PREFIX + b"\x04" + data[:64].ljust(64, b"\1"), data, MESSAGE)


def test_where_openssl_has_no_sm2_it_is_said_and_nothing_is_called_wrong(
    public: bytes, locked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = sm2.sign(locked, PASSPHRASE, MESSAGE)
    old = tmp_path / "openssl"
    old.write_text("#!/bin/sh\necho 'unknown option -rawin' >&2\nexit 1\n", "ascii")
    old.chmod(stat.S_IRWXU)
    for path in (str(tmp_path), "/nowhere"):
        monkeypatch.setenv("PATH", f"{path}:/bin" if path == str(tmp_path) else path)
        sm2._able.cache_clear()
        for ask in (
            lambda: sm2.verify(public, signature, MESSAGE), lambda: sm2.sign(locked, PASSPHRASE, MESSAGE), sm2.generate,
        ):  # fmt: skip
            with pytest.raises(UsageError) as raised:
                ask()
            assert raised.value.advice is not None
            assert "OpenSSL 3" in raised.value.advice.zh
        assert not sm2.verify(public, b"", MESSAGE)
    sm2._able.cache_clear()


def test_a_passphrase_that_is_no_text_works(private: bytes, public: bytes, tmp_path: Path) -> None:
    for passphrase in (
        secrets.token_bytes(30).replace(b"\n", b"x").replace(b"\r", b"x").replace(b"\0", b"x"),
        b"a" * 1000,
    ):
        path = tmp_path / passphrase[:1].hex()
        path.write_bytes(lock(private, passphrase))
        assert sm2.public_of_file(path, passphrase) == public
        assert sm2.public_of_file(path, passphrase[:-1]) is None
