"""What came out is held against what must: hits, misses, false alarms, what could not be read, and the counts of each area."""

import pytest

from lab.comparing import NOTHING, Area, Comparison, Difference, Verdict, compare, expectations
from lab.scenario.model import Expect, ExpectGap, Status

CPU, SYSTEM, ADDRESS = "domestic/cpu", "domestic/operating-system", "ipv6/endpoint-address"


def expected(control: str, asset: str, status: Status) -> Expect:
    return Expect(control=control, asset=asset, status=status)


def judged(*rows: tuple[str, str, str]) -> list[Verdict]:
    return [Verdict(*row) for row in rows]


def test_all_as_expected_is_exact() -> None:
    result = compare(
        judged((CPU, "a", "not-satisfied"), (CPU, "b", "satisfied"), (ADDRESS, "a", "needs-person"),
               (ADDRESS, "b", "not-applicable")),
        [expected(CPU, "a", "not-satisfied"), expected(ADDRESS, "a", "needs-person"), expected(CPU, "b", "satisfied")],
        ["a", "b"],
    )  # fmt: skip
    assert result.exact
    assert (result.missed, result.false_alarms, result.unread, result.verdicts) == ((), (), (), 4)
    assert result.areas == {"domestic": Area(2, 2, 1, 1), "ipv6": Area(1, 1, 1, 1)}
    assert (result.total, result.total.precision, result.total.recall) == (Area(3, 3, 2, 2), 1, 1)


def test_what_is_not_found_is_missed() -> None:
    result = compare(
        judged((CPU, "a", "satisfied"), (CPU, "b", "not-satisfied")),
        [expected(CPU, "a", "not-satisfied"), expected(CPU, "b", "not-satisfied"), expected(SYSTEM, "b", "satisfied")],
        ["a", "b"],
    )
    assert not result.exact
    assert result.missed == (
        Difference(CPU, "a", "not-satisfied", "satisfied"), Difference(SYSTEM, "b", "satisfied", NOTHING)
    )  # fmt: skip
    assert result.false_alarms == ()
    assert (round(result.total.recall, 3), result.total.precision) == (0.333, 1)


@pytest.mark.parametrize("status", ["not-satisfied", "needs-person", "not-observed"])
def test_what_nobody_expects_is_a_false_alarm(status: str) -> None:
    result = compare(
        judged((CPU, "a", status), (CPU, "b", "not-satisfied")), [expected(CPU, "b", "not-satisfied")], "ab"
    )
    assert (result.missed, result.exact) == ((), False)
    assert result.false_alarms == (Difference(CPU, "a", NOTHING, status),)
    assert (result.total.recall, result.total.precision) == (1, 0.5)


def test_another_status_than_expected_is_missed_and_a_false_alarm() -> None:
    result = compare(judged((CPU, "a", "needs-person")), [expected(CPU, "a", "not-satisfied")], ["a"])
    both = (Difference(CPU, "a", "not-satisfied", "needs-person"),)
    assert (result.missed, result.false_alarms) == (both, both)
    assert (result.total.recall, result.total.precision) == (0, 0)


def test_satisfied_that_is_expected_and_not_met_counts() -> None:
    result = compare(judged((CPU, "a", "not-satisfied")), [expected(CPU, "a", "satisfied")], ["a"])
    both = (Difference(CPU, "a", "satisfied", "not-satisfied"),)
    assert (result.missed, result.false_alarms) == (both, both)
    clean = compare(judged((CPU, "a", "not-applicable")), [expected(CPU, "a", "satisfied")], ["a"])
    assert (clean.missed, clean.false_alarms) == ((Difference(CPU, "a", "satisfied", "not-applicable"),), ())
    assert (clean.total.recall, clean.total.precision, clean.exact) == (0, 1, False)


def test_an_asset_without_any_verdict_is_missed() -> None:
    result = compare(judged((CPU, "a", "satisfied")), [], ["a", "b"])
    assert result.missed == (Difference(NOTHING, "b", "judged", NOTHING),)
    assert not result.exact


def test_no_verdict_at_all_is_not_exact() -> None:
    assert not compare([], [], []).exact
    assert not Comparison().exact
    assert Comparison().total == Area(0, 0, 0, 0)
    assert compare(judged((CPU, "a", "satisfied")), [], []).exact


def test_patterns_of_controls_mean_those_there_are() -> None:
    verdicts = judged((CPU, "a", "not-observed"), (SYSTEM, "a", "not-observed"), (ADDRESS, "a", "not-observed"))
    assert compare(verdicts, [expected("*", "a", "not-observed")], ["a"]).exact
    some = compare(verdicts, [expected("domestic/*", "a", "not-observed")], ["a"])
    assert some.false_alarms == (Difference(ADDRESS, "a", NOTHING, "not-observed"),)
    assert some.areas == {"domestic": Area(2, 2, 2, 2), "ipv6": Area(0, 0, 1, 0)}
    assert (some.areas["ipv6"].recall, some.areas["ipv6"].precision) == (1, 0)


