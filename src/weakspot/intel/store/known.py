"""What is in force already, as a run asks for it: looked up one by one while few are asked for, read whole when many
are.

So one changed advisory costs a few look-ups, and a first load does not ask the database once a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.contracts import Identity
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database

SINGLE_LOOKUPS = 500
"""From here on the whole list is read."""

Key = tuple[str, str]


class Known(msgspec.Struct):
    """A record in force: its row, and what tells a change."""

    row_id: int
    digest: bytes
    modified_at: Micros | None = None


class KnownRecords:
    """(kind, key) -> record in force of one source, with the changes of the run laid over it."""

    def __init__(self, database: Database, source: str) -> None:
        self._database, self._source = database, source
        self._records: dict[Key, Known | None] = {}
        self._asked: dict[str, int] = {}
        self._whole: set[str] = set()

    def get(self, key: Key) -> Known | None:
        """The record in force, or that the run has put in its place."""
        if key in self._records:
            return self._records[key]
        kind = key[0]
        if kind in self._whole:
            return None
        self._asked[kind] = self._asked.get(kind, 0) + 1
        with self._database.read() as conn:
            if self._asked[kind] <= SINGLE_LOOKUPS:
                found = next(_READERS[kind](conn, self._source, key[1]), None)
                self._records[key] = found[1] if found else None
            else:
                self._whole.add(kind)
                for text, known in _READERS[kind](conn, self._source, None):
                    self._records.setdefault((kind, text), known)
        return self._records.get(key)

    def put(self, key: Key, record: Known) -> None:
        """The run has written a newer record."""
        self._records[key] = record

    def pop(self, key: Key) -> Known | None:
        """The run ends a record."""
        found = self.get(key)
        self._records[key] = None
        return found


class Identities:
    """Interned ids of software identities; unknown ones get the next free id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: dict[Identity, int] = {}
        self._asked = 0
        with database.read() as conn:
            highest = sa.select(sa.func.coalesce(sa.func.max(t.identity.c.id), 0))
            self._last = int(conn.execute(highest).scalar_one())

    def id_of(self, identity: Identity) -> tuple[int, bool]:
        """(id, is new)."""
        found = self._ids.get(identity)
        if found is None:
            found = self._look_up(identity)
        if found is not None:
            return found, False
        self._last += 1
        self._ids[identity] = self._last
        return self._last, True

    def _look_up(self, identity: Identity) -> int | None:
        if self._asked > SINGLE_LOOKUPS:
            return None
        self._asked += 1
        c = t.identity.c
        query = sa.select(c.id, c.ecosystem, c.name)
        if self._asked <= SINGLE_LOOKUPS:
            query = query.where(c.ecosystem == identity[0], c.name == identity[1])
        with self._database.read() as conn:
            for row_id, ecosystem, name in conn.execute(query).all():
                self._ids.setdefault((ecosystem, name), row_id)
        return self._ids.get(identity)


def _advisories(conn: Connection, source: str, key: str | None) -> Iterator[tuple[str, Known]]:
    a = t.advisory.c
    query = sa.select(a.record_id, a.id, a.digest, a.modified_at).where(a.source == source, a.ended_in.is_(None))
    for record_id, row_id, digest, modified_at in _rows(conn, query, {a.record_id: key}):
        yield record_id, Known(row_id, digest, modified_at)


def _evidence(conn: Connection, source: str, key: str | None) -> Iterator[tuple[str, Known]]:
    e = t.exploit_evidence.c
    kind, name = (None, None) if key is None else key.split("|", 1)
    query = sa.select(e.kind, e.name, e.id, e.digest).where(e.source == source, e.ended_in.is_(None))
    for own_kind, own_name, row_id, digest in _rows(conn, query, {e.name: name, e.kind: kind}):
        yield f"{own_kind}|{own_name}", Known(row_id, digest)


def _cycles(conn: Connection, source: str, key: str | None) -> Iterator[tuple[str, Known]]:
    c = t.lifecycle.c
    product, cycle = (None, None) if key is None else key.split("|", 1)
    query = sa.select(c.product, c.cycle, c.id, c.digest).where(c.source == source, c.ended_in.is_(None))
    for own_product, own_cycle, row_id, digest in _rows(conn, query, {c.product: product, c.cycle: cycle}):
        yield f"{own_product}|{own_cycle}", Known(row_id, digest)


def _updates(conn: Connection, source: str, key: str | None) -> Iterator[tuple[str, Known]]:
    s = t.supersedence.c
    update, superseded, product = (None, None, None) if key is None else key.split("|", 2)
    columns = (s.update, s.superseded, s.product, s.id, s.digest)
    query = sa.select(*columns).where(s.source == source, s.ended_in.is_(None))
    wanted = {s.update: update, s.superseded: superseded, s.product: product}
    for newer, older, own_product, row_id, digest in _rows(conn, query, wanted):
        yield f"{newer}|{older}|{own_product}", Known(row_id, digest)


def _rows(conn: Connection, query: sa.Select[Any], wanted: dict[Any, str | None]) -> Any:
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    return conn.execute(query).all()


_READERS: dict[str, Callable[[Connection, str, str | None], Iterator[tuple[str, Known]]]] = {
    "advisory": _advisories,
    "evidence": _evidence,
    "lifecycle": _cycles,
    "supersedence": _updates,
}
