"""The interfaces of a Huawei VRP device: states, speeds, addresses of both families, VPN instances, VLANs."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.ipv6_blocks import address_fact
from scanners.platforms.devices.notation import (
    address_of,
    duplex_of,
    kbps_of,
    mac_of,
    number_of,
    scope_of,
    shut,
    state_of,
    vrf_of,
)
from scanners.platforms.devices.rows import WIDE, each, require, told, without
from scanners.platforms.linux.notation import length_of
from xunyan.device_facts import UNSHOWN, DeviceInterface, InterfaceAddress, Vlan, Vrf

_BLOCK = re.compile(r"(\S+) current state ?:\s*(.*?)[\s,]*$")
_LINE = re.compile(r"\s*Line protocol current state ?:\s*(.*?)\s*$")
_DESCRIPTION = re.compile(r"\s*Description ?:\s?(.*)$")
_OWN_DESCRIPTION = re.compile(r"HUAWEI, .{1,40} Series, .{1,64} Interface")
_ADDRESS = re.compile(r"\s*Internet Address is (?:\w+, )?([\d.]+)/(\d+)")
_HARDWARE = re.compile(r".*Hardware address is ([0-9a-fA-F-]+)")
_SPEED = re.compile(r"\s*(?:Speed ?:\s*(\d+)|(?:Port|Current) BW ?:\s*(\d+[MG]))")
_DUPLEX = re.compile(r".*Duplex ?:\s*(FULL|HALF|AUTO)", re.IGNORECASE)
_ROUTE_PORT = re.compile(r"\s*Route Port\b")
_LINK_TYPE = re.compile(r"\s*Switch Port, ?Link-type ?: ?(access|trunk|hybrid)\b", re.IGNORECASE)
_PVID = re.compile(r"\s*(?:Switch Port,.*?)?\bPVID ?:\s*(\d+)")
_BRIEF_HEAD = re.compile(r"Interface\s+PHY\s+Protocol\b.*")
_BRIEF = re.compile(r"\s*(\S+)\s+(\S+)\s+(\S+)(?:\s+\S+){4}\s*")
_IP_HEAD = re.compile(r"Interface\s+IP Address/Mask\s+Physical\s+Protocol\b.*")
_IP = re.compile(r"(\S+)\s+(\S+?)(?:/(\d+))?\s+(\S+)\s+(\S+)(?:\s+(\S+))?\s*")
_IPV6_HEAD = re.compile(r"Interface\s+Physical\s+Protocol\b.*")
_IPV6_ADDRESS = re.compile(r"\[IPv6 Address(?:/Prefix Length)?\]\s+(\S+?)(?:/(\d+))?\s*(?:\[([^\]]*)\])?\s*")
_VRF_HEAD = re.compile(r"\s*VPN-Instance Name\s+RD\b.*")
_VLAN_HEAD = re.compile(r"VID\s+(?:Type\s+)?Ports\s*")
_VLAN_STATUS = re.compile(r"(VID\s+(?:Type\s+)?Status\b.*?)\s+Description\s*")
_VLAN = re.compile(r"\s*(\d{1,4})\b(?!\S)(?:\s+(?!(?:UT|TG|MP|ST):)(\S+))?(?:\s+(.*))?")
_PORT = re.compile(r"(?:(UT|TG|MP|ST):)?(\S+?)\([UD]\)")


def read_interfaces(lines: Sequence[Line]) -> list[Found]:
    """Read `display interface`: every interface with its IPv4 addresses."""
    found: list[Found] = []
    for match, own in blocks(lines, _BLOCK):
        found += _block(match, own)
    return require(found, lines, "an interface with its state")


def _block(match: re.Match[str], own: Sequence[Line]) -> list[Found]:
    protocol = told(own, _LINE)
    if not state_of(match[2]) or protocol is None:
        raise NotReadError(own[0], "an interface with the states of port and line")
    description, hardware, speed = told(own, _DESCRIPTION), told(own, _HARDWARE), told(own, _SPEED)
    duplex, pvid, kind = told(own, _DUPLEX), told(own, _PVID), told(own, _LINK_TYPE)
    text = description[1].strip() if description else ""
    fact = DeviceInterface(
        match[1],
        admin="down" if shut(match[2]) else "up",
        oper=state_of(match[2]),
        protocol=state_of(protocol[1]),
        kbps=kbps_of(speed[1] or speed[2]) if speed else UNSHOWN,
        duplex=duplex_of(duplex[1]) if duplex else "",
        description="" if _OWN_DESCRIPTION.fullmatch(text) else text,
        mac=mac_of(hardware[1]) if hardware else "",
        mode="routed" if told(own, _ROUTE_PORT) else kind[1].lower() if kind else "",
        vlan=number_of(pvid[1], 0) if pvid else 0,
    )
    last = max((line.number for line in own if _LINE.match(line.text) or _DESCRIPTION.match(line.text)), default=0)
    found = [Found(fact, own[0].number, last)]
    for line in own:
        if "Internet Address is" in line.text:
            address = _ADDRESS.match(line.text)
            one = _address(match[1], address[1], address[2]) if address else None
            if one is None:
                raise NotReadError(line, "an IPv4 address")
            found.append(Found(one, line.number, line.number))
    return found


def _address(interface: str, text: str, prefix: str) -> InterfaceAddress | None:
    address, length = address_of(text, 4), length_of(prefix, 4)
    if address is None or length is None:
        return None
    return InterfaceAddress(interface, 4, address, length, scope_of(address), "preferred")


def read_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `display interface brief`."""
    return each(body(lines, _BRIEF_HEAD, "a table of interfaces"), _BRIEF, _brief, "an interface")


