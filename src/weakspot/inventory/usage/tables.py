"""Tables of which software runs."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, asserted, derived, metadata

used_software = sa.Table(
    "inventory_used_software",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("identity_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256 of type, name, version"),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    comment=asserted("software that was seen running on some device, as sensors name it"),
)

device_usage = sa.Table(
    "inventory_device_usage",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("used", sa.LargeBinary, nullable=False, comment="used software id u4, last day u4, days u1, each"),
    comment=derived("what runs on each device that looks, of inventory_device_details"),
)
