"""What is in force: claims, facts, names, states."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.contracts import (
    Claim,
    Identity,
    LifecycleRecord,
    Quarantined,
    Relation,
    SourceState,
    VulnerabilityFacts,
)
from weakspot.intel.store.bulk import chunks, select_in
from weakspot.intel.store.staging import current_version
from weakspot.runtime.prepared import Keyed, Prepared
from weakspot.vocabulary import ecosystems

SCAN_SHARE = 2
"""Above half of all keys, reading the whole table is faster than looking the keys up (measured with 960,000 ranges)."""


class _Extra(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What few ranges have; rows of before hold less."""

    versions: tuple[str, ...] | None = None
    running_on: tuple[str, ...] | None = None
    is_introduced_excluded: bool = False
    also_running_on: tuple[tuple[str, ...], ...] = ()


_extra = msgspec.msgpack.Decoder(_Extra).decode
_epss_day = Prepared(
    sa.select(t.epss_day.c.id, t.epss_day.c.scored_on)
    .where(t.epss_day.c.added_in <= sa.bindparam("version"))
    .order_by(
        (t.epss_day.c.source == sa.literal_column("'starter'")).asc(),
        t.epss_day.c.scored_on.desc(),
        t.epss_day.c.id.desc(),
    )
)
_NO_EXTRA = _Extra()
_v, _e = t.vulnerability, t.epss
_FACTS = sa.select(
    _v.c.id, _v.c.name, _v.c.title, _v.c.severity, _v.c.cvss_score, _v.c.cvss_vector, _e.c.probability, _e.c.percentile,
    _v.c.exploit_level, _v.c.is_known_exploited, _v.c.is_used_by_ransomware, _v.c.published_at, _v.c.modified_at,
    _v.c.withdrawn_at,
).select_from(
    _v.outerjoin(_e, sa.and_(_e.c.day_id == sa.bindparam("epss_day"), _e.c.name == _v.c.name))
)  # fmt: skip
_facts_of = Keyed(_FACTS, _v.c.id)
_r, _a, _k = t.affected_range, t.advisory, t.link
_CLAIMS = (
    sa.select(
        _r.c.identity_id, _a.c.id, _a.c.source, _a.c.record_id, _k.c.relation, _k.c.vulnerability_id, _r.c.introduced,
        _r.c.introduced_key, _r.c.end_version, _r.c.end_key, _r.c.end_kind, _r.c.status, _r.c.module,
        _a.c.vendor_severity, _r.c.extra,
    )
    .select_from(_r.join(_a, _a.c.id == _r.c.advisory_id).join(_k, _k.c.advisory_id == _a.c.id))
    # "+ 0" keeps SQLite from walking all advisories by this column's index first: nearly all are in force.
    .where(
        _a.c.added_in + sa.literal_column("0") <= sa.bindparam("version"),
        _a.c.ended_in.is_(None),
        _a.c.withdrawn_at.is_(None),
    )
)  # fmt: skip
_all_claims, _claims_of = Prepared(_CLAIMS), Keyed(_CLAIMS, _r.c.identity_id)


def identity_ids(conn: Connection, identities: Collection[Identity]) -> dict[int, Identity]:
    """Interned ids of the identities that advisories name at all."""
    c = t.identity.c
    total = int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(c.id), 0))).scalar_one())
    if len(identities) * SCAN_SHARE > total:
        wanted = set(identities)
        rows = conn.execute(sa.select(c.id, c.ecosystem, c.name)).all()
        return {row_id: (eco, name) for row_id, eco, name in rows if (eco, name) in wanted}
    by_ecosystem: dict[str, list[str]] = {}
    for ecosystem, name in identities:
        by_ecosystem.setdefault(ecosystem, []).append(name)
    found: dict[int, Identity] = {}
    for ecosystem, names in by_ecosystem.items():
        for block in chunks(names):
            query = sa.select(c.id, c.name).where(c.ecosystem == ecosystem, c.name.in_(block))
            found.update({row_id: (ecosystem, name) for row_id, name in conn.execute(query)})
    return found


