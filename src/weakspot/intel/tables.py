"""Tables of the intelligence.

Assertions are kept per source. Rows are versioned: a row is in force while ``added_in <= current knowledge version <
ended_in`` (``ended_in`` null: still in force). A sync stages rows under the next version in small transactions and
publishes them all at once by moving the current version (docs/decisions/0004); what it will change in the derived
tables waits in the ``staged`` tables until then.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from weakspot.runtime.database import BigId, asserted, decided, derived, metadata, recorded

knowledge = sa.Table(
    "intel_knowledge",
    metadata,
    sa.Column("version", BigId, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("source", sa.Text, nullable=False, comment="which sync published it"),
    sa.Column("summary", sa.LargeBinary, nullable=False, comment="counts, JSON"),
    comment=recorded("one row a published knowledge version; the greatest is current"),
)

source_state = sa.Table(
    "intel_source_state",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, nullable=False, comment="never, succeeded, partly, failed"),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("last_run_at", sa.BigInteger, nullable=True),
    sa.Column("last_success_at", sa.BigInteger, nullable=True),
    sa.Column("data_at", sa.BigInteger, nullable=True, comment="newest moment that the data itself names"),
    sa.Column("counts", sa.LargeBinary, nullable=False, comment="JSON: records, added, changed, ended, quarantined"),
    sa.Column("stall_told_at", sa.BigInteger, nullable=True, comment="when its last stall was told"),
    comment=recorded("how each source's last run went"),
)

part = sa.Table(
    "intel_part",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True, comment="file below the mirror folder, or the like"),
    sa.Column("digest", sa.Text, nullable=False, comment="reader version and SHA-256 of the file"),
    sa.Column("records", sa.LargeBinary, nullable=False, comment="records it holds, with what tells a change; packed"),
    sa.Column("amount", sa.BigInteger, nullable=False, comment="how many records those are"),
    sa.Column("seen_in", sa.BigInteger, nullable=False, comment="knowledge version that it was last read into"),
    comment=asserted("what was read of each file of a source, so that only what changed is read again"),
)

quarantine = sa.Table(
    "intel_quarantine",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("part", sa.Text, nullable=False, server_default=""),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("excerpt", sa.Text, nullable=False, comment="at most 500 characters of the record"),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("added_in", sa.BigInteger, nullable=False, comment="knowledge version of the run"),
    comment=asserted("records that could not be read, with the reason"),
)

advisory = sa.Table(
    "intel_advisory",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False, comment="the source's own id: CVE-, GHSA-, DSA-, ..."),
    sa.Column("digest", sa.LargeBinary, nullable=False, comment="start of the SHA-256 of the record as normalised"),
    sa.Column("vendor_severity", sa.Text, nullable=True, comment="the source's own word"),
    sa.Column("published_at", sa.BigInteger, nullable=True),
    sa.Column("modified_at", sa.BigInteger, nullable=True),
    sa.Column("withdrawn_at", sa.BigInteger, nullable=True),
    sa.Column("added_in", sa.BigInteger, nullable=False, index=True),
    sa.Column("ended_in", sa.BigInteger, nullable=True),
    sa.Index("ix_intel_advisory_source_record", "source", "record_id"),
    comment=asserted("what one source published, one row a revision"),
)

advisory_document = sa.Table(
    "intel_advisory_document",
    metadata,
    sa.Column("advisory_id", sa.ForeignKey("intel_advisory.id"), primary_key=True, autoincrement=False),
    sa.Column(
        "document", sa.LargeBinary, nullable=False, comment="contracts.AdvisoryRecord without ranges: msgpack, zlib"
    ),
    comment=asserted("the text of an advisory, apart from its head so that heads are read fast"),
)

identity = sa.Table(
    "intel_identity",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("ecosystem", sa.Text, nullable=False, comment="Debian:12, PyPI, npm, cpe, windows, ..."),
    sa.Column("name", sa.Text, nullable=False, comment="normalised as the ecosystem does"),
    sa.UniqueConstraint("ecosystem", "name"),
    comment=asserted("software that advisories name; ids are never reused"),
)

affected_range = sa.Table(
    "intel_affected_range",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("advisory_id", sa.ForeignKey("intel_advisory.id"), nullable=False, index=True),
    sa.Column("identity_id", sa.ForeignKey("intel_identity.id"), nullable=False, index=True),
    sa.Column("introduced", sa.Text, nullable=False, comment="0: from the first version"),
    sa.Column("introduced_key", sa.LargeBinary, nullable=False, comment="empty: from the first version"),
    sa.Column("end_version", sa.Text, nullable=True, comment="fixed or last_affected, as end_kind says"),
    sa.Column("end_key", sa.LargeBinary, nullable=True, comment="key of end_version; null: unbounded"),
    sa.Column(
        "end_kind", sa.Text, nullable=False, comment="fixed (exclusive), last_affected (inclusive), none, versions"
    ),
    sa.Column("status", sa.Text, nullable=False, comment="contracts.AffectedStatus"),
    sa.Column("module", sa.Text, nullable=False, comment="module stream or target software it is about"),
    sa.Column(
        "extra", sa.LargeBinary, nullable=True, comment="listed versions, running-on and excluded start; msgpack"
    ),
    sa.Index(
        "ix_intel_affected_range_module",
        "module",
        sqlite_where=sa.text("module <> ''"),
        postgresql_where=sa.text("module <> ''"),
    ),
    comment=asserted("which versions of which software an advisory says are affected; in force with its advisory"),
)

advisory_reference = sa.Table(
    "intel_advisory_reference",
    metadata,
    sa.Column("advisory_id", sa.ForeignKey("intel_advisory.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True, index=True, comment="an id: CVE-2024-3094"),
    sa.Column(
        "relation",
        sa.Text,
        nullable=False,
        comment="self, alias (the same flaw), about (a flaw it covers), notice (its own id)",
    ),
    comment=asserted("which ids an advisory names, and how; in force with its advisory"),
    sqlite_with_rowid=False,
)

_VULNERABILITY_COLUMNS: tuple[tuple[str, type[sa.types.TypeEngine[Any]], bool, str], ...] = (
    ("name", sa.Text, False, "CVE id where there is one"),
    ("state", sa.Text, False, "current, merged (into another), gone (no source names it any more)"),
    ("merged_into", sa.BigInteger, True, "id of the vulnerability that has its names now"),
    ("title", sa.Text, False, ""),
    ("severity", sa.Text, False, "Critical, High, Medium, Low, None, Unknown"),
    ("cvss_score", sa.Float, True, "0.0-10.0"),
    ("cvss_vector", sa.Text, True, ""),
    ("exploit_level", sa.Text, False, "contracts.ExploitLevel"),
    ("is_known_exploited", sa.Boolean, False, ""),
    ("is_used_by_ransomware", sa.Boolean, False, ""),
    ("published_at", sa.BigInteger, True, ""),
    ("modified_at", sa.BigInteger, True, ""),
    ("withdrawn_at", sa.BigInteger, True, ""),
)


def _vulnerability_columns() -> list[sa.Column[Any]]:
    return [sa.Column(n, kind, nullable=null, comment=text or None) for n, kind, null, text in _VULNERABILITY_COLUMNS]


vulnerability = sa.Table(
    "intel_vulnerability",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=False, comment="dense; position in the fleet's bitmaps"),
    *_vulnerability_columns(),
    sa.Index("ix_intel_vulnerability_name", "name"),
    comment=derived("the flaw, after aliases are joined; ids are never reused"),
)

vulnerability_name = sa.Table(
    "intel_vulnerability_name",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("vulnerability_id", sa.ForeignKey("intel_vulnerability.id"), nullable=False, index=True),
    comment=derived("every name of a vulnerability, its own and its aliases"),
    sqlite_with_rowid=False,
)

link = sa.Table(
    "intel_link",
    metadata,
    sa.Column("advisory_id", sa.ForeignKey("intel_advisory.id"), primary_key=True),
    sa.Column("vulnerability_id", sa.ForeignKey("intel_vulnerability.id"), primary_key=True, index=True),
    sa.Column("relation", sa.Text, nullable=False, comment="self, alias, about"),
    comment=derived("which vulnerabilities an advisory in force speaks of"),
    sqlite_with_rowid=False,
)

epss_day = sa.Table(
    "intel_epss_day",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("scored_on", sa.Text, nullable=False, comment="date, ISO"),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("added_in", sa.BigInteger, nullable=False),
    comment=asserted("days of EPSS that were loaded; the newest published one is in force"),
)

epss = sa.Table(
    "intel_epss",
    metadata,
    sa.Column("day_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, primary_key=True, comment="CVE id"),
    sa.Column("probability", sa.Float, nullable=False, comment="0-1"),
    sa.Column("percentile", sa.Float, nullable=False, comment="0-1"),
    comment=asserted("EPSS of the day in force, whole; one writer, joined at read time"),
    sqlite_with_rowid=False,
)

epss_history = sa.Table(
    "intel_epss_history",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, comment="CVE id"),
    sa.Column("scored_on", sa.Text, primary_key=True, comment="date, ISO: the last day that had this value"),
    sa.Column("probability", sa.Float, nullable=False, comment="0-1"),
    sa.Column("percentile", sa.Float, nullable=False, comment="0-1, of that day"),
    comment=recorded("EPSS of earlier days, one row where the next day's probability is another"),
    sqlite_with_rowid=False,
)

exploit_evidence = sa.Table(
    "intel_exploit_evidence",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, index=True, comment="CVE id"),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False, comment="contracts.EvidenceRecord.kind"),
    sa.Column("since", sa.Text, nullable=True, comment="date, ISO"),
    sa.Column("details", sa.LargeBinary, nullable=False, comment="JSON: links, counts, names of modules"),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("added_in", sa.BigInteger, nullable=False, index=True),
    sa.Column("ended_in", sa.BigInteger, nullable=True),
    comment=asserted("what a source says about exploitation"),
)

lifecycle = sa.Table(
    "intel_lifecycle",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("product", sa.Text, nullable=False, index=True),
    sa.Column("cycle", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("record", sa.LargeBinary, nullable=False, comment="intel.contracts.LifecycleRecord, msgpack"),
    sa.Column("added_in", sa.BigInteger, nullable=False, index=True),
    sa.Column("ended_in", sa.BigInteger, nullable=True),
    comment=asserted("until when a release of a product is supported"),
)

supersedence = sa.Table(
    "intel_supersedence",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("update", sa.Text, nullable=False, index=True, comment="KB number, digits"),
    sa.Column("superseded", sa.Text, nullable=False, index=True, comment="KB number, digits"),
    sa.Column("product", sa.Text, nullable=False, comment="empty: any"),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("added_in", sa.BigInteger, nullable=False, index=True),
    sa.Column("ended_in", sa.BigInteger, nullable=True),
    comment=asserted("which Windows update contains which"),
)

own_advisory = sa.Table(
    "intel_own_advisory",
    metadata,
    sa.Column("record_id", sa.Text, primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False, comment="OSV JSON as it was given"),
    sa.Column("written_at", sa.BigInteger, nullable=False),
    sa.Column("written_by", sa.Text, nullable=False, comment="kind:id:name at that time"),
    comment=decided("advisories that the organisation writes itself; in force once the source own has read them"),
)

package_index = sa.Table(
    "intel_package_index",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True, comment="Debian:12"),
    sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of its files"),
    sa.Column("packages", sa.BigInteger, nullable=False),
    sa.Column("read_at", sa.BigInteger, nullable=False),
    comment=asserted("which package index of a release was read last"),
)

package_source = sa.Table(
    "intel_package_source",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True, comment="Debian:12"),
    sa.Column("package", sa.Text, primary_key=True, comment="binary package"),
    sa.Column("source", sa.Text, nullable=False),
    comment=asserted("source packages of binary packages, as a release's package index names them"),
    sqlite_with_rowid=False,
)

vex_document = sa.Table(
    "intel_vex_document",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="vex- and a digest of the name"),
    sa.Column("name", sa.Text, nullable=False, comment="id that the document gives itself"),
    sa.Column("document", sa.LargeBinary, nullable=False, comment="JSON as it was given"),
    sa.Column("statements", sa.BigInteger, nullable=False, comment="statements that could be read"),
    sa.Column("refused", sa.BigInteger, nullable=False, comment="statements that could not"),
    sa.Column("written_at", sa.BigInteger, nullable=False),
    sa.Column("written_by", sa.Text, nullable=False, comment="kind:id:name at that time"),
    comment=decided("VEX documents that were uploaded; in force once the source vex has read them"),
)

staging = sa.Table(
    "intel_staging",
    metadata,
    sa.Column("version", BigId, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("token", sa.Text, nullable=False),
    comment=derived("the run that is being staged, at most one; empty otherwise"),
)

staged_end = sa.Table(
    "intel_staged_end",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True, comment="advisory, evidence, lifecycle, supersedence"),
    sa.Column("id", BigId, primary_key=True, autoincrement=False),
    comment=derived("rows that end with the version being staged"),
    sqlite_with_rowid=False,
)

staged_vulnerability = sa.Table(
    "intel_staged_vulnerability",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=False),
    *_vulnerability_columns(),
    comment=derived("vulnerabilities as they will be with the version being staged"),
)

staged_name = sa.Table(
    "intel_staged_name",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("vulnerability_id", sa.BigInteger, nullable=True, comment="null: the name goes away"),
    comment=derived("names as they will be with the version being staged"),
    sqlite_with_rowid=False,
)

staged_link = sa.Table(
    "intel_staged_link",
    metadata,
    sa.Column("advisory_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("vulnerability_id", BigId, primary_key=True, autoincrement=False),
    sa.Column("relation", sa.Text, nullable=False),
    comment=derived("links as they will be with the version being staged, of every advisory they concern"),
    sqlite_with_rowid=False,
)

staged_part = sa.Table(
    "intel_staged_part",
    metadata,
    sa.Column("part", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, comment="empty: the part is gone"),
    sa.Column("records", sa.LargeBinary, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    comment=derived("parts as they will be with the version being staged"),
)
