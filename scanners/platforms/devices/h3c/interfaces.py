"""The interfaces of an H3C Comware device: states, speeds, addresses of both families, VPN instances, VLANs."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, body, shown
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
)
from scanners.platforms.devices.rows import each, require, told, without
from scanners.platforms.linux.notation import length_of
from xunyan.device_facts import UNSHOWN, DeviceInterface, InterfaceAddress, Vlan, Vrf

_STATE = re.compile(r"(?:(\S+) )?current state\s*:\s*(.+?)\s*$", re.IGNORECASE)
_LINE = re.compile(r"Line protocol (?:current )?state\s*:\s*(.+?)\s*$", re.IGNORECASE)
_DESCRIPTION = re.compile(r"Description\s*:\s?(.*)$")
_OWN_DESCRIPTION = re.compile(r"\S+ Interface")
_ADDRESS = re.compile(r"Internet address(?: is|:) ([\d.]+)/(\d+)", re.IGNORECASE)
_ANY_ADDRESS = re.compile(r"Internet address(?: is|:) \d", re.IGNORECASE)
_HARDWARE = re.compile(r"IP packet frame type: .*hardware address: ([0-9a-fA-F-]+)", re.IGNORECASE)
_BANDWIDTH = re.compile(r"(?:Bandwidth|Baudrate): (\d+) ?kbps")
_SPEED = re.compile(r"(?:(\d+[GM])bps-speed|Unknown-speed) mode, (full|half|unknown)-duplex mode", re.IGNORECASE)
_PVID = re.compile(r"PVID: (\d+)")
_LINK_TYPE = re.compile(r"Port link-type: (Access|Trunk|Hybrid)", re.IGNORECASE)
_ROUTE_HEAD = re.compile(r"Interface\s+Link\s+Protocol\s+(?:Main|Primary) IP\b.*")
_BRIDGE_HEAD = re.compile(r"Interface\s+Link\s+Speed\s+Duplex\s+Type\s+PVID\b.*")
_LEGEND = re.compile(
    r"\s*(?:Link|Protocol|Speed|Speed or Duplex|Duplex|Type)\s?:.*|.*[Bb]rief information (?:of|on) interface.*"
)
_ROUTE = re.compile(r"(\S+)\s+(UP|DOWN|ADM|Stby)\s+(UP|DOWN|--)(?:\(\w\))?\s+(\S+)(?:\s+(.*))?", re.IGNORECASE)
_BRIDGE = re.compile(
    r"(\S+)\s+(UP|DOWN|ADM|Stby)\s+(\S+)\s+([AHF](?:\(a\))?|auto)\s+([ATH-]+)\s+(\d+|--)(?:\s+(.*))?", re.IGNORECASE
)
_IP_HEAD = re.compile(r"Interface\s+Physical\s+Protocol\s+IP Address\b.*", re.IGNORECASE)
_IP = re.compile(r"(\S+)\s+([*\w()]+)\s+([*\w()]+)\s+(\d[\d.]+|--|unassigned)(?:/(\d+))?(?:\s+(.*))?", re.IGNORECASE)
_IPV6_HEAD = re.compile(r"Interface\s+Physical\s+Protocol\s+IPv6 Address\s*")
_IPV6 = re.compile(r"(\S+)\s+([*\w()]+)\s+([*\w()]+)\s+(\S+)")
_VRF_HEAD = re.compile(r"\s*VPN-Instance Name\s+RD\b.*")
_VLAN = re.compile(r"\s*VLAN ID\s*:\s*(\d+)")
_VLAN_NAME = re.compile(r"\s*(?:Name|Description)\s*:\s*(.+)")
_PORTS = re.compile(r"\s*(Tagged|Untagged)\s+ports\s*:\s*(.*)", re.IGNORECASE)
_PORT = re.compile(r"(?:None|([A-Za-z][\w/.-]*\d)(?:\([UD]\))?)")
_VLAN_LIST = re.compile(r"\s*(?:Total VLANs|The VLANs include)\b.*")
_NUMBERS = re.compile(r"[\d\s,()a-z-]+")
_MODES = {"A": "access", "T": "trunk", "H": "hybrid"}


def read_interfaces(lines: Sequence[Line]) -> list[Found]:
    """Read `display interface` or `display ip interface`: every interface with its IPv4 addresses.

    The name stands in front of the state or, under Comware 7, on the line above it.
    """
    found: list[Found] = []
    for name, own in _parts(lines):
        found += _block(name, own)
    return require(found, lines, "an interface with its state")


def _parts(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    found: list[tuple[str, list[Line]]] = []
    above: Line | None = None
    for line in shown(lines):
        state = _STATE.match(line.text)
        if state and state[1]:
            found.append((state[1], [line]))
        elif state and above is not None and re.fullmatch(r"\S+", above.text):
            if found:
                found[-1][1].pop()
            found.append((above.text, [above, line]))
        elif state:
            raise NotReadError(line, "the state of an interface that is named")
        elif found:
            found[-1][1].append(line)
        above = line
    return found


def _block(name: str, own: Sequence[Line]) -> list[Found]:
    state, protocol = next(match for line in own if (match := _STATE.match(line.text))), told(own, _LINE)
    if not state_of(state[2]) or protocol is None:
        raise NotReadError(own[0], "an interface with the states of port and line")
    description, hardware = told(own, _DESCRIPTION), told(own, _HARDWARE)
    speed, band, pvid, kind = told(own, _SPEED), told(own, _BANDWIDTH), told(own, _PVID), told(own, _LINK_TYPE)
    text = description[1].strip() if description else ""
    fact = DeviceInterface(
        name,
        admin="down" if shut(state[2]) else "up",
        oper=state_of(state[2]),
        protocol=state_of(protocol[1]),
        kbps=kbps_of(speed[1]) if speed and speed[1] else number_of(band[1]) if band else UNSHOWN,
        duplex=duplex_of(speed[2]) if speed else "",
        description="" if _OWN_DESCRIPTION.fullmatch(text) else text,
        mac=mac_of(hardware[1]) if hardware else "",
        mode=kind[1].lower() if kind else "",
        vlan=int(pvid[1]) if pvid else 0,
    )
    last = max(line.number for line in own if _LINE.match(line.text) or _DESCRIPTION.match(line.text))
    found = [Found(fact, own[0].number, last)]
    for line in own:
        if _ANY_ADDRESS.match(line.text):
            match = _ADDRESS.match(line.text)
            address = _address(name, match[1], match[2]) if match else None
            if address is None:
                raise NotReadError(line, "an IPv4 address")
            found.append(Found(address, line.number, line.number))
    return found


def _address(interface: str, text: str, prefix: str) -> InterfaceAddress | None:
    address, length = address_of(text, 4), length_of(prefix, 4) if prefix else UNSHOWN
    if address is None or length is None:
        return None
    return InterfaceAddress(interface, 4, address, length, scope_of(address), "preferred")


def read_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `display interface brief`: a table of routed interfaces, a table of ports, or both."""
    found: list[Found] = []
    bridge: bool | None = None
    for line in shown(lines):
        if _ROUTE_HEAD.fullmatch(line.text) or _BRIDGE_HEAD.fullmatch(line.text):
            bridge = bool(_BRIDGE_HEAD.fullmatch(line.text))
            continue
        if _LEGEND.fullmatch(line.text):
            continue
        facts = None if bridge is None else _port(line.text) if bridge else _routed(line.text)
        if facts is None:
            raise NotReadError(line, "an interface")
        found += [Found(fact, line.number, line.number) for fact in facts]
    return found


