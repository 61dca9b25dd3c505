"""Rules on information systems: where they run, and what is filed of them against what is seen."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network

import msgspec

from controls.model import NoParams, Outcome, outcome
from controls.rules.standing import (
    UNSEEN,
    binding,
    is_filed,
    judged_elsewhere,
    not_bound,
    out_of_scope,
    unanswered_name,
    voice,
)
from controls.view import View
from xunyan.facts import DeclaredAs, NameAnswer, Page, Place, ServicePort
from xunyan.model import Asset, Status
from xunyan.names import shown
from xunyan.wording import Message

CLOUD = "government-cloud"
_WRONG = ("machine-room", "rented-room", "extranet")
_UNSURE = ("disputed", "internet", "shared-platform", "unknown")
_SHOWN = 3


class PlaceParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Addresses that lie nowhere, such as link-local ones, and the duties that bind new or upgraded systems alone."""

    not_a_place: tuple[str, ...]
    only: dict[str, frozenset[str]] = {}

    def __post_init__(self) -> None:
        for prefix in self.not_a_place:
            try:
                ip_network(prefix)
            except ValueError as error:
                raise ValueError(f"{prefix}: {error}") from error

    def ground(self, places: Iterable[Place]) -> "Ground":
        """Put together where a system lies, without what is no place."""
        return Ground(tuple(row for row in places if not self._is_nowhere(row.address)))

    def _is_nowhere(self, address: str) -> bool:
        try:
            read = ip_address(address)
        except ValueError:
            return False
        return any(read in ip_network(prefix) for prefix in self.not_a_place)


@dataclass(frozen=True, slots=True)
class Ground:
    """The places of a system. An address on which ranges of one size disagree is `disputed`."""

    rows: tuple[Place, ...]

    def kind(self, row: Place) -> str:
        """Give the kind of a place."""
        where = (row.network, row.address, row.mapped_to)
        kinds = {one.kind for one in self.rows if (one.network, one.address, one.mapped_to) == where}
        return row.kind if len(kinds) == 1 else "disputed"

    def of(self, kind: str) -> list[Place]:
        """List the places of one kind."""
        return [row for row in self.rows if self.kind(row) == kind]


def cloud_spared(_asset: Asset, view: View, params: PlaceParams) -> Outcome | None:
    """Out of scope, judged with the system that it is, or bound by no duty of this place."""
    return out_of_scope(view) or judged_elsewhere(view, ("same-page",)) or not_bound(view, params.only)


def on_government_cloud(_asset: Asset, view: View, params: PlaceParams) -> Outcome:
    """Every address of the system lies in a range of the government cloud, and something answers there."""
    found = _of_ground(view, params.ground(view.table(Place)))
    return replace(found, duties=binding(view, params.only))


def _of_ground(view: View, ground: Ground) -> Outcome:
    wrong = _led(view, ground, _WRONG, Status.NOT_SATISFIED)
    if wrong is not None:
        return wrong
    heard = voice(view)
    if heard == "unasked":
        return outcome(Status.NOT_OBSERVED, "unasked")
    if heard != "answers" or not ground.rows:
        return outcome(Status.NOT_OBSERVED, "silent")
    unsure = _led(view, ground, _UNSURE, Status.NEEDS_PERSON)
    if unsure is not None:
        return unsure
    unknown = unanswered_name(view)
    if unknown:
        return outcome(Status.NOT_OBSERVED, "name-unanswered", name=unknown)
    return outcome(Status.SATISFIED, "on-cloud", where=routes(ground.rows), of=str(len(addresses(ground.rows))))


def _led(view: View, ground: Ground, kinds: Iterable[str], status: Status) -> Outcome | None:
    """Name every way to the worst of some kinds of place; the count is of all addresses in any of them."""
    found = {kind: rows for kind in kinds if (rows := ground.of(kind))}
    if not found:
        return None
    rows = [row for of_kind in found.values() for row in of_kind]
    view.narrow(rows)
    kind, led = next(iter(found.items()))
    count, of = str(len(addresses(rows))), str(len(addresses(ground.rows)))
    return outcome(status, kind, where=routes(led), count=count, of=of)


def addresses(places: Iterable[Place]) -> set[tuple[str, str]]:
    """The different addresses of places."""
    return {(row.network, row.address) for row in places}


