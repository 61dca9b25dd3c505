"""Writes what a host's folder holds, and says what of it lies over which part of the machine's own files."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from lab.contents import TOOLS, Entry, place_of
from lab.hosts import HostSpec
from lab.namespaces import ABSENT
from xunyan.errors import XunyanError
from xunyan.wording import Text

Pairs = tuple[tuple[str, str], ...]


def write_entries(folder: Path, entries: Iterable[Entry]) -> None:
    """Write files and folders below a host's folder, as readable to its users as they are to be, whatever our own mask."""
    mask = os.umask(0o022)
    try:
        _write(folder, entries)
    finally:
        os.umask(mask)


def _write(folder: Path, entries: Iterable[Entry]) -> None:
    made = {folder}
    if not (folder / ABSENT).is_symlink():
        (folder / ABSENT).symlink_to("/nonexistent")
    for entry in entries:
        path = folder / entry.path
        if entry.path.startswith("/") or ".." in Path(entry.path).parts:
            raise XunyanError(
                Text("要写到主机的文件夹之外", "it would be written outside the host's folder"), where=entry.path
            )
        if entry.hides:
            os.mknod(path, stat.S_IFCHR, os.makedev(0, 0))  # how an overlay says that a file of a lower layer is gone
            continue
        parent = path if entry.text is None else path.parent
        if parent not in made:
            parent.mkdir(parents=True, exist_ok=True)
            made.add(parent)
        if entry.text is not None:
            if not entry.mode & 0o077:
                path.touch(mode=entry.mode)  # a key is never there for others to read, not even for a moment
            path.write_text(entry.text, encoding="utf-8")
            if entry.size:
                os.truncate(path, entry.size)
        if entry.text is None or entry.mode != 0o644:
            path.chmod(entry.mode)
        if entry.owner:
            os.chown(path, entry.owner, entry.owner)


def mounts(spec: HostSpec) -> tuple[Pairs, Pairs]:
    """Say what lies over what, as (binds, overlays) of (source below the folder, target).

    A read-only layer lies over /etc and over each folder of the machine's own in which a file is put or changed: a bind over
    the file itself would go when somebody outside renames another one over it, as installing a package does. In /proc and
    /sys nobody can, and there a bind is all that works. A path of the identity that ends in a slash is a folder that stands
    in place of the machine's own, where there is one.
    """
    binds = [("home", "/home"), ("root", "/root"), ("run", "/run"), ("log", "/var/log"), ("tools", TOOLS)]
    overlays = {"/etc": "etc"}
    own = [path for path in spec.identity if path.startswith("/") and not path.startswith("/etc/")]
    folders = [path for path in own if path.endswith("/")]
    paths = [path for path in own if not path.endswith("/") and not path.startswith(tuple(folders))]
    binds += [(place_of(path), path) for path in folders if Path(path).exists()]
    if "/etc/os-release" in spec.identity:
        real = Path("/etc/os-release").resolve()
        if not real.is_relative_to("/etc") and str(real) not in paths:
            binds.append((place_of("/etc/os-release"), str(real)))
    for path in sorted(paths):
        if Path(path).exists() and path.startswith(("/proc/", "/sys/")):
            binds.append((place_of(path), path))
            continue
        if any(path.startswith(target + "/") for target in overlays):
            continue
        lacking = next(parent for parent in Path(path).parents if parent.exists())
        if lacking == Path("/"):
            raise XunyanError(Text("这里没有这个顶层目录", "there is no such top folder here"), where=path)
        overlays[str(lacking)] = "identity" + str(lacking)
    return tuple(binds), tuple((source, target) for target, source in overlays.items())
