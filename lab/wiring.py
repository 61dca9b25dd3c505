"""What a lab of namespaces is made of: bridges, and plans of who hangs on them with which addresses, mounts and programs."""

from dataclasses import dataclass
from pathlib import Path

import msgspec


@dataclass(frozen=True, slots=True)
class Leg:
    """One interface of a plan: on which bridge, its addresses with prefix lengths ("10.1.2.3/16")."""

    bridge: str
    interface: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A route of a plan: prefix ("default", "10.2.0.0/16"), the router's address; a `kind` such as blackhole needs none."""

    prefix: str
    via: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """A program of a plan: an absolute command, the file in the plan's folder that takes what it says, and its user.

    `uid` other than 0 gives it, where only one user may be had, a user namespace in which it is that user. One that is to be
    `awaited` says a line that begins with `ready` when it is up.
    """

    command: tuple[str, ...]
    log: str
    uid: int = 0
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One member of a lab: a host, a router, the scanner's place, or a set of simulated devices.

    `binds` and `overlays` are (source below the folder, target); a plan that is `disguised` has mounts, processes and a name
    of its own. `opens` are the ports that listen when it is up, as (tcp or udp, port).
    """

    name: str
    folder: str
    legs: tuple[Leg, ...]
    starts: tuple[Start, ...]
    ways: tuple[Way, ...] = ()
    forwards: bool = False
    disguised: bool = False
    binds: tuple[tuple[str, str], ...] = ()
    overlays: tuple[tuple[str, str], ...] = ()
    opens: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class House:
    """A whole lab: its bridges, its members, and what runs beside the bridges."""

    folder: str
    bridges: tuple[str, ...]
    plans: tuple[Plan, ...]
    beside: tuple[Start, ...] = ()


def write_house(path: Path, house: House) -> None:
    """Write what the holder is to raise."""
    path.write_bytes(msgspec.json.encode(house))


def read_house(path: Path) -> House:
    """Read what `write_house` wrote."""
    return msgspec.json.decode(path.read_bytes(), type=House)
