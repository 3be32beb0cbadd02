"""The part of the plan about settings: which to change first for the secure score (docs/decisions/0013)."""

from __future__ import annotations

from collections.abc import Mapping

from pyroaring import BitMap

from weakspot import intel, posture, recommendations, scoring
from weakspot.queries.checks import CheckReader
from weakspot.queries.lens import Lens
from weakspot.queries.plan_contracts import SettingsPlan, SettingsPlanStep
from weakspot.recommendations import CHECK_TYPE, CheckAction, CheckGoal, check_recommendation_id
from weakspot.scoring import CheckState

DEFAULT_SETTINGS = 10


def settings_plan(
    lens: Lens, efforts: Mapping[str, float], *, percent: float | None, actions: int | None, hours: float | None
) -> SettingsPlan:
    """The plan for the scope. efforts: hours by recommendation id, or of every setting by ``ConfigurationChange``.

    percent: secure score to reach, 0-100; with none of the three, ten settings.
    """
    reader = CheckReader(lens)
    now = scoring.secure_total(scoring.secure_score(reader.states, lens.counted, reader.excepted))
    if percent is None and actions is None and hours is None:
        actions = DEFAULT_SETTINGS
    open_ones = {one: state for one, state in reader.states.items() if reader.status(state) != "full_exception"}
    considered = [one for state in open_ones.values() if (one := _action(reader, state, efforts)).points > 0]
    points = None if percent is None else now.maximum * percent / 100
    made = recommendations.plan_checks(
        now.points, considered, CheckGoal(points=points, actions=actions, hours=hours)
    )  # fmt: skip
    steps = _steps(reader, made.steps, now.points, now.maximum)
    touched = BitMap.union(BitMap(), *(reader.exposed_after(reader.states[one.check_id]) for one in made.steps))
    return SettingsPlan(
        points_before=now.points,
        points_after=made.points_after,
        maximum=now.maximum,
        percent_before=_percent(now.points, now.maximum),
        percent_after=_percent(made.points_after, now.maximum),
        best_possible=_percent(made.best_possible, now.maximum),
        is_reached=made.is_reached,
        least_actions=made.least_actions,
        devices=len(touched),
        hours=sum(one.hours for one in made.steps),
        actions_considered=len(considered),
        steps=steps,
    )


def _action(reader: CheckReader, state: CheckState, efforts: Mapping[str, float]) -> CheckAction:
    devices = len(reader.exposed_after(state))
    usual = recommendations.check_hours(devices, is_noticed=bool(state.check.user_impact))
    ident = check_recommendation_id(state.check.id)
    return CheckAction(
        check_id=state.check.id,
        points=scoring.gained(state, reader.counts[state.check.id], devices),
        hours=efforts.get(ident, efforts.get(CHECK_TYPE, usual)),
        devices=devices,
    )


def _steps(
    reader: CheckReader, taken: tuple[CheckAction, ...], points: float, maximum: float
) -> list[SettingsPlanStep]:  # fmt: skip
    here = BitMap(reader.lens.view.vulnerability_counts(reader.lens.scope)[0]) if taken else BitMap()
    used = {one: known for one, known in intel.techniques(reader.lens.conn).items() if one in here} if taken else {}
    steps = []
    for number, one in enumerate(taken, 1):
        check = reader.states[one.check_id].check
        points += one.points
        steps.append(
            SettingsPlanStep(
                number=number,
                id=check_recommendation_id(check.id),
                check_id=check.id,
                title=check.title,
                hours=one.hours,
                devices=one.devices,
                gain=one.points,
                points_after=points,
                percent_after=_percent(points, maximum) or 0.0,
                blunted_weaknesses=sum(bool(posture.blunted(check, known)) for known in used.values()),
            )
        )
    return steps


def _percent(points: float, maximum: float) -> float | None:
    return 100 * points / maximum if maximum else None
