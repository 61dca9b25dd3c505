"""The interfaces of a Ruijie RGOS device, whose names have a blank: states, speeds, addresses of both families."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body, shown
from scanners.platforms.devices.cisco.interfaces import ipv4
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.ipv6_blocks import address_fact
from scanners.platforms.devices.notation import duplex_of, kbps_of, mac_of, number_of, shut, state_of
from scanners.platforms.devices.rows import each, require, told
from scanners.platforms.devices.show_tables import vlan_of
from scanners.platforms.linux.notation import length_of
from xunyan.device_facts import UNSHOWN, DeviceInterface

_BLOCK = re.compile(r"(\S.*?) is ((?:administratively )?(?:up|down))\s*,\s*line protocol is (up|down)", re.IGNORECASE)
_DESCRIPTION = re.compile(r"\s+(?:Description: (.*)|interface's description:\"(.*)\")$")
_HARDWARE = re.compile(r"\s+Hardware is .*address is ([0-9a-fA-F.]{14})")
_ADDRESS = re.compile(r"\s+Interface address is: (.*)$")
_BANDWIDTH = re.compile(r".*\bBW (\d+) Kbit", re.IGNORECASE)
_DUPLEX = re.compile(r".*\b(?:oper duplex|[Dd]uplex)(?: is)? (Full|Half|full|half)\b")
_SPEED = re.compile(r".*\boper speed is (\d+[MG])\b", re.IGNORECASE)
_NATIVE = re.compile(r"\s+(?:native )?vlan id is (\d+)", re.IGNORECASE)
_BRIEF_HEAD = re.compile(r"Interface\s+IP-Address\(Pri\)\s+IP-Address\(Sec\)\s+Status\s+Protocol\b.*")
_CISCO_HEAD = re.compile(r"Interface\s+IP-Address\s+OK\?\s+Method\s+Status\s+Protocol\s*")
_CELL = r"(no address|[\d.]+/\d+)"
_BRIEF = re.compile(
    rf"(\S.*?)\s+{_CELL}\s+{_CELL}\s+((?:administratively )?(?:up|down))\s+(up|down)\b.*", re.IGNORECASE
)
_CISCO = re.compile(
    r"(\S.*?)\s+([\d.]+|unassigned)\s+(?:YES|NO)\s+\S+\s+((?:administratively )?(?:up|down))\s+(up|down)\s*",
    re.IGNORECASE,
)
_STATUS_HEAD = re.compile(r"Interface\s+Status\s+Vlan\s+Duplex\s+Speed\b.*", re.IGNORECASE)
_STATUS = re.compile(r"(\S+ \S+)\s+(\S+)\s+(routed|trunk|\d+)\s+(\S+)\s+(\S+)(?:\s+(.*))?", re.IGNORECASE)
_BLOCK6 = re.compile(r"interface (.+?) is (Up|Down), ifindex", re.IGNORECASE)
_INET6 = re.compile(r"\s*INET6:\s*(\S+?)\s*(?:\[([^\]]*)\])?\s*,\s*subnet is \S+?/(\d+)(.*)")


def read_interfaces(lines: Sequence[Line]) -> list[Found]:
    """Read `show interfaces`: every interface with the IPv4 addresses that it shows."""
    found: list[Found] = []
    for match, own in blocks(lines, _BLOCK):
        found += _block(match, own)
    return require(found, lines, "an interface with its state")


def _block(match: re.Match[str], own: Sequence[Line]) -> list[Found]:
    description, hardware, band = told(own, _DESCRIPTION), told(own, _HARDWARE), told(own, _BANDWIDTH)
    duplex, native, speed = told(own, _DUPLEX), told(own, _NATIVE), told(own, _SPEED)
    fact = DeviceInterface(
        match[1],
        admin="down" if shut(match[2]) else "up",
        oper=state_of(match[2]),
        protocol=state_of(match[3]),
        kbps=kbps_of(speed[1]) if speed else number_of(band[1]) if band else UNSHOWN,
        duplex=duplex_of(duplex[1]) if duplex else "",
        description=(description[1] or description[2] or "").strip() if description else "",
        mac=mac_of(hardware[1]) if hardware else "",
        vlan=int(native[1]) if native and len(native[1]) <= 4 else 0,
    )
    last = max(line.number for line in own if line is own[0] or _DESCRIPTION.match(line.text))
    found = [Found(fact, own[0].number, last)]
    for line in own:
        if cell := _ADDRESS.match(line.text):
            for text in cell[1].split(","):
                address, _, prefix = text.strip().partition("/")
                one = ipv4(match[1], address, prefix) if prefix else None
                if one is None and not text.strip().lower().startswith("no ip"):
                    raise NotReadError(line, "an IPv4 address")
                found += [Found(one, line.number, line.number)] if one else []
    return found


def read_ip_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `show ip interface brief`, with a primary and a secondary address, or as Cisco has it."""
    cisco = any(_CISCO_HEAD.fullmatch(line.text) for line in lines)
    found: list[Found] = []
    for line in body(lines, _CISCO_HEAD if cisco else _BRIEF_HEAD, "a table of interfaces with IPv4 addresses"):
        row = (_CISCO if cisco else _BRIEF).fullmatch(line.text)
        if row is None:
            raise NotReadError(line, "an interface with its IPv4 addresses")
        state, protocol = (row[3], row[4]) if cisco else (row[4], row[5])
        fact = DeviceInterface(
            row[1], admin="down" if shut(state) else "up", oper=state_of(state), protocol=state_of(protocol)
        )
        found.append(Found(fact, line.number, line.number))
        for cell in (row[2],) if cisco else (row[2], row[3]):
            if cell.lower() not in ("no address", "unassigned"):
                address = ipv4(row[1], *cell.split("/"))
                if address is None:
                    raise NotReadError(line, "an interface with its IPv4 addresses")
                found.append(Found(address, line.number, line.number))
    return found


def read_status(lines: Sequence[Line]) -> list[Found]:
    """Read `show interfaces status`: ports with VLAN, duplex and speed."""
    return each(body(lines, _STATUS_HEAD, "a table of ports"), _STATUS, _port, "a port")


def _port(row: re.Match[str]) -> DeviceInterface | None:
    state = row[2].lower()
    if state not in ("up", "down", "disabled"):
        return None
    vlan = row[3].lower()
    return DeviceInterface(
        row[1], admin="down" if state == "disabled" else "up", oper="up" if state == "up" else "down",
        kbps=kbps_of(row[5]), duplex=duplex_of(row[4]), mode="access" if vlan.isdigit() else vlan, vlan=vlan_of(vlan),
    )  # fmt: skip


def read_ipv6(lines: Sequence[Line]) -> list[Found]:
    """Read `show ipv6 interface`: every IPv6 address with its state."""
    found: list[Found] = []
    for match, own in blocks(lines, _BLOCK6):
        found.append(Found(DeviceInterface(match[1], oper=match[2].lower()), own[0].number, own[0].number))
        addresses = [line for line in own if line.text.lstrip().startswith("INET6:")]
        if not addresses:
            raise NotReadError(own[0], "an interface with its IPv6 addresses")
        for line in addresses:
            row = _INET6.fullmatch(line.text)
            fact = address_fact(match[1], row[1], length_of(row[3], 6), (row[2] or "") + row[4]) if row else None
            if fact is None:
                raise NotReadError(line, "an IPv6 address")
            found.append(Found(fact, line.number, line.number))
    return found or require(found, list(shown(lines)), "an interface with IPv6")
