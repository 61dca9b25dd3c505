"""Watches a process and all it starts for secrets: arguments, environments, and files while they exist."""

import os
import stat
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote_from_bytes

LARGEST = 16 << 20
PLACES = (Path("/tmp"), Path("/dev/shm"))  # noqa: S108  # watched, not written to
OTHERS = 1.0
"""Seconds between two looks at all processes of the machine and at the places that all share."""


def forms(secret: bytes) -> set[bytes]:
    """The ways in which a secret may be written down: plain, base64 wherever it begins, hex, URL, UTF-16, JSON."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode(), quote_from_bytes(secret, safe="").encode()}
    for before in range(3):
        text = b64encode(b"\0" * before + secret + b"\0\0")
        found.add(text[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6])
        found.add(found_url := text[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6].replace(b"+", b"-"))
        found.add(found_url.replace(b"/", b"_"))
    with suppress(UnicodeDecodeError):
        text_of = secret.decode()
        found |= {text_of.encode("utf-16-le"), text_of.encode("utf-16-be"), text_of.replace("/", "\\/").encode()}
    return found


class Search:
    """Finds secrets by name in bytes and in files."""

    def __init__(self, secrets: Mapping[str, bytes]) -> None:
        self._forms = [(name, form) for name, secret in secrets.items() for form in forms(secret)]

    def names(self, data: bytes) -> set[str]:
        """Which secrets stand in it, in any form."""
        return {name for name, form in self._forms if form in data}

    def below(self, folder: Path) -> dict[str, set[str]]:
        """File -> the secrets in it, for all regular files below a folder, and in their names."""
        found: dict[str, set[str]] = {}
        for path in files_below(folder):
            with suppress(OSError):
                names = self.names(path.read_bytes()) | self.names(os.fsencode(path))
                if names:
                    found[str(path)] = names
        return found


def files_below(folder: Path) -> Iterator[Path]:
    """All regular files below a folder; no link is followed, no pipe is opened."""
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                path = Path(root, name)
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path


class Watcher(threading.Thread):
    """Looks again and again, until stopped, at `root` and all it started, and at what appears in folders.

    Excepted is the environment that `root` was itself started with, since some secrets were handed over in it, and a
    child of it that is not another program yet: that is the same memory.
    """

    def __init__(
        self, root: int, secrets: Mapping[str, bytes], folders: Sequence[Path], *, shared: bool = True
    ) -> None:
        super().__init__(daemon=True)
        self.found: set[tuple[str, str, str]] = set()
        self.programs: set[str] = set()
        self.files: set[str] = set()
        self.passes = 0
        self.family = {root}
        self._root = root
        self._search = Search(secrets)
        self._folders = list(folders)
        self._shared = shared
        self._there = {path for place in PLACES for path in place.glob("*")}
        self._read: dict[str, tuple[int, int, int]] = {}
        self._ended = threading.Event()
        self._own = b""

    def stop(self) -> None:
        """End watching. Raises RuntimeError where it had ended before, since then it has not seen all."""
        watching = self.is_alive()
        self._ended.set()
        self.join()
        if not watching:
            raise RuntimeError("the watcher died")

    def run(self) -> None:
        """Look at the family as often as can be, at all others once in a while."""
        others = 0.0
        while not self._ended.is_set():
            self._family()
            for folder in self._folders:
                self._folder(folder)
            if self._shared and time.monotonic() >= others:
                self._everybody()
                others = time.monotonic() + OTHERS
            self.passes += 1
            self._ended.wait(0.002)

    def _family(self) -> None:
        waiting = sorted(self.family, key=lambda pid: pid == self._root)
        while waiting:
            pid = waiting.pop()
            with suppress(OSError):  # it may end at any moment
                for task in Path(f"/proc/{pid}/task").iterdir():
                    told = (task / "children").read_text("ascii")
                    children = {int(one) for one in told.split()} - self.family
                    self.family |= children
                    waiting += children
            self._process(pid)
            self._open_files(pid)

    def _process(self, pid: int) -> None:
        arguments = self._bytes(pid, "cmdline")
        self._note("arguments", arguments, arguments)
        if pid in self.family:
            self.programs.add(arguments.replace(b"\0", b" ").decode("utf-8", "replace"))
        if pid == self._root:
            self._own = arguments or self._own
        elif pid != os.getpid() and arguments != self._own:
            self._note("environment", self._bytes(pid, "environ"), arguments)

    def _open_files(self, pid: int) -> None:
        """Files without a name, too: deleted ones and those that live in memory."""
        with suppress(OSError):
            for link in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    state = link.stat()
                    name = str(link.readlink())
                    if stat.S_ISREG(state.st_mode) and ("(deleted)" in name or "memfd:" in name):
                        self._file(link, name, state)

    def _everybody(self) -> None:
        for path in Path("/proc").glob("[0-9]*"):
            self._process(int(path.name))
        for place in PLACES:
            for path in set(place.glob("*")) - self._there:
                with suppress(OSError):
                    if stat.S_ISREG((state := path.lstat()).st_mode):
                        self._file(path, str(path), state)
                    elif path.is_dir() and not path.is_symlink():
                        self._folder(path)

    def _folder(self, folder: Path) -> None:
        for path in files_below(folder):
            with suppress(OSError):
                self._file(path, str(path), path.lstat())

    def _file(self, path: Path, name: str, state: os.stat_result) -> None:
        seal = (state.st_ino, state.st_size, state.st_mtime_ns)
        if self._read.get(name) == seal or state.st_size > LARGEST:
            return
        self._read[name] = seal
        self.files.add(name)
        self._note("file", path.read_bytes(), name.encode())

    def _note(self, kind: str, data: bytes, where: bytes) -> None:
        for secret in self._search.names(data):
            self.found.add((secret, kind, where.replace(b"\0", b" ").decode("utf-8", "replace")[:300]))

    @staticmethod
    def _bytes(pid: int, name: str) -> bytes:
        try:
            return Path(f"/proc/{pid}/{name}").read_bytes()
        except OSError:
            return b""
