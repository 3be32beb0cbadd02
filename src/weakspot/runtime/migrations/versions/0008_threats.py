"""Detections, what people say of them, and what they hang on.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "threats_detection",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("intake", sa.Text(), nullable=False, comment="name of the intake or mapping that took it"),
        sa.Column("source_id", sa.Text(), nullable=False, comment="what the source calls it"),
        sa.Column("observed", sa.LargeBinary(), nullable=False, comment="threats.contracts.Observed, msgpack"),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("source_status", sa.Text(), nullable=False),
        sa.Column("status_at", sa.BigInteger(), nullable=False, comment="when the source's status became what it is"),
        sa.Column("is_active", sa.Boolean(), nullable=False, comment="new or in progress, a person's word included"),
        sa.Column("device_id", sa.BigInteger(), nullable=True, comment="null: not known which"),
        sa.Column("unresolved_because", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False, comment="how often the source sent it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threats_detection")),
        sa.UniqueConstraint("intake", "source_id", name=op.f("uq_threats_detection_intake")),
        comment="asserted: what detection products said, the newest state of each",
    )
    with op.batch_alter_table("threats_detection", schema=None) as batch_op:
        batch_op.create_index("ix_threats_detection_active", ["is_active", "device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_threats_detection_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_threats_detection_device_id"), ["device_id"], unique=False)

    op.create_table(
        "threats_mapping",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="threats.contracts.Mapping, msgpack"),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_threats_mapping")),
        comment="decided: where products of one's own have what in their JSON",
    )
    op.create_table(
        "threats_decision",
        sa.Column("detection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("status_at", sa.BigInteger(), nullable=True),
        sa.Column("classification", sa.Text(), nullable=True),
        sa.Column("determination", sa.Text(), server_default="", nullable=False),
        sa.Column("assigned_to", sa.Text(), server_default="", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["detection_id"], ["threats_detection.id"], name=op.f("fk_threats_decision_detection_id")
        ),
        sa.PrimaryKeyConstraint("detection_id", name=op.f("pk_threats_decision")),
        comment="decided: what people say of detections",
    )
    op.create_table(
        "threats_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("detection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="vulnerability, software, technique"),
        sa.Column("software_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("vulnerability_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_raising", sa.Boolean(), nullable=False, comment="the hazard on that device is raised"),
        sa.ForeignKeyConstraint(["detection_id"], ["threats_detection.id"], name=op.f("fk_threats_link_detection_id")),
        sa.ForeignKeyConstraint(["software_id"], ["inventory_software.id"], name=op.f("fk_threats_link_software_id")),
        sa.ForeignKeyConstraint(
            ["vulnerability_id"], ["intel_vulnerability.id"], name=op.f("fk_threats_link_vulnerability_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threats_link")),
        comment="derived: what each active detection hangs on: correlation of detections, inventory and matches",
    )
    with op.batch_alter_table("threats_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_threats_link_detection_id"), ["detection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_threats_link_device_id"), ["device_id"], unique=False)


def downgrade() -> None:
    """Remove them."""
    with op.batch_alter_table("threats_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_threats_link_device_id"))
        batch_op.drop_index(batch_op.f("ix_threats_link_detection_id"))

    op.drop_table("threats_link")
    op.drop_table("threats_decision")
    op.drop_table("threats_mapping")
    with op.batch_alter_table("threats_detection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_threats_detection_device_id"))
        batch_op.drop_index(batch_op.f("ix_threats_detection_created_at"))
        batch_op.drop_index("ix_threats_detection_active")

    op.drop_table("threats_detection")
