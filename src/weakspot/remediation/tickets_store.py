"""SQL of trackers, tickets and the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.remediation.contracts import OutboxEntry, Ticket, TicketState, Tracker
from weakspot.remediation.tables import activity, outbox, ticket, tracker
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Prepared

_settings = msgspec.json.Decoder(dict[str, str])
_next_time = Prepared(sa.select(sa.func.min(outbox.c.next_at)))
_TICKET = [
    ticket.c.id, ticket.c.activity_id, ticket.c.tracker_id, ticket.c.device_group_id.label("group_id"), ticket.c.key,
    ticket.c.remote_id, ticket.c.url, ticket.c.state, ticket.c.note, ticket.c.created_at, ticket.c.state_changed_at,
    ticket.c.checked_at,
]  # fmt: skip


def add_tracker(conn: Connection, name: str, kind: str, settings: dict[str, str], secrets: bytes, at: Micros) -> int:
    """A new tracker; returns its id."""
    values = {
        "name": name, "kind": kind, "settings": msgspec.json.encode(settings), "secrets": secrets, "is_enabled": True,
        "created_at": at, "failing_since": None, "failure": "",
    }  # fmt: skip
    return int(conn.execute(tracker.insert().values(values)).inserted_primary_key[0])  # type: ignore[index]


def trackers(conn: Connection) -> list[Tracker]:
    """All, by name."""
    return [_tracker(row) for row in conn.execute(sa.select(tracker).order_by(tracker.c.name))]


def tracker_of(conn: Connection, tracker_id: int) -> tuple[Tracker, bytes] | None:
    """One with its sealed secrets."""
    row = conn.execute(sa.select(tracker).where(tracker.c.id == tracker_id)).one_or_none()
    return None if row is None else (_tracker(row), row.secrets)


def change_tracker(conn: Connection, tracker_id: int, **values: Any) -> None:
    """Set columns of one."""
    conn.execute(tracker.update().where(tracker.c.id == tracker_id).values(**values))


def remove_tracker(conn: Connection, tracker_id: int) -> None:
    """Forget a tracker with its secrets, tickets and what it was to be told."""
    mine = sa.select(ticket.c.id).where(ticket.c.tracker_id == tracker_id)
    conn.execute(outbox.delete().where(outbox.c.ticket_id.in_(mine)))
    conn.execute(ticket.delete().where(ticket.c.tracker_id == tracker_id))
    conn.execute(tracker.delete().where(tracker.c.id == tracker_id))


def add_ticket(conn: Connection, activity_id: int, tracker_id: int, group_id: int, key: str, at: Micros) -> int:
    """A ticket that is not there yet; returns its id."""
    values = {
        "activity_id": activity_id, "tracker_id": tracker_id, "device_group_id": group_id, "key": key, "url": "",
        "state": "Pending", "note": "", "created_at": at, "state_changed_at": at,
    }  # fmt: skip
    return int(conn.execute(ticket.insert().values(values)).inserted_primary_key[0])  # type: ignore[index]


def change_ticket(conn: Connection, ticket_id: int, **values: Any) -> None:
    """Set columns of one."""
    conn.execute(ticket.update().where(ticket.c.id == ticket_id).values(**values))


def ticket_of(conn: Connection, ticket_id: int) -> Ticket | None:
    """One ticket."""
    return next(iter(_tickets(conn, sa.select(*_TICKET).where(ticket.c.id == ticket_id))), None)


def tickets_of(conn: Connection, activity_ids: Iterable[int]) -> list[Ticket]:
    """Tickets of some activities, oldest first."""
    found = []
    for chunk in in_chunks(activity_ids):
        found += _tickets(conn, sa.select(*_TICKET).where(ticket.c.activity_id.in_(chunk)).order_by(ticket.c.id))
    return found


def ticket_by_remote(conn: Connection, tracker_id: int, remote_id: str) -> Ticket | None:
    """The ticket that a tracker speaks about."""
    mine = sa.and_(ticket.c.tracker_id == tracker_id, ticket.c.remote_id == remote_id)
    return next(iter(_tickets(conn, sa.select(*_TICKET).where(mine).limit(1))), None)


def ticket_by_key(conn: Connection, tracker_id: int, key: str) -> Ticket | None:
    """As ``ticket_by_remote``, by our own key."""
    mine = sa.and_(ticket.c.tracker_id == tracker_id, ticket.c.key == key)
    return next(iter(_tickets(conn, sa.select(*_TICKET).where(mine))), None)


def groups_with_open_ticket(conn: Connection, tracker_id: int, recommendation_id: str) -> set[int]:
    """Device groups for which a ticket of the recommendation is open in the tracker."""
    query = sa.select(ticket.c.device_group_id).join(activity, activity.c.id == ticket.c.activity_id)
    open_ = sa.and_(
        ticket.c.tracker_id == tracker_id,
        ticket.c.state.in_(("Pending", "Accepted")),
        activity.c.recommendation_id == recommendation_id,
        activity.c.state == "Active",
    )
    return {int(one) for one in conn.execute(query.where(open_)).scalars()}


def unchecked(conn: Connection, tracker_id: int, before: Micros, limit: int) -> list[Ticket]:
    """Tickets that are there, not completed, and were not asked about since a moment; longest ago first."""
    mine = sa.and_(
        ticket.c.tracker_id == tracker_id,
        ticket.c.remote_id.is_not(None),
        ticket.c.state != "Completed",
        sa.or_(ticket.c.checked_at.is_(None), ticket.c.checked_at < before),
    )
    query = sa.select(*_TICKET).where(mine).order_by(sa.func.coalesce(ticket.c.checked_at, 0), ticket.c.id)
    return _tickets(conn, query.limit(limit))


def put(conn: Connection, ticket_id: int, action: str, text: str, at: Micros) -> None:
    """Add something that the tracker is to be told."""
    values = {
        "ticket_id": ticket_id, "action": action, "text": text, "attempts": 0, "next_at": at, "created_at": at,
        "failure": "",
    }  # fmt: skip
    conn.execute(outbox.insert().values(values))


def waiting(conn: Connection, at: Micros, limit: int, resting: Iterable[int] = ()) -> list[OutboxEntry]:
    """The oldest entry of each ticket, where its time has come; those of disabled and ``resting`` trackers wait."""
    first = sa.select(sa.func.min(outbox.c.id)).group_by(outbox.c.ticket_id)
    query = (
        sa.select(outbox)
        .join(ticket, ticket.c.id == outbox.c.ticket_id)
        .join(tracker, tracker.c.id == ticket.c.tracker_id)
        .where(outbox.c.id.in_(first), outbox.c.next_at <= at, tracker.c.is_enabled.is_(True))
        .where(tracker.c.id.not_in(list(resting)))
        .order_by(outbox.c.next_at, outbox.c.id)
    )
    return [OutboxEntry(**row._mapping) for row in conn.execute(query.limit(limit))]


def next_time(conn: Connection) -> Micros | None:
    """When the next entry is due; None when nothing waits."""
    row = _next_time.first(conn, {})
    return None if row is None or row[0] is None else int(row[0])


def postpone(conn: Connection, entry_id: int, attempts: int, next_at: Micros, failure: str) -> None:
    """Try an entry again later."""
    values = {"attempts": attempts, "next_at": next_at, "failure": failure}
    conn.execute(outbox.update().where(outbox.c.id == entry_id).values(values))


def delivered(conn: Connection, entry_id: int) -> bool:
    """Take an entry out; whether it was still there."""
    return bool(conn.execute(outbox.delete().where(outbox.c.id == entry_id)).rowcount)


def withdraw(conn: Connection, ticket_id: int, action: str) -> None:
    """Take out what was not told yet and is not true any more."""
    conn.execute(outbox.delete().where(outbox.c.ticket_id == ticket_id, outbox.c.action == action))


def backlog(conn: Connection) -> dict[int, tuple[int, str]]:
    """Ticket id -> (entries that wait, why the last attempt failed)."""
    query = sa.select(outbox.c.ticket_id, sa.func.count().label("n"), sa.func.max(outbox.c.failure).label("failure"))
    return {row.ticket_id: (int(row.n), row.failure) for row in conn.execute(query.group_by(outbox.c.ticket_id))}


def set_state(conn: Connection, ticket_id: int, state: TicketState, note: str, at: Micros) -> None:
    """What the tracker says now."""
    change_ticket(conn, ticket_id, state=state, note=note, state_changed_at=at)


def _tickets(conn: Connection, query: sa.Select[Any]) -> list[Ticket]:
    return [Ticket(**row._mapping) for row in conn.execute(query)]


def _tracker(row: Any) -> Tracker:
    values = {name: value for name, value in row._mapping.items() if name != "secrets"}
    return Tracker(**{**values, "settings": _settings.decode(row.settings)})
