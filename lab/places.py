"""The folders in which labs keep their files: one for each lab, locked while it stands; what a killed one left is removed."""

import fcntl
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "lock"


def base() -> Path:
    """The folder of all labs of the present user."""
    return Path(tempfile.gettempdir()).resolve() / f"xunyan-lab-{os.geteuid()}"


def is_place(folder: Path) -> bool:
    """Whether this is a folder that `new_place` made, whatever place temporary files had then."""
    own = folder.parent.name == f"xunyan-lab-{os.geteuid()}" and folder.is_absolute()
    return own and re.fullmatch(r"[0-9a-f]{8}", folder.name) is not None and folder.is_dir() and not folder.is_symlink()


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Let nobody else make or remove folders in it meanwhile. Raises PermissionError where it is somebody else's."""
    held = None
    while held is None:
        place.mkdir(mode=0o700, exist_ok=True)
        if place.is_symlink() or place.stat().st_uid != os.geteuid():
            raise PermissionError(13, "the folder is somebody else's", str(place))
        held = _held(place / LOCK)
    try:
        yield
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
    place = base()
    with _alone(place):
        sweep(place)
        folder = place / secrets.token_hex(4)
        folder.mkdir(mode=0o700)
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
    os.close(held)
    remove(folder)


def remove(folder: Path) -> None:
    """Remove the folder of a lab that is gone, and with the last one the folder of all."""
    place = folder.parent
    with _alone(place):
        for _ in range(20):  # what is being killed may still make a file
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.1)
        if not any(one.is_dir() for one in place.iterdir()):
            (place / LOCK).unlink()
            place.rmdir()
