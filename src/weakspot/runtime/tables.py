"""Tables of the runtime itself, besides the outbox (``runtime.changes``)."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import metadata, recorded

position = sa.Table(
    "runtime_position",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, comment="of the follower"),
    sa.Column("seq", sa.BigInteger, nullable=False, comment="last row of changes that it has dealt with"),
    comment=recorded("how far each follower of the outbox has come"),
)