def claims(conn: Connection, identities: Collection[Identity]) -> dict[Identity, list[Claim]]:
    """Claims in force for each identity that has any; see the facade."""
    if not identities:
        return {}
    interned = identity_ids(conn, identities)
    schemes = {ecosystem: ecosystems.scheme(ecosystem) for ecosystem, _ in interned.values()}
    found: dict[int, list[Claim]] = {}
    for (
        identity_id, advisory_id, source, record_id, relation, vulnerability_id, introduced, introduced_key, end,
        end_key, end_kind, status, module, vendor_severity, extra,
    ) in _claim_rows(conn, interned):  # fmt: skip
        ecosystem, name = interned[identity_id]
        more = _NO_EXTRA if extra is None else _extra(extra)
        claim = Claim(
            advisory_id, source, record_id, relation, vulnerability_id, ecosystem, name, schemes[ecosystem], introduced,
            introduced_key, end if end_kind == "fixed" else None, end if end_kind == "last_affected" else None, end_key,
            end_kind, more.versions, status, module, vendor_severity, more.running_on, more.is_introduced_excluded,
            more.also_running_on,
        )  # fmt: skip
        known = found.get(identity_id)
        if known is None:
            found[identity_id] = [claim]
        else:
            known.append(claim)
    return {interned[identity_id]: made for identity_id, made in found.items()}


def fixed_versions(conn: Connection, ecosystem: str, limit: int) -> dict[str, list[str]]:
    """Name -> distinct fixed versions that ranges name; see the facade."""
    query = (
        sa.select(t.identity.c.name, t.affected_range.c.end_version)
        .join(t.affected_range, t.affected_range.c.identity_id == t.identity.c.id)
        .where(t.identity.c.ecosystem == ecosystem, t.affected_range.c.end_kind == "fixed")
        .distinct()
    )
    found: dict[str, list[str]] = {}
    for name, version in conn.execute(query):
        if version and len(known := found.setdefault(name, [])) < limit:
            known.append(version)
    return found


def _claim_rows(conn: Connection, interned: Collection[int]) -> Iterator[Sequence[Any]]:
    """Ranges with their advisory and the vulnerabilities that it speaks of: joined by the database, which costs a third
    of joining them here (measured with 250,000 ranges)."""
    in_force = {"version": current_version(conn)}
    total = int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(t.identity.c.id), 0))).scalar_one())
    if len(interned) * SCAN_SHARE > total:
        yield from (row for row in _all_claims.rows(conn, in_force) if row[0] in interned)
        return
    yield from _claims_of.rows(conn, interned, in_force)


def covered_ecosystems(conn: Connection) -> frozenset[str]:
    """Ecosystems of which at least one range is in force.

    A registry (``Maven``) is covered by advisories about it: those of another that name it in passing, and the starter
    knowledge, tell of a few packages and say nothing about the others.
    """
    version = current_version(conn)
    a, r, i = t.advisory, t.affected_range, t.identity
    inner = (
        sa.select(sa.literal(1))
        .select_from(r.join(i, i.c.id == r.c.identity_id).join(a, a.c.id == r.c.advisory_id))
        .where(i.c.ecosystem == sa.literal_column("e.ecosystem"), a.c.added_in <= version, a.c.ended_in.is_(None))
    )
    names = sa.select(i.c.ecosystem).distinct().subquery("e")
    found = frozenset(conn.execute(sa.select(names.c.ecosystem).where(sa.exists(inner))).scalars())
    return found - {name for name in found if ecosystems.is_registry(name) and not _has_own_advisory(conn, name)}


