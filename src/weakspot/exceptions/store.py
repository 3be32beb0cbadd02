"""All SQL of the exceptions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.exceptions.contracts import ExceptionScope, KeptException, NewException, Policy, State, SubjectKind
from weakspot.exceptions.tables import ended_group, exception, policy
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Prepared

_scope = msgspec.json.Decoder(ExceptionScope)
_none: sa.ColumnElement[int] = sa.literal_column("0")
_stamp = Prepared(
    sa.select(
        sa.func.coalesce(sa.func.max(exception.c.id), _none), sa.func.coalesce(sa.func.sum(exception.c.revision), _none)
    )
)


def insert(conn: Connection, new: NewException, author: str, at: Micros) -> int:
    """A new request; returns its id."""
    values = {
        "subject_kind": new.subject_kind, "subject": new.subject, "scope_kind": new.scope.kind,
        "scope": msgspec.json.encode(new.scope), "justification": new.justification, "context": new.context,
        "state": "requested", "requested_by": author, "requested_at": at, "until_at": new.until_at, "revision": 1,
    }  # fmt: skip
    return int(conn.execute(exception.insert().values(values)).inserted_primary_key[0])  # type: ignore[index]


def change(conn: Connection, exception_id: int, **values: Any) -> None:
    """Set columns of one exception; its revision grows."""
    mine = exception.c.id == exception_id
    conn.execute(exception.update().where(mine).values(revision=exception.c.revision + 1, **values))


def end_group(conn: Connection, exception_id: int, group_id: int, by: str, at: Micros) -> None:
    """Cancel an exception for one device group."""
    values = {"exception_id": exception_id, "device_group_id": group_id, "ended_at": at, "ended_by": by}
    conn.execute(ended_group.insert().values(values))
    change(conn, exception_id)


def get(conn: Connection, exception_id: int) -> KeptException | None:
    """One exception."""
    found = _read(conn, sa.select(exception).where(exception.c.id == exception_id))
    return found[0] if found else None


def listed(conn: Connection, limit: int) -> list[KeptException]:
    """Exceptions, newest first."""
    return _read(conn, sa.select(exception).order_by(exception.c.id.desc()).limit(limit))


def in_state(conn: Connection, state: State) -> list[KeptException]:
    """All in a state, oldest first."""
    return _read(conn, sa.select(exception).where(exception.c.state == state).order_by(exception.c.id))


def of_subject(conn: Connection, kind: SubjectKind, subject: str) -> list[KeptException]:
    """All that are about one thing, oldest first."""
    mine = sa.and_(exception.c.subject_kind == kind, exception.c.subject == subject)
    return _read(conn, sa.select(exception).where(mine).order_by(exception.c.id))


def due(conn: Connection, at: Micros) -> list[KeptException]:
    """Approved or requested ones whose time is over."""
    over = sa.and_(exception.c.state.in_(("approved", "requested")), exception.c.until_at <= at)
    return _read(conn, sa.select(exception).where(over).order_by(exception.c.id))


def count_open(conn: Connection) -> int:
    """How many wait or are in force."""
    open_ = exception.c.state.in_(("approved", "requested"))
    return int(conn.execute(sa.select(sa.func.count()).select_from(exception).where(open_)).scalar_one())


def stamp(conn: Connection) -> tuple[int, int]:
    """Changes with every decision about any exception."""
    row = _stamp.first(conn, {})
    assert row is not None, "an aggregate always has a row"
    return int(row[0]), int(row[1])


def get_policy(conn: Connection) -> Policy:
    """The policy in force; the default where nobody chose."""
    row = conn.execute(sa.select(policy.c.is_four_eyes)).one_or_none()
    return Policy() if row is None else Policy(is_four_eyes=bool(row.is_four_eyes))


def set_policy(conn: Connection, chosen: Policy) -> None:
    """Replace the policy."""
    conn.execute(policy.delete())
    conn.execute(policy.insert().values(id=1, is_four_eyes=chosen.is_four_eyes))


def _read(conn: Connection, query: sa.Select[Any]) -> list[KeptException]:
    rows = conn.execute(query).all()
    groups = _ended_groups(conn, [row.id for row in rows if row.scope_kind == "device_group"])
    return [_kept(row, groups.get(row.id, ())) for row in rows]


def _ended_groups(conn: Connection, ids: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for chunk in in_chunks(ids):
        query = sa.select(ended_group.c.exception_id, ended_group.c.device_group_id)
        for row in conn.execute(query.where(ended_group.c.exception_id.in_(chunk))):
            found[row.exception_id].append(row.device_group_id)
    return found


def _kept(row: Any, ended: Sequence[int]) -> KeptException:
    values = {name: value for name, value in row._mapping.items() if name not in ("scope_kind", "revision")}
    return KeptException(**{**values, "scope": _scope.decode(row.scope), "ended_group_ids": tuple(sorted(ended))})
