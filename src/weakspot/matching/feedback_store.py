"""All SQL of the feedback."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.matching.contracts import Feedback, FeedbackKind, FeedbackState, GivenFeedback
from weakspot.matching.tables import feedback
from weakspot.runtime.clock import Micros


def insert(conn: Connection, given: GivenFeedback, author: str, at: Micros) -> int:
    """New feedback; returns its id."""
    values = msgspec.structs.asdict(given) | {"state": "open", "author": author, "created_at": at, "note": ""}
    return int(conn.execute(feedback.insert().values(values)).inserted_primary_key[0])  # type: ignore[index]


def get(conn: Connection, feedback_id: int) -> Feedback | None:
    """One of them."""
    row = conn.execute(sa.select(feedback).where(feedback.c.id == feedback_id)).one_or_none()
    return None if row is None else _feedback(row)


def listed(conn: Connection, state: FeedbackState | None, kind: FeedbackKind | None, limit: int) -> list[Feedback]:
    """Newest first; None: in any state, of any kind."""
    query = sa.select(feedback).order_by(feedback.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(feedback.c.state == state)
    if kind is not None:
        query = query.where(feedback.c.kind == kind)
    return [_feedback(row) for row in conn.execute(query)]


def open_of_author(conn: Connection, author: str) -> list[Feedback]:
    """What somebody said and nobody answered, oldest first."""
    mine = sa.and_(feedback.c.author == author, feedback.c.state == "open")
    return [_feedback(row) for row in conn.execute(sa.select(feedback).where(mine).order_by(feedback.c.id))]


def count_open(conn: Connection) -> int:
    """How much waits for an answer."""
    counted = sa.select(sa.func.count()).select_from(feedback).where(feedback.c.state == "open")
    return int(conn.execute(counted).scalar_one())


def decide(conn: Connection, feedback_id: int, state: FeedbackState, by: str, note: str, at: Micros) -> None:
    """What was said to it."""
    values = {"state": state, "decided_by": by, "decided_at": at, "note": note}
    conn.execute(feedback.update().where(feedback.c.id == feedback_id).values(values))


def _feedback(row: Any) -> Feedback:
    return Feedback(**row._mapping)
