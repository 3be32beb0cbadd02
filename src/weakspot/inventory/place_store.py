"""SQL that reads where many devices belong, as sets: what the fleet index takes in at a start and after bulk decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import FleetPlaces
from weakspot.inventory.identities.tables import device_end
from weakspot.inventory.tables import device_decision, device_inventory, device_seen
from weakspot.runtime.clock import DAY, Micros

_DEVICE_BITS = 32
"""Two small numbers come as one: half the work for a row, and these are the rows of a whole fleet."""


def fleet_places(conn: Connection, ids: Iterable[int] | None, now: Micros, active_days: int) -> FleetPlaces:
    """As ``store.fleet_devices``, in a handful of queries over narrow columns, whatever the number of ``ids``."""
    table = device_decision
    placed = table.c.group_id * (1 << _DEVICE_BITS) + table.c.device_id
    found = np.sort(np.fromiter(conn.execute(sa.select(placed)).scalars(), np.int64))
    groups, members = found >> _DEVICE_BITS, (found & ((1 << _DEVICE_BITS) - 1)).astype(np.uint32)
    devices = BitMap(members) if ids is None else BitMap(members) & BitMap(list(ids))
    return FleetPlaces(
        devices=devices,
        groups={group: some & devices for group, some in _by_group(groups, members) if some & devices},
        values=_values(conn, devices),
        counted=devices - _uncounted(conn, now - active_days * DAY),
    )


def _by_group(groups: npt.NDArray[np.int64], members: npt.NDArray[np.uint32]) -> Iterable[tuple[int, Any]]:
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(groups)], strict=False):
        yield int(groups[start]), BitMap(members[start:end])


def _values(conn: Connection, devices: BitMap) -> dict[Any, BitMap]:
    """Device value -> devices; most are Normal and are not read."""
    table = device_decision
    found: dict[Any, BitMap] = {}
    for value in ("Low", "High"):
        query = sa.select(table.c.device_id).where(table.c.device_value == value)
        found[value] = BitMap(list(conn.execute(query).scalars())) & devices
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
    excluded = sa.select(device_decision.c.device_id).where(device_decision.c.is_excluded)
    queries = (silent, excluded, sa.select(device_end.c.device_id))
    return BitMap.union(BitMap(), *(BitMap(list(conn.execute(query).scalars())) for query in queries))
