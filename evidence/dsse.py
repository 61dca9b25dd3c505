"""DSSE envelopes (Dead Simple Signing Envelope, v1): signed bytes with their type, and signatures over both."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evidence.keys import Kind, PublicKey
from xunyan.canonical import canonical_json


class _Signature(msgspec.Struct, frozen=True):
    keyid: str
    sig: str


class _Form(msgspec.Struct, frozen=True):
    """Fields that nobody knows are ignored, as the specification says."""

    payload: str
    payload_type: str = msgspec.field(name="payloadType")
    signatures: tuple[_Signature, ...]


_decoder = msgspec.json.Decoder(_Form)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is signed, its type, and signatures as (key id, bytes), each key id once."""

    payload_type: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]

    def pae(self) -> bytes:
        """Give the bytes that are signed."""
        return pae(self.payload_type, self.payload)

    def encoded(self) -> bytes:
        """Write it as JSON in one form: keys in order, one line."""
        form = {
            "payload": base64.b64encode(self.payload).decode(),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": key, "sig": base64.b64encode(made).decode()} for key, made in self.signatures],
        }
        return canonical_json(form).encode("utf-8", "surrogatepass") + b"\n"


def pae(payload_type: str, payload: bytes) -> bytes:
    """Put type and payload together so that no two pairs give the same bytes (pre-authentication encoding)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def read(data: bytes) -> Envelope:
    """Read an envelope as the specification allows it to be written. Raises ValueError."""
    try:
        form = _decoder.decode(data)
        signatures = tuple((one.keyid, _bytes(one.sig)) for one in form.signatures)
        payload = _bytes(form.payload)
    except (msgspec.DecodeError, RecursionError, UnicodeError, binascii.Error) as error:
        raise ValueError(str(error)) from error
    if len({key for key, _ in signatures}) != len(signatures):
        raise ValueError("a key id stands twice")
    return Envelope(form.payload_type, payload, signatures)


def signers(envelope: Envelope, keys: Iterable[PublicKey]) -> frozenset[str]:
    """Give the ids of those keys whose signature over the envelope is right."""
    known = {one.id: one for one in keys}
    signed = envelope.pae()
    return frozenset(id_ for id_, made in envelope.signatures if id_ in known and fits(known[id_], made, signed))


def fits(key: PublicKey, signature: bytes, signed: bytes) -> bool:
    """Say whether an Ed25519 signature is right."""
    if key.kind is not Kind.ED25519:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.der[-32:]).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _bytes(text: str) -> bytes:
    """Read base64, of either alphabet."""
    data = text.encode()
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        return base64.b64decode(data, altchars=b"-_", validate=True)
