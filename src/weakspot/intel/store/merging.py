"""Names, groups and links of the next version: what the merge reads, and what it leaves for publication.

"In the next version" means: not ended, and not about to end. The staged rows of the run are part of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.contracts import AdvisoryRecord, Evidence
from weakspot.intel.rules.names import NameRelation
from weakspot.intel.store.bulk import insert_many, select_in, unpack_document

VULNERABILITY = (
    "id", "name", "state", "merged_into", "title", "severity", "cvss_score", "cvss_vector", "exploit_level",
    "is_known_exploited", "is_used_by_ransomware", "published_at", "modified_at", "withdrawn_at",
)  # fmt: skip


class Head(msgspec.Struct, frozen=True):
    """An advisory without its text."""

    id: int
    source: str
    is_withdrawn: bool


class Owner(msgspec.Struct, frozen=True):
    """A vulnerability row as it is."""

    id: int
    name: str
    state: str


def _in_next(advisory: sa.FromClause) -> sa.ColumnElement[bool]:
    ended = sa.select(t.staged_end.c.id).where(t.staged_end.c.kind == "advisory")
    return sa.and_(advisory.c.ended_in.is_(None), advisory.c.id.not_in(ended))


def references(
    conn: Connection, names: Iterable[str]
) -> tuple[dict[str, list[tuple[int, NameRelation]]], dict[int, Head]]:
    """name -> (advisory, relation) of the next version, and the heads of those advisories."""
    r, a = t.advisory_reference, t.advisory
    found: defaultdict[str, list[tuple[int, NameRelation]]] = defaultdict(list)
    heads: dict[int, Head] = {}

    def query(block: Sequence[str]) -> sa.Select[Any]:
        return (
            sa.select(r.c.name, r.c.relation, a.c.id, a.c.source, a.c.withdrawn_at.is_not(None))
            .join(a, a.c.id == r.c.advisory_id)
            .where(r.c.name.in_(block), _in_next(a))
        )

    for name, relation, advisory_id, source, is_withdrawn in select_in(conn, query, names):
        found[name].append((advisory_id, relation))
        if advisory_id not in heads:
            heads[advisory_id] = Head(advisory_id, source, bool(is_withdrawn))
    return found, heads


def names_given(conn: Connection, advisory_ids: Iterable[int]) -> dict[int, list[tuple[str, NameRelation]]]:
    """advisory -> the names it gives."""
    c = t.advisory_reference.c
    found: defaultdict[int, list[tuple[str, NameRelation]]] = defaultdict(list)
    rows = select_in(
        conn, lambda ids: sa.select(c.advisory_id, c.name, c.relation).where(c.advisory_id.in_(ids)), advisory_ids
    )
    for advisory_id, name, relation in rows:
        found[advisory_id].append((name, relation))
    return found


def owners(conn: Connection, names: Iterable[str]) -> tuple[dict[str, Owner], dict[int, list[str]]]:
    """Vulnerability rows that have one of the names now (name -> row), and all names of those rows."""
    v, n = t.vulnerability, t.vulnerability_name
    by_name: dict[str, Owner] = {}

    def having(block: Sequence[str]) -> sa.Select[Any]:
        join = sa.select(n.c.name, v.c.id, v.c.name, v.c.state).join(v, v.c.id == n.c.vulnerability_id)
        return join.where(n.c.name.in_(block))

    for alias, row_id, name, state in select_in(conn, having, names):
        by_name[alias] = Owner(row_id, name, state)
    ids = {owner.id for owner in by_name.values()}
    all_names: defaultdict[int, list[str]] = defaultdict(list)
    rows = select_in(
        conn, lambda some: sa.select(n.c.vulnerability_id, n.c.name).where(n.c.vulnerability_id.in_(some)), ids
    )
    for row_id, name in rows:
        all_names[row_id].append(name)
    return by_name, all_names


def rows_named(conn: Connection, names: Iterable[str]) -> dict[str, Owner]:
    """Vulnerability rows, current or not, by their own name."""
    c = t.vulnerability.c
    rows = select_in(conn, lambda block: sa.select(c.id, c.name, c.state).where(c.name.in_(block)), names)
    found: dict[str, Owner] = {}
    for row_id, name, state in rows:
        if name not in found or state == "current":
            found[name] = Owner(row_id, name, state)
    return found


def documents(conn: Connection, advisory_ids: Iterable[int]) -> dict[int, AdvisoryRecord]:
    """The text of advisories."""
    c = t.advisory_document.c
    rows = select_in(conn, lambda ids: sa.select(c.advisory_id, c.document).where(c.advisory_id.in_(ids)), advisory_ids)
    return {advisory_id: unpack_document(document) for advisory_id, document in rows}


def evidence(conn: Connection, names: Iterable[str]) -> dict[str, list[Evidence]]:
    """name -> evidence of the next version."""
    e = t.exploit_evidence
    ended = sa.select(t.staged_end.c.id).where(t.staged_end.c.kind == "evidence")
    found: defaultdict[str, list[Evidence]] = defaultdict(list)
    rows = select_in(
        conn,
        lambda block: sa.select(e.c.name, e.c.source, e.c.kind, e.c.since, e.c.details).where(
            e.c.name.in_(block), e.c.ended_in.is_(None), e.c.id.not_in(ended)
        ),
        names,
    )
    for name, source, kind, since, details in rows:
        found[name].append(Evidence(source=source, kind=kind, since=since, details=msgspec.json.decode(details)))
    return found


def next_vulnerability_id(conn: Connection) -> int:
    """First id that no vulnerability ever had."""
    highest = sa.func.coalesce(sa.func.max(t.vulnerability.c.id), 0)
    staged = sa.func.coalesce(sa.func.max(t.staged_vulnerability.c.id), 0)
    return (
        max(int(conn.execute(sa.select(highest)).scalar_one()), int(conn.execute(sa.select(staged)).scalar_one())) + 1
    )


def write_staged(
    conn: Connection,
    rows: Sequence[tuple[Any, ...]],
    names: Sequence[tuple[str, int | None]],
    links: Sequence[tuple[int, int, str]],
) -> None:
    """Leave a block of merged vulnerabilities for publication."""
    insert_many(conn, t.staged_vulnerability, VULNERABILITY, rows)
    insert_many(conn, t.staged_name, ("name", "vulnerability_id"), names)
    insert_many(conn, t.staged_link, ("advisory_id", "vulnerability_id", "relation"), links)


def current_rows(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Vulnerability rows in the order of ``VULNERABILITY``."""
    columns = [t.vulnerability.c[name] for name in VULNERABILITY]
    rows = select_in(conn, lambda some: sa.select(*columns).where(t.vulnerability.c.id.in_(some)), ids)
    return {row[0]: tuple(row) for row in rows}


def current_names(conn: Connection, ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Names of vulnerabilities."""
    c = t.vulnerability_name.c
    found: defaultdict[int, set[str]] = defaultdict(set)
    rows = select_in(conn, lambda some: sa.select(c.vulnerability_id, c.name).where(c.vulnerability_id.in_(some)), ids)
    for row_id, name in rows:
        found[row_id].add(name)
    return {row_id: frozenset(names) for row_id, names in found.items()}


def current_links(conn: Connection, ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """Links of vulnerabilities: advisory -> relation."""
    c = t.link.c
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    rows = select_in(
        conn,
        lambda some: sa.select(c.vulnerability_id, c.advisory_id, c.relation).where(c.vulnerability_id.in_(some)),
        ids,
    )
    for row_id, advisory_id, relation in rows:
        found[row_id][advisory_id] = relation
    return found
