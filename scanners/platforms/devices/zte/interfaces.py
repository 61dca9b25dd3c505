"""The interfaces of a ZTE ZXROS device: states, speeds, addresses of both families, VLANs."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body
from scanners.platforms.devices.cisco.interfaces import ipv4
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.ipv6_blocks import address_fact
from scanners.platforms.devices.notation import duplex_of, kbps_of, mac_of, mask_length, shut, state_of
from scanners.platforms.devices.rows import each, require, told, without
from scanners.platforms.linux.notation import length_of
from xunyan.device_facts import UNSHOWN, DeviceInterface, Vlan

_BLOCK = re.compile(r"(\S+) is ((?:administratively )?(?:up|down)), ifindex: \d+", re.IGNORECASE)
_PROTOCOL = re.compile(r"\s+Line protocol is (up|down)", re.IGNORECASE)
_DESCRIPTION = re.compile(r"\s+Description: (.*)$")
_HARDWARE = re.compile(r"\s+Hardware is .*address is ([0-9a-fA-F.]{14})")
_ADDRESS = re.compile(r"\s+Internet address is (\S+?)(?:/(\d+))?\s*(?:secondary)?\s*$")
_BANDWIDTH = re.compile(r"\s+BW (\d+) ([KMG])bit/s")
_BRIEF_HEAD = re.compile(r"Interface\s+Attribute\s+Mode\s+BW\s+Admin\s+Phy\s+Prot\b.*")
_BRIEF = re.compile(
    r"(\S+)\s+(\S+)\s+(Duplex/\w+|\S+)\s+(\d+[MGK]|N/A)\s+(up|down)\s+(up|down)\s+(up|down)(?:\s+(.*))?", re.IGNORECASE
)
_DESCRIBED_HEAD = re.compile(r"Interface\s+AdminStatus\s+PhyStatus\s+Protocol\s+Description\s*")
_DESCRIBED = re.compile(r"(\S+)\s+(up|down)\s+(up|down)\s+(up|down)(?:\s+(.*))?", re.IGNORECASE)
_IP_HEAD = re.compile(r"Interface\s+IP-Address\s+Mask\s+Admin\s+Phy\s+Prot\b.*")
_IP = re.compile(
    r"(\S+)\s+([\d.]+|unassigned)\s+([\d.]+|unassigned)\s+(up|down)\s+(up|down)\s+(up|down)(?:\s+(.*))?", re.IGNORECASE
)
_BLOCK6 = re.compile(r"Interface (\S+) is (up|down|administratively down), line protocol is (up|down)", re.IGNORECASE)
_INET6 = re.compile(r"\s+inet6 (\S+?)/(\d+)\s*(?:\[([^\]]*)\])?\s*")
_VLAN_HEAD = re.compile(r"VLAN\s+Name\s+PvidPorts\s+UntagPorts\s+TagPorts\s*", re.IGNORECASE)
_VLAN = re.compile(r"(\d{1,4})\s+(\S+)(?:\s+(.*))?")


def read_interfaces(lines: Sequence[Line]) -> list[Found]:
    """Read `show interface`: every interface with its IPv4 addresses."""
    found: list[Found] = []
    for match, own in blocks(lines, _BLOCK):
        found += _block(match, own)
    return require(found, lines, "an interface with its state")


def _block(match: re.Match[str], own: Sequence[Line]) -> list[Found]:
    protocol = told(own, _PROTOCOL)
    if protocol is None:
        raise NotReadError(own[0], "an interface with the states of port and line")
    description, hardware, band = told(own, _DESCRIPTION), told(own, _HARDWARE), told(own, _BANDWIDTH)
    fact = DeviceInterface(
        match[1],
        admin="down" if shut(match[2]) else "up",
        oper=state_of(match[2]),
        protocol=state_of(protocol[1]),
        kbps=kbps_of(f"{band[1]}{band[2]}") if band else UNSHOWN,
        description=description[1].strip() if description else "",
        mac=mac_of(hardware[1]) if hardware else "",
    )
    last = max(line.number for line in own if _PROTOCOL.match(line.text))
    found = [Found(fact, own[0].number, last)]
    for line in own:
        if line.text.lstrip().startswith("Internet address is "):
            row = _ADDRESS.match(line.text)
            if row and row[1].lower() == "unassigned":
                continue
            one = ipv4(match[1], row[1], row[2] or "") if row else None
            if one is None:
                raise NotReadError(line, "an IPv4 address")
            found.append(Found(one, line.number, line.number))
    return found


def read_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `show interface brief`: ports with speed and duplex; a narrow terminal puts descriptions on lines of their own."""
    rows = body(lines, _BRIEF_HEAD, "a table of interfaces")
    found: list[Found] = []
    for line in rows:
        row = _BRIEF.fullmatch(line.text)
        if row is None:
            if found and len(line.text.split()) == 1 and not re.match(r"\S+-\d", line.text):
                continue  # the rest of the description above
            raise NotReadError(line, "an interface")
        fact = DeviceInterface(
            row[1], admin=row[5].lower(), oper=row[6].lower(), protocol=row[7].lower(), kbps=kbps_of(row[4]),
            duplex=duplex_of(row[3]), description=(row[8] or "").strip(),
        )  # fmt: skip
        found.append(Found(fact, line.number, line.number))
    return found


