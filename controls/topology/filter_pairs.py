"""Where a device filters IPv4, and how the same place filters IPv6: the observation `filter-pairs` of a device."""

from collections.abc import Iterator, Mapping

from controls.topology.devices import Box
from controls.topology.ends import Proof
from xunyan.device_facts import AccessList, AccessListUse, AccessRule, DeviceService
from xunyan.link_facts import FilterPair

IMPLICIT = frozenset({"ruijie_os", "zte_zxros", "cisco_ios"})
"""Platforms on which a list denies what none of its rules names; on the others it passes."""
_EVERYTHING = frozenset(
    {"", "any", "any any", "source any", "source any destination any", "ipv6 any any", "ip any any"}
)
_WHOLE = frozenset({"", "ip", "ipv6"})

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
    return "no" if box.looked("interface-addresses", 6) else "unknown"


def _of_active(box: Box, interface: str) -> Proof:
    held = [one for one in box.held.get(interface, ()) if one.version == 6]
    if held:
        return box.cite("interface-addresses", held[0].fact)
    return box.cite_look("interface-addresses", 6)


def _six(box: Box, lists: Lists, v4: str, v6: str, name: str) -> str:
    """Compare what can be compared of two lists: whether they deny, how often, and whether the last rule lets all through."""
    if not v6:
        return "missing" if name == "device-services" or box.looked(name, 6) else "unasked"
    four, six = lists.get((4, v4)), lists.get((6, v6))
    if six is None:
        return "unseen"
    implicit = box.subject.asset.platform in IMPLICIT
    if four is None or not _denies(four, implicit=implicit):
        return "matched"
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


def _lets_through(one: AccessList) -> bool:
    return any(rule.action == "permit" and _is_all(rule) for rule in one.rules)


def _closed(one: AccessList) -> bool:
    return bool(one.rules) and one.rules[-1].action == "deny" and _is_all(one.rules[-1])


def _count(one: AccessList) -> int:
    return sum(rule.action == "deny" for rule in one.rules)


def _is_all(rule: AccessRule) -> bool:
    return rule.protocol in _WHOLE and rule.match.lower() in _EVERYTHING
