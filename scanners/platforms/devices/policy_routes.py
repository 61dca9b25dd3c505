"""Policies of a configuration that send traffic to a next hop whatever the table of routes says."""

import re
from collections.abc import Iterable, Iterator, Sequence

from scanners.platforms.devices.answers import Line
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, family_of
from scanners.platforms.devices.sections import Section
from xunyan.device_facts import PolicyRoute

MOST_HOPS = 200
"""So many next hops are told apart; where there are more, one without an address stands for them."""

_HEADS = re.compile(r"(?:traffic behavior|(?:ipv6 )?policy-based-route|route-map)\b.*")
_MAP = re.compile(r"route-map (\S+)")
_USE = re.compile(r"(?:ip |ipv6 )?(?:local )?policy route-map (\S+)")
_SENDS = re.compile(
    r"""(?:redirect|apply|set)\b.*\b(?:next-?hops?|(?:ipv?[46]?-)?(?:nexthop|multihop|multinhp)|nhp)\b.*
      | (?:redirect|apply|set)\b.*\b(?:output-interface|interface|access-vpn|vpn-instance|vrf|load-balance|remote)\b.*
      | action\ pbr\b.*
    """,
    re.VERBOSE,
)
_DIRECT = re.compile(r"(?:traffic-redirect|redirect destination)\b(?!.*\bcpu\b).*")
_VRF = re.compile(r".*\b(?:vpn-instance|vrf|vpn) (\S+)")
_OUT = re.compile(r"(?:output-interface|egress-interface|interface)")
_PORT = re.compile(r"([A-Za-z][A-Za-z-]*) ?(\d[\d/.:]*)?")


def policy_routes(parts: Sequence[Section]) -> list[Found]:
    """Give every next hop and interface that policies send to; a form that is not known is there without either.

    A route map counts where it is used as a policy: those of BGP set next hops as well. Whether the other policies are
    applied anywhere is not looked at.
    """
    found: dict[PolicyRoute, Line] = {}
    for line in _sending(parts):
        for fact in _facts(line.text.strip()):
            if len(found) >= MOST_HOPS:
                fact = PolicyRoute(4, "", "")  # noqa: PLW2901  # one for all that follow
            found.setdefault(fact, line)
    return [Found(fact, line.number, line.number) for fact, line in found.items()]


def _sending(parts: Sequence[Section]) -> Iterator[Line]:
    """Give the lines of policies that send traffic somewhere."""
    for section in parts:
        for line in (section.head, *section.body):
            if "redirect" in line.text and _DIRECT.fullmatch(line.text.strip()):
                yield line
    chosen = [section for section in parts if _HEADS.fullmatch(section.head.text.strip())]
    used = _used(parts) if any(_MAP.match(one.head.text) for one in chosen) else frozenset()
    for section in chosen:
        named = _MAP.match(section.head.text)
        if named is None or named[1] in used:
            yield from (line for line in section.body if _SENDS.fullmatch(line.text.strip()))


def _used(parts: Iterable[Section]) -> frozenset[str]:
    """Name the route maps that an interface, or the device itself, routes by."""
    lines = (line.text.strip() for section in parts for line in (section.head, *section.body))
    return frozenset(match[1] for text in lines if "policy route-map" in text and (match := _USE.fullmatch(text)))


def _facts(text: str) -> list[PolicyRoute]:
    named = _VRF.match(text)
    vrf = named[1] if named else ""
    hops = [address for word in text.split() if (address := address_of(word)) is not None]
    found = [PolicyRoute(family_of(hop), hop, "", vrf) for hop in hops]
    found += [PolicyRoute(4, "", port, vrf) for port in _ports(text)] if not hops else []
    return found or [PolicyRoute(4, "", "", vrf)]


def _ports(text: str) -> Iterator[str]:
    """Give the interfaces that stand behind the word for them, their numbers joined or apart."""
    word = _OUT.search(text)
    for match in _PORT.finditer(text, word.end()) if word else ():
        if match[2] or match[1].lower().startswith("null"):
            kind, number = match[1], match[2] or ""
            if kind not in ("track", "acl", "priority"):
                yield match[0] if " " in match[0] else kind + number
