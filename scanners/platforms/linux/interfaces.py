"""An interface and its addresses while they are read, line by line, out of what a tool printed."""

from dataclasses import dataclass, field

from scanners.platforms.linux.notation import canonical, length_of


@dataclass(slots=True)
class Found:
    """One address, while its interface is still being read."""

    family: int
    address: str
    prefix: int
    scope: str
    usable: bool


@dataclass(slots=True)
class Interface:
    """One interface as far as it has been read; `first` to `last` are the lines that show its state, link and addresses.

    Where no state is shown (yet), the interface is taken to be up.
    """

    name: str
    first: int
    last: int
    up: bool = True
    state_shown: bool = False
    link: str = ""
    mac: str = ""
    found: list[Found] = field(default_factory=list)


def address_of(family: int, text: str, prefix: str, scope: str, *, usable: bool = True) -> Found | None:
    """Give an address as it was found, with scope `global`, `site`, `link` or `host`; None where it is none."""
    address = canonical(text)
    length = length_of(prefix, family)
    if address is None or length is None or not scope or (":" in address) != (family == 6):
        return None
    return Found(family, address, length, scope, usable)
