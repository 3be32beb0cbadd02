"""All SQL of the configuration settings."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
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
from weakspot.runtime.prepared import Inserted, Keyed, Prepared

PLATFORMS = {"linux": "linux", "windows": "windows", "macos": "macos", "darwin": "macos"}
"""What devices call their system, in lower case -> the kind that checks are made for."""

_REMEMBERED = 200_000

_parts_of = Keyed(
    sa.select(setting_part.c.device_id, setting_part.c.source, setting_part.c.setting_values), setting_part.c.device_id
)
_written_parts = Inserted(
    setting_part, ("device_id", "source", "setting_values", "reported_at"), key=("device_id", "source")
)
_present_of = Keyed(
    sa.select(device_settings.c.device_id, device_settings.c.setting_values), device_settings.c.device_id
)
_written_present = Inserted(device_settings, ("device_id", "setting_values", "reported_at"), key=("device_id",))
_inserted_ended = Inserted(ended_setting, ("device_id", "setting_value_id", "first_seen_at", "removed_at"))
_inserted_values = Inserted(setting_value, ("identity_hash", "name", "value"))
_newest = Prepared(sa.select(sa.func.max(setting_value.c.id)))
_id_of = Keyed(sa.select(setting_value.c.identity_hash, setting_value.c.id), setting_value.c.identity_hash)


class SettingValue(msgspec.Struct, frozen=True, kw_only=True):
    """One value of one setting."""

    id: int
    name: str
    value: str


class Part(msgspec.Struct, frozen=True):
    """Setting value ids that one source of a device tells."""

    device_id: int
    source: str
    ids: frozenset[int]
    at: Micros


class Stored(msgspec.Struct, frozen=True):
    """Setting value ids of a device by source, and those in force with first-seen times; None: it never told any."""

    parts: dict[str, frozenset[int]]
    present: tuple[Ids, Times] | None


def intern_many(conn: Connection, settings: Iterable[Setting]) -> dict[Setting, int]:
    """Id of each of some settings; those that were never seen get one."""
    wanted = {_hash(one): one for one in sorted(settings, key=lambda one: (one.name, one.value))}
    found = _known(conn, wanted)
    fresh = [(hashed, one.name, one.value) for hashed, one in wanted.items() if hashed not in found]
    if fresh:
        _inserted_values.write(conn, fresh)
        found |= _known(conn, [hashed for hashed, _, _ in fresh])
    return {one: found[hashed] for hashed, one in wanted.items()}


class SettingIds:
    """Ids of setting values, remembered between reports, as ``software_store.Interner`` does for software versions:
    never what a unit of work itself inserted.
    """

    def __init__(self) -> None:
        self._ids: dict[Setting, int] = {}

    def forget(self) -> None:
        """Drop everything; it is read again."""
        self._ids.clear()

    def intern(self, conn: Connection, settings: AbstractSet[Setting]) -> dict[Setting, int]:
        """As ``intern_many``."""
        found = {one: known for one in settings if (known := self._ids.get(one)) is not None}
        if len(found) == len(settings):
            return found
        missing = settings - found.keys()
        stored = ids_of(conn, missing)
        if len(self._ids) + len(stored) > _REMEMBERED:
            self.forget()
        self._ids.update(stored)
        found |= stored
        return found if len(stored) == len(missing) else found | intern_many(conn, missing - stored.keys())


def ids_of(conn: Connection, settings: Iterable[Setting]) -> dict[Setting, int]:
    """Id of each of some settings that any device has ever told."""
    wanted = {_hash(one): one for one in settings}
    return {wanted[hashed]: value_id for hashed, value_id in _known(conn, wanted).items()}


def newest_id(conn: Connection) -> int | None:
    """Id of the value that was told for the first time last; None: there was none yet. Another one, where any came."""
    row = _newest.first(conn, {})
    return None if row is None else row[0]


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


def stored(conn: Connection, ids: Sequence[int]) -> dict[int, Stored]:
    """What is kept of some devices."""
    parts: dict[int, dict[str, frozenset[int]]] = {one: {} for one in ids}
    told, in_force = _parts_of.rows(conn, ids), _present_of.rows(conn, ids)
    unpacked = packing.unpack_all([row[-1] for row in (*told, *in_force)])
    for (device_id, source, _), (said, _) in zip(told, unpacked, strict=False):
        parts[device_id][source] = frozenset(said.tolist())
    present = {row[0]: one for row, one in zip(in_force, unpacked[len(told) :], strict=True)}
    return {one: Stored(parts[one], present.get(one)) for one in ids}


def all_parts(conn: Connection) -> Iterator[tuple[int, dict[str, frozenset[int]]]]:
    """(device id, setting value ids by source) of every device that has any, ascending."""
    table = setting_part
    query = sa.select(table.c.device_id, table.c.source, table.c.setting_values).order_by(table.c.device_id)
    rows = conn.execute(query.execution_options(yield_per=5_000))
    for device_id, mine in itertools.groupby(rows, key=lambda row: int(row.device_id)):
        yield device_id, {row.source: frozenset(packing.unpack(row.setting_values)[0].tolist()) for row in mine}


def write_parts(conn: Connection, parts: Sequence[Part]) -> None:
    """Replace or add what sources tell."""
    packed = packing.pack_all(
        [(np.array(sorted(one.ids), np.uint32), np.zeros(len(one.ids), np.int64)) for one in parts]
    )
    rows = [(one.device_id, one.source, data, one.at) for one, data in zip(parts, packed, strict=True)]
    _written_parts.write(conn, rows)


def remove_part(conn: Connection, device_id: int, source: str) -> bool:
    """Forget what one source told. False where it told nothing."""
    this = (setting_part.c.device_id == device_id) & (setting_part.c.source == source)
    return conn.execute(setting_part.delete().where(this)).rowcount == 1


def present(conn: Connection, device_id: int) -> tuple[Ids, Times] | None:
    """Setting value ids of a device now, ascending, with first-seen times; None: it never told any."""
    return stored(conn, [device_id])[device_id].present


def write_present(conn: Connection, rows: Sequence[tuple[int, Ids, Times, Micros]]) -> None:
    """Replace or add the settings of devices: device id, setting value ids, their first-seen times, when."""
    packed = packing.pack_all([(ids, first_seen) for _, ids, first_seen, _ in rows])
    _written_present.write(conn, [(row[0], data, row[3]) for row, data in zip(rows, packed, strict=True)])


def insert_ended(conn: Connection, rows: Sequence[tuple[int, int, Micros, Micros]]) -> None:
    """Setting values that ended: device id, setting value id, first seen, removed."""
    _inserted_ended.write(conn, rows)


def of_devices(conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, Ids]]:
    """(device id, setting value ids ascending) of devices that tell settings; None: all."""
    table = device_settings
    every = sa.select(table.c.device_id, table.c.setting_values).execution_options(yield_per=5_000)
    for device_id, packed in conn.execute(every) if ids is None else _present_of.rows(conn, ids):
        yield device_id, packing.unpack(packed)[0]


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
    return {bytes(hashed): int(value_id) for hashed, value_id in _id_of.rows(conn, hashes)}


def _of(conn: Connection, query: sa.Select[Any], column: Any, ids: Iterable[int] | None) -> Iterator[Any]:
    if ids is None:
        yield from conn.execute(query.execution_options(yield_per=5_000))
        return
    for chunk in in_chunks(ids):
        yield from conn.execute(query.where(column.in_(chunk)))
