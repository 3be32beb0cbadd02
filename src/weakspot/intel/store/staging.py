"""Writing a run under the next version: what is known already, and the rows of one batch.

Ids are given here and not by the database, so that ranges can name their advisory without asking back; there is one
writer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import tables as t
from weakspot.intel.contracts import (
    AdvisoryRecord,
    EpssDay,
    EpssRow,
    EvidenceRecord,
    LifecycleRecord,
    Quarantined,
    Range,
    Supersedence,
)
from weakspot.intel.rules.names import relations
from weakspot.intel.rules.ranges import cached_key, introduced_key
from weakspot.intel.store.bulk import insert_many, pack_document, select_in
from weakspot.intel.store.known import Identities
from weakspot.runtime.clock import Micros
from weakspot.runtime.prepared import Prepared
from weakspot.vocabulary import ecosystems

KINDS: dict[str, sa.Table] = {
    "advisory": t.advisory,
    "evidence": t.exploit_evidence,
    "lifecycle": t.lifecycle,
    "supersedence": t.supersedence,
}
STAGED_ONLY = (t.staging, t.staged_end, t.staged_vulnerability, t.staged_name, t.staged_link, t.staged_part)

_encode = msgspec.msgpack.Encoder().encode


class PartRow(msgspec.Struct, frozen=True):
    """A part as last published. ``amount``: records that it gave."""

    digest: str
    records: bytes
    amount: int


_current_version = Prepared(sa.select(sa.func.coalesce(sa.func.max(t.knowledge.c.version), sa.literal_column("0"))))


def current_version(conn: Connection) -> int:
    """Greatest published version; 0 when nothing was ever published."""
    row = _current_version.first(conn, {})
    return 0 if row is None else int(row[0])


def discard(conn: Connection) -> None:
    """Delete all rows of a version that was never published. Cheap when there are none."""
    version = current_version(conn)
    staged = sa.select(t.advisory.c.id).where(t.advisory.c.added_in > version)
    if conn.execute(staged.limit(1)).first() is not None:
        for table in (t.affected_range, t.advisory_reference, t.advisory_document):
            conn.execute(table.delete().where(table.c.advisory_id.in_(staged)))
    for kept in (*KINDS.values(), t.quarantine):
        conn.execute(kept.delete().where(kept.c.added_in > version))
    days = sa.select(t.epss_day.c.id).where(t.epss_day.c.added_in > version)
    for day_id in conn.execute(days).scalars().all():
        conn.execute(t.epss.delete().where(t.epss.c.day_id == day_id))
    conn.execute(t.epss_day.delete().where(t.epss_day.c.added_in > version))
    for scratch in STAGED_ONLY:
        conn.execute(scratch.delete())


def forget_day(conn: Connection, day_id: int) -> None:
    """Delete a day of EPSS that could not be read to its end."""
    conn.execute(t.epss.delete().where(t.epss.c.day_id == day_id))
    conn.execute(t.epss_day.delete().where(t.epss_day.c.id == day_id))


def begin(conn: Connection, source: str, token: str) -> int:
    """Start a run: drop what an earlier one left behind. The version it will be published as."""
    discard(conn)
    version = current_version(conn) + 1
    conn.execute(t.staging.insert().values(version=version, source=source, token=token))
    return version


def parts(conn: Connection, source: str) -> dict[str, PartRow]:
    """Parts as last published, by name."""
    c = t.part.c
    rows = conn.execute(sa.select(c.part, c.digest, c.records, c.amount).where(c.source == source))
    return {row.part: PartRow(row.digest, row.records, row.amount) for row in rows}


def next_id(conn: Connection, table: sa.Table) -> int:
    """First free id above all others."""
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()) + 1


class Batch:
    """Rows collected for one small write unit."""

    def __init__(self, source: str, version: int, at: Micros) -> None:
        self.source, self.version, self.at = source, version, at
        self.advisories: list[tuple[Any, ...]] = []
        self.documents: list[tuple[Any, ...]] = []
        self.ranges: list[tuple[Any, ...]] = []
        self.references: list[tuple[Any, ...]] = []
        self.identities: list[tuple[Any, ...]] = []
        self.evidence: list[tuple[Any, ...]] = []
        self.cycles: list[tuple[Any, ...]] = []
        self.updates: list[tuple[Any, ...]] = []
        self.days: list[tuple[Any, ...]] = []
        self.scores: list[tuple[Any, ...]] = []
        self.ends: list[tuple[str, int]] = []
        self.refused: list[tuple[Any, ...]] = []

    @property
    def size(self) -> int:
        """Rows waiting."""
        return (
            len(self.advisories) * 4
            + len(self.ranges)
            + len(self.evidence)
            + len(self.cycles)
            + len(self.updates)
            + len(self.scores)
            + len(self.ends)
            + len(self.refused)
        )

    def add_advisory(self, row_id: int, record: AdvisoryRecord, digest: bytes, interned: Identities) -> list[str]:
        """Rows of one advisory; new identities are added to ``interned``. The names it gives."""
        names = relations(record)
        self.advisories.append(
            (
                row_id, self.source, record.record_id, digest, record.vendor_severity, record.published_at,
                record.modified_at, record.withdrawn_at, self.version,
            )
        )  # fmt: skip
        self.documents.append((row_id, pack_document(record)))
        self.references.extend((row_id, name, relation) for name, relation in names)
        if record.withdrawn_at is None:
            for item in dict.fromkeys(record.ranges):
                self._add_range(row_id, item, interned)
        return [name for name, _ in names]

    def _add_range(self, row_id: int, item: Range, interned: Identities) -> None:
        identity = (item.ecosystem, item.name)
        identity_id, is_new = interned.id_of(identity)
        if is_new:
            self.identities.append((identity_id, *identity))
        scheme = ecosystems.scheme(item.ecosystem)
        extra = None
        if item.versions is not None or item.running_on is not None or item.is_introduced_excluded:
            extra = _encode((item.versions, item.running_on, item.is_introduced_excluded, item.also_running_on))
        self.ranges.append(
            (
                row_id, identity_id, item.introduced, introduced_key(scheme, item.introduced), item.end,
                None if item.end is None else cached_key(scheme, item.end), item.end_kind, item.status, item.module,
                extra,
            )
        )  # fmt: skip

    def add_evidence(self, row_id: int, record: EvidenceRecord, digest: bytes) -> None:
        """One row of exploit evidence."""
        details = json.dumps(record.details, sort_keys=True).encode()
        row = (row_id, record.name, self.source, record.kind, record.since, details, digest, self.version)
        self.evidence.append(row)

    def add_cycle(self, row_id: int, record: LifecycleRecord, digest: bytes) -> None:
        """One release cycle."""
        self.cycles.append((row_id, self.source, record.product, record.cycle, digest, _encode(record), self.version))

    def add_update(self, row_id: int, record: Supersedence, digest: bytes) -> None:
        """One update that contains another."""
        row = (row_id, self.source, record.update, record.superseded, record.product, digest, self.version)
        self.updates.append(row)

    def add_day(self, day_id: int, record: EpssDay) -> None:
        """Head of a day of EPSS."""
        self.days.append((day_id, self.source, record.scored_on, record.model, self.version))

    def add_score(self, day_id: int, record: EpssRow) -> None:
        """One CVE's EPSS."""
        self.scores.append((day_id, record.name, record.probability, record.percentile))

    def add_refused(self, part: str, record: Quarantined) -> None:
        """A record that could not be read."""
        self.refused.append(
            (
                self.source,
                part,
                record.record_id[:200],
                record.reason[:500],
                record.excerpt[:500],
                self.at,
                self.version,
            )
        )

    def write(self, conn: Connection) -> None:
        """Write all of it; the unit of work."""
        for table, columns, rows in self._tables():
            insert_many(conn, table, columns, rows)

    def _tables(self) -> Iterable[tuple[sa.Table, Sequence[str], Sequence[tuple[Any, ...]]]]:
        yield t.advisory, _ADVISORY, self.advisories
        yield t.advisory_document, ("advisory_id", "document"), self.documents
        yield t.identity, ("id", "ecosystem", "name"), self.identities
        yield t.affected_range, _RANGE, self.ranges
        yield t.advisory_reference, ("advisory_id", "name", "relation"), self.references
        yield t.exploit_evidence, _EVIDENCE, self.evidence
        yield t.lifecycle, ("id", "source", "product", "cycle", "digest", "record", "added_in"), self.cycles
        yield t.supersedence, _UPDATE, self.updates
        yield t.epss_day, ("id", "source", "scored_on", "model", "added_in"), self.days
        yield t.epss, ("day_id", "name", "probability", "percentile"), self.scores
        yield t.staged_end, ("kind", "id"), self.ends
        yield t.quarantine, ("source", "part", "record_id", "reason", "excerpt", "at", "added_in"), self.refused


