"""The table of the change feed."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, metadata, recorded

software_change = sa.Table(
    "inventory_software_change",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), nullable=False, index=True),
    sa.Column("observed_at", sa.BigInteger, nullable=False, comment="when the device saw it"),
    sa.Column("recorded_at", sa.BigInteger, nullable=False, comment="when the report arrived"),
    sa.Column("source", sa.Text, nullable=False, comment="which sensor or agent reported"),
    sa.Column("report_id", sa.Text, nullable=False),
    sa.Column(
        "versions", sa.LargeBinary, nullable=False, comment="software version ids that came and that went; msgpack"
    ),
    comment=recorded("one row for each report, after the first, that changed what is installed"),
)
