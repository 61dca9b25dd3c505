"""The line between a session and its client: characters in, text out, at the pace and with the end that a fault wants."""

import asyncio
import codecs
from collections import deque

import asyncssh

PIECE = 16384
SLOW_PIECE = 20
SLOW_PAUSE = 0.1  # 20 bytes every tenth of a second: 200 bytes a second


class GoneError(Exception):
    """The client is gone, or the device hung up on it."""


class Wire:
    """What a session types to and reads from. Everything on it raises GoneError when the client is gone."""

    def __init__(self, process: asyncssh.SSHServerProcess[bytes], fault: str) -> None:
        self._process = process
        self._fault = fault
        self._keys: deque[str] = deque()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._last = ""
        self._until_drop: int | None = None

    def answering(self, size: int) -> None:
        """Say that an answer of this size begins; a device that `drops` hangs up in its middle, or ends the session there."""
        if self._fault in {"drops", "close-mid-command"}:
            self._until_drop = size // 2

    async def key(self) -> str:
        """Wait for a character; the line feed after a carriage return and the arrow keys are left out."""
        while True:
            key = await self._next()
            pair, self._last = self._last + key, key
            if key == "\x1b":
                await self._skip()
            elif pair != "\r\n":
                return key

    async def send(self, text: str) -> None:
        """Write a text and wait until the client can take more."""
        data = text.encode()
        size = SLOW_PIECE if self._fault == "slow" else PIECE
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            if self._until_drop is not None:
                piece, self._until_drop = piece[: self._until_drop], self._until_drop - len(piece)
            await self.send_bytes(piece)
            if self._until_drop is not None and self._until_drop <= 0:
                await self._hang_up()
            if self._fault == "slow":
                await asyncio.sleep(SLOW_PAUSE)

    async def send_bytes(self, data: bytes) -> None:
        """Write bytes as they are."""
        try:
            self._process.stdout.write(data)
            await self._process.stdout.drain()
        except (OSError, asyncssh.Error) as error:
            raise GoneError from error

    async def _hang_up(self) -> None:
        await asyncio.sleep(SLOW_PAUSE)  # what was written shall still arrive
        if self._fault == "close-mid-command":
            raise GoneError
        self._process.channel.get_connection().abort()
        raise GoneError

    async def _next(self) -> str:
        while not self._keys:
            try:
                data = await self._process.stdin.read(4096)
            except asyncssh.TerminalSizeChanged:
                continue
            except asyncssh.BreakReceived:
                self._keys.append("\x03")
                continue
            except (OSError, asyncssh.Error) as error:
                raise GoneError from error
            if not data:
                raise GoneError
            self._keys.extend(self._decoder.decode(data))
        return self._keys.popleft()

    async def _skip(self) -> None:
        if await self._next() in "[O":
            while not (await self._next()).isalpha():
                pass
