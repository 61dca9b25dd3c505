"""Where the addresses of a system lie: by the filed ranges of the same network, the smallest first."""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from random import Random

import pytest

from controls import estate
from controls.model import Blindness, Joined, Subject
from controls.places import Ranges, parse_range, plain
from tests.controls.making import NETWORK, a_range, answer, asset, filed, places, port, system, unseen

CLOUD = a_range("10.1.0.0/16", "government-cloud", level="city", holder="云租户")
ROOM = a_range("10.8.0.0-10.8.0.99", "machine-room", holder="教育局机房")


def where(*ranges: Subject, address: str = "10.1.2.3") -> list[tuple[str, str]]:
    found = places(system("a", answer("www.a.example", address)), *ranges)
    return [(one.kind, one.range) for one in found]


def test_a_place_says_name_address_range_and_who_holds_it() -> None:
    (place,) = places(system("a", answer("www.a.example", "10.1.2.3")), CLOUD, ROOM)
    assert (place.network, place.name, place.address) == (NETWORK, "www.a.example", "10.1.2.3")
    assert (place.kind, place.level, place.range, place.holder, place.mapped_to) == (
        "government-cloud", "city", "10.1.0.0/16", "云租户", "",
    )  # fmt: skip


def test_every_address_of_every_name_that_answered_and_every_filed_one() -> None:
    names = (
        answer("www.a.example", "10.1.2.3", "10.8.0.3", v6=("240e:1::3",)),
        answer("x.a.example", outcome="timeout"),
    )
    ports = (port("10.8.0.4"), port("10.8.0.4", 80), port("10.1.2.3", name="www.a.example"))
    found = places(system("a", *names, ports=ports), CLOUD, ROOM)
    assert [(one.name, one.address, one.kind) for one in found] == [
        ("www.a.example", "10.1.2.3", "government-cloud"),
        ("www.a.example", "10.8.0.3", "machine-room"),
        ("www.a.example", "240e:1::3", "unknown"),
        ("", "10.8.0.4", "machine-room"),
    ]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("10.7.255.255", "unknown"),
        ("10.8.0.0", "machine-room"),
        ("10.8.0.99", "machine-room"),
        ("10.8.0.100", "unknown"),
        ("10.1.255.255", "government-cloud"),
        ("10.2.0.0", "unknown"),
        ("255.255.255.255", "unknown"),
        ("0.0.0.1", "unknown"),
    ],
)
def test_the_bounds_of_a_range_are_in_it(address: str, kind: str) -> None:
    assert [found for found, _ in where(CLOUD, ROOM, address=address)] == [kind]


def test_the_smallest_range_speaks_whatever_the_order() -> None:
    wide, inner = a_range("10.0.0.0/8", "extranet"), a_range("10.1.2.0/24", "rented-room")
    one, after = a_range("10.1.2.3", "machine-room"), a_range("10.1.3.0/24", "internet")
    for order in ((wide, CLOUD, inner, one, after), (after, one, inner, CLOUD, wide)):
        assert where(*order) == [("machine-room", "10.1.2.3")]
        assert where(*order, address="10.1.2.4") == [("rented-room", "10.1.2.0/24")]
        assert where(*order, address="10.1.4.1") == [("government-cloud", "10.1.0.0/16")]
        assert where(*order, address="10.2.0.1") == [("extranet", "10.0.0.0/8")]


def test_many_ranges_agree_with_looking_at_each_in_turn() -> None:
    chance = Random(6)
    texts = sorted({f"10.{chance.randrange(4)}.{chance.randrange(8)}.{chance.randrange(256)}" for _ in range(200)})
    networks = [ip_network(f"{text}/{chance.choice((14, 20, 23, 24, 28, 31, 32))}", strict=False) for text in texts]
    ranges = Ranges(a_range(str(network), "extranet", holder=str(network)) for network in networks)
    for _ in range(2000):
        address = ip_address(f"10.{chance.randrange(4)}.{chance.randrange(8)}.{chance.randrange(256)}")
        fitting = [network for network in networks if address in network]
        smallest = {str(one) for one in fitting if one.prefixlen == max(two.prefixlen for two in fitting)} or {""}
        assert {found.range for found in ranges.locate(NETWORK, str(address))} == smallest


