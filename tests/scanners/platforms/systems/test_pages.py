"""First pages: raw lines as the agent writes them, and what is expected of them; all made by hand."""

import pytest

from scanners.platforms.systems.pages import read_pages
from tests.scanners.platforms.systems.answering import cited, facts_of, refused, request, text_of
from xunyan.facts import Page

PAGES = """\
{"network":"外网","url":"http://www.jyj.example/","name":"www.jyj.example","address":"10.8.0.1","family":4,"port":80,"read":1,"hop":0,"start":"http://www.jyj.example/","outcome":"answered","status":301,"location":"https://www.jyj.example/","content_type":"text/html","server":"nginx","certificate":"","size":5,"truncated":false,"body":"moved","detail":""}
{"network":"外网","url":"https://www.jyj.example/","name":"www.jyj.example","address":"10.8.0.1","family":4,"port":443,"read":1,"hop":1,"start":"http://www.jyj.example/","outcome":"answered","status":200,"location":"","content_type":"text/html; charset=utf-8","server":"nginx","certificate":"ab12","size":60,"truncated":false,"body":"<title>教育局</title><p>通知 公告</p>","detail":""}
{"network":"外网","url":"http://www.jyj.example/","name":"www.jyj.example","address":"240E::0001","family":6,"port":80,"read":1,"hop":0,"start":"http://www.jyj.example/","outcome":"timeout","status":0,"location":"","content_type":"","server":"","certificate":"","size":0,"truncated":false,"body":"","detail":"connect"}
{"network":"外网","url":"http://www.jyj.example/","name":"www.jyj.example","address":"10.8.0.1","family":4,"port":80,"read":2,"hop":0,"start":"http://www.jyj.example/","outcome":"answered","status":200,"location":"","content_type":"text/html","server":"nginx","certificate":"","size":60,"truncated":false,"body":"<title>另一次</title>","detail":""}
"""  # noqa: E501
HOME = "http://a.example/"


def page(*lines: dict[str, object]) -> Page:
    (fact,) = facts_of(read_pages, "http", text_of(*lines))
    assert isinstance(fact, Page)
    return fact


def hop(number: int, url: str, **changed: object) -> dict[str, object]:
    return request(url, "10.8.0.1", hop=number, start=HOME) | {"status": 302} | changed


def test_a_page_over_each_address_at_the_end_of_its_redirects() -> None:
    assert facts_of(read_pages, "http", PAGES) == (
        Page(
            network="外网", url="http://www.jyj.example/", name="www.jyj.example", address="10.8.0.1", family=4, port=80,
            outcome="answered", status=200, final_url="https://www.jyj.example/", redirects=1, title="教育局", text_length=5,
        ),
        Page(
            network="外网", url="http://www.jyj.example/", name="www.jyj.example", address="240e::1", family=6, port=80,
            outcome="timeout", status=0, final_url="http://www.jyj.example/", redirects=0, title="", text_length=0,
        ),
    )  # fmt: skip
    assert cited(read_pages, "http", PAGES) == [(1, 1), (2, 2), (3, 3)]


def test_a_redirect_that_leads_outside_ends_where_it_leads() -> None:
    found = page(hop(0, HOME, outcome="redirect-outside", location="//Other.example/x#y"))
    assert (found.outcome, found.status, found.final_url, found.redirects) == (
        "redirect-outside", 302, "http://other.example/x", 1
    )  # fmt: skip
    found = page(hop(0, HOME, outcome="redirect-outside", location="weixin://dl/scan"))
    assert found.final_url == HOME


def test_a_redirect_loop_ends_where_it_closed() -> None:
    found = page(hop(0, HOME, location="/b"), hop(1, HOME + "b", location="/", outcome="redirect-loop"))
    assert (found.outcome, found.final_url, found.redirects) == ("redirect-loop", HOME + "b", 2)


def test_a_redirect_to_another_host_is_of_the_address_that_was_asked_first() -> None:
    onward = request("http://b.example/", "10.9.0.9", hop=1, start=HOME, outcome="reset", status=0)
    found = page(hop(0, HOME, location="http://b.example/"), onward)
    assert (found.address, found.name, found.outcome, found.final_url) == (
        "10.8.0.1",
        "a.example",
        "reset",
        "http://b.example/",
    )


def test_several_addresses_of_one_name_keep_their_own_redirects() -> None:
    other = {"address": "10.8.0.2"}
    lines = [
        hop(0, HOME), hop(0, HOME, **other),
        hop(1, HOME + "one"), hop(1, HOME + "two", **other),
        hop(2, HOME + "end", status=200), hop(2, HOME + "fin", status=404, **other),
    ]  # fmt: skip
    found = [fact for fact in facts_of(read_pages, "http", text_of(*lines)) if isinstance(fact, Page)]
    assert [(one.address, one.final_url, one.status, one.redirects) for one in found] == [
        ("10.8.0.1", HOME + "end", 200, 2),
        ("10.8.0.2", HOME + "fin", 404, 2),
    ]


def test_what_is_no_page_has_no_title_and_all_of_its_text() -> None:
    found = page(request(HOME, "10.8.0.1", content_type="application/json", body='{"title":"<title>x</title>"}'))
    assert (found.title, found.text_length) == ("", 28)
    for kind in ("", "application/xhtml+xml", "TEXT/HTML"):
        assert page(request(HOME, "10.8.0.1", content_type=kind, body="<title>x</title>y")).title == "x"


def test_a_page_that_was_asked_for_twice_is_one_row_of_the_first() -> None:
    assert page(request(HOME, "10.8.0.1"), request(HOME, "10.8.0.1", status=500)).status == 200


def test_a_second_reading_is_no_row() -> None:
    assert page(request(HOME, "10.8.0.2", read=2), request(HOME, "10.8.0.1", status=404)).status == 404


def test_no_open_port_is_an_empty_table() -> None:
    assert facts_of(read_pages, "http", text_of({"outcome": "nothing", "because": "no-open-port"})) == ()


@pytest.mark.parametrize(
    "line",
    [
        hop(1, HOME),
        hop(0, HOME, address=""),
        hop(0, HOME, address="240e::1"),
        hop(0, HOME, hop=-1),
        hop(0, HOME, read=3),
        hop(0, HOME, status="200"),
        hop(0, HOME, body=None),
        hop(0, HOME, outcome="ok"),
        hop(2, HOME),
    ],
)
def test_a_line_of_another_shape_is_named(line: dict[str, object]) -> None:
    first = request("http://b.example/", "10.8.0.1")
    assert refused(read_pages, "http", text_of(first, line)).startswith("line 2 is not ")
