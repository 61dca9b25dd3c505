"""The process that the hosts of a farm hang on: raises each in namespaces of its own, and takes all down when it ends.

Run by the farm as `python -m lab.raiser PLAN`. One process and no threads: a host is forked, disguised by a dozen system
calls and becomes its sshd, so hundreds rise in seconds. It ends on SIGTERM, when its standard input ends, or when whoever
started it is gone, unless a byte there told it to stay; should it be killed itself, the kernel kills the hosts, and with
each all that runs in it.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from lab.listener import greet, listen
from lab.namespaces import NEWPID, adopt_orphans, disguise, end_with_parent, enter, unshare


@dataclass(frozen=True, slots=True)
class Plan:
    """One host to raise. `binds` and `overlays` are (source below the folder, target); `listener` stands in for sshd."""

    name: str
    folder: str
    address: str
    port: int
    listener: str
    full: bool
    command: tuple[str, ...]
    binds: tuple[tuple[str, str], ...] = ()
    overlays: tuple[tuple[str, str], ...] = ()


def write_plans(path: Path, plans: Sequence[Plan]) -> None:
    """Write what the raiser is to raise."""
    path.write_text(json.dumps([asdict(plan) for plan in plans]), encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Raise what the plan says, wait until told to end, take it down."""
    parent = os.getppid()
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    adopt_orphans()
    children: dict[int, str] = {}
    try:
        with selectors.DefaultSelector() as selector:
            own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
            for row in json.loads(Path(arguments[0]).read_text(encoding="utf-8")):
                plan = Plan(**row)
                if plan.listener:
                    selector.register(
                        listen(plan.listener, plan.address, plan.port), selectors.EVENT_READ, plan.listener
                    )
                else:
                    children[_raise(plan, own)] = plan.name
            selector.register(sys.stdin, selectors.EVENT_READ, "stdin")
            _watch(selector, parent, children)
    finally:
        _take_down(children)


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    sys.exit(0)


def _watch(selector: selectors.BaseSelector, parent: int, children: dict[int, str]) -> None:
    """Serve the silent listeners and tell of hosts that ended, until it is time to end."""
    held: list[socket.socket] = []
    while not parent or os.getppid() == parent:
        for key, _ in selector.select(timeout=0.3):
            if key.data == "stdin":
                if not os.read(sys.stdin.fileno(), 1):
                    return
                selector.unregister(sys.stdin)  # told to stay: from now on it is nobody's
                parent = 0
            if isinstance(key.fileobj, socket.socket):
                greet(key.data, key.fileobj, held)
        _reap(children)


def _reap(children: dict[int, str]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in children:
            with contextlib.suppress(BrokenPipeError):  # nobody hears it of one that was told to stay
                sys.stdout.write(f"{children.pop(pid)} {os.waitstatus_to_exitcode(status)}\n")
                sys.stdout.flush()


def _take_down(children: dict[int, str]) -> None:
    """Kill the hosts, and whatever of theirs has come to us meanwhile, until there is nothing left."""
    left = set(children)
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    while left:
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        for pid in left:
            os.waitpid(pid, 0)
        left = {int(pid) for pid in own.read_text(encoding="ascii").split()} if own.exists() else set()


def _raise(plan: Plan, own: int) -> int:
    """Start one host as the first process of a process namespace; return its id."""
    if plan.full:
        enter(own, NEWPID)
        unshare(NEWPID)
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _become(plan)
    except OSError as error:
        os.write(2, f"lab: {plan.name}: {error}\n".encode())
    finally:
        os._exit(status)


def _become(plan: Plan) -> None:
    end_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.setsid()
    os.chdir(plan.folder)
    log = os.open("sshd.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if plan.full:
        disguise(plan.name, plan.overlays, plan.binds)
    os.chdir("/")
    os.execve(plan.command[0], list(plan.command), {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"})  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
