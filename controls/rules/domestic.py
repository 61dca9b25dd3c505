"""Rules on domestic CPUs and operating systems, and on products that passed the safe-and-reliable evaluation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec

from controls.evaluated import EvaluatedProducts, Listing, find_processor, find_system, has_number
from controls.model import Days, Outcome, outcome
from controls.view import View
from xunyan.facts import OperatingSystem, Processor
from xunyan.model import Asset, Status
from xunyan.wording import Message


class ProcessorParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """CPU makers that are domestic, and those that are certainly not. Any other is for a person."""

    domestic: frozenset[str]
    foreign: frozenset[str]


def processor(_asset: Asset, view: View, params: ProcessorParams) -> Outcome:
    """A domestic CPU, by what the CPU itself shows; the brand on the case is not looked at."""
    cpu = view.one(Processor)
    shown = {"vendor": cpu.vendor or "-", "model": cpu.model or cpu.family or "-"}
    if cpu.disputed:
        claims = "；".join(f"{c.source}: {c.vendor or '-'} {c.model or c.family}".strip() for c in cpu.claims)
        return outcome(Status.NEEDS_PERSON, "disputed", claims=claims)
    if cpu.hidden:
        return outcome(Status.NEEDS_PERSON, "hidden", **shown)
    if cpu.vendor in params.domestic:
        return outcome(Status.SATISFIED, "domestic-guest" if cpu.through_hypervisor else "domestic", **shown)
    if cpu.vendor in params.foreign:
        return outcome(Status.NOT_SATISFIED, "foreign", **shown)
    if cpu.vendor == "arm":
        return outcome(Status.NEEDS_PERSON, "bare-arm", **shown)
    return outcome(Status.NEEDS_PERSON, "unknown", **shown)


class SystemParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Product lines of domestic makers, domestic community editions, and systems that are certainly foreign."""

    domestic: frozenset[str]
    community: frozenset[str]
    foreign: frozenset[str]


def operating_system(_asset: Asset, view: View, params: SystemParams) -> Outcome:
    """A domestic operating system, by its release files held against its packages' origin and its kernel."""
    system = view.one(OperatingSystem)
    shown = {"shown": system.shown or "-", "family": system.family or "-"}
    if system.disputed:
        told = [c for c in system.claims if c.family or c.source == "release-package"]
        claims = "；".join(f"{c.source}: {c.shown or c.family}" for c in told)
        return outcome(Status.NEEDS_PERSON, "disputed", claims=claims)
    if system.container:
        return outcome(Status.NEEDS_PERSON, "container", **shown)
    if system.family in params.domestic:
        status, key = (Status.SATISFIED, "domestic") if system.corroborated else (Status.NEEDS_PERSON, "uncorroborated")
        return outcome(status, key, **shown)
    if system.family in params.community:
        return outcome(Status.NEEDS_PERSON, "community", **shown)
    if system.family in params.foreign:
        return outcome(Status.NOT_SATISFIED, "foreign", **shown)
    return outcome(Status.NEEDS_PERSON, "unknown", **shown)


class EvaluatedParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many days ahead the lapse of a listing is announced."""

    warn_days: Days


@dataclass(frozen=True, slots=True)
class Answer:
    """What the list says of one product on one day."""

    standing: Literal["listed", "lapsed", "absent", "not-yet", "unsure", "unseen"]
    product: str
    announcement: str = ""
    expires: date | None = None


_WORST = ("lapsed", "absent", "not-yet", "unseen", "unsure", "listed")
_KEYS = {"lapsed": "lapsed-unsure", "absent": "absent-unsure", "not-yet": "not-yet-listed"}


def evaluated_product(_asset: Asset, view: View, params: EvaluatedParams) -> Outcome:
    """CPU and operating system both in the list that was in force when the machine was bought.

    Where the ledger files no procurement date, or one to come, the day of judgement is taken and said so.
    """
    filed = _date(view.filed("procured_on"))
    procured = filed if filed is not None and filed <= view.day else None
    day = procured or view.day
    products = view.products()
    cpu = _cpu_answer(view.one(Processor), products, day)
    system = _system_answer(view.one(OperatingSystem), products, day)
    notices = (*_of_date(filed, view.day), *_lapsing((cpu, system), view.day, params.warn_days))
    args = {"day": day.isoformat(), "cpu": _shown(cpu), "os": _shown(system)}
    worst = min((cpu.standing, system.standing), key=_WORST.index)
    if worst == "listed":
        return Outcome(Status.SATISFIED, Message("listed", args), notices)
    # Only a person who has copied whole tables can say that what is not there, or lapsed, was not listed anew; and a
    # lapse counts only where it is known that the machine was bought after it.
    complete = products.list.complete_through is not None and day <= products.list.complete_through
    counted = ("absent", "lapsed") if procured is not None else ("absent",)
    certain = [one for one in counted if one in (cpu.standing, system.standing)]
    if complete and certain:  # one half that certainly was not listed is enough, whatever can be said of the other
        return Outcome(Status.NOT_SATISFIED, Message(certain[0], args), notices)
    return Outcome(Status.NEEDS_PERSON, Message(_KEYS.get(worst, worst), args), notices)


def _cpu_answer(cpu: Processor, products: EvaluatedProducts, day: date) -> Answer:
    name = cpu.model or cpu.family or cpu.vendor
    if cpu.hidden or cpu.disputed or cpu.model_disputed or not cpu.model or not cpu.vendor:
        return Answer("unseen", name or "CPU")  # a family (a core's name), a maker, or words of no maker are no product
    listings = find_processor(products, cpu.vendor, cpu.model)
    return _answer(listings, name, day) if listings or has_number(cpu.model) else Answer("unseen", name)


def _system_answer(system: OperatingSystem, products: EvaluatedProducts, day: date) -> Answer:
    name = system.shown or system.family
    if system.disputed or system.container or not system.family:
        return Answer("unseen", name or "OS")
    listings = find_system(products, system.family, system.version, system.service_pack)
    return _answer(listings, name, day) if listings or system.version else Answer("unseen", name)


def _answer(listings: Iterable[Listing], name: str, day: date) -> Answer:
    """Choose the listing that says most for the product: one in force and sourced, else one that lapsed, else a lead."""
    found = list(listings)
    sourced = [one for one in found if one.proves]
    standing = [one for one in sourced if one.in_force(day)]
    if standing:
        best = max(standing, key=lambda one: (one.announcement.expires if one.announcement else None) or date.min)
        return Answer(
            "listed", name, best.product.announcement, best.announcement.expires if best.announcement else None
        )
    dated = [one for one in sourced if one.in_force(day) is False]
    if dated and len(dated) == len(found):
        earlier = [one for one in dated if not one.is_to_come(day)]
        return Answer("lapsed" if earlier else "not-yet", name, (earlier or dated)[-1].product.announcement)
    return Answer("unsure" if found else "absent", name, found[0].product.announcement if found else "")


def _of_date(filed: date | None, today: date) -> tuple[Message, ...]:
    """Say why the day of judgement stands in for the procurement date."""
    if filed is None:
        return (Message("no-procurement-date"),)
    return (Message("procurement-in-future", {"procured_on": filed.isoformat()}),) if filed > today else ()


def _lapsing(answers: Iterable[Answer], today: date, warn_days: int) -> tuple[Message, ...]:
    return tuple(
        Message(
            "lapses",
            {"product": one.product, "announcement": one.announcement, "expires": one.expires.isoformat()},
        )
        for one in answers
        if one.expires is not None and 0 <= (one.expires - today).days <= warn_days
    )


def _shown(answer: Answer) -> str:
    return f"{answer.product}（{answer.announcement}）" if answer.announcement else answer.product


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
