"""Reads the IP addresses of a Linux endpoint, and the kernel's switches that turn IPv6 off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from scanners.platforms.reading import Reading, cite, cite_all
from xunyan.facts import Address, Ipv6Switch
from xunyan.model import Capture, Evidence

DOWN = frozenset({"DOWN", "LOWERLAYERDOWN", "NOTPRESENT"})
UNUSABLE = frozenset({"tentative", "dadfailed", "deprecated"})
UNUSABLE_BITS = 0x40 | 0x08 | 0x20  # the same three, where `flags` gives what that version had no word for
MOST_EVIDENCE = 40
LONGEST_ADDRESS = 64
LONGEST_NAME = 15  # of an interface, from include/uapi/linux/if.h of the kernel
SWITCHES = (("/proc/sys/net/ipv6/conf/", "/disable_ipv6"), ("net.ipv6.conf.", ".disable_ipv6"))
HEXADECIMAL = frozenset("0123456789abcdef")


@dataclass(slots=True)
class Found:
    """One address and the lines that show it, while its interface is still being read."""

    family: int
    address: str
    prefix: int
    scope: str
    usable: bool
    first: int
    last: int


@dataclass(slots=True)
class Interface:
    """One interface as far as it has been read."""

    name: str
    up: bool
    mac: str = ""
    found: list[Found] = field(default_factory=list)


def read_addresses(sources: Mapping[str, Capture]) -> Reading:
    """Read each address of each interface from `ip-address`: `ip address`, `ip -o address` or `ifconfig -a`.

    `up` means that the interface is up and has a carrier; `ip -o` does not show that, and is taken as up. `usable` is
    False for a tentative, duplicate or deprecated address; `ifconfig` does not show that, and is taken as usable.
    """
    capture = sources.get("ip-address")
    if capture is None:
        return Reading()
    lines = lines_of(capture)
    interfaces = _interfaces(lines)
    if isinstance(interfaces, str):
        return Reading(unreadable=(("ip-address", interfaces),))
    facts = tuple(
        Address(one.name, found.family, found.address, found.prefix, found.scope, one.up, found.usable, one.mac)
        for one in interfaces
        for found in one.found
    )
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


def lines_of(capture: Capture) -> list[str]:
    """Give the lines of a capture, without the mark that some editors put before the first."""
    return capture.text.removeprefix("\ufeff").splitlines()


def odd(number: int, line: str, what: str) -> str:
    """Say which line is not what was expected, with its beginning."""
    return f"line {number} is not {what}: {line.strip()[:100]}"


def canonical(text: str) -> str | None:
    """Give an address in its one compressed form, an IPv4-mapped one as `::ffff:10.1.1.1`; None where it is none."""
    return _canonical(text) if len(text) <= LONGEST_ADDRESS else None


@lru_cache(maxsize=4096)
def _canonical(text: str) -> str | None:
    try:
        if ":" not in text:
            return str(IPv4Address(text))
        return None if "%" in text else written(IPv6Address(text))
    except ValueError:
        return None


def written(address: IPv4Address | IPv6Address) -> str:
    """Write an address alike under every version of Python; they differ over IPv4-mapped ones."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return f"::ffff:{address.ipv4_mapped}"
    return str(address)


def length_of(prefix: str, family: int) -> int | None:
    """Give a prefix length, the longest where none is written; None where it is no length of that family."""
    longest = 32 if family == 4 else 128
    if not prefix:
        return longest
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 3):
        return None
    return int(prefix) if int(prefix) <= longest else None


def _interfaces(lines: list[str]) -> list[Interface] | str:
    """Read interface by interface; the reason where that cannot be done."""
    start = next((line for line in lines if line.strip()), "")
    if not start:
        return "the answer is empty, and every host has at least a loopback interface"
    read_line = _ifconfig_line if ": flags=" in start or "Link encap:" in start else _ip_line
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
        up = "UP" in flags and "NO-CARRIER" not in flags and _after(head, "state") not in DOWN
        interfaces.append(Interface(name, up))
    elif head[2] in {"inet", "inet6"}:
        if not interfaces or interfaces[-1].name != name:
            interfaces.append(Interface(name, up=True))
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
        found = _ip_address(fields, number)
        if found is None:
            return False
        interface.found.append(found)
    elif word == "valid_lft":
        if not interface.found or fields[2:3] != ["preferred_lft"] or len(fields) < 4:
            return False
        interface.found[-1].last = number
        if fields[3] in {"0sec", "0"}:
            interface.found[-1].usable = False
    elif word.startswith("link/"):
        interface.mac = _mac(fields[1]) if len(fields) > 1 else ""
    else:
        return "scope" not in fields or word in {"alias", "altname"}
    return True


