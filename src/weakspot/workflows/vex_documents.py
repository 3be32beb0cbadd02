"""VEX documents: kept and audited in one unit, then read and in force before the answer."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection

from weakspot import access, intel
from weakspot.access import Caller
from weakspot.workflows.apply_knowledge import SyncOutcome, vex_knowledge
from weakspot.workflows.corrections import author_of
from weakspot.workflows.services import Services
from weakspot.workflows.written import Written


class VexOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a document. ``problems``: why statements were refused, at most 20. ``is_in_force`` False: feeds
    are being loaded; it will be when they are.
    """

    id: str
    name: str
    statements: int
    refused: int
    problems: tuple[str, ...]
    is_new: bool
    is_in_force: bool
    software_versions_changed: int


class VexDocuments:
    """Takes documents. ``busy`` is held by whoever loads intelligence; ``mirror``: the folder that it comes from."""

    def __init__(self, services: Services, busy: threading.Lock, mirror: Path | None) -> None:
        self._services = services
        self._written = Written(services, busy, lambda: vex_knowledge(services, mirror), intel.has_vex)

    def write(self, actor: Caller, document: bytes) -> VexOutcome:
        """Keep a document, replacing one that gives itself the same id. Raises InvalidField, Conflict."""
        now = self._services.clock()

        def unit(conn: Connection) -> tuple[intel.VexDocument, bool, tuple[str, ...]]:
            kept = intel.write_vex(conn, document, now, author_of(actor))
            access.record_audit(conn, now, actor, "vex.write", kept[0].id, {"name": kept[0].name[:200]})
            return kept

        head, is_new, problems = self._services.database.write(unit)
        return _outcome(head, problems, self._written.apply(), is_new=is_new)

    def remove(self, actor: Caller, document_id: str) -> VexOutcome:
        """Take a document back; what it hid shows again. Raises NotFound."""
        now = self._services.clock()

        def unit(conn: Connection) -> None:
            intel.remove_vex(conn, document_id)
            access.record_audit(conn, now, actor, "vex.remove", document_id[:60])

        self._services.database.write(unit)
        gone = intel.VexDocument(id=document_id, name="", statements=0, refused=0, written_at=now, written_by="")
        return _outcome(gone, (), self._written.apply(), is_new=False)

    def catch_up(self) -> None:
        """As ``Written.catch_up``."""
        self._written.catch_up()


def _outcome(
    head: intel.VexDocument, problems: tuple[str, ...], applied: SyncOutcome | None, *, is_new: bool
) -> VexOutcome:
    return VexOutcome(
        id=head.id,
        name=head.name,
        statements=head.statements,
        refused=head.refused,
        problems=problems,
        is_new=is_new,
        is_in_force=applied is not None,
        software_versions_changed=0 if applied is None else applied.software_versions_changed,
    )
