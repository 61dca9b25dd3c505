"""Signatures under a manifest: what is accepted and refused, by us, by securesystemslib and by openssl alike."""

import base64
import copy
import json
import shutil
import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer._key import Key, SSlibKey

from evidence import dsse, sm2, timestamps
from evidence.checked import Checked, Part, State
from evidence.keys import Ed25519Key, Kind, PublicKey, Sm2Key
from evidence.pkcs8 import lock
from evidence.signing import LIMITS, check, sign, statement, timestamp_files
from tests.evidence.authority import Authority, needs_openssl
from xunyan.canonical import canonical_json

MANIFEST = '{"schema":"xunyan.package/1","scope":{"kind":"unit","unit":"教育局"}}\n'.encode()
OTHER = MANIFEST.replace("教育局".encode(), "财政局".encode())
FIVE = ("statement.json", "envelope.dsse.json", "ed25519.pae", "ed25519.sig", "ed25519.pem")


def make_key() -> Ed25519Key:
    private = Ed25519PrivateKey.generate()
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Ed25519Key(PublicKey(Kind.ED25519, der), private)


KEY, SECOND = make_key(), make_key()
SIGNED = sign(MANIFEST, KEY)


@pytest.fixture(scope="module")
def sm2_key(tmp_path_factory: pytest.TempPathFactory) -> Sm2Key:
    private = sm2.generate()
    path = tmp_path_factory.mktemp("sm2") / "key.pem"
    path.write_bytes(lock(private, b"geheim-wort"))
    return Sm2Key(PublicKey(Kind.SM2, sm2.public_of(private)), path, b"geheim-wort")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "one")


@pytest.fixture(scope="module")
def whole(sm2_key: Sm2Key, authority: Authority) -> dict[str, bytes]:
    """Everything that can stand under a manifest."""
    asked = timestamps.request(MANIFEST)
    reply = timestamps.take(asked, authority.reply)
    return sign(MANIFEST, KEY, sm2_key) | timestamp_files(asked, reply, authority.root.pem())


def states(found: list[Checked]) -> dict[Part, State]:
    return {one.part: one.state for one in found}


def stands(
    files: Mapping[str, bytes], trusted: tuple[PublicKey, ...] = (KEY.public,), manifest: bytes = MANIFEST
) -> State:
    """How the Ed25519 signature stands."""
    return states(check(manifest, files, trusted))[Part.ED25519]


def test_the_statement_names_the_manifest_alone_by_both_digests() -> None:
    said = json.loads(SIGNED["statement.json"])
    sm3 = subprocess.run(["openssl", "dgst", "-sm3", "-r"], input=MANIFEST, capture_output=True, check=True).stdout
    digests = {"sha256": sha256(MANIFEST).hexdigest(), "sm3": sm3.decode().split()[0]}
    assert said == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "manifest.json", "digest": digests}],
        "predicateType": "urn:xunyan:evidence-package:1",
        "predicate": {"size": len(MANIFEST)},
    }
    envelope = json.loads(SIGNED["envelope.dsse.json"])
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    assert base64.b64decode(envelope["payload"]) == SIGNED["statement.json"]
    assert [one["keyid"] for one in envelope["signatures"]] == [KEY.public.id]
    assert sign(MANIFEST, KEY) == SIGNED
    assert set(SIGNED) == set(FIVE)


def test_who_is_trusted_is_the_readers_choice() -> None:
    assert stands(SIGNED) is State.VALID
    assert stands(SIGNED, (SECOND.public, KEY.public)) is State.VALID
    for trusted in ((), (SECOND.public,)):
        (found, *_) = check(MANIFEST, SIGNED, trusted)
        assert (found.state, found.signer) == (State.UNKNOWN_SIGNER, KEY.public.id)
    assert states(check(MANIFEST, {})) == dict.fromkeys((Part.ED25519, Part.SM2, Part.TIMESTAMP), State.ABSENT)


@needs_openssl
def test_everything_together(whole: dict[str, bytes], sm2_key: Sm2Key, authority: Authority) -> None:
    assert set(whole) == set(LIMITS)
    trusted = (KEY.public, sm2_key.public)
    found = check(MANIFEST, whole, trusted, authority.root.pem())
    assert states(found) == dict.fromkeys((Part.ED25519, Part.SM2, Part.TIMESTAMP), State.VALID)
    assert states(check(MANIFEST, whole)) == dict.fromkeys(states(found), State.UNKNOWN_SIGNER)
    for manifest in (OTHER, MANIFEST + b"\n", b""):
        assert set(states(check(manifest, whole, trusted, authority.root.pem())).values()) == {State.INVALID}


