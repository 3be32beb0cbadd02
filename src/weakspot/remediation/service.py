"""Use cases of activities and their tickets; each runs inside a unit of work that the caller gives."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy.engine import Connection

from weakspot.remediation import store, tickets_store
from weakspot.remediation.contracts import SYSTEM, Activity, NewActivity, SlaRule, Ticket, TicketState
from weakspot.remediation.rules import sla
from weakspot.remediation.rules.progress import RETENTION_DAYS, Outcome
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY, Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound
from weakspot.runtime.secrets import RandomBytes

CHANGED = "remediation.changed"
MAX_NOTES = 4_000
MAX_ACTIVE = 20_000
_NOTE = 2_000


def create(
    conn: Connection, new: NewActivity, author: str, at: Micros, random: RandomBytes, tracker_id: int | None = None
) -> Activity:
    """Keep a request; with a tracker, one ticket for each device group is opened. Raises InvalidField, Conflict."""
    _check(new, at, tracker_id)
    public_id = str(uuid.UUID(bytes=random(16), version=4))
    if tracker_id is not None:
        _check_tracker(conn, new, tracker_id)
    activity_id = store.insert(conn, new, public_id, author, at)
    for group in new.group_ids if tracker_id is not None else ():
        key = f"weakspot-{public_id.replace('-', '')[:20]}-{group}"
        ticket_id = tickets_store.add_ticket(conn, activity_id, int(tracker_id or 0), group, key, at)
        tickets_store.put(conn, ticket_id, "create", "", at)
    return _tell(conn, _existing(conn, activity_id), "created", at)


def complete(conn: Connection, public_id: str, by: str, at: Micros) -> Activity:
    """Complete an activity by hand. Raises NotFound, Conflict."""
    found = get(conn, public_id)
    if found.state != "Active":
        raise Conflict("This activity is completed already.")
    _complete(conn, found, "Manual", by, at)
    return _existing(conn, found.id)


def record_progress(conn: Connection, found: Iterable[tuple[int, Outcome]], at: Micros) -> None:
    """Keep what the devices show. An activity that changed meanwhile is left to the next look at it."""
    for activity_id, outcome in found:
        activity = store.get(conn, activity_id)
        if activity is None:
            continue
        store.change(conn, activity_id, fixed=outcome.fixed)
        if outcome.event == "completed" and activity.state == "Active":
            _complete(conn, activity, "Automatic", SYSTEM, at)
        elif outcome.event == "reopened" and activity.state == "Completed":
            _reopen(conn, activity, outcome, at)
        else:
            _tell(conn, activity, "progress", at)


def hear(conn: Connection, ticket: Ticket, state: TicketState, note: str, at: Micros) -> bool:
    """Keep what a tracker says about a ticket; whether it is news. The activity itself follows its devices alone."""
    if (ticket.state, ticket.note) == (state, note[:_NOTE]):
        return False
    tickets_store.set_state(conn, ticket.id, state, note[:_NOTE], at)
    activity = store.get(conn, ticket.activity_id)
    if activity is not None:
        told = {"Accepted": "accepted", "Rejected": "rejected"}.get(state, "ticket")
        _tell(conn, activity, told if state != ticket.state else "ticket", at)
    return True


def delete_old(conn: Connection, at: Micros) -> int:
    """Delete activities 180 days after their completion (spec/features.md 7.3)."""
    return store.delete_completed(conn, at - RETENTION_DAYS * DAY)


def get(conn: Connection, public_id: str) -> Activity:
    """One activity by its GUID. Raises NotFound."""
    found = store.by_public_id(conn, public_id[:64])
    if found is None:
        raise NotFound("There is no such remediation activity; open it from the list.")
    return found


def set_sla_rules(conn: Connection, rules: tuple[SlaRule, ...]) -> None:
    """Replace the rules of due dates. Raises InvalidField."""
    if len(rules) > sla.MAX_RULES or any(not 0 < rule.days <= sla.MAX_DAYS for rule in rules):
        raise InvalidField(f"At most {sla.MAX_RULES} rules, each of 1 to {sla.MAX_DAYS} days.", field="rules")
    store.set_sla_rules(conn, rules)


def _check(new: NewActivity, at: Micros, tracker_id: int | None) -> None:
    if not new.targets:
        raise Conflict("No device in these device groups is exposed; there is nothing to remediate.")
    if len(new.notes) > MAX_NOTES:
        raise InvalidField(f"Notes have at most {MAX_NOTES:,} characters.", field="notes")
    if new.due_at is not None and new.due_at <= at:
        raise InvalidField("A due date lies ahead.", field="due_on")
    if new.remediation_type == "AttentionRequired" and (new.due_at is not None or tracker_id is not None):
        raise InvalidField(
            "Attention alone has neither due date nor ticket: there is nothing to do yet.", field="option"
        )


def _check_tracker(conn: Connection, new: NewActivity, tracker_id: int) -> None:
    found = tickets_store.tracker_of(conn, tracker_id)
    if found is None or not found[0].is_enabled:
        raise NotFound("There is no such tracker, or it is switched off.", field="tracker_id")
    taken = tickets_store.groups_with_open_ticket(conn, tracker_id, new.recommendation_id).intersection(new.group_ids)
    if taken:
        named = ", ".join(str(one) for one in sorted(taken)[:20])
        raise Conflict(f"A ticket of this recommendation is open for device groups {named}.", field="tracker_id")


def _complete(conn: Connection, activity: Activity, method: str, by: str, at: Micros) -> None:
    store.change(
        conn,
        activity.id,
        state="Completed",
        completion_method=method,
        completed_by=by,
        completed_at=at,
        state_changed_at=at,
    )
    who = SYSTEM if by == SYSTEM else by.split(":", 2)[-1]
    for ticket in tickets_store.tickets_of(conn, [activity.id]):
        tickets_store.withdraw(conn, ticket.id, "reopen")
        if ticket.state != "Completed" or ticket.remote_id is None:
            tickets_store.put(conn, ticket.id, "close", f"Completed: {who}.", at)
    _tell(conn, activity, "completed", at)


def _reopen(conn: Connection, activity: Activity, outcome: Outcome, at: Micros) -> None:
    store.change(
        conn,
        activity.id,
        state="Active",
        completion_method=None,
        completed_by=None,
        completed_at=None,
        state_changed_at=at,
        reopened_at=at,
        reopened_count=activity.reopened_count + 1,
    )
    left = len(activity.targets) - len(outcome.fixed)
    for ticket in tickets_store.tickets_of(conn, [activity.id]):
        tickets_store.put(
            conn, ticket.id, "reopen", f"{left} of {len(activity.targets)} devices do not show the fix.", at
        )
        tickets_store.set_state(conn, ticket.id, "Pending", "reopened", at)
    _tell(conn, activity, "reopened", at)


def _tell(conn: Connection, activity: Activity, what: str, at: Micros) -> Activity:
    payload = {"activity_id": activity.id, "what": what, "recommendation_id": activity.recommendation_id}
    changes.append(conn, at, CHANGED, payload)
    return activity


def _existing(conn: Connection, activity_id: int) -> Activity:
    found = store.get(conn, activity_id)
    if found is None:
        raise NotFound("There is no such remediation activity.")
    return found
