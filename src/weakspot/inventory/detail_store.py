"""All SQL of what devices tell beside their software: one packed row a device."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory.detail_contracts import DeviceDetails, merged
from weakspot.inventory.tables import device_details
from weakspot.runtime.clock import Micros
from weakspot.runtime.compression import compress, decompress
from weakspot.runtime.prepared import Prepared

_decoder = msgspec.msgpack.Decoder(DeviceDetails)
_select = Prepared(
    sa.select(device_details.c.document, device_details.c.reported_at).where(
        device_details.c.device_id == sa.bindparam("device_id")
    )
)


def details(conn: Connection, device_id: int) -> tuple[DeviceDetails, Micros | None]:
    """What the device last told, and when; nothing and None where it never did."""
    row = _select.first(conn, {"device_id": device_id})
    return (DeviceDetails(), None) if row is None else (_decoder.decode(decompress(row[0])), int(row[1]))


def record(conn: Connection, device_id: int, told: DeviceDetails, now: Micros) -> None:
    """Keep the sections that a report tells; the others stay as they were."""
    known, at = details(conn, device_id)
    values = {"document": compress(msgspec.msgpack.encode(merged(known, told))), "reported_at": now}
    table = device_details
    if at is None:
        conn.execute(table.insert().values(device_id=device_id, **values))
    else:
        conn.execute(table.update().where(table.c.device_id == device_id).values(values))
