"""What a command of a network device asks for, by its own words: which version of IP, the configuration, whose table."""

import re
from functools import lru_cache
from typing import NamedTuple

_OF_VRF = re.compile(r"(.*) (?:vpn-instance|vrf) (\S+)")
_SIX = ("ipv6", "ospfv3")


class Asked(NamedTuple):
    """A command without the name of a VRF behind it, and that name, empty for the public one. A VRF may have any name."""

    command: str
    vrf: str


@lru_cache(maxsize=1 << 12)
def asked(source: str) -> Asked:
    """Part the source of an answer."""
    found = _OF_VRF.fullmatch(source)
    return Asked(found[1], found[2]) if found else Asked(source, "")


def asks(source: str, version: int) -> bool:
    """Tell whether an answer to a command shows a version of IP: IPv6 has commands of its own, the configuration has both."""
    command = asked(source).command
    return is_configuration(source) or any(word in command for word in _SIX) == (version == 6)


def is_configuration(source: str) -> bool:
    """Tell whether a command shows the configuration, which says what is set and not what is."""
    command = asked(source).command
    return "configuration" in command or "running-config" in command


def table_of(source: str) -> tuple[int, str] | None:
    """Give the version and the VRF whose table of routes a command shows; None where it shows none, as a configuration."""
    command, vrf = asked(source)
    if "rout" not in command or is_configuration(source):
        return None
    return (6 if asks(source, 6) else 4), vrf
