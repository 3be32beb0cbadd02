"""Recording what the sources of a device tell of its settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.engine import Connection

from weakspot.inventory import packing
from weakspot.inventory.detail_contracts import Setting
from weakspot.inventory.rules import parts as rules
from weakspot.inventory.rules.difference import replaced
from weakspot.inventory.settings import store
from weakspot.inventory.settings.store import SettingValue
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import InvalidField

SETTINGS_CHANGED = "inventory.settings"


def record(
    conn: Connection, device_id: int, source: str, settings: Iterable[Setting], at: Micros, now: Micros
) -> None:  # fmt: skip
    """Keep the complete list that one source tells, in place of the one before.

    at: when it was seen. Raises InvalidField where a name is there twice.
    """
    told = tuple(settings)
    names = {one.name for one in told}
    if len(names) != len(told):
        raise InvalidField("A setting is named twice; send each name once.", field="details.settings")
    ids = frozenset(store.intern(conn, told))
    known = store.parts(conn, device_id)
    if known.get(source) == ids:
        return
    store.write_part(conn, device_id, source, ids, now)
    _write(conn, device_id, {**known, source: ids}, at, now)


def load(conn: Connection, told: Iterable[tuple[int, Iterable[Setting], Micros]], now: Micros) -> None:
    """Keep what the sensors of many new devices tell: (device id, complete list, when it was seen). No change is told:
    who loads devices says so once.
    """
    given = [(device_id, tuple(settings), at) for device_id, settings, at in told]
    ids = store.intern_many(conn, {one for _, settings, _ in given for one in settings})
    store.insert_loaded(
        conn, [(i, sorted(ids[one] for one in settings), at) for i, settings, at in given], rules.SENSOR, now
    )


def forget(conn: Connection, device_id: int, source: str, now: Micros) -> None:
    """What this source told of settings no longer counts."""
    if store.remove_part(conn, device_id, source):
        _write(conn, device_id, store.parts(conn, device_id), now, now)


def forget_all(conn: Connection, device_id: int, now: Micros) -> None:
    """The device is no more: its settings end."""
    for source in store.parts(conn, device_id):
        store.remove_part(conn, device_id, source)
    if store.present(conn, device_id) is not None:
        _write(conn, device_id, {}, now, now)


def chosen(parts: Mapping[str, Iterable[int]], values: Mapping[int, SettingValue]) -> set[int]:
    """One value for each name that any source tells: that of the source whose word counts (rules/parts.py)."""
    found: dict[str, int] = {}
    for source in sorted(parts, key=lambda one: (rules.rank(one), one)):
        for one in parts[source]:
            found.setdefault(values[one].name, one)
    return set(found.values())


def differences(conn: Connection) -> list[str]:
    """Devices whose settings are not what follows from their sources, in sentences; none when all is well."""
    known = store.values(conn, None)
    kept = {device_id: frozenset(ids.tolist()) for device_id, ids in store.of_devices(conn, None)}
    found = []
    for device_id, parts in store.all_parts(conn):
        wanted = next(iter(parts.values())) if len(parts) == 1 else chosen(parts, known)
        here = kept.pop(device_id, frozenset())
        if here != wanted:
            found.append(f"device {device_id}: {len(here)} setting values, {len(wanted)} by its sources")
    return found + [f"device {one}: {len(ids)} setting values, no source" for one, ids in kept.items() if ids]


def _write(conn: Connection, device_id: int, parts: Mapping[str, frozenset[int]], at: Micros, now: Micros) -> None:
    before = store.present(conn, device_id)
    ids, times = packing.empty() if before is None else before
    wanted = chosen(parts, store.values(conn, {one for some in parts.values() for one in some}))
    # A clock that was set back must not end a value before it began.
    moment = max(at, int(times.max()) + 1) if len(times) else at
    difference = replaced((ids, times), wanted, moment)
    if not difference.added and not difference.removed and before is not None:
        return
    store.write_present(conn, device_id, difference.ids, difference.first_seen, now, is_new=before is None)
    store.insert_ended(conn, device_id, zip(difference.removed, difference.ended_since, strict=True), moment)
    payload = {"device_id": device_id, "added": difference.added, "removed": difference.removed}
    changes.append(conn, now, SETTINGS_CHANGED, payload)
