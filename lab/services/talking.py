"""Makes the programs by which hosts keep the connections to each other that a scenario says they have."""

import sys
from collections.abc import Sequence
from pathlib import Path

from lab.programs import Program
from lab.scenario.model import Connect, Host
from lab.services import talk
from lab.services.words import family, of_families

_TALK = (sys.executable, "-I", str(Path(talk.__file__)))


def talk_programs(host: Host, hosts: Sequence[Host]) -> tuple[Program, ...]:
    """Make what keeps the connections of a host, and what takes those that others make to it."""
    made = []
    own = [one for those in host.at.values() for one in those]
    wanted = {connect.port for other in hosts for connect in other.connects if connect.to == host.name}
    for port in sorted(wanted):
        opens = tuple(("tcp", one, port) for one in own)
        made.append(Program(f"talk-{port}", (*_TALK, "listen", str(port), *own), f"talk-{port}.log", (), opens))
    for number, connect in enumerate(host.connects):
        target = next(one for one in hosts if one.name == connect.to)
        command = (*_TALK, "connect", str(connect.port), _near(host, target, connect))
        made.append(Program(f"talk-to-{number}", command, f"talk-to-{number}.log"))
    return tuple(made)


def _near(host: Host, target: Host, connect: Connect) -> str:
    """The address of the other host to connect to: in a network that both are in, where there is one."""
    networks = sorted(target.at, key=lambda name: name not in host.at)
    return next(one for name in networks for one in of_families(target.at[name], (connect.family,)) if family(one))
