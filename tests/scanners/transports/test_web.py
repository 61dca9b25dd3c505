"""Reading pages: as a real server serves them, at the permitted address alone, and nothing is left open."""

import asyncio
import contextlib
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lab.scenario.model import Web
from lab.services.certificates import Authority
from lab.services.web import web_program
from scanners.transports import lines, web
from scanners.transports.connecting import Outcome
from scanners.transports.knocking import Greeting, Knock
from scanners.transports.web import USER_AGENT, Fetched, FetchLimits, fetch, session
from tests.lab.test_services import running
from tests.scanners.transports.serving import (
    HOME,
    OK,
    PAGE,
    SIX,
    SMALL,
    Talk,
    closed_port,
    deaf_port,
    fetched,
    free_port,
    permit,
    run,
    said,
    saying,
    server,
    sockets,
    streaming,
)
from tests.wire import Wire, needs_wire, own_network
from xunyan.permits import Method

pytestmark = pytest.mark.usefixtures("no_socket_is_left")


# A real server


def logged_in(log: Path) -> list[dict[str, Any]]:
    """Read what nginx logged of requests, among its own words about bytes that were none."""
    return [json.loads(line) for line in log.read_text("utf-8", "replace").splitlines() if line.startswith("{")]


def test_pages_come_as_they_are_served(tmp_path: Path) -> None:
    sites = [
        Web(names=["www.gov.test"], title="门户", body="欢迎"),
        Web(names=["old.gov.test"], redirect="https://www.gov.test/new?a=1"),
        Web(names=["down.gov.test"], status=503, title="停机"),
        Web(port=443, tls="valid", names=["www.gov.test"], title="加密"),
    ]
    plain_port, secure_port = free_port(), free_port()
    ports = {80: plain_port, 443: secure_port}
    with running(tmp_path, web_program(tmp_path, sites, [HOME, SIX], Authority(), ports=ports)):
        for address in (HOME, SIX):
            found = run(fetch(permit(address, plain_port), "http://www.gov.test/deep/%E9%A1%B5?x=1&y=a b#part"))
            assert (found.outcome, found.status, found.detail) == (Outcome.ANSWERED, 200, "")
            assert (found.content_type, found.server) == ("text/html; charset=utf-8", "nginx")
            assert "<title>门户</title>" in found.body.decode()
            assert (found.size, found.truncated, found.certificate) == (len(found.body), False, b"")
            moved = run(fetch(permit(address, plain_port), "http://old.gov.test"))
            assert (moved.status, moved.location) == (302, "https://www.gov.test/new?a=1")
            down = run(fetch(permit(address, plain_port), "http://down.gov.test/"))
            assert (down.outcome, down.status, "停机" in down.body.decode()) == (Outcome.ANSWERED, 503, True)
            secure = run(fetch(permit(address, secure_port), "https://www.gov.test/"))
            shown = x509.load_pem_x509_certificate((tmp_path / "web" / "tls3.pem").read_bytes())
            assert (secure.status, secure.protocol, "加密" in secure.body.decode()) == (200, "TLSv1.3", True)
            assert secure.certificate == shown.public_bytes(Encoding.DER)
            assert secure.certificate_sha256 == hashlib.sha256(secure.certificate).hexdigest()
            crossed = run(fetch(permit(address, secure_port), "http://www.gov.test/"))
            assert (crossed.outcome, crossed.status) == (Outcome.ANSWERED, 400)
            crossed = run(fetch(permit(address, plain_port), "https://www.gov.test/"))
            assert (crossed.outcome, crossed.detail) == (Outcome.MALFORMED, "tls: WRONG_VERSION_NUMBER")
    logged = [one for one in logged_in(tmp_path / "web.log") if one["status"] != 400]
    assert {(one["method"], one["agent"]) for one in logged} == {("GET", USER_AGENT)}
    assert "reads only" in USER_AGENT
    assert [(one["server"], one["host"], one["uri"]) for one in logged[:2]] == [
        (HOME, "www.gov.test", "/deep/%E9%A1%B5?x=1&y=a%20b"), (HOME, "old.gov.test", "/")
    ]  # fmt: skip
    assert [one["status"] for one in logged] == [200, 302, 503, 200] * 2


