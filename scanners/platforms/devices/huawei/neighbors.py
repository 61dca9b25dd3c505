"""Whom a Huawei VRP device sees beside it: LLDP, ARP, IPv6 neighbours, MAC table."""

import re
from collections.abc import Sequence
from dataclasses import replace

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, mac_of, number_of, vrf_of
from scanners.platforms.devices.rows import WIDE, each, holds, labels, require, span, without
from xunyan.device_facts import IpNeighbor, LldpNeighbor, MacEntry

_LLDP = re.compile(r"(\S+) has (\d+) neighbors?(?:\(s\))?\s*:?\s*$", re.IGNORECASE)
_INDEX = re.compile(r"\s*Neighbor index\s*:")
_BRIEF_HEAD = re.compile(r"Local Int(?:f|erface)\s+.*")
_BRIEF_COLUMNS = ("local int", "neighbor dev", "neighbor int", "exptime")
_ARP_HEAD = re.compile(r"\s*IP ADDRESS\s+MAC ADDRESS\b.*", re.IGNORECASE)
_ARP = re.compile(
    r"([\d.]+)\s+(\S+)\s+(?:(\d+)\s+)?(I|D|S|O|R)[A-Z]*(?:[ -]*-\S*|-)?\s+([A-Za-z\d]\S*)(?:\s+(\S+))?\s*"
)
_ARP_VLAN = re.compile(r"\s+(\d+|-)/(\S+)\s*")
_INLINE_VLAN = re.compile(r"(\d+|-)/\S*")
_VLAN_HEAD = re.compile(r"\s+VLAN/CEVLAN.*")
_TOTAL = re.compile(r"^\s*Total\s*:\s*(\d+)")
_ND = re.compile(r"\s*IPv6 Address\s*:\s*(\S+)")
_PAIR = re.compile(r"\b(Link-layer|Interface|VLAN|VPN name)\s*: ?(\S*)")
_ND_TOTAL = re.compile(r"^\s*Total\s*:\s*(\d+)\s+Dynamic")
_MAC_HEAD = re.compile(r"\s*MAC Address\s+VLAN.*")
_MAC = re.compile(r"\s*([0-9a-fA-F-]{14})\s+(\d+|-)(?:/\S+)?\s+(\S+)\s+(\S+)\s*.*")
_MAC_TOTAL = re.compile(r"^\s*Total items displayed\s*=\s*(\d+)")
_KINDS = {"I": "own", "D": "dynamic", "S": "static"}


def read_lldp(lines: Sequence[Line]) -> list[Found]:
    """Read `display lldp neighbor`: as many neighbours of each interface as it says that there are."""
    found: list[Found] = []
    parts = blocks(lines, _LLDP)
    for match, own in parts:
        neighbors = blocks(own, _INDEX)
        if len(neighbors) != int(match[2]):
            raise NotReadError(own[0], "an interface with all its neighbours")
        for _, part in neighbors:
            told = labels(part)
            address = address_of(told.get("management address", "")) or ""
            chassis = told.get("chassis id", "")
            fact = LldpNeighbor(
                match[1], told.get("system name", ""), told.get("port id", ""), mac_of(chassis) or chassis, address
            )
            if not fact.port:
                raise NotReadError(part[0], "a neighbour with its port")
            named = [
                line
                for line in part
                if re.match(r"\s*(?:Neighbor index|Chassis|Port ID\b|Port desc|System name)", line.text)
            ]
            found.append(span(fact, named))
    if not parts:
        raise NotReadError(next(line for line in lines if line.text), "an interface with its neighbours")
    return found


def read_lldp_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `display lldp neighbor brief`, whose columns come in two orders."""
    rows = body(lines, _BRIEF_HEAD, "a table of neighbours")
    head = next(line.text.lower() for line in lines if _BRIEF_HEAD.match(line.text))
    columns = sorted(_BRIEF_COLUMNS, key=head.find)
    found = []
    for line in without(rows):
        cells = dict(zip(columns, WIDE.split(line.text.strip()), strict=False))
        if len(cells) != len(columns) or not all(column in head for column in columns):
            raise NotReadError(line, "a neighbour")
        fact = LldpNeighbor(cells["local int"], cells["neighbor dev"], cells["neighbor int"])
        found.append(Found(fact, line.number, line.number))
    return found


def read_arp(lines: Sequence[Line]) -> list[Found]:
    """Read `display arp`, with the VLAN on a line of its own or in the row; the total must come out."""
    found: list[Found] = []
    for line in without(body(lines, _ARP_HEAD, "a table of ARP"), _VLAN_HEAD):
        if _TOTAL.match(line.text):
            break
        if (wrapped := _ARP_VLAN.fullmatch(line.text)) and found and isinstance(fact := found[-1].fact, IpNeighbor):
            found[-1] = Found(replace(fact, vlan=number_of(wrapped[1], 0)), found[-1].first, line.number)
            continue
        row = _ARP.fullmatch(line.text)
        neighbor = _arp(row) if row else None
        if neighbor is None:
            raise NotReadError(line, "a row of ARP")
        found.append(Found(neighbor, line.number, line.number))
    holds(lines, _TOTAL, len(found))
    return found


def _arp(row: re.Match[str]) -> IpNeighbor | None:
    address, mac, last = address_of(row[1], 4), mac_of(row[2]), row[6] or ""
    if address is None or (not mac and not row[2].lower().startswith("incomplete")):
        return None
    inline = _INLINE_VLAN.fullmatch(last)
    vlan, vrf = (number_of(inline[1], 0), "") if inline else (0, vrf_of(last))
    return IpNeighbor(4, address, mac, row[5], _KINDS.get(row[4], "other"), vrf, vlan)


def read_nd(lines: Sequence[Line]) -> list[Found]:
    """Read `display ipv6 neighbors`; the total must come out."""
    found: list[Found] = []
    for match, own in blocks(lines, _ND):
        told = {name: value for line in own for name, value in _PAIR.findall(line.text)}
        address = address_of(match[1], 6)
        if address is None or not told.get("Interface"):
            raise NotReadError(own[0], "an IPv6 neighbour on an interface")
        mac, vrf = mac_of(told.get("Link-layer", "")), vrf_of(told.get("VPN name", ""))
        fact = IpNeighbor(6, address, mac, told["Interface"], "dynamic", vrf, number_of(told.get("VLAN", ""), 0))
        found.append(span(fact, own[:3]))
    holds(lines, _ND_TOTAL, len(found))
    if not any(_ND_TOTAL.match(line.text) for line in lines):
        return require(found, lines, "an IPv6 neighbour")
    return found


def read_macs(lines: Sequence[Line]) -> list[Found]:
    """Read `display mac-address`; the total must come out."""
    rows = without(body(lines, _MAC_HEAD, "a table of MAC addresses"), re.compile(r"\s*Total items.*"))
    found = each(rows, _MAC, _mac, "a row of a MAC table")
    holds(lines, _MAC_TOTAL, len(found))
    return found


def _mac(row: re.Match[str]) -> MacEntry | None:
    mac = mac_of(row[1])
    kind = row[4].lower() if row[4].lower() in ("dynamic", "static") else "other"
    return MacEntry(mac, number_of(row[2], 0), row[3], kind) if mac else None
