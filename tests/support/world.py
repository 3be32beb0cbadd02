"""A small real world for tests: a database file, enrolled devices, reports and advisories, all through the
real paths.

    world = World(tmp_path)
    laptop = world.enrol("laptop")
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    world.report(laptop, dpkg("libssl3", "3.0.11-1", source="openssl"))
    with world.read() as read:
        ...

Time stands still until a test moves ``world.clock``.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from tests.support.databases import database_url, is_postgresql
from weakspot import inventory, scoring, workflows
from weakspot.access import tables as _access_tables  # noqa: F401  (its tables belong to the schema)
from weakspot.access.contracts import Scope
from weakspot.fleet import FleetFollower
from weakspot.intel.contracts import AdvisoryRecord, EpssDay, EpssRow, EvidenceRecord, Range
from weakspot.intel.sources.base import Part, Record, WantEntry
from weakspot.inventory.contracts import (
    DescribedDevice,
    EnrolRequest,
    HardwareId,
    InstalledSoftware,
    OperatingSystem,
    Report,
    ReportAnswer,
    SensorInfo,
)
from weakspot.inventory.labels import store as label_store
from weakspot.inventory.rules import identity
from weakspot.inventory.tables import UNGROUPED_ID, device_decision, device_group
from weakspot.queries.base import ReadContext
from weakspot.runtime import changes
from weakspot.runtime.bulk import after_given_ids
from weakspot.runtime.clock import DAY, SECOND, Micros, to_iso
from weakspot.runtime.database import Database, metadata

START: Micros = 1_790_000_000 * SECOND
EVERYTHING = Scope(None)


class ManualClock:
    """A clock that a test moves."""

    def __init__(self, at: Micros = START) -> None:
        self.at = at

    def __call__(self) -> Micros:
        return self.at

    def forward(self, *, days: float = 0, seconds: float = 0) -> Micros:
        """Move on; returns the new moment."""
        self.at += int(days * DAY + seconds * SECOND)
        return self.at


class EnrolledDevice(msgspec.Struct, frozen=True):
    """A device with its key."""

    id: int
    public_id: str
    key: str
    described: DescribedDevice


class GivenReader:
    """A source whose records a test gives. Behaves as the readers of real sources do."""

    version = 1

    def __init__(self, source: str, path: Path, records: Sequence[Record]) -> None:
        self.source = source
        self._path = path
        self._records = records
        path.write_text(repr(records), encoding="utf-8")

    def parts(self) -> Sequence[Part]:
        """One file."""
        return [Part(name="given", path=self._path)]

    def read(self, part: Part, want: WantEntry) -> Iterator[Record]:
        """What the test gave, whether the caller knows it or not."""
        if want(part.name, repr(self._records)):
            yield from self._records

    def leftovers(self) -> Sequence[Path]:
        """Nothing."""
        return []


class World:
    """See the module. ``close()`` it at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.database = Database(database_url(folder / "world.db", "world", _create_in))
        if not is_postgresql():
            _create_in(self.database)
        self.services = workflows.Services(self.database, folder, self.clock)
        self.follower = FleetFollower(
            self.database, hazard=scoring.hazard, raised=scoring.raised_hazard, clock=self.clock
        )
        self.fleet = self.follower.fleet
        self._sequences: dict[int, int] = {}
        self._runs = 0

    def close(self) -> None:
        """Stop following, then close the database."""
        self.follower.stop()
        self.database.close()

    # devices
    # -----------------------------------------------------------------------------------------------------

    def group(self, name: str) -> int:
        """A new device group."""

        def unit(conn: Connection) -> int:
            rank = conn.execute(sa.select(sa.func.count()).select_from(device_group)).scalar_one()
            values = {"name": name, "rank": rank, "rule": b"{}"}
            return int(conn.execute(device_group.insert().values(values)).inserted_primary_key[0])

        return self.database.write(unit)

    def enrol(self, name: str, *, group: int | None = None, value: str = "Normal", **described: Any) -> EnrolledDevice:
        """A device of its own, with Debian 12 unless ``described`` says otherwise."""
        system = OperatingSystem(platform="Linux", distribution="debian", version="12", kernel="6.1.0-25-amd64")
        device = DescribedDevice(
            name=name, **({"os": system, "hardware_ids": (HardwareId("machine_id", uuid.uuid4().hex),)} | described)
        )
        token = self.database.write(lambda conn: inventory.issue_token(conn, name, 1, DAY, self.clock.at))
        request = EnrolRequest(token=token.token, device=device)
        answer = workflows.enrol_device(self.services, request, None, self.clock.at).result()
        with self.database.read() as conn:
            device_id = inventory.device_id_of(conn, answer.device_id)
        assert device_id is not None
        enrolled = EnrolledDevice(device_id, answer.device_id, answer.device_key, device)
        if group is not None or value != "Normal":
            self.decide(enrolled, group_id=group or UNGROUPED_ID, device_value=value)
        self.catch_up()
        return enrolled

    def decide(self, device: EnrolledDevice, **decision: Any) -> None:
        """What a person chose for a device: group_id, device_value, is_excluded, exclusion_reason."""

        def unit(conn: Connection) -> None:
            mine = device_decision.c.device_id == device.id
            conn.execute(device_decision.update().where(mine).values(**decision))
            group_id = decision.get("group_id", UNGROUPED_ID)
            if group_id != UNGROUPED_ID:
                placed = label_store.chosen(conn, "placed").get(str(group_id), BitMap())
                label_store.write_chosen(conn, "placed", str(group_id), placed | BitMap([device.id]))
            changes.append(conn, self.clock.at, inventory.FACTS_CHANGED, {"device_id": device.id})

        self.database.write(unit)
        self.catch_up()

    def report(self, device: EnrolledDevice, *software: InstalledSoftware, at: Micros | None = None) -> ReportAnswer:
        """A full report of what is installed, seen at ``at`` (now unless given)."""
        sequence = self._sequences[device.id] = self._sequences.get(device.id, 0) + 1
        report = Report(
            schema=1,
            report_id=uuid.uuid4().hex,
            sequence=sequence,
            kind="full",
            observed_at=to_iso(self.clock.at if at is None else at),
            sensor=SensorInfo("test-sensor", "1.0"),
            digest=identity.digest_of(identity.wire_hash(item) for item in software),
            device=device.described,
            software=software,
        )
        answer = workflows.record_report(self.services, device.key, report, self.clock.at).result()
        self.catch_up()
        return answer

    # knowledge
    # ---------------------------------------------------------------------------------------------------

    def know(self, source: str, *records: Record) -> None:
        """Make these *all* the records of a source, and judge again what they touch."""
        self._runs += 1
        reader = GivenReader(source, self.folder / f"{source}-{self._runs}", records)
        outcomes = workflows.apply_knowledge(self.services, [(source, lambda _progress: reader)], _no_progress)
        for outcome in outcomes:
            assert outcome.status == "succeeded", outcome
        self.catch_up()

    def epss(self, scored_on: str, **probabilities: float) -> None:
        """A day of EPSS; names are written with underscores: ``CVE_2099_0001=0.9``."""
        rows = [EpssRow(name.replace("_", "-"), one, one) for name, one in probabilities.items()]
        self.know("epss", EpssDay(scored_on, "v2099"), *rows)

    # reading
    # -----------------------------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Wait until the fleet index shows all that was committed."""
        with self.database.read() as conn:
            seq = changes.last_seq(conn)
        assert self.fleet.wait_for(seq, 30), self.follower.failure

    @contextlib.contextmanager
    def read(self) -> Iterator[ReadContext]:
        """A snapshot for the read models."""
        with self.database.read() as conn:
            yield ReadContext(conn=conn, fleet=self.fleet, now=self.clock.at)