def test_several_pages_come_over_one_connection(tmp_path: Path) -> None:
    port = free_port()

    async def work() -> tuple[list[Fetched], Knock | None, Greeting | None]:
        async with session(permit(HOME, port), "www.gov.test", tls=True) as pages:
            assert (pages.knock, pages.greeting) == (None, None)
            before = sockets()
            found = [await pages.fetch(path, "www.gov.test") for path in ("/", "/a", "/b")]
            assert sockets() == before + 1
            return found, pages.knock, pages.greeting

    site = Web(port=443, tls="self-signed", names=["www.gov.test"], title="门户")
    with running(tmp_path, web_program(tmp_path, [site], [HOME], Authority(), ports={443: port})):
        found, knock, greeting = run(work())
        plain = httpx.get(f"https://{HOME}:{port}/", headers={"Host": "www.gov.test"}, verify=False)  # noqa: S501
    assert [one.body for one in found] == [plain.content] * 3
    assert knock == Knock(Outcome.OPEN)
    assert greeting == Greeting(Outcome.OK, "TLSv1.3", found[0].certificate)


# What is asked


def heard(*calls: tuple[str, str], tls: bool = False) -> list[bytes]:
    """Give the heads that a server hears when these (path, host) are fetched in one session."""
    heads: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(PAGE)

    async def work() -> None:
        async with server(talk) as port, session(permit(HOME, port), "", tls=tls) as pages:
            for path, host in calls:
                assert (await pages.fetch(path, host)).body == b"page"

    run(work())
    return heads


def test_a_request_says_little_and_nothing_of_an_earlier_one() -> None:
    cookie = OK + b"Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    assert said(cookie).outcome is Outcome.ANSWERED
    assert heard(("/a", "www.gov.test"), ("/b?c", "other.gov.test:8080")) == [
        b"\r\n".join(
            [
                b"GET " + path + b" HTTP/1.1", b"Host: " + host, b"User-Agent: " + USER_AGENT.encode(),
                b"Accept: text/html,application/xhtml+xml,*/*;q=0.8", b"Accept-Encoding: identity", b"", b"",
            ]
        )
        for path, host in ((b"/a", b"www.gov.test"), (b"/b?c", b"other.gov.test:8080"))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/a\r\nX: y", b"GET /a%0D%0AX:%20y HTTP/1.1"),
        ("/\x00\x7f é", b"GET /%00%7F%20%C3%A9 HTTP/1.1"),
        ('/"<>\\^`{|}', b"GET /%22%3C%3E%5C%5E%60%7B%7C%7D HTTP/1.1"),
        ("/%2e%zz?a=[b]", b"GET /%2e%zz?a=[b] HTTP/1.1"),
        ("//evil.test/", b"GET //evil.test/ HTTP/1.1"),
    ],
)
def test_a_hostile_path_stays_one_line(path: str, line: bytes) -> None:
    (head,) = heard((path, "www.gov.test"))
    assert head.split(b"\r\n")[0] == line
    assert head.count(b"\r\n") == 6


@pytest.mark.parametrize(
    "url",
    [
        "", "http://", "http:///a", "ftp://a.test/", "file:///etc/passwd", "javascript:alert(1)", "//a.test/", "a.test",
        "http://a.test:x/", "http://a.test:99999/", "http://[::1/", "http://a b/", "http://" + "ü" * 80 + ".test/",
        "http://a.test/" + "x" * 9000, "http://a.test/" + "é" * 3000, "http://a\\b/", "http://a.test/\ud800", "http://a;b/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_page_is_not_asked(url: str) -> None:
    connections = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)

    found = fetched(talk, url)
    assert (found.outcome, found.detail.split(":")[0], connections) == (Outcome.MALFORMED, "url", [])


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://www.gov.test", b"www.gov.test"),
        ("HTTP://WWW.gov.test:80/", b"www.gov.test"),
        ("http://www.gov.test:8080/", b"www.gov.test:8080"),
        ("http://user:secret@www.gov.test/", b"www.gov.test"),
        ("http://10.1.2.3/", b"10.1.2.3"),
        ("http://[2001:db8::1]:8080/", b"[2001:db8::1]:8080"),
        ("http://门户.政务/", "门户.政务".encode("idna")),
    ],
)
def test_the_url_names_the_host_and_the_permit_the_address(url: str, host: bytes) -> None:
    heads = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(PAGE)

    assert fetched(talk, url).body == b"page"
    assert heads[0].split(b"\r\n")[1] == b"Host: " + host
    assert b"secret" not in heads[0]
    assert b"Connection: close" in heads[0]


def test_httpcore_cannot_dial_anything_else() -> None:
    async def work() -> None:
        async with server(saying(PAGE)) as port:
            dialer = web._Dialer(permit(HOME, port), "", SMALL, tls=False)
            async with httpcore.AsyncConnectionPool(network_backend=dialer) as pool:
                assert (await pool.request("GET", "http://192.0.2.1:9/")).content == b"page"
            with pytest.raises(NotImplementedError):
                await dialer.connect_unix_socket("/run/x")

    run(work())


