"""Reads `ifconfig -a`, which old hosts answer in place of `ip address`."""

from ipaddress import IPv4Address

from scanners.platforms.linux.interfaces import Found, Interface, address_of
from scanners.platforms.linux.notation import after, canonical, mac_of


def is_ifconfig(start: str) -> bool:
    """Tell from its first line whether an answer is ifconfig's."""
    return ": flags=" in start or "Link encap:" in start


def ifconfig_line(line: str, number: int, interfaces: list[Interface]) -> bool:
    """Read one line of `ifconfig -a`, of net-tools 1 (and busybox, and in Chinese) or 2."""
    if not line[0].isspace():
        return _head(line, interfaces)
    if not interfaces:
        return False
    fields = line.split()
    if fields[0] in {"inet", "inet6"}:
        found = _ipv4(fields, number) if fields[0] == "inet" else _ipv6(fields, number)
        if found is None:
            return False
        interfaces[-1].found.append(found)
    elif fields[0] in {"ether", "infiniband"}:
        interfaces[-1].mac = mac_of(after(fields, fields[0]))
    elif "MTU:" in line:
        interfaces[-1].up = "UP" in fields and "RUNNING" in fields
    return True


def _head(line: str, interfaces: list[Interface]) -> bool:
    """Begin an interface; `eth0:web` is a further address of eth0."""
    name, new, flags = line.partition(": flags=")
    if new:
        words = flags.partition("<")[2].partition(">")[0].split(",")
        interfaces.append(Interface(name.partition(":")[0], "UP" in words and "RUNNING" in words))
        return True
    name, old, rest = line.partition("Link encap:")
    fields = rest.split()
    mac = mac_of(after(fields, "HWaddr") or after(fields, "硬件地址"))
    interfaces.append(Interface(name.strip().partition(":")[0], up=False, mac=mac))
    return bool(old)


def _ipv4(fields: list[str], number: int) -> Found | None:
    """Read `inet addr:10.1.1.5  Mask:255.255.255.0` or `inet 10.1.1.5  netmask 255.255.255.0`."""
    pairs = {key: value for key, colon, value in (part.partition(":") for part in fields[1:]) if colon}
    text = pairs.get("addr") or pairs.get("地址") or after(fields, "inet")
    mask = canonical(pairs.get("Mask") or pairs.get("掩码") or after(fields, "netmask"))
    if mask is None or ":" in mask:
        return None
    hosts = 0xFFFFFFFF ^ int(IPv4Address(mask))
    if hosts & (hosts + 1):
        return None
    scope = "host" if text.startswith("127.") else "link" if text.startswith("169.254.") else "global"
    return address_of(4, text, str(32 - hosts.bit_length()), scope, number)


def _ipv6(fields: list[str], number: int) -> Found | None:
    """Read `inet6 addr: fe80::1/64 Scope:Link` or `inet6 fe80::1  prefixlen 64  scopeid 0x20<link>`."""
    if fields[1:2] in (["addr:"], ["地址:"]):
        text, slash, prefix = after(fields, fields[1]).partition("/")
        scope = fields[-1].partition("Scope:")[2].lower()
    else:
        text, slash, prefix = after(fields, "inet6"), "/", after(fields, "prefixlen")
        scope = after(fields, "scopeid").partition("<")[2].rstrip(">").rpartition(",")[2]
    return address_of(6, text, prefix, scope, number) if slash and prefix else None
