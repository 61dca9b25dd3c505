"""Pages over both families held together: texts, raw lines and what is expected of them; all made by hand."""

import random
import time
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.platforms.systems.parity import read_parity, similarity
from tests.scanners.platforms.systems.answering import cited, facts_of, request, text_of
from xunyan.facts import PageParity

URL = "https://www.jyj.example/"
BODY = "<title>教育局 门户</title><p>关于开学的通知，共{n}人浏览</p>"
V4, V6 = "10.8.0.1", "240e::1"


def parity(*lines: dict[str, object]) -> PageParity:
    (fact,) = facts_of(read_parity, "http", text_of(*lines))
    assert isinstance(fact, PageParity)
    return fact


def page(address: str, n: int = 1, **changed: object) -> dict[str, object]:
    return request(URL, address, body=BODY.format(n=n), certificate="ab12") | changed


ALIKE = PageParity(
    network="外网", url=URL, compared=True, same_status=True, same_redirects=True, same_certificate=True, same_title=True,
    steady=-1, across=1000, title_v4="教育局 门户", title_v6="教育局 门户", status_v4=200, status_v6=200,
)  # fmt: skip


def test_the_same_page_over_both() -> None:
    assert parity(page(V4), page(V6)) == ALIKE
    assert parity(page(V6), page(V4, certificate="AB12")) == ALIKE


def test_a_page_that_differs_on_every_read_shows_it_over_ipv4_alone() -> None:
    found = parity(page(V4, 11111), page(V6, 22222), page(V4, 33333, read=2))
    assert found.steady == found.across
    assert 0 < found.across < 1000


def test_another_site_over_ipv6() -> None:
    default = page(V6, body="<title>Welcome to nginx!</title>It works", certificate="cd34")
    found = parity(page(V4), default, page(V4, read=2))
    assert (found.steady, found.across, found.same_title, found.same_certificate) == (1000, 0, False, False)
    assert (found.title_v4, found.title_v6) == ("教育局 门户", "Welcome to nginx!")


def test_titles_are_the_same_whatever_their_blanks_and_letters() -> None:
    assert parity(page(V4, body="<title> A  b</title>"), page(V6, body="<title>a\nB</title>")).same_title


@pytest.mark.parametrize(
    ("v4", "v6", "same"), [("", "", True), ("ab", "", False), ("", "ab", False), ("ab", "cd", False)]
)
def test_certificates(v4: str, v6: str, *, same: bool) -> None:
    assert parity(page(V4, certificate=v4), page(V6, certificate=v6)).same_certificate is same


def test_status() -> None:
    found = parity(page(V4), page(V6, status=404))
    assert (found.same_status, found.status_v4, found.status_v6) == (False, 200, 404)


def hop(number: int, path: str, address: str, **changed: object) -> dict[str, object]:
    return page(address, url=URL + path, hop=number, start=URL) | changed


def test_redirects_by_where_they_end_and_how_many_they_are() -> None:
    four = [hop(0, "", V4, status=302), hop(1, "login;jsessionid=1?t=1", V4)]
    assert parity(*four, hop(0, "", V6, status=302), hop(1, "login;jsessionid=2?t=2", V6)).same_redirects
    assert not parity(*four, hop(0, "", V6, status=302), hop(1, "other", V6)).same_redirects
    assert not parity(*four, hop(0, "", V6)).same_redirects
    more = [hop(0, "", V6, status=302), hop(1, "x", V6, status=302), hop(2, "login", V6)]
    assert not parity(*four, *more).same_redirects


def test_redirects_that_lead_outside_by_where_they_lead() -> None:
    out = {"status": 302, "outcome": "redirect-outside"}
    for there, same in (("http://x.example/", True), ("http://y.example/", False)):
        found = parity(hop(0, "", V4, location="http://x.example/", **out), hop(0, "", V6, location=there, **out))
        assert (found.compared, found.same_redirects) == (True, same)


