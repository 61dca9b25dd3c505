"""Captures on disk: append-only JSONL segments that are whole or not there, read again by place and checked."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from evidence.captures import RejectedError, read_line, write_line
from xunyan.errors import DataError
from xunyan.model import Capture, Gap
from xunyan.wording import Text

SUFFIX = ".captures.jsonl"
_NUMBERED = re.compile(r"([0-9]{6,9})" + re.escape(SUFFIX))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one line stands: the segment's number, the byte offset, the length with its newline."""

    segment: int
    offset: int
    length: int


class Segments:
    """The segments of one workspace, `000001.captures.jsonl` upward. One writer at a time; readers need no lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def numbers(self) -> list[int]:
        """List the segments that are there, in order."""
        names = (_NUMBERED.fullmatch(path.name) for path in self.folder.glob(f"[0-9]*{SUFFIX}"))
        return sorted(int(name[1]) for name in names if name)

    def path(self, number: int) -> Path:
        """Name the file of a segment."""
        return self.folder / f"{number:06d}{SUFFIX}"

    def sweep(self) -> None:
        """Remove what a killed writer left unfinished."""
        for path in self.folder.glob(".*.incoming"):
            path.unlink(missing_ok=True)

    def stage(self) -> "Staged":
        """Open the next segment for writing. It becomes visible whole, by `commit`, or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return Staged(self, max(self.numbers(), default=0) + 1)

    def scan(self, number: int) -> Iterator[tuple[Capture | Gap, Place]]:
        """Read a whole segment, checking every digest. Raises DataError at the first line that is not what was sealed."""
        offset = 0
        with self.path(number).open("rb") as file:
            for count, line in enumerate(file, 1):
                yield self._checked(line, number, f"line {count}"), Place(number, offset, len(line))
                offset += len(line)

    def read(self, places: list[Place]) -> Iterator[Capture]:
        """Read captures back by place, in the order given, checking their digests."""
        for place, line in zip(places, self.lines(places), strict=True):
            one = self._checked(line, place.segment, f"byte {place.offset}")
            if isinstance(one, Capture):
                yield one

    def lines(self, places: Iterable[Place]) -> Iterator[bytes]:
        """Read lines by place as they stand there, in the order given. Raises DataError where a segment is missing."""
        opened: dict[int, int] = {}
        try:
            for place in places:
                if place.segment not in opened:
                    opened[place.segment] = os.open(self.path(place.segment), os.O_RDONLY)
                yield os.pread(opened[place.segment], place.length, place.offset)
        except FileNotFoundError as error:
            raise DataError(
                Text("采集段文件不见了", "a segment of captures is missing"),
                where=str(error.filename),
                advice=Text(
                    "从备份恢复该文件，再运行 xunyan rebuild", "restore the file from a backup, then run xunyan rebuild"
                ),
            ) from error
        finally:
            for descriptor in opened.values():
                os.close(descriptor)

    def _checked(self, line: bytes, number: int, where: str) -> Capture | Gap:
        try:
            return read_line(line if line.endswith(b"\n") else b"")
        except RejectedError as error:
            raise DataError(
                Text("采集段被改动或损坏，摘要对不上", "a segment of captures was changed or damaged"),
                where=f"{self.path(number)}, {where} ({error.problem} {error.detail[:80]})",
                advice=Text(
                    "不要手工修改 captures/；从备份恢复该文件，再运行 xunyan rebuild",
                    "never edit captures/ by hand; restore the file from a backup, then run xunyan rebuild",
                ),
            ) from error


class Staged:
    """A segment being written. Used as a context manager: what is not committed is removed."""

    def __init__(self, segments: Segments, number: int) -> None:
        self.number = number
        self._segments = segments
        self._temporary = segments.folder / f".{number:06d}.incoming"
        self._file = self._temporary.open("wb")
        self._offset = 0
        self._committed = False

    def append(self, one: Capture | Gap) -> Place:
        """Write one capture or gap; return where it will stand."""
        line = write_line(one)
        self._file.write(line)
        place = Place(self.number, self._offset, len(line))
        self._offset += len(line)
        return place

    def commit(self) -> None:
        """Make the segment durable and visible under its number."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.rename(self._segments.path(self.number))
        folder = os.open(self._segments.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._committed = True

    def __enter__(self) -> "Staged":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if not self._committed:
            self._temporary.unlink(missing_ok=True)
