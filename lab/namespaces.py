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


def disguise(name: str, overlays: Sequence[tuple[str, str]], binds: Sequence[tuple[str, str]]) -> None:
    """Give the process mounts, processes and a name of its own.

    Pairs are (source, target). Sources are relative, so a mount that covers the current folder does no harm.
    """
    unshare(NEWNS | NEWUTS)
    keep_mounts_private()
    mount_proc()
    for source, target in overlays:
        _call("mount", b"overlay", target.encode(), b"overlay", _RDONLY, f"lowerdir={source}:{target}".encode())
    for source, target in binds:
        _call("mount", source.encode(), target.encode(), None, _BIND | _REC, None)
    socket.sethostname(name)


def _call(name: str, *arguments: object) -> None:
    if getattr(_LIBC, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name} {arguments}: {os.strerror(number)}")