@needs_openssl
def test_openssl_sees_what_we_see(whole: dict[str, bytes], tmp_path: Path) -> None:
    for name, data in whole.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "manifest.json").write_bytes(MANIFEST)
    ed25519 = "openssl pkeyutl -verify -pubin -inkey ed25519.pem -rawin -in ed25519.pae -sigfile ed25519.sig"
    second = (
        "openssl pkeyutl -verify -pubin -inkey sm2.pem -rawin -digest sm3 -pkeyopt distid:1234567812345678"
        " -in ed25519.pae -sigfile sm2.sig"
    )
    timestamp = "openssl ts -verify -data manifest.json -in timestamp.tsr -CAfile timestamp-ca.pem"
    for command, said in ((ed25519, "Verified Success"), (second, "Verified Success"), (timestamp, "Verification: OK")):
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
    tail = subprocess.run(
        ["sh", "-c", 'tail -c "$(wc -c < statement.json)" ed25519.pae | cmp - statement.json'],
        cwd=tmp_path,
        check=False,
    )
    assert tail.returncode == 0
    (tmp_path / "ed25519.pae").write_bytes(whole["ed25519.pae"][:-1] + b" ")
    for command in (ed25519, second):
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode != 0


# --- envelopes, each judged twice -------------------------------------------------------------------------------------


