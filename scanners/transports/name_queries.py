"""Asking a name server that a letter allows one question, without waiting in a thread: what it says is taken down as it is."""

import asyncio
import functools
import secrets
import socket
import struct
from dataclasses import dataclass, replace

import dns.exception
import dns.flags
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.wire

from scanners.transports.connecting import (
    NotConnectedError,
    Outcome,
    allow,
    connect,
    demand,
    error_name,
    open_socket,
    told_by,
    unconnected,
)
from xunyan.permits import Method, Permit

RECORDS, RECORD_CHARACTERS = 100, 2000
STRAY_ANSWERS = 100
_HEADER = struct.Struct("!HHHHHH")
_LARGEST = 65535
_KIND_OF_MESSAGE = dns.flags.QR | 0x7800
"""The bits of a header that tell an answer to a plain question, whose own kind is zero."""

_EMPTY_HANDED = {dns.rcode.FORMERR, dns.rcode.SERVFAIL, dns.rcode.NOTIMP, dns.rcode.REFUSED}
_KNOWN = {
    dns.rdatatype.A, dns.rdatatype.AAAA, dns.rdatatype.CNAME, dns.rdatatype.DNAME, dns.rdatatype.HTTPS,
    dns.rdatatype.NS, dns.rdatatype.PTR, dns.rdatatype.SOA, dns.rdatatype.TXT,
}  # fmt: skip
"""What is written in its own form; all others as RFC 3597 has it, and no module is looked for by what a server says."""

_ERRORS_TOLD = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
"""IP_RECVERR, IPV6_RECVERR: without them a datagram's socket hears of no error on the way but a closed port."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a name server said to one question.

    `outcome`: answered, whatever the `rcode` (`NOERROR`, `NXDOMAIN`, `REFUSED`, ...); timeout; refused (nobody at that
    port); unreachable (an answer from the way); no-route (this machine has none to the address); not-permitted; failed (no
    answer that can be read, or this machine could not try). `answers` and `authority` are records as zone files write
    them, at most 100 of each and 2,000 characters long. `authoritative`: the server says so of itself. `detail`: what is
    wrong, or how many records were left out.
    """

    outcome: Outcome
    rcode: str = ""
    answers: tuple[str, ...] = ()
    authority: tuple[str, ...] = ()
    authoritative: bool = False
    detail: str = ""


class _UnreadableError(Exception):
    """What came is no answer: the message says why."""


async def query(permit: Permit, name: str, kind: str, seconds: float, *, recursion: bool = True) -> Answered:
    """Ask the permitted name server for the records of one kind (`AAAA`), all within so many seconds.

    Over UDP, twice where nothing comes, and over TCP where the answer says that it was cut. The name is asked as it is,
    without search lists. What answers something else, or comes from elsewhere, is passed over. `recursion` False is for
    servers with authority. Raises TypeError for what is no permit, ValueError for a permit of another method or a kind
    that there is not.
    """
    demand(permit, Method.DNS)
    try:
        number = dns.rdatatype.from_text(kind)
    except dns.exception.DNSException as error:
        raise ValueError(f"no kind of records: {kind}") from error
    try:
        allow(permit)
        question = _name(name) + struct.pack("!HH", number, dns.rdataclass.IN)
        identifier = secrets.randbits(16)
        asked = _HEADER.pack(identifier, dns.flags.RD if recursion else 0, 1, 0, 0, 0) + question
        async with asyncio.timeout(seconds):
            data = await _over_udp(permit, asked, seconds)
            if _HEADER.unpack_from(data)[1] & dns.flags.TC:
                data = await _over_tcp(permit, asked)
    except NotConnectedError as error:
        return Answered(error.outcome, detail=error.detail)
    except TimeoutError:
        return Answered(Outcome.TIMEOUT)
    except _UnreadableError as error:
        return Answered(Outcome.FAILED, detail=str(error))
    return _read(data, len(question))


@functools.lru_cache(1024)
def _name(name: str) -> bytes:
    """Write a name as questions have it. Raises _UnreadableError."""
    if not name or not name.isprintable() or " " in name:
        raise _UnreadableError("name")
    try:
        return dns.name.from_text(name).to_wire() or b""
    except (dns.exception.DNSException, ValueError) as error:
        raise _UnreadableError("name") from error


