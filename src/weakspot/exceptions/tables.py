"""Tables of the exceptions."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, decided, metadata

exception = sa.Table(
    "exceptions_exception",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("subject_kind", sa.Text, nullable=False, comment="recommendation, vulnerability"),
    sa.Column("subject", sa.Text, nullable=False, comment="id of the recommendation, name of the vulnerability"),
    sa.Column("scope_kind", sa.Text, nullable=False, comment="global, device_group, tag, device, software"),
    sa.Column("scope", sa.LargeBinary, nullable=False, comment="exceptions.contracts.ExceptionScope, JSON"),
    sa.Column("justification", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="requested, approved, refused, cancelled, expired"),
    sa.Column("requested_by", sa.Text, nullable=False, comment="kind:id:name at that time"),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=True),
    sa.Column("decided_at", sa.BigInteger, nullable=True),
    sa.Column("note", sa.Text, nullable=False, server_default="", comment="what the decider said"),
    sa.Column("since", sa.BigInteger, nullable=True, comment="in force from then on; null: it never was"),
    sa.Column("until_at", sa.BigInteger, nullable=False, comment="when it ends by itself"),
    sa.Column("ended_at", sa.BigInteger, nullable=True),
    sa.Column("ended_by", sa.Text, nullable=True),
    sa.Column("revision", sa.Integer, nullable=False, comment="grows with every decision about it"),
    sa.Index("ix_exceptions_exception_state", "state", "until_at"),
    sa.Index("ix_exceptions_exception_subject", "subject_kind", "subject"),
    comment=decided("decisions not to act on a recommendation or vulnerability, and why"),
)

ended_group = sa.Table(
    "exceptions_ended_group",
    metadata,
    sa.Column("exception_id", sa.ForeignKey("exceptions_exception.id"), primary_key=True),
    # No foreign key: device groups belong to inventory, which stands beside this context.
    sa.Column("device_group_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("ended_at", sa.BigInteger, nullable=False),
    sa.Column("ended_by", sa.Text, nullable=False),
    comment=decided("device groups for which an exception was cancelled alone"),
)

policy = sa.Table(
    "exceptions_policy",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, comment="always 1"),
    sa.Column("is_four_eyes", sa.Boolean, nullable=False),
    comment=decided("how exceptions are approved"),
)