@pytest.mark.parametrize(
    "outcome", ["timeout", "refused", "reset", "malformed", "no-route", "not-permitted", "failed", "answered"]
)
def test_without_one_of_the_two_nothing_is_compared(outcome: str) -> None:
    gone: dict[str, Any] = {"outcome": outcome, "status": 0, "body": "", "certificate": ""}
    for lines in ([page(V4), page(V6, **gone)], [page(V4)]):
        found = parity(*lines, page(V4, read=2))
        assert found == PageParity("外网", URL, False, False, False, False, False, -1, 0, "教育局 门户", "", 200, 0)
    found = parity(page(V4, **gone), page(V6))
    assert (found.compared, found.title_v6, found.status_v6, found.status_v4) == (False, "教育局 门户", 200, 0)


def test_the_first_address_that_answered_stands_for_its_family() -> None:
    gone: dict[str, Any] = {"outcome": "timeout", "status": 0, "body": ""}
    lines = [page("10.8.0.9", **gone), page(V4), page("10.8.0.8", 9), page(V6), page(V6 + "0", 9)]
    assert parity(*lines) == ALIKE
    assert cited(read_parity, "http", text_of(*lines)) == [(2, 2), (4, 4)]


def test_the_second_reading_is_of_the_same_address_where_there_is_one() -> None:
    second = [page("10.8.0.8", 99999, read=2), page(V4, read=2)]
    assert parity(page(V4), page(V6), *second).steady == 1000
    assert parity(page(V4), page(V6), second[0]).steady < 1000
    assert parity(page(V4), page(V6), page(V4, read=2, outcome="timeout", status=0)).steady == -1


def test_a_second_reading_never_stands_for_the_first() -> None:
    assert parity(page(V4, 99999, read=2), page(V4), page(V6)).across == 1000
    assert not parity(page(V4, read=2), page(V4, outcome="timeout", status=0), page(V6)).compared


def test_every_page_that_was_asked_for_is_a_row_and_none_an_empty_table() -> None:
    text = text_of(page(V4), page(V6), request("http://www.jyj.example/", V4), request(URL, V4, network="内网"))
    rows = [fact for fact in facts_of(read_parity, "http", text) if isinstance(fact, PageParity)]
    assert [(one.network, one.url, one.compared) for one in rows] == [
        ("外网", URL, True),
        ("外网", "http://www.jyj.example/", False),
        ("内网", URL, False),
    ]
    assert facts_of(read_parity, "http", text_of({"outcome": "nothing", "because": "no-open-port"})) == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", 1000),
        ("", " \n", 1000),
        ("ab", "a b", 1000),
        ("ab", "ac", 0),
        ("ab", "abc", 0),
        ("", "abc", 0),
        ("abcd", "abcd", 1000),
        ("abcd", "abce", 500),  # abc bcd, abc bce: 2*1/4
        ("aaaa", "aaaaa", 800),  # aaa twice, aaa three times: 2*2/5
        ("教育局门户", "教育局首页", 333),  # 2*1/6
    ],
)
def test_similarity(one: str, other: str, expected: int) -> None:
    assert similarity(one, other) == expected


TEXTS = st.one_of(st.text(), st.text(alphabet="ab ", max_size=30))


@given(TEXTS, TEXTS)
def test_similarity_is_the_measure_that_is_stated(one: str, other: str) -> None:
    found = similarity(one, other)
    assert found == similarity(other, one)
    assert 0 <= found <= 1000
    assert similarity(one, one) == 1000
    first, second = ("".join(text.split()) for text in (one, other))
    runs, others = (Counter(text[at : at + 3] for at in range(len(text) - 2)) for text in (first, second))
    if runs and others:
        assert found == 2000 * (runs & others).total() // (runs.total() + others.total())
    else:
        assert found == (1000 if first == second else 0)


def test_long_texts_are_held_together_in_bounded_time() -> None:
    chance = random.Random(7)
    words = [chr(0x4E00 + n) for n in range(2000)]
    one, other = ("".join(chance.choices(words, k=200_000)) for _ in range(2))
    began = time.process_time()
    assert similarity(one, other) < 100
    assert similarity(one, one[:100_000] + other[100_000:]) >= 499
    assert time.process_time() - began < 5