def read_descriptions(lines: Sequence[Line]) -> list[Found]:
    """Read `show interface description`."""
    return each(body(lines, _DESCRIBED_HEAD, "a table of interfaces"), _DESCRIBED, _described, "an interface")


def _described(row: re.Match[str]) -> DeviceInterface:
    return DeviceInterface(
        row[1], admin=row[2].lower(), oper=row[3].lower(), protocol=row[4].lower(), description=(row[5] or "").strip()
    )


def read_ip_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `show ip interface brief`: the first IPv4 address of each interface with its mask."""
    found: list[Found] = []
    for line in body(lines, _IP_HEAD, "a table of interfaces with IPv4 addresses"):
        row = _IP.fullmatch(line.text)
        if row is None:
            raise NotReadError(line, "an interface with its IPv4 address")
        fact = DeviceInterface(row[1], admin=row[4].lower(), oper=row[5].lower(), protocol=row[6].lower())
        found.append(Found(fact, line.number, line.number))
        if row[2].lower() != "unassigned":
            length = mask_length(row[3])
            address = ipv4(row[1], row[2], str(length)) if length is not None else None
            if address is None:
                raise NotReadError(line, "an interface with its IPv4 address")
            found.append(Found(address, line.number, line.number))
    return found


def read_ipv6(lines: Sequence[Line]) -> list[Found]:
    """Read `show ipv6 interface`: every IPv6 address with its state."""
    found: list[Found] = []
    for match, own in blocks(lines, _BLOCK6):
        admin = "down" if shut(match[2]) else ""
        found.append(
            Found(DeviceInterface(match[1], admin=admin, oper=state_of(match[2])), own[0].number, own[0].number)
        )
        for line in own:
            if line.text.lstrip().startswith("inet6 "):
                row = _INET6.fullmatch(line.text)
                fact = address_fact(match[1], row[1], length_of(row[2], 6), row[3] or "") if row else None
                if fact is None:
                    raise NotReadError(line, "an IPv6 address")
                found.append(Found(fact, line.number, line.number))
    return require(found, lines, "an interface with IPv6")


def read_vlans(lines: Sequence[Line]) -> list[Found]:
    """Read `show vlan`: which column a list of ports is in shows only by where it stands under the head."""
    rows = body(lines, _VLAN_HEAD, "a table of VLANs")
    head = next(line.text for line in lines if _VLAN_HEAD.match(line.text)).lower()
    at = {head.index(name): name for name in ("pvidports", "untagports", "tagports")}
    at = {head.rindex("tagports") if name == "tagports" else place: name for place, name in at.items()}
    found: list[Found] = []
    for line in without(rows):
        row = _VLAN.fullmatch(line.text)
        if row is None:
            raise NotReadError(line, "a VLAN")
        ports: dict[str, tuple[str, ...]] = {}
        for cell in re.finditer(r"\S+", line.text):
            place = max((place for place in at if place <= cell.start()), default=None)
            if place is not None and cell.start() >= row.end(2):
                ports[at[place]] = (*ports.get(at[place], ()), *filter(None, cell[0].split(",")))
        untagged = ports.get("pvidports", ()) + ports.get("untagports", ())
        fact = Vlan(int(row[1]), row[2], tuple(dict.fromkeys(untagged)), ports.get("tagports", ()))
        found.append(Found(fact, line.number, line.number))
    return found
