"""All SQL of the configuration settings."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory import packing
from weakspot.inventory.detail_contracts import Setting
from weakspot.inventory.packing import Ids, Times
from weakspot.inventory.settings.tables import device_settings, ended_setting, setting_part, setting_value
from weakspot.inventory.tables import device
from weakspot.runtime.bulk import insert_dicts
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Keyed

PLATFORMS = {"linux": "linux", "windows": "windows", "macos": "macos", "darwin": "macos"}
"""What devices call their system, in lower case -> the kind that checks are made for."""


_id_of = Keyed(sa.select(setting_value.c.identity_hash, setting_value.c.id), setting_value.c.identity_hash)


class SettingValue(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one setting."""

    id: int
    name: str
    value: str


def intern(conn: Connection, settings: Iterable[Setting]) -> set[int]:
    """Ids of setting values; those that were never seen get one."""
    wanted = {_hash(one): one for one in settings}
    found = _known(conn, wanted)
    fresh = [
        {"identity_hash": hashed, "name": one.name, "value": one.value}
        for hashed, one in wanted.items()
        if hashed not in found
    ]
    if fresh:
        conn.execute(setting_value.insert(), fresh)
        found = _known(conn, wanted)
    return set(found.values())


def intern_many(conn: Connection, settings: Iterable[Setting]) -> dict[Setting, int]:
    """Id of each of some settings, made where it was never seen."""
    wanted = sorted(settings, key=lambda one: (one.name, one.value))
    intern(conn, wanted)
    known = _known(conn, {_hash(one): one for one in wanted})
    return {one: known[_hash(one)] for one in wanted}


def ids_of(conn: Connection, settings: Iterable[Setting]) -> dict[Setting, int]:
    """Id of each of some settings that any device has ever told."""
    wanted = {_hash(one): one for one in settings}
    return {wanted[bytes(row[0])]: int(row[1]) for row in _id_of.rows(conn, list(wanted))}


def insert_loaded(conn: Connection, told: Iterable[tuple[int, list[int], Micros]], source: str, now: Micros) -> None:
    """Rows of devices that had none: (device id, setting value ids ascending, since when)."""
    parts, present = [], []
    for device_id, ids, at in told:
        packed = np.array(ids, np.uint32)
        mine = packing.pack(packed, np.zeros(len(packed), np.int64))
        now_there = packing.pack(packed, np.full(len(packed), at, np.int64))
        parts.append({"device_id": device_id, "source": source, "setting_values": mine, "reported_at": now})
        present.append({"device_id": device_id, "setting_values": now_there, "reported_at": now})
    insert_dicts(conn, setting_part, parts)
    insert_dicts(conn, device_settings, present)


def values(conn: Connection, ids: Iterable[int] | None) -> dict[int, SettingValue]:
    """Setting values by id; None: all that there are."""
    query = sa.select(setting_value.c.id, setting_value.c.name, setting_value.c.value).order_by(setting_value.c.id)
    return {row.id: SettingValue(**row._mapping) for row in _of(conn, query, setting_value.c.id, ids)}


def values_after(conn: Connection, last_id: int) -> list[SettingValue]:
    """Setting values that were seen first after the one with this id, ascending; they are never changed."""
    query = sa.select(setting_value.c.id, setting_value.c.name, setting_value.c.value)
    rows = conn.execute(query.where(setting_value.c.id > last_id).order_by(setting_value.c.id))
    return [SettingValue(**row._mapping) for row in rows]


def parts(conn: Connection, device_id: int) -> dict[str, frozenset[int]]:
    """Setting value ids of a device by source."""
    query = sa.select(setting_part.c.source, setting_part.c.setting_values)
    rows = conn.execute(query.where(setting_part.c.device_id == device_id))
    return {row.source: frozenset(packing.unpack(row.setting_values)[0].tolist()) for row in rows}


def all_parts(conn: Connection) -> Iterator[tuple[int, dict[str, frozenset[int]]]]:
    """(device id, setting value ids by source) of every device that has any, ascending."""
    table = setting_part
    query = sa.select(table.c.device_id, table.c.source, table.c.setting_values).order_by(table.c.device_id)
    rows = conn.execute(query.execution_options(yield_per=5_000))
    for device_id, mine in itertools.groupby(rows, key=lambda row: int(row.device_id)):
        yield device_id, {row.source: frozenset(packing.unpack(row.setting_values)[0].tolist()) for row in mine}


