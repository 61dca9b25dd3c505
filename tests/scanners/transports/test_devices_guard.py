"""Nothing that is not on the list reaches a device, whoever types it: the list itself, and netmiko's own methods."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from netmiko.base_connection import BaseConnection

from scanners.transports.carrying import Bounds
from scanners.transports.devices_guard import ABORT, AllowList, NotAllowedError
from scanners.transports.devices_manners import MANNERS
from scanners.transports.devices_session import SESSIONS, DeviceSession, GuardedChannel, lines_of
from tests.scanners.transports.racking import COMMANDS

EVERY = pytest.mark.parametrize("platform", sorted(MANNERS))
FORBIDDEN = [
    "system-view\n", "save\n", "configure terminal\n", "write\n", "reload\n", "reboot\n", "reset saved-configuration\n", "Y\n",
    "y", "N\n", "\n", "\r\n", "", "display version", "display version\nsave\n", "display version\n\n", "display version ; save\n",
    "display version | redirect flash:/x\n", "display version > x\n", "show version\x00\n", "display  version\n",
    "display version \n", " display version\n", "DISPLAY VERSION\n", "display version all\n", "dis ver\n", "show vers\n",
    "display version\x1a\n", "\x1a", "\x03", "q", "?", "\t", "display version?\n", "display\u00a0version\n", "enable 15\n",
    "super 3\n", "undo terminal monitor\n", "terminal length 0\nreload\n", "screen-length 0\n", "show\u200b version\n",
]  # fmt: skip


class Deaf:
    """A wire that keeps what is sent, and on which nothing is ever heard."""

    def __init__(self) -> None:
        self.sent = b""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv(self, size: int) -> bytes:
        del size
        raise TimeoutError

    def recv_ready(self) -> bool:
        return False

    def settimeout(self, seconds: float) -> None:
        pass


def session(platform: str, wire: Deaf) -> DeviceSession:
    manner = MANNERS[platform]
    channel = GuardedChannel(wire, lines_of(manner, COMMANDS[platform]))
    return SESSIONS[platform](channel, manner, "192.0.2.1", Bounds())


@EVERY
@pytest.mark.parametrize("typed", FORBIDDEN)
def test_what_is_not_on_the_list_is_refused(platform: str, typed: str) -> None:
    wire = Deaf()
    with pytest.raises(NotAllowedError):
        session(platform, wire).write_channel(typed)
    assert wire.sent == b""


@EVERY
def test_what_is_on_the_list_is_typed_as_it_is(platform: str) -> None:
    wire = Deaf()
    own = session(platform, wire)
    for line in (
        *COMMANDS[platform],
        *MANNERS[platform].quiet,
        MANNERS[platform].raising,
        MANNERS[platform].leaving,
    ):
        own.write_channel(own.normalize_cmd(line))
    assert wire.sent.decode().count("\n") == len(COMMANDS[platform]) + len(MANNERS[platform].quiet) + 2


WRITING: dict[str, Callable[[Any], object]] = {
    "save_config": lambda own: own.save_config(),
    "config_mode": lambda own: own.config_mode(),
    "send_config_set": lambda own: own.send_config_set(["hostname x"]),
    "send_command": lambda own: own.send_command("reload", expect_string="x"),
    "send_command_timing": lambda own: own.send_command_timing("reboot"),
    "is_alive": lambda own: own.is_alive() or own.write_channel("\0"),
    "exit_config_mode": lambda own: own.write_channel("return\n"),
    "find and prepare": lambda own: own._try_session_preparation(),
}


@EVERY
@pytest.mark.parametrize("method", sorted(WRITING))
def test_netmikos_own_methods_get_no_further(platform: str, method: str) -> None:
    wire = Deaf()
    own = session(platform, wire)
    assert isinstance(own, BaseConnection)
    with pytest.raises(NotAllowedError):
        WRITING[method](own)
    assert wire.sent == b""


def test_a_password_is_typed_once_and_only_where_one_was_asked_for() -> None:
    allowed = AllowList(["show version"], "enable")
    with pytest.raises(NotAllowedError):
        allowed.check_secret("secret\n")
    allowed.check("enable\n")
    for bad in ("secret", "a\nreload\n", "\x1a\n"):
        with pytest.raises(NotAllowedError):
            allowed.check_secret(bad)
    allowed.check_secret("secret\n")
    with pytest.raises(NotAllowedError):
        allowed.check_secret("secret\n")
    allowed.check(ABORT)
    allowed.check("show version\n")
    with pytest.raises(NotAllowedError):
        allowed.check(ABORT)
    with pytest.raises(NotAllowedError):
        allowed.check_secret("secret\n")


@pytest.mark.parametrize("line", ["", "show version\n", "show\tversion", " show", "显示", "a\x00"])
def test_a_list_holds_lines_alone(line: str) -> None:
    with pytest.raises(ValueError, match="not a line"):
        AllowList([line], "enable")


def test_netmiko_writes_nothing_down_and_keeps_nothing() -> None:
    log = logging.getLogger("netmiko")
    before = list(log.filters)
    own = session("cisco_ios", Deaf())
    assert not log.isEnabledFor(logging.CRITICAL)
    assert own.session_log is None
    assert (own.password, own.secret) == (None, "")
    own.disconnect()
    assert log.filters == before
