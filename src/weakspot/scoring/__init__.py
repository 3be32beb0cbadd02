"""Scoring: how exposed a device and the organisation are, why, and how much a fix would change.

In: facts of vulnerabilities (intel) and hazard sums per device (fleet; the ``hazard`` function is handed to it). Out:
hazards, device scores and levels, the organisation's score in any scope, exact impacts, explanations whose terms add
up, and the history of scores.

Invariants: everything is a pure function of facts and the constants of one versioned model (``MODEL_VERSION``,
docs/scoring.md); sums are integers, so predicted and actual change of a score are the same; lower is better, 0-100.
"""

from weakspot.scoring.contracts import ScorePoint, ScoreTerm, SecureScorePoint, SecureSubjectKind, SubjectKind
from weakspot.scoring.covering import Cover, TakenOut
from weakspot.scoring.estimates import impact_estimates
from weakspot.scoring.excepting import Excepted
from weakspot.scoring.impact import device_weights
from weakspot.scoring.replacing import Replacements, Replacing, replacement_impact
from weakspot.scoring.rules.hazards import hazard, hazard_terms, raised_hazard
from weakspot.scoring.rules.model import HAZARD_UNIT, HIGH_FROM, LOW_BELOW, MODEL_VERSION
from weakspot.scoring.rules.scores import (
    ExposureLevel,
    device_score,
    device_scores,
    exposure_level,
    hazard_at,
    survival_of,
)
from weakspot.scoring.secure import (
    CheckCounts,
    CheckState,
    SecurePoints,
    check_counts,
    check_impact,
    check_points,
    check_states,
    gained,
    record_secure_points,
    secure_history,
    secure_points_due,
    secure_score,
    secure_total,
)
from weakspot.scoring.service import (
    device_terms,
    history,
    organisation_score,
    points_due,
    record_points,
    software_impact,
    software_impacts,
    versions_impact,
    vulnerability_terms,
)

__all__ = [
    "HAZARD_UNIT", "HIGH_FROM", "LOW_BELOW", "MODEL_VERSION", "CheckCounts", "CheckState", "Cover", "Excepted",
    "ExposureLevel", "Replacements", "Replacing", "ScorePoint", "ScoreTerm", "SecurePoints", "SecureScorePoint",
    "SecureSubjectKind", "SubjectKind", "TakenOut", "check_counts", "check_impact", "check_points", "check_states",
    "device_score", "device_scores", "device_terms", "device_weights", "exposure_level", "gained", "hazard",
    "hazard_at", "hazard_terms", "history", "impact_estimates", "organisation_score", "points_due",
    "raised_hazard", "record_points", "record_secure_points", "replacement_impact", "secure_history",
    "secure_points_due", "secure_score", "secure_total", "software_impact", "software_impacts", "survival_of",
    "versions_impact", "vulnerability_terms",
]  # fmt: skip
