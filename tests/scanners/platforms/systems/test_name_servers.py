"""Name servers: raw lines as the agent writes them, and what is expected of them; all made by hand."""

import pytest

from scanners.platforms.systems.name_servers import read_name_servers
from tests.scanners.platforms.systems.answering import cited, facts_of, refused, text_of
from xunyan.facts import NameServer

DELEGATION = """\
{"zone":"jyj.example","names":["www.jyj.example","oa.jyj.example"],"servers":["ns1.jyj.example","NS2.jyj.example."],"outcome":"answered"}
{"zone":"jyj.example","server":"ns1.jyj.example","family":4,"address":"10.0.0.53","outcome":"answered","rcode":"NOERROR","authoritative":true,"detail":""}
{"zone":"jyj.example","server":"ns1.jyj.example","family":6,"address":"240E::53","outcome":"timeout","rcode":"","authoritative":false,"detail":""}
{"zone":"JYJ.example.","server":"ns2.jyj.example.","family":4,"address":"10.0.0.54","outcome":"answered","rcode":"REFUSED","authoritative":true,"detail":""}
{"zone":"jyj.example","server":"ns2.jyj.example","family":6,"address":"","outcome":"no-address","rcode":"","authoritative":false,"detail":""}
{"zone":"example","names":["www.jyj.example","oa.jyj.example"],"servers":[],"outcome":"timeout"}
"""
BOTH = ("www.jyj.example", "oa.jyj.example")


def zone(**changed: object) -> dict[str, object]:
    return {
        "zone": "a.example",
        "names": ["www.a.example"],
        "servers": ["ns.a.example"],
        "outcome": "answered",
    } | changed


def server(**changed: object) -> dict[str, object]:
    line: dict[str, object] = {
        "zone": "a.example", "server": "ns.a.example", "family": 4, "address": "10.0.0.1", "outcome": "answered",
        "rcode": "NOERROR", "authoritative": True, "detail": "",
    }  # fmt: skip
    return line | changed


def test_every_server_over_each_family() -> None:
    assert facts_of(read_name_servers, "delegation", DELEGATION) == (
        NameServer("jyj.example", BOTH, "ns1.jyj.example", 4, "10.0.0.53", "answered", authoritative=True),
        NameServer("jyj.example", BOTH, "ns1.jyj.example", 6, "240e::53", "timeout", authoritative=False),
        NameServer("jyj.example", BOTH, "ns2.jyj.example", 4, "10.0.0.54", "refused", authoritative=False),
        NameServer("jyj.example", BOTH, "ns2.jyj.example", 6, "", "no-address", authoritative=False),
        NameServer("example", BOTH, "", 4, "", "timeout", authoritative=False),
        NameServer("example", BOTH, "", 6, "", "timeout", authoritative=False),
    )
    assert cited(read_name_servers, "delegation", DELEGATION) == [(at, at) for at in range(1, 7)]


def test_a_server_that_was_not_asked_does_not_look_well() -> None:
    assert facts_of(read_name_servers, "delegation", text_of(zone(), server())) == (
        NameServer("a.example", ("www.a.example",), "ns.a.example", 4, "10.0.0.1", "answered", authoritative=True),
        NameServer("a.example", ("www.a.example",), "ns.a.example", 6, "", "failed", authoritative=False),
    )
    assert facts_of(read_name_servers, "delegation", text_of(zone(servers=[]))) == tuple(
        NameServer("a.example", ("www.a.example",), "", family, "", "failed", authoritative=False) for family in (4, 6)
    )


@pytest.mark.parametrize(("rcode", "expected"), [("NXDOMAIN", "answered"), ("SERVFAIL", "failed"), ("", "failed")])
def test_a_server_that_answers_with_an_error_has_not_answered(rcode: str, expected: str) -> None:
    first, _ = facts_of(read_name_servers, "delegation", text_of(zone(), server(rcode=rcode)))
    assert isinstance(first, NameServer)
    assert (first.outcome, first.authoritative) == (expected, expected == "answered")


def test_two_addresses_of_one_server_are_two_rows_and_the_same_twice_is_one() -> None:
    text = text_of(zone(), server(), server(address="10.0.0.2"), server(), server(family=6, address="240e::1"))
    addresses = [
        fact.address for fact in facts_of(read_name_servers, "delegation", text) if isinstance(fact, NameServer)
    ]
    assert addresses == ["10.0.0.1", "10.0.0.2", "240e::1"]


def test_no_zone_is_an_empty_table() -> None:
    text = text_of({"outcome": "nothing", "because": "no-name"})
    assert facts_of(read_name_servers, "delegation", text) == ()


@pytest.mark.parametrize(
    "line",
    [
        server(zone="b.example"),
        server(family=5),
        server(family=6),
        server(address="ns.a.example"),
        server(authoritative="yes"),
        server(outcome="open"),
        zone(servers="ns.a.example"),
        zone(names=[1]),
        zone(outcome="no-address"),
        {"zone": "a.example", "outcome": "answered"},
    ],
)
def test_a_line_of_another_shape_is_named(line: dict[str, object]) -> None:
    assert refused(read_name_servers, "delegation", text_of(zone(), line)).startswith("line 2 is not ")
