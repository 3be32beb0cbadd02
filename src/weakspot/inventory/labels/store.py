"""All SQL about labels: reading and replacing named sets of devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.identities.tables import device_end
from weakspot.inventory.labels.contracts import ChosenKind, FoundKind, Origin
from weakspot.inventory.labels.tables import chosen_label, found_label
from weakspot.inventory.rules.grouping import Facts, Place
from weakspot.inventory.tables import device, device_decision
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Keyed, Prepared

K = TypeVar("K")

_all_facts = Prepared(
    sa.select(
        device.c.id,
        device.c.name,
        device.c.domain,
        device.c.os_platform,
        device.c.os_distribution,
        device.c.os_version,
        device_decision.c.group_id,
    )
    .select_from(device.join(device_decision, device_decision.c.device_id == device.c.id))
    .where(device.c.id.not_in(sa.select(device_end.c.device_id)))
)
_AT_ONCE = (1, 64, 2_048)
"""Statements for so many devices are compiled once; the places that are left over name the last device again."""


def _update(*columns: str) -> dict[int, Prepared]:
    """Sets columns of some devices, by how many there are."""
    values: dict[str, sa.BindParameter[Any]] = {name: sa.bindparam(f"new_{name}") for name in columns}
    return {
        size: Prepared(
            device_decision.update()
            .where(device_decision.c.device_id.in_([sa.bindparam(f"key_{number}") for number in range(size)]))
            .values(values)
        )
        for size in _AT_ONCE
    }


_regroup = _update("group_id")
_revalue = _update("device_value")
_exclude = _update("is_excluded", "exclusion_reason")
_members = Keyed(
    sa.select(device_decision.c.device_id).where(device_decision.c.device_id.not_in(sa.select(device_end.c.device_id))),
    device_decision.c.group_id,
)
_MANY = 2_000
"""From this many devices on, reading all of them is cheaper than asking for each."""


def chosen(conn: Connection, kind: ChosenKind) -> dict[str, BitMap]:
    """Name -> devices that people gave this label."""
    query = sa.select(chosen_label.c.name, chosen_label.c.devices).where(chosen_label.c.kind == kind)
    return {row.name: BitMap.deserialize(row.devices) for row in conn.execute(query)}


def write_chosen(conn: Connection, kind: ChosenKind, name: str, devices: BitMap) -> None:
    """Replace one set. An empty one stays as a row: that a name was used once is known."""
    mine = (chosen_label.c.kind == kind) & (chosen_label.c.name == name)
    data = devices.serialize()
    if conn.execute(chosen_label.update().where(mine).values(devices=data)).rowcount == 0:
        conn.execute(chosen_label.insert().values(kind=kind, name=name, devices=data))


def forget_chosen(conn: Connection, kind: ChosenKind, name: str) -> None:
    """Drop one set."""
    conn.execute(chosen_label.delete().where((chosen_label.c.kind == kind) & (chosen_label.c.name == name)))


def found(conn: Connection, kind: FoundKind, origin: Origin) -> dict[str, BitMap]:
    """Name -> devices that this origin gives the label."""
    query = sa.select(found_label.c.name, found_label.c.devices).where(
        found_label.c.kind == kind, found_label.c.origin == origin
    )
    return {row.name: BitMap.deserialize(row.devices) for row in conn.execute(query)}


def write_found(conn: Connection, kind: FoundKind, origin: Origin, name: str, devices: BitMap) -> None:
    """Replace one set; an empty one goes."""
    table = found_label
    mine = (table.c.kind == kind) & (table.c.origin == origin) & (table.c.name == name)
    if not devices:
        conn.execute(table.delete().where(mine))
        return
    data = devices.serialize()
    if conn.execute(table.update().where(mine).values(devices=data)).rowcount == 0:
        conn.execute(table.insert().values(kind=kind, origin=origin, name=name, devices=data))


def replace_found(
    conn: Connection, kind: FoundKind, origin: Origin, now_found: Mapping[str, BitMap]
) -> dict[str, BitMap]:
    """Make the sets of one origin these. Returns the devices that each changed name gained or lost."""
    before = found(conn, kind, origin)
    changed: dict[str, BitMap] = {}
    for name in before.keys() | now_found.keys():
        difference = before.get(name, BitMap()) ^ now_found.get(name, BitMap())
        if difference:
            write_found(conn, kind, origin, name, now_found.get(name, BitMap()))
            changed[name] = difference
    return changed


def facts(conn: Connection, ids: BitMap | None) -> Facts:
    """What rules look at, of these devices (None: all) that have not ended."""
    if ids is not None and len(ids) < _MANY:
        rows: Iterable[Any] = _some_facts(conn, ids)
    else:
        rows = _all_facts.rows(conn, {})
    known = [row for row in rows if ids is None or row[0] in ids]
    if not known:
        return Facts(BitMap(), [], {}, {})
    # Column by column: a loop over the rows takes three times as long.
    numbers, names, domains, platforms, distributions, versions, groups = zip(*known, strict=True)
    return Facts(
        BitMap(numbers),
        list(zip(numbers, names, strict=True)),
        {
            Place(*place): devices
            for place, devices in _alike(numbers, zip(domains, platforms, distributions, versions, strict=True)).items()
        },
        _alike(numbers, groups),
    )


def _alike(numbers: Sequence[int], keys: Iterable[K]) -> dict[K, BitMap]:
    """Key -> the numbers that have it, of parallel columns."""
    places: dict[K, int] = {}
    codes = np.fromiter((places.setdefault(key, len(places)) for key in keys), np.int64, len(numbers))
    order = np.argsort(codes, kind="stable")
    ordered, ends = np.array(numbers, np.uint32)[order], np.cumsum(np.bincount(codes, minlength=len(places)))
    parts = np.split(ordered, ends[:-1])
    return {key: BitMap(part.tolist()) for key, part in zip(places, parts, strict=True)}


def regroup(conn: Connection, moves: Mapping[int, BitMap]) -> None:
    """Put devices into groups."""
    for group_id, devices in moves.items():
        _set_many(conn, _regroup, devices, group_id=group_id)


def revalue(conn: Connection, values: Mapping[str, BitMap]) -> None:
    """Give devices the value in force."""
    for value, devices in values.items():
        _set_many(conn, _revalue, devices, device_value=value)


def values_now(conn: Connection) -> dict[str, BitMap]:
    """Device value -> devices, for the values other than Normal."""
    query = sa.select(device_decision.c.device_id, device_decision.c.device_value).where(
        device_decision.c.device_value != "Normal"
    )
    values: dict[str, list[int]] = {}
    for device_id, value in conn.execute(query):
        values.setdefault(value, []).append(device_id)
    return {value: BitMap(devices) for value, devices in values.items()}


def set_exclusion(conn: Connection, ids: BitMap, is_excluded: bool, reason: str | None) -> None:
    """Exclude devices, or count them again."""
    _set_many(conn, _exclude, ids, is_excluded=is_excluded, exclusion_reason=reason)


def members(conn: Connection, group_ids: Iterable[int]) -> BitMap:
    """Devices of some groups that have not ended."""
    return BitMap([device_id for (device_id,) in _members.rows(conn, group_ids)])


def located(conn: Connection, public_ids: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Public id -> internal id and group, of devices that have not ended."""
    query = (
        sa.select(device.c.public_id, device.c.id, device_decision.c.group_id)
        .join(device_decision, device_decision.c.device_id == device.c.id)
        .where(device.c.id.not_in(sa.select(device_end.c.device_id)))
    )
    return {
        row.public_id: (row.id, row.group_id)
        for chunk in in_chunks(public_ids)
        for row in conn.execute(query.where(device.c.public_id.in_(chunk)))
    }


def _set_many(
    conn: Connection, statements: Mapping[int, Prepared], devices: BitMap, **values: int | str | None
) -> None:
    """One statement for thousands of devices: row by row, the foreign key alone makes it thirty times slower."""
    given: dict[str, int | str | None] = {f"new_{name}": value for name, value in values.items()}
    for chunk in in_chunks(devices, _AT_ONCE[-1]):
        size = next(one for one in _AT_ONCE if one >= len(chunk))
        chunk += chunk[-1:] * (size - len(chunk))
        statements[size].run(conn, given | {f"key_{number}": one for number, one in enumerate(chunk)})


def _some_facts(conn: Connection, ids: BitMap) -> Iterable[Any]:
    columns = (
        device.c.id, device.c.name, device.c.domain, device.c.os_platform, device.c.os_distribution,
        device.c.os_version, device_decision.c.group_id,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .select_from(device.join(device_decision, device_decision.c.device_id == device.c.id))
        .where(device.c.id.not_in(sa.select(device_end.c.device_id)))
    )
    for chunk in in_chunks(ids):
        yield from conn.execute(query.where(device.c.id.in_(chunk)))
