"""SQL that finds devices by what other products call them: hardware ids and addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.tables import device, hardware_id

_described = msgspec.msgpack.Decoder(DescribedDevice)
_MOST = 1_000


class BytesFind(GenericFunction[int]):
    """Place of some bytes in a column of bytes; 0 when they are not in it."""

    inherit_cache = True
    name = "bytes_find"
    type = sa.Integer()


@compiles(BytesFind)
def _find_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(BytesFind, "postgresql")
def _find_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column, wanted = element.clauses.clauses
    return f"position({compiler.process(wanted, **options)} in {compiler.process(column, **options)})"


def devices_with_hardware(conn: Connection, values: Iterable[str]) -> set[int]:
    """Devices that reported one of these hardware ids, of whatever kind; MAC addresses in any usual notation."""
    written = {form for value in values for form in _forms(value)}
    if not written:
        return set()
    query = sa.select(hardware_id.c.device_id).where(hardware_id.c.value.in_(sorted(written))).limit(_MOST)
    return set(conn.execute(query).scalars())


def devices_with_address(conn: Connection, address: str) -> set[int]:
    """Devices one of whose interfaces has this address: a look through all descriptions, so not for hot paths."""
    wanted = address.strip().lower().partition("/")[0]
    if not wanted:
        return set()
    query = sa.select(device.c.id, device.c.details).where(BytesFind(device.c.details, wanted.encode()) > 0)
    found = set()
    for row in conn.execute(query.limit(_MOST)):
        described = _described.decode(row.details)
        held = {each.partition("/")[0].lower() for one in described.interfaces for each in one.addresses}
        if wanted in held:
            found.add(row.id)
    return found


def _forms(value: str) -> set[str]:
    plain = value.strip()
    forms = {plain, plain.lower(), plain.upper()}
    digits = "".join(one for one in plain.lower() if one in "0123456789abcdef")
    if len(digits) == 12 and len(plain) <= 17:
        forms.add(":".join(digits[at : at + 2] for at in range(0, 12, 2)))
    return forms - {""}
