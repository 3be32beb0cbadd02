"""SQL that reads what was installed when, of many devices at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory import packing
from weakspot.inventory.tables import device_inventory, ended_installation
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks


def present_times(conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, packing.Ids, packing.Times]]:
    """(device id, software version ids ascending, since when each is there) of what is installed now; None: all."""
    table = device_inventory
    query = sa.select(table.c.device_id, table.c.installations)
    for device_id, packed in _of(conn, query, table.c.device_id, ids):
        yield device_id, *packing.unpack(packed)


def ended_times(
    conn: Connection, ids: Iterable[int] | None, after: Micros = 0
) -> Iterator[tuple[int, int, Micros, Micros]]:
    """(device id, software version id, first seen, removed) of installations that ended after a moment; None: all."""
    table = ended_installation
    query = sa.select(table.c.device_id, table.c.software_version_id, table.c.first_seen_at, table.c.removed_at)
    for row in _of(conn, query.where(table.c.removed_at > after), table.c.device_id, ids):
        yield tuple(row)


def _of(conn: Connection, query: sa.Select[Any], column: Any, ids: Iterable[int] | None) -> Iterator[Any]:
    if ids is None:
        yield from conn.execute(query.execution_options(yield_per=5_000))
        return
    for chunk in in_chunks(ids):
        yield from conn.execute(query.where(column.in_(chunk)))
