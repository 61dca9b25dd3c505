"""The engine on controls of the tests' own, so that no change of the catalogue can break or blind it."""

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest

from controls.engine import Check, Judge, judge
from controls.evaluated import EvaluatedProducts, ListHead
from controls.model import (
    Blindness,
    Control,
    Cover,
    Estate,
    Joined,
    Outcome,
    Profile,
    Requirement,
    Subject,
    outcome,
)
from controls.view import View
from tests.making import JUDGED_AT
from xunyan.errors import CatalogueError
from xunyan.facts import Listener, Route
from xunyan.model import Asset, Evidence, LedgerRow, Observation, Severity, Status
from xunyan.wording import Text

AT = datetime.fromisoformat(JUDGED_AT)
WORDS = Text("字", "word")
NO_LIST = EvaluatedProducts(ListHead(WORDS, AT.date(), 3))


def control(**changes: object) -> Control:
    made = Control(
        id="test/one", title=WORDS, kinds=("endpoint",), severity=Severity.MEDIUM, basis=("R-1",), needs=("listeners",),
        rule="test", max_age_days=30, remedy=WORDS, messages={"fine": WORDS},
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def requirement(identifier: str, force: str, **changes: object) -> Requirement:
    made = Requirement(
        id=identifier, document="R", clause="1", kind="scan", force="must", stage=("any",), zh="字", en="word"
    )
    return msgspec.structs.replace(made, force=force, **changes)


def profile(*requirements: Requirement, reference_only: bool = False) -> Profile:
    return Profile("test", WORDS, {}, {one.id: one for one in requirements}, (), reference_only)


EVERYTHING = profile(requirement("R-1", "must"))


def subject(name: str, *observations: Observation, kind: str = "endpoint", unit: str = "甲", **blind: str) -> Subject:
    asset = Asset(name, kind, f"host:{name}", name, unit, "", "外网", "", "linux")
    missing = {need: (Blindness("ss", reason, "detail"),) for need, reason in blind.items()}
    return Subject(asset, {one.name: one for one in observations}, missing)


def seen(name: str, *facts: Listener | Route, days: float = 1) -> Observation:
    return Observation(name, facts, (Evidence(f"capture-{name}", name, 1, 2, "quoted", AT - timedelta(days=days)),))


def fine(_asset: Asset, view: View, _params: object) -> Outcome:
    view.table(Listener)
    return outcome(Status.SATISFIED, "fine")


def run(check: Control, rule: Judge, *subjects: Subject, by: Profile = EVERYTHING) -> list[tuple[str, str, str]]:
    estate = Estate({one.asset.id: one for one in subjects})
    found = judge([Check(check, rule, None)], estate, by, NO_LIST, AT)
    return [(one.asset, one.status.value, one.message.key) for one in found]


def test_one_verdict_for_every_asset_of_the_controls_kinds_in_the_order_of_ids() -> None:
    hosts = [subject("b", seen("listeners")), subject("a"), subject("room", seen("listeners"), kind="room")]
    assert run(control(), fine, *hosts) == [("a", "not-observed", "engine.missing"), ("b", "satisfied", "fine")]


def test_a_missing_need_says_which_source_failed_and_how() -> None:
    estate = Estate({"a": subject("a", listeners="denied")})
    verdict = next(judge([Check(control(), fine, None)], estate, EVERYTHING, NO_LIST, AT))
    assert verdict.message.args == {"need": "listeners", "why": "ss: denied detail"}
    assert verdict.evidence == ()


def test_evidence_grows_old_at_the_controls_own_age() -> None:
    assert run(control(), fine, subject("a", seen("listeners", days=30))) == [("a", "satisfied", "fine")]
    assert run(control(), fine, subject("a", seen("listeners", days=30.01))) == [("a", "not-observed", "engine.stale")]


def test_what_is_only_used_may_be_missing_and_is_not_used_when_stale() -> None:
    rows: list[int] = []

    def rule(_asset: Asset, view: View, _params: object) -> Outcome:
        rows.append(len(view.table(Route)))
        return fine(_asset, view, _params)

    route = Route(4, "0.0.0.0/0", "10.0.0.1", "eth0")
    check = control(uses=("routes",))
    for routes in ([], [seen("routes", route)], [seen("routes", route, days=31)]):
        assert run(check, rule, subject("a", seen("listeners"), *routes)) == [("a", "satisfied", "fine")]
    assert rows == [0, 1, 0]


def test_a_look_at_what_was_not_declared_is_an_error_of_the_rule() -> None:
    def rule(_asset: Asset, view: View, _params: object) -> Outcome:
        view.table(Route)
        return outcome(Status.SATISFIED, "fine")

    with pytest.raises(CatalogueError, match="routes is read but not declared"):
        run(control(), rule, subject("a", seen("listeners"), seen("routes")))


def test_good_news_without_a_look_at_anything_is_not_observed() -> None:
    def rule(_asset: Asset, _view: View, _params: object) -> Outcome:
        return outcome(Status.SATISFIED, "fine")

    assert run(control(), rule, subject("a", seen("listeners"))) == [("a", "not-observed", "engine.no-evidence")]


def test_the_proof_is_what_was_read_and_nothing_else() -> None:
    estate = Estate({"a": subject("a", seen("listeners"), seen("routes"))})
    verdict = next(judge([Check(control(uses=("routes",)), fine, None)], estate, EVERYTHING, NO_LIST, AT))
    assert [(one.capture, one.first, one.last) for one in verdict.evidence] == [("capture-listeners", 1, 2)]


@pytest.mark.parametrize(
    ("within", "other_unit", "status"),
    [("unit", "甲", "not-observed"), ("unit", "乙", "satisfied"), ("estate", "乙", "not-observed")],
)
def test_absence_needs_everything_in_range_to_have_been_seen(within: str, other_unit: str, status: str) -> None:
    check = control(covers=(msgspec.convert({"observation": "routes", "kinds": ["device"], "within": within}, Cover),))
    endpoint = subject("a", seen("listeners"))
    known = subject("router1", seen("routes"), kind="device")
    blind = subject("router2", kind="device", unit=other_unit)
    assert [one[1] for one in run(check, fine, endpoint, known, blind)] == [status]


def test_absence_in_an_empty_range_is_not_observed() -> None:
    check = control(covers=(Cover("routes", ("device",)),))
    assert run(check, fine, subject("a", seen("listeners"))) == [("a", "not-observed", "engine.cover")]


def test_incomplete_cover_does_not_soften_what_is_wrong() -> None:
    def rule(_asset: Asset, view: View, _params: object) -> Outcome:
        view.table(Listener)
        return outcome(Status.NOT_SATISFIED, "fine")

    check = control(covers=(Cover("routes", ("device",)),))
    assert run(check, rule, subject("a", seen("listeners"))) == [("a", "not-satisfied", "fine")]


def test_a_place_is_not_judged_by_duties_that_are_not_its_own() -> None:
    host = subject("a", seen("listeners"))
    assert run(control(basis=("R-9",)), fine, host) == []
    assert run(control(basis=("R-9",)), fine, host, by=profile(reference_only=True)) == [("a", "satisfied", "fine")]
    own = profile(requirement("R-7", "must", controls=("test/one",)))
    assert run(control(basis=("R-9",)), fine, host, by=own) == [("a", "satisfied", "fine")]


@pytest.mark.parametrize(
    ("forces", "ceiling", "severity"),
    [
        (("must",), "high", "high"),
        (("must",), "medium", "medium"),
        (("gradual",), "high", "medium"),
        (("description",), "high", "low"),
        (("description", "in-principle"), "high", "high"),
    ],
)
def test_severity_follows_the_strongest_duty_under_the_controls_ceiling(
    forces: tuple[str, ...], ceiling: str, severity: str
) -> None:
    duties = [requirement(f"R-{i}", force) for i, force in enumerate(forces)]
    check = control(severity=Severity(ceiling), basis=tuple(one.id for one in duties))
    assert profile(*duties).severity(check).value == severity


def spare(_asset: Asset, view: View, _params: object) -> Outcome | None:
    return outcome(Status.NOT_APPLICABLE, "fine") if view.filed("purpose") == "测试" else None


def test_what_does_not_apply_is_said_before_a_need_is_missed() -> None:
    filed = LedgerRow({"purpose": "测试"}, Evidence("row", "ledger", 1, 1, "", AT))
    check = Check(control(uses=("ledger",)), fine, None, spare)
    estate = Estate({"a": replace(subject("a"), ledger=filed), "b": subject("b"), "c": subject("c", seen("listeners"))})
    found = list(judge([check], estate, EVERYTHING, NO_LIST, AT))
    assert [(one.status.value, one.message.key) for one in found] == [
        ("not-applicable", "fine"),
        ("not-observed", "engine.missing"),
        ("satisfied", "fine"),
    ]
    assert [[one.capture for one in verdict.evidence] for verdict in found] == [["row"], [], ["capture-listeners"]]


def test_good_news_said_beforehand_needs_proof_too() -> None:
    def settle(_asset: Asset, _view: View, _params: object) -> Outcome | None:
        return outcome(Status.SATISFIED, "fine")

    verdict = next(judge([Check(control(), fine, None, settle)], Estate({"a": subject("a")}), EVERYTHING, NO_LIST, AT))
    assert verdict.message.key == "engine.no-evidence"


def test_a_rule_may_name_the_duties_that_bind_and_they_bear_the_severity() -> None:
    def rule(_asset: Asset, view: View, _params: object) -> Outcome:
        view.table(Listener)
        assert view.duties == ("R-1", "R-2")
        return replace(outcome(Status.NOT_SATISFIED, "fine"), duties=("R-2",))

    by = profile(requirement("R-1", "must"), requirement("R-2", "gradual"))
    check = control(basis=("R-1", "R-2"), severity=Severity.HIGH)
    estate = Estate({"a": subject("a", seen("listeners"))})
    bound = next(judge([Check(check, rule, None)], estate, by, NO_LIST, AT))
    assert (bound.basis, bound.severity) == (("R-2",), Severity.MEDIUM)
    whole = next(judge([Check(check, fine, None)], estate, by, NO_LIST, AT))
    assert (whole.basis, whole.severity) == (("R-1", "R-2"), Severity.HIGH)


def test_what_people_filed_does_not_make_an_observation_old() -> None:
    old, new = (
        Evidence("c", source, 1, 1, "", AT - timedelta(days=days)) for source, days in (("ledger", 400), ("ss", 1))
    )
    mixed = Observation("listeners", (), (old, new))
    assert run(control(), fine, subject("a", mixed)) == [("a", "satisfied", "fine")]
    stale = Observation("listeners", (), (replace(old, source="ss"), replace(new, source="ledger")))
    assert run(control(), fine, subject("a", stale)) == [("a", "not-observed", "engine.stale")]
    matched = Observation("listeners", (), (replace(old, source="ledger-match"),))
    assert run(control(), fine, subject("a", matched)) == [("a", "satisfied", "fine")]


def test_a_rule_may_keep_as_proof_only_what_some_rows_rest_on() -> None:
    rows = tuple(Listener("tcp", "127.0.0.1", port) for port in (22, 23, 24))
    lines = tuple(Evidence("c", "ss", line, line, "", AT) for line in (1, 2, 3))
    joined = Joined("listeners", rows, lines, tuple((line,) for line in lines))

    def rule(_asset: Asset, view: View, _params: object) -> Outcome:
        found = view.table(Listener)
        assert view.has(Listener)
        assert [one.detail for one in view.unseen(Listener)] == ["half"]
        view.narrow(row for row in found if row.port > 22)
        return outcome(Status.NOT_SATISFIED, "fine")

    estate = Estate(
        {"a": Subject(subject("a").asset, {"listeners": joined}, {"listeners": (Blindness("ss", "x", "half"),)})}
    )
    verdict = next(judge([Check(control(), rule, None)], estate, EVERYTHING, NO_LIST, AT))
    assert [one.first for one in verdict.evidence] == [2, 3]
