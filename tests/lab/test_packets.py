"""The rules of the packet proof, one by one, on frames made for it."""

import random
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dpkt
import msgspec
import pytest

from lab.packets.capture import SUMMARY, Seen, Summary
from lab.packets.frames import UnreadableError, read_frame
from lab.packets.proof import Proof, prove
from lab.packets.rules import Background, Facts, Judge, Place
from lab.packets.say import say
from lab.packets.scope import read_scope
from lab.scenario.model import Authorisation, Network, Scanner, Scenario

NETWORKS = [
    Network(name="wide", kind="internet", v4="10.0.0.0/8", v6="fd00::/8"),
    Network(name="lan", kind="extranet", v4="10.9.0.0/24", v6="fd00:9::/64"),
    Network(name="far", kind="extranet", v4="10.8.0.0/24", v6="fd00:8::/64"),
    Network(name="priv", kind="private", v4="192.168.1.0/24", routed=False),
    Network(name="twin", kind="private", v4="192.168.1.0/24", routed=False),
]
LETTER = Authorisation(
    number="A1",
    units=["*"],
    approver="x",
    methods=["ssh"],
    networks=[
        {
            "name": "lan",
            "allow": ["10.9.0.0/24", "fd00:9::/64"],
            "deny": ["10.9.0.77", "fd00:9::77"],
            "classified": ["10.9.0.88", "fd00:9::88"],
        },
        {
            "name": "far",
            "allow": ["10.8.0.10-19", "fd00:8::10-fd00:8::19"],
            "deny": ["10.8.0.5"],
            "resolvers": ["10.8.0.53"],
            "jump_hosts": ["10.8.0.4:2222"],
        },
        {"name": "priv", "allow": ["192.168.1.10"]},
    ],
)


def places(network: str, *addresses: str) -> frozenset[Place]:
    return frozenset(Place(network, ip_address(one)) for one in addresses)


SCENARIO = Scenario(
    schema="xunyan.scenario/1",
    name="t",
    title="t",
    networks=NETWORKS,
    scanner=Scanner(network="lan", addresses=["10.9.0.2"]),
    authorisations=[LETTER],
)
FACTS = Facts(
    networks=tuple(NETWORKS),
    bridges={"br0": "lan", "br1": "far", "br2": "priv", "br3": "twin", "br4": ""},
    scanner=places("lan", "10.9.0.2", "fd00:9::2"),
    scope=read_scope(SCENARIO, {}, {}),
    legs=places("far", "10.8.0.4", "10.8.0.5") | places("priv", "192.168.1.1"),
    routers=places("lan", "10.9.0.1", "fd00:9::1", "fe80::ff")
    | places("far", "10.8.0.1")
    | places("", "100.64.0.1", "100.64.0.2"),
    background=(Background(places("far", "10.8.0.53"), places("far", "10.8.0.54"), frozenset({53})),),
)

US, US6 = "10.9.0.2", "fd00:9::2"
NOBODY = "0.0.0.0"  # noqa: S104
GROUP4, GROUP6, ONE = b"\xff" * 6, b"\x33\x33\0\0\0\1", b"\2\0\0\0\0\1"


def frame(kind: int, body: bytes, to: bytes = ONE) -> bytes:
    return to + b"\2\0\0\0\0\2" + kind.to_bytes(2) + body


def ip(source: str, target: str, protocol: int, data: Any, **fields: Any) -> bytes:
    """Make an IP packet of either family."""
    ends = {"src": ip_address(source).packed, "dst": ip_address(target).packed}
    if ":" in source:
        return bytes(dpkt.ip6.IP6(nxt=protocol, plen=len(bytes(data)), hlim=64, **ends)) + bytes(data)
    return bytes(dpkt.ip.IP(p=protocol, data=data, **ends, **fields))


def send(source: str, target: str, protocol: int, data: Any, to: bytes = ONE, **fields: Any) -> bytes:
    return frame(0x86DD if ":" in source else 0x0800, ip(source, target, protocol, data, **fields), to)