# Where nothing comes


def test_every_way_of_not_answering_is_told_apart() -> None:
    for address in (HOME, SIX):
        with closed_port(address) as port:
            found = run(fetch(permit(address, port), "http://a.test/", SMALL))
            assert (found.outcome, found.status, found.detail) == (Outcome.REFUSED, 0, "ECONNREFUSED")
        with deaf_port(address) as port:
            for url in ("http://a.test/", "https://a.test/"):
                found = run(fetch(permit(address, port), url, SMALL))
                assert (found.outcome, found.detail) == (Outcome.TIMEOUT, "connect")
    assert said(then="wait").detail == "answer"
    found = fetched(saying(asked=b"", then="wait"), "https://a.test/")
    assert (found.outcome, found.detail) == (Outcome.TIMEOUT, "tls")


@pytest.mark.parametrize(
    ("talk", "outcome", "detail"),
    [
        (saying(asked=b"\x03", then="reset"), Outcome.RESET, "tls: ECONNRESET"),
        (saying(asked=b"\x03"), Outcome.RESET, "tls: closed"),
        (saying(b"\x00" * 5000, asked=b"", then="wait"), Outcome.MALFORMED, "tls: WRONG_VERSION_NUMBER"),
    ],
)
def test_what_is_no_tls_is_no_page(talk: Talk, outcome: Outcome, detail: str) -> None:
    async def work() -> None:
        async with server(talk) as port, session(permit(HOME, port), "a.test", tls=True) as pages:
            found = await pages.fetch("/", "a.test")
            assert (found.outcome, found.status, found.detail, found.certificate) == (outcome, 0, detail, b"")
            assert pages.knock == Knock(Outcome.OPEN)
            assert pages.greeting is not None
            assert pages.greeting.outcome is Outcome.FAILED

    run(work())


def test_without_a_permit_that_holds_nothing_is_sent() -> None:
    async def work() -> None:
        connections = []

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.append(writer)
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(PAGE)

        async with server(talk) as port:
            late = await fetch(permit(HOME, port, seconds=-1), "http://a.test/")
            assert (late.outcome, late.detail) == (Outcome.NOT_PERMITTED, "permit-expired")
            with pytest.raises(ValueError, match="is none for web"):
                await fetch(permit(HOME, port, Method.SSH), "http://a.test/")
            with pytest.raises(TypeError):
                session((HOME, port), "", tls=False)  # type: ignore[arg-type]
            with pytest.raises(ValueError, match="names an address"):
                await fetch(permit("localhost", port), "http://a.test/")
            await asyncio.sleep(0.05)
            assert connections == []
            async with session(permit(HOME, port, seconds=0.3), "", tls=False) as pages:
                assert (await pages.fetch("/", "a.test")).outcome is Outcome.ANSWERED
                await asyncio.sleep(0.4)
                ended = await pages.fetch("/", "a.test")
                assert (ended.outcome, ended.status, ended.detail) == (Outcome.NOT_PERMITTED, 0, "permit-expired")
            assert len(connections) == 1

    run(work())


# Sessions


def test_a_session_dials_anew_where_the_server_closed() -> None:
    connections: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(0)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(PAGE)
        await writer.drain()
        writer.close()

    async def work() -> None:
        async with server(talk) as port, session(permit(HOME, port), "", tls=False) as pages:
            for pause in (0.0, 0.1, 0.0):
                assert (await pages.fetch("/", "a.test")).body == b"page"
                await asyncio.sleep(pause)

    run(work())
    assert len(connections) == 3


def test_a_page_that_went_wrong_does_not_spoil_the_next() -> None:
    answers = iter([OK + b"Content-Length: 50000\r\n\r\n" + b"x" * 50_000, b"nonsense\r\n\r\n", PAGE, PAGE])

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(next(answers))

    async def work() -> list[tuple[Outcome, bytes]]:
        async with server(talk) as port, session(permit(HOME, port), "", tls=False, limits=SMALL) as pages:
            found = [await pages.fetch("/", "a.test") for _ in range(4)]
            return [(one.outcome, one.body[:4]) for one in found]

    assert run(work()) == [
        (Outcome.ANSWERED, b"xxxx"), (Outcome.MALFORMED, b""), (Outcome.ANSWERED, b"page"), (Outcome.ANSWERED, b"page")
    ]  # fmt: skip


