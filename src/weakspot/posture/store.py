"""All SQL of the posture."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.posture.contracts import CheckDecision
from weakspot.posture.tables import check_decision, known_check
from weakspot.runtime.clock import Micros


def decisions(conn: Connection) -> tuple[int, dict[str, CheckDecision]]:
    """A number that changes with every decision, and the decisions by check id."""
    table = check_decision
    found: dict[str, CheckDecision] = {}
    stamp = 0
    for row in conn.execute(sa.select(table).order_by(table.c.check_id)):
        values = dict(row._mapping)
        stamp += int(values.pop("revision"))
        found[row.check_id] = CheckDecision(**{**values, "is_enabled": bool(row.is_enabled)})
    return stamp, found


def write_decision(conn: Connection, decision: CheckDecision) -> None:
    """Keep a decision in place of the one before."""
    table = check_decision
    values = {name: getattr(decision, name) for name in decision.__struct_fields__ if name != "check_id"}
    mine = table.c.check_id == decision.check_id
    changed = conn.execute(table.update().where(mine).values(revision=table.c.revision + 1, **values)).rowcount
    if changed == 0:
        conn.execute(table.insert().values(check_id=decision.check_id, revision=1, **values))


def known_checks(conn: Connection) -> set[str]:
    """Checks that the catalogue has ever had here."""
    return set(conn.execute(sa.select(known_check.c.check_id)).scalars())


def insert_known(conn: Connection, check_ids: Iterable[str], at: Micros) -> None:
    """Note checks that are new."""
    rows = [{"check_id": one, "known_at": at} for one in check_ids]
    if rows:
        conn.execute(known_check.insert(), rows)
