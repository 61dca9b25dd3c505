"""Looking at many systems at once, as many as the bounds allow, until nobody is left or a stop is asked for."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scanners.systems.asking import NotNowError
from scanners.systems.looking import Looked, Looking
from xunyan.permits import Target
from xunyan.wording import Text


@dataclass(frozen=True, slots=True)
class Crew:
    """Looks at systems and hands over what each gave.

    `keep` is called from another thread, with the target's place and what was seen, and what it returns is given to `note`
    from the thread that works; `put_off` hears of a target that has to wait for the hours of its letter.
    """

    looking: Callable[[], Looking]
    keep: Callable[[int, Looked], object]
    note: Callable[[int, object], None]
    put_off: Callable[[int, Text], None]
    stop: threading.Event

    def work(self, targets: Iterable[tuple[int, Target]], concurrency: int) -> None:
        """Look at all of these. What is under way at a stop is brought to its end. Raises what `keep` raises."""
        asyncio.run(self._work(iter(targets), concurrency))

    async def _work(self, left: Iterator[tuple[int, Target]], concurrency: int) -> None:
        looking = self.looking()
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(self._one_by_one(looking, left))

    async def _one_by_one(self, looking: Looking, left: Iterator[tuple[int, Target]]) -> None:
        for place, target in left:
            if self.stop.is_set():
                return
            try:
                looked = await looking.look(target)
            except NotNowError as error:
                self.put_off(place, error.why)
                continue
            self.note(place, await asyncio.to_thread(self.keep, place, looked))