def theirs(data: bytes, keys: tuple[PublicKey, ...]) -> bool:
    """What securesystemslib says of an envelope."""
    known: list[Key] = [
        SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(one.der[-32:]), keyid=one.id) for one in keys
    ]  # fmt: skip
    try:
        Envelope.from_dict(json.loads(data)).verify(known, 1)
    except (VerificationError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    return True


def ours(data: bytes, keys: tuple[PublicKey, ...]) -> bool:
    try:
        return bool(dsse.signers(dsse.read(data), keys))
    except ValueError:
        return False


def mutated() -> dict[str, tuple[bytes, bool]]:
    """Envelopes by what was done to them, and whether the specification accepts them."""
    right: dict[str, Any] = json.loads(SIGNED["envelope.dsse.json"])
    (one,) = right["signatures"]
    another = {"keyid": SECOND.public.id, "sig": base64.b64encode(SECOND.sign(SIGNED["ed25519.pae"])).decode()}
    zeros = base64.b64encode(bytes(64)).decode()
    urlsafe = base64.urlsafe_b64encode(base64.b64decode(one["sig"])).decode()

    def changed(**fields: object) -> bytes:
        return json.dumps({**copy.deepcopy(right), **fields}).encode()

    def without(key: str) -> bytes:
        return json.dumps({name: value for name, value in right.items() if name != key}).encode()

    def signed_by(*signatures: object) -> bytes:
        return changed(signatures=list(signatures))

    return {
        "as it is": (SIGNED["envelope.dsse.json"], True),
        "written otherwise": (json.dumps(right, indent=4).encode(), True),
        "another field": (changed(note="x"), True),
        "another field of a signature": (signed_by({**one, "note": [{"a": 1}]}), True),
        "urlsafe base64": (signed_by({**one, "sig": urlsafe}), True),
        "a second signature by a stranger": (signed_by(one, another), True),
        "a stranger's first": (signed_by(another, one), True),
        "an unknown signature beside it": (signed_by({"keyid": "x", "sig": zeros}, one), True),
        "another payload": (changed(payload=base64.b64encode(statement(OTHER)).decode()), False),
        "another payload type": (changed(payloadType="application/vnd.in-toto+jso"), False),
        "payload and type divided otherwise": (changed(payloadType="", payload=right["payload"]), False),
        "another key id": (signed_by({**one, "keyid": SECOND.public.id}), False),
        "an upper-case key id": (signed_by({**one, "keyid": one["keyid"].upper()}), False),
        "a signature of zeros": (signed_by({**one, "sig": zeros}), False),
        "a short signature": (signed_by({**one, "sig": base64.b64encode(bytes(63)).decode()}), False),
        "an empty signature": (signed_by({**one, "sig": ""}), False),
        "a signature by a stranger": (signed_by(another), False),
        "a stranger's signature under our id": (signed_by({**another, "keyid": one["keyid"]}), False),
        "the same key id twice": (signed_by(one, one), False),
        "no signature": (signed_by(), False),
        "signatures of a wrong type": (changed(signatures={"keyid": "x"}), False),
        "a key id that is a number": (signed_by({**one, "keyid": 1}), False),
        "no key id": (signed_by({"sig": one["sig"]}), False),
        "no payload": (without("payload"), False),
        "no type": (without("payloadType"), False),
        "no signatures": (without("signatures"), False),
        "base64 that is none": (changed(payload=right["payload"][:-3] + "!"), False),
        "base64 with a line break": (changed(payload=right["payload"][:20] + "\n" + right["payload"][20:]), False),
        "base64 without its padding": (signed_by({**one, "sig": one["sig"].rstrip("=")}), False),
        "a list": (b"[]", False),
        "nothing": (b"", False),
        "no text": (b"\xff\xfe" + SIGNED["envelope.dsse.json"], False),
        "half of it": (SIGNED["envelope.dsse.json"][:-20], False),
    }


@pytest.mark.parametrize("name", sorted(mutated()))
def test_an_envelope_is_judged_as_another_implementation_judges_it(name: str) -> None:
    data, right = mutated()[name]
    assert (ours(data, (KEY.public,)), theirs(data, (KEY.public,))) == (right, right)
    assert ours(data, ()) is False


@pytest.mark.parametrize("name", sorted(mutated()))
def test_a_package_takes_an_envelope_in_one_form_only(name: str) -> None:
    """Stricter than the specification on purpose: nothing that it lets pass unread may be changed unseen."""
    data, _ = mutated()[name]
    found = stands({**SIGNED, "envelope.dsse.json": data})
    assert found is (State.VALID if name == "as it is" else State.INVALID)


def encoded(*signatures: tuple[str, bytes]) -> bytes:
    return dsse.Envelope("application/vnd.in-toto+json", SIGNED["statement.json"], signatures).encoded()


def test_further_signatures_are_judged_one_by_one() -> None:
    pae, own = SIGNED["ed25519.pae"], (KEY.public.id, SIGNED["ed25519.sig"])
    both = {**SIGNED, "envelope.dsse.json": encoded(own, (SECOND.public.id, SECOND.sign(pae)))}

    def judged(files: Mapping[str, bytes], *trusted: PublicKey) -> list[State]:
        return [one.state for one in check(MANIFEST, files, trusted) if one.part is Part.ED25519]

    assert judged(both, KEY.public, SECOND.public) == [State.VALID, State.VALID]
    assert judged(both, KEY.public) == [State.VALID, State.COULD_NOT_CHECK]
    assert judged(both, SECOND.public) == [State.UNKNOWN_SIGNER, State.VALID]
    wrong = {**SIGNED, "envelope.dsse.json": encoded(own, (SECOND.public.id, KEY.sign(pae)))}
    assert judged(wrong, KEY.public, SECOND.public) == [State.VALID, State.INVALID]
    swapped = {**SIGNED, "envelope.dsse.json": encoded((SECOND.public.id, SECOND.sign(pae)), own)}
    assert judged(swapped, KEY.public, SECOND.public) == [State.INVALID]
    many = {**SIGNED, "envelope.dsse.json": encoded(own, *((str(n), b"x") for n in range(16)))}
    assert judged(many, KEY.public) == [State.INVALID]


def test_the_files_for_openssl_must_agree_with_the_envelope() -> None:
    """Whoever checks with openssl must not be shown something else than who checks with us."""
    theirs = sign(MANIFEST, SECOND)
    assert stands(theirs) is State.UNKNOWN_SIGNER  # somebody else's signature, right in itself
    for name in ("ed25519.sig", "ed25519.pem", "envelope.dsse.json"):
        assert stands({**SIGNED, name: theirs[name]}, (KEY.public, SECOND.public)) is State.INVALID
    another = sign(OTHER, KEY)
    for name in ("statement.json", "envelope.dsse.json", "ed25519.pae", "ed25519.sig"):
        assert stands({**SIGNED, name: another[name]}) is State.INVALID
    assert stands(another) is State.INVALID
    assert stands(another, manifest=OTHER) is State.VALID


@pytest.mark.parametrize("name", FIVE)
def test_every_byte_of_every_file_counts(name: str) -> None:
    data = SIGNED[name]
    for place in range(len(data)):
        for flip in (0x01, 0x20, 0x80):
            changed = data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :]
            assert stands({**SIGNED, name: changed}) is State.INVALID, (place, flip)
    for changed in (data + b"\n", data + b"\0", b"\n" + data, data[:-1], b"", data * 2, data + b" " * LIMITS[name]):
        assert stands({**SIGNED, name: changed}) is State.INVALID
    left = {key: value for key, value in SIGNED.items() if key != name}
    (found, *_) = check(MANIFEST, left, (KEY.public,))
    assert found.state is State.INVALID
    assert name in found.detail.zh


