"""Puts the data of a report together from a workspace's last judgement, and makes documents of it.

Nothing here asks a clock: the moment of a report is that of its judgement, so that equal workspaces give equal reports.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from console.coverage import coverage_rows
from console.judged import Judged, last_judged
from console.judging import oldest_useful
from console.language import FORCE, SEVERITY, STATUS, Voice
from console.letters_shown import letters
from console.missing import blind_spots
from console.picturing import pictures
from console.problems import Finder, problems
from console.provenance import provenance
from console.questions import RATES_TO_COME, answered
from console.standing import NOTHING, Overlay, overlay
from console.workspace import Inputs, Workspace
from controls.metrics import NO_UNIT, RATES, rates
from controls.metrics import Rate as Counted
from controls.model import Profile
from evidence.store import Store
from inventories.authorisations import FOLDER, load_letters
from reports import html
from reports.model import Check, Duty, Rate, Report, Tally, Unit
from xunyan.errors import DataError
from xunyan.model import Status


def html_report(workspace: Workspace, store: Store, say: Voice, unit: str = "") -> bytes:
    """Write the report of the last judgement as one HTML page, of the estate or of one unit and nothing of others.

    Equal workspaces give equal bytes, whenever and wherever this runs. Raises UsageError where nothing was judged yet.
    """
    return html.render(assemble(workspace, store, say, unit))


def assemble(workspace: Workspace, store: Store, say: Voice, unit: str = "") -> Report:
    """Put together the report of the last judgement. Raises UsageError where nothing was judged yet."""
    inputs = workspace.inputs()
    judged = last_judged(store, unit)
    checks = tuple(_checks(judged, inputs, say))
    decided = _decided(workspace, judged)
    counted = rates(judged.verdicts, judged.assets, inputs.profile, (decided or NOTHING).exempted(store))
    found = Finder(store, inputs.catalogue, say, judged.assets, unit, decided or NOTHING)
    rows = coverage_rows(store, judged.assets.values(), judged.judged_at, oldest_useful(inputs), judged.upto_segment)
    on_file = load_letters(workspace.root / FOLDER, workspace.file.scope, workspace.root)
    return Report(
        language=say.language,
        unit=unit,
        tally=_tally(status for _, _, status in judged.verdicts),
        questions=answered(checks, say),
        rates=tuple(_rates(counted, inputs.profile, say)),
        units=tuple(_units(judged, counted, say)),
        checks=checks,
        problems=problems(workspace, found),
        coverage=blind_spots(rows, judged.assets, say),
        letters=letters(on_file, judged.judged_at, say, judged.assets.values(), unit),
        method=provenance(workspace, store, inputs, judged, say, unit, broken=decided is None),
        topology=pictures(workspace, store, say, unit),
        words={key: say.text(text) for words in (STATUS, SEVERITY) for key, text in words.items()},
    )


def finder(workspace: Workspace, store: Store, say: Voice, unit: str = "") -> Finder:
    """Give what reads the findings of a report. Raises UsageError where nothing was judged yet."""
    judged = last_judged(store, unit)
    decided = _decided(workspace, judged) or NOTHING
    return Finder(store, workspace.inputs().catalogue, say, judged.assets, unit, decided)


def _decided(workspace: Workspace, judged: Judged) -> Overlay | None:
    """Read what persons decided, as it stood on the day of the judgement; None where the record of it is broken."""
    try:
        return overlay(workspace, judged.judged_at)
    except DataError:
        return None


def _tally(statuses: Iterable[Status]) -> Tally:
    return Tally(**{status.value.replace("-", "_"): count for status, count in Counter(statuses).items()})


def _checks(judged: Judged, inputs: Inputs, say: Voice) -> Iterator[Check]:
    """Give every control that this place is judged by, whether it found something to judge or not."""
    by_control: dict[str, list[Status]] = {}
    for identifier, _, status in judged.verdicts:
        by_control.setdefault(identifier, []).append(status)
    for check in sorted(inputs.catalogue.checks, key=lambda one: one.control.id):
        control = check.control
        if inputs.profile.asks(control):
            yield Check(
                id=control.id,
                title=say.text(control.title),
                severity=inputs.profile.severity(control).value,
                tally=_tally(by_control.get(control.id, ())),
                duties=tuple(duty(one, inputs.profile, say) for one in inputs.profile.basis(control)),
                remedy=say.text(control.remedy),
            )


def duty(identifier: str, profile: Profile, say: Voice) -> Duty:
    """Say a duty of a profile: document, clause, force and what it asks."""
    one = profile.requirements[identifier]
    document = profile.documents[one.document]
    return Duty(
        id=one.id,
        document=document.title,
        number=document.number,
        clause=one.clause,
        force=say.word(FORCE, one.force),
        text=say(one.zh, one.en),
    )


def _rate(one: Counted, say: Voice) -> Rate:
    target = one.target
    return Rate(
        metric=one.metric,
        title=say.text(RATES[one.metric][1]) if one.metric in RATES else one.metric,
        unit="" if one.unit == NO_UNIT else one.unit,
        numerator=one.numerator,
        denominator=one.denominator,
        percent=one.percent,
        percent_exempted=one.percent_exempted,
        not_satisfied=one.wrong,
        needs_person=one.needs_person,
        unobserved=one.unobserved,
        exempted=one.exempted,
        target=target.at_least if target else None,
        due=target.due.isoformat() if target and target.due else "",
        requirement=target.requirement if target else "",
        met=one.met,
    )


def _rates(counted: Iterable[Counted], profile: Profile, say: Voice) -> Iterator[Rate]:
    """Give the rates of the whole report; a target for what nothing counted stands there too, as not looked at."""
    known = set()
    for one in counted:
        if not one.unit:
            known.add(one.metric)
            yield _rate(one, say)
    titles = {metric: title for metric, (_, title) in RATES.items()} | dict(RATES_TO_COME)
    for target in profile.targets:
        if target.metric not in known:
            empty = Counted(target.metric, "", 0, 0, 0, 0, 0, 0, target)
            title = titles.get(target.metric)
            yield replace(_rate(empty, say), title=say.text(title) if title else target.metric)


def _units(judged: Judged, counted: Iterable[Counted], say: Voice) -> Iterator[Unit]:
    assets = Counter(one.unit for one in judged.assets.values())
    statuses: dict[str, list[Status]] = {unit: [] for unit in assets}
    for _, asset, status in judged.verdicts:
        statuses[judged.assets[asset].unit].append(status)
    by_unit: dict[str, dict[str, Rate]] = {}
    for one in counted:
        if one.unit:
            by_unit.setdefault("" if one.unit == NO_UNIT else one.unit, {})[one.metric] = _rate(one, say)
    for unit in sorted(assets):
        yield Unit(unit, assets[unit], _tally(statuses[unit]), by_unit.get(unit, {}))