def test_ranges_of_one_size_that_disagree_are_both_shown_and_those_that_agree_once() -> None:
    again = replace(CLOUD, asset=asset("range", "again"))
    assert where(CLOUD, again) == [("government-cloud", "10.1.0.0/16")]
    disputed = a_range("10.1.0.0-10.1.255.255", "machine-room")
    assert sorted(where(CLOUD, disputed)) == [
        ("government-cloud", "10.1.0.0/16"),
        ("machine-room", "10.1.0.0-10.1.255.255"),
    ]


def test_the_range_of_another_network_says_nothing() -> None:
    assert where(a_range("10.1.0.0/16", "government-cloud", network="专网")) == [("unknown", "")]


def test_a_range_without_a_network_is_of_the_networks_that_its_row_was_filed_in() -> None:
    row = Subject(asset("range", "r"), ledger=filed("r", range="10.1.0.0/16", kind="extranet"))
    assert where(row) == [("extranet", "10.1.0.0/16")]


def test_a_withdrawn_range_and_one_that_cannot_be_read_say_nothing() -> None:
    assert where(
        a_range("10.1.0.0/16", "machine-room", withdrawn="2026-11-01"), a_range("十号机房", "machine-room")
    ) == [("unknown", "")]


def test_a_shared_platform_stands_on_the_ground_of_another_range() -> None:
    platform = a_range("10.1.2.3", "shared-platform", holder="一体化平台")
    assert where(CLOUD, platform) == [("government-cloud", "10.1.0.0/16")]
    assert where(platform) == [("shared-platform", "10.1.2.3")]


@pytest.mark.parametrize(
    ("maps_to", "kind", "mapped_to"),
    [
        ("10.8.0.3", "machine-room", "10.8.0.3"),
        ("10.8.0.3:8080", "machine-room", "10.8.0.3"),
        ("10.1.2.3", "government-cloud", "10.1.2.3"),
        ("172.16.0.1", "unknown", "172.16.0.1"),
        ("教育局防火墙", "unknown", "教育局防火墙"),
        ("", "internet", ""),
    ],
)
def test_a_published_address_is_where_the_inner_one_is(maps_to: str, kind: str, mapped_to: str) -> None:
    outside = a_range("218.0.0.9", "internet", maps_to=maps_to)
    (place,) = places(system("a", answer("www.a.example", "218.0.0.9")), CLOUD, ROOM, outside)
    assert (place.address, place.kind, place.mapped_to) == ("218.0.0.9", kind, mapped_to)
    assert place.range == {"machine-room": "10.8.0.0-10.8.0.99", "government-cloud": "10.1.0.0/16"}.get(
        kind, "218.0.0.9"
    )


def test_a_published_address_may_stand_for_several_and_a_range_for_a_range() -> None:
    both = a_range("218.0.0.9", "internet", maps_to="10.1.2.3、10.8.0.3")
    found = places(system("a", answer("www.a.example", "218.0.0.9")), CLOUD, ROOM, both)
    assert [(one.kind, one.mapped_to) for one in found] == [
        ("government-cloud", "10.1.2.3"),
        ("machine-room", "10.8.0.3"),
    ]
    block = a_range("218.0.0.0/28", "internet", maps_to="10.8.0.16/28")
    found = places(system("a", answer("www.a.example", "218.0.0.9")), CLOUD, ROOM, block)
    assert [(one.kind, one.mapped_to) for one in found] == [("machine-room", "10.8.0.25")]
    front = a_range("218.0.0.0/28", "internet", maps_to="10.8.0.16")
    found = places(system("a", answer("www.a.example", "218.0.0.9")), ROOM, front)
    assert [(one.kind, one.mapped_to) for one in found] == [("machine-room", "10.8.0.16")]
    uneven = a_range("218.0.0.0/28", "internet", maps_to="10.8.0.16/29")
    assert [one.kind for one in places(system("a", answer("a", "218.0.0.9")), ROOM, uneven)] == ["unknown"]


