"""Hiding the secrets of network devices before a capture is sealed, whichever way it came; the key of the marks."""

import hashlib
import hmac
import os
import re
import secrets
import threading
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from evidence.captures import BODY_LIMIT, REQUEST_LIMIT, seal, seal_gap
from inventories.ledgers import is_filed
from scanners.platforms.devices import PLATFORMS
from scanners.platforms.devices.redaction import redact
from xunyan.errors import InputError
from xunyan.model import Capture, Envelope, Gap
from xunyan.names import NAME_LIMIT
from xunyan.wording import Text

FILE = "redaction.key"
KEY_SIZE = 32
KIND = "device"
_ASKED = re.compile(
    r"\s*(?:do\s+)?(?:dis(?:p(?:l(?:ay?)?)?)?\s+[a-z]|show?\s+[a-z]|more\s+\S{1,20}:"
    r"|sh\s+(?:run|start|conf|tech|snmp|key|cry|hist|log|arch|user|aaa|tac|rad))",
    re.IGNORECASE,
)
_MAKERS = re.compile(
    r"huawei|vrp|h3c|comware|ruijie|rgos|zte|zxr|cisco|nx-?os|junip|junos|arista|forti|hillstone|topsec|dptech|maipu"
    r"|sangfor|fiberhome|raisecom|router|switch|firewall",
    re.IGNORECASE,
)
_PLAIN = ("huawei_vrp", "display version")
"""How words about an answer are read: as text in which a statement of a configuration is the exception."""
_MARKS = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))


class Redactor:
    """Redacts captures of one workspace. Many threads may share one.

    The key of the tags is made when the first secret is met. It stays in the workspace: with it and a guess anybody
    could tell whether a secret was that guess, so it is in no capture and no package.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / FILE
        self._guard = threading.Lock()
        self._key = b""

    def capture(self, one: Capture | Gap) -> Capture | Gap:
        """Give a capture as it may be kept: itself where it shows no secret, else redacted and sealed anew.

        What is too long afterwards is cut at a line. Raises InputError where the key cannot be read.
        """
        if not of_device(one.envelope):
            return one
        envelope = self._envelope(one.envelope)
        if isinstance(one, Gap):
            detail = self._said(one.detail)
            changed = detail != one.detail or envelope is not one.envelope
            return seal_gap(envelope, one.reason, detail) if changed else one
        body, marks = redacted(envelope.platform, one.envelope.source, one.body, self.tag)
        if not marks and envelope is one.envelope:
            return one
        cut = len(body) > BODY_LIMIT
        if cut:
            body = body[: body.rfind(b"\n", 0, BODY_LIMIT) + 1]
        marks = tuple(sorted({*one.redactions, *marks}))
        return seal(envelope, body, exit_code=one.exit, truncated=one.truncated or cut, redactions=marks)

    def _envelope(self, envelope: Envelope) -> Envelope:
        """Hide what the words of the question itself say."""
        source, request = self._said(envelope.source)[:NAME_LIMIT], self._said(envelope.request)[:REQUEST_LIMIT]
        if (source, request) == (envelope.source, envelope.request):
            return envelope
        return replace(envelope, source=source, request=request)

    def _said(self, text: str) -> str:
        return redact(*_PLAIN, text, self.tag).text

    def tag(self, secret: str) -> str:
        """Give the tag of a secret: 8 hexadecimal digits, equal for equal ones of one workspace."""
        with self._guard:
            if not self._key:
                self._key = _key(self._path)
        return hmac.new(self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:8]


def of_device(envelope: Envelope) -> bool:
    """Tell whether an original is a network device's answer, if only by what it is called; a row of a ledger is none.

    Who carries one may give it another word for its platform or its kind: what was asked, and its maker, tell it too.
    """
    if is_filed(envelope.source):
        return False
    named = envelope.platform in PLATFORMS or envelope.kind == KIND
    return named or any(_ASKED.match(one) for one in (envelope.source, envelope.request)) or _is_made(envelope)


def _is_made(envelope: Envelope) -> bool:
    return _MAKERS.search(envelope.platform) is not None or _MAKERS.search(envelope.kind) is not None


def redacted(platform: str, source: str, body: bytes, tag: Callable[[str], str]) -> tuple[bytes, tuple[str, ...]]:
    """Hide the secrets of one answer in its own encoding; give it with the forms that were found, else as it was.

    One that is marked as UTF-16, and one in Chinese bytes, is read byte by byte as well, since whoever prints so need not
    keep to it.
    """
    forms: set[str] = set()
    for mark, encoding in _MARKS:
        if body.startswith(mark) and _carries(body, encoding):
            found = redact(platform, source, body[len(mark) :].decode(encoding), tag)
            if found.forms:
                body = mark + found.text.encode(encoding)
                forms.update(found.forms)
    ways = [("utf-8", "strict")] if _carries(body, "utf-8") else [("utf-8", "surrogateescape")]
    if ways[0][1] != "strict" and _carries(body, "gb18030"):
        ways.insert(0, ("gb18030", "strict"))
    for encoding, errors in ways:
        found = redact(platform, source, body.decode(encoding, errors), tag)
        if found.forms:
            body = found.text.encode(encoding, errors)
            forms.update(found.forms)
    return body, tuple(sorted(forms))


def _carries(body: bytes, encoding: str) -> bool:
    try:
        return body.decode(encoding).encode(encoding) == body
    except UnicodeError:
        return False


def _key(path: Path) -> bytes:
    """Read the key; make it where there is none yet. Whoever comes second takes the first one's."""
    if not path.exists():
        new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(KEY_SIZE).hex().encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(new, path)
        finally:
            new.unlink()
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise _unfit(path) from error
    if len(key) != KEY_SIZE:
        raise _unfit(path)
    return key


def _unfit(path: Path) -> InputError:
    return InputError(
        Text("脱敏标记的密钥读不了，或已损坏", "the key of the marks for secrets cannot be read or is damaged"),
        where=str(path),
        advice=Text(
            "从备份恢复；没有备份就移走它，会重新生成（新旧标记之间不能再对照）",
            "restore it; without a copy move it away, a new one is made (marks before and after cannot be compared)",
        ),
    )
