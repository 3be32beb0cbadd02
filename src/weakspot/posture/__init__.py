"""Configuration posture: recommended settings as data, and what the settings of devices amount to.

In: the catalogue (``checks/<area>/*.yaml`` and a folder of the organisation's own), setting values of the inventory,
decisions of people about single checks. Out: the checks, and for each of them which setting values comply
(``current``); changes ``posture.checks`` {"added", "is_first", "decided"}. Which devices those are the fleet index
knows.

Invariants: a value is judged once, however many devices have it, and always the same; a setting that is not told is
unknown, never compliant and never the opposite; a check that is switched off counts nowhere and is still listed.
"""

from weakspot.posture.catalogue import FOLDER, checks, use_folder
from weakspot.posture.contracts import (
    Category,
    Check,
    CheckDecision,
    CheckValues,
    Evaluation,
    Expected,
    Platform,
    Result,
)
from weakspot.posture.evaluating import current
from weakspot.posture.rules import blunted, evaluate, expected_text
from weakspot.posture.service import CHECKS_CHANGED, check, decide, is_any_new, take_up

__all__ = [
    "CHECKS_CHANGED", "FOLDER", "Category", "Check", "CheckDecision", "CheckValues", "Evaluation", "Expected",
    "Platform", "Result", "blunted", "check", "checks", "current", "decide", "evaluate", "expected_text",
    "is_any_new", "take_up", "use_folder",
]  # fmt: skip
