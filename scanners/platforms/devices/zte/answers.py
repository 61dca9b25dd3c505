"""What a ZTE ZXROS device is, whom it sees beside it, and what it limits."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, mac_of, number_of
from scanners.platforms.devices.rows import RULE, WIDE, each, holds, labels, require, span, told, without
from xunyan.device_facts import Device, IpNeighbor, LldpNeighbor, MacEntry, TrafficLimit

_SOFTWARE = re.compile(r"ZTE\s+(ZXR10|ZXCTN|ZXA10)\b.*Version:\s*(?:(\S+) )?(V\S+?)(?:,|$)", re.IGNORECASE)
_PRODUCT = re.compile(r"(?:ZXR10|ZXCTN|ZXA10) (\S.*)$")
_SERIAL = re.compile(r"\s*(?:Board Serial|Serial Number|Board SN)\s*:\s*(\S+)\s*$", re.IGNORECASE)
_NAME = re.compile(r"\s*Device Name\s*:\s*(\S.*)$", re.IGNORECASE)
_LOCAL = re.compile(r"Local Interface\s*:\s*(\S+)")
_LLDP_TOTAL = re.compile(r"^\s*Total neighbors: (\d+)")
_BRIEF_HEAD = re.compile(r"Local Interface\s+(?:Scope\s+)?Chassis ID\s+Port ID\s+.*System Name\s*")
_ARP_HEAD = re.compile(r"Address\s+Age\s+Address\s+Interface\s+VlanID\s+VlanID\s+Interface\s*")
_ARP_COUNT = re.compile(r"^The count is (\d+)")
_ARP = re.compile(r"([\d.]+)\s+(H|S|P|\d\d:\d\d:\d\d|\d+\S*)\s+(\S+)\s+(\S+)\s+(\d+|N/A)\s+(\d+|N/A)\s+(\S+)\s*")
_ARP_MORE = re.compile(r"\s{10,}(\S+)(?:\s+(\S+))?\s*")
_ND_HEAD = re.compile(r"IPv6 Address\s+Age\s+Link-layer Addr\s+State\s+Interface\s*")
_ND = re.compile(r"([0-9A-Fa-f:.]+)\s+(\S+)\s+(\S+)\s+([A-Z]+)\s+(\S+)\s*")
_MAC_HEAD = re.compile(r"MAC\s+VLAN\s+Outgoing Information\s+Attribute\s*")
_MAC = re.compile(r"([0-9a-fA-F.]{14})\s+(\d+)\s+(\S+)\s+(\S.*?)\s*")
_MAC_TOTAL = re.compile(r"^Total MAC address\s*:\s*(\d+)")
_RATE_INTERFACE = re.compile(r"([A-Za-z]\S*\d)\s*$")
_DIRECTION = re.compile(r"\s+(Input|Output)\s*$", re.IGNORECASE)
_RATE = re.compile(r"\s+(\S+):\s*cir (\d+) kbps\b.*", re.IGNORECASE)


def read_version(lines: Sequence[Line]) -> list[Found]:
    """Read `show version`: product, software, the serial number of the first board that shows one."""
    for line in shown(lines):
        if software := _SOFTWARE.match(line.text):
            product, serial = told(lines, _PRODUCT), told(lines, _SERIAL)
            first = next((one.number for one in lines if _PRODUCT.match(one.text)), line.number)
            model = product[1].strip() if product else software[2] or ""
            fact = Device("zte", model, software[3], serial[1] if serial and serial[1] != "N/A" else "")
            return [Found(fact, min(first, line.number), line.number)]
    raise NotReadError(next(shown(lines)), "the version of ZXROS")


def read_device(lines: Sequence[Line]) -> list[Found]:
    """Read `show device-info`: name and serial number."""
    name = told(lines, _NAME)
    for line in lines:
        if serial := _SERIAL.match(line.text):
            return [Found(Device("zte", name[1].strip() if name else "", serial=serial[1]), line.number, line.number)]
    raise NotReadError(next(shown(lines)), "a serial number")


def read_lldp(lines: Sequence[Line]) -> list[Found]:
    """Read `show lldp neighbor`, in blocks or as the table that others show under this name; the total must come out."""
    if any(_BRIEF_HEAD.fullmatch(line.text) for line in lines):
        return _brief(lines)
    found: list[Found] = []
    for match, own in blocks(lines, _LOCAL):
        said = labels(own)
        port, chassis = said.get("port id", ""), said.get("chassis id", "")
        address = address_of(said.get("management address", "")) or ""
        if not port:
            raise NotReadError(own[0], "a neighbour with its port")
        fact = LldpNeighbor(match[1], said.get("system name", ""), port, mac_of(chassis) or chassis, address)
        found.append(span(fact, [line for line in own if not RULE.fullmatch(line.text)]))
    holds(lines, _LLDP_TOTAL, len(found))
    return found if told(lines, _LLDP_TOTAL) else require(found, lines, "a neighbour")


def _brief(lines: Sequence[Line]) -> list[Found]:
    found: list[Found] = []
    scoped = any(_BRIEF_HEAD.fullmatch(line.text) and "Scope" in line.text for line in lines)
    for line in without(body(lines, _BRIEF_HEAD, "a table of neighbours")):
        cells = WIDE.split(line.text.strip())
        names = (
            ("local", "scope", "chassis", "port", "hold", "system")
            if scoped
            else ("local", "chassis", "port", "system")
        )
        if len(cells) not in (len(names), len(names) - 1):
            raise NotReadError(line, "a neighbour")
        row = dict(zip(names, cells, strict=False))
        fact = LldpNeighbor(row["local"], row.get("system", ""), row["port"], mac_of(row["chassis"]) or row["chassis"])
        found.append(Found(fact, line.number, line.number))
    holds(lines, _LLDP_TOTAL, len(found))
    return found


def read_arp(lines: Sequence[Line]) -> list[Found]:
    """Read `show arp`, where a long interface goes on in the next line; the count must come out."""
    found: list[tuple[re.Match[str], str, str, Line, Line]] = []
    for line in without(body(lines, _ARP_HEAD, "a table of ARP")):
        if row := _ARP.fullmatch(line.text):
            found.append((row, row[4], row[7], line, line))
        elif (more := _ARP_MORE.fullmatch(line.text)) and found and found[-1][3] is found[-1][4]:
            row, interface, sub, first, _ = found[-1]
            found[-1] = (row, interface + more[1], sub + (more[2] or ""), first, line)
        else:
            raise NotReadError(line, "a row of ARP")
    holds(lines, _ARP_COUNT, len(found))
    return [
        Found(_arp(row, interface, sub, first), first.number, last.number) for row, interface, sub, first, last in found
    ]


def _arp(row: re.Match[str], interface: str, sub: str, line: Line) -> IpNeighbor:
    address, mac = address_of(row[1], 4), mac_of(row[3])
    if address is None or (not mac and not row[3].lower().startswith("incomplete")):
        raise NotReadError(line, "a row of ARP")
    kind = {"H": "own", "S": "static", "P": "static"}.get(row[2], "dynamic")
    return IpNeighbor(4, address, mac, interface if sub == "N/A" else sub, kind, vlan=number_of(row[5], 0))


def read_nd(lines: Sequence[Line]) -> list[Found]:
    """Read `show ipv6 neighbor`."""
    return each(body(lines, _ND_HEAD, "a table of IPv6 neighbours"), _ND, _nd, "an IPv6 neighbour")


def _nd(row: re.Match[str]) -> IpNeighbor | None:
    address, mac = address_of(row[1], 6), mac_of(row[3])
    return IpNeighbor(6, address, mac, row[5], "own" if row[2] == "H" else "dynamic") if address and mac else None


def read_macs(lines: Sequence[Line]) -> list[Found]:
    """Read `show mac table`; the total must come out."""
    found = each(without(body(lines, _MAC_HEAD, "a table of MAC addresses")), _MAC, _mac, "a row of a MAC table")
    holds(lines, _MAC_TOTAL, len(found))
    return found


def _mac(row: re.Match[str]) -> MacEntry | None:
    mac, kind = mac_of(row[1]), row[4].split()[0].lower()
    return (
        MacEntry(mac, number_of(row[2], 0), row[3], kind if kind in ("dynamic", "static") else "other") if mac else None
    )


def read_limits(lines: Sequence[Line]) -> list[Found]:
    """Read `show rate-limit`: limits of all that passes an interface (`localport`)."""
    found: list[Found] = []
    parts = blocks(lines, _RATE_INTERFACE)
    for match, own in parts:
        direction = ""
        for line in without(own[1:]):
            if way := _DIRECTION.fullmatch(line.text):
                direction = "in" if way[1].lower() == "input" else "out"
            elif (row := _RATE.fullmatch(line.text)) and direction:
                if row[1].lower() == "localport":
                    fact = TrafficLimit(match[1], direction, number_of(row[2]))
                    found.append(Found(fact, own[0].number, line.number))
            else:
                raise NotReadError(line, "a limit")
    return found if parts else require(found, lines, "an interface with its limits")
