"""Tables of the scoring."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, metadata, recorded

score_point = sa.Table(
    "scoring_score_point",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="organisation, group or device"),
    sa.Column("subject_id", sa.BigInteger, nullable=False, comment="group or device; 0 for the organisation"),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("score", sa.Float, nullable=True, comment="0-100; null: no device counted from here on"),
    sa.Column("detected_score", sa.Float, nullable=True, comment="the same with what is under exceptions"),
    sa.Column("hazard", sa.BigInteger, nullable=True, comment="of a device, in 2**-32; else null"),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Index("ix_scoring_score_point_subject", "kind", "subject_id", "at"),
    comment=recorded("a score from this moment on, one row a change; the newest row holds until the next"),
)

secure_score_point = sa.Table(
    "scoring_secure_score_point",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="organisation or group"),
    sa.Column("subject_id", sa.BigInteger, nullable=False, comment="group; 0 for the organisation"),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("points", sa.Float, nullable=False),
    sa.Column("maximum", sa.Float, nullable=False, comment="0: nothing was assessed from here on"),
    sa.Index("ix_scoring_secure_score_point_subject", "kind", "subject_id", "at"),
    comment=recorded("a secure score from this moment on, one row a change; the newest row holds until the next"),
)
