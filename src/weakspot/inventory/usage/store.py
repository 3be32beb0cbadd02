"""All SQL of which software runs: one packed row a device that looks."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec
import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.detail_contracts import SoftwareUsage, UsageReport
from weakspot.inventory.usage.contracts import DaysUsed
from weakspot.inventory.usage.tables import device_usage, used_software
from weakspot.runtime.prepared import Inserted, Keyed

Name = tuple[str, str, str]
"""Type, name and version of software, as reports have it."""

_ENTRY: Final = np.dtype([("software", "<u4"), ("last_day", "<u4"), ("days", "u1")])
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
_FEW = 2_000
_AT_ONCE = 20_000

_id_of = Keyed(sa.select(used_software.c.identity_hash, used_software.c.id), used_software.c.identity_hash)
_inserted = Inserted(used_software, ("identity_hash", "type", "name", "version"))
_written = Inserted(device_usage, ("device_id", "used"), key=("device_id",))
_of_devices = Keyed(sa.select(device_usage.c.device_id, device_usage.c.used), device_usage.c.device_id)


def record(conn: Connection, device_id: int, told: UsageReport) -> None:
    """Replace what was seen running on a device. A day that is none is left out with its software."""
    days = {_name(one): (day, one.days_used) for one in told.software if (day := _day(one.last_used_on)) is not None}
    ids = _interned(conn, days)
    rows = sorted((ids[name], day, count) for name, (day, count) in days.items())
    _written.write(conn, [(device_id, np.array(rows, _ENTRY).tobytes())])


def days_used(conn: Connection, devices: BitMap, names: Iterable[Name], since_day: int) -> DaysUsed:
    """On how many days software under one of these names ran on these devices.

    since_day: days since 1970; what ran last before it does not count.
    """
    wanted = np.array(sorted(_known(conn, map(_hash, names)).values()), np.uint32)
    looking: list[int] = []
    found: dict[int, int] = {}
    for ids, packed in _read(conn, devices):
        looking += ids
        entries = np.frombuffer(b"".join(packed), _ENTRY)
        sizes = np.fromiter((len(one) // _ENTRY.itemsize for one in packed), np.int64, len(packed))
        device: NDArray[np.int64] = np.repeat(np.array(ids, np.int64), sizes)
        kept = np.isin(entries["software"], wanted) & (entries["last_day"] >= since_day)
        for device_id, days in zip(device[kept].tolist(), entries["days"][kept].tolist(), strict=True):
            found[device_id] = max(days, found.get(device_id, 0))
    return DaysUsed(BitMap(looking), found)


def _read(conn: Connection, devices: BitMap) -> Iterator[tuple[list[int], list[bytes]]]:
    if len(devices) <= _FEW:
        rows: Iterable[Sequence[object]] = _of_devices.rows(conn, devices)
        some = [(device_id, packed) for device_id, packed in rows]
        yield [int(one) for one, _ in some], [bytes(packed) for _, packed in some]  # type: ignore[call-overload]
        return
    query = sa.select(device_usage.c.device_id, device_usage.c.used).execution_options(yield_per=_AT_ONCE)
    for rows in conn.execute(query).partitions():
        here = [(device_id, packed) for device_id, packed in rows if device_id in devices]
        yield [device_id for device_id, _ in here], [packed for _, packed in here]


def _interned(conn: Connection, names: Iterable[Name]) -> dict[Name, int]:
    wanted = {_hash(name): name for name in names}
    found = _known(conn, wanted)
    fresh = [hashed for hashed in wanted if hashed not in found]
    if fresh:
        _inserted.write(conn, [(hashed, *wanted[hashed]) for hashed in fresh])
        found |= _known(conn, fresh)
    return {wanted[hashed]: number for hashed, number in found.items()}


def _known(conn: Connection, hashes: Iterable[bytes]) -> dict[bytes, int]:
    return {bytes(hashed): int(number) for hashed, number in _id_of.rows(conn, hashes)}


def _name(one: SoftwareUsage) -> Name:
    return one.type, one.name, one.version


def _hash(name: Name) -> bytes:
    return hashlib.sha256(msgspec.msgpack.encode(name)).digest()


def _day(text: str) -> int | None:
    try:
        return max(0, dt.date.fromisoformat(text).toordinal() - _EPOCH)
    except ValueError:
        return None
