"""Recommendations about settings: one a check, ``sca-_-check-…``, and the exceptions that stand for it."""

from __future__ import annotations

from collections.abc import Mapping

from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.exceptions import KeptException
from weakspot.fleet import FleetView
from weakspot.recommendations.excepting import ExceptionStatus, InForce
from weakspot.scoring import CheckState

PREFIX = "sca-_-"


def check_recommendation_id(check_id: str) -> str:
    """Id of the recommendation to comply with a check (spec/api.md 10.1)."""
    return PREFIX + check_id


def check_of(ident: str) -> str | None:
    """Id of the check that a recommendation is about; None: it is about a product."""
    clean = ident[:200].strip().lower()
    return clean.removeprefix(PREFIX) if clean.startswith(PREFIX) else None


def excepted_by_check(found: InForce) -> Mapping[str, BitMap]:
    """Check id -> devices on which a score-reducing exception stands for it (spec/features.md 5.5 and 9.3)."""
    return excepted_checks(found.kept, found.reach)


def excepted_checks(kept: Mapping[int, KeptException], reach: Mapping[int, BitMap]) -> dict[str, BitMap]:
    """The same from exceptions and their reach."""
    devices: dict[str, BitMap] = {}
    for one in kept.values():
        check_id = check_of(one.subject) if one.subject_kind == "recommendation" and one.is_reducing else None
        if check_id is not None:
            devices[check_id] = devices.get(check_id, BitMap()) | reach[one.id]
    return devices


def check_status(found: InForce, view: FleetView, scope: Scope, state: CheckState) -> ExceptionStatus:
    """As ``status``, of the recommendation about a check."""
    about = found.of_recommendation(check_recommendation_id(state.check.id))
    reached = found.reached(about) & view.scope_bitmap(scope)
    if not reached:
        return "active"
    if any(one.scope.kind == "global" and one.scope.within_group_ids is None for one in about):
        return "full_exception"
    return "full_exception" if state.non_compliant & view.scope_bitmap(scope) <= reached else "partial_exception"
