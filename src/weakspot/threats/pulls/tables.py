"""Tables of the pulls."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, asserted, decided, metadata

pull = sa.Table(
    "threats_pull",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False, comment="graph, defender"),
    sa.Column("settings", sa.LargeBinary, nullable=False, comment="JSON; nothing secret"),
    sa.Column("secrets", sa.LargeBinary, nullable=False, comment="sealed (runtime.vault)"),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    comment=decided("products that are asked for their alerts"),
)

state = sa.Table(
    "threats_pull_state",
    metadata,
    sa.Column("pull_id", sa.ForeignKey("threats_pull.id"), primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False, comment="threats.pulls.contracts.PullState, msgpack"),
    comment=asserted("how far a product's alerts were taken, and what it answered last"),
)
