"""Bridges, and the pairs of interfaces that hang members on them, by batches for the `ip` command."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lab.wiring import Plan

IP = shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin") or "/usr/sbin/ip"


def build_bridges(bridges: Sequence[str]) -> None:
    """Make the bridges in the present network namespace; without addresses, so that nobody in it can be talked to."""
    for switch in ("all", "default"):
        Path(f"/proc/sys/net/ipv6/conf/{switch}/disable_ipv6").write_text("1", encoding="ascii")
    batch("link set lo up", *(line for bridge in bridges for line in _bridge(bridge)))


def _bridge(name: str) -> Iterator[str]:
    yield f"link add {name} type bridge mcast_snooping 0"
    yield f"link set {name} up"


def connect_members(plans: Sequence[Plan], pids: Mapping[str, int]) -> None:
    """Give each member the interfaces of its legs; the other ends hang on the bridges."""
    lines: list[str] = []
    for plan in plans:
        for leg in plan.legs:
            port = f"p{len(lines) // 2}"
            lines.append(f"link add {port} type veth peer name {leg.interface} netns {pids[plan.name]}")
            lines.append(f"link set {port} master {leg.bridge} up")
    batch(*lines)


def own_lines(plan: Plan) -> Iterator[str]:
    """The lines that a member says to itself: its addresses and routes. Addresses of IPv6 need no second of checking."""
    yield "link set lo up"
    for leg in plan.legs:
        yield f"link set {leg.interface} up"
        for address in leg.addresses:
            yield f"addr add {address} dev {leg.interface}" + (" nodad" if ":" in address else "")
    for way in plan.ways:
        via = f" via {way.via}" if way.via else ""
        yield f"route add {way.kind + ' ' if way.kind else ''}{way.prefix}{via}"


def batch(*lines: str) -> None:
    """Have the `ip` command carry out these lines. Raises RuntimeError with what it said."""
    if not lines:
        return
    done = subprocess.run(  # noqa: S603
        [IP, "-batch", "-"], input="\n".join(lines) + "\n", text=True, capture_output=True, check=False, timeout=120
    )
    if done.returncode != 0:
        raise RuntimeError(f"ip: {done.stderr.strip()[:500]}")
