"""Source packages of binary packages, from package indexes.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of package indexes."""
    op.create_table(
        "intel_package_index",
        sa.Column("platform", sa.Text(), nullable=False, comment="Debian:12"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of its files"),
        sa.Column("packages", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", name=op.f("pk_intel_package_index")),
        comment="asserted: which package index of a release was read last",
    )
    op.create_table(
        "intel_package_source",
        sa.Column("platform", sa.Text(), nullable=False, comment="Debian:12"),
        sa.Column("package", sa.Text(), nullable=False, comment="binary package"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "package", name=op.f("pk_intel_package_source")),
        comment="asserted: source packages of binary packages, as a release's package index names them",
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Indexes are read anew at the next sync."""
    op.drop_table("intel_package_source")
    op.drop_table("intel_package_index")
