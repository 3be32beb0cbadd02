"""Statements of applied mitigations; how many devices recommendations concerned.

Revision: 0022, after 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both."""
    op.create_table(
        "remediation_mitigated",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("recommendation_id", sa.Text(), nullable=False),
        sa.Column(
            "mitigation_id", sa.Text(), nullable=False, comment="of the weakness, kind and text that it is about"
        ),
        sa.Column("weakness", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="workaround, mitigation, required_action"),
        sa.Column("device_group_id", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False, comment="how it is known to be applied"),
        sa.Column("stated_by", sa.Text(), nullable=False, comment="kind:id:name at that time"),
        sa.Column("stated_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remediation_mitigated")),
        comment="decided: device groups in which somebody says that an alternate mitigation is applied, and why",
    )
    op.create_index(op.f("ix_remediation_mitigated_recommendation_id"), "remediation_mitigated", ["recommendation_id"])
    op.create_table(
        "timeline_exposure_point",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("product", sa.Text(), nullable=False, comment="id of the recommendation"),
        sa.Column("device_group_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("devices", sa.Integer(), nullable=False, comment="counted devices that it concerned"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_exposure_point")),
        comment=("recorded: devices that a recommendation concerned from then on, at most one row a day"),
    )
    op.create_index(op.f("ix_timeline_exposure_point_at"), "timeline_exposure_point", ["at"])
    op.create_index("ix_timeline_exposure_point_key", "timeline_exposure_point", ["product", "device_group_id", "at"])


def downgrade() -> None:
    """Forget both."""
    op.drop_table("timeline_exposure_point")
    op.drop_table("remediation_mitigated")
