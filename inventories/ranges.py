"""Addresses and ranges as a letter of authorisation may write them: read strictly, and never guessed at."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

from xunyan.errors import InputError
from xunyan.names import shown
from xunyan.wording import Text

IPAddress: TypeAlias = IPv4Address | IPv6Address

WIDEST = {4: 8, 6: 32}
"""The shortest prefix that `allow` may have, by version: a whole 10.0.0.0/8 is the widest that a unit can own."""

_BITS = {4: 32, 6: 128}
_PREFIX = re.compile(r"0|[1-9][0-9]{0,2}")
_NUMBER = re.compile(r"0|[1-9][0-9]*")
_LOW = 0xFFFFFFFF
_THIS_NETWORK = IPv4Network("0.0.0.0/8")
_BROADCAST = IPv4Address("255.255.255.255")
_COMPATIBLE = IPv6Network("::/96")
_MAPPED = IPv6Network("::ffff:0:0/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_ISATAP = (0x00005EFE, 0x02005EFE)
_FOUR_IN_SIX = (_MAPPED, _TRANSLATED)

_ADDRESS_ADVICE = Text(
    "写成 10.1.2.3 或 2001:db8::1 这样的完整地址，每段不带前导零",
    "write a whole address such as 10.1.2.3 or 2001:db8::1, without leading zeros",
)
_RANGE_ADVICE = Text(
    "写地址 10.1.2.3、网段 10.1.2.0/24、地址段 10.1.2.3-10.1.2.9 或 10.1.2.3-9，IPv6同样",
    "write an address 10.1.2.3, a network 10.1.2.0/24, or a range 10.1.2.3-10.1.2.9 or 10.1.2.3-9; IPv6 likewise",
)


@dataclass(frozen=True, slots=True)
class Range:
    """The addresses from `first` to `last`, both included, of one version, as `text` wrote them."""

    version: int
    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One port at one address."""

    address: IPAddress
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if self.address.version == 6 else f"{self.address}:{self.port}"


