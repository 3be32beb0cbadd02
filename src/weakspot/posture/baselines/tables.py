"""Tables of the baseline profiles."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import decided, metadata

baseline = sa.Table(
    "posture_baseline",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="UUID"),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("profile", sa.LargeBinary, nullable=False, comment="JSON of Profile"),
    sa.Column("created_by", sa.Text, nullable=False, comment="kind:id:name at that time"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("changed_by", sa.Text, comment="kind:id:name at that time"),
    sa.Column("changed_at", sa.BigInteger),
    comment=decided("profiles of checks that groups of devices are to comply with"),
)
