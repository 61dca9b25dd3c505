"""Which IPv6 addresses count as support, which do not, and which a person must look at."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address, IPv6Network
from typing import Literal

import msgspec

ISATAP = frozenset({0x00005EFE, 0x02005EFE})  # the upper half of its interface identifiers (RFC 5214, 6.1)

Worth = Literal["support", "unique-local", "no-support", "none"]


class Prefixes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prefixes that count, those of them that are no support, and those for a person."""

    counts: tuple[str, ...]
    not_support: tuple[str, ...]
    for_person: tuple[str, ...]

    def __post_init__(self) -> None:
        for prefix in (*self.counts, *self.not_support, *self.for_person):
            try:
                IPv6Network(prefix)
            except ValueError as error:
                raise ValueError(f"{prefix}: {error}") from error

    def is_support(self, address: str) -> bool:
        """Tell whether an address is a global unicast one, and no means of transition, translation or test."""
        number = _number(address)
        if number is None or (number >> 32) & 0xFFFFFFFF in ISATAP:
            return False
        return _within(number, self.counts) and not _within(number, self.not_support)

    def is_for_person(self, address: str) -> bool:
        """Tell whether a person must say if an address counts, as of unique local ones."""
        number = _number(address)
        return number is not None and _within(number, self.for_person)

    def worth(self, addresses: Iterable[str]) -> Worth:
        """Say what several addresses are worth together: the best of them counts."""
        found = list(addresses)
        if any(self.is_support(one) for one in found):
            return "support"
        if any(self.is_for_person(one) for one in found):
            return "unique-local"
        return "no-support" if found else "none"


def _number(address: str) -> int | None:
    try:
        return int(IPv6Address(address))
    except AddressValueError:
        return None


def _within(number: int, prefixes: Iterable[str]) -> bool:
    return any(number >> shift == head for shift, head in map(_head, prefixes))


@lru_cache(maxsize=256)
def _head(prefix: str) -> tuple[int, int]:
    network = IPv6Network(prefix)
    shift = 128 - network.prefixlen
    return shift, int(network.network_address) >> shift
