"""The SSH library, held against hosts that send what no server sends: each is a failed connection and nothing more."""

import contextlib
import struct
import threading
from typing import Any

import paramiko
from paramiko.buffered_pipe import BufferedPipe
from paramiko.packet import Packetizer

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

    def open_channel(self, *args: Any, **kwargs: Any) -> paramiko.Channel:
        """Open a channel whose data is known for its own until it is sent."""
        channel: paramiko.Channel = super().open_channel(*args, **kwargs)
        plain = channel._send  # type: ignore[attr-defined]  # noqa: SLF001  # not in the stubs

        def send_marked(data: bytes, message: paramiko.Message) -> int:
            message.channel = channel  # type: ignore[attr-defined]  # ours
            return int(plain(data, message))

        channel._send = send_marked  # type: ignore[attr-defined]  # noqa: SLF001
        return channel

    def _send_user_message(self, data: paramiko.Message) -> None:
        """Send no data on a channel after its end.

        The library looks whether a channel is open before it waits for its turn, and the end may come in between. OpenSSH
        then closes the whole session, with all that it forwards; or it has given the channel's number to another, and
        what was meant for one host reaches the next.
        """
        with self._in_order:
            channel: paramiko.Channel | None = getattr(data, "channel", None)
            if channel is None or not channel.closed:
                super()._send_user_message(data)  # type: ignore[misc]  # not in the stubs

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
