"""Recording what the sources of a device tell of its settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy.engine import Connection

from weakspot.inventory import packing
from weakspot.inventory.detail_contracts import Setting
from weakspot.inventory.packing import Ids, Times
from weakspot.inventory.rules import parts as rules
from weakspot.inventory.rules.difference import Difference, replaced
from weakspot.inventory.settings import store
from weakspot.inventory.settings.store import SettingIds, SettingValue
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import InvalidField

SETTINGS_CHANGED = "inventory.settings"


class Told(msgspec.Struct, frozen=True):
    """The complete list that one source tells of a device, when it was seen, and the server's time."""

    device_id: int
    source: str
    settings: tuple[Setting, ...]
    at: Micros
    now: Micros


def record(
    conn: Connection, device_id: int, source: str, settings: Iterable[Setting], at: Micros, now: Micros
) -> None:  # fmt: skip
    """Keep the complete list that one source tells, in place of the one before.

    at: when it was seen. Raises InvalidField where a name is there twice.
    """
    record_all(conn, [Told(device_id, source, tuple(settings), at, now)])


def record_all(conn: Connection, told: Sequence[Told], known_ids: SettingIds | None = None) -> None:
    """As ``record``, for devices that are each there once. known_ids: what the writer remembers of them."""
    if not told:
        return
    for one in told:
        if len({setting.name for setting in one.settings}) != len(one.settings):
            raise InvalidField("A setting is named twice; send each name once.", field="details.settings")
    ids = (known_ids or SettingIds()).intern(conn, {setting for one in told for setting in one.settings})
    known = store.stored(conn, [one.device_id for one in told])
    parts: list[store.Part] = []
    made: list[_Made] = []
    for one in told:
        mine, before = frozenset(ids[setting] for setting in one.settings), known[one.device_id]
        if before.parts.get(one.source) != mine:
            parts.append(store.Part(one.device_id, one.source, mine, one.now))
            made += _made(conn, one.device_id, {**before.parts, one.source: mine}, before.present, one.at, one.now)
    store.write_parts(conn, parts)
    _write(conn, made)


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
        left = store.stored(conn, [device_id])[device_id]
        _write(conn, _made(conn, device_id, left.parts, left.present, now, now))


def forget_all(conn: Connection, device_id: int, now: Micros) -> None:
    """The device is no more: its settings end."""
    known = store.stored(conn, [device_id])[device_id]
    for source in known.parts:
        store.remove_part(conn, device_id, source)
    if known.present is not None:
        _write(conn, _made(conn, device_id, {}, known.present, now, now))


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


class _Made(msgspec.Struct, frozen=True):
    """The settings of a device now, and what changed."""

    device_id: int
    difference: Difference
    at: Micros
    now: Micros


def _made(
    conn: Connection, device_id: int, parts: Mapping[str, frozenset[int]], present: tuple[Ids, Times] | None,
    at: Micros, now: Micros,
) -> Iterator[_Made]:  # fmt: skip
    """Nothing where nothing changed."""
    ids, times = packing.empty() if present is None else present
    wanted = next(iter(parts.values())) if len(parts) == 1 else _chosen(conn, parts)
    # A clock that was set back must not end a value before it began.
    moment = max(at, int(times.max()) + 1) if len(times) else at
    difference = replaced((ids, times), wanted, moment)
    if difference.added or difference.removed or present is None:
        yield _Made(device_id, difference, moment, now)


def _chosen(conn: Connection, parts: Mapping[str, frozenset[int]]) -> frozenset[int]:
    return frozenset(chosen(parts, store.values(conn, {one for some in parts.values() for one in some})))


def _write(conn: Connection, made: Iterable[_Made]) -> None:
    some = list(made)
    store.write_present(conn, [(one.device_id, one.difference.ids, one.difference.first_seen, one.now) for one in some])
    store.insert_ended(conn, [row for one in some for row in one.difference.ended(one.device_id, one.at)])
    changes.append_rows(
        conn,
        [
            (
                one.now,
                SETTINGS_CHANGED,
                {"device_id": one.device_id, "added": one.difference.added, "removed": one.difference.removed},
            )
            for one in some
        ],
    )
