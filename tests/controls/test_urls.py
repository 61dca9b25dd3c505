"""Host and port of an address of the web, whatever somebody wrote there."""

import pytest

from controls.urls import host_of, port_of


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://WWW.a.example./x?y=http://b/", "www.a.example", 443),
        ("http://www.a.example", "www.a.example", 80),
        ("HTTP://www.a.example:8080?x", "www.a.example", 8080),
        ("https://[240E:1::3]:8443/", "240e:1::3", 8443),
        ("https://www.a.example@evil.example/", "evil.example", 443),
        ("https://evil.example/@www.a.example", "evil.example", 443),
        ("https://evil.example?@www.a.example", "evil.example", 443),
        ("https://a.example:99999999/", "a.example", 443),
        ("ftp://a.example/", "", 0),
        ("//a.example/", "", 0),
        ("javascript:https://a.example/", "", 0),
        ("", "", 0),
    ],
)
def test_host_and_port(url: str, host: str, port: int) -> None:
    assert (host_of(url), port_of(url)) == (host, port)
