"""Inner links: raw lines as the agent writes them, and what is expected of them; all made by hand."""

import pytest

from scanners.platforms.systems.links import read_links
from tests.scanners.platforms.systems.answering import cited, facts_of, refused, text_of
from xunyan.facts import InnerLink

LINKS = """\
{"level":2,"url":"http://www.jyj.example/news","found_on":"http://www.jyj.example/","network":"外网","name":"www.jyj.example","address":"10.8.0.1","family":4,"outcome":"answered","status":200}
{"level":2,"url":"http://www.jyj.example/news","found_on":"http://www.jyj.example/","network":"外网","name":"www.jyj.example","address":"240e::1","family":6,"outcome":"error","status":404}
{"level":2,"url":"http://www.jyj.example/out","found_on":"http://www.jyj.example/","network":"外网","name":"www.jyj.example","address":"10.8.0.1","family":4,"outcome":"outside","status":302}
{"level":3,"url":"http://www.jyj.example/a","found_on":"http://www.jyj.example/news","network":"外网","name":"www.jyj.example","address":"10.8.0.1","family":4,"outcome":"over-budget","status":0}
{"level":3,"url":"http://www.jyj.example/a","found_on":"http://www.jyj.example/news","network":"外网","name":"www.jyj.example","address":"240e::1","family":6,"outcome":"over-budget","status":0}
{"level":3,"url":"http://www.jyj.example/b","found_on":"http://www.jyj.example/news","network":"外网","name":"www.jyj.example","address":"10.8.0.1","family":4,"outcome":"answered","status":200}
"""


def link(outcome: str, family: int = 4, **changed: object) -> dict[str, object]:
    return {"level": 2, "url": "http://a.example/x", "family": family, "outcome": outcome} | changed


def test_every_link_over_both_families() -> None:
    assert facts_of(read_links, "links", LINKS) == (
        InnerLink(2, "http://www.jyj.example/news", "answered", "error"),
        InnerLink(2, "http://www.jyj.example/out", "outside", "outside"),
        InnerLink(3, "http://www.jyj.example/a", "over-budget", "over-budget"),
        InnerLink(3, "http://www.jyj.example/b", "answered", ""),
    )
    assert cited(read_links, "links", LINKS) == [(at, at) for at in range(1, 7)]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (("timeout", "answered"), "answered"),
        (("answered", "timeout"), "answered"),
        (("error", "timeout"), "error"),
        (("over-budget", "error"), "error"),
    ],
)
def test_one_of_several_addresses_is_enough(outcomes: tuple[str, ...], expected: str) -> None:
    text = text_of(*(link(one, 6) for one in outcomes))
    assert facts_of(read_links, "links", text) == (InnerLink(2, "http://a.example/x", "", expected),)


def test_no_link_is_an_empty_table() -> None:
    assert facts_of(read_links, "links", text_of({"outcome": "nothing", "because": "no-link"})) == ()


@pytest.mark.parametrize("changed", [{"level": 1}, {"url": None}, {"family": 0}, {"outcome": "open"}, {"level": "2"}])
def test_a_line_of_another_shape_is_named(changed: dict[str, object]) -> None:
    text = text_of(link("answered"), link("answered") | changed)
    assert refused(read_links, "links", text).startswith("line 2 is not an object of this source (")
