"""All SQL about what is installed on devices: the packed present, where it was seen, and what ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory import packing
from weakspot.inventory.contracts import DescribedDevice, DeviceState, EndedInstallation, Evidence
from weakspot.inventory.store import of_devices
from weakspot.inventory.tables import device, device_evidence, device_inventory, ended_installation, part
from weakspot.runtime.clock import Micros
from weakspot.runtime.prepared import Keyed, Prepared

_described = msgspec.msgpack.Decoder(DescribedDevice)
_device_id: sa.BindParameter[int] = sa.bindparam("device_id")
_STATE = ("digest", "sequence", "report_id", "observed_at", "reported_at", "knowledge_version", "installations")
_state = Prepared(
    sa.select(*(device_inventory.c[name] for name in _STATE)).where(device_inventory.c.device_id == _device_id)
)
_insert_state = Prepared(device_inventory.insert(), ("device_id", *_STATE))
_update_state = Prepared(
    device_inventory.update()
    .where(device_inventory.c.device_id == _device_id)
    .values({name: sa.bindparam(f"new_{name}") for name in _STATE})
)
_whole = Prepared(
    sa.select(
        device.c.details,
        device_evidence.c.document,
        sa.exists().where(part.c.device_id == device.c.id),
        *(device_inventory.c[name] for name in _STATE),
    )
    .select_from(
        device.outerjoin(device_inventory, device_inventory.c.device_id == device.c.id).outerjoin(
            device_evidence, device_evidence.c.device_id == device.c.id
        )
    )
    .where(device.c.id == _device_id)
)
_evidence = Prepared(sa.select(device_evidence.c.document).where(device_evidence.c.device_id == _device_id))
_update_evidence = Prepared(
    device_evidence.update()
    .where(device_evidence.c.device_id == _device_id)
    .values(document=sa.bindparam("new_document"))
)
_packed = sa.select(device_inventory.c.device_id, device_inventory.c.installations)
_packed_of = Keyed(_packed, device_inventory.c.device_id)
_insert_ended = Prepared(
    ended_installation.insert(), ("device_id", "software_version_id", "first_seen_at", "removed_at")
)


def forget_digest(conn: Connection, device_id: int) -> None:
    """The sensor's next delta is refused, so that it sends everything."""
    conn.execute(device_inventory.update().where(device_inventory.c.device_id == device_id).values(digest=""))


def state(conn: Connection, device_id: int) -> tuple[DeviceState, bytes] | None:
    """State of the last report and the packed installations; None before the first report."""
    row = _state.first(conn, {"device_id": device_id})
    if row is None:
        return None
    values = dict(zip(_STATE, row, strict=True))
    installations = values.pop("installations")
    return DeviceState(**values), installations


class Whole(msgspec.Struct, frozen=True):
    """All that is kept of what a device's sensor reports, read at once. state: None before the first report."""

    described: DescribedDevice
    state: DeviceState | None
    installations: bytes
    evidence: bytes
    """Packed, as installations are; empty where there is none."""
    has_parts: bool
    """Other sources spoke of the device."""


def whole(conn: Connection, device_id: int) -> Whole:
    """One statement instead of five: reports come all the time, and each statement waits for its turn."""
    row = _whole.first(conn, {"device_id": device_id})
    assert row is not None, "a device that is not there was asked for"
    details, evidence, has_parts, *values = row
    described = _described.decode(details)
    if values[0] is None:
        return Whole(described, None, b"", evidence or b"", bool(has_parts))
    *state, installations = values
    kept = DeviceState(**dict(zip(_STATE[:-1], state, strict=True)))
    return Whole(described, kept, installations, evidence or b"", bool(has_parts))


def write_state(conn: Connection, device_id: int, kept: DeviceState, installations: bytes, *, is_new: bool) -> None:
    """Replace a device's packed inventory."""
    values = msgspec.structs.asdict(kept) | {"installations": installations}
    if is_new:
        _insert_state.run(conn, {"device_id": device_id, **values})
    else:
        _update_state.run(conn, {"device_id": device_id} | {f"new_{name}": value for name, value in values.items()})


def evidence(conn: Connection, device_id: int) -> dict[int, Evidence]:
    """Software version id -> where it was seen on this device."""
    row = _evidence.first(conn, {"device_id": device_id})
    return {} if row is None else packing.unpack_evidence(row[0])


def kept_evidence(conn: Connection, device_id: int) -> dict[int, packing.KeptEvidence]:
    """As ``evidence``, for what is only written again."""
    row = _evidence.first(conn, {"device_id": device_id})
    return {} if row is None else packing.unread_evidence(row[0])


def write_evidence(conn: Connection, device_id: int, found: Mapping[int, packing.KeptEvidence]) -> None:
    """Replace a device's evidence."""
    document = packing.pack_evidence(found)
    if _update_evidence.run(conn, {"device_id": device_id, "new_document": document}) == 0:
        conn.execute(device_evidence.insert().values(device_id=device_id, document=document))


def insert_ended(conn: Connection, device_id: int, removed: Iterable[tuple[int, Micros]], at: Micros) -> None:
    """Installations that ended: (software version id, first seen)."""
    rows = [
        {"device_id": device_id, "software_version_id": version, "first_seen_at": since, "removed_at": at}
        for version, since in removed
    ]
    _insert_ended.many(conn, rows)


def ended(conn: Connection, device_id: int | None) -> list[EndedInstallation]:
    """Installations that are no more, of one device or of all, oldest end first."""
    query = sa.select(ended_installation).order_by(ended_installation.c.removed_at, ended_installation.c.id)
    if device_id is not None:
        query = query.where(ended_installation.c.device_id == device_id)
    return [
        EndedInstallation(row.device_id, row.software_version_id, row.first_seen_at, row.removed_at)
        for row in conn.execute(query)
    ]


def installations(conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, packing.Ids]]:
    """Device id -> ids of the software versions that are installed now, ascending."""
    table = device_inventory
    rows = of_devices(conn, _packed, table.c.device_id, None) if ids is None else _packed_of.rows(conn, ids)
    for device_id, packed in rows:
        yield device_id, packing.unpack(packed)[0]