def test_an_answer_is_not_asked_for_twice_once_something_came() -> None:
    asked: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(PAGE if len(asked) == 1 else b"HTTP/1.1 2")
            if len(asked) > 1:
                writer.close()
                return

    async def work() -> Fetched:
        async with server(talk) as port, session(permit(HOME, port), "", tls=False, limits=SMALL) as pages:
            await pages.fetch("/", "a.test")
            return await pages.fetch("/", "a.test")

    assert run(work()).outcome is Outcome.MALFORMED
    assert len(asked) == 2


# Leaving


@pytest.mark.parametrize(
    ("talk", "url"),
    [
        (saying(then="wait"), "http://a.test/"),
        (saying(asked=b"", then="wait"), "https://a.test/"),
        (saying(OK + b"Content-Length: 9\r\n\r\nx", then="wait"), "http://a.test/"),
        (streaming(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.02), "http://a.test/"),
    ],
)
def test_whoever_cancels_leaves_nothing_open(talk: Talk, url: str) -> None:
    async def work() -> None:
        async with server(talk) as port:
            idle = sockets()
            task = asyncio.create_task(fetch(permit(HOME, port), url, FetchLimits(60, 60)))
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert sockets() <= idle + 1  # the server's own end
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(fetch(permit(HOME, port), url, FetchLimits(60, 60)), 0.2)
            await asyncio.sleep(0)
            assert len(asyncio.all_tasks()) <= 4  # this, and the server's
        assert sockets() == idle - 1  # the server listens no more

    run(work())


def test_many_at_once_leave_nothing_behind() -> None:
    async def work() -> list[Outcome]:
        async with server(saying(PAGE)) as port, server(saying(then="reset")) as other:
            each = [fetch(permit(HOME, port if n % 2 else other), "http://a.test/") for n in range(200)]
            return [one.outcome for one in await asyncio.gather(*each)]

    found = run(work())
    assert (found.count(Outcome.ANSWERED), found.count(Outcome.RESET)) == (100, 100)


def test_one_context_of_tls_is_made_for_all() -> None:
    assert lines.reading_context() is lines.reading_context()
    assert not lines.reading_context().get_ca_certs()


# What goes over the wire

ENVIRONMENT = {
    "HTTP_PROXY": "http://127.91.9.9:3128", "HTTPS_PROXY": "http://127.91.9.9:3128", "ALL_PROXY": "socks5://127.91.9.9:1080",
    "http_proxy": "http://127.91.9.9:3128", "https_proxy": "http://127.91.9.9:3128", "all_proxy": "http://127.91.9.9:3128",
    "SSL_CERT_FILE": "/nonexistent", "SSL_CERT_DIR": "/nonexistent", "RES_OPTIONS": "ndots:9", "LOCALDOMAIN": "evil.test",
}  # fmt: skip


@needs_wire
def test_the_permits_address_is_all_that_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine www.gov.test login a password b\n", "ascii")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    lines.reading_context.cache_clear()
    sites: list[Any] = [
        Web(names=["www.gov.test"], redirect="http://192.0.2.7/"),
        Web(port=443, tls="valid", names=["www.gov.test"]),
    ]
    with own_network():
        plain_port, secure_port = free_port(), free_port()
        ports = {80: plain_port, 443: secure_port}
        with running(tmp_path, web_program(tmp_path, sites, [HOME], Authority(), ports=ports)), Wire() as wire:
            found = run(fetch(permit(HOME, plain_port), "http://www.gov.test/"))
            secure = run(fetch(permit(HOME, secure_port), "https://192.0.2.8/"))
            assert (found.location, secure.status) == ("http://192.0.2.7/", 200)
        assert wire.targets() == {HOME, "127.0.0.1"}  # there, and back
        assert {one.target_port for one in wire.to(HOME)} == {plain_port, secure_port}
    assert [one["host"] for one in logged_in(tmp_path / "web.log")] == ["www.gov.test", "192.0.2.8"]
    assert not (tmp_path / "keys").exists()


@needs_wire
def test_a_family_without_a_route_is_said_to_have_none() -> None:
    with own_network():
        subprocess.run(["ip", "route", "del", "default"], check=True, timeout=10)
        subprocess.run(["ip", "-6", "route", "del", "default"], check=False, capture_output=True, timeout=10)
        for address in ("192.0.2.1", "2001:db8::1"):
            found = run(fetch(permit(address, 80), "http://a.test/"))
            assert (found.outcome, found.detail) == (Outcome.NO_ROUTE, "ENETUNREACH")
        Path("/proc/sys/net/ipv6/conf/lo/disable_ipv6").write_text("1", "ascii")
        assert run(fetch(permit("::1", 80), "http://a.test/")).outcome is Outcome.NO_ROUTE
