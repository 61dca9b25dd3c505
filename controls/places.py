"""Where an address lies: the ranges that people filed, and the observation `places` of systems. Pure."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from ipaddress import AddressValueError, IPv6Address, ip_address, ip_network

from controls.model import Blindness, Joined, Subject
from xunyan.facts import NameAnswer, Place, ServicePort
from xunyan.model import Evidence, Observation

Numbered = tuple[int, int]
"""Version (4 or 6) and number of an address."""

WITHDRAWN = "withdrawn"
PLATFORM = "shared-platform"
UNKNOWN = "unknown"
_NESTED = 3  # a published address of a published address, and no further
_BETWEEN = re.compile(r"[\s,，、;；]+")
_PORT = re.compile(r"(?<=\.\d):\d+$|(?<=\.\d\d):\d+$|(?<=\.\d\d\d):\d+$")


@dataclass(frozen=True, slots=True)
class Filed:
    """One filed range: addresses `first` to `last` of one version in one network, and what is said of them."""

    network: str
    version: int
    first: int
    last: int
    kind: str
    level: str
    text: str
    holder: str
    maps_to: tuple[str, ...]
    evidence: Evidence

    @property
    def size(self) -> int:
        """How many addresses it holds, less one: the smaller, the more it says of each."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Found:
    """What the ranges say of one address: its place, and the rows that say so."""

    kind: str
    level: str
    range: str
    holder: str
    mapped_to: str
    rows: tuple[Evidence, ...]


NOWHERE = Found(UNKNOWN, "", "", "", "", ())


@dataclass(frozen=True, slots=True)
class Layer:
    """Ranges of one network and version laid flat: from `starts[i]` on, up to the next, the smallest that hold it."""

    starts: list[int]
    holders: list[tuple[Filed, ...]]

    def at(self, number: int) -> tuple[Filed, ...]:
        """Give the smallest ranges that hold an address; several only where ranges of one size say different things."""
        place = bisect_right(self.starts, number) - 1
        return self.holders[place] if place >= 0 else ()


