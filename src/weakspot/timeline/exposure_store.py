"""SQL of the points of exposure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Inserted, Prepared
from weakspot.timeline.tables import exposure_point as table

Key = tuple[str, int]
"""A product and a device group."""

_inserted = Inserted(table, ("product", "device_group_id", "at", "devices"))
# Each by itself, or all rows would be looked at.
_extent = Prepared(
    sa.select(
        sa.select(sa.func.min(table.c.at)).scalar_subquery(), sa.select(sa.func.max(table.c.id)).scalar_subquery()
    )
)


def newest(conn: Connection) -> dict[Key, tuple[Micros, int]]:
    """(when, devices) of the newest point of every key."""
    last = sa.select(sa.func.max(table.c.id).label("id")).group_by(table.c.product, table.c.device_group_id).subquery()
    rows = conn.execute(sa.select(table).join(last, table.c.id == last.c.id))
    return {(row.product, row.device_group_id): (row.at, row.devices) for row in rows}


def insert(conn: Connection, at: Micros, points: Sequence[tuple[Key, int]]) -> None:
    """Append points of one moment."""
    _inserted.write(conn, [(product, group, at, devices) for (product, group), devices in points])


def extent(conn: Connection) -> tuple[Micros | None, int]:
    """When the first point of all was recorded (None: none was yet), and the id of the newest."""
    row = _extent.first(conn, {})
    return (None, 0) if row is None or row[0] is None else (int(row[0]), int(row[1]))


def points(
    conn: Connection, products: Iterable[str], since: Micros, until: Micros
) -> list[tuple[str, int, Micros, int]]:
    """(product, device group, when, devices) in ``[since, until)`` and those in force at ``since``, oldest first."""
    found: list[tuple[str, int, Micros, int]] = []
    for chunk in in_chunks(products):
        mine = table.c.product.in_(chunk)
        before = (
            sa.select(sa.func.max(table.c.id))
            .where(mine, table.c.at < since)
            .group_by(table.c.product, table.c.device_group_id)
        )
        wanted = sa.or_(table.c.at >= since, table.c.id.in_(before))
        query = sa.select(table.c.product, table.c.device_group_id, table.c.at, table.c.devices)
        rows = conn.execute(query.where(mine, table.c.at < until, wanted).order_by(table.c.id))
        found += [(row.product, row.device_group_id, row.at, row.devices) for row in rows]
    return found


def prune(conn: Connection, before: Micros) -> int:
    """Delete what is older, but for the newest point of every key: it still holds. Returns how many."""
    kept = (
        sa.select(sa.func.max(table.c.id)).where(table.c.at < before).group_by(table.c.product, table.c.device_group_id)
    )
    return conn.execute(table.delete().where(table.c.at < before, table.c.id.not_in(kept))).rowcount
