"""Feedback that waits for an administrator.

Revision: 0025, after 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add its table."""
    op.create_table(
        "matching_feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="open, done, refused"),
        sa.Column("kind", sa.Text(), nullable=False, comment="support_wish, software_detail, not_installed, ..."),
        sa.Column("subject_kind", sa.Text(), nullable=False, comment="vulnerability, software, recommendation"),
        sa.Column("subject", sa.Text(), nullable=False, comment="name of a vulnerability, or a public id"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False, comment="kind:id:name at that time"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False, comment="what the decider said"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching_feedback")),
        comment="decided: what people ask for or find wrong about a page, for administrators to look at",
    )
    op.create_index("ix_matching_feedback_author", "matching_feedback", ["author", "state"])


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_matching_feedback_author", table_name="matching_feedback")
    op.drop_table("matching_feedback")
