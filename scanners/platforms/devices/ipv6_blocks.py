"""IPv6 addresses by interface in the long form that Huawei, H3C and Cisco share, and in the short form of the others."""

import re
from collections.abc import Sequence

from scanners.platforms.devices.answers import Line, NotReadError, blocks, shown
from scanners.platforms.devices.commands import Found
from scanners.platforms.devices.notation import address_of, scope_of, shut, state_of
from scanners.platforms.devices.rows import require
from scanners.platforms.linux.notation import length_of
from xunyan.device_facts import UNSHOWN, DeviceInterface, InterfaceAddress

_BEGINS = re.compile(
    r"(?:(\S+) current state\s*:\s*(.+?)\s*|(\S+) is ((?:administratively )?\w+), line protocol is (\w+).*)$"
)
_LINK_LOCAL = re.compile(r"\s*IPv6 is \w+, link-local address is\s+(\S+?)\s*(?:\[([^\]]*)\])?\s*")
_GLOBAL = re.compile(r"\s*([0-9A-Fa-f:.]+)\s*,\s*subnet is\s+(\S+?)/(\d{1,3})\b(.*)")
_ENABLED = re.compile(r"\s*IPv6 is (\w+)", re.IGNORECASE)
_SHORT = re.compile(r"(\S(?:.*\S)?)\s+\[([a-z ]+)/([a-z]+)\](?:\s+(\S+))?")
_OTHER_STATES = (("duplicate", ("DUP",)), ("deprecated", ("DEP",)), ("tentative", ("TEN", "INCOMPLETE")))


def state_in(flags: str) -> str:
    """Give the state that flags in brackets tell of; none of them means preferred."""
    words = re.findall(r"[A-Z]+", flags.upper())
    for state, begins in _OTHER_STATES:
        if any(word.startswith(begins) for word in words):
            return state
    return "preferred"


def address_fact(interface: str, text: str, prefix: int | None, flags: str | None = None) -> InterfaceAddress | None:
    """Give the fact of an IPv6 address, without a state where the answer has no `flags`; None where it is none."""
    address = address_of(text, 6)
    if address is None or prefix is None:
        return None
    return InterfaceAddress(interface, 6, address, prefix, scope_of(address), "" if flags is None else state_in(flags))


def read_long(lines: Sequence[Line]) -> list[Found]:
    """Read `display ipv6 interface` or `show ipv6 interface`: every address with its state.

    An interface that the answer shows has IPv6 on; of others it does not speak.
    """
    found: list[Found] = []
    parts = blocks(lines, _BEGINS)
    for match, own in parts:
        name = match[1] or match[3]
        state = match[2] or match[4]
        if not state_of(state) or not any(_ENABLED.match(line.text) for line in own):
            raise NotReadError(own[0], "an interface with IPv6")
        found.append(_interface(name, state, own[0]))
        found += _addresses(name, own)
    return require(found, lines, "an interface with IPv6")


def _addresses(name: str, own: Sequence[Line]) -> list[Found]:
    found: list[Found] = []
    at = 0
    while at < len(own):
        line = own[at]
        text, last = line.text, line.number
        if text.rstrip().endswith(",") and at + 1 < len(own) and own[at + 1].text.lstrip().startswith("subnet is"):
            at += 1
            text, last = f"{text} {own[at].text.strip()}", own[at].number
        if match := _LINK_LOCAL.fullmatch(text):
            fact = address_fact(name, match[1], UNSHOWN, match[2] or "")
        elif match := _GLOBAL.fullmatch(text):
            fact = address_fact(name, match[1], length_of(match[3], 6), match[4])
        elif "subnet is" in text or "link-local address is" in text:
            fact = None
        else:
            at += 1
            continue
        if fact is None:
            raise NotReadError(line, "an IPv6 address")
        found.append(Found(fact, line.number, last))
        at += 1
    return found


def read_short(lines: Sequence[Line]) -> list[Found]:
    """Read `show ipv6 interface brief` of Cisco, Ruijie and ZTE: a name with states in brackets, then its addresses."""
    found: list[Found] = []
    name = ""
    for line in shown(lines):
        head = _SHORT.fullmatch(line.text)
        text = line.text.strip()
        if head:
            name, text = head[1], head[4] or ""
            if not state_of(head[2]) or not state_of(head[3]):
                raise NotReadError(line, "an interface with its states")
            found.append(_interface(name, head[2], line))
        if not text or text.lower() == "unassigned":
            continue
        address, _, prefix = text.partition("/")
        fact = address_fact(name, address, length_of(prefix, 6) if prefix else UNSHOWN) if name else None
        if fact is None:
            raise NotReadError(line, "an IPv6 address of an interface")
        found.append(Found(fact, line.number, line.number))
    return found


def _interface(name: str, state: str, line: Line) -> Found:
    """Give the interface. Its protocol here is IPv6's own, which is not that of the line: it is left out."""
    admin = "down" if shut(state) else ""
    return Found(DeviceInterface(name, admin=admin, oper=state_of(state)), line.number, line.number)
