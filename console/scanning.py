"""The loop of a scan: who waits is begun as the bounds allow, until nobody is left or care demands a stop."""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

from console.asking import Asker, Result
from console.pacing import Group, Lanes, Pace
from console.silence import Silence
from console.ways import Way
from scanners.transports.carrying import Answer, Order
from xunyan.model import GapReason
from xunyan.permits import Target
from xunyan.wording import Text

TICK = 0.5
BATCH = 4
"""Targets of one ansible run, for each of its forks: few enough that letters and hours are looked at often."""

STOPPED = Text("按要求停止", "stopped as asked")
SILENT = (GapReason.UNREACHABLE, GapReason.TIMEOUT)
Carry: TypeAlias = Callable[[Sequence[Order]], Generator[tuple[Order, Answer]]]


@dataclass(slots=True)
class Tally:
    """What came of a sitting: of `due` probes so many done and so many gaps, hosts read whole, and why it stopped early."""

    due: int
    probes: int = 0
    gaps: int = 0
    hosts: int = 0
    read: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    stops: list[Text] = field(default_factory=list)
    waiting: Counter[Text] = field(default_factory=Counter)


class Sitting:
    """One sitting of a scan: what was dealt with, which networks and ways are closed, whether to go on."""

    def __init__(
        self,
        targets: Sequence[Target],
        chosen: Sequence[Way],
        silence: Silence,
        tally: Tally,
        say: Callable[[Tally], None],
    ) -> None:
        self.targets = targets
        self.chosen = chosen
        self.tally = tally
        self.stop = threading.Event()
        self._silence = silence
        self._say = say
        self._closed: dict[Group, Text] = {}

    def closed(self, place: int) -> Text | None:
        """Say why a target is not begun in this sitting, where its network fell silent or its way is closed."""
        if self.stop.is_set():
            return STOPPED
        by_network = self._closed.get(("network", self.targets[place].network))
        return by_network or self._closed.get(("route", self.chosen[place].route))

    def put_off(self, why: Text) -> None:
        """A target stays in the plan."""
        self.tally.waiting[why] += 1

    def note(self, place: int, result: Result) -> None:
        """Take note of what became of a target, and draw the consequences."""
        target, tally = self.targets[place], self.tally
        if result.waits is not None:
            self.put_off(result.waits)
            if result.hop:
                name = self.chosen[place].route
                self._close(
                    ("route", name),
                    Text(f"路由 {name} 不通：{result.waits.zh}", f"route {name} failed: {result.waits.en}"),
                )
        elif result.done is not None:
            done = result.done
            tally.hosts += 1
            tally.probes += done.captures + done.gaps
            tally.gaps += done.gaps
            tally.read += not done.reason
            if done.reason:
                tally.reasons[done.reason, done.detail] += 1
            silent = done.reason in SILENT
            if self._silence.note(target.network, silent=silent):
                self._close(
                    ("network", target.network),
                    Text(
                        f"地址域 {target.network} 突然没有应答（连续 {self._silence.streak} 台），已暂停：先查网络和防护设备是否拦截",
                        f"network {target.network} fell silent ({self._silence.streak} hosts on end) and is paused: look at the network first",
                    ),
                )
        self._say(tally)

    def _close(self, group: Group, why: Text) -> None:
        if group not in self._closed:
            self._closed[group] = why
            self.tally.stops.append(why)


class Crew:
    """Asks targets with threads, as the bounds allow."""

    def __init__(
        self,
        sitting: Sitting,
        asker: Asker,
        ask: Callable[[Order], Answer],
        groups: Mapping[int, tuple[Group, ...]],
        pace: Pace,
        threads: int,
    ) -> None:
        self._sitting = sitting
        self._asker = asker
        self._ask = ask
        self._groups = groups
        self._pace = pace
        self._threads = threads
        self._lanes = Lanes(groups)
        self._ended: queue.Queue[tuple[int, Result | BaseException]] = queue.Queue()
        self._running = 0
        self._broken: BaseException | None = None

    def work(self, places: Iterable[int]) -> None:
        """Ask all of these. Whatever is under way when it has to stop is brought to its end.

        Raises what went wrong on our own side, such as a full disk, after that.
        """
        for place in places:
            self._lanes.add(place)
        with ThreadPoolExecutor(self._threads, "ask") as pool:
            while self._running or (self._broken is None and len(self._lanes)):
                self._hear(self._begin(pool) if self._broken is None else TICK)
        if self._broken is not None:
            raise self._broken

    def _begin(self, pool: ThreadPoolExecutor) -> float:
        """Begin all that may begin now; return how long to wait for the next."""
        while self._running < self._threads:
            place, wait = self._lanes.take(self._pace, time.monotonic())
            if place is None:
                return min(wait, TICK)
            why = self._sitting.closed(place)
            if why is not None:
                self._sitting.put_off(why)
                continue
            self._pace.begin(self._groups[place], time.monotonic())
            self._running += 1
            pool.submit(self._one, place)
        return TICK

    def _one(self, place: int) -> None:
        try:
            order = self._asker.begin(place, self._sitting.chosen[place])
            result = self._asker.finish(place, order, self._ask(order)) if isinstance(order, Order) else order
        except BaseException as error:  # noqa: BLE001  # handed to the loop, which raises it
            self._ended.put((place, error))
        else:
            self._ended.put((place, result))

    def _hear(self, seconds: float) -> None:
        """Wait so long for something to end, and take note of it."""
        try:
            place, result = self._ended.get(timeout=max(0.001, seconds))
        except queue.Empty:
            return
        self._running -= 1
        self._pace.end(self._groups[place], time.monotonic())
        if isinstance(result, BaseException):
            self._broken = self._broken or result
        else:
            self._sitting.note(place, result)


def ask_in_batches(sitting: Sitting, places: Sequence[int], asker: Asker, carry: Carry, forks: int) -> None:
    """Ask targets by a carrier that takes many at once, in batches that are permitted just before."""
    left = iter(places)
    while batch := list(islice(left, forks * BATCH)):
        orders: list[Order] = []
        place_of: dict[int, int] = {}
        for place in batch:
            why = sitting.closed(place)
            if why is not None:
                sitting.put_off(why)
                continue
            order = asker.begin(place, sitting.chosen[place])
            if isinstance(order, Order):
                place_of[id(order)] = place
                orders.append(order)
            else:
                sitting.note(place, order)
        if orders:
            with closing(carry(orders)) as answers:
                for order, answer in answers:
                    place = place_of[id(order)]
                    sitting.note(place, asker.finish(place, order, answer))
