"""What a device's own description says about its labels: sensor tags, roles by listeners, public addresses, users."""

from __future__ import annotations

from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.labels import context_store, placing, store
from weakspot.inventory.labels.contracts import MAX_TAG_LENGTH, MAX_TAGS, FoundKind
from weakspot.inventory.rules.context import observed_by_sensor
from weakspot.runtime.clock import Micros

_Labels = frozenset[tuple[FoundKind, str]]


def observe(
    conn: Connection, device_id: int, before: DescribedDevice | None, device: DescribedDevice, now: Micros
) -> None:
    """A device describes itself for the first time (before None) or anew: labels, tags and groups follow at once."""
    had, has = labels_of(before), labels_of(device)
    if had != has:
        _write(conn, device_id, had, has, now)
    if device.users and (before is None or before.users != device.users):
        context_store.add_sign_ins(conn, {device_id: [user.casefold() for user in device.users]}, now)
    if before is None or had != has or _placed_by(before) != _placed_by(device):
        placing.evaluate(conn, BitMap([device_id]), now)


def labels_of(device: DescribedDevice | None) -> _Labels:
    """(kind, name) of the labels that a description gives; none for no description."""
    if device is None:
        return frozenset()
    roles: set[tuple[FoundKind, str]] = {("context", role) for role in observed_by_sensor(device)}
    tags = {" ".join(tag.split())[:MAX_TAG_LENGTH] for tag in device.tags if tag.isprintable()}
    return frozenset(roles | {("tag", tag) for tag in tags if tag})


def _placed_by(device: DescribedDevice) -> tuple[str, ...]:
    """What rules look at."""
    return device.name, device.domain, device.os.platform, device.os.distribution, device.os.version


def _write(conn: Connection, device_id: int, had: _Labels, has: _Labels, now: Micros) -> None:
    mine = BitMap([device_id])
    for kind in sorted({kind for kind, _ in had ^ has}):
        known = store.found(conn, kind, "sensor")
        for name in sorted(name for one, name in had ^ has if one == kind):
            devices = known.get(name, BitMap())
            if name not in known and kind == "tag" and len(known) >= MAX_TAGS:
                continue
            wanted = devices | mine if (kind, name) in has else devices - mine
            store.write_found(conn, kind, "sensor", name, wanted)
    placing.tell_labels(conn, mine, now)