async def _over_udp(permit: Permit, asked: bytes, seconds: float) -> bytes:
    """Give the first datagram that answers. Raises NotConnectedError, TimeoutError and _UnreadableError."""
    loop = asyncio.get_running_loop()
    again = loop.time() + seconds / 2
    with open_socket(permit, socket.SOCK_DGRAM) as line:
        try:
            line.setsockopt(*_ERRORS_TOLD[line.family], 1)
            line.connect((permit.address, permit.port))  # sends nothing; only what comes from there is heard
        except OSError as error:
            raise NotConnectedError(unconnected(permit, error), error_name(error)) from error
        try:
            line.send(asked)
            try:
                async with asyncio.timeout_at(again):
                    return await _heard(line, asked)
            except TimeoutError:
                line.send(asked)
            return await _heard(line, asked)
        except OSError as error:
            raise NotConnectedError(told_by(error), error_name(error)) from error


async def _heard(line: socket.socket, asked: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    for _ in range(STRAY_ANSWERS):
        data = await loop.sock_recv(line, _LARGEST)
        if _answers(data, asked):
            return data
    raise _UnreadableError("stray-answers")


async def _over_tcp(permit: Permit, asked: bytes) -> bytes:
    try:
        with await connect(permit) as line:
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(line, len(asked).to_bytes(2, "big") + asked)
            data = await _exactly(line, int.from_bytes(await _exactly(line, 2), "big"))
    except NotConnectedError as error:
        if error.outcome in (Outcome.NOT_PERMITTED, Outcome.TIMEOUT):
            raise
        raise _UnreadableError(f"truncated, tcp {error}") from error
    except TimeoutError:
        raise
    except OSError as error:
        raise _UnreadableError(f"truncated, tcp {told_by(error)}: {error_name(error)}") from error
    if not _answers(data, asked):
        raise _UnreadableError("truncated, tcp malformed")
    return data


async def _exactly(line: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = b""
    while len(data) < size:
        piece = await loop.sock_recv(line, size - len(data))
        if not piece:
            raise _UnreadableError("truncated, tcp closed")
        data += piece
    return data


def _answers(data: bytes, asked: bytes) -> bool:
    """Say whether a message answers the question: its number, and the question itself but for the case of letters.

    A server that understood nothing may leave the question out.
    """
    if len(data) < _HEADER.size or data[:2] != asked[:2]:
        return False
    flags, questions = _HEADER.unpack_from(data)[1:3]
    if flags & _KIND_OF_MESSAGE != dns.flags.QR:
        return False
    if questions == 0:
        return flags & 0xF in _EMPTY_HANDED
    end = len(asked)
    name, kind = slice(_HEADER.size, end - 4), slice(end - 4, end)
    return questions == 1 and data[name].lower() == asked[name].lower() and data[kind] == asked[kind]


def _read(data: bytes, question: int) -> Answered:
    """Read a message that answers a question of so many bytes."""
    _, flags, questions, answers, authority, _ = _HEADER.unpack_from(data)
    parser = dns.wire.Parser(data, _HEADER.size + (question if questions else 0))
    try:
        found = _records(parser, answers), _records(parser, authority)
    except (dns.exception.DNSException, ValueError) as error:
        return Answered(Outcome.FAILED, detail=f"malformed: {type(error).__name__}")
    left = [f"{count - RECORDS} more" for count in (answers, authority) if count > RECORDS]
    code = dns.rcode.to_text(dns.rcode.Rcode(flags & 0xF))
    said = Answered(Outcome.ANSWERED, code, *found, authoritative=bool(flags & dns.flags.AA))
    return replace(said, detail=", ".join(left)) if left else said


def _records(parser: dns.wire.Parser, count: int) -> tuple[str, ...]:
    shown = []
    for number in range(count):
        name = dns.name.from_wire_parser(parser)
        kind, group, life, size = parser.get_struct("!HHIH")
        if number < RECORDS:
            with parser.restrict_to(size):
                shown.append(_record(name, kind, group, life, parser)[:RECORD_CHARACTERS])
        else:
            parser.get_bytes(size)
    return tuple(shown)


def _record(name: dns.name.Name, kind: int, group: int, life: int, parser: dns.wire.Parser) -> str:
    start = parser.current
    value = ""
    if kind in _KNOWN and group == dns.rdataclass.IN:
        try:
            value = dns.rdata.from_wire_parser(dns.rdataclass.IN, dns.rdatatype.RdataType(kind), parser).to_text()
        except dns.exception.DNSException:
            if kind != dns.rdatatype.HTTPS:  # whose parameters may be newer than whoever reads them
                raise
            parser.seek(start)
    if not value:
        rest = parser.get_remaining()
        value = rf"\# {len(rest)} {rest[: RECORD_CHARACTERS // 2].hex()}"
    return f"{name} {life} {_group(group)} {_kind(kind)} {value}"


@functools.lru_cache(64)
def _kind(number: int) -> str:
    return dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number))


@functools.lru_cache(64)
def _group(number: int) -> str:
    return dns.rdataclass.to_text(dns.rdataclass.RdataClass.make(number))
