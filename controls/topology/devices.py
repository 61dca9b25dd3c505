"""One network device as its answers show it, by interface and by address, ready to be joined with others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeVar

from controls.model import Subject
from controls.places import Numbered, number_of, plain
from controls.topology.asked import asks, is_configuration, table_of
from controls.topology.ports import is_own, kind_of, parent_of, vlan_of
from xunyan.device_facts import (
    UNSHOWN,
    Device,
    DeviceFact,
    DeviceInterface,
    DeviceRoute,
    InterfaceAddress,
    IpNeighbor,
    LldpNeighbor,
    MacEntry,
    RoutingPeer,
    RoutingProcess,
    TrafficLimit,
    Vlan,
    Vrf,
)
from xunyan.model import Evidence, Observation

F = TypeVar("F", bound=DeviceFact)

_BITS = {4: 32, 6: 128}
_UNFIT = ("tentative", "duplicate", "deprecated")
DEFAULTS = {4: "0.0.0.0/0", 6: "::/0"}


class Subnet(NamedTuple):
    """A prefix: version, number of its first address, length."""

    version: int
    first: int
    length: int


@dataclass(frozen=True, slots=True)
class Held:
    """One address that an interface holds. `subnet` None where its length does not show."""

    interface: str
    version: int
    number: int
    text: str
    subnet: Subnet | None
    fact: InterfaceAddress

    @property
    def shown(self) -> str:
        """The address with its length behind it, where that shows."""
        return f"{self.text}/{self.fact.prefix}" if self.subnet is not None else self.text

    @property
    def unfit(self) -> str:
        """Why it is not in use; empty where it is, or where that does not show."""
        return self.fact.state if self.fact.state in _UNFIT else ""


@dataclass(frozen=True, eq=False)
class Box:
    """A device with all its rows, looked up by interface. Everything is worked out once, when it is asked for."""

    subject: Subject
    _cited: dict[int, tuple[Evidence, ...]] = field(default_factory=dict)
    _macs_on: dict[str, dict[Numbered, str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The asset."""
        return self.subject.asset.id

    @property
    def network(self) -> str:
        """The network that its addresses mean something in."""
        return self.subject.asset.network

    @cached_property
    def names(self) -> tuple[str, ...]:
        """By what others call it: its host name, then the name of its asset."""
        told = [one.hostname for one in self.rows("device", Device) if one.hostname]
        return tuple(dict.fromkeys(one for one in (*told, self.subject.asset.name) if one))

    @property
    def label(self) -> str:
        """By what it is shown: the name of its asset, under which it was filed."""
        return self.subject.asset.name or self.subject.asset.key.removeprefix("device:")

    def rows(self, name: str, kind: type[F]) -> tuple[F, ...]:
        """Give all rows of an observation, none where it was not seen."""
        seen = self.subject.observations.get(name)
        return tuple(one for one in seen.facts if isinstance(one, kind)) if seen is not None else ()

    @cached_property
    def interfaces(self) -> dict[str, DeviceInterface]:
        """The interfaces by name."""
        return {one.name: one for one in self.rows("device-interfaces", DeviceInterface)}

    @cached_property
    def vrfs(self) -> dict[str, str]:
        """The VRF of each interface that has one."""
        found = {port: one.name for one in self.rows("vrfs", Vrf) for port in one.interfaces}
        return found | {one.name: one.vrf for one in self.interfaces.values() if one.vrf}

    def vrf(self, interface: str) -> str:
        """Give the VRF of an interface, empty for the public one."""
        return self.vrfs.get(interface, "")

    @cached_property
    def held(self) -> dict[str, list[Held]]:
        """The addresses of each interface, without those of the host itself."""
        found: dict[str, list[Held]] = {}
        for one in self.rows("interface-addresses", InterfaceAddress):
            read = number_of(one.address)
            if one.scope != "host" and read is not None:
                held = Held(one.interface, read[0], read[1], one.address, _subnet(read[0], read[1], one.prefix), one)
                found.setdefault(one.interface, []).append(held)
        return found

    def wide(self, interface: str, version: int) -> list[Held]:
        """Give the addresses of one version that mean something beyond the link."""
        return [one for one in self.held.get(interface, ()) if one.version == version and one.fact.scope != "link"]

    @cached_property
    def routed(self) -> tuple[str, ...]:
        """The interfaces that may end a link: with an address, and no loopback and no management."""
        return tuple(name for name in self.held if not is_own(name, self.vrf(name)))

    @cached_property
    def peers(self) -> tuple[RoutingPeer, ...]:
        """The routing neighbours."""
        return self.rows("routing-peers", RoutingPeer)

    @cached_property
    def is_router(self) -> bool:
        """Whether it stands between networks: two interfaces of its own with addresses, or a routing neighbour."""
        return len(self.routed) > 1 or bool(self.peers)

    @cached_property
    def next_hops(self) -> dict[str, dict[Numbered, list[DeviceRoute]]]:
        """The routes by the interface that their next hop is behind, and by that next hop. Unused ones are left out."""
        ahead: dict[tuple[str, str, str], tuple[str, Numbered] | None] = {}
        found: dict[str, dict[Numbered, list[DeviceRoute]]] = {}
        for one in self.rows("device-routes", DeviceRoute):
            if not one.next_hop or not one.active:
                continue
            key = (one.vrf, one.next_hop, one.interface)
            if key not in ahead:
                ahead[key] = self._ahead(one)
            where = ahead[key]
            if where is not None:
                found.setdefault(where[0], {}).setdefault(where[1], []).append(one)
        return found

    @cached_property
    def six_routes(self) -> dict[str, list[DeviceRoute]]:
        """The routes over IPv6 in use that were learnt, by the interface that they leave by."""
        found: dict[str, list[DeviceRoute]] = {}
        for one in self.rows("device-routes", DeviceRoute):
            if one.family == 6 and one.active and one.protocol not in ("direct", "local", "static"):
                found.setdefault(one.interface, []).append(one)
        return found

    def _ahead(self, route: DeviceRoute) -> tuple[str, Numbered] | None:
        read = number_of(route.next_hop)
        if read is None:
            return None
        interface = self.towards(route.vrf, *read) or (route.interface if route.interface in self.held else "")
        return (interface, read) if interface else None

    @cached_property
    def peers_on(self) -> dict[str, list[RoutingPeer]]:
        """The routing neighbours by interface: the one that shows, or the one on whose subnet their address lies."""
        found: dict[str, list[RoutingPeer]] = {}
        for one in self.peers:
            read = number_of(one.neighbor) if one.neighbor else None
            interface = one.interface or (self.towards(one.vrf, *read) if read is not None else "")
            if interface:
                found.setdefault(interface, []).append(one)
        return found

    @cached_property
    def hops_on(self) -> dict[tuple[str, Subnet], list[Held]]:
        """The interfaces by VRF and subnet."""
        found: dict[tuple[str, Subnet], list[Held]] = {}
        for name in self.routed:
            for one in self.held[name]:
                if one.subnet is not None and one.fact.scope != "link":
                    found.setdefault((self.vrf(name), one.subnet), []).append(one)
        return found

    @cached_property
    def _lengths(self) -> dict[int, list[int]]:
        found = {version: {one.length for _, one in self.hops_on if one.version == version} for version in (4, 6)}
        return {version: sorted(lengths, reverse=True) for version, lengths in found.items()}

    def towards(self, vrf: str, version: int, number: int) -> str:
        """Give the interface on whose subnet an address lies, empty where none does."""
        for length in self._lengths[version]:
            found = self.hops_on.get((vrf, subnet_of(version, number, length)))
            if found:
                return found[0].interface
        return ""

    def vrfs_on(self, version: int, number: int) -> set[str]:
        """Give the VRFs that have a subnet on which an address lies."""
        subnets = {subnet_of(version, number, length) for length in self._lengths[version]}
        return {vrf for vrf, subnet in self.hops_on if subnet in subnets}

    @cached_property
    def neighbors(self) -> dict[str, list[IpNeighbor]]:
        """ARP and ND rows of others, by interface."""
        found: dict[str, list[IpNeighbor]] = {}
        for one in self.rows("ip-neighbors", IpNeighbor):
            if one.kind != "own":
                found.setdefault(one.interface, []).append(one)
        return found

    def macs_on(self, interface: str) -> dict[Numbered, str]:
        """Give the MACs of others on an interface by address, where they were resolved."""
        if interface not in self._macs_on:
            rows = [(number_of(one.address), one.mac) for one in self.neighbors.get(interface, ()) if one.mac]
            self._macs_on[interface] = {read: mac for read, mac in rows if read is not None}
        return self._macs_on[interface]

    @cached_property
    def macs(self) -> dict[str, str]:
        """The MAC of each interface that shows one, by the interface's or by the device's own row in its ARP table."""
        own = {one.interface: one.mac for one in self.rows("ip-neighbors", IpNeighbor) if one.kind == "own" and one.mac}
        return own | {one.name: one.mac for one in self.interfaces.values() if one.mac}

    @cached_property
    def lldp(self) -> dict[str, list[LldpNeighbor]]:
        """LLDP neighbours by interface."""
        found: dict[str, list[LldpNeighbor]] = {}
        for one in self.rows("lldp-neighbors", LldpNeighbor):
            found.setdefault(one.interface, []).append(one)
        return found

    @cached_property
    def limits(self) -> dict[str, list[TrafficLimit]]:
        """Traffic limits by interface."""
        found: dict[str, list[TrafficLimit]] = {}
        for one in self.rows("traffic-limits", TrafficLimit):
            found.setdefault(one.interface, []).append(one)
        return found

    @cached_property
    def vlan_ports(self) -> dict[int, tuple[str, ...]]:
        """The ports of each VLAN, as far as they show."""
        found: dict[int, dict[str, None]] = {}
        for vlan in self.rows("vlans", Vlan):
            found.setdefault(vlan.number, {}).update(dict.fromkeys((*vlan.untagged, *vlan.tagged)))
        for port in self.interfaces.values():
            if port.vlan and port.mode == "access":
                found.setdefault(port.vlan, {})[port.name] = None
        return {number: tuple(ports) for number, ports in found.items()}

    @cached_property
    def stations(self) -> dict[tuple[int, str], str]:
        """The port behind which a MAC was seen, by VLAN."""
        return {(one.vlan, one.mac): one.interface for one in self.rows("mac-table", MacEntry)}

    def carriers(self, interface: str, far_macs: Iterable[str] = ()) -> tuple[str, ...]:
        """Give the ports that carry an interface: the sub-interface's, the one of a VLAN behind which the far end is seen.

        None where that does not show: a VLAN over several ports is carried by the one that leads to the far end.
        """
        vlan = vlan_of(interface)
        if not vlan:
            return (parent_of(interface),) if kind_of(interface) in ("port", "bundle") else ()
        seen = dict.fromkeys(port for mac in far_macs if (port := self.stations.get((vlan, mac), "")))
        if seen:
            return tuple(parent_of(port) for port in seen)
        ports = tuple(port for port in self.vlan_ports.get(vlan, ()) if self.is_live(port))
        return ports if len(ports) == 1 else ()

    def is_live(self, interface: str) -> bool:
        """Tell whether an interface is not known to be down."""
        found = self.interfaces.get(interface)
        return found is None or "down" not in (found.admin, found.oper)

    def looked(self, name: str, version: int, *words: str) -> bool:
        """Tell whether what was asked for an observation shows a version: IPv6 has commands of its own, or the configuration.

        `words`: the answer is of a command with one of them, such as the name of a protocol, and no configuration.
        """
        return any(
            asks(one.source, version) and (not words or any(word in one.source for word in words))
            for one in self.evidence(name)
        )

    @cached_property
    def has_six(self) -> bool:
        """Whether any interface holds an IPv6 address, be it a link-local one."""
        return any(one.version == 6 for held in self.held.values() for one in held)

    @cached_property
    def sees_six(self) -> bool:
        """Whether an interface that shows no IPv6 has none.

        A configuration does not show the addresses that a device makes by itself (EUI-64, link-local), so it is believed alone
        only where nothing at all of the device speaks of IPv6.
        """
        asked = [one.source for one in self.evidence("interface-addresses") if asks(one.source, 6)]
        if any(not is_configuration(source) for source in asked):
            return True
        routes = any(one.family == 6 for one in self.rows("device-routes", DeviceRoute))
        speaks = any(one.family == 6 for one in self.peers)
        speaks = speaks or any(one.protocol == "ospfv3" for one in self.rows("routing-processes", RoutingProcess))
        return bool(asked) and not (self.has_six or routes or speaks)

    def evidence(self, name: str) -> tuple[Evidence, ...]:
        """Give the lines that an observation rests on."""
        seen = self.subject.observations.get(name)
        return seen.evidence if seen is not None else ()

    def cite(self, name: str, fact: DeviceFact) -> tuple[Evidence, ...]:
        """Point at the one line of an observation that says a fact."""
        if id(fact) not in self._cited:
            seen = self.subject.observations.get(name)
            self._cited[id(fact)] = _cite(seen, fact) if seen is not None else ()
        return self._cited[id(fact)]

    @cached_property
    def tables(self) -> frozenset[tuple[int, str]]:
        """The tables of routes that were read: version of IP and VRF, empty for the public one."""
        sources = {one.source for one in self.evidence("device-routes")}
        return frozenset(table for source in sources if (table := table_of(source)) is not None)

    def cite_table(self, version: int, vrf: str) -> tuple[Evidence, ...]:
        """Point at the one table of routes, as a whole."""
        return self._cite_whole("device-routes", lambda source: table_of(source) == (version, vrf))

    def cite_look(self, name: str, version: int) -> tuple[Evidence, ...]:
        """Point at the answers that would have shown a version, each as a whole."""
        return self._cite_whole(name, lambda source: asks(source, version))

    def _cite_whole(self, name: str, shows: Callable[[str], bool]) -> tuple[Evidence, ...]:
        found: dict[str, Evidence] = {}
        for one in self.evidence(name):
            if shows(one.source):
                first = found.get(one.capture, one)
                found[one.capture] = Evidence(
                    first.capture, first.source, first.first, max(first.last, one.last), first.quote, first.taken_at
                )
        return tuple(found.values())


