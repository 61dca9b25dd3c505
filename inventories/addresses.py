"""Addresses as people and exports write them: an IP address or a host name, with or without a port."""

import ipaddress
import re
from dataclasses import dataclass

from xunyan.names import NAME_LIMIT

_AS_TYPED = str.maketrans("０１２３４５６７８９．。：［］－", "0123456789..:[]-")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_BETWEEN = re.compile(r"[\s;；,，、|]+")
_FIGURES = re.compile(r"[0-9A-Fa-f:.]{3,}")
_FOUR = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_NOTHING = frozenset({"", "-", "--", "—", "——", "/", "无", "暂无", "未知", "n/a", "na", "null", "none"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where an endpoint is: `host` as `ipaddress` writes it or a name in lower-case ASCII; `port` 0 where none was given."""

    host: str
    port: int = 0


def is_nothing(text: str) -> bool:
    """Tell whether a cell says that there is no address: blank, a dash, 无, N/A, 0.0.0.0."""
    word = text.strip().casefold()
    return word in _NOTHING or (word[:1] in "0:" and not word.strip("0.:"))


def split(text: str) -> list[str]:
    """Part a cell with several addresses: at blanks, new lines, commas and semicolons of either width."""
    return [part for part in _BETWEEN.split(text.strip()) if part]


def read_address(text: str) -> Address | None:
    """Read `10.1.2.3`, `2001:db8::1`, `pc01.example.cn`, each also with a port (`10.1.2.3:2222`, `[2001:db8::1]:22`).

    None for anything that is no host's address: a range, a number that a spreadsheet made of it (10.1), a multicast or
    link-local address. A mapped address (::ffff:10.1.2.3) is what it maps, so that ranges are judged truly.
    """
    bare = text.strip().translate(_AS_TYPED)
    if len(bare) > NAME_LIMIT:
        return None
    bracketed = re.fullmatch(r"\[([^\[\]]+)\](?::(\d{1,5}))?", bare)
    plain = re.fullmatch(r"([^:\[\]]+)(?::(\d{1,5}))?", bare)
    found = bracketed or plain
    host, digits = (found[1], found[2]) if found else (bare, None)
    if digits is not None and not (digits.isascii() and 0 < int(digits) < 65536):
        return None
    read = _ip(host) if bracketed or ":" in host else _ip(host) or _name(host)
    return Address(read, int(digits or 0)) if read else None


def spellings(cell: str) -> set[str]:
    """List whatever in a text may be an address, also beside a mask or a zone: what a ban of addresses is to look at."""
    bare = cell.translate(_AS_TYPED)
    found = {one.host for part in split(bare) if (one := read_address(part)) is not None}
    return found | {part.strip(".") for part in _FIGURES.findall(bare)} | set(_FOUR.findall(bare))


def is_far(host: str) -> bool:
    """Tell whether an address can be reached from elsewhere: not a loopback one. A name can."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def _ip(text: str) -> str:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id is not None:
            return ""
        found = found.ipv4_mapped or found
    nobody = found.is_unspecified or found.is_multicast or found.is_link_local or str(found) == "255.255.255.255"
    return "" if nobody else str(found)


def _name(text: str) -> str:
    """Read a host name. The last label is no number, or a resolver would take the whole for an address."""
    try:
        name = text.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        return ""
    labels = name.split(".")
    fits = len(name) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return name if fits and not _NUMBER.fullmatch(labels[-1]) else ""
