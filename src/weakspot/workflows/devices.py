"""What devices send: enrolments, reports, heartbeats."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from sqlalchemy.engine import Connection

from weakspot import intel, inventory, matching
from weakspot.inventory.contracts import (
    EnrolAnswer,
    EnrolRequest,
    Heartbeat,
    HeartbeatAnswer,
    Report,
    ReportAnswer,
)
from weakspot.runtime.clock import Micros
from weakspot.workflows.services import Services


def enrol_device(services: Services, request: EnrolRequest, old_key: str | None, now: Micros) -> Future[EnrolAnswer]:
    """Exchange an enrolment token for a device key, or keep the request for an administrator."""
    return services.database.submit(lambda conn: inventory.enrol(conn, request, old_key, now))


def record_report(services: Services, device_key: str, report: Report, now: Micros) -> Future[ReportAnswer]:
    """Record a report, judge what is new in it, tell the followers: one unit of work, answered after the commit.

    The Future raises AccessError, InvalidField, ResyncRequired, ReportSuperseded or DeviceKnown; then nothing changed.
    """

    def unit(conn: Connection) -> ReportAnswer:
        device = inventory.use_key(conn, device_key, now)
        knowledge_version = intel.current_version(conn)
        recorded = inventory.record_report(conn, services.interner, device, report, knowledge_version, now)
        matching.judge(conn, recorded.new_software_versions, knowledge_version, now)
        return ReportAnswer(
            device_id=recorded.public_id,
            sequence=report.sequence,
            duplicate=recorded.is_duplicate,
            knowledge_version=recorded.knowledge_version,
            digest=recorded.digest,
        )

    return services.database.submit(unit)


class Heartbeats:
    """Contacts between reports, gathered in memory and written in batches: no row is written for each."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._seen: dict[int, Micros] = {}
        self._lock = threading.Lock()

    def record(self, device_key: str, heartbeat: Heartbeat, now: Micros) -> HeartbeatAnswer:
        """Note a contact. ``resync`` when the sensor's inventory is not the one stored here. Raises AccessError."""
        with self._services.database.read() as conn:
            device_id, _ = inventory.authenticate_device(conn, device_key)
            state = inventory.device_state(conn, device_id)
        with self._lock:
            self._seen[device_id] = now
        stored = None if state is None else state.digest
        return HeartbeatAnswer(resync=heartbeat.digest is not None and heartbeat.digest != stored)

    def flush(self) -> None:
        """Write what was gathered; called every half minute and at the end."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if seen:
            now = self._services.clock()
            self._services.database.write(lambda conn: inventory.record_contacts(conn, seen, now))
