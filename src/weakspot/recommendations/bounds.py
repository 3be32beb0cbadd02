"""How much an action can be worth at most, whatever else is done: the limit that comes with every plan.

On one device the points won are a convex function of the hazard that goes, so they are never more than that hazard
times the slope of the chord to the point where all that can go is gone. The hazard that several actions take from a
device is at most the sum of what each of them carries there. So the points of a plan are at most the sum of its
actions' worths.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.recommendations.contracts import Action, Goal
from weakspot.scoring import device_weights, survival_of

Floats = npt.NDArray[np.float64]
TIGHTENED = 96
"""So many of the most valuable actions are measured closely; for the others a looser limit does."""
SLACK = 1e-9
"""Points; covers the rounding of survivals."""


class Worths(msgspec.Struct, frozen=True):
    """Upper limits in points: of each action (in the order given), and of all of them together."""

    each: Floats
    together: float


def worths(view: FleetView, scope: Scope, actions: Sequence[Action]) -> Worths:
    """Worth of every action, each at most what it can add to any plan."""
    within = view.scope_bitmap(scope)
    carried = [_carried(view, action, within) for action in actions]
    removable = np.zeros(view.device_extent)
    for some in carried:
        for devices, hazard in some:
            removable[devices] += hazard
    ids, hazards, _ = view.device_hazards(None, scope)
    ids, hazards = ids[ids < view.device_extent], hazards[ids < view.device_extent]
    removable[ids] = np.minimum(removable[ids], hazards)
    won = device_weights(view, scope)[ids] * (survival_of(hazards - removable[ids]) - survival_of(hazards))
    slope = np.zeros(view.device_extent)
    moving = removable[ids] > 0
    slope[ids[moving]] = won[moving] / removable[ids][moving]
    each = np.array([sum(float(slope[devices].sum()) * hazard for devices, hazard in some) for some in carried])
    for at in np.argsort(-each, kind="stable")[:TIGHTENED].tolist():
        each[at] = min(each[at], _close(view, actions[at], within, slope))
    return Worths(each, float(won[moving].sum()))


def most_points(worth: Worths, actions: Sequence[Action], goal: Goal) -> float:
    """Points that no plan within the goal's number of actions and hours can pass."""
    limit = worth.together
    if goal.actions is not None:
        limit = min(limit, float(np.sort(worth.each)[::-1][: goal.actions].sum()))
    if goal.hours is not None:
        limit = min(limit, _filled(worth.each, np.array([one.hours for one in actions]), goal.hours))
    return limit + SLACK


def least_actions(worth: Worths, points: float) -> int | None:
    """Number of actions without which so many points cannot be won; None: not with all of them."""
    if points <= SLACK:
        return 0
    sums = np.cumsum(np.sort(worth.each)[::-1]) + SLACK
    if worth.together + SLACK < points or len(sums) == 0 or sums[-1] < points:
        return None
    return int(np.searchsorted(sums, points)) + 1


def _filled(each: Floats, hours: Floats, budget: float) -> float:
    """The best use of the hours if actions could be done in part."""
    order = np.argsort(-each / hours, kind="stable") if len(each) else np.empty(0, np.int64)
    used = np.cumsum(hours[order])
    whole = int(np.searchsorted(used, budget, side="right"))
    total = float(each[order[:whole]].sum())
    if whole < len(order):
        left = budget - (float(used[whole - 1]) if whole else 0.0)
        total += float(each[order[whole]]) * max(0.0, left) / float(hours[order[whole]])
    return total


def _carried(view: FleetView, action: Action, within: BitMap) -> list[tuple[npt.NDArray[np.uint32], int]]:
    """Devices of each version that goes, with the hazard that goes with it, each version by itself."""
    found = []
    for version, remaining in action.replaced.items():
        leaving = view.weaknesses[version] - remaining
        devices = view.installed[version] & within
        if leaving and devices:
            hazard = int(view.hazards_of(_ids(leaving)).sum())
            if hazard:
                found.append((_ids(devices), hazard))
    return found


def _close(view: FleetView, action: Action, within: BitMap, slope: Floats) -> float:
    """As the sum over the versions, but a vulnerability counts once a device."""
    alike: dict[tuple[int, ...], int] = {}
    for vulnerability in view.vulnerabilities_of_versions(action.replaced):
        carriers = tuple(
            one for one in view.carriers[vulnerability]
            if one in action.replaced and vulnerability not in action.replaced[one]
        )  # fmt: skip
        if carriers:
            alike[carriers] = alike.get(carriers, 0) + view.vulnerability_hazard(vulnerability)
    return sum(float(slope[_ids(view.carrying(some) & within)].sum()) * hazard for some, hazard in alike.items())


def _ids(bitmap: BitMap) -> npt.NDArray[np.uint32]:
    return np.frombuffer(bitmap.to_array(), np.uint32) if bitmap else np.empty(0, np.uint32)
