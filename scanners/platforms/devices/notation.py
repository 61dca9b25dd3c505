"""How network devices write MACs, speeds, masks and interfaces, and the one form in which they are kept."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

from scanners.platforms.linux.notation import canonical, length_of
from xunyan.device_facts import UNSHOWN, is_no_vrf

_MAC = re.compile(r"[0-9a-fA-F]{2}(?:[:-]?[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{4}([-.])[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}")
_UNPUNCTUATED = str.maketrans("", "", "-.:")
_SPEED = re.compile(r"(\d{1,7})(?:\.\d+)?\s*([kKmMgG])?(?:bit/s|bps|bit)?(?:\(a\))?")
_UNITS = {"": 1000, "k": 1, "m": 1000, "g": 1_000_000}
_NAME = re.compile(r"([A-Za-z][A-Za-z-]*?)\s?(\d[\d/:.]*)?(?:\(\d+[GM]\))?")
LONGEST_NAME = 64


def mac_of(text: str) -> str:
    """Give a MAC in the form 00:11:22:33:44:55; empty where it is none or stands for nothing (all zeros)."""
    if not _MAC.fullmatch(text):
        return ""
    digits = text.lower().translate(_UNPUNCTUATED)
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2)) if digits.strip("0") else ""


def kbps_of(text: str) -> int:
    """Read `1000M`, `10G`, `1000M(a)`, `a-100` or bare Mbit/s as kbit/s; UNSHOWN where it is no speed."""
    found = _SPEED.fullmatch(text.strip().lower().removeprefix("a-"))
    return int(found[1]) * _UNITS[(found[2] or "").lower()] if found else UNSHOWN


def duplex_of(text: str) -> str:
    """Give full, half or auto; empty where it is none of them."""
    word = text.strip().lower().removesuffix("(a)").removeprefix("a-").removeprefix("duplex/")
    return {"f": "full", "h": "half", "a": "auto"}.get(word, word if word in ("full", "half", "auto") else "")


def state_of(text: str) -> str:
    """Give up or down for `UP`, `*down`, `up(s)`, `UP (spoofing)`, `administratively down`, `^down`; empty for others."""
    word = re.sub(r"\s*\(\w+\)|[*^!,]|administratively", "", text.strip().lower()).strip()
    return word if word in ("up", "down") else ""


def shut(text: str) -> bool:
    """Tell whether a state says that the interface was shut down by its owner."""
    word = text.strip().lower()
    return word.startswith(("*down", "adm", "administratively")) or word == "disabled"


def address_of(text: str, family: int = 0) -> str | None:
    """Give an address in its one form, without a zone; None where it is none, or none of the family."""
    found = canonical(text.strip().partition("%")[0])
    return found if found is not None and family in (0, 6 if ":" in found else 4) else None


def family_of(address: str) -> int:
    """Tell the family of an address in its one form."""
    return 6 if ":" in address else 4


@lru_cache(maxsize=4096)
def scope_of(address: str) -> str:
    """Give the scope of an address in its one form: host, link, site (fec0::/10) or global."""
    found = ip_address(address)
    if found.is_loopback:
        return "host"
    if found.is_link_local:
        return "link"
    return "site" if found.version == 6 and found.is_site_local else "global"


@lru_cache(maxsize=1024)
def mask_length(text: str) -> int | None:
    """Give the length of a mask, `255.255.255.0` or `24`; None where it is none."""
    if text.isascii() and text.isdigit():
        return length_of(text, 4)
    try:
        return IPv4Network(f"0.0.0.0/{text}").prefixlen if len(text) <= 15 and text[:1] in "12" else _zero(text)
    except ValueError:
        return None


def _zero(text: str) -> int | None:
    return 0 if text == "0.0.0.0" else None  # noqa: S104  # a mask


@lru_cache(maxsize=8192)
def network_of(text: str) -> str | None:
    """Give a destination in CIDR form, host bits cleared; None where it is none."""
    address, _, length = text.strip().partition("/")
    found = address_of(address)
    if found is None:
        return None
    family = family_of(found)
    prefix = length_of(length, family)
    if prefix is None:
        return None
    kind = IPv4Network if family == 4 else IPv6Network
    return str(kind((found.removeprefix("::ffff:") if family == 4 else found, prefix), strict=False))


def vrf_of(text: str) -> str:
    """Give the name of a VPN instance in a column of a table, empty for none."""
    word = text.strip()
    return "" if is_no_vrf(word) or word.lower() == "n/a" else word


def is_public_title(word: str) -> bool:
    """Tell whether a table with this title may be that which is in no VRF: also a VRF may be called so."""
    return is_no_vrf(word) or word.lower() in ("public", "default", "global")


def titled(word: str) -> str:
    """Give the VRF of a table's title, empty where it may be that which is in none."""
    return "" if is_public_title(word) else word


def number_of(text: str, default: int = UNSHOWN) -> int:
    """Give a whole number, with or without thousands commas; the default where it is none or too long to be true."""
    digits = text.strip().replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else default


def naming(forms: Mapping[str, str]) -> Callable[[str], str]:
    """Make what writes a vendor's interfaces out: `forms` maps a kind, in lower case, to how its long name begins."""

    @lru_cache(maxsize=8192)
    def long_name(name: str) -> str:
        text = name.strip()
        found = _NAME.fullmatch(text) if len(text) <= LONGEST_NAME else None
        if not found or not found[2]:
            return re.sub(r"\(\d+[GM]\)$", "", text)
        return forms.get(found[1].lower(), text[: found.start(2)]) + found[2]

    return long_name
