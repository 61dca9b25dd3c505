"""What else a Cisco IOS device answers: what it is, whom it sees beside it, what it limits."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, mac_of, number_of
from scanners.platforms.devices.rows import each, labels, require, span, told
from scanners.platforms.devices.show_routing import isis_peer
from xunyan.device_facts import Device, IpNeighbor, LldpNeighbor, MacEntry, TrafficLimit

_SOFTWARE = re.compile(r"\s*Cisco (?:IOS|Internetwork).*?, Version ([^\s,]+)")
_UPTIME = re.compile(r"(\S+) uptime is ")
_PROCESSOR = re.compile(r"\s*cisco (\S+)(?: Chassis)? \(.*\) processor", re.IGNORECASE)
_MODEL = re.compile(r"\s*Model [Nn]umber\s*:\s*(\S+)")
_SERIAL = re.compile(r"\s*System [Ss]erial [Nn]umber\s*:\s*(\S+)")
_BOARD = re.compile(r"\s*Processor board ID (\S+)")
_INVENTORY = re.compile(r"\s*PID:\s*(\S*)\s*,\s*VID:[^,]*,\s*SN:\s*(\S+)")
_LOCAL = re.compile(r"Local Intf:\s*(\S+)")
_NAMED = re.compile(r"\s*(?:Local Intf|Chassis id|Port id|Port Description|System Name)\s*:")
_ADDRESS = re.compile(r"\s+IP(?:v6)?:\s*(\S+)")
_LLDP_HEAD = re.compile(r"Device ID\s+Local Intf\s+Hold-time\s+Capability\s+Port ID\s*")
_LLDP = re.compile(r"(\S.*?)\s+([A-Z][a-zA-Z-]*[\d/.]+)\s+(\d+)\s+(?:([A-Z](?:,[A-Z])*)\s+)?(\S.*?)\s*")
_LLDP_TOTAL = re.compile(r"\s*Total entries displayed: (\d+)\s*")
_ND_HEAD = re.compile(r"IPv6 Address\s+Age\s+Link-layer Addr\s+State\s+Interface\s*")
_ND = re.compile(r"([0-9A-Fa-f:.]+)\s+(\d+|-)\s+(\S+)\s+([A-Z]+)\s+(\S+)\s*")
_MAC_HEAD = re.compile(r"\s*Vlan\s+Mac Address\s+Type\s+Ports\s*", re.IGNORECASE)
_MAC = re.compile(r"[* ]*(\d+|All)\s+([0-9a-fA-F.]{14})\s+(\w+)\s+(?:(?:Yes|No)\s+\S+\s+)?(\S+)\s*")
_MAC_OTHER = re.compile(r"\s*[- ]+|\s*Total Mac Addresses.*", re.IGNORECASE)
_ISIS_HEAD = re.compile(r"\s*System Id\s+Type\s+Interface\s+IP Address\s+State\b.*")
_ISIS = re.compile(r"(\S+)\s+(L\d+)\s+(\S+)\s+([\d.]*)\s+(\w+)\s+(\d+)\s+(\S+)\s*")
_POLICY_INTERFACE = re.compile(r"\s?([A-Z][A-Za-z-]*\d[\d/.:]*)\s*$")
_POLICY = re.compile(r"\s+Service-policy (input|output):\s*(\S+)")
_CLASS = re.compile(r"\s+Class-map: (\S+)")
_POLICE = re.compile(r"\s+(?:police:\s*)?cir (\d+) bps|\s+police (?:cir )?(\d+)\b.*bps|\s+rate (\d+) bps")


def read_version(lines: Sequence[Line]) -> list[Found]:
    """Read `show version`: name, product, software, serial number of the device (else of its board)."""
    for line in shown(lines):
        if software := _SOFTWARE.match(line.text):
            name, serial = told(lines, _UPTIME), told(lines, _SERIAL) or told(lines, _BOARD)
            model = told(lines, _MODEL) or told(lines, _PROCESSOR)
            marks = (_UPTIME, _SERIAL, _BOARD, _MODEL, _PROCESSOR)
            last = max(one.number for one in lines if one is line or any(mark.match(one.text) for mark in marks))
            fact = Device(
                "cisco", model[1] if model else "", software[1], serial[1] if serial else "", name[1] if name else ""
            )
            return [Found(fact, line.number, last)]
    raise NotReadError(next(shown(lines)), "the version of IOS")


def read_inventory(lines: Sequence[Line]) -> list[Found]:
    """Read `show inventory`: product and serial number of the first part, the chassis."""
    for line in shown(lines):
        if match := _INVENTORY.match(line.text):
            return [Found(Device("cisco", match[1], serial=match[2]), line.number, line.number)]
    raise NotReadError(next(shown(lines)), "a part with its serial number")


def read_lldp(lines: Sequence[Line]) -> list[Found]:
    """Read `show lldp neighbors detail`; the total must come out."""
    found: list[Found] = []
    for match, own in blocks(lines, _LOCAL):
        said = labels(own)
        port, chassis = said.get("port id", ""), said.get("chassis id", "")
        address = next((address_of(one[1]) or "" for line in own if (one := _ADDRESS.match(line.text))), "")
        if not port:
            raise NotReadError(own[0], "a neighbour with its port")
        fact = LldpNeighbor(match[1], said.get("system name", ""), port, mac_of(chassis) or chassis, address)
        found.append(span(fact, [line for line in own if _NAMED.match(line.text)]))
    return _all(found, lines)


def _all(found: list[Found], lines: Sequence[Line]) -> list[Found]:
    for line in lines:
        total = _LLDP_TOTAL.fullmatch(line.text)
        if total:
            if int(total[1]) != len(found):
                raise NotReadError(line, "the total of the neighbours that were read")
            return found
    return require(found, lines, "a neighbour")


def read_lldp_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `show lldp neighbors`; the total must come out."""
    rows = [line for line in body(lines, _LLDP_HEAD, "a table of neighbours") if not _LLDP_TOTAL.fullmatch(line.text)]
    return _all(each(rows, _LLDP, lambda row: LldpNeighbor(row[2], row[1], row[5]), "a neighbour"), lines)


