"""The secure score: how much of what the checks recommend is in place (spec/features.md 5.5). Higher is better.

``points`` is the sum over checks of impact x compliant devices / assessed devices; ``maximum`` the sum of the impacts
of the checks that are assessed anywhere. A device that does not tell a setting is not assessed by its checks: unknown
is neither compliant nor the opposite, and is shown beside the score. Devices under a score-reducing exception count as
compliant.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.posture import Category, Check, CheckValues, Evaluation
from weakspot.runtime.clock import Micros
from weakspot.scoring import store
from weakspot.scoring.contracts import SecureScorePoint, SecureSubjectKind
from weakspot.scoring.rules.scores import Int64s

T = TypeVar("T")
Numbers = npt.NDArray[np.float64]
Columns = tuple[Int64s, Int64s, Int64s]
"""Compliant, exposed, and exposed but excepted devices of a check, by column of the population; 0: all that count."""


class _Recent(Generic[T]):
    """The last things that were made of some objects, which are held and compared by identity: they never change."""

    def __init__(self, size: int) -> None:
        self._kept: deque[tuple[tuple[object, ...], object, T]] = deque(maxlen=size)
        self._lock = threading.Lock()

    def get(self, of: tuple[object, ...], key: object, make: Callable[[], T]) -> T:
        with self._lock:
            for objects, known, made in self._kept:
                if known == key and all(one is other for one, other in zip(objects, of, strict=True)):
                    return made
        made = make()
        with self._lock:
            self._kept.appendleft((of, key, made))
        return made


_states: _Recent[Mapping[str, CheckState]] = _Recent(4)
_counted: _Recent[Mapping[str, CheckCounts]] = _Recent(64)
MAX_POINTS = 10_000
SMALLEST_STEP = 1e-6
"""Changes of the points below this are not worth a row."""


class CheckState(msgspec.Struct, frozen=True):
    """Which devices a check is about, counted or not, in all device groups. Do not change the bitmaps.

    applicable: of the check's platforms, and with something to set; compliant and non_compliant are disjoint parts of
    it, and the rest is unknown.
    """

    check: Check
    is_enabled: bool
    applicable: BitMap
    compliant: BitMap
    non_compliant: BitMap

    @property
    def assessed(self) -> BitMap:
        """Devices whose setting is known; the caller's own."""
        return self.compliant | self.non_compliant

    @property
    def unknown(self) -> BitMap:
        """Applicable devices that do not tell the setting, or not in a way that can be compared; the caller's own."""
        return self.applicable - self.compliant - self.non_compliant


class CheckCounts(msgspec.Struct, frozen=True):
    """Devices of a scope: applicable = compliant + exposed + unknown. critical: exposed ones of value High."""

    applicable: int
    compliant: int
    exposed: int
    critical: int

    @property
    def unknown(self) -> int:
        """Applicable ones of which it is not known."""
        return self.applicable - self.compliant - self.exposed


class SecurePoints(msgspec.Struct, frozen=True):
    """Points and the most there could be. detected: without exceptions."""

    points: float = 0.0
    maximum: float = 0.0
    detected: float = 0.0

    def __add__(self, other: SecurePoints) -> SecurePoints:
        return SecurePoints(
            self.points + other.points, self.maximum + other.maximum, self.detected + other.detected
        )  # fmt: skip


def check_states(view: FleetView, evaluation: Evaluation) -> Mapping[str, CheckState]:
    """State of every check, switched off or not, by id. Made anew only where settings, platforms or checks changed."""

    def make() -> dict[str, CheckState]:
        return {
            one: _state(view, check, evaluation.values[one], is_enabled=evaluation.is_enabled(one))
            for one, check in evaluation.checks.items()
        }

    # Both live longer than the view: reports of software leave them as they are.
    return _states.get((view.settings, view.platforms), evaluation.stamp, make)


def check_counts(view: FleetView, states: Mapping[str, CheckState], scope: Scope) -> Mapping[str, CheckCounts]:
    """Numbers of counted devices in scope, by check. Made anew only where the states or the population changed."""

    def make() -> dict[str, CheckCounts]:
        devices, critical = view.scope_bitmap(scope), view.population.values[-1]
        return {one: _counts(state, devices, critical) for one, state in states.items()}

    return _counted.get((states, view.population), scope.group_ids, make)


def check_points(state: CheckState, devices: BitMap, excepted: BitMap) -> SecurePoints:
    """What one check gives on some devices; nothing where it is switched off or none of them is assessed.

    excepted: devices on which a score-reducing exception stands for it.
    """
    if not state.is_enabled:
        return SecurePoints()
    exposed = state.non_compliant & devices
    compliant = state.compliant.intersection_cardinality(devices)
    return points_from(state.check, compliant, len(exposed), exposed.intersection_cardinality(excepted))


def points_from(check: Check, compliant: int, exposed: int, controlled: int) -> SecurePoints:
    """The same from numbers of devices. controlled: exposed ones that count as compliant."""
    assessed, impact = compliant + exposed, float(check.impact)
    if not assessed:
        return SecurePoints()
    return SecurePoints(impact * (compliant + controlled) / assessed, impact, impact * compliant / assessed)


def check_impact(state: CheckState, devices: BitMap, excepted: BitMap) -> float:
    """Points that the score gains when the setting is changed on all devices that are not excepted. Exact."""
    return gained(state, _counts(state, devices, BitMap()), len((state.non_compliant & devices) - excepted))


