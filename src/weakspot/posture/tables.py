"""Tables of the posture."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import decided, metadata, recorded

check_decision = sa.Table(
    "posture_check_decision",
    metadata,
    sa.Column("check_id", sa.Text, primary_key=True),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("decided_by", sa.Text, nullable=False, comment="kind:id:name at that time"),
    sa.Column("decided_at", sa.BigInteger, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, comment="grows with every decision about it"),
    comment=decided("checks that people switched off, or on again"),
)

known_check = sa.Table(
    "posture_known_check",
    metadata,
    sa.Column("check_id", sa.Text, primary_key=True),
    sa.Column("known_at", sa.BigInteger, nullable=False, comment="when it came into the catalogue here"),
    comment=recorded("checks that the catalogue has had, so that new ones are told once"),
)
