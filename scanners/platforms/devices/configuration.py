"""A running configuration of any of the five vendors, read into the facts that it settles."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain

from scanners.platforms.devices.access_rules import rule_of
from scanners.platforms.devices.answers import Line, NotReadError
from scanners.platforms.devices.commands import Command, Found
from scanners.platforms.devices.configured_interfaces import is_interface, read_port
from scanners.platforms.devices.notation import address_of, mask_length, network_of, number_of
from scanners.platforms.devices.policies import limits_of
from scanners.platforms.devices.policy_routes import policy_routes
from scanners.platforms.devices.sections import Section, sections
from xunyan.device_facts import (
    AccessList,
    AccessListUse,
    AccessRule,
    Device,
    DeviceFact,
    DeviceInterface,
    DeviceRoute,
    InterfaceAddress,
    NatRule,
    PolicyRoute,
    RoutingProcess,
    TimeServer,
    TrafficLimit,
    Vlan,
    Vrf,
)

KINDS: tuple[type[DeviceFact], ...] = (
    Device,
    TimeServer,
    DeviceInterface,
    InterfaceAddress,
    DeviceRoute,
    PolicyRoute,
    RoutingProcess,
    NatRule,
    AccessList,
    AccessListUse,
    TrafficLimit,
    Vrf,
    Vlan,
)
_MOST_VLANS = 4094
_TIME = re.compile(
    r"(?:ntp-service (?:ipv6 )?unicast-server|ntp(?:-service)? (?:ipv6 )?server)(?: ipv6)?(?: vrf (\S+))? (\S+)(?:.* (?:vpn-instance|vrf) (\S+))?.*"
)
_VRF = re.compile(r"(?:ip vpn-instance|vrf definition|ip vrf|vrf) (\S+)")
_RD = re.compile(r"\s*(?:route-distinguisher|rd) (\S+)")
_VLANS = re.compile(r"vlan (?:batch )?(\d[\d ,to-]*)")
_VLAN_NAME = re.compile(r"\s*(?:name|description) (.+)")
_LIST = re.compile(
    r"""acl\ (?P<six>ipv6\ )?(?:number\ |name\ |(?:basic|advanced|mac|user-defined)\ (?:name\ )?)?(?P<name>\S+)
        (?:\ (?:number\ )?(?P<number>\d+))?(?:\ name\ (?P<alias>\S+))?(?:\ .*)?
      | ip\ access-list\ (?:standard\ |extended\ )?(?P<ip>\S+)
      | ipv6\ access-list\ (?P<ipv6>\S+)
      | ipv4-access-list\ (?P<ipv4>\S+) | ipv6-access-list\ (?P<other6>\S+)
    """,
    re.VERBOSE,
)
_NOT_A_LIST = re.compile(
    r"acl (?:ipv6 )?(?:copy|logging|mode|hardware|ipv6 enable)\b.*|ipv?6? access-list (?:log|resequence)\b.*"
)
_ACTION = re.compile(r"\b(?:permit|deny)\b", re.IGNORECASE)
_REMARK = re.compile(r"\s*(?:(?:rule\s+)?\d+\s+)?(?:remark|description|comment)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"access-list (\d+) ((?:permit|deny)\b.*)")
_STATIC = re.compile(r"(ip|ipv6) route(?:-static)? (?:(?:vpn-instance|vrf) (\S+) )?(\S+) (.+)")
_ROUTES = ("ip route ", "ip route-static ", "ipv6 route ", "ipv6 route-static ")
_PROCESS = re.compile(
    r"(?:ipv6 router (?P<v6>ospf)|router (?P<router>ospfv3|ospf|isis|bgp)|(?P<vrp>ospfv3|ospf|isis|bgp))(?: (?P<number>\S+))?(?P<rest>.*)"
)
_OF_VRF = re.compile(r".* (?:vpn-instance|vrf) (\S+)")
_NAT = re.compile(r"ip nat inside source (?:list|route-map) (\S+) (?:interface (\S+ ?[\d/.]*)|pool \S+)\b.*")
_INTERFACE = re.compile(r"[A-Za-z]")


def configuration(vendor: str, ending: str, *, bits: bool = False) -> Command:
    """Make the command of a vendor's configuration, which ends with the word `ending` (see `sections`, `read_port`)."""
    return Command(partial(_read, vendor=vendor, ending=ending, bits=bits), KINDS)


def _read(lines: Sequence[Line], *, vendor: str, ending: str, bits: bool) -> list[Found]:
    parts = sections(lines, ending)
    policies = limits_of(parts)
    found: list[Found] = policy_routes(parts)
    numbered: dict[str, list[tuple[AccessRule, Line]]] = {}
    for section in parts:
        text = section.head.text.strip()
        if is_interface(section.head):
            found += read_port(section, policies, bits=bits)
        elif match := _NUMBERED.fullmatch(text):
            numbered.setdefault(match[1], []).append((_rule(section.head, match[2]), section.head))
        elif text.startswith(("sysname ", "hostname ")):
            found.append(_one(Device(vendor, hostname=text.split()[1]), section.head))
        else:
            read = _STATEMENTS.get(text.partition(" ")[0])
            found += read(section, text) if read else ()
    for name, rules in numbered.items():
        fact = AccessList(name, 4, tuple(rule for rule, _ in rules))
        found.append(Found(fact, rules[0][1].number, rules[-1][1].number))
    return found


def _one(fact: DeviceFact, line: Line) -> Found:
    return Found(fact, line.number, line.number)


def _rule(line: Line, text: str) -> AccessRule:
    rule = rule_of(text)
    if rule is None:
        raise NotReadError(line, "a rule of an ACL")
    return rule


