"""SQL that reads matches without their evidence, for lists and intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.matching.contracts import DEFAULT_THRESHOLD, MatchStatus
from weakspot.matching.tables import match
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks


class MatchInterval(msgspec.Struct, frozen=True):
    """A match with the interval ``[since, until)`` in which it held, without its evidence."""

    software_version_id: int
    vulnerability_id: int
    since: Micros
    until: Micros | None
    fixed_version: str | None
    status: MatchStatus
    source: str
    method: str
    confidence: int


def intervals(
    conn: Connection,
    software_version_ids: Iterable[int],
    vulnerability_ids: Iterable[int] | None = None,
    *,
    is_weak: bool = False,
) -> list[MatchInterval]:
    """Matches of software versions, open and ended: those that count, or the weak ones. None: of all
    vulnerabilities.
    """
    table = match
    bound = table.c.confidence < DEFAULT_THRESHOLD if is_weak else table.c.confidence >= DEFAULT_THRESHOLD
    query = sa.select(*(table.c[name] for name in MatchInterval.__struct_fields__)).where(bound)
    if vulnerability_ids is not None:
        query = query.where(table.c.vulnerability_id.in_(list(vulnerability_ids)))
    return [MatchInterval(*row) for row in _of(conn, query, table.c.software_version_id, software_version_ids)]


def interval_rows(
    conn: Connection, software_version_ids: Iterable[int] | None, *, vulnerability_id: int | None = None
) -> Iterator[tuple[int, int, Micros, Micros | None]]:
    """(software version id, vulnerability id, since, until) of counted matches, open and ended; None: all.

    vulnerability_id: only of this one.
    """
    table = match
    query = sa.select(table.c.software_version_id, table.c.vulnerability_id, table.c.since, table.c.until)
    query = query.where(table.c.confidence >= DEFAULT_THRESHOLD)
    if vulnerability_id is not None:
        query = query.where(table.c.vulnerability_id == vulnerability_id)
    for row in _of(conn, query, table.c.software_version_id, software_version_ids):
        yield tuple(row)


def open_columns(
    conn: Connection, software_version_ids: Iterable[int] | None
) -> Iterator[tuple[int, int, Micros, bool]]:
    """(software version id, vulnerability id, since, whether a fixed version is known) of counted open matches."""
    table = match
    query = sa.select(
        table.c.software_version_id,
        table.c.vulnerability_id,
        table.c.since,
        table.c.fixed_version.is_not(None),
    ).where(table.c.until.is_(None), table.c.confidence >= DEFAULT_THRESHOLD)
    for version, vulnerability, since, has_fix in _of(conn, query, table.c.software_version_id, software_version_ids):
        yield version, vulnerability, since, bool(has_fix)


def open_fixes(
    conn: Connection, software_version_ids: Iterable[int] | None
) -> Iterator[tuple[int, int, str | None, MatchStatus, Micros | None]]:
    """(software version id, vulnerability id, fixed version, status, fixed since) of counted open matches.

    The last is None where a fix was known from the start, or none is.
    """
    table = match
    query = sa.select(
        table.c.software_version_id,
        table.c.vulnerability_id,
        table.c.fixed_version,
        table.c.status,
        table.c.fixed_since,
    ).where(table.c.until.is_(None), table.c.confidence >= DEFAULT_THRESHOLD)
    for row in _of(conn, query, table.c.software_version_id, software_version_ids):
        yield row.software_version_id, row.vulnerability_id, row.fixed_version, row.status, row.fixed_since


def _of(conn: Connection, query: sa.Select[Any], column: Any, ids: Iterable[int] | None) -> Iterator[Any]:
    if ids is None:
        yield from conn.execute(query.execution_options(yield_per=20_000))
        return
    for chunk in in_chunks(ids):
        yield from conn.execute(query.where(column.in_(chunk)))
