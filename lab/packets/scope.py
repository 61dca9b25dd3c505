"""Which addresses a scenario's letters allow to be talked to, worked out again without any code of the product's own."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Literal, TypeAlias

import dns.exception
import dns.name
import dns.rdatatype
import dns.zone
from dns.rdtypes.ANY.CNAME import CNAME

from lab.scenario.model import Authorisation, Scenario, Zone
from xunyan.errors import XunyanError
from xunyan.wording import Text

IPAddress: TypeAlias = IPv4Address | IPv6Address
Why: TypeAlias = Literal["outside", "denied", "classified", "port", "unreadable"]
Services: TypeAlias = Mapping[str, Sequence[str]]
"""Network -> endpoints such as `10.0.0.9`, `10.0.0.9:22` or `[2001:db8::1]:22`."""

METHOD_PORTS: Mapping[str, tuple[int, ...]] = {
    "ssh": (22,),
    "telnet": (23,),
    "winrm": (5985, 5986),
    "dns": (53,),
    "web": (80, 443),
}
SERVICE_PORTS: Mapping[str, int] = {"resolvers": 53, "name_servers": 53, "jump_hosts": 22, "timestamps": 80}
_ENDPOINT = re.compile(r"(?:\[(?P<six>[^\]]*:[^\]]*)\](?::(?P<port>[0-9]+))?|(?P<four>[^:\[]+):(?P<port4>[0-9]+))")
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Span:
    """The addresses from `first` to `last`, both included."""

    first: IPAddress
    last: IPAddress

    def holds(self, address: IPAddress) -> bool:
        """Say whether the address is in it."""
        return self.first.version == address.version and int(self.first) <= int(address) <= int(self.last)


@dataclass(frozen=True, slots=True)
class Ground:
    """What all letters together say of one network; `allow` has the ports of the letter that allows."""

    allow: tuple[tuple[Span, frozenset[int]], ...] = ()
    deny: tuple[Span, ...] = ()
    classified: tuple[Span, ...] = ()
    services: frozenset[tuple[IPAddress, int]] = frozenset()


_NOTHING = Ground()


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be talked to, network by network; of a network that is not in it, nothing."""

    grounds: Mapping[str, Ground] = field(default_factory=dict)

    def barred(self, network: str, address: IPAddress) -> Why | None:
        """Say whether a letter, in force or not, forbids the address or an IPv4 address written inside it."""
        ground = self.grounds.get(network, _NOTHING)
        meant = (address, *_inner(address))
        if any(span.holds(one) for span in ground.classified for one in meant):
            return "classified"
        return "denied" if any(span.holds(one) for span in ground.deny for one in meant) else None

    def allowed(self, network: str, address: IPAddress) -> bool:
        """Say whether the address is in an allowed range and not barred."""
        ground = self.grounds.get(network, _NOTHING)
        return self.barred(network, address) is None and any(span.holds(address) for span, _ in ground.allow)

    def why_not(self, network: str, address: IPAddress, port: int | None) -> Why | None:
        """Say why this port of TCP or UDP may not be talked to, or None where it may.

        A `port` of None is what has no ports, such as ping: it is no use of a granted service.
        """
        barred = self.barred(network, address)
        if barred is not None:
            return barred
        ground = self.grounds.get(network, _NOTHING)
        if port is None:
            return None if self.allowed(network, address) else "outside"
        ports = [ports for span, ports in ground.allow if span.holds(address)]
        granted = {granted for one, granted in ground.services if one == address}
        if port in granted.union(*ports):
            return None
        return "port" if ports or granted else "outside"

    def why_not_asked(self, network: str, address: IPAddress) -> Why | None:
        """Say why the address may not be looked for on its link (ARP, neighbour solicitation), or None where it may."""
        granted = any(one == address for one, _ in self.grounds.get(network, _NOTHING).services)
        return self.barred(network, address) if granted else self.why_not(network, address, None)


def same(text: str) -> str:
    """Translate nothing."""
    return text


def read_scope(
    scenario: Scenario, jump_hosts: Services, resolvers: Services, translate: Callable[[str], str] = same
) -> Scope:
    """Read the letters of a scenario as they stand today; their time windows and units are not looked at.

    `jump_hosts` and `resolvers` are endpoints that are granted besides those that the letters name. `translate` gives for a
    range, an endpoint or an address of a zone, as the scenario writes it, what stands for it in the lab, in the same forms.
    Raises XunyanError for an entry that cannot be read and for a method whose ports are not known.
    """
    tables = [(letter, table) for letter in scenario.authorisations for table in letter.networks]
    names = {str(table["name"]) for _, table in tables} | set(jump_hosts) | set(resolvers)
    grounds = {}
    for name in names:
        mine = [(letter, table) for letter, table in tables if table["name"] == name]
        valid = [(letter, table) for letter, table in mine if _in_force(letter)]
        extra = [{"jump_hosts": jump_hosts.get(name, ()), "resolvers": resolvers.get(name, ())}]
        grounds[name] = Ground(
            tuple(
                (read_span(translate(one)), _ports(letter)) for letter, table in valid for one in table.get("allow", ())
            ),
            tuple(_spans((one for _, table in mine for one in table.get("deny", ())), scenario.zones, translate)),
            tuple(read_span(translate(one)) for _, table in mine for one in table.get("classified", ())),
            frozenset(_services([table for _, table in valid] + extra, translate)),
        )
    return Scope(grounds)


