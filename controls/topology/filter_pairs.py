"""Where a device filters IPv4, and how the same place filters IPv6: the observation `filter-pairs` of a device."""

from collections.abc import Iterator, Mapping
from itertools import takewhile

from controls.topology.devices import Box
from controls.topology.ends import Proof
from xunyan.device_facts import AccessList, AccessListUse, AccessRule, DeviceService
from xunyan.link_facts import FilterPair

IMPLICIT = frozenset({"ruijie_os", "zte_zxros", "cisco_ios"})
"""Platforms on which a list denies what none of its rules names; on the others it passes."""
SETTABLE = frozenset({"hp_comware"})
"""Platforms on which a setting that is not read decides what happens to the rest."""
_EVERYTHING = frozenset(
    {"", "any", "any any", "source any", "source any destination any", "ipv6 any any", "ip any any"}
)
_WHOLE = frozenset({"", "ip", "ipv6"})
_WIDE = ("::/0", ":: 0", "0.0.0.0/0", "0.0.0.0 255.255.255.255", "0 255.255.255.255")
"""How `any` is written as well."""
_ASIDE = frozenset({"log", "log-input", "logging", "counting"})
"""What a rule does besides."""

Lists = Mapping[tuple[int, str], AccessList]


def filter_pairs(box: Box) -> Iterator[tuple[FilterPair, Proof]]:
    """List the filters over IPv4 by interface and direction, and by service, each beside that over IPv6."""
    lists: dict[tuple[int, str], AccessList] = {}
    for one in box.rows("access-lists", AccessList):
        for name in (one.name, one.number):
            if name:
                lists.setdefault((one.family, name), one)
    uses = box.rows("access-list-uses", AccessListUse)
    sixes = {(one.interface, one.direction): one for one in uses if one.family == 6}
    for use in uses:
        if use.family == 4:
            six = sixes.get((use.interface, use.direction))
            found = _six(box, lists, use.name, six.name if six is not None else "", "access-list-uses")
            fact = FilterPair(
                use.interface, use.direction, use.name, six.name if six is not None else "",
                _active(box, use.interface), found,
            )  # fmt: skip
            cited = (*box.cite("access-list-uses", use), *_of_active(box, use.interface))
            both = [lists[key] for key in ((4, use.name), (6, fact.v6)) if key in lists]
            cited += tuple(line for one in both for line in box.cite("access-lists", one))
            yield fact, (*cited, *(box.cite("access-list-uses", six) if six is not None else ()))
    yield from _services(box, lists)


def _services(box: Box, lists: Lists) -> Iterator[tuple[FilterPair, Proof]]:
    services = [one for one in box.rows("device-services", DeviceService) if one.enabled]
    for four in services:
        six = next((one for one in services if one.name == four.name and one.family == 6), None)
        if four.family != 4 or not four.acl:
            continue
        active = "yes" if six is not None else _service_active(box, four)
        found = _six(box, lists, four.acl, six.acl if six is not None else "", "device-services")
        fact = FilterPair(four.name, "", four.acl, six.acl if six is not None else "", active, found)
        cited = (*box.cite("device-services", four), *(box.cite("device-services", six) if six is not None else ()))
        yield fact, cited


def _service_active(box: Box, four: DeviceService) -> str:
    every = box.rows("device-services", DeviceService)
    told = any(one.name == four.name and one.family == 6 for one in every)
    return "no" if told else "unknown"


def _active(box: Box, interface: str) -> str:
    if any(one.version == 6 for one in box.held.get(interface, ())):
        return "yes"
    return "no" if box.sees_six else "unknown"


def _of_active(box: Box, interface: str) -> Proof:
    held = [one for one in box.held.get(interface, ()) if one.version == 6]
    if held:
        return box.cite("interface-addresses", held[0].fact)
    return box.cite_look("interface-addresses", 6)


def _six(box: Box, lists: Lists, v4: str, v6: str, name: str) -> str:
    """Compare what can be compared of two lists: whether they deny, how often, and whether the last rule lets all through.

    In front of a service every vendor's list denies what none of its rules names.
    """
    platform = box.subject.asset.platform
    implicit = name == "device-services" or platform in IMPLICIT
    four, six = lists.get((4, v4)), lists.get((6, v6))
    if four is not None and not _denies(four, implicit=implicit):
        if platform in SETTABLE and _names_some(four):
            return "matched" if six is not None and (_names_some(six) or _denies(six, implicit=False)) else "looser"
        return "matched" if v6 else "idle"
    if not v6:
        return "missing" if name == "device-services" or box.looked(name, 6) else "unasked"
    if six is None or four is None:
        return "unseen"
    if not _denies(six, implicit=implicit):
        return "open"
    ends = _lets_through(six) and not _lets_through(four) and (implicit or _closed(four))
    return "looser" if ends or _count(six) < _count(four) else "matched"


def _denies(one: AccessList, *, implicit: bool) -> bool:
    """Tell whether a list keeps anything out. An empty one keeps out nothing with any vendor."""
    for rule in one.rules:
        if rule.action == "deny":
            return True
        if _is_all(rule):
            return False
    return implicit and bool(one.rules)


def _names_some(one: AccessList) -> bool:
    """Tell whether a list lets only some things through, so that what is set for the rest decides."""
    return bool(one.rules) and not _lets_through(one)


def _lets_through(one: AccessList) -> bool:
    return any(rule.action == "permit" and _is_all(rule) for rule in one.rules)


def _closed(one: AccessList) -> bool:
    return bool(one.rules) and one.rules[-1].action == "deny" and _is_all(one.rules[-1])


def _count(one: AccessList) -> int:
    """Count the rules that deny: behind one that lets all through none is reached."""
    reached = takewhile(lambda rule: not (rule.action == "permit" and _is_all(rule)), one.rules)
    return sum(rule.action == "deny" for rule in reached)


def _is_all(rule: AccessRule) -> bool:
    if rule.protocol not in _WHOLE:
        return False
    text = f" {rule.match.lower()} "
    for one in (*_WIDE, *_WIDE):  # twice, since two that stand side by side share a blank
        text = text.replace(f" {one} ", " any ")
    words = text.split()
    while words and words[-1] in _ASIDE:
        words.pop()
    return " ".join(words) in _EVERYTHING