def _cite(seen: Observation, fact: DeviceFact) -> tuple[Evidence, ...]:
    for one in seen.evidence:
        if one.source == fact_source(fact) and one.first <= fact_line(fact) <= one.last:
            said = one.quote.split("\n")
            at = fact_line(fact) - one.first
            quote = said[at] if at < len(said) and not said[at].endswith("…") else ""
            return (Evidence(one.capture, one.source, fact_line(fact), fact_line(fact), quote, one.taken_at),)
    return seen.evidence[:1]


def fact_source(fact: DeviceFact) -> str:
    """Give the command whose answer says a fact."""
    return fact.source


def fact_line(fact: DeviceFact) -> int:
    """Give the line at which it stands."""
    return fact.line


def _subnet(version: int, number: int, length: int) -> Subnet | None:
    if length == UNSHOWN or not 0 <= length <= _BITS[version]:
        return None
    return subnet_of(version, number, length)


def subnet_of(version: int, number: int, length: int) -> Subnet:
    """Give the subnet of a length that an address lies in."""
    left = _BITS[version] - length
    return Subnet(version, number >> left << left, length)


def boxes(subjects: Iterable[Subject]) -> Iterator[Box]:
    """Give the network devices among subjects."""
    for subject in subjects:
        if subject.asset.kind == "device":
            yield Box(subject)


def texts(held: Iterable[Held]) -> tuple[str, ...]:
    """Write addresses with their lengths, each once."""
    return tuple(dict.fromkeys(one.shown for one in held))


def bare(shown: str) -> str:
    """Give an address without the length behind it."""
    return plain(shown.partition("/")[0])
