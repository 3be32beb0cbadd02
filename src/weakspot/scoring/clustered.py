"""Scores of a fleet index that is made of shards: the same sums, added up; equal to the last bit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.fleet.cluster import ClusterFleet
from weakspot.scoring.impact import gained_survivals, score_sums
from weakspot.scoring.rules.scores import ScoreSums, mean_score, score_gain

_Gained = tuple[int, int, int]


def organisation_score(cluster: ClusterFleet, scope: Scope) -> float | None:
    """As ``scoring.organisation_score``."""
    return mean_score(cluster.fold(_added, score_sums, scope).value)


def versions_impact(cluster: ClusterFleet, software_version_ids: Iterable[int], scope: Scope) -> float:
    """As ``scoring.versions_impact``."""
    parts = cluster.fold(list, _impact_part, list(software_version_ids), scope).value
    low, normal, high = (sum(gained[value] for _, gained in parts) for value in range(3))
    return score_gain(_added([sums for sums, _ in parts]), (low, normal, high))


def _added(parts: Sequence[ScoreSums]) -> ScoreSums:
    return sum(parts, ScoreSums())


def _impact_part(view: FleetView, software_version_ids: Sequence[int], scope: Scope) -> tuple[ScoreSums, _Gained]:
    return score_sums(view, scope), gained_survivals(view, software_version_ids, scope)
