"""Starting the programs of a lab's members, and knowing when they listen and which have ended."""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lab.children import module_path
from lab.namespaces import become_user, end_with_parent
from lab.wiring import Plan, Start

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
_LISTENS = {"tcp": "0A", "udp": "07"}


def start(one: Start, folder: Path, *, alone: bool) -> int:
    """Fork a program that is killed with us; return its id. `alone`: it needs no user namespace whatever its uid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        end_with_parent()
        launch(one, folder, alone=alone)
    except OSError as error:
        os.write(2, f"lab: {one.command[0]}: {error}\n".encode())
    finally:
        os._exit(127)


def launch(one: Start, folder: Path, *, alone: bool) -> None:
    """Become a program; does not return. Raises OSError."""
    log = os.open(folder / one.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(_endless() if _is_ours(one) else os.open("/dev/null", os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if one.uid and not alone and not has_many_users():
        become_user(one.uid, one.uid)
    os.execve(one.command[0], list(one.command), {**ENVIRONMENT, **_module_path(one)})  # noqa: S606


def _module_path(one: Start) -> Mapping[str, str]:
    """Where our own modules are found, for a program that is one of them."""
    return {"PYTHONPATH": module_path()} if _is_ours(one) else {}


def _is_ours(one: Start) -> bool:
    return one.command[0] == sys.executable


def _endless() -> int:
    """A standard input that says nothing and does not end, since our own programs end when theirs does."""
    read, write = os.pipe()
    os.set_inheritable(write, True)  # noqa: FBT003  # the program holds the other end itself
    return read


def has_many_users() -> bool:
    """Whether there are more users than one in our user namespace."""
    rows = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    return len(rows) > 1 or int(rows[0].split()[2]) > 1


def await_word(one: Start, folder: Path, until: float) -> None:
    """Wait until a program that is to be awaited has said that it is ready. Raises RuntimeError when it is late."""
    while one.awaited and not any(line.startswith("ready") for line in _said(folder / one.log)):
        if time.monotonic() > until:
            raise RuntimeError(f"{one.log}: it did not say that it is ready")
        time.sleep(0.02)


def _said(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []


def await_ports(plans: Sequence[Plan], pids: Mapping[str, int], members: dict[int, str], until: float) -> None:
    """Wait until all ports listen that are to. Raises RuntimeError naming members that ended, or are late."""
    waiting = {plan.name: set(plan.opens) for plan in plans if plan.opens}
    while waiting:
        for name in list(waiting):
            waiting[name] -= set(_listening(pids[name]))
            if not waiting[name]:
                del waiting[name]
        ended = reap(members, block=False)
        if ended or (waiting and time.monotonic() > until):
            late = [f"{name} {sorted(ports)}" for name, ports in list(waiting.items())[:5]]
            raise RuntimeError(f"not up: ended {ended}, waiting for {late}")
        if waiting:
            time.sleep(0.03)


def _listening(pid: int) -> Iterator[tuple[str, int]]:
    """Read from the kernel which ports listen in a process's network; of UDP those that are bound to no peer."""
    for protocol, state in _LISTENS.items():
        for table in (protocol, protocol + "6"):
            try:
                lines = Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]
            except OSError:  # the process is gone, which reaping tells
                continue
            for line in lines:
                columns = line.split()
                if columns[3] == state:
                    yield protocol, int(columns[1].rpartition(":")[2], 16)


def reap(members: dict[int, str], *, block: bool) -> list[str]:
    """Take away the children that have ended; return the names of the members among them. With `block` wait for one."""
    ended: list[str] = []
    while True:
        try:
            pid, _ = os.waitpid(-1, 0 if block and not ended else os.WNOHANG)
        except ChildProcessError:
            if block:
                time.sleep(1)
            return ended
        if pid == 0:
            return ended
        if pid in members:
            ended.append(members.pop(pid))
        elif block:
            return ended
