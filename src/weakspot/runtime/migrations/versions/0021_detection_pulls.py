"""Products that are asked for their alerts.

Revision: 0021, after 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the connections and how far they have come."""
    op.create_table(
        "threats_pull",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="graph, defender"),
        sa.Column("settings", sa.LargeBinary(), nullable=False, comment="JSON; nothing secret"),
        sa.Column("secrets", sa.LargeBinary(), nullable=False, comment="sealed (runtime.vault)"),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threats_pull")),
        sa.UniqueConstraint("name", name=op.f("uq_threats_pull_name")),
        comment="decided: products that are asked for their alerts",
    )
    op.create_table(
        "threats_pull_state",
        sa.Column("pull_id", _BIG_ID, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="threats.pulls.contracts.PullState, msgpack"),
        sa.ForeignKeyConstraint(["pull_id"], ["threats_pull.id"], name=op.f("fk_threats_pull_state_pull_id")),
        sa.PrimaryKeyConstraint("pull_id", name=op.f("pk_threats_pull_state")),
        comment="asserted: how far a product's alerts were taken, and what it answered last",
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("threats_pull_state")
    op.drop_table("threats_pull")
