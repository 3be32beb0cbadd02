"""The sources of one device: who reports it, how much, and since when not."""

from __future__ import annotations

import msgspec

from weakspot import inventory
from weakspot.access.contracts import Scope
from weakspot.queries.base import ReadContext
from weakspot.queries.lens import Lens, find_device
from weakspot.runtime.clock import to_iso


class DeviceSourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One source of a device: ``sensor``, ``osquery``, ``glpi``, ``ssh``, ``sbom:NAME``, ``import:FORMAT``.

    software: software versions in its part. ended_at: when it was given up, as it had been silent for too long.
    """

    source: str
    software: int
    reported_at: str
    last_seen_at: str
    ended_at: str | None


def of_device(read: ReadContext, scope: Scope, public_id: str) -> list[DeviceSourceRow]:
    """Best source first: the first one's word about the device counts. Raises NotFound."""
    device = find_device(Lens(read, scope), public_id)
    return [
        DeviceSourceRow(
            source=row.source,
            software=row.software,
            reported_at=to_iso(row.reported_at),
            last_seen_at=to_iso(row.seen_at),
            ended_at=None if row.ended_at is None else to_iso(row.ended_at),
        )
        for row in inventory.sources(read.conn, device.id)
    ]
