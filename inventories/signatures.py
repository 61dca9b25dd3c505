"""Signatures over letters of authorisation: Ed25519 over the file's bytes, in a small JSON file beside the letter."""

import base64
import binascii
from collections.abc import Iterable
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from inventories.letters import Signature
from xunyan.canonical import canonical_json
from xunyan.errors import InputError
from xunyan.wording import Text

DOMAIN = b"xunyan.authorisation/1\n"
"""What stands before the signed bytes, so that a signature made for anything else never fits a letter."""


class SignatureFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`LETTER.toml.sig`. `public_key` (32 bytes) and `signature` (64 bytes) are base64."""

    algorithm: Literal["ed25519"]
    public_key: str
    signature: str
    signed_at: str
    by: str
    schema: Literal["xunyan.authorisation-signature/1"] = "xunyan.authorisation-signature/1"


def signed_bytes(letter: bytes, by: str, signed_at: str) -> bytes:
    """Give the bytes that are signed: the domain, who signs and when as one line of JSON, and the letter's own bytes."""
    return DOMAIN + canonical_json({"by": by, "signed_at": signed_at}).encode() + b"\n" + letter


def sign(letter: bytes, key: Ed25519PrivateKey, *, by: str, signed_at: str) -> bytes:
    """Sign a letter's bytes; returns the content of its signature file."""
    made = SignatureFile(
        algorithm="ed25519",
        public_key=base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        signature=base64.b64encode(key.sign(signed_bytes(letter, by, signed_at))).decode(),
        signed_at=signed_at,
        by=by,
    )
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


def verify(letter: bytes, signature: bytes, file: str, trusted: Iterable[str]) -> Signature:
    """Check a letter's bytes against the content of its signature file. Raises InputError naming that file.

    `trusted` are public keys in base64. Where there are any, the signature must be by one of them.
    """
    keys = frozenset(trusted)
    try:
        read = msgspec.json.decode(signature, type=SignatureFile)
        key = base64.b64decode(read.public_key, validate=True)
        made = base64.b64decode(read.signature, validate=True)
        public = Ed25519PublicKey.from_public_bytes(key)
    except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error, ValueError) as error:
        raise InputError(
            Text("不是授权书签名文件", "not a letter's signature file"), where=file, advice=_SIGN_AGAIN
        ) from error
    try:
        public.verify(made, signed_bytes(letter, read.by, read.signed_at))
    except InvalidSignature as error:
        raise InputError(
            Text(
                "签名与授权书不符，授权书签名后改动过",
                "the signature does not fit: the letter was changed after signing",
            ),
            where=file,
            advice=_SIGN_AGAIN,
        ) from error
    identity = base64.b64encode(key).decode()
    if keys and identity not in keys:
        raise InputError(
            Text(f"签名的公钥 {identity} 不在受信任之列", f"signed by the key {identity}, which is not trusted"),
            where=file,
            advice=Text(
                "请受信任的人重新签名，或把这个公钥加入 xunyan.toml 的 [scope] trusted_keys",
                "have a trusted person sign it, or add this key to trusted_keys under [scope] in xunyan.toml",
            ),
        )
    return Signature(identity, read.by, read.signed_at, identity in keys)


_SIGN_AGAIN = Text(
    "核对授权书后用 xunyan scope sign 重新签名", "check the letter and sign it again with xunyan scope sign"
)


def public_key(pem: bytes, file: str) -> str:
    """Read a public key (PEM, Ed25519) as base64. Raises InputError."""
    try:
        found = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _not_key(file, "public") from error
    if not isinstance(found, Ed25519PublicKey):
        raise _not_key(file, "public")
    return base64.b64encode(found.public_bytes_raw()).decode()


def public_pem(key: Ed25519PrivateKey) -> str:
    """Write the public half of a key as PEM, the form that `trusted_keys` names."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_key(pem: bytes, passphrase: bytes | None, file: str) -> Ed25519PrivateKey:
    """Open a private key (PEM, PKCS8, Ed25519). Raises InputError; where a passphrase lacks, see `is_encrypted`."""
    try:
        found = load_pem_private_key(pem, passphrase)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        if passphrase is not None and is_encrypted(pem):
            raise InputError(
                Text("口令不对，或私钥文件已损坏", "a wrong passphrase, or a damaged key"),
                where=file,
                advice=Text("核对口令后重试", "check the passphrase and try again"),
            ) from error
        raise _not_key(file, "private") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise _not_key(file, "private")
    return found


def is_encrypted(pem: bytes) -> bool:
    """Say whether a private key is closed with a passphrase."""
    return b"ENCRYPTED" in pem


def _not_key(file: str, half: Literal["public", "private"]) -> InputError:
    make = "openssl genpkey -algorithm ed25519 -aes256 -out sign.pem"
    take = "openssl pkey -in sign.pem -pubout -out sign.pub.pem"
    if half == "private":
        return InputError(
            Text("不是Ed25519私钥（PEM，PKCS8）", "not an Ed25519 private key (PEM, PKCS8)"),
            where=file,
            advice=Text(f"可用 {make} 生成", f"make one with {make}"),
        )
    return InputError(
        Text("不是Ed25519公钥（PEM）", "not an Ed25519 public key (PEM)"),
        where=file,
        advice=Text(f"可用 {take} 从私钥导出", f"take it from the private key with {take}"),
    )
