"""All SQL of the corrections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.matching.contracts import Correction, CorrectionState, ProposedCorrection
from weakspot.matching.tables import correction
from weakspot.runtime.clock import Micros


def insert(conn: Connection, proposed: ProposedCorrection, author: str, at: Micros) -> int:
    """A new proposal; returns its id."""
    values = msgspec.structs.asdict(proposed) | {"state": "proposed", "author": author, "created_at": at, "note": ""}
    return int(conn.execute(correction.insert().values(values)).inserted_primary_key[0])  # type: ignore[index]


def get(conn: Connection, correction_id: int) -> Correction | None:
    """One correction."""
    row = conn.execute(sa.select(correction).where(correction.c.id == correction_id)).one_or_none()
    return None if row is None else _correction(row)


def listed(conn: Connection, state: CorrectionState | None, limit: int) -> list[Correction]:
    """Corrections, newest first; None: in any state."""
    query = sa.select(correction).order_by(correction.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(correction.c.state == state)
    return [_correction(row) for row in conn.execute(query)]


def in_force(conn: Connection, identities: Iterable[tuple[str, str]]) -> list[Correction]:
    """Approved corrections about these identities, oldest first. They are few: people write them."""
    query = sa.select(correction).where(correction.c.state == "approved").order_by(correction.c.id)
    wanted = frozenset(identities)
    return [_correction(row) for row in conn.execute(query) if (row.ecosystem, row.name) in wanted]


def decide(conn: Connection, correction_id: int, state: CorrectionState, by: str, note: str, at: Micros) -> None:
    """What was decided about a proposal."""
    values = {"state": state, "decided_by": by, "decided_at": at, "note": note}
    conn.execute(correction.update().where(correction.c.id == correction_id).values(values))


def _correction(row: Any) -> Correction:
    return Correction(**row._mapping)
