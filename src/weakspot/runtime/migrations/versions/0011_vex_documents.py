"""VEX documents that were uploaded by API.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table of uploaded VEX documents."""
    op.create_table(
        "intel_vex_document",
        sa.Column("id", sa.Text(), nullable=False, comment="vex- and a digest of the name"),
        sa.Column("name", sa.Text(), nullable=False, comment="id that the document gives itself"),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="JSON as it was given"),
        sa.Column("statements", sa.BigInteger(), nullable=False, comment="statements that could be read"),
        sa.Column("refused", sa.BigInteger(), nullable=False, comment="statements that could not"),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False, comment="kind:id:name at that time"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intel_vex_document")),
        comment="decided: VEX documents that were uploaded; in force once the source vex has read them",
    )


def downgrade() -> None:
    """Uploaded documents are lost."""
    op.drop_table("intel_vex_document")
