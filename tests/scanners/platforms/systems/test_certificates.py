"""Certificates: raw lines as the agent writes them, and what is expected of them.

The lines are made by hand; the certificates in them are made at every run, and spoiled by hand where they must be.
"""

import base64
import hashlib
import random
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from scanners.platforms.systems.certificates import read_certificates
from tests.scanners.platforms.systems.answering import cited, facts_of, refused, text_of
from xunyan.facts import Certificate

KEY = ed25519.Ed25519PrivateKey.generate()
DNS = ("www.jyj.example", "jyj.example")


def der(*names: x509.GeneralName, subject: str = "www.jyj.example", serial: int = 5) -> bytes:
    """Make a certificate that signs itself."""
    name = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "某教育局"),
        x509.NameAttribute(NameOID.COMMON_NAME, subject),
    ])  # fmt: skip
    made = x509.CertificateBuilder(
        name, name, KEY.public_key(), serial, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
    )
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(KEY, None).public_bytes(Encoding.DER)


def named(*names: str) -> bytes:
    return der(*map(x509.DNSName, names))


def line(certificate: bytes = b"", **changed: object) -> dict[str, object]:
    made: dict[str, object] = {
        "network": "外网", "name": "www.jyj.example", "address": "10.8.0.1", "family": 4, "port": 443, "outcome": "ok",
        "protocol": "TLSv1.3", "certificate": base64.b64encode(certificate).decode(), "detail": "",
    }  # fmt: skip
    return made | changed


def read(certificate: bytes) -> Certificate:
    (fact,) = facts_of(read_certificates, "tls", text_of(line(certificate)))
    assert isinstance(fact, Certificate)
    return fact


def test_a_certificate_as_it_was_shown() -> None:
    shown = der(*map(x509.DNSName, DNS), x509.IPAddress(ip_address("10.8.0.1")), x509.RFC822Name("a@jyj.example"))
    name = "CN=www.jyj.example,O=某教育局,C=CN"
    assert read(shown) == Certificate(
        "外网", "www.jyj.example", "10.8.0.1", 4, 443, "ok", name, name, (*DNS, "10.8.0.1"), "2026-01-01", "2027-03-01",
        hashlib.sha256(shown).hexdigest(),
    )  # fmt: skip


def test_no_certificate() -> None:
    lines = [line(outcome=one, protocol="") for one in ("failed", "timeout", "not-permitted")]
    assert [
        fact.outcome for fact in facts_of(read_certificates, "tls", text_of(*lines)) if isinstance(fact, Certificate)
    ] == [
        "failed",
        "timeout",
        "not-permitted",
    ]
    assert cited(read_certificates, "tls", text_of(*lines)) == [(1, 1), (2, 2), (3, 3)]
    assert read(b"").outcome == "failed"
    assert facts_of(read_certificates, "tls", text_of({"outcome": "nothing", "because": "no-open-port"})) == ()


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (b"www.jyj.exampl\0", "www.jyj.exampl\\x00"),
        (b"www.jyj\0.exampl", "www.jyj\\x00.exampl"),
        (b"www.jyj.exam\nle", "www.jyj.exam\\x0ale"),
        (b"www.jyj.exam\x1ble", "www.jyj.exam\\x1ble"),
        (b"www\\jyj.example", "www\\x5cjyj.example"),
    ],
)
def test_a_name_with_a_character_that_does_not_show_equals_no_clean_one(inside: bytes, expected: str) -> None:
    fact = read(named("www.jyj.example", "b.example").replace(b"www.jyj.example", inside))
    assert fact.outcome == "ok"
    assert fact.names == (expected, "b.example")
    assert all(one.isprintable() for one in (*fact.names, fact.subject, fact.issuer))
    assert "www.jyj.example" not in fact.subject


def test_a_name_that_writes_an_escape_itself_is_another() -> None:
    written = read(named("www.jyj.exa\\x00")).names
    assert written != read(named("www.jyj.exa0").replace(b"www.jyj.exa0", b"www.jyj.exa\0")).names


