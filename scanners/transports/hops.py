"""Hosts in between: sessions on jump hosts that many targets share, and one-time codes that are asked for once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import paramiko

from scanners.transports.carrying import Bounds, Failure, LoginGate, Route, WithheldError
from scanners.transports.dialing import DialError, check, dial
from scanners.transports.sessions import AnswerCode, LoginError, log_in, no_code, session_over, shake_hands
from xunyan.model import GapReason
from xunyan.permits import Permit

REST = 60.0
"""Seconds in which a jump host that failed is not tried again, however many targets wait behind it."""


@dataclass(slots=True)
class _Session:
    """What is known of one route's session: until when and for how many targets it is good."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    transport: paramiko.Transport | None = None
    until: float = 0.0
    left: int = 0
    failed: Failure | None = None
    failed_at: float = 0.0

    def good(self) -> bool:
        return self.left > 0 and time.monotonic() < self.until

    def begin(self, route: Route) -> None:
        self.until = time.monotonic() + route.session_minutes * 60
        self.left = route.session_targets


class Codes:
    """One-time codes: a person is asked once for each session, however many threads wait for it."""

    def __init__(self, ask: Callable[[str, str], str]) -> None:
        self._ask = ask
        self._asking = threading.Lock()
        self._sessions: dict[str, _Session] = {}
        self._guard = threading.Lock()

    def ask(self, route: Route, prompt: str) -> str:
        """Ask a person for a code, one question at a time."""
        with self._asking:
            return self._ask(route.name, prompt)

    @contextmanager
    def session(self, route: Route) -> Iterator[AnswerCode]:
        """Log in to a bastion inside: the login that opens a session goes alone, the others follow when it is open."""
        if not route.credential.one_time_code:
            yield no_code
            return
        with self._guard:
            session = self._sessions.setdefault(route.name, _Session())
        with session.lock:
            if not session.good():
                yield lambda prompt: self.ask(route, prompt)
                session.begin(route)
                session.left -= 1
                return
            session.left -= 1

        def unexpected(prompt: str) -> str:
            session.left = 0  # the bastion's own limit came first
            return self.ask(route, prompt)

        yield unexpected


class Hops:
    """Sessions on jump hosts. Each is opened by one login and shared until its limits, then opened anew."""

    def __init__(self, gate: LoginGate, bounds: Bounds, codes: Codes) -> None:
        self._gate = gate
        self._bounds = bounds
        self._codes = codes
        self._sessions: dict[str, _Session] = {}
        self._guard = threading.Lock()
        self._retired: list[paramiko.Transport] = []

    def forward(self, route: Route, permit: Permit) -> paramiko.Channel:
        """Open a connection to the permitted address through a jump host. Raises DialError, LoginError, WithheldError."""
        check(permit)
        transport = self._transport(route)
        try:
            channel: paramiko.Channel = transport.open_channel(
                "direct-tcpip",
                (permit.address, permit.port),
                ("127.0.0.1", 0),
                timeout=self._bounds.connect_seconds,
            )
        except paramiko.ChannelException as error:
            # RFC 4254: 1 is the jump host's own refusal, the others tell of the way beyond it
            key = "connection-refused" if "refused" in error.text.lower() else "no-connection"
            failure = Failure(GapReason.UNREACHABLE, f"{key}: {route.name}: {error.text}")
            raise DialError(failure) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise DialError(Failure(GapReason.UNREACHABLE, f"no-connection: {route.name}: {error}")) from error
        return channel

    def close(self) -> None:
        """Close all sessions."""
        for session in self._sessions.values():
            if session.transport is not None:
                session.transport.close()
        for transport in self._retired:
            transport.close()

    def _transport(self, route: Route) -> paramiko.Transport:
        with self._guard:
            session = self._sessions.setdefault(route.name, _Session())
        with session.lock:
            if session.transport is None or not session.good() or not session.transport.is_active():
                if session.failed is not None and time.monotonic() < session.failed_at + REST:
                    raise DialError(session.failed)
                if session.transport is not None:  # targets that are being asked keep it until the end
                    self._retired.append(session.transport)
                    session.transport = None
                try:
                    session.transport = self._open(route)
                except DialError as error:
                    session.failed, session.failed_at = error.failure, time.monotonic()
                    raise
                session.begin(route)
            session.left -= 1
            return session.transport

    def _open(self, route: Route) -> paramiko.Transport:
        def code(prompt: str) -> str:
            return self._codes.ask(route, prompt)

        transport = None
        try:
            transport = session_over(dial(route.permit, self._bounds.connect_seconds))
            shake_hands(transport, route.host_keys, learn=False, bounds=self._bounds)
            name = route.credential.user
            log_in(
                transport, f"route:{route.name}", route.permit, route.credential, name, self._gate, self._bounds, code
            )
        except (DialError, LoginError) as error:
            if transport is not None:
                transport.close()
            raise DialError(Failure(error.failure.reason, f"hop: {route.name}: {error.failure.detail}")) from error
        except WithheldError:
            if transport is not None:
                transport.close()
            raise
        except (paramiko.SSHException, EOFError, OSError) as error:
            if transport is not None:
                transport.close()
            raise DialError(Failure(GapReason.UNREACHABLE, f"hop: {route.name}: {error}")) from error
        transport.set_keepalive(30)
        return transport
