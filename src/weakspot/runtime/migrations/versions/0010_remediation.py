"""Remediation: activities, trackers, tickets, outbox.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "remediation_activity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False, comment="GUID"),
        sa.Column("recommendation_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("remediation_type", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False, comment="Software, SecurityConfiguration"),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("recommended_version", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False, comment="High, Medium, Low"),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("due_reason", sa.Text(), nullable=False),
        sa.Column("mitigation", sa.Text(), nullable=False, comment="None, Block, Warn"),
        sa.Column("is_without_user_impact", sa.Boolean(), nullable=False),
        sa.Column("group_ids", sa.LargeBinary(), nullable=False, comment="JSON list"),
        sa.Column("targets", sa.LargeBinary(), nullable=False, comment="device ids, portable Roaring format"),
        sa.Column(
            "vulnerabilities", sa.LargeBinary(), nullable=False, comment="ids that are to go, portable Roaring format"
        ),
        sa.Column("versions", sa.LargeBinary(), nullable=False, comment="software versions that showed them, likewise"),
        sa.Column("predicted_impact", sa.Float(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="Active, Completed"),
        sa.Column(
            "fixed",
            sa.LargeBinary(),
            nullable=False,
            comment="recorded from live inventory: device ids, portable Roaring format",
        ),
        sa.Column("created_by", sa.Text(), nullable=False, comment="kind:id:name at that time"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state_changed_at", sa.BigInteger(), nullable=False),
        sa.Column("completion_method", sa.Text(), nullable=True, comment="Automatic, Manual"),
        sa.Column("completed_by", sa.Text(), nullable=True),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("reopened_at", sa.BigInteger(), nullable=True),
        sa.Column("reopened_count", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="grows with every change of the row"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remediation_activity")),
        sa.UniqueConstraint("public_id", name=op.f("uq_remediation_activity_public_id")),
        comment="decided: requests to remediate, with the devices that they were made for",
    )
    with op.batch_alter_table("remediation_activity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_remediation_activity_recommendation_id"), ["recommendation_id"], unique=False
        )
        batch_op.create_index("ix_remediation_activity_state", ["state", "completed_at"], unique=False)

    op.create_table(
        "remediation_policy",
        sa.Column("id", sa.Integer(), nullable=False, comment="always 1"),
        sa.Column("sla_rules", sa.LargeBinary(), nullable=False, comment="list of remediation.contracts.SlaRule, JSON"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remediation_policy")),
        comment="decided: how long remediation may take",
    )
    op.create_table(
        "remediation_tracker",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="a folder of remediation/trackers"),
        sa.Column("settings", sa.LargeBinary(), nullable=False, comment="JSON object of text, without secrets"),
        sa.Column("secrets", sa.LargeBinary(), nullable=False, comment="sealed by runtime.vault"),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remediation_tracker")),
        sa.UniqueConstraint("name", name=op.f("uq_remediation_tracker_name")),
        comment="decided: connections to ticketing systems",
    )
    op.create_table(
        "remediation_ticket",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tracker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_group_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="what the other system finds it by"),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="Pending, Accepted, Rejected, Completed"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state_changed_at", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True, comment="when its state was last asked for"),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["remediation_activity.id"],
            name=op.f("fk_remediation_ticket_activity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tracker_id"],
            ["remediation_tracker.id"],
            name=op.f("fk_remediation_ticket_tracker_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remediation_ticket")),
        sa.UniqueConstraint("key", name=op.f("uq_remediation_ticket_key")),
        comment="recorded: tickets in other systems and their last known state",
    )
    with op.batch_alter_table("remediation_ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remediation_ticket_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index("ix_remediation_ticket_remote", ["tracker_id", "remote_id"], unique=False)

    op.create_table(
        "remediation_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False, comment="create, close, reopen, comment"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False, comment="why the last attempt failed"),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["remediation_ticket.id"], name=op.f("fk_remediation_outbox_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remediation_outbox")),
        comment="recorded: what trackers have not been told yet; a row goes when it is delivered",
    )
    with op.batch_alter_table("remediation_outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remediation_outbox_next_at"), ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_remediation_outbox_ticket_id"), ["ticket_id"], unique=False)


def downgrade() -> None:
    """Remove them."""
    with op.batch_alter_table("remediation_outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_remediation_outbox_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_remediation_outbox_next_at"))

    op.drop_table("remediation_outbox")
    with op.batch_alter_table("remediation_ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_remediation_ticket_remote")
        batch_op.drop_index(batch_op.f("ix_remediation_ticket_activity_id"))

    op.drop_table("remediation_ticket")
    op.drop_table("remediation_tracker")
    op.drop_table("remediation_policy")
    with op.batch_alter_table("remediation_activity", schema=None) as batch_op:
        batch_op.drop_index("ix_remediation_activity_state")
        batch_op.drop_index(batch_op.f("ix_remediation_activity_recommendation_id"))

    op.drop_table("remediation_activity")
