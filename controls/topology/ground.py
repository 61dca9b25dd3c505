"""Where addresses of links lie: the filed ranges, whether the extranet is among them, and who holds an address."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network

from controls.model import Subject
from controls.places import NOWHERE, Found, Numbered, Ranges, read_range
from controls.topology.devices import Box

EXTRANET = "extranet"
INTERNET = "internet"
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))


class Ground:
    """The filed ranges, and the addresses of every device that was read."""

    def __init__(self, subjects: Iterable[Subject], boxes: Iterable[Box]) -> None:
        every = list(subjects)
        self._ranges = Ranges(every)
        filed = [one for subject in every if (one := read_range(subject)) is not None]
        self._planned = {(one.network, one.version) for one in filed if one.kind == EXTRANET}
        self._places: dict[tuple[str, str], Found] = {}
        self._holders: dict[tuple[str, Numbered], dict[str, Box]] = {}
        for box in boxes:
            for held in box.held.values():
                for address in held:
                    if address.fact.scope != "link":
                        spot = (box.network, (address.version, address.number))
                        self._holders.setdefault(spot, {})[box.id] = box

    def at(self, network: str, address: str) -> Found:
        """Say where an address lies."""
        key = (network, address)
        if key not in self._places:
            self._places[key] = self._ranges.reach(network, address) if address else NOWHERE
        return self._places[key]

    def is_planned(self, network: str, versions: Iterable[int]) -> bool:
        """Tell whether ranges of the extranet are filed for a network, so that lying in none of them means something."""
        return any((network, version) in self._planned for version in versions)

    def holder(self, network: str, address: Numbered) -> Box | None:
        """Give the device that alone holds an address."""
        found = self._holders.get((network, address), {})
        return next(iter(found.values())) if len(found) == 1 else None


@lru_cache(maxsize=1 << 14)
def is_private(destination: str) -> bool:
    """Tell whether a network is of the addresses that anybody may use inside."""
    try:
        read = ip_network(destination)
    except ValueError:
        return False
    first, last = read.network_address, read.broadcast_address
    return any(first in one and last in one for one in _PRIVATE if one.version == read.version)


def is_public_network(destination: str) -> bool:
    """Tell whether the whole of a network is of the Internet's addresses."""
    return not destination.startswith(("10.", "192.168.", "fd", "fe")) and _is_public_network(destination)


@lru_cache(maxsize=1 << 14)
def _is_public_network(destination: str) -> bool:
    try:
        read = ip_network(destination)
    except ValueError:
        return False
    return read.is_global and not read.is_multicast and read.broadcast_address.is_global


@lru_cache(maxsize=1 << 14)
def is_public(address: str) -> bool:
    """Tell whether an address is one of the Internet's."""
    try:
        read = ip_address(address)
    except ValueError:
        return False
    return read.is_global and not read.is_multicast
