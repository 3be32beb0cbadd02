"""Exceptions: asked for by whoever handles them, approved where two people must agree, ended by hand or by time."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from weakspot import access, exceptions
from weakspot.access import Caller, Permission
from weakspot.exceptions import KeptException, NewException, Policy
from weakspot.exceptions.contracts import Decision
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Forbidden
from weakspot.workflows.corrections import author_of

GLOBAL_NEEDS = "This reaches every device group; only an administrator of all groups may do it (use device groups)."
OTHER_GROUPS = "This reaches device groups that you do not manage; name only your own."


def request_exceptions(
    database: Database, actor: Caller, wanted: Iterable[NewException], now: Micros
) -> list[KeptException]:
    """Keep requests, all or none. Raises Forbidden, InvalidField, Conflict."""

    def unit(conn: Connection) -> list[KeptException]:
        found = []
        for new in wanted:
            check_scope(actor, new)
            kept = exceptions.request(conn, new, author_of(actor), now)
            details = {"subject": kept.subject[:200], "scope": kept.scope.kind, "justification": kept.justification}
            access.record_audit(conn, now, actor, "exception.request", str(kept.id), details)
            found.append(kept)
        return found

    return database.write(unit)


def decide_exception(
    database: Database, actor: Caller, exception_id: int, decision: Decision, note: str, now: Micros
) -> KeptException:
    """Approve or refuse a request. Raises NotFound, Conflict, Forbidden."""

    def unit(conn: Connection) -> KeptException:
        check_kept(actor, exceptions.get(conn, exception_id))
        kept = exceptions.decide(conn, exception_id, decision, author_of(actor), note, now)
        access.record_audit(conn, now, actor, f"exception.{decision}", str(exception_id))
        return kept

    return database.write(unit)


def cancel_exception(
    database: Database, actor: Caller, exception_id: int, group_id: int | None, now: Micros
) -> KeptException:
    """End one early, for a device group or for all. Raises NotFound, Conflict, Forbidden."""

    def unit(conn: Connection) -> KeptException:
        kept = exceptions.get(conn, exception_id)
        if group_id is None:
            check_kept(actor, kept)
        elif not actor.scope.includes(group_id):
            raise Forbidden(OTHER_GROUPS)
        ended = exceptions.cancel(conn, exception_id, author_of(actor), now, group_id)
        details = {} if group_id is None else {"group": str(group_id)}
        access.record_audit(conn, now, actor, "exception.cancel", str(exception_id), details)
        return ended

    return database.write(unit)


def set_exception_policy(database: Database, actor: Caller, policy: Policy, now: Micros) -> Policy:
    """Choose whether two people must agree; requests that wait keep waiting."""

    def unit(conn: Connection) -> Policy:
        exceptions.set_policy(conn, policy)
        access.record_audit(conn, now, actor, "exception.policy", f"four_eyes={policy.is_four_eyes}")
        return policy

    return database.write(unit)


def expire_exceptions(database: Database, now: Micros) -> int:
    """End those whose time is over; how many."""
    with database.read() as conn:
        if not exceptions.is_any_due(conn, now):
            return 0
    return len(database.write(lambda conn: exceptions.expire(conn, now)))


def check_scope(actor: Caller, new: NewException) -> None:
    """Whether the actor may except that much. Raises Forbidden (spec/features.md 9.2 and 20)."""
    if new.scope.kind == "global":
        if not _is_over_everything(actor):
            raise Forbidden(GLOBAL_NEEDS)
    elif not all(actor.scope.includes(group) for group in new.scope.group_ids):
        raise Forbidden(OTHER_GROUPS)


def check_kept(actor: Caller, kept: KeptException) -> None:
    """Whether the actor may decide about an exception as a whole. Raises Forbidden (spec/features.md 9.4, rule 3)."""
    if kept.scope.kind == "global" and not _is_over_everything(actor):
        raise Forbidden(GLOBAL_NEEDS)
    reached = kept.scope.within_group_ids if kept.scope.kind != "device_group" else kept.group_ids
    if actor.scope.group_ids is not None and (reached is None or not actor.scope.group_ids.issuperset(reached)):
        raise Forbidden(OTHER_GROUPS)


def _is_over_everything(actor: Caller) -> bool:
    return actor.scope.group_ids is None and actor.may(Permission.MANAGE_SYSTEM)
