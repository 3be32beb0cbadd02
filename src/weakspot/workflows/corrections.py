"""Corrections: proposed by whoever sees a wrong finding, decided by an administrator, in force at once. And feedback,
which is for people alone.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from weakspot import access, intel, matching
from weakspot.access import Caller
from weakspot.matching.contracts import (
    Correction,
    CorrectionState,
    Feedback,
    FeedbackState,
    GivenFeedback,
    ProposedCorrection,
)
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database


def propose_correction(database: Database, actor: Caller, proposed: ProposedCorrection, now: Micros) -> Correction:
    """Keep a proposal for review. Raises InvalidField, NotFound."""

    def unit(conn: Connection) -> Correction:
        kept = matching.propose_correction(conn, proposed, author_of(actor), now)
        access.record_audit(conn, now, actor, "correction.propose", str(kept.id))
        return kept

    return database.write(unit)


def decide_correction(
    database: Database, actor: Caller, correction_id: int, state: CorrectionState, note: str, now: Micros
) -> Correction:
    """Approve, refuse or withdraw; what it is about is judged again in the same unit. Raises NotFound, Conflict."""

    def unit(conn: Connection) -> Correction:
        decided, touched = matching.decide_correction(conn, correction_id, state, author_of(actor), note, now)
        matching.rematch(conn, touched, intel.current_version(conn), now)
        access.record_audit(conn, now, actor, f"correction.{state}", str(correction_id))
        return decided

    return database.write(unit)


def give_feedback(database: Database, actor: Caller, given: GivenFeedback, now: Micros) -> Feedback:
    """Keep what somebody tells the administrators; saying the same again changes nothing. Raises InvalidField,
    Conflict.
    """

    def unit(conn: Connection) -> Feedback:
        kept = matching.give_feedback(conn, given, author_of(actor), now)
        access.record_audit(conn, now, actor, "feedback.give", str(kept.id), {"kind": kept.kind})
        return kept

    return database.write(unit)


def decide_feedback(
    database: Database, actor: Caller, feedback_id: int, state: FeedbackState, note: str, now: Micros
) -> Feedback:
    """Say what became of it. Raises NotFound, Conflict when it was decided already."""

    def unit(conn: Connection) -> Feedback:
        decided = matching.decide_feedback(conn, feedback_id, state, author_of(actor), note, now)
        access.record_audit(conn, now, actor, f"feedback.{state}", str(feedback_id))
        return decided

    return database.write(unit)


def author_of(actor: Caller) -> str:
    """Who that is, as it is kept: names change, ids do not."""
    return f"{actor.kind}:{actor.id}:{actor.name}"