def tcp(source: str, target: str, port: int = 22, from_port: int = 40000, **fields: Any) -> bytes:
    return send(source, target, 6, dpkt.tcp.TCP(sport=from_port, dport=port), **fields)


def udp(source: str, target: str, port: int, from_port: int = 40000, **fields: Any) -> bytes:
    return send(source, target, 17, bytes(dpkt.udp.UDP(sport=from_port, dport=port)), **fields)


def ping(source: str, target: str) -> bytes:
    return send(source, target, *((58, b"\x80\0\0\0\0\1\0\1") if ":" in source else (1, b"\x08\0\0\0\0\1\0\1")))


def error(source: str, target: str, quoted: bytes, kind: int | None = None) -> bytes:
    """Make an ICMP error about an IP packet, of which it quotes the beginning."""
    kind = kind if kind is not None else (1 if ":" in source else 3)
    return send(source, target, 58 if ":" in source else 1, bytes([kind, 0, 0, 0, 0, 0, 0, 0]) + quoted[:60])


def arp(source: str, target: str, operation: int = 1) -> bytes:
    ends = {"spa": ip_address(source).packed, "tpa": ip_address(target).packed, "sha": ONE, "tha": b"\0" * 6}
    return frame(0x0806, bytes(dpkt.arp.ARP(op=operation, **ends)), GROUP4)


def nd(source: str, asked: str, kind: int = 135, to: bytes = GROUP6) -> bytes:
    return send(
        source, "ff02::1:ff00:1" if to == GROUP6 else asked, 58, bytes([kind] + [0] * 7) + ip_address(asked).packed, to
    )


def why(bridge: str, *frames: bytes) -> list[str | None]:
    judge = Judge(FACTS, bridge)
    found = [judge.judge(read_frame(one)) for one in frames]
    return [one.why if one is not None else None for one in found]


FINE: list[tuple[str, bytes]] = [
    ("br0", tcp(US, "10.9.0.10")),
    ("br0", tcp(US6, "fd00:9::10")),
    ("br0", tcp("10.9.0.10", US, port=40000, from_port=22)),
    ("br0", udp("10.9.0.10", US, port=514, from_port=514)),
    ("br0", ping(US, "10.9.0.10")),
    ("br0", ping("fd00:9::10", US6)),
    ("br0", tcp(US, "10.8.0.10")),
    ("br4", tcp(US, "10.8.0.10")),
    ("br1", tcp(US6, "fd00:8::19")),
    ("br4", udp(US, "10.8.0.53", 53)),
    ("br4", udp("10.8.0.53", US, 40000, from_port=53)),
    ("br1", udp("10.8.0.53", "10.8.0.54", 53)),
    ("br1", tcp("10.8.0.54", "10.8.0.53", port=40000, from_port=53)),
    ("br4", tcp(US, "10.8.0.4", port=2222)),
    ("br4", tcp("10.8.0.4", US, port=40000, from_port=2222)),
    ("br1", tcp("10.8.0.4", "10.8.0.10")),
    ("br2", tcp("192.168.1.1", "192.168.1.10")),
    ("br0", arp(US, "10.9.0.10")),
    ("br0", arp(US, "10.9.0.1")),
    ("br0", arp("10.9.0.66", US)),
    ("br0", arp("10.9.0.77", "10.9.0.1")),
    ("br0", arp("10.9.0.77", US, operation=2)),
    ("br0", arp("10.9.0.77", "10.9.0.77")),
    ("br1", arp("10.8.0.1", "10.8.0.53")),
    ("br1", arp("10.8.0.1", "10.8.0.54")),
    ("br1", arp("10.8.0.10", "10.8.0.5")),
    ("br4", arp("100.64.0.1", "100.64.0.2")),
    ("br0", nd(US6, "fd00:9::10")),
    ("br0", nd("fe80::1", "fd00:9::2")),
    ("br0", nd("::", "fd00:9::77")),
    ("br0", nd(US6, "fe80::ff")),
    ("br0", nd("fe80::1", "fe80::2", to=ONE)),
    *(("br0", nd("fe80::77", "fe80::77", kind=kind)) for kind in (130, 131, 132, 133, 134, 136, 143)),
    ("br0", send("10.9.0.66", "224.0.0.22", 2, b"\x22\0\0\0\0\0\0\0", to=b"\1\0\x5e\0\0\x16")),
    ("br0", error("10.9.0.1", US, ip(US, "10.9.0.10", 17, b"\x9c\x40\0\x16\0\x08\0\0"))),
    ("br0", error("fd00:9::1", US6, ip(US6, "fd00:8::10", 6, bytes(dpkt.tcp.TCP(dport=22))))),
    ("br4", error("100.64.0.1", US, ip(US, "10.8.0.10", 6, bytes(dpkt.tcp.TCP(dport=22))), kind=11)),
    ("br0", error("10.9.0.10", US, ip(US, "10.9.0.10", 17, b"\x9c\x40\0\x16\0\x08\0\0"))),
    ("br4", error("10.8.0.53", US, ip(US, "10.8.0.53", 17, b"\x9c\x40\0\x35\0\x08\0\0"))),
    ("br1", error("10.8.0.54", "10.8.0.53", ip("10.8.0.53", "10.8.0.54", 17, b"\x9c\x40\0\x35\0\x08\0\0"))),
]


