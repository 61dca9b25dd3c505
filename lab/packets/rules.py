"""Judges one packet on one bridge: fine, or a finding that says why it should never have been sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import NamedTuple

from lab.packets.frames import UPKEEP, IPAddress, Packet
from lab.packets.scope import Scope, Why, prefixes
from lab.scenario.model import Network
from xunyan.wording import Text


class Place(NamedTuple):
    """An address in a network; the network is "" for the addresses on links between routers."""

    network: str
    address: IPAddress


@dataclass(frozen=True, slots=True)
class Background:
    """What machines of the lab say to each other by themselves: `askers` to these ports of `answerers`, and the answers."""

    askers: frozenset[Place]
    answerers: frozenset[Place]
    ports: frozenset[int]


@dataclass(frozen=True, slots=True)
class Facts:
    """How the lab was laid.

    `bridges`: interface -> its network, "" for a link between routers. `scanner` are the scanner's addresses, `legs` those
    of the jump hosts in every network, `routers` those of the routers, link-local ones too where they are known.
    """

    networks: tuple[Network, ...]
    bridges: Mapping[str, str]
    scanner: frozenset[Place]
    scope: Scope
    legs: frozenset[Place] = frozenset()
    routers: frozenset[Place] = frozenset()
    background: tuple[Background, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a packet; `port` is that of the end that is not ours, 0 where there is none."""

    why: Why
    text: Text
    source: str = ""
    target: str = ""
    protocol: str = ""
    port: int = 0


_ALL_ONES = IPv4Address("255.255.255.255")
_GROUP = Text("发给一组机器（组播或广播）", "went to a group of machines (multicast or broadcast)")
_BETWEEN = Text("两端都不是扫描机或跳板机", "neither end is the scanner or a jump host")
_NO_BEGINNING = Text("分片没有第一片，无法核对", "a fragment whose first one was not seen")
_STRAY = Text("ICMP差错报文发给了别人", "an ICMP error that went to somebody else")


def _said(why: Why, place: Place, port: int | None = None) -> Text:
    name = place.network or "-"
    zh = {
        "outside": "不在授权范围内", "denied": "在禁止范围内", "classified": "在涉密范围内",
        "port": f"的端口 {port} 不在授权的端口之中", "unreadable": "无法核对",
    }[why]  # fmt: skip
    en = {
        "outside": "is in no allowed range", "denied": "is in a denied range", "classified": "is in a classified range",
        "port": f"is allowed, but not its port {port}", "unreadable": "cannot be judged",
    }[why]  # fmt: skip
    return Text(f"地址域“{name}”的 {place.address} {zh}", f"{place.address} in the network {name!r} {en}")


