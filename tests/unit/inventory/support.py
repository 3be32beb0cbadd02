"""A database with the inventory in it, and what devices send."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tests.support.databases import database_url
from weakspot import inventory
from weakspot.inventory import state_store
from weakspot.inventory.contracts import (
    DescribedDevice,
    EnrolRequest,
    HardwareId,
    InstalledSoftware,
    OperatingSystem,
    Recorded,
    Report,
    SensorInfo,
    SoftwareIdentity,
)
from weakspot.inventory.rules import identity
from weakspot.inventory.tables import UNGROUPED_ID, device_group
from weakspot.runtime.bulk import after_given_ids
from weakspot.runtime.clock import DAY, SECOND, Micros, to_iso
from weakspot.runtime.database import Database, metadata

T = TypeVar("T")
START: Micros = 1_790_000_000 * SECOND
IDENTITY = SoftwareIdentity.__struct_fields__


class Enrolled(msgspec.Struct, frozen=True):
    """A device: its internal and public id, key and description."""

    id: int
    public_id: str
    key: str
    described: DescribedDevice


class Inventory:
    """The inventory alone: reports are recorded, nothing is matched."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(database_url(folder / "inventory.db"), readers=2)
        self.interner = inventory.Interner()
        self.database.on_abort(self.interner.forget)
        self.now = START
        self.write(_create)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def write(self, unit: Callable[[Connection], T]) -> T:
        """Run a unit of work."""
        return self.database.write(unit)

    def read(self, query: Callable[[Connection], T]) -> T:
        """Ask something of one snapshot."""
        with self.database.read() as conn:
            return query(conn)

    def token(self, uses: int = 1, lifetime: Micros = DAY) -> str:
        """An enrolment token."""
        return self.write(lambda conn: inventory.issue_token(conn, "test", uses, lifetime, self.now)).token

    def enrol(self, described: DescribedDevice | None = None) -> Enrolled:
        """A device that was not known before."""
        given = described or device()
        request = EnrolRequest(token=self.token(), device=given)
        answer = self.write(lambda conn: inventory.enrol(conn, request, None, self.now))
        found = self.read(lambda conn: inventory.device_id_of(conn, answer.device_id))
        assert found is not None
        return Enrolled(found, answer.device_id, answer.device_key, given)

    def record(self, key: str, report: Report) -> Recorded:
        """What arrives with a device key, as ``workflows.record_report`` does it."""

        def unit(conn: Connection) -> Recorded:
            holder = inventory.use_keys(conn, {key: self.now}).get(key)
            if holder is None:
                raise inventory.unknown_key()
            [outcome] = inventory.record_reports(conn, self.interner, [inventory.Arrived(holder, report, self.now)], 1)
            if isinstance(outcome, Recorded):
                return outcome
            raise outcome

        return self.write(unit)

    def everything(self) -> dict[str, Any]:
        """All rows of all tables: equal before and after means that nothing changed."""

        def query(conn: Connection) -> dict[str, Any]:
            rows = {}
            for table in metadata.sorted_tables:
                if table.name.startswith("inventory_") or table.name == "changes":
                    rows[table.name] = [tuple(row) for row in conn.execute(sa.select(table))]
            return rows

        return self.read(query)

    def installed(self, device_id: int) -> dict[tuple[str, ...], Micros]:
        """Identity -> first seen, of what is installed now."""

        def query(conn: Connection) -> dict[tuple[str, ...], Micros]:
            times = inventory.installation_times(conn, device_id)
            versions = inventory.software_versions(conn, times)
            return {identity_of(versions[i]): at for i, at in times.items()}

        return self.read(query)

    def ended(self, device_id: int) -> list[tuple[tuple[str, ...], Micros, Micros]]:
        """(identity, first seen, removed), oldest end first."""

        def query(conn: Connection) -> list[tuple[tuple[str, ...], Micros, Micros]]:
            rows = state_store.ended(conn, device_id)
            versions = inventory.software_versions(conn, {row.software_version_id for row in rows})
            return [(identity_of(versions[r.software_version_id]), r.first_seen_at, r.removed_at) for r in rows]

        return self.read(query)


def device(**fields: Any) -> DescribedDevice:
    """A Debian 12 device with a machine id of its own."""
    values: dict[str, Any] = {
        "name": "web01",
        "os": OperatingSystem(platform="Linux", distribution="debian", version="12"),
        "hardware_ids": (HardwareId("machine_id", uuid.uuid4().hex), HardwareId("mac", "02:00:00:00:00:01")),
    }
    return DescribedDevice(**(values | fields))


def dpkg(name: str, version: str = "1.0-1", **fields: Any) -> InstalledSoftware:
    """An installed Debian package."""
    values = {"architecture": "amd64", "source_name": name, "source_version": version} | fields
    return InstalledSoftware(type="dpkg", name=name, version=version, **values)


def identity_of(item: Any) -> tuple[str, ...]:
    """The six strings."""
    return tuple(getattr(item, name) for name in IDENTITY)


def named(item: InstalledSoftware) -> SoftwareIdentity:
    """The identity of an installation, as a delta's ``removed`` has it."""
    return SoftwareIdentity(**dict(zip(IDENTITY, identity_of(item), strict=True)))


def digest(items: Iterable[InstalledSoftware]) -> str:
    """Digest of an inventory."""
    return identity.digest_of(identity.wire_hash(item) for item in items)


def full(who: DescribedDevice, sequence: int, items: Iterable[InstalledSoftware], at: Micros, **fields: Any) -> Report:
    """A full report."""
    software = tuple(items)
    return _report(who, sequence, at, {"kind": "full", "software": software, "digest": digest(software)} | fields)


def delta(
    who: DescribedDevice,
    sequence: int,
    before: Iterable[InstalledSoftware],
    added: Iterable[InstalledSoftware],
    removed: Iterable[InstalledSoftware],
    at: Micros,
    **fields: Any,
) -> Report:
    """A delta from ``before``."""
    start = {identity_of(item): item for item in before}
    after = {i: item for i, item in start.items() if i not in {identity_of(gone) for gone in removed}}
    after |= {identity_of(item): item for item in added}
    values = {
        "kind": "delta",
        "base_digest": digest(start.values()),
        "digest": digest(after.values()),
        "added": tuple(added),
        "removed": tuple(named(item) for item in removed),
    }
    return _report(who, sequence, at, values | fields)


def _report(who: DescribedDevice, sequence: int, at: Micros, fields: dict[str, Any]) -> Report:
    values = {
        "schema": 1,
        "report_id": uuid.uuid4().hex,
        "sequence": sequence,
        "observed_at": to_iso(at),
        "sensor": SensorInfo("weakspot-sensor", "0.1.0"),
        "device": who,
    }
    return Report(**(values | fields))


def _create(conn: Connection) -> None:
    metadata.create_all(conn)
    conn.execute(device_group.insert().values(id=UNGROUPED_ID, name="Ungrouped", rank=9, rule=b"{}"))
    after_given_ids(conn, device_group)
