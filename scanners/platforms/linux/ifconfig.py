"""Reads `ifconfig -a`, which old hosts answer in place of `ip address`."""

from ipaddress import IPv4Address

from scanners.platforms.linux.interfaces import Found, Interface, address_of
from scanners.platforms.linux.notation import after, canonical, mac_of

# What net-tools 1 calls a kind of link -> what `ip` and net-tools 2 call it.
LINKS = {
    "Ethernet": "ether", "以太网": "ether", "Local Loopback": "loopback", "本地环回": "loopback", "InfiniBand": "infiniband",
    "IPv6-in-IPv4": "sit", "IPIP Tunnel": "tunnel", "Point-to-Point Protocol": "ppp", "点对点协议": "ppp",
    "UNSPEC": "unspec", "未指定": "unspec",
}  # fmt: skip
LINK_WORDS = frozenset({"ether", "infiniband", "loop", "ppp", "sit", "tunnel", "unspec"})  # of net-tools 2


def is_ifconfig(start: str) -> bool:
    """Tell from its first line whether an answer is ifconfig's."""
    return ": flags=" in start or "Link encap:" in start


def ifconfig_line(line: str, number: int, interfaces: list[Interface]) -> bool:
    """Read one line of `ifconfig -a`, of net-tools 1 (and busybox, and in Chinese) or 2."""
    if not line[0].isspace():
        return _head(line, number, interfaces)
    if not interfaces:
        return False
    interface, fields = interfaces[-1], line.split()
    if fields[0] in {"inet", "inet6"}:
        found = _ipv4(fields) if fields[0] == "inet" else _ipv6(fields)
        if found is None:
            return False
        interface.found.append(found)
    elif fields[0] in LINK_WORDS or "txqueuelen" in fields:
        interface.link = "loopback" if fields[0] == "loop" else fields[0]
        interface.mac = mac_of(after(fields, fields[0]))
    elif "MTU:" in line:
        interface.up, interface.state_shown = "UP" in fields and "RUNNING" in fields, True
    else:
        return True
    interface.last = number
    return True


def _head(line: str, number: int, interfaces: list[Interface]) -> bool:
    """Begin an interface; `eth0:web` is a further address of eth0."""
    name, new, flags = line.partition(": flags=")
    if new:
        words = flags.partition("<")[2].partition(">")[0].split(",")
        up = "UP" in words and "RUNNING" in words
        interfaces.append(Interface(name.partition(":")[0], number, number, up, state_shown=True))
        return True
    name, old, rest = line.partition("Link encap:")
    fields = rest.split()
    mac = mac_of(after(fields, "HWaddr") or after(fields, "硬件地址"))
    kind = rest.strip().partition("  ")[0]
    interfaces.append(
        Interface(name.strip().partition(":")[0], number, number, link=LINKS.get(kind, kind.lower()), mac=mac)
    )
    return bool(old)


def _ipv4(fields: list[str]) -> Found | None:
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
    return address_of(4, text, str(32 - hosts.bit_length()), scope)


def _ipv6(fields: list[str]) -> Found | None:
    """Read `inet6 addr: fe80::1/64 Scope:Link` or `inet6 fe80::1  prefixlen 64  scopeid 0x20<link>`."""
    if fields[1:2] in (["addr:"], ["地址:"]):
        text, slash, prefix = after(fields, fields[1]).partition("/")
        scope = fields[-1].partition("Scope:")[2].lower()
    else:
        text, slash, prefix = after(fields, "inet6"), "/", after(fields, "prefixlen")
        scope = after(fields, "scopeid").partition("<")[2].rstrip(">").rpartition(",")[2]
    return address_of(6, text, prefix, scope) if slash and prefix else None
