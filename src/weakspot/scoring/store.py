"""All SQL of the scoring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime.clock import Micros
from weakspot.scoring.contracts import ScorePoint, SecureScorePoint, SecureSubjectKind, SubjectKind
from weakspot.scoring.tables import score_point, secure_score_point


def insert_points(conn: Connection, points: Iterable[ScorePoint]) -> None:
    """Append points."""
    rows = [
        {
            "kind": point.kind,
            "subject_id": point.subject_id,
            "at": point.at,
            "score": point.score,
            "detected_score": point.detected_score,
            "hazard": point.hazard,
            "model_version": point.model_version,
        }
        for point in points
    ]
    if rows:
        conn.execute(score_point.insert(), rows)


def newest_points(conn: Connection, kind: SubjectKind) -> dict[int, ScorePoint]:
    """Subject -> its newest point."""
    newest = (
        sa.select(sa.func.max(score_point.c.id).label("id"))
        .where(score_point.c.kind == kind)
        .group_by(score_point.c.subject_id)
        .subquery()
    )
    rows = conn.execute(sa.select(score_point).join(newest, score_point.c.id == newest.c.id))
    return {row.subject_id: _point(row) for row in rows}


def points(
    conn: Connection, kind: SubjectKind, subject_id: int, since: Micros, until: Micros, limit: int
) -> list[ScorePoint]:
    """Points in ``[since, until)`` and the one in force at ``since``, oldest first; at most the newest ``limit``."""
    mine = sa.and_(score_point.c.kind == kind, score_point.c.subject_id == subject_id)
    start = conn.execute(
        sa.select(sa.func.max(score_point.c.at)).where(mine, score_point.c.at <= since)
    ).scalar_one_or_none()
    query = (
        sa.select(score_point)
        .where(mine, score_point.c.at >= (since if start is None else start), score_point.c.at < until)
        .order_by(score_point.c.at.desc(), score_point.c.id.desc())
        .limit(limit)
    )
    return [_point(row) for row in reversed(conn.execute(query).all())]


def _point(row: Any) -> ScorePoint:
    return ScorePoint(
        kind=row.kind,
        subject_id=row.subject_id,
        at=row.at,
        score=row.score,
        detected_score=row.detected_score,
        hazard=row.hazard,
        model_version=row.model_version,
    )


def insert_secure_points(conn: Connection, points: Iterable[SecureScorePoint]) -> None:
    """Append points of the secure score."""
    rows = [{name: getattr(point, name) for name in point.__struct_fields__} for point in points]
    if rows:
        conn.execute(secure_score_point.insert(), rows)


def newest_secure_points(conn: Connection) -> dict[tuple[SecureSubjectKind, int], SecureScorePoint]:
    """(kind, subject) -> its newest point."""
    table = secure_score_point
    newest = sa.select(sa.func.max(table.c.id).label("id")).group_by(table.c.kind, table.c.subject_id).subquery()
    rows = conn.execute(sa.select(table).join(newest, table.c.id == newest.c.id))
    return {(row.kind, row.subject_id): _secure_point(row) for row in rows}


def secure_points(
    conn: Connection, kind: SecureSubjectKind, subject_id: int, since: Micros, until: Micros, limit: int
) -> list[SecureScorePoint]:
    """As ``points``."""
    table = secure_score_point
    mine = sa.and_(table.c.kind == kind, table.c.subject_id == subject_id)
    start = conn.execute(sa.select(sa.func.max(table.c.at)).where(mine, table.c.at <= since)).scalar_one_or_none()
    query = (
        sa.select(table)
        .where(mine, table.c.at >= (since if start is None else start), table.c.at < until)
        .order_by(table.c.at.desc(), table.c.id.desc())
        .limit(limit)
    )
    return [_secure_point(row) for row in reversed(conn.execute(query).all())]


def _secure_point(row: Any) -> SecureScorePoint:
    return SecureScorePoint(
        kind=row.kind, subject_id=row.subject_id, at=row.at, points=row.points, maximum=row.maximum
    )  # fmt: skip
