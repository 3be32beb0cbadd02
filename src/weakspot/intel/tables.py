"""Tables of the intelligence.

Assertions are kept per source. Rows are versioned: a row is in force while
``added_in <= current knowledge version < ended_in`` (``ended_in`` null: still in force). A sync stages rows under the next
version in small transactions and publishes them all at once by moving the current version (docs/decisions/0004).
"""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, asserted, derived, metadata, recorded

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
    sa.Column("cursor", sa.LargeBinary, nullable=False, comment="JSON: etag, last_modified, file digests"),
    comment=recorded("how each source's last run went"),
)

quarantine = sa.Table(
    "intel_quarantine",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("excerpt", sa.Text, nullable=False, comment="at most 500 characters of the record"),
    sa.Column("at", sa.BigInteger, nullable=False),
    comment=asserted("records that could not be read, with the reason"),
)

advisory = sa.Table(
    "intel_advisory",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False, comment="the source's own id: CVE-, GHSA-, DSA-, ..."),
    sa.Column("digest", sa.LargeBinary, nullable=False, comment="SHA-256 of the record as normalised"),
    sa.Column("payload", sa.LargeBinary, nullable=False, comment="intel.contracts.AdvisoryRecord, msgpack, zlib"),
    sa.Column("published_at", sa.BigInteger, nullable=True),
    sa.Column("modified_at", sa.BigInteger, nullable=True),
    sa.Column("withdrawn_at", sa.BigInteger, nullable=True),
    sa.Column("added_in", sa.BigInteger, nullable=False, index=True),
    sa.Column("ended_in", sa.BigInteger, nullable=True),
    sa.Index("ix_intel_advisory_source_record", "source", "record_id"),
    comment=asserted("what one source published, one row a revision"),
)

affected_range = sa.Table(
    "intel_affected_range",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("advisory_id", sa.ForeignKey("intel_advisory.id"), nullable=False, index=True),
    sa.Column("ecosystem", sa.Text, nullable=False, comment="Debian:12, PyPI, npm, ..."),
    sa.Column("name", sa.Text, nullable=False, comment="normalised as the ecosystem does"),
    sa.Column("scheme", sa.Text, nullable=False),
    sa.Column("introduced", sa.Text, nullable=False, comment="0: from the first version"),
    sa.Column("introduced_key", sa.LargeBinary, nullable=False, comment="empty: from the first version"),
    sa.Column("fixed", sa.Text, nullable=True),
    sa.Column("last_affected", sa.Text, nullable=True),
    sa.Column("end_key", sa.LargeBinary, nullable=True, comment="key of fixed or last_affected; null: unbounded"),
    sa.Column("end_kind", sa.Text, nullable=False, comment="fixed (exclusive), last_affected (inclusive), none"),
    sa.Column("versions", sa.LargeBinary, nullable=True, comment="explicit version list, JSON; the range is empty when end_kind is versions"),
    sa.Column("status", sa.Text, nullable=False, server_default="affected",
              comment="affected, not_affected, wont_fix, end_of_life, under_investigation, unimportant"),
    sa.Column("module", sa.Text, nullable=False, server_default="", comment="module stream it is about"),
    sa.Index("ix_intel_affected_range_identity", "ecosystem", "name"),
    comment=asserted("which versions of which software an advisory says are affected; in force with its advisory"),
)

advisory_reference = sa.Table(
    "intel_advisory_reference",
    metadata,
    sa.Column("advisory_id", sa.ForeignKey("intel_advisory.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True, index=True, comment="an id: CVE-2024-3094"),
    sa.Column("relation", sa.Text, nullable=False, comment="self, alias (the same flaw), about (one of those it covers)"),
    comment=asserted("which ids an advisory names, and how; in force with its advisory"),
)

vulnerability = sa.Table(
    "intel_vulnerability",
    metadata,
    sa.Column("id", BigId, primary_key=True, comment="dense; position in the fleet's bitmaps"),
    sa.Column("name", sa.Text, nullable=False, unique=True, comment="CVE id where there is one"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False, comment="Critical, High, Medium, Low, None, Unknown"),
    sa.Column("cvss_score", sa.Float, nullable=True),
    sa.Column("cvss_vector", sa.Text, nullable=True),
    sa.Column("published_at", sa.BigInteger, nullable=True),
    sa.Column("modified_at", sa.BigInteger, nullable=True),
    sa.Column("withdrawn_at", sa.BigInteger, nullable=True),
    sa.Column("details", sa.LargeBinary, nullable=False, comment="intel.contracts.VulnerabilityDetails, msgpack"),
    comment=derived("the flaw, after aliases are joined; ids are never reused"),
)

vulnerability_name = sa.Table(
    "intel_vulnerability_name",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("vulnerability_id", sa.ForeignKey("intel_vulnerability.id"), nullable=False, index=True),
    comment=derived("every name of a vulnerability, its own and its aliases"),
)

epss = sa.Table(
    "intel_epss",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, comment="CVE id"),
    sa.Column("scored_on", sa.Text, nullable=False, comment="date, ISO"),
    sa.Column("probability", sa.Float, nullable=False, comment="0-1"),
    sa.Column("percentile", sa.Float, nullable=False, comment="0-1"),
    comment=asserted("today's EPSS; one writer, joined at read time"),
)

exploit_evidence = sa.Table(
    "intel_exploit_evidence",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, index=True, comment="CVE id"),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False,
              comment="known_exploited, ransomware, kit, verified, public, proof_of_concept"),
    sa.Column("since", sa.Text, nullable=True, comment="date, ISO"),
    sa.Column("details", sa.LargeBinary, nullable=False, comment="JSON: due date, required action, links"),
    sa.Column("added_in", sa.BigInteger, nullable=False, index=True),
    sa.Column("ended_in", sa.BigInteger, nullable=True),
    comment=asserted("what a source says about exploitation"),
)
