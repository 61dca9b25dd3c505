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
    assert {control for controls, _ in RATES.values() for control in controls} <= known


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


NAME, PORT, PAGE = RATES["ipv6-system-rate"][0]


def system_rate(*verdicts: tuple[str, str, Status], exempted: set[tuple[str, str]] | None = None) -> Rate:
    found = rates(verdicts, ASSETS, load_profile("general"), exempted or set())
    return next(one for one in found if (one.metric, one.unit) == ("ipv6-system-rate", ""))


@pytest.mark.parametrize(
    ("statuses", "counted"),
    [
        (("satisfied", "satisfied", "satisfied"), (1, 0, 0, 0)),
        (("satisfied", "satisfied", "not-applicable"), (1, 0, 0, 0)),
        (("satisfied", "satisfied", "not-satisfied"), (0, 1, 0, 0)),
        (("not-satisfied", "needs-person", "not-observed"), (0, 1, 0, 0)),
        (("satisfied", "needs-person", "not-observed"), (0, 0, 1, 0)),
        (("satisfied", "satisfied", "not-observed"), (0, 0, 0, 1)),
    ],
)
def test_of_several_controls_an_asset_counts_once_by_the_worst(
    statuses: tuple[str, ...], counted: tuple[int, ...]
) -> None:
    rows = [(control, "a", Status(status)) for control, status in zip((NAME, PORT, PAGE), statuses, strict=True)]
    for order in (rows, rows[::-1]):
        rate = system_rate(*order)
        assert (rate.numerator, rate.wrong, rate.needs_person, rate.unobserved) == counted
        assert rate.denominator == 1


def test_an_asset_that_no_control_of_a_rate_applies_to_is_not_in_it() -> None:
    assert rates([(NAME, "a", Status.NOT_APPLICABLE)], ASSETS, load_profile("general")) == []
    rate = system_rate((NAME, "a", Status.NOT_APPLICABLE), (PORT, "a", Status.SATISFIED), (NAME, "b", Status.SATISFIED))
    assert (rate.numerator, rate.denominator) == (2, 2)


def test_an_exemption_of_one_control_leaves_what_the_others_say() -> None:
    both = [(NAME, "a", Status.NOT_SATISFIED), (PORT, "a", Status.NOT_SATISFIED)]
    assert system_rate(*both, exempted={(NAME, "a")}).exempted == 0
    assert system_rate(*both, exempted={(NAME, "a"), (PORT, "a")}).exempted == 1
    seen = [(NAME, "a", Status.NOT_SATISFIED), (PORT, "a", Status.SATISFIED)]
    assert system_rate(*seen, exempted={(NAME, "a")}).exempted == 1
    unseen = [(NAME, "a", Status.NOT_SATISFIED), (PAGE, "a", Status.NOT_OBSERVED)]
    assert system_rate(*unseen, exempted={(NAME, "a"), (PAGE, "a")}).exempted == 0, (
        "nobody saw what it would be right in"
    )


def test_the_banners_target_is_the_cloud_rate_of_98_percent() -> None:
    cloud, assets = "systems/not-on-government-cloud", {str(i): ASSETS["a"] for i in range(100)}
    for wrong, met in ((2, True), (3, False)):
        verdicts = [(cloud, str(i), Status.NOT_SATISFIED if i < wrong else Status.SATISFIED) for i in range(100)]
        rate = rates(verdicts, assets, load_profile("jungar"))[0]
        assert rate.target is not None
        assert (rate.metric, rate.target.requirement, rate.met) == ("cloud-migration-rate", "ZGR-cloud-rate", met)
    unseen = [(cloud, str(i), Status.NOT_OBSERVED if i < 3 else Status.SATISFIED) for i in range(100)]
    assert rates(unseen, assets, load_profile("jungar"))[0].met is False, "what was not seen is in the denominator"


def test_links_are_counted_as_dual_stack_and_private_lines_as_merged() -> None:
    assets = {name: Asset(name, "link", f"link:{name}", name, "甲", "", "", "", "") for name in ("a", "b", "c")}
    verdicts = [
        ("ipv6/link-dual-stack", "a", Status.SATISFIED), ("ipv6/link-dual-stack", "b", Status.NOT_OBSERVED),
        ("ipv6/link-dual-stack", "c", Status.NOT_APPLICABLE), ("extranet/private-line-not-merged", "a", Status.NOT_APPLICABLE),
        ("extranet/private-line-not-merged", "b", Status.NEEDS_PERSON), ("extranet/private-line-not-merged", "c", Status.SATISFIED),
    ]  # fmt: skip
    found = {one.metric: one for one in rates(verdicts, assets, load_profile("shizuishan")) if not one.unit}
    assert (found["ipv6-link-rate"].numerator, found["ipv6-link-rate"].denominator) == (1, 2)
    merged = found["private-network-merge-rate"]
    assert (merged.percent, merged.met) == (50.0, False)
    assert merged.target is not None
    assert merged.target.requirement == "SZS-2-1-2-merge"
