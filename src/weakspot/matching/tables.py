"""Tables of the matching."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, derived, metadata, recorded

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