def test_a_chain_of_published_addresses_ends_and_one_that_goes_round_too() -> None:
    outer, inner = (
        a_range("218.0.0.9", "internet", maps_to="10.9.0.1"),
        a_range("10.9.0.1", "extranet", maps_to="10.8.0.3"),
    )
    (place,) = places(system("a", answer("a", "218.0.0.9")), outer, inner, ROOM)
    assert (place.kind, place.mapped_to) == ("machine-room", "10.8.0.3")
    round_trip = a_range("10.9.0.1", "extranet", maps_to="218.0.0.9")
    assert len(places(system("a", answer("a", "218.0.0.9")), outer, round_trip)) == 1


@pytest.mark.parametrize("six", ["64:ff9b::a08:3", "2002:a08:3::1", "::ffff:10.8.0.3", "::ffff:a08:3"])
def test_an_address_that_carries_one_of_ipv4_lies_where_that_lies(six: str) -> None:
    (place,) = places(system("a", answer("a", v6=(six,))), ROOM)
    assert (place.kind, place.mapped_to or place.address) == ("machine-room", "10.8.0.3")


def test_the_same_address_in_two_spellings_is_one() -> None:
    found = places(system("a", answer("a", v6=("240e:1::3", "240E:1:0:0:0:0:0:3"))), a_range("240e:1::/64", "extranet"))
    assert [one.address for one in found] == ["240e:1::3"]


@pytest.mark.parametrize(
    ("text", "short"),
    [("::1", "::1"), ("0:0::1", "::1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("10.0.0.1", "10.0.0.1"), ("x", "x")],
)
def test_addresses_have_one_spelling(text: str, short: str) -> None:
    assert plain(text) == short


def test_what_is_no_address_lies_nowhere_and_breaks_nothing() -> None:
    found = places(system("a", answer("a", "10.1.2.999", "\x00", "10.1.2.3")), CLOUD)
    assert [one.kind for one in found] == ["unknown", "unknown", "government-cloud"]


def test_the_proof_is_the_answer_and_the_rows_of_the_ranges_that_were_used() -> None:
    built = estate.build([system("a", answer("a", "10.8.0.3"), ports=(port("10.1.2.3"),)), CLOUD, ROOM])
    found = built.subjects["a"].observations["places"]
    assert isinstance(found, Joined)
    assert [[one.capture for one in proof] for proof in found.proofs] == [
        ["a-names", "10.8.0.0-10.8.0.99-ledger"],
        ["a-service-ports", "10.1.0.0/16-ledger"],
    ]
    assert {one.capture for one in found.evidence} == {one.capture for proof in found.proofs for one in proof}


def test_looked_and_no_address_is_an_empty_table_with_proof() -> None:
    built = estate.build([system("a", answer("a", outcome="no-such-name"))])
    found = built.subjects["a"].observations["places"]
    assert (found.facts, [one.capture for one in found.evidence]) == ((), ["a-names", "a-service-ports"])


def test_what_nobody_asked_has_no_place_and_says_why() -> None:
    blind = {"names": (Blindness("dns", "timeout", ""),), "service-ports": (Blindness("tcp", "not-asked", ""),)}
    blank = Subject(asset("system", "a"), {}, blind)
    assert "places" not in estate.build([blank, CLOUD]).subjects["a"].observations
    assert [one.source for one in unseen(blank, CLOUD, observation="places")] == ["dns", "tcp"]


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("10.0.0.1", (1, 1)), ("10.0.0.0/30", (0, 3)), ("10.0.0.2-10.0.0.9", (2, 9)), ("10.0.0.2-9", (2, 9)),
        ("10.0.0.3/30", (0, 3)), (" 10.0.0.2 - 10.0.0.9 ", (2, 9)), ("10.0.0.9-10.0.0.2", None), ("10.0.0.2-::9", None),
        ("10.0.0.2-300", None), ("x", None), ("", None), ("10.0.0.0/33", None), ("240e::1-9", None),
    ],
)  # fmt: skip
def test_ranges_are_read_as_people_write_them(text: str, bounds: tuple[int, int] | None) -> None:
    base = int(ip_address("10.0.0.0"))
    found = parse_range(text)
    assert (None if found is None else (found[1] - base, found[2] - base)) == bounds