def _routed(text: str) -> list[DeviceInterface | InterfaceAddress] | None:
    row = _ROUTE.fullmatch(text)
    if not row:
        return None
    fact = DeviceInterface(
        row[1], admin=_admin(row[2]), oper=_oper(row[2]), protocol=state_of(row[3]), mode="routed",
        description=(row[5] or "").strip().strip("-"),
    )  # fmt: skip
    address = _address(row[1], row[4], "")
    return [fact] if row[4] == "--" else [fact, address] if address else None


def _port(text: str) -> list[DeviceInterface | InterfaceAddress] | None:
    row = _BRIDGE.fullmatch(text)
    if not row:
        return None
    return [
        DeviceInterface(
            row[1], admin=_admin(row[2]), oper=_oper(row[2]), kbps=kbps_of(row[3]), duplex=duplex_of(row[4]),
            description=(row[7] or "").strip(), mode=_MODES.get(row[5].upper(), ""), vlan=number_of(row[6], 0),
        )
    ]  # fmt: skip


def _admin(link: str) -> str:
    return "down" if link.upper() == "ADM" else "up"


def _oper(link: str) -> str:
    return "up" if link.upper() == "UP" else "down"


def read_ip_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `display ip interface brief`: routed interfaces, the first IPv4 address of each, without its length."""
    found: list[Found] = []
    for line in body(lines, _IP_HEAD, "a table of interfaces with IPv4 addresses"):
        row = _IP.fullmatch(line.text)
        fact = _stated(row) if row else None
        address = _address(row[1], row[4], row[5] or "") if row and row[4][0].isdigit() else None
        if row is None or fact is None or (address is None and row[4][0].isdigit()):
            raise NotReadError(line, "an interface with its IPv4 address")
        found += [Found(one, line.number, line.number) for one in (fact, address) if one]
    return found


def _stated(row: re.Match[str]) -> DeviceInterface | None:
    if not state_of(row[2]) or not state_of(row[3]):
        return None
    return DeviceInterface(row[1], admin="down" if shut(row[2]) else "up", oper=state_of(row[2]))


def read_ipv6_brief(lines: Sequence[Line]) -> list[Found]:
    """Read `display ipv6 interface brief`: of each interface with IPv6 the smallest global address, else the link-local."""
    found: list[Found] = []
    for line in body(lines, _IPV6_HEAD, "a table of interfaces with IPv6 addresses"):
        row = _IPV6.fullmatch(line.text)
        fact = _stated(row) if row else None
        none = row is not None and row[4].lower() == "unassigned"
        address = address_fact(row[1], row[4], UNSHOWN) if row and not none else None
        if fact is None or not (address or none):
            raise NotReadError(line, "an interface with its IPv6 address")
        found += [Found(one, line.number, line.number) for one in (fact, address) if one]
    return found


def read_vrfs(lines: Sequence[Line]) -> list[Found]:
    """Read `display ip vpn-instance`."""
    rows = body(lines, _VRF_HEAD, "a table of VPN instances")
    return each(
        rows, re.compile(r"\s*(\S+)\s+(\S*:\S+)?\s*(\S.*)?"), lambda row: Vrf(row[1], row[2] or ""), "a VPN instance"
    )


def read_vlans(lines: Sequence[Line]) -> list[Found]:
    """Read `display vlan all`, or the mere numbers of `display vlan`."""
    parts = blocks(lines, _VLAN)
    if not parts:
        return _numbers(lines)
    found = []
    for match, own in parts:
        ports: dict[str, list[str]] = {"tagged": [], "untagged": []}
        kind, name = "", ""
        for line in own[1:]:
            if head := _PORTS.fullmatch(line.text):
                kind = head[1].lower()
                ports[kind] += [one[1] for one in _PORT.finditer(head[2]) if one[1]]
            elif kind and line.text.startswith(" "):
                ports[kind] += [one[1] for one in _PORT.finditer(line.text) if one[1]]
            elif told_name := _VLAN_NAME.fullmatch(line.text):
                name = told_name[1]
        fact = Vlan(int(match[1]), name, tuple(ports["untagged"]), tuple(ports["tagged"]))
        held = [line.number for line in own if line.text]
        found.append(Found(fact, held[0], held[-1]))
    return found


def _numbers(lines: Sequence[Line]) -> list[Found]:
    found = []
    for line in without(lines, _VLAN_LIST):
        if not _NUMBERS.fullmatch(line.text):
            raise NotReadError(line, "numbers of VLANs")
        for first, last in re.findall(r"(\d{1,4})(?:\(\w+\))?(?:\s*-\s*(\d{1,4}))?", line.text):
            numbers = range(int(first), min(int(last or first), 4094) + 1)
            found += [Found(Vlan(number), line.number, line.number) for number in numbers]
    return require(found, lines, "a VLAN")
