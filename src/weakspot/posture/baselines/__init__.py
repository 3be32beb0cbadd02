"""Baseline profiles: named sets of checks, with thresholds of their own, for chosen devices (spec/features.md 17.1).

In: profiles that people write. Out: the profiles, what they ask of a setting (``asked``); changes
``posture.baselines`` {"id", "action"}. Which devices comply is derived by who asks; nothing is kept of it.

Invariants: a profile names checks of its platform alone, each once; one name, one profile.
"""

from weakspot.posture.baselines.contracts import Baseline, Configuration, Profile
from weakspot.posture.baselines.rules import asked, is_customised
from weakspot.posture.baselines.service import BASELINES_CHANGED, add, baseline, baselines, change, remove

__all__ = [
    "BASELINES_CHANGED", "Baseline", "Configuration", "Profile", "add", "asked", "baseline", "baselines", "change",
    "is_customised", "remove",
]  # fmt: skip
