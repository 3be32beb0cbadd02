"""Advisories that an organisation writes by API.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table of own advisories."""
    op.create_table(
        "intel_own_advisory",
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="OSV JSON as it was given"),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="kind:id:name at that time"),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_intel_own_advisory")),
        comment=("decided: advisories that the organisation writes itself; in force once the source own has read them"),
    )


def downgrade() -> None:
    """Advisories written by API are lost."""
    op.drop_table("intel_own_advisory")
