"""Asking name servers: what a real one says is taken down as it is, and what a hostile one says is no answer and no error."""

import asyncio
import socket
import struct
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.scenario.model import Host, NameServer, Zone
from lab.services.dns import authoritative_programs, known_addresses, tree
from scanners.transports import name_queries
from scanners.transports.connecting import Outcome
from scanners.transports.name_queries import RECORD_CHARACTERS, RECORDS, Answered, query
from tests.lab.test_services import running
from tests.scanners.transports.serving import HOME, SIX, Talk, free_port, permit, run, server, sockets
from tests.wire import Wire, needs_wire, own_network
from xunyan.permits import Method, Permit

SERVERS = [
    Host(name="dns1", at={"x": [HOME, SIX]}, dns=NameServer()),
    Host(name="root1", at={"x": ["127.91.5.2"]}, dns=NameServer(families=(4,))),
]
ZONES = tree(
    [
        Zone(
            name="county.gov.test",
            servers=["dns1"],
            records=[
                "www IN CNAME portal", "portal IN A 192.0.2.1", "portal IN A 192.0.2.2", "portal IN AAAA 2001:db8::1",
                'portal IN HTTPS 1 . alpn="h2" ipv6hint="2001:db8::1"', "1 IN PTR portal.county.gov.test.",
                *(f"many IN A 10.9.{n // 250}.{n % 250}" for n in range(60)),
                *(f"too-many IN A 10.9.{n // 250}.{n % 250}" for n in range(RECORDS + 50)),
            ],
        )
    ],
    "root1",
)  # fmt: skip


pytestmark = pytest.mark.usefixtures("no_socket_is_left")


def at(port: int, address: str = HOME, seconds: float = 600) -> Permit:
    return permit(address, port, Method.DNS, seconds)


# A real server


def test_every_kind_of_question_over_either_family(tmp_path: Path) -> None:
    async def ask(address: str, port: int) -> dict[str, Answered]:
        names = dict.fromkeys(("A", "AAAA", "HTTPS", "SOA"), "portal.county.gov.test") | {
            "CNAME": "www.county.gov.test", "NS": "county.gov.test", "PTR": "1.county.gov.test"
        }  # fmt: skip
        to = at(port, address)
        each = await asyncio.gather(*(query(to, name, kind, 5, recursion=False) for kind, name in names.items()))
        found = dict(zip(names, each, strict=True))
        found["chain"] = await query(to, "WWW.county.gov.test.", "AAAA", 5, recursion=False)
        found["none"] = await query(to, "nowhere.county.gov.test", "A", 5, recursion=False)
        found["elsewhere"] = await query(to, "example.org", "A", 5, recursion=False)
        found["many"] = await query(to, "many.county.gov.test", "A", 5, recursion=False)
        found["too-many"] = await query(to, "too-many.county.gov.test", "A", 5, recursion=False)
        return found

    known, port = known_addresses(SERVERS), free_port()
    programs = authoritative_programs(tmp_path, "dns1", NameServer(), [HOME, SIX], ZONES, known, port=port)
    soa = "county.gov.test. 60 IN SOA dns1.county.gov.test. hostmaster.county.gov.test. 1 3600 600 86400 5"
    with running(tmp_path, *programs):
        for address in (HOME, SIX):
            found = run(ask(address, port))
            assert {one.outcome for one in found.values()} == {Outcome.ANSWERED}
            rcodes = {key: one.rcode for key, one in found.items() if one.rcode != "NOERROR"}
            assert rcodes == {"none": "NXDOMAIN", "elsewhere": "REFUSED"}
            assert all(one.authoritative for one in found.values())
            assert set(found["A"].answers) == {f"portal.county.gov.test. 60 IN A 192.0.2.{n}" for n in (1, 2)}
            assert found["AAAA"].answers == ("portal.county.gov.test. 60 IN AAAA 2001:db8::1",)
            assert found["HTTPS"].answers[0].startswith("portal.county.gov.test. 60 IN HTTPS 1 . alpn=")
            assert (found["SOA"].answers, found["SOA"].authority) == ((), (soa.replace(" 60 IN SOA", " 5 IN SOA"),))
            assert found["CNAME"].answers == ("www.county.gov.test. 60 IN CNAME portal.county.gov.test.",)
            assert found["NS"].answers == ("county.gov.test. 60 IN NS dns1.county.gov.test.",)
            assert found["PTR"].answers == ("1.county.gov.test. 60 IN PTR portal.county.gov.test.",)
            assert [one.split()[3] for one in found["chain"].answers] == ["CNAME", "AAAA"]
            assert found["chain"].answers[0].lower() == found["CNAME"].answers[0].lower()
            assert found["none"].authority[0].split()[3] == "SOA"
            assert (len(found["many"].answers), found["many"].detail) == (60, "")
            assert (len(found["too-many"].answers), found["too-many"].detail) == (RECORDS, "50 more")


