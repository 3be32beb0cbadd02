"""The matching: which software version carries which vulnerability, and why.

In: software versions that are new (``judge``, in the transaction that records them) and identities that new knowledge
touches (``rematch``, in the transaction that publishes it).
Out: matches with intervals, evidence and confidence; reasons for what cannot be assessed; and ``changes`` rows
``matching.matches`` ``{"software_version_ids": [...]}`` (at most 1,000 a row); ``matching.judged``
``{"software_version_ids": [...], "all": false}`` for those that new knowledge touched without another match.

Invariants: each distinct software version is judged once per knowledge that touches it; the open matches are what the
rules give now (``differences`` proves it); a match ends, it is never deleted; a version that cannot be compared is
said to
be so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy.engine import Connection

from weakspot.matching import store
from weakspot.matching.contracts import DEFAULT_THRESHOLD
from weakspot.matching.corrections import decide as decide_correction
from weakspot.matching.corrections import listed as corrections_listed
from weakspot.matching.corrections import propose as propose_correction
from weakspot.matching.feedback import decide as decide_feedback
from weakspot.matching.feedback import give as give_feedback
from weakspot.matching.feedback import listed as feedback_listed
from weakspot.matching.listing_store import MatchInterval, interval_rows, intervals, open_columns, open_fixes
from weakspot.matching.normalise import use_folder as use_catalogue
from weakspot.matching.rules.assess import verdicts
from weakspot.matching.rules.identities import candidates, names_without, reason_without
from weakspot.matching.rules.weak import why_weak
from weakspot.matching.service import (
    JUDGED,
    MATCHES_CHANGED,
    derive,
    differences,
    judge,
    judge_indexed,
    rebuild,
    refresh_coverage,
    rematch,
)
from weakspot.matching.service import assess_versions as assess
from weakspot.matching.store import first_since, matches_between, matches_of, matches_with
from weakspot.matching.updates import missing_updates, missing_updates_by_version, missing_updates_of

CATALOGUE_FOLDER = "catalogue"
"""Below a data folder: the user's own rules for desktop software (docs/normalisation.md)."""

__all__ = [
    "CATALOGUE_FOLDER", "DEFAULT_THRESHOLD", "JUDGED", "MATCHES_CHANGED", "MatchInterval", "assess", "candidates",
    "corrections_listed", "decide_correction", "decide_feedback", "derive", "differences", "feedback_listed",
    "first_since", "give_feedback", "interval_rows", "intervals", "judge", "judge_indexed", "matches_between",
    "matches_of", "matches_with", "missing_updates", "missing_updates_by_version",
    "missing_updates_of", "names_without", "not_assessed", "open_columns", "open_fixes", "open_pairs",
    "propose_correction", "reason_without", "rebuild",
    "refresh_coverage", "rematch", "use_catalogue", "verdicts", "why_weak",
]  # fmt: skip


def open_pairs(conn: Connection, software_version_ids: Iterable[int] | None) -> Iterator[tuple[int, int]]:
    """(software version id, vulnerability id) of the matches that count: in force, at or above the default
    threshold.
    """
    return store.open_pairs(conn, software_version_ids, DEFAULT_THRESHOLD)


def not_assessed(conn: Connection, software_version_ids: Iterable[int] | None) -> dict[int, str]:
    """Software version id -> why nothing can be said about it; None: all."""
    return store.reasons(conn, software_version_ids)
