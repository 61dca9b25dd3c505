"""Names: raw lines as the agent writes them, and what is expected of them; all made by hand."""

from typing import Any

import pytest

from scanners.platforms.systems.names import read_names
from tests.scanners.platforms.systems.answering import cited, facts_of, refused, text_of
from xunyan.facts import NameAnswer

PORTAL = """\
{"network":"外网","name":"www.jyj.example","server":"10.0.0.53","type":"A","outcome":"answered","rcode":"NOERROR","answers":["www.jyj.example. 60 IN CNAME WAF.cloud.example.","waf.cloud.example. 60 IN CNAME lb.cloud.example.","lb.cloud.example. 60 IN A 10.8.0.2","lb.cloud.example. 60 IN A 10.8.0.1","other.example. 60 IN A 10.9.9.9"],"authority":[],"detail":""}
{"network":"外网","name":"www.jyj.example","server":"10.0.0.53","type":"AAAA","outcome":"answered","rcode":"NOERROR","answers":["www.jyj.example. 60 IN CNAME waf.cloud.example.","waf.cloud.example. 60 IN CNAME lb6.cloud.example.","lb6.cloud.example. 60 IN AAAA 240e:0:0::A"],"authority":[],"detail":""}
{"network":"外网","name":"www.jyj.example","server":"10.0.0.53","type":"CNAME","outcome":"answered","rcode":"NOERROR","answers":["www.jyj.example. 60 IN CNAME waf.cloud.example."],"authority":[],"detail":""}
{"network":"外网","name":"www.jyj.example","server":"10.0.0.53","type":"HTTPS","outcome":"answered","rcode":"NOERROR","answers":[],"authority":[],"detail":""}
{"network":"外网","name":"www.jyj.example","server":"10.0.0.53","type":"SOA","outcome":"answered","rcode":"NOERROR","answers":[],"authority":["jyj.example. 60 IN SOA ns1.jyj.example. root.jyj.example. 1 2 3 4 5"],"detail":""}
{"network":"外网","name":"www.jyj.example","server":"10.0.0.53","type":"NS","outcome":"timeout","rcode":"","answers":[],"authority":[],"detail":""}
{"network":"外网","name":"gone.jyj.example","server":"10.0.0.53","type":"A","outcome":"answered","rcode":"NXDOMAIN","answers":["gone.jyj.example. 60 IN CNAME nobody.example."],"authority":[],"detail":""}
{"network":"外网","name":"gone.jyj.example","server":"10.0.0.53","type":"AAAA","outcome":"timeout","rcode":"","answers":[],"authority":[],"detail":""}
{"network":"外网","name":"2.0.8.10.in-addr.arpa","server":"10.0.0.53","type":"PTR","outcome":"answered","rcode":"NOERROR","answers":["2.0.8.10.in-addr.arpa. 60 IN PTR lb.cloud.example."],"authority":[],"detail":""}
"""  # noqa: E501


def question(kind: str = "A", *answers: str, name: str = "a.example", **changed: object) -> dict[str, object]:
    line: dict[str, object] = {
        "network": "外网", "name": name, "server": "10.0.0.53", "type": kind, "outcome": "answered", "rcode": "NOERROR",
        "answers": list(answers), "authority": [], "detail": "",
    }  # fmt: skip
    return line | changed


def answer(*lines: dict[str, object]) -> NameAnswer:
    (fact,) = facts_of(read_names, "dns", text_of(*lines))
    assert isinstance(fact, NameAnswer)
    return fact


def test_names_with_their_aliases_and_addresses() -> None:
    assert facts_of(read_names, "dns", PORTAL) == (
        NameAnswer(
            "外网", "www.jyj.example", "answered", ("waf.cloud.example", "lb.cloud.example", "lb6.cloud.example"),
            ("10.8.0.2", "10.8.0.1"), ("240e::a",),
        ),
        NameAnswer("外网", "gone.jyj.example", "no-such-name", ("nobody.example",), (), ()),
    )  # fmt: skip


def test_the_lines_of_addresses_are_the_proof() -> None:
    assert cited(read_names, "dns", PORTAL) == [(1, 1), (2, 2), (7, 7), (8, 8)]


def test_a_name_without_addresses_is_there() -> None:
    assert answer(question("A"), question("AAAA")) == NameAnswer("外网", "a.example", "answered", (), (), ())


def test_a_family_that_got_no_answer_is_told_apart_from_one_without_addresses() -> None:
    four = question("A", "a.example. 1 IN A 10.0.0.1")
    for failure in (
        {"outcome": "timeout", "rcode": ""},
        {"rcode": "SERVFAIL"},
        {"rcode": "REFUSED"},
        {"rcode": "NOTIMP"},
    ):
        found = answer(four, question("AAAA", **failure))
        assert found == NameAnswer("外网", "a.example", "answered", (), ("10.0.0.1",), (), unanswered=(6,))
    found = answer(question("A", outcome="timeout", rcode=""), question("AAAA", "a.example. 1 IN AAAA 240e::1"))
    assert found == NameAnswer("外网", "a.example", "answered", (), (), ("240e::1",), unanswered=(4,))


