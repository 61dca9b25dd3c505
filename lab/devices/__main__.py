"""The process of all devices of a lab: `python -m lab.devices PLAN`; prints `ready N` when N addresses listen."""

import asyncio
import contextlib
import logging
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from lab.devices.plan import Plan, read_plan
from lab.devices.service import listen


async def serve(plan: Plan) -> None:
    """Listen until told to end by SIGTERM, the end of standard input, or the end of whoever started us."""
    parent = os.getppid()  # 0 where that one lives in another PID namespace; what counts is that it changes
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_reader(sys.stdin, ended.set)
    listeners = [one for placed in plan.devices for one in await listen(placed, Path(plan.folder))]
    sys.stdout.write(f"ready {len(listeners)}\n")
    sys.stdout.flush()
    while not ended.is_set() and os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), 0.5)
    for listener in listeners:
        listener.close()


def main(arguments: Sequence[str]) -> None:
    """Read the plan and serve."""
    logging.disable(logging.WARNING)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a thousand devices are more files than is usual
    asyncio.run(serve(read_plan(Path(arguments[0]))))


if __name__ == "__main__":
    main(sys.argv[1:])
