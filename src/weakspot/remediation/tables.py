"""Tables of the remediation."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, decided, metadata, recorded

_DEVICES = "device ids, portable Roaring format"

activity = sa.Table(
    "remediation_activity",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("public_id", sa.Text, nullable=False, unique=True, comment="GUID"),
    sa.Column("recommendation_id", sa.Text, nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("remediation_type", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False, comment="Software, SecurityConfiguration"),
    sa.Column("component", sa.Text, nullable=False),
    sa.Column("vendor", sa.Text, nullable=False),
    sa.Column("product", sa.Text, nullable=False),
    sa.Column("recommended_version", sa.Text, nullable=False),
    sa.Column("priority", sa.Text, nullable=False, comment="High, Medium, Low"),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=True),
    sa.Column("due_reason", sa.Text, nullable=False),
    sa.Column("mitigation", sa.Text, nullable=False, comment="None, Block, Warn"),
    sa.Column("is_without_user_impact", sa.Boolean, nullable=False),
    sa.Column("group_ids", sa.LargeBinary, nullable=False, comment="JSON list"),
    sa.Column("targets", sa.LargeBinary, nullable=False, comment=_DEVICES),
    sa.Column("vulnerabilities", sa.LargeBinary, nullable=False, comment="ids that are to go, portable Roaring format"),
    sa.Column("versions", sa.LargeBinary, nullable=False, comment="software versions that showed them, likewise"),
    sa.Column("predicted_impact", sa.Float, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="Active, Completed"),
    sa.Column("fixed", sa.LargeBinary, nullable=False, comment=f"recorded from live inventory: {_DEVICES}"),
    sa.Column("created_by", sa.Text, nullable=False, comment="kind:id:name at that time"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("state_changed_at", sa.BigInteger, nullable=False),
    sa.Column("completion_method", sa.Text, nullable=True, comment="Automatic, Manual"),
    sa.Column("completed_by", sa.Text, nullable=True),
    sa.Column("completed_at", sa.BigInteger, nullable=True),
    sa.Column("reopened_at", sa.BigInteger, nullable=True),
    sa.Column("reopened_count", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, comment="grows with every change of the row"),
    sa.Index("ix_remediation_activity_state", "state", "completed_at"),
    comment=decided("requests to remediate, with the devices that they were made for"),
)

policy = sa.Table(
    "remediation_policy",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, comment="always 1"),
    sa.Column("sla_rules", sa.LargeBinary, nullable=False, comment="list of remediation.contracts.SlaRule, JSON"),
    comment=decided("how long remediation may take"),
)

tracker = sa.Table(
    "remediation_tracker",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False, comment="a folder of remediation/trackers"),
    sa.Column("settings", sa.LargeBinary, nullable=False, comment="JSON object of text, without secrets"),
    sa.Column("secrets", sa.LargeBinary, nullable=False, comment="sealed by runtime.vault"),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("failing_since", sa.BigInteger, nullable=True),
    sa.Column("failure", sa.Text, nullable=False),
    comment=decided("connections to ticketing systems"),
)

ticket = sa.Table(
    "remediation_ticket",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("activity_id", sa.ForeignKey("remediation_activity.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("tracker_id", sa.ForeignKey("remediation_tracker.id", ondelete="CASCADE"), nullable=False),
    # No foreign key: a device group may go, the ticket about it stays.
    sa.Column("device_group_id", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="what the other system finds it by"),
    sa.Column("remote_id", sa.Text, nullable=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="Pending, Accepted, Rejected, Completed"),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("state_changed_at", sa.BigInteger, nullable=False),
    sa.Column("checked_at", sa.BigInteger, nullable=True, comment="when its state was last asked for"),
    sa.Index("ix_remediation_ticket_remote", "tracker_id", "remote_id"),
    comment=recorded("tickets in other systems and their last known state"),
)

outbox = sa.Table(
    "remediation_outbox",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("ticket_id", sa.ForeignKey("remediation_ticket.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("action", sa.Text, nullable=False, comment="create, close, reopen, comment"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("failure", sa.Text, nullable=False, comment="why the last attempt failed"),
    comment=recorded("what trackers have not been told yet; a row goes when it is delivered"),
)

mitigated = sa.Table(
    "remediation_mitigated",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("recommendation_id", sa.Text, nullable=False, index=True),
    sa.Column("mitigation_id", sa.Text, nullable=False, comment="of the weakness, kind and text that it is about"),
    sa.Column("weakness", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="workaround, mitigation, required_action"),
    sa.Column("device_group_id", sa.BigInteger, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False, comment="how it is known to be applied"),
    sa.Column("stated_by", sa.Text, nullable=False, comment="kind:id:name at that time"),
    sa.Column("stated_at", sa.BigInteger, nullable=False),
    sa.Column("withdrawn_by", sa.Text, nullable=True),
    sa.Column("withdrawn_at", sa.BigInteger, nullable=True),
    comment=decided("device groups in which somebody says that an alternate mitigation is applied, and why"),
)
