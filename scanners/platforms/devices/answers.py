"""What a device printed, without what its pager and its prompt put between: numbered lines, refusals, silence."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanners.platforms.reading import lines_of
from xunyan.model import Capture

LONGEST_LINE = 512
"""No device writes longer ones that mean something here; a neighbour that calls itself by a megabyte shall cost nothing."""

_ERASE = r"(?:(?:\x1b\[\d+D|\x08)+ *(?:\x1b\[\d+D|\x08)*)?"
MORE = re.compile(rf"(?<! ) *(?<!-)-{{2,}} ?\(?[Mm]ore ?(?:\d+%)?\)? ?-{{2,}} ?{_ERASE}|<--- More --->{_ERASE}")
ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_PROMPT = r"(?:<[^<>\s]{1,64}>|\[[~*]?[^\[\]\s]{1,64}\]|[^\s#>\[\]<]{1,64}[#>])"
_ECHO = re.compile(rf"{_PROMPT} ?(?:dis|sh)[a-z]*\s\S.*")
_LAST_PROMPT = re.compile(r"(?:<[^<>\s]{1,64}>|\[[~*][^\[\]\s]{1,64}\]|[^\s#>\[\]<!]{1,64}[#>])")
_REFUSED = re.compile(
    r"""\s*\^\s*$
      | \s*%\s*(?:Error\s+\d+:\s*)?(?:Unrecognized|Unknown|Invalid|Incomplete|Ambiguous|Wrong|Too\ many|Access\ denied
                 |Authorization\ failed|Permission\ denied|Command\ authorization|User\ doesn't\ have)\b
      | \s*Error:\s*(?:Unrecognized|Unknown|Invalid|Incomplete|Ambiguous|Wrong|Too\ many|You\ do\ not\ have|Permission|No\ permission
                 |The\ command|Failed\ to\ (?:pass|check)\ .{0,20}authori|Insufficient)
      | \s*(?:%\s*)?Permission\ denied
      | \s*Command\ authorization\ failed
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_REFUSAL = 6
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,3}(?: ?[+-]\d\d:\d\d)?(?: DST)?")
_ABSENT = re.compile(
    r"""\s*(?:%|Info:|Error:|Note:|Notice:)?\s*.{0,60}(?:
          \bnot\ (?:active|configured|enabled|running|started|initialized|created|exist)\b
        | \bdoes\ not\ exist\b | \bdoes\ not\ have\b.{0,40}\bconfigured\b | \bhas\ not\ been\ (?:configured|enabled|created|started)\b
        | \bno\ (?:\S+\ ){0,4}(?:found|exists?|configured|entries|neighbors?|peers?|information)\b ).{0,60}
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Line(NamedTuple):
    """One line as the device wrote it, with its number (from 1) in the original."""

    number: int
    text: str


class NotReadError(ValueError):
    """A line stands where it is not known: the whole answer is unreadable."""

    def __init__(self, line: Line, what: str) -> None:
        """Keep the line and what was expected in its place."""
        super().__init__(what)
        self.line = line
        self.what = what


def printed(capture: Capture) -> tuple[Line, ...]:
    """Give the lines that are the answer and hold something: no echo, prompt, stamp of time, pager remains or escapes."""
    told = lines_of(capture)
    if _plain(capture.text) and max(map(len, told), default=0) <= LONGEST_LINE:
        lines = [Line(number, bare) for number, text in enumerate(told, 1) if (bare := text.rstrip())]
    else:
        lines = [Line(number, bare) for number, text in enumerate(told, 1) if text and (bare := _bare(text))]
    if lines and (_ECHO.fullmatch(lines[0].text) or lines[0].text.strip() == capture.source):
        del lines[0]
    if lines and _STAMP.fullmatch(lines[0].text):
        del lines[0]
    if lines and _LAST_PROMPT.fullmatch(lines[-1].text):
        lines.pop()
    return tuple(lines)


def _plain(text: str) -> bool:
    """Tell whether an answer, as most, holds nothing that has to be looked at line by line."""
    return text.isascii() and "--" not in text and text.replace("\n", "").replace("\r", "").isprintable()


def refusal(text: str) -> str:
    """Give the words by which a device refused a command (unknown, incomplete, not permitted); empty where it answered.

    Who carries answers seals such a one with an exit other than 0, so that it becomes a gap `unsupported`.
    """
    head = text[:4096].splitlines()
    if len(text) > 4096 or sum(bool(line.strip()) for line in head) > _LONGEST_REFUSAL:
        return ""
    return refused([Line(number, _bare(line)) for number, line in enumerate(head, 1)])


def refused(lines: Sequence[Line]) -> str:
    """Give the words of a refusal that is the whole answer; empty where it is an answer."""
    shown = [line.text for line in lines if line.text]
    if len(shown) > _LONGEST_REFUSAL or not any(_REFUSED.match(text) for text in shown):
        return ""
    return next((text.strip() for text in shown if _REFUSED.match(text) and text.strip() != "^"), "^")


def silent(lines: Sequence[Line]) -> bool:
    """Tell whether the answer is that there is nothing: no line at all, or a single one that says so."""
    shown = [line.text for line in lines if line.text]
    return not shown or (len(shown) == 1 and len(shown[0]) < 160 and _ABSENT.fullmatch(shown[0]) is not None)


def shown(lines: Sequence[Line]) -> Iterator[Line]:
    """Give the lines that hold something."""
    return (line for line in lines if line.text)


def blocks(lines: Sequence[Line], begins: re.Pattern[str]) -> list[tuple[re.Match[str], list[Line]]]:
    """Part lines at each that matches: the match, and its lines with that one first. What stands before is left out."""
    found: list[tuple[re.Match[str], list[Line]]] = []
    for line in lines:
        match = begins.match(line.text)
        if match:
            found.append((match, [line]))
        elif found:
            found[-1][1].append(line)
    return found


def body(lines: Sequence[Line], head: re.Pattern[str], what: str) -> list[Line]:
    """Give the lines behind the first that matches. Raises NotReadError where none does."""
    for at, line in enumerate(lines):
        if head.match(line.text):
            return list(shown(lines[at + 1 :]))
    raise NotReadError(next(shown(lines), Line(1, "")), what)


def _bare(text: str) -> str:
    if len(text) <= LONGEST_LINE and text.isprintable() and "--" not in text:  # most lines, by far
        return text.rstrip()
    whole, text = text, text[: 4 * LONGEST_LINE]
    if "\x1b" in text or "--" in text or "\x08" in text:
        text = ESCAPE.sub("", MORE.sub("", text))
        if "\x08" in text:
            text = _typed_over(text)
    if not text.isprintable():
        text = _CONTROL.sub("", text)
    text = text.rstrip()
    return text if len(text) <= LONGEST_LINE and len(whole) <= 4 * LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"


def _typed_over(text: str) -> str:
    """Do what a terminal does with backspaces: what comes next is written over what stood there."""
    cells: list[str] = []
    at = 0
    for sign in text:
        if sign == "\x08":
            at = max(0, at - 1)
        else:
            cells[at : at + 1] = [sign]
            at += 1
    return "".join(cells)
