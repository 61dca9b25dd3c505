"""What the lab's simulated devices answer is read back to what their scenario says, whatever the vendor."""

import ipaddress

import pytest

from lab.devices import facts as lab
from lab.devices.hostile import hostile
from lab.devices.secret import secrets_of
from lab.devices.vendors import VENDORS as SIMULATED
from scanners.platforms.devices import PLATFORMS, VENDORS
from tests.scanners.platforms.devices.answering import capture, everything, table
from tests.scanners.platforms.devices.simulating import DISPLAYING, LAB_NAMES, PORTS, answers, device
from xunyan.device_facts import (
    AccessList,
    AccessListUse,
    Device,
    DeviceInterface,
    DeviceRoute,
    InterfaceAddress,
    IpNeighbor,
    LldpNeighbor,
    MacEntry,
    NatRule,
    RoutingPeer,
    RoutingProcess,
    TimeServer,
    TimeSync,
    TrafficLimit,
    Vlan,
    Vrf,
)
from xunyan.model import IdentityKey

EVERY = pytest.mark.parametrize("platform", sorted(VENDORS))


def asked(platform: str) -> dict[str, str]:
    """The answers to what is asked, and nothing besides."""
    told = answers(platform)
    return {source: told[source] for source in VENDORS[platform].commands if source in told}


def only(platform: str, kind: type) -> tuple:  # type: ignore[type-arg]
    observations, blind = everything(platform, asked(platform))
    assert not blind
    return tuple(fact for one in observations.values() for fact in one.facts if isinstance(fact, kind))


@EVERY
def test_every_command_that_is_asked_is_answered_in_the_lab(platform: str) -> None:
    missing = set(VENDORS[platform].commands) - set(answers(platform))
    assert missing <= {"display http server", "display telnet server status"}


@EVERY
def test_device(platform: str) -> None:
    (found,) = only(platform, Device)
    assert (found.vendor, found.serial, found.hostname) == (LAB_NAMES[platform], "SN123456", "R-EDGE-01")
    assert found.model
    assert found.version
    captures = {source: capture(platform, source, text) for source, text in asked(platform).items()}
    assert PLATFORMS[platform].identify(captures) == (IdentityKey("serial", "SN123456"),)


@EVERY
def test_clock(platform: str) -> None:
    assert only(platform, TimeSync) == (TimeSync(synchronized=True, stratum=3, reference="192.0.2.123"),)
    assert only(platform, TimeServer) == (TimeServer("192.0.2.123"), TimeServer("192.0.2.124"))
    ((clock,),) = (table(everything(platform, asked(platform))[0], "device-clock"),)
    assert str(clock.time)[:2] == "20"  # type: ignore[union-attr]


@EVERY
def test_interfaces(platform: str) -> None:
    found = {one.name: one for one in only(platform, DeviceInterface)}
    assert set(found) == {one.name for one in device(platform).interfaces}
    for own in device(platform).interfaces:
        one = found[own.name]
        assert one.admin == ("up" if own.admin_up else "down"), own.name
        assert one.oper == ("up" if lab.live(own) else "down"), own.name
        assert (one.description, one.vrf, one.vlan) == (own.description, own.vrf, own.vlan), own.name
        if not lab.virtual(own):
            assert one.kbps == int(own.speed.rstrip("M")) * 1000, own.name
        assert one.mac == ":".join(lab.mac(device(platform), own)[at : at + 2] for at in range(0, 12, 2))


@EVERY
def test_addresses(platform: str) -> None:
    found = only(platform, InterfaceAddress)
    own = device(platform)
    expected = {
        (one.name, str(address.ip), address.network.prefixlen)
        for one in own.interfaces
        for family in (4, 6)
        for address in lab.networks(one, family)
    }
    assert {(one.interface, one.address, one.prefix) for one in found if one.scope == "global"} == expected
    locals_of = {(one.name, str(lab.link_local(own, one))) for one in own.interfaces if lab.has_v6(one)}
    assert {(one.interface, one.address) for one in found if one.scope == "link"} == locals_of
    dead = PORTS[platform][0].format(3)
    states = {one.state for one in found if one.family == 6 and one.interface == dead}
    assert "tentative" in states
    assert {one.state for one in found if one.family == 6 and one.interface != dead} == {"preferred"}


@EVERY
def test_neighbours(platform: str) -> None:
    port = PORTS[platform][0]
    lldp = [(one.interface, one.system, one.port) for one in only(platform, LldpNeighbor)]
    assert lldp == [
        (port.format(1), "R-CORE-01", port.format(9)),
        (port.format(2), "SW-ACC-02", port.format(3)),
    ] or lldp == [
        (port.format(1), "R-CORE-01", "Gi0/9"),
        (port.format(2), "SW-ACC-02", "Gi0/3"),
    ]
    beyond = [one for one in only(platform, IpNeighbor) if one.kind == "dynamic"]
    assert [(one.address, one.interface) for one in beyond] == [
        ("203.0.113.2", port.format(1)),
        ("203.0.113.6", port.format(2)),
        ("2001:db8:12::2", port.format(1)),
        ("fe80::2", port.format(1)),
    ]
    ((entry,),) = (only(platform, MacEntry),)
    assert (entry.vlan, entry.interface, entry.kind) == (10, port.format(5), "dynamic")


