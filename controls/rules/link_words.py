"""How rules write links and their ends, and what spares a filed link."""

import re
from collections.abc import Iterable

from controls.model import Outcome, outcome
from controls.view import View
from xunyan.device_facts import UNSHOWN
from xunyan.link_facts import LinkEnd
from xunyan.model import Status
from xunyan.names import shown

EXTRANET = ("", "core", "extranet")
"""Kinds of filed links that belong to the extranet; a link that was seen and not filed may."""

_SHOWN = 3
_MBPS = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)\s*([kmgt]?)(?:bps|bit/s|b/s|b|兆|)?", re.IGNORECASE)
_UNITS = {"": 1000, "k": 1, "m": 1000, "g": 1_000_000, "t": 1_000_000_000}


def withdrawn(view: View) -> Outcome | None:
    """Spare a filed link that is gone from the list."""
    return outcome(Status.NOT_APPLICABLE, "withdrawn") if view.filed("withdrawn") else None


def name_of(end: LinkEnd) -> str:
    """Write one end: the device and its interface, the address by which it is spoken to, or `?`."""
    words = [shown(one, 60) for one in (end.name, end.interface) if one]
    return " ".join(words) or next(iter((*end.v4, *end.v6)), "?")


def names(ends: Iterable[LinkEnd]) -> str:
    """Write several ends."""
    return listed(name_of(one) for one in ends)


def between(ends: Iterable[LinkEnd]) -> str:
    """Write a link by its ends."""
    return " — ".join(name_of(one) for one in list(ends)[:_SHOWN]) or "?"


def listed(words: Iterable[str]) -> str:
    """Write the first few of several, and how many there are."""
    told = list(dict.fromkeys(words))
    return "; ".join(told[:_SHOWN]) + (f"; … ({len(told)})" if len(told) > _SHOWN else "")


def kbps_filed(text: str) -> int:
    """Read a filed bandwidth in Mbps, `100`, `100M`, `1Gbps`, as kbit/s; UNSHOWN where it is none of these."""
    found = _MBPS.fullmatch(text.strip())
    return int(float(found[1]) * _UNITS[found[2].lower()]) if found else UNSHOWN


def mbps(kbps: int) -> str:
    """Write kbit/s as Mbps, `?` where unknown."""
    if kbps == UNSHOWN:
        return "?"
    return str(kbps // 1000) if kbps % 1000 == 0 else f"{kbps / 1000:g}"
