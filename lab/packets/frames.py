"""Reads recorded Ethernet frames into what the proof judges: who speaks to whom, about which address, to which port."""

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias

import dpkt

IPAddress: TypeAlias = IPv4Address | IPv6Address

ERRORS_4, ERRORS_6 = (3, 4, 5, 11, 12), (1, 2, 3, 4)
SOLICITATION = 135
UPKEEP = (130, 131, 132, 133, 134, 136, 137, 143)
"""ICMPv6 that keeps a link going: MLD, router solicitations and advertisements, neighbour advertisements, redirects."""

_ARP, _IPV4, _IPV6 = 0x0806, 0x0800, 0x86DD
_NAMES = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
_SOURCE_ROUTES = (131, 137)


class UnreadableError(Exception):
    """A frame that cannot be judged: damaged, or of a kind that could carry anything anywhere, such as a tunnel."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet. For ARP the addresses are those inside it.

    `protocol` is arp, tcp, udp, icmp, icmpv6 or igmp; the ports are 0 where it has none. `kind` is the ICMP type or the ARP
    operation, `asked` the address that an ARP request or a neighbour solicitation looks for, `quoted` the packet that an
    ICMP error is about. `part` is the id of a datagram sent in fragments, `later` whether this is one after the first, of
    which nothing behind the addresses is known. `group`: the frame went to a group of machines (multicast, broadcast).
    """

    source: IPAddress
    target: IPAddress
    protocol: str
    source_port: int = 0
    target_port: int = 0
    kind: int = 0
    asked: IPAddress | None = None
    quoted: "Packet | None" = None
    part: int | None = None
    later: bool = False
    group: bool = False


@dataclass(frozen=True, slots=True)
class _Body:
    """What stands behind the heads of an IP packet, and how it is to be read."""

    source: IPAddress
    target: IPAddress
    number: int
    data: bytes
    part: int | None
    later: bool
    group: bool


def read_frame(data: bytes) -> Packet:
    """Read one frame, which may have been cut behind its heads. Raises UnreadableError."""
    if len(data) < 14:
        raise UnreadableError("no whole Ethernet head")
    group, kind, body = bool(data[0] & 1), int.from_bytes(data[12:14]), data[14:]
    if kind == _ARP:
        return _arp(body, group=group)
    if kind == _IPV4:
        return _ipv4(body, group=group)
    if kind == _IPV6:
        return _ipv6(body, group=group)
    raise UnreadableError(f"Ethernet type {kind:#06x}")


def _arp(data: bytes, *, group: bool) -> Packet:
    try:
        arp = dpkt.arp.ARP(data)
    except dpkt.UnpackError as error:
        raise UnreadableError(f"ARP: {error}") from error
    if (arp.hrd, arp.pro, arp.hln, arp.pln) != (1, _IPV4, 6, 4) or arp.op not in (1, 2):
        raise UnreadableError(f"ARP operation {arp.op} of an unusual form")
    source, target = IPv4Address(arp.spa), IPv4Address(arp.tpa)
    return Packet(source, target, "arp", kind=arp.op, asked=target if arp.op == 1 else None, group=group)


def _ipv4(data: bytes, *, group: bool, quoted: bool = False) -> Packet:
    try:
        ip = dpkt.ip.IP(data)
    except dpkt.UnpackError as error:
        raise UnreadableError(f"IPv4: {error}") from error
    head = ip.hl * 4
    if ip.v != 4 or head < 20 or ip.len < head or len(data) < head:
        raise UnreadableError("IPv4: wrong head")
    if _routed_by_source(data[20:head]):
        raise UnreadableError("IPv4: source route")
    part = ip.id if ip.mf or ip.offset else None
    body = _Body(IPv4Address(ip.src), IPv4Address(ip.dst), ip.p, data[head : ip.len], part, ip.offset > 0, group)
    return _read(body, quoted=quoted)


def _routed_by_source(options: bytes) -> bool:
    """Say whether the options send the packet on to other addresses than its head shows."""
    at = 0
    while at < len(options) and options[at]:
        if options[at] in _SOURCE_ROUTES:
            return True
        if options[at] == 1:
            at += 1
        elif at + 1 < len(options) and options[at + 1] >= 2:
            at += options[at + 1]
        else:
            raise UnreadableError("IPv4: wrong options")
    return False


def _ipv6(data: bytes, *, group: bool, quoted: bool = False) -> Packet:
    try:
        ip = dpkt.ip6.IP6(data)
    except dpkt.UnpackError as error:
        raise UnreadableError(f"IPv6: {error}") from error
    if ip.v != 6:
        raise UnreadableError("IPv6: wrong version")
    at, number, part, later = 40, int(ip.nxt), None, False
    for head in ip.all_extension_headers:
        if isinstance(head, dpkt.ip6.IP6ESPHeader):
            raise UnreadableError("IPv6: encrypted")
        if isinstance(head, dpkt.ip6.IP6RoutingHeader) and head.segs_left:
            raise UnreadableError("IPv6: source route")
        at, number = at + head.length, int(head.nxt)
        if isinstance(head, dpkt.ip6.IP6FragmentHeader) and (head.frag_off or head.m_flag):
            part, later = int(head.id), head.frag_off > 0
            if later:  # what dpkt takes for further heads is data
                break
    end = 40 + ip.plen
    body = _Body(IPv6Address(ip.src), IPv6Address(ip.dst), number, data[at:end], part, later, group)
    return _read(body, quoted=quoted)


def _read(body: _Body, *, quoted: bool) -> Packet:
    """Read the protocol above IP; a quoted packet's own quotation is not looked at."""
    protocol = _NAMES.get(body.number)
    four = body.source.version == 4
    if protocol is None or protocol in (("icmpv6",) if four else ("icmp", "igmp")):
        raise UnreadableError(f"IP protocol {body.number}")
    packet = Packet(body.source, body.target, protocol, part=body.part, later=body.later, group=body.group)
    if body.later:
        return packet
    if protocol in ("tcp", "udp"):
        if len(body.data) < 4:
            raise UnreadableError(f"{protocol}: no ports")
        ports = int.from_bytes(body.data[:2]), int.from_bytes(body.data[2:4])
        return replace(packet, source_port=ports[0], target_port=ports[1])
    if len(body.data) < 8:
        raise UnreadableError(f"{protocol}: cut")
    kind, asked, inner = body.data[0], None, None
    if protocol == "icmpv6" and kind == SOLICITATION:
        if len(body.data) < 24:
            raise UnreadableError("neighbour solicitation: cut")
        asked = IPv6Address(body.data[8:24])
    if protocol != "igmp" and kind in (ERRORS_4 if four else ERRORS_6) and not quoted:
        inner = (_ipv4 if four else _ipv6)(body.data[8:], group=False, quoted=True)
    return replace(packet, kind=kind, asked=asked, quoted=inner)
