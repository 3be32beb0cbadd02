"""What a plan tells is exact, its limit holds, and the search is near the best there is."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from tests.unit.fleet.model import EVERYTHING, Model
from tests.unit.scoring.test_impact import SOFTWARE_OF, UNIT, built
from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.recommendations import Action, Goal, make_plan, planning
from weakspot.recommendations.bounds import least_actions, worths
from weakspot.scoring import Replacing, organisation_score

VERSIONS = sorted(SOFTWARE_OF)
fleets = st.builds(
    Model,
    st.just(SOFTWARE_OF),
    st.dictionaries(
        st.integers(1, 8), st.sets(st.sampled_from(VERSIONS), min_size=1, max_size=6), min_size=2, max_size=8
    ),
    st.fixed_dictionaries(
        {
            n: st.tuples(st.integers(1, 2), st.sampled_from(["Low", "Normal", "High"]), st.just(True))
            for n in range(1, 9)
        }
    ),
    st.dictionaries(st.sampled_from(VERSIONS), st.sets(st.integers(1, 12), min_size=1, max_size=4), min_size=3),
    st.fixed_dictionaries({one: st.integers(0, 4 * UNIT) for one in range(1, 13)}),
)
staying = st.dictionaries(st.sampled_from(VERSIONS), st.sets(st.integers(1, 12), max_size=1), max_size=3)


def actions_of(remaining: dict[int, set[int]]) -> list[Action]:
    """One action a software: all of its versions go; ``remaining`` is what comes instead."""
    return [
        Action(
            id=f"s{software}",
            replaced={v: BitMap(remaining.get(v, ())) for v in VERSIONS if SOFTWARE_OF[v] == software},
            hours=float(software),
        )
        for software in sorted(set(SOFTWARE_OF.values()))
    ]


def points(view: FleetView, chosen: tuple[Action, ...]) -> float:
    replacing = Replacing(view, EVERYTHING)
    for action in chosen:
        replacing.apply(action.replaced)
    return replacing.total_gain


def fitting(actions: list[Action], goal: Goal) -> list[tuple[Action, ...]]:
    """Every choice of actions that the goal allows."""
    most = len(actions) if goal.actions is None else goal.actions
    hours = sum(one.hours for one in actions) if goal.hours is None else goal.hours
    return [
        chosen
        for size in range(min(most, len(actions)) + 1)
        for chosen in combinations(actions, size)
        if sum(one.hours for one in chosen) <= hours
    ]


@settings(max_examples=120, deadline=None)
@given(fleets, staying, st.sampled_from([Goal(actions=1), Goal(actions=2), Goal(actions=3), Goal(hours=5.0)]))
def test_no_choice_passes_the_limit_and_the_plan_is_near_the_best(
    model: Model, remaining: dict[int, set[int]], goal: Goal
) -> None:
    fleet = built(model)
    view, actions = fleet.view(), actions_of(remaining)
    plan = make_plan(view, EVERYTHING, actions, goal)
    best = max(points(view, chosen) for chosen in fitting(actions, goal))
    assert plan.score_before is not None
    assert plan.score_after is not None
    assert plan.best_possible is not None
    assert plan.score_before - best >= plan.best_possible - 1e-6
    assert plan.score_before - plan.score_after >= 0.9 * best - 1e-6
    by_id = {one.id: one for one in actions}
    assert points(view, tuple(by_id[one.id] for one in plan.steps)) == pytest.approx(
        plan.score_before - plan.score_after, abs=1e-9
    )
    assert sum(one.gain for one in plan.steps) == pytest.approx(plan.score_before - plan.score_after, abs=1e-9)
    assert plan.hours == sum(by_id[one.id].hours for one in plan.steps)
    assert plan.hours <= (goal.hours or plan.hours)
    assert len(plan.steps) <= (goal.actions or len(actions))


@settings(max_examples=80, deadline=None)
@given(fleets, staying, st.floats(0.0, 90.0))
def test_no_plan_reaches_a_score_with_fewer_actions_than_said(
    model: Model, remaining: dict[int, set[int]], score: float
) -> None:
    fleet = built(model)
    view, actions = fleet.view(), actions_of(remaining)
    plan = make_plan(view, EVERYTHING, actions, Goal(score=score))
    before = organisation_score(fleet, EVERYTHING)
    assert before is not None
    reaching = [len(c) for c in fitting(actions, Goal()) if points(view, c) >= before - score - 1e-9]
    if reaching:
        assert plan.least_actions is not None
        assert plan.least_actions <= min(reaching)
    if plan.is_reached:
        assert plan.score_after is not None
        assert plan.score_after <= score + 1e-6
        assert len(plan.steps) <= min(reaching) + 1
    if plan.least_actions is None:
        assert not plan.is_reached


def saturated() -> tuple[FleetView, list[Action]]:
    """One device that two hazards keep at the end of the scale, and a small thing on another."""
    model = Model(
        SOFTWARE_OF,
        installed={1: {1, 4}, 2: {7}},
        facts={1: (1, "Normal", True), 2: (1, "Normal", True)},
        matches={1: {1}, 4: {2}, 7: {3}},
        hazards={1: 60 * UNIT, 2: 60 * UNIT, 3: UNIT // 100},
    )
    return built(model).view(), actions_of({})


def test_looks_ahead_where_no_single_fix_moves_the_score() -> None:
    view, actions = saturated()
    plan = make_plan(view, EVERYTHING, actions, Goal(actions=2))
    assert {one.id for one in plan.steps} == {f"s{SOFTWARE_OF[1]}", f"s{SOFTWARE_OF[4]}"}
    assert plan.steps[0].gain == pytest.approx(0.0, abs=1e-6)
    assert plan.steps[1].gain == pytest.approx(50.0, abs=0.01)
    assert plan.devices == 1


def test_the_score_that_was_asked_for_is_reached_with_few_steps() -> None:
    view, actions = saturated()
    plan = make_plan(view, EVERYTHING, actions, Goal(score=1.0))
    assert plan.is_reached
    assert (len(plan.steps), plan.least_actions) == (2, 2)


def test_what_cannot_be_reached_is_said() -> None:
    view, actions = saturated()
    kept = [one for one in actions if one.id != f"s{SOFTWARE_OF[1]}"]
    plan = make_plan(view, EVERYTHING, kept, Goal(score=1.0))
    assert not plan.is_reached
    assert plan.least_actions is None


def test_a_score_that_is_met_needs_nothing() -> None:
    view, actions = saturated()
    plan = make_plan(view, EVERYTHING, actions, Goal(score=99.0))
    assert (plan.steps, plan.is_reached, plan.least_actions) == ((), True, 0)


def test_without_devices_there_is_no_plan() -> None:
    view, actions = saturated()
    plan = make_plan(view, Scope(frozenset([77])), actions, Goal(actions=3))
    assert (plan.score_before, plan.steps) == (None, ())
    assert make_plan(view, EVERYTHING, [], Goal(actions=3)).steps == ()


def test_a_part_of_a_large_fleet_is_searched_and_the_whole_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(
        SOFTWARE_OF,
        installed={n: {1, 4} if n % 2 else {7} for n in range(1, 41)},
        facts=dict.fromkeys(range(1, 41), (1, "Normal", True)),
        matches={1: {1}, 4: {2}, 7: {3}},
        hazards={1: UNIT, 2: UNIT // 2, 3: UNIT // 9},
    )
    view = built(model).view()
    exact = make_plan(view, EVERYTHING, actions_of({}), Goal(actions=3))
    monkeypatch.setattr(planning, "SEARCHED_DEVICES", 11)
    assert make_plan(view, EVERYTHING, actions_of({}), Goal(actions=3)) == exact
    assert exact.devices == 40


def test_worth_is_at_least_what_an_action_wins_alone() -> None:
    view, actions = saturated()
    worth = worths(view, EVERYTHING, actions)
    for action, most in zip(actions, worth.each, strict=True):
        assert points(view, (action,)) <= most + 1e-9
    assert least_actions(worth, 1_000.0) is None
    assert least_actions(worth, 0.0) == 0
