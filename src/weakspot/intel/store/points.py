"""SSVC decision points that publishers gave, for many vulnerabilities at once."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.store import merging
from weakspot.intel.store.bulk import select_in

SOURCES = ("cve5",)
"""Sources whose records carry decision points."""


def decision_points(conn: Connection, ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Vulnerability id -> point -> value as published; those without any are absent."""
    k, a = t.link, t.advisory
    query = (
        sa.select(k.c.vulnerability_id, a.c.id)
        .join(a, a.c.id == k.c.advisory_id)
        .where(a.c.source.in_(SOURCES), a.c.ended_in.is_(None), k.c.relation != "about")
    )
    links = [(row[0], row[1]) for row in select_in(conn, lambda some: query.where(k.c.vulnerability_id.in_(some)), ids)]
    records = merging.documents(conn, [advisory for _, advisory in links])
    found: dict[int, dict[str, str]] = {}
    for vulnerability, advisory in links:
        points = records[advisory].decision_points if advisory in records else {}
        if points:
            found[vulnerability] = {**points, **found.get(vulnerability, {})}
    return found
