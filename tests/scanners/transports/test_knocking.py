"""Knocking and greeting: what a port does is told apart, and nothing but the permitted port is touched."""

import asyncio
import datetime
import resource
import socket
import ssl
import subprocess
import warnings
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from lab.scenario.model import Web
from lab.services.certificates import Authority, Kind
from lab.services.web import web_program
from scanners.transports.connecting import Outcome, family_of
from scanners.transports.knocking import Greeting, Knock, greet, knock
from tests.lab.test_services import running
from tests.scanners.transports.serving import (
    HOME,
    SIX,
    Talk,
    closed_port,
    deaf_port,
    free_port,
    permit,
    run,
    saying,
    server,
    sockets,
)
from tests.wire import Wire, needs_wire, own_network
from xunyan.permits import Method, Permit

pytestmark = pytest.mark.usefixtures("no_socket_is_left")


def knocked(to: Permit, seconds: float = 5) -> Knock:
    return run(knock(to, seconds))


def greeted(talk: Talk, name: str = "www.gov.test", seconds: float = 5, tls: ssl.SSLContext | None = None) -> Greeting:
    async def work() -> Greeting:
        async with server(talk, tls=tls) as port:
            before = sockets()
            found = await greet(permit(HOME, port), name, seconds)
            assert sockets() <= before + 1  # the server's own end
            return found

    return run(work())


@pytest.mark.parametrize("address", [HOME, SIX])
def test_a_port_is_open_refused_or_deaf(address: str) -> None:
    async def work() -> Knock:
        async with server(saying(asked=b"", then="wait"), address) as port:
            return await knock(permit(address, port), 5)

    assert run(work()) == Knock(Outcome.OPEN)
    with closed_port(address) as port:
        assert knocked(permit(address, port)) == Knock(Outcome.REFUSED, "ECONNREFUSED")
    with deaf_port(address) as port:
        assert knocked(permit(address, port), 0.3) == Knock(Outcome.TIMEOUT, "connect")


def test_without_a_permit_that_holds_nothing_is_sent() -> None:
    heard: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(1)

    async def work() -> None:
        async with server(talk) as port:
            late = permit(HOME, port, seconds=-1)
            assert await knock(late, 5) == Knock(Outcome.NOT_PERMITTED, "permit-expired")
            assert await greet(late, "a.test", 5) == Greeting(Outcome.NOT_PERMITTED, detail="permit-expired")
            with pytest.raises(TypeError):
                await knock((HOME, port), 5)  # type: ignore[arg-type]
            with pytest.raises(ValueError, match="names an address"):
                await knock(permit("localhost", port), 5)
            await asyncio.sleep(0.05)

    run(work())
    assert heard == []


def test_too_many_open_files_say_nothing_of_the_target() -> None:
    async def work() -> list[Outcome]:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        async with server(saying(asked=b"", then="wait")) as port:
            with Path("/dev/null").open("rb") as last:
                resource.setrlimit(resource.RLIMIT_NOFILE, (last.fileno() + 1, hard))
            try:
                with Path("/dev/null").open("rb"):
                    to = permit(HOME, port)
                    return [(await knock(to, 5)).outcome, (await greet(to, "", 5)).outcome]
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert run(work()) == [Outcome.FAILED, Outcome.FAILED]


def test_whoever_cancels_a_knock_leaves_nothing_open() -> None:
    async def work(port: int) -> None:
        before = sockets()
        tasks = [asyncio.create_task(one) for one in (knock(permit(HOME, port), 60), greet(permit(HOME, port), "", 60))]
        await asyncio.sleep(0.1)
        assert sockets() == before + 2
        for task in tasks:
            task.cancel()
        assert [type(one) for one in await asyncio.gather(*tasks, return_exceptions=True)] == [
            asyncio.CancelledError
        ] * 2
        assert sockets() == before

    with deaf_port() as port:
        run(work(port))

    async def silent() -> None:
        async with server(saying(asked=b"", then="wait")) as port:
            before = sockets()
            task = asyncio.create_task(greet(permit(HOME, port), "a.test", 60))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert sockets() == before + 1  # the server's own end

    run(silent())


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, timeout=10)


