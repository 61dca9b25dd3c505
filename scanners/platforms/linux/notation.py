"""How the tools of a Linux host write addresses, prefix lengths and MACs, and the one form in which they are kept."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

LONGEST_ADDRESS = 64
HEXADECIMAL = frozenset("0123456789abcdef")


def canonical(text: str) -> str | None:
    """Give an address in its one compressed form, an IPv4-mapped one as `::ffff:10.1.1.1`; None where it is none."""
    return _canonical(text) if len(text) <= LONGEST_ADDRESS else None


@lru_cache(maxsize=4096)
def _canonical(text: str) -> str | None:
    try:
        if ":" not in text:
            return str(IPv4Address(text))
        return None if "%" in text else written(IPv6Address(text))
    except ValueError:
        return None


def written(address: IPv4Address | IPv6Address) -> str:
    """Write an address alike under every version of Python; they differ over IPv4-mapped ones."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return f"::ffff:{address.ipv4_mapped}"
    return str(address)


def length_of(prefix: str, family: int) -> int | None:
    """Give a prefix length, the longest where none is written; None where it is no length of that family."""
    longest = 32 if family == 4 else 128
    if not prefix:
        return longest
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 3):
        return None
    return int(prefix) if int(prefix) <= longest else None


def after(fields: list[str], word: str) -> str:
    """Give what follows a word, empty where nothing does."""
    at = fields.index(word) + 1 if word in fields else len(fields)
    return fields[at] if at < len(fields) else ""


def mac_of(text: str) -> str:
    """Give a link-layer address in lower case; empty for a loopback's zeros and a tunnel's IP address."""
    octets = text.lower().split(":")
    if len(octets) < 6 or not all(len(octet) == 2 and HEXADECIMAL.issuperset(octet) for octet in octets):
        return ""
    return ":".join(octets) if set(octets) != {"00"} else ""
