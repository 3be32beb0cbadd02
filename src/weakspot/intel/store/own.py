"""Advisories that the organisation writes itself, as they were given."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.contracts import OwnAdvisory
from weakspot.runtime.clock import Micros

_c = t.own_advisory.c


def put(conn: Connection, record_id: str, document: bytes, at: Micros, by: str) -> bool:
    """Write or replace. True where there was none of that id."""
    values = {"document": document, "written_at": at, "written_by": by}
    if conn.execute(t.own_advisory.update().where(_c.record_id == record_id).values(**values)).rowcount:
        return False
    conn.execute(t.own_advisory.insert().values(record_id=record_id, **values))
    return True


def remove(conn: Connection, record_id: str) -> bool:
    """False where there is none."""
    return conn.execute(t.own_advisory.delete().where(_c.record_id == record_id)).rowcount > 0


def count(conn: Connection) -> int:
    """How many there are."""
    return int(conn.execute(sa.select(sa.func.count()).select_from(t.own_advisory)).scalar_one())


def get(conn: Connection, record_id: str) -> OwnAdvisory | None:
    """One of them."""
    row = conn.execute(sa.select(t.own_advisory).where(_c.record_id == record_id)).first()
    return None if row is None else OwnAdvisory(*row)


def listed(conn: Connection, after: str, limit: int) -> list[OwnAdvisory]:
    """By id, those after one."""
    rows = conn.execute(sa.select(t.own_advisory).where(_c.record_id > after).order_by(_c.record_id).limit(limit))
    return [OwnAdvisory(*row) for row in rows]


def documents(conn: Connection) -> dict[str, bytes]:
    """All of them: id -> OSV JSON."""
    return {row.record_id: bytes(row.document) for row in conn.execute(sa.select(_c.record_id, _c.document))}
