"""Notifications: channels, rules and the outbox.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""

    op.create_table(
        "timeline_channel",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="email, webhook, slack, teams"),
        sa.Column("settings", sa.LargeBinary(), nullable=False, comment="JSON; nothing secret"),
        sa.Column("sealed", sa.LargeBinary(), nullable=True, comment="runtime.vault"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text(), server_default="", nullable=False, comment="why the last try failed"),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_channel")),
        sa.UniqueConstraint("name", name=op.f("uq_timeline_channel_name")),
        comment="decided: ways to send notifications",
    )
    op.create_table(
        "timeline_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the same for every try"),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False, comment="notices.contracts.Message, msgpack"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.Column("is_given_up", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_timeline_outbox_key")),
        comment="recorded: messages that wait to be sent, were sent, or were given up",
    )
    with op.batch_alter_table("timeline_outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timeline_outbox_next_at"), ["next_at"], unique=False)

    op.create_table(
        "timeline_notice_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="notices.contracts.NewRule, msgpack"),
        sa.Column("channel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="newest event that it has dealt with"),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["timeline_channel.id"], name=op.f("fk_timeline_notice_rule_channel_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_notice_rule")),
        sa.UniqueConstraint("name", name=op.f("uq_timeline_notice_rule_name")),
        comment="decided: whom to tell what",
    )
    with op.batch_alter_table("timeline_notice_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timeline_notice_rule_channel_id"), ["channel_id"], unique=False)


def downgrade() -> None:
    """Remove them."""
    with op.batch_alter_table("timeline_notice_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_timeline_notice_rule_channel_id"))

    op.drop_table("timeline_notice_rule")
    with op.batch_alter_table("timeline_outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_timeline_outbox_next_at"))

    op.drop_table("timeline_outbox")
    op.drop_table("timeline_channel")
