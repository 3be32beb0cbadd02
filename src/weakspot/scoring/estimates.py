"""About how much each software costs, for all of them at once: to put thousands in order before the few that are
shown are computed exactly.

The estimate takes each version by itself: what its own vulnerabilities take from the survival of the devices that have
it. It leaves out that another software on the same device may carry the same vulnerability, so it is never too low for
a device with one version, and ranks packages of one source alike. Large fleets are sampled.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import FleetView
from weakspot.scoring.excepting import Excepted
from weakspot.scoring.rules import model
from weakspot.scoring.rules.scores import value_weights

Floats = npt.NDArray[np.float64]

SAMPLE = 50_000
"""Devices that are looked at; of a larger scope an even part."""


def impact_estimates(view: FleetView, scope: Scope, *, excepted: Excepted | None = None) -> dict[int, float]:
    """Software id -> about its impact, in relative units; only software that exposes a counted device in scope.

    excepted: findings that do not count on their devices; each version's own are taken as if they did.
    """
    ids, hazards, _ = view.device_hazards(None, scope)
    if excepted:
        hazards = excepted.hazards(ids)
    stride = -(-len(ids) // SAMPLE) if len(ids) else 1
    sample, weights = ids[::stride], np.zeros(view.device_extent)
    weights[sample] = np.exp(hazards[::stride] * (-model.K / model.HAZARD_UNIT))
    for value, weight in zip(view.population.values, value_weights(len(ids)), strict=True):
        weights[_members(value, view.device_extent)] *= weight
    within = BitMap(sample.tolist()) if stride > 1 else None
    versions: list[int] = []
    carried: list[BitMap] = []
    parts: list[bytes] = []
    lengths: list[int] = []
    for version, vulnerabilities in view.weaknesses.items():
        devices = view.installed[version] if within is None else view.installed[version] & within
        if devices:
            versions.append(version)
            carried.append(vulnerabilities)
            parts.append(devices.to_array().tobytes())
            lengths.append(len(devices))
    if not versions:
        return {}
    kept = _sums(weights[np.frombuffer(b"".join(parts), np.uint32)], lengths)
    gained = kept * np.expm1(np.minimum(_hazards(view, carried) * (model.K / model.HAZARD_UNIT), 50.0))
    found: defaultdict[int, float] = defaultdict(float)
    for version, gain in zip(versions, gained.tolist(), strict=True):
        if gain:
            found[view.software_of_version(version)] += gain
    return dict(found)


def _hazards(view: FleetView, carried: list[BitMap]) -> Floats:
    """Sum of the hazards of each set of vulnerabilities."""
    flat = np.frombuffer(b"".join(one.to_array().tobytes() for one in carried), np.uint32)
    return _sums(view.hazards_of(flat).astype(np.float64), [len(one) for one in carried])


def _sums(values: Floats, lengths: list[int]) -> Floats:
    """Sums over consecutive runs of at least one value."""
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    return np.add.reduceat(values, starts)


def _members(bitmap: BitMap, extent: int) -> npt.NDArray[np.uint32]:
    members = np.frombuffer(bitmap.to_array(), np.uint32) if bitmap else np.empty(0, np.uint32)
    return members[members < extent]
