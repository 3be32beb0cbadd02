"""An organisation's own advisories: kept and audited in one unit, then read and in force before the answer."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection

from weakspot import access, intel
from weakspot.access import Caller
from weakspot.runtime.errors import Unavailable
from weakspot.workflows.apply_knowledge import SyncOutcome, apply_knowledge, own_knowledge
from weakspot.workflows.corrections import author_of
from weakspot.workflows.services import Services

WAIT_SECONDS = 5.0
log = logging.getLogger(__name__)


class OwnOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a change. ``is_in_force`` False: feeds are being loaded; it will be when they are."""

    id: str
    is_new: bool
    is_in_force: bool
    knowledge_version: int
    software_versions_changed: int


class OwnAdvisories:
    """Writes advisories. ``busy`` is held by whoever loads intelligence; ``mirror``: the folder that it comes from."""

    def __init__(self, services: Services, busy: threading.Lock, mirror: Path | None) -> None:
        self._services, self._busy, self._mirror = services, busy, mirror
        self._is_pending = threading.Event()
        # What the last server kept and did not live to apply.
        self._is_pending.set()

    def write(self, actor: Caller, document: bytes) -> OwnOutcome:
        """Keep an advisory, replacing one of the same id. Raises InvalidField, Conflict."""
        now = self._services.clock()

        def unit(conn: Connection) -> tuple[str, bool]:
            record, is_new = intel.write_own(conn, document, now, author_of(actor))
            access.record_audit(conn, now, actor, "own_advisory.write", record.record_id, {"is_new": str(is_new)})
            return record.record_id, is_new

        record_id, is_new = self._services.database.write(unit)
        return self._applied(record_id, is_new=is_new)

    def remove(self, actor: Caller, record_id: str) -> OwnOutcome:
        """Take an advisory back; what it opened closes. Raises NotFound."""
        now = self._services.clock()

        def unit(conn: Connection) -> None:
            intel.remove_own(conn, record_id)
            access.record_audit(conn, now, actor, "own_advisory.remove", record_id[:200])

        self._services.database.write(unit)
        return self._applied(record_id, is_new=False)

    def catch_up(self) -> None:
        """Bring into force what could not be when it was written; nothing to do most of the time."""
        if self._is_pending.is_set() and self._busy.acquire(blocking=False):
            try:
                self._apply()
            finally:
                self._busy.release()

    def _applied(self, record_id: str, *, is_new: bool) -> OwnOutcome:
        self._is_pending.set()
        outcome = None
        if self._busy.acquire(timeout=WAIT_SECONDS):
            try:
                outcome = self._apply()
            finally:
                self._busy.release()
        with self._services.database.read() as conn:
            version = intel.current_version(conn)
        return OwnOutcome(
            id=record_id,
            is_new=is_new,
            is_in_force=outcome is not None,
            knowledge_version=version,
            software_versions_changed=0 if outcome is None else outcome.software_versions_changed,
        )

    def _apply(self) -> SyncOutcome | None:
        """None where there is nothing to be applied. Raises Unavailable when the source could not be read."""
        self._is_pending.clear()
        with self._services.database.read() as conn:
            if not intel.has_own(conn):
                return None
        (outcome,) = apply_knowledge(self._services, [own_knowledge(self._services, self._mirror)], lambda *_: None)
        if outcome.status == "failed":
            self._is_pending.set()
            raise Unavailable(f"The change is kept and not in force yet: {outcome.reason}")
        return outcome
