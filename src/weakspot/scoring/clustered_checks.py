"""Checks of settings and the secure score of a fleet index that is made of shards.

Only numbers of devices cross from the shards; points are made of their sums, in the order in which one index makes
them, so they are equal to the last bit.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.fleet.cluster import ClusterFleet, questions
from weakspot.posture import Category, Evaluation
from weakspot.scoring.rules.scores import Int64s
from weakspot.scoring.secure import (
    CheckCounts,
    CheckState,
    Columns,
    SecurePoints,
    by_column,
    check_counts,
    check_states,
    columns_from,
    points_from,
)

StateOf = Literal["applicable", "compliant", "non_compliant", "unknown"]
Excepted = Mapping[str, BitMap]
"""Check id -> devices on which a score-reducing exception stands for it; they may be of all shards."""

_NOTHING = BitMap()


def travelling(evaluation: Evaluation) -> Evaluation:
    """An evaluation that can be sent to shards. Made once, it may be asked with many times."""
    checks, values, decisions = dict(evaluation.checks), dict(evaluation.values), dict(evaluation.decisions)
    digest = hashlib.blake2b(pickle.dumps((checks, values, decisions)), digest_size=24).digest()
    # A stamp of one process says nothing in another: what travels is told apart by its content.
    stamp = tuple(int.from_bytes(digest[at : at + 8], "big") for at in range(0, len(digest), 8))
    return Evaluation(stamp, checks, values, decisions)


def counts_of_checks(cluster: ClusterFleet, evaluation: Evaluation, scope: Scope) -> dict[str, CheckCounts]:
    """As ``scoring.check_counts``, of every check."""
    parts = cluster.fold(list, _counts_part, travelling(evaluation), scope).value
    return {one: _summed([part[one] for part in parts]) for one in evaluation.checks}


def devices_of_check(
    cluster: ClusterFleet, evaluation: Evaluation, check_id: str, state: StateOf, scope: Scope
) -> BitMap:
    """Counted devices in scope that a check finds so. Raises KeyError for a check that is not there."""
    arguments = (travelling(evaluation), check_id, state, scope)
    return cluster.fold(questions.united, _devices_part, *arguments).value


def secure_score_of(
    cluster: ClusterFleet, evaluation: Evaluation, scope: Scope, excepted: Excepted
) -> dict[Category, SecurePoints]:
    """As ``scoring.secure_score``."""
    parts = cluster.fold(list, _controlled_part, travelling(evaluation), scope, dict(excepted)).value
    found: dict[Category, SecurePoints] = {}
    for one, check in evaluation.checks.items():
        if evaluation.is_enabled(one):
            compliant, exposed, controlled = (sum(part[one][place] for part in parts) for place in range(3))
            points = points_from(check, compliant, exposed, controlled)
            if points.maximum:
                found[check.category] = found.get(check.category, SecurePoints()) + points
    return found


def impact_of_check(
    cluster: ClusterFleet, evaluation: Evaluation, check_id: str, scope: Scope, excepted: BitMap
) -> float:
    """As ``scoring.check_impact``. Raises KeyError for a check that is not there."""
    arguments = (travelling(evaluation), scope, {check_id: excepted})
    parts = cluster.fold(list, _controlled_part, *arguments).value
    compliant, exposed, controlled = (sum(part[check_id][place] for part in parts) for place in range(3))
    if not evaluation.is_enabled(check_id) or not compliant + exposed:
        return 0.0
    impact: float = evaluation.checks[check_id].impact * (exposed - controlled) / (compliant + exposed)
    return impact


def points_by_group(
    cluster: ClusterFleet, evaluation: Evaluation, excepted: Excepted
) -> dict[int | None, tuple[float, float]]:
    """(points, maximum) of the organisation (None) and of every device group, as they are recorded."""
    parts = cluster.fold(list, _columns_part, travelling(evaluation), dict(excepted)).value
    groups = sorted({group for ids, _ in parts for group in ids})
    place = {group: column for column, group in enumerate(groups, 1)}
    together: dict[str, Columns] = {}
    for ids, columns in parts:
        places = np.array([0, *(place[group] for group in ids)], np.intp)
        for one, some in columns.items():
            known = together.setdefault(one, _no_columns(len(groups) + 1))
            for total, part in zip(known, some, strict=True):
                total[places] += part
    impacts = {one: check.impact for one, check in evaluation.checks.items()}
    # Sums of floats depend on their order: that of the checks, as in one index.
    ordered = {one: together[one] for one in evaluation.checks if one in together}
    points, maximum = columns_from(len(groups) + 1, impacts, ordered)
    keys: list[int | None] = [None, *groups]
    return {key: (float(points[column]), float(maximum[column])) for column, key in enumerate(keys)}


# parts ---------------------------------------------------------------------------------------------------------------


def _counts_part(view: FleetView, evaluation: Evaluation, scope: Scope) -> dict[str, CheckCounts]:
    return dict(check_counts(view, check_states(view, evaluation), scope))


def _devices_part(view: FleetView, evaluation: Evaluation, check_id: str, state: StateOf, scope: Scope) -> BitMap:
    devices: BitMap = getattr(check_states(view, evaluation)[check_id], state)
    return devices & view.population.devices(scope)


def _controlled_part(
    view: FleetView, evaluation: Evaluation, scope: Scope, excepted: Excepted
) -> dict[str, tuple[int, int, int]]:
    devices = view.scope_bitmap(scope)
    states = check_states(view, evaluation)
    return {one: _controlled(state, devices, excepted.get(one, _NOTHING)) for one, state in states.items()}


def _controlled(state: CheckState, devices: BitMap, excepted: BitMap) -> tuple[int, int, int]:
    """(compliant, exposed, exposed and excepted) devices."""
    exposed = state.non_compliant & devices
    compliant = state.compliant.intersection_cardinality(devices)
    return compliant, len(exposed), exposed.intersection_cardinality(excepted)


def _columns_part(
    view: FleetView, evaluation: Evaluation, excepted: Excepted
) -> tuple[Sequence[int], dict[str, Columns]]:
    return view.population.group_ids, by_column(view, check_states(view, evaluation), excepted)


def _summed(parts: Sequence[CheckCounts]) -> CheckCounts:
    fields = CheckCounts.__struct_fields__
    return CheckCounts(*(sum(getattr(part, name) for part in parts) for name in fields))


def _no_columns(width: int) -> Columns:
    first: Int64s = np.zeros(width, np.int64)
    return first, first.copy(), first.copy()
