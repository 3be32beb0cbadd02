"""SQL of the statements that a mitigation is applied."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.remediation.contracts import Mitigated
from weakspot.remediation.tables import mitigated
from weakspot.runtime.clock import Micros


def insert(conn: Connection, made: Mitigated) -> int:
    """A new statement; returns its id."""
    values = {name: getattr(made, name) for name in made.__struct_fields__ if name != "id"}
    return int(conn.execute(mitigated.insert().values(values)).inserted_primary_key[0])  # type: ignore[index]


def withdraw(conn: Connection, statement_id: int, by: str, at: Micros) -> None:
    """Take one back; it is kept."""
    mine = mitigated.c.id == statement_id
    conn.execute(mitigated.update().where(mine).values(withdrawn_by=by, withdrawn_at=at))


def one(conn: Connection, statement_id: int) -> Mitigated | None:
    """One by its id."""
    row = conn.execute(sa.select(mitigated).where(mitigated.c.id == statement_id)).first()
    return None if row is None else _mitigated(row)


def of_recommendation(conn: Connection, recommendation_id: str) -> list[Mitigated]:
    """All about a recommendation, oldest first, withdrawn ones included."""
    mine = mitigated.c.recommendation_id == recommendation_id
    return [_mitigated(row) for row in conn.execute(sa.select(mitigated).where(mine).order_by(mitigated.c.id))]


def newest(conn: Connection, limit: int) -> list[Mitigated]:
    """The newest statements, newest first, withdrawn ones included."""
    ordered = sa.select(mitigated).order_by(mitigated.c.id.desc()).limit(limit)
    return [_mitigated(row) for row in conn.execute(ordered)]


def _mitigated(row: Any) -> Mitigated:
    return Mitigated(**row._mapping)
