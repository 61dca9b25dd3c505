"""A connection that a permit allows, plain or with TLS: whatever speaks over it can neither dial anew nor read without end."""

import asyncio
import functools
import socket
import ssl
from collections.abc import Callable
from ipaddress import ip_address
from typing import TypeVar

import httpcore

CERTIFICATE_BYTES = 1 << 16
HANDSHAKE_BYTES = 1 << 18
_PIECE = 1 << 16
_LEGACY_SERVER_CONNECT = 0x4  # `ssl.OP_LEGACY_SERVER_CONNECT`, which Python names from 3.12 on

_T = TypeVar("_T")


class LineError(Exception):
    """A line is of no use: `flood`, more came than may come; or `name`, what no server could be called in TLS."""


@functools.cache
def reading_context() -> ssl.SSLContext:
    """Give the one TLS context by which everything is read: it verifies nothing, since what is shown is what is wanted.

    Old servers are let in: TLS 1.0 and what is weak or cannot renegotiate safely, as far as the machine's OpenSSL has it
    (Debian's has no SSL 3). Nothing secret is ever sent. No file and no environment of certificates is read.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    made.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    made.options |= _LEGACY_SERVER_CONNECT | ssl.OP_IGNORE_UNEXPECTED_EOF
    made.set_alpn_protocols(["http/1.1"])
    return made


class Line(httpcore.AsyncNetworkStream):
    """One connection over a socket that it owns.

    `left` is how many bytes may still be read from it, `got` how many were, `ended` that the other side closed it.
    Reading and writing raise OSError, which ssl.SSLError is too, and LineError.
    """

    def __init__(self, opened: socket.socket, left: int = 0) -> None:
        self.left = left
        self.got = 0
        self.ended = False
        self.protocol = ""
        self.certificate = b""
        self._socket = opened
        self._loop = asyncio.get_running_loop()
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()

    def close(self) -> None:
        """Close it at once; a second time does nothing."""
        self._socket.close()

    async def secure(self, server_name: str) -> None:
        """Speak TLS from now on; the server's name is shown where it is a name, and not where it is an address."""
        name = None if is_address(server_name) else server_name.rstrip(".") or None
        try:
            tls = reading_context().wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        except ValueError as error:
            raise LineError("name") from error
        self._tls = tls
        await self._pump(tls.do_handshake)
        self.protocol = tls.version() or ""
        self.certificate = tls.getpeercert(binary_form=True) or b""
        if len(self.certificate) > CERTIFICATE_BYTES:
            raise LineError("flood")

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Give what came, at most so many bytes; nothing where the other side has closed."""
        if self.left <= 0:
            raise LineError("flood")
        size = min(max_bytes, self.left)
        data = await self._receive(size) if self._tls is None else await self._read_secure(self._tls, size)
        self.ended = not data
        self.left -= len(data)
        self.got += len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send all of it. Raises httpcore.WriteError: an answer may have come all the same."""
        try:
            if self._tls is None:
                await self._loop.sock_sendall(self._socket, buffer)
            elif buffer:
                await self._pump(functools.partial(self._tls.write, buffer))
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Close it at once."""
        self.close()

    async def _receive(self, size: int) -> bytes:
        return await self._loop.sock_recv(self._socket, size)

    async def _read_secure(self, tls: ssl.SSLObject, size: int) -> bytes:
        try:
            return await self._pump(functools.partial(tls.read, size))
        except ssl.SSLZeroReturnError:
            return b""

    async def _pump(self, step: Callable[[], _T]) -> _T:
        """Take one step of TLS, and carry what it has to send and waits for."""
        budget = HANDSHAKE_BYTES
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                await self._flush()
                data = await self._receive(_PIECE)
                budget -= len(data)
                if budget < 0:
                    raise LineError("flood") from None
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
                continue
            await self._flush()
            return done

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._loop.sock_sendall(self._socket, self._outgoing.read())


def is_address(text: str) -> bool:
    """Tell an address, in brackets or without, from a name."""
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True