def gained(state: CheckState, counts: CheckCounts, fixed: int) -> float:
    """The same from numbers: ``fixed`` exposed devices come to comply. 0 where the check is switched off."""
    assessed = counts.compliant + counts.exposed
    return state.check.impact * fixed / assessed if state.is_enabled and assessed else 0.0


def secure_score(
    states: Mapping[str, CheckState], devices: BitMap, excepted: Mapping[str, BitMap]
) -> dict[Category, SecurePoints]:
    """Points by category over some devices; categories without an assessed check are left out."""
    found: dict[Category, SecurePoints] = {}
    for one, state in states.items():
        points = check_points(state, devices, excepted.get(one, BitMap()))
        if points.maximum:
            found[state.check.category] = found.get(state.check.category, SecurePoints()) + points
    return found


def secure_total(categories: Mapping[Category, SecurePoints]) -> SecurePoints:
    """All categories together."""
    return sum((categories[one] for one in sorted(categories)), SecurePoints())


def secure_points_due(
    conn: Connection, view: FleetView, states: Mapping[str, CheckState], excepted: Mapping[str, BitMap], at: Micros
) -> list[SecureScorePoint]:
    """A point for the organisation and every group whose secure score is not its newest point's."""
    newest = store.newest_secure_points(conn)
    points, maximum = points_by_column(view, states, excepted)
    columns = {group: column for column, group in enumerate(view.population.group_ids, 1)}
    gone = {subject for kind, subject in newest if kind == "group"} - columns.keys()
    fresh = [_point("organisation", 0, at, points[0], maximum[0])]
    fresh += [_point("group", group, at, points[column], maximum[column]) for group, column in columns.items()]
    fresh += [_point("group", group, at, 0.0, 0.0) for group in sorted(gone)]
    return [point for point in fresh if _is_news(newest.get((point.kind, point.subject_id)), point)]


def record_secure_points(conn: Connection, points: Sequence[SecureScorePoint]) -> int:
    """Append points. Returns how many."""
    store.insert_secure_points(conn, points)
    return len(points)


def points_by_column(
    view: FleetView, states: Mapping[str, CheckState], excepted: Mapping[str, BitMap]
) -> tuple[Numbers, Numbers]:
    """(points, maximum) by column of the population, in one pass over the checks; column 0 is the organisation."""
    impacts = {one: state.check.impact for one, state in states.items()}
    return columns_from(view.population.width, impacts, by_column(view, states, excepted))


def by_column(view: FleetView, states: Mapping[str, CheckState], excepted: Mapping[str, BitMap]) -> dict[str, Columns]:
    """Numbers of devices by column, of the checks that are not switched off."""
    return {
        one: (
            _by_column(view, state.compliant),
            _by_column(view, state.non_compliant),
            _by_column(view, state.non_compliant & excepted.get(one, BitMap())),
        )
        for one, state in states.items()
        if state.is_enabled
    }


def columns_from(width: int, impacts: Mapping[str, float], numbers: Mapping[str, Columns]) -> tuple[Numbers, Numbers]:
    """(points, maximum) by column, from numbers of devices in ``width`` columns."""
    points, maximum = np.zeros(width), np.zeros(width)
    for one, (compliant, exposed, controlled) in numbers.items():
        assessed = compliant + exposed
        here = assessed > 0
        points[here] += impacts[one] * ((compliant + controlled)[here] / assessed[here])
        maximum[here] += impacts[one]
    return points, maximum


def secure_history(
    conn: Connection, kind: SecureSubjectKind, subject_id: int, *, since: Micros, until: Micros, limit: int = MAX_POINTS
) -> list[SecureScorePoint]:
    """Points of a subject in ``[since, until)``, oldest first, beginning with the one in force at ``since``."""
    return store.secure_points(conn, kind, subject_id, since, until, min(limit, MAX_POINTS))


def _counts(state: CheckState, devices: BitMap, critical: BitMap) -> CheckCounts:
    exposed = state.non_compliant & devices
    return CheckCounts(
        state.applicable.intersection_cardinality(devices),
        state.compliant.intersection_cardinality(devices),
        len(exposed),
        exposed.intersection_cardinality(critical),
    )


def _state(view: FleetView, check: Check, values: CheckValues, *, is_enabled: bool) -> CheckState:
    of_platform = BitMap.union(BitMap(), *(view.platforms.get(one, BitMap()) for one in check.platforms))
    return CheckState(
        check,
        is_enabled,
        of_platform - view.devices_with_settings(sorted(values.not_applicable)),
        view.devices_with_settings(sorted(values.compliant)) & of_platform,
        view.devices_with_settings(sorted(values.non_compliant)) & of_platform,
    )


def _by_column(view: FleetView, devices: BitMap) -> Int64s:
    """Devices in each column; in column 0 all that count."""
    ids = np.frombuffer(devices.to_array(), np.uint32) if devices else np.empty(0, np.uint32)
    counts = np.bincount(view.population.column_of.take(ids), minlength=view.population.width)
    counts[0] = counts[1:].sum()
    return counts


def _point(kind: SecureSubjectKind, subject_id: int, at: Micros, points: float, maximum: float) -> SecureScorePoint:
    return SecureScorePoint(kind=kind, subject_id=subject_id, at=at, points=float(points), maximum=float(maximum))


def _is_news(known: SecureScorePoint | None, point: SecureScorePoint) -> bool:
    before: Iterable[float] = (0.0, 0.0) if known is None else (known.points, known.maximum)
    now = (point.points, point.maximum)
    return any(abs(one - other) >= SMALLEST_STEP for one, other in zip(before, now, strict=True))
