"""Details of devices.

Revision: 0018, after 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what devices tell beside their software."""
    op.create_table(
        "inventory_device_details",
        sa.Column("device_id", _BIG_ID, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="inventory.detail_contracts; msgpack, zlib"),
        sa.Column("reported_at", sa.BigInteger(), nullable=False, comment="when a section last arrived"),
        sa.ForeignKeyConstraint(
            ["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_device_details_device_id")
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_inventory_device_details")),
        comment="asserted: accounts, extensions, certificates, shares, services and use, as the sensor tells them",
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("inventory_device_details")
