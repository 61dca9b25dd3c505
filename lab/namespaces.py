"""System calls by which a process gets a network, mounts, processes, a host name and a user of its own; Python has no names for them."""

import ctypes
import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
_RDONLY, _BIND, _REC, _PRIVATE = 1, 4096, 16384, 1 << 18
_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36
_LIBC = ctypes.CDLL(None, use_errno=True)


def unshare(kinds: int) -> None:
    """Put this process (for NEWPID its children) into new namespaces of these kinds. Raises OSError."""
    _call("unshare", kinds)


def enter(descriptor: int, kind: int) -> None:
    """Put this process into the namespace that a descriptor stands for. Raises OSError."""
    _call("setns", descriptor, kind)


def become_user(uid: int, gid: int) -> None:
    """Get a user namespace in which our user and group are these and there are no others. Raises OSError where none may be had."""
    own = os.geteuid(), os.getegid()
    unshare(NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {own[0]} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {own[1]} 1", encoding="ascii")


def end_with_parent() -> None:
    """Ask the kernel to kill this process when the one that forked it is gone."""
    _call("prctl", _SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _call("prctl", _SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def keep_mounts_private() -> None:
    """See to it that mounts made here are seen nowhere else."""
    _call("mount", b"none", b"/", None, _REC | _PRIVATE, None)


def mount_proc() -> None:
    """Show in /proc the processes of this process namespace."""
    _call("mount", b"proc", b"/proc", b"proc", 0, None)


ABSENT = "absent"
"""In the folder of who is disguised: a link that leads nowhere, laid over a file that must not seem to be there."""

_SIGNS = ("/.dockerenv", "/run/.containerenv")
_OPEN_TREE, _MOVE_MOUNT = 428, 429
_HERE, _CLONE, _NO_FOLLOW, _OF_DESCRIPTOR = -100, 1, 0x100, 4


def disguise(name: str, overlays: Sequence[tuple[str, str]], binds: Sequence[tuple[str, str]]) -> None:
    """Give the process mounts, processes and a name of its own, and hide that the machine is a container where it is one.

    Pairs are (source, target). Sources are relative, so a mount that covers the current folder does no harm.
    """
    unshare(NEWNS | NEWUTS)
    keep_mounts_private()
    mount_proc()
    for sign in _SIGNS:
        if Path(sign).exists():
            _hide(sign)
    for source, target in overlays:
        _call("mount", b"overlay", target.encode(), b"overlay", _RDONLY, f"lowerdir={source}:{target}".encode())
    for source, target in binds:
        _call("mount", source.encode(), target.encode(), None, _BIND | _REC, None)
    socket.sethostname(name)


def _hide(path: str) -> None:
    """Lay the link that leads nowhere over a file; `mount` itself would follow it, so the calls behind it are used."""
    tree = _call("syscall", _OPEN_TREE, _HERE, ABSENT.encode(), _CLONE | _NO_FOLLOW | os.O_CLOEXEC)
    _call("syscall", _MOVE_MOUNT, tree, b"", _HERE, path.encode(), _OF_DESCRIPTOR)
    os.close(tree)


def _call(name: str, *arguments: int | bytes | None) -> int:
    told = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    answer = int(getattr(_LIBC, name)(*told))
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name} {arguments}: {os.strerror(number)}")
    return answer