@dataclass(frozen=True)
class Ranges:
    """Ranges in the order written, quick to ask whether one of them holds an address."""

    ranges: tuple[Range, ...] = ()
    _starts: dict[int, list[int]] = field(init=False, repr=False, compare=False)
    _reach: dict[int, list[Range]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Per version: the sorted starts, and for each the range that reaches furthest of all that start so far."""
        starts: dict[int, list[int]] = {4: [], 6: []}
        reach: dict[int, list[Range]] = {4: [], 6: []}
        for one in sorted(self.ranges, key=lambda one: (one.first, one.last, one.text)):
            furthest = reach[one.version][-1] if reach[one.version] else one
            starts[one.version].append(one.first)
            reach[one.version].append(max(furthest, one, key=lambda known: known.last))
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_reach", reach)

    def holding(self, address: IPAddress) -> Range | None:
        """Give a range that holds the address, or None."""
        value = int(address)
        place = bisect_right(self._starts[address.version], value)
        found = self._reach[address.version][place - 1] if place else None
        return found if found is not None and found.last >= value else None

    def holding_any(self, addresses: Iterable[IPAddress]) -> Range | None:
        """Give a range that holds one of the addresses, or None."""
        for one in addresses if self.ranges else ():
            found = self.holding(one)
            if found is not None:
                return found
        return None


def read_address(text: str) -> IPAddress:
    """Read one whole address. Raises InputError on every other form: zones, leading zeros, decimal and octal forms.

    IPv4 written inside IPv6 (`::ffff:10.1.2.3`) is refused too: two texts for one host would be judged apart.
    """
    address = _parsed(text)
    if any(address in network for network in _FOUR_IN_SIX):
        raise InputError(
            Text(f"“{shown(text)}”是写成IPv6的IPv4地址", f"{shown(text)!r} is an IPv4 address written as IPv6"),
            advice=Text("直接写IPv4地址", "write the IPv4 address itself"),
        )
    return address


def _parsed(text: str) -> IPAddress:
    wrong = InputError(Text(f"“{shown(text)}”不是地址", f"{shown(text)!r} is not an address"), advice=_ADDRESS_ADVICE)
    if "%" in text:
        raise InputError(
            Text(f"“{shown(text)}”带有网卡标记（%）", f"{shown(text)!r} carries a zone (%)"), advice=_ADDRESS_ADVICE
        )
    try:
        return IPv6Address(text) if ":" in text else IPv4Address(text)
    except ValueError as error:
        raise wrong from error


def read_range(text: str) -> Range:
    """Read an address, a network or a range. Raises InputError that says what to write; nothing is rounded or guessed."""
    if "/" in text:
        return _network(text)
    first_text, dash, last_text = text.partition("-")
    first = read_address(first_text) if dash else read_range_address(text)
    if not dash:
        return Range(first.version, int(first), int(first), text)
    if first.version == 4 and _NUMBER.fullmatch(last_text):
        last_text = f"{first_text.rpartition('.')[0]}.{last_text}"
    last = read_address(last_text)
    if last.version != first.version or int(last) < int(first):
        raise InputError(
            Text(
                f"地址段“{shown(text)}”的终点在起点之前，或两端版本不同",
                f"the range {shown(text)!r} ends before it starts",
            ),
            advice=_RANGE_ADVICE,
        )
    return Range(first.version, int(first), int(last), text)


def read_range_address(text: str) -> IPAddress:
    """Read a lone address where a range may stand, with advice that names the other forms as well."""
    try:
        return read_address(text)
    except InputError as error:
        advice = error.advice if error.advice is not _ADDRESS_ADVICE else _RANGE_ADVICE
        raise InputError(error.what, advice=advice) from error


def _network(text: str) -> Range:
    address_text, _, prefix = text.partition("/")
    address = _parsed(address_text)
    if not _PREFIX.fullmatch(prefix) or int(prefix) > _BITS[address.version]:
        raise InputError(
            Text(f"“{shown(text)}”的前缀长度不对", f"{shown(text)!r} has no usable prefix length"),
            advice=Text(
                "斜线后写位数，如 10.1.0.0/16，不写掩码", "write bits after the slash, as in 10.1.0.0/16, not a mask"
            ),
        )
    network = ip_network(f"{address}/{prefix}", strict=False)
    if network.network_address != address:
        raise InputError(
            Text(
                f"“{shown(text)}”的主机位不为零，看不出要写网段还是单个地址",
                f"{shown(text)!r} has host bits set: a network or one address?",
            ),
            advice=Text(
                f"网段写 {network}，单个地址写 {address}", f"write {network} for the network, {address} for the address"
            ),
        )
    if isinstance(network, IPv6Network) and any(network.subnet_of(one) for one in _FOUR_IN_SIX):
        raise InputError(
            Text(f"“{shown(text)}”是写成IPv6的IPv4网段", f"{shown(text)!r} is an IPv4 network written as IPv6"),
            advice=Text("直接写IPv4网段", "write the IPv4 network itself"),
        )
    return Range(address.version, int(network.network_address), int(network.broadcast_address), text)


def check_width(one: Range) -> None:
    """Refuse a range that is too wide to be allowed by anybody, or that takes IPv4 in under IPv6. Raises InputError."""
    widest = WIDEST[one.version]
    if one.last - one.first + 1 > 1 << (_BITS[one.version] - widest):
        raise InputError(
            Text(f"“{shown(one.text)}”太宽，允许范围最宽到 /{widest}", f"{shown(one.text)!r} is wider than /{widest}"),
            advice=Text(
                "只写本单位实际使用的网段，逐个列出", "list the networks that are really the unit's, one by one"
            ),
        )
    inside = [net for net in _FOUR_IN_SIX if one.version == 6 and one.first <= int(net[-1]) and one.last >= int(net[0])]
    if inside:
        raise InputError(
            Text(f"“{shown(one.text)}”含有写成IPv6的IPv4地址", f"{shown(one.text)!r} takes in IPv4 written as IPv6"),
            advice=Text("IPv4地址直接写成IPv4", "write IPv4 addresses as IPv4"),
        )


def read_endpoint(text: str, port: int) -> Endpoint:
    """Read `10.0.0.53`, `10.0.0.53:5353`, `2001:db8::53` or `[2001:db8::53]:53`; `port` where none is written.

    Raises InputError.
    """
    address_text, port_text = text, ""
    if text.startswith("["):
        address_text, bracket, rest = text[1:].partition("]")
        wrong = not bracket or ":" not in address_text or (rest != "" and not rest.startswith(":"))
        address_text, port_text = ("", "") if wrong else (address_text, rest[1:] or ("-" if rest else ""))
    elif text.count(":") == 1:
        address_text, _, port_text = text.partition(":")
        port_text = port_text or "-"
    if port_text and not (_NUMBER.fullmatch(port_text) and is_port(int(port_text[:6]))):
        raise InputError(
            Text(f"“{shown(text)}”的端口不对", f"{shown(text)!r} has no usable port"),
            advice=Text("端口是 1 到 65535 的整数", "a port is a whole number from 1 to 65535"),
        )
    try:
        address = read_address(address_text)
    except InputError as error:
        raise InputError(
            Text(
                f"“{shown(text)}”不是地址，也不是地址加端口",
                f"{shown(text)!r} is neither an address nor address:port",
            ),
            advice=Text(
                "写 10.0.0.53、10.0.0.53:5353 或 [2001:db8::53]:53，不写域名",
                "write 10.0.0.53, 10.0.0.53:5353 or [2001:db8::53]:53, never a name",
            ),
        ) from error
    return Endpoint(address, int(port_text) if port_text else port)


def is_port(number: int) -> bool:
    """Say whether a number is a port."""
    return 1 <= number <= 65535


def embedded(address: IPAddress) -> tuple[IPv4Address, ...]:
    """Give every IPv4 address that a packet to this IPv6 address may end at, or that its text could mean.

    Mapped, compatible, translated, 6to4, Teredo, ISATAP, NAT64; for the local NAT64 prefix (RFC 8215), whose length
    is the operator's choice, all four readings of RFC 6052.
    """
    if address.version == 4:
        return ()
    value, found = int(address), []
    if any(address in one for one in (_MAPPED, _COMPATIBLE, _TRANSLATED, _NAT64)) or (value >> 32) & _LOW in _ISATAP:
        found.append(value & _LOW)
    if address.sixtofour is not None:
        found.append(int(address.sixtofour))
    if address.teredo is not None:
        found += [int(one) for one in address.teredo]
    if address in _NAT64_LOCAL:
        after = value & ((1 << 56) - 1)  # what stands behind the u octet
        found += [
            ((value >> 64) & 0xFFFF) << 16 | after >> 40,
            ((value >> 64) & 0xFF) << 24 | after >> 32,
            after >> 24,
            value & _LOW,
        ]
    return tuple(IPv4Address(one) for one in dict.fromkeys(found))


def never(address: IPAddress) -> Text | None:
    """Say why no letter can allow this address, or None where one can."""
    if address.version == 6:
        if address == IPv6Address("::") or address.is_multicast:
            return Text("未指定地址或组播地址不是目标", "unspecified and multicast addresses are no targets")
        if any(address in one for one in (*_FOUR_IN_SIX, _COMPATIBLE)) and address != IPv6Address("::1"):
            return Text("写成IPv6的IPv4地址不作目标", "an IPv4 address written as IPv6 is no target")
        inner = embedded(address) if address in _NAT64 or address.sixtofour is not None else ()
        return next((why for one in inner if (why := never(one)) is not None), None)
    if address in _THIS_NETWORK or address.is_multicast or address == _BROADCAST:
        return Text("未指定、组播和广播地址不是目标", "unspecified, multicast and broadcast addresses are no targets")
    return None
