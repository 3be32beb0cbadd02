"""SQL that reads whole columns of devices, for lists that are filtered and sorted in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from sys import intern
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory.identities.tables import device_end
from weakspot.inventory.labels.placing import all_tags
from weakspot.inventory.tables import device, device_decision, device_inventory, device_seen
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks

# Where ``packing.pack`` puts the number of installations: after the format byte, four bytes, little endian.
_COUNT_FROM, _COUNT_BYTES = 2, 4


class ListedDevice(msgspec.Struct, frozen=True):
    """The few facts by which devices are filtered and sorted. ``software``: installed software versions."""

    id: int
    name: str
    domain: str
    os_platform: str
    os_distribution: str
    os_version: str
    group_id: int
    is_excluded: bool
    first_seen_at: Micros
    software: int
    discovery_source: str = "sensor"
    is_ended: bool = False


def tagged(conn: Connection, tags: Iterable[str]) -> list[int]:
    """Devices that have any of some tags, ascending."""
    known = all_tags(conn)
    return sorted({device_id for tag in tags for device_id in known.get(tag, ())})


def listed_devices(conn: Connection, ids: Iterable[int] | None) -> Iterator[ListedDevice]:
    """Devices (None: all), in no order; much lighter than ``devices``, as nothing is unpacked."""
    packed_count = sa.func.substr(device_inventory.c.installations, _COUNT_FROM, _COUNT_BYTES)
    query = sa.select(
        device.c.id,
        device.c.name,
        device.c.domain,
        device.c.os_platform,
        device.c.os_distribution,
        device.c.os_version,
        device_decision.c.group_id,
        device_decision.c.is_excluded,
        device.c.first_seen_at,
        device.c.discovery_source,
        device.c.id.in_(sa.select(device_end.c.device_id)).label("is_ended"),
        sa.type_coerce(packed_count, sa.LargeBinary).label("packed_count"),
    ).select_from(
        device.join(device_decision, device_decision.c.device_id == device.c.id).outerjoin(
            device_inventory, device_inventory.c.device_id == device.c.id
        )
    )
    for row in _of(conn, query, device.c.id, ids):
        yield ListedDevice(
            row.id,
            row.name,
            # Few distinct texts in a fleet: kept once, not once a device.
            intern(row.domain),
            intern(row.os_platform),
            intern(row.os_distribution),
            intern(row.os_version),
            row.group_id,
            bool(row.is_excluded),
            row.first_seen_at,
            int.from_bytes(row.packed_count or b"", "little"),
            intern(row.discovery_source),
            bool(row.is_ended),
        )


def last_contacts(conn: Connection) -> Iterator[tuple[int, Micros]]:
    """(device id, last contact) of all devices, in no order."""
    for row in conn.execute(sa.select(device_seen.c.device_id, device_seen.c.last_seen_at)):
        yield row.device_id, row.last_seen_at


def last_reports(conn: Connection) -> Iterator[tuple[int, Micros, Micros]]:
    """(device id, last report received, when the device made it) of all that ever reported, in no order."""
    table = device_inventory
    for row in conn.execute(sa.select(table.c.device_id, table.c.reported_at, table.c.observed_at)):
        yield row.device_id, row.reported_at, row.observed_at


def _of(conn: Connection, query: sa.Select[Any], column: Any, ids: Iterable[int] | None) -> Iterator[Any]:
    if ids is None:
        yield from conn.execute(query.execution_options(yield_per=5_000))
        return
    for chunk in in_chunks(ids):
        yield from conn.execute(query.where(column.in_(chunk)))
