"""Hazards to scores: ``100 * (1 - exp(-k H))`` a device, the mean weighted by device value over many.

Sums are kept as integers (``ScoreSums``), so they are exact, can be added over parts of the fleet in any order, and an
impact that is predicted equals the change that comes.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from weakspot.scoring.rules import model

ExposureLevel = Literal["High", "Medium", "Low", "None"]
Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]

VALUES = ("Low", "Normal", "High")


class ScoreSums(msgspec.Struct, frozen=True):
    """Number of devices and sum of their survivals (2**-40) per device value: Low, Normal, High. Parts add up."""

    devices: tuple[int, int, int] = (0, 0, 0)
    survivals: tuple[int, int, int] = (0, 0, 0)

    def __add__(self, other: ScoreSums) -> ScoreSums:
        devices = tuple(a + b for a, b in zip(self.devices, other.devices, strict=True))
        survivals = tuple(a + b for a, b in zip(self.survivals, other.survivals, strict=True))
        return ScoreSums(devices, survivals)  # type: ignore[arg-type]


def survivals(hazards: Int64s) -> Int64s:
    """exp(-k H) of each device as an integer of 2**-40; 2**40 where there is no hazard."""
    kept: Float64s = np.exp(hazards * (-model.K / model.HAZARD_UNIT))
    return np.rint(kept * model.SURVIVAL_UNIT).astype(np.int64)


def survival_of(hazards: Int64s | Float64s) -> Float64s:
    """exp(-k H) of each device, 0-1, unrounded: for limits and orders, not for scores."""
    kept: Float64s = np.exp(hazards * (-model.K / model.HAZARD_UNIT))
    return kept


def device_scores(hazards: Int64s) -> Float64s:
    """Exposure scores 0-100 of devices, in the order of their hazards."""
    lost = (model.SURVIVAL_UNIT - survivals(hazards)).astype(np.float64)
    return lost * (100.0 / model.SURVIVAL_UNIT)


def device_score(hazard: int) -> float:
    """Exposure score 0-100 of one device; higher is worse."""
    return float(device_scores(np.array([hazard], np.int64))[0])


def hazard_at(score: float) -> int:
    """The smallest hazard whose score is at least ``score`` (0 to below 100): for bands in lists sorted by hazard."""
    if not 0 <= score < 100:
        raise ValueError("score must be from 0 to below 100")
    guess = int(-np.log1p(-score / 100) / model.K * model.HAZARD_UNIT)
    low, high = max(0, guess - 256), guess + 256
    while low < high:
        middle = (low + high) // 2
        if device_score(middle) >= score:
            high = middle
        else:
            low = middle + 1
    return low


def exposure_level(score: float | None) -> ExposureLevel:
    """Band of an exposure score: below 30 Low, below 70 Medium, else High; None (never assessed): ``None``.

    Raises ValueError outside 0-100 (spec/features.md 5.1).
    """
    if score is None:
        return "None"
    if not 0 <= score <= 100:
        raise ValueError("an exposure score is from 0 to 100")
    if score < model.LOW_BELOW:
        return "Low"
    return "Medium" if score < model.HIGH_FROM else "High"


def value_weights(devices: int) -> tuple[int, int, int]:
    """Weights of Low, Normal and High in twentieths among so many devices: 0.75, 1 and max(1, devices / 10)."""
    normal = model.VALUE_WEIGHTS["Normal"]
    return model.VALUE_WEIGHTS["Low"], normal, max(normal, 2 * devices)


def mean_score(sums: ScoreSums) -> float | None:
    """Weighted mean of the device scores, 0-100; None without devices."""
    weights = value_weights(sum(sums.devices))
    whole = sum(weight * count for weight, count in zip(weights, sums.devices, strict=True)) * model.SURVIVAL_UNIT
    if whole == 0:
        return None
    lost = whole - sum(weight * kept for weight, kept in zip(weights, sums.survivals, strict=True))
    return 100 * lost / whole


def score_gain(sums: ScoreSums, gained: tuple[int, int, int]) -> float:
    """Points by which the mean falls when the survivals per value rise by ``gained`` (2**-40)."""
    weights = value_weights(sum(sums.devices))
    whole = sum(weight * count for weight, count in zip(weights, sums.devices, strict=True)) * model.SURVIVAL_UNIT
    if whole == 0:
        return 0.0
    return 100 * sum(weight * gain for weight, gain in zip(weights, gained, strict=True)) / whole
