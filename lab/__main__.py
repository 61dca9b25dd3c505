"""Raises a farm from the command line: `python -m lab up 20 --folder DIR`, `status`, `down`."""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lab.children import PROJECT
from lab.farm import Farm
from lab.hosts import FAULTS, make_specs
from xunyan.errors import XunyanError

STATE = "farm.json"


def main(arguments: Sequence[str]) -> int:
    """Do what the command says; 0 it was done, 1 it failed, 2 wrong use."""
    parser = argparse.ArgumentParser(
        prog="python -m lab", description="一片环回地址上的真实 SSH 主机 / real SSH hosts on loopback"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, said in (("up", "立起来 / raise"), ("hold", argparse.SUPPRESS)):
        up = commands.add_parser(name, help=said)
        up.add_argument("count", type=int, help="几台 / how many")
        up.add_argument("--first", default="127.77.0.1", help="第一个地址 / first address")
        up.add_argument("--port", type=int, default=0, help="端口，缺省自选 / port, chosen when left out")
        up.add_argument(
            "--user", action="append", default=[], metavar="LOGIN:PASSWORD", help="口令用户 / login with password"
        )
        up.add_argument("--fault", action="append", default=[], metavar="N:FAULT", help=" ".join(FAULTS))
        up.add_argument("--folder", type=Path, required=True)
    for name, said in (("status", "现状 / how it is"), ("down", "撤掉 / take down")):
        commands.add_parser(name, help=said).add_argument("--folder", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        return {"up": _up, "hold": _hold, "status": _status, "down": _down}[str(options.command)](options)
    except XunyanError as error:
        sys.stderr.write(f"{error.what.zh}\n{error}\n")
        return error.exit_code


def _up(options: argparse.Namespace) -> int:
    """Start a process that holds the farm, and wait until it says that the farm is up."""
    state = options.folder / STATE
    if _holder(options.folder):
        sys.stderr.write(f"已经立着 / already up: {options.folder}\n")
        return 2
    options.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    state.unlink(missing_ok=True)
    with (options.folder / "hold.log").open("wb") as log:
        words = sys.argv[1:]
        words[words.index("up")] = "hold"
        holder = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "lab", *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            start_new_session=True,
        )
    while not state.exists():
        if holder.poll() is not None:
            sys.stderr.write((options.folder / "hold.log").read_text(encoding="utf-8"))
            return holder.returncode or 1
        time.sleep(0.05)
    return _status(options)


def _hold(options: argparse.Namespace) -> int:
    """Raise the farm in this process and keep it until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    users = dict(one.split(":", 1) for one in options.user)
    faults = {int(one.split(":", 1)[0]): one.split(":", 1)[1] for one in options.fault}
    specs = make_specs(options.count, first=options.first, users=users, faults=faults)
    with Farm(options.folder / f"hosts-{os.getpid()}", specs, options.port) as farm:
        key, known = options.folder / "client_key", options.folder / "known_hosts"
        key.unlink(missing_ok=True)
        key.touch(mode=0o600)
        key.write_text(farm.client_key, encoding="ascii")
        known.write_text(farm.known_hosts(), encoding="ascii")
        state = {
            "pid": os.getpid(),
            "full": farm.full,
            "port": farm.port,
            "user": farm.user,
            "client_key": str(key.resolve()),
            "known_hosts": str(known.resolve()),
            "hosts": [
                {"name": host.spec.name, "address": host.spec.address, "fault": host.spec.fault, "log": str(host.log)}
                for host in farm.hosts
            ],
        }
        written = options.folder / (STATE + ".part")
        written.write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")
        written.replace(options.folder / STATE)
        while True:
            signal.pause()


def _status(options: argparse.Namespace) -> int:
    """Say whether the farm is up and how to log in."""
    state = options.folder / STATE
    if not _holder(options.folder):
        sys.stdout.write("没有立着 / down\n")
        return 1
    told = json.loads(state.read_text(encoding="utf-8"))
    hosts = told["hosts"]
    sys.stdout.write(
        f"立着 / up: {len(hosts)} hosts, {hosts[0]['address']} - {hosts[-1]['address']}, full={told['full']}\n"
        f"ssh -F none -i {told['client_key']} -o UserKnownHostsFile={told['known_hosts']} -p {told['port']} "
        f"{told['user']}@{hosts[0]['address']}\n"
    )
    return 0


def _down(options: argparse.Namespace) -> int:
    """End the process that holds the farm, and with it the farm."""
    pid = _holder(options.folder)
    if pid:
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + 60
        while _holder(options.folder):
            if time.monotonic() > end:
                sys.stderr.write(f"没有结束 / did not end: {pid}\n")
                return 1
            time.sleep(0.05)
    (options.folder / STATE).unlink(missing_ok=True)
    return 0


def _holder(folder: Path) -> int:
    """The id of the process that holds this folder's farm; 0 when there is none, or the id is another process's now."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        pid = int(json.loads((folder / STATE).read_text(encoding="utf-8"))["pid"])
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"hold" in words and b"lab" in words:
            return pid
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