def _has_own_advisory(conn: Connection, ecosystem: str) -> bool:
    """Whether a source has an advisory about this ecosystem alone."""
    a, r, i = t.advisory, t.affected_range, t.identity
    other_range, other = r.alias(), i.alias()
    elsewhere = (
        sa.select(sa.literal(1))
        .select_from(other_range.join(other, other.c.id == other_range.c.identity_id))
        .where(other_range.c.advisory_id == r.c.advisory_id, other.c.ecosystem != ecosystem)
    )
    query = (
        sa.select(a.c.id)
        .select_from(r.join(i, i.c.id == r.c.identity_id).join(a, a.c.id == r.c.advisory_id))
        .where(i.c.ecosystem == ecosystem, a.c.source != "starter", a.c.ended_in.is_(None))
        .where(a.c.added_in <= current_version(conn), ~sa.exists(elsewhere))
    )
    return conn.execute(query.limit(1)).first() is not None


def epss_day_in_force(conn: Connection) -> tuple[int, str] | None:
    """(id, date) of the day whose scores are in force: the newest; the starter's only while there is no other."""
    row = _epss_day.first(conn, {"version": current_version(conn)})
    return (int(row[0]), str(row[1])) if row else None


def facts(conn: Connection, ids: Iterable[int] | None) -> dict[int, VulnerabilityFacts]:
    """Facts of vulnerabilities: of these ids whatever their state, or of all current ones (None)."""
    day = epss_day_in_force(conn)
    given = {"epss_day": day[0] if day else -1}
    if ids is None:
        rows: Iterable[Sequence[Any]] = conn.execute(_FACTS.where(t.vulnerability.c.state == "current"), given)
    else:
        rows = _facts_of.rows(conn, ids, given)
    return {row[0]: _fact(row) for row in rows}


def _fact(row: Sequence[Any]) -> VulnerabilityFacts:
    values = [*row[:9], bool(row[9]), bool(row[10]), *row[11:]]  # the driver itself knows no truth values in SQLite
    return VulnerabilityFacts(*values)


def find(conn: Connection, name: str) -> int | None:
    """Id by any name; exact first, then without case."""
    c = t.vulnerability_name.c
    exact = conn.execute(sa.select(c.vulnerability_id).where(c.name == name)).scalar_one_or_none()
    if exact is not None:
        return int(exact)
    folded = sa.select(c.vulnerability_id).where(sa.func.lower(c.name) == name.lower()).order_by(c.name).limit(1)
    found = conn.execute(folded).scalar_one_or_none()
    return None if found is None else int(found)


def merged_into(conn: Connection, vulnerability_id: int) -> tuple[str, int | None] | None:
    """(state, id that has its names now) of a vulnerability; None when there never was one with this id."""
    c = t.vulnerability.c
    row = conn.execute(sa.select(c.state, c.merged_into).where(c.id == vulnerability_id)).first()
    return (row.state, row.merged_into) if row else None


def names_of(conn: Connection, vulnerability_id: int) -> tuple[str, ...]:
    """All names of a vulnerability, sorted."""
    c = t.vulnerability_name.c
    return tuple(
        conn.execute(sa.select(c.name).where(c.vulnerability_id == vulnerability_id).order_by(c.name)).scalars()
    )


