"""Exceptions.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "exceptions_exception",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False, comment="recommendation, vulnerability"),
        sa.Column("subject", sa.Text(), nullable=False, comment="id of the recommendation, name of the vulnerability"),
        sa.Column("scope_kind", sa.Text(), nullable=False, comment="global, device_group, tag, device, software"),
        sa.Column("scope", sa.LargeBinary(), nullable=False, comment="exceptions.contracts.ExceptionScope, JSON"),
        sa.Column("justification", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="requested, approved, refused, cancelled, expired"),
        sa.Column("requested_by", sa.Text(), nullable=False, comment="kind:id:name at that time"),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False, comment="what the decider said"),
        sa.Column("since", sa.BigInteger(), nullable=True, comment="in force from then on; null: it never was"),
        sa.Column("until_at", sa.BigInteger(), nullable=False, comment="when it ends by itself"),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False, comment="grows with every decision about it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptions_exception")),
        comment="decided: decisions not to act on a recommendation or vulnerability, and why",
    )
    with op.batch_alter_table("exceptions_exception", schema=None) as batch_op:
        batch_op.create_index("ix_exceptions_exception_state", ["state", "until_at"], unique=False)
        batch_op.create_index("ix_exceptions_exception_subject", ["subject_kind", "subject"], unique=False)

    op.create_table(
        "exceptions_policy",
        sa.Column("id", sa.Integer(), nullable=False, comment="always 1"),
        sa.Column("is_four_eyes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptions_policy")),
        comment="decided: how exceptions are approved",
    )
    op.create_table(
        "exceptions_ended_group",
        sa.Column("exception_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exception_id"], ["exceptions_exception.id"], name=op.f("fk_exceptions_ended_group_exception_id")
        ),
        sa.PrimaryKeyConstraint("exception_id", "device_group_id", name=op.f("pk_exceptions_ended_group")),
        comment="decided: device groups for which an exception was cancelled alone",
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("exceptions_ended_group")
    op.drop_table("exceptions_policy")
    with op.batch_alter_table("exceptions_exception", schema=None) as batch_op:
        batch_op.drop_index("ix_exceptions_exception_subject")
        batch_op.drop_index("ix_exceptions_exception_state")

    op.drop_table("exceptions_exception")
