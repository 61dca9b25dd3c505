"""What lines need of the lab's simulated devices is read back, whatever the vendor: sub-interfaces, VPN instances, duplex, limits."""

import pytest

from lab.devices import facts as lab
from lab.devices.vendors import VENDORS as SIMULATED
from lab.scenario.facing import facing
from lab.scenario.model import Device, Interface, Peer, Route
from scanners.platforms.devices import VENDORS
from tests.scanners.platforms.devices.answering import everything
from tests.scanners.platforms.devices.simulating import LAB_NAMES, PORTS
from xunyan.device_facts import (
    DeviceInterface,
    DeviceRoute,
    InterfaceAddress,
    IpNeighbor,
    RoutingPeer,
    RoutingProcess,
    TrafficLimit,
    Vrf,
)

EVERY = pytest.mark.parametrize("platform", sorted(VENDORS))


def near(platform: str) -> Device:
    """A router: a tagged line in a VPN instance with both families, a slow half-duplex port, a port with IPv6 alone."""
    port, loopback, _ = PORTS[platform]
    tagged = port.format(1) + ".100"
    return Device(
        name="NEAR", vendor=LAB_NAMES[platform], at={}, serial="SN1", users={"ops": "x"},  # type: ignore[arg-type]
        interfaces=[
            Interface(name=loopback, v4=["198.51.100.1/32"]),
            Interface(name=port.format(1), neighbor=("FAR", port.format(1))),
            Interface(name=tagged, vlan=100, vrf="VPN-A", v4=["203.0.113.1/30"], v6=["2001:db8:1::1/64", "fe80::1/64"]),
            Interface(name=port.format(2), v4=["203.0.113.5/30"], speed="100M", duplex="half", car_kbps=51200, car_out_kbps=20480),
            Interface(name=port.format(3), v6=["fe80::3/64"], speed="10000M"),
        ],
        routes=[
            Route(prefix="172.16.0.0/12", next_hop="203.0.113.2"),
            Route(prefix="172.16.0.0/12", next_hop="203.0.113.6", protocol="ospf"),
            Route(prefix="192.0.2.0/24", next_hop="203.0.113.2", vrf="VPN-A"),
            Route(prefix="2001:db8:9::/48", next_hop="fe80::9", interface=port.format(3)),
        ],
        peers=[
            Peer(protocol="ospf", address="203.0.113.6", router_id="198.51.100.6", interface=port.format(2)),
            Peer(protocol="ospf", address="203.0.113.2", router_id="198.51.100.2", interface=tagged, vrf="VPN-A"),
            Peer(protocol="bgp", address="203.0.113.2", remote_as=65001, vrf="VPN-A"),
            Peer(protocol="bgp", address="203.0.113.6", remote_as=65001),
        ],
    )  # fmt: skip


def far(platform: str) -> Device:
    port, *_ = PORTS[platform]
    name = port.format(1)
    return Device(
        name="FAR", vendor=LAB_NAMES[platform], at={}, serial="SN2", users={"ops": "x"},  # type: ignore[arg-type]
        interfaces=[
            Interface(name=name, neighbor=("NEAR", name)),
            Interface(name=f"{name}.100", vlan=100, v4=["203.0.113.2/30"], v6=["2001:db8:1::2/64"]),
        ],
    )  # fmt: skip


def only(platform: str, kind: type) -> list:  # type: ignore[type-arg]
    own, _ = facing([near(platform), far(platform)])
    simulated = SIMULATED[own.vendor].answers
    told = {source: simulated[source](own, "") for source in VENDORS[platform].commands if source in simulated}
    observations, blind = everything(platform, {source: text for source, text in told.items() if text is not None})
    assert not blind
    return [fact for one in observations.values() for fact in one.facts if isinstance(fact, kind)]


