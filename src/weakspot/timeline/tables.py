"""Tables of the timeline."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, metadata, recorded

event = sa.Table(
    "timeline_event",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("product", sa.Text, nullable=False, comment="va-_-vendor-_-name, or empty"),
    sa.Column("product_name", sa.Text, nullable=False),
    sa.Column("vulnerabilities", sa.LargeBinary, nullable=False, comment="ids, msgpack"),
    sa.Column("impacts", sa.LargeBinary, nullable=False, comment="per device group, msgpack"),
    sa.Column("score_change", sa.Float, nullable=True),
    sa.Column("subject", sa.Text, nullable=False, server_default=""),
    sa.Column("what", sa.Text, nullable=False, server_default=""),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="the same event is written once"),
    comment=recorded("what changed the organisation's risk, as it was then"),
)

told = sa.Table(
    "timeline_told",
    metadata,
    sa.Column("vulnerability_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("is_present", sa.Boolean, nullable=False, comment="some counted device had it"),
    sa.Column("level", sa.Integer, nullable=False, comment="rank of its exploit evidence"),
    sa.Column("products", sa.LargeBinary, nullable=False, comment="that carried it, msgpack"),
    comment=recorded("what the timeline last knew of each vulnerability that devices have or had"),
)

exposure_point = sa.Table(
    "timeline_exposure_point",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("product", sa.Text, nullable=False, comment="id of the recommendation"),
    sa.Column("device_group_id", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("devices", sa.Integer, nullable=False, comment="counted devices that it concerned"),
    sa.Index("ix_timeline_exposure_point_key", "product", "device_group_id", "at"),
    comment=recorded("devices that a recommendation concerned from then on, at most one row a day"),
)
