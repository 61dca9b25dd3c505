"""What a link carries of IPv4 and IPv6, by its ends: one answer for the check and for the picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Interface, ip_interface
from typing import Literal

from xunyan.link_facts import LinkEnd

State = Literal["dual", "v4-only", "v6-broken", "v6-only", "unknown", "down"]


@dataclass(frozen=True, slots=True)
class Carried:
    """What a link carries. `fault` names what is wrong with IPv6, empty for nothing; `ends` are those that have it."""

    state: State
    fault: str
    ends: tuple[LinkEnd, ...] = ()


def carried(ends: Iterable[LinkEnd]) -> Carried:
    """Judge a link by its ends. The first fault that an end shows by itself decides, whether the other was read or not.

    Faults of an end: no-v6 (nothing), link-local, unfit (tentative, duplicate, deprecated). Of several: one-sided is an
    end's own fault; differing (no common prefix), same-address. Not told: families (IPv6 was not asked for), unshown
    (prefixes do not show), unread (an end was not read), state (whether it is up does not show).
    """
    every = list(ends)
    read = [one for one in every if one.device]
    unasked = tuple(one for one in read if 6 not in one.families)
    faults = [(fault, one) for one in read if 6 in one.families and (fault := _fault(one))]
    down = tuple(one for one in read if one.up == "down")
    if faults:
        kind = min((fault for fault, _ in faults), key=_FAULTS.index)
        having = tuple(one for fault, one in faults if fault == kind)
        bare = all(fault in ("no-v6", "link-local") for fault, _ in faults) and len(faults) == len(read)
        return Carried("down" if down else "v4-only" if bare else "v6-broken", kind, having)
    if unasked:
        return Carried("unknown", "families", unasked)
    if down:
        return Carried("down", "down", down)
    if len(read) < len(every) or len(read) < _BOTH:
        return Carried("unknown", "unread", tuple(one for one in every if not one.device))
    return _together(read)


_FAULTS = ("no-v6", "link-local", "unfit")
_BOTH = 2


def _fault(end: LinkEnd) -> str:
    if not end.v6:
        return "link-local" if end.link_local else "no-v6"
    return "unfit" if len(end.unfit_v6) == len(end.v6) else ""


def _together(read: list[LinkEnd]) -> Carried:
    common = _common(read)
    if common is None:
        return Carried("unknown", "unshown", tuple(read))
    if not common:
        return Carried("v6-broken", "differing", tuple(read))
    held = [_numbers(one) for one in read]
    if len(set.union(*held)) < sum(map(len, held)):
        return Carried("v6-broken", "same-address", tuple(read))
    silent = tuple(one for one in read if not one.up)
    if silent:
        return Carried("unknown", "state", silent)
    return Carried("dual" if any(one.v4 for one in read) else "v6-only", "")


def usable(end: LinkEnd) -> tuple[str, ...]:
    """Give the IPv6 addresses of an end that are in use."""
    unfit = {one.partition(" ")[0] for one in end.unfit_v6}
    return tuple(one for one in end.v6 if one not in unfit)


def _numbers(end: LinkEnd) -> set[int]:
    return {int(ip_interface(one).ip) for one in usable(end)}


def _common(read: list[LinkEnd]) -> bool | None:
    """Tell whether all ends have an address of one prefix; None where lengths that do not show leave it open."""
    shown = [[one for one in usable(end) if "/" in one] for end in read]
    prefixes = [{IPv6Interface(one).network for one in end} for end in shown]
    if set.intersection(*prefixes):
        return True
    whole = set.union(*prefixes)
    for prefix in whole:
        if all(any(IPv6Interface(one).ip in prefix for one in usable(end)) for end in read):
            bare = [end for end, known in zip(read, prefixes, strict=True) if prefix not in known]
            if all(any("/" not in one and IPv6Interface(one).ip in prefix for one in usable(end)) for end in bare):
                return True
    return None if any("/" not in one for end in read for one in usable(end)) else False