@EVERY
def test_a_sub_interface_has_its_tag_its_vpn_and_the_mac_of_its_port(platform: str) -> None:
    found = {one.name: one for one in only(platform, DeviceInterface)}
    port = PORTS[platform][0].format(1)
    tagged = found[f"{port}.100"]
    assert (tagged.vrf, tagged.admin, tagged.oper) == ("VPN-A", "up", "up")
    assert tagged.mac == found[port].mac
    if platform != "zte_zxros":  # its tag stands in a module of its own
        assert tagged.vlan == 100
    assert [one.name for one in only(platform, Vrf)] == ["VPN-A"]


@EVERY
def test_speed_and_duplex(platform: str) -> None:
    found = {one.name: one for one in only(platform, DeviceInterface)}
    port = PORTS[platform][0]
    assert (found[port.format(1)].kbps, found[port.format(1)].duplex) == (1_000_000, "full")
    assert (found[port.format(2)].kbps, found[port.format(2)].duplex) == (100_000, "half")
    assert found[port.format(3)].kbps == 10_000_000


@EVERY
def test_limits_of_both_directions(platform: str) -> None:
    port = PORTS[platform][0].format(2)
    assert sorted((one.interface, one.direction, one.kbps) for one in only(platform, TrafficLimit)) == [
        (port, "in", 51200), (port, "out", 20480),
    ]  # fmt: skip


@EVERY
def test_a_link_local_address_that_was_given(platform: str) -> None:
    port = PORTS[platform][0]
    found = {(one.interface, one.address) for one in only(platform, InterfaceAddress) if one.scope == "link"}
    assert found == {(f"{port.format(1)}.100", "fe80::1"), (port.format(3), "fe80::3")}


@EVERY
def test_routes_of_a_vpn_are_in_the_configuration_alone(platform: str) -> None:
    found = only(platform, DeviceRoute)
    table = {(one.destination, one.next_hop) for one in found if not one.configured and one.next_hop}
    assert table == {("172.16.0.0/12", "203.0.113.6"), ("2001:db8:9::/48", "fe80::9")}
    assert not [one for one in found if not one.configured and one.destination.startswith("203.0.113.0/30")]
    assert {(one.destination, one.next_hop, one.vrf) for one in found if one.configured} == {
        ("172.16.0.0/12", "203.0.113.2", "VPN-A"),
        ("192.0.2.0/24", "203.0.113.2", "VPN-A"),
        ("2001:db8:9::/48", "fe80::9", ""),
    }
    (six,) = (one for one in found if one.configured and one.family == 6)
    assert six.interface == PORTS[platform][0].format(3)


@EVERY
def test_neighbours_of_a_vpn_have_a_process_of_their_own(platform: str) -> None:
    peers = only(platform, RoutingPeer)
    assert {(one.protocol, one.router_id) for one in peers if one.protocol == "ospf"} == {
        ("ospf", "198.51.100.6"), ("ospf", "198.51.100.2"),
    }  # fmt: skip
    assert [one.neighbor for one in peers if one.protocol == "bgp"] == ["203.0.113.6"]  # the VPN's are not asked for
    processes = {(one.protocol, one.number, one.vrf) for one in only(platform, RoutingProcess)}
    assert processes == {("ospf", "1", ""), ("ospf", "2", "VPN-A"), ("bgp", str(lab.LOCAL_AS), "")}


@EVERY
def test_the_other_end_is_seen_with_its_own_mac(platform: str) -> None:
    own, other = facing([near(platform), far(platform)])
    port = PORTS[platform][0].format(1)
    mac = lab.grouped(lab.mac(other, other.interfaces[0]), ":", 2)
    beside = {
        (one.address, one.mac)
        for one in only(platform, IpNeighbor)
        if one.interface == f"{port}.100" and one.kind == "dynamic"
    }
    assert beside == {
        ("203.0.113.2", mac), ("2001:db8:1::2", mac), (str(lab.link_local(other, other.interfaces[1])), mac),
    }  # fmt: skip
    assert lab.interface_towards(own, "203.0.113.2", "") is None
