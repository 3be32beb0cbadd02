"""Which flaws an update of Microsoft's fixes, by any product: what is in force."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.store.staging import current_version
from weakspot.runtime.database import in_chunks


def fixed_by_updates(conn: Connection, numbers: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    """Update number -> (vulnerability id, product) pairs that it fixes; one that no source knows is absent."""
    a, r, i, link = t.advisory, t.affected_range, t.identity, t.link
    version = current_version(conn)
    query = (
        sa.select(r.c.module, link.c.vulnerability_id, i.c.name)
        .join(i, i.c.id == r.c.identity_id)
        .join(a, a.c.id == r.c.advisory_id)
        .join(link, link.c.advisory_id == a.c.id)
        .where(a.c.added_in <= version, a.c.ended_in.is_(None), a.c.withdrawn_at.is_(None), r.c.module != "")
        .distinct()
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for chunk in in_chunks([f"KB{number}" for number in numbers]):
        for module, vulnerability_id, product in conn.execute(query.where(r.c.module.in_(chunk))):
            found.setdefault(module[2:], []).append((vulnerability_id, product))
    return found
