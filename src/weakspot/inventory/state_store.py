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
from weakspot.runtime.compression import compress_all, decompress, decompress_all
from weakspot.runtime.prepared import Inserted, Keyed, Prepared

_described = msgspec.msgpack.Decoder(DescribedDevice)
_device_id: sa.BindParameter[int] = sa.bindparam("device_id")
_STATE = ("digest", "sequence", "report_id", "observed_at", "reported_at", "knowledge_version", "installations")
_state = Prepared(
    sa.select(*(device_inventory.c[name] for name in _STATE)).where(device_inventory.c.device_id == _device_id)
)
_written_state = Inserted(device_inventory, ("device_id", *_STATE), key=("device_id",))
_wholes = Keyed(
    sa.select(
        device.c.id,
        device.c.details,
        device_evidence.c.document,
        sa.exists().where(part.c.device_id == device.c.id),
        *(device_inventory.c[name] for name in _STATE),
    ).select_from(
        device.outerjoin(device_inventory, device_inventory.c.device_id == device.c.id).outerjoin(
            device_evidence, device_evidence.c.device_id == device.c.id
        )
    ),
    device.c.id,
)
_evidence = Prepared(sa.select(device_evidence.c.document).where(device_evidence.c.device_id == _device_id))
_written_evidence = Inserted(device_evidence, ("device_id", "document"), key=("device_id",))
_packed = sa.select(device_inventory.c.device_id, device_inventory.c.installations)
_packed_of = Keyed(_packed, device_inventory.c.device_id)
_inserted_ended = Inserted(ended_installation, ("device_id", "software_version_id", "first_seen_at", "removed_at"))


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
    installations: tuple[packing.Ids, packing.Times]
    evidence: bytes
    """As ``packing.encode_evidence`` gives it; empty where there is none."""
    has_parts: bool
    """Other sources spoke of the device."""


def wholes(conn: Connection, ids: Iterable[int]) -> dict[int, Whole]:
    """Devices by id, each with all that is kept of it: reports come all the time, and come together."""
    rows = {row[0]: row for row in _wholes.rows(conn, ids)}
    closed = {device_id: packing.closed(row[-1]) for device_id, row in rows.items() if row[-1] is not None}
    seen = {device_id: row[2] for device_id, row in rows.items() if row[2]}
    opened = decompress_all([*(body for _, body in closed.values()), *seen.values()])
    bodies = dict(zip(closed, opened, strict=False))
    evidence = dict(zip(seen, opened[len(closed) :], strict=True))
    return {
        device_id: Whole(
            _described.decode(details),
            DeviceState(**dict(zip(_STATE[:-1], state, strict=True))) if device_id in closed else None,
            packing.unpack_columns(closed[device_id][0], bodies[device_id]) if device_id in closed else packing.empty(),
            evidence.get(device_id, b""),
            bool(has_parts),
        )
        for device_id, details, _, has_parts, *state, _ in rows.values()
    }


def write_states(conn: Connection, kept: Mapping[int, tuple[DeviceState, tuple[packing.Ids, packing.Times]]]) -> None:
    """Replace the packed inventories of devices."""
    packed = packing.pack_all([installations for _, installations in kept.values()])
    _written_state.write(
        conn,
        [
            (device_id, *msgspec.structs.astuple(state), data)
            for (device_id, (state, _)), data in zip(kept.items(), packed, strict=True)
        ],
    )


def kept_evidence(conn: Connection, device_id: int) -> dict[int, packing.KeptEvidence]:
    """As ``evidence``, for what is only written again."""
    row = _evidence.first(conn, {"device_id": device_id})
    return {} if row is None else packing.pieces_of_evidence(decompress(row[0]))


def evidence(conn: Connection, device_id: int) -> dict[int, Evidence]:
    """Software version id -> where it was seen on this device."""
    row = _evidence.first(conn, {"device_id": device_id})
    return {} if row is None else packing.decode_evidence(decompress(row[0]))


def write_evidence(conn: Connection, found: Mapping[int, Mapping[int, packing.KeptEvidence]]) -> None:
    """Replace the evidence of devices."""
    documents = compress_all([packing.encode_evidence(pieces) for pieces in found.values()])
    _written_evidence.write(conn, list(zip(found, documents, strict=True)))


def insert_ended(conn: Connection, rows: Iterable[tuple[int, int, Micros, Micros]]) -> None:
    """Installations that ended: device id, software version id, first seen, removed."""
    _inserted_ended.write(conn, list(rows))


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
