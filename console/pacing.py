"""How fast and how many at once: bounds on a target, a network, a host in between, a letter, and in all."""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Group: TypeAlias = tuple[str, ...]
"""What a bound is on: ("all",), ("network", N), ("route", R), ("letter", L), ("address", N, A)"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many at once, and so many begun in a second; `pause` seconds between an end and the next beginning."""

    at_once: float = math.inf
    per_second: float = math.inf
    pause: float = 0.0


@dataclass(slots=True)
class _State:
    running: int = 0
    next_start: float = -math.inf


class Pace:
    """Counts what runs in each group. Times are seconds of a clock that never goes back."""

    def __init__(self, limits: Mapping[str, Limit], own: Mapping[Group, Limit]) -> None:
        """`limits` are for each group of a kind, by its first word; `own` for a single group."""
        self._limits = limits
        self._own = own
        self._states: dict[Group, _State] = {}

    def wait(self, groups: Iterable[Group], now: float) -> float:
        """Seconds until one more may begin: 0 for at once, infinity until something ends."""
        return max((self._wait(group, now) for group in groups), default=0.0)

    def begin(self, groups: Iterable[Group], now: float) -> None:
        """Count one that begins."""
        for group in groups:
            state = self._states.setdefault(group, _State())
            state.running += 1
            rate = self._limit(group).per_second
            if rate < math.inf:
                state.next_start = max(state.next_start, now) + 1 / rate

    def end(self, groups: Iterable[Group], now: float) -> None:
        """Count one that ended."""
        for group in groups:
            state = self._states[group]
            state.running -= 1
            pause = self._limit(group).pause
            if pause:
                state.next_start = max(state.next_start, now + pause)
            elif not state.running and group[0] == "address":
                del self._states[group]  # there are as many as targets

    def _wait(self, group: Group, now: float) -> float:
        state = self._states.get(group)
        if state is None:
            return 0.0
        if state.running >= self._limit(group).at_once:
            return math.inf
        return max(0.0, state.next_start - now)

    def _limit(self, group: Group) -> Limit:
        return self._own.get(group) or self._limits.get(group[0]) or Limit()


@dataclass(slots=True)
class Lanes:
    """Targets that wait, in lanes that share network, host in between and letter, so that a full one holds up no other."""

    groups: Mapping[int, tuple[Group, ...]]
    _lanes: dict[tuple[Group, ...], deque[int]] = field(default_factory=dict)

    def add(self, place: int) -> None:
        """Let a target wait."""
        self._lanes.setdefault(self._lane(place), deque()).append(place)

    def drop(self, group: Group) -> list[int]:
        """Take out all that wait in a group, such as a network that fell silent."""
        dropped: list[int] = []
        for lane in [lane for lane in self._lanes if group in lane]:
            dropped += self._lanes.pop(lane)
        return dropped

    def __len__(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())

    def take(self, pace: Pace, now: float) -> tuple[int | None, float]:
        """Take the next that may begin; else None and the seconds to wait, infinity until something ends."""
        soonest = math.inf
        for lane, waiting in self._lanes.items():
            wait = pace.wait(lane, now)
            if wait:
                soonest = min(soonest, wait)
                continue
            for _ in range(min(len(waiting), 50)):  # an address that is being asked goes to the end of its lane
                place = waiting.popleft()
                wait = pace.wait(self.groups[place], now)
                if not wait:
                    if waiting:  # lanes take turns
                        self._lanes[lane] = self._lanes.pop(lane)
                    else:
                        del self._lanes[lane]
                    return place, 0.0
                waiting.append(place)
                soonest = min(soonest, wait)
        return None, soonest

    def _lane(self, place: int) -> tuple[Group, ...]:
        return tuple(group for group in self.groups[place] if group[0] != "address")