@needs_wire
def test_no_route_is_what_this_machine_says_and_unreachable_what_the_way_says() -> None:
    with own_network():
        ip("route", "del", "default")
        subprocess.run(["ip", "-6", "route", "del", "default"], check=False, capture_output=True, timeout=10)
        ip("link", "add", "near", "type", "veth", "peer", "name", "far")
        for name, own in (("near", "10.91.1.1/24"), ("near", "fd91:1::1/64")):
            ip("address", "add", own, "dev", name, *(["nodad"] if ":" in own else []))
        for name in ("near", "far"):
            ip("link", "set", name, "up")
        for family in ("ipv4", "ipv6"):
            Path(f"/proc/sys/net/{family}/neigh/near/retrans_time_ms").write_text("100", "ascii")
        ip("route", "add", "prohibit", "10.91.3.0/24")
        with Wire() as wire:
            for address in ("10.91.2.1", "fd91:2::1", "10.91.3.1"):
                found = knocked(permit(address, 80))
                assert found.outcome is Outcome.NO_ROUTE, found
                assert greeting_at(address).detail.startswith("no-route: E")
            for address in ("10.91.1.9", "fd91:1::9"):
                assert knocked(permit(address, 80)) == Knock(Outcome.UNREACHABLE, "EHOSTUNREACH")
        assert wire.targets() <= {
            "10.91.1.1",
            "fd91:1::1",
            "127.0.0.1",
        }  # what `lo` carried: the kernel's word to itself


def greeting_at(address: str) -> Greeting:
    return run(greet(permit(address, 443), "", 5))


@needs_wire
def test_a_socket_that_meets_itself_is_no_open_port() -> None:
    with own_network():
        Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("40000 40001", "ascii")
        met = 0
        for _ in range(20):
            for port in (40000, 40001):
                with socket.socket() as plain:
                    met += plain.connect_ex(("127.0.0.1", port)) == 0
                assert knocked(permit("127.0.0.1", port)).outcome in (Outcome.REFUSED, Outcome.FAILED)
    assert met, "no socket ever met itself here, and nothing was shown"


# TLS


def der(pem: str) -> bytes:
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


@pytest.mark.parametrize("kind", ["valid", "expired", "self-signed", "wrong-name"])
def test_whatever_certificate_is_shown_is_read(tmp_path: Path, kind: Kind) -> None:
    site = Web(port=443, tls=kind, names=["www.gov.test"])
    addresses, port = [HOME, SIX], free_port()
    with running(tmp_path, web_program(tmp_path, [site], addresses, Authority(), ports={443: port})):
        for address in addresses:
            found = run(greet(permit(address, port), "www.gov.test", 5))
            assert (found.outcome, found.protocol, found.detail) == (Outcome.OK, "TLSv1.3", "")
            assert found.certificate == der((tmp_path / "web" / "tls0.pem").read_text("ascii"))


def test_the_certificate_is_that_of_the_name_that_was_shown(tmp_path: Path) -> None:
    sites = [Web(port=443, tls="valid", names=[name]) for name in ("a.gov.test", "b.gov.test")]
    port = free_port()
    with running(tmp_path, web_program(tmp_path, sites, [HOME], Authority(), ports={443: port})):
        own = [der((tmp_path / "web" / f"tls{number}.pem").read_text("ascii")) for number in (0, 1)]
        names = ("b.gov.test", "b.gov.test.", "B.Gov.Test", "a.gov.test", "", HOME, "::1", "[::1]", "other.test")
        found = [run(greet(permit(HOME, port), name, 5)).certificate for name in names]
    assert [own.index(one) for one in found] == [1, 1, 1, 0, 0, 0, 0, 0, 0]


