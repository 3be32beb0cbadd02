"""Tables of the matching."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, decided, derived, metadata, recorded

candidate = sa.Table(
    "matching_candidate",
    metadata,
    sa.Column("software_version_id", sa.ForeignKey("inventory_software_version.id"), primary_key=True),
    sa.Column("ecosystem", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, nullable=False, comment="the version that is compared (source version for Debian)"),
    sa.Column(
        "method",
        sa.Text,
        nullable=False,
        comment="how the identity was found: source_package, purl, cpe, ...",
    ),
    sa.Column("confidence", sa.Integer, nullable=False, comment="0-100"),
    sa.Column("module", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_matching_candidate_identity", "ecosystem", "name"),
    comment=derived("under which identities a software version is looked up"),
)

match = sa.Table(
    "matching_match",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("software_version_id", sa.ForeignKey("inventory_software_version.id"), nullable=False, index=True),
    sa.Column("vulnerability_id", sa.ForeignKey("intel_vulnerability.id"), nullable=False, index=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=True, comment="null: holds now"),
    sa.Column("fixed_version", sa.Text, nullable=True),
    sa.Column(
        "status",
        sa.Text,
        nullable=False,
        comment="affected, wont_fix, end_of_life, under_investigation, unimportant",
    ),
    sa.Column("source", sa.Text, nullable=False, comment="source of the claim that decided"),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("confidence", sa.Integer, nullable=False, comment="0-100"),
    sa.Column("evidence", sa.LargeBinary, nullable=False, comment="matching.contracts.MatchEvidence, msgpack"),
    sa.Column("knowledge_version", sa.BigInteger, nullable=False),
    sa.Column(
        "fixed_since", sa.BigInteger, nullable=True, comment="when a fix became known of a match that began without one"
    ),
    sa.Index(
        "ix_matching_match_open",
        "software_version_id",
        "vulnerability_id",
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    ),
    comment=recorded("software version x vulnerability with its interval; the open rows equal what is derived"),
)

not_assessed = sa.Table(
    "matching_not_assessed",
    metadata,
    sa.Column("software_version_id", sa.ForeignKey("inventory_software_version.id"), primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    comment=derived("software versions that nothing can be said about, and why"),
)

feedback = sa.Table(
    "matching_feedback",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("state", sa.Text, nullable=False, comment="open, done, refused"),
    sa.Column("kind", sa.Text, nullable=False, comment="support_wish, software_detail, not_installed, ..."),
    sa.Column("subject_kind", sa.Text, nullable=False, comment="vulnerability, software, recommendation"),
    sa.Column("subject", sa.Text, nullable=False, comment="name of a vulnerability, or a public id"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False, comment="kind:id:name at that time"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=True),
    sa.Column("decided_at", sa.BigInteger, nullable=True),
    sa.Column("note", sa.Text, nullable=False, server_default="", comment="what the decider said"),
    sa.Index("ix_matching_feedback_author", "author", "state"),
    comment=decided("what people ask for or find wrong about a page, for administrators to look at"),
)

correction = sa.Table(
    "matching_correction",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("state", sa.Text, nullable=False, comment="proposed, approved, refused, withdrawn"),
    sa.Column("ecosystem", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="software as it is looked up in that ecosystem"),
    sa.Column("vulnerability", sa.Text, nullable=False, comment="any name of it; resolved when it is applied"),
    sa.Column(
        "status", sa.Text, nullable=False, comment="not_affected, fixed, affected, wont_fix, under_investigation"
    ),
    sa.Column("introduced", sa.Text, nullable=False, comment="first version that it is about; 0: all from the first"),
    sa.Column("end_version", sa.Text, nullable=True),
    sa.Column("end_kind", sa.Text, nullable=False, comment="fixed: before end_version; last_affected: up to it; none"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False, comment="kind:id:name at that time"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=True),
    sa.Column("decided_at", sa.BigInteger, nullable=True),
    sa.Column("note", sa.Text, nullable=False, server_default="", comment="what the decider said"),
    sa.Column("replaces_id", sa.ForeignKey("matching_correction.id"), nullable=True, comment="the version before it"),
    sa.Index("ix_matching_correction_identity", "ecosystem", "name"),
    comment=decided("what a person says about a match: narrower and stronger than any source"),
)
