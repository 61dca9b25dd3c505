"""What letters mean to the packet proof, worked out without the product's own code."""

from ipaddress import ip_address
from typing import Any

import pytest

from lab.packets.scope import Scope, read_endpoint, read_scope
from lab.scenario.model import Authorisation, Network, Scanner, Scenario, Zone
from xunyan.errors import XunyanError


def letter(*tables: dict[str, Any], **fields: Any) -> Authorisation:
    kept: dict[str, Any] = {"number": "A", "units": ["*"], "approver": "x", "methods": ["ssh"], **fields}
    return Authorisation(networks=[{"name": "lan", **one} for one in tables], **kept)


def scope(*letters: Authorisation, zones: tuple[Zone, ...] = (), **fields: Any) -> Scope:
    scenario = Scenario(
        schema="xunyan.scenario/1",
        name="t",
        title="t",
        networks=[Network(name="lan", kind="room")],
        scanner=Scanner(network="lan", addresses=["10.0.0.1"]),
        authorisations=list(letters),
        zones=list(zones),
    )
    return read_scope(scenario, fields.pop("jump_hosts", {}), fields.pop("resolvers", {}), **fields)


def why(read: Scope, address: str, port: int | None = 22, network: str = "lan") -> str | None:
    return read.why_not(network, ip_address(address), port)


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("10.1.2.3", ["10.1.2.3"], ["10.1.2.2", "10.1.2.4"]),
        ("10.1.2.0/24", ["10.1.2.0", "10.1.2.255"], ["10.1.1.255", "10.1.3.0"]),
        ("10.1.2.3-10.1.3.9", ["10.1.2.3", "10.1.3.9"], ["10.1.2.2", "10.1.3.10"]),
        ("10.1.2.3-9", ["10.1.2.3", "10.1.2.9"], ["10.1.2.2", "10.1.2.10"]),
        ("2001:db8::3", ["2001:db8::3"], ["2001:db8::2", "2001:db8::4"]),
        ("2001:db8::/64", ["2001:db8::", "2001:db8::ffff:0:0:1"], ["2001:db8:0:1::"]),
        ("2001:db8::3-2001:db8::9", ["2001:db8::3", "2001:db8::9"], ["2001:db8::2", "2001:db8::a", "0.0.0.5"]),
    ],
)
def test_every_form_of_a_range(written: str, inside: list[str], outside: list[str]) -> None:
    read = scope(letter({"allow": [written]}))
    assert [why(read, one) for one in inside] == [None] * len(inside)
    assert [why(read, one) for one in outside] == ["outside"] * len(outside)
    assert why(read, inside[0], network="other") == "outside"


@pytest.mark.parametrize(
    "written", ["10.1.2", "10.1.2.0/33", "10.1.2.1/24", "10.1.2.9-3", "10.1.2.3-2001:db8::1", "2001:db8::1-9", "x.cn"]
)
def test_what_is_no_range_stops_everything(written: str) -> None:
    with pytest.raises(XunyanError):
        scope(letter({"allow": [written]}))
    if written != "x.cn":
        with pytest.raises(XunyanError):
            scope(letter({"deny": [written]}))


def test_deny_beats_allow_and_classified_beats_both_over_all_letters() -> None:
    read = scope(
        letter({"allow": ["10.0.0.0/24"], "deny": ["10.0.0.5", "10.0.0.7"], "resolvers": ["10.0.0.5"]}),
        letter({"allow": ["10.0.0.5"], "classified": ["10.0.0.6-7"]}, number="B"),
    )
    assert [why(read, f"10.0.0.{one}") for one in (4, 5, 6, 7)] == [None, "denied", "classified", "classified"]
    assert why(read, "10.0.0.5", 53) == "denied"
    assert read.why_not_asked("lan", ip_address("10.0.0.5")) == "denied"


@pytest.mark.parametrize(
    "fields", [{"from_day": -9, "until_day": -1}, {"from_day": 1, "until_day": 9}, {"revoked": True}]
)
def test_a_letter_out_of_force_still_forbids_but_allows_nothing(fields: dict[str, Any]) -> None:
    table = {"allow": ["10.0.0.9"], "deny": ["10.0.0.5"], "classified": ["10.0.0.6"], "resolvers": ["10.0.0.8"]}
    read = scope(letter(table, **fields), letter({"allow": ["10.0.0.1-6"]}, number="B"))
    assert [why(read, f"10.0.0.{one}") for one in (4, 5, 6, 9)] == [None, "denied", "classified", "outside"]
    assert why(read, "10.0.0.8", 53) == "outside"


@pytest.mark.parametrize("days", [(0, 0), (-3, 0), (0, 3)])
def test_the_first_and_the_last_day_count(days: tuple[int, int]) -> None:
    assert why(scope(letter({"allow": ["10.0.0.9"]}, from_day=days[0], until_day=days[1])), "10.0.0.9") is None


def test_ports_are_those_of_the_letter_or_of_its_methods() -> None:
    read = scope(
        letter({"allow": ["10.0.0.1", "10.0.0.3"]}, methods=["ssh", "dns"]),
        letter({"allow": ["10.0.0.2-3"]}, number="B", ports=[2222]),
    )
    assert [why(read, "10.0.0.1", one) for one in (22, 53, 2222, 5985, None)] == [None, None, "port", "port", None]
    assert [why(read, "10.0.0.2", one) for one in (22, 2222)] == ["port", None]
    assert [why(read, "10.0.0.3", one) for one in (22, 2222, 23)] == [None, None, "port"]
    with pytest.raises(XunyanError):
        scope(letter({"allow": ["10.0.0.1"]}, methods=["gopher"]))


