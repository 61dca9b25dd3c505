"""What a network device's terminal shows: prompts, pagers and questions at its end, and the answer between echo and prompt."""

import re
from collections.abc import Sequence

LONGEST_LINE = 400
"""No prompt, pager or question is longer, in bytes."""

_ESCAPE = re.compile(rb"\x1b\][^\x07\x1b]{0,200}\x07|\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_])")
_PAGER = re.compile(
    rb" *(?:-{2,} ?\(?more ?\(?(?:\d{1,3} ?%)?\)? ?-{2,}|<-{1,5} ?more ?-{1,5}>)(?: ?\(.{0,60}\))?", re.IGNORECASE
)
_ERASED = re.compile(rb"(?:\x1b\[\d{1,3}D|\x08+|\r)(?: +(?:\x1b\[\d{1,3}D|\x08+|\r))?|\x1b\[K")
_QUESTION = re.compile(
    rb".*(?:\[y(?:es)?/no?\]|\(y(?:es)?/no?\)|\[yes|password|username|login|passcode|continue|choose"
    rb"|\xe5\xaf\x86\xe7\xa0\x81|\xe5\x8f\xa3\xe4\xbb\xa4|\xc3\xdc\xc2\xeb|\xbf\xda\xc1\xee)"  # 密码, 口令 in both encodings
    rb".{0,60}?[:?\]\)]?",
    re.IGNORECASE | re.DOTALL,
)
_PASSWORD = re.compile(
    rb".*(?:password|\xe5\xaf\x86\xe7\xa0\x81|\xe5\x8f\xa3\xe4\xbb\xa4|\xc3\xdc\xc2\xeb|\xbf\xda\xc1\xee)"
    rb".{0,20}?(?::|\xef\xbc\x9a|\xa3\xba)?",
    re.IGNORECASE | re.DOTALL,
)
_CHANGE = re.compile(
    rb"change now|chang\w* (?:\w+ ){0,3}password|password (?:\w+ ){0,5}(?:chang|expire|reset)|new password|old password"
    rb"|\xe4\xbf\xae\xe6\x94\xb9.{0,12}(?:\xe5\xaf\x86\xe7\xa0\x81|\xe5\x8f\xa3\xe4\xbb\xa4)"  # 修改……密码、口令
    rb"|\xd0\xde\xb8\xc4.{0,8}(?:\xc3\xdc\xc2\xeb|\xbf\xda\xc1\xee)",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    rb"wrong|error|fail|incorrect|invalid|denied|bad (?:secret|password)"
    rb"|\xe9\x94\x99\xe8\xaf\xaf|\xe5\xa4\xb1\xe8\xb4\xa5",  # 错误, 失败
    re.IGNORECASE,
)
_LINE_ENDS = re.compile(rb"\r+\n")


def last_line(heard: bytes | bytearray) -> bytes:
    """Give what stands behind the last line feed, as it looks on a screen; empty where that is too long to mean anything."""
    begin = max(0, len(heard) - 2 * LONGEST_LINE)
    at = heard.rfind(b"\n", begin)
    if at < 0 and begin:
        return b""
    line = bytes(heard[at + 1 :])
    if b"\x1b" in line:
        line = _ESCAPE.sub(b"", line)
    if b"\r" in line or b"\x08" in line:
        line = re.split(rb"[\r\x08]", line.rstrip(b"\r\x08"))[-1]
    return line.rstrip(b" ") if len(line) <= LONGEST_LINE else b""


def is_pager(line: bytes) -> bool:
    """Tell whether a line is a pager that waits for a key."""
    return b"ore" in line.lower() and _PAGER.fullmatch(line) is not None


def is_question(line: bytes) -> bool:
    """Tell whether a line asks for something: a password, a name, a yes or no."""
    return _QUESTION.fullmatch(line) is not None


def asks_password(line: bytes) -> bool:
    """Tell whether a line asks for a password."""
    return _PASSWORD.fullmatch(line) is not None


def wants_change(heard: bytes | bytearray) -> bool:
    """Tell whether a device wants its password changed, by the end of what it said."""
    return _CHANGE.search(heard[-2000:]) is not None


def refuses(heard: bytes | bytearray) -> bool:
    """Tell whether a device says that a password was not right."""
    return _REFUSED.search(heard[-2000:]) is not None


def echo_end(heard: bytes | bytearray, line: bytes) -> tuple[int, int] | None:
    """Find the echo of a line that was typed: where it begins, and where the answer begins; None before it is there.

    A narrow terminal may have broken it over two lines.
    """
    begin = heard.find(line, 0, 65536)
    if begin >= 0:
        end = heard.find(b"\n", begin + len(line))
        return (begin, end + 1) if end >= 0 else None
    at = 0
    for _ in range(8):
        first = heard.find(b"\n", at)
        second = heard.find(b"\n", first + 1) if first >= 0 else -1
        if second < 0:
            return None
        joined = _squeezed(bytes(heard[at:second])[:LONGEST_LINE])
        if joined.endswith(_squeezed(line)):
            return at, second + 1
        at = first + 1
    return None


def between(heard: bytes | bytearray, begin: int, cuts: Sequence[int]) -> bytes:
    """Give the answer: from `begin` to the prompt that stands last, with line feeds alone at the ends of its lines.

    `cuts` are the places where a pager stood; what wiped it off the screen is left out too.
    """
    end = heard.rfind(b"\n") + 1
    pieces = []
    at = begin
    for cut in cuts:
        if at <= cut < end:
            pieces.append(bytes(heard[at:cut]))
            wiped = _ERASED.match(heard, cut)
            at = wiped.end() if wiped is not None else cut
    pieces.append(bytes(heard[at:end]))
    text = _LINE_ENDS.sub(b"\n", b"".join(pieces))
    return text.rstrip(b"\n") + b"\n" if text.strip() else b""


def _squeezed(text: bytes) -> bytes:
    return re.sub(rb"[\s\x08]+", b"", _ESCAPE.sub(b"", text))
