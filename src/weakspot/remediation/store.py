"""SQL of activities and of the policy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.remediation.contracts import Activity, NewActivity, SlaRule
from weakspot.remediation.rules.sla import DEFAULT_RULES
from weakspot.remediation.tables import activity, policy
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks

_BITMAPS = ("targets", "vulnerabilities", "versions", "fixed")
_groups = msgspec.json.Decoder(tuple[int, ...])
_rules = msgspec.json.Decoder(tuple[SlaRule, ...])


def insert(conn: Connection, new: NewActivity, public_id: str, author: str, at: Micros) -> int:
    """A new activity; returns its id."""
    values: dict[str, Any] = msgspec.structs.asdict(new)
    values |= {name: values[name].serialize() for name in ("targets", "vulnerabilities", "versions")}
    values |= {
        "group_ids": msgspec.json.encode(new.group_ids), "public_id": public_id, "state": "Active",
        "fixed": BitMap().serialize(), "created_by": author, "created_at": at, "state_changed_at": at,
        "reopened_count": 0, "revision": 1,
    }  # fmt: skip
    return int(conn.execute(activity.insert().values(values)).inserted_primary_key[0])  # type: ignore[index]


def change(conn: Connection, activity_id: int, **values: Any) -> None:
    """Set columns of one activity; ``fixed`` as a bitmap. Its revision grows."""
    if "fixed" in values:
        values["fixed"] = values["fixed"].serialize()
    mine = activity.c.id == activity_id
    conn.execute(activity.update().where(mine).values(revision=activity.c.revision + 1, **values))


def get(conn: Connection, activity_id: int) -> Activity | None:
    """One by its internal id."""
    return _one(conn, activity.c.id == activity_id)


def by_public_id(conn: Connection, public_id: str) -> Activity | None:
    """One by its GUID."""
    return _one(conn, activity.c.public_id == public_id.lower())


def listed(conn: Connection) -> list[Activity]:
    """All, newest first. Few thousand at most: people make them, and completed ones go after 180 days."""
    return [_activity(row) for row in conn.execute(sa.select(activity).order_by(activity.c.id.desc()))]


def with_ids(conn: Connection, ids: Iterable[int]) -> list[Activity]:
    """Some by their internal ids, in no order."""
    return [
        _activity(row)
        for chunk in in_chunks(ids)
        for row in conn.execute(sa.select(activity).where(activity.c.id.in_(chunk)))
    ]


def revisions(conn: Connection) -> dict[int, int]:
    """Activity id -> revision of its row."""
    return {row.id: row.revision for row in conn.execute(sa.select(activity.c.id, activity.c.revision))}


def counts(conn: Connection) -> dict[str, int]:
    """Recommendation id -> number of its activities."""
    query = sa.select(activity.c.recommendation_id, sa.func.count().label("n")).group_by(activity.c.recommendation_id)
    return {row.recommendation_id: int(row.n) for row in conn.execute(query)}


def delete_completed(conn: Connection, before: Micros) -> int:
    """Delete what was completed before a moment; tickets go with it."""
    over = sa.and_(activity.c.state == "Completed", activity.c.completed_at < before)
    return int(conn.execute(activity.delete().where(over)).rowcount)


def sla_rules(conn: Connection) -> tuple[SlaRule, ...]:
    """Rules in force; the defaults where nobody chose."""
    row = conn.execute(sa.select(policy.c.sla_rules)).one_or_none()
    return DEFAULT_RULES if row is None else _rules.decode(row.sla_rules)


def set_sla_rules(conn: Connection, rules: tuple[SlaRule, ...]) -> None:
    """Replace the rules."""
    conn.execute(policy.delete())
    conn.execute(policy.insert().values(id=1, sla_rules=msgspec.json.encode(rules)))


def _one(conn: Connection, condition: Any) -> Activity | None:
    row = conn.execute(sa.select(activity).where(condition)).one_or_none()
    return None if row is None else _activity(row)


def _activity(row: Any) -> Activity:
    values = {name: value for name, value in row._mapping.items() if name != "revision"}
    values |= {name: BitMap.deserialize(values[name]) for name in _BITMAPS}
    return Activity(**{**values, "group_ids": _groups.decode(row.group_ids)})
