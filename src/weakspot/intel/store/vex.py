"""VEX documents that were uploaded, as they were given."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.contracts import VexDocument

_c = t.vex_document.c
_heads = (_c.id, _c.name, _c.statements, _c.refused, _c.written_at, _c.written_by)


def put(conn: Connection, head: VexDocument, document: bytes) -> bool:
    """Write or replace. True where there was none of that id."""
    is_new = not remove(conn, head.id)
    conn.execute(
        t.vex_document.insert().values(
            id=head.id,
            name=head.name,
            document=document,
            statements=head.statements,
            refused=head.refused,
            written_at=head.written_at,
            written_by=head.written_by,
        )
    )
    return is_new


def remove(conn: Connection, document_id: str) -> bool:
    """False where there is none."""
    return conn.execute(t.vex_document.delete().where(_c.id == document_id)).rowcount > 0


def count(conn: Connection) -> int:
    """How many there are."""
    return int(conn.execute(sa.select(sa.func.count()).select_from(t.vex_document)).scalar_one())


def document(conn: Connection, document_id: str) -> bytes | None:
    """One of them as it was given."""
    found = conn.execute(sa.select(_c.document).where(_c.id == document_id)).scalar_one_or_none()
    return None if found is None else bytes(found)


def listed(conn: Connection) -> list[VexDocument]:
    """Newest first."""
    rows = conn.execute(sa.select(*_heads).order_by(_c.written_at.desc(), _c.id))
    return [VexDocument(**row._mapping) for row in rows]


def documents(conn: Connection) -> dict[str, bytes]:
    """All of them: id -> JSON."""
    return {row.id: bytes(row.document) for row in conn.execute(sa.select(_c.id, _c.document))}
