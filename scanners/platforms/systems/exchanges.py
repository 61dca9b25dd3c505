"""Requests for first pages, each with the redirects that it led through: the lines of `http`, joined."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

import msgspec

from scanners.platforms.systems import html
from scanners.platforms.systems.jsonl import Family, Line, OddLineError, address_in, rows_of
from scanners.platforms.systems.ports import Port
from scanners.platforms.systems.urls import resolve
from xunyan.model import Capture

SOURCE = "http"
NOT_FOLLOWED = frozenset({"redirect-outside", "redirect-no-address", "redirect-unanswered"})
THERE = frozenset({"answered", "redirect-loop", *NOT_FOLLOWED})
KEPT = 4  # one asset's, since two readers look at the same one
Outcome = Literal[
    "answered", "timeout", "refused", "unreachable", "reset", "malformed", "redirect-loop", "redirect-outside",
    "redirect-no-address", "redirect-unanswered", "no-route", "not-permitted", "failed",
]  # fmt: skip


class Request(msgspec.Struct, frozen=True):
    """One request over one address and what came back. `hop` 0 is the first; `start` is that one's `url`."""

    network: str
    url: str
    name: str
    address: str
    family: Family
    port: Port
    read: Literal[1, 2]
    hop: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    start: str
    outcome: Outcome
    status: Annotated[int, msgspec.Meta(ge=0, le=999)]
    location: str
    content_type: str
    certificate: str
    body: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One reading of a first page over one address, hop by hop."""

    address: str
    hops: tuple[Line[Request], ...]

    @property
    def first(self) -> Request:
        """What was asked for at first."""
        return self.hops[0].row

    @property
    def last(self) -> Request:
        """What came at the end."""
        return self.hops[-1].row

    @property
    def is_there(self) -> bool:
        """Whether the other side said something that can be compared, were it only where to go."""
        return self.last.outcome in THERE and self.last.status > 0

    @property
    def redirects(self) -> int:
        """How many redirects were answered, the one that was not followed among them."""
        return len(self.hops) - 1 + self.last.outcome.startswith("redirect-")

    @property
    def final_url(self) -> str:
        """Where it ended. A redirect that was not followed ends where it leads."""
        led = resolve(self.last.url, self.last.location) if self.last.outcome in NOT_FOLLOWED else ""
        return led or self.last.url

    @property
    def title(self) -> str:
        """The title of the page at the end."""
        return html.title(self.last.body) if _is_page(self.last) else ""

    @property
    def text(self) -> str:
        """The visible text of the page at the end; of what is no page, all of it."""
        return html.visible_text(self.last.body) if _is_page(self.last) else self.last.body


@lru_cache(maxsize=KEPT)
def exchanges_of(capture: Capture) -> tuple[Exchange, ...]:
    """Join the requests of a capture into readings, in the order of their first lines.

    A hop follows the last reading of the same start, family and turn that lacks it, one over the same address first.
    Raises OddLineError where a hop follows none.
    """
    found: list[tuple[str, list[Line[Request]]]] = []
    waiting: dict[tuple[object, ...], list[list[Line[Request]]]] = {}
    for line in rows_of(capture, Request):
        row = line.row
        address = address_in(line, row.address, row.family) if row.address or not row.hop else ""
        key = (row.network, row.start, row.family, row.read, row.hop)
        hops = _awaiting(waiting.get((*key, row.address)), row.hop) or _awaiting(waiting.get(key), row.hop) or []
        if row.hop and not hops:
            raise OddLineError(line.first, f"a request behind one of hop {row.hop - 1}")
        if not row.hop:
            found.append((address, hops))
        hops.append(line)
        following = (*key[:-1], row.hop + 1)
        waiting.setdefault(following, []).append(hops)
        waiting.setdefault((*following, row.address), []).append(hops)
    return tuple(Exchange(address, tuple(hops)) for address, hops in found)


def _awaiting(candidates: list[list[Line[Request]]] | None, hop: int) -> list[Line[Request]] | None:
    """Take the last reading that still ends before this hop."""
    while candidates:
        hops = candidates.pop()
        if len(hops) == hop:
            return hops
    return None


def chosen(exchanges: Iterable[Exchange]) -> Exchange | None:
    """Give the first that was answered, else the first."""
    every = tuple(exchanges)
    return next((one for one in every if one.is_there), every[0] if every else None)


def _is_page(row: Request) -> bool:
    """Tell whether a body is to be read as HTML. What does not say what it is mostly is."""
    kind = row.content_type.lower()
    return not kind.strip() or "html" in kind or "xml" in kind
