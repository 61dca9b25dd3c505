"""Tables on neighbours, VLANs, filters and translation that Cisco, Ruijie and ZTE have in common."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scanners.platforms.devices.access_rules import rule_of
from scanners.platforms.devices.answers import Line, NotReadError, blocks, body, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, mac_of, number_of
from scanners.platforms.devices.rows import WIDE, each, holds, require, span, without
from xunyan.device_facts import AccessList, IpNeighbor, NatRule, Vlan, Vrf

_ARP_HEAD = re.compile(r"\s*Protocol\s+Address\s+Age.*")
_ARP_TOTAL = re.compile(r"^Total Numbers of Arp: (\d+)")
_ARP = re.compile(r"\s*Internet\s+([\d.]+)\s+(-+|\d+|<---->)\s+(\S+)\s+(\S+)(?:\s+(\S.*?))?\s*")
_VLAN_HEAD = re.compile(r"\s*VLAN\s+Name\s+Status\s+Ports\s*", re.IGNORECASE)
_VLAN = re.compile(
    r"\s*(\d{1,4})\s+(\S.*?)\s+(?:active|STATIC|DYNAMIC|suspended|act/\w+|sus/\w+)(?:\s+(\S.*))?\s*", re.IGNORECASE
)
_VLAN_MORE = re.compile(r"\s{10,}(\S.*)")
_VLAN_END = re.compile(r"VLAN\s+Type\s+SAID.*|Remote SPAN.*|Primary Secondary.*")
_VRF_HEAD = re.compile(r"\s*(?:VRF )?Name\s+Default RD\s.*")
_VRF_MORE = re.compile(r"\s{20,}(\S.*)")
_ACL = re.compile(
    r"""\s*(?:(?:Standard|Extended)\ IP\ access\ list\ (?P<v4>\S+) | IPv6\ access\ list\ (?P<v6>\S+)
      | ip\ access-list\ (?:standard|extended)\ (?P<ip>\S+) | ipv6\ access-list\ (?P<ipv6>\S+)
      | ipv4-access-list\ (?P<zte4>\S+) | ipv6-access-list\ (?P<zte6>\S+))(?:\ .*)?$
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ACL_OTHER = re.compile(r"\s*(?:\d+ )?(?:remark|description) .*|\s*\d+/\d+ \(showed/total\)|\s*\(?\d+ packets? .*")
_SHOWED = re.compile(r"\s*(\d+)/(\d+) \(showed/total\)")
_OUTSIDE = re.compile(r"\s*(Outside|Inside) interfaces\s*:\s*(.*)", re.IGNORECASE)
_NAT_OTHER = re.compile(
    r"\s*(?:Hits|Misses|CEF|Expired|Dynamic|Peak|Total|\[Id|-- |access-list|refcount|pool|start|type|Queued|nat-).*",
    re.IGNORECASE,
)


def read_arp(lines: Sequence[Line]) -> list[Found]:
    """Read `show arp` of Cisco and Ruijie; an address without an age is the device's own."""
    found = each(body(lines, _ARP_HEAD, "a table of ARP"), _ARP, _arp, "a row of ARP")
    holds(lines, _ARP_TOTAL, len(found))
    return found


def _arp(row: re.Match[str]) -> IpNeighbor | None:
    address, mac = address_of(row[1], 4), mac_of(row[3])
    if address is None or (not mac and not row[3].lower().startswith(("incomplete", "<incomplete"))):
        return None
    return IpNeighbor(4, address, mac, row[5] or "", "own" if row[2].startswith("-") else "dynamic")


def read_vlans(lines: Sequence[Line]) -> list[Found]:
    """Read `show vlan` of Cisco and Ruijie: every VLAN with its access ports."""
    found: list[tuple[Vlan, Line, Line]] = []
    for line in without(body(lines, _VLAN_HEAD, "a table of VLANs")):
        if _VLAN_END.fullmatch(line.text):
            break
        if row := _VLAN.fullmatch(line.text):
            found.append((Vlan(int(row[1]), row[2], _ports(row[3] or "")), line, line))
        elif (more := _VLAN_MORE.fullmatch(line.text)) and found:
            vlan, first, _ = found[-1]
            found[-1] = (Vlan(vlan.number, vlan.name, vlan.untagged + _ports(more[1])), first, line)
        else:
            raise NotReadError(line, "a VLAN")
    return [Found(vlan, first.number, last.number) for vlan, first, last in found]


def _ports(text: str) -> tuple[str, ...]:
    return tuple(port.strip() for port in text.split(",") if port.strip())


@dataclass(slots=True)
class _ListedVrf:
    """A VPN instance while its lines are read."""

    name: str
    rd: str
    ports: list[str]
    first: int
    last: int


def read_vrfs(lines: Sequence[Line]) -> list[Found]:
    """Read `show vrf` or `show ip vrf`: each VPN instance with its interfaces."""
    found: list[_ListedVrf] = []
    for line in body(lines, _VRF_HEAD, "a table of VPN instances"):
        if (more := _VRF_MORE.fullmatch(line.text)) and found:
            found[-1].ports.extend(_ports(more[1]))
            found[-1].last = line.number
            continue
        first, *cells = WIDE.split(line.text.strip())
        name, _, distinguisher = first.partition(" ")  # a name as long as its column
        rd = distinguisher or (cells[0] if cells and ":" in cells[0] else "")
        last = cells[-1] if len(cells) > 1 and not re.fullmatch(r"(?:ipv[46],?)+", cells[-1]) else ""
        found.append(_ListedVrf(name, rd, list(_ports(last)), line.number, line.number))
    return [Found(Vrf(one.name, one.rd, tuple(one.ports)), one.first, one.last) for one in found]


def read_acls(lines: Sequence[Line]) -> list[Found]:
    """Read `show access-lists` and its like, of both families; where a count of rules stands, they must all be there."""
    found: list[Found] = []
    for match, own in blocks(lines, _ACL):
        rules = []
        for line in without(own[1:], _ACL_OTHER):
            rule = rule_of(line.text)
            if rule is None:
                raise NotReadError(line, "a rule")
            rules.append(rule)
        for line in own:
            count = _SHOWED.fullmatch(line.text)
            if count and (count[1] != count[2] or int(count[2]) != len(rules)):
                raise NotReadError(line, "the count of the rules that were read")
        name = next(filter(None, match.groups()))
        family = 6 if match["v6"] or match["ipv6"] or match["zte6"] else 4
        found.append(span(AccessList(name, family, tuple(rules)), own))
    return require(found, lines, "an ACL")


def read_nat(lines: Sequence[Line]) -> list[Found]:
    """Read `show ip nat statistics`: which interfaces are outside and inside."""
    found: list[Found] = []
    kind, told = "", False
    for line in shown(lines):
        if match := _OUTSIDE.fullmatch(line.text):
            kind, text, told = match[1].lower(), match[2], True
        elif kind and line.text.startswith(" ") and not _NAT_OTHER.fullmatch(line.text):
            text = line.text
        else:
            kind, text = "", ""
        found += [Found(NatRule(name, kind), line.number, line.number) for name in _ports(text)]
    return found if told else require(found, lines, "the interfaces of NAT")


def vlan_of(text: str) -> int:
    """Give the number of a VLAN; 0 for `routed`, `trunk` and the like."""
    return number_of(text, 0)
