"""All SQL about devices: what they are, who they are, when they were heard of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import (
    DescribedDevice,
    Device,
    DeviceGroup,
    FleetDevice,
    HardwareId,
)
from weakspot.inventory.identities.tables import device_end
from weakspot.inventory.tables import (
    UNGROUPED_ID,
    device,
    device_decision,
    device_group,
    device_inventory,
    device_seen,
    hardware_id,
)
from weakspot.runtime.clock import DAY, Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Keyed, Prepared

ACTIVE_DAYS = 30
"""A device silent for longer counts nowhere (spec/features.md 3)."""

_described = msgspec.msgpack.Decoder(DescribedDevice)
_OF_DEVICE = (
    "id", "public_id", "name", "domain", "os_platform", "os_distribution", "os_version", "architecture",
    "sensor_version", "discovery_source", "first_seen_at",
)  # fmt: skip
_device_id: sa.BindParameter[int] = sa.bindparam("device_id")
_details = Prepared(sa.select(device.c.details).where(device.c.id == _device_id))
_groups = Prepared(sa.select(device_group.c.id, device_group.c.name, device_group.c.rank).order_by(device_group.c.rank))


def _joined() -> sa.FromClause:
    return (
        device.join(device_decision, device_decision.c.device_id == device.c.id)
        .join(device_seen, device_seen.c.device_id == device.c.id)
        .outerjoin(device_inventory, device_inventory.c.device_id == device.c.id)
        .outerjoin(device_end, device_end.c.device_id == device.c.id)
    )


def _last_seen() -> sa.ColumnElement[int]:
    reported = sa.func.coalesce(device_inventory.c.reported_at, sa.literal_column("0"))
    return sa.case((reported > device_seen.c.last_seen_at, reported), else_=device_seen.c.last_seen_at)


_EVERYTHING = sa.select(
    *(device.c[name] for name in _OF_DEVICE),
    _last_seen().label("last_seen_at"),
    device_inventory.c.reported_at,
    device_inventory.c.observed_at,
    device_end.c.kind,
    device_end.c.into_device_id,
    device_decision.c.group_id,
    device_decision.c.device_value,
    device_decision.c.is_excluded,
    device_decision.c.exclusion_reason,
    device.c.details,
).select_from(_joined())
_everything_of = Keyed(_EVERYTHING, device.c.id)
_id_of = Prepared(sa.select(device.c.id).where(device.c.public_id == sa.bindparam("public_id")))


def insert_device(conn: Connection, public_id: str, described: DescribedDevice, source: str, at: Micros) -> int:
    """A new device in the default group. Returns its internal id."""
    values = _device_values(described) | {
        "public_id": public_id,
        "discovery_source": source,
        "first_seen_at": at,
    }
    device_id: int = conn.execute(device.insert().values(values).returning(device.c.id)).scalar_one()
    conn.execute(device_decision.insert().values(device_id=device_id, group_id=UNGROUPED_ID))
    conn.execute(device_seen.insert().values(device_id=device_id, last_seen_at=at))
    replace_hardware_ids(conn, device_id, described.hardware_ids)
    return device_id


def update_device(conn: Connection, device_id: int, described: DescribedDevice, sensor_version: str) -> None:
    """What the device now says of itself."""
    values = _device_values(described) | {"sensor_version": sensor_version}
    conn.execute(device.update().where(device.c.id == device_id).values(values))


def describe(conn: Connection, device_id: int, told: DescribedDevice) -> None:
    """What a source other than the sensor says of the device."""
    conn.execute(device.update().where(device.c.id == device_id).values(_device_values(told)))


def described(conn: Connection, device_id: int) -> DescribedDevice:
    """What the device last said of itself."""
    row = _details.first(conn, {"device_id": device_id})
    assert row is not None, "a device that is not there was asked for"
    return _described.decode(row[0])


def described_devices(conn: Connection) -> Iterator[tuple[int, DescribedDevice]]:
    """What every device that has not ended last said of itself."""
    gone = sa.select(device_end.c.device_id)
    query = sa.select(device.c.id, device.c.details).where(device.c.id.not_in(gone))
    for row in conn.execute(query.execution_options(yield_per=5_000)):
        yield row.id, _described.decode(row.details)


def replace_hardware_ids(conn: Connection, device_id: int, ids: Iterable[HardwareId]) -> None:
    """The hardware ids as last reported."""
    conn.execute(hardware_id.delete().where(hardware_id.c.device_id == device_id))
    rows = {(item.kind, item.value) for item in ids}
    if rows:
        conn.execute(hardware_id.insert(), [{"kind": k, "value": v, "device_id": device_id} for k, v in sorted(rows)])


def devices_with(conn: Connection, ids: Sequence[HardwareId]) -> dict[int, list[HardwareId]]:
    """Devices that ever reported one of these hardware ids, with the shared ones."""
    found: dict[int, list[HardwareId]] = {}
    for item in ids:
        query = sa.select(hardware_id.c.device_id).where(
            hardware_id.c.kind == item.kind, hardware_id.c.value == item.value
        )
        for (device_id,) in conn.execute(query):
            found.setdefault(device_id, []).append(item)
    return found


def write_seen(conn: Connection, seen: dict[int, Micros]) -> None:
    """Last contacts, many devices at once."""
    rows = [{"d": device_id, "at": at} for device_id, at in seen.items()]
    if rows:
        later = device_seen.update().where(
            device_seen.c.device_id == sa.bindparam("d"), device_seen.c.last_seen_at < sa.bindparam("at")
        )
        conn.execute(later.values(last_seen_at=sa.bindparam("at")), rows)


def fleet_devices(conn: Connection, ids: Iterable[int] | None, now: Micros) -> Iterator[FleetDevice]:
    """What the fleet index needs; ``is_counted``: not excluded, not ended and seen in the last 30 days."""
    horizon = now - ACTIVE_DAYS * DAY
    seen = _last_seen()
    query = (
        sa.select(
            device.c.id,
            device.c.public_id,
            device.c.name,
            device_decision.c.group_id,
            device_decision.c.device_value,
            sa.and_(~device_decision.c.is_excluded, seen >= horizon, device_end.c.kind.is_(None)).label("is_counted"),
        )
        .select_from(_joined())
        .order_by(device.c.id)
    )
    for row in of_devices(conn, query, device.c.id, ids):
        yield FleetDevice(row.id, row.public_id, row.name, row.group_id, row.device_value, bool(row.is_counted))


def devices(conn: Connection, ids: Iterable[int] | None) -> list[Device]:
    """Devices with all that is known of them, ordered by id."""
    if ids is not None:
        return [_device(row) for row in _everything_of.rows(conn, sorted(set(ids)))]
    query = _EVERYTHING.order_by(device.c.id).execution_options(yield_per=5_000)
    return [_device(row) for row in conn.execute(query)]


def device_id_of(conn: Connection, public_id: str) -> int | None:
    """Internal id of a public one."""
    row = _id_of.first(conn, {"public_id": public_id.lower()})
    return None if row is None else int(row[0])


def device_ids_named(conn: Connection, name: str) -> list[int]:
    """Devices of that name, any case."""
    return list(conn.execute(sa.select(device.c.id).where(sa.func.lower(device.c.name) == name.lower())).scalars())


def has_devices(conn: Connection, count: int) -> bool:
    """Whether there are at least so many devices, active or not. count: from 1."""
    return conn.execute(sa.select(device.c.id).limit(1).offset(count - 1)).first() is not None


def silent_since(conn: Connection, after: Micros, until: Micros) -> list[int]:
    """Devices whose last contact lies in (after, until]."""
    seen = _last_seen()
    query = sa.select(device.c.id).select_from(_joined()).where(seen > after, seen <= until)
    return list(conn.execute(query).scalars())


def silent_there(conn: Connection, horizon: Micros, limit: int) -> list[int]:
    """Devices that have not ended and whose last contact was before the horizon, longest silent first."""
    seen = _last_seen()
    query = sa.select(device.c.id).select_from(_joined()).where(seen < horizon, device_end.c.kind.is_(None))
    return list(conn.execute(query.order_by(seen, device.c.id).limit(limit)).scalars())


def groups(conn: Connection) -> list[DeviceGroup]:
    """All device groups, highest rank first."""
    return [DeviceGroup(*row) for row in _groups.all(conn, {})]


def of_devices(conn: Connection, query: sa.Select[Any], column: Any, ids: Iterable[int] | None) -> Iterator[Any]:
    if ids is None:
        yield from conn.execute(query.execution_options(yield_per=5_000))
        return
    for chunk in in_chunks(ids):
        yield from conn.execute(query.where(column.in_(chunk)))


def _device_values(described: DescribedDevice) -> dict[str, Any]:
    return {
        "name": described.name,
        "domain": described.domain,
        "os_platform": described.os.platform,
        "os_distribution": described.os.distribution,
        "os_version": described.os.version,
        "architecture": described.os.architecture,
        "details": msgspec.msgpack.encode(described),
    }


def _device(row: Sequence[Any]) -> Device:
    *told, last_seen_at, last_report_at, last_observed_at, end, into, group_id, value, is_excluded, reason, details = (
        row
    )
    return Device(
        **dict(zip(_OF_DEVICE, told, strict=True)),
        described=_described.decode(details),
        last_seen_at=last_seen_at,
        last_report_at=last_report_at,
        last_observed_at=last_observed_at,
        end=end,
        merged_into_id=into,
        group_id=group_id,
        device_value=value,
        is_excluded=bool(is_excluded),
        exclusion_reason=reason,
    )
