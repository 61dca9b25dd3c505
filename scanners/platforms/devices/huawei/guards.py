"""What a Huawei VRP device translates, filters and limits, and which management services it offers."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.access_rules import rule_of
from scanners.platforms.devices.answers import Line, NotReadError, blocks, body
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import number_of
from scanners.platforms.devices.rows import each, holds, labels, require, span, without
from xunyan.device_facts import AccessList, AccessListUse, DeviceService, NatRule, SnmpCommunity, TrafficLimit

_NAT_HEAD = re.compile(r"\s*Interface\s+Acl\s+Address-group.*", re.IGNORECASE)
_NAT = re.compile(r"\s*(\S+)\s+(\d+|-+)\s+(\S+)(?:\s+\S+)*\s*")
_NAT_TOTAL = re.compile(r"^\s*Total\s*:\s*(\d+)")
_ACL = re.compile(
    r"""(?:Basic|Advanced|Ethernet\ frame|L2|User|MPLS)\ (?:(IPv6)\ )?ACL(6)?\ (?:name\ )?(\S+?)(?:\ (\d+))?\ ?,
        \ (?:\S+,\ )?(\d+)\ rules?""",
    re.IGNORECASE | re.VERBOSE,
)
_ACL_OTHER = re.compile(
    r"\s*(?:Total .*ACL.*|ACL6?'s step is \d+.*|\S+'s (?:description|step).*|rule \d+ description .*)", re.IGNORECASE
)
_APPLIED_HEAD = re.compile(r"\s*(Interface|Traffic profile)\s+Direction\s+AppliedRecord\s*")
_APPLIED = re.compile(r"\s*(\S+)\s+(in|out)bound\s+(?:IPv4 |(IPv6 ))?ACL (?:name )?(\S+)\s*", re.IGNORECASE)
_APPLIED_TOTAL = re.compile(r"\s*Total\s*:\s*\d+\s*")
_CAR_INTERFACE = re.compile(r"\s*interface\s+(\S+)", re.IGNORECASE)
_CAR = re.compile(r"\s*qos car (inbound|outbound)\b.*?\bcir (\d+)(?:\s.*)?")
_NO_ACL = frozenset({"", "0", "-", "--"})
_COMMUNITY = re.compile(r"\s*Community name\s*:")


def read_nat(lines: Sequence[Line]) -> list[Found]:
    """Read `display nat outbound`; the total must come out."""
    rows = without(body(lines, _NAT_HEAD, "a table of NAT"), re.compile(r"\s*Total\s*:.*"))
    found = each(rows, _NAT, lambda row: NatRule(row[1], "outbound", row[2].strip("-")), "a row of NAT")
    holds(lines, _NAT_TOTAL, len(found))
    return found


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
        if len(rules) < int(match[5]):
            raise NotReadError(own[0], "an ACL with all its rules")
        own_family = 6 if match[1] or match[2] else family
        found.append(span(AccessList(match[3], own_family, tuple(rules), match[4] or ""), own))
    nothing = re.compile(r"\s*Total (?:quantity of )?nonempty ACL6? number is 0\b.*", re.IGNORECASE)
    return found if any(nothing.match(line.text) for line in lines) else require(found, lines, "an ACL")


def read_applied(lines: Sequence[Line]) -> list[Found]:
    """Read `display traffic-filter applied-record`: which ACL filters on which interface; profiles are left out."""
    body(lines, _APPLIED_HEAD, "a table of filters")
    found: list[Found] = []
    interfaces = False
    for line in without(lines, _APPLIED_TOTAL):
        if head := _APPLIED_HEAD.fullmatch(line.text):
            interfaces = head[1] == "Interface"
            continue
        row = _APPLIED.fullmatch(line.text)
        if row is None:
            raise NotReadError(line, "a filter")
        if interfaces:
            fact = AccessListUse(row[4], 6 if row[3] else 4, row[1], row[2].lower())
            found.append(Found(fact, line.number, line.number))
    return found


def read_limits(lines: Sequence[Line]) -> list[Found]:
    """Read `display qos car`: limits under the interface that they are on."""
    found: list[Found] = []
    for interface, own in blocks(lines, _CAR_INTERFACE):
        for line in without(own[1:]):
            row = _CAR.fullmatch(line.text)
            if row is None:
                raise NotReadError(line, "a limit")
            fact = TrafficLimit(interface[1], row[1].removesuffix("bound"), number_of(row[2]))
            found.append(Found(fact, line.number, line.number))
    return require(found, lines, "an interface with its limits")


def read_http(lines: Sequence[Line]) -> list[Found]:
    """Read `display http server`: the web console in the clear and over TLS."""
    told = labels(lines)
    found = []
    for name, family, label in (
        ("http", 4, "http server"), ("https", 4, "http secure-server"),
        ("http", 6, "http ipv6 server"), ("https", 6, "http ipv6 secure-server"),
    ):  # fmt: skip
        status = told.get(f"{label} status", "").lower()
        if status in ("enabled", "disabled"):
            port = number_of(told.get(f"{label} port", "").partition("(")[0], 0)
            found.append(span(DeviceService(name, family, status == "enabled", port), lines))
    return require(found, lines, "the status of a web server")


def read_telnet(lines: Sequence[Line]) -> list[Found]:
    """Read `display telnet server status`: Telnet over each family, with the ACL in front of it."""
    told = labels(lines)
    port = number_of(told.get("telnet server port", ""), 0)
    found = []
    for family, label, acl in ((4, "telnet ipv4 server", "acl4 number"), (6, "telnet ipv6 server", "acl6 number")):
        status = told.get(label, "").lower().removesuffix("d")
        if status in ("enable", "disable"):
            fact = DeviceService(
                "telnet", family, status == "enable", port, "" if told.get(acl, "") in _NO_ACL else told[acl]
            )
            found.append(span(fact, lines))
    return require(found, lines, "the status of a Telnet server")


def read_communities(lines: Sequence[Line]) -> list[Found]:
    """Read `display snmp-agent community read`: that there are communities, their views and ACLs, never their names."""
    return _communities(lines, "read")


def read_write_communities(lines: Sequence[Line]) -> list[Found]:
    """Read `display snmp-agent community write`, as `read_communities`."""
    return _communities(lines, "write")


def _communities(lines: Sequence[Line], access: str) -> list[Found]:
    found: list[Found] = []
    for _, own in blocks(lines, _COMMUNITY):
        told = labels(own[1:])
        if "storage type" not in told:
            raise NotReadError(Line(own[0].number, "Community name"), "a community with its storage")
        fact = SnmpCommunity(access, told.get("view name", ""), told.get("acl", ""))
        held = [line.number for line in own[1:] if line.text and not line.text.lstrip().startswith("Total")]
        found.append(Found(fact, held[0], held[-1]))
    return require(found, lines, "a community")
