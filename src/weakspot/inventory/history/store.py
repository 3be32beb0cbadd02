"""All SQL of the change feed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.history.tables import software_change
from weakspot.runtime.clock import Micros
from weakspot.runtime.prepared import Inserted, Prepared

_inserted = Inserted(software_change, ("device_id", "observed_at", "recorded_at", "source", "report_id", "versions"))
MOST_READ = 50_000
"""So many rows are looked at for one answer, however few of them are wanted."""
_SCATTERED = 200
"""Of so few devices the changes are read by device."""
_id = software_change.c.id
_between = sa.select(*software_change.c).where(_id >= sa.bindparam("low"), _id < sa.bindparam("high"))
_older = Prepared(_between.order_by(_id.desc()))
_newer = Prepared(_between.order_by(_id))
_next = sa.select(sa.func.min(_id)).where(_id >= sa.bindparam("low")).scalar_subquery()
_from = Prepared(sa.select(_id, software_change.c.recorded_at).where(_id == _next))
_pair = msgspec.msgpack.Decoder(tuple[tuple[int, ...], tuple[int, ...]])


class RecordedChange(msgspec.Struct, frozen=True, kw_only=True):
    """What one report changed on one device: software version ids that came and that went.

    observed_at: when the device saw it; it is the first-seen or removed time of those installations.
    """

    id: int
    device_id: int
    observed_at: Micros
    recorded_at: Micros
    source: str
    report_id: str
    added: tuple[int, ...]
    removed: tuple[int, ...]


class Noted(NamedTuple):
    """What one report changed, as it is written. ``report_id`` is empty for sources that give none."""

    device_id: int
    observed_at: Micros
    recorded_at: Micros
    source: str
    report_id: str
    added: Sequence[int]
    removed: Sequence[int]


def record(conn: Connection, noted: Iterable[Noted]) -> None:
    """Add what reports changed, in their order."""
    _inserted.write(
        conn,
        [
            (*one[:-2], msgspec.msgpack.encode((one.added, one.removed)))  # the columns are in that order
            for one in noted
        ],
    )


def of_device(conn: Connection, device_id: int) -> list[RecordedChange]:
    """All that is kept of a device, oldest first."""
    table = software_change
    query = sa.select(table).where(table.c.device_id == device_id).order_by(table.c.id)
    return [_change(row) for row in conn.execute(query)]


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the feed, in the order in which it was walked.

    position: where to go on from, past all that was looked at. is_end: there is nothing further in that direction now.
    """

    changes: tuple[RecordedChange, ...]
    position: int
    is_end: bool


def newest(
    conn: Connection, since: Micros, limit: int, *, device_ids: BitMap | None = None
) -> Sequence[RecordedChange]:
    """At most ``limit`` changes recorded at ``since`` or later, newest first; device_ids: only of these.

    At most ``MOST_READ`` are looked at, unless the devices are few.
    """
    if device_ids is not None and len(device_ids) <= _SCATTERED:
        table = software_change
        recent = table.c.device_id.in_(device_ids.to_array().tolist()) & (table.c.recorded_at >= since)
        query = sa.select(table).where(recent).order_by(table.c.id.desc()).limit(limit)
        return [_change(row) for row in conn.execute(query)]
    return older(conn, None, limit, since=since, device_ids=device_ids).changes


def older(
    conn: Connection, before: int | None, limit: int, *, since: Micros = 0, device_ids: BitMap | None = None
) -> Stretch:
    """At most ``limit`` changes of these devices (None: of all) before a position, newest first, back to ``since``.

    before: None is past the newest.
    """
    first, past = _bounds(conn)
    high = past if before is None else min(before, past)
    least = max(first, position_at(conn, since) if since else first)
    low = max(least, high - MOST_READ)
    rows = _older.rows(conn, {"low": low, "high": high}) if low < high else iter(())
    found = _chosen(rows, limit, device_ids)
    is_cut = len(found) == limit
    position = found[-1].id if is_cut else min(low, high)
    return Stretch(changes=tuple(found), position=position, is_end=not is_cut and low <= least)


def newer(conn: Connection, after: int, limit: int, *, device_ids: BitMap | None = None) -> Stretch:
    """At most ``limit`` changes of these devices (None: of all) after a position, oldest first."""
    first, past = _bounds(conn)
    low = max(after + 1, first)
    high = min(past, low + MOST_READ)
    rows = _newer.rows(conn, {"low": low, "high": high}) if low < high else iter(())
    found = _chosen(rows, limit, device_ids)
    is_cut = len(found) == limit
    position = found[-1].id if is_cut else max(after, high - 1)
    return Stretch(changes=tuple(found), position=position, is_end=not is_cut and high >= past)


def position_at(conn: Connection, at: Micros) -> int:
    """The first change that was recorded at this moment or later; past the newest where there is none.

    Found by halving: rows are numbered in the order in which they were recorded.
    """
    low, high = _bounds(conn)
    while low < high:
        middle = (low + high) // 2
        row = _from.first(conn, {"low": middle})
        if row is None or row[1] >= at:
            high = middle
        else:
            low = row[0] + 1
    return low


def _bounds(conn: Connection) -> tuple[int, int]:
    """Number of the oldest change, and the one after the newest's."""
    # Two questions: of both together SQLite reads the whole table.
    first, last = (conn.execute(sa.select(end(_id))).scalar() for end in (sa.func.min, sa.func.max))
    return (1, 1) if first is None or last is None else (first, last + 1)


def _chosen(rows: Iterable[Sequence[Any]], limit: int, device_ids: BitMap | None) -> list[RecordedChange]:
    wanted = (row for row in rows if device_ids is None or row[1] in device_ids)
    return [_change(row) for row in itertools.islice(wanted, limit)]


def prune(conn: Connection, before: Micros) -> int:
    """Forget what was recorded earlier. Returns how many rows; what was installed when stays known."""
    return int(conn.execute(software_change.delete().where(software_change.c.recorded_at < before)).rowcount)


def _change(row: Sequence[Any]) -> RecordedChange:
    number, device_id, observed_at, recorded_at, source, report_id, versions = row
    added, removed = _pair.decode(versions)
    return RecordedChange(
        id=number,
        device_id=device_id,
        observed_at=observed_at,
        recorded_at=recorded_at,
        source=source,
        report_id=report_id,
        added=added,
        removed=removed,
    )
