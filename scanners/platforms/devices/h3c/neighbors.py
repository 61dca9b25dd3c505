"""Whom an H3C Comware device sees beside it: LLDP, ARP, IPv6 neighbours, MAC table."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, mac_of, number_of
from scanners.platforms.devices.rows import each, labels, span
from xunyan.device_facts import IpNeighbor, LldpNeighbor, MacEntry

_PORT = re.compile(r"\s*LLDP neighbor-information of port \d+\s?\[([^\]]+)\]")
_INDEX = re.compile(r"\s*LLDP neighbor index\s*:")
_NAMED = re.compile(r"\s*(?:LLDP neighbor index|Update time|Chassis|Port ID|Time to live|Port desc|System name)")
_LIST_HEAD = re.compile(r"(?:System Name|Local Interface)\s+.*\bPort ID\b.*")
_LIST = re.compile(r"(\S.*?|)\s+([A-Za-z][\w-]*\d[\d/.:]*)\s+(\S+)\s+(\S.*?)\s*")
_LIST_LOCAL = re.compile(r"([A-Za-z][\w-]*\d[\d/.:]*)\s+(\S+)\s+(\S+)\s+(\S.*?)\s*")
_ARP_HEAD = re.compile(r"\s*IP address\s+MAC address\s+(?:VLAN|SVLAN|Internal).*", re.IGNORECASE)
_ARP = re.compile(r"([\d.]+)\s+(\S+)\s+(\d+|N/A|--)\s+(\S+)\s+(\d+|N/A|--)\s+([A-Z]+)\s*")
_ND_HEAD = re.compile(r"\s*IPv6 address\s+(?:MAC address|Link[- ]?layer)\b.*", re.IGNORECASE)
_ND = re.compile(r"([0-9A-Fa-f:.]+)\s+(\S+)\s+(\d+|N/A|--)\s+(\S+)\s+([A-Z]+)\s+([A-Z]+)\s+(\S+)\s*")
_MAC_HEAD = re.compile(r"\s*MAC Addr(?:ess)?\s+VLAN ID\s+State\b.*", re.IGNORECASE)
_MAC = re.compile(r"\s*([0-9a-fA-F-]{14})\s+(\d+|--)\s+([A-Za-z ]+?)\s+([A-Z][\w-]*\d[\d/.:]*)\s+(\S+)\s*")
_MAC_FOOT = re.compile(r"\s*---.*")
_KINDS = {"D": "dynamic", "S": "static"}
_STATES = {"learned": "dynamic", "config static": "static", "static": "static", "security": "static"}


def read_lldp(lines: Sequence[Line]) -> list[Found]:
    """Read `display lldp neighbor-information verbose`: each neighbour of each port."""
    found: list[Found] = []
    parts = blocks(lines, _PORT)
    for match, own in parts:
        neighbors = blocks(own, _INDEX)
        if not neighbors:
            raise NotReadError(own[0], "a port with a neighbour")
        for _, part in neighbors:
            told = labels(part)
            chassis = told.get("chassis id", told.get("chassisid/subtype", "").partition("/")[0])
            port = told.get("port id", told.get("portid/subtype", "").rpartition("/")[0])
            address = address_of(told.get("management address", "")) or ""
            if not port:
                raise NotReadError(part[0], "a neighbour with its port")
            fact = LldpNeighbor(match[1], told.get("system name", ""), port, mac_of(chassis) or chassis, address)
            found.append(span(fact, [line for line in part if _NAMED.match(line.text)]))
    if not parts:
        raise NotReadError(next(shown(lines)), "a port with a neighbour")
    return found


def read_lldp_list(lines: Sequence[Line]) -> list[Found]:
    """Read `display lldp neighbor-information list`, whose columns come in two orders."""
    rows = body(lines, _LIST_HEAD, "a table of neighbours")
    local = any(line.text.startswith("Local Interface") for line in lines)
    if local:
        return each(rows, _LIST_LOCAL, lambda row: _listed(row[4], row[1], row[2], row[3]), "a neighbour")
    return each(rows, _LIST, lambda row: _listed(row[1], row[2], row[3], row[4]), "a neighbour")


def _listed(system: str, interface: str, chassis: str, port: str) -> LldpNeighbor:
    return LldpNeighbor(interface, system.strip("-"), port, mac_of(chassis) or chassis)


def read_arp(lines: Sequence[Line]) -> list[Found]:
    """Read `display arp`. The device's own addresses do not stand there."""
    return each(body(lines, _ARP_HEAD, "a table of ARP"), _ARP, _arp, "a row of ARP")


def _arp(row: re.Match[str]) -> IpNeighbor | None:
    address, mac = address_of(row[1], 4), mac_of(row[2])
    if address is None or not mac:
        return None
    return IpNeighbor(4, address, mac, row[4], _KINDS.get(row[6], "other"), vlan=number_of(row[3], 0))


def read_nd(lines: Sequence[Line]) -> list[Found]:
    """Read `display ipv6 neighbors all`."""
    return each(body(lines, _ND_HEAD, "a table of IPv6 neighbours"), _ND, _nd, "an IPv6 neighbour")


def _nd(row: re.Match[str]) -> IpNeighbor | None:
    address, mac = address_of(row[1], 6), mac_of(row[2])
    if address is None or (not mac and row[5] != "INCMP"):
        return None
    return IpNeighbor(6, address, mac, row[4], _KINDS.get(row[6], "other"), vlan=number_of(row[3], 0))


def read_macs(lines: Sequence[Line]) -> list[Found]:
    """Read `display mac-address`."""
    rows = [line for line in body(lines, _MAC_HEAD, "a table of MAC addresses") if not _MAC_FOOT.fullmatch(line.text)]
    return each(rows, _MAC, _mac, "a row of a MAC table")


def _mac(row: re.Match[str]) -> MacEntry | None:
    mac = mac_of(row[1])
    return MacEntry(mac, number_of(row[2], 0), row[4], _STATES.get(row[3].lower(), "other")) if mac else None
