"""Reads the sockets of a Linux endpoint: which ports wait for others, and which TCP connections stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from scanners.platforms.linux.notation import canonical, written
from scanners.platforms.reading import Reading, cite_all, lines_of, odd
from xunyan.facts import Connection, Listener
from xunyan.model import Capture

PROTOCOLS = {"tcp": "tcp", "tcp6": "tcp", "udp": "udp", "udp6": "udp"}
SECTIONS = {f"/proc/net/{name}": protocol for name, protocol in PROTOCOLS.items()}
OTHER_KINDS = frozenset({
    "mptcp", "sctp", "dccp", "udplite", "udpl", "raw", "raw6", "icmp6", "unix", "u_str", "u_dgr", "u_seq", "p_raw",
    "p_dgr", "v_str", "v_dgr", "nl", "tipc", "xdp",
})  # fmt: skip
HEADINGS = frozenset({"Netid", "State", "Recv-Q", "Proto", "Active", "激活Internet连接", "(Not", "(No", "will", "sl"})
LISTENING, ESTABLISHED, UNCONNECTED, BETWEEN, NOT_SHOWN = "listening", "established", "unconnected", "between", ""
WORDS = {"LISTEN": LISTENING, "ESTAB": ESTABLISHED, "ESTABLISHED": ESTABLISHED, "UNCONN": UNCONNECTED}
WORDS |= dict.fromkeys((
    "SYN-SENT", "SYN-RECV", "NEW-SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSE-WAIT", "LAST-ACK",
    "CLOSING", "CLOSED", "UNKNOWN",
    "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE_WAIT", "LAST_ACK", "CLOSE",
), BETWEEN)  # fmt: skip
NUMBERS = {f"{number:02X}": BETWEEN for number in range(1, 14)}
NUMBERS |= {"0A": LISTENING, "01": ESTABLISHED, "07": UNCONNECTED}
NETSTAT_WIDTH = 23
ANY_IPV4 = str(IPv4Address(0))
MAPPED = "::ffff:"  # how `canonical` begins an IPv4-mapped address, the only one that has dots too
LAST_PORT = 65535
LONGEST_SHOWN = 200


@dataclass(slots=True)
class Row:
    """One socket as its line shows it: addresses canonical (IPv4-mapped ones still so) or `*`, a port `*` as 0."""

    number: int
    protocol: str
    state: str
    address: str
    port: int
    peer: str
    peer_port: int


def read_listeners(sources: Mapping[str, Capture]) -> Reading:
    """Read what waits for others from `listeners`: `ss -tuln`, `netstat -tuln`, or /proc/net/tcp, tcp6, udp and udp6.

    The kernel's files each stand below a line such as `== /proc/net/tcp`. Only new versions of ss show whether a
    socket of any IPv6 address takes IPv4 too (`*`); elsewhere it is `::`. An empty answer is an empty table.
    """
    capture = sources.get("listeners")
    if capture is None:
        return Reading()
    lines = lines_of(capture)
    rows = _rows(lines)
    if isinstance(rows, str):
        return Reading(unreadable=(("listeners", rows),))
    listening = [row for row in rows if _is_listening(row)]
    if bad := next((row for row in listening if not row.port), None):
        return Reading(unreadable=(("listeners", odd(bad.number, lines[bad.number - 1], "a socket with a port")),))
    star = _meaning_of_star(listening)
    if not star or _answers_another(lines, rows, len(listening)):
        why = "of its sockets none listens" if star else "`*` stands for IPv4 and IPv6 alike, so neither is certain"
        return Reading(unreadable=(("listeners", why),))
    distinct = dict.fromkeys(
        (row.protocol, star if row.address == "*" else _plain(row.address), row.port) for row in listening
    )
    return Reading(tuple(Listener(*key) for key in distinct), (cite_all(capture, lines),))


def read_connections(sources: Mapping[str, Capture]) -> Reading:
    """Read established TCP connections from `connections`, in the same shapes as `read_listeners`.

    Without a state column the answer holds what it was asked for, which is established connections. Each names its line.
    """
    capture = sources.get("connections")
    if capture is None:
        return Reading()
    lines = lines_of(capture)
    rows = _rows(lines)
    if isinstance(rows, str):
        return Reading(unreadable=(("connections", rows),))
    facts: list[Connection] = []
    for row in rows:
        if row.protocol != "tcp" or not (row.state == ESTABLISHED or (row.state == NOT_SHOWN and row.peer_port)):
            continue
        if not row.port or not row.peer_port or "*" in {row.address, row.peer}:
            reason = odd(row.number, lines[row.number - 1], "a connection with two ends")
            return Reading(unreadable=(("connections", reason),))
        shown = lines[row.number - 1].strip()[:LONGEST_SHOWN]
        facts.append(Connection(_plain(row.address), row.port, _plain(row.peer), row.peer_port, row.number, shown))
    if _answers_another(lines, rows, sum(not _is_listening(row) for row in rows)):
        return Reading(unreadable=(("connections", "all of its sockets listen"),))
    return Reading(tuple(facts), (cite_all(capture, lines),))


def _plain(address: str) -> str:
    return address.removeprefix(MAPPED) if "." in address else address


def _is_listening(row: Row) -> bool:
    if row.state == LISTENING:
        return True
    waits = row.state == NOT_SHOWN or (row.state == UNCONNECTED and row.protocol == "udp")
    return waits and not row.peer_port


def _answers_another(lines: Sequence[str], rows: list[Row], fitting: int) -> bool:
    """Tell whether sockets are shown but none of those asked for: an answer to another question proves no absence.

    The kernel's files hold sockets of every kind, so there it is no sign.
    """
    return bool(rows) and not fitting and not any(line.startswith("==") for line in lines)


def _meaning_of_star(rows: list[Row]) -> str:
    """Tell what ss meant by `*`: `*` (both families), in old versions any IPv4 address; empty where nothing tells.

    New versions write any IPv4 address as 0.0.0.0 and a peer `*` beside IPv6 addresses alone; old ones the reverse.
    For a short time both were `*`. Where only such sockets are there, a second one on `::` shows an old version.
    """
    stars = {(row.protocol, row.port) for row in rows if row.address == "*"}
    if not stars or any(ANY_IPV4 in {row.address, row.peer} for row in rows):
        return "*"
    beside = [row for row in rows if row.peer == "*" and row.address != "*"]
    old = any(":" not in row.address for row in beside)
    new = any(":" in row.address for row in beside)
    if old or new:
        return "" if old and new else ANY_IPV4 if old else "*"
    twice = any(row.address == "::" and (row.protocol, row.port) in stars for row in rows)
    return ANY_IPV4 if twice else "*"


def _rows(lines: Sequence[str]) -> list[Row] | str:
    """Read every socket, listening or not; the reason where that cannot be done."""
    rows: list[Row] = []
    section = ""
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields or fields[0] in HEADINGS or fields[0] in OTHER_KINDS or _is_detail(line, fields, rows):
            continue
        if fields[0] == "==" and fields[-1] in SECTIONS:
            section = SECTIONS[fields[-1]]
            continue
        row = _kernel_row(number, section, fields) if section else _row(number, fields)
        if row is None:
            return odd(number, line, "a socket in numbers")
        rows.append(row)
    cut = _cut(lines)
    return odd(cut, lines[cut - 1], "certain to be whole, for netstat cuts IPv6 addresses") if cut else rows


def _is_detail(line: str, fields: list[str], rows: list[Row]) -> bool:
    """Tell whether a line says more of the socket above it, as `ss -i` and `-m` do."""
    if line[0] != "\t" or not rows:
        return False
    return not (fields[0] in PROTOCOLS or fields[0] in WORDS or fields[0].isdigit())


def _row(number: int, fields: list[str]) -> Row | None:
    """Read a line of ss, where protocol and state are left out when only one was asked for, or of netstat."""
    at = 1 if fields[0] in PROTOCOLS else 0
    protocol = PROTOCOLS.get(fields[0], "tcp")
    state: str | None = WORDS.get(fields[at], NOT_SHOWN) if len(fields) > at else None
    if state:
        protocol = "udp" if state == UNCONNECTED and not at else protocol
        at += 1
    if len(fields) < at + 4 or not (fields[at].isdigit() and fields[at + 1].isdigit()):
        return None
    if state == NOT_SHOWN and at and len(fields) > at + 4:
        state = _state_behind(protocol, fields[at + 4])
    local, peer = _endpoint(fields[at + 2]), _endpoint(fields[at + 3])
    if state is None or local is None or peer is None:
        return None
    return Row(number, protocol, state, *local, *peer)


def _state_behind(protocol: str, word: str) -> str | None:
    """Give the state that netstat has behind the addresses; ss has other things there, and so has UDP."""
    if word in WORDS:
        return WORDS[word]
    return NOT_SHOWN if protocol == "udp" or ":" in word or word in {"<->", "-->", "---"} else None


def _endpoint(text: str) -> tuple[str, int] | None:
    """Split `[fe80::1]%eth0:546`, `::1:25`, `*:22` or `0.0.0.0:*`; None where a part of it is a name."""
    host, _, port = text.rpartition(":")
    host = host.partition("%")[0].removeprefix("[").removesuffix("]")
    address = "*" if host == "*" else canonical(host)
    if address is None or not (port == "*" or (port.isascii() and port.isdigit() and len(port) <= 5)):
        return None
    number = 0 if port == "*" else int(port)
    return (address, number) if number <= LAST_PORT else None


def _kernel_row(number: int, protocol: str, fields: list[str]) -> Row | None:
    """Read a row of the kernel's tables, `0: 0100007F:0019 00000000:0000 0A ...`."""
    if len(fields) < 4 or not fields[0].endswith(":") or fields[3] not in NUMBERS:
        return None
    local, peer = _kernel_endpoint(fields[1]), _kernel_endpoint(fields[2])
    if local is None or peer is None:
        return None
    return Row(number, protocol, NUMBERS[fields[3]], *local, *peer)


def _kernel_endpoint(text: str) -> tuple[str, int] | None:
    host, _, port = text.partition(":")
    address = _kernel_address(host) if len(host) in {8, 32} and len(port) == 4 else ""
    try:
        return (address, int(port, 16)) if address else None
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _kernel_address(text: str) -> str:
    """Read an address as words of a little-endian host (all that we meet); empty where it is none."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return ""
    if len(raw) == 4:
        return ".".join(str(octet) for octet in raw[::-1])
    if len(raw) == 16:
        return written(IPv6Address(b"".join(raw[at : at + 4][::-1] for at in range(0, 16, 4))))
    return ""


def _cut(lines: Sequence[str]) -> int:
    """Give the first line where netstat may have cut an IPv6 address to its column, 0 where it cut none.

    The rest of a cut address is an address too, only another one. A longer one shows that it was told not to cut.
    """
    cut = 0
    for number, line in enumerate(lines, 1):
        if line.startswith(("tcp6", "udp6")):
            for text in line.split()[3:5]:
                if len(text) > NETSTAT_WIDTH:
                    return 0
                if len(text) == NETSTAT_WIDTH and not cut:
                    cut = number
    return cut
