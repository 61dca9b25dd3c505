"""The IP addresses of a Windows endpoint, and the registry's switch that turns IPv6 off."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

from scanners.platforms.linux.notation import canonical, length_of, mac_of
from scanners.platforms.reading import Reading, cite_all, lines_of
from scanners.platforms.windows.answers import Row, cite_values, has, rows_of, shown
from xunyan.facts import Address, Ipv6Switch
from xunyan.model import Capture, Evidence

SOURCE = "ip-address"
SWITCHES = "ipv6-components"
MOST_EVIDENCE = 40

# By name, and by number where an enumeration was not cast: System.Net.Sockets' and MSFT_NetIPAddress's.
FAMILIES = {"InterNetwork": 4, "InterNetworkV6": 6, "IPv4": 4, "IPv6": 6, "2": 4, "23": 6}
USABLE = frozenset({"Preferred", "4"})
STATES = USABLE | {"Invalid", "Tentative", "Duplicate", "Deprecated", "0", "1", "2", "3"}
STATUSES = frozenset({"Up", "Down", "Testing", "Unknown", "Dormant", "NotPresent", "LowerLayerDown"})

# Kinds of interface -> the word that Linux has for such a link; `none` is a link behind which there is only software.
LINKS = {"Loopback": "loopback", "Tunnel": "tunnel", "Ppp": "none", "Slip": "none", "53": "none", "131": "tunnel"}
ETHER = "ether"
_SOFTWARE = re.compile(
    r"""vmware\ virtual\ ethernet | virtualbox\ host-only | \btap-windows | \btap\b.*\badapter\b | wireguard | wintun
      | \bvpn\b | sangfor\ ssl | openvpn | npcap\ loopback | km-test\ loopback | microsoft\ loopback | wi-fi\ direct
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NAT_SWITCH = re.compile(r"vEthernet \((Default Switch|默认开关|WSL.*|nat|Windows Sandbox.*|HNS.*)\)", re.IGNORECASE)
ALL_BUT_TUNNELS = 0x10  # of DisabledComponents; 0xff and 0x11 have this bit too


def read_addresses(sources: Mapping[str, Capture]) -> Reading:
    """Read each address of each interface from `ip-address`.

    `up` is OperationalStatus; what only Get-NetIPAddress says does not tell it (`state_shown`). `usable` is False for an
    address that duplicate detection has not made Preferred. The link of an adapter of a VPN, of a hypervisor's private
    network or of a loopback driver is `none`; Hyper-V's external switch carries the machine's own address and is `ether`.
    """
    capture = sources.get(SOURCE)
    if capture is None:
        return Reading()
    rows = rows_of(capture)
    if isinstance(rows, str):
        return Reading(unreadable=((SOURCE, rows),))
    facts: list[Address] = []
    for number, row in enumerate(rows, 1):
        fact = _address(row)
        if fact is None:
            why = f"object {number} is not of an address: {shown(row, 'IPAddress')[:60]}"
            return Reading(unreadable=((SOURCE, why),))
        facts.append(fact)
    return Reading(tuple(facts), _cited(capture, len(rows)))


def read_switches(sources: Mapping[str, Capture]) -> Reading:
    """Read DisabledComponents as the switch of `all`; where it was never set, IPv6 is on.

    It takes effect at the next start, so addresses may still contradict it.
    """
    capture = sources.get(SWITCHES)
    if capture is None:
        return Reading()
    rows = rows_of(capture)
    if isinstance(rows, str):
        return Reading(unreadable=((SWITCHES, rows),))
    value = rows[0].get("DisabledComponents")
    whole = isinstance(value, int) and not isinstance(value, bool)
    if len(rows) != 1 or not has(rows[0], "DisabledComponents") or not (value is None or whole):
        return Reading(unreadable=((SWITCHES, "no object with a number of DisabledComponents"),))
    off = isinstance(value, int) and bool(value & ALL_BUT_TUNNELS)
    return Reading((Ipv6Switch("all", off),), (cite_values(capture, ("DisabledComponents",)),))


def own_macs(capture: Capture) -> list[str]:
    """List the MACs of the machine's own adapters, in the order shown; nothing where the answer cannot be read."""
    rows = rows_of(capture)
    if isinstance(rows, str):
        return []
    macs = (_mac(row) for row in rows if _link(row) == ETHER)
    return list(dict.fromkeys(mac for mac in macs if mac))


def _cited(capture: Capture, count: int) -> tuple[Evidence, ...]:
    """Point at each address with its state; at the whole answer where there are too many of them."""
    if count > MOST_EVIDENCE:
        return (cite_all(capture, lines_of(capture)),)
    names = ("IPAddress", "PrefixLength", "AddressState")
    return tuple(dict.fromkeys(cite_values(capture, names, at) for at in range(count)))


def _address(row: Row) -> Address | None:
    family = FAMILIES.get(shown(row, "AddressFamily"))
    address = canonical(shown(row, "IPAddress").partition("%")[0])  # a link-local one carries its zone
    prefix = length_of(shown(row, "PrefixLength"), family) if family else None
    state, status = shown(row, "AddressState"), shown(row, "OperationalStatus")
    name = shown(row, "InterfaceAlias")
    if family is None or address is None or prefix is None or (":" in address) != (family == 6) or not name:
        return None
    if state not in STATES or (status and status not in STATUSES):
        return None
    return Address(
        interface=name,
        family=family,
        address=address,
        prefix=prefix,
        scope=_scope(ip_address(address)),
        up=status in ("Up", ""),
        usable=state in USABLE,
        mac=_mac(row),
        link=_link(row),
        state_shown=bool(status),
    )


def _mac(row: Row) -> str:
    digits = shown(row, "MacAddress").replace("-", "").replace(":", "")
    return mac_of(":".join(digits[at : at + 2] for at in range(0, len(digits), 2))) if len(digits) == 12 else ""


def _link(row: Row) -> str:
    """Give the kind of link in Linux's words; empty where the answer does not show the kind."""
    kind, text = shown(row, "InterfaceType"), shown(row, "InterfaceDescription")
    if kind in LINKS:
        return LINKS[kind]
    if _SOFTWARE.search(text) or _NAT_SWITCH.fullmatch(shown(row, "InterfaceAlias")):
        return "none"
    return ETHER if kind else ""


def _scope(address: IPv4Address | IPv6Address) -> str:
    """Give the scope that Linux would show, where a unique local address is global too."""
    if address.is_loopback:
        return "host"
    if address.is_link_local:
        return "link"
    return "site" if isinstance(address, IPv6Address) and address.is_site_local else "global"
