"""The API's ports bound to the use cases."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from weakspot import access, inventory, workflows
from weakspot.access import Caller
from weakspot.api.metrics import Counters
from weakspot.api.services import CheckResult, EnrolmentRequestRow, EnrolmentTokenRow
from weakspot.fleet import FleetFollower
from weakspot.inventory.contracts import (
    EnrolAnswer,
    EnrolRequest,
    Heartbeat,
    HeartbeatAnswer,
    Report,
    ReportAnswer,
)
from weakspot.runtime.clock import Micros, to_iso
from weakspot.runtime.errors import Conflict, WeakspotError
from weakspot.workflows import Heartbeats, OwnAdvisories, OwnOutcome, Services, VexDocuments, VexOutcome
from weakspot.workflows.refusals import Refusals


class SensorUseCases:
    """What sensors may do."""

    def __init__(self, services: Services, heartbeats: Heartbeats, counters: Counters) -> None:
        self._services = services
        self._heartbeats = heartbeats
        self._counters = counters
        self._refusals = Refusals(services)

    def enrol(self, request: EnrolRequest, old_key: str | None, now: Micros) -> Future[EnrolAnswer]:
        """As ``workflows.enrol_device``."""
        return workflows.enrol_device(self._services, request, old_key, now)

    def record_report(self, device_key: str, report: Report, now: Micros) -> Future[ReportAnswer]:
        """As ``workflows.record_report``; counted."""
        answer = workflows.record_report(self._services, device_key, report, now)
        answer.add_done_callback(self._counters.note_report)
        return answer

    def refused(self, device_key: str | None, error: WeakspotError, report: Report | None, now: Micros) -> None:
        """As ``workflows.refusals``; blocking."""
        self._refusals.note(device_key, error, now, () if report is None else report.device.hardware_ids)

    def record_heartbeat(self, device_key: str, heartbeat: Heartbeat, now: Micros) -> HeartbeatAnswer:
        """As ``workflows.Heartbeats.record``."""
        return self._heartbeats.record(device_key, heartbeat, now)


class AdminUseCases:
    """What administrators and the command line may do; each is written to the audit log."""

    def __init__(
        self, services: Services, follower: FleetFollower, fingerprint: str | None, mirror: Path | None
    ) -> None:
        self._services = services
        self._follower = follower
        self._fingerprint = fingerprint
        self._mirror = mirror
        self._busy = threading.Lock()
        self.own = OwnAdvisories(services, self._busy, mirror)
        self.vex = VexDocuments(services, self._busy, mirror)

    def issue_enrolment_token(self, actor: Caller, name: str, uses: int, life: Micros) -> EnrolmentTokenRow:
        """A token that enrols ``uses`` devices within ``life``."""
        now = self._services.clock()

        def unit(conn: Connection) -> inventory.IssuedToken:
            issued = inventory.issue_token(conn, name, uses, life, now)
            access.record_audit(conn, now, actor, "enrolment_token.issue", name, {"uses": str(uses)})
            return issued

        issued = self._services.database.write(unit)
        return EnrolmentTokenRow(
            token=issued.token,
            name=name,
            uses=issued.uses,
            expires_at=to_iso(issued.expires_at),
            server_fingerprint=self._fingerprint,
        )

    def enrolment_requests(self) -> list[EnrolmentRequestRow]:
        """Takeovers that wait, oldest first."""
        with self._services.database.read() as conn:
            return [
                EnrolmentRequestRow(
                    id=one.id,
                    device_id=one.device_id,
                    device_name=one.device_name,
                    asking_name=one.described.name,
                    requested_at=to_iso(one.requested_at),
                )
                for one in inventory.requests_waiting(conn)
            ]

    def decide_enrolment(self, actor: Caller, request_id: int, decision: str) -> None:
        """Approve or reject a takeover. Raises NotFound."""
        now = self._services.clock()

        def unit(conn: Connection) -> None:
            inventory.decide_request(conn, request_id, decision, actor.name, now)
            access.record_audit(conn, now, actor, f"enrolment_request.{decision}", str(request_id))

        self._services.database.write(unit)

    def sync_feeds(self, actor: Caller, sources: tuple[str, ...], mirror: str | None) -> Iterator[dict[str, Any]]:
        """Progress lines, then one line an outcome. Raises Conflict while another sync runs."""
        folder = self._mirror if mirror is None else Path(mirror)
        self._audit(actor, "feeds.sync", ",".join(sources) or "all")
        return self._exclusive(lambda tell: workflows.sync_feeds(self._services, sources, folder, tell))

    def write_own_advisory(self, actor: Caller, document: bytes) -> OwnOutcome:
        """As ``workflows.OwnAdvisories.write``."""
        return self.own.write(actor, document)

    def write_vex(self, actor: Caller, document: bytes) -> VexOutcome:
        """As ``workflows.VexDocuments.write``."""
        return self.vex.write(actor, document)

    def remove_vex(self, actor: Caller, document_id: str) -> VexOutcome:
        """As ``workflows.VexDocuments.remove``."""
        return self.vex.remove(actor, document_id)

    def remove_own_advisory(self, actor: Caller, record_id: str) -> OwnOutcome:
        """As ``workflows.OwnAdvisories.remove``."""
        return self.own.remove(actor, record_id)

    def check(self) -> CheckResult:
        """As ``workflows.check``, and the chain of the audit log."""
        found = workflows.check(self._services, self._follower)
        with self._services.database.read() as conn:
            broken = access.audit_break(conn)
        told = [] if broken is None else [f"audit: line {broken} does not follow from the lines before it"]
        return CheckResult(
            is_exact=found.is_exact and broken is None,
            seq=found.seq,
            parts={**found.parts, "audit": len(told)},
            differences=[*found.differences, *told],
        )

    def rebuild(self, actor: Caller) -> dict[str, Any]:
        """As ``workflows.rebuild``."""
        self._audit(actor, "derived.rebuild", "all")
        return {"software_versions_changed": workflows.rebuild(self._services, self._services.clock())}

    def _audit(self, actor: Caller, action: str, target: str) -> None:
        now = self._services.clock()
        self._services.database.write(lambda conn: access.record_audit(conn, now, actor, action, target))

    def _exclusive(self, work: Callable[[Callable[[dict[str, Any]], None]], Iterable[Any]]) -> Iterator[dict[str, Any]]:
        """Run work in its own thread and yield what it tells, then its results; one at a time.

        The work goes on when the reader goes away: half a sync helps nobody.
        """
        if not self._busy.acquire(blocking=False):
            raise Conflict("Intelligence is being loaded already; wait until that has finished.")
        told: queue.SimpleQueue[dict[str, Any] | BaseException | None] = queue.SimpleQueue()

        def run() -> None:
            try:
                for outcome in work(told.put):
                    told.put({"outcome": msgspec.to_builtins(outcome)})
                told.put(None)
            except BaseException as error:
                told.put(error)
            finally:
                self._busy.release()

        threading.Thread(target=run, name="sync", daemon=True).start()
        return _drained(told)


def _drained(told: queue.SimpleQueue[dict[str, Any] | BaseException | None]) -> Iterator[dict[str, Any]]:
    while (step := told.get()) is not None:
        if isinstance(step, BaseException):
            raise step
        yield step
