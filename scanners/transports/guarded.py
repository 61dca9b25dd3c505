"""The SSH library, held against hosts that send what no server sends: each is a failed connection and nothing more."""

import contextlib
import struct
import threading
from typing import Any

import paramiko
from paramiko.buffered_pipe import BufferedPipe
from paramiko.packet import Packetizer

_DATA = (94, 95)
"""SSH_MSG_CHANNEL_DATA and SSH_MSG_CHANNEL_EXTENDED_DATA (RFC 4254, 9)."""

LARGEST_PACKET = 1 << 20
LONGEST_COMPLAINT = 64 << 10

_MALFORMED = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError, struct.error)
"""What the library's reading of a message ends in where the message is not as the protocol has it."""


class Packets(Packetizer):
    """Refuses packets that no server sends: the library would wait for as many bytes as the other side says."""

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:  # noqa: FBT001, FBT002  # the library's signature
        """Read so many bytes; more than a server ever sends at once is an SSHException."""
        if n > LARGEST_PACKET:
            raise paramiko.SSHException("packet too large")
        return super().read_all(n, check_rekey)


class GuardedTransport(paramiko.Transport):
    """A session in which a malformed message is an SSHException, as documented, and no channel can end the others."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._in_order = threading.Lock()
        super().__init__(*args, **kwargs)

    def close(self) -> None:
        """End the session. Where the connection below is gone already there is nobody to tell, and that is no error."""
        with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
            super().close()

    def _send_user_message(self, data: paramiko.Message) -> None:
        """Send no data on a channel after its end: OpenSSH closes the whole session then, with all that it forwards.

        The library looks whether a channel is open before it waits for its turn, and the end may come in between.
        """
        with self._in_order:
            kind, channel = struct.unpack(">BI", data.asbytes()[:5].ljust(5, b"\0"))
            if kind not in _DATA or any(one.remote_chanid == channel for one in self._open_channels()):
                super()._send_user_message(data)  # type: ignore[misc]  # not in the stubs

    def _open_channels(self) -> list[paramiko.Channel]:
        return [one for one in self._channels.values() if not one.closed]  # type: ignore[attr-defined]  # not in the stubs

    def get_exception(self) -> Exception | None:
        """Give what ended the session, if anything did; the library's calls raise it."""
        error = super().get_exception()
        if isinstance(error, _MALFORMED):
            told = paramiko.SSHException(f"malformed message: {type(error).__name__}")
            told.__cause__ = error
            return told
        return error


class Complaints(BufferedPipe):  # type: ignore[type-arg]  # generic in the stubs alone
    """Keeps the beginning of an error stream: the library holds nobody to the window that it announces."""

    def feed(self, data: bytes | str) -> None:
        """Keep this, unless there is enough already."""
        if len(self) < LONGEST_COMPLAINT:
            super().feed(data)


def hear_little_of_errors(channel: paramiko.Channel) -> None:
    """Bound what a channel keeps of its error stream. Call before anything runs in it."""
    channel.in_stderr_buffer = Complaints()
