"""Several sources of one device.

Revision: 0007, after 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the agents and the parts."""
    op.create_table(
        "inventory_agent",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="osquery, glpi, ssh, or import for names of uploads"),
        sa.Column("external_id", sa.Text(), nullable=False, comment="what the agent calls itself in its own protocol"),
        sa.Column("device_id", _BIG_ID, nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=True, comment="SHA-256 of what it must present"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_agent_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_agent")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_inventory_agent_source")),
        comment="decided: which foreign agents and upload names speak for a device, and with which secret",
    )
    op.create_index(op.f("ix_inventory_agent_device_id"), "inventory_agent", ["device_id"])
    op.create_index(op.f("ix_inventory_agent_key_hash"), "inventory_agent", ["key_hash"])
    op.create_table(
        "inventory_part",
        sa.Column("device_id", _BIG_ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="sensor, osquery, glpi, ssh, sbom:NAME, import:NAME"),
        sa.Column(
            "installations",
            sa.LargeBinary(),
            nullable=False,
            comment="inventory.packing: ids of this source alone",
        ),
        sa.Column(
            "described", sa.LargeBinary(), nullable=False, comment="the device as this source describes it, msgpack"
        ),
        sa.Column(
            "state", sa.LargeBinary(), nullable=False, comment="what the protocol needs to apply its next message"
        ),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False, comment="last contact of this source"),
        sa.Column("ended_at", sa.BigInteger(), nullable=True, comment="set when the source was silent for too long"),
        sa.ForeignKeyConstraint(["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_part_device_id")),
        sa.PrimaryKeyConstraint("device_id", "source", name=op.f("pk_inventory_part")),
        comment="asserted: what one of several sources of a device says; no rows where the sensor is the only source",
    )
    op.create_index(op.f("ix_inventory_part_seen_at"), "inventory_part", ["seen_at"])


def downgrade() -> None:
    """Remove them; what is installed stays as the sources left it together."""
    op.drop_index(op.f("ix_inventory_part_seen_at"), "inventory_part")
    op.drop_table("inventory_part")
    op.drop_index(op.f("ix_inventory_agent_key_hash"), "inventory_agent")
    op.drop_index(op.f("ix_inventory_agent_device_id"), "inventory_agent")
    op.drop_table("inventory_agent")
