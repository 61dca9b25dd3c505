"""Reads the IP addresses of a Linux endpoint, and the kernel's switches that turn IPv6 off."""

from collections.abc import Mapping, Sequence

from scanners.platforms.linux.ifconfig import ifconfig_line, is_ifconfig
from scanners.platforms.linux.interfaces import Found, Interface, address_of
from scanners.platforms.linux.notation import after, mac_of
from scanners.platforms.reading import Reading, cite, cite_all, lines_of, odd
from xunyan.facts import Address, Ipv6Switch
from xunyan.model import Capture, Evidence

DOWN = frozenset({"DOWN", "LOWERLAYERDOWN", "NOTPRESENT"})
UNUSABLE = frozenset({"tentative", "dadfailed", "deprecated"})
UNUSABLE_BITS = 0x40 | 0x08 | 0x20  # the same three, where `flags` gives what that version had no word for
MOST_EVIDENCE = 40
LONGEST_NAME = 15  # of an interface, from include/uapi/linux/if.h of the kernel
SWITCHES = (("/proc/sys/net/ipv6/conf/", "/disable_ipv6"), ("net.ipv6.conf.", ".disable_ipv6"))


def read_addresses(sources: Mapping[str, Capture]) -> Reading:
    """Read each address of each interface from `ip-address`: `ip address`, `ip -o address` or `ifconfig -a`.

    `up` means that the interface is up and has a carrier; `ip -o` does not show that (`state_shown`). `usable` is False
    for a tentative, duplicate or deprecated address; `ifconfig` does not show that, and is taken as usable.
    """
    capture = sources.get("ip-address")
    if capture is None:
        return Reading()
    lines = lines_of(capture)
    interfaces = _interfaces(lines)
    if isinstance(interfaces, str):
        return Reading(unreadable=(("ip-address", interfaces),))
    facts = tuple(_address(one, found) for one in interfaces for found in one.found)
    return Reading(facts, _cited(capture, lines, interfaces))


def read_switches(sources: Mapping[str, Capture]) -> Reading:
    """Read disable_ipv6 of each interface from `disable-ipv6`: lines of a path below /proc/sys (or a key) and a value.

    Sysctl writes the dots of an interface's name as slashes; here they are dots again. A kernel without IPv6 has no
    such switch, which gives an empty table.
    """
    capture = sources.get("disable-ipv6")
    if capture is None:
        return Reading()
    lines = lines_of(capture)
    switches: list[Ipv6Switch] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("/proc/sys/net/ipv6/conf/*/"):
            continue  # a shell leaves the star where no file is there
        switch = _switch(line.strip())
        if switch is None:
            return Reading(unreadable=(("disable-ipv6", odd(number, line, "a switch")),))
        switches.append(switch)
    return Reading(tuple(switches), (cite_all(capture, lines),))


def _address(interface: Interface, found: Found) -> Address:
    return Address(
        interface=interface.name,
        family=found.family,
        address=found.address,
        prefix=found.prefix,
        scope=found.scope,
        up=interface.up,
        usable=found.usable,
        mac=interface.mac,
        link=interface.link,
        state_shown=interface.state_shown,
    )


def _interfaces(lines: Sequence[str]) -> list[Interface] | str:
    """Read interface by interface; the reason where that cannot be done."""
    start = next((line for line in lines if line.strip()), "")
    if not start:
        return "the answer is empty, and every host has at least a loopback interface"
    read_line = ifconfig_line if is_ifconfig(start) else _ip_line
    interfaces: list[Interface] = []
    for number, line in enumerate(lines, 1):
        if line and not line.isspace() and not read_line(line, number, interfaces):
            return odd(number, line, "of an interface or address")
    return interfaces


def _ip_line(line: str, number: int, interfaces: list[Interface]) -> bool:
    """Read one line of `ip address`: one that begins with a number names the interface, the rest are details of it."""
    if line[0] in "0123456789":
        return _ip_interface(line, number, interfaces)
    if not interfaces or not (line[0].isspace() or line.startswith(("inet", "link/", "valid_lft"))):
        return False
    return _ip_detail(line.split(), number, interfaces[-1])


