"""Ports: raw lines as the agent writes them, and what is expected of them; and lines of every source that are none."""

import pytest

from scanners.platforms.reading import Reading
from scanners.platforms.systems.ports import read_ports
from tests.scanners.platforms.systems.answering import TAKEN, capture, cited, facts_of, refused, text_of
from xunyan.facts import ServicePort
from xunyan.model import Evidence

PORTS = """\
{"network":"外网","name":"www.jyj.example","address":"10.8.0.1","family":4,"port":443,"outcome":"open","detail":""}
{"network":"外网","name":"www.jyj.example","address":"240E::0001","family":6,"port":443,"outcome":"no-route","detail":"ENETUNREACH"}
{"network":"外网","name":"","address":"10.8.0.2","family":4,"port":8080,"outcome":"refused","detail":""}
"""
LINE = {"network": "外网", "name": "", "address": "10.8.0.1", "family": 4, "port": 80, "outcome": "open", "detail": ""}


def test_every_port_that_was_knocked_at() -> None:
    assert facts_of(read_ports, "tcp", PORTS) == (
        ServicePort("外网", "www.jyj.example", "10.8.0.1", 4, 443, "open"),
        ServicePort("外网", "www.jyj.example", "240e::1", 6, 443, "no-route"),
        ServicePort("外网", "", "10.8.0.2", 4, 8080, "refused"),
    )
    assert cited(read_ports, "tcp", PORTS) == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize(
    "outcome", ["open", "refused", "timeout", "unreachable", "no-route", "not-permitted", "failed"]
)
def test_every_outcome(outcome: str) -> None:
    (fact,) = facts_of(read_ports, "tcp", text_of(LINE | {"outcome": outcome}))
    assert isinstance(fact, ServicePort)
    assert fact.outcome == outcome


def test_nothing_to_knock_at_is_an_empty_table_with_proof() -> None:
    text = '{"outcome":"nothing","because":"no-address"}\n'
    assert facts_of(read_ports, "tcp", text) == ()
    evidence = read_ports({"tcp": capture("tcp", text)}).evidence
    assert evidence == (Evidence("c-tcp", "tcp", 1, 1, text.strip(), TAKEN),)


def test_a_source_that_is_absent_says_nothing() -> None:
    assert read_ports({"dns": capture("dns", PORTS)}) == Reading()


def test_keys_that_are_not_known_do_not_matter() -> None:
    assert len(facts_of(read_ports, "tcp", text_of(LINE | {"later": {"deep": [1, None]}}))) == 1


@pytest.mark.parametrize("key", ["network", "name", "address", "family", "port", "outcome"])
def test_a_key_that_lacks_is_named(key: str) -> None:
    line = {name: value for name, value in LINE.items() if name != key}
    assert refused(read_ports, "tcp", text_of(LINE, line)).startswith(
        f"line 2 is not an object of this source (Object missing required field `{key}`)"
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"network": None},
        {"name": 1},
        {"address": ""},
        {"address": "10.8.0.1/24"},
        {"address": "240e::1"},
        {"address": "fe80::1%eth0", "family": 6},
        {"family": "4"},
        {"family": True},
        {"port": 0},
        {"port": 65536},
        {"port": 80.0},
        {"outcome": "closed"},
        {"outcome": "nothing"},
    ],
)
def test_a_value_of_another_type_is_named(changed: dict[str, object]) -> None:
    assert refused(read_ports, "tcp", text_of(LINE, LINE | changed)).startswith("line 2 is not ")


@pytest.mark.parametrize(
    "line",
    [
        b"", b" ", b"[]", b"null", b"7", b"{}", b"junk", b'{"outcome":"nothing"}', b"{" * 100_000, b"[" * 100_000, b"\xff",
        text_of(LINE).encode("gb18030"), text_of(LINE).encode("utf-16"), text_of(LINE).strip().encode() * 2,
        text_of(LINE).strip().encode() + b",", b'{"network":"\\ud800' + text_of(LINE).encode()[12:],
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"," + text_of(LINE).encode()[1:],
    ],
)  # fmt: skip
def test_what_is_no_object_is_named(line: bytes) -> None:
    good = text_of(LINE).encode()
    assert refused(read_ports, "tcp", good + line + b"\n" + good).startswith("line 2 is not an object of this source (")


def test_an_answer_without_a_word_is_no_empty_table() -> None:
    for body in ("", "\n", "\r\n\r\n", "\ufeff"):
        assert refused(read_ports, "tcp", body).startswith("line 1 is not an object of this source (")


def test_a_reason_is_short_whatever_the_line_holds() -> None:
    assert len(refused(read_ports, "tcp", text_of(LINE | {"outcome": "x" * 1_000_000}))) < 400


def test_a_mark_before_the_first_line_and_ends_of_another_system_do_not_matter() -> None:
    text = "\ufeff" + PORTS.replace("\n", "\r\n") + "\r\n"
    assert len(facts_of(read_ports, "tcp", text)) == 3
    assert cited(read_ports, "tcp", text) == [(1, 1), (2, 2), (3, 3)]


def test_a_line_end_of_text_within_a_string_moves_the_numbers_and_nothing_else() -> None:
    lines = [LINE | {"detail": "a\u2028b\x85"}, LINE | {"port": 81}, LINE | {"port": 82, "detail": "\u2029"}]
    assert len(facts_of(read_ports, "tcp", text_of(*lines))) == 3
    assert [(one.first, one.last) for one in read_ports({"tcp": capture("tcp", text_of(*lines))}).evidence] == [
        (1, 3),
        (4, 4),
        (5, 6),
    ]
    assert refused(read_ports, "tcp", text_of(lines[0], LINE | {"port": 0})).startswith("line 4 is not ")