def test_a_statement_that_names_something_else_is_refused() -> None:
    """Signed rightly, by a trusted signer, and still not about this manifest alone."""
    right = json.loads(SIGNED["statement.json"])
    (subject,) = right["subject"]
    digest = subject["digest"]
    statements: list[dict[str, Any]] = [
        {**right, "subject": []},
        {**right, "subject": [subject, {"name": "x", "digest": digest}]},
        {**right, "subject": [{**subject, "name": "manifest.jsoN"}]},
        {**right, "subject": [{**subject, "digest": {"sha256": digest["sha256"]}}]},
        {**right, "subject": [{**subject, "digest": {**digest, "sm3": "0" * 64}}]},
        {**right, "subject": [{**subject, "digest": {**digest, "sha256": digest["sha256"].upper()}}]},
        {**right, "predicateType": "https://slsa.dev/provenance/v1"},
        {**right, "predicate": {"size": 1}},
        {**right, "_type": "https://in-toto.io/Statement/v0.1"},
    ]
    for said in [canonical_json(one).encode() for one in statements] + [json.dumps(right).encode()]:
        signed = dsse.pae("application/vnd.in-toto+json", said)
        made = KEY.sign(signed)
        envelope = dsse.Envelope("application/vnd.in-toto+json", said, ((KEY.public.id, made),))
        files = {
            "statement.json": said, "envelope.dsse.json": envelope.encoded(), "ed25519.pae": signed, "ed25519.sig": made,
            "ed25519.pem": KEY.public.pem(),
        }  # fmt: skip
        assert ours(files["envelope.dsse.json"], (KEY.public,))
        assert stands(files) is State.INVALID


def test_a_file_that_has_no_place_there_is_told() -> None:
    found = check(MANIFEST, {**SIGNED, "run.sh\n\u202e": b"x"}, (KEY.public,))
    (stray,) = [one for one in found if one.part is Part.OTHER]
    assert stray.state is State.INVALID
    assert "\\u202e" in stray.detail.zh
    assert "\n" not in stray.detail.zh


@needs_openssl
def test_a_changed_sm2_signature_is_seen(whole: dict[str, bytes], sm2_key: Sm2Key) -> None:
    def judged(**files: bytes) -> State:
        return states(check(MANIFEST, {**whole, **files}, (KEY.public, sm2_key.public)))[Part.SM2]

    signature, public = whole["sm2.sig"], whole["sm2.pem"]
    assert judged() is State.VALID
    for place in range(0, len(signature), 9):
        assert (
            judged(**{"sm2.sig": signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]})
            is State.INVALID
        )
    for changed in (b"", public.replace(b"\n", b"\r\n"), public + b"\n", whole["ed25519.pem"], public * 2, b"x" * 5000):
        assert judged(**{"sm2.pem": changed}) is State.INVALID
    assert judged(**{"sm2.sig": sign(OTHER, KEY, sm2_key)["sm2.sig"]}) is State.INVALID
    assert judged(**{"ed25519.pae": whole["ed25519.pae"] + b"x"}) is State.INVALID
    assert judged(**{"ed25519.sig": bytes(64)}) is State.VALID  # the other signature's trouble
    for missing in ("sm2.sig", "sm2.pem", "ed25519.pae", "statement.json"):
        left = {name: data for name, data in whole.items() if name != missing}
        assert states(check(MANIFEST, left))[Part.SM2] is State.INVALID


@needs_openssl
def test_without_openssl_the_rest_is_still_checked(
    whole: dict[str, bytes], sm2_key: Sm2Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    sm2._able.cache_clear()
    found = states(check(MANIFEST, whole, (KEY.public, sm2_key.public)))
    assert found == {
        Part.ED25519: State.VALID, Part.SM2: State.COULD_NOT_CHECK, Part.TIMESTAMP: State.COULD_NOT_CHECK
    }  # fmt: skip
    assert states(check(OTHER, whole))[Part.SM2] is State.INVALID
    assert shutil.which("openssl") is None


DEEP = st.sampled_from([b"[" * 30_000, b'{"payload":' * 3_000, b'{"signatures":[' * 2_000, b'{"x":' + b"[" * 20_000])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(FIVE), data=st.binary(max_size=200) | DEEP)
def test_whatever_a_file_holds_is_judged(name: str, data: bytes) -> None:
    assert stands({**SIGNED, name: data}) is State.INVALID
    assert not ours(data, (KEY.public,))
    assert stands(dict.fromkeys(FIVE, data)) is State.INVALID


@needs_openssl
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_whatever_all_files_hold_is_judged(data: bytes) -> None:
    found = check(MANIFEST, dict.fromkeys(LIMITS, data), (KEY.public,), b"")
    assert {one.state for one in found} == {State.INVALID}


def test_lone_surrogates_in_an_envelope_are_no_reason_to_fail() -> None:
    for text in (b'"\\ud800"', b'"\\u0000"'):
        data = b'{"payload":"","payloadType":' + text + b',"signatures":[{"keyid":' + text + b',"sig":""}]}'
        assert not ours(data, (KEY.public,))
        assert stands({**SIGNED, "envelope.dsse.json": data}) is State.INVALID
