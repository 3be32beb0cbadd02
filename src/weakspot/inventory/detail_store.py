"""All SQL of what devices tell beside their software: one packed row a device."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory import certificates, usage
from weakspot.inventory.certificates.tables import device_certificates
from weakspot.inventory.detail_contracts import DeviceDetails, merged
from weakspot.inventory.tables import device_details
from weakspot.inventory.usage.tables import device_usage
from weakspot.runtime.clock import Micros
from weakspot.runtime.compression import compress, decompress
from weakspot.runtime.prepared import Prepared

_decoder = msgspec.msgpack.Decoder(DeviceDetails)
_mine = device_details.c.device_id == sa.bindparam("device_id")
_select = Prepared(sa.select(device_details.c.document, device_details.c.reported_at).where(_mine))
_select_all = Prepared(
    sa.select(device_details.c.document, device_certificates.c.device_id, device_usage.c.device_id)
    .select_from(
        device_details.outerjoin(device_certificates, device_certificates.c.device_id == device_details.c.device_id)
        .outerjoin(device_usage, device_usage.c.device_id == device_details.c.device_id)
    )
    .where(_mine)
)  # fmt: skip


def details(conn: Connection, device_id: int) -> tuple[DeviceDetails, Micros | None]:
    """What the device last told, and when; nothing and None where it never did."""
    row = _select.first(conn, {"device_id": device_id})
    return (DeviceDetails(), None) if row is None else (_decoder.decode(decompress(row[0])), int(row[1]))


def record(conn: Connection, device_id: int, told: DeviceDetails, now: Micros) -> None:
    """Keep the sections that a report tells; the others stay as they were."""
    row = _select_all.first(conn, {"device_id": device_id})
    known = DeviceDetails() if row is None else _decoder.decode(decompress(row[0]))
    current = merged(known, told)
    values = {"document": compress(msgspec.msgpack.encode(current)), "reported_at": now}
    table = device_details
    if row is None:
        conn.execute(table.insert().values(device_id=device_id, **values))
    else:
        conn.execute(table.update().where(table.c.device_id == device_id).values(values))
    # What is asked of the whole fleet is kept apart too; it changes seldom.
    has_certificates, has_usage = (False, False) if row is None else (row[1] is not None, row[2] is not None)
    if current.certificates is not None and not (has_certificates and current.certificates == known.certificates):
        certificates.record(conn, device_id, current.certificates)
    if current.usage is not None and not (has_usage and current.usage == known.usage):
        usage.record(conn, device_id, current.usage)
