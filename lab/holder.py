"""The process that a lab of namespaces hangs on; run by the ground as `python -m lab.holder HOUSE`.

It takes namespaces of its own (as an ordinary user a user namespace first), so that the machine's own network never sees
anything of the lab, and forks the first process of a process namespace, which raises the bridges and all members and says
`ready`. When it ends, however it ends, the kernel ends everything in there, and with the processes go the networks and
mounts. Nothing of the lab has a name outside, save the folder of its files.
"""

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lab.members import become_member
from lab.namespaces import (
    NEWIPC,
    NEWNET,
    NEWNS,
    NEWPID,
    adopt_orphans,
    become_user,
    end_with_parent,
    keep_mounts_private,
    mount_proc,
    unshare,
)
from lab.networks import build_bridges, connect_members
from lab.starting import await_ports, await_word, reap, start
from lab.wiring import House, read_house

PATIENCE = 120.0
"""Seconds in which all members must be up."""


def main(arguments: Sequence[str]) -> None:
    """Raise the house of the plan, hold it until told to end, let it go."""
    house = read_house(Path(arguments[0]))
    parent = os.getppid()
    if os.geteuid() != 0:
        become_user(0, 0)
    unshare(NEWNS | NEWNET | NEWPID | NEWIPC)
    first = os.fork()
    if first == 0:
        _live(house)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    sys.stdout.write(f"inside {first}\n")
    sys.stdout.flush()
    try:
        _hold(first, parent)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(first, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(first, 0)


def _hold(first: int, parent: int) -> None:
    """Wait until the inside ends, or whoever started us is gone or lets go; a byte on standard input tells us to stay."""
    while os.waitpid(first, os.WNOHANG) == (0, 0):
        if not parent:
            time.sleep(0.2)
        elif os.getppid() != parent:
            return
        elif select.select([sys.stdin], [], [], 0.2)[0]:
            if not os.read(sys.stdin.fileno(), 1):
                return
            parent = 0


def _live(house: House) -> None:
    """Be the first process inside: raise everything, then reap whoever ends until the kernel ends us."""
    status = 1
    try:
        end_with_parent()
        keep_mounts_private()
        mount_proc()
        adopt_orphans()
        _raise(house)
        status = 0
    except (OSError, RuntimeError) as error:
        os.write(2, f"lab: {error}\n".encode())
    finally:
        os._exit(status)


def _raise(house: House) -> None:
    folder = Path(house.folder)
    build_bridges(house.bridges)
    for one in house.beside:
        sys.stdout.write(f"beside {start(one, folder, alone=True)} {Path(one.log).stem}\n")
    for one in house.beside:
        await_word(one, folder, time.monotonic() + PATIENCE)
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    here, gone = os.pipe()
    wait, go = os.pipe()
    members: dict[int, str] = {}
    pids: dict[str, int] = {}
    for plan in house.plans:
        pid = become_member(plan, own, ready=gone, wait=wait, others=(here, go))
        members[pid], pids[plan.name] = plan.name, pid
    os.close(gone)
    os.close(wait)
    _hear(here, len(house.plans))
    connect_members(house.plans, pids)
    os.close(go)
    await_ports(house.plans, pids, members, time.monotonic() + PATIENCE)
    for name, pid in pids.items():
        sys.stdout.write(f"member {pid} {name}\n")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        for name in reap(members, block=True):
            with contextlib.suppress(BrokenPipeError):  # nobody hears it of a lab that was told to stay
                sys.stdout.write(f"ended {name}\n")
                sys.stdout.flush()


def _hear(here: int, count: int) -> None:
    """Wait until every member has a network of its own. Raises RuntimeError when one ended before."""
    heard = 0
    while heard < count:
        said = os.read(here, 4096)
        if not said:
            raise RuntimeError("a member ended before it had a network; see the logs of the members")
        heard += len(said)


if __name__ == "__main__":
    main(sys.argv[1:])