def test_services_are_granted_at_their_ports() -> None:
    table = {"resolvers": ["10.0.1.1", "[fd00::1]:5353"], "jump_hosts": ["10.0.1.2:2222"], "timestamps": ["fd00::3"]}
    read = scope(letter(table), jump_hosts={"lan": ["10.0.1.4"]}, resolvers={"far": ["10.0.1.5"]})
    granted = [("10.0.1.1", 53), ("fd00::1", 5353), ("10.0.1.2", 2222), ("fd00::3", 80), ("10.0.1.4", 22)]
    assert [why(read, *one) for one in granted] == [None] * 5
    assert [why(read, one, 9) for one, _ in granted] == ["port"] * 5
    assert [why(read, one, None) for one, _ in granted] == ["outside"] * 5
    assert [read.why_not_asked("lan", ip_address(one)) for one, _ in granted] == [None] * 5
    assert (why(read, "10.0.1.5", 53), why(read, "10.0.1.5", 53, "far")) == ("outside", None)


def test_denied_names_forbid_the_addresses_that_the_zones_give_them() -> None:
    records = ["oa A 10.0.0.5", "www.oa 300 IN AAAA fd00::5", "oab A 10.0.0.6", "mail CNAME oa", "*.oa A 10.0.0.7"]
    zone = Zone(name="gov.example", servers=["ns"], records=records)
    table = {"allow": ["10.0.0.0/24", "fd00::/64"], "deny": ["OA.gov.example."]}
    read = scope(letter(table), zones=(zone,))
    assert [why(read, one) for one in ("10.0.0.5", "fd00::5", "10.0.0.7")] == ["denied"] * 3
    assert why(read, "10.0.0.6") is None
    with pytest.raises(XunyanError):
        scope(letter(table), zones=(Zone(name="gov.example", servers=[], records=["oa A 10.0.0"]),))


def test_ipv4_inside_ipv6_is_forbidden_with_it() -> None:
    read = scope(letter({"allow": ["::/0"], "deny": ["10.0.0.5"]}))
    hidden = ["::ffff:10.0.0.5", "64:ff9b::a00:5", "2002:a00:5::1"]
    assert [why(read, one) for one in hidden] == ["denied"] * 3
    assert why(read, "64:ff9b::a00:6") is None


def test_a_letter_for_the_web_means_its_two_ports_and_name_servers_are_a_service() -> None:
    table = {"allow": ["10.0.0.1"], "name_servers": ["10.0.1.1", "fd00::1"], "deny": ["10.0.1.2"]}
    read = scope(letter(table, methods=["web"]), letter({"name_servers": ["10.0.1.2"]}, number="B"))
    assert [why(read, "10.0.0.1", one) for one in (80, 443, 22, 8080)] == [None, None, "port", "port"]
    assert [why(read, one, 53) for one in ("10.0.1.1", "fd00::1", "10.0.1.2", "10.0.1.3")] == [
        None,
        None,
        "denied",
        "outside",
    ]
    assert [why(read, "10.0.1.1", one) for one in (80, None)] == ["port", "outside"]


def test_what_a_denied_name_stands_for_in_another_zone_is_forbidden() -> None:
    zones = (
        Zone(
            name="gov.example",
            servers=["ns"],
            records=["oa CNAME web.cloud.example.", "www CNAME loop", "loop CNAME www"],
        ),
        Zone(name="cloud.example", servers=["ns"], records=["web CNAME one", "one A 10.0.0.5", "two A 10.0.0.6"]),
    )
    read = scope(letter({"allow": ["10.0.0.0/24"], "deny": ["oa.gov.example", "www.gov.example"]}), zones=zones)
    assert [why(read, one) for one in ("10.0.0.5", "10.0.0.6")] == ["denied", None]


def test_addresses_are_translated_before_they_count() -> None:
    table = {"allow": ["203.0.113.0/24"], "deny": ["203.0.113.5", "x.example"], "resolvers": ["203.0.113.9:54"]}
    zone = Zone(name="example", servers=[], records=["x A 203.0.113.6"])
    read = scope(letter(table), zones=(zone,), translate=lambda text: text.replace("203.0.113", "10.7.7"))
    assert [why(read, f"10.7.7.{one}") for one in (4, 5, 6)] == [None, "denied", "denied"]
    assert why(read, "10.7.7.9", 54) is None
    assert why(read, "203.0.113.4") == "outside"


def test_an_endpoint_that_is_none_is_refused() -> None:
    six = ip_address("2001:db8::1")
    assert read_endpoint("[2001:db8::1]:22", 53) == (six, 22)
    assert read_endpoint("[2001:db8::1]", 53) == read_endpoint("2001:db8::1", 53) == (six, 53)
    for text in ("host", "10.0.0.1:x", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "[2001:db8::1", "[10.0.0.1]:22"):
        with pytest.raises(XunyanError):
            read_endpoint(text, 53)
