"""SQL that reads where many devices belong, as sets: for the fleet index, at a start and after bulk decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import FleetPlaces, Whereabouts
from weakspot.inventory.identities.tables import device_end
from weakspot.inventory.tables import device_decision, device_inventory, device_seen
from weakspot.runtime.clock import DAY, Micros

_EXCLUDED = sa.select(device_decision.c.device_id).where(device_decision.c.is_excluded)
_ENDED = sa.select(device_end.c.device_id)
_DEVICE_BITS = 32
"""Two small numbers come as one: half the work for a row, and these are the rows of a whole fleet."""


def fleet_places(conn: Connection, ids: Iterable[int] | None, now: Micros, active_days: int) -> FleetPlaces:
    """As ``store.fleet_devices``, in a handful of queries over narrow columns, whatever the number of ``ids``."""
    by_group = _by_group(conn)
    there = BitMap.union(BitMap(), *by_group.values())
    devices = there if ids is None else there & BitMap(list(ids))
    return FleetPlaces(
        devices=devices,
        groups={group: some & devices for group, some in by_group.items() if some.intersect(devices)},
        values=_values(conn, devices),
        counted=devices - _uncounted(conn, now - active_days * DAY),
    )


def whereabouts(conn: Connection) -> Whereabouts:
    """Groups, exclusions and ends of all devices."""
    return Whereabouts(groups=_by_group(conn), excluded=_all_of(conn, _EXCLUDED), ended=_all_of(conn, _ENDED))


def _by_group(conn: Connection) -> dict[int, BitMap]:
    table = device_decision
    placed = table.c.group_id * (1 << _DEVICE_BITS) + table.c.device_id
    found = np.sort(np.array(conn.execute(sa.select(placed)).scalars().all(), np.int64))
    groups, members = found >> _DEVICE_BITS, (found & ((1 << _DEVICE_BITS) - 1)).astype(np.uint32)
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    ends = [*starts[1:].tolist(), len(groups)]
    return {
        int(groups[start]): BitMap(members[start:end])
        for start, end in zip(starts.tolist(), ends, strict=False)
    }  # fmt: skip


def _values(conn: Connection, devices: BitMap) -> dict[Any, BitMap]:
    """Device value -> devices; most are Normal and are not read."""
    table = device_decision
    found: dict[Any, BitMap] = {}
    for value in ("Low", "High"):
        query = sa.select(table.c.device_id).where(table.c.device_value == value)
        found[value] = _all_of(conn, query) & devices
    found["Normal"] = devices - found["Low"] - found["High"]
    return found


def _uncounted(conn: Connection, horizon: Micros) -> BitMap:
    """Devices that are excluded, have ended, or were last heard of before ``horizon``."""
    seen, reports = device_seen, device_inventory
    silent = (
        sa.select(seen.c.device_id)
        .outerjoin(reports, reports.c.device_id == seen.c.device_id)
        .where(seen.c.last_seen_at < horizon, sa.func.coalesce(reports.c.reported_at, 0) < horizon)
    )
    return BitMap.union(*(_all_of(conn, query) for query in (silent, _EXCLUDED, _ENDED)))


def _all_of(conn: Connection, query: sa.Select[Any]) -> BitMap:
    return BitMap(list(conn.execute(query).scalars().all()))
