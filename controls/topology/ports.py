"""Interfaces by their names: what kind one is, which port carries it, and how people shorten its name."""

import re
from functools import lru_cache
from typing import Literal
from unicodedata import normalize

Kind = Literal["none", "management", "vlan", "bundle", "virtual", "port"]

_LETTERS = re.compile(r"[A-Za-z_-]*")
_VLAN = re.compile(r"\d{1,4}")
_KINDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("none", ("loop", "inloop", "null", "nve", "register")),
    ("management", ("meth", "m-", "mgmt", "mgt", "management", "outband")),
    ("vlan", ("vlan",)),
    ("bundle", ("eth-trunk", "bridge-agg", "route-agg", "aggregateport", "smartgroup", "port-channel", "bundle-ether")),
    ("virtual", ("tunnel", "virtual", "dialer", "bvi", "vsi", "vbdif")),
)
_MANAGEMENT_VRF = re.compile(r"_*(?:mgmt|mgt|management|manage|oob|oam|dcn|outband)[\w-]{0,40}", re.IGNORECASE)


@lru_cache(maxsize=1 << 14)
def kind_of(interface: str) -> Kind:
    """Say what an interface is by its name: none (loopback, null), management, vlan, bundle, virtual, or a port."""
    letters = _letters(interface)
    return next((kind for kind, begins in _KINDS if letters.startswith(begins)), "port")


def _letters(interface: str) -> str:
    found = _LETTERS.match(interface)
    return found[0].casefold() if found else ""


def is_for_management(vrf: str) -> bool:
    """Tell whether a VRF is by its name that of the management interface alone."""
    return bool(_MANAGEMENT_VRF.fullmatch(vrf))


def is_own(interface: str, vrf: str) -> bool:
    """Tell whether an interface is the device's own affair and ends no link: a loopback, or its management."""
    return kind_of(interface) in ("none", "management") or is_for_management(vrf)


def parent_of(interface: str) -> str:
    """Give the port or bundle of a sub-interface, the interface itself where it is none."""
    return interface.partition(".")[0] if kind_of(interface) in ("port", "bundle") else interface


def vlan_of(interface: str) -> int:
    """Give the VLAN of a VLAN interface, 0 for any other."""
    if kind_of(interface) != "vlan":
        return 0
    found = _VLAN.search(interface)
    return int(found[0]) if found else 0


@lru_cache(maxsize=1 << 14)
def squeezed(text: str) -> str:
    """Write a name as it is compared: without blanks, capitals and full-width letters."""
    return "".join(normalize("NFKC", text).split()).casefold()


def same(shown: str, interface: str) -> bool:
    """Tell whether a name as somebody writes it, `GE0/0/1`, means an interface, `GigabitEthernet0/0/1`.

    The numbers are equal, and the letters are a beginning or stand in it in their order, the first of them first.
    """
    one, other = squeezed(shown), squeezed(interface)
    if one == other:
        return True
    letters, whole = _letters(one), _letters(other)
    if letters == "xge" and whole == "ten-gigabitethernet":
        letters, one = "te", f"te{one[3:]}"
    if not letters or one[len(letters) :] != other[len(whole) :] or letters[0] != whole[:1]:
        return False
    rest = iter(whole)
    return all(letter in rest for letter in letters)
