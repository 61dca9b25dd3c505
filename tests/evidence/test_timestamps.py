"""Timestamps: what proves a time, and what does not; judged by OpenSSL and by another implementation alike."""

import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from evidence import openssl, sm2, timestamps
from evidence.checked import State
from evidence.pem import CERTIFICATE, blocks
from tests.evidence.authority import Authority, needs_openssl
from xunyan.errors import InputError, UsageError

pytestmark = needs_openssl

MANIFEST = b'{"schema":"xunyan.package/1"}\n'


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "first")


@pytest.fixture(scope="module")
def taken(authority: Authority) -> tuple[bytes, bytes]:
    asked = timestamps.request(MANIFEST)
    return asked, timestamps.take(asked, authority.reply)


def stands(taken: tuple[bytes, bytes], root: bytes = b"", own: bytes | None = None) -> State:
    return timestamps.check(MANIFEST, *taken, own=own, authorities=root).state


def test_a_request_is_one_that_openssl_reads(tmp_path: Path) -> None:
    asked = timestamps.request(MANIFEST)
    (tmp_path / "q").write_bytes(asked)
    done = subprocess.run(
        ["openssl", "ts", "-query", "-in", tmp_path / "q", "-text"], capture_output=True, text=True, check=True
    )
    assert "Hash Algorithm: sha256" in done.stdout
    assert "Certificate required: yes" in done.stdout
    assert f"0x{asked[-11:-3].hex().upper()}" in done.stdout
    again = subprocess.run(
        ["openssl", "ts", "-query", "-in", tmp_path / "q", "-out", tmp_path / "q2"], check=True, capture_output=True
    )
    assert again.returncode == 0
    assert (tmp_path / "q2").read_bytes() == asked
    assert timestamps.request(MANIFEST) != asked


def test_a_timestamp_proves_its_time_to_those_who_trust_its_authority(
    authority: Authority, taken: tuple[bytes, bytes], tmp_path: Path
) -> None:
    found = timestamps.check(MANIFEST, *taken, authorities=authority.root.pem())
    assert found.state is State.VALID
    stated = datetime.fromisoformat(found.at)
    assert abs(stated - datetime.now(UTC)) < timedelta(minutes=2)
    assert stated.astimezone().strftime("%M:%S") in found.detail.zh
    assert found.signer == authority.signer.certificate.fingerprint(SHA256()).hex()
    other = Authority(tmp_path / "other")
    assert stands(taken) is State.UNKNOWN_SIGNER
    assert stands(taken, other.root.pem()) is State.UNKNOWN_SIGNER
    assert stands(taken, other.root.pem() + authority.root.pem()) is State.VALID


def test_the_certificate_in_the_package_must_be_the_authoritys_but_is_not_trusted(
    authority: Authority, taken: tuple[bytes, bytes], tmp_path: Path
) -> None:
    own = authority.root.pem()
    found = timestamps.check(MANIFEST, *taken, own=own)
    assert found.state is State.UNKNOWN_SIGNER
    assert found.signer == authority.root.certificate.fingerprint(SHA256()).hex()
    assert stands(taken, own, own) is State.VALID
    assert stands(taken, own, Authority(tmp_path / "other").root.pem()) is State.INVALID
    assert stands(taken, own, b"no certificate") is State.INVALID


