"""PEM, strictly: the one form that we write, and what may be read of files that people bring."""

import base64
import binascii
import re

PUBLIC = b"PUBLIC KEY"
ENCRYPTED = b"ENCRYPTED PRIVATE KEY"
CERTIFICATE = b"CERTIFICATE"


def pem(der: bytes, label: bytes) -> bytes:
    """Write DER as PEM: lines of 64 characters, as OpenSSL does."""
    text = base64.b64encode(der)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN " + label + b"-----", *lines, b"-----END " + label + b"-----", b""])


def blocks(data: bytes, label: bytes) -> list[bytes]:
    """Give the DER of every block of that label; one that is no base64 is left out."""
    shape = re.compile(b"-----BEGIN " + label + b"-----([A-Za-z0-9+/=\\s]*)-----END " + label + b"-----")
    found = []
    for block in shape.findall(data):
        try:
            found.append(base64.b64decode(b"".join(block.split()), validate=True))
        except binascii.Error:
            continue
    return found


def unpem(data: bytes, label: bytes) -> bytes | None:
    """Give the DER of the only block of that label; None where there is none, or another beside it."""
    found = blocks(data, label)
    return found[0] if len(found) == 1 else None
