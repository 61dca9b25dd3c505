"""Makes name servers of a lab: its root, the zones below it with their delegations, and resolvers that start at that root.

Both kinds are Unbound: it serves zone files with authority, logs every question and answer in one line, and binds exactly
the addresses that it is told, which no other server in Debian does in one process of 10 MB.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import dns.exception
import dns.name
import dns.zone
import msgspec

from lab.contents import Entry
from lab.programs import Program
from lab.scenario.model import Host, NameServer, Zone
from lab.services import mute
from lab.services.missing import place
from lab.services.words import family, host_name, of_families, quoted
from xunyan.errors import InputError
from xunyan.wording import Text

LOG, SIX_LOG, SILENT_LOG = "dns.log", "dns-six.log", "dns-silent.log"
_PORT = 53
_ROOT_SERVERS = "root-servers"
_TTL = 60

_SETTINGS = """\
server:
  username: ""
  chroot: ""
  pidfile: ""
  directory: {folder}
  do-daemonize: no
  use-syslog: no
  logfile: ""
  log-time-ascii: yes
  log-queries: yes
  log-replies: yes
  log-tag-queryreply: yes
  num-threads: 1
  do-ip4: {four}
  do-ip6: {six}
  do-not-query-localhost: no
  hide-identity: yes
  hide-version: yes
  module-config: "iterator"
  msg-cache-size: 1m
  rrset-cache-size: 1m
  neg-cache-size: 64k
  outgoing-range: 64
  num-queries-per-thread: 32
  cache-max-negative-ttl: 5
  infra-host-ttl: 5
  local-zone: "localhost." nodefault
  local-zone: "test." nodefault
  local-zone: "invalid." nodefault
  local-zone: "onion." nodefault
  local-zone: "home.arpa." nodefault
  unblock-lan-zones: yes
"""
_EVERYBODY = "  access-control: 0.0.0.0/0 allow\n  access-control: ::0/0 allow\n"


def tree(zones: Sequence[Zone], root: str) -> tuple[Zone, ...]:
    """Return the zones with the root zone and every parent that is missing, which the host `root` serves.

    Names come back in small letters without the last dot; the root is ".". Raises InputError for a name that is none, that
    stands there twice, or that nobody serves.
    """
    made: dict[str, Zone] = {}
    for zone in zones:
        name = "." if zone.name == "." else host_name(zone.name, "zones")
        if name in made or not zone.servers:
            message = Text("区域重复，或没有服务器", "a zone that stands there twice or has no server")
            raise InputError(message, where=f"zones, {name}")
        made[name] = Zone(name=name, servers=zone.servers, records=zone.records)
    for name in list(made):
        for parent in _ancestors(name):
            made.setdefault(parent, Zone(name=parent, servers=[root]))
    made.setdefault(".", Zone(name=".", servers=[root]))
    return tuple(made[name] for name in sorted(made, key=lambda one: [*reversed(one.strip(".").split("."))]))


def known_addresses(hosts: Sequence[Host]) -> dict[str, list[str]]:
    """Map each host with a name server to the addresses that its NS records may lead to: all of the server's families."""
    return {
        host.name: of_families([one for those in host.at.values() for one in those], host.dns.families)
        for host in hosts
        if host.dns is not None
    }


def authoritative_programs(
    folder: Path,
    host: str,
    server: NameServer,
    addresses: Sequence[str],
    zones: Sequence[Zone],
    known: Mapping[str, Sequence[str]],
    *,
    port: int = _PORT,
) -> tuple[Program, ...]:
    """Make what serves this host's zones of the `tree` on those of its addresses whose family is not silent.

    `known` are the addresses of every host that serves a zone. The log `dns.log` holds every question and answer with the
    client's address. For silent families there is a program that swallows questions, into `dns-silent.log`; zones that are
    refused over IPv6 make a second server for it, which logs into `dns-six.log`.
    """
    served = [zone for zone in zones if host in zone.servers]
    settings, files = _served(served, zones, known)
    if not server.six_refuses:
        return _programs(folder, server, addresses, settings, files, port)
    refused = {host_name(zone, "six_refuses") for zone in server.six_refuses}
    four = msgspec.structs.replace(server, families=tuple(one for one in server.families if one == 4))
    six = msgspec.structs.replace(server, families=tuple(one for one in server.families if one == 6))
    settings_of_six, files_of_six = _served([zone for zone in served if zone.name not in refused], zones, known)
    return (
        *_programs(folder, four, addresses, settings, files, port),
        *_programs(folder, six, addresses, settings_of_six, files_of_six, port, "dns-six", SIX_LOG),
    )


def _served(
    served: Sequence[Zone], zones: Sequence[Zone], known: Mapping[str, Sequence[str]]
) -> tuple[str, list[tuple[str, str]]]:
    """The settings by which zones are served and all others refused, and the zones' files by their names."""
    files, parts = [], [_EVERYBODY, "".join(f'  local-zone: "{zone.name}" transparent\n' for zone in served)]
    if all(zone.name != "." for zone in served):
        parts.append('  local-zone: "." refuse\n')
    for number, zone in enumerate(served):
        files.append((f"{number}.zone", zone_text(zone, zones, known)))
        parts.append(
            f'auth-zone:\n  name: "{zone.name}"\n  zonefile: "{number}.zone"\n'
            "  for-downstream: yes\n  for-upstream: no\n  fallback-enabled: no\n"
        )
    return "".join(parts), files


