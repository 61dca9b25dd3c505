"""How originals become observations: readers, the lines they cite, and what they could not read."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xunyan.facts import Fact
from xunyan.model import Capture, Evidence, GapReason, IdentityKey, Observation

QUOTE_LINES = 4
QUOTE_LENGTH = 240
NOTHING = re.compile(r"(?!)")
"""The form of nothing."""
KEPT_ANSWERS = 32  # one asset's, since several readers look at the same ones


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of an asset's captures.

    `evidence` empty: none of its sources was there. `unreadable`: (source, why) of each that was there in a shape that
    this reader does not know; it becomes a gap, never an empty table.
    """

    facts: tuple[Fact, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one observation out of several sources of one asset.

    `read` takes the captures by source and is pure. `part_is_enough`: a cut answer still proves what it shows (a
    processor's name), where for a table the missing rest could hold anything. `named`: the form of further sources, which
    end with a name that the target itself gave.
    """

    name: str
    sources: tuple[str, ...]
    read: Callable[[Mapping[str, Capture]], Reading]
    part_is_enough: bool = False
    named: re.Pattern[str] = NOTHING

    def of(self, answered: Mapping[str, Capture]) -> dict[str, Capture]:
        """Give the captures that this reads, its own sources first."""
        own = {source: answered[source] for source in self.sources if source in answered}
        return own | {source: one for source, one in sorted(answered.items()) if self.named.fullmatch(source)}


@dataclass(frozen=True, slots=True)
class Blind:
    """A source that was answered but could not be read."""

    source: str
    capture: str
    reason: GapReason
    detail: str


@lru_cache(maxsize=KEPT_ANSWERS)
def lines_of(capture: Capture) -> tuple[str, ...]:
    """Give the lines of a capture, without the mark that some editors put before the first."""
    return tuple(capture.text.removeprefix("\ufeff").splitlines())


def odd(number: int, line: str, what: str) -> str:
    """Say which line is not what was expected, with its beginning."""
    return f"line {number} is not {what}: {line.strip()[:100]}"


def cite(capture: Capture, first: int, last: int, lines: Sequence[str] | None = None) -> Evidence:
    """Point at lines `first` to `last` (from 1) of a capture; the quote holds the beginning of them."""
    if lines is None:
        lines = lines_of(capture)
    shown = "\n".join(line.rstrip() for line in lines[first - 1 : min(last, first - 1 + QUOTE_LINES)])
    if len(shown) > QUOTE_LENGTH:
        shown = shown[: QUOTE_LENGTH - 1] + "…"
    return Evidence(capture.id, capture.source, first, last, shown, capture.envelope.taken_at)


def cite_all(capture: Capture, lines: Sequence[str]) -> Evidence:
    """Point at the whole of a capture."""
    return cite(capture, 1, max(1, len(lines)), lines)


def observe(
    readers: Iterable[Reader], captures: Mapping[str, Capture]
) -> tuple[tuple[Observation, ...], tuple[Blind, ...]]:
    """Read one asset's captures (by source) with each reader: what they say, and what could not be read.

    A capture of a command that failed (exit not 0) is not read: its text is an error message, not an answer.
    """
    observations: list[Observation] = []
    blind: dict[str, Blind] = {}
    answered: dict[str, Capture] = {}
    for source, capture in captures.items():
        if capture.exit not in (0, None):
            detail = capture.text.strip().splitlines()
            blind[source] = Blind(
                source, capture.id, GapReason.UNSUPPORTED, f"exit {capture.exit}: {detail[0][:200] if detail else ''}"
            )
        else:
            answered[source] = capture
    for reader in readers:
        own = reader.of(answered)
        if not reader.part_is_enough:
            cut = [source for source, capture in own.items() if capture.truncated]
            for source in cut:
                blind[source] = Blind(source, own.pop(source).id, GapReason.TOO_LARGE, "the answer was cut")
        if not own:
            continue
        reading = reader.read(own)
        for source, why in reading.unreadable:
            blind.setdefault(source, Blind(source, own[source].id, GapReason.UNPARSABLE, why))
        if reading.evidence:
            observations.append(Observation(reader.name, reading.facts, reading.evidence))
    return tuple(observations), tuple(blind[source] for source in sorted(blind))


def _none(_captures: Mapping[str, Capture]) -> tuple[str, ...]:
    return ()


def _all(captures: Mapping[str, Capture]) -> Mapping[str, Capture]:
    return captures


@dataclass(frozen=True, slots=True)
class Platform:
    """One kind of system: what a complete answer holds, how it is read, and how the machine is known again.

    `identifying`: the sources that `identify` looks at. `extra`: sources that are kept but read into nothing.
    `ending`: the source that a collector writes last, so that a file without it was cut. `naming`: the source
    in which a target gives the names that other sources end with; `further` gives those that are due by its answer, and
    `current` leaves out, of an asset's newest captures by source, those whose name it does not give any more.
    """

    sources: tuple[str, ...]
    readers: tuple[Reader, ...]
    identify: Callable[[Mapping[str, Capture]], tuple[IdentityKey, ...]]
    identifying: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    ending: str = ""
    naming: str = ""
    further: Callable[[Mapping[str, Capture]], tuple[str, ...]] = _none
    current: Callable[[Mapping[str, Capture]], Mapping[str, Capture]] = _all

    @property
    def known(self) -> frozenset[str]:
        """Every source that this platform can be asked for or is read from."""
        return frozenset(self.sources + self.extra + tuple(source for one in self.readers for source in one.sources))

    def knows(self, source: str) -> bool:
        """Tell whether this platform can have an answer to a source; also to one that ends with a name."""
        return source in self.known or self.is_named(source)

    def is_named(self, source: str) -> bool:
        """Tell whether a source ends with a name that the target itself gave."""
        return any(one.named.fullmatch(source) for one in self.readers)
