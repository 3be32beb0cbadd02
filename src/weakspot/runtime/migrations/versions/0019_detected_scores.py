"""Scores with and without exceptions.

Revision: 0019, after 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep the detected score beside the active one. What was recorded so far is the detected one."""
    op.add_column(
        "scoring_score_point",
        sa.Column("detected_score", sa.Float(), nullable=True, comment="the same with what is under exceptions"),
    )
    op.execute("UPDATE scoring_score_point SET detected_score = score")


def downgrade() -> None:
    """Forget the detected score."""
    op.drop_column("scoring_score_point", "detected_score")
