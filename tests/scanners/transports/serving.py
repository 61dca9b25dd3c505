"""Servers on loopback that say any bytes a test wants, permits for them, and a count of the sockets that are open."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from scanners.transports.web import Fetched, FetchLimits, fetch
from xunyan.permits import Method, Permit

HOME, SIX = "127.91.5.1", "::1"
SMALL = FetchLimits(connect_seconds=0.4, answer_seconds=0.4, page_bytes=20_000)
OK = b"HTTP/1.1 200 OK\r\n"
PAGE = OK + b"Content-Length: 4\r\n\r\npage"
T = TypeVar("T")
Talk: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def permit(address: str, port: int, method: Method = Method.WEB, seconds: float = 600) -> Permit:
    """Make a permit that runs out in so many seconds."""
    return Permit("外网", address, port, method, datetime.now(UTC) + timedelta(seconds=seconds), "A-1")


def run(work: Coroutine[Any, Any, T], seconds: float = 60) -> T:
    """Run it in a loop of its own, and fail where it takes too long."""
    return asyncio.run(asyncio.wait_for(work, seconds))


def sockets() -> int:
    """Count the sockets of this process."""
    found = 0
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += str(one.readlink()).startswith("socket:")
    return found


@asynccontextmanager
async def server(talk: Talk, address: str = HOME, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve connections; gives the port. What is still open at the end is cut."""
    talks: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks[writer] = asyncio.current_task()
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await talk(reader, writer)

    serving = await asyncio.start_server(serve, address, 0, ssl=tls)
    try:
        yield serving.sockets[0].getsockname()[1]
    finally:
        await asyncio.sleep(0.05)  # what was connected and closed again is taken in only now
        serving.close()
        for writer, task in talks.items():
            writer.transport.abort()
            if task is not None:
                task.cancel()
        await asyncio.sleep(0.05)


def saying(*parts: bytes, asked: bytes = b"\r\n\r\n", then: str = "close") -> Talk:
    """Say these bytes after a request, then `close`, `reset` or `wait`."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if asked:
            await reader.readuntil(asked)
        for part in parts:
            writer.write(part)
            await writer.drain()
        if then == "reset":
            await asyncio.sleep(0.1)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            writer.transport.abort()
        elif then == "close":
            writer.close()
        else:
            await asyncio.sleep(60)

    return talk


def streaming(first: bytes, piece: bytes, seconds: float = 0.0) -> Talk:
    """Say something for ever, with a pause after each piece."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(first)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(seconds)

    return talk


def free_port() -> int:
    """Find a port that nothing uses now, at either address and over TCP or UDP."""
    with ExitStack() as held:
        first = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        first.bind((HOME, 0))
        port = int(first.getsockname()[1])
        for family, address in ((socket.AF_INET, HOME), (socket.AF_INET6, SIX)):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                if (family, kind) != (first.family, first.type):
                    held.enter_context(socket.socket(family, kind)).bind((address, port))
        return port


@contextmanager
def closed_port(address: str = HOME) -> Iterator[int]:
    """Give a port that is taken but at which nobody listens."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.bind((address, 0))
        yield one.getsockname()[1]


@contextmanager
def deaf_port(address: str = HOME) -> Iterator[int]:
    """Give a port whose queue is full: it answers nothing to a new connection."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.bind((address, 0))
        one.listen(0)
        waiting = []
        for _ in range(4):
            waiting.append(socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK))
            waiting[-1].connect_ex(one.getsockname()[:2])
        try:
            yield one.getsockname()[1]
        finally:
            for other in waiting:
                other.close()


def fetched(talk: Talk, url: str = "http://www.gov.test/", limits: FetchLimits = SMALL) -> Fetched:
    """Get a page from such a server."""

    async def work() -> Fetched:
        async with server(talk) as port:
            before = sockets()
            found = await fetch(permit(HOME, port), url, limits)
            assert sockets() <= before + 1  # the server's own end
            return found

    return run(work())


def said(*parts: bytes, then: str = "close", limits: FetchLimits = SMALL) -> Fetched:
    """Get a page from a server that says these bytes."""
    return fetched(saying(*parts, then=then), limits=limits)
