"""Labels of devices, their identity, and the change feed.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "inventory_business_software",
        sa.Column("software", sa.Text(), nullable=False, comment="public id of the software"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("software", name=op.f("pk_inventory_business_software")),
        comment="decided: software that the business depends on",
    )
    op.create_table(
        "inventory_chosen_label",
        sa.Column("kind", sa.Text(), nullable=False, comment="labels/contracts.py: tag, placed, device_value, ..."),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("devices", sa.LargeBinary(), nullable=False, comment="device ids, portable Roaring format"),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_inventory_chosen_label")),
        comment="decided: which devices people gave a tag, a group, a value, a criticality",
    )
    op.create_table(
        "inventory_context_rule",
        sa.Column("name", sa.Text(), nullable=False, comment="rules/context.py"),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_inventory_context_rule")),
        comment="decided: rules of business context whose proposals need nobody's consent",
    )
    op.create_table(
        "inventory_found_label",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False, comment="sensor, rule, context"),
        sa.Column("devices", sa.LargeBinary(), nullable=False, comment="device ids, portable Roaring format"),
        sa.PrimaryKeyConstraint("kind", "name", "origin", name=op.f("pk_inventory_found_label")),
        comment="derived: which devices sensors and rules give a label",
    )
    op.create_table(
        "inventory_high_value_user",
        sa.Column("user_name", sa.Text(), nullable=False, comment="lower case"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_name", name=op.f("pk_inventory_high_value_user")),
        comment="decided: people whose devices matter more",
    )
    op.create_table(
        "inventory_tag_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("rule", sa.LargeBinary(), nullable=False, comment="matching rule, JSON"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_tag_rule")),
        sa.UniqueConstraint("tag", name=op.f("uq_inventory_tag_rule_tag")),
        comment="decided: tags that devices get by a rule",
    )
    op.create_table(
        "inventory_device_end",
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="merged, removed"),
        sa.Column("into_device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False, comment="keys that ended or moved with it, JSON"),
        sa.ForeignKeyConstraint(["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_device_end_device_id")),
        sa.ForeignKeyConstraint(
            ["into_device_id"], ["inventory_device.id"], name=op.f("fk_inventory_device_end_into_device_id")
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_inventory_device_end")),
        comment="decided: devices that are no more: merged into another (until undone) or removed for good",
    )
    with op.batch_alter_table("inventory_device_end", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inventory_device_end_into_device_id"), ["into_device_id"], unique=False)

    op.create_table(
        "inventory_identity_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False, comment="rules/recognition.py: which rule spoke"),
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("other_device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=False, comment="shared and differing hardware ids, JSON"),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="open, noted, merged, apart, undone"),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_identity_event_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_device_id"], ["inventory_device.id"], name=op.f("fk_inventory_identity_event_other_device_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_identity_event")),
        comment="decided: clones, re-images and duplicates that were found, and what was decided about each",
    )
    with op.batch_alter_table("inventory_identity_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inventory_identity_event_device_id"), ["device_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_inventory_identity_event_other_device_id"), ["other_device_id"], unique=False
        )

    op.create_table(
        "inventory_sensitive_data",
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="which tool found it"),
        sa.Column("label", sa.Text(), nullable=False, comment="sensitivity label, as that tool names it"),
        sa.Column("items", sa.BigInteger(), nullable=False, comment="files or findings with that label"),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_sensitive_data_device_id")
        ),
        sa.PrimaryKeyConstraint("device_id", "source", "label", name=op.f("pk_inventory_sensitive_data")),
        comment="asserted: devices on which a tool found data with a sensitivity label",
    )
    op.create_table(
        "inventory_sign_in",
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False, comment="lower case"),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_sign_in_device_id")),
        sa.PrimaryKeyConstraint("device_id", "user_name", name=op.f("pk_inventory_sign_in")),
        comment="asserted: who signs in where",
    )
    op.create_table(
        "inventory_software_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False, comment="when the device saw it"),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False, comment="when the report arrived"),
        sa.Column("source", sa.Text(), nullable=False, comment="which sensor or agent reported"),
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column(
            "versions",
            sa.LargeBinary(),
            nullable=False,
            comment="software version ids that came and that went; msgpack",
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_software_change_device_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_software_change")),
        comment="recorded: one row for each report, after the first, that changed what is installed",
    )
    with op.batch_alter_table("inventory_software_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inventory_software_change_device_id"), ["device_id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("inventory_software_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inventory_software_change_device_id"))

    op.drop_table("inventory_software_change")
    op.drop_table("inventory_sign_in")
    op.drop_table("inventory_sensitive_data")
    with op.batch_alter_table("inventory_identity_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inventory_identity_event_other_device_id"))
        batch_op.drop_index(batch_op.f("ix_inventory_identity_event_device_id"))

    op.drop_table("inventory_identity_event")
    with op.batch_alter_table("inventory_device_end", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inventory_device_end_into_device_id"))

    op.drop_table("inventory_device_end")
    op.drop_table("inventory_tag_rule")
    op.drop_table("inventory_high_value_user")
    op.drop_table("inventory_found_label")
    op.drop_table("inventory_context_rule")
    op.drop_table("inventory_chosen_label")
    op.drop_table("inventory_business_software")
