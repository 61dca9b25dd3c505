"""Makes certificates of a lab's own authority, and those that a client must not accept."""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.services.words import host_name, refused

Kind: TypeAlias = Literal["valid", "expired", "self-signed", "wrong-name", "nul-name"]

OTHER_NAME = "another-host.invalid"
"""The only name in a certificate of the kind `wrong-name`."""

EVIL_NAME = "evil.invalid"
"""What follows the NUL in the names of a certificate of the kind `nul-name`, which begin with the server's own."""

_DAYS: dict[str, tuple[int, int]] = {"expired": (-400, -30)}
_CURRENT = (-1, 365)
_AUTHORITY = "CN=Lab authority,O=xunyan lab"


class Authority:
    """A certificate authority that lives as long as the object. `pem` is its certificate, for clients to trust."""

    def __init__(self) -> None:
        self._key = generate_private_key(SECP256R1())
        self._name = x509.Name.from_rfc4514_string(_AUTHORITY)
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        builder = _builder(self._name, self._key, self._name, _CURRENT).add_extension(constraints, critical=True)
        usage = _usage(signs_certificates=True)
        self._certificate = builder.add_extension(usage, critical=True).sign(self._key, SHA256())
        self.pem = self._certificate.public_bytes(Encoding.PEM).decode("ascii")

    def certificate(
        self, kind: Kind, names: Iterable[str], addresses: Iterable[str] = (), subject: str = ""
    ) -> tuple[str, str]:
        """Make (certificate, private key) in PEM, good for a server with these names and addresses, but for its kind's fault.

        `subject` is a name as RFC 4514 writes it, in place of CN=first name. Raises InputError for what is no name.
        """
        dns = [OTHER_NAME] if kind == "wrong-name" else [host_name(name, "names") for name in names]
        known = [] if kind == "wrong-name" else [ipaddress.ip_address(address) for address in addresses]
        if kind == "nul-name":
            dns = [f"{name}\0.{EVIL_NAME}" for name in dns or [OTHER_NAME]]
        alternatives = [*(x509.DNSName(name) for name in dns), *(x509.IPAddress(address) for address in known)]
        try:
            own = _subject(subject, ([*dns, *map(str, known)] or [OTHER_NAME])[0][:64])
        except ValueError:
            raise refused(subject, "subject") from None
        key = generate_private_key(SECP256R1())
        alone = kind == "self-signed"
        builder = _builder(own, key, own if alone else self._name, _DAYS.get(kind, _CURRENT))
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        signer = key if alone else self._key
        origin = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        made = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(origin, critical=False)
            .sign(signer, SHA256())
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return made.public_bytes(Encoding.PEM).decode("ascii"), private.decode("ascii")


def _subject(written: str, name: str) -> x509.Name:
    """Read a subject as RFC 4514 writes it, or make one of a common name. Raises ValueError."""
    if written:
        return x509.Name.from_rfc4514_string(written)
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, key: EllipticCurvePrivateKey, issuer: x509.Name, days: tuple[int, int]
) -> x509.CertificateBuilder:
    now = datetime.now(UTC).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