def read_endpoint(text: str, port: int) -> tuple[IPAddress, int]:
    """Read `10.0.0.9`, `10.0.0.9:22`, `2001:db8::1` or `[2001:db8::1]:22`. Raises XunyanError."""
    found = _ENDPOINT.fullmatch(text)
    host, own = (text, None) if found is None else (found["six"] or found["four"], found["port"] or found["port4"])
    try:
        address, number = ip_address(host), port if own is None else int(own)
    except ValueError as error:
        raise _wrong(text) from error
    if not 1 <= number <= 65535:
        raise _wrong(text)
    return address, number


def _in_force(letter: Authorisation) -> bool:
    return letter.from_day <= 0 <= letter.until_day and not letter.revoked


def _ports(letter: Authorisation) -> frozenset[int]:
    if letter.ports is not None:
        return frozenset(letter.ports)
    unknown = [one for one in letter.methods if one not in METHOD_PORTS]
    if unknown:
        raise XunyanError(
            Text(
                f"授权书 {letter.number}：不知道方式 {unknown[0]} 的默认端口",
                f"letter {letter.number}: the ports of the method {unknown[0]} are not known",
            )
        )
    return frozenset(port for one in letter.methods for port in METHOD_PORTS[one])


def _services(tables: Iterable[Mapping[str, Any]], translate: Callable[[str], str]) -> Iterator[tuple[IPAddress, int]]:
    for table in tables:
        for key, port in SERVICE_PORTS.items():
            for text in table.get(key, ()):
                yield read_endpoint(translate(text), port)


def read_span(text: str) -> Span:
    """Read a prefix, a range of two addresses (the last may be its last number alone) or one address. Raises XunyanError."""
    try:
        if "/" in text:
            network = ip_network(text)
            return Span(network[0], network[-1])
        first_text, dash, last_text = text.partition("-")
        first = ip_address(first_text)
        if dash and last_text.isdecimal() and first.version == 4:
            last_text = f"{first_text.rpartition('.')[0]}.{last_text}"
        last = ip_address(last_text) if dash else first
    except ValueError as error:
        raise _wrong(text) from error
    if last.version != first.version or int(last) < int(first):
        raise _wrong(text)
    return Span(first, last)


def _spans(entries: Iterable[str], zones: Sequence[Zone], translate: Callable[[str], str]) -> Iterator[Span]:
    for entry in entries:
        last = entry.rstrip(".").rpartition(".")[2]
        if "/" in entry or ":" in entry or not any(one.isalpha() for one in last):
            yield read_span(translate(entry))
        else:
            try:
                top = dns.name.from_text(entry)
            except dns.exception.DNSException as error:
                raise _wrong(entry) from error
            known = [one for zone in zones for one in _records(zone)]
            for address in _led_to(top, known):
                yield read_span(translate(address))


def _led_to(top: dns.name.Name, known: Sequence[tuple[dns.name.Name, str | dns.name.Name]]) -> Iterator[str]:
    """Give the addresses of a name, of all names below it, and of those that their aliases stand for."""
    meant = {name for name, _ in known if name.is_subdomain(top)}
    while further := {told for name, told in known if name in meant and isinstance(told, dns.name.Name)} - meant:
        meant |= further
    yield from (told for name, told in known if name in meant and isinstance(told, str))


def _records(zone: Zone) -> Iterator[tuple[dns.name.Name, str | dns.name.Name]]:
    """Give the names of a zone that have an address or are an alias, each with the address or the name it stands for."""
    text = "\n".join(["$TTL 60", *zone.records, ""])
    try:
        read = dns.zone.from_text(text, origin=dns.name.from_text(zone.name), relativize=False, check_origin=False)
    except (dns.exception.DNSException, ValueError) as error:
        raise XunyanError(
            Text(f"区 {zone.name} 读不了：{error}", f"the zone {zone.name} cannot be read: {error}")
        ) from error
    for name, _, data in read.iterate_rdatas():
        if data.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
            yield name, data.to_text()
        elif isinstance(data, CNAME):
            yield name, data.target


def _inner(address: IPAddress) -> Iterator[IPv4Address]:
    """Give the IPv4 addresses at which a packet to an IPv6 address may end."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            yield IPv4Address(int(address) & 0xFFFFFFFF)
        yield from (one for one in (address.ipv4_mapped, address.sixtofour) if one is not None)


def prefixes(v4: str, v6: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read the prefixes of a network, either of which may be empty. Raises XunyanError."""
    try:
        return tuple(ip_network(one) for one in (v4, v6) if one)
    except ValueError as error:
        raise _wrong(f"{v4} {v6}") from error


def _wrong(text: str) -> XunyanError:
    return XunyanError(Text(f"“{text}”不是地址或地址段", f"{text!r} is no address or range"))
