"""Positions of followers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "runtime_position",
        sa.Column("name", sa.Text(), nullable=False, comment="of the follower"),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="last row of changes that it has dealt with"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_runtime_position")),
        comment="recorded: how far each follower of the outbox has come",
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("runtime_position")
