"""Where a system is offered: names and addresses as they were filed, and the ports to knock at behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from scanners.platforms.systems.urls import absolute
from scanners.systems.asking import Grants, Limits, Refused
from scanners.systems.resolving import Resolved
from xunyan.permits import Permit, Service, Target

PORT_OF = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Door:
    """One port of one address of a system of a unit. `names`: all names that led there, the one it is asked by first."""

    network: str
    name: str
    address: str
    family: int
    port: int
    names: tuple[str, ...] = ()
    unit: str = ""

    @property
    def host(self) -> str:
        """The host as a URL has it."""
        bare = self.name or self.address
        return f"[{bare}]" if ":" in bare else bare

    def permit(self, grants: Grants) -> Permit | Refused:
        """Ask for leave to touch it now."""
        return grants.service(self.unit, self.network, self.address, self.port, self.names)


def split(services: Sequence[Service]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Tell the names from the addresses of services, each once, in order."""
    names: dict[tuple[str, str], None] = {}
    addresses: dict[tuple[str, str], None] = {}
    for one in services:
        (addresses if _is_address(one.host) else names)[one.network, one.host] = None
    return list(names), list(addresses)


def doors(target: Target, found: Mapping[tuple[str, str], Resolved], limits: Limits) -> list[Door]:
    """List every port of every address to knock at, each once."""
    found_doors: dict[tuple[str, str, str, int], Door] = {}
    for one in target.services:
        if _is_address(one.host):
            address = ip_address(one.host)
            ends: tuple[tuple[int, str], ...] = ((address.version, str(address)),)
            name = ""
            names: tuple[str, ...] = ()
        else:
            way = found[one.network, one.host]
            ends, name, names = way.addresses, one.host, (one.host, *way.aliases)
        for family, end in ends:
            for port in (one.port,) if one.port else limits.ports:
                found_doors.setdefault(
                    (one.network, name, end, port), Door(one.network, name, end, family, port, names, target.unit)
                )
    return list(found_doors.values())


def schemes(services: Sequence[Service]) -> dict[tuple[str, str, int], str]:
    """Map (network, host, port) to the scheme that is filed for it."""
    return {(one.network, one.host, one.port): one.scheme for one in services if one.scheme and one.port}


def url_of(door: Door, scheme: str, path: str = "/") -> str:
    """Write the URL of a path behind a port."""
    port = "" if PORT_OF.get(scheme) == door.port else f":{door.port}"
    return f"{scheme}://{door.host}{port}{path}"


def split_url(url: str) -> tuple[str, int] | None:
    """Take host and port out of a URL as the readers of pages read it; None where we cannot go there by HTTP."""
    found = absolute(url)
    return (found.host, found.port) if found is not None and found.host.isprintable() else None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