def test_a_direction_mark_in_a_subject_shows() -> None:
    fact = read(der(subject="moc.elpmaxe\u202e"))
    assert "\\u202e" in fact.subject


def test_names_are_bounded() -> None:
    fact = read(named(*(f"{n}.example" for n in range(700)), "x" * 300))
    assert len(fact.names) == 500
    assert read(named("X" * 300)).names == ("x" * 254 + "…",)


def test_names_are_lower_case_each_once_and_ranges_are_kept() -> None:
    net = x509.IPAddress(ip_network("10.0.0.0/8"))
    mapped = x509.IPAddress(ip_address("::ffff:10.0.0.1"))
    fact = read(der(x509.DNSName("A.example"), x509.DNSName("a.example"), x509.DNSName("*.B.example"), net, mapped))
    assert fact.names == ("a.example", "*.b.example", "10.0.0.0/8", "::ffff:10.0.0.1")


def test_a_certificate_without_names_for_itself() -> None:
    assert (read(der()).outcome, read(der()).names) == ("ok", ())


def test_what_the_library_warns_of_is_read_without_a_word() -> None:
    made = named(*DNS)
    assert read(made.replace(b"\x02\x01\x05", b"\x02\x01\x00", 1)).outcome == "ok"
    assert read(made.replace(b"\x55\x04\x06\x13\x02CN", b"\x55\x04\x03\x13\x02CN")).outcome == "ok"


def test_what_cannot_be_read_is_failed_with_what_could_be() -> None:
    made = named(*DNS)
    bad = read(made.replace(b"www.jyj.example", b"www.jyj.exam\xffle"))
    assert (bad.outcome, bad.names, bad.not_after) == ("failed", (), "2027-03-01")
    extension = read(made.replace(b"\x30\x1e\x82\x0f", b"\x30\x1e\xbf\x0f"))
    assert (extension.outcome, extension.names) == ("failed", ())
    assert extension.subject.startswith("CN=www.jyj.example")
    junk = read(b"junk")
    assert (junk.outcome, junk.subject, junk.sha256) == ("failed", "", hashlib.sha256(b"junk").hexdigest())


def test_a_certificate_of_the_national_algorithm(tmp_path: Path) -> None:
    key, made = tmp_path / "key.pem", tmp_path / "made.der"
    run(["openssl", "ecparam", "-name", "SM2", "-genkey", "-noout", "-out", str(key)])
    subject = ["-subj", "/C=CN/O=test/CN=gm.example", "-addext", "subjectAltName=DNS:gm.example", "-days", "10"]
    run(["openssl", "req", "-x509", "-new", "-key", str(key), "-sm3", *subject, "-outform", "DER", "-out", str(made)])
    fact = read(made.read_bytes())
    assert (fact.outcome, fact.subject, fact.names) == ("ok", "CN=gm.example,O=test,C=CN", ("gm.example",))


def run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def test_no_bytes_raise() -> None:
    made, chance = named(*DNS), random.Random(20261121)
    spoiled = []
    for _ in range(5000):
        data = bytearray(made)
        for _ in range(chance.choice((1, 1, 2, 5))):
            at = chance.randrange(len(data))
            data[at : at + chance.choice((0, 1, 1, 1))] = bytes([chance.randrange(256)])
        spoiled.append(bytes(data))
    lines = [line(one, port=1 + at) for at, one in enumerate(spoiled)]
    facts = [fact for fact in facts_of(read_certificates, "tls", text_of(*lines)) if isinstance(fact, Certificate)]
    assert len(facts) == 5000
    assert {fact.outcome for fact in facts} == {"ok", "failed"}


@pytest.mark.parametrize(
    "changed", [{"certificate": "no base64!"}, {"certificate": 7}, {"outcome": "open"}, {"address": ""}]
)
def test_a_line_of_another_shape_is_named(changed: dict[str, object]) -> None:
    assert refused(read_certificates, "tls", text_of(line(), line() | changed)).startswith("line 2 is not ")
