"""Which systems are one: filed rows, confirmed matches, and what was found that is one of those filed. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from controls.model import Blindness, Joined, Subject
from controls.places import WITHDRAWN, plain
from controls.urls import host_of
from xunyan.facts import DeclaredAs, Page, ServicePort
from xunyan.model import Evidence, LedgerRow, Observation

MATCHED = "matched_to"
_NEARLY = 20  # one part in so many is all that two lengths of one page may differ by

TELLING = ("answered", "redirect-outside", "redirect-no-address", "redirect-unanswered")
"""Outcomes of a page that say what it shows or where it leads."""

Spot = tuple[str, str]
"""A network, and a name or an address in it."""


def is_filed(row: LedgerRow | None) -> bool:
    """Tell whether a row stands in the ledger for itself: not withdrawn, and not only matched to another's."""
    return row is not None and not row.columns.get(WITHDRAWN) and not row.columns.get(MATCHED)


@dataclass(frozen=True, slots=True)
class Shown:
    """A first page that a filed system shows: whose it is, the page, and what proves it."""

    system: str
    page: Page
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """What is filed of systems: who has a name, and what stands at an address."""

    names: dict[Spot, tuple[str, Evidence]] = field(default_factory=dict)
    pages: dict[Spot, list[Shown]] = field(default_factory=dict)


def register(systems: Iterable[Subject]) -> Register:
    """Put together what the filed systems have; a name that two of them have is nobody's."""
    found = Register()
    disputed: set[Spot] = set()
    for system in systems:
        row = system.ledger
        if row is None or not is_filed(row):
            continue
        network = row.columns.get("network") or system.asset.network
        said = row.by_column.get("names", row.evidence)
        for name in row.columns.get("names", "").lower().split():
            spot = (network, name.rstrip("."))
            if found.names.setdefault(spot, (system.asset.key, said))[0] != system.asset.key:
                disputed.add(spot)
        pages = system.observations.get("pages")
        for page in _answered(pages):
            shown = Shown(system.asset.key, page, pages.evidence if pages is not None else ())
            found.pages.setdefault((page.network, plain(page.address)), []).append(shown)
    for spot in disputed:
        del found.names[spot]
    return found


def observe_kinship(subject: Subject, filed: Register) -> Observation | tuple[Blindness, ...]:
    """Say which filed system a found one is: everything that it shows leads there, or is that one's page at its address.

    One page alone does not tell: a name that has a site of its own on port 80 is often answered on port 443 by whatever
    stands first there. Nor do pages that several filed systems show. Where all that was seen leads to one and something
    was not seen, nobody knows.
    """
    pages = subject.observations.get("pages")
    if pages is None:
        return subject.blind.get("pages", ())
    shown = [page for page in pages.facts if isinstance(page, Page)]
    each = [_kin(page, filed) for page in shown if page.outcome in TELLING]
    common = set.intersection(*(set(one) for one in each)) - {subject.asset.key} if each else set()
    unseen = _unseen(shown, subject.observations.get("service-ports"))
    if len(common) == 1 and unseen:
        return unseen
    facts: dict[DeclaredAs, tuple[Evidence, ...]] = {}
    if len(common) == 1:
        (system,) = common
        for why, proof in (one[system] for one in each):
            fact = DeclaredAs(system, why)
            facts[fact] = tuple(dict.fromkeys((*facts.get(fact, pages.evidence), *proof)))
    evidence = dict.fromkeys((*pages.evidence, *(one for proof in facts.values() for one in proof)))
    return Joined("declared-as", tuple(facts), tuple(evidence), tuple(facts.values()))


def _unseen(pages: list[Page], ports: Observation | None) -> tuple[Blindness, ...]:
    """Say which pages did not come, and which open ports nobody read a page of; one address of each family is enough."""
    found = [Blindness("http", page.outcome, page.url) for page in pages if page.outcome not in TELLING]
    read = {(page.network, page.family, page.port, spot) for page in pages for spot in (page.name, page.address)}
    for row in ports.facts if ports is not None else ():
        if isinstance(row, ServicePort) and row.outcome == "open":
            spots = {(row.network, row.family, row.port, spot) for spot in (row.name or row.address, row.address)}
            if not spots & read:
                found.append(Blindness("http", "not-asked", f"{row.name or row.address}:{row.port}"))
    return tuple(dict.fromkeys(found))


def _kin(page: Page, filed: Register) -> dict[str, tuple[str, tuple[Evidence, ...]]]:
    """Map the key of each filed system that one page speaks of to how it does, and what proves it."""
    led = _leads_to(page, filed)
    if led is not None:  # where it leads says more than whom the page there looks like
        return {led[0]: ("redirect", (led[1],))}
    return {
        other.system: ("same-page", other.evidence)
        for other in filed.pages.get((page.network, plain(page.address)), ())
        if page.outcome == "answered" and _same(page, other.page)
    }


def _leads_to(page: Page, filed: Register) -> tuple[str, Evidence] | None:
    host = host_of(page.final_url)
    return filed.names.get((page.network, host)) if host and host != host_of(page.url) else None


def _same(one: Page, other: Page) -> bool:
    """Equal status and title, and a text of nearly one length; a page without a title is like any other without."""
    lengths = (one.text_length, other.text_length)
    near = max(lengths) - min(lengths) <= max(lengths) // _NEARLY
    return bool(one.title) and one.title == other.title and one.status == other.status and near


def _answered(pages: Observation | None) -> list[Page]:
    rows = pages.facts if pages is not None else ()
    return [row for row in rows if isinstance(row, Page) and row.outcome == "answered"]


def roots(systems: Iterable[Subject], declared: Mapping[str, Observation]) -> dict[str, str]:
    """Map each system's asset id to the key of the system that it is in the end: its own, or the filed one's.

    `declared`: the observations of kinship by asset id.
    """
    found: dict[str, str] = {}
    for system in systems:
        row = system.ledger
        matched = row.columns.get(MATCHED, "") if row is not None else ""
        kin = declared.get(system.asset.id)
        known = {fact.system for fact in kin.facts if isinstance(fact, DeclaredAs)} if kin is not None else set()
        found[system.asset.id] = matched or (known.pop() if len(known) == 1 else system.asset.key)
    return found
