"""A session on a network device: netmiko's drivers over a terminal of ours, which waits for bytes instead of sleeping."""

import logging
import re
import time
from collections.abc import Iterable, Mapping
from typing import Protocol

from netmiko.base_connection import BaseConnection
from netmiko.channel import Channel
from netmiko.cisco import CiscoIosSSH
from netmiko.hp import HPComwareSSH
from netmiko.huawei import HuaweiSSH
from netmiko.ruijie import RuijieOSSSH
from netmiko.zte import ZteZxrosSSH

from scanners.transports.carrying import Bounds, Failure, Outcome, first_words
from scanners.transports.devices_guard import ABORT, PAGE, AllowList
from scanners.transports.devices_hearing import (
    asks_password,
    between,
    echo_end,
    is_pager,
    is_question,
    last_line,
    refuses,
    wants_change,
)
from scanners.transports.devices_manners import Manner
from xunyan.model import GapReason

logging.getLogger("netmiko").setLevel(logging.CRITICAL + 1)  # it would write down all that is typed and said

PIECE = 65536
SETTLED = 0.05
"""Seconds of silence after which a line that ends no line is taken for what a device waits with."""

LONGEST_GREETING = 512 * 1024
TO_SEND = 10.0
"""Seconds that a line may take to be sent."""


class Wire(Protocol):
    """What carries a terminal's bytes: an SSH channel, or a Telnet connection."""

    def sendall(self, data: bytes) -> None:
        """Send all of this. Raises OSError."""

    def recv(self, size: int) -> bytes:
        """Wait for bytes; none at the end. Raises TimeoutError, OSError."""

    def recv_ready(self) -> bool:
        """Tell whether bytes are there."""

    def settimeout(self, seconds: float) -> None:
        """Say how long to wait."""


class HearingError(Exception):
    """A device did not say what it should: `failure` tells what it did."""

    def __init__(self, reason: GapReason, detail: str) -> None:
        super().__init__(detail)
        self.failure = Failure(reason, detail)


class GuardedChannel(Channel):
    """The only way to type to a device, for netmiko's own methods too: what is not on the list is refused."""

    def __init__(self, wire: Wire, allowed: AllowList) -> None:
        self._wire = wire
        self._allowed = allowed

    def write_channel(self, out_data: str) -> None:
        """Type one line or key. Raises NotAllowedError before a byte is sent."""
        self._allowed.check(out_data)
        self._wire.settimeout(TO_SEND)
        self._wire.sendall(out_data.encode("ascii"))

    def write_secret(self, out_data: str) -> None:
        """Type a password that was asked for. Raises NotAllowedError before a byte is sent."""
        self._allowed.check_secret(out_data)
        self._wire.settimeout(TO_SEND)
        self._wire.sendall(out_data.encode())

    def read_buffer(self) -> str:
        """Give what is there, for netmiko's own methods."""
        return self.receive(1.0).decode("utf-8", "replace") if self._wire.recv_ready() else ""

    def read_channel(self) -> str:
        """Give all that is there, for netmiko's own methods."""
        return self.read_buffer()

    def ready(self) -> bool:
        """Tell whether bytes are there."""
        return self._wire.recv_ready()

    def receive(self, seconds: float) -> bytes:
        """Wait so long for bytes; none at the end of the session. Raises TimeoutError."""
        self._wire.settimeout(max(0.001, seconds))
        return self._wire.recv(PIECE)


