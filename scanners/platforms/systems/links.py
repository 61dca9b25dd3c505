"""Reads whether the links on a system's pages can be reached, over each family."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from scanners.platforms.reading import Reading
from scanners.platforms.systems.exchanges import Outcome
from scanners.platforms.systems.jsonl import LONGEST_URL, Family, bounded, cited, read_source, rows_of
from xunyan.facts import InnerLink
from xunyan.model import Capture

SOURCE = "links"
NOT_FOLLOWED = ("outside", "over-budget")


class Link(msgspec.Struct, frozen=True):
    """One link, tried over one family. `level` 2 stands on the first page, 3 on a page of level 2."""

    level: Literal[2, 3]
    url: str
    family: Family
    outcome: Outcome | Literal["error", "outside", "over-budget", "no-address"]


def read_links(sources: Mapping[str, Capture]) -> Reading:
    """Read one row for each link of each level out of `links`; of several addresses, one that answers is enough.

    A family over which it was not tried is `over-budget` or `outside` where the link was not followed at all, else empty.
    """
    return read_source(SOURCE, sources, _read)


def _read(capture: Capture) -> Reading:
    lines = rows_of(capture, Link)
    tried: dict[tuple[int, str], dict[int, str]] = {}
    for line in lines:
        outcomes = tried.setdefault((line.row.level, line.row.url), {})
        if outcomes.get(line.row.family, "") in {"", *NOT_FOLLOWED} or line.row.outcome == "answered":
            outcomes[line.row.family] = line.row.outcome
    facts = tuple(
        InnerLink(level, bounded(url, LONGEST_URL), _over(4, outcomes), _over(6, outcomes))
        for (level, url), outcomes in tried.items()
    )
    return Reading(facts, cited(capture, lines))


def _over(family: int, outcomes: Mapping[int, str]) -> str:
    other = next(iter(outcomes.values()), "")
    return outcomes.get(family, other if other in NOT_FOLLOWED else "")
