"""Which information systems a scan looks at: those filed, those found before, and what these lead to that nobody filed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import msgspec

from console.authorised import is_address
from console.system_ledger import PLATFORM
from console.system_scan import FOUND
from console.workspace import Workspace
from evidence.segments import Place
from evidence.store import Store
from scanners.platforms import PLATFORMS
from scanners.platforms.reading import observe
from scanners.platforms.systems.html import links
from scanners.platforms.systems.urls import resolve
from scanners.systems.doors import split_url
from xunyan.facts import Address, Certificate, Fact, Listener
from xunyan.model import Capture
from xunyan.permits import Service, Target

KEY = "system:"
LISTENS = "listens"
"""The `origin` of a place where a host that was read listens: kept even where it may not be touched, for it is there."""

LISTENING = ("listeners", "ip-address")
MOST_LINES = 2000
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(slots=True)
class Known:
    """What is known of systems already: the hosts of their services, and the addresses at which they were looked for."""

    hosts: set[tuple[str, str]] = field(default_factory=set)
    addresses: set[tuple[str, str]] = field(default_factory=set)
    zones: set[tuple[str, str]] = field(default_factory=set)

    def add(self, targets: Iterable[Target]) -> None:
        """Take note of the services of these systems."""
        for target in targets:
            for one in target.services:
                self.hosts.add((one.network, one.host))
                if is_address(one.host):
                    self.addresses.add((one.network, one.host))


def found_before(store: Store, settled: Collection[tuple[str, str]]) -> list[Target]:
    """List the systems that earlier scans found and nobody filed since, each with the place that its key names."""
    targets = []
    for asset in store.assets().values():
        if asset.kind == PLATFORM and (asset.network, asset.key) not in settled and asset.platform == PLATFORM:
            service = service_of(asset.network, asset.name)
            if service is not None:
                targets.append(
                    Target(asset.key, asset.network, "", platform=PLATFORM, unit=asset.unit, services=(service,))
                )
    return targets


def discovered(workspace: Workspace, store: Store, known: Known, ports: Sequence[int], most: int) -> list[Target]:
    """List what systems and endpoints lead to and nobody filed: names behind links and certificates, ports that listen."""
    leads: dict[tuple[str, str], Target] = {}
    for capture in _newest(workspace, store, "kind = 'system' AND source IN ('tcp', 'delegation')"):
        for line in _lines(capture):
            network, address, zone = (str(line.get(key, "")) for key in ("network", "address", "zone"))
            if capture.source == "tcp" and address:
                known.addresses.add((network, address))
            elif zone:
                known.zones.add((capture.envelope.network, zone))
    for capture in _newest(workspace, store, "kind = 'system' AND source IN ('dns', 'http', 'tls')"):
        for network, host in LEADS[capture.source](capture):
            place = (network, host)
            if place not in known.hosts and place not in known.addresses and place not in leads:
                leads[place] = Target(
                    KEY + host, network, "", platform=PLATFORM, origin=FOUND, services=(Service(network, host),)
                )
    named = sorted(leads.values(), key=lambda one: not _in_zone(one, known.zones))
    return [*named, *_listening(workspace, store, known, ports)][:most]


def service_of(network: str, text: str) -> Service | None:
    """Read a service out of a found system's name: a host, or a host and its port."""
    if is_address(text):
        return Service(network, text)
    host, colon, port = text.rpartition(":")
    if not colon:
        return Service(network, text)
    bare = host.removeprefix("[").removesuffix("]")
    return Service(network, bare, int(port)) if port.isdecimal() and 0 < int(port) < 65536 else None


def _of_pages(capture: Capture) -> Iterator[tuple[str, str]]:
    """Give the hosts that pages link and redirect to."""
    for line in _lines(capture):
        url, network = str(line.get("url", "")), str(line.get("network", ""))
        onward = [resolve(url, str(line["location"]))] if line.get("location") else []
        for one in (*onward, *links(str(line.get("body", "")), url)):
            host = _host(one)
            if host:
                yield network, host


