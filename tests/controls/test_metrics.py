"""Rates: what was not seen is in the denominator and never in the numerator."""

from collections.abc import Mapping

import pytest

from controls.loader import load_catalogue, load_profile
from controls.metrics import RATES, Rate, rates
from controls.model import Profile, Target
from xunyan.model import Asset, Status
from xunyan.wording import Text

CPU = "domestic/cpu"
ASSETS: Mapping[str, Asset] = {
    name: Asset(name, "endpoint", name, name, unit, "", "", "", "linux")
    for name, unit in (("a", "甲"), ("b", "甲"), ("c", "乙"), ("d", "乙"), ("e", "乙"))
}
VERDICTS = [
    (CPU, "a", Status.SATISFIED), (CPU, "b", Status.NOT_SATISFIED), (CPU, "c", Status.SATISFIED),
    (CPU, "d", Status.NOT_OBSERVED), (CPU, "e", Status.NOT_APPLICABLE), ("domestic/unknown", "a", Status.SATISFIED),
]  # fmt: skip


def profile(at_least: float) -> Profile:
    return Profile("t", Text("", ""), {}, {}, (Target(metric="domestic-cpu-rate", at_least=at_least, requirement="R"),))


def test_rates_of_the_estate_and_of_each_unit() -> None:
    found = {(one.metric, one.unit): one for one in rates(VERDICTS, ASSETS, profile(50))}
    assert {unit for _, unit in found} == {"", "甲", "乙"}
    whole = found["domestic-cpu-rate", ""]
    assert (whole.numerator, whole.denominator, whole.wrong, whole.unobserved, whole.percent) == (2, 4, 1, 1, 50.0)
    assert (found["domestic-cpu-rate", "乙"].numerator, found["domestic-cpu-rate", "乙"].denominator) == (1, 2)


def test_a_target_is_met_exactly_and_not_by_rounding() -> None:
    assert rates(VERDICTS, ASSETS, profile(50))[0].met is True
    assert rates(VERDICTS, ASSETS, profile(50.001))[0].met is False
    third = [(CPU, name, Status.SATISFIED if name == "a" else Status.NOT_SATISFIED) for name in "abc"]
    assert rates(third, ASSETS, profile(33.33))[0].met is True
    assert rates(third, ASSETS, profile(33.334))[0].met is False


@pytest.mark.parametrize(
    ("right", "of", "percent"),
    [(29999, 30000, 99.99), (19999, 20000, 99.99), (30000, 30000, 100.0), (2, 3, 66.66), (29, 100, 29.0), (0, 7, 0.0)],
)
def test_a_rate_is_cut_and_never_rounded_up(right: int, of: int, percent: float) -> None:
    target = Target(metric="domestic-cpu-rate", at_least=100, requirement="R")
    rate = Rate("domestic-cpu-rate", "", right, of, of - right, 0, 0, 0, target)
    assert rate.percent == percent
    assert (rate.percent == 100) is rate.met


def test_without_a_target_or_assets_nothing_is_met_or_missed() -> None:
    assert rates(VERDICTS, ASSETS, load_profile("general"))[0].met is None
    assert rates([], ASSETS, profile(50)) == []


def test_every_rate_counts_a_control_that_exists() -> None:
    known = {check.control.id for check in load_catalogue().checks}
    assert {control for control, _ in RATES.values()} <= known


def test_assets_without_a_unit_have_a_row_of_their_own() -> None:
    assets = {**ASSETS, "f": Asset("f", "endpoint", "f", "f", "", "", "", "", "linux")}
    found = {one.unit: one for one in rates([*VERDICTS, (CPU, "f", Status.SATISFIED)], assets, profile(50))}
    assert set(found) == {"", "-", "甲", "乙"}
    assert found[""].denominator == sum(one.denominator for unit, one in found.items() if unit)


def test_what_is_exempted_stays_wrong_and_reaches_no_target() -> None:
    exempted = {(CPU, "b"), (CPU, "d"), (CPU, "a"), ("domestic/operating-system", "b"), (CPU, "z")}
    found = {one.unit: one for one in rates(VERDICTS, ASSETS, profile(75), exempted)}
    whole = found[""]
    assert (whole.numerator, whole.denominator, whole.wrong, whole.exempted) == (2, 4, 1, 1)
    assert (whole.percent, whole.percent_exempted, whole.met) == (50.0, 75.0, False)
    assert (found["甲"].exempted, found["乙"].exempted) == (1, 0), "what is right or was not seen has none"
    plain = rates(VERDICTS, ASSETS, profile(75))[0]
    assert (plain.exempted, plain.percent_exempted) == (0, plain.percent)
