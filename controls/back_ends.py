"""What the hosts behind a system connect to: the observation `back-ends`. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from controls.model import Blindness, Joined, Subject
from controls.places import Found, Ranges, number_of, plain
from xunyan.facts import Address, BackEnd, Connection, Listener, Place, ServicePort
from xunyan.model import Evidence, GapReason, Observation

HOPS = 3
HUB = 64
"""A host behind the fronts that connects to more far ends than this serves many, as a monitor does; it is left out."""
HOSTS = 64
"""How many hosts behind the fronts of one system are followed at each hop."""

UNREAD = "no host that was read holds its address"
CROWDED = "more hosts stand behind it than are followed"

Spot = tuple[str, str]
"""A network and an address in it."""


Proved = tuple[BackEnd, tuple[Evidence, ...]]
"""A fact with what it rests on."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One far end that a host connects to, with what the ranges say of it, and the line that shows it."""

    address: str
    port: int
    found: Found
    evidence: Evidence


@dataclass(slots=True)
class Hosts:
    """All endpoints by what they hold, and where they connect to; what is found of a host is worked out once."""

    ranges: Ranges
    subjects: Mapping[str, Subject]
    alone: Mapping[Spot, str]
    """Address -> the asset that alone holds it."""
    served: Mapping[Spot, frozenset[str]]
    """Address -> the systems that it serves, each by the key of the one that it is in the end."""
    _outgoing: dict[str, tuple[Outgoing, ...]] = field(default_factory=dict)
    _systems: dict[str, frozenset[str]] = field(default_factory=dict)
    _facts: dict[tuple[str, int, bool], tuple[Proved, ...]] = field(default_factory=dict)

    def holding(self, spot: Spot) -> str | None:
        """Give the endpoint that alone holds an address and whose connections and listeners were read."""
        identifier = self.alone.get(spot)
        if identifier is None or self.subjects[identifier].asset.kind != "endpoint":
            return None
        seen = self.subjects[identifier].observations
        return identifier if "connections" in seen and "listeners" in seen else None

    def outgoing(self, identifier: str) -> tuple[Outgoing, ...]:
        """Give what a host connects to, each far end and port once, in the order of its own answer."""
        if identifier not in self._outgoing:
            self._outgoing[identifier] = tuple(_outgoing(self.subjects[identifier], self.ranges))
        return self._outgoing[identifier]

    def is_shared(self, identifier: str, root: str) -> bool:
        """Tell whether a host serves another system than this one too."""
        if identifier not in self._systems:
            host = self.subjects[identifier]
            spots = ((host.asset.network, address) for address in own_addresses(host))
            self._systems[identifier] = frozenset().union(*(self.served.get(spot, frozenset()) for spot in spots))
        return bool(self._systems[identifier] - {root})

    def facts(self, step: "Step", hop: int) -> tuple[Proved, ...]:
        """Give what a host connects to as facts of a system that is so many hops in front of it, each with its proof."""
        key = (step.host, hop, step.shared)
        if key not in self._facts:
            self._facts[key] = tuple(_facts(step, hop, self))
        return self._facts[key]


def own_addresses(host: Subject) -> tuple[str, ...]:
    """List the addresses by which others reach a host."""
    seen = host.observations.get("addresses")
    rows = seen.facts if seen is not None else ()
    return tuple({plain(row.address): None for row in rows if isinstance(row, Address) and row.scope == "global"})


def _outgoing(host: Subject, ranges: Ranges) -> Iterator[Outgoing]:
    """A connection whose local port waits for others came in; the rest went out. What stays on the host is left out."""
    listeners, connections = host.observations["listeners"], host.observations["connections"]
    waiting = {row.port for row in listeners.facts if isinstance(row, Listener) and row.protocol == "tcp"}
    addresses = host.observations.get("addresses")
    own = {plain(row.address) for row in (addresses.facts if addresses else ()) if isinstance(row, Address)}
    seen: set[tuple[str, int]] = set()
    for row in connections.facts:
        if not isinstance(row, Connection) or row.local_port in waiting:
            continue
        address = plain(row.remote_address)
        if address in own or address == plain(row.local_address) or _is_loopback(address):
            continue
        if (address, row.remote_port) not in seen:
            seen.add((address, row.remote_port))
            found = ranges.reach(host.asset.network, address)
            yield Outgoing(address, row.remote_port, found, _line(row, connections))


def _is_loopback(address: str) -> bool:
    numbered = number_of(address)
    return numbered is not None and (numbered[1] >> 24 == 127 if numbered[0] == 4 else numbered[1] <= 1)


