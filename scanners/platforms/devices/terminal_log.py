"""A saved terminal session of network devices, split into what was asked of whom and what was answered."""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from scanners.platforms.devices.terminal_screen import Shown, screen

Style = Literal["angle", "hash"]
"""How prompts look: `<NAME>` and `[NAME-view]`, or `NAME>`, `NAME#` and `NAME(view)#`."""

Fault = Literal["", "cut", "stopped", "foreign"]
"""Why an answer is not whole: the log ends, somebody stopped the pager, or another device's prompt stands in it."""

MOST_COMMANDS = 20_000
"""A log with more commands is read up to there."""

_NAME = r"[A-Za-z0-9_\u4e00-\u9fff][A-Za-z0-9_.:/@+\u4e00-\u9fff-]{0,63}"
_ANGLE = re.compile(
    rf"\s{{0,4}}(?:[A-Z]{{2,4}}_[A-Z]\s?)?(?:<({_NAME})>|\[[~*]?([^\[\]\s]{{1,96}})\])[ ]?(?P<typed>.*)"
)
_HASH = re.compile(rf"\s{{0,4}}({_NAME})(\([^\s()]{{1,48}}\))?[#>][ ]?(?P<typed>.*)")
_READING = re.compile(r"(?:do\s+)?(?:dis(?:p(?:l(?:ay?)?)?)?|sh(?:o(?:w)?)?)\s+\S.*", re.IGNORECASE)
_JUMP = re.compile(r"(?:do\s+)?(?:telnet|ssh2?|stelnet|rlogin|connect|login)\b.*", re.IGNORECASE)
_MOVING = re.compile(
    r"sys(?:tem-view)?|su(?:per)?|en(?:able)?|conf\S*(?:\s+t\S*)?|(?:scr|ter|undo|u)\S*\s+\S.*|quit|exit|logout|return|save",
    re.IGNORECASE,
)
_NOT_REACHED = re.compile(
    r"refused|unreach|time[d ]*\s?out|fail|denied|unknown|unable|can'?t|cannot|error|invalid|incomplete|ambiguous|unrecognized"
    r"|no route|abort|reject|%|^\s*\^",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r".{0,80}\bconnection (?:to \S{1,80} )?(?:(?:was|is|has been|already) )?(?:closed|terminated|lost|reset|timed out)\b.{0,80}",
    re.IGNORECASE,
)
_BROKEN = re.compile(r"\s*\^C\s*")
_SHORTEST_WRAP = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """What one device answered to one command, as typed; `line` (from 1) is where it was asked.

    Where there is a `fault`, the text is what was seen of it. `full`: the command may have filled the screen's width and
    go on in the first line of the text. `sitting` counts the logs that the terminal wrote one behind the other.
    """

    command: str
    line: int
    text: str
    fault: Fault = ""
    full: bool = False
    sitting: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """What was asked of one device, in order; `name` is that of its prompts.

    `namesakes`: somebody logged in from there to a device that calls itself the same, so that whose an answer is does not
    show.
    """

    name: str
    style: Style
    answers: tuple[Answer, ...]
    namesakes: bool = False


class Prompt(NamedTuple):
    """A prompt and what was typed behind it."""

    name: str
    style: Style
    typed: str

    @property
    def reads(self) -> bool:
        """Tell whether a command was typed that shows something."""
        return _READING.fullmatch(self.typed) is not None and not self.typed.endswith("?")


@dataclass(slots=True)
class _Asked:
    prompt: Prompt
    line: int
    width: int
    lines: list[Shown] = field(default_factory=list)
    strangers: bool = False


def split(text: str) -> list[Session]:
    """Split a log by its prompts: one session per device, in the order in which they appear.

    A name is a device's where a command that reads, a login to another, or what leads to other views was typed behind its
    prompt. What was typed
    over counts as it stood in the end; a command that was drawn again, a question mark's help and an empty line are no
    commands. Another device's prompt counts where the command before could lead to it; in the middle of an answer it is
    text that somebody wrote there, and spoils that answer.
    """
    lines = screen(text)
    names = _names(lines)
    parting = _Parting()
    for line in lines:
        prompt = _prompt(line.text, names)
        if line.header:
            parting.begin_anew()
        elif prompt is None:
            parting.go_on(line)
        elif not parting.ask(prompt, line):
            break
    return parting.end()


