"""Many devices at once, for moving a fleet in: what their enrolments and first full reports would have left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory import packing, settings
from weakspot.inventory.contracts import DescribedDevice, Evidence
from weakspot.inventory.detail_contracts import Setting
from weakspot.inventory.labels import observe_many
from weakspot.inventory.labels import store as labels
from weakspot.inventory.tables import (
    UNGROUPED_ID,
    device,
    device_decision,
    device_evidence,
    device_group,
    device_inventory,
    device_key,
    device_seen,
    hardware_id,
)
from weakspot.runtime import changes
from weakspot.runtime.bulk import after_given_ids, insert_dicts
from weakspot.runtime.clock import Micros

DEVICES_LOADED = "inventory.loaded"


class LoadedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One device with what is installed on it.

    ids: software version ids, ascending and unique, that ``Interner.intern`` gave; first_seen: in the same order.
    digest: of the same installations (docs/sensor.md). key_hash: of the device's key; None: it cannot report.
    """

    public_id: str
    described: DescribedDevice
    ids: packing.Ids
    first_seen: packing.Times
    digest: str
    report_id: str
    observed_at: Micros
    group: str = ""
    key_hash: bytes | None = None
    sensor_version: str = ""
    evidence: dict[int, Evidence] = {}
    settings: tuple[Setting, ...] | None = None
    """What its sensor tells of settings, each name once; None: nothing."""


def load_devices(conn: Connection, devices: Iterable[LoadedDevice], knowledge_version: int, now: Micros) -> int:
    """Add devices that are not there yet; groups are made as they are named. Returns how many.

    The software versions must have been interned, and judged, before. Followers are told once, with
    ``inventory.loaded``: they read everything again. Whether a device is known already is not asked: its public id and
    name are taken as they are.
    """
    given = list(devices)
    groups = _groups(conn, {one.group for one in given if one.group})
    first = int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(device.c.id), 0))).scalar_one()) + 1
    numbered = list(enumerate(given, first))
    insert_dicts(conn, device, [_device_row(i, one) for i, one in numbered])
    after_given_ids(conn, device)
    insert_dicts(conn, device_decision, [_decision_row(i, groups.get(one.group, UNGROUPED_ID)) for i, one in numbered])
    insert_dicts(conn, device_seen, [{"device_id": i, "last_seen_at": one.observed_at} for i, one in numbered])
    insert_dicts(
        conn,
        hardware_id,
        [
            {"kind": kind, "value": value, "device_id": i}
            for i, one in numbered
            for kind, value in sorted({(h.kind, h.value) for h in one.described.hardware_ids})
        ],
    )
    insert_dicts(
        conn,
        device_key,
        [
            {"device_id": i, "key_hash": one.key_hash, "created_at": one.observed_at}
            for i, one in numbered
            if one.key_hash is not None
        ],
    )
    insert_dicts(conn, device_inventory, [_inventory_row(i, one, knowledge_version) for i, one in numbered])
    insert_dicts(
        conn,
        device_evidence,
        [{"device_id": i, "document": packing.pack_evidence(one.evidence)} for i, one in numbered],
    )
    settings.load(conn, [(i, one.settings, one.observed_at) for i, one in numbered if one.settings is not None], now)
    _place(conn, [(groups[one.group], i) for i, one in numbered if one.group])
    observe_many(conn, [(i, one.described) for i, one in numbered], now)
    if given:
        changes.append(conn, now, DEVICES_LOADED, {"devices": len(given)})
    return len(given)


def _place(conn: Connection, placed: Iterable[tuple[int, int]]) -> None:
    """Their groups hold the devices as if a person had put them there: no rule of theirs would."""
    by_group: dict[int, list[int]] = {}
    for group_id, device_id in placed:
        by_group.setdefault(group_id, []).append(device_id)
    known = labels.chosen(conn, "placed")
    for group_id, devices in by_group.items():
        labels.write_chosen(conn, "placed", str(group_id), known.get(str(group_id), BitMap()) | BitMap(devices))


def _groups(conn: Connection, names: set[str]) -> dict[str, int]:
    known = {row.name: row.id for row in conn.execute(sa.select(device_group.c.id, device_group.c.name))}
    missing = sorted(names - known.keys())
    if missing:
        highest = sa.select(sa.func.coalesce(sa.func.max(device_group.c.rank), 0))
        # The default group's rank is the largest number there is.
        rank = int(conn.execute(highest.where(device_group.c.id != UNGROUPED_ID)).scalar_one())
        rows = [{"name": name, "rank": rank + n, "rule": b"{}"} for n, name in enumerate(missing, 1)]
        conn.execute(device_group.insert(), rows)
        known = {row.name: row.id for row in conn.execute(sa.select(device_group.c.id, device_group.c.name))}
    return known


def _device_row(device_id: int, one: LoadedDevice) -> dict[str, Any]:
    described = one.described
    return {
        "id": device_id,
        "public_id": one.public_id,
        "name": described.name,
        "domain": described.domain,
        "os_platform": described.os.platform,
        "os_distribution": described.os.distribution,
        "os_version": described.os.version,
        "architecture": described.os.architecture,
        "details": msgspec.msgpack.encode(described),
        "sensor_version": one.sensor_version,
        "discovery_source": "sensor",
        "first_seen_at": one.observed_at,
    }


def _decision_row(device_id: int, group_id: int) -> dict[str, Any]:
    return {"device_id": device_id, "group_id": group_id, "device_value": "Normal", "is_excluded": False}


def _inventory_row(device_id: int, one: LoadedDevice, knowledge_version: int) -> dict[str, Any]:
    return {
        "device_id": device_id,
        "installations": packing.pack(one.ids, one.first_seen),
        "digest": one.digest,
        "sequence": 1,
        "report_id": one.report_id,
        "observed_at": one.observed_at,
        "reported_at": one.observed_at,
        "knowledge_version": knowledge_version,
    }
