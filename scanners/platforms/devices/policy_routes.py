"""Policies of a configuration that send traffic to a next hop whatever the table of routes says."""

import re
from collections.abc import Iterable, Iterator, Sequence

from scanners.platforms.devices.answers import Line
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, family_of
from scanners.platforms.devices.sections import Section
from xunyan.device_facts import PolicyRoute

_HEADS = ("traffic behavior ", "policy-based-route ", "ipv6 policy-based-route ", "route-map ")
_MAP = re.compile(r"route-map (\S+)")
_USE = re.compile(r"(?:ip |ipv6 )?(?:local )?policy route-map (\S+)")
_HOP = re.compile(
    r"""(?:redirect|apply|set)\ (?:ip(?:v6)?(?:-address)?\ )?(?:global\ |vrf\ \S+\ )?
        (?:(?:default\ |default-|backup-)?next-?hop|ip(?:v6)?-(?:nexthop|multihop))\b(.*)""",
    re.VERBOSE,
)
_OUT = re.compile(
    r"(?:apply (?:default-)?output-interface|redirect interface|set (?:default )?interface) (\S+(?: \d\S*)?)(?: .*)?"
)
_DIRECT = re.compile(r"traffic-redirect\b.*\bip(?:v6)?-nexthop\b(.*)")
_DIRECT_OUT = re.compile(r"traffic-redirect\b.*\binterface (\S+(?: \d\S*)?)(?: .*)?")
_VRF = re.compile(r".* (?:vpn-instance|vrf) (\S+)")


def policy_routes(parts: Sequence[Section]) -> list[Found]:
    """Give every next hop of a policy; one that cannot be read is there without an address.

    A route map counts where it is used as a policy: those of BGP set next hops as well. Whether the other policies are
    applied anywhere is not looked at.
    """
    found = [one for line in _redirects(parts) for one in _sent(line, _DIRECT, _DIRECT_OUT)]
    chosen = [section for section in parts if section.head.text.strip().startswith(_HEADS)]
    used = _used(parts) if any(_MAP.match(one.head.text) for one in chosen) else frozenset()
    for section in chosen:
        named = _MAP.match(section.head.text)
        if named is None or named[1] in used:
            found += [one for line in section.body for one in _sent(line, _HOP, _OUT)]
    return found


def _redirects(parts: Iterable[Section]) -> Iterator[Line]:
    return (line for section in parts for line in (section.head, *section.body) if "traffic-redirect" in line.text)


def _used(parts: Iterable[Section]) -> frozenset[str]:
    """Name the route maps that an interface, or the device itself, routes by."""
    lines = (line.text.strip() for section in parts for line in (section.head, *section.body))
    return frozenset(match[1] for text in lines if "policy route-map" in text and (match := _USE.fullmatch(text)))


def _sent(line: Line, hop: re.Pattern[str], out: re.Pattern[str]) -> list[Found]:
    text = line.text.strip()
    if match := out.fullmatch(text):
        return [_found(line, PolicyRoute(4, "", match[1]))]
    match = hop.fullmatch(text)
    if match is None:
        return []
    named = _VRF.match(text)
    vrf = named[1] if named else ""
    hops = [address for word in match[1].split() if (address := address_of(word)) is not None]
    return [_found(line, PolicyRoute(family_of(one), one, "", vrf)) for one in hops] or [
        _found(line, PolicyRoute(4, "", "", vrf))
    ]


def _found(line: Line, fact: PolicyRoute) -> Found:
    return Found(fact, line.number, line.number)
