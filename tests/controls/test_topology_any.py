"""Whatever devices say, and however little fits together: joining ends, and gives the same in every order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from controls import engine, estate
from controls.loader import load_catalogue, load_evaluated, load_profile
from controls.model import Subject
from controls.topology import topology
from tests.controls.making import a_range
from tests.controls.network_making import Router, line
from tests.making import NOON
from xunyan.device_facts import (
    AccessList,
    AccessListUse,
    AccessRule,
    DeviceFact,
    DeviceInterface,
    DeviceRoute,
    InterfaceAddress,
    IpNeighbor,
    LldpNeighbor,
    NatRule,
    PolicyRoute,
    RouteTotal,
    RoutingPeer,
    TrafficLimit,
    Vlan,
    Vrf,
)
from xunyan.facts import DERIVED
from xunyan.model import Status

CHECKS = [one for one in load_catalogue().checks if {"link", "unit", "device"} & set(one.control.kinds)]
NAMES = st.sampled_from(["r1", "r2", "r3", "", "r1.example", "\u202egnp"])
PORTS = st.sampled_from(
    ["GigabitEthernet0/0/1", "GE0/0/1", "GigabitEthernet0/0/1.7", "Vlanif7", "LoopBack0", "MEth0", "", "\u202e1"]
)
FOURS = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3", "172.16.0.1", "218.0.0.1", "0.0.0.0", "not an address"])  # noqa: S104
SIXES = st.sampled_from(["240e:1::1", "240e:1::2", "fe80::1", "fd00::1", "2002::1", "::ffff:10.0.0.1", "::1", "::"])
VRFS = st.sampled_from(["", "A", "mgmt"])
STATES = st.sampled_from(["up", "down", ""])
MACS = st.sampled_from(["", "00:00:00:00:00:01", "00:00:00:00:00:02", "00:00:5e:00:01:01"])
SPEED = st.sampled_from([-1, 0, 10_000, 1_000_000])
LISTS = st.sampled_from(["3000", "3001", ""])


def either() -> st.SearchStrategy[tuple[int, str]]:
    return st.one_of(st.tuples(st.just(4), FOURS), st.tuples(st.just(6), SIXES))


FACTS: st.SearchStrategy[DeviceFact] = st.one_of(
    st.builds(DeviceInterface, PORTS, STATES, STATES, STATES, SPEED, st.sampled_from(["half", "full", ""]), vrf=VRFS, mac=MACS),
    st.builds(
        lambda port, one, length, scope, state: InterfaceAddress(port, one[0], one[1], length, scope, state),
        PORTS, either(), st.sampled_from([-1, 0, 24, 30, 31, 32, 64, 127, 128]), st.sampled_from(["global", "link", "host"]),
        st.sampled_from(["", "tentative", "duplicate"]),
    ),
    st.builds(LldpNeighbor, PORTS, NAMES, PORTS),
    st.builds(lambda one, mac, port, kind: IpNeighbor(one[0], one[1], mac, port, kind), either(), MACS, PORTS, st.sampled_from(["own", "dynamic"])),
    st.builds(
        lambda one, where, port, protocol, vrf, active: DeviceRoute(
            one[0], where[one[0] == 6], one[1], port, protocol, vrf, active=active
        ),
        either(), st.sampled_from([("0.0.0.0/0", "::/0"), ("172.16.0.0/12", "2000::/3"), ("nowhere", "")]), PORTS,
        st.sampled_from(["static", "ospf", "isis", "direct"]), VRFS, st.booleans(),
    ),
    st.builds(
        lambda one, port, vrf, hop: PolicyRoute(one[0], one[1] if hop else "", port, vrf), either(), PORTS, VRFS, st.booleans()
    ),
    st.builds(RouteTotal, st.sampled_from([4, 6]), VRFS, st.integers(0, 3), st.integers(0, 3)),
    st.builds(
        lambda protocol, one, up, port, vrf, router, asn: RoutingPeer(protocol, one[0], one[1], "x", up, port, vrf, router, asn),
        st.sampled_from(["ospf", "ospfv3", "bgp", "isis"]), either(), st.booleans(), PORTS, VRFS, st.sampled_from(["", "1.1.1.1"]),
        st.sampled_from(["", "65001"]),
    ),
    st.builds(NatRule, PORTS, st.sampled_from(["outbound", "inside", "static"])),
    st.builds(
        AccessList, LISTS, st.sampled_from([4, 6]),
        st.lists(st.builds(AccessRule, st.just(5), st.sampled_from(["permit", "deny"]), st.just("ip"), st.sampled_from(["", "any"])))
        .map(tuple),
    ),
    st.builds(AccessListUse, LISTS, st.sampled_from([4, 6]), PORTS, st.sampled_from(["in", "out"])),
    st.builds(TrafficLimit, PORTS, st.sampled_from(["in", "out"]), SPEED),
    st.builds(Vrf, VRFS, st.just(""), st.lists(PORTS, max_size=2).map(tuple)),
    st.builds(Vlan, st.just(7), st.just(""), st.lists(PORTS, max_size=2).map(tuple)),
)  # fmt: skip


@st.composite
def routers(draw: st.DrawFn) -> list[Subject]:
    """A few devices of two networks and three units, each with anything at all."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        router = Router(
            f"d{number}", draw(st.sampled_from(["教育局", "民政局", ""])), draw(st.sampled_from(["外网", "内网"]))
        )
        router.add(*draw(st.lists(FACTS, max_size=14)))
        router.without = draw(
            st.sets(st.sampled_from(["device-routes", "ip-neighbors", "device-interfaces", "routing-peers"]))
        )
        found.append(router.subject)
    return found


def parts(devices: list[Subject], port: str) -> list[Subject]:
    filed = [
        line("甲", "extranet", device="d0", interface=port, bandwidth="100M"), line("乙", "core", from_end="a", to_end="b"),
        line("丙", "private-line", far_device="d1", far_interface=port), line("丁", "internet", "民政局", device="d1", interface=port),
    ]  # fmt: skip
    return [*devices, *filed, a_range("10.0.0.0/16", "extranet"), a_range("240e::/16", "internet")]


@settings(max_examples=60, deadline=None)
@given(routers(), PORTS)
def test_joining_anything_ends_and_is_the_same_in_every_order(devices: list[Subject], port: str) -> None:
    built, again = estate.build(parts(devices, port)), estate.build(parts(devices, port)[::-1])
    assert built.derived == again.derived
    assert topology(built.subjects.values()) == topology(again.subjects.values())
    judged = [
        list(engine.judge(CHECKS, one, load_profile("general"), load_evaluated(), NOON)) for one in (built, again)
    ]
    assert judged[0] == judged[1]
    keys = [one.key for one in built.derived.values()]
    assert all(key.isprintable() and len(key) < 256 for key in keys)
    for one in judged[0]:
        if one.status in (Status.SATISFIED, Status.NOT_SATISFIED):
            assert one.evidence, one
        assert {line.source for line in one.evidence}.isdisjoint(DERIVED)
