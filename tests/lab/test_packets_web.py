"""The rules of the packet proof for scans of systems: pages, redirects and links, resolvers, name servers, hosts' own talk."""

from ipaddress import ip_address

import pytest

from lab.grounds.facts import facts
from lab.packets.frames import read_frame
from lab.packets.rules import Facts, Judge
from lab.scenario.model import Authorisation, Connect, Host, NameServer, Network, Scanner, Scenario, Web, Zone
from tests.lab.test_packets import error, ip, tcp, udp

US, US6 = "10.7.0.9", "fd00:7::9"


def scenario() -> Scenario:
    row = {
        "name": "net", "allow": ["10.7.0.10", "fd00:7::10"], "deny": ["oa.a.example"],
        "resolvers": ["10.7.0.53"], "name_servers": ["10.7.0.54", "fd00:7::54"],
    }  # fmt: skip
    hosts = [
        Host(name="web", at={"net": ["10.7.0.10", "fd00:7::10"]}, web=[Web()], connects=[Connect(to="db", port=3306)]),
        Host(name="db", at={"net": ["10.7.0.20", "fd00:7::20"]}),
        Host(name="resolver", at={"net": ["10.7.0.53"]}, dns=NameServer(role="resolver")),
        Host(name="ns", at={"net": ["10.7.0.54", "fd00:7::54"]}, dns=NameServer()),
        Host(name="far", at={"net": ["10.7.0.55"]}, dns=NameServer()),
        Host(name="oa", at={"net": ["10.7.0.30"]}, web=[Web()]),
    ]
    return Scenario(
        schema="xunyan.scenario/1",
        name="t",
        title="t",
        networks=[Network(name="net", kind="extranet", v4="10.7.0.0/24", v6="fd00:7::/64")],
        scanner=Scanner(network="net", addresses=[US, US6]),
        hosts=hosts,
        zones=[Zone(name="a.example", servers=["ns"], records=["oa A 10.7.0.30"])],
        authorisations=[Authorisation(number="1", units=["*"], approver="x", methods=["web"], networks=[row])],
    )


@pytest.fixture(scope="module")
def laid() -> Facts:
    return facts(scenario())


def why(laid: Facts, frame: bytes) -> str | None:
    found = Judge(laid, "n0").judge(read_frame(frame))
    return found.why if found is not None else None


@pytest.mark.parametrize(
    "frame",
    [
        tcp(US, "10.7.0.10", 80), tcp(US6, "fd00:7::10", 443), tcp("10.7.0.10", US, 40000, from_port=80),
        udp(US, "10.7.0.53", 53), tcp(US, "10.7.0.53", 53), udp(US, "10.7.0.54", 53), udp(US6, "fd00:7::54", 53),
        udp("10.7.0.53", "10.7.0.54", 53), udp("10.7.0.53", "10.7.0.55", 53), udp("10.7.0.55", "10.7.0.53", 40000, from_port=53),
        tcp("10.7.0.10", "10.7.0.20", 3306), tcp("10.7.0.20", "10.7.0.10", 40000, from_port=3306),
        tcp("fd00:7::10", "fd00:7::20", 3306),
        error("10.7.0.10", US, ip(US, "10.7.0.10", 6, b"\x9c\x40\x01\xbb" + b"\0" * 16)),
    ],
)  # fmt: skip
def test_what_the_letters_and_the_hosts_themselves_mean_is_no_violation(laid: Facts, frame: bytes) -> None:
    assert why(laid, frame) is None


@pytest.mark.parametrize(
    ("expected", "frame"),
    [
        ("outside", tcp(US, "10.7.0.40", 80)),  # where a redirect or a link leads
        ("outside", tcp(US6, "fd00:7::40", 443)),
        ("outside", tcp("10.7.0.40", US, 40000, from_port=443)),
        ("outside", tcp(US, "203.0.113.5", 443)),
        ("outside", tcp(US6, "64:ff9b::a07:a", 80)),  # an AAAA out of NAT64, though the address within may be asked
        ("outside", tcp(US6, "2002:a07:a::1", 80)),
        ("outside", tcp(US6, "fe80::10", 80)),
        ("denied", tcp(US, "10.7.0.30", 80)),  # by its name
        ("outside", tcp(US6, "64:ff9b::a07:1e", 80)),
        ("outside", tcp(US6, "2002:a07:1e::1", 443)),
        ("port", tcp(US, "10.7.0.10", 8080)),
        ("port", tcp(US6, "fd00:7::10", 22)),
        ("port", udp(US, "10.7.0.10", 53)),
        ("port", tcp(US, "10.7.0.54", 80)),
        ("outside", udp(US, "10.7.0.55", 53)),  # a name server that no letter names, though the resolver may ask it
        ("outside", udp(US6, "fd00:7::53", 53)),
        ("outside", tcp(US, "10.7.0.20", 3306)),  # a back end, though its front may talk to it
        ("outside", tcp("10.7.0.10", "10.7.0.20", 5432)),
        ("outside", tcp("10.7.0.20", "10.7.0.10", 3306)),
        ("denied", tcp("10.7.0.30", "10.7.0.20", 3306)),
        ("outside", udp("10.7.0.54", "10.7.0.55", 53)),
    ],
)
def test_what_nobody_allows_is_found(laid: Facts, expected: str, frame: bytes) -> None:
    assert why(laid, frame) == expected


def test_connections_are_known_only_between_the_hosts_that_keep_them(laid: Facts) -> None:
    talk = [one for one in laid.background if 3306 in one.ports]
    assert len(talk) == 1
    assert {one.address for one in talk[0].askers} == {ip_address("10.7.0.10"), ip_address("fd00:7::10")}
    assert {one.address for one in talk[0].answerers} == {ip_address("10.7.0.20"), ip_address("fd00:7::20")}
