"""How fast the agent for systems goes: so many connections at once to one address, so many new ones in a second."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from scanners.systems.asking import Limits, Refused
from xunyan.permits import Method, Permit

Bounds = tuple[float, float]
"""At most so many at once, and so many begun in a second; infinity where nothing is said."""


class _Lane:
    """One bound: a count of what runs, and the moment at which the next may begin."""

    def __init__(self, at_once: float, per_second: float) -> None:
        self._turns = asyncio.Semaphore(int(at_once)) if at_once < math.inf else None
        self._step = 1 / per_second if per_second < math.inf else 0.0
        self._next = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        if self._turns is not None:
            await self._turns.acquire()
        try:
            if self._step:
                now = asyncio.get_running_loop().time()
                begins = max(self._next, now)
                self._next = begins + self._step
                if begins > now:
                    await asyncio.sleep(begins - now)
            yield
        finally:
            if self._turns is not None:
                self._turns.release()


class Pace:
    """Lets connections begin one after the other, within the workspace's bounds and each letter's own."""

    def __init__(self, limits: Limits, of_letter: Callable[[str], Bounds]) -> None:
        """`of_letter` gives the bounds of a letter by its number."""
        self._limits = limits
        self._of_letter = of_letter
        self._connections = _Lane(math.inf, limits.per_second)
        self._queries = _Lane(math.inf, limits.queries_per_second)
        self._lanes: dict[tuple[str, ...], _Lane] = {}

    @asynccontextmanager
    async def turn(self, ask: Callable[[], Permit | Refused]) -> AsyncIterator[Permit | Refused]:
        """Wait until this connection or question may begin, and give leave for it as it stands then.

        `ask` is called before the wait and after it: a letter may be revoked in between. What is given counts as running
        until the context is left. Raises NotNowError as `ask` does.
        """
        permit = ask()
        if isinstance(permit, Refused):
            yield permit
            return
        asks = permit.method is Method.DNS
        at_once = self._limits.queries_at_once if asks else self._limits.per_address
        lanes = [self._lane(("address", permit.network, permit.address), (at_once, math.inf))]
        bounds = self._of_letter(permit.authorisation)
        if bounds != (math.inf, math.inf):
            lanes.append(self._lane(("letter", permit.authorisation), bounds))
        async with AsyncExitStack() as stack:
            for lane in (*lanes, self._queries if asks else self._connections):
                await stack.enter_async_context(lane.turn())
            yield ask()

    def _lane(self, key: tuple[str, ...], bounds: Bounds) -> _Lane:
        if key not in self._lanes:
            self._lanes[key] = _Lane(*bounds)
        return self._lanes[key]
