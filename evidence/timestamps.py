"""Timestamps (RFC 3161) over a package's manifest: the request, taking one, and what a reply proves.

A reply proves that the manifest was there at a time, as far as the authority is trusted. OpenSSL checks it (`openssl ts`),
so that whoever checks with the stock tool sees what we see.
"""

import hashlib
import re
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates

from evidence.checked import Checked, FlawError, Part, State, demand
from evidence.openssl import Answer, run
from evidence.pem import CERTIFICATE, blocks, pem, unpem
from xunyan.canonical import beijing_text, utc_text
from xunyan.errors import InputError
from xunyan.names import shown
from xunyan.wording import Text

LARGEST_REPLY, LARGEST_AUTHORITY = 1 << 18, 1 << 20
"""Bytes. A reply with a chain of certificates takes some 10 kB."""

_BEFORE = bytes.fromhex("30430201013031300d060960864801650304020105000420")
_BETWEEN, _AFTER = bytes.fromhex("0208"), bytes.fromhex("0101ff")
"""TimeStampReq as DER: version 1, SHA-256 and the digest; a nonce of eight bytes; the certificates are asked for."""

_PURPOSE = bytes.fromhex("06082b06010505070308")
_CHINESE = (bytes.fromhex("06082a811ccf5501822d"), bytes.fromhex("06082a811ccf55018375"))
"""What a certificate for timestamping says of itself; the curve SM2, and SM2 with SM3, which `openssl ts` cannot do."""

_TIME = re.compile(
    rb"^Time stamp: ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d+)? (\d{4}) GMT$", re.MULTILINE
)
_SM2_SIGNED = Text(
    "时间戳用SM2签名，openssl ts 核对不了；用时间戳机构提供的工具核对",
    "signed with SM2, which openssl ts cannot check; check it with a tool of the authority",
)
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")


def request(manifest: bytes) -> bytes:
    """Make a request for a timestamp, with a fresh nonce. It tells the authority nothing but the manifest's digest."""
    nonce = bytes([1 + secrets.randbelow(127)]) + secrets.token_bytes(7)
    return _BEFORE + hashlib.sha256(manifest).digest() + _BETWEEN + nonce + _AFTER


def take(asked: bytes, send: Callable[[bytes], bytes]) -> bytes:
    """Send a request by `send` and give the reply. Raises InputError where the reply is a refusal or does not fit.

    Raises UsageError where OpenSSL cannot look at it here, and whatever `send` raises.
    """
    reply = send(asked)
    try:
        _look(asked, reply, b"", None)
    except FlawError as flaw:
        raise InputError(
            flaw.text,
            where=_said(reply),
            advice=Text(
                "向时间戳服务的提供者查明；没有时间戳也可以打包",
                "ask the timestamp service why; a package can be made without one",
            ),
        ) from flaw
    return reply


def read_authorities(data: bytes, where: str) -> bytes:
    """Read certificates (PEM) of authorities that a person trusts. Raises InputError."""
    try:
        load_pem_x509_certificates(data[:LARGEST_AUTHORITY])
    except ValueError as error:
        raise InputError(
            Text("不是证书文件（PEM）", "not a file of certificates (PEM)"),
            where=where,
            advice=Text("向时间戳机构要它的根证书", "get the root certificate of the timestamp authority"),
        ) from error
    return b"".join(pem(one, CERTIFICATE) for one in blocks(data, CERTIFICATE))


def check(
    manifest: bytes, asked: bytes, reply: bytes, *, own: bytes | None = None, authorities: bytes = b""
) -> Checked:
    """Check a reply against its request and the manifest; never raises for what is in them.

    `own` is the authority's certificate that stands in the package: the reply must fit it, but nobody has to trust it.
    `authorities` are those that the person who checks trusts, as `read_authorities` gives them. Certificates are judged as
    of the time that the reply states, so that the result is the same in ten years. Raises UsageError without OpenSSL.
    """
    try:
        demand(_is_request(asked), "时间戳请求不是规定的形式", "the request is not in its one form")
        digest = hashlib.sha256(manifest).digest()
        demand(digest in asked[: len(_BEFORE) + 32], "时间戳是别的清单的", "the timestamp is over another manifest")
        return _look(asked, reply, authorities, own)
    except FlawError as flaw:
        return Checked(Part.TIMESTAMP, State.INVALID, flaw.text)


