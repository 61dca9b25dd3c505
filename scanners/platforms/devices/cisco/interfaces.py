"""The interfaces of a Cisco IOS device: states, speeds, IPv4 addresses."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import (
    address_of,
    duplex_of,
    kbps_of,
    mac_of,
    number_of,
    scope_of,
    shut,
    state_of,
)
from scanners.platforms.devices.rows import each, require, told
from scanners.platforms.devices.show_tables import vlan_of
from scanners.platforms.linux.notation import length_of
from xunyan.device_facts import UNSHOWN, DeviceInterface, InterfaceAddress

_BLOCK = re.compile(
    r"(\S+) is ((?:administratively )?(?:up|down|reset|deleted))(?: \([^)]*\))?\s*, line protocol is (\w+)",
    re.IGNORECASE,
)
_DESCRIPTION = re.compile(r"\s+Description: (.*)$")
_HARDWARE = re.compile(r"\s+Hardware is .*address is ([0-9a-fA-F.]{14})")
_ADDRESS = re.compile(r"\s+Internet address is ([\d.]+)/(\d+)")
_BANDWIDTH = re.compile(r".*\bBW (\d+) Kbit")
_DUPLEX = re.compile(r"\s+(Full|Half|Auto)[- ]?[Dd]uplex, (?:Auto[- ][Ss]peed|(\d+ ?[MG])b/?p?s)")
_BRIEF_HEAD = re.compile(r"Interface\s+IP-Address\s+OK\?\s+Method\s+Status\s+Protocol\s*")
_BRIEF = re.compile(r"(\S.*?)\s+([\d.]+|unassigned)\s+(?:YES|NO)\s+\S+\s+((?:administratively )?\w+)\s+(up|down)\s*")
_STATUS_HEAD = re.compile(r"Port\s+Name\s+Status\s+Vlan\s+Duplex\s+Speed\b.*")
_STATUS = re.compile(
    r"(\S+)\s+(?:(\S.*?)\s+)?(connected|notconnect|disabled|err-disabled|inactive|suspended|monitoring|sfpAbsent|xcvrAbsen\w*|faulty)"
    r"\s+(routed|trunk|unassigned|\d+)\s+(\S+)\s+(\S+)(?:\s+(.*))?"
)


def read_interfaces(lines: Sequence[Line]) -> list[Found]:
    """Read `show interfaces`: every interface with its first IPv4 address."""
    found: list[Found] = []
    for match, own in blocks(lines, _BLOCK):
        found += _block(match, own)
    return require(found, lines, "an interface with its state")


def _block(match: re.Match[str], own: Sequence[Line]) -> list[Found]:
    if not state_of(match[2]) or not state_of(match[3]):
        raise NotReadError(own[0], "an interface with the states of port and line")
    description, hardware = told(own, _DESCRIPTION), told(own, _HARDWARE)
    band, duplex = told(own, _BANDWIDTH), told(own, _DUPLEX)
    fact = DeviceInterface(
        match[1],
        admin="down" if shut(match[2]) else "up",
        oper=state_of(match[2]),
        protocol=state_of(match[3]),
        kbps=kbps_of(duplex[2]) if duplex and duplex[2] else number_of(band[1]) if band else UNSHOWN,
        duplex=duplex_of(duplex[1]) if duplex else "",
        description=description[1].strip() if description else "",
        mac=mac_of(hardware[1]) if hardware else "",
    )
    last = max(line.number for line in own if line is own[0] or _DESCRIPTION.match(line.text))
    found = [Found(fact, own[0].number, last)]
    for line in own:
        if line.text.lstrip().startswith("Internet address is ") and re.search(r"\d", line.text):
            address = _ADDRESS.match(line.text)
            one = ipv4(match[1], address[1], address[2]) if address else None
            if one is None:
                raise NotReadError(line, "an IPv4 address")
            found.append(Found(one, line.number, line.number))
    return found


def ipv4(interface: str, text: str, prefix: str = "") -> InterfaceAddress | None:
    """Give an IPv4 address that an interface shows, with or without its length; None where it is none."""
    address, length = address_of(text, 4), length_of(prefix, 4) if prefix else UNSHOWN
    if address is None or length is None:
        return None
    return InterfaceAddress(interface, 4, address, length, scope_of(address), "preferred")


def read_ip_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `show ip interface brief`: the first IPv4 address of each interface, without its length."""
    found: list[Found] = []
    for line in body(lines, _BRIEF_HEAD, "a table of interfaces with IPv4 addresses"):
        row = _BRIEF.fullmatch(line.text)
        if row is None or not state_of(row[3]):
            raise NotReadError(line, "an interface with its IPv4 address")
        fact = DeviceInterface(row[1], admin="down" if shut(row[3]) else "up", oper=state_of(row[3]), protocol=row[4])
        found.append(Found(fact, line.number, line.number))
        if row[2] != "unassigned":
            address = ipv4(row[1], row[2])
            if address is None:
                raise NotReadError(line, "an interface with its IPv4 address")
            found.append(Found(address, line.number, line.number))
    return found


def read_status(lines: Sequence[Line]) -> list[Found]:
    """Read `show interfaces status`: ports with VLAN, duplex and speed."""
    return each(body(lines, _STATUS_HEAD, "a table of ports"), _STATUS, _port, "a port")


def _port(row: re.Match[str]) -> DeviceInterface:
    up = row[3] == "connected"
    return DeviceInterface(
        row[1], admin="down" if row[3] == "disabled" else "up", oper="up" if up else "down", kbps=kbps_of(row[6]),
        duplex=duplex_of(row[5]), description=row[2] or "", mode=_mode(row[4]), vlan=vlan_of(row[4]),
    )  # fmt: skip


def _mode(vlan: str) -> str:
    return vlan if vlan in ("routed", "trunk") else "access" if vlan.isdigit() else ""