@pytest.mark.parametrize(
    ("outcome", "rcode", "expected"),
    [
        ("timeout", "", "timeout"),
        ("unreachable", "", "unreachable"),
        ("not-permitted", "", "not-permitted"),
        ("answered", "REFUSED", "refused"),
        ("answered", "SERVFAIL", "failed"),
        ("answered", "", "failed"),
    ],
)
def test_why_nothing_is_known(outcome: str, rcode: str, expected: str) -> None:
    found = answer(*(question(kind, outcome=outcome, rcode=rcode) for kind in ("A", "AAAA", "CNAME")))
    assert (found.outcome, found.unanswered) == (expected, (4, 6))


def test_one_family_that_denies_the_name_does_not_outweigh_one_that_has_it() -> None:
    found = answer(question("A", rcode="NXDOMAIN"), question("AAAA", "a.example. 1 IN AAAA 240e::1"))
    assert (found.outcome, found.v6, found.unanswered) == ("answered", ("240e::1",), ())


def test_a_loop_of_aliases_ends_and_leads_nowhere() -> None:
    ring = [f"{one}.example. 1 IN CNAME {other}.example." for one, other in ("ab", "bC", "ca")]
    own = [f"{one}.example. 1 IN A 10.0.0.1" for one in "abc"]
    found = answer(question("A", *ring, *own), question("AAAA", *ring))
    assert (found.aliases, found.v4) == (("b.example", "c.example", "a.example"), ())
    found = answer(question("A", "a.example. 1 IN CNAME a.example.", *own))
    assert (found.aliases, found.v4) == (("a.example",), ())


@pytest.mark.parametrize(("length", "addresses"), [(16, ("10.0.0.1",)), (17, ())])
def test_a_long_chain_of_aliases_is_followed_so_far(length: int, addresses: tuple[str, ...]) -> None:
    chain = [f"{n}.example. 1 IN CNAME {n + 1}.example." for n in range(length)]
    found = answer(question("A", *chain, f"{length}.example. 1 IN A 10.0.0.1", name="0.example"))
    assert (len(found.aliases), found.v4) == (16, addresses)


def test_names_are_held_together_whatever_their_letters_and_dot() -> None:
    found = answer(question("A", "A.Example. 1 IN A 10.0.0.1", name="A.example."), question("AAAA", name="a.EXAMPLE"))
    assert (found.name, found.v4, found.unanswered) == ("a.example", ("10.0.0.1",), ())


def test_one_name_in_two_networks_is_two_rows() -> None:
    text = text_of(question("A", network="内网"), question("A", network="外网"))
    assert [fact.network for fact in facts_of(read_names, "dns", text) if isinstance(fact, NameAnswer)] == [
        "内网",
        "外网",
    ]


def test_records_of_another_class_or_kind_say_nothing() -> None:
    odd = ("a.example. 1 CH A \\# 4 0a000001", "a.example. 1 IN TYPE65280 \\# 1 00", "a.example. 1 IN AAAA 240e::1")
    assert answer(question("A", *odd)).v4 == ()


def test_a_mapped_address_stays_what_it_is() -> None:
    assert answer(question("AAAA", "a.example. 1 IN AAAA ::ffff:10.0.0.1")).v6 == ("::ffff:10.0.0.1",)


def test_addresses_without_a_name_give_an_empty_table_with_proof() -> None:
    reverse = question("PTR", "1.0.0.10.in-addr.arpa. 1 IN PTR x.", name="1.0.0.10.in-addr.arpa")
    text = text_of(reverse, {"outcome": "nothing", "because": "no-name"})
    assert facts_of(read_names, "dns", text) == ()
    assert cited(read_names, "dns", text) == [(1, 1)]
    nothing = text_of({"outcome": "nothing", "because": "no-name"})
    assert facts_of(read_names, "dns", nothing) == ()
    assert cited(read_names, "dns", nothing) == [(1, 1)]


def test_many_lines_are_cited_as_spans() -> None:
    apart = [question(kind, name=f"{n}.example") for n in range(15) for kind in ("A", "AAAA", "NS")]
    assert cited(read_names, "dns", text_of(*apart)) == [(at, at + 1) for at in range(1, 46, 3)]
    many = [question(kind, name=f"{n}.example") for n in range(30) for kind in ("A", "NS")]
    assert cited(read_names, "dns", text_of(*many)) == [(1, 59)]


def test_what_is_too_long_is_cut_with_a_mark() -> None:
    found = answer(question("A", name="x" * 300))
    assert (len(found.name), found.name[-1]) == (255, "…")


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "TXT"},
        {"outcome": "perhaps"},
        {"answers": "a.example. 1 IN A 10.0.0.1"},
        {"answers": ["a.example. 1 IN A 10.0.0.256"]},
        {"answers": ["a.example. 1 IN A 240e::1"]},
        {"answers": ["a.example. IN A"]},
        {"answers": [7]},
        {"name": None},
        {"rcode": 0},
    ],
)
def test_a_line_of_another_shape_is_named(changed: dict[str, Any]) -> None:
    assert refused(read_names, "dns", text_of(question("A"), question("A", **changed))).startswith("line 2 is not ")
