"""Bounds hold for every group, a full lane holds up no other, and silence is only what comes suddenly."""

import math

from hypothesis import given
from hypothesis import strategies as st

from console.pacing import Group, Lanes, Limit, Pace
from console.silence import Silence

ALL: Group = ("all",)


def target(network: str, address: str) -> tuple[Group, ...]:
    return (ALL, ("network", network), ("address", network, address))


def test_what_runs_in_a_group_is_bounded_and_an_end_makes_room() -> None:
    pace = Pace({"all": Limit(2)}, {})
    for _ in range(2):
        assert pace.wait([ALL], 0) == 0
        pace.begin([ALL], 0)
    assert pace.wait([ALL], 5) == math.inf
    pace.end([ALL], 6)
    assert pace.wait([ALL], 6) == 0


def test_a_rate_spaces_beginnings_and_saves_up_nothing() -> None:
    pace = Pace({"all": Limit(per_second=4)}, {})
    pace.begin([ALL], 10)
    assert pace.wait([ALL], 10) == 0.25
    assert pace.wait([ALL], 10.25) == 0
    pace.begin([ALL], 100)
    assert pace.wait([ALL], 100) == 0.25


def test_one_address_rests_between_two_visits() -> None:
    pace = Pace({"address": Limit(1, pause=2)}, {})
    groups = target("n", "a")
    pace.begin(groups, 0)
    assert pace.wait(groups, 1) == math.inf
    pace.end(groups, 3)
    assert pace.wait(groups, 3) == 2
    assert pace.wait(groups, 5) == 0


def test_a_group_of_its_own_overrides_its_kind() -> None:
    pace = Pace({"letter": Limit(1)}, {("letter", "7"): Limit(3)})
    for _ in range(3):
        assert pace.wait([("letter", "7")], 0) == 0
        pace.begin([("letter", "7")], 0)
    assert pace.wait([("letter", "7")], 0) == math.inf
    pace.begin([("letter", "8")], 0)
    assert pace.wait([("letter", "8")], 0) == math.inf


def test_a_full_network_does_not_hold_up_another() -> None:
    groups = {0: target("slow", "a"), 1: target("slow", "b"), 2: target("quick", "c")}
    lanes, pace = Lanes(groups), Pace({"network": Limit(1)}, {})
    for place in groups:
        lanes.add(place)
    first, _ = lanes.take(pace, 0)
    assert first == 0
    pace.begin(groups[0], 0)
    assert lanes.take(pace, 0)[0] == 2
    pace.begin(groups[2], 0)
    assert lanes.take(pace, 0) == (None, math.inf)
    pace.end(groups[0], 1)
    assert lanes.take(pace, 1)[0] == 1
    assert len(lanes) == 0


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("wxyz")), max_size=30), st.integers(1, 4))
def test_everybody_is_taken_once_and_no_bound_is_broken(who: list[tuple[str, str]], room: int) -> None:
    groups = {place: target(*one) for place, one in enumerate(who)}
    lanes, pace = Lanes(groups), Pace({"network": Limit(room), "address": Limit(1)}, {})
    for waiting in groups:
        lanes.add(waiting)
    running: list[int] = []
    taken: list[int] = []
    while len(lanes) or running:
        next_one, _ = lanes.take(pace, 0)
        if next_one is None:
            pace.end(groups[running.pop(0)], 0)
            continue
        place = next_one
        pace.begin(groups[place], 0)
        running.append(place)
        taken.append(place)
        addresses = [who[one] for one in running]
        assert len(addresses) == len(set(addresses))
        assert all(sum(n == network for n, _ in addresses) <= room for network in "ab")
    assert sorted(taken) == sorted(groups)


def note(silence: Silence, network: str, outcomes: str) -> list[int]:
    """Where in a row of outcomes (`.` answered, `x` silent) the network is found to have fallen silent."""
    return [i for i, one in enumerate(outcomes) if silence.note(network, silent=one == "x")]


def test_silence_after_answers_is_sudden() -> None:
    assert note(Silence(5), "n", "." * 12 + "x" * 9) == [16]


def test_a_network_that_never_answered_is_not_suddenly_silent() -> None:
    """Offices at night: most machines are off."""
    assert note(Silence(5), "n", "x" * 40) == []
    assert note(Silence(5), "n", "xxx." * 10 + "x" * 20) == []


def test_too_few_answers_before_prove_nothing() -> None:
    assert note(Silence(5), "n", "." * 9 + "x" * 20) == []


def test_networks_are_watched_apart() -> None:
    silence = Silence(3)
    note(silence, "a", "." * 10)
    assert note(silence, "b", "x" * 10) == []
    assert note(silence, "a", "xx.xxx") == [5]