@EVERY
def test_routes(platform: str) -> None:
    port = PORTS[platform][0]
    table_rows = [one for one in only(platform, DeviceRoute) if not one.configured]
    learned = {(one.destination, one.next_hop, one.protocol) for one in table_rows if one.next_hop}
    assert learned == {
        ("0.0.0.0/0", "203.0.113.2", "static"),
        ("::/0", "2001:db8:12::2", "static"),
        ("198.18.0.0/16", "203.0.113.2", "ospf"),
        ("198.19.0.0/16", "203.0.113.2", "bgp"),
    }
    connected = {one.destination for one in table_rows if one.protocol == "direct"}
    assert {"203.0.113.0/30", "192.0.2.0/24", "2001:db8:12::/64", "2001:db8:10::/64"} <= connected
    assert "203.0.113.8/30" not in connected
    default = next(one for one in table_rows if one.destination == "::/0")
    assert default.interface in ("", port.format(1))
    written = {(one.destination, one.next_hop) for one in only(platform, DeviceRoute) if one.configured}
    assert {("0.0.0.0/0", "203.0.113.2"), ("::/0", "2001:db8:12::2"), ("172.16.0.0/12", "203.0.113.6")} <= written


@EVERY
def test_routing_peers(platform: str) -> None:
    port = PORTS[platform][0].format(1)
    found = {(one.protocol, one.family): one for one in only(platform, RoutingPeer)}
    assert set(found) == {("ospf", 4), ("ospfv3", 6), ("bgp", 4), ("bgp", 6), ("isis", 0)}
    ospf, ospfv3 = found["ospf", 4], found["ospfv3", 6]
    assert (ospf.neighbor, ospf.router_id, ospf.state, ospf.up, ospf.interface) == (
        "203.0.113.2", "198.51.100.2", "full", True, port,
    )  # fmt: skip
    assert (ospfv3.router_id, ospfv3.state, ospfv3.up, ospfv3.interface) == ("198.51.100.2", "init", False, port)
    four, six = found["bgp", 4], found["bgp", 6]
    assert (four.neighbor, four.state, four.up, four.remote_as) == ("203.0.113.2", "established", True, "65001")
    assert (six.neighbor, six.state, six.up, six.remote_as) == ("2001:db8:12::2", "idle", False, "65001")
    isis = found["isis", 0]
    assert (isis.neighbor, isis.up, isis.interface) == ("0100.0000.0002", True, port)
    assert {one.protocol for one in only(platform, RoutingProcess)} == {"ospf", "ospfv3", "isis", "bgp"}


@EVERY
def test_guards(platform: str) -> None:
    port = PORTS[platform][0].format(1)
    six = "3002" if platform in DISPLAYING else "V6IN"
    nat = only(platform, NatRule)
    assert {(one.interface, one.kind) for one in nat} == {(port, "outbound" if platform in DISPLAYING else "outside")}
    lists = {(one.name, one.family): one for one in only(platform, AccessList)}
    assert set(lists) == {("3001", 4), (six, 6)}
    first, last = lists["3001", 4].rules
    assert (first.action, first.protocol) == ("permit", "tcp")
    assert first.match.endswith("eq 22")
    assert (last.action, last.protocol) == ("deny", "ip")
    assert [(rule.action, rule.protocol) for rule in lists[six, 6].rules] == [("deny", "ipv6")]
    uses = {(one.name, one.family, one.interface, one.direction) for one in only(platform, AccessListUse)}
    assert uses == {("3001", 4, port, "in"), (six, 6, port, "in")}
    assert only(platform, TrafficLimit) == (TrafficLimit(port, "in", 102400),)


@EVERY
def test_vrfs_and_vlans(platform: str) -> None:
    ((vrf,),) = (only(platform, Vrf),)
    assert (vrf.name, vrf.rd) == ("VPN-A", "65000:1")
    vlans = {one.number: one for one in only(platform, Vlan)}
    assert set(vlans) == {1, 10}
    assert vlans[10].untagged == (PORTS[platform][0].format(5),)


@EVERY
def test_no_secret_is_in_what_was_read(platform: str) -> None:
    observations, _ = everything(platform, answers(platform))
    told = repr(observations)
    held = secrets_of(device(platform))
    assert held
    assert not [secret for secret in held if secret in told]


@EVERY
def test_a_hostile_owner_of_words(platform: str) -> None:
    own = hostile(device(platform))
    told = {
        command: text
        for command, answer in SIMULATED[LAB_NAMES[platform]].answers.items()
        if "*" not in command and command in VENDORS[platform].commands and (text := answer(own, "")) is not None
    }
    observations, blind = everything(platform, told)
    assert {one.source for one in blind} <= {
        source for source in told if "lldp" in source or "status" in source or "brief" in source
    }
    found = {one.name for one in observations["device-interfaces"].facts if isinstance(one, DeviceInterface)}
    assert found == {one.name for one in own.interfaces}
    addresses = {one.address for one in observations["interface-addresses"].facts if isinstance(one, InterfaceAddress)}
    assert {str(ipaddress.ip_interface(text).ip) for one in own.interfaces for text in one.v4} <= addresses
