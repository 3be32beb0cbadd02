"""Corrections of matches.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table of corrections."""
    op.create_table(
        "matching_correction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="proposed, approved, refused, withdrawn"),
        sa.Column("ecosystem", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="software as it is looked up in that ecosystem"),
        sa.Column("vulnerability", sa.Text(), nullable=False, comment="any name of it; resolved when it is applied"),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="not_affected, fixed, affected, wont_fix, under_investigation",
        ),
        sa.Column(
            "introduced", sa.Text(), nullable=False, comment="first version that it is about; 0: all from the first"
        ),
        sa.Column("end_version", sa.Text(), nullable=True),
        sa.Column(
            "end_kind", sa.Text(), nullable=False, comment="fixed: before end_version; last_affected: up to it; none"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False, comment="kind:id:name at that time"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False, comment="what the decider said"),
        sa.Column(
            "replaces_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="the version before it",
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["matching_correction.id"],
            name=op.f("fk_matching_correction_replaces_id_matching_correction"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching_correction")),
        comment="decided: what a person says about a match: narrower and stronger than any source",
    )
    with op.batch_alter_table("matching_correction", schema=None) as batch_op:
        batch_op.create_index("ix_matching_correction_identity", ["ecosystem", "name"], unique=False)


def downgrade() -> None:
    """Corrections are lost."""
    op.drop_table("matching_correction")
