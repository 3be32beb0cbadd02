"""All SQL of the scoring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime.clock import Micros
from weakspot.scoring.contracts import ScorePoint, SubjectKind
from weakspot.scoring.tables import score_point


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