# What any server may say

Reply: TypeAlias = Callable[[bytes], list[bytes]]
"""Given a question in wire form, the datagrams to send back."""


class Hearing(asyncio.DatagramProtocol):
    def __init__(self, reply: Reply, heard: list[bytes]) -> None:
        self._reply = reply
        self._heard = heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._heard.append(data)
        for one in self._reply(data):
            self._transport.sendto(one, addr)


@asynccontextmanager
async def name_server(
    reply: Reply, heard: list[bytes] | None = None, over_tcp: Talk | None = None
) -> AsyncIterator[int]:
    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with server(over_tcp or nothing) as port:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Hearing(reply, heard if heard is not None else []), (HOME, port)
        )
        try:
            yield port
        finally:
            transport.close()
            await asyncio.sleep(0.01)


def asked(
    reply: Reply,
    name: str = "www.gov.test",
    kind: str = "A",
    seconds: float = 0.4,
    over_tcp: Talk | None = None,
    heard: list[bytes] | None = None,
) -> Answered:
    async def work() -> Answered:
        async with name_server(reply, heard, over_tcp) as port:
            before = sockets()
            found = await query(at(port), name, kind, seconds)
            assert sockets() <= before + 1  # the server's own end, where TCP was spoken
            return found

    return run(work())


def answer(data: bytes, *lines: tuple[str, str, str], **more: int) -> dns.message.Message:
    made = dns.message.make_response(dns.message.from_wire(data))
    made.answer += [dns.rrset.from_text(name, 60, "IN", kind, value) for name, kind, value in lines]
    if "rcode" in more:
        made.set_rcode(dns.rcode.Rcode(more["rcode"]))
    made.flags |= more.get("flags", 0)
    return made


def right(data: bytes) -> bytes:
    return answer(data, ("www.gov.test.", "A", "192.0.2.9")).to_wire()


RIGHT = ("www.gov.test. 60 IN A 192.0.2.9",)


def raw(data: bytes, count: int, records: bytes, flags: int = 0x8000) -> bytes:
    """An answer to the question whose records are any bytes."""
    return data[:2] + struct.pack("!HHHHH", flags, 1, count, 0, 0) + data[12:] + records


def record(kind: int, value: bytes, name: bytes = b"\xc0\x0c", group: int = 1) -> bytes:
    return name + struct.pack("!HHIH", kind, group, 60, len(value)) + value


def asking(data: bytes, kind: int, group: int) -> bytes:
    """Say that the question was about another kind or class; the name is `www.gov.test`."""
    return data[:26] + struct.pack("!HH", kind, group) + data[30:]


STRAY: dict[str, Reply] = {
    "another number": lambda data: [bytes([data[0] ^ 1]) + right(data)[1:]],
    "another name": lambda data: [right(data).replace(b"\x03www", b"\x03wwx")],
    "another kind": lambda data: [asking(right(data), 28, 1)],
    "another class": lambda data: [asking(right(data), 1, 3)],
    "a question": lambda data: [data],
    "an update": lambda data: [data[:2] + b"\xa8" + right(data)[3:]],
    "no question": lambda data: [data[:2] + struct.pack("!HHHHH", 0x8000, 0, 0, 0, 0)],
    "two questions": lambda data: [data[:2] + struct.pack("!HHHHH", 0x8000, 2, 0, 0, 0) + data[12:] * 2],
    "a header cut": lambda data: [right(data)[:11]],
    "a question cut": lambda data: [right(data)[:20]],
    "nothing": lambda _: [b""],
    "silence": lambda _: [],
}


@pytest.mark.parametrize("kind", STRAY)
def test_what_does_not_answer_the_question_is_passed_over(kind: str) -> None:
    assert asked(STRAY[kind]) == Answered(Outcome.TIMEOUT)
    found = asked(lambda data: [*STRAY[kind](data), right(data)])
    assert (found.outcome, found.answers) == (Outcome.ANSWERED, RIGHT)