def _time(section: Section, text: str) -> list[Found]:
    match = _TIME.fullmatch(text)
    if not match:
        return []
    return [_one(TimeServer(address_of(match[2]) or match[2], match[1] or match[3] or ""), section.head)]


def _vrf(section: Section, text: str) -> list[Found]:
    match = _VRF.fullmatch(text)
    if not match:
        return []
    rd = next((told[1] for line in section.body if (told := _RD.fullmatch(line.text))), "")
    return [_one(Vrf(match[1], rd), section.head)]


def _vlan(section: Section, text: str) -> list[Found]:
    match = _VLANS.fullmatch(text)
    if not match:
        return []
    name = next((told[1].strip() for line in section.body if (told := _VLAN_NAME.fullmatch(line.text))), "")
    numbers: list[int] = []
    words = match[1].replace(",", " ").replace("-", " to ").split()
    for at, word in enumerate(words):
        number = number_of(word)
        if word == "to" or not 0 < number <= _MOST_VLANS:
            continue
        first = numbers[-1] + 1 if at and words[at - 1] == "to" and numbers else number
        numbers += range(first, number + 1)
    return [_one(Vlan(number, name if len(numbers) == 1 else ""), section.head) for number in dict.fromkeys(numbers)]


def _access_list(section: Section, text: str) -> list[Found]:
    match = _LIST.fullmatch(text)
    if not match or _NOT_A_LIST.fullmatch(text):
        return []
    name = next(
        filter(None, (match["alias"], match["name"], match["ip"], match["ipv6"], match["ipv4"], match["other6"]))
    )
    six = match["six"] or match["ipv6"] or match["other6"]
    rules: list[AccessRule] = []
    last = section.head.number
    for line in section.body:
        rule = rule_of(line.text)
        if rule is not None:
            rules.append(rule)
            last = line.number
        elif _ACTION.search(line.text) and not _REMARK.match(line.text):
            raise NotReadError(line, "a rule of an ACL")
    number = match["name"] if match["alias"] else match["number"] or ""
    return [Found(AccessList(name, 6 if six else 4, tuple(rules), number), section.head.number, last)]


def _static(section: Section, text: str) -> list[Found]:
    """Read `ip route-static D M|L [interface] [hop]`, `ip route D M hop`, `ipv6 route D/L [interface] hop` and the like."""
    match = _STATIC.fullmatch(text)
    if not match or not re.match(r"[0-9A-Fa-f:]", match[3]) or not re.search(r"[.:]", match[3]):
        return []
    family, words = 4 if match[1] == "ip" else 6, match[4].split()
    destination: str | None
    if "/" in match[3]:
        destination = network_of(match[3])
    else:
        length = mask_length(words[0]) if family == 4 else number_of(words[0])
        destination = network_of(f"{match[3]}/{length}") if length is not None else None
        words = words[1:]
    hop, interface = _towards(words)
    if destination is None or not (hop or interface):
        raise NotReadError(section.head, "a static route")
    fact = DeviceRoute(family, destination, hop, interface, "static", match[2] or "", configured=True)
    return [_one(fact, section.head)]


def _towards(words: Sequence[str]) -> tuple[str, str]:
    """Give next hop and interface; the interface's number may stand apart from its kind."""
    interface = ""
    for at, word in enumerate(words):
        if address := address_of(word):
            return address, interface
        if word in ("vpn-instance", "vrf", "global") or (at and words[at - 1] in ("vpn-instance", "vrf")):
            continue
        if not interface and _INTERFACE.match(word) and (re.search(r"\d", word) or _numbered(words, at)):
            interface = word if re.search(r"\d", word) else f"{word} {words[at + 1]}"
        elif not (interface and re.fullmatch(r"[\d/.:]+", word) and interface.endswith(f" {word}")):
            break
    return "", interface


def _numbered(words: Sequence[str], at: int) -> bool:
    return at + 1 < len(words) and re.fullmatch(r"\d[\d/.:]*", words[at + 1]) is not None


def _process(section: Section, text: str) -> list[Found]:
    match = _PROCESS.fullmatch(text)
    if not match:
        return []
    protocol = "ospfv3" if match["v6"] else match["router"] or match["vrp"]
    number, rest = match["number"] or "", match["rest"]
    if number in ("vpn-instance", "vrf"):
        number, rest = "", f" {number}{rest}"
    if match["vrp"] and number and not re.fullmatch(r"[\d.]+", number):
        return []
    vrf = _OF_VRF.fullmatch(rest)
    return [_one(RoutingProcess(protocol, number, vrf[1] if vrf else ""), section.head)]


def _ip(section: Section, text: str) -> list[Found]:
    if text.startswith(_ROUTES):
        return _static(section, text)
    if match := _NAT.fullmatch(text):
        return [_one(NatRule((match[2] or "").strip(), "outbound", match[1]), section.head)]
    return list(chain.from_iterable(read(section, text) for read in (_vrf, _access_list)))


def _ipv6(section: Section, text: str) -> list[Found]:
    if text.startswith(_ROUTES):
        return _static(section, text)
    return list(chain.from_iterable(read(section, text) for read in (_access_list, _process)))


_STATEMENTS: Mapping[str, Callable[[Section, str], list[Found]]] = {
    "ntp-service": _time,
    "ntp": _time,
    "ip": _ip,
    "ipv6": _ipv6,
    "vrf": _vrf,
    "vlan": _vlan,
    "acl": _access_list,
    "ipv4-access-list": _access_list,
    "ipv6-access-list": _access_list,
    "router": _process,
    "ospf": _process,
    "ospfv3": _process,
    "isis": _process,
    "bgp": _process,
}
