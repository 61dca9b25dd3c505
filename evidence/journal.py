"""The journal: what was done and what changed by it, append-only, so that the index can be made again from it.

Entries of one act are appended together, closed by its run or judgement entry; what a crash left unclosed is not read.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from xunyan.errors import DataError
from xunyan.wording import Text


class Run(msgspec.Struct, frozen=True, tag_field="entry", tag="run", forbid_unknown_fields=True, kw_only=True):
    """Captures came in: by which files, into which segment (0 where nothing was new), and how many.

    `identities`: how long the identity register was then, 0 for not known; what stands after it belongs to no closed act.
    """

    number: int
    kind: str
    started_at: str
    finished_at: str
    files: tuple[str, ...]
    segment: int
    captures: int
    gaps: int
    known: int
    identities: int = 0


class Event(msgspec.Struct, frozen=True, tag_field="entry", tag="event", forbid_unknown_fields=True, kw_only=True):
    """A finding changed in a judgement: what happened, and its history from then on."""

    judgement: int
    happened: str
    before: str
    fingerprint: str
    control: str
    asset: str
    state: str
    status: str
    key: str
    sight: str
    first_seen: str
    last_seen: str
    opened: int


class Judgement(
    msgspec.Struct, frozen=True, tag_field="entry", tag="judgement", forbid_unknown_fields=True, kw_only=True
):
    """The snapshot was judged: at what time, from which captures, by which inputs, with how many verdicts by status.

    `judge` is the digest of the program that judged; empty for judgements of before it was noted.
    """

    number: int
    judged_at: str
    made_at: str
    upto_segment: int
    profile: str
    inputs: str
    version: str
    counts: dict[str, int]
    judge: str = ""


Entry: TypeAlias = Run | Event | Judgement
_decoder = msgspec.json.Decoder(Entry)
_encoder = msgspec.json.Encoder()


class Journal:
    """The journal file of one workspace."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def size(self) -> int:
        """Bytes on disk; the index remembers up to where it has read."""
        return self.path.stat().st_size if self.path.exists() else 0

    def append(self, entries: Iterable[Entry]) -> None:
        """Append the entries of one act, the closing one last, durably."""
        self._cut_unclosed()
        with self.path.open("ab") as file:
            file.write(b"".join(_encoder.encode(entry) + b"\n" for entry in entries))
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> Iterator[Entry]:
        """Read all closed entries in order. Raises DataError at a line that is not an entry."""
        waiting: list[Entry] = []
        for entry, _ in self._lines():
            waiting.append(entry)
            if not isinstance(entry, Event):
                yield from waiting
                waiting = []

    def last_judgement(self) -> Judgement | None:
        """Give the newest judgement; None where nothing was judged yet."""
        last = None
        for entry in self.read():
            if isinstance(entry, Judgement):
                last = entry
        return last

    def _cut_unclosed(self) -> None:
        """Remove what a crash left behind: a cut last line, and events without their judgement."""
        closed = 0
        if not self.path.exists():
            return
        for entry, end in self._lines():
            if not isinstance(entry, Event):
                closed = end
        if closed < self.size():
            os.truncate(self.path, closed)

    def _lines(self) -> Iterator[tuple[Entry, int]]:
        if not self.path.exists():
            return
        end = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                end += len(line)
                try:
                    yield _decoder.decode(line), end
                except msgspec.DecodeError as error:
                    raise DataError(
                        Text("流水账有一行读不出", "a line of the journal cannot be read"),
                        where=f"{self.path}, line {number}: {error}",
                        advice=Text(
                            "从备份恢复该文件，再运行 xunyan rebuild",
                            "restore it from a backup, then run xunyan rebuild",
                        ),
                    ) from error
