"""All SQL of the pulls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime.clock import Micros
from weakspot.threats.pulls.contracts import Pull, PullState
from weakspot.threats.pulls.tables import pull, state

_state = msgspec.msgpack.Decoder(PullState)


def insert(conn: Connection, name: str, kind: str, settings: Mapping[str, str], at: Micros) -> int:
    """A new connection without secrets; returns its id."""
    values = {
        "name": name, "kind": kind, "settings": msgspec.json.encode(settings), "secrets": b"", "is_enabled": True,
        "created_at": at,
    }  # fmt: skip
    pull_id = int(conn.execute(pull.insert().values(values)).inserted_primary_key[0])  # type: ignore[index]
    conn.execute(state.insert().values(pull_id=pull_id, document=msgspec.msgpack.encode(PullState())))
    return pull_id


def change(conn: Connection, pull_id: int, **values: Any) -> None:
    """Set columns of one connection."""
    conn.execute(pull.update().where(pull.c.id == pull_id).values(**values))


def write_state(conn: Connection, pull_id: int, made: PullState) -> None:
    """Replace how far it has come; nothing where it was removed meanwhile."""
    document = msgspec.msgpack.encode(made)
    conn.execute(state.update().where(state.c.pull_id == pull_id).values(document=document))


def delete(conn: Connection, pull_id: int) -> None:
    """Forget one."""
    conn.execute(state.delete().where(state.c.pull_id == pull_id))
    conn.execute(pull.delete().where(pull.c.id == pull_id))


def listed(conn: Connection) -> list[Pull]:
    """All of them, by id."""
    return [_pull(row) for row in conn.execute(_everything().order_by(pull.c.id))]


def one(conn: Connection, pull_id: int) -> Pull | None:
    """One of them."""
    row = conn.execute(_everything().where(pull.c.id == pull_id)).first()
    return None if row is None else _pull(row)


def secrets(conn: Connection, pull_id: int) -> bytes:
    """Sealed; empty where there is no such connection."""
    return conn.execute(sa.select(pull.c.secrets).where(pull.c.id == pull_id)).scalar() or b""


def _everything() -> sa.Select[Any]:
    columns = [column for column in pull.c if column.name != "secrets"]
    return sa.select(*columns, state.c.document).join(state, state.c.pull_id == pull.c.id)


def _pull(row: Any) -> Pull:
    return Pull(
        id=row.id,
        name=row.name,
        kind=row.kind,
        settings=msgspec.json.decode(row.settings, type=dict[str, str]),
        is_enabled=bool(row.is_enabled),
        created_at=row.created_at,
        state=_state.decode(row.document),
    )
