"""All SQL of the timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Inserted, Keyed
from weakspot.timeline.contracts import Event, EventType, GroupImpact, Told
from weakspot.timeline.tables import event, told

_ids = msgspec.msgpack.Decoder(tuple[int, ...])
_impacts = msgspec.msgpack.Decoder(tuple[GroupImpact, ...])
_names = msgspec.msgpack.Decoder(tuple[str, ...])


_COLUMNS = ("at", "type", "product", "product_name", "vulnerabilities", "impacts", "score_change", "subject", "what")
_inserted = Inserted(event, [*_COLUMNS, "key"])
_ids_by_key = Keyed(sa.select(event.c.key, event.c.id), event.c.key)
_told = Inserted(told, ["vulnerability_id", "is_present", "level", "products"], key=["vulnerability_id"])


def insert(conn: Connection, made: Iterable[tuple[str, Event]]) -> list[int]:
    """Write events under their keys; one whose key is known is not written again. Returns the new ids."""
    rows: dict[str, list[Any]] = {}
    for key, one in made:
        rows.setdefault(key, [*_values(one).values(), key])
    for key, _ in _ids_by_key.rows(conn, rows):
        rows.pop(key, None)
    _inserted.write(conn, list(rows.values()))
    written = dict(_ids_by_key.rows(conn, rows))
    return [written[key] for key in rows]


def keyed(conn: Connection, key: str) -> Event | None:
    """The event with a key."""
    row = conn.execute(sa.select(event).where(event.c.key == key)).first()
    return None if row is None else _event(row)


def replace(conn: Connection, event_id: int, one: Event) -> None:
    """Change an event that gathers."""
    conn.execute(event.update().where(event.c.id == event_id).values(_values(one)))


def some(conn: Connection, ids: Iterable[int]) -> dict[int, Event]:
    """Events by id."""
    found: dict[int, Event] = {}
    for chunk in in_chunks(ids):
        found |= {row.id: _event(row) for row in conn.execute(sa.select(event).where(event.c.id.in_(chunk)))}
    return found


def between(
    conn: Connection,
    since: Micros,
    until: Micros,
    types: Sequence[EventType],
    *,
    product: str | None = None,
    limit: int = 20_000,
) -> list[Event]:
    """Events in ``[since, until)`` of some types, newest first, at most ``limit``."""
    query = sa.select(event).where(event.c.at >= since, event.c.at < until, event.c.type.in_(list(types)))
    if product is not None:
        query = query.where(event.c.product == product)
    return [_event(row) for row in conn.execute(query.order_by(event.c.at.desc(), event.c.id.desc()).limit(limit))]


def after(conn: Connection, event_id: int, limit: int) -> list[Event]:
    """Events written after one, oldest first."""
    query = sa.select(event).where(event.c.id > event_id).order_by(event.c.id).limit(limit)
    return [_event(row) for row in conn.execute(query)]


def last_id(conn: Connection) -> int:
    """Id of the newest event; 0 when there is none."""
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(event.c.id), 0))).scalar_one())


def all_told(conn: Connection) -> dict[int, Told]:
    """What was last told of every vulnerability."""
    rows = conn.execute(sa.select(told).execution_options(yield_per=5_000))
    return {row.vulnerability_id: Told(bool(row.is_present), row.level, _names.decode(row.products)) for row in rows}


def write_told(conn: Connection, fresh: Mapping[int, Told]) -> None:
    """Note what is told now."""
    _told.write(
        conn,
        [(one, state.is_present, state.level, msgspec.msgpack.encode(state.products)) for one, state in fresh.items()],
    )


def _values(one: Event) -> dict[str, Any]:
    packed = {"vulnerabilities": one.vulnerabilities, "impacts": one.impacts}
    return {
        column: msgspec.msgpack.encode(packed[column]) if column in packed else getattr(one, column)
        for column in _COLUMNS
    }


def _event(row: Any) -> Event:
    return Event(
        id=row.id,
        at=row.at,
        type=row.type,
        product=row.product,
        product_name=row.product_name,
        vulnerabilities=_ids.decode(row.vulnerabilities),
        impacts=_impacts.decode(row.impacts),
        score_change=row.score_change,
        subject=row.subject,
        what=row.what,
    )
