"""Making a staged version current, in one transaction made of set operations: its length follows the change."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.contracts import Identity, SourceState, Staged
from weakspot.intel.store.bulk import insert_many
from weakspot.intel.store.merging import VULNERABILITY
from weakspot.intel.store.reading import epss_day_in_force
from weakspot.intel.store.staging import KINDS, STAGED_ONLY, current_version
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict
from weakspot.vocabulary.ecosystems import MICROSOFT, WINDOWS


def check_token(conn: Connection, staged: Staged) -> None:
    """Raises Conflict when another run took the place of this one."""
    row = conn.execute(sa.select(t.staging.c.token, t.staging.c.version)).first()
    if row is None or row.token != staged.token or row.version != current_version(conn) + 1:
        raise Conflict("Another update of the knowledge was started in the meantime; run the synchronisation again.")


def touched_identities(conn: Connection, version: int) -> frozenset[Identity]:
    """Software whose claims change: of advisories that begin, that end, or that speak of other vulnerabilities than
    before.
    """
    began = sa.select(t.advisory.c.id).where(t.advisory.c.added_in == version)
    ends = sa.select(t.staged_end.c.id).where(t.staged_end.c.kind == "advisory")
    pair = (t.link.c.advisory_id, t.link.c.vulnerability_id)
    staged_pair = (t.staged_link.c.advisory_id, t.staged_link.c.vulnerability_id)
    mine = sa.select(t.staged_vulnerability.c.id)
    before = sa.select(*pair).where(t.link.c.vulnerability_id.in_(mine))
    after = sa.select(*staged_pair)
    gone, come = before.except_(after).subquery(), after.except_(before).subquery()
    advisories = sa.union(began, ends, sa.select(gone.c.advisory_id), sa.select(come.c.advisory_id)).subquery()
    identities = (
        sa.select(t.identity.c.ecosystem, t.identity.c.name)
        .join(t.affected_range, t.affected_range.c.identity_id == t.identity.c.id)
        .where(t.affected_range.c.advisory_id.in_(sa.select(advisories.c[0])))
        .distinct()
    )
    found = {(row[0], row[1]) for row in conn.execute(identities)}
    return frozenset(found | _systems_with_other_updates(conn, version))


def _systems_with_other_updates(conn: Connection, version: int) -> set[Identity]:
    """All systems that updates are compared for, when it changes which update contains which."""
    chain = t.supersedence
    began = sa.exists(sa.select(chain.c.id).where(chain.c.added_in == version))
    ended = sa.exists(sa.select(t.staged_end.c.id).where(t.staged_end.c.kind == "supersedence"))
    if not conn.execute(sa.select(sa.or_(began, ended))).scalar():
        return set()
    c = t.identity.c
    is_system = sa.or_(c.ecosystem == WINDOWS, sa.and_(c.ecosystem == MICROSOFT, c.name.like("microsoft windows %")))
    return {(row[0], row[1]) for row in conn.execute(sa.select(c.ecosystem, c.name).where(is_system))}


def staged_vulnerability_ids(conn: Connection) -> frozenset[int]:
    """Vulnerabilities that are merged anew."""
    return frozenset(conn.execute(sa.select(t.staged_vulnerability.c.id)).scalars())


def has_new_epss_day(conn: Connection, version: int) -> bool:
    """True when the version brings scores of a day."""
    return conn.execute(sa.select(t.epss_day.c.id).where(t.epss_day.c.added_in == version).limit(1)).first() is not None


def flip(conn: Connection, version: int, source: str, at: Micros, counts: dict[str, int]) -> None:
    """Move all staged rows into force."""
    for kind, table in KINDS.items():
        ends = sa.select(t.staged_end.c.id).where(t.staged_end.c.kind == kind)
        conn.execute(table.update().where(table.c.id.in_(ends)).values(ended_in=version))
    flip_vulnerabilities(conn)
    flip_parts(conn, source, version)
    conn.execute(
        t.knowledge.insert().values(version=version, at=at, source=source, summary=json.dumps(counts).encode())
    )


def flip_vulnerabilities(conn: Connection) -> None:
    """Put the staged merged vulnerabilities, their names and links in place of those that are there."""
    staged = t.staged_vulnerability
    mine = sa.select(staged.c.id)
    conn.execute(t.link.delete().where(t.link.c.vulnerability_id.in_(mine)))
    conn.execute(
        t.vulnerability_name.delete().where(
            sa.or_(
                t.vulnerability_name.c.vulnerability_id.in_(mine),
                t.vulnerability_name.c.name.in_(sa.select(t.staged_name.c.name)),
            )
        )
    )
    columns = ", ".join(VULNERABILITY)
    updates = ", ".join(f"{column} = excluded.{column}" for column in VULNERABILITY[1:])
    conn.exec_driver_sql(
        f"INSERT INTO intel_vulnerability ({columns}) SELECT {columns} FROM intel_staged_vulnerability WHERE true"  # noqa: S608 - our own names
        f" ON CONFLICT (id) DO UPDATE SET {updates}"
    )
    given = sa.select(t.staged_name.c.name, t.staged_name.c.vulnerability_id).where(
        t.staged_name.c.vulnerability_id.is_not(None)
    )
    conn.execute(t.vulnerability_name.insert().from_select(["name", "vulnerability_id"], given))
    links = sa.select(t.staged_link.c.advisory_id, t.staged_link.c.vulnerability_id, t.staged_link.c.relation)
    conn.execute(t.link.insert().from_select(["advisory_id", "vulnerability_id", "relation"], links))


def flip_parts(conn: Connection, source: str, version: int) -> None:
    """What was read of each file, as it is now."""
    staged = t.staged_part
    mine = sa.select(staged.c.part)
    conn.execute(t.part.delete().where(t.part.c.source == source, t.part.c.part.in_(mine)))
    conn.execute(
        t.quarantine.delete().where(
            t.quarantine.c.source == source, t.quarantine.c.part.in_(mine), t.quarantine.c.added_in < version
        )
    )
    rows = sa.select(
        sa.literal(source),
        staged.c.part,
        staged.c.digest,
        staged.c.records,
        staged.c.amount,
        sa.literal(version, sa.BigInteger),
    ).where(staged.c.digest != "")
    conn.execute(t.part.insert().from_select(["source", "part", "digest", "records", "amount", "seen_in"], rows))


def clear_staging(conn: Connection) -> None:
    """Empty the staged tables."""
    for table in STAGED_ONLY:
        conn.execute(table.delete())


def save_state(conn: Connection, state: SourceState) -> None:
    """Note how a run went; a failure keeps the last success and the age of the data."""
    c = t.source_state.c
    row = conn.execute(sa.select(c.last_success_at, c.data_at).where(c.source == state.source)).first()
    values: dict[str, Any] = {
        "source": state.source,
        "status": state.status,
        "reason": state.reason[:1000],
        "last_run_at": state.last_run_at,
        "last_success_at": state.last_success_at or (row.last_success_at if row else None),
        "data_at": state.data_at or (row.data_at if row else None),
        "counts": json.dumps(state.counts).encode(),
    }
    if row is None:
        conn.execute(t.source_state.insert().values(**values))
    else:
        conn.execute(t.source_state.update().where(c.source == state.source).values(**values))


def mark_stall_told(conn: Connection, source: str, last_success_at: Micros | None, at: Micros) -> bool:
    """Note that the stall since a success (None: there never was one) is told; False when it was already."""
    c = t.source_state.c
    is_new: sa.ColumnElement[bool] = c.stall_told_at.is_(None)
    if last_success_at is not None:
        is_new = sa.or_(is_new, c.stall_told_at <= last_success_at)
    is_same: sa.ColumnElement[bool]
    is_same = c.last_success_at.is_(None) if last_success_at is None else c.last_success_at == last_success_at
    told = t.source_state.update().where(c.source == source, is_same, is_new)
    return conn.execute(told.values(stall_told_at=at)).rowcount > 0


def move_old_scores(conn: Connection, limit: int) -> bool:
    """Move a block of scores of a day that is no longer in force to the history, if the day after it has another
    probability. False when there is nothing left to move."""
    in_force = epss_day_in_force(conn)
    d = t.epss_day.c
    days = conn.execute(
        sa.select(d.id, d.scored_on, d.source)
        .where(d.added_in <= current_version(conn), d.id != (in_force[0] if in_force else -1))
        .order_by(d.scored_on, d.id)
    ).all()
    return any(_move_block(conn, day.id, day.scored_on, limit, is_kept=day.source != "starter") for day in days)


def _move_block(conn: Connection, day_id: int, scored_on: str, limit: int, *, is_kept: bool) -> bool:
    e, h = t.epss, t.epss_history
    columns = (e.c.name, e.c.probability, e.c.percentile)
    block = conn.execute(sa.select(*columns).where(e.c.day_id == day_id).order_by(e.c.name).limit(limit)).all()
    if not block:
        return False
    low, high = block[0].name, block[-1].name
    if is_kept:
        after = _next_values(conn, scored_on, low, high)
        rows = [(n, scored_on, p, q) for n, p, q in block if after.get(n) != p]
        conn.execute(h.delete().where(h.c.scored_on == scored_on, h.c.name.between(low, high)))
        insert_many(conn, h, ("name", "scored_on", "probability", "percentile"), rows)
    conn.execute(e.delete().where(e.c.day_id == day_id, e.c.name.between(low, high)))
    return True


def _next_values(conn: Connection, scored_on: str, low: str, high: str) -> dict[str, float]:
    """Probability on the next day that is loaded after ``scored_on``, of the names in a span."""
    d, e, h = t.epss_day.c, t.epss.c, t.epss_history.c
    values: dict[str, float] = {}
    following = conn.execute(
        sa.select(d.id)
        .where(d.scored_on > scored_on, d.source != "starter", d.added_in <= current_version(conn))
        .order_by(d.scored_on.desc(), d.id)
    ).scalars()
    for day_id in following:
        rows = conn.execute(sa.select(e.name, e.probability).where(e.day_id == day_id, e.name.between(low, high)))
        values.update((row[0], row[1]) for row in rows)
    past = sa.select(h.name, h.probability).where(h.scored_on > scored_on, h.name.between(low, high))
    values.update((row[0], row[1]) for row in conn.execute(past.order_by(h.scored_on.desc())))
    return values
