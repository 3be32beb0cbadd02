"""The sources of one device: who reports it, how much, and since when not; and what is wrong with them."""

from __future__ import annotations

import msgspec

from weakspot import inventory
from weakspot.access.contracts import Scope
from weakspot.inventory import troubles
from weakspot.inventory.troubles import LogSeverity
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


class AgentLogRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an agent's own log."""

    at: str
    severity: LogSeverity
    text: str
    place: str


class AgentLogRows(msgspec.Struct, frozen=True, kw_only=True):
    """The newest lines of one source, newest first."""

    source: str
    lines: list[AgentLogRow]


class DeviceTroubles(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with the sensor and the agents of a device.

    incomplete: parts of the sensor's last report that failed, with reasons. refused: why its last report was refused.
    """

    incomplete: str | None
    refused: str | None
    refused_at: str | None
    logs: list[AgentLogRows]


def troubles_of(read: ReadContext, scope: Scope, public_id: str) -> DeviceTroubles:
    """Why a device is misconfigured, and what its agents' own logs say. Raises NotFound."""
    device = find_device(Lens(read, scope), public_id)
    found = troubles.of_device(read.conn, device.id)
    return DeviceTroubles(
        incomplete=found.incomplete or None,
        refused=found.refused or None,
        refused_at=None if found.refused_at is None else to_iso(found.refused_at),
        logs=[
            AgentLogRows(
                source=log.source,
                lines=[
                    AgentLogRow(at=to_iso(line.at), severity=line.severity, text=line.text, place=line.place)
                    for line in log.lines
                ],
            )
            for log in troubles.logs_of(read.conn, device.id)
        ],
    )


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