def routes(places: Iterable[Place]) -> str:
    """Write the first few ways from name over address to range."""
    ways = list(dict.fromkeys(route(row) for row in places))
    return "; ".join(ways[:_SHOWN]) + (f"; … ({len(ways)})" if len(ways) > _SHOWN else "")


def route(place: Place) -> str:
    """Write one way: name → address → inner address → range [holder]; `?` where no range holds it."""
    held = f"{shown(place.range)} [{shown(place.holder)}]" if place.holder else shown(place.range) or "?"
    parts = (shown(place.name, 80), place.address, shown(place.mapped_to), held)
    return " → ".join(part for part in parts if part)


_DECLARED = {
    "national-cloud": (CLOUD, "national"),
    "corps-cloud": (CLOUD, "corps"),
    "city-cloud": (CLOUD, "city"),
    "own-room": ("machine-room", ""),
    "rented-room": ("rented-room", ""),
}
_ROOMS = frozenset({"own-room", "rented-room"})


def declared_spared(_asset: Asset, view: View, _params: PlaceParams) -> Outcome | None:
    """Only what is filed can be held against what is seen."""
    if not is_filed(view):
        return not_filed(view)
    if not view.filed("declared_place"):
        return out_of_scope(view) or outcome(Status.NOT_APPLICABLE, "nothing-declared")
    return out_of_scope(view)


def not_filed(view: View) -> Outcome:
    """Spare a system that the ledger does not list; what was seen of it is the proof that it was looked at."""
    view.table(ServicePort)
    return outcome(Status.NOT_APPLICABLE, "not-filed")


def declared_place(_asset: Asset, view: View, params: PlaceParams) -> Outcome:
    """Where the system is seen to run is among the places that were declared for it."""
    words = shown(view.filed("deployment") or view.filed("declared_place"), 60)
    declared = view.filed("declared_place").split()
    ground = params.ground(view.table(Place))
    heard = voice(view)
    if heard == "unasked":
        return outcome(Status.NOT_OBSERVED, "unasked")
    if heard != "answers" or not ground.rows:
        return outcome(Status.NOT_OBSERVED, "silent")
    known = [one for one in declared if one in _DECLARED]
    if not known or len(known) < len(declared):
        return outcome(Status.NEEDS_PERSON, "unclear", declared=words, where=routes(ground.rows))
    return _of_declared(view, ground, known, words)


def _of_declared(view: View, ground: Ground, known: list[str], words: str) -> Outcome:
    stands = {row: _stands(row, ground.kind(row), known) for row in ground.rows}
    against = [row for row in ground.rows if stands[row] is False]
    if against:
        view.narrow(against)
        key = "other-cloud" if against[0].kind == CLOUD and _is_cloud(known) else against[0].kind
        return outcome(Status.NOT_SATISFIED, f"seen-{key}", declared=words, where=routes(against))
    unsure = [row for row in ground.rows if stands[row] is None]
    if unsure:
        return outcome(Status.NEEDS_PERSON, "cannot-tell", declared=words, where=routes(unsure))
    unknown = unanswered_name(view)
    if unknown:
        return outcome(Status.NOT_OBSERVED, "name-unanswered", name=unknown)
    unseen = [one for one in known if not any(_meets(row.kind, row.level, one) for row in ground.rows)]
    notices = (Message("declared-unseen", {"declared": words}),) if unseen else ()
    return Outcome(Status.SATISFIED, Message("agrees", {"declared": words, "where": routes(ground.rows)}), notices)


def _stands(place: Place, kind: str, declared: list[str]) -> bool | None:
    """Tell whether a place agrees with what was declared; None where that cannot be told."""
    if any(_meets(kind, place.level, one) for one in declared):
        return True
    if kind in _UNSURE or (kind == "extranet" and _ROOMS.intersection(declared)):
        return None  # a department's segment of the extranet may well be its room
    return False


def _meets(kind: str, level: str, declared: str) -> bool:
    asked, at = _DECLARED[declared]
    return kind == asked and (not at or not level or level == at)


def _is_cloud(declared: list[str]) -> bool:
    return any(_DECLARED[one][0] == CLOUD for one in declared)


class UndeclaredParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Titles of pages that make no information system: those that a server shows before anything is put on it, and those
    of the management of machines. They are looked for anywhere in the title, in lower case. A page without a title and
    with less than `least_text` characters counts with the first.
    """

    default_titles: tuple[str, ...]
    management_titles: tuple[str, ...]
    least_text: int

    def kind(self, page: Page) -> str:
        """Say what a page is: default-page, management-page, or page for one of somebody's own."""
        title = page.title.strip().lower()
        if any(one in title for one in self.default_titles) or (not title and page.text_length < self.least_text):
            return "default-page"
        return "management-page" if any(one in title for one in self.management_titles) else "page"


def undeclared_settled(_asset: Asset, view: View, _params: UndeclaredParams) -> Outcome | None:
    """A system that is filed is declared, whether it could be looked at or not."""
    if is_filed(view):
        return outcome(Status.SATISFIED, "filed", system=shown(view.filed("system"), 60) or "-")
    return judged_elsewhere(view, ("same-page", "redirect"))


def undeclared(_asset: Asset, view: View, params: UndeclaredParams) -> Outcome:
    """What answers with a page of its own stands in the ledger."""
    shown_pages, ports = view.table(Page), view.table(ServicePort)
    unseen = view.unseen(DeclaredAs) if shown_pages else ()
    if unseen:
        return outcome(Status.NEEDS_PERSON, "kin-unseen", unseen=shown(unseen[0].detail, 80))
    pages = [row for row in shown_pages if row.outcome == "answered"]
    telling = [row for row in pages if row.status < 400 or row.status == 401]
    kinds = [params.kind(row) for row in telling]
    if kinds:
        key = min(kinds, key=_KINDS.index)
        status = Status.NOT_SATISFIED if key == "page" else Status.NEEDS_PERSON
        return outcome(status, key, **_page(telling[kinds.index(key)]))
    opened = sorted({f"{row.address}:{row.port}" for row in ports if row.outcome == "open"})
    if pages or opened:
        return outcome(Status.NEEDS_PERSON, "ports", ports=", ".join(opened[:4]) or shown(pages[0].url, 80))
    if voice(view) == "unasked":
        return outcome(Status.NOT_OBSERVED, "unasked")
    if any(row.outcome in UNSEEN for row in ports):
        return outcome(Status.NOT_OBSERVED, "partly-asked")
    return outcome(Status.NOT_APPLICABLE, "silent")


_KINDS = ("page", "default-page", "management-page")


def _page(page: Page) -> dict[str, str]:
    return {"url": shown(page.url, 80), "title": shown(page.title, 40) or "-", "code": str(page.status)}


def dead_spared(_asset: Asset, view: View, _params: NoParams) -> Outcome | None:
    """Only what is filed can be filed and dead."""
    return out_of_scope(view) if is_filed(view) else not_filed(view)


def declared_but_dead(_asset: Asset, view: View, _params: NoParams) -> Outcome:
    """Something of a filed system answers. Silence is a lead for a person and no proof: it may be seasonal."""
    ports = view.table(ServicePort)
    heard = voice(view)
    if heard == "answers":
        opened = sorted({f"{row.address}:{row.port}" for row in ports if row.outcome == "open"})
        return outcome(Status.SATISFIED, "answers", ports=", ".join(opened[:4]) or "-")
    if any(row.outcome in ("not-permitted", "failed") for row in ports):
        return outcome(Status.NOT_OBSERVED, "partly-asked")
    if heard == "unasked":
        return outcome(Status.NOT_OBSERVED, "no-route")
    return _of_silence(view, ports)


def _of_silence(view: View, ports: tuple[ServicePort, ...]) -> Outcome:
    unknown = unanswered_name(view)
    if unknown:
        return outcome(Status.NOT_OBSERVED, "name-unanswered", name=unknown)
    names = view.table(NameAnswer)
    if not names and not ports:
        return outcome(Status.NOT_OBSERVED, "nothing-filed")
    asked = ", ".join(sorted({f"{row.address}:{row.port}" for row in ports})[:4])
    asked = asked or ", ".join(sorted({shown(row.name, 80) for row in names})[:4])
    seasonal = view.filed("seasonal") == "是"
    return outcome(Status.NEEDS_PERSON, "silent-seasonal" if seasonal else "silent", asked=asked)