def _ip_interface(line: str, number: int, interfaces: list[Interface]) -> bool:
    """Read `2: eth0@if3: <UP> mtu 1500`, or with `-o` `2: eth0 inet ...`, a backslash for each line break."""
    head, *details = (piece.split() for piece in line.split("\\"))
    if len(head) < 3 or not (head[0].endswith(":") and head[0][:-1].isdigit()):
        return False
    name = head[1].rstrip(":").partition("@")[0]
    if head[1].endswith(":") and head[2].startswith("<") and head[2].endswith(">"):
        flags = head[2].strip("<>").split(",")
        up = "UP" in flags and "NO-CARRIER" not in flags and after(head, "state") not in DOWN
        interfaces.append(Interface(name, number, number, up, state_shown=True))
    elif head[2] in {"inet", "inet6"}:
        if not interfaces or interfaces[-1].name != name:
            interfaces.append(Interface(name, number, number))
        details.insert(0, head[2:])
    else:
        return False
    return all(_ip_detail(fields, number, interfaces[-1]) for fields in details if fields)


def _ip_detail(fields: list[str], number: int, interface: Interface) -> bool:
    """Read what `ip address` says below an interface.

    What is neither its MAC nor an address is passed over, but only an address (and a name in free text) has a scope.
    """
    word = fields[0]
    if word in {"inet", "inet6"}:
        found = _ip_address(fields)
        if found is None:
            return False
        interface.found.append(found)
    elif word == "valid_lft":
        if not interface.found or fields[2:3] != ["preferred_lft"] or len(fields) < 4:
            return False
        if fields[3] in {"0sec", "0"}:
            interface.found[-1].usable = False
    elif word.startswith("link/"):
        interface.link = word.removeprefix("link/")
        interface.mac = mac_of(fields[1]) if len(fields) > 1 else ""
    else:
        return "scope" not in fields or word in {"alias", "altname"}
    interface.last = number
    return True


def _ip_address(fields: list[str]) -> Found | None:
    """Read `inet6 2001:db8::5/64 scope global tentative`; behind a point-to-point address the peer has the prefix."""
    text, _, prefix = fields[1].partition("/") if len(fields) > 1 else ("", "", "")
    if not prefix and fields[2:3] == ["peer"]:
        prefix = after(fields, "peer").partition("/")[2]
    scope = after(fields, "scope")
    flags = fields[fields.index("scope") + 2 :] if scope else []
    if fields[0] == "inet":
        flags = flags[:-1]  # the last word is the label, and an interface may be called `deprecated`
    try:
        bits = int(after(flags, "flags") or "0", 16)
    except ValueError:
        return None
    usable = UNUSABLE.isdisjoint(flags) and not bits & UNUSABLE_BITS
    return address_of(4 if fields[0] == "inet" else 6, text, prefix, scope, usable=usable)


def _switch(line: str) -> Ipv6Switch | None:
    separator = " " if " " in line else ":"
    path, _, value = line.replace("\t", " ").rpartition(separator)
    path = path.rstrip(" =:")
    if not (value.isascii() and value.isdigit()):
        return None
    for start, end in SWITCHES:
        if path.startswith(start) and path.endswith(end):
            name = path[len(start) : -len(end)].replace("/", ".")
            fits = 0 < len(name) <= LONGEST_NAME and " " not in name
            return Ipv6Switch(name, bool(value.strip("0"))) if fits else None
    return None


def _cited(capture: Capture, lines: Sequence[str], interfaces: list[Interface]) -> tuple[Evidence, ...]:
    """Point at each interface, its head (name, state, link) with its addresses; those without any prove that by theirs.

    Everything at once proves that there is no global IPv6 address, and stands for very many interfaces.
    """
    present = any(found.family == 6 and found.scope == "global" for one in interfaces for found in one.found)
    if not present or len(interfaces) > MOST_EVIDENCE:
        return (cite_all(capture, lines),)
    return tuple(cite(capture, one.first, one.last, lines) for one in interfaces)
