"""An interface and its addresses while they are read, line by line, out of what a tool printed."""

from dataclasses import dataclass, field

from scanners.platforms.linux.notation import canonical, length_of


@dataclass(slots=True)
class Found:
    """One address and the lines that show it, while its interface is still being read."""

    family: int
    address: str
    prefix: int
    scope: str
    usable: bool
    first: int
    last: int


@dataclass(slots=True)
class Interface:
    """One interface as far as it has been read."""

    name: str
    up: bool
    mac: str = ""
    found: list[Found] = field(default_factory=list)


def address_of(family: int, text: str, prefix: str, scope: str, number: int, *, usable: bool = True) -> Found | None:
    """Give an address as it was found, with scope `global`, `site`, `link` or `host`; None where it is none."""
    address = canonical(text)
    length = length_of(prefix, family)
    if address is None or length is None or not scope or (":" in address) != (family == 6):
        return None
    return Found(family, address, length, scope, usable, number, number)
