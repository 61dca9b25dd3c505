"""Reads the certificates that a system's addresses show: whom they name, by whom, and for how long."""

import hashlib
import re
import warnings
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Literal

import msgspec

from scanners.platforms.linux.notation import written
from scanners.platforms.reading import Reading
from scanners.platforms.systems.jsonl import (
    LONGEST_NAME,
    Family,
    Line,
    address_in,
    bounded,
    cited,
    plain_name,
    read_source,
    rows_of,
)
from scanners.platforms.systems.ports import Port
from xunyan.facts import Certificate
from xunyan.model import Capture

if TYPE_CHECKING:
    from cryptography import x509

SOURCE = "tls"
MOST_NAMES = 500
LONGEST_SUBJECT = 500
_NOT_SHOWN = re.compile("[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


class Handshake(msgspec.Struct, frozen=True):
    """One TLS handshake, with the certificate that the other side showed in DER."""

    network: str
    name: str
    address: str
    family: Family
    port: Port
    outcome: Literal["ok", "failed", "timeout", "not-permitted"]
    certificate: bytes


def read_certificates(sources: Mapping[str, Capture]) -> Reading:
    """Read one row for each port of each address out of `tls`.

    Characters that do not show are given as `\\x00`, so that no name with one equals a name without. A certificate that
    cannot be read has the outcome failed, with as much as could be.
    """
    return read_source(SOURCE, sources, _read)


def _read(capture: Capture) -> Reading:
    lines = rows_of(capture, Handshake)
    facts = dict.fromkeys(_fact(line) for line in lines)
    return Reading(tuple(facts), cited(capture, lines))


def _fact(line: Line[Handshake]) -> Certificate:
    row = line.row
    place = (row.network, plain_name(row.name), address_in(line, row.address, row.family), row.family, row.port)
    if row.outcome != "ok":
        return Certificate(*place, row.outcome, "", "", (), "", "", "")
    outcome, subject, issuer, names, not_before, not_after = _content(row.certificate)
    sha256 = hashlib.sha256(row.certificate).hexdigest() if row.certificate else ""
    return Certificate(*place, outcome, subject, issuer, names, not_before, not_after, sha256)


def _content(der: bytes) -> tuple[str, str, str, tuple[str, ...], str, str]:
    """Read a certificate: outcome, subject, issuer, names and days, empty from where it cannot be read on."""
    from cryptography import x509  # noqa: PLC0415  # what takes long to load is loaded when it is used
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415

    subject = issuer = not_before = not_after = ""
    unreadable = (
        ValueError, TypeError, AssertionError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion,
        x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
    )  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the library thinks of serial numbers and lengths is not for users
            found = x509.load_der_x509_certificate(der)
            not_before = found.not_valid_before_utc.date().isoformat()
            not_after = found.not_valid_after_utc.date().isoformat()
            subject, issuer = (_shown(name.rfc4514_string(), LONGEST_SUBJECT) for name in (found.subject, found.issuer))
            names = _names(found)
    except unreadable:
        return "failed", subject, issuer, (), not_before, not_after
    return "ok", subject, issuer, names, not_before, not_after


def _names(found: "x509.Certificate") -> tuple[str, ...]:
    from cryptography import x509  # noqa: PLC0415

    try:
        others = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    names = [
        _shown(one.lower().replace("\\", "\\x5c"), LONGEST_NAME) for one in others.get_values_for_type(x509.DNSName)
    ]
    addresses = [
        written(one) if isinstance(one, IPv4Address | IPv6Address) else str(one)
        for one in others.get_values_for_type(x509.IPAddress)
    ]
    return tuple(dict.fromkeys(names + addresses))[:MOST_NAMES]


def _shown(text: str, length: int) -> str:
    """Write characters that do not show as what they are, and cut what is too long."""
    return bounded(_NOT_SHOWN.sub(lambda one: _code(ord(one[0])), text[: length * 2]), length)


def _code(number: int) -> str:
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"
