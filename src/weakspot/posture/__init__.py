"""Configuration posture: recommended settings as data, and what the settings of devices amount to.

In: the catalogue (``checks/<area>/*.yaml`` and a folder of the organisation's own), setting values of the inventory,
decisions of people about single checks, and the parts of the system that some vulnerabilities need (``features.yaml``).
Out: the checks, and for each of them which setting values comply (``current``), and which say that such a part is off
(``values_off``); changes ``posture.checks`` {"added", "is_first", "decided"}. Which devices those are the fleet index
knows.

Invariants: a value is judged once, however many devices have it, and always the same; a setting that is not told is
unknown, never compliant and never the opposite, and never says that a part of the system is off; a check that is
switched off counts nowhere and is still listed.
"""

from weakspot.posture.catalogue import FOLDER, checks, use_folder
from weakspot.posture.contracts import (
    Category,
    Check,
    CheckDecision,
    CheckValues,
    Evaluation,
    Expected,
    FeatureCondition,
    Platform,
    Result,
)
from weakspot.posture.evaluating import current
from weakspot.posture.features import SYSTEM_TYPE, feature_needed, features, values_off
from weakspot.posture.rules import blunted, evaluate, expected_text
from weakspot.posture.service import CHECKS_CHANGED, check, decide, is_any_new, take_up

__all__ = [
    "CHECKS_CHANGED",
    "FOLDER",
    "SYSTEM_TYPE",
    "Category",
    "Check",
    "CheckDecision",
    "CheckValues",
    "Evaluation",
    "Expected",
    "FeatureCondition",
    "Platform",
    "Result",
    "blunted",
    "check",
    "checks",
    "current",
    "decide",
    "evaluate",
    "expected_text",
    "feature_needed",
    "features",
    "is_any_new",
    "take_up",
    "use_folder",
    "values_off",
]  # fmt: skip