def advisory(name: str, *ranges: Range, cvss: str = "", **fields: Any) -> AdvisoryRecord:
    """An advisory about one vulnerability. ``cvss``: a vector."""
    from weakspot.intel.contracts import SeverityClaim

    severities = (SeverityClaim(cvss),) if cvss else ()
    return AdvisoryRecord(record_id=name, ranges=ranges, severities=severities, **fields)


def debian(source: str, *, fixed: str | None = None, introduced: str = "0", **fields: Any) -> Range:
    """An affected range of a Debian 12 source package; without ``fixed`` it has no end."""
    kind = "none" if fixed is None else "fixed"
    return Range("Debian:12", source, introduced=introduced, end=fixed, end_kind=kind, **fields)


def pypi(name: str, *, fixed: str) -> Range:
    """An affected range of a Python package."""
    return Range("PyPI", name, end=fixed, end_kind="fixed")


def known_exploited(name: str, since: str = "2026-01-01") -> EvidenceRecord:
    """That a vulnerability is known to be exploited."""
    return EvidenceRecord(name=name, kind="known_exploited", since=since)


def dpkg(name: str, version: str, *, source: str = "", **fields: Any) -> InstalledSoftware:
    """An installed Debian package; its source package has the same version unless given."""
    values = {"architecture": "amd64", "source_name": source or name, "source_version": version} | fields
    return InstalledSoftware(type="dpkg", name=name, version=version, **values)


def python_package(name: str, version: str, **fields: Any) -> InstalledSoftware:
    """An installed Python package."""
    return InstalledSoftware(type="pypi", name=name, version=version, **fields)


def _create_in(database: Database) -> None:
    database.write(_create)


def _create(conn: Connection) -> None:
    metadata.create_all(conn)
    values = {"id": UNGROUPED_ID, "name": "Ungrouped devices", "rank": 1_000_000, "rule": b"{}"}
    conn.execute(device_group.insert().values(values))
    after_given_ids(conn, device_group)


def _no_progress(_what: str, _done: int, _total: int) -> None:
    return None
