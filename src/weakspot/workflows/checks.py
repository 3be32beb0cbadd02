"""Checks of settings: taken up when a server starts, switched off and on by people, their score recorded."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from weakspot import access, posture, recommendations, scoring
from weakspot.access import Caller
from weakspot.fleet import Fleet
from weakspot.posture import CheckDecision
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Forbidden
from weakspot.workflows.corrections import author_of

ALL_GROUPS = "A check holds for every device group; only who sees all of them may switch it."


def take_up_checks(database: Database, now: Micros) -> None:
    """Note checks that are new in the catalogue, so that the timeline tells of them."""
    with database.read() as conn:
        if not posture.is_any_new(conn):
            return
    database.write(lambda conn: posture.take_up(conn, now))


def decide_check(
    database: Database, actor: Caller, check_id: str, is_enabled: bool, reason: str, now: Micros
) -> CheckDecision:
    """Switch a check off or on, for the whole fleet and at once. Raises NotFound, InvalidField, Forbidden."""
    if actor.scope.group_ids is not None:
        raise Forbidden(ALL_GROUPS)

    def unit(conn: Connection) -> CheckDecision:
        decision = posture.decide(conn, check_id, is_enabled, reason, author_of(actor), now)
        action = "check.enable" if is_enabled else "check.disable"
        access.record_audit(conn, now, actor, action, decision.check_id, {"reason": decision.reason[:200]})
        return decision

    return database.write(unit)


def record_secure_scores(database: Database, fleet: Fleet, now: Micros) -> int:
    """Append the secure scores that changed, of the organisation and the groups. How many."""
    view = fleet.view()
    with database.read() as conn:
        states = scoring.check_states(view, posture.current(conn))
        excepted = recommendations.excepted_by_check(recommendations.in_force(conn, fleet, view, now))
        points = scoring.secure_points_due(conn, view, states, excepted, now)
    return database.write(lambda conn: scoring.record_secure_points(conn, points)) if points else 0
