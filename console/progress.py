"""Progress on standard error: a moving line on a terminal, now and then a plain line elsewhere."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeAlias

EVERY_SECONDS = 0.2
PLAIN_SECONDS = 10.0


Step: TypeAlias = Callable[[int], None]
"""Called with how many things are done."""


def no_progress(done: int) -> None:
    """Say nothing of progress."""
    del done


class Progress:
    """Counts things done under a label; `total` is shown where it is known. Use as a context manager and call it."""

    def __init__(self, label: str, total: int | None = None) -> None:
        self._label = label
        self._total = total
        self._terminal = sys.stderr.isatty()
        self._next = time.monotonic() + (EVERY_SECONDS if self._terminal else PLAIN_SECONDS)
        self._shown = False

    def __call__(self, done: int, rest: str = "") -> None:
        """Say that `done` things are done; `rest` is said behind it."""
        if done & 63 and self._terminal is False and not rest:
            return
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (EVERY_SECONDS if self._terminal else PLAIN_SECONDS)
        self._shown = True
        text = f"{self._label} {done}" + (f"/{self._total}" if self._total else "") + rest
        sys.stderr.write(f"\r\x1b[K{text}" if self._terminal else f"{text}\n")
        sys.stderr.flush()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown and self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
