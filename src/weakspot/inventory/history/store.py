"""All SQL of the change feed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.history.tables import software_change
from weakspot.runtime.clock import Micros
from weakspot.runtime.prepared import Prepared, Row

_insert = Prepared(
    software_change.insert(), ("device_id", "observed_at", "recorded_at", "source", "report_id", "versions")
)
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


def record(
    conn: Connection,
    device_id: int,
    report: tuple[str, str],
    added: Iterable[int],
    removed: Iterable[int],
    observed_at: Micros,
    now: Micros,
) -> None:
    """Add what a report changed. report: its source and its id."""
    values: Row = {
        "device_id": device_id,
        "observed_at": observed_at,
        "recorded_at": now,
        "source": report[0],
        "report_id": report[1],
        "versions": msgspec.msgpack.encode((list(added), list(removed))),
    }
    _insert.run(conn, values)


def of_device(conn: Connection, device_id: int) -> list[RecordedChange]:
    """All that is kept of a device, oldest first."""
    table = software_change
    query = sa.select(table).where(table.c.device_id == device_id).order_by(table.c.id)
    return [_change(row) for row in conn.execute(query)]


def newest(
    conn: Connection, since: Micros, limit: int, *, device_ids: BitMap | None = None
) -> Sequence[RecordedChange]:
    """At most ``limit`` changes recorded at ``since`` or later, newest first; device_ids: only of these."""
    table = software_change
    query = sa.select(table).where(table.c.recorded_at >= since).order_by(table.c.id.desc())
    found = []
    for row in conn.execute(query.execution_options(yield_per=1_000)):
        if device_ids is None or row.device_id in device_ids:
            found.append(_change(row))
            if len(found) == limit:
                break
    return found


def prune(conn: Connection, before: Micros) -> int:
    """Forget what was recorded earlier. Returns how many rows; what was installed when stays known."""
    return int(conn.execute(software_change.delete().where(software_change.c.recorded_at < before)).rowcount)


def _change(row: Any) -> RecordedChange:
    added, removed = _pair.decode(row.versions)
    return RecordedChange(
        id=row.id,
        device_id=row.device_id,
        observed_at=row.observed_at,
        recorded_at=row.recorded_at,
        source=row.source,
        report_id=row.report_id,
        added=added,
        removed=removed,
    )
