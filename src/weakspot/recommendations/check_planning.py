"""Which settings to change first: an ordered plan with the exact gain of every step on the secure score.

Unlike hazards (``planning``), points add up: each check has its own, and changing one setting leaves the others. So for
a number of changes, or a score to reach, the plan is the best there is; within hours it is the better of two orders,
with a limit that no choice can pass. Nothing here touches the exposure score (docs/decisions/0013).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import msgspec

CHECK_TYPE = "ConfigurationChange"
CHECK_HOURS = 2.0
CHECK_HOURS_PER_DEVICE = 0.01
TELLING_HOURS = 4.0
"""What changing a setting costs unless told otherwise: preparing and testing it once, a little for each device, and
telling people where they will notice it."""
SLACK = 1e-9


class CheckAction(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that a plan may change. points: what the secure score gains by it; hours: effort, above 0."""

    check_id: str
    points: float
    hours: float
    devices: int


class CheckGoal(msgspec.Struct, frozen=True, kw_only=True):
    """Where a plan ends: at so many points, after some changes, or when the hours are used up."""

    points: float | None = None
    actions: int | None = None
    hours: float | None = None


class CheckPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Steps in order. best_possible: no choice within the goal's number and hours reaches more points than this;
    least_actions: none reaches the goal's points with fewer; None where none was asked for or none can reach it.
    """

    steps: tuple[CheckAction, ...]
    points_after: float
    best_possible: float
    is_reached: bool
    """True where no points were asked for."""
    least_actions: int | None


def check_hours(devices: int, *, is_noticed: bool) -> float:
    """Effort of changing a setting on some devices. is_noticed: people will."""
    return CHECK_HOURS + devices * CHECK_HOURS_PER_DEVICE + (TELLING_HOURS if is_noticed else 0.0)


def plan_checks(before: float, actions: Sequence[CheckAction], goal: CheckGoal) -> CheckPlan:
    """The plan for a goal, from ``before`` points. Actions that gain nothing are in none."""
    useful = sorted((one for one in actions if one.points > 0), key=lambda one: (-one.points, one.check_id))
    needed = None if goal.points is None else goal.points - before
    orders = [useful]
    if goal.hours is not None:
        orders.append(sorted(useful, key=lambda one: (-one.points / one.hours, one.check_id)))
    plans = [_taken(one, goal, needed) for one in orders]
    steps = min(plans, key=lambda one: _rank(one, needed))
    won = sum(one.points for one in steps)
    return CheckPlan(
        steps=tuple(steps),
        points_after=before + won,
        best_possible=before + _most(useful, goal),
        is_reached=needed is None or won >= needed - SLACK,
        least_actions=None if needed is None else _least(useful, needed),
    )


def _taken(order: Sequence[CheckAction], goal: CheckGoal, needed: float | None) -> list[CheckAction]:
    """Every action of an order that still fits, until the goal is reached."""
    taken: list[CheckAction] = []
    won = hours = 0.0
    for one in order:
        if (goal.actions is not None and len(taken) == goal.actions) or (needed is not None and won >= needed - SLACK):
            break
        if goal.hours is None or hours + one.hours <= goal.hours + SLACK:
            taken.append(one)
            won, hours = won + one.points, hours + one.hours
    return taken


def _rank(steps: Sequence[CheckAction], needed: float | None) -> tuple[float, ...]:
    """Smaller is better: the goal reached with few steps, else the most points."""
    won = sum(one.points for one in steps)
    if needed is not None and won >= needed - SLACK:
        return (0.0, len(steps), -won)
    return (1.0, -won, len(steps))


def _most(useful: Sequence[CheckAction], goal: CheckGoal) -> float:
    """Points that no choice within the goal's number and hours exceeds; actions may be taken in part."""
    most = sum(one.points for one in useful[: goal.actions])
    if goal.hours is None:
        return most
    left, within = goal.hours, 0.0
    for one in sorted(useful, key=lambda one: -one.points / one.hours):
        part = min(1.0, left / one.hours)
        within, left = within + part * one.points, left - part * one.hours
    return min(most, within)


def _least(useful: Sequence[CheckAction], needed: float) -> int | None:
    if needed <= SLACK:
        return 0
    sums = accumulate(one.points for one in useful)
    return next((number for number, won in enumerate(sums, 1) if won >= needed - SLACK), None)