def _of_certificates(capture: Capture) -> Iterator[tuple[str, str]]:
    """Give the hosts that certificates are for."""
    for fact in _facts(PLATFORM, [capture]):
        if isinstance(fact, Certificate):
            yield from ((fact.network, name) for name in fact.names if _is_plain(name))


def _of_reverse_names(capture: Capture) -> Iterator[tuple[str, str]]:
    """Give the names that filed addresses have."""
    for line in _lines(capture):
        answers = line.get("answers")
        if line.get("type") == "PTR" and isinstance(answers, list):
            names = [one.split()[-1].rstrip(".").lower() for one in answers if isinstance(one, str) and one.split()]
            yield from ((str(line.get("network", "")), name) for name in names if _is_plain(name))


LEADS: Mapping[str, Callable[[Capture], Iterator[tuple[str, str]]]] = {
    "dns": _of_reverse_names, "http": _of_pages, "tls": _of_certificates
}  # fmt: skip
"""Source -> what gives the (network, host) that it leads to."""


def _listening(workspace: Workspace, store: Store, known: Known, ports: Sequence[int]) -> list[Target]:
    """Endpoints that were read and listen on a port of the web, at addresses where no known system is."""
    by_asset: dict[tuple[str, str], list[Capture]] = {}
    for capture in _newest(workspace, store, "kind = 'endpoint' AND source IN ('listeners', 'ip-address')"):
        by_asset.setdefault((capture.envelope.network, capture.envelope.asset), []).append(capture)
    found = []
    for (network, _), captures in sorted(by_asset.items()):
        facts = _facts(captures[0].envelope.platform, captures)
        open_ports = sorted({
            one.port for one in facts
            if isinstance(one, Listener) and one.protocol == "tcp" and one.port in ports and not _is_loopback(one.address)
        })  # fmt: skip
        held = sorted(
            {one.address for one in facts if isinstance(one, Address) and one.scope == "global" and one.usable}
        )
        if not open_ports or not held or any((network, one) in known.addresses for one in held):
            continue
        first = min(held, key=lambda one: (":" in one, one))
        services = tuple(Service(network, address) for address in held)
        found.append(
            Target(
                KEY + first,
                network,
                "",
                platform=PLATFORM,
                unit=captures[0].envelope.unit,
                origin=LISTENS,
                services=services,
            )
        )
    return found


def _facts(platform: str, captures: Sequence[Capture]) -> list[Fact]:
    one = PLATFORMS.get(platform)
    if one is None:
        return []
    observations, _ = observe(one.readers, {capture.source: capture for capture in captures})
    return [fact for observation in observations for fact in observation.facts]


def _newest(workspace: Workspace, store: Store, where: str) -> Iterator[Capture]:
    rows = store.rows(
        f"""SELECT segment, offset, length, max(taken_at || id) FROM capture
            WHERE {where} AND coalesce(exit, 0) = 0 GROUP BY asset, source ORDER BY segment, offset"""  # noqa: S608  # ours
    )
    yield from workspace.segments.read([Place(row["segment"], row["offset"], row["length"]) for row in rows])


def _lines(capture: Capture) -> Iterator[Mapping[str, Any]]:
    for line in capture.body.split(b"\n")[:MOST_LINES]:
        try:
            yield _decode(line)
        except msgspec.DecodeError:
            continue


def _in_zone(target: Target, zones: set[tuple[str, str]]) -> bool:
    host = target.services[0].host
    return any(network == target.network and f".{host}".endswith(f".{zone}") for network, zone in zones)


def _host(url: str) -> str:
    parts = split_url(url)
    return parts[0] if parts is not None and _is_plain(parts[0]) else ""


def _is_plain(host: str) -> bool:
    """Tell whether a host can be asked for: no wildcard, nothing that a name or an address cannot hold."""
    return 0 < len(host) < 254 and all(one.isalnum() or one in "-_.:" for one in host) and ("." in host or ":" in host)


def _is_loopback(address: str) -> bool:
    return address not in ("*", "") and is_address(address) and ip_address(address).is_loopback
