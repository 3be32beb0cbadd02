"""SQL that reads whole columns of devices, for lists that are filtered and sorted in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from sys import intern
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory.identities.tables import device_end
from weakspot.inventory.labels.placing import all_tags
from weakspot.inventory.tables import device, device_decision, device_inventory, device_seen
from weakspot.runtime.clock import Micros
from weakspot.runtime.prepared import Keyed

# Where ``packing.pack`` puts the number of installations: after the format byte, four bytes, little endian.
_PACKED_COUNT = sa.func.substr(device_inventory.c.installations, sa.literal_column("2"), sa.literal_column("4"))
_LISTED = sa.select(
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
    sa.type_coerce(_PACKED_COUNT, sa.LargeBinary).label("packed_count"),
).select_from(
    device.join(device_decision, device_decision.c.device_id == device.c.id).outerjoin(
        device_inventory, device_inventory.c.device_id == device.c.id
    )
)
_listed_of = Keyed(_LISTED, device.c.id)


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
    if ids is not None:
        return map(_listed_device, _listed_of.rows(conn, ids))
    return map(_listed_device, conn.execute(_LISTED.execution_options(yield_per=5_000)))


def _listed_device(row: Sequence[Any]) -> ListedDevice:
    device_id, name, domain, platform, distribution, version, group_id, excluded, first_seen, source, ended, count = row
    return ListedDevice(
        device_id,
        name,
        # Few distinct texts in a fleet: kept once, not once a device.
        intern(domain),
        intern(platform),
        intern(distribution),
        intern(version),
        group_id,
        bool(excluded),
        first_seen,
        int.from_bytes(count or b"", "little"),
        intern(source),
        bool(ended),
    )


def last_contacts(conn: Connection) -> Sequence[Sequence[int]]:
    """(device id, last contact) of all devices, in no order."""
    return conn.execute(sa.select(device_seen.c.device_id, device_seen.c.last_seen_at)).all()


def last_reports(conn: Connection) -> Sequence[Sequence[int]]:
    """(device id, last report received, when the device made it) of all that ever reported, in no order."""
    table = device_inventory
    return conn.execute(sa.select(table.c.device_id, table.c.reported_at, table.c.observed_at)).all()
