"""The statements under `interface` in a configuration, of all five vendors: who says it otherwise says another word."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scanners.platforms.devices.answers import Line, NotReadError
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.ipv6_blocks import address_fact
from scanners.platforms.devices.notation import address_of, duplex_of, kbps_of, mask_length, scope_of
from scanners.platforms.devices.sections import Section
from scanners.platforms.linux.notation import length_of
from xunyan.device_facts import (
    UNSHOWN,
    AccessListUse,
    DeviceInterface,
    InterfaceAddress,
    NatRule,
    TrafficLimit,
)

IN = frozenset({"in", "inbound", "input", "ingress"})
_IPV4 = re.compile(r"ip address (\d[\d.]*)[ /](\d[\d.]*)(?: .*)?")
_IPV6 = re.compile(r"ipv6 address ([0-9A-Fa-f:.]+)(?:[ /](\d{1,3}))?(?: (.*))?")
_VRF = re.compile(r"(?:ip binding vpn-instance|(?:ip )?vrf forwarding|ip vrf) (\S+)")
_LIST = re.compile(
    r"""traffic-filter\ (?P<d1>inbound|outbound)\ (?P<f1>ipv6\ )?acl\ (?P<f2>ipv6\ )?(?:name\ )?(?P<n1>\S+).*
      | packet-filter\ (?P<f3>ipv6\ )?(?:name\ )?(?P<n2>\S+)\ (?P<d2>inbound|outbound).*
      | ip\ access-group\ (?P<n3>\S+)\ (?P<d3>in|out)
      | ipv6\ traffic-filter\ (?P<n4>\S+)\ (?P<d4>in|out)
      | ipv(?P<f5>[46])-access-group\ (?P<d5>ingress|egress)\ (?P<n5>\S+)
    """,
    re.VERBOSE,
)
_NAT = re.compile(r"nat (outbound|server|static)\b(?: (?:(\d{4})|name (\S+)))?.*|ip nat (inside|outside)")
_CAR = re.compile(
    r"qos (?:car (inbound|outbound)\b.*?|lr (?:(inbound|outbound) )?)\bcir (\d+)(?: .*?(inbound|outbound))?.*"
)
_RATE = re.compile(r"rate-limit (input|output)(?: localport)?(?: cir)? (\d+)\b.*")
_POLICY = re.compile(
    r"service-policy (input|output) (\S+)|(?:traffic-policy|qos apply policy) (\S+) (inbound|outbound)\b.*"
)
_VLAN = re.compile(
    r"(?:port (?:default|access) vlan|switchport access vlan|port (?:trunk|hybrid) pvid vlan|switchport trunk native vlan"
    r"|vlan-type dot1q(?: vid)?|dot1q termination vid|encapsulation dot1[qQ]|qinq termination pe-vid) (\d{1,4})\b.*"
)
_MODE = re.compile(r"(?:port link-type|switchport mode) (access|trunk|hybrid)\b.*")


@dataclass(slots=True)
class Port:
    """An interface while its statements are read."""

    head: Line
    name: str
    policies: Mapping[str, int]
    bits: bool
    admin: str = ""
    kbps: int = UNSHOWN
    duplex: str = ""
    description: str = ""
    vrf: str = ""
    mode: str = ""
    vlan: int = 0
    others: list[Found] = field(default_factory=list)

    def add(self, fact: InterfaceAddress | NatRule | AccessListUse | TrafficLimit, line: Line) -> None:
        """Take a further fact that one line says."""
        self.others.append(Found(fact, line.number, line.number))


def read_port(section: Section, policies: Mapping[str, int], *, bits: bool) -> list[Found]:
    """Read one `interface` section. `policies`: kbit/s by policy; `bits`: `rate-limit` counts in bit/s, else in kbit/s."""
    port = Port(section.head, section.head.text.strip().partition(" ")[2].strip(), policies, bits)
    for line in section.body:
        text = line.text.strip()
        handle = _STATEMENTS.get(text.partition(" ")[0].lower())
        if handle is not None:
            handle(port, text, line)
    fact = DeviceInterface(
        port.name, admin=port.admin, kbps=port.kbps, duplex=port.duplex, description=port.description, vrf=port.vrf,
        mode=port.mode, vlan=port.vlan,
    )  # fmt: skip
    return [Found(fact, port.head.number, port.head.number), *port.others]


def _ip(port: Port, text: str, line: Line) -> None:
    if text.startswith("ip address "):
        match = _IPV4.fullmatch(text)
        if match:
            address, length = address_of(match[1], 4), mask_length(match[2])
            if address is None or length is None:
                raise NotReadError(line, "an IPv4 address with its mask")
            port.add(InterfaceAddress(port.name, 4, address, length, scope_of(address)), line)
        elif text[11:12].isdigit():
            raise NotReadError(line, "an IPv4 address with its mask")
        return
    _vrf(port, text, line)
    _filter(port, text, line)
    _nat(port, text, line)


def _ipv6(port: Port, text: str, line: Line) -> None:
    match = _IPV6.fullmatch(text)
    if match and "eui-64" in (match[3] or "").lower():
        return  # the address itself does not stand here
    if match:
        prefix = length_of(match[2], 6) if match[2] else UNSHOWN
        fact = address_fact(port.name, match[1], prefix)
        if fact is None:
            raise NotReadError(line, "an IPv6 address")
        port.add(fact, line)
    else:
        _filter(port, text, line)


def _vrf(port: Port, text: str, _: Line) -> None:
    if match := _VRF.fullmatch(text):
        port.vrf = match[1]


def _filter(port: Port, text: str, line: Line) -> None:
    match = _LIST.fullmatch(text)
    if not match:
        return
    told = match.groupdict()
    at = next(number for number in "12345" if told[f"n{number}"])
    six = told["f1"] or told["f2"] or told["f3"] or told["f5"] == "6" or told["n4"]
    direction = "in" if told[f"d{at}"] in IN else "out"
    port.add(AccessListUse(told[f"n{at}"], 6 if six else 4, port.name, direction), line)


def _nat(port: Port, text: str, line: Line) -> None:
    if match := _NAT.fullmatch(text):
        port.add(NatRule(port.name, match[1] or match[4], match[2] or match[3] or ""), line)


def _qos(port: Port, text: str, line: Line) -> None:
    _policy(port, text, line)
    if match := _CAR.fullmatch(text):
        direction = "in" if (match[1] or match[2] or match[4] or "outbound") in IN else "out"
        port.add(TrafficLimit(port.name, direction, int(match[3][:12])), line)


def _rate(port: Port, text: str, line: Line) -> None:
    if match := _RATE.fullmatch(text):
        kbps = int(match[2][:15])
        port.add(TrafficLimit(port.name, "in" if match[1] in IN else "out", kbps // 1000 if port.bits else kbps), line)


def _policy(port: Port, text: str, line: Line) -> None:
    match = _POLICY.fullmatch(text)
    name = (match[2] or match[3]) if match else ""
    if match and name in port.policies:
        direction = "in" if (match[1] or match[4]) in IN else "out"
        port.add(TrafficLimit(port.name, direction, port.policies[name]), line)


def _switching(port: Port, text: str, _: Line) -> None:
    if text in ("port link-mode route", "undo portswitch", "no switchport"):
        port.mode = "routed"
    elif match := _MODE.fullmatch(text):
        port.mode = match[1]
    elif match := _VLAN.fullmatch(text):
        port.vlan = int(match[1])
        if " access vlan" in text or " default vlan" in text:
            port.mode = port.mode or "access"


def _shutdown(port: Port, text: str, _: Line) -> None:
    if text == "shutdown":
        port.admin = "down"


def _undone(port: Port, text: str, line: Line) -> None:
    if text in ("no shutdown", "undo shutdown"):
        port.admin = "up"
    _switching(port, text, line)


def _described(port: Port, text: str, _: Line) -> None:
    port.description = text.partition(" ")[2].strip()


def _speed(port: Port, text: str, _: Line) -> None:
    port.kbps = kbps_of(text.partition(" ")[2])


def _duplex(port: Port, text: str, _: Line) -> None:
    port.duplex = duplex_of(text.partition(" ")[2])


_STATEMENTS: Mapping[str, Callable[[Port, str, Line], None]] = {
    "ip": _ip,
    "ipv6": _ipv6,
    "vrf": _vrf,
    "traffic-filter": _filter,
    "packet-filter": _filter,
    "ipv4-access-group": _filter,
    "ipv6-access-group": _filter,
    "nat": _nat,
    "qos": _qos,
    "rate-limit": _rate,
    "service-policy": _policy,
    "traffic-policy": _policy,
    "port": _switching,
    "switchport": _switching,
    "vlan-type": _switching,
    "dot1q": _switching,
    "encapsulation": _switching,
    "shutdown": _shutdown,
    "no": _undone,
    "undo": _undone,
    "description": _described,
    "speed": _speed,
    "duplex": _duplex,
}


def is_interface(line: Line) -> bool:
    """Tell whether a section is of one interface."""
    return line.text.lstrip().lower().startswith("interface ") and " range " not in line.text.lower()