def test_an_answer_in_other_letters_is_one_but_other_bytes_are_not() -> None:
    found = asked(lambda data: [right(data).replace(b"\x03www\x03gov", b"\x03WwW\x03GOV", 1)])
    assert found.answers == ("WwW.GOV.test. 60 IN A 192.0.2.9",)
    https = asked(lambda data: [asking(raw(data, 0, b""), 0x61, 1)], kind="HTTPS")
    assert https.outcome is Outcome.TIMEOUT  # `A` and `a` are other kinds of records


def test_an_answer_from_elsewhere_is_not_heard() -> None:
    async def work() -> Answered:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((HOME, 0))

            def reply(data: bytes) -> list[bytes]:
                for port in ports():
                    other.sendto(right(data), ("127.0.0.1", port))
                return []

            async with name_server(reply) as port:
                return await query(at(port), "www.gov.test", "A", 0.4)

    assert run(work()).outcome is Outcome.TIMEOUT


def ports() -> list[int]:
    lines = Path("/proc/self/net/udp").read_text("ascii").splitlines()[1:]
    return [int(line.split()[1].rpartition(":")[2], 16) for line in lines]


def test_a_flood_of_strays_ends_before_the_time() -> None:
    found = asked(lambda _: [b"\0" * 500] * 300, seconds=30)
    assert found == Answered(Outcome.FAILED, detail="stray-answers")


@pytest.mark.parametrize("code", [1, 2, 4, 5])
def test_a_server_that_understands_nothing_answers_without_the_question(code: int) -> None:
    found = asked(lambda data: [data[:2] + struct.pack("!HHHHH", 0x8000 | code, 0, 0, 0, 0)])
    assert found == Answered(Outcome.ANSWERED, dns.rcode.to_text(dns.rcode.Rcode(code)))
    assert not found.authoritative


