"""Tables of the certificates that devices tell."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, asserted, derived, metadata

certificate = sa.Table(
    "inventory_certificate",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("identity_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256 of all that is told"),
    sa.Column("sha256", sa.Text, nullable=False, comment="of its DER form, hex digits"),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("serial", sa.Text, nullable=False),
    sa.Column("not_before_at", sa.BigInteger, nullable=True, comment="null: not told, or no time"),
    sa.Column("not_after_at", sa.BigInteger, nullable=True, comment="null: not told, or no time"),
    sa.Column("key_type", sa.Text, nullable=False),
    sa.Column("key_bits", sa.Integer, nullable=False, comment="0: not told"),
    sa.Column("signature", sa.Text, nullable=False),
    comment=asserted("one certificate as devices tell it, however many have it"),
)

device_certificates = sa.Table(
    "inventory_device_certificates",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("certificates", sa.LargeBinary, nullable=False, comment="certificate ids, u4 each, ascending"),
    sa.Column("revision", sa.BigInteger, nullable=False, index=True, comment="grows with every row that is written"),
    comment=derived("the certificates of each device that tells them, of inventory_device_details"),
)
