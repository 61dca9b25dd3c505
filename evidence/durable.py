"""An append-only file that many threads write to: what `append` returned from is on disk."""

import os
import threading
from contextlib import suppress
from pathlib import Path


class DurableLog:
    """One file, opened for appending. Threads that come while one is being flushed share the next flush."""

    def __init__(self, path: Path) -> None:
        self._descriptor = _opened(path)
        self._guard = threading.Lock()
        self._flushing = threading.Lock()
        self._waiting: list[bytes] = []
        self._taken = 0
        self._broken: OSError | None = None
        self._flushed = 0

    def append(self, data: bytes, *, durable: bool = True) -> None:
        """Append whole lines. What is not `durable` goes to disk with the next that is."""
        with self._guard:
            self._waiting.append(data)
            self._taken += 1
            ticket = self._taken
        if not durable:
            return
        with self._flushing:
            if self._flushed < ticket:
                self._flush()

    def go_on_in(self, path: Path) -> None:
        """Write what waits, and go on in another file: nothing is written to the old one any more."""
        with self._flushing:
            self._flush()
            opened = _opened(path)
            os.close(self._descriptor)
            self._descriptor = opened

    def _flush(self) -> None:
        """Write what waits. After a failure nothing is ever said to be on disk again: whose lines were lost is unknown."""
        if self._broken is not None:
            raise OSError(*self._broken.args)
        with self._guard:
            batch, self._waiting, upto = b"".join(self._waiting), [], self._taken
        size = os.fstat(self._descriptor).st_size
        try:
            write_all(self._descriptor, batch)
            os.fsync(self._descriptor)
        except OSError as error:
            self._broken = error
            with suppress(OSError):
                os.ftruncate(self._descriptor, size)
            raise
        self._flushed = upto

    def close(self) -> None:
        """Write what waits, and close."""
        try:
            self.append(b"")
        finally:
            os.close(self._descriptor)


def _opened(path: Path) -> int:
    """Open for appending, after the last whole line: what a crash cut off would run into the next."""
    new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    if new:
        sync_folder(path.parent)
    else:
        held = path.read_bytes()
        whole = held.rfind(b"\n") + 1
        if whole < len(held):
            os.ftruncate(descriptor, whole)
    return descriptor


def write_all(descriptor: int, data: bytes) -> None:
    """Write everything, however often the system takes only a part."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Make a folder's list of names durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes) -> None:
    """Put a file in place whole, or leave the old one."""
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    sync_folder(path.parent)


def whole_lines(path: Path) -> list[bytes]:
    """Read the whole lines of a file; what a crash cut off at its end is left out. An absent file has none."""
    if not path.exists():
        return []
    return [line for line in path.read_bytes().split(b"\n")[:-1] if line]
