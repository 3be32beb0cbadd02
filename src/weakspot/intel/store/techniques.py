"""Which ATT&CK techniques vulnerabilities are known to be used with."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.store.staging import current_version

_TECHNIQUE = re.compile(rb"\bT\d{4}(?:\.\d{3})?\b")


def techniques(conn: Connection) -> dict[int, frozenset[str]]:
    """Vulnerability id -> technique ids that a source in force maps to it; others are absent."""
    found: dict[int, frozenset[str]] = {}
    for vulnerability_id, ids in _rows(conn):
        found[vulnerability_id] = found.get(vulnerability_id, frozenset()) | ids
    return found


def _rows(conn: Connection) -> Iterator[tuple[int, frozenset[str]]]:
    e, n = t.exploit_evidence.c, t.vulnerability_name.c
    query = (
        sa.select(n.vulnerability_id, e.details)
        .join(t.vulnerability_name, n.name == e.name)
        .where(e.kind == "technique", e.ended_in.is_(None), e.added_in <= current_version(conn))
    )
    for row in conn.execute(query):
        yield row.vulnerability_id, frozenset(one.decode() for one in _TECHNIQUE.findall(bytes(row.details)))
