"""All SQL of the matching."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.matching.contracts import Candidate, ClaimOutcome, Match, Verdict
from weakspot.matching.tables import candidate, match, not_assessed
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Keyed, Prepared, Row

_evidence = msgspec.msgpack.Decoder(tuple[ClaimOutcome, ...])
_MATCH = (
    "software_version_id", "vulnerability_id", "since", "until", "fixed_version", "status", "source", "method",
    "confidence", "evidence", "knowledge_version",
)  # fmt: skip
_insert_candidate = Prepared(candidate.insert(), Candidate.__struct_fields__)
_insert_match = Prepared(match.insert(), _MATCH)
_insert_reason = Prepared(not_assessed.insert(), ("software_version_id", "reason"))
_delete_reason = Prepared(
    not_assessed.delete().where(not_assessed.c.software_version_id == sa.bindparam("software_version_id"))
)
_reasons_of = Keyed(
    sa.select(not_assessed.c.software_version_id, not_assessed.c.reason), not_assessed.c.software_version_id
)
_open_pairs = Keyed(
    sa.select(match.c.software_version_id, match.c.vulnerability_id, match.c.confidence).where(match.c.until.is_(None)),
    match.c.software_version_id,
)


def insert_candidates(conn: Connection, candidates: Iterable[Candidate]) -> None:
    """Identities of new software versions."""
    _insert_candidate.many(conn, [msgspec.structs.asdict(item) for item in candidates])


def delete_candidates(conn: Connection, software_version_ids: Iterable[int]) -> None:
    """Forget the identities of software versions, to derive them again."""
    for chunk in in_chunks(software_version_ids):
        conn.execute(candidate.delete().where(candidate.c.software_version_id.in_(chunk)))


def candidates_of(conn: Connection, software_version_ids: Iterable[int] | None) -> list[Candidate]:
    """Identities of software versions; None: of all."""
    query = sa.select(candidate)
    return [_candidate(row) for row in _of(conn, query, candidate.c.software_version_id, software_version_ids)]


def candidates_named(conn: Connection, identities: Iterable[tuple[str, str]]) -> list[Candidate]:
    """Candidates under these identities: the software versions that new knowledge about them touches."""
    found: list[Candidate] = []
    by_ecosystem: dict[str, set[str]] = {}
    for ecosystem, name in identities:
        by_ecosystem.setdefault(ecosystem, set()).add(name)
    for ecosystem, names in by_ecosystem.items():
        known = sa.select(candidate).where(candidate.c.ecosystem == ecosystem)
        if len(names) > 2_000:  # a first load names far more than is installed: read the ecosystem once
            found += [_candidate(row) for row in conn.execute(known) if row.name in names]
            continue
        for chunk in in_chunks(sorted(names)):
            found += [_candidate(row) for row in conn.execute(known.where(candidate.c.name.in_(chunk)))]
    return found


def ecosystems(conn: Connection) -> frozenset[str]:
    """Ecosystems that some software version belongs to."""
    return frozenset(conn.execute(sa.select(candidate.c.ecosystem).distinct()).scalars())


def software_versions_in(conn: Connection, ecosystem: str) -> list[int]:
    """Software versions that are looked up in this ecosystem."""
    query = sa.select(candidate.c.software_version_id).where(candidate.c.ecosystem == ecosystem)
    return list(conn.execute(query).scalars())


def looked_up_by(conn: Connection, ecosystem: str, methods: Iterable[str]) -> list[int]:
    """Software versions whose identity in this ecosystem was found by one of these methods."""
    query = sa.select(candidate.c.software_version_id).where(candidate.c.ecosystem == ecosystem)
    return list(conn.execute(query.where(candidate.c.method.in_(list(methods)))).scalars())


def matches_of(conn: Connection, software_version_ids: Iterable[int] | None, *, open_only: bool = True) -> list[Match]:
    """Matches with their intervals, by software version and vulnerability, oldest interval first."""
    query = sa.select(match).order_by(match.c.software_version_id, match.c.vulnerability_id, match.c.since)
    if open_only:
        query = query.where(match.c.until.is_(None))
    return [_match(row) for row in _of(conn, query, match.c.software_version_id, software_version_ids)]


def matches_with(conn: Connection, vulnerability_id: int, *, open_only: bool = True) -> list[Match]:
    """Matches of one vulnerability."""
    query = sa.select(match).where(match.c.vulnerability_id == vulnerability_id).order_by(match.c.software_version_id)
    if open_only:
        query = query.where(match.c.until.is_(None))
    return [_match(row) for row in conn.execute(query)]


def matches_between(
    conn: Connection, software_version_ids: Iterable[int], vulnerability_id: int, *, open_only: bool = True
) -> list[Match]:
    """Matches of one vulnerability on some software versions, weak ones included."""
    query = sa.select(match).where(match.c.vulnerability_id == vulnerability_id)
    if open_only:
        query = query.where(match.c.until.is_(None))
    return [_match(row) for row in _of(conn, query, match.c.software_version_id, software_version_ids)]


def open_pairs(
    conn: Connection, software_version_ids: Iterable[int] | None, threshold: int
) -> Iterator[tuple[int, int]]:
    """(software version id, vulnerability id) of matches in force with at least that confidence."""
    if software_version_ids is not None:
        rows = _open_pairs.rows(conn, software_version_ids)
        yield from ((version, vulnerability) for version, vulnerability, sure in rows if sure >= threshold)
        return
    query = sa.select(match.c.software_version_id, match.c.vulnerability_id).where(
        match.c.until.is_(None), match.c.confidence >= threshold
    )
    for row in conn.execute(query.execution_options(yield_per=5_000)):
        yield row.software_version_id, row.vulnerability_id


def first_since(conn: Connection) -> dict[int, Micros]:
    """Vulnerability id -> since when it matched any software version at all."""
    query = sa.select(match.c.vulnerability_id, sa.func.min(match.c.since).label("since"))
    rows = conn.execute(query.where(match.c.until.is_(None)).group_by(match.c.vulnerability_id))
    return {row.vulnerability_id: row.since for row in rows}


def close(conn: Connection, pairs: Sequence[tuple[int, int]], at: Micros) -> None:
    """These matches hold no longer. An interval has a length, even where the clock was set back since it began."""
    if pairs:
        until = sa.case((match.c.since < at, at), else_=match.c.since + 1)
        conn.execute(match.update().where(_open_pair()).values(until=until), [{"s": s, "v": v} for s, v in pairs])


def open_matches(conn: Connection, found: Iterable[Verdict], at: Micros, knowledge_version: int) -> None:
    """These matches hold from now on."""
    rows: list[Row] = [
        _values(item) | {
            "software_version_id": item.software_version_id,
            "vulnerability_id": item.vulnerability_id,
            "since": at,
            "until": None,
            "knowledge_version": knowledge_version,
        }
        for item in found
    ]  # fmt: skip
    _insert_match.many(conn, rows)


def revise(conn: Connection, found: Iterable[Verdict], knowledge_version: int, at: Micros) -> None:
    """These matches go on holding, for other reasons or with another fixed version."""
    rows = [
        {
            "s": item.software_version_id,
            "v": item.vulnerability_id,
            "b_knowledge": knowledge_version,
            "b_fixed_since": at if item.fixed_version else None,
        }
        | {f"b_{name}": value for name, value in _values(item).items()}
        for item in found
    ]
    if rows:
        values: dict[str, Any] = {name: sa.bindparam(f"b_{name}") for name in _VALUE_NAMES}
        values["knowledge_version"] = sa.bindparam("b_knowledge")
        # A fix that was there before keeps what was noted of it.
        values["fixed_since"] = sa.case(
            (sa.func.coalesce(match.c.fixed_version, "") == "", sa.bindparam("b_fixed_since", type_=sa.BigInteger)),
            else_=match.c.fixed_since,
        )
        conn.execute(match.update().where(_open_pair()).values(values), rows)


def write_not_assessed(conn: Connection, reasons: dict[int, str | None]) -> None:
    """Software version id -> why nothing can be said about it; None: something can."""
    _delete_reason.many(conn, [{"software_version_id": i} for i in reasons])
    given = [(i, reason) for i, reason in reasons.items() if reason is not None]
    _insert_reason.many(conn, [{"software_version_id": i, "reason": reason} for i, reason in given])


def reasons(conn: Connection, software_version_ids: Iterable[int] | None) -> dict[int, str]:
    """Software version id -> why it is not assessed."""
    if software_version_ids is not None:
        return dict(_reasons_of.rows(conn, software_version_ids))
    return {row.software_version_id: row.reason for row in _of(conn, sa.select(not_assessed), None, None)}


_VALUE_NAMES = ("fixed_version", "status", "source", "method", "confidence", "evidence")


def _values(item: Verdict) -> dict[str, Any]:
    return {
        "fixed_version": item.fixed_version,
        "status": item.status,
        "source": item.source,
        "method": item.method,
        "confidence": item.confidence,
        "evidence": msgspec.msgpack.encode(item.evidence),
    }


def _open_pair() -> sa.ColumnElement[bool]:
    return (
        (match.c.software_version_id == sa.bindparam("s"))
        & (match.c.vulnerability_id == sa.bindparam("v"))
        & match.c.until.is_(None)
    )


def _of(conn: Connection, query: sa.Select[Any], column: Any, ids: Iterable[int] | None) -> Iterator[Any]:
    if ids is None:
        yield from conn.execute(query.execution_options(yield_per=5_000))
        return
    for chunk in in_chunks(ids):
        yield from conn.execute(query.where(column.in_(chunk)))


def _candidate(row: Any) -> Candidate:
    return Candidate(*row)  # the table's columns stand in the order of its fields


def _match(row: Any) -> Match:
    return Match(
        software_version_id=row.software_version_id,
        vulnerability_id=row.vulnerability_id,
        since=row.since,
        until=row.until,
        fixed_version=row.fixed_version,
        status=row.status,
        source=row.source,
        method=row.method,
        confidence=row.confidence,
        evidence=_evidence.decode(row.evidence),
        knowledge_version=row.knowledge_version,
    )
