"""What is wrong with sensors, and the logs of agents.

Revision: 0023, after 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both."""
    op.create_table(
        "inventory_agent_log",
        sa.Column("device_id", _BIG_ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="newest lines, compressed msgpack"),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_agent_log_device_id")),
        sa.PrimaryKeyConstraint("device_id", "source", name=op.f("pk_inventory_agent_log")),
        comment="asserted: what an agent's own log says; the newest lines only",
    )
    op.create_table(
        "inventory_trouble",
        sa.Column("device_id", _BIG_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="incomplete: parts of the last report failed; refused"),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_trouble_device_id")),
        sa.PrimaryKeyConstraint("device_id", "kind", name=op.f("pk_inventory_trouble")),
        comment="asserted: what is wrong with a device's sensor; a row only while it is",
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_table("inventory_trouble")
    op.drop_table("inventory_agent_log")
