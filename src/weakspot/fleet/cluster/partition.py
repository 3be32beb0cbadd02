"""The tables as one shard sees them: its own devices, and all that is about software and vulnerabilities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.fleet.cluster.contracts import Partition
from weakspot.fleet.contracts import BitMapLike, Ids, Labels
from weakspot.fleet.sources import ContextTables
from weakspot.inventory.contracts import FleetDevice, FleetPlaces
from weakspot.runtime.clock import Micros

Key = TypeVar("Key")


class PartitionTables(ContextTables):
    """The real tables without the devices of other shards; a change that names one of those finds nothing."""

    def __init__(self, partition: Partition) -> None:
        self._partition = partition

    def devices(self, conn: Connection, ids: Iterable[int] | None, now: Micros) -> Iterator[FleetDevice]:
        """As ``Tables.devices``, of this shard."""
        found = super().devices(conn, self._own(ids), now)
        return (device for device in found if self._partition.has(device.id))

    def places(self, conn: Connection, ids: Iterable[int] | None, now: Micros) -> FleetPlaces:
        """As ``Tables.places``, of this shard."""
        found = super().places(conn, ids, now)
        own = found.devices & self._partition.below(_extent(found.devices))
        return FleetPlaces(
            devices=own,
            groups={group: devices & own for group, devices in found.groups.items()},
            values={value: devices & own for value, devices in found.values.items()},
            counted=found.counted & own,
        )

    def installations(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, Ids]]:
        """As ``Tables.installations``, of this shard."""
        found = super().installations(conn, self._own(ids))
        return ((device_id, versions) for device_id, versions in found if self._partition.has(device_id))

    def raising(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, int]]:
        """As ``Tables.raising``, of this shard."""
        found = super().raising(conn, self._own(ids))
        return ((device_id, vulnerability) for device_id, vulnerability in found if self._partition.has(device_id))

    def settings(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, Ids]]:
        """As ``Tables.settings``, of this shard."""
        found = super().settings(conn, self._own(ids))
        return ((device_id, values) for device_id, values in found if self._partition.has(device_id))

    def platforms(self, conn: Connection, ids: Iterable[int] | None) -> Mapping[str, BitMapLike]:
        """As ``Tables.platforms``, of this shard."""
        found = super().platforms(conn, self._own(ids))
        return self._narrowed(found)

    def labels(self, conn: Connection) -> Labels:
        """As ``Tables.labels``, of this shard."""
        return self._narrowed(super().labels(conn))

    def _narrowed(self, found: Mapping[Key, BitMapLike]) -> dict[Key, BitMapLike]:
        mine = self._partition.below(max(map(_extent, found.values()), default=0))
        return {key: devices & mine for key, devices in found.items()}

    def _own(self, ids: Iterable[int] | None) -> list[int] | None:
        return None if ids is None else [one for one in ids if self._partition.has(one)]


def _extent(devices: BitMap) -> int:
    return devices.max() + 1 if devices else 0