def write_part(conn: Connection, device_id: int, source: str, ids: Iterable[int], at: Micros) -> None:
    """Replace or add what one source tells."""
    packed = np.array(sorted(ids), np.uint32)
    values_ = {"setting_values": packing.pack(packed, np.zeros(len(packed), np.int64)), "reported_at": at}
    this = (setting_part.c.device_id == device_id) & (setting_part.c.source == source)
    if conn.execute(setting_part.update().where(this).values(values_)).rowcount == 0:
        conn.execute(setting_part.insert().values(device_id=device_id, source=source, **values_))


def remove_part(conn: Connection, device_id: int, source: str) -> bool:
    """Forget what one source told. False where it told nothing."""
    this = (setting_part.c.device_id == device_id) & (setting_part.c.source == source)
    return conn.execute(setting_part.delete().where(this)).rowcount == 1


def present(conn: Connection, device_id: int) -> tuple[Ids, Times] | None:
    """Setting value ids of a device now, ascending, with first-seen times; None: it never told any."""
    table = device_settings
    packed = conn.execute(
        sa.select(table.c.setting_values).where(table.c.device_id == device_id)
    ).scalar_one_or_none()  # fmt: skip
    return None if packed is None else packing.unpack(packed)


def write_present(conn: Connection, device_id: int, ids: Ids, first_seen: Times, at: Micros, *, is_new: bool) -> None:
    """Replace the settings of a device."""
    values_ = {"setting_values": packing.pack(ids, first_seen), "reported_at": at}
    table = device_settings
    if is_new:
        conn.execute(table.insert().values(device_id=device_id, **values_))
    else:
        conn.execute(table.update().where(table.c.device_id == device_id).values(values_))


def insert_ended(conn: Connection, device_id: int, ended: Iterable[tuple[int, Micros]], at: Micros) -> None:
    """Append setting values that ended. ended: id and first-seen time."""
    rows = [
        {"device_id": device_id, "setting_value_id": one, "first_seen_at": since, "removed_at": at}
        for one, since in ended
    ]
    if rows:
        conn.execute(ended_setting.insert(), rows)


def of_devices(conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, Ids]]:
    """(device id, setting value ids ascending) of devices that tell settings; None: all."""
    table = device_settings
    query = sa.select(table.c.device_id, table.c.setting_values)
    for row in _of(conn, query, table.c.device_id, ids):
        yield row.device_id, packing.unpack(row.setting_values)[0]


def platforms(conn: Connection, ids: Iterable[int] | None) -> dict[str, BitMap]:
    """Device ids by kind of system: ``linux``, ``windows``, ``macos``; others have no checks. None: of all devices."""
    name = sa.func.lower(device.c.os_platform)
    found: dict[str, BitMap] = {kind: BitMap() for kind in PLATFORMS.values()}
    for told, kind in PLATFORMS.items():
        query = sa.select(device.c.id).where(name == told)
        found[kind] |= BitMap([row.id for row in _of(conn, query, device.c.id, ids)])
    return found


def reported_at(conn: Connection, device_id: int) -> Micros | None:
    """When the settings of a device changed last; None: it never told any."""
    table = device_settings
    found = conn.execute(sa.select(table.c.reported_at).where(table.c.device_id == device_id)).scalar_one_or_none()
    return None if found is None else int(found)


def _hash(one: Setting) -> bytes:
    return hashlib.sha256(f"{one.name}\0{one.value}".encode("utf-8", "surrogatepass")).digest()


def _known(conn: Connection, hashes: Iterable[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for chunk in in_chunks(list(hashes)):
        query = sa.select(setting_value.c.identity_hash, setting_value.c.id)
        rows = conn.execute(query.where(setting_value.c.identity_hash.in_(chunk)))
        found.update((bytes(row.identity_hash), row.id) for row in rows)
    return found


def _of(conn: Connection, query: sa.Select[Any], column: Any, ids: Iterable[int] | None) -> Iterator[Any]:
    if ids is None:
        yield from conn.execute(query.execution_options(yield_per=5_000))
        return
    for chunk in in_chunks(ids):
        yield from conn.execute(query.where(column.in_(chunk)))
