"""The devices of a scenario tell one story: each what the scenario says of it, and both ends of a line the same."""

from functools import cache

import pytest

from lab.devices import facts as lab
from lab.devices.vendors import VENDORS as SIMULATED
from lab.scenario.model import Device as Planned
from lab.scenario.reading import read_scenario
from lab.workspaces import PLATFORMS as PLATFORM_OF
from tests.lab.telling import questions
from tests.lab.telling import told as answer
from tests.scanners.platforms.devices.answering import everything
from xunyan.device_facts import (
    AccessListUse,
    Device,
    DeviceInterface,
    DeviceRoute,
    InterfaceAddress,
    IpNeighbor,
    LldpNeighbor,
    MacEntry,
    NatRule,
    PolicyRoute,
    RouteTotal,
    RoutingPeer,
    TimeServer,
    TrafficLimit,
    Vrf,
)

Place = tuple[str, str]
"""A scenario and a device of it."""

DEVICES: dict[Place, Planned] = {
    (name, one.name): one for name in ("links", "division") for one in read_scenario(name).devices
}
CUT = ("links", "beizhen-r")
"""Whose table of IPv4 routes is not shown whole."""

EVERY = pytest.mark.parametrize("place", DEVICES, ids=" ".join)


@cache
def told(place: Place) -> tuple[object, ...]:
    """All facts that a device's answers give; none of the answers is unreadable."""
    device = DEVICES[place]
    answers = {command: answer(device, command) for command in questions(device)} | device.extra
    observations, blind = everything(
        PLATFORM_OF[device.vendor], {source: text for source, text in answers.items() if text is not None}
    )
    assert not blind
    return tuple(fact for one in observations.values() for fact in one.facts)


def only(place: Place, kind: type) -> list:  # type: ignore[type-arg]
    return [fact for fact in told(place) if isinstance(fact, kind)]


def colons(digits: str) -> str:
    return lab.grouped(digits, ":", 2)


def port(shown: str) -> str:
    """An interface's number: the vendors cut the letters short in different ways."""
    return shown.rpartition(" ")[2].lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")


def test_it_has_thirty_devices_of_five_vendors() -> None:
    vendors = [one.vendor for (scenario, _), one in DEVICES.items() if scenario == "links"]
    assert len(vendors) >= 30
    assert set(vendors) == set(SIMULATED)


@EVERY
def test_what_a_device_is(place: Place) -> None:
    (found,) = only(place, Device)
    assert (found.hostname, found.serial) == (place[1], DEVICES[place].serial)
    assert [one.address for one in only(place, TimeServer)] == DEVICES[place].ntp


@EVERY
def test_interfaces_and_addresses(place: Place) -> None:
    device = DEVICES[place]
    found = {one.name: one for one in only(place, DeviceInterface)}
    assert set(found) == {one.name for one in device.interfaces}
    for own in device.interfaces:
        one = found[own.name]
        assert (one.description, one.vrf) == (own.description, own.vrf)
        assert one.mac == colons(lab.mac(device, own))
        if lab.cabled(own):
            assert (one.kbps, one.duplex) == (lab.kbps(own), own.duplex), own.name
        if device.vendor != "zte" or not lab.is_sub(own):  # whose tag stands in another module of its configuration
            assert one.vlan == own.vlan, own.name
    addresses = {
        (one.interface, one.address, one.prefix) for one in only(place, InterfaceAddress) if one.scope == "global"
    }
    assert addresses == {
        (one.name, str(address.ip), address.network.prefixlen)
        for one in device.interfaces
        for family in (4, 6)
        for address in lab.networks(one, family)
    }
    locals_of = {(one.interface, one.address) for one in only(place, InterfaceAddress) if one.scope == "link"}
    assert locals_of == {(one.name, str(lab.link_local(device, one))) for one in device.interfaces if lab.has_v6(one)}


