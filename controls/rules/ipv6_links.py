"""The rule on inner links: how many of the second and third level can be reached over IPv6, as the monitoring counts."""

from dataclasses import dataclass

from controls.model import Outcome, outcome
from controls.rules.ipv6_addresses import Prefixes
from controls.rules.ipv6_names import silent
from controls.rules.ipv6_parity import ERROR, earlier, unlooked
from controls.rules.ipv6_services import reach
from controls.view import View
from xunyan.facts import InnerLink, Page
from xunyan.model import Asset, Status
from xunyan.names import shown
from xunyan.wording import Message

LINKS = "inner links"
_LEFT_OUT = ("outside", "over-budget", "not-permitted", "failed")


class LinkParams(Prefixes, frozen=True):
    """As Prefixes; and how many links of each level must be reached over IPv6, per mille."""

    second_level: int
    third_level: int

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("second_level", "third_level"):
            if not 0 <= getattr(self, name) <= 1000:
                raise ValueError(f"{name}: per mille, from 0 to 1000")


@dataclass(frozen=True, slots=True)
class Level:
    """The links of one level: those reached over IPv6, those that are dead over both families, and the rest."""

    good: tuple[InnerLink, ...]
    dead: tuple[InnerLink, ...]
    broken: tuple[InnerLink, ...]

    @property
    def rate(self) -> int:
        """Reached of all that are not dead, per mille and never rounded up."""
        living = len(self.good) + len(self.broken)
        return 1000 * len(self.good) // living if living else 1000

    def __str__(self) -> str:
        return f"{len(self.good)}/{len(self.good) + len(self.broken)}"


def inner_links(_asset: Asset, view: View, params: LinkParams) -> Outcome:
    """As many inner links as asked can be reached over IPv6. A link that is dead over both families is no fault of IPv6."""
    rows = view.table(InnerLink)
    gone = silent(view)
    if gone is not None:
        return gone
    home = next((page for page in view.table(Page) if page.outcome == "answered" and page.status < ERROR), None)
    if not rows:
        return _of_no_links(home, view, params)
    if not any(row.v6 == "answered" for row in rows):
        before = reach(view, params, home)
        if before.status is not Status.SATISFIED:
            return earlier(before)
    asked = [row for row in rows if row.v6 and row.v4 not in _LEFT_OUT and row.v6 not in _LEFT_OUT]
    if not asked:
        return outcome(Status.NOT_OBSERVED, "none-asked")
    tested = [row for row in asked if row.v6 == "answered" or "no-route" not in (row.v4, row.v6)]
    if not tested:
        return outcome(Status.NOT_OBSERVED, "no-route", url=shown(asked[0].url, 80))
    return _of_rates(rows, tested, params)


def _of_no_links(home: Page | None, view: View, params: LinkParams) -> Outcome:
    """Only a first page that came can be without links."""
    if home is not None:
        return outcome(Status.NOT_APPLICABLE, "no-links")
    return unlooked(view, params) or outcome(Status.NOT_OBSERVED, "no-page")


def _of_rates(rows: tuple[InnerLink, ...], asked: list[InnerLink], params: LinkParams) -> Outcome:
    levels = {level: _level([row for row in asked if row.level == level]) for level in (2, 3)}
    told = {"two": str(levels[2]), "three": str(levels[3])}
    notices = []
    dead = [row for level in levels.values() for row in level.dead]
    if dead:
        notices.append(Message("dead", {"count": str(len(dead)), "url": shown(dead[0].url, 80)}))
    if len(asked) < len(rows):
        notices.append(Message("left-out", {"count": str(len(rows) - len(asked)), "of": str(len(rows))}))
    if not any(level.good or level.broken for level in levels.values()):
        return outcome(Status.NOT_OBSERVED, "all-dead", count=str(len(dead)))
    for level, asks in ((2, params.second_level), (3, params.third_level)):
        if levels[level].rate < asks:
            args = {"rate": str(levels[level].rate), "asks": str(asks), "url": shown(levels[level].broken[0].url, 80)}
            key = "second-level" if level == 2 else "third-level"
            return Outcome(Status.NOT_SATISFIED, Message(key, {**told, **args, "hop": LINKS}), tuple(notices))
    return Outcome(Status.SATISFIED, Message("enough", told), tuple(notices))


def _level(rows: list[InnerLink]) -> Level:
    good = tuple(row for row in rows if row.v6 == "answered")
    missed = [row for row in rows if row.v6 != "answered"]
    dead = tuple(row for row in missed if row.v4 != "answered")
    return Level(good, dead, tuple(row for row in missed if row.v4 == "answered"))
