"""Scores of a fleet index that is made of shards: the same sums, added up; equal to the last bit.

What exceptions take out is handed in as covers (``Covers``), whose devices may be of all shards; each shard works out
once a view what they take out of its own devices.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.fleet.cluster import ClusterFleet, questions
from weakspot.scoring.covering import Cover
from weakspot.scoring.excepting import Excepted
from weakspot.scoring.impact import gained_survivals, score_sums
from weakspot.scoring.replacing import Replacements, Replacing
from weakspot.scoring.rules.scores import ScoreSums, mean_score, score_gain

_Gained = tuple[int, int, int]
_NOTHING = BitMap()


class Covers(msgspec.Struct, frozen=True):
    """Covers as they travel to shards. ``key``: equal only where the covers are."""

    covers: tuple[Cover, ...]
    key: bytes


def covers_of(covers: Iterable[Cover]) -> Covers:
    """Make them ready to travel."""
    some = tuple(covers)
    return Covers(some, hashlib.blake2b(pickle.dumps(some), digest_size=32).digest())


# scores --------------------------------------------------------------------------------------------------------------


def organisation_score(cluster: ClusterFleet, scope: Scope, *, excepted: Covers | None = None) -> float | None:
    """As ``scoring.organisation_score``."""
    return scores(cluster, [scope], excepted=excepted)[0]


def scores(cluster: ClusterFleet, scopes: Sequence[Scope], *, excepted: Covers | None = None) -> list[float | None]:
    """As ``scoring.organisation_score``, of several scopes in one question and in their order."""
    parts = cluster.fold(list, _scores_part, list(scopes), excepted).value
    return [mean_score(_added([part[number] for part in parts])) for number in range(len(scopes))]


def device_hazards(
    cluster: ClusterFleet, ids: BitMap | Sequence[int] | None, scope: Scope, *, excepted: Covers | None = None
) -> questions.Columns:
    """(device ids ascending, active hazards, detected hazards, numbers of vulnerabilities) of the counted devices in
    scope among ``ids``."""
    return cluster.fold(questions.merged, _hazards_part, ids, scope, excepted).value


def top_devices(
    cluster: ClusterFleet, limit: int, scope: Scope, *, excepted: Covers | None = None
) -> questions.Columns:
    """As ``device_hazards``, of the ``limit`` devices with the largest active hazards, these first."""
    return cluster.fold(lambda parts: questions.first(parts, limit), _top_part, limit, scope, excepted).value


def excepted_counts(cluster: ClusterFleet, scope: Scope, excepted: Covers) -> dict[int, int]:
    """As ``Excepted.counts``."""
    counts: dict[int, int] = {}
    for part in cluster.fold(list, _counts_part, scope, excepted).value:
        for one, number in part.items():
            counts[one] = counts.get(one, 0) + number
    return counts


def excepted_devices(cluster: ClusterFleet, vulnerability_id: int, excepted: Covers) -> BitMap:
    """As ``Excepted.devices_of``."""
    return cluster.fold(questions.united, _devices_part, vulnerability_id, excepted).value


# impacts -------------------------------------------------------------------------------------------------------------


def versions_impact(cluster: ClusterFleet, software_version_ids: Iterable[int], scope: Scope) -> float:
    """As ``scoring.versions_impact``."""
    parts = cluster.fold(list, _impact_part, list(software_version_ids), scope).value
    return score_gain(_added([sums for sums, _ in parts]), _won([gained for _, gained in parts]))


def software_impacts(
    cluster: ClusterFleet, software_ids: Iterable[int], scope: Scope, *, excepted: Covers | None = None
) -> dict[int, float]:
    """As ``scoring.software_impacts``, in one question."""
    wanted = list(software_ids)
    parts = cluster.fold(list, _software_part, wanted, scope, excepted).value
    sums = _added([part[0] for part in parts])
    return {one: score_gain(sums, _won([part[1][place] for part in parts])) for place, one in enumerate(wanted)}


def replacement_impact(
    cluster: ClusterFleet,
    scope: Scope,
    coming: Replacements,
    *,
    hazards: Mapping[int, int] | None = None,
    excluded: BitMap | None = None,
    excepted: Covers | None = None,
) -> float:
    """As ``scoring.replacement_impact``."""
    return step_gains(cluster, scope, [coming], hazards=hazards, excluded=excluded, excepted=excepted)[0]


def step_gains(
    cluster: ClusterFleet,
    scope: Scope,
    steps: Sequence[Replacements],
    *,
    hazards: Mapping[int, int] | None = None,
    excluded: BitMap | None = None,
    excepted: Covers | None = None,
    kept: Mapping[int, BitMap] | None = None,
) -> list[float]:
    """``Replacing.total_gain`` after each of some steps, carried out one after another. The rest is as there."""
    parts = cluster.fold(list, _steps_part, scope, list(steps), hazards, excluded, excepted, kept).value
    sums = _added([part[0] for part in parts])
    return [score_gain(sums, _won([part[1][place] for part in parts])) for place in range(len(steps))]


# parts ---------------------------------------------------------------------------------------------------------------


def excepted_in(view: FleetView, covers: Covers | None) -> Excepted | None:
    """What covers take out of a shard's view; None where nothing is to be taken out."""
    if covers is None:
        return None
    found: Excepted = view.memo(("scoring.covers", covers.key), lambda: Excepted(view, covers.covers))
    return found or None


