"""The sockets of a Windows endpoint, from the rows of `netstat -ano`: what waits for others, and what is connected."""

from collections.abc import Mapping
from dataclasses import dataclass

from scanners.platforms.linux.notation import canonical
from scanners.platforms.reading import Reading, cite_all, lines_of, odd
from xunyan.facts import Connection, Listener
from xunyan.model import Capture

PROTOCOLS = {"TCP": "tcp", "UDP": "udp"}
LISTENING, ESTABLISHED = "LISTENING", "ESTABLISHED"
STATES = frozenset({
    LISTENING, ESTABLISHED, "SYN_SENT", "SYN_RECEIVED", "SYN_RCVD", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",
    "LAST_ACK", "TIME_WAIT", "CLOSED", "CLOSE", "DELETE_TCB", "BOUND",
})  # fmt: skip
MAPPED = "::ffff:"
LONGEST_SHOWN = 200
LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Socket:
    """One row: its ends with the port 0 for `*`, its state, empty for UDP, its line (from 1) and the beginning of that."""

    protocol: str
    local: tuple[str, int]
    peer: tuple[str, int]
    state: str
    number: int
    shown: str


def read_listeners(sources: Mapping[str, Capture]) -> Reading:
    """Read TCP sockets that listen and UDP sockets. Windows always has some, so none is no answer."""
    capture = sources.get("listeners")
    if capture is None:
        return Reading()
    rows = _rows(capture)
    if isinstance(rows, str):
        return Reading(unreadable=(("listeners", rows),))
    found = dict.fromkeys(
        Listener(row.protocol, _plain(row.local[0]), row.local[1])
        for row in rows
        if row.protocol == "udp" or row.state == LISTENING
    )
    if not any(one.protocol == "tcp" for one in found):
        return Reading(unreadable=(("listeners", "of its sockets none listens"),))
    return Reading(tuple(found), (cite_all(capture, lines_of(capture)),))


def read_connections(sources: Mapping[str, Capture]) -> Reading:
    """Read established TCP connections out of all TCP sockets; with sockets but no connection, an empty table."""
    capture = sources.get("connections")
    if capture is None:
        return Reading()
    rows = _rows(capture)
    if isinstance(rows, str):
        return Reading(unreadable=(("connections", rows),))
    facts = tuple(
        Connection(_plain(row.local[0]), row.local[1], _plain(row.peer[0]), row.peer[1], row.number, row.shown)
        for row in rows
        if row.state == ESTABLISHED
    )
    return Reading(facts, (cite_all(capture, lines_of(capture)),))


def _rows(capture: Capture) -> list[Socket] | str:
    """Read every row; the reason where that cannot be done. Headings, in any language, stand above the first one only."""
    found: list[Socket] = []
    for number, line in enumerate(lines_of(capture), 1):
        fields = line.split()
        if not fields or (not found and fields[0] not in PROTOCOLS):
            continue
        row = _row(fields, number, line.strip()[:LONGEST_SHOWN])
        if row is None:
            return odd(number, line, "a socket in numbers")
        found.append(row)
    return found or "no line is of a socket"


def _row(fields: list[str], number: int, shown: str) -> Socket | None:
    """Read `TCP 0.0.0.0:135 0.0.0.0:0 LISTENING 912` or `UDP [::]:123 *:* 1044`."""
    protocol = PROTOCOLS.get(fields[0], "")
    if len(fields) != (5 if protocol == "tcp" else 4) or not fields[-1].isdigit():
        return None
    local, peer = _end(fields[1]), _end(fields[2])
    state = fields[3] if protocol == "tcp" else ""
    if local is None or peer is None or (state and state not in STATES) or not (protocol and local[1]):
        return None
    if state == ESTABLISHED and not peer[1]:
        return None
    return Socket(protocol, local, peer, state, number, shown)


def _end(text: str) -> tuple[str, int] | None:
    """Split `10.1.2.3:443`, `[fe80::1%12]:546` or `*:*`."""
    host, _, port = text.rpartition(":")
    if host == "*" and port == "*":
        return "*", 0
    address = canonical(host.removeprefix("[").removesuffix("]").partition("%")[0])
    if address is None or not (port.isascii() and port.isdigit() and len(port) <= 5) or int(port) > LAST_PORT:
        return None
    return address, int(port)


def _plain(address: str) -> str:
    return address.removeprefix(MAPPED) if "." in address else address