def made(
    folder: Path, names: list[str], *, rsa: int = 0, common: str = "", oldest: bool = False
) -> tuple[ssl.SSLContext, bytes]:
    """Make a server's context, and the certificate that it shows."""
    key = rsa_key(65537, rsa) if rsa else generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common or names[0][:60])])
    now = datetime.datetime.now(datetime.UTC)
    shown = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
        .sign(key, SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(shown.public_bytes(Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    if oldest:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.load_cert_chain(path)
    return context, shown.public_bytes(Encoding.DER)


QUIET = saying(asked=b"", then="wait")


def test_an_old_server_is_read(tmp_path: Path) -> None:
    context, shown = made(tmp_path, ["old.gov.test"], rsa=1024, oldest=True)
    assert greeted(QUIET, tls=context) == Greeting(Outcome.OK, "TLSv1", shown)


@pytest.mark.parametrize("name", ["www.gov.test\0.evil.test", "\n\x1b[31m.test", "<script>.test"])
def test_a_hostile_name_in_a_certificate_is_only_bytes(tmp_path: Path, name: str) -> None:
    context, shown = made(tmp_path, [name], common=name)
    found = greeted(QUIET, tls=context)
    assert found == Greeting(Outcome.OK, "TLSv1.3", shown)
    assert name.encode() in found.certificate


def test_a_certificate_beyond_all_bounds_is_not_kept(tmp_path: Path) -> None:
    for count, detail in ((2000, "tls: flood"), (6000, "tls: EXCESSIVE_MESSAGE_SIZE")):
        context, shown = made(tmp_path, [f"{number:05}.a-long-name-of-a-system.gov.test" for number in range(count)])
        assert len(shown) > 1 << 16
        found = greeted(QUIET, tls=context)
        assert (found.outcome, found.certificate, found.detail) == (Outcome.FAILED, b"", detail)


@pytest.mark.parametrize(
    ("talk", "detail"),
    [
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n", asked=b"", then="wait"), "tls: WRONG_VERSION_NUMBER"),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n", asked=b"", then="wait"), "tls: WRONG_VERSION_NUMBER"),
        (saying(b"\x16\x03\x03\x00\x04\xff\xff\xff\xff", asked=b"", then="wait"), "tls: UNEXPECTED_MESSAGE"),
        (saying(b"\x15\x03\x03\x00\x02\x02\x28", asked=b"\x03", then="wait"), "tls: SSLV3_ALERT_HANDSHAKE_FAILURE"),
        (saying(b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc" + bytes(70000), asked=b"", then="wait"), "tls: "),
        (saying(asked=b"\x03"), "tls: closed"),
        (saying(b"\x16\x03\x03", asked=b"\x03"), "tls: closed"),
        (saying(asked=b"\x03", then="reset"), "tls: reset ECONNRESET"),
        (saying(b"\x16\x03\x03\x00\x00" * 100_000, asked=b"", then="wait"), "tls: "),
        (saying(*[b"\x15\x03\x03\x00\x02\x01\x5a"] * 200_000, asked=b"", then="wait"), "tls: "),
    ],
)
def test_what_is_no_handshake_is_said(talk: Talk, detail: str) -> None:
    found = greeted(talk, seconds=10)
    assert (found.outcome, found.certificate) == (Outcome.FAILED, b"")
    assert found.detail.startswith(detail), found
    assert len(found.detail) <= 110


def test_a_handshake_that_never_ends_times_out() -> None:
    assert greeted(QUIET, seconds=0.3) == Greeting(Outcome.TIMEOUT, detail="tls")

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x16\x03\x03\x3f\xff")
        while True:
            writer.write(b"\x02")
            await asyncio.sleep(0.02)

    assert greeted(drip, seconds=0.3) == Greeting(Outcome.TIMEOUT, detail="tls")
    with deaf_port() as port:
        assert run(greet(permit(HOME, port), "", 0.3)) == Greeting(Outcome.TIMEOUT, detail="connect")
    with closed_port() as port:
        assert run(greet(permit(HOME, port), "", 5)) == Greeting(Outcome.FAILED, detail="refused: ECONNREFUSED")


@pytest.mark.parametrize("name", ["a..test", ".test", "x" * 64 + ".test", "办公" * 40 + ".test", "a\ud800.test"])
def test_what_no_server_can_be_called_is_not_asked_for(name: str) -> None:
    assert greeted(QUIET, name) == Greeting(Outcome.FAILED, detail="tls: name")


def test_the_family_is_that_of_the_address() -> None:
    assert [family_of(one).name for one in (HOME, SIX)] == ["AF_INET", "AF_INET6"]
    with pytest.raises(ValueError, match="names an address"):
        knocked(Permit("外网", "a:b", 1, Method.WEB, permit(HOME, 1).expires, "A-1"))