@pytest.mark.parametrize(("bridge", "one"), FINE, ids=map(str, range(len(FINE))))
def test_what_is_fine_is_no_violation(bridge: str, one: bytes) -> None:
    assert why(bridge, one) == [None]


WRONG: list[tuple[str, str, bytes]] = [
    ("outside", "br4", tcp(US, "10.8.0.20")),
    ("outside", "br0", tcp(US, "203.0.113.9")),
    ("outside", "br4", tcp(US6, "fd00:8::20")),
    ("outside", "br4", tcp("10.8.0.20", US, port=40000, from_port=22)),
    ("denied", "br0", tcp(US, "10.9.0.77")),
    ("denied", "br0", tcp(US6, "fd00:9::77")),
    ("denied", "br0", tcp("10.9.0.77", US, port=40000)),
    ("denied", "br4", tcp(US, "10.8.0.5")),
    ("denied", "br1", tcp("10.8.0.4", "10.8.0.5")),
    ("denied", "br1", arp("10.8.0.1", "10.8.0.5")),
    ("denied", "br0", ping(US, "10.9.0.77")),
    ("classified", "br0", tcp(US, "10.9.0.88")),
    ("classified", "br0", udp(US6, "fd00:9::88", 22)),
    ("classified", "br0", tcp("10.9.0.10", "10.9.0.88")),
    ("port", "br0", tcp(US, "10.9.0.10", port=23)),
    ("port", "br0", udp(US6, "fd00:9::10", 161)),
    ("port", "br4", tcp(US, "10.8.0.53", port=22)),
    ("port", "br4", udp("10.8.0.53", US, 40000, from_port=99)),
    ("port", "br4", tcp(US, "10.8.0.4", port=3306)),
    ("port", "br4", tcp("10.8.0.4", US, port=40000, from_port=445)),
    ("outside", "br4", ping(US, "10.8.0.4")),
    ("outside", "br4", ping(US, "10.8.0.53")),
    ("outside", "br0", send(US, "10.8.0.66", 2, b"\x22\0\0\0\0\0\0\0")),
    ("outside", "br4", udp(US, "10.8.0.54", 53)),
    ("outside", "br1", udp("10.8.0.54", "10.8.0.53", 53)),
    ("outside", "br1", udp("10.8.0.53", "10.8.0.54", 123)),
    ("outside", "br0", tcp("10.9.0.10", "10.9.0.11")),
    ("outside", "br4", ping(US, "10.8.0.1")),
    ("outside", "br4", tcp(US, "100.64.0.1")),
    ("outside", "br1", ping("10.8.0.1", US)),
    ("outside", "br2", tcp("192.168.1.1", "192.168.1.11")),
    ("outside", "br3", tcp("192.168.1.1", "192.168.1.10")),
    ("outside", "br2", tcp(US, "192.168.1.10")),
    ("outside", "br1", tcp("192.168.1.1", "10.8.0.10")),
    ("outside", "br1", arp("10.8.0.1", "10.8.0.20")),
    ("outside", "br1", arp("10.8.0.4", "10.8.0.54")),
    ("denied", "br0", arp(US, "10.9.0.77")),
    ("denied", "br0", arp("10.9.0.1", "10.9.0.77")),
    ("denied", "br0", arp(NOBODY, "10.9.0.77")),
    ("classified", "br0", arp("10.9.0.1", "10.9.0.88")),
    ("denied", "br0", nd(US6, "fd00:9::77")),
    ("denied", "br0", nd("fe80::1", "fd00:9::77")),
    ("denied", "br0", nd("fe80::1", "fd00:9::77", to=ONE)),
    ("classified", "br0", nd("fe80::1", "fd00:9::88")),
    ("outside", "br1", nd("fe80::1", "fd00:8::20")),
    ("outside", "br0", nd(US6, "fe80::66")),
    ("outside", "br1", nd("fd00:8::10", "fe80::ff")),
    ("outside", "br0", tcp(US6, "fe80::66")),
    ("outside", "br0", udp("10.9.0.10", "224.0.0.251", 5353, to=b"\1\0\x5e\0\0\xfb")),
    ("outside", "br0", udp("10.9.0.10", "224.0.0.252", 5355)),
    ("outside", "br0", udp("fe80::10", "ff02::fb", 5353, to=GROUP6)),
    ("outside", "br0", udp(NOBODY, "255.255.255.255", 67, to=GROUP4)),
    ("outside", "br0", udp(US, "255.255.255.255", 22)),
    ("outside", "br0", ping(US, "10.9.0.255")),
    ("outside", "br0", tcp(US, "10.9.0.10", to=GROUP4)),
    ("denied", "br0", error("10.9.0.1", US, ip(US, "10.9.0.77", 6, bytes(dpkt.tcp.TCP(dport=22))))),
    ("port", "br0", error("10.9.0.1", US, ip(US, "10.9.0.10", 6, bytes(dpkt.tcp.TCP(dport=23))))),
    ("classified", "br0", error("fd00:9::1", US6, ip(US6, "fd00:9::88", 6, bytes(dpkt.tcp.TCP(dport=22))))),
    ("outside", "br4", error("10.8.0.20", US, ip(US, "10.8.0.10", 6, bytes(dpkt.tcp.TCP(dport=22))))),
    ("outside", "br0", error("10.9.0.1", "10.9.0.10", ip(US, "10.9.0.10", 6, bytes(dpkt.tcp.TCP(dport=22))))),
]


