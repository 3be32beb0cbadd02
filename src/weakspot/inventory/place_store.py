"""SQL that reads where many devices belong, as sets: for the fleet index, at a start and after bulk decisions."""

from __future__ import annotations

import array
from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import FleetPlaces, Whereabouts
from weakspot.inventory.identities.tables import device_end
from weakspot.inventory.tables import device_decision, device_inventory, device_seen
from weakspot.runtime.clock import DAY, Micros
from weakspot.runtime.prepared import Prepared

_DEVICE_BITS = 32
"""Two small numbers come as one: half the work for a row, and these are the rows of a whole fleet."""


_SHIFT: sa.ColumnElement[int] = sa.literal_column(str(1 << _DEVICE_BITS))
_placed = Prepared(sa.select(device_decision.c.group_id * _SHIFT + device_decision.c.device_id))
_valued = Prepared(
    sa.select(device_decision.c.device_id).where(device_decision.c.device_value == sa.bindparam("device_value"))
)
_excluded = Prepared(sa.select(device_decision.c.device_id).where(device_decision.c.is_excluded))
_ended = Prepared(sa.select(device_end.c.device_id))
_silent = Prepared(
    sa.select(device_seen.c.device_id)
    .outerjoin(device_inventory, device_inventory.c.device_id == device_seen.c.device_id)
    .where(
        device_seen.c.last_seen_at < sa.bindparam("horizon"),
        sa.func.coalesce(device_inventory.c.reported_at, sa.literal_column("0")) < sa.bindparam("horizon"),
    )
)


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
    return Whereabouts(groups=_by_group(conn), excluded=_all_of(conn, _excluded), ended=_all_of(conn, _ended))


def _by_group(conn: Connection) -> dict[int, BitMap]:
    found = np.sort(_numbers(conn, _placed))
    groups, members = found >> _DEVICE_BITS, (found & ((1 << _DEVICE_BITS) - 1)).astype(np.uint32)
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    ends = [*starts[1:].tolist(), len(groups)]
    return {
        int(groups[start]): _bitmap(members[start:end])
        for start, end in zip(starts.tolist(), ends, strict=False)
    }  # fmt: skip


def _values(conn: Connection, devices: BitMap) -> dict[Any, BitMap]:
    """Device value -> devices; most are Normal and are not read."""
    found: dict[Any, BitMap] = {
        value: _all_of(conn, _valued, device_value=value) & devices for value in ("Low", "High")
    }
    found["Normal"] = devices - found["Low"] - found["High"]
    return found


def _uncounted(conn: Connection, horizon: Micros) -> BitMap:
    """Devices that are excluded, have ended, or were last heard of before ``horizon``."""
    silent = _all_of(conn, _silent, horizon=horizon)
    return BitMap.union(silent, _all_of(conn, _excluded), _all_of(conn, _ended))


def _all_of(conn: Connection, query: Prepared, **given: int | str) -> BitMap:
    return _bitmap(_numbers(conn, query, **given).astype(np.uint32))


def _numbers(conn: Connection, query: Prepared, **given: int | str) -> NDArray[np.int64]:
    rows = query.all(conn, given)
    return np.fromiter(chain.from_iterable(rows), np.int64, len(rows))


def _bitmap(ids: NDArray[np.uint32]) -> BitMap:
    members = array.array("I")
    members.frombytes(ids.tobytes())
    return BitMap(members)
