"""When a fix became known of a match that began without one.

Revision: 0024, after 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Note it from now on."""
    op.add_column(
        "matching_match",
        sa.Column(
            "fixed_since",
            sa.BigInteger(),
            nullable=True,
            comment="when a fix became known of a match that began without one",
        ),
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_column("matching_match", "fixed_since")
