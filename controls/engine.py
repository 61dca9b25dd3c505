"""The engine: one verdict for every control and every asset that it applies to, with its proof. Pure and in fixed order."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from controls.evaluated import EvaluatedProducts
from controls.model import (
    EVALUATED_PRODUCTS,
    LEDGER,
    Blindness,
    Control,
    Cover,
    Estate,
    Outcome,
    Profile,
    Subject,
    outcome,
)
from controls.view import View
from xunyan.model import Asset, Evidence, Observation, Severity, Status, Verdict
from xunyan.wording import Text

Judge = Callable[[Asset, View, object], Outcome]
Settle = Callable[[Asset, View, object], Outcome | None]
Given: TypeAlias = tuple[tuple[str, ...], Mapping[str, int], EvaluatedProducts, datetime]
"""What is the same for all assets of one control: the duties behind it, their figures, the list of products, the moment."""

MESSAGES: Mapping[str, Text] = {
    "engine.missing": Text("未能检测：缺少 {need}（{why}）", "Not observed: {need} is missing ({why})"),
    "engine.stale": Text(
        "未能检测：{need} 的采集时间为 {taken_at}，超过 {days} 天的有效期",
        "Not observed: {need} was taken at {taken_at}, more than {days} days ago",
    ),
    "engine.cover": Text(
        "未能检测：要断言“没有”，须看过范围内全部 {of} 个对象的 {need}，还缺 {missing} 个（如 {names}）",
        "Not observed: absence needs the {need} of all {of} assets in range; {missing} are missing (such as {names})",
    ),
    "engine.no-evidence": Text("未能检测：没有可引用的证据", "Not observed: there is no evidence to cite"),
}
"""What the engine itself says; a control's own texts come from the catalogue."""


@dataclass(frozen=True, slots=True)
class Check:
    """A control bound to its rule and its parameters, ready to judge.

    `settle` is asked first, before anything is missed: what can be said of an asset without the control's needs, such as
    that it does not apply; None where they have to be looked at.
    """

    control: Control
    judge: Judge
    params: object
    settle: Settle | None = None


def judge(
    checks: Iterable[Check], estate: Estate, profile: Profile, products: EvaluatedProducts, judged_at: datetime
) -> Iterator[Verdict]:
    """Judge an estate: for each control of the profile (by id), each asset of its kinds (by id), exactly one verdict."""
    for check in sorted(checks, key=lambda one: one.control.id):
        if not profile.asks(check.control):
            continue
        control, basis, figures = check.control, profile.basis(check.control), profile.figures(check.control)
        severities: dict[tuple[str, ...], Severity] = {}
        for identifier in sorted(estate.subjects):
            subject = estate.subjects[identifier]
            if subject.asset.kind in control.kinds:
                found, proof = _decide(check, subject, estate, (basis, figures, products, judged_at))
                duties = basis if found.duties is None else found.duties
                if duties not in severities:
                    severities[duties] = profile.severity(control, duties)
                severity = severities[duties]
                yield Verdict(
                    control.id, identifier, found.status, severity, found.message, found.notices, duties, proof
                )


def _decide(check: Check, subject: Subject, estate: Estate, given: Given) -> tuple[Outcome, tuple[Evidence, ...]]:
    control, (basis, figures, products, judged_at) = check.control, given
    seen = {name: subject.observations[name] for name in control.looks_at if name in subject.observations}
    fresh = {name: one for name, one in seen.items() if _is_fresh(one, control, judged_at)}
    view = View(control, judged_at, fresh, subject.ledger, products, basis, subject.blind, figures)
    found = check.settle(subject.asset, view, check.params) if check.settle is not None else None
    if found is None:
        missing = _missing(control, subject, fresh, judged_at)
        if missing is not None:
            return missing, ()
        found = check.judge(subject.asset, view, check.params)
    proof = view.proof()
    if found.status is Status.SATISFIED:
        if not proof:
            return outcome(Status.NOT_OBSERVED, "engine.no-evidence"), ()
        for cover in control.covers:
            uncovered = _uncovered(cover, control, subject, estate, judged_at)
            if uncovered is not None:
                return uncovered, proof
    return found, proof


def _is_fresh(observation: Observation, control: Control, judged_at: datetime) -> bool:
    return judged_at - _seen_at(observation, judged_at) <= timedelta(days=control.max_age_days)


def _seen_at(observation: Observation, judged_at: datetime) -> datetime:
    """When the oldest of its originals was taken; what people filed does not grow old."""
    seen = (one.taken_at for one in observation.evidence if not one.source.startswith(LEDGER))
    return min(seen, default=judged_at)


def _missing(
    control: Control, subject: Subject, fresh: Mapping[str, Observation], judged_at: datetime
) -> Outcome | None:
    """Not looking is never passing: the first need that is not there decides."""
    for need in control.needs:
        if need in fresh or need == EVALUATED_PRODUCTS or (need == LEDGER and subject.ledger is not None):
            continue
        if need in subject.observations:
            taken = _seen_at(subject.observations[need], judged_at)
            return outcome(
                Status.NOT_OBSERVED,
                "engine.stale",
                need=need,
                taken_at=taken.date().isoformat(),
                days=str(control.max_age_days),
            )
        return outcome(Status.NOT_OBSERVED, "engine.missing", need=need, why=_why(subject.blind.get(need, ())))
    return None


def _why(blind: tuple[Blindness, ...]) -> str:
    return "; ".join(f"{one.source}: {one.reason} {one.detail}".strip() for one in blind) or "not-asked"


def _uncovered(cover: Cover, control: Control, subject: Subject, estate: Estate, judged_at: datetime) -> Outcome | None:
    """An absence may be claimed only where everything in range was seen."""
    asset = subject.asset
    place = "" if cover.within == "estate" else getattr(asset, cover.within)
    within = [
        other
        for other in estate.subjects.values()
        if other.asset.kind in cover.kinds and (cover.within == "estate" or getattr(other.asset, cover.within) == place)
    ]
    unseen = sorted(
        other.asset.name
        for other in within
        if cover.observation not in other.observations
        or not _is_fresh(other.observations[cover.observation], control, judged_at)
    )
    if within and not unseen:
        return None
    return outcome(
        Status.NOT_OBSERVED,
        "engine.cover",
        need=cover.observation,
        of=str(len(within)),
        missing=str(len(unseen)),
        names="、".join(unseen[:3]) or "-",
    )
