"""The ``changes`` outbox: what a step changed, in commit order.

A step adds its rows in the same transaction as the change itself (``append``); consumers follow by ``seq``, each with
its
own position, and must be idempotent (design: docs/ARCHITECTURE.md, "Changes"). Payloads are small: ids, never records.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime.clock import Micros
from weakspot.runtime.database import BigId, metadata, recorded
from weakspot.runtime.prepared import Inserted, Prepared

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # a seq is never given twice, not even after pruning
    comment=recorded("outbox of every step, in commit order; pruned when every follower has passed"),
)

_inserted = Inserted(changes, ("at", "kind", "payload"))
_last = Prepared(sa.select(sa.func.coalesce(sa.func.max(changes.c.seq), sa.literal_column("0"))))
_first = Prepared(sa.select(sa.func.coalesce(sa.func.min(changes.c.seq), sa.literal_column("0"))))
_since = Prepared(
    sa.select(changes.c.seq, changes.c.at, changes.c.kind, changes.c.payload)
    .where(changes.c.seq > sa.bindparam("after"))
    .order_by(changes.c.seq)
)


class Change(msgspec.Struct, frozen=True):
    """One row of the outbox. ``kind`` is ``<context>.<what>``; each context documents its payloads in its facade."""

    seq: int
    at: Micros
    kind: str
    payload: dict[str, Any]


def append(connection: Connection, at: Micros, kind: str, payload: dict[str, Any]) -> None:
    """Tell the followers, in the transaction that makes the change."""
    append_rows(connection, [(at, kind, payload)])


def append_many(connection: Connection, at: Micros, rows: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """As ``append``, for many; the order is kept."""
    append_rows(connection, ((at, kind, payload) for kind, payload in rows))


def append_rows(connection: Connection, rows: Iterable[tuple[Micros, str, dict[str, Any]]]) -> None:
    """As ``append_many``, each with its own time."""
    _inserted.write(connection, [(at, kind, msgspec.msgpack.encode(payload)) for at, kind, payload in rows])


def last_seq(connection: Connection) -> int:
    """The newest seq in this snapshot; 0 when there never was one."""
    return _number(_last, connection)


def first_seq(connection: Connection) -> int:
    """The oldest seq still kept; 0 when there is none. A follower behind it must rebuild."""
    return _number(_first, connection)


def since(connection: Connection, seq: int, *, limit: int | None = None) -> Iterator[Change]:
    """Changes after ``seq``, oldest first."""
    # The rows come in the order of the key, so those over the limit are never read.
    rows = _since.rows(connection, {"after": seq})
    for number, at, kind, payload in itertools.islice(rows, limit):
        yield Change(seq=number, at=at, kind=kind, payload=msgspec.msgpack.decode(payload))


def _number(statement: Prepared, connection: Connection) -> int:
    row = statement.first(connection, {})
    assert row is not None, "an aggregate always has a row"
    return int(row[0])


def prune(connection: Connection, before_seq: int) -> int:
    """Delete what every follower has passed; the newest row always stays, so that ``last_seq`` keeps its meaning."""
    keep_from = min(before_seq, last_seq(connection))
    return int(connection.execute(changes.delete().where(changes.c.seq < keep_from)).rowcount)
