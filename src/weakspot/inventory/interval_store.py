"""SQL that reads what was installed when, of many devices at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory import packing, packing_many
from weakspot.inventory.packing_many import Arrivals
from weakspot.inventory.tables import device_inventory, ended_installation
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks


class Ended(NamedTuple):
    """Installations that are no more: each version was on a device in ``[since, until)``."""

    device: packing.Times
    version: packing.Times
    since: packing.Times
    until: packing.Times


_TOGETHER = 20_000
"""Devices whose installations are looked at together: some 100 MiB while they are."""


def present_times(conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, packing.Ids, packing.Times]]:
    """(device id, software version ids ascending, since when each is there) of what is installed now; None: all."""
    table = device_inventory
    query = sa.select(table.c.device_id, table.c.installations)
    for device_id, packed in _of(conn, query, table.c.device_id, ids):
        yield device_id, *packing.unpack(packed)


def arrivals(conn: Connection, ids: Iterable[int] | None, after: Micros) -> Arrivals:
    """What is installed now and was first seen after a moment; ``place``: device id. None: of all devices."""
    table = device_inventory
    query = sa.select(table.c.device_id, table.c.installations)
    parts: list[Arrivals] = []
    for rows in in_chunks(_of(conn, query, table.c.device_id, ids), _TOGETHER):
        found = packing_many.arrivals([packed for _, packed in rows], after)
        devices = np.array([device_id for device_id, _ in rows])
        parts.append(Arrivals(devices[found.place], found.version, found.since))
    return packing_many.joined(parts)


def ended_times(conn: Connection, ids: Iterable[int] | None, after: Micros = 0) -> Ended:
    """Installations that ended after a moment, as columns; None: of all devices."""
    table = ended_installation
    query = sa.select(table.c.device_id, table.c.software_version_id, table.c.first_seen_at, table.c.removed_at)
    rows = _of(conn, query.where(table.c.removed_at > after), table.c.device_id, ids)
    found = np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, 4)
    return Ended(*np.ascontiguousarray(found.T))


def _of(conn: Connection, query: sa.Select[Any], column: Any, ids: Iterable[int] | None) -> Iterator[Any]:
    if ids is None:
        for some in conn.execute(query.execution_options(yield_per=5_000)).partitions():
            yield from some
        return
    for chunk in in_chunks(ids):
        yield from conn.execute(query.where(column.in_(chunk)))
