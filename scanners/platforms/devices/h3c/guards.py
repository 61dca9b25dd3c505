"""What an H3C Comware device translates, filters and limits."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.access_rules import rule_of
from scanners.platforms.devices.answers import Line, NotReadError, blocks
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import number_of
from scanners.platforms.devices.rows import holds, require, span, without
from xunyan.device_facts import AccessList, NatRule, TrafficLimit

_NAT_INTERFACE = re.compile(r"\s*Interface\s*:\s*(\S.*?)\s*$")
_NAT_ACL = re.compile(r"\s*(?:IPv4 )?ACL\s*:\s*(\S+)")
_NAT_TOTAL = re.compile(r"Totally (\d+) NAT outbound rules")
_ACL = re.compile(
    r"""(?:Basic|Advanced|Layer\ 2|User-defined)\s+(?:(IPv[46])\s+)?ACL\s+(?:named\s+)?(\S+?)\s*,\s*
        (?:named\ -?\S*,\s*)?(?:match-order\ is\ \w+,\s*)?(\d+)\ rules?""",
    re.IGNORECASE | re.VERBOSE,
)
_ACL_OTHER = re.compile(r"\s*(?:ACL's step is .*|.*(?:match-order is|statistics is).*|rule \d+ comment .*|[A-Z].*)")
_CAR_INTERFACE = re.compile(r"\s*Interface\s*:\s*(\S.*?)\s*$")
_DIRECTION = re.compile(r"\s*Direction\s*:\s*(in|out)bound", re.IGNORECASE)
_ANY = re.compile(r"\s*Rule\s*:\s*(.*)")
_CIR = re.compile(r"\s*CIR (\d+) \(kbps\)")


def read_nat(lines: Sequence[Line]) -> list[Found]:
    """Read `display nat outbound`; the total must come out."""
    found = []
    for match, own in blocks(lines, _NAT_INTERFACE):
        acl = next((told[1] for line in own if (told := _NAT_ACL.match(line.text))), "")
        found.append(span(NatRule(match[1], "outbound", acl.strip("-")), own[:2]))
    holds(lines, _NAT_TOTAL, len(found))
    return found if any(_NAT_TOTAL.search(line.text) for line in lines) else require(found, lines, "a rule of NAT")


def read_acls(lines: Sequence[Line]) -> list[Found]:
    """Read `display acl all`: each ACL with as many rules as it says."""
    return _acls(lines, 4)


def read_acls6(lines: Sequence[Line]) -> list[Found]:
    """Read `display acl ipv6 all`."""
    return _acls(lines, 6)


def _acls(lines: Sequence[Line], family: int) -> list[Found]:
    found: list[Found] = []
    for match, own in blocks(lines, _ACL):
        rules = []
        for line in without(own[1:], _ACL_OTHER):
            rule = rule_of(line.text)
            if rule is None:
                raise NotReadError(line, "a rule")
            rules.append(rule)
        if len(rules) != int(match[3]):
            raise NotReadError(own[0], "an ACL with all its rules")
        own_family = {"IPV4": 4, "IPV6": 6}.get((match[1] or "").upper(), family)
        found.append(span(AccessList(match[2], own_family, tuple(rules)), own))
    return require(found, lines, "an ACL")


def read_limits(lines: Sequence[Line]) -> list[Found]:
    """Read `display qos car interface`: limits of all that passes an interface in a direction."""
    found: list[Found] = []
    parts = blocks(lines, _CAR_INTERFACE)
    for interface, own in parts:
        direction, everything = "", False
        for line in own[1:]:
            if match := _DIRECTION.match(line.text):
                direction = match[1].lower()
            elif match := _ANY.fullmatch(line.text):
                everything = match[1].strip().lower() == "if-match any"
            elif (match := _CIR.match(line.text)) and everything:
                if not direction:
                    raise NotReadError(line, "a limit with its direction")
                found.append(
                    Found(TrafficLimit(interface[1], direction, number_of(match[1])), own[0].number, line.number)
                )
    return found if parts else require(found, lines, "an interface with its limits")
