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
from weakspot.scoring import Excepted, device_weights, survival_of

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
TIGHTENED = 64
"""So many of the most valuable actions are measured closely; for the others a looser limit does."""
_RUN = 2_000_000
"""Devices that are looked at in one go."""
SLACK = 1e-9
"""Points; covers the rounding of survivals."""


class Worths(msgspec.Struct, frozen=True):
    """Upper limits in points: of each action (in the order given), and of all of them together."""

    each: Floats
    together: float


def worths(view: FleetView, scope: Scope, actions: Sequence[Action], *, excepted: Excepted | None = None) -> Worths:
    """Worth of every action, each at most what it can add to any plan. excepted: findings that do not count.

    What an action carries is taken with its excepted findings: the limits stay limits, and are a little looser.
    """
    within = view.scope_bitmap(scope)
    # Devices out of scope have no slope, so leaving them out is worth it only where they are many.
    carried = _Carried(view, actions, within if 2 * len(within) < view.device_extent else None)
    removable = carried.hazards_per_device(view.device_extent)
    ids, hazards, _ = view.device_hazards(None, scope)
    ids, hazards = ids[ids < view.device_extent], hazards[ids < view.device_extent]
    if excepted:
        hazards = excepted.hazards(ids)
    removable[ids] = np.minimum(removable[ids], hazards)
    won = device_weights(view, scope)[ids] * (survival_of(hazards - removable[ids]) - survival_of(hazards))
    slope = np.zeros(view.device_extent)
    moving = removable[ids] > 0
    slope[ids[moving]] = won[moving] / removable[ids][moving]
    each = carried.worth_per_action(slope, len(actions))
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


def _reached(view: FleetView, version: int, action: Action, within: BitMap | None) -> BitMap:
    devices = view.installed[version]
    if within is not None:
        devices = devices & within
    return devices if action.kept is None else devices - action.kept


_Going = tuple[int, npt.NDArray[np.uint32], npt.NDArray[np.uint32]]
"""Number of an action, devices of a version that goes with it, vulnerabilities that go with the version."""


class _Carried:
    """Devices of each version that goes, with the hazard that goes with it, each version by itself.

    within: leave out other devices; None: whoever asks leaves them out.
    """

    def __init__(self, view: FleetView, actions: Sequence[Action], within: BitMap | None) -> None:
        self._runs: list[tuple[npt.NDArray[np.uint32], Int64s, Floats, Int64s]] = []
        """Devices of some versions one after another, where each version begins, its hazard, its action."""
        run: list[_Going] = []
        length = 0
        for at, action in enumerate(actions):
            for version, remaining in action.replaced.items():
                carried = view.weaknesses[version]
                gone = carried - remaining if remaining else carried
                devices = _reached(view, version, action, within) if gone else gone
                if devices:
                    run.append((at, _ids(devices), _ids(gone)))
                    length += len(devices)
            if length > _RUN or (run and at == len(actions) - 1):
                self._add(view, run)
                run, length = [], 0

    def _add(self, view: FleetView, run: Sequence[_Going]) -> None:
        """One more run, without what has no hazard."""
        sizes = np.array([len(gone) for _, _, gone in run])
        each = view.hazards_of(np.concatenate([gone for _, _, gone in run]))
        hazards = np.add.reduceat(each, np.cumsum(sizes) - sizes)
        kept = np.flatnonzero(hazards).tolist()
        if kept:
            lengths = np.array([len(run[at][1]) for at in kept])
            devices = np.concatenate([run[at][1] for at in kept])
            owners = np.array([run[at][0] for at in kept])
            self._runs.append((devices, np.cumsum(lengths) - lengths, hazards[kept].astype(np.float64), owners))

    def hazards_per_device(self, extent: int) -> Floats:
        """What goes from each device at most."""
        total = np.zeros(extent)
        for devices, starts, hazards, _ in self._runs:
            lengths = np.diff(starts, append=len(devices))
            total += np.bincount(devices, weights=np.repeat(hazards, lengths), minlength=extent)
        return total

    def worth_per_action(self, slope: Floats, count: int) -> Floats:
        """Each action's hazards, at what they are worth on their devices."""
        each = np.zeros(count)
        for devices, starts, hazards, owners in self._runs:
            each += np.bincount(owners, weights=np.add.reduceat(slope[devices], starts) * hazards, minlength=count)
        return each


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
    reached = within if action.kept is None else within - action.kept
    return sum(float(slope[_ids(view.carrying(some) & reached)].sum()) * hazard for some, hazard in alike.items())


def _ids(bitmap: BitMap) -> npt.NDArray[np.uint32]:
    return np.frombuffer(bitmap.to_array(), np.uint32) if bitmap else np.empty(0, np.uint32)