def _brief(row: re.Match[str]) -> DeviceInterface | None:
    return _stated(row[1], row[2], row[3])


def _stated(name: str, physical: str, protocol: str, vrf: str = "") -> DeviceInterface | None:
    if not state_of(physical) or not state_of(protocol):
        return None
    admin = "down" if shut(physical) else "up"
    return DeviceInterface(name, admin=admin, oper=state_of(physical), protocol=state_of(protocol), vrf=vrf)


def read_ip_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `display ip interface brief`: routed interfaces, the first IPv4 address of each, its VPN instance."""
    found: list[Found] = []
    for line in body(lines, _IP_HEAD, "a table of interfaces with IPv4 addresses"):
        row = _IP.fullmatch(line.text)
        interface = _stated(row[1], row[4], row[5], vrf_of(row[6] or "")) if row else None
        address = _address(row[1], row[2], row[3] or "") if row and row[2].lower() != "unassigned" else None
        if row is None or interface is None or (address is None and row[2].lower() != "unassigned"):
            raise NotReadError(line, "an interface with its IPv4 address")
        found += [Found(fact, line.number, line.number) for fact in (interface, address) if fact]
    return found


def read_ipv6_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `display ipv6 interface brief`, with or without prefix lengths: one address of each interface with IPv6."""
    found: list[Found] = []
    row: DeviceInterface | None = None
    for line in body(lines, _IPV6_HEAD, "a table of interfaces with IPv6 addresses"):
        if match := _IPV6_ADDRESS.fullmatch(line.text):
            if row is None:
                raise NotReadError(line, "the address of an interface above it")
            if match[1].lower() != "unassigned":
                prefix = length_of(match[2], 6) if match[2] else UNSHOWN
                fact = address_fact(row.name, match[1], prefix, match[3] or "")
                if fact is None:
                    raise NotReadError(line, "an IPv6 address")
                found.append(Found(fact, line.number, line.number))
            row = None
            continue
        cells = WIDE.split(line.text.strip())
        stated = (
            _stated(cells[0], cells[1], cells[2], vrf_of(cells[3]) if len(cells) > 3 else "")
            if len(cells) in (3, 4)
            else None
        )
        if stated is None or row is not None:
            raise NotReadError(line, "an interface with its states")
        # The protocol's state here is IPv6's own.
        row = DeviceInterface(stated.name, stated.admin, stated.oper, vrf=stated.vrf)
        found.append(Found(row, line.number, line.number))
    if row is not None:
        raise NotReadError(lines[-1], "the address of the last interface")
    return found


def read_vrfs(lines: Sequence[Line]) -> list[Found]:
    """Read `display ip vpn-instance`."""
    rows = without(body(lines, _VRF_HEAD, "a table of VPN instances"))
    found: dict[str, Found] = {}
    for line in rows:
        cells = line.text.split()
        if len(cells) == 1 and cells[0].upper() in ("IPV4", "IPV6"):
            continue
        rd = cells[1] if len(cells) > 1 and ":" in cells[1] else ""
        found.setdefault(cells[0], Found(Vrf(cells[0], rd), line.number, line.number))
    return list(found.values())


def read_vlans(lines: Sequence[Line]) -> list[Found]:
    """Read `display vlan`: every VLAN with its untagged and tagged ports, and its description as its name."""
    found: dict[int, tuple[dict[str, list[str]], Line]] = {}
    rows = body(lines, _VLAN_HEAD, "a table of VLANs")
    names: dict[int, str] = {}
    number, kind, columns = 0, "UT", 0
    for line in without(rows):
        if status := _VLAN_STATUS.fullmatch(line.text):
            columns = len(status[1].split())
            continue
        if columns:
            words = line.text.split(maxsplit=columns)
            if len(words) < columns or number_of(words[0]) not in found:
                raise NotReadError(line, "a VLAN with its description")
            names[int(words[0])] = words[columns] if len(words) > columns else ""
            continue
        head = _VLAN.fullmatch(line.text)
        if head:
            number, kind = int(head[1]), "UT"
            found[number] = ({"UT": [], "TG": []}, line)
        if not number:
            raise NotReadError(line, "a VLAN")
        for port in _PORT.finditer((head[3] or "") if head else line.text):
            kind = port[1] or kind
            found[number][0].setdefault(kind, []).append(port[2])
    return [
        Found(Vlan(at, names.get(at, ""), tuple(ports["UT"]), tuple(ports["TG"])), line.number, line.number)
        for at, (ports, line) in found.items()
    ]