def test_what_does_not_fit_is_invalid(authority: Authority, taken: tuple[bytes, bytes]) -> None:
    asked, reply = taken
    root = authority.root.pem()
    another = timestamps.request(MANIFEST)
    assert timestamps.check(MANIFEST + b" ", asked, reply, authorities=root).state is State.INVALID
    assert stands((another, reply), root) is State.INVALID  # of this manifest, and not the answer to this request
    assert stands((asked, authority.reply(timestamps.request(b"x"))), root) is State.INVALID
    for broken in (asked[:-1] + b"\x01", asked[:-1], asked + b"\0", b"", asked[:25] + b"\0" * 32 + asked[57:]):
        assert stands((broken, reply), root) is State.INVALID
    for broken in (
        b"",
        b"\0",
        reply[:-1],
        reply[: len(reply) // 2],
        b"\x30\x80" * 50_000,
        reply * 200,
        reply * 400,
        reply + b"\0",
    ):
        assert stands((asked, broken), root) is State.INVALID


def test_a_refusal_is_said_and_no_timestamp(authority: Authority) -> None:
    asked = timestamps.request(MANIFEST)
    refused = authority.reply(asked, digests="sha512")
    assert b"Message digest algorithm is not supported" in refused
    with pytest.raises(InputError) as raised:
        timestamps.take(asked, {asked: refused}.__getitem__)
    assert raised.value.where == "Message digest algorithm is not supported."
    assert stands((asked, refused), authority.root.pem()) is State.INVALID
    for wrong in (b"", b"<html>502</html>", authority.reply(timestamps.request(MANIFEST))):
        with pytest.raises(InputError):
            timestamps.take(asked, {asked: wrong}.__getitem__)


def test_a_time_that_the_authority_did_not_sign_is_not_believed(
    authority: Authority, taken: tuple[bytes, bytes], tmp_path: Path
) -> None:
    """The status around the token is not signed: a text in it may look like the line that states the time."""
    asked, reply = taken
    (tmp_path / "reply").write_bytes(reply)
    subprocess.run(
        ["openssl", "ts", "-reply", "-in", tmp_path / "reply", "-token_out", "-out", tmp_path / "token"],
        check=True, capture_output=True,
    )  # fmt: skip
    said = b"x\nTime stamp: Jan  1 00:00:00 2001 GMT\n"
    text = _der(0x30, _der(0x0C, said))
    forged = _der(0x30, _der(0x30, b"\x02\x01\x00" + text) + (tmp_path / "token").read_bytes())
    found = timestamps.check(MANIFEST, asked, forged, authorities=authority.root.pem())
    assert found.state is State.VALID
    assert found.at == timestamps.check(MANIFEST, *taken).at
    (tmp_path / "reply").write_bytes(forged)
    whole = subprocess.run(
        ["openssl", "ts", "-reply", "-in", tmp_path / "reply", "-text"], capture_output=True, check=True
    )
    assert b"2001" in whole.stdout


def test_flipped_bytes_never_give_another_time(authority: Authority, taken: tuple[bytes, bytes]) -> None:
    asked, reply = taken
    right = timestamps.check(MANIFEST, asked, reply).at
    invalid = 0
    for place in range(0, len(reply), max(1, len(reply) // 40)):
        flipped = bytearray(reply)
        flipped[place] ^= 0x41
        found = timestamps.check(MANIFEST, asked, bytes(flipped), authorities=authority.root.pem())
        invalid += found.state is State.INVALID
        assert found.at in ("", right)
    assert invalid > 20


def test_a_timestamp_holds_when_the_certificate_has_run_out_since_and_not_when_before(tmp_path: Path) -> None:
    brief = Authority(tmp_path / "brief", life=timedelta(hours=1, seconds=3))
    asked = timestamps.request(MANIFEST)
    reply = timestamps.take(asked, brief.reply)
    time.sleep(4)
    (tmp_path / "q").write_bytes(asked)
    (tmp_path / "r").write_bytes(reply)
    (tmp_path / "root").write_bytes(brief.root.pem())
    plain = subprocess.run(
        ["openssl", "ts", "-verify", "-queryfile", tmp_path / "q", "-in", tmp_path / "r", "-CAfile", tmp_path / "root"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert plain.returncode != 0
    assert b"expired" in plain.stderr
    assert stands((asked, reply), brief.root.pem()) is State.VALID
    late = timestamps.request(MANIFEST)
    assert stands((late, brief.reply(late)), brief.root.pem()) is State.INVALID


def test_another_implementation_judges_alike(tmp_path: Path) -> None:
    """Without an intermediate: OpenSSL does not sort certificates as DER demands, and the other one refuses that."""
    authority, other = (Authority(tmp_path / name, direct=True) for name in ("one", "other"))
    asked, again = timestamps.request(MANIFEST), timestamps.request(MANIFEST)
    reply = timestamps.take(asked, authority.reply)
    damaged = bytearray(reply)
    damaged[-5] ^= 1
    tried = [
        (MANIFEST, asked, reply, authority),
        (MANIFEST + b" ", asked, reply, authority),
        (MANIFEST, asked, reply, other),
        (MANIFEST, again, reply, authority),
        (MANIFEST, asked, bytes(damaged), authority),
        (MANIFEST, again, authority.reply(again), authority),
    ]
    judged = [(_ours(*one), _theirs(*one)) for one in tried]
    assert judged == [(True, True), (False, False), (False, False), (False, False), (False, False), (True, True)]


def _ours(manifest: bytes, asked: bytes, reply: bytes, by: Authority) -> bool:
    return timestamps.check(manifest, asked, reply, authorities=by.root.pem()).state is State.VALID


def _theirs(manifest: bytes, asked: bytes, reply: bytes, by: Authority) -> bool:
    verifier = VerifierBuilder().add_root_certificate(by.root.certificate).nonce(int.from_bytes(asked[-11:-3], "big"))
    try:
        return verifier.build().verify_message(decode_timestamp_response(reply), manifest)
    except (VerificationError, ValueError):
        return False


def test_a_signature_that_openssl_cannot_judge_is_said_to_be_unjudged(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL makes and checks no timestamp with SM2; one whose signer has such a certificate is neither right nor wrong."""
    certificate = _sm2_certificate(authority.folder)
    asked = timestamps.request(MANIFEST)
    chain = authority.folder / "chain.pem"
    before = chain.read_bytes()
    chain.write_bytes(certificate)
    reply = bytearray(authority.reply(asked))
    chain.write_bytes(before)
    assert stands((asked, bytes(reply))) is State.UNKNOWN_SIGNER
    reply[-3] ^= 1
    found = timestamps.check(MANIFEST, asked, bytes(reply))
    assert found.state is State.COULD_NOT_CHECK
    assert "SM2" in found.detail.zh
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError):
        timestamps.check(MANIFEST, asked, bytes(reply))


def _sm2_certificate(folder: Path) -> bytes:
    (folder / "sm2.key").write_bytes(
        openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"]).out
    )
    done = subprocess.run(
        ["openssl", "req", "-x509", "-new", "-key", folder / "sm2.key", "-sm3", "-sigopt", f"distid:{sm2.IDENTITY}",
         "-subj", "/CN=test sm2", "-addext", "extendedKeyUsage=critical,timeStamping", "-days", "30"],
        capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_authorities_come_as_certificates(authority: Authority) -> None:
    pem = authority.root.pem()
    read = timestamps.read_authorities(b"subject=CN\r\n" + pem.replace(b"\n", b"\r\n") + pem, "ca.pem")
    assert blocks(read, CERTIFICATE) == [authority.root.certificate.public_bytes(Encoding.DER)] * 2
    for wrong in (b"", b"x", pem[:100], authority.root.certificate.public_bytes(Encoding.DER)):
        with pytest.raises(InputError, match="ca\\.pem"):
            timestamps.read_authorities(wrong, "ca.pem")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=300), place=st.integers(0, 900))
def test_whatever_a_reply_holds_is_judged(taken: tuple[bytes, bytes], noise: bytes, place: int) -> None:
    asked, reply = taken
    assert timestamps.check(MANIFEST, asked, reply[:place] + noise + reply[place + 200 :]).state is State.INVALID
    assert timestamps.check(MANIFEST, noise, reply).state is State.INVALID


def _der(tag: int, body: bytes) -> bytes:
    size = len(body)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + body