class DeviceSession(BaseConnection):
    """One session: met, asked, left. Mixed into netmiko's driver of a platform, whose words and rules it uses."""

    channel: GuardedChannel

    def __init__(self, channel: GuardedChannel, manner: Manner, host: str, bounds: Bounds, enter: str = "\n") -> None:
        """Nothing is typed yet. The terminal belongs to a session that is logged in already."""
        super().__init__(host=host, auto_connect=False, default_enter=enter)
        self.channel = channel
        self.prompt = b""
        self._manner = manner
        self._bounds = bounds
        self._heard = bytearray()
        self._cuts: list[int] = []
        self._echo: tuple[int, int] | None = None
        self._typed = b""
        self._until, self._most = 0.0, 0
        self.given = False

    def write_channel(self, out_data: str) -> None:
        """Type through the guard, and write nothing of it down."""
        self.channel.write_channel(out_data)

    def find_prompt(self, delay_factor: float = 1.0, pattern: str | None = None) -> str:
        """Give the prompt that stands; nothing is typed for it."""
        del delay_factor, pattern
        return self.prompt.decode("utf-8", "replace")

    def disconnect(self) -> None:
        """Take leave without waiting, and leave nothing behind in netmiko."""
        self._session_locker.acquire(blocking=False)
        logging.getLogger("netmiko").removeFilter(self._secrets_filter)

    def meet(self) -> None:
        """Wait for the first prompt and switch paging off for this session. Nothing is typed before. Raises HearingError."""
        self._within(time.monotonic() + self._bounds.login_seconds, LONGEST_GREETING)
        while not self._manner.prompt.fullmatch(self._settled()):
            line = last_line(self._heard)
            if is_pager(line):
                self._turn()
            elif wants_change(self._heard):
                raise HearingError(GapReason.DENIED, f"password-change: {first_words(line)}".rstrip(": "))
            elif is_question(line):
                raise HearingError(GapReason.UNPARSABLE, f"no-prompt: {first_words(line)}")
        self.prompt = last_line(self._heard)
        for number, own in enumerate(self._manner.quiet):
            self._within(time.monotonic() + self._bounds.login_seconds, LONGEST_GREETING)
            self._ask(own, any_prompt=not number)
        self.set_base_prompt()

    def ask(self, command: str, until: float, most: int) -> bytes:
        """Give the whole answer to a command, after its prompt returned. Raises HearingError.

        `out_of_step` says afterwards, and after an error too, that something of the answer before came behind its prompt.
        """
        self._within(until, most)
        return self._ask(command)

    @property
    def out_of_step(self) -> bool:
        """Whether something stands before the echo of what was typed last."""
        before = bytes(self._heard[: self._echo[0]] if self._echo else self._heard).strip()
        return not self._typed.startswith(before)

    @property
    def raised(self) -> bool:
        """Whether the prompt says that the privilege is the highest."""
        return bool(self._manner.raised) and self.prompt.endswith(self._manner.raised)

    def lift(self, secret: str, until: float) -> Outcome:
        """Raise the privilege, with one answer to one question; a second question is left. Raises HearingError.

        `given` says, after an error too, whether the secret was typed.
        """
        self._within(until, LONGEST_GREETING)
        self._type(self._manner.raising)
        again = False
        while True:
            line = self._settled()
            if self._is_own_prompt(line) and echo_end(self._heard, self._manner.raising.encode()):
                break
            if asks_password(line) and not self.given:
                self.channel.write_secret(secret + self.RETURN)
                self.given = True
                self._heard += b"\n"
            elif is_question(line):
                again = self.given
                self.write_channel(ABORT)
                self._heard += b"\n"
        refused = again or (refuses(self._heard) if not self._manner.raised else not line.endswith(self._manner.raised))
        self.prompt = line
        if not self.given:
            return Outcome.UNSENT
        return Outcome.REFUSED if refused else Outcome.ACCEPTED

    def leave(self) -> None:
        """Say goodbye; nobody waits for an answer."""
        self._type(self._manner.leaving)

    def _type(self, line: str) -> None:
        self._heard.clear()
        self._cuts.clear()
        self._echo = None
        self._typed = line.encode("ascii")
        self.write_channel(self.normalize_cmd(line))

    def _within(self, until: float, most: int) -> None:
        """Bound what comes next: up to a moment, and to so many bytes for each line that is typed."""
        self._until, self._most = until, most

    def _ask(self, line: str, *, any_prompt: bool = False) -> bytes:
        """Type a line and hear the answer. `any_prompt`: the one seen so far may have been part of a banner."""
        self._type(line)
        shown = b""
        while self._echo is None or not self._is_over(shown, any_prompt=any_prompt):
            if is_pager(shown):
                if self._is_quiet():
                    self._turn()
            else:
                self._gather()
            self._echo = self._echo or echo_end(self._heard, self._typed)
            shown = last_line(self._heard) if self._echo is not None and not self.channel.ready() else b""
        self.prompt = shown
        return between(self._heard, self._echo[1], self._cuts)

    def _is_over(self, shown: bytes, *, any_prompt: bool) -> bool:
        """Tell whether the line that stands last is our prompt; or, with `any_prompt`, the one behind which we typed."""
        if not any_prompt:
            return shown == self.prompt
        begin = self._echo[0] if self._echo else 0
        before = last_line(self._heard[:begin]) or self.prompt
        return self._manner.prompt.fullmatch(shown) is not None and before == shown

    def _is_own_prompt(self, line: bytes) -> bool:
        return self._manner.prompt.fullmatch(line) is not None and self.base_prompt.encode() in line

    def _settled(self) -> bytes:
        """Wait until a device waits with a line that ends none; give that line."""
        while True:
            shown = last_line(self._heard)
            stands = bool(shown) and (
                self._manner.prompt.fullmatch(shown) is not None or is_pager(shown) or is_question(shown)
            )
            if stands and self._is_quiet():
                return shown
            if not stands:
                self._gather()

    def _is_quiet(self) -> bool:
        """Tell whether a device says no more for now. Raises HearingError where it goes on too long."""
        if time.monotonic() >= self._until:
            raise self._unfinished()
        try:
            piece = self.channel.receive(SETTLED)
        except TimeoutError:
            return True
        self._take(piece)
        return False

    def _gather(self) -> None:
        """Hear something more within the bounds."""
        try:
            piece = self.channel.receive(self._until - time.monotonic())
        except TimeoutError as error:
            raise self._unfinished() from error
        self._take(piece)

    def _take(self, piece: bytes) -> None:
        """Keep what was heard. Raises HearingError at the end of the session, and where it is too much."""
        if not piece:
            said = first_words(last_line(self._heard)) if not self.prompt else ""
            if said:  # the words of who hung up, such as a bastion's
                raise HearingError(GapReason.UNPARSABLE, f"no-prompt: {said}")
            raise HearingError(GapReason.INTERRUPTED, "connection-lost")
        self._heard += piece
        if len(self._heard) > self._most:
            raise HearingError(GapReason.TOO_LARGE, f"too-much: {self._most >> 10} KiB")

    def _unfinished(self) -> HearingError:
        """Say what a device did instead of waiting for a command."""
        if self.prompt or not self._heard.strip():
            return HearingError(GapReason.TIMEOUT, "no-answer")
        return HearingError(GapReason.UNPARSABLE, f"no-prompt: {first_words(bytes(self._heard[-400:]))}")

    def _turn(self) -> None:
        """Have a pager show its next page, and take the pager out of what was heard."""
        at = self._heard.rfind(b"\n") + 1
        del self._heard[at:]
        self._cuts.append(at)
        self.write_channel(PAGE)


class _Huawei(DeviceSession, HuaweiSSH):
    """VRP."""


class _Comware(DeviceSession, HPComwareSSH):
    """Comware."""

    def __init__(self, channel: GuardedChannel, manner: Manner, host: str, bounds: Bounds, enter: str = "\n") -> None:
        DeviceSession.__init__(self, channel, manner, host, bounds, enter)


class _Ruijie(DeviceSession, RuijieOSSSH):
    """RGOS."""


class _Zte(DeviceSession, ZteZxrosSSH):
    """ZXROS."""


class _Cisco(DeviceSession, CiscoIosSSH):
    """IOS and IOS XE."""


SESSIONS: Mapping[str, type[DeviceSession]] = {
    "huawei_vrp": _Huawei,
    "hp_comware": _Comware,
    "ruijie_os": _Ruijie,
    "zte_zxros": _Zte,
    "cisco_ios": _Cisco,
}
"""Platform -> netmiko's driver with our session on top."""


def lines_of(manner: Manner, commands: Iterable[str], named: re.Pattern[str] | None = None) -> AllowList:
    """Make the list of what may be typed in a session: the commands, those of a form, and what the manner needs."""
    return AllowList((*commands, *manner.quiet, manner.leaving), manner.raising, named)
