"""What crosses the border of the scoring."""

from __future__ import annotations

from typing import Literal

import msgspec

from weakspot.runtime.clock import Micros

SubjectKind = Literal["organisation", "group", "device"]

ORGANISATION: tuple[SubjectKind, int] = ("organisation", 0)


class ScorePoint(msgspec.Struct, frozen=True, kw_only=True):
    """A score that held from ``at`` until the next point. ``score`` 0-100, None while no device counted.

    score: the active one, without what is under score-reducing exceptions; detected_score: with it. hazard: what is
    active of a device, in 2**-32; else None.
    """

    kind: SubjectKind
    subject_id: int
    at: Micros
    score: float | None
    detected_score: float | None
    hazard: int | None
    model_version: str


class ScoreTerm(msgspec.Struct, frozen=True, kw_only=True):
    """One summand of a hazard, in 2**-32; all terms of one explanation add up to it exactly."""

    label: str
    hazard: int
    vulnerability_id: int | None = None


SecureSubjectKind = Literal["organisation", "group"]


class SecureScorePoint(msgspec.Struct, frozen=True, kw_only=True):
    """A secure score that held from ``at`` until the next point. maximum 0: nothing was assessed."""

    kind: SecureSubjectKind
    subject_id: int
    at: Micros
    points: float
    maximum: float
