"""Tables of authenticated scans."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, decided, metadata, recorded

scan = sa.Table(
    "inventory_scan",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("targets", sa.LargeBinary, nullable=False, comment="JSON list of text, as people wrote them"),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("port", sa.Integer, nullable=False),
    sa.Column("every_hours", sa.Integer, nullable=False, comment="0: only when asked"),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="credentials, sealed by runtime.vault"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("last_run_at", sa.BigInteger, nullable=True),
    comment=decided("which addresses are asked over SSH, as whom and how often"),
)

scan_key = sa.Table(
    "inventory_scan_key",
    metadata,
    sa.Column("address", sa.Text, primary_key=True, comment="address or name, a colon, the port"),
    sa.Column("public_key", sa.Text, nullable=False, comment="OpenSSH form"),
    sa.Column("pinned_at", sa.BigInteger, nullable=False),
    comment=decided("the key by which an address is known: the first that it showed, or one that a person accepted"),
)

scan_run = sa.Table(
    "inventory_scan_run",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("scan_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False, comment="test, asked, schedule"),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger, nullable=False),
    sa.Column("outcomes", sa.LargeBinary, nullable=False, comment="one for each address; JSON, zlib"),
    comment=recorded("what each run of a scan brought"),
)