def read_nd(lines: Sequence[Line]) -> list[Found]:
    """Read `show ipv6 neighbors`."""
    return each(body(lines, _ND_HEAD, "a table of IPv6 neighbours"), _ND, _nd, "an IPv6 neighbour")


def _nd(row: re.Match[str]) -> IpNeighbor | None:
    address, mac = address_of(row[1], 6), mac_of(row[3])
    if address is None or (not mac and row[4] != "INCMP"):
        return None
    return IpNeighbor(6, address, mac, row[5], "static" if row[2] == "-" else "dynamic")


def read_macs(lines: Sequence[Line]) -> list[Found]:
    """Read `show mac address-table`."""
    rows = [line for line in body(lines, _MAC_HEAD, "a table of MAC addresses") if not _MAC_OTHER.fullmatch(line.text)]
    return each(rows, _MAC, _mac, "a row of a MAC table")


def _mac(row: re.Match[str]) -> MacEntry | None:
    mac, kind = mac_of(row[2]), row[3].lower()
    return (
        MacEntry(mac, number_of(row[1], 0), row[4], kind if kind in ("dynamic", "static") else "other") if mac else None
    )


def read_isis(lines: Sequence[Line]) -> list[Found]:
    """Read `show isis neighbors`."""
    rows = body(lines, _ISIS_HEAD, "a table of IS-IS neighbours")
    return each(rows, _ISIS, lambda row: isis_peer(row[1], row[5], row[3]), "an IS-IS neighbour")


def read_limits(lines: Sequence[Line]) -> list[Found]:
    """Read `show policy-map interface`: what is policed of all that passes, in the class `class-default`."""
    found: list[Found] = []
    parts = blocks(lines, _POLICY_INTERFACE)
    for match, own in parts:
        direction, everything, first = "", False, own[0]
        for line in own[1:]:
            if policy := _POLICY.match(line.text):
                direction, first, everything = "in" if policy[1] == "input" else "out", line, False
            elif kind := _CLASS.match(line.text):
                everything = kind[1] == "class-default"
            elif everything and direction and (police := _POLICE.match(line.text)):
                bits = number_of(police[1] or police[2] or police[3])
                found.append(Found(TrafficLimit(match[1], direction, bits // 1000), first.number, line.number))
    return found if parts else require(found, lines, "an interface with its policy")
