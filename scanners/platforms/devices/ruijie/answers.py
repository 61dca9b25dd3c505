"""What else a Ruijie RGOS device answers: what it is, whom it sees beside it, what it limits."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, mac_of, number_of
from scanners.platforms.devices.rows import WIDE, each, holds, labels, require, span, told, without
from scanners.platforms.devices.show_routing import isis_peer
from xunyan.device_facts import Device, IpNeighbor, LldpNeighbor, MacEntry, TrafficLimit

_DESCRIPTION = re.compile(r"\s*System description\s*:\s*(.*)$", re.IGNORECASE)
_SOFTWARE = re.compile(r"\s*System software version\s*:\s*(\S.*)$", re.IGNORECASE)
_SERIAL = re.compile(r"\s*(?:System )?serial number\s*:\s*(\S+)\s*$", re.IGNORECASE)
_NAME = re.compile(r"\s*Device name\s*:\s*(\S.*)$", re.IGNORECASE)
_MODEL = re.compile(r"\(([^()\s]+)\) By Ruijie", re.IGNORECASE)
_TOKEN = re.compile(r"\b([A-Z]+\d[\w-]+)\b")
_RELEASE = re.compile(r"(?:\S+_)?RGOS\s+\S+")
_LOCAL = re.compile(r"\s*LLDP neighbor-information of port \[([^\]]+)\]")
_NAMED = re.compile(r"\s*(?:LLDP neighbor-information|Neighbor index|Device type|Chassis|System name)")
_INDEX = re.compile(r"\s*Neighbor index\s*:")
_LLDP_HEAD = re.compile(r"System Name\s+Local Intf\s+Port ID\s+Capability\s+Aging-time\s*")
_LLDP = re.compile(
    r"\s*(?:(\S.*?)\s{1,})?([A-Z][a-zA-Z]*\d[\d/.]*)\s+(\S+)\s+(?:([A-Z](?:, ?[A-Z])*)\s+)?(\d+minutes? ?\d*(?:seconds?)?|\d+seconds?)\s*"
)
_LLDP_TOTAL = re.compile(r"^\s*Total entries displayed: (\d+)")
_ND_HEAD = re.compile(r"IPv6 Address\s+Linklayer Addr\s+Interface\s*", re.IGNORECASE)
_ND = re.compile(r"([0-9A-Fa-f:.]+)\s+(\S+)\s+(\S.*?)\s*")
_MAC_HEAD = re.compile(r"\s*Vlan\s+MAC Address\s+Type\s+Interface\b.*", re.IGNORECASE)
_MAC = re.compile(r"\s*(\d+)\s+([0-9a-fA-F.]{14})\s+(\w+)\s+(\S+(?: [\d/.]+)?)(?:\s{2,}.*)?\s*")
_ISIS_HEAD = re.compile(r"\s*System Id\s+Type\s+IP Address\s+State\s+Holdtime\s+Circuit\s+Interface\s*")
_ISIS = re.compile(r"(\S+)\s+(L\d\S*)\s+([\d.]*)\s+(\w+)\s+(\d+)\s+(\S+)\s+(\S.*?)\s*")
_RATE_INTERFACE = re.compile(r"\s*Interface: (\S.*?)\s*$")
_RATE = re.compile(r"\s*rate limit (input|output) Kbps = (\d+) burst = \d+\s*")


def read_version(lines: Sequence[Line]) -> list[Found]:
    """Read `show version`: product, software, serial number of the device itself, not of the members of a stack."""
    description, software = told(lines, _DESCRIPTION), told(lines, _SOFTWARE)
    if not description and not software:
        raise NotReadError(next(shown(lines)), "the version of RGOS")
    text = description[1] if description else ""
    model = _MODEL.search(text) or _TOKEN.search(text)
    release = _RELEASE.match(software[1]) if software else None
    version = release[0].rstrip(",") if release else software[1] if software else ""
    serial = told(lines, re.compile(r"\s*System serial number\s*:\s*(\S+)", re.IGNORECASE)) or told(lines, _SERIAL)
    marked = [line for line in lines if line.text.lower().lstrip().startswith("system ")]
    return [span(Device("ruijie", model[1] if model else "", version, serial[1] if serial else ""), marked)]


def read_manufacture(lines: Sequence[Line]) -> list[Found]:
    """Read `show manuinfo`: name and serial number of the first device."""
    name = told(lines, _NAME)
    for line in lines:
        if serial := _SERIAL.match(line.text):
            fact = Device("ruijie", name[1].strip() if name else "", serial=serial[1])
            return [Found(fact, line.number, line.number)]
    raise NotReadError(next(shown(lines)), "a serial number")


def read_lldp(lines: Sequence[Line]) -> list[Found]:
    """Read `show lldp neighbors detail`: each neighbour of each port."""
    found: list[Found] = []
    for match, own in blocks(lines, _LOCAL):
        neighbors = blocks(own, _INDEX)
        if not neighbors:
            raise NotReadError(own[0], "a port with a neighbour")
        for _, part in neighbors:
            said = labels(part)
            port, chassis = said.get("port id", ""), said.get("chassis id", "")
            address = next((value for name, value in said.items() if name.startswith("management address")), "")
            if not port:
                raise NotReadError(part[0], "a neighbour with its port")
            fact = LldpNeighbor(
                match[1], said.get("system name", ""), port, mac_of(chassis) or chassis, address_of(address) or ""
            )
            found.append(span(fact, [line for line in part if _NAMED.match(line.text)]))
    return require(found, lines, "a neighbour")


def read_lldp_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `show lldp neighbors`; the total must come out."""
    rows = body(lines, _LLDP_HEAD, "a table of neighbours")
    rows = [line for line in rows if not _LLDP_TOTAL.match(line.text)]
    found = each(rows, _LLDP, lambda row: LldpNeighbor(row[2], row[1] or "", row[3]), "a neighbour")
    holds(lines, _LLDP_TOTAL, len(found))
    return found


