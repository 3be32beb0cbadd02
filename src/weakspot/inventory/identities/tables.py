"""Tables of device identity: who was found to be whom, and what was decided about it."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, decided, metadata

device_end = sa.Table(
    "inventory_device_end",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="merged, removed"),
    sa.Column("into_device_id", sa.ForeignKey("inventory_device.id"), nullable=True, index=True),
    sa.Column("ended_at", sa.BigInteger, nullable=False),
    sa.Column("ended_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("keys", sa.LargeBinary, nullable=False, comment="keys that ended or moved with it, JSON"),
    comment=decided("devices that are no more: merged into another (until undone) or removed for good"),
)

identity_event = sa.Table(
    "inventory_identity_event",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False, comment="rules/recognition.py: which rule spoke"),
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), nullable=False, index=True),
    sa.Column("other_device_id", sa.ForeignKey("inventory_device.id"), nullable=True, index=True),
    sa.Column("evidence", sa.LargeBinary, nullable=False, comment="shared and differing hardware ids, JSON"),
    sa.Column("found_at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="open, noted, merged, apart, undone"),
    sa.Column("decided_by", sa.Text, nullable=True),
    sa.Column("decided_at", sa.BigInteger, nullable=True),
    comment=decided("clones, re-images and duplicates that were found, and what was decided about each"),
)
