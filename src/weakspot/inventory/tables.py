"""Tables of the inventory.

The present is packed, one row a device; what ends becomes a row of its own (docs/ARCHITECTURE.md, "Storage").
"""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, asserted, decided, metadata, recorded

UNGROUPED_ID = 1
"""The default device group; it always exists and cannot be deleted (spec/features.md 13.5)."""

device_group = sa.Table(
    "inventory_device_group",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("rank", sa.Integer, nullable=False, comment="1 is highest; the default group has the lowest"),
    sa.Column("rule", sa.LargeBinary, nullable=False, comment="matching rule, JSON; empty object: matches nothing"),
    comment=decided("disjoint partition of the devices"),
)

device = sa.Table(
    "inventory_device",
    metadata,
    sa.Column("id", BigId, primary_key=True, comment="dense; position in the fleet's bitmaps"),
    sa.Column("public_id", sa.Text, nullable=False, unique=True, comment="40 hex digits"),
    sa.Column("name", sa.Text, nullable=False, index=True),
    sa.Column("domain", sa.Text, nullable=False, server_default=""),
    sa.Column("os_platform", sa.Text, nullable=False, comment="Linux, Windows, macOS, ... as reported"),
    sa.Column("os_distribution", sa.Text, nullable=False, server_default="", comment="ID of os-release"),
    sa.Column("os_version", sa.Text, nullable=False, server_default=""),
    sa.Column("architecture", sa.Text, nullable=False, server_default=""),
    sa.Column("details", sa.LargeBinary, nullable=False, comment="the reported device object, msgpack"),
    sa.Column("sensor_version", sa.Text, nullable=False, server_default=""),
    sa.Column("discovery_source", sa.Text, nullable=False, server_default="sensor"),
    sa.Column("first_seen_at", sa.BigInteger, nullable=False),
    comment=asserted("a managed endpoint as it last described itself"),
)

device_decision = sa.Table(
    "inventory_device_decision",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("group_id", sa.ForeignKey("inventory_device_group.id"), nullable=False, index=True),
    sa.Column("device_value", sa.Text, nullable=False, server_default="Normal", comment="Low, Normal, High"),
    sa.Column("is_excluded", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("exclusion_reason", sa.Text, nullable=True),
    comment=decided("what people chose for a device"),
)

device_seen = sa.Table(
    "inventory_device_seen",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("last_seen_at", sa.BigInteger, nullable=False, index=True),
    comment=asserted("last contact; written in batches, apart from the hot device row"),
)

hardware_id = sa.Table(
    "inventory_hardware_id",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True, index=True),
    comment=asserted("what a device says it can be recognised by"),
)

device_key = sa.Table(
    "inventory_device_key",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), nullable=False, index=True),
    sa.Column("key_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256 of the key"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger, nullable=True),
    comment=decided("per-device credentials of sensors"),
)

enrolment_token = sa.Table(
    "inventory_enrolment_token",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True, comment="SHA-256 of the token"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("uses_left", sa.Integer, nullable=False),
    sa.Column("revoked_at", sa.BigInteger, nullable=True),
    comment=decided("who may enrol devices, until when and how many"),
)

enrolment_request = sa.Table(
    "inventory_enrolment_request",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("claimed_device_id", sa.ForeignKey("inventory_device.id"), nullable=False, index=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, comment="which enrolment token asked"),
    sa.Column("described", sa.LargeBinary, nullable=False, comment="the device object it sent, msgpack"),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("decision", sa.Text, nullable=True, comment="approved, rejected, or null while it waits"),
    sa.Column("decided_by", sa.Text, nullable=True),
    sa.Column("decided_at", sa.BigInteger, nullable=True),
    comment=decided("takeovers of known devices that wait for an administrator"),
)

software = sa.Table(
    "inventory_software",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("public_id", sa.Text, nullable=False, unique=True, comment="vendor-_-product, lower case"),
    sa.Column("vendor", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, index=True),
    sa.Column("type", sa.Text, nullable=False, comment="dpkg, rpm, apk, pypi, npm, windows, ..."),
    comment=asserted("vendor and product, without version"),
)