def names_of_many(conn: Connection, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """All names of each of some vulnerabilities, in order."""
    c = t.vulnerability_name.c
    found: dict[int, list[str]] = {}
    query = sa.select(c.vulnerability_id, c.name).order_by(c.name)
    for row in select_in(conn, lambda some: query.where(c.vulnerability_id.in_(some)), ids):
        found.setdefault(row[0], []).append(row[1])
    return {vulnerability_id: tuple(names) for vulnerability_id, names in found.items()}


def links_to(conn: Connection, vulnerability_id: int, limit: int) -> list[tuple[int, str, str, Relation, int]]:
    """(advisory id, source, record id, relation, ranges) of what speaks of a vulnerability; its own records first."""
    k, a, r = t.link, t.advisory, t.affected_range
    amount = sa.select(sa.func.count()).where(r.c.advisory_id == a.c.id).scalar_subquery()
    query = (
        sa.select(a.c.id, a.c.source, a.c.record_id, k.c.relation, amount)
        .join(a, a.c.id == k.c.advisory_id)
        .where(k.c.vulnerability_id == vulnerability_id)
        .order_by((k.c.relation == "about").asc(), a.c.source, a.c.record_id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in conn.execute(query)]


def states(conn: Connection) -> dict[str, SourceState]:
    """How each source's last run went, of those that ever ran."""
    return {
        row.source: SourceState(
            source=row.source,
            status=row.status,
            reason=row.reason,
            last_run_at=row.last_run_at,
            last_success_at=row.last_success_at,
            data_at=row.data_at,
            counts=json.loads(row.counts),
        )
        for row in conn.execute(sa.select(t.source_state))
    }


def knowledge_at(conn: Connection) -> int | None:
    """When the current version was published."""
    query = sa.select(t.knowledge.c.at).order_by(t.knowledge.c.version.desc()).limit(1)
    found = conn.execute(query).scalar_one_or_none()
    return None if found is None else int(found)


def first_known_at(conn: Connection) -> int | None:
    """When the first version was published; None when nothing was loaded yet."""
    found = conn.execute(sa.select(sa.func.min(t.knowledge.c.at))).scalar_one_or_none()
    return None if found is None else int(found)


def loaded_sources(conn: Connection) -> frozenset[str]:
    """Sources that ever published something."""
    return frozenset(conn.execute(sa.select(t.knowledge.c.source).distinct()).scalars())


def count_vulnerabilities(conn: Connection) -> int:
    """Vulnerabilities that are current."""
    query = sa.select(sa.func.count()).select_from(t.vulnerability).where(t.vulnerability.c.state == "current")
    return int(conn.execute(query).scalar_one())


def quarantined(conn: Connection, source: str | None, limit: int) -> list[tuple[str, Quarantined]]:
    """(source, record) of what could not be read, newest first."""
    c = t.quarantine.c
    query = sa.select(c.source, c.record_id, c.reason, c.excerpt).where(c.added_in <= current_version(conn))
    if source is not None:
        query = query.where(c.source == source)
    rows = conn.execute(query.order_by(c.id.desc()).limit(limit))
    return [(row.source, Quarantined(row.record_id, row.reason, row.excerpt)) for row in rows]


def epss_history(conn: Connection, name: str) -> list[tuple[str, float, float]]:
    """(date, probability, percentile), oldest first: each holds from the day after the one before it up to its date."""
    h, d, e = t.epss_history.c, t.epss_day.c, t.epss.c
    past = sa.select(h.scored_on, h.probability, h.percentile).where(h.name == name)
    whole = (
        sa.select(d.scored_on, e.probability, e.percentile)
        .join(t.epss, sa.and_(e.day_id == d.id, e.name == name))
        .where(d.added_in <= current_version(conn), d.source != "starter")
        .order_by(d.id)
    )
    found = {row[0]: (row[1], row[2]) for row in (*conn.execute(past), *conn.execute(whole))}
    return [(day, *values) for day, values in sorted(found.items())]


def lifecycle(conn: Connection, products: Iterable[str] | None) -> list[LifecycleRecord]:
    """Release cycles in force; of these products, or all."""
    c = t.lifecycle.c
    query = sa.select(c.record).where(c.added_in <= current_version(conn), c.ended_in.is_(None))
    if products is None:
        rows: Iterable[Sequence[Any]] = conn.execute(query)
    else:
        rows = select_in(conn, lambda some: query.where(c.product.in_(some)), products)
    return [msgspec.msgpack.decode(row[0], type=LifecycleRecord) for row in rows]


def supersedence(conn: Connection) -> list[tuple[str, str, str]]:
    """(update, superseded, product) in force."""
    c = t.supersedence.c
    query = sa.select(c.update, c.superseded, c.product).distinct()
    rows = conn.execute(query.where(c.added_in <= current_version(conn), c.ended_in.is_(None)))
    return [(row[0], row[1], row[2]) for row in rows]