class _Parting:
    """Gathers answers while the lines of a log go by."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Style], list[Answer]] = {}
        self._asked: _Asked | None = None
        self._path: list[str] = []
        self._count = self._sitting = 0
        self._namesakes: set[tuple[str, Style]] = set()

    def begin_anew(self) -> None:
        """Take the head of another log: what was asked before is cut."""
        if self._asked is not None:
            self._keep(self._asked, "cut")
        self._asked = None
        self._path.clear()
        self._sitting += 1

    def go_on(self, line: Shown) -> None:
        """Take a line that is no prompt."""
        if self._asked is not None:
            self._asked.lines.append(line)

    def ask(self, prompt: Prompt, line: Shown) -> bool:
        """Take a prompt; False where there were too many."""
        asked = self._asked
        if asked is not None and not self._comes(asked, prompt):
            asked.lines.append(line)
            asked.strangers = True
            return True
        if asked is not None:
            drawn_again = prompt.typed.startswith(asked.prompt.typed) and not _told(asked.lines)
            if prompt[:2] == asked.prompt[:2] and _JUMP.fullmatch(asked.prompt.typed) and _reached(asked.lines):
                self._namesakes.add(prompt[:2])
            if prompt[:2] != asked.prompt[:2]:
                self._keep(asked, "cut")
            elif line.paged:  # the pager was left, and the prompt came in its place
                self._keep(asked, "stopped")
            elif not (asked.prompt.typed and drawn_again):
                self._keep(asked, "")
        self._asked = _Asked(prompt, line.number, len(line.text))
        self._count += 1
        return self._count < MOST_COMMANDS

    def end(self) -> list[Session]:
        """Give what was found; what the log ends in is cut."""
        if self._asked is not None:
            self._keep(self._asked, "cut")
        return [Session(*own, tuple(answers), own in self._namesakes) for own, answers in self._found.items()]

    def _comes(self, asked: _Asked, prompt: Prompt) -> bool:
        """Tell whether a prompt can come now, and remember over whom it was reached."""
        if prompt.name == asked.prompt.name:
            return True
        if prompt.name in self._path:
            del self._path[self._path.index(prompt.name) :]
            return True
        if _JUMP.fullmatch(asked.prompt.typed):
            self._path.append(asked.prompt.name)
            return True
        return not asked.prompt.reads or not _told(asked.lines)

    def _keep(self, asked: _Asked, fault: Fault) -> None:
        prompt = asked.prompt
        if not prompt.reads:
            return
        if asked.strangers:
            fault = "foreign"
        elif not fault:
            fault = _fault_of(asked.lines)
        answer = Answer(
            prompt.typed, asked.line, _told(asked.lines), fault, asked.width >= _SHORTEST_WRAP, self._sitting
        )
        self._found.setdefault((prompt.name, prompt.style), []).append(answer)


def _reached(lines: Sequence[Shown]) -> bool:
    """Tell whether a login to another device may have succeeded: its last words are none of a failure."""
    last = next((line.text for line in reversed(lines) if line.text), "")
    return bool(last) and not _CLOSED.fullmatch(last) and not _NOT_REACHED.search(last)


def _fault_of(lines: Sequence[Shown]) -> Fault:
    """Tell whether an answer, though the prompt came back, was broken off."""
    for line in reversed(lines):
        if line.paged and not line.after:
            return "stopped"
        if _BROKEN.fullmatch(line.text):
            return "stopped"
        if line.text:
            break
    return "cut" if any(_CLOSED.fullmatch(line.text) for line in lines) else ""


def _told(lines: Sequence[Shown]) -> str:
    """Give the text of an answer, without blank lines around it and what only the pager wrote."""
    held = [line.text for line in lines if line.text or not line.paged]
    first = next((at for at, text in enumerate(held) if text), len(held))
    while len(held) > first and not held[-1]:
        held.pop()
    return "".join(f"{text}\n" for text in held[first:])


def _names(lines: Iterable[Shown]) -> frozenset[tuple[str, Style]]:
    """Find the devices of a log by what was typed behind their prompts."""
    plain: set[tuple[str, Style]] = set()
    inner: set[str] = set()
    for line in lines:
        if angle := _ANGLE.fullmatch(line.text):
            typed = angle["typed"].strip()
            if angle[1] and _is_typed(typed):
                plain.add((angle[1], "angle"))
            elif not angle[1] and (_READING.fullmatch(typed) or _JUMP.fullmatch(typed)):
                inner.add(angle[2])
        elif (hashed := _HASH.fullmatch(line.text)) and _is_typed(hashed["typed"].strip()):
            plain.add((hashed[1], "hash"))
    for name in sorted(inner, key=len):
        if _owner(name, plain) is None:
            plain.add((name, "angle"))
    return frozenset(plain)


def _is_typed(typed: str) -> bool:
    return any(kind.fullmatch(typed) for kind in (_READING, _JUMP, _MOVING))


def _owner(inner: str, names: Set[tuple[str, Style]]) -> str | None:
    """Give the device whose view `[NAME-view]` is: the longest name that it begins with."""
    name = inner
    while name:
        if (name, "angle") in names:
            return name
        name = name.rpartition("-")[0]
    return None


def _prompt(text: str, names: Set[tuple[str, Style]]) -> Prompt | None:
    if found := _ANGLE.fullmatch(text):
        if found[1]:
            return Prompt(found[1], "angle", found["typed"].strip()) if (found[1], "angle") in names else None
        owner = _owner(found[2], names)
        return Prompt(owner, "angle", found["typed"].strip()) if owner else None
    found = _HASH.fullmatch(text)
    known = found is not None and (found[1], "hash") in names
    return Prompt(found[1], "hash", found["typed"].strip()) if found is not None and known else None
