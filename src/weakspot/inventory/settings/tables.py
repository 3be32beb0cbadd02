"""Tables of the configuration settings."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, asserted, derived, metadata, recorded

setting_value = sa.Table(
    "inventory_setting_value",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("identity_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256 of name, NUL, value"),
    sa.Column("name", sa.Text, nullable=False, index=True),
    sa.Column("value", sa.Text, nullable=False),
    comment=asserted("one value of one setting, however many devices have it"),
)

setting_part = sa.Table(
    "inventory_setting_part",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True, comment="sensor, osquery, ..."),
    sa.Column("setting_values", sa.LargeBinary, nullable=False, comment="inventory.packing: ids of this source alone"),
    sa.Column("reported_at", sa.BigInteger, nullable=False),
    comment=asserted("the settings that one source of a device tells, complete"),
)

device_settings = sa.Table(
    "inventory_device_settings",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column(
        "setting_values",
        sa.LargeBinary,
        nullable=False,
        comment="inventory.packing: setting value ids with first-seen times; one a name, of its best source",
    ),
    sa.Column("reported_at", sa.BigInteger, nullable=False),
    comment=derived("the settings of a device now, one packed row a device"),
)

ended_setting = sa.Table(
    "inventory_ended_setting",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), nullable=False, index=True),
    sa.Column("setting_value_id", sa.ForeignKey("inventory_setting_value.id"), nullable=False, index=True),
    sa.Column("first_seen_at", sa.BigInteger, nullable=False),
    sa.Column("removed_at", sa.BigInteger, nullable=False),
    comment=recorded("setting values that devices had once; append-only"),
)
