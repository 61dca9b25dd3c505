"""Where references lead: by RFC 3986, held against the standard library, and as browsers clean what people write."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.platforms.systems.urls import absolute, resolve, same_place

BASE = "http://www.jyj.example/b/c/d;p?q"

# RFC 3986, section 5.4, on a base of http.
RFC = {
    "g": "/b/c/g", "./g": "/b/c/g", "g/": "/b/c/g/", "/g": "/g", "?y": "/b/c/d;p?y", "g?y": "/b/c/g?y", "#s": "/b/c/d;p?q",
    "g#s": "/b/c/g", "g?y#s": "/b/c/g?y", ";x": "/b/c/;x", "g;x": "/b/c/g;x", "g;x?y#s": "/b/c/g;x?y", "": "/b/c/d;p?q",
    ".": "/b/c/", "./": "/b/c/", "..": "/b/", "../": "/b/", "../g": "/b/g", "../..": "/", "../../": "/", "../../g": "/g",
    "../../../g": "/g", "../../../../g": "/g", "/./g": "/g", "/../g": "/g", "g.": "/b/c/g.", ".g": "/b/c/.g",
    "g..": "/b/c/g..", "..g": "/b/c/..g", "./../g": "/b/g", "./g/.": "/b/c/g/", "g/./h": "/b/c/g/h", "g/../h": "/b/c/h",
    "g;x=1/./y": "/b/c/g;x=1/y", "g;x=1/../y": "/b/c/y", "g?y/./x": "/b/c/g?y/./x", "g?y/../x": "/b/c/g?y/../x",
}  # fmt: skip


@pytest.mark.parametrize("reference", RFC)
def test_the_examples_of_the_standard(reference: str) -> None:
    assert resolve(BASE, reference) == "http://www.jyj.example" + RFC[reference]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("//oa.example/x", "http://oa.example/x"),
        ("HTTPS://OA.Example:443", "https://oa.example/"),
        ("http://oa.example:080/", "http://oa.example/"),
        ("http://oa.example:8080?x", "http://oa.example:8080/?x"),
        ("http://oa.example:/", "http://oa.example/"),
        ("  /a b\t\n/c ", "http://www.jyj.example/a%20b/c"),
        ("\\x\\y?\\", "http://www.jyj.example/x/y?%5C"),
        ('/政务?名="一"', "http://www.jyj.example/%E6%94%BF%E5%8A%A1?%E5%90%8D=%22%E4%B8%80%22"),
        ("/%2E%2e/%41", "http://www.jyj.example/%41"),
        ("http://[240E::0001]:8080/", "http://[240e::1]:8080/"),
        ("http://政务.公益/", "http://政务.公益/"),
        ("http://10.0.0.1/", "http://10.0.0.1/"),
        ("ht\ntp://oa.example/", "http://oa.example/"),
        ("/\ud800", "http://www.jyj.example/%3F"),
    ],
)
def test_what_people_write(reference: str, expected: str) -> None:
    assert resolve(BASE, reference) == expected


@pytest.mark.parametrize(
    "reference",
    [
        "mailto:a@b.example", "javascript:alert(1)", "java\nscript:alert(1)", " \x01javascript:x", "tel:110", "data:text/html,x",
        "ftp://a.example/", "file:///etc/passwd", "http:", "http:x", "http://", "http:///x", "//", "http://:80/",
        "http://user@a.example/", "http://user:word@a.example/", "//a.example@10.0.0.1/", "http://a.example:0/",
        "http://a.example:65536/", "http://a.example:８０/", "http://a.example:8o/", "http://a example/", "http://a%2eexample/",
        "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://10.1/", "http://10.0.0.256/",
        "http://1.2.3.4.5/", "http://[::1", "http://[::1]x/", "http://[fe80::1%25eth0]/", "http://[10.0.0.1]/", "http://[]/",
        "http://" + "x" * 300 + "/", "/" + "x" * 2048, "/" + "政" * 700,
    ],
)  # fmt: skip
def test_where_we_do_not_go(reference: str) -> None:
    assert resolve(BASE, reference) == ""


def test_nothing_is_relative_to_no_page() -> None:
    for base in ("", "about:blank", "x", "//a.example/"):
        assert resolve(base, "/x") == ""
        assert resolve(base, "//a.example/x") == ""
        assert resolve(base, "http://a.example/x") == "http://a.example/x"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.example", "HTTP://A.example:80/?now=1", True),
        ("http://a.example/login;jsessionid=1F", "http://a.example/login;jsessionid=2E", True),
        ("http://a.example/a/../b", "http://a.example/b", True),
        ("http://a.example/", "https://a.example/", False),
        ("http://a.example/", "http://a.example:8080/", False),
        ("http://a.example/a", "http://a.example/A", False),
        ("http://a.example/", "http://b.example/", False),
        ("weird", "weird", True),
        ("weird", "http://a.example/", False),
    ],
)
def test_the_same_place(one: str, other: str, *, same: bool) -> None:
    assert same_place(one, other) is same
    assert same_place(other, one) is same


PARTS = st.lists(st.sampled_from(["a", "b.c", "..", ".", "%41", ";x", "x y", "中"]), max_size=6).map("/".join)
REFERENCES = st.tuples(
    st.sampled_from(["", "/", "//h.example/", "http://h.example/", "https://h.example:81/"]), PARTS, st.sampled_from(["", "?", "?q=/../x"])
).map("".join)  # fmt: skip


@given(PARTS, REFERENCES)
def test_it_agrees_with_the_standard_library(path: str, reference: str) -> None:
    base = f"http://www.jyj.example/{path}"
    plain = urlsplit(urljoin(resolve("", base), reference))
    expected = absolute(plain.geturl())
    found = absolute(resolve(base, reference))
    assert found is not None
    assert expected is not None
    assert (found.scheme, found.authority, found.path) == (expected.scheme, expected.authority, expected.path)
    assert found.query.removeprefix("?") == expected.query.removeprefix("?")


@given(
    st.one_of(st.text(), st.text(alphabet="htp:/\\.@[]%?#a1;\t中"), REFERENCES),
    st.text(alphabet="htp:/\\.@[]%?#a1;\t中"),
)
def test_whatever_is_written_leads_to_a_clean_address_or_nowhere(reference: str, base: str) -> None:
    for found in (resolve(base, reference), resolve(BASE, reference)):
        if not found:
            continue
        assert found.startswith(("http://", "https://"))
        assert not set('\t\r\n #\\"<>') & set(found)
        assert len(found) <= 2048
        assert resolve("", found) == found
        parts = urlsplit(found)
        assert parts.hostname
        assert parts.username is None


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://A.example./x", "a.example", 80), ("https://a.example:8443", "a.example", 8443),
        ("https://[2001:DB8::1]/", "2001:db8::1", 443), ("http://[2001:db8::1]:81/", "2001:db8::1", 81),
        ("http://10.1.2.3:80/", "10.1.2.3", 80),
    ],
)  # fmt: skip
def test_host_and_port(url: str, host: str, port: int) -> None:
    found = absolute(url)
    assert found is not None
    assert (found.host, found.port) == (host, port)
