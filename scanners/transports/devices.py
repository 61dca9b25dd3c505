"""The `netmiko` carrier: one connection to a network device, one login, its commands one by one, and what each answered."""

import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType

import paramiko

from scanners.transports.carrying import (
    ENABLE,
    Answer,
    Bounds,
    Credential,
    CredentialKind,
    Failure,
    LoginGate,
    Order,
    Outcome,
    RouteKind,
    WithheldError,
)
from scanners.transports.devices_manners import MANNERS
from scanners.transports.devices_session import SESSIONS, DeviceSession, GuardedChannel, HearingError, Wire, lines_of
from scanners.transports.entering import REFUSALS, Entrance, beyond, ended_in_time, why
from scanners.transports.guarded import hear_little_of_errors
from xunyan.device_facts import TELNET_SESSION
from xunyan.permits import Method

WIDTH, HEIGHT = 511, 1000
SITTINGS = 5
"""A device may take so many times what one command may."""

RAISED, PLAIN = "enable", "telnet"
"""Means that an answer names: the privilege was raised, and it came in plain text."""
Outputs = Mapping[str, tuple[bytes, int]]
"""Command -> what the device answered, and 0 or, where it refused the command, 1."""


@dataclass(frozen=True, slots=True)
class Further:
    """What a platform is asked last: commands of one form, which follow from what the device answered before."""

    form: re.Pattern[str]
    after: Callable[[Outputs], Sequence[str]]


@dataclass(slots=True)
class _Talk:
    """What one device gave so far."""

    outputs: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    failure: Failure | None = None
    means: list[str] = field(default_factory=list)


class DeviceCarrier:
    """Asks devices one by one; many threads may share one carrier. Close it, for the sessions on hosts in between."""

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        is_refusal: Callable[[str], str],
        printed: Callable[[Outputs], bytes],
        gate: LoginGate,
        bounds: Bounds,
        ask_code: Callable[[str, str], str],
        further: Mapping[str, Further] = MappingProxyType({}),
    ) -> None:
        """`commands` of each platform, in their order, and what is `further` asked of it.

        `is_refusal` gives the words of a refusal, empty for an answer; `printed` writes the body.
        """
        self._commands = commands
        self._is_refusal = is_refusal
        self._printed = printed
        self._gate = gate
        self._bounds = bounds
        self._further = further
        self._entrance = Entrance(gate, bounds, ask_code)

    def close(self) -> None:
        """Close the sessions on hosts in between."""
        self._entrance.close()

    def ask(self, order: Order) -> Answer:
        """Ask one device once. Whatever it does, there is an answer within the bounds; what it gave before a failure stays."""

        if order.permit.method is Method.TELNET:
            return self._by_telnet(order)

        def read(transport: paramiko.Transport, shown: str) -> Answer:
            talk = _Talk()
            try:
                with ended_in_time(transport, (SITTINGS + 1) * self._bounds.answer_seconds):
                    self._talk(_terminal(transport, self._bounds.login_seconds), order, talk)
            except (paramiko.SSHException, EOFError, OSError) as error:
                talk.failure = why(error)
            return self._answer(order, talk, shown)

        return self._entrance.ask(order, read)

    def _by_telnet(self, order: Order) -> Answer:
        """Ask a device in plain text: its letter names the method, and the answer says that it came so."""
        from scanners.transports.devices_telnet import ENTER, TelnetWire, log_in  # noqa: PLC0415  # few devices need it

        talk = _Talk(means=[PLAIN])
        connection: socket.socket | paramiko.Channel | None = None
        try:
            connection = self._entrance.line(order)
            wire = TelnetWire(connection)
            log_in(wire, order, MANNERS[order.platform], self._gate, self._bounds)
            self._talk(wire, order, talk, ENTER)
        except REFUSALS as error:
            talk.failure = why(error)
        finally:
            if connection is not None:
                connection.close()
        if talk.outputs:
            talk.outputs[TELNET_SESSION] = (f"telnet {order.permit.address} {order.permit.port}\n".encode(), 0)
        return self._answer(order, talk, "")

    def _answer(self, order: Order, talk: _Talk, shown: str) -> Answer:
        failure = talk.failure
        if order.route is not None and order.route.kind is RouteKind.BASTION and failure is not None:
            failure = beyond(failure)
        return Answer(self._printed(talk.outputs), failure, shown, means=tuple(talk.means))

    def _talk(self, wire: Wire, order: Order, talk: _Talk, enter: str = "\n") -> None:
        """Meet the device, ask it everything, take leave."""
        manner, further = MANNERS[order.platform], self._further.get(order.platform)
        commands = self._commands[order.platform]
        channel = GuardedChannel(wire, lines_of(manner, commands, further.form if further else None))
        session = SESSIONS[order.platform](channel, manner, order.permit.address, self._bounds, enter)
        try:
            session.meet()
            self._ask_all(session, order, talk)
            with suppress(OSError):  # it is all there already
                session.leave()
        except HearingError as error:
            talk.failure = error.failure
        finally:
            session.disconnect()

    def _questions(self, platform: str, talk: _Talk) -> Iterator[str]:
        """Give what is asked, one after the other; nothing further once what came further is as long as one answer may be."""
        yield from self._commands[platform]
        further = self._further.get(platform)
        left = self._bounds.answer_bytes
        for command in further.after(talk.outputs) if further is not None else ():
            yield command
            left -= len(talk.outputs.get(command, (b"", 0))[0])
            if left <= 0:
                return

    def _ask_all(self, session: DeviceSession, order: Order, talk: _Talk) -> None:
        end = time.monotonic() + SITTINGS * self._bounds.answer_seconds
        before = ""
        liftable = bool(order.credential.enable)
        for command in self._questions(order.platform, talk):
            try:
                given = self._ask(session, command, end)
            finally:
                if session.out_of_step:  # the answer before was longer than what was taken for it
                    talk.outputs.pop(before, None)
            if given[1] and liftable and not session.raised:
                liftable = False
                if self._lift(session, order, end):
                    talk.means.append(RAISED)
                    given = self._ask(session, command, end)
            talk.outputs[command] = given
            before = command

    def _ask(self, session: DeviceSession, command: str, end: float) -> tuple[bytes, int]:
        until = min(end, time.monotonic() + self._bounds.answer_seconds)
        said = session.ask(command, until, self._bounds.answer_bytes)
        return said, int(len(said) < 4096 and bool(self._is_refusal(said.decode("utf-8", "replace"))))

    def _lift(self, session: DeviceSession, order: Order, end: float) -> bool:
        """Raise the privilege, as carefully as a login: what the gate withholds is not sent, and the rest is read without."""
        own = order.credential
        secret = Credential(own.name + ENABLE, own.user, CredentialKind.PASSWORD)
        try:
            self._gate.enter(order.asset, order.permit, secret)
        except WithheldError:
            return False
        outcome: Outcome | None = None
        try:
            outcome = session.lift(own.enable, min(end, time.monotonic() + self._bounds.login_seconds))
        finally:
            outcome = outcome or (Outcome.UNKNOWN if session.given else Outcome.UNSENT)
            self._gate.leave(order.asset, order.permit, secret, outcome)
        return outcome is Outcome.ACCEPTED


def _terminal(transport: paramiko.Transport, seconds: float) -> paramiko.Channel:
    """Open a terminal that is wide and high, so that little is broken into lines and pages."""
    channel = transport.open_session(timeout=seconds)
    hear_little_of_errors(channel)
    channel.settimeout(seconds)
    channel.get_pty("vt100", WIDTH, HEIGHT)
    channel.invoke_shell()
    return channel
