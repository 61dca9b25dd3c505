"""What spans lines in an answer: keys and certificates in blocks, and banners, which are text for people."""

import re
from collections.abc import Mapping, Sequence

from scanners.platforms.devices.redaction_lines import MARK, Span
from scanners.platforms.devices.sections import banner

_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----")
_PERHAPS = re.compile(r"\s{0,8}(?:banner|header) ", re.IGNORECASE)
_END = re.compile(r"-----END [A-Z0-9 ]{1,40}-----")
_PEM_BODY = re.compile(r"\s*(?:[A-Za-z0-9+/]{1,128}={0,2}|(?:Proc-Type|DEK-Info|Comment):.*)\s*")
_HEX_BODY = re.compile(r"\s*(?:[0-9A-Fa-f]{2,8}\s+){0,40}[0-9A-Fa-f]{2,64}\s*")
_HEX_ALONE = re.compile(r"\s*(?:[0-9A-Fa-f]{8}\s+){3,40}[0-9A-Fa-f]{2,8}\s*")
_BASE64_ALONE = re.compile(r"\s*(?=\S*[A-Z])(?=\S*[a-z])(?=\S*\d)[A-Za-z0-9+/]{48,}={0,2}\s*")
_HEX_HEAD = re.compile(
    r"\s*(?:certificate\s+(?:ca|self-signed|rollover)?\s*[0-9A-Fa-f]*|public-key-code begin|key-(?:string|hash)|hex-key)\s*"
)
SHORTEST = 29  # of a row that is known for one by its digits alone
_HEX_ENDS = re.compile(r"\s*(?:quit|exit|end|public-key-code end)\s*")


class Blocks:
    """Knows, line after line, whether it stands inside a key or a certificate."""

    def __init__(self, strict: bool) -> None:  # noqa: FBT001
        """Begin outside; in a `strict` text rows of nothing but digits are a block without a head, too."""
        self._strict = strict
        self._body: re.Pattern[str] | None = None

    @property
    def idle(self) -> bool:
        """Tell whether the next line stands outside, so that a short one is of no block unless it says so."""
        return self._body is None

    def span(self, text: str) -> Span | None:
        """Give what of a line belongs to a key or a certificate."""
        if begin := _BEGIN.search(text):
            end = _END.search(text, begin.end())
            self._body = None if end else _PEM_BODY
            return _piece(text, begin.end(), end.start() if end else len(text))
        if self._body is not None:
            if self._body.fullmatch(text) and not _HEX_ENDS.fullmatch(text):
                return _piece(text, 0, len(text))
            if not MARK.fullmatch(text.strip()):
                self._body = None
        if _HEX_HEAD.fullmatch(text):
            self._body = _PEM_BODY if "key-" in text.lower() and "code" not in text else _HEX_BODY
        elif self._strict and (_HEX_ALONE.fullmatch(text) or _BASE64_ALONE.fullmatch(text)):
            return _piece(text, 0, len(text))
        return None


def _piece(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end, "key-block") if start < end else None


def banners(lines: Sequence[str]) -> Mapping[int, str]:
    """Give the delimiter of the banner for each line (from 0) of one; nothing where the last is not closed."""
    found: dict[int, str] = {}
    until = ""
    for number, line in enumerate(lines):
        if until:
            found[number] = until
            if until in line:
                until = ""
        elif _PERHAPS.match(line) and (begun := banner(line.rstrip())) is not None:
            found[number] = begun.delimiter
            until = "" if begun.delimiter in begun.rest else begun.delimiter
    return {} if until else found