def _scores_part(view: FleetView, scopes: Sequence[Scope], covers: Covers | None) -> list[ScoreSums]:
    out = excepted_in(view, covers)
    return [out.score_sums(scope) if out else score_sums(view, scope) for scope in scopes]


def _hazards_part(
    view: FleetView, wanted: BitMap | Sequence[int] | None, scope: Scope, covers: Covers | None
) -> questions.Columns:
    ids, detected, findings = view.device_hazards(wanted, scope)
    out = excepted_in(view, covers)
    return ids, out.hazards(ids) if out else detected, detected, findings


def _top_part(view: FleetView, limit: int, scope: Scope, covers: Covers | None) -> questions.Columns:
    return questions.ordered(_hazards_part(view, None, scope, covers), limit)


def _counts_part(view: FleetView, scope: Scope, covers: Covers) -> dict[int, int]:
    out = excepted_in(view, covers)
    return out.counts(scope) if out else {}


def _devices_part(view: FleetView, vulnerability_id: int, covers: Covers) -> BitMap:
    out = excepted_in(view, covers)
    return out.devices_of(vulnerability_id) if out else _NOTHING


def _impact_part(view: FleetView, software_version_ids: Sequence[int], scope: Scope) -> tuple[ScoreSums, _Gained]:
    return score_sums(view, scope), gained_survivals(view, software_version_ids, scope)


def _software_part(
    view: FleetView, software_ids: Sequence[int], scope: Scope, covers: Covers | None
) -> tuple[ScoreSums, list[_Gained]]:
    out = excepted_in(view, covers)
    if out is None:
        gains = [gained_survivals(view, view.versions[one], scope) for one in software_ids]
        return score_sums(view, scope), gains
    gains = []
    for one in software_ids:
        replacing = Replacing(view, scope, excepted=out)
        replacing.apply(dict.fromkeys(view.weak_versions(one), _NOTHING))
        gains.append(replacing.gained)
    return out.score_sums(scope), gains


def _steps_part(
    view: FleetView,
    scope: Scope,
    steps: Sequence[Replacements],
    hazards: Mapping[int, int] | None,
    excluded: BitMap | None,
    covers: Covers | None,
    kept: Mapping[int, BitMap] | None,
) -> tuple[ScoreSums, list[_Gained]]:
    within = None if excluded is None else view.scope_bitmap(scope) - excluded
    replacing = Replacing(view, scope, within=within, hazards=hazards, excepted=excepted_in(view, covers), kept=kept)
    gains: list[_Gained] = []
    for step in steps:
        replacing.apply(step)
        gains.append(replacing.gained)
    return replacing.sums_before, gains


def _added(parts: Sequence[ScoreSums]) -> ScoreSums:
    return sum(parts, ScoreSums())


def _won(parts: Sequence[_Gained]) -> _Gained:
    low, normal, high = (sum(gained[value] for gained in parts) for value in range(3))
    return low, normal, high