software_version = sa.Table(
    "inventory_software_version",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column(
        "identity_hash",
        sa.LargeBinary,
        nullable=False,
        unique=True,
        comment="SHA-256 of platform and the six identity strings",
    ),
    sa.Column("software_id", sa.ForeignKey("inventory_software.id"), nullable=False, index=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column(
        "version_key",
        sa.LargeBinary,
        nullable=False,
        comment="vocabulary.versions key; first byte 0: not comparable",
    ),
    sa.Column("scheme", sa.Text, nullable=False),
    sa.Column("architecture", sa.Text, nullable=False),
    sa.Column("source_name", sa.Text, nullable=False),
    sa.Column("source_version", sa.Text, nullable=False),
    sa.Column(
        "platform",
        sa.Text,
        nullable=False,
        comment="ecosystem of the device for distribution packages: Debian:12; else empty",
    ),
    sa.Column("vendor", sa.Text, nullable=False, comment="publisher or maintainer as reported"),
    sa.Column("module", sa.Text, nullable=False, server_default="", comment="rpm modularity label"),
    sa.Column(
        "owned_by",
        sa.Text,
        nullable=False,
        server_default="",
        comment="type:name of the distribution package that ships it",
    ),
    comment=asserted("one product at one version on one platform: the unit of matching"),
)

device_inventory = sa.Table(
    "inventory_device_inventory",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column(
        "installations",
        sa.LargeBinary,
        nullable=False,
        comment="inventory.packing: sorted software version ids with first-seen times",
    ),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("report_id", sa.Text, nullable=False),
    sa.Column("observed_at", sa.BigInteger, nullable=False, comment="the sensor's own time; only grows"),
    sa.Column("reported_at", sa.BigInteger, nullable=False, comment="when the server took it"),
    sa.Column("knowledge_version", sa.BigInteger, nullable=False),
    comment=asserted("what is installed now, one packed row a device"),
)

device_evidence = sa.Table(
    "inventory_device_evidence",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column(
        "document",
        sa.LargeBinary,
        nullable=False,
        comment="software version id -> paths, install time; msgpack, zlib",
    ),
    comment=asserted("where each installation was seen"),
)

device_details = sa.Table(
    "inventory_device_details",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False, comment="inventory.detail_contracts; msgpack, zlib"),
    sa.Column("reported_at", sa.BigInteger, nullable=False, comment="when a section last arrived"),
    comment=asserted("accounts, extensions, certificates, shares, services and use, as the sensor tells them"),
)

ended_installation = sa.Table(
    "inventory_ended_installation",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), nullable=False, index=True),
    sa.Column("software_version_id", sa.ForeignKey("inventory_software_version.id"), nullable=False, index=True),
    sa.Column("first_seen_at", sa.BigInteger, nullable=False),
    sa.Column("removed_at", sa.BigInteger, nullable=False),
    comment=recorded("installations that ended; append-only"),
)

agent = sa.Table(
    "inventory_agent",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, comment="osquery, glpi, ssh, or import for names of uploads"),
    sa.Column("external_id", sa.Text, nullable=False, comment="what the agent calls itself in its own protocol"),
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), nullable=False, index=True),
    sa.Column("key_hash", sa.LargeBinary, nullable=True, index=True, comment="SHA-256 of what it must present"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger, nullable=True),
    sa.UniqueConstraint("source", "external_id"),
    comment=decided("which foreign agents and upload names speak for a device, and with which secret"),
)

part = sa.Table(
    "inventory_part",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True, comment="sensor, osquery, glpi, ssh, sbom:NAME, import:NAME"),
    sa.Column("installations", sa.LargeBinary, nullable=False, comment="inventory.packing: ids of this source alone"),
    sa.Column("described", sa.LargeBinary, nullable=False, comment="the device as this source describes it, msgpack"),
    sa.Column("state", sa.LargeBinary, nullable=False, comment="what the protocol needs to apply its next message"),
    sa.Column("reported_at", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.BigInteger, nullable=False, index=True, comment="last contact of this source"),
    sa.Column("ended_at", sa.BigInteger, nullable=True, comment="set when the source was silent for too long"),
    comment=asserted("what one of several sources of a device says; no rows where the sensor is the only source"),
)
