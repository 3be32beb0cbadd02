"""Plans of settings: predicted points are the points that come, and no choice within the goal is better."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from tests.unit.posture.support import check
from weakspot import scoring
from weakspot.recommendations import CheckAction, CheckGoal, check_hours, plan_checks
from weakspot.scoring import CheckState

DEVICES = range(1, 13)
some = st.sets(st.sampled_from(DEVICES)).map(BitMap)


@st.composite
def states(draw: st.DrawFn) -> dict[str, tuple[CheckState, BitMap]]:
    """Checks with their devices, and those on which an exception stands for them."""
    found = {}
    for number in range(draw(st.integers(1, 6))):
        made = check(id=f"check-{number}", impact=draw(st.integers(1, 10)))
        compliant, failing = draw(some), draw(some)
        failing -= compliant
        state = CheckState(made, draw(st.booleans()), compliant | failing | draw(some), compliant, failing)
        found[made.id] = (state, draw(some))
    return found


def action(state: CheckState, excepted: BitMap, hours: float) -> CheckAction:
    devices = BitMap(DEVICES)
    return CheckAction(
        check_id=state.check.id,
        points=scoring.check_impact(state, devices, excepted),
        hours=hours,
        devices=len(state.non_compliant - excepted),
    )


def points(known: dict[str, tuple[CheckState, BitMap]]) -> float:
    return sum(scoring.check_points(state, BitMap(DEVICES), excepted).points for state, excepted in known.values())


def changed(state: CheckState, excepted: BitMap) -> CheckState:
    """The setting is as it should be, wherever no exception stands for it."""
    fixed = state.non_compliant - excepted
    return CheckState(
        state.check, state.is_enabled, state.applicable, state.compliant | fixed, state.non_compliant - fixed
    )


@given(states(), st.integers(1, 6))
def test_the_points_that_are_predicted_come(known: dict[str, tuple[CheckState, BitMap]], number: int) -> None:
    """Issue 7, item 3: predicted == actual."""
    before = points(known)
    actions = [action(state, excepted, 1.0) for state, excepted in known.values()]
    made = plan_checks(before, actions, CheckGoal(actions=number))
    predicted = before
    for step in made.steps:
        state, excepted = known[step.check_id]
        known[step.check_id] = (changed(state, excepted), excepted)
        predicted += step.points
        assert points(known) == pytest.approx(predicted, abs=1e-9)
    assert made.points_after == pytest.approx(predicted, abs=1e-9)


costs = st.lists(
    st.tuples(st.floats(0, 10).map(lambda one: round(one, 2)), st.integers(1, 9)), min_size=1, max_size=6
)  # fmt: skip


@given(costs, st.one_of(st.none(), st.integers(1, 5)), st.one_of(st.none(), st.integers(1, 20)))
def test_no_choice_within_the_goal_passes_the_limit(
    given_costs: list[tuple[float, int]], number: int | None, hours: int | None
) -> None:
    actions = [
        CheckAction(check_id=f"check-{at}", points=points, hours=cost, devices=1)
        for at, (points, cost) in enumerate(given_costs)
    ]
    goal = CheckGoal(actions=number, hours=hours)
    made = plan_checks(5.0, actions, goal)
    fitting = [
        chosen
        for size in range(len(actions) + 1)
        for chosen in combinations(actions, size)
        if (number is None or size <= number) and (hours is None or sum(one.hours for one in chosen) <= hours)
    ]
    best = 5.0 + max(sum(one.points for one in chosen) for chosen in fitting)
    assert made.points_after <= best + 1e-9 <= made.best_possible + 2e-9
    assert {one.check_id for one in made.steps} in [{one.check_id for one in chosen} for chosen in fitting]
    if hours is None:
        assert made.points_after == pytest.approx(best)


@given(costs, st.floats(0, 40))
def test_a_goal_is_reached_with_as_few_as_there_can_be(given_costs: list[tuple[float, int]], wanted: float) -> None:
    actions = [
        CheckAction(check_id=f"check-{at}", points=points, hours=cost, devices=1)
        for at, (points, cost) in enumerate(given_costs)
    ]
    made = plan_checks(0.0, actions, CheckGoal(points=wanted))
    assert made.is_reached == (sum(one.points for one in actions) >= wanted - 1e-9)
    assert made.least_actions == (len(made.steps) if made.is_reached else None)


def test_what_people_notice_takes_longer() -> None:
    assert check_hours(0, is_noticed=True) > check_hours(0, is_noticed=False) > 0
    assert check_hours(100, is_noticed=False) > check_hours(1, is_noticed=False)