_ADVISORY = (
    "id", "source", "record_id", "digest", "vendor_severity", "published_at", "modified_at", "withdrawn_at", "added_in",
)  # fmt: skip
_RANGE = (
    "advisory_id", "identity_id", "introduced", "introduced_key", "end_version", "end_key", "end_kind", "status",
    "module", "extra",
)  # fmt: skip
_EVIDENCE = ("id", "name", "source", "kind", "since", "details", "digest", "added_in")
_UPDATE = ("id", "source", "update", "superseded", "product", "digest", "added_in")


def write_parts(conn: Connection, rows: Sequence[tuple[str, str, bytes, int]]) -> None:
    """Note (part, digest, records, amount) for publication; an empty digest means the part is gone."""
    insert_many(conn, t.staged_part, ("part", "digest", "records", "amount"), rows)


def names_of(conn: Connection, advisory_ids: Iterable[int]) -> set[str]:
    """Names that these advisories give."""
    c = t.advisory_reference.c
    rows = select_in(conn, lambda ids: sa.select(c.name).where(c.advisory_id.in_(ids)), advisory_ids)
    return {row.name for row in rows}


def names_of_evidence(conn: Connection, evidence_ids: Iterable[int]) -> set[str]:
    """CVE ids that these rows of evidence are about."""
    c = t.exploit_evidence.c
    return {row.name for row in select_in(conn, lambda ids: sa.select(c.name).where(c.id.in_(ids)), evidence_ids)}
