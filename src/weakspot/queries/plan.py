"""The Plan page: what to do first to reach a goal."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from weakspot import recommendations
from weakspot.access.contracts import Scope
from weakspot.queries.base import ReadContext
from weakspot.queries.check_plan import settings_plan
from weakspot.queries.contracts import PlanPage, PlanPoint, PlanStepRow
from weakspot.queries.lens import Lens
from weakspot.queries.recommendations import Reader
from weakspot.recommendations import CHECK_TYPE, EFFORT_HOURS, MAX_STEPS, Action, Goal, Recommendation
from weakspot.runtime.errors import BadQuery

DEFAULT_ACTIONS = 10
MAX_HOURS = 100_000
MAX_EFFORTS = 200


class PlanQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan is asked for: a score to reach, a number of actions, hours; none of them means ten actions.

    efforts: hours of an action by recommendation id, or of every action of a type by its name.
    """

    score: float | None = None
    actions: int | None = None
    hours: float | None = None
    efforts: Mapping[str, float] = {}
    secure_score: float | None = None
    """Percent to reach by changing settings; this, ``settings`` and ``settings_hours`` are the goal of that part."""
    settings: int | None = None
    settings_hours: float | None = None


def plan(read: ReadContext, scope: Scope, query: PlanQuery) -> PlanPage:
    """The best plan found for the scope, every step with its exact gain. Raises BadQuery."""
    _check(query)
    lens = Lens(read, scope)
    reader = Reader(lens)
    made_of = {
        one.product.id: one
        for one in reader.made()
        if one.replaced and recommendations.status(lens.exceptions, lens.view, scope, one) != "full_exception"
    }
    goal = Goal(score=query.score, actions=query.actions, hours=query.hours)
    if query.score is None and query.actions is None and query.hours is None:
        goal = Goal(actions=DEFAULT_ACTIONS)
    effort = _Effort(lens, query.efforts)
    actions = [effort.action(one, is_asked=goal.hours is not None) for one in made_of.values()]
    excepted = lens.excepted or None
    made = recommendations.make_plan(
        lens.view, scope, actions, goal, hazards=reader.catalogue.hazards, excepted=excepted
    )
    detected = made.score_before, made.score_after
    if excepted:
        taken = [one for step in made.steps for one in actions if one.id == step.id]
        detected = recommendations.carried_out(lens.view, scope, taken, reader.catalogue.hazards)
    steps = [
        PlanStepRow(
            number=number,
            id=step.id,
            title=made_of[step.id].title,
            remediation_type=made_of[step.id].remediation_type,
            weaknesses=len(made_of[step.id].weaknesses),
            hours=effort.hours(made_of[step.id]),
            devices=step.devices,
            gain=step.gain,
            score_after=step.score,
        )
        for number, step in enumerate(made.steps, 1)
    ]
    first = [] if made.score_before is None else [PlanPoint(step=0, hours=0.0, score=made.score_before)]
    return PlanPage(
        score_before=made.score_before,
        score_after=made.score_after,
        score_before_detected=detected[0],
        score_after_detected=detected[1],
        best_possible=made.best_possible,
        is_reached=made.is_reached,
        least_actions=made.least_actions,
        devices=made.devices,
        hours=sum(one.hours for one in steps),
        actions_considered=len(actions),
        steps=steps,
        curve=first + _curve(steps),
        settings=settings_plan(
            lens,
            query.efforts,
            percent=query.secure_score,
            actions=query.settings,
            hours=query.settings_hours,
        ),
    )


def _curve(steps: list[PlanStepRow]) -> list[PlanPoint]:
    points, hours = [], 0.0
    for step in steps:
        hours += step.hours
        points.append(PlanPoint(step=step.number, hours=hours, score=step.score_after))
    return points


class _Effort:
    """Recommendations as actions, and what they cost."""

    def __init__(self, lens: Lens, efforts: Mapping[str, float]) -> None:
        self._lens = lens
        self._efforts = efforts

    def action(self, made: Recommendation, *, is_asked: bool) -> Action:
        """It is not carried out where a control stands for it; a risk that is accepted may still be taken away.

        is_asked: whether hours matter to the goal; else they are left at 1, as they take long for all actions.
        """
        kept = recommendations.controlled(self._lens.exceptions, made)
        return recommendations.action(made, 0, self.hours(made) if is_asked else 1.0, kept)

    def hours(self, made: Recommendation) -> float:
        """As it was said, else by type and number of devices."""
        said = self._efforts.get(made.product.id, self._efforts.get(made.remediation_type))
        if said is not None:
            return said
        devices = self._lens.view.devices_of_versions(made.exposed, self._lens.scope)
        devices -= recommendations.controlled(self._lens.exceptions, made)
        return recommendations.action(made, len(devices)).hours


def _check(query: PlanQuery) -> None:
    for field, score in (("score", query.score), ("secure_score", query.secure_score)):
        if score is not None and not 0 <= score <= 100:
            raise BadQuery("A score to reach is from 0 to 100.", field=field)
    for field, count in (("actions", query.actions), ("settings", query.settings)):
        if count is not None and not 1 <= count <= MAX_STEPS:
            raise BadQuery(f"A plan has from 1 to {MAX_STEPS} actions.", field=field)
    for field, limit in (("hours", query.hours), ("settings_hours", query.settings_hours)):
        if limit is not None and not 0 < limit <= MAX_HOURS:
            raise BadQuery(f"Hours are above 0 and at most {MAX_HOURS:,}.", field=field)
    if len(query.efforts) > MAX_EFFORTS:
        raise BadQuery(f"Give at most {MAX_EFFORTS} efforts.", field="effort")
    for name, hours in query.efforts.items():
        if not 0 < hours <= MAX_HOURS:
            raise BadQuery(f"An effort is above 0 and at most {MAX_HOURS:,} hours.", field="effort")
        if name not in (*EFFORT_HOURS, CHECK_TYPE) and not name.startswith(("va-_-", "sca-_-")):
            kinds = ", ".join((*EFFORT_HOURS, CHECK_TYPE))
            raise BadQuery(f"An effort is for a recommendation's id or one of: {kinds}.", field="effort")
