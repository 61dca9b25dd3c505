"""SM2 signatures with SM3 (GB/T 32918.2, GB/T 35276), made and checked by the OpenSSL command."""

import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from evidence.openssl import Answer, cannot, run
from evidence.pem import PUBLIC, pem, unpem
from xunyan.wording import Text

IDENTITY = "1234567812345678"
"""The signer's identity that goes into the digest where none was agreed (GM/T 0009)."""

PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""What a SubjectPublicKeyInfo of SM2 begins with; an uncompressed point of 65 bytes follows."""

_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_OPTIONS = ("-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{IDENTITY}")
_UNABLE = Text("本机的 openssl 不支持SM2签名", "the openssl here does not do SM2 signatures")


def is_public(der: bytes) -> bool:
    """Say whether it is a public key of SM2: the one form of it, and a point of the curve."""
    if not der.startswith(PREFIX + b"\x04") or len(der) != len(PREFIX) + 65:
        return False
    x, y = int.from_bytes(der[-64:-32], "big"), int.from_bytes(der[-32:], "big")
    return x < _P and y < _P and (y * y - x * x * x + 3 * x - _B) % _P == 0


def generate() -> bytes:
    """Make a private key: PKCS#8 as DER, not encrypted. It never stands in a file. Raises UsageError."""
    made = run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"])
    der = unpem(made.out, b"PRIVATE KEY")
    if made.code != 0 or der is None:
        raise cannot(_UNABLE)
    return der


def public_of(private: bytes) -> bytes:
    """Give the public half of a private key (DER), as DER. Raises UsageError."""
    found = _public(run(["pkey", "-inform", "DER", "-pubout", "-outform", "DER"], data=private))
    if found is None:
        raise cannot(_UNABLE)
    return found


def public_of_file(path: Path, passphrase: bytes) -> bytes | None:
    """Give the public half of an encrypted private key; None where the passphrase is wrong or the file damaged."""
    return _public(run(["pkey", "-in", path.absolute(), "-pubout", "-outform", "DER"], passphrase=passphrase))


def _public(answer: Answer) -> bytes | None:
    return answer.out if answer.code == 0 and is_public(answer.out) else None


def sign(path: Path, passphrase: bytes, message: bytes) -> bytes:
    """Sign with an encrypted private key; gives the signature as DER. Raises UsageError."""
    made = run(["pkeyutl", "-sign", *_OPTIONS, "-inkey", path.absolute()], data=message, passphrase=passphrase)
    if made.code != 0 or not _is_signature(made.out):
        raise cannot(_UNABLE)
    return made.out


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether the signature (DER) is right. What is malformed is not. Raises UsageError where OpenSSL cannot tell."""
    if not is_public(public) or not _is_signature(signature):
        return False
    if not _able():
        raise cannot(_UNABLE)
    return _verified(public, signature, message)


def _verified(public: bytes, signature: bytes, message: bytes) -> bool:
    with tempfile.TemporaryDirectory(prefix="xunyan-") as folder:
        key, signed = Path(folder, "key.pem"), Path(folder, "signature")
        key.write_bytes(pem(public, PUBLIC))
        signed.write_bytes(signature)
        told = run(["pkeyutl", "-verify", *_OPTIONS, "-pubin", "-inkey", key, "-sigfile", signed], data=message)
    return told.code == 0


def _is_signature(der: bytes) -> bool:
    """Say whether it is two numbers in range in the one form that DER has for them."""
    try:
        r, s = decode_dss_signature(der)
    except ValueError:
        return False
    return 0 < r < _N and 0 < s < _N and encode_dss_signature(r, s) == der


_KNOWN_KEY = PREFIX + bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_KNOWN = encode_dss_signature(
    0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3,
    0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA,
)


@lru_cache(maxsize=1)
def _able() -> bool:
    """See that OpenSSL gets the standard's own example right (GB/T 32918.5): else its refusals mean nothing."""
    return _verified(_KNOWN_KEY, _KNOWN, b"message digest")
