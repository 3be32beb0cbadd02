"""Use cases of the exceptions; each runs inside a unit of work that the caller gives."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from weakspot.exceptions import rules, store
from weakspot.exceptions.contracts import Decision, KeptException, NewException, Status, SubjectKind
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, Forbidden, InvalidField, NotFound

CHANGED = "exceptions.changed"
"""Kind of change; payload {"exception_id", "what", "subject_kind", "subject"}, where what is one of requested,
approved, refused, cancelled, group_cancelled, expired, suspended, resumed.
"""
MAX_OPEN = 10_000
MAX_LISTED = 10_000
_NOTE = 2_000


def request(conn: Connection, new: NewException, author: str, at: Micros) -> KeptException:
    """Keep a request; in force at once unless two people must agree. Raises InvalidField, Conflict."""
    if problem := rules.problem_of(new, at):
        raise InvalidField(problem[1], field=problem[0])
    if store.count_open(conn) >= MAX_OPEN:
        raise Conflict(f"There are {MAX_OPEN:,} open exceptions already; end some before you add others.")
    known = store.of_subject(conn, new.subject_kind, new.subject)
    _check_free(known, new, at)
    before = rules.statuses(known, at)
    kept = _existing(conn, store.insert(conn, new, author, at))
    _tell(conn, kept, "requested", at)
    if store.get_policy(conn).is_four_eyes:
        return kept
    return _put_into_force(conn, kept, author, "", before, at)


def decide(conn: Connection, exception_id: int, decision: Decision, by: str, note: str, at: Micros) -> KeptException:
    """Approve or refuse a request. Raises NotFound, Conflict, and Forbidden when it is the decider's own."""
    kept = _existing(conn, exception_id)
    if kept.state != "requested" or kept.until_at <= at:
        raise Conflict(f"Exception {exception_id} does not wait for a decision.")
    if decision == "refused":
        store.change(conn, kept.id, state="refused", decided_by=by, decided_at=at, note=note[:_NOTE])
        return _tell(conn, _existing(conn, kept.id), "refused", at)
    if not rules.is_other_person(kept.requested_by, by):
        raise Forbidden("Who asks for an exception cannot approve it; somebody else must.")
    before = _statuses(conn, kept, at)
    return _put_into_force(conn, kept, by, note, before, at)


def cancel(conn: Connection, exception_id: int, by: str, at: Micros, group_id: int | None = None) -> KeptException:
    """End an exception early, for one device group or for all (spec/features.md 9.4, rule 3).

    With its last group it ends as a whole. Raises NotFound, Conflict.
    """
    kept = _existing(conn, exception_id)
    if kept.state not in ("approved", "requested") or kept.until_at <= at:
        raise Conflict(f"Exception {exception_id} is over already.")
    if group_id is not None:
        if group_id not in kept.group_ids:
            raise Conflict(f"Exception {exception_id} does not hold for that device group.", field="group_id")
        if len(kept.group_ids) > 1:
            store.end_group(conn, kept.id, group_id, by, at)
            return _tell(conn, _existing(conn, kept.id), "group_cancelled", at)
        store.end_group(conn, kept.id, group_id, by, at)
    return _end(conn, kept, "cancelled", by, at)


def expire(conn: Connection, at: Micros) -> list[KeptException]:
    """End those whose time is over, as of their own last moment; returns them."""
    return [_end(conn, one, "expired", None, at) for one in store.due(conn, at)]


def taken_groups(conn: Connection, subject_kind: SubjectKind, subject: str, at: Micros) -> frozenset[int]:
    """Device groups for which an exception of the subject is open, so that the form offers none."""
    return rules.taken_groups(store.of_subject(conn, subject_kind, subject), at)


def is_any_due(conn: Connection, at: Micros) -> bool:
    """Whether the time of any is over that was not ended yet."""
    return bool(store.due(conn, at))


def get(conn: Connection, exception_id: int) -> KeptException:
    """One exception. Raises NotFound."""
    return _existing(conn, exception_id)


def in_force(conn: Connection, at: Micros) -> list[KeptException]:
    """All that hold now, suspended ones left out; by id."""
    return rules.in_force(store.in_state(conn, "approved"), at)


def listed(conn: Connection, at: Micros) -> list[tuple[KeptException, Status]]:
    """All that there ever were with their status, newest first, at most 10,000."""
    kept = store.listed(conn, MAX_LISTED)
    found = rules.statuses(kept, at)
    return [(one, found[one.id]) for one in kept]


def status(conn: Connection, kept: KeptException, at: Micros) -> Status:
    """Status of one."""
    return _statuses(conn, kept, at)[kept.id]


def _check_free(known: list[KeptException], new: NewException, at: Micros) -> None:
    open_ = [one for one in known if one.state in ("approved", "requested") and at < one.until_at]
    if new.scope.kind == "global" and any(one.scope.kind == "global" for one in open_):
        raise Conflict("There is a global exception already; cancel it first.", field="scope")
    if new.scope.kind == "device_group":
        taken = rules.taken_groups(open_, at).intersection(new.scope.group_ids)
        if taken:
            named = ", ".join(str(one) for one in sorted(taken)[:20])
            raise Conflict(f"These device groups have an exception already: {named}.", field="scope")


def _put_into_force(
    conn: Connection, kept: KeptException, by: str, note: str, before: dict[int, Status], at: Micros
) -> KeptException:
    store.change(conn, kept.id, state="approved", decided_by=by, decided_at=at, note=note[:_NOTE], since=at)
    approved = _tell(conn, _existing(conn, kept.id), "approved", at)
    _tell_others(conn, approved, before, at)
    return approved


def _end(conn: Connection, kept: KeptException, what: str, by: str | None, at: Micros) -> KeptException:
    before = _statuses(conn, kept, min(at, kept.until_at - 1))
    ended_at = min(at, kept.until_at)
    store.change(conn, kept.id, state=what, ended_at=ended_at, ended_by=by)
    ended = _tell(conn, _existing(conn, kept.id), what, at)
    _tell_others(conn, ended, before, at)
    return ended


def _tell_others(conn: Connection, kept: KeptException, before: dict[int, Status], at: Micros) -> None:
    """Exceptions that a global one has suspended, or that resume at its end."""
    if kept.scope.kind != "global":
        return
    known = store.of_subject(conn, kept.subject_kind, kept.subject)
    now = rules.statuses(known, at)
    for one in known:
        was = before.get(one.id)
        if (was, now[one.id]) == ("Active", "Suspended"):
            _tell(conn, one, "suspended", at)
        elif (was, now[one.id]) == ("Suspended", "Active"):
            _tell(conn, one, "resumed", at)


def _statuses(conn: Connection, kept: KeptException, at: Micros) -> dict[int, Status]:
    return rules.statuses(store.of_subject(conn, kept.subject_kind, kept.subject), at)


def _tell(conn: Connection, kept: KeptException, what: str, at: Micros) -> KeptException:
    payload = {"exception_id": kept.id, "what": what, "subject_kind": kept.subject_kind, "subject": kept.subject}
    changes.append(conn, at, CHANGED, payload)
    return kept


def _existing(conn: Connection, exception_id: int) -> KeptException:
    found = store.get(conn, exception_id)
    if found is None:
        raise NotFound(f"There is no exception {exception_id}.")
    return found
