"""How one member of a lab comes to be: forked, given a network, mounts and a name of its own, connected, and started."""

import os
import signal
import subprocess
from pathlib import Path

from lab.namespaces import NEWNET, NEWPID, disguise, end_with_parent, enter, unshare
from lab.networks import IP, own_lines
from lab.starting import launch, start
from lab.wiring import Plan


def become_member(plan: Plan, own: int, *, ready: int, wait: int, others: tuple[int, ...]) -> int:
    """Fork the first process of a member; return its id, as this process namespace (descriptor `own`) has it.

    It writes a byte to `ready` when it has a network, reads `wait` until that ends, which says that its interfaces are
    there, and goes on to its programs. `others` are our own ends of the two pipes.
    """
    if plan.disguised:
        enter(own, NEWPID)
        unshare(NEWPID)
    pid = os.fork()
    if plan.disguised and pid:
        enter(own, NEWPID)
    if pid:
        return pid
    status = 1
    try:
        for other in others:
            os.close(other)
        _become(plan, ready, wait)
    except (OSError, subprocess.SubprocessError) as error:
        os.write(2, f"lab: {plan.name}: {error}\n".encode())
    finally:
        os._exit(status)


def _become(plan: Plan, ready: int, wait: int) -> None:
    end_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.setsid()
    os.chdir(plan.folder)
    unshare(NEWNET)
    os.write(ready, b".")
    os.close(ready)
    os.read(wait, 1)
    os.close(wait)
    Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0", encoding="ascii")
    if plan.forwards:
        for switch in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
            Path("/proc/sys/net", switch).write_text("1", encoding="ascii")
    subprocess.run(  # noqa: S603
        [IP, "-batch", "-"], input="\n".join(own_lines(plan)) + "\n", text=True, check=True, timeout=60
    )
    folder = Path(plan.folder)
    *beside, last = plan.starts
    for one in beside:  # before the disguise, which may cover the place where Python lies
        start(one, folder, alone=False)
    if plan.disguised:
        disguise(plan.name, plan.overlays, plan.binds)
    os.chdir("/")
    launch(last, folder, alone=False)