def test_a_pattern_that_means_nothing_is_missed_and_not_forgotten() -> None:
    result = compare(judged((CPU, "a", "satisfied")), [expected("rooms/*", "a", "not-satisfied")], ["a"])
    assert result.missed == (Difference("rooms/*", "a", "not-satisfied", NOTHING),)
    assert compare([], [expected("*", "a", "not-observed")], []).missed == (
        Difference("*", "a", "not-observed", NOTHING),
    )


def test_of_two_rows_the_later_counts() -> None:
    rows = [expected("domestic/*", "a", "not-observed"), expected(CPU, "a", "satisfied")]
    assert expectations(rows, [(CPU, "a"), (SYSTEM, "b")]) == {(CPU, "a"): "satisfied", (SYSTEM, "a"): "not-observed"}
    assert compare(judged((CPU, "a", "satisfied"), (SYSTEM, "a", "not-observed")), rows, ["a"]).exact
    assert not compare(judged((CPU, "a", "satisfied"), (SYSTEM, "a", "not-observed")), rows[::-1], ["a"]).exact


def test_a_pattern_of_controls_means_those_of_the_assets_kind() -> None:
    verdicts = judged((CPU, "host:a", "not-observed"), ("systems/undeclared-system", "system:门户", "not-observed"))
    rows = [expected("*", "host:a", "not-observed"), expected("systems/*", "system:门户", "not-observed")]
    assert compare(verdicts, rows, ["host:a", "system:门户"]).exact
    assert expectations(rows, [(CPU, "host:b"), ("ipv6/dns-aaaa", "system:门户")]) == {
        (CPU, "host:a"): "not-observed", ("systems/*", "system:门户"): "not-observed"
    }  # fmt: skip


def test_a_pattern_means_each_asset_on_its_own() -> None:
    verdicts = judged((CPU, "a", "not-satisfied"), (CPU, "b", "not-satisfied"))
    result = compare(verdicts, [expected("*", "a", "not-satisfied")], ["a", "b"])
    assert result.false_alarms == (Difference(CPU, "b", NOTHING, "not-satisfied"),)


def test_who_could_not_be_read_and_why() -> None:
    verdicts = judged((CPU, "a", "satisfied"))
    gaps = [ExpectGap(asset=asset, reason="denied") for asset in ("right", "other", "read")]
    unread = {"right": "denied", "other": "timeout", "more": "unreachable"}
    result = compare(verdicts, [], ["a"], gaps=gaps, unread=unread)
    assert result.unread == (
        Difference("coverage", "more", "read", "unreachable"),
        Difference("coverage", "other", "denied", "timeout"),
        Difference("coverage", "read", "denied", "read"),
    )
    assert not result.exact
    assert compare(verdicts, [], ["a"], gaps=gaps[:1], unread={"right": "denied"}).exact
    assert not compare(verdicts, [], ["a"], unread={"right": "denied"}).exact
    assert not compare(verdicts, [], ["a"], gaps=gaps[:1]).exact


def test_counts_are_kept_by_area() -> None:
    verdicts = judged(
        (CPU, "a", "not-satisfied"), (CPU, "b", "not-satisfied"), (CPU, "c", "not-satisfied"), (SYSTEM, "a", "satisfied"),
        (ADDRESS, "a", "not-satisfied"), (ADDRESS, "b", "satisfied"), ("extranet/wall", "a", "satisfied"),
    )  # fmt: skip
    expect = [
        expected(CPU, "a", "not-satisfied"), expected(CPU, "b", "not-satisfied"), expected(SYSTEM, "a", "not-satisfied"),
        expected(ADDRESS, "b", "not-satisfied"),
    ]  # fmt: skip
    result = compare(verdicts, expect, ["a", "b", "c"])
    assert result.areas == {"domestic": Area(3, 2, 3, 2), "extranet": Area(0, 0, 0, 0), "ipv6": Area(1, 0, 1, 0)}
    assert [round(result.areas["domestic"].recall, 3), round(result.areas["domestic"].precision, 3)] == [0.667, 0.667]
    assert (result.areas["extranet"].recall, result.areas["extranet"].precision) == (1, 1)
    assert (result.areas["ipv6"].recall, result.areas["ipv6"].precision) == (0, 0)
    assert result.total == Area(4, 2, 4, 2)
    assert (result.total.recall, result.total.precision) == (0.5, 0.5)
