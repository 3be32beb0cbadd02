"""SQL that reads what was installed when, of many devices at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory import packing, packing_many
from weakspot.inventory.packing_many import Arrivals
from weakspot.inventory.tables import device_inventory, ended_installation
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Keyed, Prepared


class Ended(NamedTuple):
    """Installations that are no more: each version was on a device in ``[since, until)``."""

    device: packing.Times
    version: packing.Times
    since: packing.Times
    until: packing.Times


_TOGETHER = 20_000
"""Devices whose installations are looked at together: some 100 MiB while they are."""
_AT_ONCE = 5_000
"""Devices whose rows are read together."""


_packed_within = Prepared(
    sa.select(device_inventory.c.device_id, device_inventory.c.installations)
    .where(device_inventory.c.device_id > sa.bindparam("behind"), device_inventory.c.device_id <= sa.bindparam("until"))
    .order_by(device_inventory.c.device_id)
)
_last = Prepared(sa.select(sa.func.max(device_inventory.c.device_id)))
_packed_of = Keyed(
    sa.select(device_inventory.c.device_id, device_inventory.c.installations), device_inventory.c.device_id
)
_ended = sa.select(
    ended_installation.c.device_id,
    ended_installation.c.software_version_id,
    ended_installation.c.first_seen_at,
    ended_installation.c.removed_at,
)
_ended_after = Prepared(_ended.where(ended_installation.c.removed_at > sa.bindparam("after")))
_ended_of = Keyed(_ended, ended_installation.c.device_id)


def present_times(conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, packing.Ids, packing.Times]]:
    """(device id, software version ids ascending, since when each is there) of what is installed now; None: all."""
    for device_id, packed in _packed(conn, ids):
        yield device_id, *packing.unpack(packed)


def arrivals(conn: Connection, ids: Iterable[int] | None, after: Micros) -> Arrivals:
    """What is installed now and was first seen after a moment; ``place``: device id. None: of all devices."""
    parts: list[Arrivals] = []
    for rows in in_chunks(_packed(conn, ids), _TOGETHER):
        found = packing_many.arrivals([packed for _, packed in rows], after)
        devices = np.array([device_id for device_id, _ in rows])
        parts.append(Arrivals(devices[found.place], found.version, found.since))
    return packing_many.joined(parts)


def ended_times(conn: Connection, ids: Iterable[int] | None, after: Micros = 0) -> Ended:
    """Installations that ended after a moment, as columns; None: of all devices."""
    if ids is None:
        rows: Iterable[tuple[int, ...]] = _ended_after.rows(conn, {"after": after})
    else:
        rows = (row for row in _ended_of.rows(conn, ids) if row[3] > after)
    found = np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, 4)
    return Ended(*np.ascontiguousarray(found.T))


def _packed(conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, bytes]]:
    """(device id, packed installations), some thousands in memory at a time, whichever the database."""
    if ids is not None:
        for some in in_chunks(ids, _AT_ONCE):
            yield from _packed_of.rows(conn, some)
        return
    ((last,),) = _last.all(conn, {})
    for behind in range(0, (last or 0) + 1, _AT_ONCE):
        yield from _packed_within.all(conn, {"behind": behind, "until": behind + _AT_ONCE})