@pytest.mark.parametrize(("expected", "bridge", "one"), WRONG, ids=map(str, range(len(WRONG))))
def test_what_is_wrong_is_found_for_its_reason(expected: str, bridge: str, one: bytes) -> None:
    assert why(bridge, one) == [expected]


def part4(target: str, offset: int, *, more: bool, number: int = 7) -> bytes:
    data = bytes(dpkt.udp.UDP(sport=40000, dport=53, data=b"x" * 40)) if offset == 0 else b"\0\x35" * 24
    return send(US, target, 17, data, id=number, mf=int(more), offset=offset)


def part6(target: str, offset: int, *, more: bool, before: bytes = b"") -> bytes:
    data = bytes(dpkt.udp.UDP(sport=40000, dport=22, data=b"x" * 40)) if offset == 0 else b"\0\x35" * 24
    head = bytes([17, 0]) + (offset << 3 | more).to_bytes(2) + b"\0\0\0\7"
    first = bytes([44, 0, 1, 4, 0, 0, 0, 0]) if before else b""
    return send(US6, target, 0 if before else 44, first + head + data)


def test_fragments_are_judged_by_their_first_one() -> None:
    assert why("br4", part4("10.8.0.53", 0, more=True), part4("10.8.0.53", 6, more=False)) == [None, None]
    assert why("br4", part4("10.8.0.54", 0, more=True), part4("10.8.0.54", 6, more=False)) == ["outside", "outside"]
    assert why("br4", part4("10.8.0.53", 6, more=False)) == ["unreadable"]
    other = part4("10.8.0.53", 6, more=False, number=8)
    assert why("br4", part4("10.8.0.53", 0, more=True), other) == [None, "unreadable"]


