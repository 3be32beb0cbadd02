"""What changed the organisation's risk.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "timeline_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False, comment="va-_-vendor-_-name, or empty"),
        sa.Column("product_name", sa.Text(), nullable=False),
        sa.Column("vulnerabilities", sa.LargeBinary(), nullable=False, comment="ids, msgpack"),
        sa.Column("impacts", sa.LargeBinary(), nullable=False, comment="per device group, msgpack"),
        sa.Column("score_change", sa.Float(), nullable=True),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the same event is written once"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_event")),
        sa.UniqueConstraint("key", name=op.f("uq_timeline_event_key")),
        comment="recorded: what changed the organisation's risk, as it was then",
    )
    with op.batch_alter_table("timeline_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timeline_event_at"), ["at"], unique=False)

    op.create_table(
        "timeline_told",
        sa.Column("vulnerability_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_present", sa.Boolean(), nullable=False, comment="some counted device had it"),
        sa.Column("level", sa.Integer(), nullable=False, comment="rank of its exploit evidence"),
        sa.Column("products", sa.LargeBinary(), nullable=False, comment="that carried it, msgpack"),
        sa.PrimaryKeyConstraint("vulnerability_id", name=op.f("pk_timeline_told")),
        comment="recorded: what the timeline last knew of each vulnerability that devices have or had",
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("timeline_told")
    with op.batch_alter_table("timeline_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_timeline_event_at"))

    op.drop_table("timeline_event")
