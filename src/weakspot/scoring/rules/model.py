"""The constants of the scoring model, and nothing else. What they mean and where they come from: docs/scoring.md.

Whoever changes a number here gives the model a new version: stored scores name the version they were made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MODEL_VERSION: Final = "2026.2"

HAZARD_UNIT: Final = 1 << 32
"""Hazards are integers of 2**-32: sums are exact in any order."""

SURVIVAL_UNIT: Final = 1 << 40
"""exp(-k H) of a device as an integer of 2**-40: sums over eight million devices fit into 64 bits."""

K: Final = 0.6
"""Steepness: one critical weakness that is known to be exploited, alone, gives 72."""

MAX_PROBABILITY: Final = 0.99
"""Probabilities above are taken as this: nobody knows the difference between 0.99 and 0.99999."""

SPREAD_EXPONENT: Final = 0.5
"""Share of the attacked that an attack reaches, as a power of its probability."""

UNKNOWN_EPSS: Final = 0.03
"""Without a published probability: the mean of all that have one, four times their median."""

EXPLOIT_FLOORS: Final[Mapping[str, float]] = {
    "none": 0.0,
    "proof_of_concept": 0.01,
    "public": 0.10,
    "verified": 0.30,
    "kit": 0.60,
    "known_exploited": 0.90,
}
"""Exploit level -> the probability is at least this."""

RANSOMWARE_FLOOR: Final = 0.97

DETECTED_FLOOR: Final = 0.99
"""On a device where an active detection hangs on the weakness: it is being used, here and now."""

SEVERITY_SCORES: Final[Mapping[str, float]] = {
    "Critical": 9.5,
    "High": 7.5,
    "Medium": 5.5,
    "Low": 3.0,
    "None": 0.0,
}
"""Without a CVSS score but with a severity: about the middle of its band."""

UNKNOWN_CVSS: Final = 7.5
"""Without either: above the median (7.3) of the known scores, below their upper quartile (8.3)."""

MAX_CVSS: Final = 10.0

LOW_BELOW: Final = 30.0
HIGH_FROM: Final = 70.0

VALUE_WEIGHTS: Final[Mapping[str, int]] = {"Low": 15, "Normal": 20}
"""Weights of device values in twentieths; High: see ``rules.scores.value_weights``."""
