"""Tables of labels: named sets of devices, one row a name, whatever the number of devices."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, asserted, decided, derived, metadata

_DEVICES = "device ids, portable Roaring format"

chosen_label = sa.Table(
    "inventory_chosen_label",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True, comment="labels/contracts.py: tag, placed, device_value, ..."),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("devices", sa.LargeBinary, nullable=False, comment=_DEVICES),
    comment=decided("which devices people gave a tag, a group, a value, a criticality"),
)

found_label = sa.Table(
    "inventory_found_label",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("origin", sa.Text, primary_key=True, comment="sensor, rule, context"),
    sa.Column("devices", sa.LargeBinary, nullable=False, comment=_DEVICES),
    comment=derived("which devices sensors and rules give a label"),
)

tag_rule = sa.Table(
    "inventory_tag_rule",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("tag", sa.Text, nullable=False, unique=True),
    sa.Column("rule", sa.LargeBinary, nullable=False, comment="matching rule, JSON"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    comment=decided("tags that devices get by a rule"),
)

context_rule = sa.Table(
    "inventory_context_rule",
    metadata,
    sa.Column("name", sa.Text, primary_key=True, comment="rules/context.py"),
    sa.Column("is_automatic", sa.Boolean, nullable=False),
    sa.Column("decided_at", sa.BigInteger, nullable=False),
    comment=decided("rules of business context whose proposals need nobody's consent"),
)

sensitive_data = sa.Table(
    "inventory_sensitive_data",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True, comment="which tool found it"),
    sa.Column("label", sa.Text, primary_key=True, comment="sensitivity label, as that tool names it"),
    sa.Column("items", sa.BigInteger, nullable=False, comment="files or findings with that label"),
    sa.Column("observed_at", sa.BigInteger, nullable=False),
    comment=asserted("devices on which a tool found data with a sensitivity label"),
)

sign_in = sa.Table(
    "inventory_sign_in",
    metadata,
    sa.Column("device_id", sa.ForeignKey("inventory_device.id"), primary_key=True),
    sa.Column("user_name", sa.Text, primary_key=True, comment="lower case"),
    sa.Column("observed_at", sa.BigInteger, nullable=False),
    comment=asserted("who signs in where"),
)

high_value_user = sa.Table(
    "inventory_high_value_user",
    metadata,
    sa.Column("user_name", sa.Text, primary_key=True, comment="lower case"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    comment=decided("people whose devices matter more"),
)

business_software = sa.Table(
    "inventory_business_software",
    metadata,
    sa.Column("software", sa.Text, primary_key=True, comment="public id of the software"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    comment=decided("software that the business depends on"),
)
