"""Uploaded VEX documents: OpenVEX, CSAF and CycloneDX statements, kept as they were given.

They are read by the source ``vex`` together with the files of a mirror's ``vex/``; what is uploaded is in force once
that source has run (``vex_reader``). States that are not known hide nothing: such statements are refused.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy.engine import Connection

from weakspot.intel.contracts import AdvisoryRecord, Quarantined, VexDocument
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Reader
from weakspot.intel.sources.vex.reader import parse, read
from weakspot.intel.sources.vex.uploaded import API, JoinedVexReader
from weakspot.intel.store import vex as store
from weakspot.intel.store.staging import parts
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound

MAX_BYTES = 1024 * 1024
MAX_DOCUMENTS = 1_000
MAX_PROBLEMS = 20


def write_vex(conn: Connection, document: bytes, at: Micros, by: str) -> tuple[VexDocument, bool, tuple[str, ...]]:
    """Keep a document; one that gives itself the same id is replaced. What it holds, whether it is new, and why
    statements were refused (at most 20 reasons).

    Raises InvalidField where nothing of it can be used, Conflict over 1,000 documents.
    """
    name, used, problems = _checked(document)
    document_id = f"vex-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    head = VexDocument(id=document_id, name=name, statements=used, refused=len(problems), written_at=at, written_by=by)
    is_new = store.put(conn, head, document)
    if is_new and store.count(conn) > MAX_DOCUMENTS:
        raise Conflict(f"There are {MAX_DOCUMENTS:,} VEX documents already; keep more of them as files of a mirror.")
    return head, is_new, tuple(dict.fromkeys(problems))[:MAX_PROBLEMS]


def remove_vex(conn: Connection, document_id: str) -> None:
    """Take a document back: what it hid shows again. Raises NotFound."""
    if not store.remove(conn, document_id):
        raise NotFound(f"There is no uploaded VEX document {document_id[:60]!r}.")


def vex_document(conn: Connection, document_id: str) -> bytes:
    """One document as it was given. Raises NotFound."""
    found = store.document(conn, document_id)
    if found is None:
        raise NotFound(f"There is no uploaded VEX document {document_id[:60]!r}.")
    return found


def vex_documents(conn: Connection) -> list[VexDocument]:
    """All uploaded ones, newest first; at most 1,000."""
    return store.listed(conn)


def has_vex(conn: Connection) -> bool:
    """Whether any was uploaded, or is still in force from there."""
    return store.count(conn) > 0 or API in parts(conn, "vex")


def vex_reader(conn: Connection, mirror: Path | None) -> Reader:
    """The source ``vex``: what was uploaded, and the files of a mirror folder where one is given."""
    return JoinedVexReader(store.documents(conn), mirror)


def _checked(document: bytes) -> tuple[str, int, list[str]]:
    """(the document's own id, statements that can be used, why others cannot). Raises InvalidField."""
    if len(document) > MAX_BYTES:
        raise InvalidField(f"A VEX document has at most {MAX_BYTES:,} bytes; this one has {len(document):,}.")
    try:
        data = parse(document)
    except files.Refused as error:
        raise InvalidField(f"The document {error}.") from error
    name = str(data.get("@id") or data.get("serialNumber") or "")
    tracking = data.get("document")
    if isinstance(tracking, dict) and isinstance(tracking.get("tracking"), dict):
        name = str(tracking["tracking"].get("id") or name)
    name = (name or f"sha256:{hashlib.sha256(document).hexdigest()}")[:300]
    found = list(read(data, name))
    used = sum(isinstance(one, AdvisoryRecord) for one in found)
    problems = [one.reason for one in found if isinstance(one, Quarantined)]
    if not used:
        why = problems[0] if problems else "It makes no statement."
        raise InvalidField(f"Nothing of the document can be used. {why}")
    return name, used, problems
