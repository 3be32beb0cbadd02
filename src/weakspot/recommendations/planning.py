"""Which actions to take first: an ordered plan with the exact gain of every step and a limit that no plan can pass.

Gains are not diminishing: a device's score has an end, so two fixes together may win more than one after the other
seems to promise, and ranking by gain alone stalls where no single fix moves the score. So actions are searched in two
ways, by the hazard that they remove (each at what that can be worth, ``bounds``) and by gain with a look ahead over
pairs, and the better plan is kept. Large fleets are searched on an even part of the devices; what is told of the
plan's steps is of all devices and exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.recommendations.bounds import SLACK, least_actions, most_points, worths
from weakspot.recommendations.contracts import Action, Goal, Plan, PlanStep
from weakspot.scoring import Excepted, Replacing

MAX_STEPS = 100
SEARCHED_DEVICES = 5_000
WINDOW = 16
"""Actions that are weighed at each step: the most valuable ones that are left."""
PAIRED = 6
"""Of those, so many are also weighed in pairs."""
SWAPS = 400
"""Exchanges that are tried on a finished plan of a small fleet."""
SWAPPED_DEVICES = 100

Floats = npt.NDArray[np.float64]
Vector = tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]


class _Fleet(msgspec.Struct, frozen=True):
    """Where a plan is made: what counts in it and where actions do not reach."""

    view: FleetView
    scope: Scope
    hazards: Mapping[int, int]
    excepted: Excepted | None
    kept: Mapping[int, BitMap]

    def replacing(self, within: BitMap | None = None) -> Replacing:
        """A fleet in which nothing was done yet."""
        return Replacing(
            self.view, self.scope, within=within, hazards=self.hazards, excepted=self.excepted, kept=self.kept
        )


def make_plan(
    view: FleetView,
    scope: Scope,
    actions: Sequence[Action],
    goal: Goal,
    *,
    hazards: Mapping[int, int] | None = None,
    excepted: Excepted | None = None,
) -> Plan:
    """The best plan found for a goal. hazards: of vulnerabilities that only targets have; excepted: findings that do
    not count: with them scores and gains are those of the active score.
    """
    kept = {version: one.kept for one in actions if one.kept is not None for version in one.replaced}
    fleet = _Fleet(view, scope, hazards or {}, excepted, kept)
    before = fleet.replacing().score_before
    if before is None:
        return Plan(score_before=None, score_after=None, steps=(), best_possible=None, is_reached=goal.score is None,
                    least_actions=None, devices=0, hours=0.0)  # fmt: skip
    worth = worths(view, scope, actions, excepted=excepted)
    needed = None if goal.score is None else before - goal.score
    plans = []
    if needed is None or needed > 0:
        search = _Search(fleet, actions, worth.each, goal, needed)
        plans = [_walk(fleet, order, goal, before) for order in search.orders()]
    steps, devices = min(plans, key=lambda one: _rank(one[0], needed, before), default=((), 0))
    after = steps[-1].score if steps else before
    return Plan(
        score_before=before,
        score_after=after,
        steps=steps,
        best_possible=max(0.0, before - most_points(worth, actions, goal)),
        is_reached=needed is None or before - after >= needed - SLACK,
        least_actions=None if needed is None else least_actions(worth, needed),
        devices=devices,
        hours=sum(one.hours for one in steps),
    )


def carried_out(
    view: FleetView, scope: Scope, actions: Sequence[Action], hazards: Mapping[int, int] | None = None
) -> tuple[float | None, float | None]:
    """Detected score before and after some actions, in their order."""
    kept = {version: one.kept for one in actions if one.kept is not None for version in one.replaced}
    replacing = Replacing(view, scope, hazards=hazards, kept=kept)
    for action in actions:
        replacing.apply(action.replaced)
    before = replacing.score_before
    return before, None if before is None else before - replacing.total_gain


def _rank(steps: Sequence[PlanStep], needed: float | None, before: float) -> tuple[float, ...]:
    """Smaller is better: the goal reached, in few steps; else the lowest score."""
    won = before - steps[-1].score if steps else 0.0
    if needed is not None and won >= needed - SLACK:
        return (0.0, len(steps), -won)
    return (1.0, -won, len(steps))


def _walk(fleet: _Fleet, order: Sequence[Action], goal: Goal, before: float) -> tuple[tuple[PlanStep, ...], int]:
    """The steps with their exact gains, up to the goal; the number of devices that they touch."""
    replacing = fleet.replacing()
    steps: list[PlanStep] = []
    touched = np.zeros(fleet.view.device_extent, np.bool_)
    useful, reach = 0, 0
    for action in order:
        won = replacing.total_gain
        devices, changed = replacing.apply(action.replaced)
        moved = devices[changed != 0]
        touched[moved] = True
        total = replacing.total_gain
        score = before - total
        steps.append(PlanStep(id=action.id, hours=action.hours, gain=total - won, score=score, devices=len(moved)))
        if total - won > SLACK:
            useful, reach = len(steps), int(touched.sum())
        if goal.score is not None and before - total <= goal.score + SLACK:
            break
    return tuple(steps[:useful]), reach


class _Search:
    """Looks for good orders of actions, on an even part of the devices."""

    def __init__(
        self, fleet: _Fleet, actions: Sequence[Action], worth: Floats, goal: Goal, needed: float | None
    ) -> None:
        self._fleet, self._goal, self._needed = fleet, goal, needed
        ids = fleet.view.scope_bitmap(fleet.scope).to_array()
        stride = -(-len(ids) // SEARCHED_DEVICES) if len(ids) else 1
        self._within = BitMap(ids[::stride])
        self._stride = stride
        self._limit = min(goal.actions or MAX_STEPS, MAX_STEPS, len(actions))
        costs = np.array([self._cost(one) for one in actions], np.float64)
        best = np.argsort(-worth / costs, kind="stable").tolist()
        self._ranked = [actions[at] for at in best if worth[at] > 0][: self._limit * 2 + 2 * WINDOW]

    def orders(self) -> Iterator[list[Action]]:
        """Orders worth an exact look."""
        by_worth = self._fitting(self._ranked)
        by_gain = self._by_gain()
        if self._stride > 1 and self._needed is None:
            yield max((by_gain, by_worth), key=self._total)
            return
        yield by_worth
        yield by_gain
        if len(self._within) <= SWAPPED_DEVICES and self._stride == 1 and self._needed is None:
            yield self._swapped(max((by_worth, by_gain), key=self._total))

    def _cost(self, action: Action) -> float:
        return 1.0 if self._goal.hours is None else action.hours

    def _hours(self) -> float:
        return np.inf if self._goal.hours is None else self._goal.hours

    def _by_gain(self) -> list[Action]:
        state = _State(self._fleet, self._within)
        chosen: list[Action] = []
        left, waiting = self._hours(), list(self._ranked)
        while len(chosen) < self._limit and not self._is_enough(state):
            window = [one for one in waiting if one.hours <= left][:WINDOW]
            if not window:
                break
            taken = self._next(state, window, left, self._limit - len(chosen))
            for action in taken:
                state.apply(action)
                waiting.remove(action)
                chosen.append(action)
                left -= action.hours
        return chosen

    def _is_enough(self, state: _State) -> bool:
        """With a margin where just a part of the devices was looked at."""
        margin = 1.0 if self._stride == 1 else 1.05
        return self._needed is not None and state.total_gain * self._stride >= self._needed * margin

    def _next(self, state: _State, window: list[Action], left: float, steps: int) -> list[Action]:
        """The best single action or pair, by points for the cost; where nothing moves the score, the worthiest."""
        rates = {one.id: state.gain(one) / self._cost(one) for one in window}
        best = max(window, key=lambda one: rates[one.id])
        found, rate = [best], rates[best.id]
        if steps > 1:
            for one, other in combinations(window[:PAIRED], 2):
                if one.hours + other.hours <= left:
                    together = state.gain_of_both(one, other) / (self._cost(one) + self._cost(other))
                    if together > rate * 1.0001 + SLACK / self._stride:
                        found = sorted((one, other), key=lambda a: -rates[a.id])
                        rate = together
        return found if rate > 0 else window[:1]

    def _total(self, order: Sequence[Action]) -> float:
        replacing = self._fleet.replacing(self._within)
        for action in order:
            replacing.apply(action.replaced)
        return replacing.total_gain

    def _swapped(self, order: list[Action]) -> list[Action]:
        """A plan in which no exchange of one action for another that was tried wins more."""
        best, total, tries = list(order), self._total(order), 0
        improved = True
        while improved and tries < SWAPS:
            improved = False
            for changed in self._exchanges(best):
                tries += 1
                if sum(one.hours for one in changed) > self._hours() or tries > SWAPS:
                    continue
                won = self._total(changed)
                if won > total + SLACK:
                    best, total, improved = changed, won, True
                    break
        return best

    def _exchanges(self, best: list[Action]) -> Iterator[list[Action]]:
        """The plan with another action in the place of one; under hours, also with it first and what fits beside it."""
        others = [one for one in self._ranked if one not in best]
        for at, fresh in ((at, one) for at in range(len(best)) for one in others):
            yield [*best[:at], fresh, *best[at + 1 :]]
        if self._goal.hours is not None:
            yield from (self._fitting([one, *best, *others]) for one in others)

    def _fitting(self, order: Iterable[Action]) -> list[Action]:
        """Actions in an order as far as they fit, each once."""
        left = self._hours()
        chosen: list[Action] = []
        for action in order:
            if len(chosen) < self._limit and action.hours <= left and action not in chosen:
                chosen.append(action)
                left -= action.hours
        return chosen


class _State:
    """What was chosen so far, with the changes that each further action would bring, kept while they hold."""

    def __init__(self, fleet: _Fleet, within: BitMap) -> None:
        self._view = fleet.view
        self._replacing = fleet.replacing(within)
        self._vectors: dict[str, Vector] = {}
        self._touching: dict[str, BitMap] = {}

    @property
    def total_gain(self) -> float:
        """Points so far, of the devices looked at."""
        return self._replacing.total_gain

    def gain(self, action: Action) -> float:
        """Points that the action would win now."""
        return self._replacing.gain(*self._vector(action))

    def gain_of_both(self, one: Action, other: Action) -> float:
        """Points that two actions would win together."""
        if self._touched(one).intersect(self._touched(other)):
            return self._replacing.gain(*self._replacing.change({**one.replaced, **other.replaced}))
        return self._replacing.gain(*_added(self._vector(one), self._vector(other)))

    def apply(self, action: Action) -> None:
        """Choose the action."""
        self._replacing.apply(action.replaced)
        mine = self._touched(action)
        self._vectors = {i: one for i, one in self._vectors.items() if not self._touching[i].intersect(mine)}

    def _vector(self, action: Action) -> Vector:
        known = self._vectors.get(action.id)
        if known is None:
            self._touched(action)
            known = self._vectors[action.id] = self._replacing.change(action.replaced)
        return known

    def _touched(self, action: Action) -> BitMap:
        known = self._touching.get(action.id)
        if known is None:
            coming = BitMap.union(BitMap(), *action.replaced.values())
            known = self._touching[action.id] = self._view.vulnerabilities_of_versions(action.replaced) | coming
        return known


def _added(one: Vector, other: Vector) -> Vector:
    devices, sizes = np.concatenate((one[0], other[0])), np.concatenate((one[1], other[1]))
    if len(devices) == 0:
        return devices, sizes
    order = np.argsort(devices, kind="stable")  # two sorted runs: they are merged
    devices, sizes = devices[order], sizes[order]
    starts = np.flatnonzero(np.diff(devices, prepend=devices[:1] ^ 1))
    return devices[starts], np.add.reduceat(sizes, starts)