MALFORMED: dict[str, Reply] = {
    "fewer records than said": lambda data: [raw(data, 2, record(1, b"\1\2\3\4"))],
    "a thousand said, none there": lambda data: [raw(data, 65535, b"")],
    "an address too long": lambda data: [raw(data, 1, record(1, b"\1\2\3\4\5"))],
    "an address too short": lambda data: [raw(data, 1, record(28, b"\1\2\3\4"))],
    "a length beyond the end": lambda data: [raw(data, 1, record(1, b"\1\2\3\4")[:-2])],
    "a name that points at itself": lambda data: [raw(data, 1, record(1, b"\1\2\3\4", name=b"\xc0\x1e"))],
    "a name that points ahead": lambda data: [raw(data, 1, record(1, b"\1\2\3\4", name=b"\xc0\xff"))],
    "a name of no kind": lambda data: [raw(data, 1, record(1, b"\1\2\3\4", name=b"\x80\x00"))],
    "a name too long": lambda data: [raw(data, 1, record(1, b"\1\2\3\4", name=(b"\x3f" + b"a" * 63) * 5 + b"\0"))],
    "an alias that is cut": lambda data: [raw(data, 1, record(5, b"\x05ab"))],
    "an SOA without numbers": lambda data: [raw(data, 1, record(6, b"\0\0\0\0"))],
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_an_answer_that_cannot_be_read_is_a_failure(kind: str) -> None:
    found = asked(MALFORMED[kind])
    assert (found.outcome, found.answers, found.rcode) == (Outcome.FAILED, (), "")
    assert found.detail.startswith("malformed: ")


def test_a_service_record_that_is_not_understood_is_kept_as_it_is() -> None:
    found = asked(lambda data: [raw(data, 1, record(65, b"\0\1\0\0\1\xff\xff"))], kind="HTTPS")
    assert (found.outcome, found.answers) == (Outcome.ANSWERED, ("www.gov.test. 60 IN HTTPS \\# 7 0001000001ffff",))


def test_hostile_records_are_bounded_and_stay_one_line() -> None:
    text = record(16, b"".join(b"\xff" + bytes([c]) * 255 for c in (10, 13, 0, 27, 34, 92, 65)))
    odd = record(4242, b"\xff" * 4000) + record(1, b"\1\2\3\4", group=4) + record(99, b"")
    label = record(5, b'\x08\n\r\0\x1b"<;\\\0')
    found = asked(lambda data: [raw(data, 5, text + odd + label)])
    assert found.outcome is Outcome.ANSWERED
    assert [one.split()[:4][2:] for one in found.answers] == [
        ["IN", "TXT"], ["IN", "TYPE4242"], ["HS", "A"], ["IN", "SPF"], ["IN", "CNAME"]
    ]  # fmt: skip
    assert all(len(one) <= RECORD_CHARACTERS and one.isprintable() and one.isascii() for one in found.answers)
    assert found.answers[1].startswith("www.gov.test. 60 IN TYPE4242 \\# 4000 ffff")
    assert found.answers[2].endswith("HS A \\# 4 01020304")
    assert found.answers[4].endswith('CNAME \\010\\013\\000\\027\\"<\\;\\\\.')


def test_as_many_records_as_a_message_holds_are_cut() -> None:
    most = (65535 - 12 - 18) // 16

    async def over_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = (await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big")))[:65000]
        said = raw(data, most, record(1, b"\1\2\3\4") * most)
        writer.write(len(said).to_bytes(2, "big") + said)

    found = asked(lambda data: [raw(data, 0, b"", 0x8200)], over_tcp=over_tcp, seconds=10)
    assert (len(found.answers), found.detail) == (RECORDS, f"{most - RECORDS} more")


def test_what_is_lost_is_asked_once_more() -> None:
    heard: list[bytes] = []
    assert asked(lambda data: [right(data)] if len(heard) > 1 else [], heard=heard).answers == RIGHT
    assert heard[0] == heard[1]
    heard.clear()
    assert asked(lambda _: [], heard=heard).outcome is Outcome.TIMEOUT
    assert len(heard) == 2


def test_the_question_says_what_is_asked_and_no_more() -> None:
    heard: list[bytes] = []

    async def work() -> None:
        async with name_server(lambda data: [right(data)], heard) as port:
            for recursion in (True, False):
                await query(at(port), "www.gov.test", "A", 5, recursion=recursion)

    run(work())
    questions = [dns.message.from_wire(one) for one in heard]
    assert [one.flags for one in questions] == [dns.flags.RD, 0]
    assert [(len(one.additional), one.edns) for one in questions] == [(0, -1)] * 2
    assert {one.question[0].name.to_text() for one in questions} == {"www.gov.test."}
    assert questions[0].id != questions[1].id or heard[0] != heard[1]


@pytest.mark.parametrize(
    "name", ["", "a b.test", "a\nb.test", "a..test", "x" * 64 + ".test", "a." * 130, "a\0.test", "\ud800"]
)
def test_a_name_that_cannot_be_asked_is_not(name: str) -> None:
    heard: list[bytes] = []
    assert asked(lambda _: [], name, heard=heard) == Answered(Outcome.FAILED, detail="name")
    assert heard == []


def test_without_a_permit_that_holds_nothing_is_asked() -> None:
    heard: list[bytes] = []

    async def work() -> None:
        async with name_server(lambda data: [right(data)], heard) as port:
            late = await query(at(port, seconds=-1), "a.test", "A", 5)
            assert late == Answered(Outcome.NOT_PERMITTED, detail="permit-expired")
            with pytest.raises(ValueError, match="is none for dns"):
                await query(permit(HOME, port), "a.test", "A", 5)
            with pytest.raises(TypeError):
                await query((HOME, port), "a.test", "A", 5)  # type: ignore[arg-type]
            with pytest.raises(ValueError, match="no kind of records"):
                await query(at(port), "a.test", "NONE\n", 5)
            with pytest.raises(ValueError, match="names an address"):
                await query(at(port, "localhost"), "a.test", "A", 5)
            await asyncio.sleep(0.05)

    run(work())
    assert heard == []


@pytest.mark.parametrize("address", [HOME, SIX])
def test_nobody_at_the_port_is_refused(address: str) -> None:
    assert run(query(at(9, address), "a.test", "A", 5)) == Answered(Outcome.REFUSED, detail="ECONNREFUSED")


def test_whoever_cancels_a_question_leaves_nothing_open() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def work(reply: Reply, more: int) -> None:
        async with name_server(reply, None, silent) as port:
            before = sockets()
            task = asyncio.create_task(query(at(port), "a.test", "A", 60))
            await asyncio.sleep(0.1)
            assert sockets() == before + 1 + more
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert sockets() == before + more  # the server's own end

    run(work(lambda _: [], 0))
    run(work(lambda data: [raw(data, 0, b"", 0x8200)], 1))


# TCP


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def over_tcp(say: Callable[[bytes], bytes], *, wait: bool = False) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        writer.write(say(data))
        await (reader.read() if wait else writer.drain())
        writer.close()

    return talk


@pytest.mark.parametrize(
    ("say", "detail"),
    [
        (lambda _: b"", "truncated, tcp closed"),
        (lambda _: b"\x00", "truncated, tcp closed"),
        (lambda data: framed(right(data))[:-3], "truncated, tcp closed"),
        (lambda _: framed(b""), "truncated, tcp malformed"),
        (lambda data: framed(b"\0" + right(data)[1:-1]), "truncated, tcp malformed"),
        (lambda _: framed(bytes(65535)), "truncated, tcp malformed"),
        (lambda data: framed(raw(data, 9, b"\xff" * 60000)), "malformed: "),
    ],
)
def test_nonsense_over_tcp_is_a_failure(say: Callable[[bytes], bytes], detail: str) -> None:
    found = asked(lambda data: [raw(data, 0, b"", 0x8200)], over_tcp=over_tcp(say), seconds=5)
    assert (found.outcome, found.answers) == (Outcome.FAILED, ())
    assert found.detail.startswith(detail)


def test_a_cut_answer_is_asked_again_over_tcp_within_the_time() -> None:
    said = asked(lambda data: [raw(data, 0, b"", 0x8200)], over_tcp=over_tcp(lambda data: framed(right(data))))
    assert said.answers == RIGHT
    slow = asked(lambda data: [raw(data, 0, b"", 0x8200)], over_tcp=over_tcp(lambda _: b"\xff\xff", wait=True))
    assert slow == Answered(Outcome.TIMEOUT)


@given(st.data())
def test_no_bytes_at_all_are_an_error(data: st.DataObject) -> None:
    question = dns.message.make_query("www.gov.test", "HTTPS", id=7).to_wire()
    whole = bytearray(
        answer(
            question,
            ("www.gov.test.", "CNAME", "portal.gov.test."),
            ("portal.gov.test.", "HTTPS", '1 . alpn="h2" ipv4hint="192.0.2.1" ech="AAQAAAAA"'),
            ("gov.test.", "SOA", "a.gov.test. b.gov.test. 1 2 3 4 5"),
            ("gov.test.", "TXT", '"a" "b"'),
        ).to_wire()
    )
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(2, len(whole) - 1))] = data.draw(st.integers(0, 255))
    said = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    if name_queries._answers(said, question):
        found = name_queries._read(said, len(question) - 12)
        assert found.outcome in (Outcome.ANSWERED, Outcome.FAILED)
        assert all(one.isascii() and one.isprintable() for one in (*found.answers, *found.authority))


