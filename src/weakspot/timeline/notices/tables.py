"""Tables of the notifications."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, decided, metadata, recorded

channel = sa.Table(
    "timeline_channel",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False, comment="email, webhook, slack, teams"),
    sa.Column("settings", sa.LargeBinary, nullable=False, comment="JSON; nothing secret"),
    sa.Column("sealed", sa.LargeBinary, nullable=True, comment="runtime.vault"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("failure", sa.Text, nullable=False, server_default="", comment="why the last try failed"),
    sa.Column("failed_at", sa.BigInteger, nullable=True),
    comment=decided("ways to send notifications"),
)

rule = sa.Table(
    "timeline_notice_rule",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("document", sa.LargeBinary, nullable=False, comment="notices.contracts.NewRule, msgpack"),
    sa.Column("channel_id", sa.ForeignKey("timeline_channel.id"), nullable=False, index=True),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False, comment="newest event that it has dealt with"),
    sa.Column("sent_at", sa.BigInteger, nullable=True),
    comment=decided("whom to tell what"),
)

outbox = sa.Table(
    "timeline_outbox",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("rule_id", sa.BigInteger, nullable=False),
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="the same for every try"),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("message", sa.LargeBinary, nullable=False, comment="notices.contracts.Message, msgpack"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent_at", sa.BigInteger, nullable=True),
    sa.Column("failure", sa.Text, nullable=False, server_default=""),
    sa.Column("is_given_up", sa.Boolean, nullable=False),
    comment=recorded("messages that wait to be sent, were sent, or were given up"),
)
