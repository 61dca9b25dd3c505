"""Turns the hosts of a scenario into plans for the holder: files, mounts, programs and legs."""

import ipaddress
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.contents import FIRST_UID, whole
from lab.hostile import hostile_texts
from lab.hosts import FAULTS, LISTENERS, HostSpec
from lab.keys import Key, make_key
from lab.kinds import LISTS, texts
from lab.layers import mounts, write_entries
from lab.programs import Program
from lab.scenario.model import Host, Network, Scenario
from lab.scenario.routing import bridge, default_ways, with_length
from lab.wiring import Leg, Plan, Start, Way

NOTHING = ("/bin/sleep", "infinity")


@dataclass(frozen=True, slots=True)
class Login:
    """Who may log in everywhere: the public line of a key, and the shadow forms of the passwords in use."""

    line: str
    hashes: Mapping[str, str]


def addresses(host: Host) -> list[str]:
    """All addresses of a host, in the order of its networks."""
    return [address for network in host.at.values() for address in network]


def spec_of(host: Host, identity: Mapping[str, str]) -> HostSpec:
    """Say what sshd, users and files of a host are to be."""
    fault = host.fault if host.fault in FAULTS else ""
    return HostSpec(
        host.name, addresses(host)[0], fault, dict(host.users), identity=identity,
        listen=tuple(addresses(host)), banner=host.banner, watched=True,
    )  # fmt: skip


def identity_of(host: Host) -> dict[str, str]:
    """The texts that tell who a host is: of its kinds, hostile where it is, and what the scenario writes itself."""
    made = texts(host.machine, host.system, host.name, guest=host.guest) if host.machine else {}
    if host.hostile:
        deb = bool(made.get("/var/lib/dpkg/status"))
        evil = hostile_texts(LISTS, deb=deb)
        made |= {path: text for path, text in evil.items() if path != "rpm" or not deb}
    return {**made, **host.identity}


def legs(scenario: Scenario, at: Mapping[str, Sequence[str]]) -> tuple[Leg, ...]:
    """The interfaces of somebody with these addresses."""
    networks = {one.name: one for one in scenario.networks}
    return tuple(
        Leg(bridge(scenario, name), f"eth{number}", tuple(with_length(networks[name], one) for one in own))
        for number, (name, own) in enumerate(at.items())
    )


def plan_host(
    scenario: Scenario, host: Host, folder: Path, sshd: str, login: Login, programs: Sequence[Program], *, single: bool
) -> tuple[Plan, Key]:
    """Write a host's folder; return its plan and its host key. `single`: only one user may be had here."""
    folder.mkdir(mode=0o755, parents=True)
    key = make_key()
    spec = spec_of(host, identity_of(host))
    write_entries(folder, whole(spec, host.port, folder, key, login.line, login.hashes, single=single))
    for program in programs:
        write_entries(folder, program.files)
    binds, overlays = mounts(spec)
    networks = {one.name: one for one in scenario.networks}
    home = next((name for name in host.at if networks[name].routed), next(iter(host.at)))
    plan = Plan(
        host.name,
        str(folder),
        legs(scenario, host.at),
        (*(Start(one.command, one.log) for one in programs), *_own(host, sshd)),
        tuple(_ways(scenario, host, networks[home])),
        disguised=True,
        binds=binds,
        overlays=overlays,
        opens=tuple(_opens(host, programs)),
    )
    return plan, key


def _ways(scenario: Scenario, host: Host, home: Network) -> Iterator[Way]:
    """The routes of a host. In place of answers over IPv6 that lead into a black hole there are none, and no errors either."""
    yield from (way for way in default_ways(home, host.at[home.name]) if not (host.black_hole and ":" in way.via))
    networks = {one.name: one for one in scenario.networks}
    for name in host.at if host.black_hole else ():
        if networks[name].v6:
            halves = ipaddress.IPv6Network(networks[name].v6).subnets()  # narrower than what an interface has of itself
            yield from (Way(str(half), kind="blackhole") for half in halves)
    if host.black_hole:
        yield Way("::/0", kind="blackhole")


def _own(host: Host, sshd: str) -> tuple[Start, ...]:
    """What stands at a host's SSH port, and last the program that its first process becomes."""
    nothing = Start(NOTHING, "sshd.log")
    if not host.ssh or host.fault == "closed":
        return (nothing,)
    if host.fault in LISTENERS:
        words = (sys.executable, "-m", "lab.listener", host.fault, str(host.port), *addresses(host))
        return Start(words, "sshd.log"), nothing
    return (Start((sshd, "-D", "-e", "-f", "/etc/ssh/sshd_config"), "sshd.log", FIRST_UID),)


def _opens(host: Host, programs: Iterable[Program]) -> Iterator[tuple[str, int]]:
    if host.ssh and host.fault != "closed":
        yield "tcp", host.port
    for program in programs:
        for protocol, _, port in program.opens:
            yield protocol, port
