"""What devices send: enrolments, reports, heartbeats."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future

import msgspec
from sqlalchemy.engine import Connection

from weakspot import intel, inventory, matching
from weakspot.inventory.contracts import (
    EnrolAnswer,
    EnrolRequest,
    Heartbeat,
    HeartbeatAnswer,
    Recorded,
    Report,
    ReportAnswer,
)
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import WeakspotError
from weakspot.workflows.services import Services


def enrol_device(services: Services, request: EnrolRequest, old_key: str | None, now: Micros) -> Future[EnrolAnswer]:
    """Exchange an enrolment token for a device key, or keep the request for an administrator."""
    return services.database.submit(lambda conn: inventory.enrol(conn, request, old_key, now))


class _Sent(msgspec.Struct, frozen=True):
    services: Services
    device_key: str
    report: Report
    now: Micros


def record_report(services: Services, device_key: str, report: Report, now: Micros) -> Future[ReportAnswer]:
    """Record a report, judge what is new in it, tell the followers: one unit of work, answered after the commit.

    The Future raises AccessError, InvalidField, ResyncRequired, ReportSuperseded or DeviceKnown; then nothing changed.
    """
    return services.database.submit_item(_record_reports, _Sent(services, device_key, report, now))


def _record_reports(conn: Connection, sent: Sequence[_Sent]) -> list[ReportAnswer | WeakspotError]:
    """Those that wait for the writer, together."""
    services, now = sent[0].services, sent[-1].now
    holders = inventory.use_keys(conn, {one.device_key: one.now for one in sent})
    known = [one for one in sent if one.device_key in holders]
    arrived = [inventory.Arrived(holders[one.device_key], one.report, one.now) for one in known]
    knowledge_version = intel.current_version(conn)
    recorded = inventory.record_reports(conn, services.interner, arrived, knowledge_version)
    new = [version for one in recorded if isinstance(one, Recorded) for version in one.new_software_versions]
    matching.judge(conn, new, knowledge_version, now)
    answers = iter([_answer(one, outcome) for one, outcome in zip(known, recorded, strict=True)])
    return [next(answers) if one.device_key in holders else inventory.unknown_key() for one in sent]


def _answer(sent: _Sent, outcome: Recorded | WeakspotError) -> ReportAnswer | WeakspotError:
    if isinstance(outcome, WeakspotError):
        return outcome
    return ReportAnswer(
        device_id=outcome.public_id,
        sequence=sent.report.sequence,
        duplicate=outcome.is_duplicate,
        knowledge_version=outcome.knowledge_version,
        digest=outcome.digest,
    )


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
