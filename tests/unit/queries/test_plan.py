from __future__ import annotations

import pytest

from tests.unit.queries.fleet import SmallFleet
from weakspot import scoring
from weakspot.queries import plan
from weakspot.queries.contracts import PlanPage
from weakspot.queries.plan import PlanQuery
from weakspot.runtime.errors import BadQuery


def made(fleet: SmallFleet, query: PlanQuery, scope: object = None) -> PlanPage:
    with fleet.world.read() as read:
        return plan.plan(read, scope or fleet.everything, query)  # type: ignore[arg-type]


def test_ten_actions_unless_told(fleet: SmallFleet) -> None:
    found = made(fleet, PlanQuery())
    score = scoring.organisation_score(fleet.world.fleet, fleet.everything)
    assert found.score_before == score
    assert [one.number for one in found.steps] == [1, 2, 3]
    assert found.steps[0].title == "Update openssl to 3.0.15-1"
    assert found.actions_considered == 3
    assert [point.score for point in found.curve] == [score, *(one.score_after for one in found.steps)]
    assert sum(one.gain for one in found.steps) == pytest.approx((score or 0) - (found.score_after or 0))
    assert (found.best_possible or 0) <= (found.score_after or 0)
    assert found.curve[-1].hours == pytest.approx(found.hours)
    assert found.devices == 3


def test_goals(fleet: SmallFleet) -> None:
    assert len(made(fleet, PlanQuery(actions=1)).steps) == 1
    assert made(fleet, PlanQuery(hours=3.0, efforts={"Update": 1.5})).hours == 3.0
    reached = made(fleet, PlanQuery(score=20.0))
    assert reached.is_reached
    assert reached.least_actions == 1
    never = made(fleet, PlanQuery(score=0.0))
    assert (never.is_reached, never.least_actions) == (False, None)


def test_an_effort_of_one_action(fleet: SmallFleet) -> None:
    found = made(fleet, PlanQuery(hours=10.0, efforts={"va-_-debian-_-openssl": 11.0, "Update": 1.0}))
    assert "va-_-debian-_-openssl" not in {one.id for one in found.steps}
    assert {one.hours for one in found.steps} == {1.0}


def test_a_plan_is_of_the_scope(fleet: SmallFleet) -> None:
    assert {one.id for one in made(fleet, PlanQuery(), fleet.only_office).steps} <= {
        "va-_-debian-_-openssl", "va-_-pypi-_-flask",
    }  # fmt: skip
    nothing = made(fleet, PlanQuery(score=10), fleet.nobody)
    assert (nothing.score_before, nothing.steps, nothing.curve) == (None, [], [])


@pytest.mark.parametrize(
    "query",
    [
        PlanQuery(score=101.0),
        PlanQuery(actions=0),
        PlanQuery(actions=101),
        PlanQuery(hours=0.0),
        PlanQuery(efforts={"Update": 0.0}),
        PlanQuery(efforts={"Pray": 1.0}),
        PlanQuery(efforts={f"va-_-a-_-{n}": 1.0 for n in range(201)}),
    ],
)
def test_goals_out_of_bounds_are_refused(fleet: SmallFleet, query: PlanQuery) -> None:
    with pytest.raises(BadQuery):
        made(fleet, query)
