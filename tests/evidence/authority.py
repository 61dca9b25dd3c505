"""A timestamp authority of our own, run by the OpenSSL command. It proves the form of a timestamp, not its time."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

needs_openssl = pytest.mark.skipif(which("openssl") is None, reason="no openssl here")

SETTINGS = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
{chain}
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def certify(name: str, by: Holder | None, *, authority: bool, life: timedelta) -> Holder:
    """A certificate by another, or by itself."""
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC) - timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + life)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, critical=True)
    return Holder(builder.sign(by.key if by else key, hashes.SHA256()), key)


class Authority:
    """Root, intermediate (unless `direct`) and signer; `reply` answers a request as a server would."""

    def __init__(self, folder: Path, *, life: timedelta = timedelta(days=30), direct: bool = False) -> None:
        folder.mkdir()
        self.chain = "" if direct else f"certs = {folder}/chain.pem"
        self.folder = folder
        years = timedelta(days=3650)
        self.root = certify("test root", None, authority=True, life=years)
        self.middle = self.root if direct else certify("test intermediate", self.root, authority=True, life=years)
        self.signer = certify("test signer", self.middle, authority=False, life=life)
        (folder / "signer.pem").write_bytes(self.signer.pem())
        (folder / "chain.pem").write_bytes(self.middle.pem())
        key = self.signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "signer.key").write_bytes(key)

    def reply(self, asked: bytes, digests: str = "sha256") -> bytes:
        settings, request, reply = (self.folder / name for name in ("tsa.cnf", "request.tsq", "reply.tsr"))
        settings.write_text(SETTINGS.format(folder=self.folder, digests=digests, chain=self.chain), "ascii")
        request.write_bytes(asked)
        reply.unlink(missing_ok=True)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", settings, "-queryfile", request, "-out", reply],
            check=False,
            capture_output=True,
        )
        return reply.read_bytes()