def _is_request(asked: bytes) -> bool:
    middle = len(_BEFORE) + 32
    return (
        len(asked) == middle + 13
        and asked.startswith(_BEFORE)
        and asked[middle : middle + 2] == _BETWEEN
        and 0 < asked[middle + 2] < 128
        and asked.endswith(_AFTER)
    )


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply on disk, for OpenSSL: the folder, what is inside, and the time that it states."""

    folder: Path
    certificates: tuple[bytes, ...]
    at: datetime

    def signing(self) -> list[bytes]:
        """Those certificates that are for timestamping."""
        return [one for one in self.certificates if _PURPOSE in one]

    def verified(self, anchors: bytes, *more: str) -> bool:
        (self.folder / "anchors.pem").write_bytes(anchors)
        told = run(
            ["ts", "-verify", *more, "-attime", str(int(self.at.timestamp())), "-queryfile", self.folder / "request",
             "-in", self.folder / "reply", "-CAfile", self.folder / "anchors.pem"]
        )  # fmt: skip
        return told.code == 0


def _look(asked: bytes, reply: bytes, authorities: bytes, own: bytes | None) -> Checked:
    """Check a reply against its request. Raises FlawError."""
    demand(len(reply) <= LARGEST_REPLY, "时间戳回执过大", "the reply is too large")
    demand(_is_one_value(reply), "时间戳回执不完整，或后面另有内容", "the reply is cut, or something stands behind it")
    with tempfile.TemporaryDirectory(prefix="xunyan-") as folder:
        opened = _opened(Path(folder), asked, reply)
        signer = _signer(opened, own)
        # First in itself, by whatever certificate it brings: whom to trust is another question.
        brought = b"".join(pem(one, CERTIFICATE) for one in opened.certificates)
        fits = opened.verified(brought, "-partial_chain")
        if not fits and any(mark in one for one in opened.signing() for mark in _CHINESE):
            return Checked(Part.TIMESTAMP, State.COULD_NOT_CHECK, _SM2_SIGNED, signer)
        demand(
            fits, "时间戳回执与请求不符，或签名不对", "the reply does not fit the request, or its signature is wrong"
        )
        demand(
            own is None or opened.verified(own),
            "时间戳不是包里那个机构证书签的", "the timestamp is not by the authority whose certificate is here",
        )  # fmt: skip
        # Together, since one may have certified another; then alone, since OpenSSL takes the first of two equal names.
        apart = [pem(one, CERTIFICATE) for one in blocks(authorities, CERTIFICATE)]
        trusted = any(opened.verified(anchors) for anchors in (authorities, *apart) if apart)
    at, said = utc_text(opened.at), beijing_text(opened.at)
    if trusted:
        detail = Text(f"证明清单在 {said} 已经存在", f"proves that the manifest was there at {said}")
        return Checked(Part.TIMESTAMP, State.VALID, detail, signer, at)
    detail = Text(
        f"写明 {said}，但时间戳机构的证书不在受信任之列",
        f"states {said}, but by an authority that is not among the trusted",
    )
    return Checked(Part.TIMESTAMP, State.UNKNOWN_SIGNER, detail, signer, at)


def _is_one_value(data: bytes) -> bool:
    """Say whether it is one SEQUENCE of DER to the last byte; OpenSSL does not mind what follows."""
    if len(data) < 4 or data[0] != 0x30:
        return False
    if data[1] < 0x80:
        return len(data) == 2 + data[1]
    size = data[1] & 0x7F
    return 0 < size <= 3 and len(data) == 2 + size + int.from_bytes(data[2 : 2 + size], "big")


def _opened(folder: Path, asked: bytes, reply: bytes) -> _Reply:
    """Take a granted reply apart. Raises FlawError where it is none."""
    (folder / "request").write_bytes(asked)
    (folder / "reply").write_bytes(reply)
    token = folder / "token"
    run(["ts", "-reply", "-in", folder / "reply", "-token_out", "-out", token])
    granted = token.is_file() and token.stat().st_size > 0
    demand(granted, "时间戳机构没有签发，或回执已损坏", "the authority granted nothing, or the reply is damaged")
    # Only of the signed part: what stands around it could state another time.
    at = _time(run(["ts", "-reply", "-in", token, "-token_in", "-text"]))
    listed = run(["pkcs7", "-inform", "DER", "-in", token, "-print_certs"])
    certificates = tuple(blocks(listed.out, CERTIFICATE))
    if at is None or not certificates:
        raise FlawError("时间戳回执里没有可用的时间或证书", "the reply holds no usable time or certificate")
    return _Reply(folder, certificates, at)


def _time(told: Answer) -> datetime | None:
    found = _TIME.search(told.out)
    if told.code != 0 or found is None or found[1] not in _MONTHS:
        return None
    try:
        return datetime(
            int(found[6]), _MONTHS.index(found[1]) + 1, int(found[2]), int(found[3]), int(found[4]), int(found[5]),
            tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None


def _signer(opened: _Reply, own: bytes | None) -> str:
    """Give the fingerprint to compare: of the authority's certificate in the package, else of the one that signed."""
    authority = unpem(own, CERTIFICATE) if own is not None else None
    if authority is not None:
        return hashlib.sha256(authority).hexdigest()
    signing = opened.signing()
    return hashlib.sha256(signing[0]).hexdigest() if len(signing) == 1 else ""


def _said(reply: bytes) -> str:
    """What the authority says of a refusal; its words are not ours."""
    told = run(["ts", "-reply", "-in", "/dev/stdin", "-text"], data=reply[:LARGEST_REPLY])
    found = re.search(rb"^Status description: (.*)$", told.out, re.MULTILINE)
    return shown(found[1].decode("utf-8", "replace"), 200) if found is not None else "timestamp"
