"""Closing a private key with a passphrase: PKCS#8 with PBES2 (RFC 8018), the form that OpenSSL opens.

The library's own writer of this form takes 2,048 rounds of PBKDF2, which is little today, and lets nobody choose.
"""

import secrets

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from evidence.pem import ENCRYPTED, pem

ROUNDS = 600_000
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("300c06082a864886f70d02090500")
_AES256_CBC = bytes.fromhex("060960864801650304012a")
_SEQUENCE, _OCTETS, _INTEGER = 0x30, 0x04, 0x02


def lock(private: bytes, passphrase: bytes) -> bytes:
    """Encrypt a private key (PKCS#8, DER): AES-256 under PBKDF2 with SHA-256. Gives PEM."""
    salt, start = secrets.token_bytes(16), secrets.token_bytes(16)
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, ROUNDS).derive(passphrase)
    padder = padding.PKCS7(128).padder()
    padded = padder.update(private) + padder.finalize()
    encryptor = Cipher(AES256(key), CBC(start)).encryptor()
    sealed = encryptor.update(padded) + encryptor.finalize()
    rounds = _der(_INTEGER, ROUNDS.to_bytes(ROUNDS.bit_length() // 8 + 1, "big"))
    derivation = _der(_SEQUENCE, _PBKDF2, _der(_SEQUENCE, _der(_OCTETS, salt), rounds, _HMAC_SHA256))
    cipher = _der(_SEQUENCE, _AES256_CBC, _der(_OCTETS, start))
    algorithm = _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, derivation, cipher))
    return pem(_der(_SEQUENCE, algorithm, _der(_OCTETS, sealed)), ENCRYPTED)


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body
