"""Tables of what is wrong with sensors and agents."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import asserted, metadata

trouble = sa.Table(
    "inventory_trouble",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True, comment="incomplete: parts of the last report failed; refused"),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    comment=asserted("what is wrong with a device's sensor; a row only while it is"),
)

agent_log = sa.Table(
    "inventory_agent_log",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False, comment="newest lines, compressed msgpack"),
    sa.Column("told_at", sa.BigInteger, nullable=False),
    comment=asserted("what an agent's own log says; the newest lines only"),
)
