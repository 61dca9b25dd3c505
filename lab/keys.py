"""Makes Ed25519 key pairs in OpenSSH's forms, in process, since a farm needs hundreds."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair: `private` is the PEM text of an OpenSSH private key, `line` its public line ("ssh-ed25519 AAAA...")."""

    private: str
    line: str


def make_key() -> Key:
    """Make a new key pair without passphrase."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return Key(private.decode(), public.decode())
