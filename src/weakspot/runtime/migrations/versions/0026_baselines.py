"""Baseline profiles.

Revision: 0026, after 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "posture_baseline",
        sa.Column("id", sa.Text(), nullable=False, comment="UUID"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("profile", sa.LargeBinary(), nullable=False, comment="JSON of Profile"),
        sa.Column("created_by", sa.Text(), nullable=False, comment="kind:id:name at that time"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=True, comment="kind:id:name at that time"),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posture_baseline")),
        sa.UniqueConstraint("name", name=op.f("uq_posture_baseline_name")),
        comment="decided: profiles of checks that groups of devices are to comply with",
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("posture_baseline")