# What goes over the wire


@needs_wire
def test_the_machines_own_resolver_and_environment_are_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aliases = tmp_path / "aliases"
    aliases.write_text("www.gov.test evil.test\nwww evil.test\n", "ascii")
    monkeypatch.setenv("HOSTALIASES", str(aliases))
    monkeypatch.setenv("LOCALDOMAIN", "evil.test")
    monkeypatch.setenv("RES_OPTIONS", "ndots:5")
    heard: list[bytes] = []

    async def work() -> Answered:
        async with name_server(lambda data: [right(data)], heard) as port:
            await query(at(port), "www", "A", 0.2)
            return await query(at(port), "www.gov.test", "A", 5)

    with own_network(), Wire() as wire:
        found = run(work())
        assert found.answers == RIGHT
        assert wire.targets() == {HOME, "127.0.0.1"}  # the question, and the answer to where it came from
    assert {dns.message.from_wire(one).question[0].name.to_text() for one in heard} == {"www.", "www.gov.test."}


@needs_wire
def test_no_route_is_told_from_an_error_on_the_way() -> None:
    with own_network():
        subprocess.run(["ip", "route", "del", "default"], check=True, timeout=10)
        with suppress(subprocess.CalledProcessError):
            subprocess.run(["ip", "-6", "route", "del", "default"], check=True, capture_output=True, timeout=10)
        words = ["ip", "link", "add", "near", "type", "veth", "peer", "name", "far"]
        subprocess.run(words, check=True, timeout=10)
        for address, family in (("10.91.1.1/24", "ipv4"), ("fd91:1::1/64", "ipv6")):
            nodad = ["nodad"] if family == "ipv6" else []
            subprocess.run(["ip", "address", "add", address, "dev", "near", *nodad], check=True, timeout=10)
            Path(f"/proc/sys/net/{family}/neigh/near/retrans_time_ms").write_text("100", "ascii")
        for name in ("near", "far"):
            subprocess.run(["ip", "link", "set", name, "up"], check=True, timeout=10)
        for address in ("10.91.2.1", "fd91:2::1"):
            assert run(query(at(53, address), "a.test", "A", 5)) == Answered(Outcome.NO_ROUTE, detail="ENETUNREACH")
        for address in ("10.91.1.9", "fd91:1::9"):
            assert run(query(at(53, address), "a.test", "A", 5)) == Answered(Outcome.UNREACHABLE, detail="EHOSTUNREACH")
