"""What may be typed to a network device: whole lines of a list and a few keys. Everything else is refused before it is sent."""

import re
from collections.abc import Iterable

PAGE = " "
"""The key that asks a pager for its next page."""

ABORT = "\x03"
"""The key that leaves a question for a password unanswered."""

_ENDS = ("\r\n", "\n", "\r")


class NotAllowedError(Exception):
    """Something that is not on the list was about to be typed; nothing was sent. A mistake of ours, never a device's."""


class AllowList:
    """The lines that one session may type. `raising`: the one among them after which a password may be asked for.

    `named`: the form of further lines, which end with a name that the device gave.
    """

    def __init__(self, lines: Iterable[str], raising: str, named: re.Pattern[str] | None = None) -> None:
        """Raises ValueError for what cannot be one line."""
        self._lines = frozenset((*lines, raising))
        self._named = named
        self._raising = raising
        self._asked = False
        self._given = False
        for line in self._lines:
            if not line or not line.isascii() or not line.isprintable() or line != line.strip():
                raise ValueError(f"not a line that can be typed: {line!r}")

    def check(self, typed: str) -> None:
        """See that this is one whole line of the list, or a key. Raises NotAllowedError."""
        if typed == PAGE or (typed == ABORT and self._asked):
            return
        line, end = _parted(typed)
        if not end or not self._holds(line):
            raise NotAllowedError(f"not on the list of what may be typed: {typed[:80]!r}")
        self._asked, self._given = line == self._raising, False

    def _holds(self, line: str) -> bool:
        return line in self._lines or (self._named is not None and self._named.fullmatch(line) is not None)

    def check_secret(self, typed: str) -> None:
        """See that a password may be typed now: after the raising line, and once. Raises NotAllowedError."""
        line, end = _parted(typed)
        if not self._asked or self._given or not end or not line.isprintable():
            raise NotAllowedError("no password may be typed now")
        self._given = True


def _parted(typed: str) -> tuple[str, str]:
    """Part a line from the key that sends it; empty where there is none."""
    end = next((end for end in _ENDS if typed.endswith(end)), "")
    return typed.removesuffix(end), end
