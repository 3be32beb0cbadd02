"""Certificates and use of software, so that they can be asked for the whole fleet.

The tables fill as devices report; what a device told before is taken over with its next report of any details.

Revision: 0027, after 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "inventory_certificate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of all that is told"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="of its DER form, hex digits"),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("not_before_at", sa.BigInteger(), nullable=True, comment="null: not told, or no time"),
        sa.Column("not_after_at", sa.BigInteger(), nullable=True, comment="null: not told, or no time"),
        sa.Column("key_type", sa.Text(), nullable=False),
        sa.Column("key_bits", sa.Integer(), nullable=False, comment="0: not told"),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_certificate")),
        sa.UniqueConstraint("identity_hash", name=op.f("uq_inventory_certificate_identity_hash")),
        comment="asserted: one certificate as devices tell it, however many have it",
    )
    op.create_table(
        "inventory_used_software",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of type, name, version"),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_used_software")),
        sa.UniqueConstraint("identity_hash", name=op.f("uq_inventory_used_software_identity_hash")),
        comment="asserted: software that was seen running on some device, as sensors name it",
    )
    op.create_table(
        "inventory_device_certificates",
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("certificates", sa.LargeBinary(), nullable=False, comment="certificate ids, u4 each, ascending"),
        sa.Column("revision", sa.BigInteger(), nullable=False, comment="grows with every row that is written"),
        sa.ForeignKeyConstraint(
            ["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_device_certificates_device_id")
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_inventory_device_certificates")),
        comment="derived: the certificates of each device that tells them, of inventory_device_details",
    )
    with op.batch_alter_table("inventory_device_certificates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inventory_device_certificates_revision"), ["revision"], unique=False)

    op.create_table(
        "inventory_device_usage",
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("used", sa.LargeBinary(), nullable=False, comment="used software id u4, last day u4, days u1, each"),
        sa.ForeignKeyConstraint(
            ["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_device_usage_device_id")
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_inventory_device_usage")),
        comment="derived: what runs on each device that looks, of inventory_device_details",
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("inventory_device_usage")
    with op.batch_alter_table("inventory_device_certificates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inventory_device_certificates_revision"))

    op.drop_table("inventory_device_certificates")
    op.drop_table("inventory_used_software")
    op.drop_table("inventory_certificate")