class Ranges:
    """All filed ranges, by network. Where they nest the smallest one speaks."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        everything: dict[tuple[str, int], list[Filed]] = {}
        for subject in subjects:
            filed = read_range(subject)
            if filed is not None:
                everything.setdefault((filed.network, filed.version), []).append(filed)
        self._all = {key: _flat(filed) for key, filed in everything.items()}
        grounds = {key: [one for one in filed if one.kind != PLATFORM] for key, filed in everything.items()}
        self._ground = {key: _flat(filed) for key, filed in grounds.items()}

    def locate(self, network: str, address: str) -> tuple[Found, ...]:
        """Say where an address lies. More than one: ranges of one size disagree, or it is published for several.

        A shared platform is a service and stands on some ground itself, so its range speaks only where no other does.
        """
        return self._find(self._ground, network, address) or self._find(self._all, network, address) or (NOWHERE,)

    def reach(self, network: str, address: str) -> Found:
        """Say what a connection to an address leads to; a shared platform before the ground that it stands on."""
        found = self._find(self._all, network, address)
        if not found:
            return NOWHERE
        platform = next((one for one in found if one.kind == PLATFORM), None)
        if platform is not None or len({one.kind for one in found}) == 1:
            return platform or found[0]
        rows = tuple(row for one in found for row in one.rows)
        return Found(UNKNOWN, "", " | ".join(one.range for one in found), "", "", rows)

    def _find(self, layers: Mapping[tuple[str, int], Layer], network: str, address: str) -> tuple[Found, ...]:
        numbered = number_of(address)
        if numbered is None:
            return ()
        found = self._of(layers, network, numbered, _NESTED)
        carried = None if found else carried_address(address)
        if carried is None:
            return found
        inner = self._of(layers, network, (4, carried), _NESTED)
        return tuple(_mapped(one, one.mapped_to or written((4, carried)), ()) for one in inner)

    def _of(
        self, layers: Mapping[tuple[str, int], Layer], network: str, numbered: Numbered, deeper: int
    ) -> tuple[Found, ...]:
        version, number = numbered
        layer = layers.get((network, version))
        found: dict[Found, None] = {}
        for filed in layer.at(number) if layer is not None else ():
            if not filed.maps_to or not deeper:
                found[Found(filed.kind, filed.level, filed.text, filed.holder, "", (filed.evidence,))] = None
                continue
            for target in filed.maps_to:
                inner = _inner(filed, target, number)
                shown = written(inner) if inner is not None else target
                beyond = self._of(layers, network, inner, deeper - 1) if inner is not None else ()
                if not beyond:
                    found[Found(UNKNOWN, "", filed.text, filed.holder, shown, (filed.evidence,))] = None
                for one in beyond:
                    found[_mapped(one, one.mapped_to or shown, (filed.evidence,))] = None
        return tuple(found)


def _mapped(found: Found, to: str, rows: tuple[Evidence, ...]) -> Found:
    return Found(found.kind, found.level, found.range, found.holder, to, (*rows, *found.rows))


def _inner(filed: Filed, target: str, number: int) -> Numbered | None:
    """The inner address behind a published one: the one named, or the same place in a range of the same size."""
    bounds = parse_range(_PORT.sub("", target))
    if bounds is None:
        return None
    version, first, last = bounds
    if first == last:
        return version, first
    return (version, first + number - filed.first) if last - first == filed.size else None


def _flat(filed: list[Filed]) -> Layer:
    """Lay ranges flat in one sweep, so that a look-up is one bisection whatever nests or overlaps."""
    ordered = sorted(filed, key=lambda one: (one.first, one.size, one.kind, one.text))
    edges = sorted({edge for one in ordered for edge in (one.first, one.last + 1)})
    layer = Layer([], [])
    open_now: list[tuple[int, int]] = []
    coming = 0
    for edge in edges:
        while coming < len(ordered) and ordered[coming].first == edge:
            heappush(open_now, (ordered[coming].size, coming))
            coming += 1
        while open_now and ordered[open_now[0][1]].last < edge:
            heappop(open_now)
        layer.starts.append(edge)
        layer.holders.append(_smallest(open_now, ordered, edge))
    return layer


def _smallest(open_now: list[tuple[int, int]], ordered: list[Filed], edge: int) -> tuple[Filed, ...]:
    if not open_now:
        return ()
    size = open_now[0][0]
    equal = sorted(place for of_size, place in open_now if of_size == size and ordered[place].last >= edge)
    said: dict[tuple[object, ...], Filed] = {}
    for one in (ordered[place] for place in equal):
        said.setdefault((one.kind, one.level, one.holder, one.maps_to), one)
    return tuple(said.values())


def read_range(subject: Subject) -> Filed | None:
    """Read the row of one filed range; None where it was withdrawn or holds no addresses."""
    row = subject.ledger
    if subject.asset.kind != "range" or row is None or row.columns.get(WITHDRAWN):
        return None
    columns = row.columns
    bounds = parse_range(columns.get("range", ""))
    if bounds is None:
        return None
    version, first, last = bounds
    return Filed(
        network=columns.get("network") or subject.asset.network,
        version=version,
        first=first,
        last=last,
        kind=columns.get("kind", "") or UNKNOWN,
        level=columns.get("level", ""),
        text=columns["range"],
        holder=columns.get("holder", ""),
        maps_to=tuple(one for one in _BETWEEN.split(columns.get("maps_to", "")) if one),
        evidence=row.evidence,
    )


def parse_range(text: str) -> tuple[int, int, int] | None:
    """Read `10.0.0.0/24`, `10.0.0.1-10.0.0.9`, `10.0.0.1-9` or one address: version, first and last; None for others."""
    text = text.strip()
    try:
        if "-" not in text:
            network = ip_network(text, strict=False)
            return network.version, int(network.network_address), int(network.broadcast_address)
        left, _, right = (part.strip() for part in text.partition("-"))
        first = ip_address(left)
        if right.isdecimal() and first.version == 4:
            right = f"{left.rpartition('.')[0]}.{right}"
        last = ip_address(right)
    except ValueError:
        return None
    if last.version != first.version or int(last) < int(first):
        return None
    return first.version, int(first), int(last)


@lru_cache(maxsize=1 << 16)
def number_of(address: str) -> Numbered | None:
    """Give version and number of an address, None for what is none. An IPv4 address in IPv6 clothes is IPv4."""
    try:
        read = ip_address(address)
    except ValueError:
        return None
    four = read.ipv4_mapped if isinstance(read, IPv6Address) else None
    return (4, int(four)) if four is not None else (read.version, int(read))


def written(numbered: Numbered) -> str:
    """Write an address out again, in its one shortest form."""
    version, number = numbered
    return str(IPv6Address(number)) if version == 6 else str(ip_address(number))


@lru_cache(maxsize=1 << 16)
def plain(address: str) -> str:
    """Write an address in its one shortest form; what is none stays as it is."""
    numbered = number_of(address)
    return written(numbered) if numbered is not None else address


def carried_address(address: str) -> int | None:
    """Give the IPv4 address that one of NAT64 (RFC 6052) or 6to4 (RFC 3056) stands for, None for any other."""
    try:
        number = int(IPv6Address(address))
    except AddressValueError:
        return None
    if number >> 32 == int(IPv6Address("64:ff9b::")) >> 32:
        return number & 0xFFFFFFFF
    return (number >> 80) & 0xFFFFFFFF if number >> 112 == 0x2002 else None


def observe_places(subject: Subject, ranges: Ranges) -> Observation | tuple[Blindness, ...]:
    """Say where each address of a system lies, or why nobody can tell."""
    names, ports = subject.observations.get("names"), subject.observations.get("service-ports")
    if names is None and ports is None:
        return (*subject.blind.get("names", ()), *subject.blind.get("service-ports", ()))
    leads: dict[tuple[str, str, str], tuple[Evidence, ...]] = {}
    for row in names.facts if names is not None else ():
        if names is not None and isinstance(row, NameAnswer) and row.outcome == "answered":
            for address in (*row.v4, *row.v6):
                leads.setdefault((row.network, row.name, plain(address)), names.evidence)
    for row in ports.facts if ports is not None else ():
        if ports is not None and isinstance(row, ServicePort) and not row.name:
            leads.setdefault((row.network, "", plain(row.address)), ports.evidence)
    seen = tuple(one for source in (names, ports) if source is not None for one in source.evidence)
    facts: list[Place] = []
    proofs: list[tuple[Evidence, ...]] = []
    for (network, name, address), led in leads.items():
        for found in ranges.locate(network, address):
            place = Place(network, name, address, found.kind, found.level, found.range, found.holder, found.mapped_to)
            facts.append(place)
            proofs.append((*led, *found.rows))
    evidence = tuple(dict.fromkeys(one for proof in proofs for one in proof)) or seen
    return Joined("places", tuple(facts), evidence, tuple(proofs))
