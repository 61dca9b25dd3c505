"""The first relations: who holds an address, and who talks to whom."""

from controls import estate
from controls.model import Subject
from tests.making import NOON
from xunyan.facts import Address, Connection, Fact
from xunyan.model import Asset, Evidence, Observation


def subject(name: str, network: str, *observations: tuple[str, tuple[Fact, ...]]) -> Subject:
    asset = Asset(name, "endpoint", f"host:{name}", name, "", "", network, "", "linux")
    return Subject(
        asset,
        {
            one: Observation(one, facts, (Evidence(f"{name}-{one}", one, 1, 1, "", NOON),))
            for one, facts in observations
        },
    )


def holds(address: str, scope: str = "global") -> tuple[str, tuple[Fact, ...]]:
    return "addresses", (Address("eth0", 4, address, 24, scope, up=True, usable=True, mac=""),)


def talks(address: str) -> tuple[str, tuple[Fact, ...]]:
    return "connections", (Connection("10.0.0.1", 40000, address, 5432), Connection("10.0.0.1", 40001, address, 5432))


def relations(*subjects: Subject) -> set[tuple[str, str, str]]:
    built = estate.build(subjects)
    return {(one.kind, one.source, one.target) for found in built.relations.values() for one in found}


def test_a_connection_joins_two_assets_of_one_network() -> None:
    found = relations(
        subject("web", "外网", holds("10.0.0.1"), talks("10.0.0.2")), subject("db", "外网", holds("10.0.0.2"))
    )
    assert found == {
        ("has-address", "web", "外网|10.0.0.1"),
        ("has-address", "db", "外网|10.0.0.2"),
        ("connects-to", "web", "db"),
    }


def test_the_same_address_in_another_network_joins_nothing() -> None:
    found = relations(subject("web", "外网", talks("10.0.0.2")), subject("db", "专网", holds("10.0.0.2")))
    assert found == {("has-address", "db", "专网|10.0.0.2")}


def test_an_address_that_two_hold_joins_nothing() -> None:
    found = relations(
        subject("web", "外网", talks("10.0.0.2")),
        subject("db1", "外网", holds("10.0.0.2")),
        subject("db2", "外网", holds("10.0.0.2")),
    )
    assert ("connects-to", "web", "db1") not in found
    assert ("connects-to", "web", "db2") not in found


def test_link_local_addresses_name_nobody_and_nobody_talks_to_itself() -> None:
    found = relations(
        subject("a", "外网", holds("169.254.0.1", "link"), talks("169.254.0.1")),
        subject("b", "外网", holds("10.0.0.9"), talks("10.0.0.9")),
    )
    assert found == {("has-address", "b", "外网|10.0.0.9")}


def test_a_relation_cites_the_originals_that_show_it() -> None:
    built = estate.build(
        [subject("web", "外网", holds("10.0.0.1"), talks("10.0.0.2")), subject("db", "外网", holds("10.0.0.2"))]
    )
    assert {one.kind: one.evidence for one in built.relations["web"]} == {
        "has-address": ("web-addresses",),
        "connects-to": ("web-connections",),
    }
