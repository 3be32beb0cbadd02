"""Settings of devices, checks of them, and the secure score.

Revision: 0020, after 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add their tables."""
    op.create_table(
        "inventory_setting_value",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("identity_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of name, NUL, value"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_setting_value")),
        sa.UniqueConstraint("identity_hash", name=op.f("uq_inventory_setting_value_identity_hash")),
        comment="asserted: one value of one setting, however many devices have it",
    )
    with op.batch_alter_table("inventory_setting_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inventory_setting_value_name"), ["name"], unique=False)

    op.create_table(
        "posture_check_decision",
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False, comment="kind:id:name at that time"),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="grows with every decision about it"),
        sa.PrimaryKeyConstraint("check_id", name=op.f("pk_posture_check_decision")),
        comment="decided: checks that people switched off, or on again",
    )
    op.create_table(
        "posture_known_check",
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False, comment="when it came into the catalogue here"),
        sa.PrimaryKeyConstraint("check_id", name=op.f("pk_posture_known_check")),
        comment="recorded: checks that the catalogue has had, so that new ones are told once",
    )
    op.create_table(
        "scoring_secure_score_point",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="organisation or group"),
        sa.Column("subject_id", sa.BigInteger(), nullable=False, comment="group; 0 for the organisation"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("maximum", sa.Float(), nullable=False, comment="0: nothing was assessed from here on"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring_secure_score_point")),
        comment="recorded: a secure score from this moment on, one row a change; the newest row holds until the next",
    )
    with op.batch_alter_table("scoring_secure_score_point", schema=None) as batch_op:
        batch_op.create_index("ix_scoring_secure_score_point_subject", ["kind", "subject_id", "at"], unique=False)

    op.create_table(
        "inventory_device_settings",
        sa.Column("device_id", _BIG_ID, nullable=False),
        sa.Column(
            "setting_values",
            sa.LargeBinary(),
            nullable=False,
            comment="inventory.packing: setting value ids with first-seen times; one a name, of its best source",
        ),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_device_settings_device_id")
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_inventory_device_settings")),
        comment="derived: the settings of a device now, one packed row a device",
    )
    op.create_table(
        "inventory_ended_setting",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("device_id", _BIG_ID, nullable=False),
        sa.Column("setting_value_id", _BIG_ID, nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_ended_setting_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["setting_value_id"],
            ["inventory_setting_value.id"],
            name=op.f("fk_inventory_ended_setting_setting_value_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_ended_setting")),
        comment="recorded: setting values that devices had once; append-only",
    )
    with op.batch_alter_table("inventory_ended_setting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inventory_ended_setting_device_id"), ["device_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_inventory_ended_setting_setting_value_id"), ["setting_value_id"], unique=False
        )

    op.create_table(
        "inventory_setting_part",
        sa.Column("device_id", _BIG_ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="sensor, osquery, ..."),
        sa.Column(
            "setting_values", sa.LargeBinary(), nullable=False, comment="inventory.packing: ids of this source alone"
        ),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["inventory_device.id"], name=op.f("fk_inventory_setting_part_device_id")
        ),
        sa.PrimaryKeyConstraint("device_id", "source", name=op.f("pk_inventory_setting_part")),
        comment="asserted: the settings that one source of a device tells, complete",
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("inventory_setting_part")
    with op.batch_alter_table("inventory_ended_setting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inventory_ended_setting_setting_value_id"))
        batch_op.drop_index(batch_op.f("ix_inventory_ended_setting_device_id"))

    op.drop_table("inventory_ended_setting")
    op.drop_table("inventory_device_settings")
    with op.batch_alter_table("scoring_secure_score_point", schema=None) as batch_op:
        batch_op.drop_index("ix_scoring_secure_score_point_subject")

    op.drop_table("scoring_secure_score_point")
    op.drop_table("posture_known_check")
    op.drop_table("posture_check_decision")
    with op.batch_alter_table("inventory_setting_value", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inventory_setting_value_name"))

    op.drop_table("inventory_setting_value")