@dataclass(slots=True)
class Judge:
    """Judges the packets of one bridge in the order in which they were seen."""

    facts: Facts
    bridge: str
    _routed: list[tuple[IPv4Network | IPv6Network, str]] = field(init=False)
    _home: Network | None = field(init=False)
    _ends: frozenset[IPAddress] = field(init=False)
    _parts: dict[tuple[IPAddress, IPAddress, str, int], Finding | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Note the prefixes of all routed networks, and whether this bridge is a network of its own."""
        routed = [one for one in self.facts.networks if one.routed]
        self._routed = [(prefix, one.name) for one in routed for prefix in prefixes(one.v4, one.v6)]
        self._routed.sort(key=lambda one: -one[0].prefixlen)
        name = self.facts.bridges[self.bridge]
        self._home = next((one for one in self.facts.networks if one.name == name), None)
        known = [*(prefixes(self._home.v4, "") if self._home is not None else ()), *(one for one, _ in self._routed)]
        self._ends = frozenset(one.broadcast_address for one in known if one.version == 4 and one.prefixlen < 31)

    def judge(self, packet: Packet) -> Finding | None:
        """Say what is wrong with a packet, or None. A later fragment is judged like the first of its datagram."""
        if packet.part is None:
            return self._whole(packet)
        key = (packet.source, packet.target, packet.protocol, packet.part)
        if not packet.later:
            self._parts[key] = self._whole(packet)
        elif key not in self._parts:
            return _finding("unreadable", _NO_BEGINNING, packet)
        return self._parts[key]

    def place(self, address: IPAddress) -> Place:
        """Say to which network an address on this bridge belongs."""
        home = self._home.name if self._home is not None else ""
        if (self._home is not None and not self._home.routed) or address.is_link_local:
            return Place(home, address)
        return Place(next((name for prefix, name in self._routed if address in prefix), ""), address)

    def _whole(self, packet: Packet) -> Finding | None:
        if packet.asked is not None:
            return self._asked(packet, packet.asked)
        if packet.protocol == "arp" or (packet.protocol == "icmpv6" and packet.kind in UPKEEP):
            return None
        if packet.protocol == "igmp" and packet.target.is_multicast:
            return None
        if packet.group or packet.target.is_multicast or self._broadcast(packet.target):
            return _finding("outside", _GROUP, packet, packet.target_port)
        if packet.quoted is not None:
            return self._error(packet, packet.quoted)
        return self._unicast(packet)

    def _asked(self, packet: Packet, address: IPAddress) -> Finding | None:
        """Judge a search for an address on the link by that address, whoever asks."""
        place, asker = self.place(address), self.place(packet.source)
        known_asker = asker in self.facts.routers or self._ours(asker)
        if packet.source.is_unspecified and packet.protocol == "icmpv6":
            return None  # duplicate address detection: somebody asks for himself
        if address == packet.source and packet.protocol == "arp" and not known_asker:
            return None  # an announcement, likewise
        if self._ours(place):
            if known_asker and place not in self.facts.scanner:
                why = self.facts.scope.why_not_asked(*place)
            else:
                why = self._barred(place) if known_asker or asker.address.is_link_local else None
        elif place in self.facts.routers or (not self._ours(asker) and self._in_background(place)):
            why = None
        elif address.is_link_local:
            # checking a neighbour that spoke first is upkeep; looking for one is the beginning of talking to it
            why = "outside" if packet.group else None
        else:
            why = self.facts.scope.why_not_asked(*place)
        return _finding(why, _said(why, place), packet) if why else None

    def _error(self, packet: Packet, quoted: Packet) -> Finding | None:
        """Judge an ICMP error: about a packet that is fine, to its sender, from somebody who may have had it."""
        found = self.judge(quoted)
        if found is not None:
            text = Text(f"差错报文引用的包：{found.text.zh}", f"the packet that the error quotes: {found.text.en}")
            return _finding(found.why, text, packet, found.port)
        if packet.target != quoted.source:
            return _finding("outside", _STRAY, packet)
        origin = self.place(packet.source)
        if packet.source == quoted.target or origin in self.facts.routers or self._ours(origin):
            return None
        why = self.facts.scope.why_not(*origin, None)
        return _finding(why, _said(why, origin), packet) if why else None

    def _unicast(self, packet: Packet) -> Finding | None:
        source, target = self.place(packet.source), self.place(packet.target)
        if self._is_background(packet, source, target):
            return None
        ours = [self._ours(source), self._ours(target)]
        if all(ours):
            return self._among_ours(packet, source, target)
        if not any(ours):
            barred = [(why, one) for one in (target, source) if (why := self.facts.scope.barred(*one))]
            return _finding(*((barred[0][0], _said(*barred[0])) if barred else ("outside", _BETWEEN)), packet)
        sent = ours[0]
        other = target if sent else source
        port = packet.target_port if sent else packet.source_port
        has_ports = packet.protocol in ("tcp", "udp")
        why = self.facts.scope.why_not(*other, port if has_ports else None)
        if why == "port" and not sent and self.facts.scope.allowed(*other):
            return None  # a host that may be talked to may come to us from any port
        return _finding(why, _said(why, other, port), packet, port) if why else None

    def _among_ours(self, packet: Packet, source: Place, target: Place) -> Finding | None:
        """Judge what goes between the scanner and a jump host, or between two: the letters must name the one, and its port."""
        for one in (target, source):
            if why := self._barred(one):
                return _finding(why, _said(why, one), packet)
        ends = [(target, packet.target_port), (source, packet.source_port)]
        hosts = [(one, port) for one, port in ends if one not in self.facts.scanner]
        has_ports = packet.protocol in ("tcp", "udp")
        whys = [(self.facts.scope.why_not(*one, port if has_ports else None), one, port) for one, port in hosts]
        if not whys or any(why is None for why, _, _ in whys):
            return None
        why, one, port = whys[0]
        return _finding(why, _said(why, one, port), packet, port) if why else None

    def _ours(self, place: Place) -> bool:
        return place in self.facts.scanner or place in self.facts.legs

    def _barred(self, place: Place) -> Why | None:
        """Say whether one of ours may not be touched all the same: a jump host can stand in a denied range."""
        return None if place in self.facts.scanner else self.facts.scope.barred(*place)

    def _broadcast(self, address: IPAddress) -> bool:
        return address in self._ends or address == _ALL_ONES

    def _in_background(self, place: Place) -> bool:
        return any(place in one.askers or place in one.answerers for one in self.facts.background)

    def _is_background(self, packet: Packet, source: Place, target: Place) -> bool:
        return any(
            (source in one.askers and target in one.answerers and packet.target_port in one.ports)
            or (target in one.askers and source in one.answerers and packet.source_port in one.ports)
            for one in self.facts.background
        )


def _finding(why: Why, text: Text, packet: Packet, port: int = 0) -> Finding:
    target = packet.target if packet.asked is None else packet.asked  # not the group that a solicitation goes to
    return Finding(why, text, str(packet.source), str(target), packet.protocol, port)
