"""Deleting revisions that ended long ago, a bounded number at a time. What is in force is never touched."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.store.staging import KINDS
from weakspot.runtime.clock import Micros


def version_before(conn: Connection, moment: Micros) -> int:
    """The version that was in force at a moment; 0 where nothing was known then."""
    c = t.knowledge.c
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(c.version), 0)).where(c.at <= moment)).scalar_one())


def prune_block(conn: Connection, version: int, limit: int) -> int:
    """Delete at most ``limit`` rows of each kind that were no longer in force in ``version``. How many went."""
    gone = 0
    for kind, table in KINDS.items():
        ended = sa.select(table.c.id).where(table.c.ended_in <= version).order_by(table.c.id).limit(limit)
        ids = list(conn.execute(ended).scalars())
        if not ids:
            continue
        gone += len(ids)
        if kind == "advisory":
            for part in (t.affected_range, t.advisory_reference, t.advisory_document):
                conn.execute(part.delete().where(part.c.advisory_id.in_(ids)))
        conn.execute(table.delete().where(table.c.id.in_(ids)))
    return gone
