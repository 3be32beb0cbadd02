"""When a source's stall was told.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column."""
    op.add_column(
        "intel_source_state",
        sa.Column("stall_told_at", sa.BigInteger(), nullable=True, comment="when its last stall was told"),
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_column("intel_source_state", "stall_told_at")
