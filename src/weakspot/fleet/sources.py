"""Where the index reads from: the facades of inventory, matching and intel, behind one small interface."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from sqlalchemy.engine import Connection

from weakspot import intel, inventory, matching, threats
from weakspot.fleet.contracts import BitMapLike, Ids, Labels
from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.inventory import labels, settings
from weakspot.inventory.contracts import FleetDevice, FleetPlaces
from weakspot.runtime.clock import Micros


class Tables(Protocol):
    """What the index needs of the database. ``ids`` None: all. Every answer is of the connection's snapshot."""

    def devices(self, conn: Connection, ids: Iterable[int] | None, now: Micros) -> Iterator[FleetDevice]:
        """Where devices belong and whether they count."""
        ...

    def places(self, conn: Connection, ids: Iterable[int] | None, now: Micros) -> FleetPlaces:
        """As ``devices``, of many, as sets."""
        ...

    def installations(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, Ids]]:
        """(device id, software version ids ascending) of devices with an inventory."""
        ...

    def software_of(self, conn: Connection, ids: Iterable[int] | None) -> Mapping[int, int]:
        """Software version id -> software id."""
        ...

    def open_pairs(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, int]]:
        """(software version id, vulnerability id) of the matches that count."""
        ...

    def labels(self, conn: Connection) -> Labels:
        """All labels in force."""
        ...

    def raising(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, int]]:
        """(device id, vulnerability id) whose hazard an active detection raises."""
        ...

    def settings(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, Ids]]:
        """(device id, setting value ids) of devices that tell settings."""
        ...

    def platforms(self, conn: Connection, ids: Iterable[int] | None) -> Mapping[str, BitMapLike]:
        """Kind of system -> devices."""
        ...

    def facts(self, conn: Connection, ids: Iterable[int]) -> Mapping[int, VulnerabilityFacts]:
        """What scores need of vulnerabilities; ids that are not there are left out."""
        ...


class ContextTables:
    """The real ones."""

    def devices(self, conn: Connection, ids: Iterable[int] | None, now: Micros) -> Iterator[FleetDevice]:
        """As ``Tables.devices``."""
        return inventory.fleet_device(conn, ids, now)

    def places(self, conn: Connection, ids: Iterable[int] | None, now: Micros) -> FleetPlaces:
        """As ``Tables.places``."""
        return inventory.fleet_places(conn, ids, now)

    def installations(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, Ids]]:
        """As ``Tables.installations``."""
        return inventory.installations(conn, ids)

    def software_of(self, conn: Connection, ids: Iterable[int] | None) -> Mapping[int, int]:
        """As ``Tables.software_of``."""
        return inventory.software_of(conn, ids)

    def open_pairs(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, int]]:
        """As ``Tables.open_pairs``."""
        return matching.open_pairs(conn, ids)

    def labels(self, conn: Connection) -> Labels:
        """As ``Tables.labels``."""
        return {(one.kind, one.name): one.devices for one in labels.labels(conn)}

    def raising(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, int]]:
        """As ``Tables.raising``."""
        return threats.raising(conn, ids)

    def settings(self, conn: Connection, ids: Iterable[int] | None) -> Iterator[tuple[int, Ids]]:
        """As ``Tables.settings``."""
        return settings.of_devices(conn, ids)

    def platforms(self, conn: Connection, ids: Iterable[int] | None) -> Mapping[str, BitMapLike]:
        """As ``Tables.platforms``."""
        return settings.platforms(conn, ids)

    def facts(self, conn: Connection, ids: Iterable[int]) -> Mapping[int, VulnerabilityFacts]:
        """As ``Tables.facts``."""
        return intel.facts(conn, ids)