def read_nd(lines: Sequence[Line]) -> list[Found]:
    """Read `show ipv6 neighbors`."""
    return each(body(lines, _ND_HEAD, "a table of IPv6 neighbours"), _ND, _nd, "an IPv6 neighbour")


def _nd(row: re.Match[str]) -> IpNeighbor | None:
    address, mac = address_of(row[1], 6), mac_of(row[2])
    if address is None or (not mac and "incomplete" not in row[2].lower()):
        return None
    return IpNeighbor(6, address, mac, WIDE.split(row[3])[0], "dynamic")


def read_macs(lines: Sequence[Line]) -> list[Found]:
    """Read `show mac-address-table`."""
    return each(without(body(lines, _MAC_HEAD, "a table of MAC addresses")), _MAC, _mac, "a row of a MAC table")


def _mac(row: re.Match[str]) -> MacEntry | None:
    mac, kind = mac_of(row[2]), row[3].lower()
    return (
        MacEntry(mac, number_of(row[1], 0), row[4], kind if kind in ("dynamic", "static") else "other") if mac else None
    )


def read_isis(lines: Sequence[Line]) -> list[Found]:
    """Read `show isis neighbors`."""
    rows = body(lines, _ISIS_HEAD, "a table of IS-IS neighbours")
    skip = re.compile(r"\s*(?:Area \S+:|Total number of .*|System Id .*)")
    return each(without(rows, skip), _ISIS, lambda row: isis_peer(row[1], row[4], row[7]), "an IS-IS neighbour")


def read_limits(lines: Sequence[Line]) -> list[Found]:
    """Read `show mls qos rate-limit`: limits under the interface that they are on."""
    found: list[Found] = []
    parts = blocks(lines, _RATE_INTERFACE)
    for match, own in parts:
        for line in without(own[1:]):
            row = _RATE.fullmatch(line.text)
            if row is None:
                raise NotReadError(line, "a limit")
            direction = "in" if row[1] == "input" else "out"
            found.append(Found(TrafficLimit(match[1], direction, number_of(row[2])), line.number, line.number))
    return found if parts else require(found, lines, "an interface with its limits")