def _line(row: Connection, connections: Observation) -> Evidence:
    """Cite the one line of the host's answer that shows a connection, or the answer where its line is not known."""
    whole = connections.evidence[0]
    if not row.line:
        return whole
    source = next((one for one in connections.evidence if one.first <= row.line <= one.last), whole)
    return Evidence(source.capture, source.source, row.line, row.line, row.shown, source.taken_at)


def spots(places: Observation | None) -> dict[Spot, None]:
    """List the addresses that a system really stands at: the inner one where a published one was filed with it."""
    rows = places.facts if places is not None else ()
    return {(row.network, plain(row.mapped_to or row.address)): None for row in rows if isinstance(row, Place)}


class Step(NamedTuple):
    """A host to look at: how many hops away it makes its connections, and whether another system's host led there."""

    shared: bool
    host: str


def observe_back_ends(
    subject: Subject, places: Observation | None, hosts: Hosts, root: str
) -> tuple[Observation | None, tuple[Blindness, ...]]:
    """Follow the outgoing connections of a system's hosts, nearest first; say too which of its addresses nobody read."""
    fronts: dict[str, None] = {}
    unread: list[str] = []
    answering = _answering(subject, places)
    for spot in spots(places):
        host = hosts.holding(spot)
        if host is not None:
            fronts[host] = None
        elif answering is None or spot in answering:
            unread.append(spot[1])
    blind = tuple(Blindness("connections", GapReason.NOT_ASKED, f"{UNREAD}: {one}") for one in unread)
    if not fronts:
        return None, blind or (Blindness("connections", GapReason.NOT_ASKED, UNREAD),)
    found: list[Proved] = []
    visited: set[str] = set()
    steps = sorted(Step(hosts.is_shared(one, root), one) for one in fronts)
    for hop in range(1, HOPS + 1):
        visited.update(step.host for step in steps)
        found += [proved for step in steps for proved in hosts.facts(step, hop)]
        ahead = sorted(_next(steps, hosts, visited, root)) if hop < HOPS else []
        if len(ahead) > HOSTS:
            blind += (Blindness("connections", GapReason.TOO_LARGE, CROWDED),)
        steps = ahead[:HOSTS]
    proofs = tuple(proof for _, proof in found)
    evidence = _each(one for proof in proofs for one in proof)
    evidence = evidence or _each(one for host in fronts for one in _tables(hosts.subjects[host]))
    return Joined("back-ends", tuple(fact for fact, _ in found), evidence, proofs), blind


def _each(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Keep each line once. They are the hosts' and ranges' own, so that being one is being equal, and far quicker told."""
    return tuple({id(one): one for one in evidence}.values())


def _answering(subject: Subject, places: Observation | None) -> set[Spot] | None:
    """Give the addresses with an open port, as they really stand; None where ports were not looked at."""
    ports = subject.observations.get("service-ports")
    if ports is None:
        return None
    rows = (row for row in ports.facts if isinstance(row, ServicePort) and row.outcome == "open")
    opened = {(row.network, plain(row.address)) for row in rows}
    seen = places.facts if places is not None else ()
    return {
        (row.network, plain(row.mapped_to or row.address))
        for row in seen
        if isinstance(row, Place) and (row.network, row.address) in opened
    }


def _facts(step: Step, hop: int, hosts: Hosts) -> Iterator[Proved]:
    asset = hosts.subjects[step.host].asset
    for one in hosts.outgoing(step.host):
        place = one.found
        fact = BackEnd(
            host=asset.key,
            network=asset.network,
            address=one.address,
            port=one.port,
            kind=place.kind,
            range=place.range,
            holder=place.holder,
            shown=one.evidence.quote,
            hops=hop,
            shared=step.shared,
        )
        yield fact, (one.evidence, *place.rows)


def _next(steps: Iterable[Step], hosts: Hosts, visited: set[str], root: str) -> Iterator[Step]:
    """The hosts at the far ends that were read themselves. One that is reached both ways is not shared."""
    found: dict[str, bool] = {}
    for step in steps:
        network = hosts.subjects[step.host].asset.network
        for one in hosts.outgoing(step.host):
            host = hosts.holding((network, plain(one.found.mapped_to or one.address)))
            if host is not None and host not in visited and len(hosts.outgoing(host)) <= HUB:
                found[host] = found.get(host, True) and step.shared
    for host, led in found.items():
        yield Step(led or hosts.is_shared(host, root), host)


def _tables(host: Subject) -> tuple[Evidence, ...]:
    return (*host.observations["connections"].evidence, *host.observations["listeners"].evidence)
