"""When knowledge was published."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.store.bulk import select_in
from weakspot.runtime.clock import Micros


def first_knowledge_at(conn: Connection) -> Micros | None:
    """When anything was published for the first time; None when nothing was."""
    found = conn.execute(sa.select(sa.func.min(t.knowledge.c.at))).scalar_one_or_none()
    return None if found is None else int(found)


def publications_at(conn: Connection, moments: Collection[int]) -> dict[int, bool]:
    """Knowledge versions that were published at these moments -> whether each was the first of its source."""
    c = t.knowledge.c
    first = sa.select(c.source.label("source"), sa.func.min(c.version).label("version")).group_by(c.source).subquery()
    query = sa.select(c.version, first.c.version).join(first, first.c.source == c.source)
    found = select_in(conn, lambda some: query.where(c.at.in_(some)), moments)
    return {int(row[0]): row[0] == row[1] for row in found}