def resolver_programs(
    folder: Path,
    server: NameServer,
    addresses: Sequence[str],
    zones: Sequence[Zone],
    known: Mapping[str, Sequence[str]],
    *,
    port: int = _PORT,
) -> tuple[Program, ...]:
    """Make a resolver that asks from the `tree`'s root downwards, over the families of its own that are not silent.

    Other name servers are asked at port 53 only. Logs and silence are those of `authoritative_programs`.
    """
    root = next(zone for zone in zones if zone.name == ".")
    hints = "".join(
        f". 3600 IN NS {_server_name(one, '.')}\n" + "".join(_addresses(_server_name(one, "."), one, known))
        for one in root.servers
    )
    settings = f'{_EVERYBODY}  root-hints: "root.hints"\n  qname-minimisation: no\n'
    return _programs(folder, server, addresses, settings, [("root.hints", hints)], port)


def zone_text(zone: Zone, zones: Sequence[Zone], known: Mapping[str, Sequence[str]]) -> str:
    """Write the zone file: SOA, NS, the zone's own records, and a delegation with glue for each zone right below it.

    Raises InputError for records that are no records of this zone.
    """
    origin = zone.name.rstrip(".") + "."
    text = "".join(f"{line}\n" for line in _lines(zone, zones, known))
    try:
        read = dns.zone.from_text(text, dns.name.from_text(origin), relativize=False, allow_include=False)
    except (dns.exception.DNSException, ValueError, UnicodeError) as error:
        message = Text(f"区域记录有误：{error}", f"the records of the zone are wrong: {error}")
        raise InputError(message, where=f"zones, {zone.name}") from None
    return read.to_text(relativize=False)  # as it was understood, so that nothing is understood in two ways


def _lines(zone: Zone, zones: Sequence[Zone], known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    origin = zone.name.rstrip(".") + "."
    first = _server_name(zone.servers[0], zone.name)
    yield f"$TTL {_TTL}"
    yield f"{origin} IN SOA {first} hostmaster.{origin.lstrip('.')} 1 3600 600 86400 5"
    below = [one for one in zones if one.name != zone.name and next(_parents(one.name, zones)) == zone.name]
    for one in (zone, *below):
        for server in one.servers:
            name = _server_name(server, one.name)
            yield f"{one.name.rstrip('.')}. IN NS {name}"
            yield from (line.rstrip("\n") for line in _addresses(name, server, known))
    for record in zone.records:
        if "\n" in record or "\r" in record or record[:1] in ("", "$", " ", "\t"):
            message = Text(f"不是一条记录：{record!r}", f"not one record: {record!r}")
            raise InputError(message, where=f"zones, {zone.name}")
        yield record


def _ancestors(name: str) -> Iterator[str]:
    """Yield the names above, from the nearest to the root."""
    labels = [] if name == "." else name.split(".")
    for number in range(1, len(labels)):
        yield ".".join(labels[number:])
    if labels:
        yield "."


def _parents(name: str, zones: Sequence[Zone]) -> Iterator[str]:
    there = {zone.name for zone in zones}
    yield from (one for one in _ancestors(name) if one in there)
    yield ""


def _server_name(host: str, zone: str) -> str:
    """The name of a host as a server of the zone: always within it, so that glue may be given."""
    return f"{host_name(host, 'servers')}.{_ROOT_SERVERS if zone == '.' else zone}."


def _addresses(name: str, host: str, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if not known.get(host):
        message = Text("区域的服务器没有名称服务地址", "a server of a zone has no address of a name server")
        raise InputError(message, where=f"zones, {host}")
    for address in known[host]:
        yield f"{name} 3600 IN {'AAAA' if family(address) == 6 else 'A'} {address}\n"


def _programs(
    folder: Path, server: NameServer, addresses: Sequence[str], settings: str, files: Sequence[tuple[str, str]], port: int,
    name: str = "dns", log: str = LOG,
) -> tuple[Program, ...]:  # fmt: skip
    own = of_families(addresses, server.families)
    speaking = [one for one in own if family(one) not in server.silent]
    silent = [one for one in own if one not in speaking]
    made: list[Program] = []
    command: tuple[str, ...]
    if speaking:
        text = _SETTINGS.format(
            folder=quoted(str(folder / name), str(folder), without='"\\'),
            four="yes" if any(family(one) == 4 for one in speaking) else "no",
            six="yes" if any(family(one) == 6 for one in speaking) else "no",
        )
        text += "".join(f"  interface: {one}@{port}\n" for one in speaking)
        everything = [(f"{name}/{one}", content) for one, content in files]
        everything.append((f"{name}/unbound.conf", f"{text}{settings}remote-control:\n  control-enable: no\n"))
        command = (place("unbound"), "-d", "-c", str(folder / name / "unbound.conf"))
        entries = tuple(Entry(one, content) for one, content in everything)
        made.append(Program(name, command, log, entries, _opens(speaking, port)))
    if silent:
        command = (sys.executable, "-I", str(Path(mute.__file__)), str(port), *silent)
        made.append(Program(f"{name}-silent", command, SILENT_LOG, (), _opens(silent, port)))
    return tuple(made)


def _opens(addresses: Sequence[str], port: int) -> tuple[tuple[str, str, int], ...]:
    return tuple((protocol, address, port) for address in addresses for protocol in ("udp", "tcp"))