@EVERY
def test_guards(place: Place) -> None:
    device = DEVICES[place]
    assert {(one.interface, one.direction, one.kbps) for one in only(place, TrafficLimit)} == {
        (one.name, way, rate) for one in device.interfaces for way, rate in lab.limits(one)
    }
    assert {one.interface for one in only(place, NatRule)} == {one.name for one in device.interfaces if one.nat}
    assert {(one.name, one.family, one.interface) for one in only(place, AccessListUse)} == {
        (acl, family, one.name)
        for one in device.interfaces
        for acl, family in ((one.acl_in, 4), (one.acl6_in, 6))
        if acl
    }
    assert {one.name for one in only(place, Vrf)} == set(lab.vrfs(device))


@EVERY
def test_routes(place: Place) -> None:
    device = DEVICES[place]
    found = {
        (one.destination, one.next_hop, one.vrf)
        for one in only(place, DeviceRoute)
        if one.next_hop and not one.configured
    }
    assert found == {(route.prefix, route.next_hop, lab.route_vrf(device, route)) for route in device.routes}
    configured = {(one.destination, one.next_hop, one.vrf) for one in only(place, DeviceRoute) if one.configured}
    assert configured == {(route.prefix, route.next_hop, lab.route_vrf(device, route)) for route in lab.statics(device)}
    assert all((one.said == one.read) == (place != CUT or one.family == 6) for one in only(place, RouteTotal))


@EVERY
def test_policies(place: Place) -> None:
    assert [one.next_hop for one in only(place, PolicyRoute)] == [hop for _, hop in lab.policies(DEVICES[place])]


def lines() -> list[tuple[Place, str, Place, str]]:
    return [
        (place, one.name, (place[0], one.neighbor[0]), one.neighbor[1])
        for place, device in DEVICES.items()
        for one in device.interfaces
        if one.neighbor is not None and lab.live(one)
    ]


def over(device: Planned, name: str) -> set[str]:
    """The interfaces with addresses that a port carries: itself and its sub-interfaces, or those of its VLAN."""
    own = next(one for one in device.interfaces if one.name == name)
    if not lab.routed(own):
        return {one.name for one in device.interfaces if lab.vlan_number(one) == own.vlan}
    return {one.name for one in device.interfaces if lab.parent(device, one).name == name}


@pytest.mark.parametrize("line", lines(), ids=lambda line: " ".join((*line[0], line[1])))
def test_both_ends_of_a_line_see_each_other(line: tuple[Place, str, Place, str]) -> None:
    own, name, other, far = line
    seen = [one for one in only(own, LldpNeighbor) if one.interface == name]
    assert [(one.system, port(one.port)) for one in seen] == [(other[1], port(far))]
    back = [one for one in only(other, LldpNeighbor) if one.interface == far]
    assert [(one.system, port(one.port)) for one in back] == [(own[1], port(name))]
    macs = {
        one.mac for one in only(own, IpNeighbor) if one.interface in over(DEVICES[own], name) and one.kind == "dynamic"
    }
    there = {one.mac for one in only(other, DeviceInterface) if one.name in over(DEVICES[other], far)}
    assert macs == there
    learned = {one.mac for one in only(own, MacEntry) if one.interface == name}
    assert learned in (set(), macs)


@EVERY
def test_who_is_seen_beside_it_is_there(place: Place) -> None:
    """No row of ARP or ND speaks of an address of another device of its network without that device's MAC."""
    held = {
        (one.address, colons(lab.mac(device, interface)))
        for there, device in DEVICES.items()
        if (there[0], next(iter(device.at))) == (place[0], next(iter(DEVICES[place].at)))
        for interface in device.interfaces
        for one in only(there, InterfaceAddress)
        if one.interface == interface.name
    }
    addresses = {address for address, _ in held}
    for one in only(place, IpNeighbor):
        assert one.address not in addresses or (one.address, one.mac) in held, one


@EVERY
def test_routing_neighbours_know_each_other(place: Place) -> None:
    ids = {lab.router_id(device): there for there, device in DEVICES.items() if there[0] == place[0]}
    own = lab.router_id(DEVICES[place])
    for one in only(place, RoutingPeer):
        back = [peer for peer in only(ids[one.router_id], RoutingPeer) if peer.protocol == one.protocol]
        assert (one.state, one.up) in {(peer.state, peer.up) for peer in back if peer.router_id == own}, one