@pytest.mark.parametrize("before", [b"", b"hop by hop"])
def test_fragments_of_ipv6_are_read_behind_other_heads(before: bytes) -> None:
    first, later = part6("fd00:9::10", 0, more=True, before=before), part6("fd00:9::10", 6, more=False, before=before)
    assert why("br0", first, later) == [None, None]
    assert why("br0", later) == ["unreadable"]
    assert why("br0", part6("fd00:9::77", 0, more=True, before=before)) == ["denied"]


def test_heads_of_ipv6_do_not_hide_the_port() -> None:
    options = bytes([6, 0, 1, 4, 0, 0, 0, 0])
    assert why("br0", send(US6, "fd00:9::10", 60, options + bytes(dpkt.tcp.TCP(dport=22)))) == [None]
    assert why("br0", send(US6, "fd00:9::10", 60, options + bytes(dpkt.tcp.TCP(dport=23)))) == ["port"]
    solicitation = bytes([135] + [0] * 7) + ip_address("fd00:9::77").packed
    assert why("br0", send(US6, "ff02::1:ff00:77", 60, bytes([58]) + options[1:] + solicitation, to=GROUP6)) == [
        "denied"
    ]


UNREADABLE = {
    "empty": b"",
    "cut in ethernet": tcp(US, "10.9.0.10")[:13],
    "cut in ipv4": tcp(US, "10.9.0.10")[:30],
    "cut before the ports": tcp(US, "10.9.0.10")[:36],
    "cut in ipv6": tcp(US6, "fd00:9::10")[:50],
    "cut in arp": arp(US, "10.9.0.10")[:30],
    "cut in a solicitation": nd(US6, "fd00:9::10")[:70],
    "other version": frame(0x0800, b"\x65" + ip(US, "10.9.0.10", 6, b"\0" * 20)[1:]),
    "other ethernet type": frame(0x88CC, b"\0" * 40),
    "tunnel": send(US, "10.9.0.10", 4, ip(US, "10.9.0.77", 6, b"\0" * 20)),
    "tunnel of gre": send(US, "10.9.0.10", 47, b"\0" * 40),
    "encrypted": send(US6, "fd00:9::10", 50, b"\0" * 40),
    "source route": send(US, "10.9.0.10", 6, dpkt.tcp.TCP(dport=22), opts=b"\x83\x07\x04\x0a\x09\0\x4d\0", hl=7),
    "source route of ipv6": send(US6, "fd00:9::10", 43, bytes([6, 2, 0, 1, 0, 0, 0, 0]) + b"\0" * 16 + bytes(dpkt.tcp.TCP(dport=22))),
    "first fragment in a later one": send(US6, "fd00:9::10", 44, b"\x2c\0\0\x31\0\0\0\7\x11\0\0\1\0\0\0\7\x9c\x40\0\x16\0\x08\0\0"),
    "error that quotes nothing": error("10.9.0.1", US, b""),
    "icmp of the other family": send(US, "10.9.0.10", 58, b"\x80\0\0\0\0\1\0\1"),
    "reverse arp": arp(US, "10.9.0.10", operation=3),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_judged_is_no_packet(name: str) -> None:
    with pytest.raises(UnreadableError):
        read_frame(UNREADABLE[name])


def test_damaged_frames_raise_nothing_else() -> None:
    chance = random.Random(7)
    made = [one for _, one in FINE] + [one for _, _, one in WRONG] + [one for one in UNREADABLE.values() if one]
    for _ in range(4000):
        one = bytearray(chance.choice(made))
        for _ in range(chance.randrange(1, 5)):
            one[chance.randrange(len(one))] = chance.randrange(256)
        with suppress(UnreadableError):
            read_frame(bytes(one[: chance.randrange(len(one) + 1)]))


def recorded(folder: Path, frames: Sequence[bytes], *, drops: int = 0, extra: int = 0) -> Proof:
    """Prove from a capture of these frames on br0, and none on the other bridges."""
    seen = []
    for bridge in FACTS.bridges:
        here = frames if bridge == "br0" else ()
        path = folder / f"{bridge}.pcap"
        with path.open("wb") as file:
            writer = dpkt.pcap.Writer(file, snaplen=192)
            for time, one in enumerate(here):
                writer.writepkt(one[:192], 1000.0 + time)
        more, lost = (extra, drops) if bridge == "br0" else (0, 0)
        seen.append(Seen(bridge, path.name, len(here) + more, path.stat().st_size, lost))
    (folder / SUMMARY).write_bytes(msgspec.json.encode(Summary(seen)))
    return prove(folder, FACTS)


def test_violations_that_are_alike_are_counted_and_said(tmp_path: Path) -> None:
    wrong = [tcp(US, "10.9.0.77", from_port=port) for port in (40001, 40002)] + [b"\0" * 10]
    proof = recorded(tmp_path, [tcp(US, "10.9.0.10"), *wrong])
    assert (proof.packets, proof.bridges, proof.valid, proof.clean) == (4, 5, True, False)
    denied, unreadable = proof.violations
    assert (denied.bridge, denied.time, denied.source, denied.target) == ("br0", 1001.0, US, "10.9.0.77")
    assert (denied.protocol, denied.port, denied.why, denied.count) == ("tcp", 22, "denied", 2)
    assert (unreadable.why, unreadable.count) == ("unreadable", 1)
    lines = say(proof)
    assert lines[0].zh == "抓包核对：5 个网桥上共 4 个包，违规 2 项（3 个包）"
    assert "10.9.0.2 → 10.9.0.77 tcp:22 ×2" in lines[1].zh
    assert len(lines) == 3


def test_only_the_first_ten_are_said(tmp_path: Path) -> None:
    proof = recorded(tmp_path, [tcp(US, f"10.7.0.{one}") for one in range(1, 14)])
    assert len(proof.violations) == 13
    assert len(say(proof)) == 12
    assert say(proof)[-1].en == "  and 3 more"


def test_a_clean_capture_proves_it(tmp_path: Path) -> None:
    proof = recorded(tmp_path, [tcp(US, "10.9.0.10")])
    assert proof.clean
    assert len(say(proof)) == 2


def test_lost_packets_prove_nothing(tmp_path: Path) -> None:
    proof = recorded(tmp_path, [tcp(US, "10.9.0.10")], drops=3)
    assert (proof.drops, proof.valid, proof.clean, proof.violations) == (3, False, False, ())
    assert any("漏抓 3 个包" in one.zh for one in say(proof))


def test_a_capture_that_is_not_whole_proves_nothing(tmp_path: Path) -> None:
    frames = [tcp(US, "10.9.0.10")] * 3
    assert recorded(tmp_path, frames).clean
    assert not recorded(tmp_path, frames, extra=1).valid
    assert not recorded(tmp_path, []).valid
    recorded(tmp_path, frames)
    whole = (tmp_path / "br0.pcap").read_bytes()
    for cut in (len(whole) - 5, len(whole) - 60, 10, 0):
        (tmp_path / "br0.pcap").write_bytes(whole[:cut])
        assert not prove(tmp_path, FACTS).clean, cut
    (tmp_path / "br0.pcap").unlink()
    assert not prove(tmp_path, FACTS).valid
    (tmp_path / SUMMARY).unlink()
    assert not prove(tmp_path, FACTS).valid


def test_a_bridge_that_was_not_watched_is_missed(tmp_path: Path) -> None:
    recorded(tmp_path, [tcp(US, "10.9.0.10")])
    summary = msgspec.json.decode((tmp_path / SUMMARY).read_bytes(), type=Summary)
    (tmp_path / SUMMARY).write_bytes(msgspec.json.encode(Summary(summary.interfaces[:-1])))
    assert [one.zh for one in prove(tmp_path, FACTS).gaps] == ["没有在 br4 上抓包"]
    stranger = Seen("br9", "br0.pcap", 1, 0, 0)
    (tmp_path / SUMMARY).write_bytes(msgspec.json.encode(Summary([*summary.interfaces, stranger])))
    assert not prove(tmp_path, FACTS).valid
