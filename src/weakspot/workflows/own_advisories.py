"""An organisation's own advisories: kept and audited in one unit, then read and in force before the answer."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection

from weakspot import access, intel
from weakspot.access import Caller
from weakspot.workflows.apply_knowledge import own_knowledge
from weakspot.workflows.corrections import author_of
from weakspot.workflows.services import Services
from weakspot.workflows.written import Written


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
        self._services = services
        self._written = Written(services, busy, lambda: own_knowledge(services, mirror), intel.has_own)

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
        """As ``Written.catch_up``."""
        self._written.catch_up()

    def _applied(self, record_id: str, *, is_new: bool) -> OwnOutcome:
        outcome = self._written.apply()
        with self._services.database.read() as conn:
            version = intel.current_version(conn)
        return OwnOutcome(
            id=record_id,
            is_new=is_new,
            is_in_force=outcome is not None,
            knowledge_version=version,
            software_versions_changed=0 if outcome is None else outcome.software_versions_changed,
        )