def _ip_address(fields: list[str], number: int) -> Found | None:
    """Read `inet6 2001:db8::5/64 scope global tentative`; behind a point-to-point address the peer has the prefix."""
    text, _, prefix = fields[1].partition("/") if len(fields) > 1 else ("", "", "")
    if not prefix and fields[2:3] == ["peer"]:
        prefix = _after(fields, "peer").partition("/")[2]
    scope = _after(fields, "scope")
    flags = fields[fields.index("scope") + 2 :] if scope else []
    if fields[0] == "inet":
        flags = flags[:-1]  # the last word is the label, and an interface may be called `deprecated`
    try:
        bits = int(_after(flags, "flags") or "0", 16)
    except ValueError:
        return None
    usable = UNUSABLE.isdisjoint(flags) and not bits & UNUSABLE_BITS
    return _found(4 if fields[0] == "inet" else 6, text, prefix, scope, number, usable=usable)


def _found(family: int, text: str, prefix: str, scope: str, number: int, *, usable: bool = True) -> Found | None:
    address = canonical(text)
    length = length_of(prefix, family)
    if address is None or length is None or not scope or (":" in address) != (family == 6):
        return None
    return Found(family, address, length, scope, usable, number, number)


def _ifconfig_line(line: str, number: int, interfaces: list[Interface]) -> bool:
    """Read one line of `ifconfig -a`, of net-tools 1 (and busybox, and in Chinese) or 2."""
    if not line[0].isspace():
        return _ifconfig_head(line, interfaces)
    if not interfaces:
        return False
    fields = line.split()
    if fields[0] in {"inet", "inet6"}:
        found = _ifconfig_ipv4(fields, number) if fields[0] == "inet" else _ifconfig_ipv6(fields, number)
        if found is None:
            return False
        interfaces[-1].found.append(found)
    elif fields[0] in {"ether", "infiniband"}:
        interfaces[-1].mac = _mac(_after(fields, fields[0]))
    elif "MTU:" in line:
        interfaces[-1].up = "UP" in fields and "RUNNING" in fields
    return True


def _ifconfig_head(line: str, interfaces: list[Interface]) -> bool:
    """Begin an interface; `eth0:web` is a further address of eth0."""
    name, new, flags = line.partition(": flags=")
    if new:
        words = flags.partition("<")[2].partition(">")[0].split(",")
        interfaces.append(Interface(name.partition(":")[0], "UP" in words and "RUNNING" in words))
        return True
    name, old, rest = line.partition("Link encap:")
    fields = rest.split()
    mac = _mac(_after(fields, "HWaddr") or _after(fields, "硬件地址"))
    interfaces.append(Interface(name.strip().partition(":")[0], up=False, mac=mac))
    return bool(old)


def _ifconfig_ipv4(fields: list[str], number: int) -> Found | None:
    """Read `inet addr:10.1.1.5  Mask:255.255.255.0` or `inet 10.1.1.5  netmask 255.255.255.0`."""
    pairs = {key: value for key, colon, value in (part.partition(":") for part in fields[1:]) if colon}
    text = pairs.get("addr") or pairs.get("地址") or _after(fields, "inet")
    mask = canonical(pairs.get("Mask") or pairs.get("掩码") or _after(fields, "netmask"))
    if mask is None or ":" in mask:
        return None
    hosts = 0xFFFFFFFF ^ int(IPv4Address(mask))
    if hosts & (hosts + 1):
        return None
    scope = "host" if text.startswith("127.") else "link" if text.startswith("169.254.") else "global"
    return _found(4, text, str(32 - hosts.bit_length()), scope, number)


def _ifconfig_ipv6(fields: list[str], number: int) -> Found | None:
    """Read `inet6 addr: fe80::1/64 Scope:Link` or `inet6 fe80::1  prefixlen 64  scopeid 0x20<link>`."""
    if fields[1:2] in (["addr:"], ["地址:"]):
        text, slash, prefix = _after(fields, fields[1]).partition("/")
        scope = fields[-1].partition("Scope:")[2].lower()
    else:
        text, slash, prefix = _after(fields, "inet6"), "/", _after(fields, "prefixlen")
        scope = _after(fields, "scopeid").partition("<")[2].rstrip(">").rpartition(",")[2]
    return _found(6, text, prefix, scope, number) if slash and prefix else None


def _after(fields: list[str], word: str) -> str:
    """Give what follows a word, empty where nothing does."""
    at = fields.index(word) + 1 if word in fields else len(fields)
    return fields[at] if at < len(fields) else ""


def _mac(text: str) -> str:
    """Give a link-layer address in lower case; empty for a loopback's zeros and a tunnel's IP address."""
    octets = text.lower().split(":")
    if len(octets) < 6 or not all(len(octet) == 2 and HEXADECIMAL.issuperset(octet) for octet in octets):
        return ""
    return ":".join(octets) if set(octets) != {"00"} else ""


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


def _cited(capture: Capture, lines: list[str], interfaces: list[Interface]) -> tuple[Evidence, ...]:
    """Point at the lines that hold addresses, neighbours together; at everything where that is none or very many."""
    spans: list[tuple[int, int]] = []
    for interface in interfaces:
        for found in interface.found:
            if spans and found.first <= spans[-1][1] + 1:
                spans[-1] = (spans[-1][0], found.last)
            else:
                spans.append((found.first, found.last))
    if not spans or len(spans) > MOST_EVIDENCE:
        return (cite_all(capture, lines),)
    return tuple(cite(capture, first, last, lines) for first, last in spans)
