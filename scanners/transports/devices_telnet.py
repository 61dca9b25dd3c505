"""Telnet to a network device that has no SSH: the wire below a session, and one login. All of it goes in plain text."""

import re
import socket
import time

import paramiko
from netmiko._telnetlib import telnetlib

from scanners.transports.carrying import Bounds, LoginGate, Order, Outcome, first_words
from scanners.transports.devices_hearing import LONGEST_LINE, asks_password, last_line, wants_change
from scanners.transports.devices_manners import Manner
from scanners.transports.sessions import LoginError
from xunyan.model import GapReason

ENTER = "\r\n"
SETTLED = 0.1
"""Seconds of silence after which a line that ends no line is taken for a question."""

LONGEST_GREETING = 256 * 1024
MOST_TALK = 64 * 1024
"""So many bytes of the protocol's own may come without a single one of text."""

_SIZE = (511).to_bytes(2, "big") + (1000).to_bytes(2, "big")
_USER = re.compile(
    rb".*(?:user ?name|login|user|\xe7\x94\xa8\xe6\x88\xb7\xe5\x90\x8d) ?(?::|\xef\xbc\x9a)", re.IGNORECASE | re.DOTALL
)


class _Line(telnetlib.Telnet):  # type: ignore[misc]  # the vendored library has no types
    """The library's reading of the protocol over a connection that is open; each read takes one piece and no more."""

    def __init__(self, connection: socket.socket | paramiko.Channel) -> None:
        super().__init__()
        self.sock = connection
        self.cookedq = b""
        self.set_option_negotiation_callback(self._answer)

    def piece(self) -> tuple[bytes, int]:
        """Wait for one piece; give its text, and how many bytes came, 0 at the end."""
        before = len(self.rawq) - self.irawq
        self.fill_rawq()
        came = len(self.rawq) - self.irawq - before
        self.process_rawq()
        text = bytes(self.cookedq)
        self.cookedq = self.sbdataq = b""
        return text, came

    @staticmethod
    def _answer(connection: socket.socket, command: bytes, option: bytes) -> None:
        """Let the device echo and go without turns, tell it how wide we are, refuse the rest."""
        tell = telnetlib.IAC
        if command == telnetlib.WILL:
            wanted = option in (telnetlib.ECHO, telnetlib.SGA)
            connection.sendall(tell + (telnetlib.DO if wanted else telnetlib.DONT) + option)
        elif command == telnetlib.DO and option == telnetlib.NAWS:
            size = tell + telnetlib.SB + option + _SIZE.replace(tell, tell + tell) + tell + telnetlib.SE
            connection.sendall(tell + telnetlib.WILL + option + size)
        elif command == telnetlib.DO:
            connection.sendall(tell + telnetlib.WONT + option)


class TelnetWire:
    """A Telnet connection as a terminal's wire."""

    def __init__(self, connection: socket.socket | paramiko.Channel) -> None:
        """Take over a connection that is open."""
        self._line = _Line(connection)
        self._connection = connection
        self._seconds = 1.0
        self._held = b""

    def sendall(self, data: bytes) -> None:
        """Send text. Raises OSError."""
        self._connection.settimeout(self._seconds)
        self._line.write(data)

    def recv(self, size: int) -> bytes:
        """Wait for text; none at the end. Raises TimeoutError, OSError."""
        if self._held:
            given, self._held = self._held[:size], self._held[size:]
            return given
        until, came = time.monotonic() + self._seconds, 0
        while True:
            self._connection.settimeout(max(0.001, until - time.monotonic()))
            try:
                text, more = self._line.piece()
            except EOFError:
                return b""
            came += more
            if text or not more:
                return text
            if came > MOST_TALK:
                raise OSError("too much of the protocol's own")

    def recv_ready(self) -> bool:
        """Tell whether text is held that nobody took yet."""
        return bool(self._held)

    def settimeout(self, seconds: float) -> None:
        """Say how long to wait."""
        self._seconds = seconds

    def hold(self, heard: bytes) -> None:
        """Give text back, to be heard again."""
        self._held = heard + self._held


def log_in(wire: TelnetWire, order: Order, manner: Manner, gate: LoginGate, bounds: Bounds) -> None:
    """Log in once: the name where it is asked for, the password where it is asked for, and neither a second time.

    What stands on the screen afterwards is given back to the wire. Raises LoginError, and WithheldError where the gate
    does not let it pass.
    """
    gate.enter(order.asset, order.permit, order.credential)
    outcome = Outcome.UNSENT
    try:
        outcome = _talk(wire, order, manner, time.monotonic() + bounds.login_seconds)
    except LoginError as error:
        outcome = error.outcome
        raise
    finally:
        gate.leave(order.asset, order.permit, order.credential, outcome)
    if outcome is Outcome.REFUSED:
        raise LoginError(GapReason.DENIED, f"login-refused: {order.credential.user}")


def _talk(wire: TelnetWire, order: Order, manner: Manner, until: float) -> Outcome:
    heard = bytearray()
    named = given = False
    while True:
        line = _question(wire, heard, until, sent=given)
        if manner.prompt.fullmatch(line) or (given and wants_change(heard)):
            wire.hold(bytes(heard))
            return Outcome.ACCEPTED if given else Outcome.UNSENT
        if asks_password(line) and not given:
            given = _say(wire, order.credential.password)
        elif _USER.fullmatch(line) and not named:
            named = _say(wire, order.credential.user)
        elif asks_password(line) or _USER.fullmatch(line):
            return Outcome.REFUSED if given else Outcome.UNSENT
        else:
            said = first_words(line)
            raise LoginError(GapReason.UNPARSABLE, f"no-prompt: {said}", Outcome.UNKNOWN if given else Outcome.UNSENT)
        heard.clear()


def _say(wire: TelnetWire, word: str) -> bool:
    if not word.isprintable():
        raise LoginError(GapReason.UNSUPPORTED, "login-not-offered: telnet", Outcome.UNSENT)
    try:
        wire.sendall((word + ENTER).encode())
    except OSError as error:
        raise LoginError(GapReason.INTERRUPTED, "connection-lost: login") from error
    return True


def _question(wire: TelnetWire, heard: bytearray, until: float, *, sent: bool) -> bytes:
    """Hear until a line stands that ends none; give it. A device that hangs up after the password has refused it."""
    unsure = Outcome.UNKNOWN if sent else Outcome.UNSENT
    while True:
        line = last_line(heard)
        left = until - time.monotonic()
        wire.settimeout(max(0.001, min(SETTLED, left) if line else left))
        try:
            piece = wire.recv(LONGEST_LINE)
        except TimeoutError:
            if line:
                return line
            if time.monotonic() >= until:
                raise LoginError(GapReason.TIMEOUT, "login-timeout", unsure) from None
            continue
        except OSError as error:
            raise LoginError(GapReason.INTERRUPTED, f"connection-lost: login: {error}", unsure) from error
        if not piece:
            raise LoginError(GapReason.INTERRUPTED, "connection-lost: login", unsure)
        heard += piece
        if len(heard) > LONGEST_GREETING:
            raise LoginError(GapReason.TOO_LARGE, f"too-much: {LONGEST_GREETING >> 10} KiB", unsure)
