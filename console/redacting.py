"""Hiding the secrets of network devices before a capture is sealed, whichever way it came; the key of the marks."""

import hashlib
import hmac
import os
import secrets
import threading
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from evidence.captures import BODY_LIMIT, seal
from inventories.ledgers import is_filed
from scanners.platforms.devices import PLATFORMS
from scanners.platforms.devices.redaction import redact
from xunyan.errors import InputError
from xunyan.model import Capture, Envelope, Gap
from xunyan.wording import Text

FILE = "redaction.key"
KEY_SIZE = 32
KIND = "device"
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
        if isinstance(one, Gap) or not of_device(one.envelope):
            return one
        body, marks = redacted(one.envelope.platform, one.envelope.source, one.body, self.tag)
        if not marks:
            return one
        cut = len(body) > BODY_LIMIT
        if cut:
            body = body[: body.rfind(b"\n", 0, BODY_LIMIT) + 1]
        marks = tuple(sorted({*one.redactions, *marks}))
        return seal(one.envelope, body, exit_code=one.exit, truncated=one.truncated or cut, redactions=marks)

    def tag(self, secret: str) -> str:
        """Give the tag of a secret: 8 hexadecimal digits, equal for equal ones of one workspace."""
        with self._guard:
            if not self._key:
                self._key = _key(self._path)
        return hmac.new(self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:8]


def of_device(envelope: Envelope) -> bool:
    """Tell whether an original is a network device's answer, if only by what it is called; a row of a ledger is none."""
    return (envelope.platform in PLATFORMS or envelope.kind == KIND) and not is_filed(envelope.source)


def redacted(platform: str, source: str, body: bytes, tag: Callable[[str], str]) -> tuple[bytes, tuple[str, ...]]:
    """Hide the secrets of one answer in its own encoding; give it with the forms that were found, else as it was.

    One that is marked as UTF-16 is read byte by byte as well, since whoever prints such a mark need not keep to it.
    """
    forms: set[str] = set()
    for mark, encoding in _MARKS:
        if body.startswith(mark) and _carries(body, encoding):
            found = redact(platform, source, body[len(mark) :].decode(encoding), tag)
            if found.forms:
                body = mark + found.text.encode(encoding)
                forms.update(found.forms)
    encoding, errors = next(
        ((name, "strict") for name in ("utf-8", "gb18030") if _carries(body, name)), ("utf-8", "surrogateescape")
    )
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
