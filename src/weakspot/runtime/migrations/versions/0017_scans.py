"""Authenticated scans.

Revision: 0017, after 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add scans, their runs, and the keys by which addresses are known."""
    op.create_table(
        "inventory_scan",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("targets", sa.LargeBinary(), nullable=False, comment="JSON list of text, as people wrote them"),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("every_hours", sa.Integer(), nullable=False, comment="0: only when asked"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="credentials, sealed by runtime.vault"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_run_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_scan")),
        sa.UniqueConstraint("name", name=op.f("uq_inventory_scan_name")),
        comment="decided: which addresses are asked over SSH, as whom and how often",
    )
    op.create_table(
        "inventory_scan_key",
        sa.Column("address", sa.Text(), nullable=False, comment="address or name, a colon, the port"),
        sa.Column("public_key", sa.Text(), nullable=False, comment="OpenSSH form"),
        sa.Column("pinned_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_inventory_scan_key")),
        comment="decided: the key by which an address is known: the first that it showed, "
        "or one that a person accepted",
    )
    op.create_table(
        "inventory_scan_run",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("scan_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="test, asked, schedule"),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("outcomes", sa.LargeBinary(), nullable=False, comment="one for each address; JSON, zlib"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_scan_run")),
        comment="recorded: what each run of a scan brought",
    )
    op.create_index(op.f("ix_inventory_scan_run_scan_id"), "inventory_scan_run", ["scan_id"])


def downgrade() -> None:
    """Remove them; what was found stays."""
    op.drop_index(op.f("ix_inventory_scan_run_scan_id"), "inventory_scan_run")
    op.drop_table("inventory_scan_run")
    op.drop_table("inventory_scan_key")
    op.drop_table("inventory_scan")
