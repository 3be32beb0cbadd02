"""Tables of the threats."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, asserted, decided, derived, metadata

detection = sa.Table(
    "threats_detection",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("intake", sa.Text, nullable=False, comment="name of the intake or mapping that took it"),
    sa.Column("source_id", sa.Text, nullable=False, comment="what the source calls it"),
    sa.Column("observed", sa.LargeBinary, nullable=False, comment="threats.contracts.Observed, msgpack"),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("source_status", sa.Text, nullable=False),
    sa.Column("status_at", sa.BigInteger, nullable=False, comment="when the source's status became what it is"),
    sa.Column("is_active", sa.Boolean, nullable=False, comment="new or in progress, a person's word included"),
    sa.Column("device_id", sa.BigInteger, nullable=True, index=True, comment="null: not known which"),
    sa.Column("unresolved_because", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.Integer, nullable=False, comment="how often the source sent it"),
    sa.UniqueConstraint("intake", "source_id"),
    sa.Index("ix_threats_detection_active", "is_active", "device_id"),
    comment=asserted("what detection products said, the newest state of each"),
)

decision = sa.Table(
    "threats_decision",
    metadata,
    sa.Column("detection_id", sa.ForeignKey("threats_detection.id"), primary_key=True),
    sa.Column("status", sa.Text, nullable=True),
    sa.Column("status_at", sa.BigInteger, nullable=True),
    sa.Column("classification", sa.Text, nullable=True),
    sa.Column("determination", sa.Text, nullable=False, server_default=""),
    sa.Column("assigned_to", sa.Text, nullable=False, server_default=""),
    sa.Column("comment", sa.Text, nullable=False, server_default=""),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", sa.BigInteger, nullable=False),
    comment=decided("what people say of detections"),
)

link = sa.Table(
    "threats_link",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("detection_id", sa.ForeignKey("threats_detection.id"), nullable=False, index=True),
    sa.Column("device_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False, comment="vulnerability, software, technique"),
    sa.Column("software_id", sa.ForeignKey("inventory_software.id"), nullable=True),
    sa.Column("vulnerability_id", sa.ForeignKey("intel_vulnerability.id"), nullable=True),
    sa.Column("is_raising", sa.Boolean, nullable=False, comment="the hazard on that device is raised"),
    comment=derived("what each active detection hangs on: correlation of detections, inventory and matches"),
)

mapping = sa.Table(
    "threats_mapping",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False, comment="threats.contracts.Mapping, msgpack"),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    comment=decided("where products of one's own have what in their JSON"),
)
