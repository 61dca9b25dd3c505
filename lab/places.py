"""The folders in which labs keep their files: one for each lab, locked while it stands; what a killed one left is removed."""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "lock"


def base() -> Path:
    """The folder of all labs of the present user."""
    return Path(tempfile.gettempdir()) / f"xunyan-lab-{os.geteuid()}"


@contextmanager
def _alone() -> Iterator[Path]:
    """Let nobody else make or remove folders meanwhile. Raises PermissionError where the folder is somebody else's."""
    place = base()
    held = None
    while held is None:
        place.mkdir(mode=0o755, exist_ok=True)
        if place.is_symlink() or place.stat().st_uid != os.geteuid():
            raise PermissionError(13, "the folder is somebody else's", str(place))
        held = _held(place / LOCK)
    try:
        yield place
    finally:
        os.close(held)


def _held(lock: Path) -> int | None:
    """Lock a file; return its descriptor, or None where the last lab went meanwhile and took the file with it."""
    try:
        held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    fcntl.flock(held, fcntl.LOCK_EX)
    if os.fstat(held).st_nlink:
        return held
    os.close(held)
    return None


def new_place() -> tuple[Path, int]:
    """Remove what is left of labs that are gone, then make a folder; return it and the descriptor that locks it.

    The folder counts as in use for as long as any process holds the descriptor.
    """
    with _alone() as place:
        sweep(place)
        folder = place / secrets.token_hex(4)
        folder.mkdir(mode=0o755)
        held = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(held, fcntl.LOCK_EX)
        return folder, held


def sweep(place: Path) -> list[Path]:
    """Remove the folders whose labs are gone; return them. Call it alone, as `new_place` does."""
    gone: list[Path] = []
    for folder in place.iterdir():
        if not folder.is_dir():
            continue
        try:
            with (folder / LOCK).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        except FileNotFoundError:  # killed between making the folder and its lock
            pass
        shutil.rmtree(folder)
        gone.append(folder)
    return gone


def leave(folder: Path, held: int) -> None:
    """Remove a lab's folder and let it go."""
    shutil.rmtree(folder, ignore_errors=True)
    os.close(held)
    with _alone() as place:
        if not any(one.is_dir() for one in place.iterdir()):
            (place / LOCK).unlink()
            place.rmdir()
